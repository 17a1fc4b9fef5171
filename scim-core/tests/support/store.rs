//! A store that does what a test says, and what a memory store does otherwise.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{
    BeginUnitOfWork, Capabilities, Context, Fetch, MemoryStore, NewResource, Page, Query, Resource, ResourceId,
    ResourceStore, ResourceType, StoreError, Update, Version,
};
use serde_json::{Map, Value};

/// What is asked of a store.
#[derive(Clone, Debug)]
pub enum Call {
    Create(Map<String, Value>),
    Get,
    List,
    Update(Map<String, Value>),
    Delete,
}

/// What a test does with a call before the memory store gets it.
type Before = dyn Fn(&Call) -> Result<(), StoreError> + Send + Sync;

pub struct Scripted {
    before: Arc<Before>,
    store: MemoryStore,
}

impl Scripted {
    /// A store that asks this function before everything it does.
    pub fn new(before: impl Fn(&Call) -> Result<(), StoreError> + Send + Sync + 'static) -> Self {
        Self { before: Arc::new(before), store: MemoryStore::new() }
    }
}

#[async_trait]
impl ResourceStore for Scripted {
    fn capabilities(&self, resource_type: &ResourceType) -> Capabilities {
        self.store.capabilities(resource_type)
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        (self.before)(&Call::Create(new.write_only.clone()))?;
        self.store.create(cx, new).await
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        if id.as_str() == "stuck" {
            std::future::pending::<()>().await;
        }
        (self.before)(&Call::Get)?;
        self.store.get(cx, id, fetch).await
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        (self.before)(&Call::List)?;
        self.store.list(cx, query).await
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        (self.before)(&Call::Update(update.write_only.clone()))?;
        self.store.update(cx, id, update).await
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        (self.before)(&Call::Delete)?;
        self.store.delete(cx, id, expect).await
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        None
    }
}
