//! One entry of the audit trail.

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};

use super::difference::{changed_attributes, changed_paths};
use super::values::shown;
use crate::connection::{Partition, UnknownName};
use crate::context::{Context, RequestId};
use crate::hook::{Event, EventKind};
use crate::resource::{Attributes, ConnectionId, DateTime, KeyId, ResourceId, TenantId};
use crate::store::MembersUpdate;

/// Of how many members that came or went a record has the ids.
const NAMED_MEMBERS: usize = 1_000;

/// How much a record tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditDetail {
    /// Which attributes changed.
    #[default]
    Paths,
    /// The values before and after as well, but for attributes that are write-only or never returned. This is personal
    /// data: it outlives the resource.
    Values,
}

/// What happened to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuditKind {
    /// It was made.
    Created,
    /// Its attributes changed, its members, or both.
    Updated,
    /// It was removed and is kept.
    Removed,
    /// It was removed, and came back.
    Restored,
    /// It went from one connection to another, or from the host to one.
    Adopted,
    /// It was deleted for good.
    Deleted,
}

impl AuditKind {
    const ALL: [Self; 6] = [Self::Created, Self::Updated, Self::Removed, Self::Restored, Self::Adopted, Self::Deleted];

    /// What a move from one partition to another is.
    #[must_use]
    pub fn of_move(from: &Partition, to: &Partition) -> Self {
        match (from.is_removed(), to.is_removed()) {
            (false, true) => Self::Removed,
            (true, false) => Self::Restored,
            _ => Self::Adopted,
        }
    }

    /// A word for it, to be stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Removed => "removed",
            Self::Restored => "restored",
            Self::Adopted => "adopted",
            Self::Deleted => "deleted",
        }
    }
}

impl fmt::Display for AuditKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AuditKind {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownName)
    }
}

/// Who changed what, when and by which request.
///
/// A group that loses a member because that is deleted or moved has no record of its own, for nobody changed it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AuditRecord {
    /// The place in the trail of a store, which grows; `None` if no store keeps the record.
    pub sequence: Option<i64>,
    /// When it happened.
    pub time: DateTime,
    /// The customer.
    pub tenant: TenantId,
    /// The connection that asked, or if none did, the one whose resource it is.
    pub connection: Option<ConnectionId>,
    /// The name of the principal that asked.
    pub principal: String,
    /// The key it asked with, if it was a key.
    pub key: Option<KeyId>,
    /// The identifier of the request.
    pub request_id: RequestId,
    /// The name of the resource type.
    pub resource_type: String,
    /// The resource.
    pub resource_id: ResourceId,
    /// What happened to it.
    pub kind: AuditKind,
    /// The paths of the attributes that changed, sorted, such as `name.familyName` or
    /// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`; all that were set when it was made, and
    /// none when it was deleted.
    pub changed: Vec<String>,
    /// The members that were to come, at most 1,000 of them.
    pub members_added: Vec<ResourceId>,
    /// The members that were to go, at most 1,000 of them.
    pub members_removed: Vec<ResourceId>,
    /// The values before of those attributes that changed, all of them when it was deleted; `None` unless they are
    /// wanted and there was a resource before.
    pub before: Option<Map<String, Value>>,
    /// The values after of those attributes that changed, all of them when it was made; `None` likewise.
    pub after: Option<Map<String, Value>>,
}

impl AuditRecord {
    /// A record of the least there is to say, as of now.
    #[must_use]
    pub fn new(cx: &Context, kind: AuditKind, id: ResourceId) -> Self {
        let mut record = Self::at(DateTime::now(), cx.tenant().clone(), kind, id);
        record.connection = cx.principal.connection().or(cx.partition().connection()).cloned();
        cx.principal.name().clone_into(&mut record.principal);
        record.key = cx.principal.key().cloned();
        record.request_id = cx.request_id.clone();
        cx.resource_type.name().clone_into(&mut record.resource_type);
        record
    }

