//! From the key in a request to its connection.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::gate::{is_minute_ago, MinuteGate};
use super::key::text::key_id;
use super::{Connection, ConnectionState, ConnectionStore, KeyHash, KeyInfo, StoredKey};
use crate::auth::credential::credential;
use crate::auth::{AuthError, Authenticator, Principal};
use crate::resource::{ConnectionId, DateTime, KeyId};

/// Stands in for the hash of a key that is not there, so that the same is done for it. No key has it.
const NOBODYS: [u8; 32] = [0; 32];

/// Lets requests in by the keys of connections. See [`Connections::authenticator`](crate::Connections::authenticator).
///
/// What is no key by its form and checksum is refused without asking the store. Everything else is one call of
/// [`ConnectionStore::find_key`] and nothing is cached, so that a key is good for nothing from when it was revoked.
/// A key that is unknown, expired or revoked, of a deleted connection, or of [scopes that cannot be
/// read](crate::Scopes::unreadable), is [`AuthError::Invalid`]; a good key of a paused connection is
/// [`AuthError::Paused`].
///
/// Where connections have URLs of their own, the host's middleware puts the [`ConnectionId`] of the URL into the
/// extensions of the request. The key of another connection is [`AuthError::Invalid`] there.
#[derive(Clone)]
pub struct ConnectionAuthenticator {
    store: Arc<dyn ConnectionStore>,
    clock: Arc<dyn Fn() -> DateTime + Send + Sync>,
    raw: bool,
    uses: Arc<MinuteGate<KeyId, ()>>,
}

impl ConnectionAuthenticator {
    pub(super) fn new(store: Arc<dyn ConnectionStore>, clock: Arc<dyn Fn() -> DateTime + Send + Sync>) -> Self {
        Self { store, clock, raw: true, uses: Arc::new(MinuteGate::new()) }
    }

    /// Accepts `Authorization: KEY` without `Bearer` too. See
    /// [`Connections::allow_raw_tokens`](crate::Connections::allow_raw_tokens).
    #[must_use]
    pub fn allow_raw_tokens(mut self, allow: bool) -> Self {
        self.raw = allow;
        self
    }

    /// The key that the token is, and its connection.
    async fn find(&self, token: &[u8]) -> Result<(KeyInfo, Connection), AuthError> {
        let id = key_id(token).ok_or(AuthError::Invalid)?;
        let found = self.store.find_key(&id).await.map_err(|error| AuthError::Unavailable(error.into()))?;
        let given = KeyHash::of(token);
        let nobodys = KeyHash::from_bytes(NOBODYS);
        let is_same = given == *found.as_ref().map_or(&nobodys, |(key, _)| &key.hash);
        match found {
            Some((StoredKey { info, .. }, connection)) if is_same => Ok((info, connection)),
            _ => Err(AuthError::Invalid),
        }
    }

    /// Writes that a key is used. That it could not be written is no reason to refuse the request.
    async fn note_use(&self, key: &KeyInfo, now: DateTime) {
        let is_due = key.last_used.is_none_or(|last| is_minute_ago(last, now)) && self.uses.is_due(&key.id, (), now);
        if !is_due {
            return;
        }
        if let Err(error) = self.store.set_last_used(&key.id, now).await {
            tracing::warn!(target: "scim::connection", "the last use of a key could not be written: {error}");
        }
    }
}

#[async_trait]
impl Authenticator for ConnectionAuthenticator {
    async fn authenticate(&self, head: &http::request::Parts) -> Result<Arc<Principal>, AuthError> {
        let (key, connection) = self.find(credential(head, self.raw)?).await?;
        if head.extensions.get::<ConnectionId>().is_some_and(|of_url| *of_url != connection.id) {
            return Err(AuthError::Invalid);
        }
        let now = (self.clock)();
        if !key.is_live(now) || key.scopes.is_unreadable() {
            return Err(AuthError::Invalid);
        }
        match connection.state {
            ConnectionState::Active => {}
            ConnectionState::Paused => return Err(AuthError::Paused),
            ConnectionState::Deleted => return Err(AuthError::Invalid),
        }
        self.note_use(&key, now).await;
        Ok(Arc::new(connection.principal().with_scopes(key.scopes).with_key(key.id)))
    }
}

impl fmt::Debug for ConnectionAuthenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionAuthenticator").field("raw", &self.raw).finish_non_exhaustive()
    }
}
