//! The connections of one customer.

use std::time::Duration;

use zeroize::Zeroizing;

use super::key::RANDOM_BYTES;
use super::{
    Connection, ConnectionError, ConnectionState, Connections, IssuedKey, KeyEnd, KeyInfo, KeyOptions, Provider,
    RequestRecord, Rotation,
};
use crate::resource::{ConnectionId, DateTime, KeyId, TenantId};
use crate::store::StoreError;

/// How many key ids are tried before the random bits are held to be none.
const ID_ATTEMPTS: usize = 4;

/// The connections of one customer, for the customer's settings page. See [`Connections::of_tenant`].
///
/// Every method that is given an id ends in [`ConnectionError::NotFound`] if the customer has no such connection or key,
/// or the connection is deleted, and in [`ConnectionError::Store`] if the store fails.
#[derive(Clone, Debug)]
pub struct TenantConnections {
    connections: Connections,
    tenant: TenantId,
}

impl TenantConnections {
    pub(super) fn new(connections: Connections, tenant: TenantId) -> Self {
        Self { connections, tenant }
    }

    /// The customer.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Makes a connection without a key.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::Store`].
    pub async fn create(&self, provider: Provider, name: impl Into<String>) -> Result<Connection, ConnectionError> {
        self.insert(Connection::new(self.tenant.clone(), provider, name, self.now())).await
    }

    /// Makes a connection with its first key: for the step of a settings page that shows both.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::Store`], and [`ConnectionError::NoRandomness`].
    pub async fn connect(
        &self,
        provider: Provider,
        name: impl Into<String>,
    ) -> Result<(Connection, IssuedKey), ConnectionError> {
        let connection = self.create(provider, name).await?;
        let key = self.issue_key(&connection.id, KeyOptions::new()).await?;
        Ok((connection, key))
    }

    /// Makes a connection with settings of its own: those of the argument, which becomes one of this customer.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::Store`], with [`StoreError::Uniqueness`] if there is a connection of this id.
    pub async fn insert(&self, mut connection: Connection) -> Result<Connection, ConnectionError> {
        connection.tenant = self.tenant.clone();
        self.connections.store.insert(&connection).await?;
        Ok(connection)
    }

    /// All connections that are not deleted, the oldest first.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::Store`].
    pub async fn list(&self) -> Result<Vec<Connection>, ConnectionError> {
        Ok(self.connections.store.list(&self.tenant).await?)
    }

    /// The connection of a customer of a product that has one for each: the oldest that is not deleted, so that everybody
    /// means the same one even where two were made at the same time. `None` if the customer has not connected yet.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::Store`].
    pub async fn first(&self) -> Result<Option<Connection>, ConnectionError> {
        Ok(self.list().await?.into_iter().next())
    }

    /// The connection of this id.
    ///
    /// # Errors
    ///
    /// As for every method.
    pub async fn get(&self, id: &ConnectionId) -> Result<Connection, ConnectionError> {
        let found = self.connections.store.get(id).await?;
        found.filter(|connection| self.has(connection)).ok_or(ConnectionError::NotFound)
    }

    /// Writes `name`, `base_url`, `profile`, `policy` and `shares_resources` of a connection.
    ///
    /// # Errors
    ///
    /// As for every method.
    pub async fn update(&self, connection: &Connection) -> Result<(), ConnectionError> {
        self.get(&connection.id).await?;
        Ok(self.connections.store.update(connection).await?)
    }

    /// From when this returns, requests of the connection are answered with 403.
    ///
    /// # Errors
    ///
    /// As for every method.
    pub async fn pause(&self, id: &ConnectionId) -> Result<(), ConnectionError> {
        self.set_state(id, ConnectionState::Paused).await
    }

    /// Requests of the connection are accepted again.
    ///
    /// # Errors
    ///
    /// As for every method.
    pub async fn resume(&self, id: &ConnectionId) -> Result<(), ConnectionError> {
        self.set_state(id, ConnectionState::Active).await
    }

    /// Deletes a connection for good. From when this returns, its keys are answered with 401, like keys that nobody
    /// knows. Its resources stay; what is to become of them is for the host to do first.
    ///
    /// # Errors
    ///
    /// As for every method.
    pub async fn delete(&self, id: &ConnectionId) -> Result<(), ConnectionError> {
        self.set_state(id, ConnectionState::Deleted).await
    }

    /// Makes a key beside those that the connection has.
    ///
    /// # Errors
    ///
    /// As for every method, and [`ConnectionError::NoRandomness`].
    pub async fn issue_key(&self, id: &ConnectionId, options: KeyOptions) -> Result<IssuedKey, ConnectionError> {
        self.get(id).await?;
        self.keep_new(id, &options, None).await
    }

    /// Makes a key in place of all that the connection has, which end at once or after an overlap. The new key is good
    /// for what the newest one is, and as long. One atomic step: there is never a time without a key.
    ///
    /// # Errors
    ///
    /// As for every method, and [`ConnectionError::NoRandomness`].
    pub async fn rotate(&self, id: &ConnectionId, rotation: Rotation) -> Result<IssuedKey, ConnectionError> {
        let keys = self.keys(id).await?;
        let now = self.now();
        let newest = keys.iter().rev().find(|key| key.is_live(now)).or(keys.last());
        self.keep_new(id, &newest.map_or_else(KeyOptions::new, options_of), Some(rotation)).await
    }

    /// Revokes a key. From when this returns, no request with it is accepted, by whichever process.
    ///
    /// # Errors
    ///
    /// As for every method.
    pub async fn revoke(&self, key: &KeyId) -> Result<(), ConnectionError> {
        let (_, connection) = self.connections.store.find_key(key).await?.ok_or(ConnectionError::NotFound)?;
        if !self.has(&connection) {
            return Err(ConnectionError::NotFound);
        }
        Ok(self.connections.store.revoke_key(key, self.now()).await?)
    }

