//! Changes with their records in the audit trail, in one transaction.

use scim_core::{
    AuditDetail, AuditQuery, AuditRecord, Context, DateTime, NewResource, Partition, Resource, ResourceId, StoreError,
    TenantId, Update, Version,
};
use sqlx::PgConnection;

use super::fault::{rereading, retrying, Fault};
use super::PostgresStore;
use crate::audit::{from_row, JsonColumns, Row};

/// As the common columns, with JSON as text.
const COLUMNS: &str = "seq, time, tenant, connection, principal, key_id, request_id, resource_type, resource, kind, \
    changed::text, members_added::text, members_removed::text, before::text, after::text";

impl PostgresStore {
    /// The store with an audit trail: one row in `scim_audit` for every change of a resource, written in the transaction
    /// of the change, so that there is neither a change without its row nor a row without its change. What took one
    /// round trip takes several then.
    #[must_use]
    pub fn with_audit(mut self, detail: AuditDetail) -> Self {
        self.audit = Some(detail);
        self
    }

    /// The audit trail of a tenant, the newest first.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub async fn audit(&self, tenant: &TenantId, query: &AuditQuery) -> Result<Vec<AuditRecord>, StoreError> {
        let partition = &Partition::of_tenant(tenant.clone());
        let only = [
            ("connection", query.connection().map(scim_core::ConnectionId::as_str)),
            ("resource", query.resource().map(ResourceId::as_str)),
        ];
        let mut text = format!("SELECT {COLUMNS} FROM scim_audit WHERE tenant = $1 AND seq < $2");
        let wanted = only.into_iter().filter_map(|(column, value)| Some((column, value?)));
        let wanted: Vec<(&str, &str)> = wanted.collect();
        for (place, (column, _)) in (4..).zip(&wanted) {
            text.push_str(&format!(" AND {column} = ${place}"));
        }
        text.push_str(" ORDER BY seq DESC LIMIT $3");
        let (text, wanted) = (&text, &wanted);
        let rows: Vec<Row> = rereading(|| async move {
            let mut session = self.sessions.session(partition).await?;
            let mut select = sqlx::query_as(text)
                .bind(tenant.as_str())
                .bind(query.sequence_before().unwrap_or(i64::MAX))
                .bind(i64::try_from(query.count()).unwrap_or(i64::MAX));
            for (_, value) in wanted {
                select = select.bind(*value);
            }
            let rows = select.fetch_all(session.connection()).await?;
            session.finish().await?;
            Ok(rows)
        })
        .await?;
        rows.into_iter().map(from_row).collect()
    }

    /// Forgets what a tenant's audit trail holds of the time before this; how many records those were.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub async fn forget_audit(&self, tenant: &TenantId, before: DateTime) -> Result<u64, StoreError> {
        let partition = &Partition::of_tenant(tenant.clone());
        retrying(|| async move {
            let mut transaction = self.sessions.transaction(partition).await?;
            let gone = sqlx::query("DELETE FROM scim_audit WHERE tenant = $1 AND time < $2")
                .bind(tenant.as_str())
                .bind(before.as_micros())
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            Ok(gone.rows_affected())
        })
        .await
    }
}

/// Changes that are more than one statement because of their record: each is a unit of work of one operation.
impl PostgresStore {
    pub(super) async fn create_audited(&self, cx: &Context, new: &NewResource) -> Result<Resource, StoreError> {
        retrying(|| async move {
            let unit = self.begin_unit(cx).await?;
            let resource = unit.make(cx, new.clone()).await?;
            unit.end().await?;
            Ok(resource)
        })
        .await
    }

    pub(super) async fn update_audited(
        &self,
        cx: &Context,
        id: &ResourceId,
        update: &Update,
    ) -> Result<Resource, StoreError> {
        retrying(|| async move {
            let unit = self.begin_unit(cx).await?;
            let resource = unit.change(cx, id, update.clone()).await?;
            unit.end().await?;
            Ok(resource)
        })
        .await
    }

    pub(super) async fn delete_audited(
        &self,
        cx: &Context,
        id: &ResourceId,
        expect: Option<&Version>,
    ) -> Result<(), StoreError> {
        retrying(|| async move {
            let unit = self.begin_unit(cx).await?;
            unit.remove(cx, id, expect).await?;
            unit.end().await
        })
        .await
    }
}

/// Writes a record into the trail.
pub(super) async fn insert(connection: &mut PgConnection, record: &AuditRecord) -> Result<(), Fault> {
    let json = JsonColumns::of(record);
    sqlx::query(
        "INSERT INTO scim_audit (time, tenant, connection, principal, key_id, request_id, resource_type, resource, kind, \
         changed, members_added, members_removed, before, after) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::json, $11::json, $12::json, $13::json, $14::json)",
    )
    .bind(record.time.as_micros())
    .bind(record.tenant.as_str())
    .bind(record.connection.as_ref().map(scim_core::ConnectionId::as_str))
    .bind(&record.principal)
    .bind(record.key.as_ref().map(scim_core::KeyId::as_str))
    .bind(record.request_id.as_str())
    .bind(&record.resource_type)
    .bind(record.resource_id.as_str())
    .bind(record.kind.as_str())
    .bind(json.changed)
    .bind(json.members_added)
    .bind(json.members_removed)
    .bind(json.before)
    .bind(json.after)
    .execute(connection)
    .await?;
    Ok(())
}
