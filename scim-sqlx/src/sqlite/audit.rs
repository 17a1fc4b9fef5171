//! Changes with their records in the audit trail, in a transaction that is open.

use scim_core::{
    AuditDetail, AuditQuery, AuditRecord, Context, DateTime, Fetch, NewResource, Resource, ResourceId, StoreError,
    TenantId, Update, Version,
};
use sqlx::SqliteConnection;

use super::error::error;
use super::{read, write, SqliteStore};
use crate::audit::{from_row, JsonColumns, Pending, Row, COLUMNS};
use crate::types::{TypePlans, NO_RELATIONS};

/// What every change goes by.
#[derive(Debug)]
pub(super) struct Writing {
    pub(super) plans: TypePlans,
    /// How much the audit trail tells, if there is one.
    pub(super) audit: Option<AuditDetail>,
}

impl Writing {
    pub(super) async fn create(
        &self,
        connection: &mut SqliteConnection,
        cx: &Context,
        new: NewResource,
    ) -> Result<Resource, StoreError> {
        let Some(detail) = self.audit else { return write::create(connection, &self.plans, cx, new).await };
        let pending = Pending::of_create(&new);
        let resource = write::create(connection, &self.plans, cx, new).await?;
        insert(connection, &pending.record(cx, detail, &resource.id, Some(&resource))).await?;
        Ok(resource)
    }

    pub(super) async fn update(
        &self,
        connection: &mut SqliteConnection,
        cx: &Context,
        id: &ResourceId,
        update: Update,
    ) -> Result<Resource, StoreError> {
        let Some(detail) = self.audit else { return write::update(connection, &self.plans, cx, id, update).await };
        let before = read(connection, cx, id).await?;
        let pending = Pending::of_update(cx, before.attributes, &update);
        let resource = write::update(connection, &self.plans, cx, id, update).await?;
        if resource.meta.version != before.meta.version {
            insert(connection, &pending.record(cx, detail, id, Some(&resource))).await?;
        }
        Ok(resource)
    }

    pub(super) async fn delete(
        &self,
        connection: &mut SqliteConnection,
        cx: &Context,
        id: &ResourceId,
        expect: Option<&Version>,
    ) -> Result<(), StoreError> {
        let Some(detail) = self.audit else { return write::delete(connection, cx, id, expect).await };
        let pending = Pending::of_delete(read(connection, cx, id).await?.attributes);
        write::delete(connection, cx, id, expect).await?;
        insert(connection, &pending.record(cx, detail, id, None)).await
    }
}

async fn read(connection: &mut SqliteConnection, cx: &Context, id: &ResourceId) -> Result<Resource, StoreError> {
    let row = read::resource(connection, cx, id.as_str(), NO_RELATIONS, &Fetch::all()).await?;
    row.ok_or(StoreError::NotFound)?.into_resource(&Fetch::all())
}

async fn insert(connection: &mut SqliteConnection, record: &AuditRecord) -> Result<(), StoreError> {
    let json = JsonColumns::of(record);
    sqlx::query(
        "INSERT INTO scim_audit (time, tenant, connection, principal, key_id, request_id, resource_type, resource, kind, \
         changed, members_added, members_removed, before, after) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
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
    .await
    .map_err(error)?;
    Ok(())
}

impl SqliteStore {
    /// The store with an audit trail: one row in `scim_audit` for every change of a resource, written in the transaction
    /// of the change, so that there is neither a change without its row nor a row without its change. To be called
    /// before the store is cloned or used.
    #[must_use]
    pub fn with_audit(mut self, detail: AuditDetail) -> Self {
        let plans = TypePlans::like(&self.writing.plans);
        self.writing = std::sync::Arc::new(Writing { plans, audit: Some(detail) });
        self
    }

    /// The audit trail of a tenant, the newest first.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub async fn audit(&self, tenant: &TenantId, query: &AuditQuery) -> Result<Vec<AuditRecord>, StoreError> {
        let mut text = format!("SELECT {COLUMNS} FROM scim_audit WHERE tenant = ?1 AND seq < ?2");
        if query.connection().is_some() {
            text.push_str(" AND connection = ?4");
        }
        if query.resource().is_some() {
            text.push_str(" AND resource = ?5");
        }
        text.push_str(" ORDER BY seq DESC LIMIT ?3");
        let rows: Vec<Row> = sqlx::query_as(&text)
            .bind(tenant.as_str())
            .bind(query.sequence_before().unwrap_or(i64::MAX))
            .bind(i64::try_from(query.count()).unwrap_or(i64::MAX))
            .bind(query.connection().map(scim_core::ConnectionId::as_str))
            .bind(query.resource().map(ResourceId::as_str))
            .fetch_all(&self.pools.readers)
            .await
            .map_err(error)?;
        rows.into_iter().map(from_row).collect()
    }

    /// Forgets what a tenant's audit trail holds of the time before this; how many records those were.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub async fn forget_audit(&self, tenant: &TenantId, before: DateTime) -> Result<u64, StoreError> {
        let gone = sqlx::query("DELETE FROM scim_audit WHERE tenant = ?1 AND time < ?2")
            .bind(tenant.as_str())
            .bind(before.as_micros())
            .execute(&self.pools.writer)
            .await
            .map_err(error)?;
        Ok(gone.rows_affected())
    }
}
