//! Writing resources, in a transaction that is open.

use scim_core::sql::search_document;
use scim_core::{
    Attributes, Context, DateTime, Fetch, MembersUpdate, NewResource, Resource, ResourceId, StoreError, Update, Version,
};
use serde_json::{json, Value};
use sqlx::SqliteConnection;

use super::error::error;
use super::members::{self, MembersChange};
use super::moving::relocate;
use super::read;
use crate::claims::Claim;
use crate::keys::{Key, KeyAttribute};
use crate::row::{meta, version_number, Row};
use crate::stored::Stored;
use crate::types::{TypePlan, TypePlans, NO_RELATIONS};

/// Makes a resource.
pub(super) async fn create(
    connection: &mut SqliteConnection,
    plans: &TypePlans,
    cx: &Context,
    new: NewResource,
) -> Result<Resource, StoreError> {
    let NewResource { attributes, members, fetch, .. } = new;
    let plan = plans.of(&cx.resource_type);
    let stored = Stored::new(cx, &plan, &attributes)?;
    let id = ResourceId::new(uuid::Uuid::now_v7().to_string());
    let now = DateTime::now().as_micros();

    sqlx::query(
        "INSERT INTO scim_resources \
         (partition, resource_type, id, version, created, modified, members, document, search) \
         VALUES (?1, ?2, ?3, 1, ?4, ?4, 0, ?5, ?6)",
    )
    .bind(cx.partition().key())
    .bind(cx.resource_type.name())
    .bind(id.as_str())
    .bind(now)
    .bind(&stored.document)
    .bind(&stored.search)
    .execute(&mut *connection)
    .await
    .map_err(error)?;
    insert_keys(connection, cx, id.as_str(), &stored.keys).await?;
    claim(connection, cx, id.as_str(), &stored.claims).await?;
    let has_members = !members.is_empty();
    if has_members {
        let set = MembersUpdate::Set(members);
        let change = members::change(connection, cx, id.as_str(), 0, set).await?;
        members::grow(connection, cx, id.as_str(), change.growth).await?;
    }
    let resource = if has_members && plan.relations(&fetch).members {
        reread(connection, cx, &plan, id.as_str(), &fetch).await?
    } else {
        Resource::new(id, meta(1, now, now), attributes)
    };
    Ok(resource)
}

/// Changes a resource.
pub(super) async fn update(
    connection: &mut SqliteConnection,
    plans: &TypePlans,
    cx: &Context,
    id: &ResourceId,
    mut update: Update,
) -> Result<Resource, StoreError> {
    if let Some(target) = update.move_to.take().filter(|target| target != cx.partition()) {
        return relocate(connection, plans, cx, (id, &target), update).await;
    }
    let Update { attributes, members, expect, fetch, .. } = update;
    let plan = plans.of(&cx.resource_type);
    let before = expected(connection, cx, id, expect.as_ref()).await?;
    let old = before.attributes()?;
    let changed = attributes.filter(|attributes| *attributes != old);
    if let Some(attributes) = &changed {
        replace_document(connection, cx, &plan, id.as_str(), (&old, attributes)).await?;
    }
    let membership = match members {
        MembersUpdate::Keep => MembersChange::default(),
        members => {
            let count = members::count(connection, cx, id.as_str()).await?;
            members::change(connection, cx, id.as_str(), count, members).await?
        }
    };
    if changed.is_some() || membership.is_change {
        sqlx::query(
            "UPDATE scim_resources SET version = version + 1, modified = max(modified, ?3), members = members + ?4 \
             WHERE partition = ?1 AND id = ?2",
        )
        .bind(cx.partition().key())
        .bind(id.as_str())
        .bind(DateTime::now().as_micros())
        .bind(membership.growth)
        .execute(&mut *connection)
        .await
        .map_err(error)?;
    }
    let resource = reread(connection, cx, &plan, id.as_str(), &fetch).await?;
    Ok(resource)
}

