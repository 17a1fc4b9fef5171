//! Who may ask: nothing reaches a store without a [`Principal`].

mod authenticator;
mod bearer;
pub(crate) mod credential;
mod principal;
mod scopes;

pub use authenticator::{AuthError, Authenticator};
pub use bearer::BearerTokens;
pub use principal::Principal;
pub use scopes::Scopes;
