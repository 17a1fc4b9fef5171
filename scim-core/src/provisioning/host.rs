//! What the host itself does with what was provisioned: one resource, or all when a connection ends.

use serde_json::{Map, Value};

use crate::context::Context;
use crate::resource::{Attributes, Resource, ResourceId};
use crate::store::{Fetch, Page, PageRequest, Query, ResourceStore, StoreError, Update};

/// How many resources are read at once.
const BATCH: usize = 200;

/// How often a resource is read again because somebody else changed it meanwhile.
const ATTEMPTS: usize = 8;

/// Changes the document of a resource that may be changed at the same time by its provider: it is read, handed to the
/// function and written under the condition that it is still what was read, and all of it again if it is not. Members
/// and memberships are not in the document and stay as they are.
///
/// The function leaves the document in canonical form: names as the schema spells them, no nulls, no empty arrays.
/// Observers are not told, for what the host does it knows.
///
/// ```
/// use scim_core::{edit_resource, Context, MemoryStore, NewResource, Principal, ResourceStore, ResourceType, TenantId};
/// use std::sync::Arc;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new();
/// let cx = Context::new(Principal::new(TenantId::new("acme"), "the product"), Arc::new(ResourceType::user()));
/// let user = store.create(&cx, NewResource::default()).await?;
/// let edited = edit_resource(&store, &cx, &user.id, |document| {
///     document.insert("title".to_owned(), "Editor".into());
/// });
/// assert_eq!(edited.await?.attributes.string("title"), Some("Editor"));
/// # Ok::<(), scim_core::StoreError>(())
/// # }).unwrap();
/// ```
///
/// # Errors
///
/// [`StoreError::NotFound`] if there is no such resource, [`StoreError::Uniqueness`], and
/// [`StoreError::VersionMismatch`] if it is changed by others without a pause.
pub async fn edit_resource(
    store: &dyn ResourceStore,
    cx: &Context,
    id: &ResourceId,
    mut change: impl FnMut(&mut Map<String, Value>) + Send,
) -> Result<Resource, StoreError> {
    let fetch = Fetch::without(["members", "groups"]);
    let mut attempts = 1..ATTEMPTS;
    loop {
        let present = store.get(cx, id, &fetch).await?.ok_or(StoreError::NotFound)?;
        let mut document = present.attributes.into_map();
        change(&mut document);
        let mut update = Update::document(Attributes::from_stored(document)).expecting(present.meta.version);
        update.fetch = fetch.clone();
        match store.update(cx, id, update).await {
            Err(StoreError::VersionMismatch) if attempts.next().is_some() => {}
            result => return result,
        }
    }
}

