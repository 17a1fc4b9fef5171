//! Several operations as one transaction.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{
    BeginUnitOfWork, Capabilities, Context, Fetch, NewResource, Page, Query, Resource, ResourceId, ResourceStore,
    ResourceType, StoreError, UnitOfWork, Update, Version,
};
use sqlx::{Connection as _, Postgres, Transaction};
use tokio::sync::{Mutex, MutexGuard};

use super::fault::Fault;
use super::session::Sessions;
use super::write::Fresh;
use super::{moving, read, update, write, PostgresStore};
use crate::stored::Stored;
use crate::types::TypePlans;

/// A transaction that is rolled back when it is dropped.
struct PostgresUnitOfWork {
    transaction: Mutex<Transaction<'static, Postgres>>,
    sessions: Sessions,
    plans: Arc<TypePlans>,
}

impl PostgresUnitOfWork {
    /// The transaction, seeing the partition of the context.
    async fn within(&self, cx: &Context) -> Result<MutexGuard<'_, Transaction<'static, Postgres>>, Fault> {
        let mut transaction = self.transaction.lock().await;
        self.sessions.enter(&mut transaction, cx).await?;
        Ok(transaction)
    }
}

#[async_trait]
impl BeginUnitOfWork for PostgresStore {
    async fn begin(&self, cx: &Context) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let transaction = Mutex::new(self.sessions.transaction(cx).await?);
        Ok(Box::new(PostgresUnitOfWork {
            transaction,
            sessions: self.sessions.clone(),
            plans: Arc::clone(&self.plans),
        }))
    }
}

#[async_trait]
impl UnitOfWork for PostgresUnitOfWork {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        Ok(self.transaction.into_inner().commit().await.map_err(Fault::from)?)
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        Ok(self.transaction.into_inner().rollback().await.map_err(Fault::from)?)
    }
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
impl ResourceStore for PostgresUnitOfWork {
    fn capabilities(&self, _: &ResourceType) -> Capabilities {
        Capabilities::ALL
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        None
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        let plan = self.plans.of(&cx.resource_type);
        let fresh = Fresh::new(cx, &plan, new)?;
        let mut transaction = self.within(cx).await?;
        let mut savepoint = transaction.begin().await.map_err(Fault::from)?;
        let made = fresh.make(&mut savepoint, cx, &plan).await;
        end(savepoint, made.is_ok()).await?;
        match made {
            Err(fault) => Err(write::name_taken(&mut transaction, cx, fresh.names(), fault).await.into()),
            Ok(resource) => Ok(resource),
        }
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
        let plan = self.plans.of(&cx.resource_type);
        if let Some(target) = update.move_to.clone().filter(|target| target != cx.partition()) {
            let mut transaction = self.within(cx).await?;
            let place = (id, &target);
            return Ok(moving::relocate(&mut transaction, &self.sessions, cx, &plan, place, &update).await?);
        }
        let Update { attributes, members, expect, fetch, .. } = update;
        let replacement = match attributes {
            Some(attributes) => Some(Stored::new(cx, &plan, &attributes)?),
            None => None,
        };
        let changes = (replacement.as_ref(), &members, expect.as_ref());
        let mut transaction = self.within(cx).await?;
        let mut savepoint = transaction.begin().await.map_err(Fault::from)?;
        let changed = update::change(&mut savepoint, cx, &plan, id, changes, &fetch).await;
        end(savepoint, changed.is_ok()).await?;
        match (changed, &replacement) {
            (Err(fault), Some(stored)) => {
                Err(write::name_taken(&mut transaction, cx, (stored, id), fault).await.into())
            }
            (changed, _) => Ok(changed?),
        }
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        Ok(write::delete(&mut *self.within(cx).await?, cx, id, expect).await?)
    }
}
