//! From the head of a request to a principal.

use std::error::Error as StdError;
use std::sync::Arc;

use async_trait::async_trait;

use super::Principal;

/// Decides who sends a request (RFC 7644 s2). The server refuses to be built without one.
#[async_trait]
pub trait Authenticator: Send + Sync + 'static {
    /// The principal that the credentials in the head of the request stand for.
    ///
    /// # Errors
    ///
    /// [`AuthError::Missing`], [`AuthError::NoScheme`] and [`AuthError::Invalid`] are answered with 401 and
    /// `WWW-Authenticate`, [`AuthError::Forbidden`] and [`AuthError::Paused`] with 403, [`AuthError::Unavailable`] with 503.
    async fn authenticate(&self, head: &http::request::Parts) -> Result<Arc<Principal>, AuthError>;

    /// Asked once, when the server is built: whether anybody can be let in as it is set up. One that needs no settings
    /// leaves this as it is.
    ///
    /// # Errors
    ///
    /// What is wrong, and what to do about it; the server is not built then.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

/// Why a request has no principal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// There is no credential.
    #[error("the request has no credential")]
    Missing,
    /// There is an `Authorization` header without a scheme such as `Bearer` (RFC 9110 s11.6.2).
    #[error("the credential is without a scheme")]
    NoScheme,
    /// The credential is not, or no longer, accepted.
    #[error("the credential is not accepted")]
    Invalid,
    /// The credential is good and not for this.
    #[error("the credential is not for this")]
    Forbidden,
    /// The credential is good, and its connection takes no requests at present.
    #[error("the connection is paused")]
    Paused,
    /// Whether it is good cannot be told right now.
    #[error("credentials cannot be checked right now")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),
}
