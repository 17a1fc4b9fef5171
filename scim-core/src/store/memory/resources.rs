//! The resources of one partition, behind one lock: a write checks every constraint and changes everything in one step.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::claims::{Claim, Claiming};
use super::derived::DerivedAttributes;
use super::entry::Entry;
use super::index::{Indexes, Keys};
use super::memberships::Memberships;
use super::timeline::Timeline;
use crate::context::Context;
use crate::resource::{DateTime, Resource, ResourceId, Version};
use crate::schema::{ResolvedPath, ResourceType};
use crate::store::{Fetch, MembersUpdate, NewResource, StoreError, Update};

#[derive(Clone, Default)]
pub(super) struct Resources {
    /// Every resource of every type.
    pub(super) ids: HashMap<ResourceId, Arc<Entry>>,
    pub(super) memberships: Memberships,
    collections: HashMap<Arc<str>, Collection>,
    last_sequence: u64,
}

/// The resources of one type.
#[derive(Clone)]
pub(super) struct Collection {
    pub(super) kind: Arc<str>,
    pub(super) timeline: Timeline,
    pub(super) indexes: Indexes,
    /// By whose definition the indexes are.
    resource_type: Arc<ResourceType>,
}

impl Resources {
    pub(super) fn collection(&self, resource_type: &ResourceType) -> Option<&Collection> {
        self.collections.get(resource_type.name())
    }

    pub(super) fn get(&self, resource_type: &ResourceType, id: &ResourceId, fetch: &Fetch) -> Option<Resource> {
        let entry = self.entry(resource_type, id)?;
        Some(DerivedAttributes::of(resource_type).attached(self, entry, fetch))
    }

    pub(super) fn write_only(&self, resource_type: &ResourceType, id: &ResourceId) -> Option<Map<String, Value>> {
        self.entry(resource_type, id).map(|entry| Map::clone(&entry.write_only))
    }

    pub(super) fn create(
        &mut self,
        cx: &Context,
        id: ResourceId,
        now: DateTime,
        new: NewResource,
        claiming: &mut Claiming<'_>,
    ) -> Result<Resource, StoreError> {
        let NewResource { attributes, members, write_only, fetch } = new;
        let sequence = self.last_sequence.saturating_add(1);
        let collection = self.prepare(&cx.resource_type);
        let (kind, keys) = (Arc::clone(&collection.kind), collection.indexes.keys(&attributes));
        self.check_uniqueness(cx, &keys, None)?;
        let members = self.memberships.plan(cx, sequence, MembersUpdate::Set(members), &self.ids)?;
        let claims = self.claims(cx, &keys);
        claiming.exchange(&[], &claims, &id)?;

        self.last_sequence = sequence;
        let entry = Arc::new(Entry::new(sequence, kind, id, attributes, now).claiming(claims).keeping(write_only));
        self.memberships.apply(sequence, &entry.resource.id, members);
        self.prepare(&cx.resource_type).indexes.insert(keys, sequence);
        self.put(&entry);
        Ok(DerivedAttributes::of(&cx.resource_type).attached(self, &entry, &fetch))
    }

