//! Who is a member of what, both ways.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::entry::Entry;
use crate::context::Context;
use crate::resource::{Member, ResourceId};
use crate::schema::ResourceType;
use crate::store::{MembersUpdate, StoreError};

/// The memberships of a partition. Resources are known by their sequence numbers.
#[derive(Clone, Default)]
pub(super) struct Memberships {
    members: HashMap<u64, MemberList>,
    groups: HashMap<u64, BTreeSet<u64>>,
}

/// The members of one group, in the order in which they came.
#[derive(Clone)]
pub(super) struct MemberList {
    /// The id of the group.
    pub(super) group: ResourceId,
    places: HashMap<u64, u64>,
    records: BTreeMap<u64, MemberRecord>,
}

/// One member of one group.
#[derive(Clone, PartialEq)]
pub(super) struct MemberRecord {
    sequence: u64,
    id: ResourceId,
    kind: Arc<str>,
    display: Option<Box<str>>,
}

/// What really changes in a group's membership.
#[derive(Default)]
pub(super) struct MembershipChange {
    put: Vec<MemberRecord>,
    remove: Vec<u64>,
}

impl MembershipChange {
    pub(super) fn is_empty(&self) -> bool {
        self.put.is_empty() && self.remove.is_empty()
    }
}

impl Memberships {
    pub(super) fn members(&self, group: u64) -> Option<&MemberList> {
        self.members.get(&group)
    }

    pub(super) fn groups(&self, member: u64) -> Option<&BTreeSet<u64>> {
        self.groups.get(&member)
    }

    /// Finds out what an update of a group of the context changes, without changing it. A group that has more members
    /// than it may have may still lose some.
    pub(super) fn plan(
        &self,
        cx: &Context,
        group: u64,
        update: MembersUpdate,
        ids: &HashMap<ResourceId, Arc<Entry>>,
    ) -> Result<MembershipChange, StoreError> {
        let present = self.members.get(&group);
        let most = cx.limits.members_per_group;
        let ids = Known { ids, group_type: &cx.resource_type };
        let change = match update {
            MembersUpdate::Keep => return Ok(MembershipChange::default()),
            MembersUpdate::Set(members) => plan_set(present, members, &ids)?,
            MembersUpdate::Delta { add, remove } => plan_delta(present, add, &remove, &ids)?,
        };
        let before = present.map_or(0, MemberList::len);
        let is_new = |record: &&MemberRecord| present.is_none_or(|list| !list.contains(record.sequence));
        let coming = change.put.iter().filter(is_new).count();
        let after = before.saturating_add(coming).saturating_sub(change.remove.len());
        if after > most && after > before {
            return Err(StoreError::TooManyMembers);
        }
        Ok(change)
    }

    pub(super) fn apply(&mut self, group: u64, group_id: &ResourceId, change: MembershipChange) {
        if change.is_empty() {
            return;
        }
        let list = self.members.entry(group).or_insert_with(|| MemberList::new(group_id.clone()));
        for sequence in change.remove {
            list.remove(sequence);
            forget(&mut self.groups, sequence, group);
        }
        for record in change.put {
            self.groups.entry(record.sequence).or_default().insert(group);
            list.put(record);
        }
        if list.len() == 0 {
            self.members.remove(&group);
        }
    }

    /// Takes a resource out of everything, as a group and as a member; returns the ids of the groups it was in.
    pub(super) fn remove(&mut self, sequence: u64) -> Vec<ResourceId> {
        if let Some(list) = self.members.remove(&sequence) {
            for member in list.sequences() {
                forget(&mut self.groups, member, sequence);
            }
        }
        let mut left = Vec::new();
        for group in self.groups.remove(&sequence).unwrap_or_default() {
            let Some(list) = self.members.get_mut(&group) else { continue };
            list.remove(sequence);
            left.push(list.group.clone());
            if list.len() == 0 {
                self.members.remove(&group);
            }
        }
        left
    }
}

fn forget(groups: &mut HashMap<u64, BTreeSet<u64>>, member: u64, group: u64) {
    if let Some(of_member) = groups.get_mut(&member) {
        of_member.remove(&group);
        if of_member.is_empty() {
            groups.remove(&member);
        }
    }
}