/// Deletes a resource and its memberships.
pub(super) async fn delete(
    connection: &mut SqliteConnection,
    cx: &Context,
    id: &ResourceId,
    expect: Option<&Version>,
) -> Result<(), StoreError> {
    expected(connection, cx, id, expect).await?;
    take_out(connection, cx, id).await
}

/// Takes a resource away, with its keys, claims and memberships.
pub(super) async fn take_out(
    connection: &mut SqliteConnection,
    cx: &Context,
    id: &ResourceId,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE scim_resources SET version = version + 1, modified = max(modified, ?3), members = members - 1 \
         WHERE partition = ?1 AND id IN (SELECT group_id FROM scim_memberships WHERE partition = ?1 AND member_id = ?2)",
    )
    .bind(cx.partition().key())
    .bind(id.as_str())
    .bind(DateTime::now().as_micros())
    .execute(&mut *connection)
    .await
    .map_err(error)?;
    sqlx::query("DELETE FROM scim_resources WHERE partition = ?1 AND id = ?2")
        .bind(cx.partition().key())
        .bind(id.as_str())
        .execute(&mut *connection)
        .await
        .map_err(error)?;
    Ok(())
}

/// The resource as it is, if it is of the version.
pub(super) async fn expected(
    connection: &mut SqliteConnection,
    cx: &Context,
    id: &ResourceId,
    version: Option<&Version>,
) -> Result<Row, StoreError> {
    let row = read::resource(connection, cx, id.as_str(), NO_RELATIONS, &Fetch::all()).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    match version {
        Some(version) if version_number(version) != Some(row.version) => Err(StoreError::VersionMismatch),
        _ => Ok(row),
    }
}

pub(super) async fn reread(
    connection: &mut SqliteConnection,
    cx: &Context,
    plan: &TypePlan,
    id: &str,
    fetch: &Fetch,
) -> Result<Resource, StoreError> {
    let row = read::resource(connection, cx, id, plan.relations(fetch), fetch).await?;
    row.ok_or(StoreError::NotFound)?.into_resource(fetch)
}

/// Puts another document in the place of the old one, and touches no key that both have.
async fn replace_document(
    connection: &mut SqliteConnection,
    cx: &Context,
    plan: &TypePlan,
    id: &str,
    (old, new): (&Attributes, &Attributes),
) -> Result<(), StoreError> {
    let stored = Stored::new(cx, plan, new)?;
    let present = KeyAttribute::keys_within(cx, &plan.keys, &search_document(&cx.resource_type, old));
    sqlx::query("UPDATE scim_resources SET document = ?3, search = ?4 WHERE partition = ?1 AND id = ?2")
        .bind(cx.partition().key())
        .bind(id)
        .bind(&stored.document)
        .bind(&stored.search)
        .execute(&mut *connection)
        .await
        .map_err(error)?;
    let gone: Vec<Key> = present.iter().filter(|key| !stored.keys.contains(key)).cloned().collect();
    if !gone.is_empty() {
        sqlx::query(
            "DELETE FROM scim_keys WHERE partition = ?1 AND resource = ?2 AND (scope, attribute, key) IN \
             (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?3))",
        )
        .bind(cx.partition().key())
        .bind(id)
        .bind(key_rows(id, &gone))
        .execute(&mut *connection)
        .await
        .map_err(error)?;
    }
    let come: Vec<Key> = stored.keys.into_iter().filter(|key| !present.contains(key)).collect();
    insert_keys(connection, cx, id, &come).await?;
    if plan.has_claims {
        give_up_claims(connection, cx, id, &stored.claims).await?;
        claim(connection, cx, id, &stored.claims).await?;
    }
    Ok(())
}

