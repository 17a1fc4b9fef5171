//! Stores that are wrong in one thing: a `MemoryStore` with a fault around it.

pub(crate) mod claims;
pub(crate) mod documents;
pub(crate) mod filters;
pub(crate) mod lists;
pub(crate) mod members;
pub(crate) mod partitions;
pub(crate) mod units;

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use scim_core::{
    BeginUnitOfWork, Capabilities, Context, Fetch, MemoryStore, NewResource, Page, Query, Resource, ResourceId,
    ResourceStore, ResourceType, StoreError, Update, Version,
};

/// What goes wrong; whatever is not overridden goes right.
#[async_trait]
pub(crate) trait Fault: Send + Sync + 'static {
    /// The store, if the fault wants another than it is given.
    fn store(&self, store: MemoryStore) -> MemoryStore {
        store
    }

    async fn create(&self, store: &MemoryStore, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        store.create(cx, new).await
    }

    async fn get(
        &self,
        store: &MemoryStore,
        cx: &Context,
        id: &ResourceId,
        fetch: &Fetch,
    ) -> Result<Option<Resource>, StoreError> {
        store.get(cx, id, fetch).await
    }

    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        store.list(cx, query).await
    }

    async fn update(
        &self,
        store: &MemoryStore,
        cx: &Context,
        id: &ResourceId,
        update: Update,
    ) -> Result<Resource, StoreError> {
        store.update(cx, id, update).await
    }

    async fn delete(
        &self,
        store: &MemoryStore,
        cx: &Context,
        id: &ResourceId,
        expect: Option<&Version>,
    ) -> Result<(), StoreError> {
        store.delete(cx, id, expect).await
    }

    /// There are no units of work but those that go wrong.
    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        None
    }
}

/// Nothing goes wrong.
#[derive(Default)]
pub(crate) struct NoFault;

impl Fault for NoFault {}

pub(crate) struct Broken<F> {
    pub(crate) store: MemoryStore,
    fault: F,
}

impl<F: Fault> Broken<F> {
    pub(crate) fn new(store: MemoryStore, fault: F) -> Self {
        Self { store: fault.store(store), fault }
    }
}

#[async_trait]
impl<F: Fault> ResourceStore for Broken<F> {
    fn capabilities(&self, resource_type: &ResourceType) -> Capabilities {
        self.store.capabilities(resource_type)
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        self.fault.unit_of_work()
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        self.fault.create(&self.store, cx, new).await
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        self.fault.get(&self.store, cx, id, fetch).await
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        self.fault.list(&self.store, cx, query).await
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        self.fault.update(&self.store, cx, id, update).await
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        self.fault.delete(&self.store, cx, id, expect).await
    }
}

/// Lets others go on, as a store does that waits for its database.
pub(crate) async fn wait() {
    let waited = AtomicBool::new(false);
    std::future::poll_fn(|context| {
        if waited.swap(true, Ordering::SeqCst) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

/// All resources of a type, as they are.
pub(crate) async fn everything(store: &MemoryStore, cx: &Context) -> Result<Vec<Resource>, StoreError> {
    let mut query = Query::default();
    query.page = scim_core::PageRequest::Index { start_index: 1, count: usize::MAX };
    Ok(store.list(cx, &query).await?.resources)
}
