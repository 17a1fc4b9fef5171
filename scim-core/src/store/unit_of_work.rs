//! Several operations as one: all of them happen, or none.

use async_trait::async_trait;

use super::{ResourceStore, StoreError};
use crate::context::Context;

/// A store that can make several operations one, offered by [`ResourceStore::unit_of_work`]. The server uses it for Bulk
/// requests that are to be [atomic](crate::ScimServerBuilder::atomic_bulk).
///
/// ```
/// use scim_core::{Context, Fetch, MemoryStore, NewResource, Principal, ResourceStore, ResourceType, TenantId};
/// use std::sync::Arc;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new();
/// let cx = Context::new(Principal::new(TenantId::new("acme"), "docs"), Arc::new(ResourceType::user()));
/// let unit = store.unit_of_work().unwrap().begin(&cx).await?;
/// let made = unit.create(&cx, NewResource::default()).await?;
/// assert_eq!(store.get(&cx, &made.id, &Fetch::all()).await?, None);
/// unit.commit().await?;
/// assert_eq!(store.get(&cx, &made.id, &Fetch::all()).await?, Some(made));
/// # Ok::<(), scim_core::StoreError>(())
/// # }).unwrap();
/// ```
#[async_trait]
pub trait BeginUnitOfWork: Send + Sync {
    /// Begins a unit of work for the tenant of the context. Its operations are of any resource type that the store
    /// serves.
    ///
    /// # Errors
    ///
    /// Only faults of the backend.
    async fn begin(&self, cx: &Context) -> Result<Box<dyn UnitOfWork>, StoreError>;
}

/// Operations that happen together: a store whose changes nobody else sees before [`commit`](Self::commit).
///
/// Within the unit every operation sees what those before it did. A unit that is dropped leaves nothing behind, as after
/// [`rollback`](Self::rollback). After an operation has failed the unit is only rolled back.
#[async_trait]
pub trait UnitOfWork: ResourceStore {
    /// Makes everything happen.
    ///
    /// # Errors
    ///
    /// What the backend refuses only now, or its faults; then nothing has happened.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;

    /// Gives everything up.
    ///
    /// # Errors
    ///
    /// Only faults of the backend; nothing has happened even so.
    async fn rollback(self: Box<Self>) -> Result<(), StoreError>;
}
