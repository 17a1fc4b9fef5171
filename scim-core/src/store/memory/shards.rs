//! Where the resources of each partition are, and what the partitions of a tenant have in common.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::claims::Claims;
use super::resources::Resources;
use crate::connection::Partition;
use crate::resource::TenantId;

/// Everything that is stored.
#[derive(Default)]
pub(super) struct Shards {
    partitions: RwLock<HashMap<Box<str>, Arc<Shard>>>,
    tenants: RwLock<HashMap<TenantId, Arc<TenantState>>>,
    pub(super) platform: Arc<Claims>,
}

/// What is stored of one partition.
#[derive(Default)]
pub(super) struct Shard {
    pub(super) resources: RwLock<Resources>,
    pub(super) tenant: Arc<TenantState>,
}

/// What all partitions of a tenant share.
#[derive(Default)]
pub(super) struct TenantState {
    /// Shared by writes, and held exclusively by a unit of work.
    pub(super) gate: Arc<async_lock::RwLock<()>>,
    pub(super) claims: Claims,
}

impl Shards {
    /// Nothing yet, among the claims of another store.
    pub(super) fn beside(other: &Self) -> Self {
        Self { platform: Arc::clone(&other.platform), ..Self::default() }
    }

    /// How many tenants there are.
    pub(super) fn tenants(&self) -> usize {
        read(&self.tenants).len()
    }

    pub(super) fn get(&self, partition: &Partition) -> Option<Arc<Shard>> {
        read(&self.partitions).get(partition.key()).cloned()
    }

    pub(super) fn get_or_new(&self, partition: &Partition) -> Arc<Shard> {
        self.get(partition).unwrap_or_else(|| {
            let tenant = self.tenant(partition.tenant());
            let fresh = || Arc::new(Shard { resources: RwLock::default(), tenant });
            Arc::clone(write(&self.partitions).entry(partition.key().into()).or_insert_with(fresh))
        })
    }

    /// What the partitions of a tenant share.
    pub(super) fn tenant(&self, tenant: &TenantId) -> Arc<TenantState> {
        let known = read(&self.tenants).get(tenant).cloned();
        known.unwrap_or_else(|| Arc::clone(write(&self.tenants).entry(tenant.clone()).or_default()))
    }

    /// Puts a partition in its place.
    pub(super) fn put(&self, partition: &Partition, shard: Shard) {
        write(&self.partitions).insert(partition.key().into(), Arc::new(shard));
    }
}

/// Locks the resources of two partitions for writing, in an order that is the same for everybody.
pub(super) fn write_both<'a>(
    first: (&Partition, &'a Shard),
    second: (&Partition, &'a Shard),
) -> (RwLockWriteGuard<'a, Resources>, RwLockWriteGuard<'a, Resources>) {
    if first.0.key() <= second.0.key() {
        let locked = write(&first.1.resources);
        (locked, write(&second.1.resources))
    } else {
        let locked = write(&second.1.resources);
        (write(&first.1.resources), locked)
    }
}

/// A write checks everything before it changes anything, so that what a panic leaves behind is whole.
pub(super) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
