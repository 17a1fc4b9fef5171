//! A store in memory.

mod candidates;
mod derived;
mod entry;
mod index;
mod list;
mod memberships;
mod position;
mod select;
mod tenant;
mod timeline;
mod unit_of_work;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;

use self::tenant::Tenant;
use super::{BeginUnitOfWork, Capabilities, Fetch, NewResource, Page, Query, ResourceStore, StoreError, Update};
use crate::context::Context;
use crate::resource::{DateTime, Resource, ResourceId, TenantId, Version};
use crate::schema::ResourceType;

/// A store in memory for any number of tenants and resource types at once: users, groups and custom ones.
///
/// It does all that [`Capabilities`] know. Nothing is written to disk; what is stored is gone with the last clone of
/// the store. Clones share what they hold.
///
/// - Unique are the attributes that the schema says are, within the resource type and the tenant. They are indexed, and
///   so are `id`, `externalId`, `displayName`, `emails.value` and membership both ways: a filter that is an `eq` on one
///   of them, or a conjunction with such a term, looks at the resources it finds there and no others. Other filters,
///   and sorting, look at every resource of the type, on a snapshot that keeps nobody from writing.
/// - Without sorting, resources come in the order of their creation.
/// - `members` of groups and `groups` of users follow from memberships. A member is any resource of the tenant; a
///   member that comes without a type has the name of its resource type. Groups may be members of groups, also in a
///   circle: what walks nested groups must count on that.
/// - A member that comes or goes gives the group another version, also when it goes because it was deleted; the version
///   of the member stays. An update that changes nothing leaves version and `lastModified` as they are. Setting the
///   members takes over their type and display name; adding a member that is there changes nothing.
/// - A unit of work is done on a copy of the tenant, documents excepted, which takes its place in one step; meanwhile
///   other writes of the tenant wait.
/// - Write-only attributes such as `password` are not kept, for nobody could read them.
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
    tenants: Arc<RwLock<HashMap<TenantId, Arc<Shard>>>>,
    clock: Arc<dyn Fn() -> DateTime + Send + Sync>,
    ids: Arc<dyn Fn() -> ResourceId + Send + Sync>,
}

/// What is stored of one tenant.
#[derive(Default)]
struct Shard {
    tenant: RwLock<Tenant>,
    /// Shared by writes, and held exclusively by a unit of work.
    gate: Arc<async_lock::RwLock<()>>,
}

/// How many ids are tried before the generator is held to be broken.
const ID_ATTEMPTS: usize = 8;

impl MemoryStore {
    /// An empty store with the system's clock and random UUIDs.
    #[must_use]
    pub fn new() -> Self {
        Self { tenants: Arc::default(), clock: Arc::new(DateTime::now), ids: Arc::new(ResourceId::random) }
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

    fn shard(&self, id: &TenantId) -> Option<Arc<Shard>> {
        read(&self.tenants).get(id).cloned()
    }

    fn shard_or_new(&self, id: &TenantId) -> Arc<Shard> {
        self.shard(id).unwrap_or_else(|| Arc::clone(write(&self.tenants).entry(id.clone()).or_default()))
    }

    fn fresh_id(&self, tenant: &Tenant) -> Result<ResourceId, StoreError> {
        let mut ids = std::iter::repeat_with(|| (self.ids)()).take(ID_ATTEMPTS);
        ids.find(|id| !tenant.ids.contains_key(id)).ok_or_else(|| StoreError::backend("the ids repeat themselves"))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("tenants", &read(&self.tenants).len()).finish_non_exhaustive()
    }
}

#[async_trait]
impl ResourceStore for MemoryStore {
    fn capabilities(&self, _: &ResourceType) -> Capabilities {
        Capabilities::ALL
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        let shard = self.shard_or_new(cx.tenant());
        let _gate = shard.gate.read().await;
        let now = (self.clock)();
        let mut tenant = write(&shard.tenant);
        let id = self.fresh_id(&tenant)?;
        tenant.create(cx, id, now, new)
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        let shard = self.shard(cx.tenant());
        Ok(shard.and_then(|shard| read(&shard.tenant).get(&cx.resource_type, id, fetch)))
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        list::list(&self.shard(cx.tenant()).unwrap_or_default().tenant, cx, query)
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        let shard = self.shard(cx.tenant()).ok_or(StoreError::NotFound)?;
        let _gate = shard.gate.read().await;
        let now = (self.clock)();
        let mut tenant = write(&shard.tenant);
        tenant.update(cx, id, now, update)
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        let shard = self.shard(cx.tenant()).ok_or(StoreError::NotFound)?;
        let _gate = shard.gate.read().await;
        let now = (self.clock)();
        let mut tenant = write(&shard.tenant);
        tenant.delete(cx, id, now, expect)
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        Some(self)
    }
}

/// A write checks everything before it changes anything, so that what a panic leaves behind is whole.
fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
