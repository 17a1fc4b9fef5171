//! A store in memory.

mod candidates;
mod claims;
mod derived;
mod entry;
mod index;
mod list;
mod memberships;
mod position;
mod resources;
mod select;
mod shards;
mod timeline;
mod unit_of_work;

use std::fmt;
use std::sync::Arc;

use async_lock::RwLockReadGuard;
use async_trait::async_trait;
use serde_json::{Map, Value};

use self::claims::{Claiming, Journal};
use self::resources::Resources;
use self::shards::{read, write, write_both, Shard, Shards};
use super::{BeginUnitOfWork, Capabilities, Fetch, NewResource, Page, Query, ResourceStore, StoreError, Update};
use crate::connection::Partition;
use crate::context::Context;
use crate::resource::{DateTime, Resource, ResourceId, Version};
use crate::schema::ResourceType;

/// A store in memory for any number of tenants and resource types at once: users, groups and custom ones.
///
/// It does all that [`Capabilities`] know. Nothing is written to disk; what is stored is gone with the last clone of
/// the store. Clones share what they hold.
///
/// - Unique are the attributes that the schema says are, within the resource type and the
///   [partition](Context::partition), or [as far as they reach](crate::UniqueWithin); nothing is unique among what was
///   removed. They are indexed, and
///   so are `id`, `externalId`, `displayName`, `emails.value` and membership both ways: a filter that is an `eq` on one
///   of them, or a conjunction with such a term, looks at the resources it finds there and no others. Other filters,
///   and sorting, look at every resource of the type, on a snapshot that keeps nobody from writing.
/// - Without sorting, resources come in the order of their creation. One that was moved comes last.
/// - `members` of groups and `groups` of users follow from memberships. A member is any resource of the partition whose
///   type `members.$ref` may point to; its `type` is the name of its resource type, whatever the client says. Groups may be members of groups, also in a
///   circle: what walks nested groups must count on that.
/// - A member that comes or goes gives the group another version, also when it goes because it was deleted; the version
///   of the member stays. An update that changes nothing leaves version and `lastModified` as they are. Setting the
///   members takes over their display names; adding a member that is there changes nothing.
/// - A unit of work is done on copies of the partitions that it touches, documents excepted, which take their place in
///   one step; meanwhile other writes of the tenant wait, and, where it has to do with what is unique on the whole
///   platform, other writes of such resource types.
/// - Write-only attributes such as `password` are kept apart from the document, for [`write_only`](Self::write_only) alone
///   to read. They are no part of the version.
///
/// ```
/// use scim_core::{Context, Fetch, MemoryStore, NewResource, Principal, ResourceStore, ResourceType, TenantId};
/// use std::sync::Arc;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new();
/// let cx = Context::new(Principal::new(TenantId::new("acme"), "docs"), Arc::new(ResourceType::user()));
/// let made = store.create(&cx, NewResource::default()).await?;
/// assert_eq!(store.get(&cx, &made.id, &Fetch::all()).await?, Some(made));
/// # Ok::<(), scim_core::StoreError>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    shards: Arc<Shards>,
    clock: Arc<dyn Fn() -> DateTime + Send + Sync>,
    ids: Arc<dyn Fn() -> ResourceId + Send + Sync>,
}

/// How many ids are tried before the generator is held to be broken.
const ID_ATTEMPTS: usize = 8;

impl MemoryStore {
    /// An empty store with the system's clock and random UUIDs.
    #[must_use]
    pub fn new() -> Self {
        Self { shards: Arc::default(), clock: Arc::new(DateTime::now), ids: Arc::new(ResourceId::random) }
    }

    /// The same with another clock, for tests that want to know what time it is.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> DateTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The same with another source of ids. It must never give an id twice, not even after its resource is deleted.
    #[must_use]
    pub fn with_ids(mut self, ids: impl Fn() -> ResourceId + Send + Sync + 'static) -> Self {
        self.ids = Arc::new(ids);
        self
    }

