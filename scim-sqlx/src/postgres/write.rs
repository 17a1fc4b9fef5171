//! Making and deleting resources.

use scim_core::{
    Attributes, Context, DateTime, Fetch, Member, MembersUpdate, NewResource, Resource, ResourceId, StoreError, Version,
};
use sqlx::PgConnection;

use super::fault::{retrying, Fault};
use super::read::{is_storable, reread};
use super::{members, PostgresStore};
use crate::keys::Key;
use crate::row::{meta, version_number};
use crate::stored::Stored;
use crate::types::TypePlan;

/// The constraint that makes unique keys unique.
const UNIQUE_KEYS: &str = "scim_keys_pkey";

/// The rows of keys as columns, the way one statement takes any number of them.
pub(super) struct KeyColumns<'k> {
    pub(super) scopes: Vec<&'k str>,
    pub(super) attributes: Vec<&'k str>,
    pub(super) keys: Vec<&'k str>,
    pub(super) distinguishers: Vec<&'k str>,
}

impl<'k> KeyColumns<'k> {
    pub(super) fn new(id: &'k str, keys: &'k [Key]) -> Self {
        Self {
            scopes: keys.iter().map(|key| &*key.scope).collect(),
            attributes: keys.iter().map(|key| &*key.attribute).collect(),
            keys: keys.iter().map(|key| &*key.key).collect(),
            distinguishers: keys.iter().map(|key| key.distinguisher(id)).collect(),
        }
    }
}

/// A resource that is about to be made.
struct Fresh {
    id: ResourceId,
    now: i64,
    stored: Stored,
    attributes: Attributes,
    members: Vec<Member>,
    fetch: Fetch,
}

impl PostgresStore {
    pub(super) async fn create_resource(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        let NewResource { attributes, members, fetch, .. } = new;
        let plan = self.plans.of(&cx.resource_type);
        let stored = Stored::new(cx, &plan, &attributes)?;
        let id = ResourceId::new(uuid::Uuid::now_v7().to_string());
        let fresh = Fresh { id, now: DateTime::now().as_micros(), stored, attributes, members, fetch };
        let (fresh, plan) = (&fresh, &*plan);
        retrying(|| async move {
            let made = if fresh.members.is_empty() {
                self.make(cx, fresh).await
            } else {
                self.make_with_members(cx, plan, fresh).await
            };
            match made {
                Err(fault) => Err(self.name_taken(cx, &fresh.stored.keys, fresh.id.as_str(), fault).await),
                made => made,
            }
        })
        .await
    }

    async fn make(&self, cx: &Context, fresh: &Fresh) -> Result<Resource, Fault> {
        let mut session = self.sessions.session(cx).await?;
        insert(session.connection(), cx, fresh).await?;
        session.finish().await?;
        Ok(Resource::new(fresh.id.clone(), meta(1, fresh.now, fresh.now), fresh.attributes.clone()))
    }

    async fn make_with_members(&self, cx: &Context, plan: &TypePlan, fresh: &Fresh) -> Result<Resource, Fault> {
        let mut transaction = self.sessions.transaction(cx).await?;
        insert(&mut transaction, cx, fresh).await?;
        let set = MembersUpdate::Set(fresh.members.clone());
        let change = members::change(&mut transaction, cx, &fresh.id, 0, &set).await?;
        sqlx::query("UPDATE scim_resources SET members = $3 WHERE tenant = $1 AND id = $2")
            .bind(cx.tenant().as_str())
            .bind(fresh.id.as_str())
            .bind(change.growth)
            .execute(&mut *transaction)
            .await?;
        let resource = reread(&mut transaction, cx, plan, &fresh.id, &fresh.fetch).await?;
        transaction.commit().await?;
        Ok(resource)
    }

