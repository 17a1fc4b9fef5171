//! One authenticator after another.

use std::sync::Arc;

use async_trait::async_trait;

use super::{AuthError, Authenticator, Principal};

/// Asks a second authenticator where the first does not know the credential. What the first knows and refuses, or cannot
/// check right now, stays so.
pub(crate) struct InOrder {
    first: Arc<dyn Authenticator>,
    second: Arc<dyn Authenticator>,
}

impl InOrder {
    pub(crate) fn new(first: Arc<dyn Authenticator>, second: Arc<dyn Authenticator>) -> Self {
        Self { first, second }
    }
}

#[async_trait]
impl Authenticator for InOrder {
    async fn authenticate(&self, head: &http::request::Parts) -> Result<Arc<Principal>, AuthError> {
        match self.first.authenticate(head).await {
            Err(AuthError::Missing | AuthError::NoScheme | AuthError::Invalid) => self.second.authenticate(head).await,
            decided => decided,
        }
    }

    fn check(&self) -> Result<(), String> {
        self.first.check()?;
        self.second.check()
    }
}
