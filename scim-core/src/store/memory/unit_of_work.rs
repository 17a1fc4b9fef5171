//! Several operations of one tenant as one.

use std::sync::Arc;

use async_lock::RwLockWriteGuardArc;
use async_trait::async_trait;

use super::{read, write, MemoryStore, Shard};
use crate::context::Context;
use crate::resource::{Resource, ResourceId, TenantId, Version};
use crate::schema::ResourceType;
use crate::store::{
    BeginUnitOfWork, Capabilities, Fetch, NewResource, Page, Query, ResourceStore, StoreError, UnitOfWork, Update,
};

/// A copy of a tenant in a store of its own, that takes the place of the original in the end.
struct MemoryUnitOfWork {
    copy: MemoryStore,
    tenant: TenantId,
    original: Arc<Shard>,
    /// Keeps others from writing.
    _gate: RwLockWriteGuardArc<()>,
}

impl MemoryUnitOfWork {
    fn copy_for(&self, cx: &Context) -> Result<&MemoryStore, StoreError> {
        if *cx.tenant() == self.tenant {
            Ok(&self.copy)
        } else {
            Err(StoreError::backend("a unit of work is of one tenant"))
        }
    }
}

#[async_trait]
impl BeginUnitOfWork for MemoryStore {
    async fn begin(&self, cx: &Context) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let original = self.shard_or_new(cx.tenant());
        let gate = original.gate.write_arc().await;
        let copy = MemoryStore { tenants: Arc::default(), clock: self.clock.clone(), ids: self.ids.clone() };
        *write(&copy.shard_or_new(cx.tenant()).tenant) = read(&original.tenant).clone();
        Ok(Box::new(MemoryUnitOfWork { copy, tenant: cx.tenant().clone(), original, _gate: gate }))
    }
}

#[async_trait]
impl UnitOfWork for MemoryUnitOfWork {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let copy = self.copy.shard_or_new(&self.tenant);
        std::mem::swap(&mut *write(&self.original.tenant), &mut *write(&copy.tenant));
        Ok(())
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        Ok(())
    }
}

#[async_trait]
impl ResourceStore for MemoryUnitOfWork {
    fn capabilities(&self, resource_type: &ResourceType) -> Capabilities {
        self.copy.capabilities(resource_type)
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        self.copy_for(cx)?.create(cx, new).await
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        self.copy_for(cx)?.get(cx, id, fetch).await
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        self.copy_for(cx)?.list(cx, query).await
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        self.copy_for(cx)?.update(cx, id, update).await
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        self.copy_for(cx)?.delete(cx, id, expect).await
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        None
    }
}
