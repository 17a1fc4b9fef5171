//! The suite fails for stores that break the contract, each in one way.
#![allow(clippy::panic, clippy::unwrap_used, missing_docs)]

use async_trait::async_trait;
use scim_core::testing::{ConnectionStoreSuite, Outcome};
use scim_core::{
    Connection, ConnectionId, ConnectionState, ConnectionStore, DateTime, KeyEnd, KeyId, MemoryConnectionStore,
    RequestOutcome, StoreError, StoredKey, TenantId,
};

/// A way to break the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    ListHasDeleted,
    ListHasEverybodys,
    UpdateWritesState,
    DeletedComesBack,
    KeyHasStaleConnection,
    KeyOfNobody,
    KeyIdIgnoresCase,
    RotationForgetsOthers,
    RotationEndsFirst,
    RotationProlongs,
    RevocationIsLost,
    RevocationMoves,
    LastUseGoesBack,
    OutcomesAreMixedUp,
}

/// Each fault with a check that must find it.
const FAULTS: &[(Fault, &str)] = &[
    (Fault::ListHasDeleted, "list_leaves_out_deleted_connections"),
    (Fault::ListHasEverybodys, "list_has_the_tenants_own_in_the_order_of_creation"),
    (Fault::UpdateWritesState, "update_writes_settings_and_nothing_else"),
    (Fault::DeletedComesBack, "state_changes_and_deleted_is_for_good"),
    (Fault::KeyHasStaleConnection, "key_is_found_with_what_its_connection_is_now"),
    (Fault::KeyOfNobody, "key_needs_a_connection_that_is_not_deleted"),
    (Fault::KeyIdIgnoresCase, "key_id_distinguishes_case"),
    (Fault::RotationForgetsOthers, "rotation_at_once_revokes_the_others"),
    (Fault::RotationEndsFirst, "rotation_that_is_refused_ends_no_key"),
    (Fault::RotationProlongs, "rotation_leaves_keys_that_end_sooner_or_have_ended"),
    (Fault::RevocationIsLost, "revoked_key_is_found_revoked"),
    (Fault::RevocationMoves, "revoked_key_stays_revoked_as_of_the_first_time"),
    (Fault::LastUseGoesBack, "last_use_is_written_and_never_goes_back"),
    (Fault::OutcomesAreMixedUp, "last_requests_are_written_and_never_go_back"),
];

#[tokio::test]
async fn every_fault_is_found() {
    for (fault, check) in FAULTS {
        let suite = ConnectionStoreSuite::new(move || async move { Broken::new(*fault) });
        let outcome = suite.run_check(check).await;
        assert!(matches!(outcome, Some(Outcome::Failed(_))), "{fault:?}: {check}: {outcome:?}");
    }
}

struct Broken {
    fault: Fault,
    store: MemoryConnectionStore,
    seen: std::sync::Mutex<Seen>,
}

/// What the store remembers beside what it should.
#[derive(Default)]
struct Seen {
    connections: Vec<Connection>,
    keys: Vec<StoredKey>,
    last_use: Option<DateTime>,
}

impl Broken {
    fn new(fault: Fault) -> Self {
        Self { fault, store: MemoryConnectionStore::new(), seen: std::sync::Mutex::default() }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// What was inserted of a connection.
    fn inserted(&self, id: &ConnectionId) -> Option<Connection> {
        self.seen().connections.iter().find(|connection| connection.id == *id).cloned()
    }

    fn changed(&self, mut key: StoredKey) -> StoredKey {
        match self.fault {
            Fault::RevocationMoves if key.info.revoked.is_some() => key.info.revoked = Some(DateTime::from_micros(0)),
            Fault::LastUseGoesBack => key.info.last_used = self.seen().last_use,
            Fault::RotationProlongs => key.info.expires = key.info.expires.map(|_| DateTime::from_micros(i64::MAX)),
            _ => {}
        }
        key
    }
}

#[async_trait]
impl ConnectionStore for Broken {
    async fn insert(&self, connection: &Connection) -> Result<(), StoreError> {
        self.store.insert(connection).await?;
        self.seen().connections.push(connection.clone());
        Ok(())
    }

