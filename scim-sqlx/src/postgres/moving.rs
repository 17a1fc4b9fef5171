//! Moving a resource to another partition.

use scim_core::{Attributes, Context, DateTime, MembersUpdate, Partition, Resource, ResourceId, StoreError, Update};
use sqlx::{Connection as _, PgConnection};

use super::fault::{retrying, Fault};
use super::read::reread;
use super::session::Sessions;
use super::write::{insert, lock, name_taken, take_out};
use super::{members, PostgresStore};
use crate::row::{check_move, document};
use crate::stored::Stored;
use crate::types::TypePlan;

impl PostgresStore {
    pub(super) async fn move_resource(
        &self,
        cx: &Context,
        place: (&ResourceId, &Partition),
        update: &Update,
    ) -> Result<Resource, StoreError> {
        let plan = self.plans.of(&cx.resource_type);
        let plan = &*plan;
        retrying(|| async move {
            let mut transaction = self.sessions.transaction(cx.partition()).await?;
            let resource = relocate(&mut transaction, &self.sessions, cx, plan, place, update).await?;
            transaction.commit().await?;
            Ok(resource)
        })
        .await
    }
}

/// Takes a resource out of its partition and puts it into another, with its id and the time of its creation, in a
/// transaction. A row is not told to be in another partition, for the column by which a table is distributed cannot
/// change.
pub(super) async fn relocate(
    connection: &mut PgConnection,
    sessions: &Sessions,
    cx: &Context,
    plan: &TypePlan,
    (id, target): (&ResourceId, &Partition),
    update: &Update,
) -> Result<Resource, Fault> {
    check_move(cx, target)?;
    let cx_there = &cx.within(target.clone());
    let (version, _) = lock(connection, cx, id, update.expect.as_ref(), "FOR UPDATE").await?;
    let (created, modified, present) = take_out(connection, cx, id).await?;
    let stored = match &update.attributes {
        Some(attributes) => Stored::new(cx_there, plan, attributes)?,
        None => Stored::new(cx_there, plan, &Attributes::from_stored(document(&present)?))?,
    };
    let columns = (version.saturating_add(1), created, modified.max(DateTime::now().as_micros()));
    sessions.enter(connection, target).await?;
    // A statement that fails makes the transaction refuse the one that asks which value is taken.
    let mut savepoint = connection.begin().await?;
    let inserted = insert(&mut savepoint, cx_there, (&stored, id), columns).await;
    if let Err(fault) = inserted {
        savepoint.rollback().await?;
        return Err(name_taken(connection, cx_there, (&stored, id), fault).await);
    }
    savepoint.commit().await?;
    if !matches!(update.members, MembersUpdate::Keep) {
        let change = members::change(connection, cx_there, id, 0, &update.members).await?;
        members::set_count(connection, cx_there, id, change.growth).await?;
    }
    reread(connection, cx_there, plan, id, &update.fetch).await
}
