//! Several operations of one tenant as one.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use async_lock::{Mutex, RwLockWriteGuardArc};
use async_trait::async_trait;

use super::claims::{Claiming, Journal};
use super::shards::{read, write, Shard, Shards, TenantState};
use super::MemoryStore;
use crate::connection::Partition;
use crate::context::Context;
use crate::resource::{Resource, ResourceId, TenantId, Version};
use crate::schema::ResourceType;
use crate::store::{
    BeginUnitOfWork, Capabilities, Fetch, NewResource, Page, Query, ResourceStore, StoreError, UnitOfWork, Update,
};

/// Copies of a tenant's partitions in a store of their own, that take the place of the originals in the end. Claims are
/// made at once, where nobody else sees them, and given up with the unit.
struct MemoryUnitOfWork {
    original: Arc<Shards>,
    copy: MemoryStore,
    id: TenantId,
    tenant: Arc<TenantState>,
    state: Mutex<State>,
    /// Keeps others from writing.
    _gate: RwLockWriteGuardArc<()>,
}

#[derive(Default)]
struct State {
    /// The partitions that were copied, by their keys.
    copied: HashMap<Box<str>, Partition>,
    journal: Journal,
    /// Keeps others from making claims on the platform, once the unit has to do with any.
    platform: Option<RwLockWriteGuardArc<()>>,
}

impl MemoryUnitOfWork {
    /// Copies the partition of the context, if it is not copied yet.
    fn copy_of(&self, state: &mut State, partition: &Partition) -> Result<(), StoreError> {
        if *partition.tenant() != self.id {
            return Err(StoreError::backend("a unit of work is of one tenant"));
        }
        if state.copied.contains_key(partition.key()) {
            return Ok(());
        }
        let resources = self.original.get(partition).map(|shard| read(&shard.resources).clone()).unwrap_or_default();
        let shard = Shard { resources: RwLock::new(resources), tenant: Arc::clone(&self.tenant) };
        self.copy.shards.put(partition, shard);
        state.copied.insert(partition.key().into(), partition.clone());
        Ok(())
    }

    /// Makes ready for a write.
    async fn prepare(&self, state: &mut State, cx: &Context) -> Result<(), StoreError> {
        self.copy_of(state, cx.partition())?;
        if state.platform.is_none() {
            let shard = self.copy.shards.get_or_new(cx.partition());
            let reaches_platform = read(&shard.resources).reaches_platform(&cx.resource_type);
            if reaches_platform {
                state.platform = Some(self.original.platform.gate.write_arc().await);
            }
        }
        Ok(())
    }
}

impl Drop for MemoryUnitOfWork {
    fn drop(&mut self) {
        let journal = std::mem::take(&mut self.state.get_mut().journal);
        Claiming::undo(&self.tenant.claims, &self.original.platform, journal);
    }
}

#[async_trait]
impl BeginUnitOfWork for MemoryStore {
    async fn begin(&self, cx: &Context) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let tenant = self.shards.tenant(cx.tenant());
        let gate = tenant.gate.write_arc().await;
        let shards = Arc::new(Shards::beside(&self.shards));
        let copy = MemoryStore { shards, clock: self.clock.clone(), ids: self.ids.clone() };
        let (original, id) = (Arc::clone(&self.shards), cx.tenant().clone());
        Ok(Box::new(MemoryUnitOfWork { original, copy, id, tenant, state: Mutex::default(), _gate: gate }))
    }
}

#[async_trait]
impl UnitOfWork for MemoryUnitOfWork {
    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        let state = self.state.get_mut();
        state.journal.clear();
        let mut partitions: Vec<Partition> = state.copied.drain().map(|(_, partition)| partition).collect();
        partitions.sort_unstable_by(|a, b| a.key().cmp(b.key()));
        let pairs: Vec<_> = partitions
            .iter()
            .map(|partition| (self.original.get_or_new(partition), self.copy.shards.get_or_new(partition)))
            .collect();
        let mut locked: Vec<_> = pairs.iter().map(|(original, copy)| (write(&original.resources), copy)).collect();
        for (original, copy) in &mut locked {
            std::mem::swap(&mut **original, &mut *write(&copy.resources));
        }
        Ok(())
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        Ok(())
    }
}

#[async_trait]
impl ResourceStore for MemoryUnitOfWork {
    fn capabilities(&self, resource_type: &ResourceType) -> Capabilities {
        self.copy.capabilities(resource_type)
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        let mut state = self.state.lock().await;
        self.prepare(&mut state, cx).await?;
        self.copy.create_now(cx, new, Some(&mut state.journal))
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        self.copy_of(&mut *self.state.lock().await, cx.partition())?;
        self.copy.get(cx, id, fetch).await
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        self.copy_of(&mut *self.state.lock().await, cx.partition())?;
        self.copy.list(cx, query).await
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        let mut state = self.state.lock().await;
        self.prepare(&mut state, cx).await?;
        if let Some(target) = &update.move_to {
            self.copy_of(&mut state, target)?;
        }
        self.copy.update_now(cx, id, update, Some(&mut state.journal))
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        let mut state = self.state.lock().await;
        self.prepare(&mut state, cx).await?;
        self.copy.delete_now(cx, id, expect, Some(&mut state.journal))
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        None
    }
}
