//! Moving a resource to another partition, in a transaction that is open.

use scim_core::{Context, DateTime, MembersUpdate, Partition, Resource, ResourceId, StoreError, Update};
use sqlx::SqliteConnection;

use super::error::error;
use super::members;
use super::write::{claim, expected, insert_keys, reread, take_out};
use crate::row::check_move;
use crate::stored::Stored;
use crate::types::TypePlans;

/// Takes a resource out of its partition and puts it into another, with its id and the time of its creation.
pub(super) async fn relocate(
    connection: &mut SqliteConnection,
    plans: &TypePlans,
    cx: &Context,
    (id, target): (&ResourceId, &Partition),
    update: Update,
) -> Result<Resource, StoreError> {
    check_move(cx, target)?;
    let Update { attributes, members, expect, fetch, .. } = update;
    let plan = plans.of(&cx.resource_type);
    let before = expected(connection, cx, id, expect.as_ref()).await?;
    let attributes = match attributes {
        Some(attributes) => attributes,
        None => before.attributes()?,
    };
    let cx_there = &cx.within(target.clone());
    let stored = Stored::new(cx_there, &plan, &attributes)?;
    take_out(connection, cx, id).await?;
    sqlx::query(
        "INSERT INTO scim_resources \
         (partition, resource_type, id, version, created, modified, members, document, search) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8)",
    )
    .bind(target.key())
    .bind(cx.resource_type.name())
    .bind(id.as_str())
    .bind(before.version.saturating_add(1))
    .bind(before.created)
    .bind(before.modified.max(DateTime::now().as_micros()))
    .bind(&stored.document)
    .bind(&stored.search)
    .execute(&mut *connection)
    .await
    .map_err(error)?;
    insert_keys(connection, cx_there, id.as_str(), &stored.keys).await?;
    claim(connection, cx_there, id.as_str(), &stored.claims).await?;
    if !matches!(members, MembersUpdate::Keep) {
        let change = members::change(connection, cx_there, id.as_str(), 0, members).await?;
        members::grow(connection, cx_there, id.as_str(), change.growth).await?;
    }
    reread(connection, cx_there, &plan, id.as_str(), &fetch).await
}
