//! Faults of documents, versions and what is unique.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use scim_core::{
    user_schema, Attributes, Context, Fetch, Filter, MemoryStore, NewResource, Query, Resource, ResourceId,
    ResourceStore, ResourceType, StoreError, Uniqueness, Update, Version,
};
use serde_json::{Map, Value};

use super::{wait, Fault};

type Result<T> = std::result::Result<T, StoreError>;

#[derive(Default)]
pub(crate) struct PanicsOnDelete;

#[async_trait]
impl Fault for PanicsOnDelete {
    async fn delete(&self, _: &MemoryStore, _: &Context, _: &ResourceId, _: Option<&Version>) -> Result<()> {
        panic!("not today")
    }
}

#[derive(Default)]
pub(crate) struct IgnoresExpectedVersion;

#[async_trait]
impl Fault for IgnoresExpectedVersion {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, mut update: Update) -> Result<Resource> {
        update.expect = None;
        store.update(cx, id, update).await
    }
}

#[derive(Default)]
pub(crate) struct IgnoresVersionOfDelete;

#[async_trait]
impl Fault for IgnoresVersionOfDelete {
    async fn delete(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, _: Option<&Version>) -> Result<()> {
        store.delete(cx, id, None).await
    }
}

#[derive(Default)]
pub(crate) struct ComparesThenSwaps;

#[async_trait]
impl Fault for ComparesThenSwaps {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, mut update: Update) -> Result<Resource> {
        let current = store.get(cx, id, &Fetch::all()).await?.ok_or(StoreError::NotFound)?;
        if update.expect.take().is_some_and(|expected| expected != current.meta.version) {
            return Err(StoreError::VersionMismatch);
        }
        wait().await;
        store.update(cx, id, update).await
    }
}

/// The type of users with another `userName`.
fn users_with(cx: &Context, change: impl FnOnce(&mut scim_core::Attribute)) -> Context {
    if cx.resource_type.name() != "User" {
        return cx.clone();
    }
    cx.for_type(Arc::new(ResourceType::user().with_schema(user_schema().with("userName", change))))
}

#[derive(Default)]
pub(crate) struct LooksThenCreates;

#[async_trait]
impl Fault for LooksThenCreates {
    async fn create(&self, store: &MemoryStore, cx: &Context, new: NewResource) -> Result<Resource> {
        let name = new.attributes.string("userName").unwrap_or_default().to_owned();
        let mut query = Query::default();
        let filter = Filter::parse(&format!("userName eq {}", Value::String(name)), &cx.profile, &cx.limits).unwrap();
        query.filter = Some(filter.resolve(&cx.resource_type, &cx.profile).unwrap());
        if !store.list(cx, &query).await?.resources.is_empty() {
            return Err(StoreError::uniqueness("userName"));
        }
        wait().await;
        store.create(&users_with(cx, |name| name.uniqueness = Uniqueness::None), new).await
    }
}

#[derive(Default)]
pub(crate) struct UniqueWithCase;

#[async_trait]
impl Fault for UniqueWithCase {
    async fn create(&self, store: &MemoryStore, cx: &Context, new: NewResource) -> Result<Resource> {
        store.create(&users_with(cx, |name| name.case_exact = true), new).await
    }
}

#[derive(Default)]
pub(crate) struct ReusesIds {
    free: Arc<Mutex<Vec<ResourceId>>>,
}

#[async_trait]
impl Fault for ReusesIds {
    fn store(&self, store: MemoryStore) -> MemoryStore {
        let free = Arc::clone(&self.free);
        store.with_ids(move || free.lock().unwrap().pop().unwrap_or_else(ResourceId::random))
    }

    async fn delete(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<()> {
        store.delete(cx, id, expect).await?;
        self.free.lock().unwrap().push(id.clone());
        Ok(())
    }
}

#[derive(Default)]
pub(crate) struct OneVersion;

#[async_trait]
impl Fault for OneVersion {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        let mut changed = store.update(cx, id, update).await?;
        changed.meta.version = Version::new("1");
        Ok(changed)
    }
}

#[derive(Default)]
pub(crate) struct VersionOfContent;

fn with_version_of_content(mut resource: Resource) -> Resource {
    resource.meta.version = Version::new(format!("{:?}", resource.attributes).len().to_string());
    resource
}

#[async_trait]
impl Fault for VersionOfContent {
    async fn create(&self, store: &MemoryStore, cx: &Context, new: NewResource) -> Result<Resource> {
        store.create(cx, new).await.map(with_version_of_content)
    }

    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        store.update(cx, id, update).await.map(with_version_of_content)
    }
}

#[derive(Default)]
pub(crate) struct AlwaysAnotherVersion;

#[async_trait]
impl Fault for AlwaysAnotherVersion {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        let changed = store.update(cx, id, update).await?;
        let mut other = changed.attributes.clone().into_map();
        other.insert("nickName".to_owned(), Value::String("meanwhile".to_owned()));
        store.update(cx, id, Update::document(Attributes::from_stored(other))).await?;
        store.update(cx, id, Update::document(changed.attributes)).await
    }
}

#[derive(Default)]
pub(crate) struct MergesDocuments;

#[async_trait]
impl Fault for MergesDocuments {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, mut update: Update) -> Result<Resource> {
        let current = store.get(cx, id, &Fetch::without(["members", "groups"])).await?.ok_or(StoreError::NotFound)?;
        if let Some(attributes) = update.attributes.take() {
            let mut merged: Map<String, Value> = current.attributes.into_map();
            merged.extend(attributes.into_map());
            update.attributes = Some(Attributes::from_stored(merged));
        }
        store.update(cx, id, update).await
    }
}

#[derive(Default)]
pub(crate) struct KeepsPassword;

#[async_trait]
impl Fault for KeepsPassword {
    async fn create(&self, store: &MemoryStore, cx: &Context, mut new: NewResource) -> Result<Resource> {
        let mut attributes = new.attributes.into_map();
        attributes.append(&mut new.write_only);
        new.attributes = Attributes::from_stored(attributes);
        store.create(cx, new).await
    }
}

#[derive(Default)]
pub(crate) struct DropsWriteOnly;

#[async_trait]
impl Fault for DropsWriteOnly {
    async fn create(&self, store: &MemoryStore, cx: &Context, mut new: NewResource) -> Result<Resource> {
        new.write_only.clear();
        store.create(cx, new).await
    }

    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, mut update: Update) -> Result<Resource> {
        update.write_only.clear();
        store.update(cx, id, update).await
    }
}

/// Forgets what an update does not name.
#[derive(Default)]
pub(crate) struct ReplacesWriteOnly;

#[async_trait]
impl Fault for ReplacesWriteOnly {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, mut update: Update) -> Result<Resource> {
        for name in store.write_only(cx, id).unwrap_or_default().keys() {
            update.write_only.entry(name.clone()).or_insert(Value::Null);
        }
        store.update(cx, id, update).await
    }
}

#[derive(Default)]
pub(crate) struct GetsAnyType;

#[async_trait]
impl Fault for GetsAnyType {
    async fn get(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>> {
        for resource_type in [ResourceType::user(), ResourceType::group()] {
            let found = store.get(&cx.for_type(Arc::new(resource_type)), id, fetch).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}
