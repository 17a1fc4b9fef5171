//! Who may ask: nothing reaches a store without a [`Principal`].

mod authenticator;
mod principal;

pub use authenticator::{AuthError, Authenticator};
pub use principal::Principal;
