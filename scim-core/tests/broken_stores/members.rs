//! Faults of members and groups.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use scim_core::{
    Attribute, Attributes, Context, Fetch, Limits, Member, MembersUpdate, MemoryStore, NewResource, Resource,
    ResourceId, ResourceStore, ResourceType, StoreError, Update, Version,
};
use serde_json::Value;

use super::{everything, wait, Fault};

type Result<T> = std::result::Result<T, StoreError>;

#[derive(Default)]
pub(crate) struct MembersBeforeDocument;

#[async_trait]
impl Fault for MembersBeforeDocument {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, mut update: Update) -> Result<Resource> {
        let mut first = Update::members(std::mem::take(&mut update.members));
        first.expect = update.expect.take();
        store.update(cx, id, first).await?;
        store.update(cx, id, update).await
    }
}

#[derive(Default)]
pub(crate) struct DeltaOneByOne;

#[async_trait]
impl Fault for DeltaOneByOne {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, mut update: Update) -> Result<Resource> {
        if let MembersUpdate::Delta { add, .. } = &mut update.members {
            for member in std::mem::take(add) {
                let one = MembersUpdate::Delta { add: vec![member], remove: Vec::new() };
                store.update(cx, id, Update::members(one)).await?;
            }
        }
        store.update(cx, id, update).await
    }
}

fn members_of(group: &Resource) -> Vec<Member> {
    group.attributes.values("members").iter().filter_map(Member::from_value).collect()
}

#[derive(Default)]
pub(crate) struct DeltaReadsThenSets;

#[async_trait]
impl Fault for DeltaReadsThenSets {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, mut update: Update) -> Result<Resource> {
        if let MembersUpdate::Delta { add, remove } = std::mem::take(&mut update.members) {
            let group = store.get(cx, id, &Fetch::all()).await?.ok_or(StoreError::NotFound)?;
            wait().await;
            let mut all = MembersUpdate::Set(members_of(&group));
            all.add(add);
            all.remove(remove);
            update.members = all;
        }
        store.update(cx, id, update).await
    }
}

#[derive(Default)]
pub(crate) struct VersionWithoutMembers;

#[async_trait]
impl Fault for VersionWithoutMembers {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        let before = store.get(cx, id, &Fetch::all()).await?.ok_or(StoreError::NotFound)?;
        let is_of_members = update.attributes.is_none();
        let mut changed = store.update(cx, id, update).await?;
        if is_of_members {
            changed.meta = before.meta;
        }
        Ok(changed)
    }
}

/// Keeps a record of who was a member where, and nobody cleans it.
#[derive(Default)]
pub(crate) struct KeepsDeletedMembers {
    ghosts: Mutex<Vec<(ResourceId, Value)>>,
}

#[async_trait]
impl Fault for KeepsDeletedMembers {
    async fn get(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>> {
        let mut found = store.get(cx, id, fetch).await?;
        if let Some(group) = &mut found {
            let mut members = group.attributes.values("members").to_vec();
            let ghosts = self.ghosts.lock().unwrap();
            members.extend(ghosts.iter().filter(|(group, _)| group == id).map(|(_, ghost)| ghost.clone()));
            let mut attributes = group.attributes.clone().into_map();
            attributes.insert("members".to_owned(), Value::Array(members));
            group.attributes = Attributes::from_stored(attributes);
        }
        Ok(found)
    }

    async fn delete(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<()> {
        for group in everything(store, &cx.for_type(Arc::new(ResourceType::group()))).await? {
            for member in members_of(&group).iter().filter(|member| member.value == *id) {
                self.ghosts.lock().unwrap().push((group.id.clone(), member.to_value()));
            }
        }
        store.delete(cx, id, expect).await
    }
}

/// The members of a group before a delta.
async fn present(store: &MemoryStore, cx: &Context, group: &ResourceId) -> Result<Vec<ResourceId>> {
    let group = store.get(cx, group, &Fetch::all()).await?.ok_or(StoreError::NotFound)?;
    Ok(members_of(&group).into_iter().map(|member| member.value).collect())
}

#[derive(Default)]
pub(crate) struct RemoveWantsMember;

#[async_trait]
impl Fault for RemoveWantsMember {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        if let MembersUpdate::Delta { remove, .. } = &update.members {
            let present = present(store, cx, id).await?;
            if let Some(absent) = remove.iter().find(|id| !present.contains(id)) {
                return Err(StoreError::UnknownMembers(vec![absent.clone()]));
            }
        }
        store.update(cx, id, update).await
    }
}

#[derive(Default)]
pub(crate) struct AddWantsStranger;

#[async_trait]
impl Fault for AddWantsStranger {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        if let MembersUpdate::Delta { add, .. } = &update.members {
            let present = present(store, cx, id).await?;
            if add.iter().any(|member| present.contains(&member.value)) {
                return Err(StoreError::uniqueness("members"));
            }
        }
        store.update(cx, id, update).await
    }
}