    async fn get(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
        let found = self.store.get(id).await?;
        if self.has(Fault::DeletedComesBack) {
            return Ok(self.inserted(id));
        }
        Ok(found)
    }

    async fn list(&self, tenant: &TenantId) -> Result<Vec<Connection>, StoreError> {
        let all = self.seen().connections.clone();
        match self.fault {
            Fault::ListHasEverybodys => Ok(all),
            Fault::ListHasDeleted => Ok(all.into_iter().filter(|connection| connection.tenant == *tenant).collect()),
            _ => self.store.list(tenant).await,
        }
    }

    async fn update(&self, connection: &Connection) -> Result<(), StoreError> {
        self.store.update(connection).await?;
        if self.has(Fault::UpdateWritesState) {
            self.store.set_state(&connection.id, connection.state).await?;
        }
        Ok(())
    }

    async fn set_state(&self, id: &ConnectionId, state: ConnectionState) -> Result<(), StoreError> {
        self.store.set_state(id, state).await
    }

    async fn find_key(&self, id: &KeyId) -> Result<Option<(StoredKey, Connection)>, StoreError> {
        let folded = KeyId::new(id.as_str().to_lowercase());
        let id = if self.has(Fault::KeyIdIgnoresCase) { &folded } else { id };
        let found = match self.store.find_key(id).await? {
            None if self.has(Fault::KeyOfNobody) => {
                let key = self.seen().keys.iter().find(|key| key.info.id == *id).cloned();
                key.zip(self.seen().connections.first().cloned())
            }
            found => found,
        };
        Ok(found.map(|(key, connection)| {
            let stale = self.inserted(&connection.id).filter(|_| self.has(Fault::KeyHasStaleConnection));
            (self.changed(key), stale.unwrap_or(connection))
        }))
    }

    async fn insert_key(&self, key: &StoredKey) -> Result<(), StoreError> {
        let result = self.store.insert_key(key).await;
        self.seen().keys.push(key.clone());
        match result {
            Err(StoreError::NotFound) if self.has(Fault::KeyOfNobody) => Ok(()),
            result => result,
        }
    }

    async fn rotate_keys(&self, key: &StoredKey, others: KeyEnd) -> Result<(), StoreError> {
        match (self.fault, others) {
            (Fault::RotationForgetsOthers, _) => self.store.insert_key(key).await,
            (Fault::RotationEndsFirst, KeyEnd::Revoked(at)) => {
                for other in self.store.keys(&key.info.connection).await? {
                    self.store.revoke_key(&other.info.id, at).await?;
                }
                self.store.insert_key(key).await
            }
            _ => self.store.rotate_keys(key, others).await,
        }
    }

    async fn revoke_key(&self, id: &KeyId, at: DateTime) -> Result<(), StoreError> {
        if self.has(Fault::RevocationIsLost) {
            return Ok(());
        }
        self.store.revoke_key(id, at).await
    }

    async fn keys(&self, connection: &ConnectionId) -> Result<Vec<StoredKey>, StoreError> {
        self.store.keys(connection).await
    }

    async fn set_last_used(&self, key: &KeyId, at: DateTime) -> Result<(), StoreError> {
        self.seen().last_use = Some(at);
        self.store.set_last_used(key, at).await
    }

    async fn set_last_request(
        &self,
        connection: &ConnectionId,
        outcome: RequestOutcome,
        at: DateTime,
    ) -> Result<(), StoreError> {
        let outcome = if self.has(Fault::OutcomesAreMixedUp) { RequestOutcome::Failure } else { outcome };
        self.store.set_last_request(connection, outcome, at).await
    }
}