    /// A record with nothing in it but this, for a store that reads one back.
    #[must_use]
    pub fn at(time: DateTime, tenant: TenantId, kind: AuditKind, id: ResourceId) -> Self {
        Self {
            sequence: None,
            time,
            tenant,
            connection: None,
            principal: String::new(),
            key: None,
            request_id: RequestId::default(),
            resource_type: String::new(),
            resource_id: id,
            kind,
            changed: Vec::new(),
            members_added: Vec::new(),
            members_removed: Vec::new(),
            before: None,
            after: None,
        }
    }

    /// The record of something that happened; `None` for an event that follows another of the same change. What was
    /// removed and is kept looks like what was deleted: an event does not tell them apart.
    ///
    /// A DELETE that deactivates has the event [`Deactivated`](EventKind::Deactivated) alone, which otherwise follows
    /// another; an [`AuditObserver`](crate::AuditObserver) remembers what it was told and knows.
    #[must_use]
    pub fn of(cx: &Context, event: &Event<'_>, detail: AuditDetail) -> Option<Self> {
        let kind = match event.kind {
            EventKind::Created => AuditKind::Created,
            EventKind::Updated => AuditKind::Updated,
            EventKind::MembersChanged if !is_other_document(documents_of(event)) => AuditKind::Updated,
            EventKind::Deleted => AuditKind::Deleted,
            EventKind::Restored => AuditKind::Restored,
            EventKind::Adopted => AuditKind::Adopted,
            _ => return None,
        };
        Some(Self::of_kind(cx, kind, event, detail))
    }

    pub(super) fn of_kind(cx: &Context, kind: AuditKind, event: &Event<'_>, detail: AuditDetail) -> Self {
        let record = Self::new(cx, kind, event.id.clone());
        record.documents(cx, documents_of(event), detail).members(event.members)
    }

    /// The same with what is to be told of the documents before and after.
    #[must_use]
    pub fn documents(
        mut self,
        cx: &Context,
        (before, after): (Option<&Attributes>, Option<&Attributes>),
        detail: AuditDetail,
    ) -> Self {
        let empty = Map::new();
        let old = before.map_or(&empty, Attributes::as_map);
        let new = after.map_or(&empty, Attributes::as_map);
        if after.is_some() {
            self.changed = changed_paths(&cx.resource_type, old, new);
        }
        if detail == AuditDetail::Values {
            let names = changed_attributes(old, new);
            self.before = before.map(|_| shown(&cx.resource_type, old, &names));
            self.after = after.map(|_| shown(&cx.resource_type, new, &names));
        }
        self
    }

    /// The same with members that were to come and go.
    #[must_use]
    pub fn members(mut self, members: &MembersUpdate) -> Self {
        let (add, remove) = match members {
            MembersUpdate::Keep => return self,
            MembersUpdate::Set(members) => (members.as_slice(), [].as_slice()),
            MembersUpdate::Delta { add, remove } => (add.as_slice(), remove.as_slice()),
        };
        if self.kind == AuditKind::Created && add.is_empty() {
            return self;
        }
        self.members_added = add.iter().take(NAMED_MEMBERS).map(|member| member.value.clone()).collect();
        self.members_removed = remove.iter().take(NAMED_MEMBERS).cloned().collect();
        self.also_changed(["members"])
    }

    /// The same with further paths that changed, such as that of a password, whose values nobody is to know.
    #[must_use]
    pub fn also_changed<T: Into<String>>(mut self, paths: impl IntoIterator<Item = T>) -> Self {
        self.changed.extend(paths.into_iter().map(Into::into));
        self.changed.sort_unstable();
        self.changed.dedup();
        self
    }
}

fn documents_of<'e>(event: &Event<'e>) -> (Option<&'e Attributes>, Option<&'e Attributes>) {
    (event.before.map(|resource| &resource.attributes), event.after.map(|resource| &resource.attributes))
}

/// Whether two documents differ.
fn is_other_document((before, after): (Option<&Attributes>, Option<&Attributes>)) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => !changed_attributes(before.as_map(), after.as_map()).is_empty(),
        _ => true,
    }
}
