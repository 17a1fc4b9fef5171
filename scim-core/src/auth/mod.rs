//! Who may ask: nothing reaches a store without a [`Principal`].

mod authenticator;
mod bearer;
pub(crate) mod credential;
mod in_order;
#[cfg(feature = "jwt")]
mod jwt;
mod principal;
mod scopes;

pub use authenticator::{AuthError, Authenticator};
pub use bearer::BearerTokens;
pub(crate) use in_order::InOrder;
#[cfg(feature = "jwt")]
pub use jwt::{JwtAlgorithm, JwtBearer, JwtClaims, JwtKey, JwtKeyError, JwtKeySet, JwtKeys};
pub use principal::Principal;
pub use scopes::Scopes;
