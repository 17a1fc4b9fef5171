//! From a change to its record in the audit trail, and from a row back to the record.

use scim_core::{
    Attributes, AuditDetail, AuditKind, AuditRecord, ConnectionId, Context, DateTime, KeyId, MembersUpdate,
    NewResource, RequestId, Resource, ResourceId, StoreError, TenantId, Update,
};
use serde_json::{Map, Value};

/// What is kept of a change until it is done, to be told of it then.
pub(crate) struct Pending {
    kind: AuditKind,
    before: Option<Attributes>,
    members: MembersUpdate,
    write_only: Vec<String>,
}

impl Pending {
    pub(crate) fn of_create(new: &NewResource) -> Self {
        let members =
            if new.members.is_empty() { MembersUpdate::Keep } else { MembersUpdate::Set(new.members.clone()) };
        let write_only = new.write_only.keys().cloned().collect();
        Self { kind: AuditKind::Created, before: None, members, write_only }
    }

    pub(crate) fn of_update(cx: &Context, before: Attributes, update: &Update) -> Self {
        let kind = match &update.move_to {
            Some(target) if target != cx.partition() => AuditKind::of_move(cx.partition(), target),
            _ => AuditKind::Updated,
        };
        let write_only = update.write_only.keys().cloned().collect();
        Self { kind, before: Some(before), members: update.members.clone(), write_only }
    }

    pub(crate) fn of_delete(before: Attributes) -> Self {
        Self { kind: AuditKind::Deleted, before: Some(before), members: MembersUpdate::Keep, write_only: Vec::new() }
    }

    /// The record of what has happened.
    pub(crate) fn record(
        self,
        cx: &Context,
        detail: AuditDetail,
        id: &ResourceId,
        after: Option<&Resource>,
    ) -> AuditRecord {
        let documents = (self.before.as_ref(), after.map(|resource| &resource.attributes));
        AuditRecord::new(cx, self.kind, id.clone())
            .documents(cx, documents, detail)
            .members(&self.members)
            .also_changed(self.write_only)
    }
}

/// The columns of a record that are JSON.
pub(crate) struct JsonColumns {
    pub(crate) changed: String,
    pub(crate) members_added: String,
    pub(crate) members_removed: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

impl JsonColumns {
    pub(crate) fn of(record: &AuditRecord) -> Self {
        let ids = |ids: &[ResourceId]| ids.iter().map(ResourceId::as_str).collect::<Value>().to_string();
        let document = |map: &Option<Map<String, Value>>| map.clone().map(|map| Value::Object(map).to_string());
        Self {
            changed: record.changed.iter().map(String::as_str).collect::<Value>().to_string(),
            members_added: ids(&record.members_added),
            members_removed: ids(&record.members_removed),
            before: document(&record.before),
            after: document(&record.after),
        }
    }
}

/// The columns of a row of the trail, in the order of [`Row`].
#[cfg(feature = "sqlite")]
pub(crate) const COLUMNS: &str =
    "seq, time, tenant, connection, principal, key_id, request_id, resource_type, resource, kind, \
    changed, members_added, members_removed, before, after";

type Text = Option<String>;

/// A row of the trail.
pub(crate) type Row =
    (i64, i64, String, Text, String, Text, String, String, String, String, String, String, String, Text, Text);

pub(crate) fn from_row(row: Row) -> Result<AuditRecord, StoreError> {
    let (
        seq,
        time,
        tenant,
        connection,
        principal,
        key,
        request_id,
        resource_type,
        resource,
        kind,
        changed,
        added,
        removed,
        before,
        after,
    ) = row;
    let kind: AuditKind = kind.parse().map_err(StoreError::backend)?;
    let time = DateTime::from_micros(time);
    let mut record = AuditRecord::at(time, TenantId::new(tenant), kind, ResourceId::new(resource));
    record.sequence = Some(seq);
    record.connection = connection.map(ConnectionId::new);
    record.principal = principal;
    record.key = key.map(KeyId::new);
    record.request_id = RequestId::new(request_id);
    record.resource_type = resource_type;
    record.changed = strings(&changed)?;
    record.members_added = ids(&added)?;
    record.members_removed = ids(&removed)?;
    record.before = document(before)?;
    record.after = document(after)?;
    Ok(record)
}

fn ids(text: &str) -> Result<Vec<ResourceId>, StoreError> {
    Ok(strings(text)?.into_iter().map(ResourceId::new).collect())
}

fn document(text: Text) -> Result<Option<Map<String, Value>>, StoreError> {
    text.map(|text| serde_json::from_str(&text).map_err(StoreError::backend)).transpose()
}

fn strings(text: &str) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(text).map_err(StoreError::backend)
}
