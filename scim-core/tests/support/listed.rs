//! A store that remembers how it is listed, and may do something meanwhile.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use scim_core::{
    BeginUnitOfWork, Capabilities, Context, Fetch, MemoryStore, NewResource, Page, PageRequest, Query, Resource,
    ResourceId, ResourceStore, ResourceType, StoreError, Update, Version,
};

#[derive(Clone)]
pub struct Listed {
    store: MemoryStore,
    has_cursors: bool,
    /// What was asked for so far.
    pub queries: Arc<Mutex<Vec<Query>>>,
    /// Who is deleted as soon as the first page is read.
    pub leaving: Arc<Mutex<Option<ResourceId>>>,
}

impl Listed {
    pub fn new(has_cursors: bool) -> Self {
        Self { store: MemoryStore::new(), has_cursors, queries: Arc::default(), leaving: Arc::default() }
    }
}

#[async_trait]
impl ResourceStore for Listed {
    fn capabilities(&self, _: &ResourceType) -> Capabilities {
        let mut capabilities = Capabilities::ALL;
        capabilities.cursor = self.has_cursors;
        capabilities
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        self.store.create(cx, new).await
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        self.store.get(cx, id, fetch).await
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        assert!(self.has_cursors || matches!(query.page, PageRequest::Index { .. }), "this store has no cursors");
        self.queries.lock().unwrap().push(query.clone());
        let page = self.store.list(cx, query).await?;
        let leaving = self.leaving.lock().unwrap().take();
        if let Some(id) = leaving {
            self.store.delete(cx, &id, None).await?;
        }
        Ok(page)
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
