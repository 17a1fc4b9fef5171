//! The request log on SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{ConnectionId, RequestLog, RequestRecord, StoreError};

use super::connect::Pools;
use super::error::error;
use super::SqliteStore;
use crate::request_log::{from_row, Bound, LogRow};

/// The request log in the database of a [`SqliteStore`], which [`SqliteStore::request_log`] gives. A record is one
/// `INSERT` that does not wait for the disk: after a loss of power the last ones may be missing.
#[derive(Clone, Debug)]
pub struct SqliteRequestLog {
    pools: Pools,
    bound: Arc<Bound>,
}

impl SqliteStore {
    /// A request log in the same file that keeps so many records of each connection. Now and then the oldest are
    /// removed, so that there may be a quarter more for a while; they are not shown.
    #[must_use]
    pub fn request_log(&self, records_per_connection: usize) -> SqliteRequestLog {
        SqliteRequestLog { pools: self.pools.clone(), bound: Arc::new(Bound::new(records_per_connection)) }
    }
}

#[async_trait]
impl RequestLog for SqliteRequestLog {
    async fn record(&self, record: &RequestRecord) -> Result<(), StoreError> {
        let ignored = serde_json::to_string(&record.ignored).map_err(StoreError::backend)?;
        let insert = sqlx::query(
            "INSERT INTO scim_requests (time, tenant, connection, key_id, request_id, method, route, resource, status, \
             scim_type, detail, ignored, micros) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )
        .bind(record.time.as_micros())
        .bind(record.tenant.as_str())
        .bind(record.connection.as_str())
        .bind(record.key.as_ref().map(scim_core::KeyId::as_str))
        .bind(record.request_id.as_str())
        .bind(record.method.as_ref())
        .bind(&record.route)
        .bind(record.resource_id.as_ref().map(scim_core::ResourceId::as_str))
        .bind(i64::from(record.status))
        .bind(record.scim_type.as_deref())
        .bind(&record.detail)
        .bind(ignored)
        .bind(i64::try_from(record.micros).unwrap_or(i64::MAX));
        self.pools.note(insert).await?;
        if self.bound.is_due(&record.connection) {
            let trim = sqlx::query(
                "DELETE FROM scim_requests WHERE connection = ?1 AND seq <= \
                 (SELECT seq FROM scim_requests WHERE connection = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
            )
            .bind(record.connection.as_str())
            .bind(i64::try_from(self.bound.most).unwrap_or(i64::MAX));
            self.pools.note(trim).await?;
        }
        Ok(())
    }

    async fn recent(&self, connection: &ConnectionId, count: usize) -> Result<Vec<RequestRecord>, StoreError> {
        let rows: Vec<LogRow> = sqlx::query_as(
            "SELECT time, tenant, connection, key_id, request_id, method, route, resource, status, scim_type, detail, \
             ignored, micros FROM scim_requests WHERE connection = ?1 ORDER BY seq DESC LIMIT ?2",
        )
        .bind(connection.as_str())
        .bind(i64::try_from(count.min(self.bound.most)).unwrap_or(i64::MAX))
        .fetch_all(&self.pools.readers)
        .await
        .map_err(error)?;
        rows.into_iter().map(from_row).collect()
    }
}
