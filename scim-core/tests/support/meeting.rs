//! A memory store whose queries wait for one another, and that may lack a capability.

use std::sync::Arc;

use async_lock::Barrier;
use async_trait::async_trait;
use scim_core::{
    BeginUnitOfWork, Capabilities, Context, Fetch, MemoryStore, NewResource, Page, Query, Resource, ResourceId,
    ResourceStore, ResourceType, StoreError, Update, Version,
};

/// Queries on removed resources answer once so many of them have been asked.
pub struct Meeting {
    pub store: MemoryStore,
    pub capabilities: Capabilities,
    pub barrier: Option<Arc<Barrier>>,
}

#[async_trait]
impl ResourceStore for Meeting {
    fn capabilities(&self, _: &ResourceType) -> Capabilities {
        self.capabilities
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        self.store.create(cx, new).await
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        self.store.get(cx, id, fetch).await
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        let page = self.store.list(cx, query).await;
        if let Some(barrier) = self.barrier.as_ref().filter(|_| cx.partition().is_removed()) {
            barrier.wait().await;
        }
        page
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        self.store.update(cx, id, update).await
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        self.store.delete(cx, id, expect).await
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        None
    }
}
