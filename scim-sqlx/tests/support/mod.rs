//! What the tests of the stores share.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

pub(crate) mod random;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;

use scim_core::{Context, Principal, ResourceStore, ResourceType, TenantId};
use scim_sqlx::{PostgresStore, SqliteStore};
use sqlx::Connection as _;

/// A directory that is gone with the value.
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("scim-sqlx-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A store under test, and what it leaves behind when it is done.
pub(crate) struct Backend {
    pub(crate) name: &'static str,
    pub(crate) store: Arc<dyn ResourceStore>,
    _directory: Option<TempDir>,
}

pub(crate) async fn sqlite() -> Backend {
    let directory = TempDir::new();
    let store = SqliteStore::open(directory.file("scim.db")).await.unwrap();
    Backend { name: "SQLite", store: Arc::new(store), _directory: Some(directory) }
}

/// A store in a database of its own, in the PostgreSQL that `.ci/with-postgres` started; `None` without it.
pub(crate) async fn postgres() -> Option<Backend> {
    let url = postgres_database().await?;
    let store = PostgresStore::connect(&url).await.unwrap();
    Some(Backend { name: "PostgreSQL", store: Arc::new(store), _directory: None })
}

/// The URL of a new database.
pub(crate) async fn postgres_database() -> Option<String> {
    let Ok(server) = std::env::var("SCIM_TEST_POSTGRES") else {
        assert!(std::env::var_os("CI").is_none(), "run the tests by .ci/with-postgres");
        return None;
    };
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("scim_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
    sqlx::raw_sql(&format!("CREATE DATABASE {name}")).execute(&mut connection).await.unwrap();
    let (server, _) = server.rsplit_once('/').unwrap();
    Some(format!("{server}/{name}"))
}

/// A pool of a role that does not own the tables of a new database, which are made here.
pub(crate) async fn fenced(url: &str) -> sqlx::PgPool {
    let owner = PostgresStore::connect(url).await.unwrap();
    let role = format!("app_{}", url.rsplit('/').next().unwrap());
    sqlx::raw_sql(&format!(
        "CREATE ROLE {role} LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}; \
         REVOKE INSERT, UPDATE, DELETE ON scim_migrations FROM {role}"
    ))
    .execute(owner.pool())
    .await
    .unwrap();
    PostgresStore::pool_options().connect(&url.replacen("//scim@", &format!("//{role}@"), 1)).await.unwrap()
}

/// Every store there is.
pub(crate) async fn all() -> Vec<Backend> {
    let mut all = vec![memory(), sqlite().await];
    all.extend(postgres().await);
    all
}

pub(crate) fn memory() -> Backend {
    Backend { name: "memory", store: Arc::new(scim_core::MemoryStore::new()), _directory: None }
}

pub(crate) fn context(tenant: &str, resource_type: &Arc<ResourceType>) -> Context {
    Context::new(Principal::new(TenantId::new(tenant), "test"), Arc::clone(resource_type))
}
