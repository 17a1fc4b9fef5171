//! Making and deleting resources.

use scim_core::{
    Attributes, Context, DateTime, Fetch, Member, MembersUpdate, NewResource, Resource, ResourceId, StoreError, Version,
};
use sqlx::{Connection as _, PgConnection};

use super::fault::{retrying, Fault};
use super::read::{is_storable, reread};
use super::{members, PostgresStore};
use crate::claims::Claim;
use crate::keys::Key;
use crate::row::{meta, version_number};
use crate::stored::Stored;
use crate::types::TypePlan;

/// The constraint that makes unique keys unique, and the one for what is unique beyond the partition.
const UNIQUE_KEYS: &str = "scim_keys_pkey";
const UNIQUE_CLAIMS: &str = "scim_claims_pkey";

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

/// The rows of claims as columns, likewise.
pub(super) struct ClaimColumns<'k> {
    pub(super) spaces: Vec<&'k str>,
    pub(super) scopes: Vec<&'k str>,
    pub(super) attributes: Vec<&'k str>,
    pub(super) keys: Vec<&'k str>,
}

impl<'k> ClaimColumns<'k> {
    pub(super) fn new(claims: &'k [Claim]) -> Self {
        Self {
            spaces: claims.iter().map(|claim| &*claim.space).collect(),
            scopes: claims.iter().map(|claim| &*claim.scope).collect(),
            attributes: claims.iter().map(|claim| &*claim.attribute).collect(),
            keys: claims.iter().map(|claim| &*claim.key).collect(),
        }
    }
}