#[derive(Default)]
pub(crate) struct IgnoresUnknownMembers;

/// Those members that exist.
async fn known(store: &MemoryStore, cx: &Context, members: Vec<Member>) -> Result<Vec<Member>> {
    let mut ids = Vec::new();
    for resource_type in [ResourceType::user(), ResourceType::group()] {
        let resources = everything(store, &cx.for_type(Arc::new(resource_type))).await?;
        ids.extend(resources.into_iter().map(|resource| resource.id));
    }
    Ok(members.into_iter().filter(|member| ids.contains(&member.value)).collect())
}

#[async_trait]
impl Fault for IgnoresUnknownMembers {
    async fn create(&self, store: &MemoryStore, cx: &Context, mut new: NewResource) -> Result<Resource> {
        new.members = known(store, cx, new.members).await?;
        store.create(cx, new).await
    }

    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, mut update: Update) -> Result<Resource> {
        if let MembersUpdate::Delta { add, .. } = &mut update.members {
            *add = known(store, cx, std::mem::take(add)).await?;
        }
        store.update(cx, id, update).await
    }
}

/// Keeps the type of each member as the client gave it.
#[derive(Default)]
pub(crate) struct BelievesMemberTypes {
    claims: Mutex<HashMap<(ResourceId, ResourceId), String>>,
}

impl BelievesMemberTypes {
    fn note(&self, group: &ResourceId, members: &[Member]) {
        for member in members {
            if let Some(kind) = &member.kind {
                self.claims.lock().unwrap().insert((group.clone(), member.value.clone()), kind.clone());
            }
        }
    }
}

#[async_trait]
impl Fault for BelievesMemberTypes {
    async fn create(&self, store: &MemoryStore, cx: &Context, new: NewResource) -> Result<Resource> {
        let members = new.members.clone();
        let group = store.create(cx, new).await?;
        self.note(&group.id, &members);
        Ok(group)
    }

    async fn get(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>> {
        let mut found = store.get(cx, id, fetch).await?;
        if let Some(group) = &mut found {
            let mut members = members_of(group);
            for member in &mut members {
                if let Some(kind) = self.claims.lock().unwrap().get(&(id.clone(), member.value.clone())) {
                    member.kind = Some(kind.clone());
                }
            }
            if !members.is_empty() {
                let mut attributes = group.attributes.clone().into_map();
                attributes.insert("members".to_owned(), members.iter().map(Member::to_value).collect());
                group.attributes = Attributes::from_stored(attributes);
            }
        }
        Ok(found)
    }

    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        let members = update.members.added().to_vec();
        let group = store.update(cx, id, update).await?;
        self.note(id, &members);
        Ok(group)
    }
}

/// Takes every resource that exists as a member, whatever the schema of the group says.
#[derive(Default)]
pub(crate) struct TakesMembersOfAnyType;

/// The same where `members` may be anything.
fn without_member_types(cx: &Context) -> Context {
    if cx.resource_type.name() != "Group" {
        return cx.clone();
    }
    let anything = Attribute::complex("members", [Attribute::string("value"), Attribute::string("type")]);
    let schema = cx.resource_type.schema().as_ref().clone().attribute(anything.multi_valued());
    cx.for_type(Arc::new(cx.resource_type.as_ref().clone().with_schema(schema)))
}

#[async_trait]
impl Fault for TakesMembersOfAnyType {
    async fn create(&self, store: &MemoryStore, cx: &Context, new: NewResource) -> Result<Resource> {
        store.create(&without_member_types(cx), new).await
    }

    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        store.update(&without_member_types(cx), id, update).await
    }
}

#[derive(Default)]
pub(crate) struct SetAdds;

#[async_trait]
impl Fault for SetAdds {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, mut update: Update) -> Result<Resource> {
        if let MembersUpdate::Set(members) = update.members {
            update.members = MembersUpdate::Delta { add: members, remove: Vec::new() };
        }
        store.update(cx, id, update).await
    }
}

#[derive(Default)]
pub(crate) struct UsersWithoutGroups;

#[async_trait]
impl Fault for UsersWithoutGroups {
    async fn get(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, _: &Fetch) -> Result<Option<Resource>> {
        store.get(cx, id, &Fetch::without(["groups"])).await
    }
}

#[derive(Default)]
pub(crate) struct LoadsAllMembers;

#[async_trait]
impl Fault for LoadsAllMembers {
    async fn get(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, _: &Fetch) -> Result<Option<Resource>> {
        store.get(cx, id, &Fetch::all()).await
    }
}

#[derive(Default)]
pub(crate) struct NoLimitOfMembers;

#[async_trait]
impl Fault for NoLimitOfMembers {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        let mut cx = cx.clone();
        cx.limits = Arc::new(Limits::default());
        store.update(&cx, id, update).await
    }
}
