//! Handing a resource of the host over to a connection.

use crate::connection::Partition;
use crate::context::Context;
use crate::resource::{ConnectionId, Resource, ResourceId};
use crate::store::{ResourceStore, StoreError, Update};

/// Hands a resource that the host made over to a provisioning connection of the same tenant, which from then on sees and
/// changes it, and finds it by its `userName`. Its id and everything stored of it stay; its memberships end, for groups
/// and their members belong to one connection.
///
/// The context is one of the tenant's own partition, of [`ScimServer::host_context`](crate::ScimServer::host_context)
/// where a policy makes anything unique beyond a connection. This is for an administrator of the product to decide: whoever administers the identity provider decides about the
/// account after it.
///
/// ```
/// use scim_core::{migrate_to_connection, ConnectionId, Context, Fetch, NewResource, Partition, Principal};
/// use scim_core::{ResourceStore, ResourceType, StoreError, TenantId};
/// use std::sync::Arc;
///
/// async fn hand_over(store: &dyn ResourceStore) -> Result<(), StoreError> {
///     let host = Context::new(Principal::new(TenantId::new("acme"), "the product"), Arc::new(ResourceType::user()));
///     let made = store.create(&host, NewResource::default()).await?;
///     let okta = ConnectionId::new("okta");
///     migrate_to_connection(store, &host, &made.id, okta).await?;
///     assert_eq!(store.get(&host, &made.id, &Fetch::all()).await?, None);
///     Ok(())
/// }
/// ```
///
/// # Errors
///
/// [`StoreError::NotFound`] if the resource is not in the partition of the context; [`StoreError::Uniqueness`] if the
/// connection has one with the same `userName` already.
pub async fn migrate_to_connection(
    store: &dyn ResourceStore,
    cx: &Context,
    id: &ResourceId,
    connection: ConnectionId,
) -> Result<Resource, StoreError> {
    let partition = Partition::of_connection(cx.tenant().clone(), connection);
    store.update(cx, id, Update::moving(partition)).await
}