/// What a resource needs to be named by if its values are taken.
pub(super) type Names<'a> = (&'a Stored, &'a ResourceId);

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
    pub(super) fn names(&self) -> Names<'_> {
        (&self.stored, &self.id)
    }

    /// Makes the resource: one statement if it has no members, otherwise several, which need a transaction.
    pub(super) async fn make(
        &self,
        connection: &mut PgConnection,
        cx: &Context,
        plan: &TypePlan,
    ) -> Result<Resource, Fault> {
        let meta_columns = (1, self.now, self.now);
        insert(connection, cx, self.names(), meta_columns).await?;
        if self.members.is_empty() {
            return Ok(Resource::new(self.id.clone(), meta(1, self.now, self.now), self.attributes.clone()));
        }
        let set = MembersUpdate::Set(self.members.clone());
        let change = members::change(connection, cx, &self.id, 0, &set).await?;
        members::set_count(connection, cx, &self.id, change.growth).await?;
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
            let mut session = self.sessions.session(cx.partition()).await?;
            let resource = fresh.make(session.connection(), cx, plan).await?;
            session.finish().await?;
            return Ok(resource);
        }
        let mut transaction = self.sessions.transaction(cx.partition()).await?;
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
            let mut transaction = self.sessions.transaction(cx.partition()).await?;
            delete(&mut transaction, cx, id, expect).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// As [`name_taken`], on a connection of its own, which is opened only if it is needed.
    pub(super) async fn name_taken(&self, cx: &Context, names: Names<'_>, fault: Fault) -> Fault {
        if !is_ambiguous(names.0, &fault) {
            return only_name_taken(names.0, fault);
        }
        match self.sessions.session(cx.partition()).await {
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
    take_out(connection, cx, id).await?;
    Ok(())
}

/// Takes a resource that is locked away, with its keys, claims and memberships; when it was made and changed, and its
/// document.
pub(super) async fn take_out(
    connection: &mut PgConnection,
    cx: &Context,
    id: &ResourceId,
) -> Result<(i64, i64, String), Fault> {
    members::leave_groups(connection, cx, id).await?;
    let row = sqlx::query_as(
        "WITH freed AS (DELETE FROM scim_claims WHERE partition = $1 AND resource = $2) \
         DELETE FROM scim_resources WHERE partition = $1 AND id = $2 RETURNING created, modified, document::text",
    )
    .bind(cx.partition().key())
    .bind(id.as_str())
    .fetch_one(connection)
    .await?;
    Ok(row)
}

/// For a violation of uniqueness, the attribute whose value is taken; every other fault as it is. If the value has come
/// free meanwhile, it is the first unique attribute.
pub(super) async fn name_taken(connection: &mut PgConnection, cx: &Context, names: Names<'_>, fault: Fault) -> Fault {
    if !is_ambiguous(names.0, &fault) {
        return only_name_taken(names.0, fault);
    }
    let taken = match fault.constraint() {
        Some(UNIQUE_CLAIMS) => taken_claim(connection, cx, names).await,
        _ => taken(connection, cx, names).await,
    };
    match taken {
        Ok(Some(attribute)) => StoreError::uniqueness(attribute).into(),
        Ok(None) => only_name_taken(names.0, fault),
        Err(fault) => fault,
    }
}

/// The attributes whose values may be those that are taken; none if the fault is another one.
fn suspects<'s>(stored: &'s Stored, fault: &Fault) -> Vec<&'s str> {
    match fault.constraint() {
        Some(UNIQUE_KEYS) => stored.keys.iter().filter(|key| key.is_unique).map(|key| key.attribute.as_str()).collect(),
        Some(UNIQUE_CLAIMS) => stored.claims.iter().map(|claim| claim.attribute.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// Whether a value is taken, and it could be one of several attributes.
fn is_ambiguous(stored: &Stored, fault: &Fault) -> bool {
    let suspects = suspects(stored, fault);
    suspects.iter().any(|attribute| suspects.first() != Some(attribute))
}

fn only_name_taken(stored: &Stored, fault: Fault) -> Fault {
    if !matches!(fault.constraint(), Some(UNIQUE_KEYS | UNIQUE_CLAIMS)) {
        return fault;
    }
    let first = suspects(stored, &fault).first().copied().unwrap_or_default().to_owned();
    StoreError::uniqueness(first).into()
}

async fn taken(connection: &mut PgConnection, cx: &Context, (stored, id): Names<'_>) -> Result<Option<String>, Fault> {
    let columns = KeyColumns::new(id.as_str(), &stored.keys);
    let attribute = sqlx::query_scalar(
        "SELECT k.attribute FROM UNNEST($2::text[], $3::text[], $4::text[], $5::text[]) \
         WITH ORDINALITY AS n(scope, attribute, key, distinguisher, place) \
         JOIN scim_keys k ON k.partition = $1 AND k.scope = n.scope AND k.attribute = n.attribute \
         AND k.key = n.key AND k.distinguisher = n.distinguisher \
         WHERE n.distinguisher = '' AND k.resource <> $6 ORDER BY n.place LIMIT 1",
    )
    .bind(cx.partition().key())
    .bind(columns.scopes)
    .bind(columns.attributes)
    .bind(columns.keys)
    .bind(columns.distinguishers)
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(attribute)
}

/// The attribute whose value another resource has claimed. The fence hides the claims of others, so that the only way to
/// know them is to try; what was tried is rolled back.
async fn taken_claim(
    connection: &mut PgConnection,
    cx: &Context,
    (stored, id): Names<'_>,
) -> Result<Option<String>, Fault> {
    let mut attempt = connection.begin().await?;
    sqlx::query("DELETE FROM scim_claims WHERE partition = $1 AND resource = $2")
        .bind(cx.partition().key())
        .bind(id.as_str())
        .execute(&mut *attempt)
        .await?;
    let columns = ClaimColumns::new(&stored.claims);
    let free: Vec<(String, String, String)> = sqlx::query_as(
        "INSERT INTO scim_claims (space, scope, attribute, key, partition, resource) \
         SELECT n.space, n.scope, n.attribute, n.key, $1, $2 \
         FROM UNNEST($3::text[], $4::text[], $5::text[], $6::text[]) AS n(space, scope, attribute, key) \
         ON CONFLICT DO NOTHING RETURNING scope, attribute, key",
    )
    .bind(cx.partition().key())
    .bind(id.as_str())
    .bind(columns.spaces)
    .bind(columns.scopes)
    .bind(columns.attributes)
    .bind(columns.keys)
    .fetch_all(&mut *attempt)
    .await?;
    attempt.rollback().await?;
    let is_free = |claim: &&Claim| {
        free.iter()
            .any(|(scope, attribute, key)| (scope, attribute, key) == (&claim.scope, &claim.attribute, &claim.key))
    };
    Ok(stored.claims.iter().find(|claim| !is_free(claim)).map(|claim| claim.attribute.clone()))
}

/// Inserts a resource of this version that was made and changed at these times, with its keys and claims.
pub(super) async fn insert(
    connection: &mut PgConnection,
    cx: &Context,
    (stored, id): Names<'_>,
    (version, created, modified): (i64, i64, i64),
) -> Result<(), Fault> {
    let keys = "INSERT INTO scim_keys (partition, scope, attribute, key, distinguisher, resource) \
        SELECT $1, n.scope, n.attribute, n.key, n.distinguisher, resource.id \
        FROM resource, UNNEST($9::text[], $10::text[], $11::text[], $12::text[]) \
        AS n(scope, attribute, key, distinguisher)";
    let claims = "INSERT INTO scim_claims (space, scope, attribute, key, partition, resource) \
        SELECT n.space, n.scope, n.attribute, n.key, $1, resource.id \
        FROM resource, UNNEST($13::text[], $14::text[], $15::text[], $16::text[]) AS n(space, scope, attribute, key)";
    let has_claims = !stored.claims.is_empty();
    let rest = if has_claims { format!(", keys AS ({keys}) {claims}") } else { format!(" {keys}") };
    let text = format!(
        "WITH resource AS (INSERT INTO scim_resources \
         (partition, resource_type, id, version, created, modified, members, document, search) \
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7::json, $8::jsonb) RETURNING id){rest}"
    );
    let columns = KeyColumns::new(id.as_str(), &stored.keys);
    let mut query = sqlx::query(&text)
        .bind(cx.partition().key())
        .bind(cx.resource_type.name())
        .bind(id.as_str())
        .bind(version)
        .bind(created)
        .bind(modified)
        .bind(&stored.document)
        .bind(&stored.search)
        .bind(columns.scopes)
        .bind(columns.attributes)
        .bind(columns.keys)
        .bind(columns.distinguishers);
    if has_claims {
        let columns = ClaimColumns::new(&stored.claims);
        query = query.bind(columns.spaces).bind(columns.scopes).bind(columns.attributes).bind(columns.keys);
    }
    query.execute(connection).await?;
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
        "SELECT version, members FROM scim_resources WHERE partition = $1 AND resource_type = $2 AND id = $3 {strength}"
    );
    let row: Option<(i64, i64)> = sqlx::query_as(&text)
        .bind(cx.partition().key())
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
