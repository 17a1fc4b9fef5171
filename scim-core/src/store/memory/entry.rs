//! One stored resource.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::claims::Claim;
use crate::resource::{Attributes, DateTime, Meta, Resource, ResourceId, Version};

/// A resource as it is stored, without what is derived from memberships. It never changes; a change puts another one
/// in its place.
#[derive(Clone)]
pub(super) struct Entry {
    /// Counts the resources of the partition in the order in which they came, and stands for this one in indexes.
    pub(super) sequence: u64,
    /// The name of its resource type.
    pub(super) kind: Arc<str>,
    /// What is answered, but for `members` and `groups`.
    pub(super) resource: Resource,
    /// What it has claimed beyond its partition.
    pub(super) claims: Vec<Claim>,
    /// Its write-only attributes, which are never answered.
    pub(super) write_only: Arc<Map<String, Value>>,
    revision: u64,
}

impl Entry {
    pub(super) fn new(sequence: u64, kind: Arc<str>, id: ResourceId, attributes: Attributes, now: DateTime) -> Self {
        let revision = 1;
        let resource = Resource::new(id, Meta::new(now, now, version(revision)), attributes);
        Self { sequence, kind, resource, claims: Vec::new(), write_only: Arc::default(), revision }
    }

    /// The same with these claims.
    pub(super) fn claiming(mut self, claims: Vec<Claim>) -> Self {
        self.claims = claims;
        self
    }

    /// The same with another version, changed now, with another document if one is given.
    pub(super) fn changed(&self, attributes: Option<Attributes>, now: DateTime) -> Self {
        let revision = self.revision.saturating_add(1);
        let before = &self.resource.meta;
        let meta = Meta::new(before.created, now.max(before.last_modified), version(revision));
        let attributes = attributes.unwrap_or_else(|| self.resource.attributes.clone());
        let resource = Resource::new(self.resource.id.clone(), meta, attributes);
        let (kind, claims, write_only) = (Arc::clone(&self.kind), self.claims.clone(), Arc::clone(&self.write_only));
        Self { sequence: self.sequence, kind, resource, claims, write_only, revision }
    }

    /// The same with these write-only attributes, which come as a merge patch.
    pub(super) fn keeping(mut self, write_only: Map<String, Value>) -> Self {
        if !write_only.is_empty() {
            merge(Arc::make_mut(&mut self.write_only), write_only);
        }
        self
    }

    /// The same in another place.
    pub(super) fn at(mut self, sequence: u64) -> Self {
        self.sequence = sequence;
        self
    }
}

/// A merge patch of RFC 7396, which leaves no empty object behind.
fn merge(kept: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match value {
            Value::Null => {
                kept.remove(&name);
            }
            Value::Object(patch) => {
                let mut object = match kept.remove(&name) {
                    Some(Value::Object(object)) => object,
                    _ => Map::new(),
                };
                merge(&mut object, patch);
                if !object.is_empty() {
                    kept.insert(name, Value::Object(object));
                }
            }
            value => {
                kept.insert(name, value);
            }
        }
    }
}

fn version(revision: u64) -> Version {
    Version::new(revision.to_string())
}
