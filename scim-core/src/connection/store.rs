//! Where connections and their keys are kept.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Connection, ConnectionState, StoredKey};
use crate::resource::{ConnectionId, DateTime, KeyId, TenantId};
use crate::store::StoreError;

/// Keeps connections and their keys.
///
/// Several server processes may share what is behind a store, and nothing in front of it is cached: what a method has
/// done when it returns is what every process finds from then on. Each method is one atomic step. The feature `testing`
/// has a suite for implementations, [`ConnectionStoreSuite`](crate::testing::ConnectionStoreSuite).
///
/// A store knows nothing of who may do what: hosts use [`Connections`](crate::Connections), which keeps tenants apart.
#[async_trait]
pub trait ConnectionStore: Send + Sync + 'static {
    /// Keeps a new connection, all fields of it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Uniqueness`] of `id` if there is a connection of this id, whatever tenant it is of.
    async fn insert(&self, connection: &Connection) -> Result<(), StoreError>;

    /// The connection of this id in whatever state, a deleted one too.
    ///
    /// # Errors
    ///
    /// Those of the backend.
    async fn get(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError>;

    /// The connections of a tenant that are not deleted, the oldest first, then by id.
    ///
    /// # Errors
    ///
    /// Those of the backend.
    async fn list(&self, tenant: &TenantId) -> Result<Vec<Connection>, StoreError>;

    /// Writes the settings of a connection: `name`, `base_url`, `profile`, `policy` and `shares_resources`. Everything
    /// else stays as it is, whatever the argument says; `state` above all, so that no stale copy brings a connection
    /// back.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] if there is no such connection or it is deleted.
    async fn update(&self, connection: &Connection) -> Result<(), StoreError>;

    /// Sets the state of a connection. The state it has already is fine.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] if there is no such connection, or if it is deleted and is to be anything else.
    async fn set_state(&self, id: &ConnectionId, state: ConnectionState) -> Result<(), StoreError>;

    /// The key of this id, whether or not it is still accepted, and its connection in whatever state, by one round trip
    /// to the backend. Every request is authenticated by it.
    ///
    /// A key whose scopes cannot be read is there, with [`Scopes::unreadable`](crate::Scopes::unreadable), here and in
    /// [`keys`](Self::keys).
    ///
    /// # Errors
    ///
    /// Those of the backend.
    async fn find_key(&self, id: &KeyId) -> Result<Option<(StoredKey, Connection)>, StoreError>;

    /// Keeps a new key, all fields of it, beside those that the connection has.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] if there is no such connection or it is deleted; [`StoreError::Uniqueness`] of `id` if
    /// there is a key of this id, whatever connection it is of.
    async fn insert_key(&self, key: &StoredKey) -> Result<(), StoreError>;

    /// Keeps a new key and ends the others of its connection, both or neither. A key that is revoked, or would end
    /// sooner by itself, stays as it is.
    ///
    /// Rotations of one connection happen one after the other: of several at once that revoke the others, one key is
    /// left.
    ///
    /// # Errors
    ///
    /// As for [`insert_key`](Self::insert_key), and then no other key has been ended.
    async fn rotate_keys(&self, key: &StoredKey, others: KeyEnd) -> Result<(), StoreError>;

    /// Revokes a key. One that is revoked already stays revoked as of then.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] if there is no such key.
    async fn revoke_key(&self, id: &KeyId, at: DateTime) -> Result<(), StoreError>;

    /// The keys of a connection, whether or not they are still accepted, the oldest first, then by id.
    ///
    /// # Errors
    ///
    /// Those of the backend.
    async fn keys(&self, connection: &ConnectionId) -> Result<Vec<StoredKey>, StoreError>;

    /// Writes when a key was last used, unless a later time is there. A key that is not there is fine.
    ///
    /// # Errors
    ///
    /// Those of the backend.
    async fn set_last_used(&self, key: &KeyId, at: DateTime) -> Result<(), StoreError>;

    /// Writes when a request of a connection last succeeded or failed, unless a later time is there. A connection that
    /// is not there is fine.
    ///
    /// # Errors
    ///
    /// Those of the backend.
    async fn set_last_request(
        &self,
        connection: &ConnectionId,
        outcome: RequestOutcome,
        at: DateTime,
    ) -> Result<(), StoreError>;
}

/// How the other keys of a connection end when a new one takes their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyEnd {
    /// They are revoked, as of now, which this is.
    Revoked(DateTime),
    /// They expire then.
    Expires(DateTime),
}

/// How a request of a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestOutcome {
    /// With a status below 400.
    Success,
    /// With any other.
    Failure,
}

#[async_trait]
impl<S: ConnectionStore + ?Sized> ConnectionStore for Arc<S> {
    async fn insert(&self, connection: &Connection) -> Result<(), StoreError> {
        (**self).insert(connection).await
    }

    async fn get(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
        (**self).get(id).await
    }

    async fn list(&self, tenant: &TenantId) -> Result<Vec<Connection>, StoreError> {
        (**self).list(tenant).await
    }

    async fn update(&self, connection: &Connection) -> Result<(), StoreError> {
        (**self).update(connection).await
    }

    async fn set_state(&self, id: &ConnectionId, state: ConnectionState) -> Result<(), StoreError> {
        (**self).set_state(id, state).await
    }

    async fn find_key(&self, id: &KeyId) -> Result<Option<(StoredKey, Connection)>, StoreError> {
        (**self).find_key(id).await
    }

    async fn insert_key(&self, key: &StoredKey) -> Result<(), StoreError> {
        (**self).insert_key(key).await
    }

    async fn rotate_keys(&self, key: &StoredKey, others: KeyEnd) -> Result<(), StoreError> {
        (**self).rotate_keys(key, others).await
    }

    async fn revoke_key(&self, id: &KeyId, at: DateTime) -> Result<(), StoreError> {
        (**self).revoke_key(id, at).await
    }

    async fn keys(&self, connection: &ConnectionId) -> Result<Vec<StoredKey>, StoreError> {
        (**self).keys(connection).await
    }

    async fn set_last_used(&self, key: &KeyId, at: DateTime) -> Result<(), StoreError> {
        (**self).set_last_used(key, at).await
    }

    async fn set_last_request(
        &self,
        connection: &ConnectionId,
        outcome: RequestOutcome,
        at: DateTime,
    ) -> Result<(), StoreError> {
        (**self).set_last_request(connection, outcome, at).await
    }
}
