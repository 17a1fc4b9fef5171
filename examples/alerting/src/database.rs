//! One database for everything: what SCIM keeps, and the product's own tables beside it.

use std::sync::Arc;

use scim_core::{AuditDetail, AuditQuery, AuditRecord, ConnectionStore, ResourceStore, StoreError, TenantId};
use scim_sqlx::{PostgresStore, SqliteStore};
use sqlx::Row;

/// Where the product keeps its data.
#[derive(Clone)]
pub(crate) enum Database {
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
}

macro_rules! rows {
    ($pool:expr, $sql:expr, $values:expr) => {{
        let query = $values.iter().fold(sqlx::query($sql), |query, value| query.bind(*value));
        let rows = query.fetch_all($pool).await.map_err(StoreError::backend)?;
        let texts = rows.iter().map(|row| (0..row.len()).map(|column| row.try_get(column)).collect());
        texts.collect::<sqlx::Result<_>>().map_err(StoreError::backend)
    }};
}

impl Database {
    /// Opens `postgres://USER:PASSWORD@HOST/DATABASE`, or the file of a path, which is made if it is not there. Every
    /// change is in the audit trail from then on.
    pub(crate) async fn open(place: &str) -> Result<Self, StoreError> {
        Ok(match place.starts_with("postgres://") {
            true => Self::Postgres(PostgresStore::connect(place).await?.with_audit(AuditDetail::Paths)),
            false => Self::Sqlite(SqliteStore::open(place).await?.with_audit(AuditDetail::Paths)),
        })
    }

    pub(crate) fn resources(&self) -> Arc<dyn ResourceStore> {
        match self {
            Self::Sqlite(store) => Arc::new(store.clone()),
            Self::Postgres(store) => Arc::new(store.clone()),
        }
    }

    pub(crate) fn connections(&self) -> Arc<dyn ConnectionStore> {
        match self {
            Self::Sqlite(store) => Arc::new(store.connections()),
            Self::Postgres(store) => Arc::new(store.connections()),
        }
    }

    pub(crate) async fn audit(&self, customer: &TenantId) -> Result<Vec<AuditRecord>, StoreError> {
        match self {
            Self::Sqlite(store) => store.audit(customer, &AuditQuery::newest(1_000)).await,
            Self::Postgres(store) => store.audit(customer, &AuditQuery::newest(1_000)).await,
        }
    }

    /// Runs a statement on the product's own tables, in which everything is text.
    pub(crate) async fn run(&self, sql: &str, values: &[&str]) -> Result<Vec<Vec<String>>, StoreError> {
        match self {
            Self::Sqlite(store) => rows!(store.writer(), sql, values),
            Self::Postgres(store) => rows!(store.pool(), sql, values),
        }
    }
}
