//! A server that connections ask, with a clock that stands still and a store that counts.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use scim_core::{
    Connection, ConnectionId, ConnectionState, ConnectionStore, Connections, DateTime, KeyEnd, KeyId, KeyOptions,
    MemoryConnectionStore, MemoryStore, Provider, RequestOutcome, ScimServer, ScimServerBuilder, StoreError, StoredKey,
    TenantConnections, TenantId,
};
use serde_json::Value;

/// A clock that a test sets.
#[derive(Clone)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    pub fn now(&self) -> DateTime {
        DateTime::from_micros(self.0.load(Ordering::SeqCst))
    }

    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

/// How often a store was asked for what, and whether it refuses to write.
#[derive(Default)]
pub struct Counts {
    pub finds: AtomicUsize,
    pub last_uses: AtomicUsize,
    pub last_requests: AtomicUsize,
    pub others: AtomicUsize,
    pub fails: AtomicBool,
    pub fails_to_write: AtomicBool,
    pub hangs_to_write: AtomicBool,
}

impl Counts {
    pub fn of(counter: &AtomicUsize) -> usize {
        counter.load(Ordering::SeqCst)
    }

    fn count(&self, counter: &AtomicUsize, writes: bool) -> Result<(), StoreError> {
        counter.fetch_add(1, Ordering::SeqCst);
        let fails = self.fails.load(Ordering::SeqCst) || (writes && self.fails_to_write.load(Ordering::SeqCst));
        if fails {
            return Err(StoreError::unavailable(7, "the database is out of reach"));
        }
        Ok(())
    }
}

/// A store in memory that counts.
#[derive(Clone, Default)]
pub struct Counting {
    pub store: MemoryConnectionStore,
    pub counts: Arc<Counts>,
}

impl Counting {
    fn other(&self) -> Result<(), StoreError> {
        self.counts.count(&self.counts.others, false)
    }
}

#[async_trait]
impl ConnectionStore for Counting {
    async fn insert(&self, connection: &Connection) -> Result<(), StoreError> {
        self.other()?;
        self.store.insert(connection).await
    }

    async fn get(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
        self.other()?;
        self.store.get(id).await
    }

    async fn list(&self, tenant: &TenantId) -> Result<Vec<Connection>, StoreError> {
        self.other()?;
        self.store.list(tenant).await
    }

    async fn update(&self, connection: &Connection) -> Result<(), StoreError> {
        self.other()?;
        self.store.update(connection).await
    }

    async fn set_state(&self, id: &ConnectionId, state: ConnectionState) -> Result<(), StoreError> {
        self.other()?;
        self.store.set_state(id, state).await
    }

    async fn find_key(&self, id: &KeyId) -> Result<Option<(StoredKey, Connection)>, StoreError> {
        self.counts.count(&self.counts.finds, false)?;
        self.store.find_key(id).await
    }

    async fn insert_key(&self, key: &StoredKey) -> Result<(), StoreError> {
        self.other()?;
        self.store.insert_key(key).await
    }

    async fn rotate_keys(&self, key: &StoredKey, others: KeyEnd) -> Result<(), StoreError> {
        self.other()?;
        self.store.rotate_keys(key, others).await
    }

    async fn revoke_key(&self, id: &KeyId, at: DateTime) -> Result<(), StoreError> {
        self.other()?;
        self.store.revoke_key(id, at).await
    }

    async fn keys(&self, connection: &ConnectionId) -> Result<Vec<StoredKey>, StoreError> {
        self.other()?;
        self.store.keys(connection).await
    }

    async fn set_last_used(&self, key: &KeyId, at: DateTime) -> Result<(), StoreError> {
        self.counts.count(&self.counts.last_uses, true)?;
        if self.counts.hangs_to_write.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        self.store.set_last_used(key, at).await
    }

    async fn set_last_request(
        &self,
        connection: &ConnectionId,
        outcome: RequestOutcome,
        at: DateTime,
    ) -> Result<(), StoreError> {
        self.counts.count(&self.counts.last_requests, true)?;
        self.store.set_last_request(connection, outcome, at).await
    }
}

pub struct Answer {
    pub status: u16,
    pub json: Value,
    pub text: String,
}

impl Answer {
    pub fn id(&self) -> &str {
        self.json["id"].as_str().unwrap_or_else(|| panic!("no id in {}", self.text))
    }
}

/// A server, its connections, and one connection of the tenant "acme".
pub struct Setup {
    pub server: ScimServer,
    pub connections: Connections,
    pub acme: TenantConnections,
    pub connection: Connection,
    pub clock: Clock,
    pub counts: Arc<Counts>,
    pub store: Counting,
}

impl Setup {
    pub async fn new() -> Self {
        Self::with(|connections| connections, |builder| builder).await
    }

    /// With settings of the connections and of the server.
    pub async fn with(
        connections: impl FnOnce(Connections) -> Connections,
        builder: impl FnOnce(ScimServerBuilder) -> ScimServerBuilder,
    ) -> Self {
        let store = Counting::default();
        let clock = Clock(Arc::new(AtomicI64::new(1_700_000_000_000_000)));
        let ticking = clock.clone();
        let connections = connections(Connections::new(store.clone()).with_clock(move || ticking.now()));
        let server = ScimServer::builder()
            .base_url("https://example.com/scim/v2")
            .store(MemoryStore::new())
            .connections(&connections);
        let server = builder(server).build().unwrap();
        let acme = connections.of_tenant(TenantId::new("acme"));
        let connection = acme.create(Provider::Okta, "Okta of acme").await.unwrap();
        Self { server, connections, acme, connection, clock, counts: Arc::clone(&store.counts), store }
    }

    /// A key of the connection.
    pub async fn key(&self) -> String {
        self.key_with(KeyOptions::new()).await
    }

    pub async fn key_with(&self, options: KeyOptions) -> String {
        self.acme.issue_key(&self.connection.id, options).await.unwrap().reveal()
    }

    pub async fn status(&self, key: &str) -> u16 {
        self.get(key, "/Users").await.status
    }

    pub async fn get(&self, key: &str, path: &str) -> Answer {
        self.send(key, "GET", path, &Value::Null).await
    }

    pub async fn send(&self, key: &str, method: &str, path: &str, body: &Value) -> Answer {
        self.send_as(&format!("Bearer {key}"), method, path, body).await
    }

    pub async fn send_as(&self, authorization: &str, method: &str, path: &str, body: &Value) -> Answer {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-request-id", "r")
            .header("authorization", http::HeaderValue::from_bytes(authorization.as_bytes()).unwrap());
        let response = self.server.handle(request.body(Bytes::from(text)).unwrap()).await;
        let (head, body) = response.into_parts();
        let text = String::from_utf8(body.to_vec()).unwrap();
        let json = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        Answer { status: head.status.as_u16(), json, text }
    }
}
