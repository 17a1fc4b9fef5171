//! A store in whichever database a URL names.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{
    AuditDetail, AuditQuery, AuditRecord, BeginUnitOfWork, Capabilities, ConnectionStore, Context, Fetch, NewResource,
    Page, Query, RequestLog, Resource, ResourceId, ResourceStore, ResourceType, StoreError, TenantId, Update, Version,
};

use crate::{DatabaseUrl, PostgresStore, SqliteStore};

/// Resources, connections, request log and audit trail in whichever database a URL names, for a program that leaves the
/// choice to whoever runs it.
///
/// Servers of several processes over one database need the same
/// [cursor key](scim_core::ScimServerBuilder::cursor_key).
///
/// It shows itself without user and password: `SQLite, /var/lib/scim.db` or `PostgreSQL, db.example/scim`.
///
/// ```
/// use scim_core::{Connections, ScimServer};
/// use scim_sqlx::Database;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let directory = std::env::temp_dir().join(format!("scim-docs-database-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory).unwrap();
/// # let url = format!("sqlite:{}", directory.join("scim.db").display());
/// let database = Database::open(&url).await?;
/// let connections = Connections::new(database.connections()).with_request_log(database.request_log(1_000));
/// let server = ScimServer::builder().store(database).connections(&connections).build()?;
/// # std::fs::remove_dir_all(&directory).unwrap();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Database {
    kind: Kind,
    name: Arc<str>,
}

#[derive(Clone, Debug)]
enum Kind {
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
}

impl Database {
    /// Opens `sqlite:PATH`, whose file is made if it is not there, or `postgres://USER:PASSWORD@HOST/DATABASE`, and brings
    /// the tables up to date.
    ///
    /// # Errors
    ///
    /// [`StoreError::Backend`] for a text that is no [`DatabaseUrl`], and what [`DatabaseUrl::open`] fails with.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        url.parse::<DatabaseUrl>().map_err(StoreError::backend)?.open().await
    }

    pub(crate) fn on_sqlite(store: SqliteStore, name: &str) -> Self {
        Self { kind: Kind::Sqlite(store), name: name.into() }
    }

    pub(crate) fn on_postgres(store: PostgresStore, name: &str) -> Self {
        Self { kind: Kind::Postgres(store), name: name.into() }
    }

    /// Keeps a record of every change in the transaction of the change.
    #[must_use]
    pub fn with_audit(mut self, detail: AuditDetail) -> Self {
        self.kind = match self.kind {
            Kind::Sqlite(store) => Kind::Sqlite(store.with_audit(detail)),
            Kind::Postgres(store) => Kind::Postgres(store.with_audit(detail)),
        };
        self
    }

    /// The records of a tenant's changes.
    ///
    /// # Errors
    ///
    /// Those of the backend.
    pub async fn audit(&self, tenant: &TenantId, query: &AuditQuery) -> Result<Vec<AuditRecord>, StoreError> {
        match &self.kind {
            Kind::Sqlite(store) => store.audit(tenant, query).await,
            Kind::Postgres(store) => store.audit(tenant, query).await,
        }
    }

    /// Where connections and their keys are kept.
    #[must_use]
    pub fn connections(&self) -> Arc<dyn ConnectionStore> {
        match &self.kind {
            Kind::Sqlite(store) => Arc::new(store.connections()),
            Kind::Postgres(store) => Arc::new(store.connections()),
        }
    }

    /// A request log that keeps so many records of each connection.
    #[must_use]
    pub fn request_log(&self, records_per_connection: usize) -> Arc<dyn RequestLog> {
        match &self.kind {
            Kind::Sqlite(store) => Arc::new(store.request_log(records_per_connection)),
            Kind::Postgres(store) => Arc::new(store.request_log(records_per_connection)),
        }
    }

    /// The store, if it is on SQLite, for what only that can do.
    #[must_use]
    pub fn sqlite(&self) -> Option<&SqliteStore> {
        match &self.kind {
            Kind::Sqlite(store) => Some(store),
            Kind::Postgres(_) => None,
        }
    }

    /// The store, if it is on PostgreSQL, for what only that can do.
    #[must_use]
    pub fn postgres(&self) -> Option<&PostgresStore> {
        match &self.kind {
            Kind::Postgres(store) => Some(store),
            Kind::Sqlite(_) => None,
        }
    }

    fn store(&self) -> &dyn ResourceStore {
        match &self.kind {
            Kind::Sqlite(store) => store,
            Kind::Postgres(store) => store,
        }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[async_trait]
impl ResourceStore for Database {
    fn capabilities(&self, resource_type: &ResourceType) -> Capabilities {
        self.store().capabilities(resource_type)
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        self.store().create(cx, new).await
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        self.store().get(cx, id, fetch).await
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        self.store().list(cx, query).await
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        self.store().update(cx, id, update).await
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        self.store().delete(cx, id, expect).await
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        self.store().unit_of_work()
    }
}