    pub(super) fn update(
        &mut self,
        cx: &Context,
        id: &ResourceId,
        now: DateTime,
        update: Update,
        claiming: &mut Claiming<'_>,
    ) -> Result<Resource, StoreError> {
        let Update { attributes, members, write_only, expect, fetch, .. } = update;
        let before = self.expect(&cx.resource_type, id, expect.as_ref())?;
        let attributes = attributes.filter(|attributes| *attributes != before.resource.attributes);
        let collection = self.prepare(&cx.resource_type);
        let keys = attributes.as_ref().map(|attributes| collection.indexes.keys(attributes));
        if let Some(keys) = &keys {
            self.check_uniqueness(cx, keys, Some(before.sequence))?;
        }
        let members = self.memberships.plan(cx, before.sequence, members, &self.ids)?;
        let claims = keys.as_ref().map(|keys| self.claims(cx, keys));
        if let Some(claims) = &claims {
            claiming.exchange(&before.claims, claims, id)?;
        }

        let is_change = attributes.is_some() || !members.is_empty();
        let mut entry = Arc::clone(&before);
        if is_change {
            let changed = before.changed(attributes, now);
            entry = Arc::new(match claims {
                Some(claims) => changed.claiming(claims),
                None => changed,
            });
        }
        if let Some(keys) = keys {
            let indexes = &mut self.prepare(&cx.resource_type).indexes;
            indexes.remove(&indexes.keys(&before.resource.attributes), before.sequence);
            indexes.insert(keys, before.sequence);
        }
        self.memberships.apply(before.sequence, id, members);
        let is_to_keep = !write_only.is_empty();
        if is_to_keep {
            entry = Arc::new(Entry::clone(&entry).keeping(write_only));
        }
        if is_change || is_to_keep {
            self.put(&entry);
        }
        Ok(DerivedAttributes::of(&cx.resource_type).attached(self, &entry, &fetch))
    }

    pub(super) fn delete(
        &mut self,
        cx: &Context,
        id: &ResourceId,
        now: DateTime,
        expect: Option<&Version>,
        claiming: &mut Claiming<'_>,
    ) -> Result<(), StoreError> {
        let entry = self.expect(&cx.resource_type, id, expect)?;
        claiming.exchange(&entry.claims, &[], id)?;
        self.take_out(cx, &entry, now);
        Ok(())
    }

    /// Moves a resource from here to the partition of `target_cx`, where these resources are.
    pub(super) fn move_to(
        &mut self,
        target: &mut Self,
        (cx, target_cx): (&Context, &Context),
        id: &ResourceId,
        now: DateTime,
        update: Update,
        claiming: &mut Claiming<'_>,
    ) -> Result<Resource, StoreError> {
        let before = self.expect(&cx.resource_type, id, update.expect.as_ref())?;
        let resource = target.take_in(target_cx, &before, now, update, claiming)?;
        self.take_out(cx, &before, now);
        Ok(resource)
    }

    /// Adds a resource of another partition.
    fn take_in(
        &mut self,
        cx: &Context,
        before: &Entry,
        now: DateTime,
        update: Update,
        claiming: &mut Claiming<'_>,
    ) -> Result<Resource, StoreError> {
        let Update { attributes, members, write_only, fetch, .. } = update;
        let id = &before.resource.id;
        if self.ids.contains_key(id) {
            return Err(StoreError::backend("two partitions have a resource of one id"));
        }
        let sequence = self.last_sequence.saturating_add(1);
        let entry = before.changed(attributes, now).at(sequence).keeping(write_only);
        let keys = self.prepare(&cx.resource_type).indexes.keys(&entry.resource.attributes);
        self.check_uniqueness(cx, &keys, None)?;
        let claims = self.claims(cx, &keys);
        let entry = Arc::new(entry.claiming(claims));
        // Known by its id before its members are, for a group may be its own.
        self.ids.insert(id.clone(), Arc::clone(&entry));
        let planned = self.memberships.plan(cx, sequence, members, &self.ids);
        let planned = planned.and_then(|members| {
            claiming.exchange(&before.claims, &entry.claims, id)?;
            Ok(members)
        });
        let members = match planned {
            Ok(members) => members,
            Err(error) => {
                self.ids.remove(id);
                return Err(error);
            }
        };

        self.last_sequence = sequence;
        self.memberships.apply(sequence, id, members);
        self.prepare(&cx.resource_type).indexes.insert(keys, sequence);
        self.put(&entry);
        Ok(DerivedAttributes::of(&cx.resource_type).attached(self, &entry, &fetch))
    }

    /// Takes a resource away, and out of everything that it is in.
    fn take_out(&mut self, cx: &Context, entry: &Entry, now: DateTime) {
        let collection = self.prepare(&cx.resource_type);
        let keys = collection.indexes.keys(&entry.resource.attributes);
        collection.indexes.remove(&keys, entry.sequence);
        collection.timeline.remove(entry.sequence);
        self.ids.remove(&entry.resource.id);
        for group in self.memberships.remove(entry.sequence) {
            self.members_changed(&group, now);
        }
    }

