//! Several operations as one transaction.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{
    AuditDetail, BeginUnitOfWork, Capabilities, Context, Fetch, NewResource, Page, Query, Resource, ResourceId,
    ResourceStore, ResourceType, StoreError, UnitOfWork, Update, Version,
};
use sqlx::{Connection as _, PgConnection, Postgres, Transaction};
use tokio::sync::{Mutex, MutexGuard};

use super::fault::Fault;
use super::session::Sessions;
use super::write::Fresh;
use super::{audit, moving, read, update, write, PostgresStore};
use crate::audit::Pending;
use crate::stored::Stored;
use crate::types::{TypePlans, NO_RELATIONS};

/// A transaction that is rolled back when it is dropped.
pub(super) struct PostgresUnitOfWork {
    transaction: Mutex<Transaction<'static, Postgres>>,
    sessions: Sessions,
    plans: Arc<TypePlans>,
    audit: Option<AuditDetail>,
}

impl PostgresStore {
    pub(super) async fn begin_unit(&self, cx: &Context) -> Result<PostgresUnitOfWork, Fault> {
        let transaction = Mutex::new(self.sessions.transaction(cx.partition()).await?);
        let (sessions, plans) = (self.sessions.clone(), Arc::clone(&self.plans));
        Ok(PostgresUnitOfWork { transaction, sessions, plans, audit: self.audit })
    }
}

impl PostgresUnitOfWork {
    /// The transaction, seeing the partition of the context.
    async fn within(&self, cx: &Context) -> Result<MutexGuard<'_, Transaction<'static, Postgres>>, Fault> {
        let mut transaction = self.transaction.lock().await;
        self.sessions.enter(&mut transaction, cx.partition()).await?;
        Ok(transaction)
    }

    pub(super) async fn end(self) -> Result<(), Fault> {
        Ok(self.transaction.into_inner().commit().await?)
    }

    pub(super) async fn make(&self, cx: &Context, new: NewResource) -> Result<Resource, Fault> {
        let plan = self.plans.of(&cx.resource_type);
        let pending = self.audit.map(|detail| (Pending::of_create(&new), detail));
        let fresh = Fresh::new(cx, &plan, new)?;
        let mut transaction = self.within(cx).await?;
        let mut savepoint = transaction.begin().await?;
        let made = fresh.make(&mut savepoint, cx, &plan).await;
        end(savepoint, made.is_ok()).await?;
        let resource = match made {
            Err(fault) => return Err(write::name_taken(&mut transaction, cx, fresh.names(), fault).await),
            Ok(resource) => resource,
        };
        if let Some((pending, detail)) = pending {
            audit::insert(&mut transaction, &pending.record(cx, detail, &resource.id, Some(&resource))).await?;
        }
        Ok(resource)
    }

    pub(super) async fn change(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, Fault> {
        let mut transaction = self.within(cx).await?;
        let Some(detail) = self.audit else { return self.change_within(&mut transaction, cx, id, update).await };
        let before = locked(&mut transaction, cx, id).await?;
        let pending = Pending::of_update(cx, before.attributes, &update);
        let resource = self.change_within(&mut transaction, cx, id, update).await?;
        if resource.meta.version != before.meta.version {
            audit::insert(&mut transaction, &pending.record(cx, detail, id, Some(&resource))).await?;
        }
        Ok(resource)
    }

    async fn change_within(
        &self,
        transaction: &mut Transaction<'static, Postgres>,
        cx: &Context,
        id: &ResourceId,
        update: Update,
    ) -> Result<Resource, Fault> {
        let plan = self.plans.of(&cx.resource_type);
        if let Some(target) = update.move_to.clone().filter(|target| target != cx.partition()) {
            return moving::relocate(transaction, &self.sessions, cx, &plan, (id, &target), &update).await;
        }
        let Update { attributes, members, expect, fetch, .. } = update;
        let replacement = match attributes {
            Some(attributes) => Some(Stored::new(cx, &plan, &attributes)?),
            None => None,
        };
        let changes = (replacement.as_ref(), &members, expect.as_ref());
        let mut savepoint = transaction.begin().await?;
        let changed = update::change(&mut savepoint, cx, &plan, id, changes, &fetch).await;
        end(savepoint, changed.is_ok()).await?;
        match (changed, &replacement) {
            (Err(fault), Some(stored)) => Err(write::name_taken(transaction, cx, (stored, id), fault).await),
            (changed, _) => changed,
        }
    }

    pub(super) async fn remove(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), Fault> {
        let mut transaction = self.within(cx).await?;
        let Some(detail) = self.audit else { return write::delete(&mut transaction, cx, id, expect).await };
        let pending = Pending::of_delete(locked(&mut transaction, cx, id).await?.attributes);
        write::delete(&mut transaction, cx, id, expect).await?;
        audit::insert(&mut transaction, &pending.record(cx, detail, id, None)).await
    }
}

/// A resource that nobody else changes until the transaction ends, without members and groups.
async fn locked(connection: &mut PgConnection, cx: &Context, id: &ResourceId) -> Result<Resource, Fault> {
    write::lock(connection, cx, id, None, "FOR UPDATE").await?;
    let row = read::resource(connection, cx, id, NO_RELATIONS, &Fetch::all()).await?;
    Ok(row.ok_or(StoreError::NotFound)?.into_resource(&Fetch::all())?)
}

/// Ends a savepoint. A statement that fails makes the transaction refuse every other, and so the one that asks which value
/// is taken, until it goes back to a savepoint.
async fn end(savepoint: Transaction<'_, Postgres>, is_done: bool) -> Result<(), Fault> {
    if is_done {
        savepoint.commit().await?;
    } else {
        savepoint.rollback().await?;
    }
    Ok(())
}

#[async_trait]
impl BeginUnitOfWork for PostgresStore {
    async fn begin(&self, cx: &Context) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(self.begin_unit(cx).await?))
    }
}

#[async_trait]
impl UnitOfWork for PostgresUnitOfWork {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        Ok((*self).end().await?)
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        Ok(self.transaction.into_inner().rollback().await.map_err(Fault::from)?)
    }
}

#[async_trait]
impl ResourceStore for PostgresUnitOfWork {
    fn capabilities(&self, _: &ResourceType) -> Capabilities {
        crate::types::capabilities()
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        None
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        Ok(self.make(cx, new).await?)
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        let relations = self.plans.of(&cx.resource_type).relations(fetch);
        let row = read::resource(&mut *self.within(cx).await?, cx, id, relations, fetch).await?;
        row.map(|row| row.into_resource(fetch)).transpose()
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        let plan = self.plans.of(&cx.resource_type);
        Ok(read::list(&mut *self.within(cx).await?, cx, &plan, query).await?)
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        Ok(self.change(cx, id, update).await?)
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        Ok(self.remove(cx, id, expect).await?)
    }
}