/// Gives up what a resource has claimed and is not among these claims.
async fn give_up_claims(
    connection: &mut SqliteConnection,
    cx: &Context,
    id: &str,
    kept: &[Claim],
) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM scim_claims WHERE partition = ?1 AND resource = ?2 AND (space, scope, attribute, key) NOT IN \
         (SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?3))",
    )
    .bind(cx.partition().key())
    .bind(id)
    .bind(claim_rows(kept))
    .execute(connection)
    .await
    .map_err(error)?;
    Ok(())
}

/// Claims values. The lock of the database is held, so that nobody comes between looking and claiming.
pub(super) async fn claim(
    connection: &mut SqliteConnection,
    cx: &Context,
    id: &str,
    claims: &[Claim],
) -> Result<(), StoreError> {
    if claims.is_empty() {
        return Ok(());
    }
    let rows = claim_rows(claims);
    let taken: Option<String> = sqlx::query_scalar(
        "SELECT c.attribute FROM json_each(?3) j JOIN scim_claims c ON c.space = j.value ->> 0 \
         AND c.scope = j.value ->> 1 AND c.attribute = j.value ->> 2 AND c.key = j.value ->> 3 \
         WHERE c.partition <> ?1 OR c.resource <> ?2 ORDER BY j.key LIMIT 1",
    )
    .bind(cx.partition().key())
    .bind(id)
    .bind(&rows)
    .fetch_optional(&mut *connection)
    .await
    .map_err(error)?;
    if let Some(attribute) = taken {
        return Err(StoreError::uniqueness(attribute));
    }
    sqlx::query(
        "INSERT INTO scim_claims (space, scope, attribute, key, partition, resource) \
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, ?1, ?2 FROM json_each(?3) WHERE TRUE \
         ON CONFLICT (space, scope, attribute, key) DO NOTHING",
    )
    .bind(cx.partition().key())
    .bind(id)
    .bind(&rows)
    .execute(connection)
    .await
    .map_err(error)?;
    Ok(())
}

fn claim_rows(claims: &[Claim]) -> String {
    let rows = claims.iter().map(|claim| json!([claim.space, claim.scope, claim.attribute, claim.key]));
    Value::Array(rows.collect()).to_string()
}

/// Inserts keys. A statement that fails leaves the transaction open, so that it can be asked which value is taken.
pub(super) async fn insert_keys(
    connection: &mut SqliteConnection,
    cx: &Context,
    id: &str,
    keys: &[Key],
) -> Result<(), StoreError> {
    if keys.is_empty() {
        return Ok(());
    }
    let rows = key_rows(id, keys);
    let inserted = sqlx::query(
        "INSERT INTO scim_keys (partition, scope, attribute, key, distinguisher, resource) \
         SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, ?2 FROM json_each(?3)",
    )
    .bind(cx.partition().key())
    .bind(id)
    .bind(&rows)
    .execute(&mut *connection)
    .await;
    match inserted {
        Ok(_) => Ok(()),
        Err(sqlx::Error::Database(fault)) if fault.is_unique_violation() => {
            Err(StoreError::uniqueness(taken(connection, cx, &rows).await?))
        }
        Err(fault) => Err(error(fault)),
    }
}

/// The attribute whose value is taken.
async fn taken(connection: &mut SqliteConnection, cx: &Context, rows: &str) -> Result<String, StoreError> {
    sqlx::query_scalar(
        "SELECT k.attribute FROM json_each(?2) j JOIN scim_keys k ON k.partition = ?1 AND k.scope = j.value ->> 0 \
         AND k.attribute = j.value ->> 1 AND k.key = j.value ->> 2 AND k.distinguisher = '' \
         WHERE j.value ->> 3 = '' ORDER BY j.key LIMIT 1",
    )
    .bind(cx.partition().key())
    .bind(rows)
    .fetch_one(connection)
    .await
    .map_err(error)
}

fn key_rows(id: &str, keys: &[Key]) -> String {
    let rows = keys.iter().map(|key| json!([key.scope, key.attribute, key.key, key.distinguisher(id)]));
    Value::Array(rows.collect()).to_string()
}
