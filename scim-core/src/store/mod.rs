//! Where resources live: the contract between the protocol and a backend.

mod error;
mod fetch;
mod members;
mod memory;
mod query;
mod unit_of_work;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::connection::Partition;
use crate::context::Context;
use crate::resource::{Attributes, Member, Resource, ResourceId, Version};

pub use error::StoreError;
pub use fetch::Fetch;
pub use members::MembersUpdate;
pub use memory::MemoryStore;
pub use query::{Page, PageRequest, Position, Query, Sort, SortKey};
pub use unit_of_work::{BeginUnitOfWork, UnitOfWork};

/// A backend of one resource type or of all of them; the [`Context`] names the type and the tenant of each call.
///
/// Every call is about the [partition](Context::partition) of its context and no other: a resource of another tenant, or of
/// another partition of the same tenant, does not exist. A store without [`Capabilities::partitions`] goes by the
/// [tenant](Context::tenant) alone.
///
/// A store owns ids, timestamps and versions. An id is never used again after its resource is deleted. Every change
/// of a document and of a group's members gives the resource a version that it never had, and sets `lastModified`; an
/// update that changes nothing leaves both as they are. A user's `groups` are not part of its version.
///
/// `StoreSuite`, behind the feature `testing`, checks a store against all of this.
///
/// No method has a default body, so that a wrapper that forgets to forward one does not compile.
#[async_trait]
pub trait ResourceStore: Send + Sync + 'static {
    /// What this store can do for this resource type; asked once, when the server is built.
    fn capabilities(&self, resource_type: &crate::ResourceType) -> Capabilities;

    /// Makes a resource and returns it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Uniqueness`] if the value of a unique attribute is taken, decided by the store's own constraint;
    /// [`StoreError::UnknownMembers`] if a member does not exist, or is of a type that
    /// [members cannot be](crate::ResourceType::may_have_member).
    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError>;

    /// Reads a resource; `None` if there is none of this id.
    ///
    /// # Errors
    ///
    /// Only faults of the backend.
    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError>;

    /// Answers a query whole: filter, sort and page. The core never filters what a store returns.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnsupportedFilter`] and [`StoreError::UnsupportedSort`], never a wrong answer.
    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError>;

    /// Replaces a resource's document, changes its members, or both, as one atomic step, and returns the result.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`]; [`StoreError::VersionMismatch`] if `update.expect` is not the current version, and then
    /// nothing has changed; [`StoreError::Uniqueness`]; [`StoreError::UnknownMembers`];
    /// [`StoreError::TooManyMembers`]. The first two come before the others. An update that is refused changes nothing.
    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError>;

    /// Deletes a resource, and its memberships, as a group and as a member. A group that loses a member by that has
    /// another version.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`]; [`StoreError::VersionMismatch`] if `expect` is not the current version.
    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError>;

    /// How several operations become one, if this store can do that; `None` otherwise.
    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork>;
}

#[async_trait]
impl<S: ResourceStore + ?Sized> ResourceStore for Arc<S> {
    fn capabilities(&self, resource_type: &crate::ResourceType) -> Capabilities {
        (**self).capabilities(resource_type)
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        (**self).create(cx, new).await
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        (**self).get(cx, id, fetch).await
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        (**self).list(cx, query).await
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        (**self).update(cx, id, update).await
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        (**self).delete(cx, id, expect).await
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        (**self).unit_of_work()
    }
}