/// Makes `active` false in every resource of the context: what a product may do when a connection is deleted. They stay
/// readable, and a connection that sees them later can make them active again. Returns how many there are.
///
/// Requests of the connection that come meanwhile are served: pause it before.
///
/// # Errors
///
/// Those of the store. What is done by then stays done, and the call may be repeated.
pub async fn deactivate_all(store: &dyn ResourceStore, cx: &Context) -> Result<usize, StoreError> {
    let mut done: usize = 0;
    loop {
        let batch = batch(store, cx, done.saturating_add(1)).await?.resources;
        if batch.is_empty() {
            return Ok(done);
        }
        for resource in batch {
            done = done.saturating_add(1);
            if resource.attributes.boolean("active") == Some(false) {
                continue;
            }
            let inactive = |document: &mut Map<String, Value>| drop(document.insert("active".to_owned(), false.into()));
            match edit_resource(store, cx, &resource.id, inactive).await {
                Ok(_) | Err(StoreError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Deletes every resource of the context for good. What was [removed](crate::Partition::removed) from its partition is
/// another partition's: call it for [that](Context::within) too. Returns how many there were.
///
/// Requests of the connection that come meanwhile are served: pause it before.
///
/// # Errors
///
/// Those of the store. What is deleted by then stays deleted, and the call may be repeated.
pub async fn delete_all(store: &dyn ResourceStore, cx: &Context) -> Result<usize, StoreError> {
    let mut done: usize = 0;
    loop {
        let batch = batch(store, cx, 1).await?.resources;
        if batch.is_empty() {
            return Ok(done);
        }
        for resource in batch {
            match store.delete(cx, &resource.id, None).await {
                Ok(()) | Err(StoreError::NotFound) => done = done.saturating_add(1),
                Err(error) => return Err(error),
            }
        }
    }
}

async fn batch(store: &dyn ResourceStore, cx: &Context, start_index: usize) -> Result<Page, StoreError> {
    let page = PageRequest::Index { start_index, count: BATCH };
    store.list(cx, &Query { page, fetch: Fetch::only(["active"]), ..Query::default() }).await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::auth::Principal;
    use crate::resource::TenantId;
    use crate::schema::ResourceType;
    use crate::store::{MemoryStore, NewResource};

    fn context() -> Context {
        Context::new(Principal::new(TenantId::new("acme"), "the product"), Arc::new(ResourceType::user()))
    }

    fn user(name: &str) -> NewResource {
        let document = json!({"userName": name, "active": true});
        NewResource::new(Attributes::from_stored(document.as_object().unwrap().clone()))
    }

    async fn store_of(users: usize) -> MemoryStore {
        let store = MemoryStore::new();
        for number in 0..users {
            store.create(&context(), user(&format!("user{number}"))).await.unwrap();
        }
        store
    }

    async fn count(store: &MemoryStore, cx: &Context) -> usize {
        store.list(cx, &Query::default()).await.unwrap().total.unwrap()
    }

    #[tokio::test]
    async fn an_edit_meets_with_another_and_keeps_it() {
        let (store, cx) = (store_of(1).await, context());
        let id = store.list(&cx, &Query::default()).await.unwrap().resources[0].id.clone();
        let mut is_first = true;
        let edited = edit_resource(&store, &cx, &id, |document| {
            if std::mem::take(&mut is_first) {
                let provider = json!({"userName": "user0", "active": true, "title": "by the provider"});
                let update = Update::document(Attributes::from_stored(provider.as_object().unwrap().clone()));
                let meanwhile = done_at_once(store.update(&cx, &id, update));
                assert!(meanwhile.is_ok());
            }
            document.insert("nickName".to_owned(), "by the host".into());
        });
        let edited = edited.await.unwrap().attributes;
        assert_eq!(edited.string("title"), Some("by the provider"));
        assert_eq!(edited.string("nickName"), Some("by the host"));
    }

    /// The memory store never waits for anything but its own lock.
    fn done_at_once<T>(future: impl std::future::Future<Output = T>) -> T {
        let mut future = std::pin::pin!(future);
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        match future.as_mut().poll(&mut cx) {
            std::task::Poll::Ready(value) => value,
            std::task::Poll::Pending => panic!("the store waits"),
        }
    }

    #[tokio::test]
    async fn an_edit_of_nothing_is_refused() {
        let edited = edit_resource(&MemoryStore::new(), &context(), &ResourceId::new("nobody"), |_| {}).await;
        assert!(matches!(edited, Err(StoreError::NotFound)));
    }

    #[tokio::test]
    async fn everybody_is_deactivated_over_several_batches() {
        let (store, cx) = (store_of(BATCH * 2 + 1).await, context());
        assert_eq!(deactivate_all(&store, &cx).await.unwrap(), BATCH * 2 + 1);
        let query = Query { page: PageRequest::Index { start_index: 1, count: 1000 }, ..Query::default() };
        let users = store.list(&cx, &query).await.unwrap().resources;
        assert_eq!(users.len(), BATCH * 2 + 1);
        for user in users {
            assert_eq!(user.attributes.boolean("active"), Some(false));
            assert!(user.attributes.string("userName").is_some(), "the rest of the document stays");
        }
    }

    #[tokio::test]
    async fn everything_is_deleted_and_nothing_of_others() {
        let (store, cx) = (store_of(BATCH * 2 + 1).await, context());
        let other = Context::new(Principal::new(TenantId::new("other"), "it"), Arc::new(ResourceType::user()));
        store.create(&other, user("user0")).await.unwrap();
        assert_eq!(delete_all(&store, &cx).await.unwrap(), BATCH * 2 + 1);
        assert_eq!((count(&store, &cx).await, count(&store, &other).await), (0, 1));
    }
}
