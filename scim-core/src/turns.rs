//! Turns, so that requests which meet on one resource do not hinder one another again and again.

use std::hash::{BuildHasher, RandomState};

use async_lock::{Mutex, MutexGuard};

use crate::resource::{ResourceId, TenantId};

/// Turns that requests take for one resource after they got in one another's way. Resources share a fixed number of
/// locks, so that there is nothing to clean up.
pub(crate) struct Turns {
    locks: Vec<Mutex<()>>,
    hasher: RandomState,
}

impl Turns {
    const LOCKS: usize = 256;

    pub(crate) fn new() -> Self {
        Self { locks: (0..Self::LOCKS).map(|_| Mutex::new(())).collect(), hasher: RandomState::new() }
    }

    /// Waits until it is the turn of this request.
    pub(crate) async fn wait(&self, tenant: &TenantId, id: &ResourceId) -> Option<MutexGuard<'_, ()>> {
        let hash = self.hasher.hash_one((tenant, id));
        let place = usize::try_from(hash % 256).unwrap_or_default();
        Some(self.locks.get(place)?.lock().await)
    }
}
