//! Seeing what happened, after it happened.

use async_trait::async_trait;

use crate::context::Context;
use crate::resource::{Resource, ResourceId};
use crate::store::MembersUpdate;

/// Is told of every change that was stored, before the request is answered.
///
/// What an observer does must not fail the request any more, so it returns nothing; a host that has to act for certain
/// writes the event down where its store keeps the change.
#[async_trait]
pub trait Observer: Send + Sync + 'static {
    /// Something happened.
    async fn observe(&self, cx: &Context, event: &Event<'_>);
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// A resource was made.
    Created,
    /// A resource's attributes changed.
    Updated,
    /// `active` became true; follows [`Updated`](Self::Updated) or [`Restored`](Self::Restored).
    Activated,
    /// `active` became false; follows [`Updated`](Self::Updated), unless the resource went with that: then
    /// [`Deleted`](Self::Deleted) follows, or nothing after a DELETE that deactivates.
    Deactivated,
    /// Members of a group came, went, or both.
    MembersChanged,
    /// A resource was deleted, for good or to be kept out of sight.
    Deleted,
    /// A resource that was removed came back, by a POST; see [`OnReturn::Restore`](crate::OnReturn::Restore).
    Restored,
    /// A connection took over a resource that the host made, by a POST; see
    /// [`danger_adopt_host_resources`](crate::ResourceRules::danger_adopt_host_resources).
    Adopted,
}

/// One thing that happened to one resource.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// What.
    pub kind: EventKind,
    /// To which resource of the type in the context.
    pub id: &'a ResourceId,
    /// The resource before, without `members` and `groups`; `None` when it was made.
    pub before: Option<&'a Resource>,
    /// The resource after; `None` when it was deleted. `members` and `groups` are there if the answer shows them.
    pub after: Option<&'a Resource>,
    /// What was asked to happen to the members; of a group that was made, those that it has from the beginning, if it has
    /// any. Members that were there already, and members to be removed that were not, are among them.
    pub members: &'a MembersUpdate,
    /// The attributes of the request that were left out.
    pub ignored: &'a [String],
}

/// What happened between two states of a resource.
pub(crate) fn event_kinds(before: &Resource, after: &Resource, members: &MembersUpdate) -> Vec<EventKind> {
    let mut kinds = Vec::new();
    if before.meta.version == after.meta.version {
        return kinds;
    }
    if document(before).ne(document(after)) {
        kinds.push(EventKind::Updated);
    }
    let active = |resource: &Resource| resource.attributes.boolean("active");
    match (active(before), active(after)) {
        (Some(true) | None, Some(false)) => kinds.push(EventKind::Deactivated),
        (Some(false), Some(true) | None) => kinds.push(EventKind::Activated),
        _ => {}
    }
    if !members.is_keep() {
        kinds.push(EventKind::MembersChanged);
    }
    kinds
}

/// The attributes without the memberships, which are loaded or not as it suits.
fn document(resource: &Resource) -> impl Iterator<Item = (&String, &serde_json::Value)> {
    resource.attributes.as_map().iter().filter(|(name, _)| !matches!(name.as_str(), "members" | "groups"))
}
