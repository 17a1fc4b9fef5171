//! Faults of units of work.

use std::sync::OnceLock;

use async_trait::async_trait;
use scim_core::{
    BeginUnitOfWork, Capabilities, Context, Fetch, MemoryStore, NewResource, Page, Query, Resource, ResourceId,
    ResourceStore, ResourceType, StoreError, UnitOfWork, Update, Version,
};

use super::{wait, Fault};

type Result<T> = std::result::Result<T, StoreError>;

/// A unit of work that is not one: everything happens at once and stays.
#[derive(Default)]
pub(crate) struct NeverRollsBack {
    store: OnceLock<MemoryStore>,
}

struct AtOnce(MemoryStore);

impl Fault for NeverRollsBack {
    fn store(&self, store: MemoryStore) -> MemoryStore {
        self.store.get_or_init(|| store).clone()
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        Some(self)
    }
}

#[async_trait]
impl BeginUnitOfWork for NeverRollsBack {
    async fn begin(&self, _: &Context) -> Result<Box<dyn UnitOfWork>> {
        Ok(Box::new(AtOnce(self.store.get().unwrap().clone())))
    }
}

#[async_trait]
impl UnitOfWork for AtOnce {
    async fn commit(self: Box<Self>) -> Result<()> {
        Ok(())
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl ResourceStore for AtOnce {
    fn capabilities(&self, resource_type: &ResourceType) -> Capabilities {
        self.0.capabilities(resource_type)
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource> {
        wait().await;
        self.0.create(cx, new).await
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>> {
        self.0.get(cx, id, fetch).await
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page> {
        self.0.list(cx, query).await
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        self.0.update(cx, id, update).await
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<()> {
        self.0.delete(cx, id, expect).await
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        None
    }
}
