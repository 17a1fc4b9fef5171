//! OAuth 2.0 bearer tokens that are signed JWTs (RFC 6750, RFC 7519, RFC 8725).

mod claims;
mod key;
mod key_set;
mod token;

pub use claims::JwtClaims;
pub use key::{JwtAlgorithm, JwtKey, JwtKeyError};
pub use key_set::{JwtKeySet, JwtKeys};

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use self::token::Token;
use super::credential::credential;
use super::{AuthError, Authenticator, Principal};
use crate::resource::DateTime;

/// How far clocks may be apart unless something else is said.
const LEEWAY: Duration = Duration::from_secs(60);

/// The most that leeway can be: beyond an hour an expiry means nothing.
const MOST_LEEWAY: Duration = Duration::from_secs(3_600);

/// Lets requests in by JWTs of one authorization server. Feature `jwt`.
///
/// A token must be signed by a key of the host's [`JwtKeys`], with an algorithm that is allowed and that the key is of;
/// have the issuer in `iss`, one of the audiences in `aud` and a time to come in `exp`, and none to come in `nbf`; and
/// have no critical headers (RFC 7515 s4.1.11). Then the host says whom its claims stand for. Allowed are the
/// asymmetric algorithms, unless [`algorithms`](Self::algorithms) says otherwise; `none` is none of them. Keys that a
/// token brings along (`jwk`, `jku`, `x5u`) are never looked at.
///
/// ```
/// use scim_core::{JwtBearer, JwtKey, JwtKeySet, Principal, TenantId};
///
/// # const PEM: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----";
/// let keys = JwtKeySet::new().with("2026-01", JwtKey::ed25519_pem(PEM)?);
/// let bearer = JwtBearer::new("https://login.example.com", "https://example.com/scim", keys, |claims| {
///     let tenant = claims.string("tenant")?;
///     Some(Principal::new(TenantId::new(tenant), claims.string("sub")?))
/// });
/// # drop(bearer);
/// # Ok::<(), scim_core::JwtKeyError>(())
/// ```
#[derive(Clone)]
pub struct JwtBearer {
    issuer: String,
    audiences: Vec<String>,
    algorithms: Vec<JwtAlgorithm>,
    leeway: Duration,
    keys: Arc<dyn JwtKeys>,
    principal: Arc<PrincipalOf>,
    clock: Arc<dyn Fn() -> DateTime + Send + Sync>,
}

/// Whom claims stand for.
type PrincipalOf = dyn Fn(&JwtClaims) -> Option<Principal> + Send + Sync;

impl JwtBearer {
    /// Tokens of this issuer for this audience, signed with one of these keys. The function says whom the claims of a
    /// good token stand for, or `None` for nobody, which is answered with 401.
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        keys: impl JwtKeys,
        principal: impl Fn(&JwtClaims) -> Option<Principal> + Send + Sync + 'static,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            audiences: vec![audience.into()],
            algorithms: JwtAlgorithm::ASYMMETRIC.to_vec(),
            leeway: LEEWAY,
            keys: Arc::new(keys),
            principal: Arc::new(principal),
            clock: Arc::new(DateTime::now),
        }
    }

    /// The same for tokens of this audience too.
    #[must_use]
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// The same for tokens signed with these algorithms alone.
    #[must_use]
    pub fn algorithms(mut self, allowed: impl IntoIterator<Item = JwtAlgorithm>) -> Self {
        self.algorithms = allowed.into_iter().collect();
        self
    }

    /// How far the clocks of this server and of the issuer may be apart; a minute by default, an hour at most.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway.min(MOST_LEEWAY);
        self
    }

    /// The same with another clock, for tests that want to know what time it is.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> DateTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The claims of a token, if it is good.
    async fn verify(&self, text: &[u8]) -> Result<JwtClaims, AuthError> {
        let token = Token::read(text).ok_or(AuthError::Invalid)?;
        if !self.algorithms.contains(&token.algorithm) {
            return Err(AuthError::Invalid);
        }
        let key = self.keys.key(token.key_id.as_deref()).await.map_err(AuthError::Unavailable)?;
        if !key.is_some_and(|key| key.verifies(&token)) {
            return Err(AuthError::Invalid);
        }
        let claims = token.claims().ok_or(AuthError::Invalid)?;
        let is_for_here = claims.is_of(&self.issuer)
            && self.audiences.iter().any(|audience| claims.is_for(audience))
            && claims.is_current((self.clock)(), self.leeway);
        if is_for_here {
            Ok(claims)
        } else {
            Err(AuthError::Invalid)
        }
    }
}

#[async_trait]
impl Authenticator for JwtBearer {
    async fn authenticate(&self, head: &http::request::Parts) -> Result<Arc<Principal>, AuthError> {
        let claims = self.verify(credential(head, false)?).await?;
        (self.principal)(&claims).map(Arc::new).ok_or(AuthError::Invalid)
    }
}

impl fmt::Debug for JwtBearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtBearer")
            .field("issuer", &self.issuer)
            .field("audiences", &self.audiences)
            .field("algorithms", &self.algorithms)
            .finish_non_exhaustive()
    }
}

/// Why keys cannot be had.
type KeysError = Box<dyn StdError + Send + Sync>;
