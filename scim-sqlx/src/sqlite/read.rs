//! Reading resources.

use scim_core::sql::{BindValue, RowKey, Select, Statement, Statements};
use scim_core::{Context, Fetch, Page, Query, Resource, StoreError};
use sqlx::query::Query as SqlQuery;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row as _, Sqlite, SqliteConnection};

use super::error::error;
use crate::row::{member_limit, Row};
use crate::types::{Relations, TypePlan};

/// The members of a resource, for the partition `?1` and at most `?3` of them.
const MEMBERS: &str =
    "(SELECT json_group_array(json_object('value', m.member_id, 'type', m.type, 'display', m.display)) \
    FROM (SELECT member_id, type, display FROM scim_memberships \
    WHERE partition = ?1 AND group_id = r.id ORDER BY place LIMIT ?3) m)";

/// The groups that a resource is in, for the partition `?1`.
const GROUPS: &str = "(SELECT json_group_array(json_object('value', g.id, 'type', 'direct', 'display', g.name)) \
    FROM (SELECT g.id, json_extract(g.document, '$.displayName') AS name FROM scim_memberships m \
    JOIN scim_resources g ON g.partition = m.partition AND g.id = m.group_id \
    WHERE m.partition = ?1 AND m.member_id = r.id ORDER BY g.seq) g)";

/// What is selected of every resource; `?1` is the partition, `?2` the resource type and `?3` the most members.
fn columns(relations: Relations) -> String {
    let members = if relations.members { MEMBERS } else { "NULL" };
    let groups = if relations.groups { GROUPS } else { "NULL" };
    format!("r.id, r.version, r.created, r.modified, r.document, {members}, {groups}")
}

/// A resource by its id.
pub(super) async fn resource(
    connection: &mut SqliteConnection,
    cx: &Context,
    id: &str,
    relations: Relations,
    fetch: &Fetch,
) -> Result<Option<Row>, StoreError> {
    let row = sqlx::query(&by_id(relations))
        .bind(cx.partition().key())
        .bind(cx.resource_type.name())
        .bind(member_limit(fetch))
        .bind(id)
        .fetch_optional(connection)
        .await
        .map_err(error)?;
    row.map(|row| read_row(&row)).transpose()
}

/// The statement of a resource, by the id `?4`.
pub(super) fn by_id(relations: Relations) -> String {
    format!(
        "SELECT {} FROM scim_resources r WHERE r.partition = ?1 AND r.resource_type = ?2 AND r.id = ?4 AND ?3 IS NOT NULL",
        columns(relations)
    )
}

/// The answer to a query. In a transaction all of it is as of one moment.
pub(super) async fn list(
    connection: &mut SqliteConnection,
    cx: &Context,
    plan: &TypePlan,
    query: &Query,
) -> Result<Page, StoreError> {
    let statements = statements(cx, plan, query)?;
    page(connection, &statements, |row| read_row(row)?.into_resource(&query.fetch)).await
}

/// Runs the statements of a query and makes a page of their rows, for stores over tables of the host's own. In a
/// transaction all of it is as of one moment.
///
/// # Errors
///
/// What `read` says of a row, and faults of the database.
pub async fn page(
    connection: &mut SqliteConnection,
    statements: &Statements,
    read: impl Fn(&SqliteRow) -> Result<Resource, StoreError> + Send,
) -> Result<Page, StoreError> {
    let rows = bound(statements.page()).fetch_all(&mut *connection).await.map_err(error)?;
    if statements.is_keyed() {
        let resources = rows.iter().map(|row| Ok((read(row)?, row_key(row, statements)?)));
        return Ok(statements.keyed_page(resources.collect::<Result<_, StoreError>>()?));
    }
    let total = match statements.total_of(rows.len()) {
        Some(total) => total,
        None => {
            let row = bound(statements.total()).fetch_one(&mut *connection).await.map_err(error)?;
            let total: i64 = row.try_get(0).map_err(error)?;
            usize::try_from(total).unwrap_or_default()
        }
    };
    Ok(Page::new(rows.iter().map(read).collect::<Result<_, _>>()?, total))
}

/// The statements that answer a query; the first placeholder is the partition.
pub(super) fn statements(cx: &Context, plan: &TypePlan, query: &Query) -> Result<Statements, StoreError> {
    let scope = [
        BindValue::from(cx.partition().key()),
        BindValue::from(cx.resource_type.name()),
        BindValue::from(member_limit(&query.fetch)),
    ];
    let select = Select::new(columns(plan.relations(&query.fetch)), "scim_resources r", "r.seq")
        .scope("r.partition = ?1 AND r.resource_type = ?2 AND ?3 IS NOT NULL", scope);
    plan.map.select(&select, query)
}

/// A statement with its values, for the driver to run.
pub fn bound(statement: &Statement) -> SqlQuery<'_, Sqlite, SqliteArguments<'_>> {
    statement.binds.iter().fold(sqlx::query(&statement.text), |query, value| match value {
        BindValue::Text(text) => query.bind(text.as_str()),
        BindValue::Integer(number) => query.bind(*number),
        BindValue::Real(number) => query.bind(*number),
        BindValue::Boolean(boolean) => query.bind(*boolean),
        _ => query.bind(None::<i64>),
    })
}

fn read_row(row: &SqliteRow) -> Result<Row, StoreError> {
    Ok(Row {
        id: row.try_get(0).map_err(error)?,
        version: row.try_get(1).map_err(error)?,
        created: row.try_get(2).map_err(error)?,
        modified: row.try_get(3).map_err(error)?,
        document: row.try_get(4).map_err(error)?,
        members: row.try_get(5).map_err(error)?,
        groups: row.try_get(6).map_err(error)?,
    })
}

fn row_key(row: &SqliteRow, statements: &Statements) -> Result<RowKey, StoreError> {
    let sort = match statements.sort_type() {
        None => None,
        Some(BindValue::Integer(_)) => row.try_get::<Option<i64>, _>("scim_sort").map_err(error)?.map(BindValue::from),
        Some(BindValue::Real(_)) => row.try_get::<Option<f64>, _>("scim_sort").map_err(error)?.map(BindValue::Real),
        Some(BindValue::Boolean(_)) => row.try_get::<Option<bool>, _>("scim_sort").map_err(error)?.map(BindValue::from),
        Some(_) => row.try_get::<Option<String>, _>("scim_sort").map_err(error)?.map(BindValue::from),
    };
    Ok(RowKey::new(sort, row.try_get("scim_order").map_err(error)?))
}
