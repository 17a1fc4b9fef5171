//! The store on PostgreSQL.

mod audit;
mod connections;
mod encryption;
mod fault;
mod members;
mod migrations;
mod moving;
#[cfg(test)]
mod plan_tests;
mod read;
mod request_log;
mod session;
mod unit_of_work;
mod update;
mod write;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use scim_core::sql::Dialect;
use scim_core::{
    AuditDetail, BeginUnitOfWork, Capabilities, Context, Fetch, NewResource, Page, Query, Resource, ResourceId,
    ResourceStore, ResourceType, StoreError, Update, Version,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgPool};

pub use self::connections::PostgresConnections;
pub use self::fault::store_error;
use self::fault::{rereading, Fault};
pub use self::read::{bound, page};
pub use self::request_log::PostgresRequestLog;
use self::session::Sessions;
use crate::keys::LOOKED_UP;
use crate::types::TypePlans;

/// How many connections [`PostgresStore::connect`] opens at most.
const CONNECTIONS: u32 = 16;
/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// A connection that was idle for longer is asked whether it is still there before it is used.
const TRUSTED_IDLE: Duration = Duration::from_millis(500);
const CACHED_STATEMENTS: usize = 256;

/// A store in a PostgreSQL database, 12 or later, for any number of tenants and resource types at once: users, groups
/// and custom ones. Any number of processes may share the database. Where they serve one base URL, give their servers the
/// same [cursor key](scim_core::ScimServerBuilder::cursor_key), so that a list that was begun at one goes on at another.
///
/// It does all that [`Capabilities`] know but [`write_only`](Capabilities::write_only). The tables have names that begin with `scim_` and stand beside those of the
/// host. The [partition](Context::partition) leads every key, so that they can be distributed by it.
///
/// - Unique are the attributes that the schema says are, within the resource type and the partition, or
///   [as far as they reach](scim_core::UniqueWithin), by primary keys. An `eq` on one of them, or on `id`, `externalId`,
///   `displayName`, `emails.value` or a membership, is an index look-up. Every other filter is evaluated by the database on
///   all resources of the type and the partition.
/// - Members are rows of a table. A member that comes or goes gives the group another version, also when it goes
///   because it was deleted; the version of the member stays. An update that changes nothing changes no version.
/// - A read, a resource made without members, and a document replaced under a version take one round trip each.
/// - Transactions that get in each other's way are tried again. A database that is out of reach is
///   [`StoreError::Unavailable`], and the store goes on when it is back.
/// - A [unit of work](scim_core::UnitOfWork) is one transaction. It is not tried again when another gets in its way; that
///   is [`StoreError::Unavailable`] then.
/// - Write-only attributes such as `password` are not kept.
///
/// # A second fence around partitions
///
/// Every statement names its partition. As a second fence the tables have row-level security: a role that does not own
/// them sees the rows of no partition but the one in the setting `scim.partition`, and no audit but that of the tenant in
/// the setting `scim.tenant`. To have it, call [`migrate`](Self::migrate) as the owner,
/// `GRANT SELECT, INSERT, UPDATE, DELETE` on the tables (and `SELECT` on `scim_migrations`) to another role, and give
/// [`new`](Self::new) a pool of that role: the store then sets both in every transaction, at the cost of further round
/// trips.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    sessions: Sessions,
    plans: Arc<TypePlans>,
    audit: Option<AuditDetail>,
}

impl PostgresStore {
    /// Connects to a database such as `postgres://user:password@host/name` and brings its tables up to date.
    ///
    /// The feature `tls` encrypts the connection where the server can; `?sslmode=verify-full` behind the URL insists on it
    /// and on the server's certificate. Without the feature another host than this one is refused, unless the URL says
    /// `?sslmode=disable`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] if it is out of reach; [`StoreError::Backend`] if its tables are of a later version
    /// of this library, or cannot be made, or the connection would not be encrypted.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let options: PgConnectOptions = url.parse().map_err(|error: sqlx::Error| StoreError::backend(error))?;
        encryption::check(&options, cfg!(feature = "tls"))?;
        let pool = Self::pool_options().connect_lazy_with(options.statement_cache_capacity(CACHED_STATEMENTS));
        Self::migrate(&pool).await?;
        Self::new(pool).await
    }

    /// The options of the pool that [`connect`](Self::connect) makes, to start from for another. A connection is tested
    /// before it is used only if it was idle for a while.
    #[must_use]
    pub fn pool_options() -> PgPoolOptions {
        PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .before_acquire(|connection, state| {
                Box::pin(async move {
                    if state.idle_for > TRUSTED_IDLE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
    }

    /// Makes the tables, or brings them up to date. Any number of processes may do so at once.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub async fn migrate(pool: &PgPool) -> Result<(), StoreError> {
        Ok(migrations::migrate(pool).await?)
    }

    /// A store over a pool, which the host may share; the tables are there already.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] if the database is out of reach; [`StoreError::Backend`] if the tables are not those
    /// of this version of the library.
    pub async fn new(pool: PgPool) -> Result<Self, StoreError> {
        migrations::verify(&pool).await?;
        let is_fenced = sqlx::query_scalar("SELECT row_security_active('scim_resources')")
            .fetch_one(&pool)
            .await
            .map_err(Fault::from)?;
        let looked_up = LOOKED_UP.map(str::to_owned).to_vec();
        let plans = Arc::new(TypePlans::new(Dialect::Postgres, looked_up));
        Ok(Self { sessions: Sessions { pool, is_fenced }, plans, audit: None })
    }

    /// The pool, for statements of the host's own.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.sessions.pool
    }
}

#[async_trait]
impl ResourceStore for PostgresStore {
    fn capabilities(&self, _: &ResourceType) -> Capabilities {
        crate::types::capabilities()
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        Some(self)
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        if self.audit.is_some() {
            return self.create_audited(cx, &new).await;
        }
        self.create_resource(cx, new).await
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        let relations = self.plans.of(&cx.resource_type).relations(fetch);
        let row = rereading(|| async move {
            let mut session = self.sessions.session(cx.partition()).await?;
            let row = read::resource(session.connection(), cx, id, relations, fetch).await?;
            session.finish().await?;
            Ok(row)
        });
        row.await?.map(|row| row.into_resource(fetch)).transpose()
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        let plan = self.plans.of(&cx.resource_type);
        let plan = &*plan;
        rereading(|| async move {
            let mut session = self.sessions.session(cx.partition()).await?;
            let page = read::list(session.connection(), cx, plan, query).await?;
            session.finish().await?;
            Ok(page)
        })
        .await
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        if self.audit.is_some() {
            return self.update_audited(cx, id, &update).await;
        }
        self.update_resource(cx, id, update).await
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        if self.audit.is_some() {
            return self.delete_audited(cx, id, expect).await;
        }
        self.delete_resource(cx, id, expect).await
    }
}