    /// Whether resources of this type may have claims on the platform.
    pub(super) fn reaches_platform(&self, resource_type: &Arc<ResourceType>) -> bool {
        match self.collection(resource_type) {
            Some(known) if Arc::ptr_eq(&known.resource_type, resource_type) => known.indexes.reach_platform(),
            _ => Indexes::new(resource_type).reach_platform(),
        }
    }

    /// What a document of these keys claims beyond its partition; what was removed claims nothing.
    fn claims(&self, cx: &Context, keys: &Keys) -> Vec<Claim> {
        match self.collection(&cx.resource_type) {
            Some(collection) if !cx.partition().is_removed() => collection.indexes.claims(keys),
            _ => Vec::new(),
        }
    }

    /// The resource of this id, if it is of this type.
    fn entry(&self, resource_type: &ResourceType, id: &ResourceId) -> Option<&Arc<Entry>> {
        self.ids.get(id).filter(|entry| *entry.kind == *resource_type.name())
    }

    fn expect(
        &self,
        resource_type: &ResourceType,
        id: &ResourceId,
        version: Option<&Version>,
    ) -> Result<Arc<Entry>, StoreError> {
        let entry = self.entry(resource_type, id).ok_or(StoreError::NotFound)?;
        if version.is_some_and(|version| *version != entry.resource.meta.version) {
            return Err(StoreError::VersionMismatch);
        }
        Ok(Arc::clone(entry))
    }

    /// Whether the unique values of a document are free in the partition. Nothing is unique among what was removed.
    fn check_uniqueness(&self, cx: &Context, keys: &Keys, own: Option<u64>) -> Result<(), StoreError> {
        let Some(collection) = self.collection(&cx.resource_type) else { return Ok(()) };
        if cx.partition().is_removed() {
            return Ok(());
        }
        let others = self.collections.values().filter(|other| other.kind != collection.kind);
        let elsewhere =
            || others.into_iter().find_map(|other| collection.indexes.taken_elsewhere(keys, &other.indexes));
        match collection.indexes.taken(keys, own).or_else(elsewhere) {
            Some(path) => Err(StoreError::uniqueness(ResolvedPath::to_string(path))),
            None => Ok(()),
        }
    }

    /// The collection of a type, made if it is not there, with indexes as the type defines them now.
    fn prepare(&mut self, resource_type: &Arc<ResourceType>) -> &mut Collection {
        let collection = self
            .collections
            .entry(Arc::from(resource_type.name()))
            .or_insert_with(|| Collection::new(Arc::clone(resource_type)));
        collection.follow(resource_type);
        collection
    }

    fn members_changed(&mut self, group: &ResourceId, now: DateTime) {
        if let Some(entry) = self.ids.get(group) {
            let entry = Arc::new(entry.changed(None, now));
            self.put(&entry);
        }
    }

    fn put(&mut self, entry: &Arc<Entry>) {
        self.ids.insert(entry.resource.id.clone(), Arc::clone(entry));
        if let Some(collection) = self.collections.get_mut(&entry.kind) {
            collection.timeline.put(Arc::clone(entry));
        }
    }
}

impl Collection {
    fn new(resource_type: Arc<ResourceType>) -> Self {
        Self {
            kind: Arc::from(resource_type.name()),
            timeline: Timeline::default(),
            indexes: Indexes::new(&resource_type),
            resource_type,
        }
    }

    /// Builds the indexes anew if the definition of the resource type is another than before.
    fn follow(&mut self, resource_type: &Arc<ResourceType>) {
        if Arc::ptr_eq(&self.resource_type, resource_type) {
            return;
        }
        if self.resource_type != *resource_type {
            self.indexes = Indexes::new(resource_type);
            for entry in self.timeline.from(0) {
                let keys = self.indexes.keys(&entry.resource.attributes);
                self.indexes.insert(keys, entry.sequence);
            }
        }
        self.resource_type = Arc::clone(resource_type);
    }
}
