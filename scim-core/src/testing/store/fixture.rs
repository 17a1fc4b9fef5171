//! What every check has at hand: a store, contexts, and the operations it tries.

use std::future::Future;
use std::sync::Arc;

use serde_json::Value;

use super::check::{Failure, Verdict};
use super::probe;
use super::race::{self, Spawner};
use super::suite::WriteOnlyReader;
use crate::auth::Principal;
use crate::compat::CompatProfile;
use crate::connection::Partition;
use crate::context::Context;
use crate::filter::Filter;
use crate::limits::Limits;
use crate::resource::{Attributes, ConnectionId, Member, Resource, ResourceId, TenantId};
use crate::schema::{Attribute, AttributePath, ResourceType, Schema, UniqueWithin};
use crate::store::{
    Capabilities, Fetch, MembersUpdate, NewResource, Page, PageRequest, Query, ResourceStore, Sort, StoreError, Update,
};

/// A store and two tenants that no other check has.
pub(super) struct Fixture {
    pub(super) store: Arc<dyn ResourceStore>,
    pub(super) users: Context,
    pub(super) groups: Context,
    pub(super) probes: Context,
    /// Users of another tenant.
    pub(super) other_users: Context,
    /// Groups of another tenant.
    pub(super) other_groups: Context,
    spawner: Option<Spawner>,
    read_write_only: Option<WriteOnlyReader>,
}

impl Fixture {
    pub(super) fn new(
        store: Arc<dyn ResourceStore>,
        read_write_only: Option<WriteOnlyReader>,
        tenant: Option<TenantId>,
        spawner: Option<Spawner>,
    ) -> Self {
        let unique = ResourceId::random();
        let own = tenant.unwrap_or_else(|| TenantId::new(format!("tenant-{unique}")));
        let other = TenantId::new(format!("other-{unique}"));
        let cx = |tenant: &TenantId, resource_type| {
            Context::new(Principal::new(tenant.clone(), "store suite"), Arc::new(resource_type))
        };
        Self {
            users: cx(&own, ResourceType::user()),
            groups: cx(&own, ResourceType::group()),
            probes: cx(&own, probe::resource_type()),
            other_users: cx(&other, ResourceType::user()),
            other_groups: cx(&other, ResourceType::group()),
            store,
            spawner,
            read_write_only,
        }
    }

    /// Whether what the store keeps of write-only attributes can be seen.
    pub(super) fn reads_write_only(&self) -> bool {
        self.read_write_only.is_some()
    }

    /// What the store keeps of the write-only attributes of a resource.
    pub(super) async fn write_only(&self, cx: &Context, id: &ResourceId) -> Result<Value, Failure> {
        let read = self.read_write_only.as_ref();
        let read = read.ok_or_else(|| Failure::new("the suite cannot read write-only attributes"))?;
        Ok(Value::Object(read(cx.clone(), id.clone()).await))
    }

    pub(super) fn user_capabilities(&self) -> Capabilities {
        self.store.capabilities(&self.users.resource_type)
    }

    pub(super) fn group_capabilities(&self) -> Capabilities {
        self.store.capabilities(&self.groups.resource_type)
    }

    /// The partition of a connection of the tenant.
    pub(super) fn connection(&self, name: &str) -> Partition {
        Partition::of_connection(self.users.tenant().clone(), ConnectionId::new(name))
    }

    /// A context of resources that are unique by `login` in the tenant and by `handle` on the platform.
    pub(super) fn accounts(&self, partition: Partition) -> Context {
        let schema = Schema::new("urn:example:params:scim:schemas:account:1.0:Account", "Account")
            .attribute(Attribute::string("login").unique_within(UniqueWithin::Tenant))
            .attribute(Attribute::string("handle").unique_within(UniqueWithin::Platform))
            .attribute(Attribute::string("title"));
        self.users.for_type(Arc::new(ResourceType::new("Account", "/Accounts", schema))).within(partition)
    }

    /// Makes a resource of this document.
    pub(super) async fn create(&self, cx: &Context, document: Value) -> Result<Resource, StoreError> {
        self.store.create(cx, NewResource::new(attributes(document))).await
    }

    /// Makes a user of this name and no other attribute.
    pub(super) async fn user(&self, name: &str) -> Result<Resource, StoreError> {
        self.create(&self.users, serde_json::json!({ "userName": name })).await
    }

    /// Makes so many users, `user-000` and so on.
    pub(super) async fn several_users(&self, count: usize) -> Result<Vec<Resource>, StoreError> {
        let mut users = Vec::new();
        for number in 0..count {
            users.push(self.user(&format!("user-{number:03}")).await?);
        }
        Ok(users)
    }

    /// Makes a group with these members, which the store keeps apart from the document.
    pub(super) async fn group(&self, name: &str, members: &[&Resource]) -> Result<Resource, StoreError> {
        let new = NewResource::new(attributes(serde_json::json!({ "displayName": name })));
        self.store.create(&self.groups, new.with_members(members.iter().copied().map(member))).await
    }

    /// Reads all of a resource that must be there.
    pub(super) async fn read(&self, cx: &Context, id: &ResourceId) -> Result<Resource, Failure> {
        let found = self.store.get(cx, id, &Fetch::all()).await?;
        found.ok_or_else(|| Failure::new(format!("the {} is not there", cx.resource_type.name())))
    }

