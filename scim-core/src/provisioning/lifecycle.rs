//! What becomes of a resource that leaves, returns, or was there before.

/// What happens when a PUT or PATCH makes `active` false, in whatever spelling the compat profile reads so.
///
/// Only a change does something: a user that is created inactive stays as it is, and so does one that is inactive
/// already. Where the resource goes, the answer to the request is nevertheless 200 with the resource and its `active` of
/// `false`, for that is what providers read; after it the resource is not found (RFC 7644 s3.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnInactive {
    /// The resource stays, with `active` false.
    #[default]
    Keep,
    /// The resource is kept out of sight: it moves to the [removed](crate::Partition::removed) resources of its
    /// partition, and what is unique of it is free again.
    Remove,
    /// The resource is deleted.
    Delete,
}

/// What DELETE does. The client sees no difference: 204, and 404 afterwards (RFC 7644 s3.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnDelete {
    /// The resource is deleted.
    #[default]
    Delete,
    /// The resource is kept out of sight as it is: it moves to the [removed](crate::Partition::removed) resources of its
    /// partition, and what is unique of it is free again. Observers see [`Deleted`](crate::EventKind::Deleted).
    Remove,
    /// Like [`Remove`](Self::Remove), and `active` becomes false; observers see
    /// [`Deactivated`](crate::EventKind::Deactivated) and not `Deleted`. For products in which nobody is ever deleted:
    /// with [`OnReturn::Restore`] the same resource comes back.
    Deactivate,
}

/// What a POST does that has the [matching value](crate::ResourceRules::match_on) of a removed resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnReturn {
    /// It makes a new resource. What was removed stays removed.
    #[default]
    Create,
    /// It brings back the resource that was removed last: 201 with its old id and the attributes of the body, as a PUT
    /// would set them. What clients may not write, and what the policy keeps from SCIM, is as it was; its memberships
    /// have ended. Observers see [`Restored`](crate::EventKind::Restored).
    Restore,
}

/// What resources that the host makes by itself, in the tenant's own partition, are for a connection that has its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HostResources {
    /// Nothing: the connection neither sees them nor meets with them.
    #[default]
    Hidden,
    /// The connection does not see them, but what is unique of them is taken: a POST of the same `userName` is 409.
    /// Every unique attribute of the resource type reaches over the [tenant](crate::UniqueWithin::Tenant). The host has to
    /// store its own resources by that type, too, as [`ScimServer::resources_of`](crate::ScimServer::resources_of) does.
    Conflicting,
}

/// The lifecycle as it is declared.
#[derive(Clone, Debug, Default)]
pub(super) struct Lifecycle {
    pub(super) on_inactive: OnInactive,
    pub(super) on_delete: OnDelete,
    pub(super) on_return: OnReturn,
    pub(super) host_resources: HostResources,
    pub(super) adopts: bool,
    pub(super) match_on: Option<String>,
}
