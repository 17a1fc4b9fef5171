//! Resources as the library holds them (RFC 7643 s3).

mod attributes;
mod date_time;
mod enterprise_user;
mod fold;
mod group;
mod id;
mod member;
mod multi_value;
mod user;
mod view;

pub use attributes::Attributes;
pub use date_time::DateTime;
pub use enterprise_user::{EnterpriseUser, Manager};
pub use fold::fold;
pub use group::Group;
pub use id::{ConnectionId, ExternalId, KeyId, ResourceId, TenantId, Version};
pub use member::Member;
pub use multi_value::{
    Address, Certificate, Email, Entitlement, InstantMessage, MultiValue, PhoneNumber, Photo, ResourceReference, Role,
};
pub use user::{Name, User};

/// A resource as a store returns it: what the service provider owns as fields, what clients own as [`Attributes`].
///
/// A body cannot write `id` or `meta`, because they are not part of the attributes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Resource {
    /// The identifier that the store assigned.
    pub id: ResourceId,
    /// When it was made and changed, and its version.
    pub meta: Meta,
    /// Everything else, in the form that schema normalisation gives it.
    pub attributes: Attributes,
    /// The group has more members than [`Fetch::members_up_to`](crate::Fetch::members_up_to) asked for, and
    /// `attributes` has no `members` for that reason.
    pub members_left_out: bool,
}

impl Resource {
    /// A resource of these parts.
    #[must_use]
    pub fn new(id: ResourceId, meta: Meta, attributes: Attributes) -> Self {
        Self { id, meta, attributes, members_left_out: false }
    }

    /// The client's own identifier, if it gave one.
    #[must_use]
    pub fn external_id(&self) -> Option<&str> {
        self.attributes.string("externalId")
    }
}

/// What a store keeps about a resource (RFC 7643 s3.1); `resourceType` and `location` follow from the request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meta {
    /// When the resource was added.
    pub created: DateTime,
    /// When it was last changed.
    pub last_modified: DateTime,
    /// Its version; every change gives it another.
    pub version: Version,
}

impl Meta {
    /// The meta data of a resource.
    #[must_use]
    pub fn new(created: DateTime, last_modified: DateTime, version: Version) -> Self {
        Self { created, last_modified, version }
    }
}
