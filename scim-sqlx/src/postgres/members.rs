//! The members of a group.

use std::collections::HashMap;

use scim_core::{Context, DateTime, Member, MembersUpdate, ResourceId};
use sqlx::PgConnection;

use super::fault::Fault;
use super::read::is_storable;
use crate::member_rows::{check_count, rows};

/// What became of the members.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MembersChange {
    pub(super) is_change: bool,
    /// How many more there are than before.
    pub(super) growth: i64,
}

/// Who is there stays as it is.
const ADD: &str =
    "INSERT INTO scim_memberships (partition, group_id, member_id, type, type_key, display, display_key) \
    SELECT $1, $2, w.value ->> 'value', w.value ->> 'type', w.value ->> 'type_key', w.value ->> 'display', \
    w.value ->> 'display_key' FROM json_array_elements($3::json) WITH ORDINALITY AS w(value, place) ORDER BY w.place \
    ON CONFLICT (partition, group_id, member_id) DO NOTHING";

/// Who is there is known by what is said now.
const RENAME: &str = "UPDATE scim_memberships m SET type = w.type, type_key = w.type_key, display = w.display, \
    display_key = w.display_key FROM json_to_recordset($3::json) \
    AS w(value text, type text, type_key text, display text, display_key text) \
    WHERE m.partition = $1 AND m.group_id = $2 AND m.member_id = w.value \
    AND (m.type IS DISTINCT FROM w.type OR m.display IS DISTINCT FROM w.display)";

/// Who is not named goes.
const KEEP: &str = "DELETE FROM scim_memberships m WHERE m.partition = $1 AND m.group_id = $2 \
    AND NOT EXISTS (SELECT 1 FROM json_to_recordset($3::json) AS w(value text) WHERE w.value = m.member_id)";

/// Changes the members of a group that is locked and has so many before. The count of the group is left to the caller.
pub(super) async fn change(
    connection: &mut PgConnection,
    cx: &Context,
    group: &ResourceId,
    before: i64,
    update: &MembersUpdate,
) -> Result<MembersChange, Fault> {
    let change = match update {
        MembersUpdate::Set(members) => {
            let wanted = rows(members, &types(connection, cx, members).await?, &cx.resource_type)?;
            let gone = run(connection, cx, group, &wanted, KEEP).await?;
            let renamed = run(connection, cx, group, &wanted, RENAME).await?;
            let come = run(connection, cx, group, &wanted, ADD).await?;
            MembersChange { is_change: come > 0 || gone > 0 || renamed > 0, growth: come.saturating_sub(gone) }
        }
        MembersUpdate::Delta { add, remove } => {
            let come = if add.is_empty() {
                0
            } else {
                let wanted = rows(add, &types(connection, cx, add).await?, &cx.resource_type)?;
                run(connection, cx, group, &wanted, ADD).await?
            };
            let gone = if remove.is_empty() { 0 } else { remove_members(connection, cx, group, remove).await? };
            MembersChange { is_change: come > 0 || gone > 0, growth: come.saturating_sub(gone) }
        }
        _ => MembersChange::default(),
    };
    check_count(before, before.saturating_add(change.growth), cx.limits.members_per_group)?;
    Ok(change)
}

/// Notes how many members a group has that is new where it is.
pub(super) async fn set_count(
    connection: &mut PgConnection,
    cx: &Context,
    group: &ResourceId,
    count: i64,
) -> Result<(), Fault> {
    sqlx::query("UPDATE scim_resources SET members = $3 WHERE partition = $1 AND id = $2")
        .bind(cx.partition().key())
        .bind(group.as_str())
        .bind(count)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes a resource that is locked out of its groups. These are locked before the memberships, in one order, as those
/// do who change a group; a membership that someone removed meanwhile is not counted.
pub(super) async fn leave_groups(
    connection: &mut PgConnection,
    cx: &Context,
    member: &ResourceId,
) -> Result<(), Fault> {
    let groups = sqlx::query(
        "SELECT id FROM scim_resources WHERE partition = $1 AND id IN \
         (SELECT group_id FROM scim_memberships WHERE partition = $1 AND member_id = $2) ORDER BY id FOR NO KEY UPDATE",
    )
    .bind(cx.partition().key())
    .bind(member.as_str())
    .fetch_all(&mut *connection)
    .await?;
    if groups.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "WITH gone AS (DELETE FROM scim_memberships WHERE partition = $1 AND member_id = $2 RETURNING group_id) \
         UPDATE scim_resources SET version = version + 1, modified = greatest(modified, $3), members = members - 1 \
         WHERE partition = $1 AND id IN (SELECT group_id FROM gone)",
    )
    .bind(cx.partition().key())
    .bind(member.as_str())
    .bind(DateTime::now().as_micros())
    .execute(connection)
    .await?;
    Ok(())
}

async fn remove_members(
    connection: &mut PgConnection,
    cx: &Context,
    group: &ResourceId,
    members: &[ResourceId],
) -> Result<i64, Fault> {
    let ids: Vec<&str> = members.iter().map(ResourceId::as_str).filter(|id| is_storable(id)).collect();
    let gone =
        sqlx::query("DELETE FROM scim_memberships WHERE partition = $1 AND group_id = $2 AND member_id = ANY ($3)")
            .bind(cx.partition().key())
            .bind(group.as_str())
            .bind(ids)
            .execute(connection)
            .await?;
    Ok(i64::try_from(gone.rows_affected()).unwrap_or(i64::MAX))
}

async fn run(
    connection: &mut PgConnection,
    cx: &Context,
    group: &ResourceId,
    rows: &str,
    statement: &'static str,
) -> Result<i64, Fault> {
    let done =
        sqlx::query(statement).bind(cx.partition().key()).bind(group.as_str()).bind(rows).execute(connection).await?;
    Ok(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
}

/// The resource types of those members that exist.
async fn types(
    connection: &mut PgConnection,
    cx: &Context,
    members: &[Member],
) -> Result<HashMap<String, String>, Fault> {
    let ids: Vec<&str> = members.iter().map(|member| member.value.as_str()).filter(|id| is_storable(id)).collect();
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT id, resource_type FROM scim_resources WHERE partition = $1 AND id = ANY ($2)")
            .bind(cx.partition().key())
            .bind(ids)
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().collect())
}
