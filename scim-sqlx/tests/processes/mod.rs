//! Two servers of one database, and connections of a customer with their keys.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use bytes::Bytes;
use scim_core::{ConnectionStore, Connections, RequestLog, ResourceStore, ScimServer, TenantConnections, TenantId};
use scim_sqlx::{PostgresStore, SqliteStore};

use crate::support::{postgres_database, TempDir};

/// A server with pools of its own.
#[derive(Clone)]
pub(crate) struct Process {
    pub(crate) server: ScimServer,
    pub(crate) connections: Connections,
}

impl Process {
    fn new(store: impl ResourceStore, connections: impl ConnectionStore, log: impl RequestLog) -> Self {
        let connections = Connections::new(connections).with_request_log(log);
        let server = ScimServer::builder().store(store).connections(&connections).build().unwrap();
        Self { server, connections }
    }

    /// The settings of the customer.
    pub(crate) fn acme(&self) -> TenantConnections {
        self.connections.of_tenant(TenantId::new("acme"))
    }

    /// The status of the answer to a request with a key.
    pub(crate) async fn send(&self, key: &str, method: &str, target: &str, body: &str) -> u16 {
        let request = http::Request::builder().method(method).uri(target);
        let request = request.header("authorization", format!("Bearer {key}"));
        let request = request.header("content-type", "application/scim+json").body(Bytes::from(body.to_owned()));
        self.server.handle(request.unwrap()).await.status().as_u16()
    }
}

/// A database, and two processes that share it.
pub(crate) struct Shared {
    pub(crate) name: &'static str,
    pub(crate) processes: [Process; 2],
    pub(crate) stores: Vec<Arc<dyn std::fmt::Debug + Send + Sync>>,
    pub(crate) place: Place,
}

/// Where a database is.
pub(crate) enum Place {
    Sqlite(TempDir),
    Postgres(String),
}

pub(crate) async fn sqlite() -> Shared {
    let directory = TempDir::new();
    let mut processes = Vec::new();
    let mut stores: Vec<Arc<dyn std::fmt::Debug + Send + Sync>> = Vec::new();
    for _ in 0..2 {
        let store = SqliteStore::open(directory.file("scim.db")).await.unwrap();
        processes.push(Process::new(store.clone(), store.connections(), store.request_log(100)));
        stores.push(Arc::new((store.clone(), store.connections(), store.request_log(100))));
    }
    let Ok(processes) = processes.try_into() else { panic!("two processes") };
    Shared { name: "SQLite", processes, stores, place: Place::Sqlite(directory) }
}

pub(crate) async fn postgres() -> Option<Shared> {
    let url = postgres_database().await?;
    let mut processes = Vec::new();
    let mut stores: Vec<Arc<dyn std::fmt::Debug + Send + Sync>> = Vec::new();
    for _ in 0..2 {
        let store = PostgresStore::connect(&url).await.unwrap();
        processes.push(Process::new(store.clone(), store.connections(), store.request_log(100)));
        stores.push(Arc::new((store.clone(), store.connections(), store.request_log(100))));
    }
    let Ok(processes) = processes.try_into() else { panic!("two processes") };
    Some(Shared { name: "PostgreSQL", processes, stores, place: Place::Postgres(url) })
}
