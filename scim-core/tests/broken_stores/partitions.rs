//! Faults of partitions and moves.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use scim_core::{
    Context, Fetch, Member, MembersUpdate, MemoryStore, NewResource, Page, Partition, Query, Resource, ResourceId,
    ResourceStore, StoreError, Update, Version,
};

use super::{everything, wait, Fault};

type Result<T> = std::result::Result<T, StoreError>;

/// Goes by the tenant, and says that it goes by the partition.
#[derive(Default)]
pub(crate) struct GoesByTenant;

fn of_tenant(cx: &Context) -> Context {
    cx.within(Partition::of_tenant(cx.tenant().clone()))
}

#[async_trait]
impl Fault for GoesByTenant {
    async fn create(&self, store: &MemoryStore, cx: &Context, new: NewResource) -> Result<Resource> {
        store.create(&of_tenant(cx), new).await
    }

    async fn get(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>> {
        store.get(&of_tenant(cx), id, fetch).await
    }

    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        store.list(&of_tenant(cx), query).await
    }

    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, mut update: Update) -> Result<Resource> {
        update.move_to = None;
        store.update(&of_tenant(cx), id, update).await
    }

    async fn delete(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<()> {
        store.delete(&of_tenant(cx), id, expect).await
    }
}

/// `WHERE tenant = ?` in lists alone.
#[derive(Default)]
pub(crate) struct ListsByTenant {
    seen: Mutex<Vec<Context>>,
}

#[async_trait]
impl Fault for ListsByTenant {
    async fn create(&self, store: &MemoryStore, cx: &Context, new: NewResource) -> Result<Resource> {
        self.seen.lock().unwrap().push(cx.clone());
        store.create(cx, new).await
    }

    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        let seen = self.seen.lock().unwrap().clone();
        let mut partitions = vec![cx.partition().clone()];
        for other in seen.iter().filter(|other| other.tenant() == cx.tenant()) {
            if !partitions.contains(other.partition()) {
                partitions.push(other.partition().clone());
            }
        }
        let mut resources = Vec::new();
        for partition in partitions {
            resources.extend(everything(store, &cx.within(partition)).await?);
        }
        Ok(query.run(&cx.resource_type, resources))
    }
}

/// Refuses a name that a removed resource has, among the removed.
#[derive(Default)]
pub(crate) struct RemovedNamesAreUnique;

async fn is_taken(store: &MemoryStore, cx: &Context, name: Option<&str>) -> Result<bool> {
    let all = everything(store, cx).await?;
    Ok(name.is_some() && all.iter().any(|resource| resource.attributes.string("userName") == name))
}

#[async_trait]
impl Fault for RemovedNamesAreUnique {
    async fn create(&self, store: &MemoryStore, cx: &Context, new: NewResource) -> Result<Resource> {
        if cx.partition().is_removed() && is_taken(store, cx, new.attributes.string("userName")).await? {
            return Err(StoreError::uniqueness("userName"));
        }
        store.create(cx, new).await
    }

    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        if let Some(removed) = update.move_to.as_ref().filter(|target| target.is_removed()) {
            let before = store.get(cx, id, &Fetch::all()).await?.ok_or(StoreError::NotFound)?;
            if is_taken(store, &cx.within(removed.clone()), before.attributes.string("userName")).await? {
                return Err(StoreError::uniqueness("userName"));
            }
        }
        store.update(cx, id, update).await
    }
}

/// Leaves a copy behind.
#[derive(Default)]
pub(crate) struct MoveLeavesACopy;

#[async_trait]
impl Fault for MoveLeavesACopy {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        let is_move = update.move_to.as_ref().is_some_and(|target| target != cx.partition());
        let updated = store.update(cx, id, update).await?;
        if is_move {
            store.create(cx, NewResource::new(updated.attributes.clone())).await?;
        }
        Ok(updated)
    }
}

/// Moves by making another resource, in several steps.
#[derive(Default)]
pub(crate) struct MoveMakesAnother;

#[async_trait]
impl Fault for MoveMakesAnother {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        let Some(target) = update.move_to.clone().filter(|target| target != cx.partition()) else {
            return store.update(cx, id, update).await;
        };
        let before = store.get(cx, id, &Fetch::without(["groups"])).await?.ok_or(StoreError::NotFound)?;
        wait().await;
        let made = store.create(&cx.within(target), NewResource::new(before.attributes)).await?;
        wait().await;
        match store.delete(cx, id, None).await {
            Ok(()) | Err(StoreError::NotFound) => Ok(made),
            Err(error) => Err(error),
        }
    }
}

/// Does not look at the version of what is moved.
#[derive(Default)]
pub(crate) struct MoveIgnoresVersion;

#[async_trait]
impl Fault for MoveIgnoresVersion {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, mut update: Update) -> Result<Resource> {
        if update.move_to.is_some() {
            update.expect = None;
        }
        store.update(cx, id, update).await
    }
}

/// Changes the document, then moves.
#[derive(Default)]
pub(crate) struct ChangesThenMoves;

#[async_trait]
impl Fault for ChangesThenMoves {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, mut update: Update) -> Result<Resource> {
        if update.move_to.is_some() {
            if let Some(attributes) = update.attributes.take() {
                store.update(cx, id, Update::document(attributes)).await?;
                update.expect = None;
            }
        }
        store.update(cx, id, update).await
    }
}

/// A version that it had before it was away.
#[derive(Default)]
pub(crate) struct MoveBringsVersionsBack;

#[async_trait]
impl Fault for MoveBringsVersionsBack {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        let is_back = update.move_to.as_ref().is_some_and(|target| target.connection().is_none());
        let mut updated = store.update(cx, id, update).await?;
        if is_back {
            updated.meta.version = Version::new("1");
        }
        Ok(updated)
    }
}

/// Brings the members of a group back with it.
#[derive(Default)]
pub(crate) struct MoveKeepsMembers {
    away: Mutex<HashMap<ResourceId, Vec<Member>>>,
}

#[async_trait]
impl Fault for MoveKeepsMembers {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, mut update: Update) -> Result<Resource> {
        if update.move_to.is_some() {
            if let Some(before) = store.get(cx, id, &Fetch::all()).await? {
                let ids = before.attributes.values("members").iter().filter_map(|member| member.get("value")?.as_str());
                let members = ids.map(|id| Member::new(ResourceId::new(id))).collect();
                if let Some(members) = self.away.lock().unwrap().insert(id.clone(), members) {
                    update.members = MembersUpdate::Set(members);
                }
            }
        }
        store.update(cx, id, update).await
    }
}

/// Leaves out members that are not where the group goes.
#[derive(Default)]
pub(crate) struct MoveLeavesUnknownMembersOut;

#[async_trait]
impl Fault for MoveLeavesUnknownMembersOut {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, mut update: Update) -> Result<Resource> {
        loop {
            match store.update(cx, id, update.clone()).await {
                Err(StoreError::UnknownMembers(unknown)) if update.move_to.is_some() => update.members.remove(unknown),
                result => return result,
            }
        }
    }
}

/// Gives a resource to whom it is told.
#[derive(Default)]
pub(crate) struct MovesAcrossTenants;

#[async_trait]
impl Fault for MovesAcrossTenants {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        match &update.move_to {
            Some(target) if target.tenant() != cx.tenant() => {
                let before = store.get(cx, id, &Fetch::all()).await?.ok_or(StoreError::NotFound)?;
                store.delete(cx, id, None).await?;
                store.create(&cx.within(target.clone()), NewResource::new(before.attributes)).await
            }
            _ => store.update(cx, id, update).await,
        }
    }
}
