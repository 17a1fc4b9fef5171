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
pub(super) struct Fresh {
    id: ResourceId,
    now: i64,
    stored: Stored,
    attributes: Attributes,
    members: Vec<Member>,
    fetch: Fetch,
}

impl Fresh {
    pub(super) fn new(cx: &Context, plan: &TypePlan, new: NewResource) -> Result<Self, StoreError> {
        let NewResource { attributes, members, fetch, .. } = new;
        let stored = Stored::new(cx, plan, &attributes)?;
        let id = ResourceId::new(uuid::Uuid::now_v7().to_string());
        Ok(Self { id, now: DateTime::now().as_micros(), stored, attributes, members, fetch })
    }

    /// What the resource needs to be named by if its values are taken.
    pub(super) fn names(&self) -> (&[Key], &ResourceId) {
        (&self.stored.keys, &self.id)
    }

    /// Makes the resource: one statement if it has no members, otherwise several, which need a transaction.
    pub(super) async fn make(
        &self,
        connection: &mut PgConnection,
        cx: &Context,
        plan: &TypePlan,
    ) -> Result<Resource, Fault> {
        insert(connection, cx, self).await?;
        if self.members.is_empty() {
            return Ok(Resource::new(self.id.clone(), meta(1, self.now, self.now), self.attributes.clone()));
        }
        let set = MembersUpdate::Set(self.members.clone());
        let change = members::change(connection, cx, &self.id, 0, &set).await?;
        sqlx::query("UPDATE scim_resources SET members = $3 WHERE tenant = $1 AND id = $2")
            .bind(cx.tenant().as_str())
            .bind(self.id.as_str())
            .bind(change.growth)
            .execute(&mut *connection)
            .await?;
        reread(connection, cx, plan, &self.id, &self.fetch).await
    }
}

impl PostgresStore {
    pub(super) async fn create_resource(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        let plan = self.plans.of(&cx.resource_type);
        let fresh = Fresh::new(cx, &plan, new)?;
        let (fresh, plan) = (&fresh, &*plan);
        retrying(|| async move {
            match self.make(cx, plan, fresh).await {
                Err(fault) => Err(self.name_taken(cx, fresh.names(), fault).await),
                made => made,
            }
        })
        .await
    }

    async fn make(&self, cx: &Context, plan: &TypePlan, fresh: &Fresh) -> Result<Resource, Fault> {
        if fresh.members.is_empty() {
            let mut session = self.sessions.session(cx).await?;
            let resource = fresh.make(session.connection(), cx, plan).await?;
            session.finish().await?;
            return Ok(resource);
        }
        let mut transaction = self.sessions.transaction(cx).await?;
        let resource = fresh.make(&mut transaction, cx, plan).await?;
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
            delete(&mut transaction, cx, id, expect).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// As [`name_taken`], on a connection of its own, which is opened only if it is needed.
    pub(super) async fn name_taken(&self, cx: &Context, names: (&[Key], &ResourceId), fault: Fault) -> Fault {
        if !is_ambiguous(names.0, &fault) {
            return only_name_taken(names.0, fault);
        }
        match self.sessions.session(cx).await {
            Ok(mut session) => {
                let fault = name_taken(session.connection(), cx, names, fault).await;
                session.finish().await.err().unwrap_or(fault)
            }
            Err(fault) => fault,
        }
    }
}

/// Deletes a resource and its memberships, in a transaction.
pub(super) async fn delete(
    connection: &mut PgConnection,
    cx: &Context,
    id: &ResourceId,
    expect: Option<&Version>,
) -> Result<(), Fault> {
    lock(connection, cx, id, expect, "FOR UPDATE").await?;
    members::leave_groups(connection, cx, id).await?;
    sqlx::query("DELETE FROM scim_resources WHERE tenant = $1 AND id = $2")
        .bind(cx.tenant().as_str())
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// For a violation of the uniqueness of keys, the attribute whose value is taken; every other fault as it is. If the
/// value has come free meanwhile, it is the first unique attribute.
pub(super) async fn name_taken(
    connection: &mut PgConnection,
    cx: &Context,
    names: (&[Key], &ResourceId),
    fault: Fault,
) -> Fault {
    if !is_ambiguous(names.0, &fault) {
        return only_name_taken(names.0, fault);
    }
    match taken(connection, cx, names).await {
        Ok(Some(attribute)) => StoreError::uniqueness(attribute).into(),
        Ok(None) => only_name_taken(names.0, fault),
        Err(fault) => fault,
    }
}

/// Whether a value is taken, and it could be one of several attributes.
fn is_ambiguous(keys: &[Key], fault: &Fault) -> bool {
    let mut unique = keys.iter().filter(|key| key.is_unique);
    let first = unique.next();
    fault.constraint() == Some(UNIQUE_KEYS) && unique.any(|key| first.is_some_and(|f| f.attribute != key.attribute))
}

fn only_name_taken(keys: &[Key], fault: Fault) -> Fault {
    if fault.constraint() != Some(UNIQUE_KEYS) {
        return fault;
    }
    let first = keys.iter().find(|key| key.is_unique);
    StoreError::uniqueness(first.map(|key| key.attribute.clone()).unwrap_or_default()).into()
}

async fn taken(
    connection: &mut PgConnection,
    cx: &Context,
    (keys, id): (&[Key], &ResourceId),
) -> Result<Option<String>, Fault> {
    let columns = KeyColumns::new(id.as_str(), keys);
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
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(attribute)
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
