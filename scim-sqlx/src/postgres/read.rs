//! Reading resources.

use scim_core::sql::{BindValue, RowKey, Select, Statement, Statements};
use scim_core::{Context, Fetch, Page, Query, Resource, ResourceId, StoreError};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query as SqlQuery;
use sqlx::{PgConnection, Postgres, Row as _};

use super::fault::Fault;
use crate::row::{member_limit, Row};
use crate::types::{Relations, TypePlan};

/// The members of a resource, for the partition `$1` and at most `$3` of them.
const MEMBERS: &str = "(SELECT json_agg(json_build_object('value', m.member_id, 'type', m.type, 'display', m.display) \
    ORDER BY m.place)::text FROM (SELECT place, member_id, type, display FROM scim_memberships \
    WHERE partition = $1 AND group_id = r.id ORDER BY place LIMIT $3) m)";

/// The groups that a resource is in, for the partition `$1`.
const GROUPS: &str = "(SELECT json_agg(json_build_object('value', g.id, 'type', 'direct', \
    'display', g.document ->> 'displayName') ORDER BY g.seq)::text FROM scim_memberships m \
    JOIN scim_resources g ON g.partition = m.partition AND g.id = m.group_id \
    WHERE m.partition = $1 AND m.member_id = r.id)";

/// The relations of a resource; `$1` is the partition and `$3` the most members.
pub(super) fn relation_columns(relations: Relations) -> String {
    let members = if relations.members { MEMBERS } else { "NULL::text" };
    let groups = if relations.groups { GROUPS } else { "NULL::text" };
    format!("{members}, {groups}")
}

fn columns(relations: Relations) -> String {
    format!("r.id, r.version, r.created, r.modified, r.document::text, {}", relation_columns(relations))
}

/// A resource by its id.
pub(super) async fn resource(
    connection: &mut PgConnection,
    cx: &Context,
    id: &ResourceId,
    relations: Relations,
    fetch: &Fetch,
) -> Result<Option<Row>, Fault> {
    if !is_storable(id.as_str()) {
        return Ok(None);
    }
    let row = sqlx::query(&by_id(relations))
        .bind(cx.partition().key())
        .bind(cx.resource_type.name())
        .bind(member_limit(fetch))
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| read_row(&row)).transpose()?)
}

/// The statement of a resource, by the id `$4`.
pub(super) fn by_id(relations: Relations) -> String {
    format!(
        "SELECT {} FROM scim_resources r WHERE r.partition = $1 AND r.resource_type = $2 AND r.id = $4",
        columns(relations)
    )
}

/// PostgreSQL has no NUL in texts, so nothing that is stored is called so.
pub(super) fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}

/// The answer to a query. The total, where it has to be counted, is counted a moment after the page is read.
pub(super) async fn list(
    connection: &mut PgConnection,
    cx: &Context,
    plan: &TypePlan,
    query: &Query,
) -> Result<Page, Fault> {
    let statements = statements(cx, plan, query)?;
    rows(connection, &statements, |row| read_row(row).map_err(Fault::from)?.into_resource(&query.fetch)).await
}

/// Runs the statements of a query and makes a page of their rows, for stores over tables of the host's own.
///
/// # Errors
///
/// What `read` says of a row, and faults of the database.
pub async fn page(
    connection: &mut PgConnection,
    statements: &Statements,
    read: impl Fn(&PgRow) -> Result<Resource, StoreError> + Send,
) -> Result<Page, StoreError> {
    Ok(rows(connection, statements, read).await?)
}

async fn rows(
    connection: &mut PgConnection,
    statements: &Statements,
    read: impl Fn(&PgRow) -> Result<Resource, StoreError> + Send,
) -> Result<Page, Fault> {
    let rows = bound(statements.page()).fetch_all(&mut *connection).await?;
    if statements.is_keyed() {
        let resources = rows.iter().map(|row| Ok((read(row)?, row_key(row, statements)?)));
        return Ok(statements.keyed_page(resources.collect::<Result<_, Fault>>()?));
    }
    let total = match statements.total_of(rows.len()) {
        Some(total) => total,
        None => {
            let row = bound(statements.total()).fetch_one(connection).await?;
            usize::try_from(row.try_get::<i64, _>(0)?).unwrap_or_default()
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
        .scope("r.partition = $1 AND r.resource_type = $2", scope);
    plan.map.select(&select, query)
}

/// A statement with its values, for the driver to run.
pub fn bound(statement: &Statement) -> SqlQuery<'_, Postgres, PgArguments> {
    statement.binds.iter().fold(sqlx::query(&statement.text), |query, value| match value {
        BindValue::Text(text) => query.bind(text.as_str()),
        BindValue::Integer(number) => query.bind(*number),
        BindValue::Real(number) => query.bind(*number),
        BindValue::Boolean(boolean) => query.bind(*boolean),
        _ => query.bind(None::<i64>),
    })
}

pub(super) fn read_row(row: &PgRow) -> Result<Row, sqlx::Error> {
    Ok(Row {
        id: row.try_get(0)?,
        version: row.try_get(1)?,
        created: row.try_get(2)?,
        modified: row.try_get(3)?,
        document: row.try_get(4)?,
        members: row.try_get(5)?,
        groups: row.try_get(6)?,
    })
}

fn row_key(row: &PgRow, statements: &Statements) -> Result<RowKey, sqlx::Error> {
    let sort = match statements.sort_type() {
        None => None,
        Some(BindValue::Integer(_)) => row.try_get::<Option<i64>, _>("scim_sort")?.map(BindValue::from),
        Some(BindValue::Real(_)) => row.try_get::<Option<f64>, _>("scim_sort")?.map(BindValue::Real),
        Some(BindValue::Boolean(_)) => row.try_get::<Option<bool>, _>("scim_sort")?.map(BindValue::from),
        Some(_) => row.try_get::<Option<String>, _>("scim_sort")?.map(BindValue::from),
    };
    Ok(RowKey::new(sort, row.try_get("scim_order")?))
}

/// A resource that must be there.
pub(super) async fn reread(
    connection: &mut PgConnection,
    cx: &Context,
    plan: &TypePlan,
    id: &ResourceId,
    fetch: &Fetch,
) -> Result<Resource, Fault> {
    let row = resource(connection, cx, id, plan.relations(fetch), fetch).await?;
    Ok(row.ok_or(StoreError::NotFound)?.into_resource(fetch)?)
}