/// The resources of a partition, some of which may be members of groups of one type.
struct Known<'a> {
    ids: &'a HashMap<ResourceId, Arc<Entry>>,
    group_type: &'a ResourceType,
}

impl Known<'_> {
    fn sequence(&self, id: &ResourceId) -> Option<u64> {
        self.ids.get(id).map(|entry| entry.sequence)
    }

    /// The members as they are stored. Every one that does not exist is named, so that a host may leave them all out at
    /// once, and so is one of a type that members are not.
    fn records(&self, members: Vec<Member>) -> Result<Vec<MemberRecord>, StoreError> {
        let mut records = Vec::with_capacity(members.len());
        let mut unknown = Vec::new();
        for member in members {
            match self.ids.get(&member.value) {
                Some(entry) if self.group_type.may_have_member(&entry.kind) => {
                    records.push(MemberRecord::new(member, entry));
                }
                _ => unknown.push(member.value),
            }
        }
        if unknown.is_empty() {
            Ok(records)
        } else {
            Err(StoreError::UnknownMembers(unknown))
        }
    }
}

fn plan_set(
    present: Option<&MemberList>,
    members: Vec<Member>,
    known: &Known<'_>,
) -> Result<MembershipChange, StoreError> {
    let mut wanted = HashSet::with_capacity(members.len());
    let mut put = Vec::new();
    for record in known.records(members)? {
        if wanted.insert(record.sequence) && present.and_then(|list| list.record(record.sequence)) != Some(&record) {
            put.push(record);
        }
    }
    let remove = present.into_iter().flat_map(MemberList::sequences).filter(|member| !wanted.contains(member));
    Ok(MembershipChange { remove: remove.collect(), put })
}

fn plan_delta(
    present: Option<&MemberList>,
    add: Vec<Member>,
    remove: &[ResourceId],
    known: &Known<'_>,
) -> Result<MembershipChange, StoreError> {
    let is_member = |sequence: u64| present.is_some_and(|list| list.contains(sequence));
    let mut seen = HashSet::new();
    let mut change = MembershipChange::default();
    for record in known.records(add)? {
        if !is_member(record.sequence) && seen.insert(record.sequence) {
            change.put.push(record);
        }
    }
    for id in remove {
        let Some(sequence) = known.sequence(id) else { continue };
        if is_member(sequence) && seen.insert(sequence) {
            change.remove.push(sequence);
        }
    }
    Ok(change)
}

impl MemberList {
    fn new(group: ResourceId) -> Self {
        Self { group, places: HashMap::new(), records: BTreeMap::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn contains(&self, sequence: u64) -> bool {
        self.places.contains_key(&sequence)
    }

    /// The sequence numbers of the members.
    pub(super) fn sequences(&self) -> impl Iterator<Item = u64> + '_ {
        self.records.values().map(|record| record.sequence)
    }

    /// The members in the order in which they came.
    pub(super) fn records(&self) -> impl Iterator<Item = &MemberRecord> {
        self.records.values()
    }

    pub(super) fn record(&self, sequence: u64) -> Option<&MemberRecord> {
        self.records.get(self.places.get(&sequence)?)
    }

    fn put(&mut self, record: MemberRecord) {
        let next = self.records.last_key_value().map_or(0, |(last, _)| last.saturating_add(1));
        let place = *self.places.entry(record.sequence).or_insert(next);
        self.records.insert(place, record);
    }

    fn remove(&mut self, sequence: u64) {
        if let Some(place) = self.places.remove(&sequence) {
            self.records.remove(&place);
        }
    }
}

impl MemberRecord {
    /// A member as the client named it, but for the type, which is that of the resource (RFC 7643 s4.2).
    fn new(member: Member, entry: &Entry) -> Self {
        Self {
            sequence: entry.sequence,
            id: entry.resource.id.clone(),
            kind: Arc::clone(&entry.kind),
            display: member.display.map(String::into_boxed_str),
        }
    }

    /// The element of the attribute `members`.
    pub(super) fn to_value(&self) -> Value {
        let mut element = Map::new();
        if let Some(display) = &self.display {
            element.insert("display".to_owned(), Value::String((**display).to_owned()));
        }
        element.insert("type".to_owned(), Value::String((*self.kind).to_owned()));
        element.insert("value".to_owned(), Value::String(self.id.as_str().to_owned()));
        Value::Object(element)
    }
}
