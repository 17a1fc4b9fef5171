//! Connections in memory.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{Connection, ConnectionState, ConnectionStore, KeyEnd, RequestOutcome, StoredKey};
use crate::resource::{ConnectionId, DateTime, KeyId, TenantId};
use crate::store::StoreError;

/// Connections and their keys in memory, for tests and for programs that forget them at their end. Clones share what
/// they hold.
#[derive(Clone, Default)]
pub struct MemoryConnectionStore(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    connections: HashMap<ConnectionId, Entry>,
    owners: HashMap<KeyId, ConnectionId>,
}

/// A connection and its keys.
struct Entry {
    connection: Connection,
    keys: Vec<StoredKey>,
}

impl MemoryConnectionStore {
    /// Without connections.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// A connection that is not deleted.
    fn existing(&mut self, id: &ConnectionId) -> Result<&mut Entry, StoreError> {
        let entry = self.connections.get_mut(id);
        entry.filter(|entry| entry.connection.state != ConnectionState::Deleted).ok_or(StoreError::NotFound)
    }

    /// The key of this id.
    fn key_mut(&mut self, id: &KeyId) -> Option<&mut StoredKey> {
        let entry = self.connections.get_mut(self.owners.get(id)?)?;
        entry.keys.iter_mut().find(|key| key.info.id == *id)
    }

    /// Keeps a new key, and returns all that the connection has.
    fn insert_key(&mut self, key: &StoredKey) -> Result<&mut [StoredKey], StoreError> {
        let is_taken = self.owners.contains_key(&key.info.id);
        self.existing(&key.info.connection)?;
        if is_taken {
            return Err(StoreError::uniqueness("id"));
        }
        self.owners.insert(key.info.id.clone(), key.info.connection.clone());
        let entry = self.existing(&key.info.connection)?;
        entry.keys.push(key.clone());
        Ok(&mut entry.keys)
    }
}

#[async_trait]
impl ConnectionStore for MemoryConnectionStore {
    async fn insert(&self, connection: &Connection) -> Result<(), StoreError> {
        let mut held = self.held();
        if held.connections.contains_key(&connection.id) {
            return Err(StoreError::uniqueness("id"));
        }
        let entry = Entry { connection: connection.clone(), keys: Vec::new() };
        held.connections.insert(connection.id.clone(), entry);
        Ok(())
    }

    async fn get(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
        Ok(self.held().connections.get(id).map(|entry| entry.connection.clone()))
    }

    async fn list(&self, tenant: &TenantId) -> Result<Vec<Connection>, StoreError> {
        let held = self.held();
        let is_listed =
            |connection: &&Connection| connection.tenant == *tenant && connection.state != ConnectionState::Deleted;
        let all = held.connections.values().map(|entry| &entry.connection);
        let mut found: Vec<Connection> = all.filter(is_listed).cloned().collect();
        found.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
        Ok(found)
    }

    async fn update(&self, connection: &Connection) -> Result<(), StoreError> {
        let mut held = self.held();
        let present = &mut held.existing(&connection.id)?.connection;
        present.name.clone_from(&connection.name);
        present.base_url.clone_from(&connection.base_url);
        present.profile.clone_from(&connection.profile);
        present.policy.clone_from(&connection.policy);
        present.shares_resources = connection.shares_resources;
        Ok(())
    }

    async fn set_state(&self, id: &ConnectionId, state: ConnectionState) -> Result<(), StoreError> {
        let mut held = self.held();
        let connection = &mut held.connections.get_mut(id).ok_or(StoreError::NotFound)?.connection;
        if connection.state == ConnectionState::Deleted && state != ConnectionState::Deleted {
            return Err(StoreError::NotFound);
        }
        connection.state = state;
        Ok(())
    }

    async fn find_key(&self, id: &KeyId) -> Result<Option<(StoredKey, Connection)>, StoreError> {
        let mut held = self.held();
        let Some(key) = held.key_mut(id).cloned() else { return Ok(None) };
        let entry = held.connections.get(&key.info.connection);
        Ok(entry.map(|entry| (key, entry.connection.clone())))
    }

    async fn insert_key(&self, key: &StoredKey) -> Result<(), StoreError> {
        self.held().insert_key(key).map(drop)
    }

    async fn rotate_keys(&self, key: &StoredKey, others: KeyEnd) -> Result<(), StoreError> {
        let mut held = self.held();
        let is_other = |other: &&mut StoredKey| other.info.id != key.info.id && other.info.revoked.is_none();
        for other in held.insert_key(key)?.iter_mut().filter(is_other) {
            match others {
                KeyEnd::Revoked(at) => other.info.revoked = Some(at),
                KeyEnd::Expires(at) => {
                    other.info.expires = Some(other.info.expires.map_or(at, |sooner| sooner.min(at)));
                }
            }
        }
        Ok(())
    }

    async fn revoke_key(&self, id: &KeyId, at: DateTime) -> Result<(), StoreError> {
        let mut held = self.held();
        let key = held.key_mut(id).ok_or(StoreError::NotFound)?;
        key.info.revoked.get_or_insert(at);
        Ok(())
    }

    async fn keys(&self, connection: &ConnectionId) -> Result<Vec<StoredKey>, StoreError> {
        let held = self.held();
        let mut found = held.connections.get(connection).map(|entry| entry.keys.clone()).unwrap_or_default();
        found.sort_by(|one, other| (one.info.created, &one.info.id).cmp(&(other.info.created, &other.info.id)));
        Ok(found)
    }

    async fn set_last_used(&self, key: &KeyId, at: DateTime) -> Result<(), StoreError> {
        if let Some(key) = self.held().key_mut(key) {
            key.info.last_used = key.info.last_used.max(Some(at));
        }
        Ok(())
    }

    async fn set_last_request(
        &self,
        connection: &ConnectionId,
        outcome: RequestOutcome,
        at: DateTime,
    ) -> Result<(), StoreError> {
        if let Some(Entry { connection, .. }) = self.held().connections.get_mut(connection) {
            let slot = match outcome {
                RequestOutcome::Success => &mut connection.last_success,
                RequestOutcome::Failure => &mut connection.last_failure,
            };
            *slot = (*slot).max(Some(at));
        }
        Ok(())
    }
}

impl fmt::Debug for MemoryConnectionStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.held();
        f.debug_struct("MemoryConnectionStore")
            .field("connections", &held.connections.len())
            .field("keys", &held.owners.len())
            .finish_non_exhaustive()
    }
}
