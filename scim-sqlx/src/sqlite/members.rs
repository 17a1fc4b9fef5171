//! The members of a group.

use std::collections::HashMap;

use scim_core::{Context, Member, MembersUpdate, ResourceId, StoreError};
use serde_json::Value;
use sqlx::{Row as _, SqliteConnection};

use super::error::error;
use crate::member_rows::{check_count, rows};

/// What became of the members.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MembersChange {
    pub(super) is_change: bool,
    /// How many more there are than before.
    pub(super) growth: i64,
}

/// Changes how many members a group is said to have, and nothing else of it.
pub(super) async fn grow(
    connection: &mut SqliteConnection,
    cx: &Context,
    group: &str,
    growth: i64,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE scim_resources SET members = members + ?3 WHERE partition = ?1 AND id = ?2")
        .bind(cx.partition().key())
        .bind(group)
        .bind(growth)
        .execute(connection)
        .await
        .map_err(error)?;
    Ok(())
}

/// How many members a group has.
pub(super) async fn count(connection: &mut SqliteConnection, cx: &Context, group: &str) -> Result<i64, StoreError> {
    sqlx::query_scalar("SELECT members FROM scim_resources WHERE partition = ?1 AND id = ?2")
        .bind(cx.partition().key())
        .bind(group)
        .fetch_one(connection)
        .await
        .map_err(error)
}

/// Changes the members of a group that has so many before. The count of the group is left to the caller.
pub(super) async fn change(
    connection: &mut SqliteConnection,
    cx: &Context,
    group: &str,
    before: i64,
    update: MembersUpdate,
) -> Result<MembersChange, StoreError> {
    let change = match update {
        MembersUpdate::Set(members) => set(connection, cx, group, &members).await?,
        MembersUpdate::Delta { add, remove } => {
            let come = add_members(connection, cx, group, &add).await?;
            let gone = remove_members(connection, cx, group, &remove).await?;
            MembersChange { is_change: come > 0 || gone > 0, growth: come.saturating_sub(gone) }
        }
        _ => MembersChange::default(),
    };
    check_count(before, before.saturating_add(change.growth), cx.limits.members_per_group)?;
    Ok(change)
}

/// Who is there stays as it is.
const ADD: &str =
    "INSERT INTO scim_memberships (partition, group_id, member_id, type, type_key, display, display_key) \
    SELECT ?1, ?2, value ->> 'value', value ->> 'type', value ->> 'type_key', value ->> 'display', \
    value ->> 'display_key' FROM json_each(?3) WHERE TRUE ORDER BY key \
    ON CONFLICT (partition, group_id, member_id) DO NOTHING";

/// Who is there is known by what is said now.
const RENAME: &str = "UPDATE scim_memberships SET type = w.type, type_key = w.type_key, display = w.display, \
    display_key = w.display_key FROM (SELECT value ->> 'value' AS member_id, value ->> 'type' AS type, \
    value ->> 'type_key' AS type_key, value ->> 'display' AS display, value ->> 'display_key' AS display_key \
    FROM json_each(?3)) w WHERE scim_memberships.partition = ?1 AND scim_memberships.group_id = ?2 \
    AND scim_memberships.member_id = w.member_id \
    AND (scim_memberships.type IS NOT w.type OR scim_memberships.display IS NOT w.display)";

async fn set(
    connection: &mut SqliteConnection,
    cx: &Context,
    group: &str,
    members: &[Member],
) -> Result<MembersChange, StoreError> {
    let types = types(connection, cx, members).await?;
    let wanted = rows(members, &types, &cx.resource_type)?;
    let gone = sqlx::query(
        "DELETE FROM scim_memberships WHERE partition = ?1 AND group_id = ?2 \
         AND member_id NOT IN (SELECT value ->> 'value' FROM json_each(?3))",
    )
    .bind(cx.partition().key())
    .bind(group)
    .bind(&wanted)
    .execute(&mut *connection)
    .await
    .map_err(error)?;
    let renamed = run(connection, cx, group, &wanted, RENAME).await?;
    let come = run(connection, cx, group, &wanted, ADD).await?;
    let gone = signed(gone.rows_affected());
    Ok(MembersChange { is_change: come > 0 || gone > 0 || renamed > 0, growth: come.saturating_sub(gone) })
}

async fn add_members(
    connection: &mut SqliteConnection,
    cx: &Context,
    group: &str,
    members: &[Member],
) -> Result<i64, StoreError> {
    if members.is_empty() {
        return Ok(0);
    }
    let types = types(connection, cx, members).await?;
    let wanted = rows(members, &types, &cx.resource_type)?;
    run(connection, cx, group, &wanted, ADD).await
}

async fn remove_members(
    connection: &mut SqliteConnection,
    cx: &Context,
    group: &str,
    members: &[ResourceId],
) -> Result<i64, StoreError> {
    if members.is_empty() {
        return Ok(0);
    }
    let ids: Value = members.iter().map(ResourceId::as_str).collect();
    let gone = sqlx::query(
        "DELETE FROM scim_memberships WHERE partition = ?1 AND group_id = ?2 \
         AND member_id IN (SELECT value FROM json_each(?3))",
    )
    .bind(cx.partition().key())
    .bind(group)
    .bind(ids.to_string())
    .execute(connection)
    .await
    .map_err(error)?;
    Ok(signed(gone.rows_affected()))
}

async fn run(
    connection: &mut SqliteConnection,
    cx: &Context,
    group: &str,
    rows: &str,
    statement: &'static str,
) -> Result<i64, StoreError> {
    let done = sqlx::query(statement)
        .bind(cx.partition().key())
        .bind(group)
        .bind(rows)
        .execute(connection)
        .await
        .map_err(error)?;
    Ok(signed(done.rows_affected()))
}

/// The resource types of those members that exist.
async fn types(
    connection: &mut SqliteConnection,
    cx: &Context,
    members: &[Member],
) -> Result<HashMap<String, String>, StoreError> {
    let ids: Value = members.iter().map(|member| member.value.as_str()).collect();
    let rows = sqlx::query(
        "SELECT id, resource_type FROM scim_resources WHERE partition = ?1 AND id IN (SELECT value FROM json_each(?2))",
    )
    .bind(cx.partition().key())
    .bind(ids.to_string())
    .fetch_all(connection)
    .await
    .map_err(error)?;
    rows.iter().map(|row| Ok((row.try_get(0).map_err(error)?, row.try_get(1).map_err(error)?))).collect()
}

fn signed(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