    /// The write-only attributes of a resource, such as `password` as the [hasher](crate::PasswordHasher) made it; `None`
    /// if there is no such resource in the partition of the context. For the host alone: no client may see them.
    ///
    /// ```
    /// use scim_core::{Context, MemoryStore, NewResource, Principal, ResourceStore, ResourceType, TenantId};
    /// use std::sync::Arc;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let store = MemoryStore::new();
    /// let cx = Context::new(Principal::new(TenantId::new("acme"), "login"), Arc::new(ResourceType::user()));
    /// let mut new = NewResource::default();
    /// new.write_only.insert("password".to_owned(), "$argon2id$...".into());
    /// let made = store.create(&cx, new).await?;
    /// assert_eq!(store.write_only(&cx, &made.id).unwrap()["password"], "$argon2id$...");
    /// # Ok::<(), scim_core::StoreError>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn write_only(&self, cx: &Context, id: &ResourceId) -> Option<Map<String, Value>> {
        let shard = self.shards.get(cx.partition())?;
        let resources = read(&shard.resources);
        resources.write_only(&cx.resource_type, id)
    }

    fn fresh_id(&self, resources: &Resources) -> Result<ResourceId, StoreError> {
        let mut ids = std::iter::repeat_with(|| (self.ids)()).take(ID_ATTEMPTS);
        ids.find(|id| !resources.ids.contains_key(id)).ok_or_else(|| StoreError::backend("the ids repeat themselves"))
    }

    /// The claims that a write of a tenant can see.
    fn claiming<'a>(&'a self, shard: &'a Shard, journal: Option<&'a mut Journal>) -> Claiming<'a> {
        Claiming { tenant: &shard.tenant.claims, platform: &self.shards.platform, journal }
    }

    /// Waits until no unit of work stands in the way of a write.
    async fn enter<'a>(&'a self, shard: &'a Shard, cx: &Context) -> Gates<'a> {
        let tenant = shard.tenant.gate.read().await;
        let reaches_platform = read(&shard.resources).reaches_platform(&cx.resource_type);
        let platform = if reaches_platform { Some(self.shards.platform.gate.read().await) } else { None };
        Gates { _tenant: tenant, _platform: platform }
    }

    fn create_now(
        &self,
        cx: &Context,
        new: NewResource,
        journal: Option<&mut Journal>,
    ) -> Result<Resource, StoreError> {
        let shard = self.shards.get_or_new(cx.partition());
        let now = (self.clock)();
        let mut resources = write(&shard.resources);
        let id = self.fresh_id(&resources)?;
        resources.create(cx, id, now, new, &mut self.claiming(&shard, journal))
    }

    fn update_now(
        &self,
        cx: &Context,
        id: &ResourceId,
        mut update: Update,
        journal: Option<&mut Journal>,
    ) -> Result<Resource, StoreError> {
        let shard = self.shards.get(cx.partition()).ok_or(StoreError::NotFound)?;
        match update.move_to.take() {
            Some(target) if target != *cx.partition() => self.move_now(cx, &shard, id, &target, update, journal),
            _ => {
                let now = (self.clock)();
                let mut resources = write(&shard.resources);
                resources.update(cx, id, now, update, &mut self.claiming(&shard, journal))
            }
        }
    }

    fn move_now(
        &self,
        cx: &Context,
        shard: &Shard,
        id: &ResourceId,
        target: &Partition,
        update: Update,
        journal: Option<&mut Journal>,
    ) -> Result<Resource, StoreError> {
        check_move(cx, target)?;
        let target_shard = self.shards.get_or_new(target);
        let target_cx = cx.within(target.clone());
        let now = (self.clock)();
        let (mut from, mut to) = write_both((cx.partition(), shard), (target, &target_shard));
        from.move_to(&mut to, (cx, &target_cx), id, now, update, &mut self.claiming(shard, journal))
    }

    fn delete_now(
        &self,
        cx: &Context,
        id: &ResourceId,
        expect: Option<&Version>,
        journal: Option<&mut Journal>,
    ) -> Result<(), StoreError> {
        let shard = self.shards.get(cx.partition()).ok_or(StoreError::NotFound)?;
        let now = (self.clock)();
        let mut resources = write(&shard.resources);
        resources.delete(cx, id, now, expect, &mut self.claiming(&shard, journal))
    }
}

/// What keeps units of work from beginning while a write is under way.
struct Gates<'a> {
    _tenant: RwLockReadGuard<'a, ()>,
    _platform: Option<RwLockReadGuard<'a, ()>>,
}

/// Resources are moved within their tenant.
fn check_move(cx: &Context, target: &Partition) -> Result<(), StoreError> {
    if target.tenant() == cx.tenant() {
        Ok(())
    } else {
        Err(StoreError::backend("a resource cannot be moved to another tenant"))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("tenants", &self.shards.tenants()).finish_non_exhaustive()
    }
}

#[async_trait]
impl ResourceStore for MemoryStore {
    fn capabilities(&self, _: &ResourceType) -> Capabilities {
        Capabilities::ALL
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        let shard = self.shards.get_or_new(cx.partition());
        let _gates = self.enter(&shard, cx).await;
        self.create_now(cx, new, None)
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        let shard = self.shards.get(cx.partition());
        Ok(shard.and_then(|shard| read(&shard.resources).get(&cx.resource_type, id, fetch)))
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        list::list(&self.shards.get(cx.partition()).unwrap_or_default().resources, cx, query)
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        let shard = self.shards.get(cx.partition()).ok_or(StoreError::NotFound)?;
        let _gates = self.enter(&shard, cx).await;
        self.update_now(cx, id, update, None)
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        let shard = self.shards.get(cx.partition()).ok_or(StoreError::NotFound)?;
        let _gates = self.enter(&shard, cx).await;
        self.delete_now(cx, id, expect, None)
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        Some(self)
    }
}
