//! The store on SQLite.

mod audit;
mod connect;
mod connections;
mod error;
mod members;
mod migrations;
mod moving;
#[cfg(test)]
mod plan_tests;
mod read;
mod request_log;
mod unit_of_work;
mod write;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use scim_core::sql::Dialect;
use scim_core::{
    BeginUnitOfWork, Capabilities, Context, Fetch, NewResource, Page, Query, Resource, ResourceId, ResourceStore,
    ResourceType, StoreError, Update, Version,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Sqlite, SqlitePool, Transaction};

use self::audit::Writing;
use self::connect::Pools;
pub use self::connections::SqliteConnections;
use self::error::error;
pub use self::error::error as store_error;
pub use self::read::{bound, page};
pub use self::request_log::SqliteRequestLog;
use crate::keys::LOOKED_UP;
use crate::types::TypePlans;

/// A store in a SQLite database, for any number of tenants and resource types at once: users, groups and custom ones.
///
/// It does all that [`Capabilities`] know but [`write_only`](Capabilities::write_only). The tables have names that begin with `scim_` and stand beside those of the
/// host; they are made and brought up to date when the store is opened.
///
/// - What is acknowledged is on disk: WAL with `synchronous=FULL`.
/// - One connection writes and the others read, at the same time; writers queue for it. Several processes may use the
///   same file.
/// - Unique are the attributes that the schema says are, within the resource type and the
///   [partition](Context::partition), or [as far as they reach](scim_core::UniqueWithin), by primary keys. An `eq` on one of
///   them, or on `id`, `externalId`, `displayName`, `emails.value` or a membership, is an index look-up. Every other filter
///   is evaluated by the database on all resources of the type and the partition.
/// - Members are rows of a table. A member that comes or goes gives the group another version, also when it goes
///   because it was deleted; the version of the member stays. An update that changes nothing changes no version.
/// - A [unit of work](scim_core::UnitOfWork) is one transaction. Other writers wait for its end.
/// - Write-only attributes such as `password` are not kept.
///
/// ```
/// use scim_core::{Context, Fetch, NewResource, Principal, ResourceStore, ResourceType, TenantId};
/// use scim_sqlx::SqliteStore;
/// use std::sync::Arc;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let directory = std::env::temp_dir().join(format!("scim-docs-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory).unwrap();
/// # let path = directory.join("scim.db");
/// let store = SqliteStore::open(&path).await?;
/// let cx = Context::new(Principal::new(TenantId::new("acme"), "docs"), Arc::new(ResourceType::user()));
/// let made = store.create(&cx, NewResource::default()).await?;
/// assert_eq!(store.get(&cx, &made.id, &Fetch::all()).await?, Some(made));
/// # std::fs::remove_dir_all(&directory).unwrap();
/// # Ok::<(), scim_core::StoreError>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct SqliteStore {
    pools: Pools,
    writing: Arc<Writing>,
}

impl SqliteStore {
    /// Opens the database in a file, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// [`StoreError::Backend`] if the file cannot be opened or its tables are of a later version of this library;
    /// [`StoreError::Unavailable`] if another process keeps it locked.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(SqliteConnectOptions::new().filename(path)).await
    }

    /// Opens the database that these options name. Journal mode, `synchronous`, foreign keys and the time to wait for
    /// a lock are the store's.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn open_with(options: SqliteConnectOptions) -> Result<Self, StoreError> {
        let pools = connect::open(options).await?;
        let looked_up = LOOKED_UP.map(str::to_owned).to_vec();
        let writing = Writing { plans: TypePlans::new(Dialect::Sqlite, looked_up), audit: None };
        Ok(Self { pools, writing: Arc::new(writing) })
    }

    /// The connections that read, for statements of the host's own.
    #[must_use]
    pub fn readers(&self) -> &SqlitePool {
        &self.pools.readers
    }

    /// The connection that writes, for transactions of the host's own, which begin with `BEGIN IMMEDIATE`. While one
    /// is open the store cannot write.
    #[must_use]
    pub fn writer(&self) -> &SqlitePool {
        &self.pools.writer
    }

    /// Closes all connections, after what they are doing.
    pub async fn close(&self) {
        self.pools.close().await;
    }

    /// Begins a change. The lock is taken at once, for a transaction that has read cannot wait for it later.
    async fn begin_write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.pools.writer.begin_with("BEGIN IMMEDIATE").await.map_err(error)
    }
}

#[async_trait]
impl ResourceStore for SqliteStore {
    fn capabilities(&self, _: &ResourceType) -> Capabilities {
        crate::types::capabilities()
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        Some(self)
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        let mut transaction = self.begin_write().await?;
        let resource = self.writing.create(&mut transaction, cx, new).await?;
        transaction.commit().await.map_err(error)?;
        Ok(resource)
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        let plan = self.writing.plans.of(&cx.resource_type);
        let mut connection = self.pools.readers.acquire().await.map_err(error)?;
        let row = read::resource(&mut connection, cx, id.as_str(), plan.relations(fetch), fetch).await?;
        row.map(|row| row.into_resource(fetch)).transpose()
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        let plan = self.writing.plans.of(&cx.resource_type);
        let mut snapshot = self.pools.readers.begin().await.map_err(error)?;
        read::list(&mut snapshot, cx, &plan, query).await
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        let mut transaction = self.begin_write().await?;
        let resource = self.writing.update(&mut transaction, cx, id, update).await?;
        transaction.commit().await.map_err(error)?;
        Ok(resource)
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        let mut transaction = self.begin_write().await?;
        self.writing.delete(&mut transaction, cx, id, expect).await?;
        transaction.commit().await.map_err(error)
    }
}
