//! Static bearer tokens (RFC 6750, RFC 7644 s2).

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use subtle::ConstantTimeEq;

use super::credential::credential;
use super::{AuthError, Authenticator, Principal};
use crate::error::quoted;
use crate::resource::TenantId;

/// Tokens known beforehand, each with the principal it stands for.
///
/// Tokens are compared in constant time and never shown, not even by `Debug`. An empty token, such as an environment
/// variable that is not set leaves, lets nobody in, and neither do no tokens at all: no server is built with them.
///
/// ```
/// use scim_core::{BearerTokens, Principal, TenantId};
///
/// let tokens = BearerTokens::new()
///     .token("a long random secret", TenantId::new("acme"))
///     .principal("another one", Principal::new(TenantId::new("globex"), "globex Okta"));
/// assert!(!format!("{tokens:?}").contains("secret"));
/// ```
#[derive(Clone, Default)]
pub struct BearerTokens {
    tokens: Vec<(Box<[u8]>, Arc<Principal>)>,
    raw: bool,
    /// Whose token is empty.
    without_token: Option<Arc<Principal>>,
}

impl BearerTokens {
    /// No token, so nobody is let in yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Accepts a token for a tenant. With an empty one no server can be built.
    #[must_use]
    pub fn token(self, token: impl Into<String>, tenant: TenantId) -> Self {
        let name = tenant.as_str().to_owned();
        self.principal(token, Principal::new(tenant, name))
    }

    /// Accepts a token for a principal. With an empty one no server can be built.
    #[must_use]
    pub fn principal(mut self, token: impl Into<String>, principal: Principal) -> Self {
        let (token, principal) = (token.into(), Arc::new(principal));
        if token.is_empty() {
            self.without_token = Some(principal);
        } else {
            self.tokens.push((token.into_bytes().into_boxed_slice(), principal));
        }
        self
    }

    /// Accepts `Authorization: TOKEN` without `Bearer` too, which is what an administrator makes of a field named "HTTP
    /// header" at some providers. Off by default.
    #[must_use]
    pub fn allow_raw_tokens(mut self, allow: bool) -> Self {
        self.raw = allow;
        self
    }
}

#[async_trait]
impl Authenticator for BearerTokens {
    async fn authenticate(&self, head: &http::request::Parts) -> Result<Arc<Principal>, AuthError> {
        let given = credential(head, self.raw)?;
        let mut found = None;
        for (token, principal) in &self.tokens {
            if bool::from(token.ct_eq(given)) {
                found = Some(principal);
            }
        }
        found.map(Arc::clone).ok_or(AuthError::Invalid)
    }

    fn check(&self) -> Result<(), String> {
        match &self.without_token {
            Some(principal) => Err(format!(
                "the bearer token of {} is empty; is an environment variable not set?",
                quoted(principal.name())
            )),
            None if self.tokens.is_empty() => Err("BearerTokens has no token; call .token(...)".to_owned()),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for BearerTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenants: Vec<&TenantId> = self.tokens.iter().map(|(_, principal)| principal.tenant()).collect();
        f.debug_struct("BearerTokens").field("tenants", &tenants).field("raw", &self.raw).finish_non_exhaustive()
    }
}
