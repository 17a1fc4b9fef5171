//! A store that breaks down when it is told to.
#![allow(dead_code, unreachable_pub)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{
    BeginUnitOfWork, Capabilities, Context, Fetch, MemoryStore, NewResource, Page, Query, Resource, ResourceId,
    ResourceStore, ResourceType, StoreError, UnitOfWork, Update, Version,
};

/// What goes wrong, and what has happened; shared by clones.
#[derive(Clone, Default)]
pub struct Controls {
    pub commit_fails: Arc<AtomicBool>,
    pub begin_fails: Arc<AtomicBool>,
    pub commits: Arc<AtomicUsize>,
    pub rollbacks: Arc<AtomicUsize>,
}

/// A memory store whose backend fails for users of the name `fault`, and whose units of work fail as told.
pub struct Fragile<S> {
    pub store: S,
    pub controls: Controls,
}

impl Fragile<MemoryStore> {
    pub fn new(controls: &Controls) -> Self {
        Self { store: MemoryStore::new(), controls: controls.clone() }
    }
}

#[async_trait]
impl ResourceStore for Fragile<MemoryStore> {
    fn capabilities(&self, resource_type: &ResourceType) -> Capabilities {
        self.store.capabilities(resource_type)
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        if new.attributes.string("userName") == Some("fault") {
            return Err(StoreError::backend("secret of the backend"));
        }
        self.store.create(cx, new).await
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        self.store.get(cx, id, fetch).await
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        self.store.list(cx, query).await
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        self.store.update(cx, id, update).await
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        self.store.delete(cx, id, expect).await
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        Some(self)
    }
}

#[async_trait]
impl BeginUnitOfWork for Fragile<MemoryStore> {
    async fn begin(&self, cx: &Context) -> Result<Box<dyn UnitOfWork>, StoreError> {
        if self.controls.begin_fails.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable(7, "the backend is away"));
        }
        let store = self.store.unit_of_work().ok_or(StoreError::NotFound)?.begin(cx).await?;
        Ok(Box::new(Fragile { store, controls: self.controls.clone() }))
    }
}

#[async_trait]
impl UnitOfWork for Fragile<Box<dyn UnitOfWork>> {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.controls.commit_fails.load(Ordering::SeqCst) {
            return Err(StoreError::backend("secret of the backend"));
        }
        self.controls.commits.fetch_add(1, Ordering::SeqCst);
        self.store.commit().await
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        self.controls.rollbacks.fetch_add(1, Ordering::SeqCst);
        self.store.rollback().await
    }
}

#[async_trait]
impl ResourceStore for Fragile<Box<dyn UnitOfWork>> {
    fn capabilities(&self, resource_type: &ResourceType) -> Capabilities {
        self.store.capabilities(resource_type)
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        self.store.create(cx, new).await
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        self.store.get(cx, id, fetch).await
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        self.store.list(cx, query).await
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
