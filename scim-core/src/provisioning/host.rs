//! What the host does with all that was provisioned, when a connection ends.

use serde_json::{Map, Value};

use crate::context::Context;
use crate::error::{ErrorKind, ScimError};
use crate::resource::Resource;
use crate::store::{edit_resource, Fetch, PageRequest, Query, ResourceStore, StoreError};

/// How many resources are read at once.
const BATCH: usize = 200;

/// Makes `active` false in every resource of the context: what a product may do when a connection is deleted. They stay
/// readable, and a connection that sees them later can make them active again. Returns how many there are.
///
/// Requests of the connection that come meanwhile are served: pause it before. No policy is asked and no observer is
/// told, for it is the host that acts.
///
/// ```
/// use scim_core::{create_resource, deactivate_all, delete_all};
/// use scim_core::{Context, MemoryStore, Principal, ResourceType, ScimError, TenantId, User};
/// use std::sync::Arc;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new();
/// let cx = Context::new(Principal::new(TenantId::new("acme"), "the product"), Arc::new(ResourceType::user()));
/// create_resource(&store, &cx, &User::new("bjensen@example.com")).await?;
///
/// assert_eq!(deactivate_all(&store, &cx).await?, 1);
/// assert_eq!(delete_all(&store, &cx).await?, 1);
/// # Ok::<(), ScimError>(())
/// # }).unwrap();
/// ```
///
/// # Errors
///
/// Those of the store. What is done by then stays done, and the call may be repeated.
pub async fn deactivate_all(store: &dyn ResourceStore, cx: &Context) -> Result<usize, ScimError> {
    let mut done: usize = 0;
    loop {
        let batch = batch(store, cx, done.saturating_add(1)).await?;
        if batch.is_empty() {
            return Ok(done);
        }
        for resource in batch {
            done = done.saturating_add(1);
            if resource.attributes.boolean("active") != Some(false) {
                deactivate(store, cx, &resource).await?;
            }
        }
    }
}

/// Deletes every resource of the context for good. What was [removed](crate::Partition::removed) from its partition is
/// another partition's: call it [within](Context::within) that too. Returns how many there were.
///
/// Requests of the connection that come meanwhile are served: pause it before. No policy is asked and no observer is
/// told, for it is the host that acts.
///
/// # Errors
///
/// Those of the store. What is deleted by then stays deleted, and the call may be repeated.
pub async fn delete_all(store: &dyn ResourceStore, cx: &Context) -> Result<usize, ScimError> {
    let mut done: usize = 0;
    loop {
        let batch = batch(store, cx, 1).await?;
        if batch.is_empty() {
            return Ok(done);
        }
        for resource in batch {
            match store.delete(cx, &resource.id, None).await {
                Ok(()) | Err(StoreError::NotFound) => done = done.saturating_add(1),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Deactivates a resource, unless it is gone by now.
async fn deactivate(store: &dyn ResourceStore, cx: &Context, resource: &Resource) -> Result<(), ScimError> {
    let edit = |document: &mut Map<String, Value>| drop(document.insert("active".to_owned(), false.into()));
    match edit_resource(store, cx, &resource.id, edit).await {
        Err(error) if *error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

async fn batch(store: &dyn ResourceStore, cx: &Context, start_index: usize) -> Result<Vec<Resource>, StoreError> {
    let page = PageRequest::Index { start_index, count: BATCH };
    let query = Query { page, fetch: Fetch::only(["active"]), ..Query::default() };
    Ok(store.list(cx, &query).await?.resources)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::auth::Principal;
    use crate::resource::{Attributes, TenantId};
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