    /// Whether a resource is there.
    pub(super) async fn exists(&self, cx: &Context, id: &ResourceId) -> Result<bool, StoreError> {
        Ok(self.store.get(cx, id, &Fetch::all()).await?.is_some())
    }

    /// The ids of the members of a group, sorted.
    pub(super) async fn member_ids(&self, group: &Resource) -> Result<Vec<ResourceId>, Failure> {
        Ok(ids_in(&self.read(&self.groups, &group.id).await?, "members"))
    }

    /// The ids in a user's `groups`, sorted.
    pub(super) async fn group_ids(&self, user: &Resource) -> Result<Vec<ResourceId>, Failure> {
        Ok(ids_in(&self.read(&self.users, &user.id).await?, "groups"))
    }

    /// Fails the check unless the group has these members and no others.
    pub(super) async fn expect_members(&self, group: &Resource, expected: &[&Resource], when: &str) -> Verdict {
        let found = self.member_ids(group).await?;
        let expected = sorted_ids(expected.iter().copied());
        if found == expected {
            return Ok(());
        }
        Err(Failure::new(format!("the members {when}: expected {expected:?}, found {found:?}")))
    }

    /// Replaces the document.
    pub(super) async fn put(&self, cx: &Context, id: &ResourceId, document: Value) -> Result<Resource, StoreError> {
        self.store.update(cx, id, Update::document(attributes(document))).await
    }

    /// Moves a resource to another partition.
    pub(super) async fn relocate(
        &self,
        cx: &Context,
        id: &ResourceId,
        target: &Partition,
    ) -> Result<Resource, StoreError> {
        self.store.update(cx, id, Update::moving(target.clone())).await
    }

    /// Changes the members of a group.
    pub(super) async fn change(&self, group: &Resource, members: MembersUpdate) -> Result<Resource, StoreError> {
        self.store.update(&self.groups, &group.id, Update::members(members)).await
    }

    /// All resources of a type, or those that a filter lets through, in the store's order.
    pub(super) async fn list(&self, cx: &Context, filter: Option<&str>) -> Result<Page, Failure> {
        Ok(self.store.list(cx, &query(cx, filter)?).await?)
    }

    /// The names of the users that a filter lets through, sorted.
    pub(super) async fn user_names(&self, filter: &str) -> Result<Vec<String>, Failure> {
        let page = self.list(&self.users, Some(filter)).await?;
        let mut names = names(&page.resources, "userName");
        names.sort_unstable();
        Ok(names)
    }

    /// Runs operations at the same time.
    pub(super) async fn race<T: Send + 'static>(
        &self,
        tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
    ) -> Result<Vec<T>, Failure> {
        race::race(self.spawner.as_ref(), tasks).await
    }
}

/// A document in canonical form.
pub(super) fn attributes(document: Value) -> Attributes {
    match document {
        Value::Object(map) => Attributes::from_stored(map),
        _ => Attributes::default(),
    }
}

/// A resource as a member, with nothing but its id.
pub(super) fn member(resource: &Resource) -> Member {
    Member::new(resource.id.clone())
}

/// A query for all resources, or those that a filter lets through.
pub(super) fn query(cx: &Context, filter: Option<&str>) -> Result<Query, Failure> {
    let mut query = Query { page: PageRequest::Index { start_index: 1, count: 10_000 }, ..Query::default() };
    if let Some(text) = filter {
        let profile = CompatProfile::default();
        let resolved = Filter::parse(text, &profile, &Limits::default())
            .and_then(|filter| filter.resolve(&cx.resource_type, &profile))
            .map_err(|error| Failure::new(format!("the suite's filter {text} is not valid: {error}")))?;
        query.filter = Some(resolved);
    }
    Ok(query)
}

/// The order by an attribute.
pub(super) fn sort(cx: &Context, path: &str, descending: bool) -> Result<Sort, Failure> {
    AttributePath::split(path)
        .and_then(|path| cx.resource_type.resolve_short(&path))
        .map(|path| Sort { path, descending })
        .ok_or_else(|| Failure::new(format!("the suite's path {path} is not valid")))
}

/// What resources have in a string attribute, in their order.
pub(super) fn names(resources: &[Resource], attribute: &str) -> Vec<String> {
    resources.iter().map(|resource| resource.attributes.string(attribute).unwrap_or_default().to_owned()).collect()
}

/// The ids of resources, in their order.
pub(super) fn ids(resources: &[Resource]) -> Vec<ResourceId> {
    resources.iter().map(|resource| resource.id.clone()).collect()
}

/// The ids of resources, sorted.
pub(super) fn sorted_ids<'a>(resources: impl IntoIterator<Item = &'a Resource>) -> Vec<ResourceId> {
    let mut ids: Vec<ResourceId> = resources.into_iter().map(|resource| resource.id.clone()).collect();
    ids.sort_unstable();
    ids
}

/// The ids in `members` or `groups`, sorted.
fn ids_in(resource: &Resource, attribute: &str) -> Vec<ResourceId> {
    let values = resource.attributes.values(attribute).iter();
    let mut ids: Vec<ResourceId> =
        values.filter_map(|element| element.get("value")?.as_str()).map(ResourceId::new).collect();
    ids.sort_unstable();
    ids
}