    pub(super) async fn delete_resource(
        &self,
        cx: &Context,
        id: &ResourceId,
        expect: Option<&Version>,
    ) -> Result<(), StoreError> {
        retrying(|| async move {
            let mut transaction = self.sessions.transaction(cx).await?;
            lock(&mut transaction, cx, id, expect, "FOR UPDATE").await?;
            members::leave_groups(&mut transaction, cx, id).await?;
            sqlx::query("DELETE FROM scim_resources WHERE tenant = $1 AND id = $2")
                .bind(cx.tenant().as_str())
                .bind(id.as_str())
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// For a violation of the uniqueness of keys, the attribute whose value is taken; every other fault as it is. If
    /// the value has come free meanwhile, it is the first unique attribute.
    pub(super) async fn name_taken(&self, cx: &Context, keys: &[Key], id: &str, fault: Fault) -> Fault {
        if fault.constraint() != Some(UNIQUE_KEYS) {
            return fault;
        }
        let mut unique: Vec<Key> = keys.iter().filter(|key| key.is_unique).cloned().collect();
        let first = unique.first().map(|key| key.attribute.clone()).unwrap_or_default();
        unique.dedup_by(|a, b| a.attribute == b.attribute);
        if unique.len() == 1 {
            return StoreError::uniqueness(first).into();
        }
        match self.taken(cx, keys, id).await {
            Ok(attribute) => StoreError::uniqueness(attribute.unwrap_or(first)).into(),
            Err(fault) => fault,
        }
    }

    async fn taken(&self, cx: &Context, keys: &[Key], id: &str) -> Result<Option<String>, Fault> {
        let columns = KeyColumns::new(id, keys);
        let mut session = self.sessions.session(cx).await?;
        let attribute = sqlx::query_scalar(
            "SELECT k.attribute FROM UNNEST($2::text[], $3::text[], $4::text[], $5::text[]) \
             WITH ORDINALITY AS n(scope, attribute, key, distinguisher, place) \
             JOIN scim_keys k ON k.tenant = $1 AND k.scope = n.scope AND k.attribute = n.attribute \
             AND k.key = n.key AND k.distinguisher = n.distinguisher \
             WHERE n.distinguisher = '' AND k.resource <> $6 ORDER BY n.place LIMIT 1",
        )
        .bind(cx.tenant().as_str())
        .bind(columns.scopes)
        .bind(columns.attributes)
        .bind(columns.keys)
        .bind(columns.distinguishers)
        .bind(id)
        .fetch_optional(session.connection())
        .await?;
        session.finish().await?;
        Ok(attribute)
    }
}

async fn insert(connection: &mut PgConnection, cx: &Context, fresh: &Fresh) -> Result<(), Fault> {
    let columns = KeyColumns::new(fresh.id.as_str(), &fresh.stored.keys);
    sqlx::query(
        "WITH resource AS (INSERT INTO scim_resources \
         (tenant, resource_type, id, version, created, modified, members, document, search) \
         VALUES ($1, $2, $3, 1, $4, $4, 0, $5::json, $6::jsonb) RETURNING id) \
         INSERT INTO scim_keys (tenant, scope, attribute, key, distinguisher, resource) \
         SELECT $1, n.scope, n.attribute, n.key, n.distinguisher, resource.id \
         FROM resource, UNNEST($7::text[], $8::text[], $9::text[], $10::text[]) \
         AS n(scope, attribute, key, distinguisher)",
    )
    .bind(cx.tenant().as_str())
    .bind(cx.resource_type.name())
    .bind(fresh.id.as_str())
    .bind(fresh.now)
    .bind(&fresh.stored.document)
    .bind(&fresh.stored.search)
    .bind(columns.scopes)
    .bind(columns.attributes)
    .bind(columns.keys)
    .bind(columns.distinguishers)
    .execute(connection)
    .await?;
    Ok(())
}

/// Locks a resource that must be of the version; its version and how many members it has.
pub(super) async fn lock(
    connection: &mut PgConnection,
    cx: &Context,
    id: &ResourceId,
    expect: Option<&Version>,
    strength: &'static str,
) -> Result<(i64, i64), Fault> {
    if !is_storable(id.as_str()) {
        return Err(StoreError::NotFound.into());
    }
    let text = format!(
        "SELECT version, members FROM scim_resources WHERE tenant = $1 AND resource_type = $2 AND id = $3 {strength}"
    );
    let row: Option<(i64, i64)> = sqlx::query_as(&text)
        .bind(cx.tenant().as_str())
        .bind(cx.resource_type.name())
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    let (version, members) = row.ok_or(StoreError::NotFound)?;
    match expect {
        Some(expect) if version_number(expect) != Some(version) => Err(StoreError::VersionMismatch.into()),
        _ => Ok((version, members)),
    }
}
