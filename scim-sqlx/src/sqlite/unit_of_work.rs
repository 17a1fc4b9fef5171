//! Several operations as one transaction.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{
    BeginUnitOfWork, Capabilities, Context, Fetch, NewResource, Page, Query, Resource, ResourceId, ResourceStore,
    ResourceType, StoreError, UnitOfWork, Update, Version,
};
use sqlx::{Sqlite, Transaction};
use tokio::sync::Mutex;

use super::audit::Writing;
use super::error::error;
use super::{read, SqliteStore};

/// The one connection that writes, in a transaction that is rolled back when it is dropped.
struct SqliteUnitOfWork {
    transaction: Mutex<Transaction<'static, Sqlite>>,
    writing: Arc<Writing>,
}

#[async_trait]
impl BeginUnitOfWork for SqliteStore {
    async fn begin(&self, _: &Context) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let transaction = Mutex::new(self.begin_write().await?);
        Ok(Box::new(SqliteUnitOfWork { transaction, writing: Arc::clone(&self.writing) }))
    }
}

#[async_trait]
impl UnitOfWork for SqliteUnitOfWork {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.transaction.into_inner().commit().await.map_err(error)
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        self.transaction.into_inner().rollback().await.map_err(error)
    }
}

#[async_trait]
impl ResourceStore for SqliteUnitOfWork {
    fn capabilities(&self, _: &ResourceType) -> Capabilities {
        crate::types::capabilities()
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        None
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        self.writing.create(&mut *self.transaction.lock().await, cx, new).await
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        let relations = self.writing.plans.of(&cx.resource_type).relations(fetch);
        let mut transaction = self.transaction.lock().await;
        let row = read::resource(&mut transaction, cx, id.as_str(), relations, fetch).await?;
        row.map(|row| row.into_resource(fetch)).transpose()
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        let plan = self.writing.plans.of(&cx.resource_type);
        read::list(&mut *self.transaction.lock().await, cx, &plan, query).await
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        self.writing.update(&mut *self.transaction.lock().await, cx, id, update).await
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        self.writing.delete(&mut *self.transaction.lock().await, cx, id, expect).await
    }
}