    /// All keys of a connection, those that are not accepted any more too, the oldest first.
    ///
    /// # Errors
    ///
    /// As for every method.
    pub async fn keys(&self, id: &ConnectionId) -> Result<Vec<KeyInfo>, ConnectionError> {
        self.get(id).await?;
        let keys = self.connections.store.keys(id).await?;
        Ok(keys.into_iter().map(|key| key.info).collect())
    }

    /// The last requests of a connection, at most `count`, the newest first; none without a
    /// [request log](Connections::with_request_log).
    ///
    /// # Errors
    ///
    /// As for every method.
    pub async fn recent_requests(
        &self,
        id: &ConnectionId,
        count: usize,
    ) -> Result<Vec<RequestRecord>, ConnectionError> {
        self.get(id).await?;
        match &self.connections.log {
            Some(log) => Ok(log.recent(id, count).await?),
            None => Ok(Vec::new()),
        }
    }

    fn has(&self, connection: &Connection) -> bool {
        connection.tenant == self.tenant && connection.state != ConnectionState::Deleted
    }

    fn now(&self) -> DateTime {
        (self.connections.clock)()
    }

    /// Pauses, resumes or deletes a connection, for a page on which its state is chosen.
    ///
    /// # Errors
    ///
    /// As for every method.
    pub async fn set_state(&self, id: &ConnectionId, state: ConnectionState) -> Result<(), ConnectionError> {
        self.get(id).await?;
        Ok(self.connections.store.set_state(id, state).await?)
    }

    /// Makes a key and keeps it. Where a key of its id is there already, it is another one.
    async fn keep_new(
        &self,
        id: &ConnectionId,
        options: &KeyOptions,
        rotation: Option<Rotation>,
    ) -> Result<IssuedKey, ConnectionError> {
        let mut attempts = 1..=ID_ATTEMPTS;
        loop {
            let key = self.new_key(id, options)?;
            match self.keep(&key, rotation).await {
                Ok(()) => return Ok(key),
                Err(StoreError::Uniqueness { .. }) if attempts.next().is_some() => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn new_key(&self, id: &ConnectionId, options: &KeyOptions) -> Result<IssuedKey, ConnectionError> {
        let mut random = Zeroizing::new([0; RANDOM_BYTES]);
        (self.connections.random)(&mut *random).map_err(ConnectionError::NoRandomness)?;
        Ok(IssuedKey::new(&self.connections.prefix, &mut random, id.clone(), options, self.now()))
    }

    async fn keep(&self, key: &IssuedKey, rotation: Option<Rotation>) -> Result<(), StoreError> {
        let now = key.info().created;
        let end = match rotation {
            None => return self.connections.store.insert_key(&key.stored()).await,
            Some(Rotation::AtOnce) => KeyEnd::Revoked(now),
            Some(Rotation::Overlap(overlap)) => KeyEnd::Expires(now.after(overlap)),
        };
        self.connections.store.rotate_keys(&key.stored(), end).await
    }
}

/// What a key must have been made with.
fn options_of(key: &KeyInfo) -> KeyOptions {
    let options = KeyOptions::new().scopes(key.scopes.clone());
    match key.expires {
        Some(expires) => {
            let micros = expires.as_micros().saturating_sub(key.created.as_micros());
            options.expires_after(Duration::from_micros(u64::try_from(micros).unwrap_or_default()))
        }
        None => options.never_expires(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::service::Random;
    use crate::connection::{ConnectionStore as _, MemoryConnectionStore};

    fn with_random(random: Random) -> TenantConnections {
        let mut connections = Connections::new(MemoryConnectionStore::new());
        connections.random = random;
        connections.of_tenant(TenantId::new("acme"))
    }

    #[tokio::test]
    async fn without_random_bits_there_is_no_key() {
        let acme = with_random(|_| Err("no entropy".into()));
        let connection = acme.create(Provider::Custom, "a").await.unwrap();
        let issued = acme.issue_key(&connection.id, KeyOptions::new()).await;
        assert!(matches!(issued, Err(ConnectionError::NoRandomness(_))));
        assert!(acme.keys(&connection.id).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_key_id_that_is_taken_is_tried_again_and_not_for_ever() {
        let acme = with_random(|bytes| {
            bytes.fill(7);
            Ok(())
        });
        let connection = acme.create(Provider::Custom, "a").await.unwrap();
        let first = acme.issue_key(&connection.id, KeyOptions::new()).await.unwrap();
        let second = acme.rotate(&connection.id, Rotation::AtOnce).await;
        assert!(matches!(second, Err(ConnectionError::Store(StoreError::Uniqueness { .. }))));
        let kept = acme.connections.store.keys(&connection.id).await.unwrap();
        assert_eq!(kept, [first.stored()]);
    }

    #[tokio::test]
    async fn the_operating_system_gives_other_bits_each_time() {
        let acme = Connections::new(MemoryConnectionStore::new()).of_tenant(TenantId::new("acme"));
        let connection = acme.create(Provider::Custom, "a").await.unwrap();
        let mut seen = std::collections::HashSet::new();
        for _ in 0..100 {
            let key = acme.issue_key(&connection.id, KeyOptions::new()).await.unwrap().reveal();
            let (id, secret) = key.strip_prefix("scim_").unwrap().split_once('_').unwrap();
            assert!(seen.insert(id.to_owned()) && seen.insert(secret.to_owned()));
        }
    }
}