/// What a store can do; the server advertises and uses just that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Members of groups are kept apart from the document: [`NewResource::members`] and [`Update::members`] carry them,
    /// and `attributes` never has `members`. The `type` of a member is then that of the resource that there is, whatever
    /// [`Member::kind`](crate::Member::kind) says. Without it they are part of `attributes` like any other attribute,
    /// and so is what the client says of their type.
    pub detached_members: bool,
    /// Queries may be filtered.
    pub filter: bool,
    /// Queries may be sorted.
    pub sort: bool,
    /// Pages may be asked for by [`PageRequest::Cursor`].
    pub cursor: bool,
    /// Resources of different [partitions](Context::partition) are kept apart, and [`Update::move_to`] moves one. Without
    /// it the store sees tenants alone, and the connections of a tenant share what it holds, which the host has to
    /// [allow](crate::ScimServerBuilder::allow_shared_resources).
    pub partitions: bool,
    /// What is in [`NewResource::write_only`] and [`Update::write_only`] is kept, where the host finds it and no client
    /// does. Without it the store is given none, passwords cannot be taken, and write-only attributes that clients send
    /// are named among what a request ignores.
    pub write_only: bool,
}

impl Capabilities {
    /// The least a store does: documents with everything in them, listed by index, no filter, no sort.
    pub const NONE: Self = Self {
        detached_members: false,
        filter: false,
        sort: false,
        cursor: false,
        partitions: false,
        write_only: false,
    };

    /// Everything, [`write_only`](Self::write_only) included.
    pub const ALL: Self =
        Self { detached_members: true, filter: true, sort: true, cursor: true, partitions: true, write_only: true };
}

/// A resource to be made.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct NewResource {
    /// The document.
    pub attributes: Attributes,
    /// The members of a group, if the store keeps them apart. None is there twice.
    pub members: Vec<Member>,
    /// Write-only attributes (RFC 7643 s7), those of an extension in an object under its URN; `password` is what the
    /// [hasher](crate::PasswordHasher) made of it. Never part of a [`Resource`]. Empty unless the store has
    /// [`Capabilities::write_only`].
    pub write_only: Map<String, Value>,
    /// What of the result is needed.
    pub fetch: Fetch,
}

impl NewResource {
    /// A resource of these attributes, without members.
    #[must_use]
    pub fn new(attributes: Attributes) -> Self {
        Self { attributes, ..Self::default() }
    }

    /// The same with members.
    #[must_use]
    pub fn with_members(mut self, members: impl IntoIterator<Item = Member>) -> Self {
        self.members = members.into_iter().collect();
        self
    }
}

/// A change of a resource.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Update {
    /// The document that takes the place of the present one; `None` leaves it.
    pub attributes: Option<Attributes>,
    /// What happens to the members of a group, if the store keeps them apart.
    pub members: MembersUpdate,
    /// The write-only attributes that the request sets, as a merge patch (RFC 7396) of what is kept since
    /// [`NewResource::write_only`]: `null` is one that it removes, an object says what changes within an extension or a
    /// complex attribute, and what it does not name stays. They are no part of the version. Empty unless the store has
    /// [`Capabilities::write_only`].
    pub write_only: Map<String, Value>,
    /// The partition of the same tenant that the resource moves to, with its id and the time of its creation; `None`
    /// leaves it where it is. Its memberships, as a group and as a member, end, save for what `members` sets. What is
    /// unique must be free there, unless it is a partition of removed resources. Asked only of a store with
    /// [`Capabilities::partitions`].
    pub move_to: Option<Partition>,
    /// The version that the resource must have; `None` for any.
    pub expect: Option<Version>,
    /// What of the result is needed.
    pub fetch: Fetch,
}

impl Update {
    /// A change of the document alone.
    #[must_use]
    pub fn document(attributes: Attributes) -> Self {
        Self { attributes: Some(attributes), ..Self::default() }
    }

    /// A change of the members alone.
    #[must_use]
    pub fn members(members: MembersUpdate) -> Self {
        Self { members, ..Self::default() }
    }

    /// A move to another partition.
    #[must_use]
    pub fn moving(partition: Partition) -> Self {
        Self { move_to: Some(partition), ..Self::default() }
    }

    /// The same under the condition that this is the current version.
    #[must_use]
    pub fn expecting(mut self, version: Version) -> Self {
        self.expect = Some(version);
        self
    }
}
