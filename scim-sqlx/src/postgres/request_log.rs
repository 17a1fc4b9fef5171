//! The request log on PostgreSQL.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{ConnectionId, RequestLog, RequestRecord, StoreError};

use sqlx::PgPool;

use super::fault::{rereading, Fault};
use super::PostgresStore;
use crate::request_log::{from_row, Bound, LogRow};

/// The request log in the database of a [`PostgresStore`], which [`PostgresStore::request_log`] gives. A record is one
/// `INSERT` that does not wait for the disk: after a loss of power the last ones may be missing.
#[derive(Clone, Debug)]
pub struct PostgresRequestLog {
    pool: PgPool,
    bound: Arc<Bound>,
}

const RECENT: &str =
    "SELECT time, tenant, connection, key_id, request_id, method, route, resource, status, scim_type, \
    detail, ignored::text, micros FROM scim_requests WHERE connection = $1 ORDER BY seq DESC LIMIT $2";

impl PostgresStore {
    /// A request log in the same database that keeps so many records of each connection. Now and then the oldest are
    /// removed, so that there may be a quarter more for a while; they are not shown.
    #[must_use]
    pub fn request_log(&self, records_per_connection: usize) -> PostgresRequestLog {
        PostgresRequestLog { pool: self.sessions.pool.clone(), bound: Arc::new(Bound::new(records_per_connection)) }
    }
}

#[async_trait]
impl RequestLog for PostgresRequestLog {
    async fn record(&self, record: &RequestRecord) -> Result<(), StoreError> {
        let ignored = serde_json::to_string(&record.ignored).map_err(StoreError::backend)?;
        let insert = sqlx::query(
            "WITH hasty AS (SELECT set_config('synchronous_commit', 'off', true)) \
             INSERT INTO scim_requests (time, tenant, connection, key_id, request_id, method, route, resource, status, \
             scim_type, detail, ignored, micros) \
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::json, $13 FROM hasty",
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
        insert.execute(&self.pool).await.map_err(Fault::from)?;
        if self.bound.is_due(&record.connection) {
            let trim = sqlx::query(
                "DELETE FROM scim_requests WHERE connection = $1 AND seq <= \
                 (SELECT seq FROM scim_requests WHERE connection = $1 ORDER BY seq DESC LIMIT 1 OFFSET $2)",
            )
            .bind(record.connection.as_str())
            .bind(i64::try_from(self.bound.most).unwrap_or(i64::MAX));
            trim.execute(&self.pool).await.map_err(Fault::from)?;
        }
        Ok(())
    }

    async fn recent(&self, connection: &ConnectionId, count: usize) -> Result<Vec<RequestRecord>, StoreError> {
        let rows: Vec<LogRow> = rereading(|| async move {
            let select = sqlx::query_as(RECENT)
                .bind(connection.as_str())
                .bind(i64::try_from(count.min(self.bound.most)).unwrap_or(i64::MAX));
            Ok(select.fetch_all(&self.pool).await?)
        })
        .await?;
        rows.into_iter().map(from_row).collect()
    }
}
