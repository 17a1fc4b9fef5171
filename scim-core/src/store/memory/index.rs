//! Indexes over attributes: those that must be unique, and those that identity providers look resources up by.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::claims::{Claim, ClaimedAttribute};
use crate::filter::Operand;
use crate::resource::{fold, Attributes, DateTime};
use crate::schema::{Attribute, AttributeRoot, AttributeType, ResolvedPath, ResourceType, UniqueWithin, Uniqueness};

/// What is looked up often without being unique: (attribute, sub-attribute).
const LOOKED_UP: [(&str, Option<&str>); 3] = [("externalId", None), ("displayName", None), ("emails", Some("value"))];

/// The indexes of one resource type.
#[derive(Clone)]
pub(super) struct Indexes {
    core_schema: String,
    indexes: Vec<Index>,
}

#[derive(Clone)]
struct Index {
    path: ResolvedPath,
    uniqueness: Uniqueness,
    /// If it is unique beyond the partition.
    claimed: Option<Arc<ClaimedAttribute>>,
    postings: HashMap<Box<str>, Postings>,
}

/// The keys of one document: which index, and which key in it. None is there twice.
pub(super) type Keys = Vec<(usize, String)>;

/// The sequence numbers of the resources that have one key.
#[derive(Clone)]
pub(super) enum Postings {
    One(u64),
    Many(BTreeSet<u64>),
}

impl Indexes {
    pub(super) fn new(resource_type: &ResourceType) -> Self {
        let mut indexes = Vec::new();
        for (extension, attribute) in resource_type.all_attributes() {
            let root = extension.map_or(AttributeRoot::Core, |schema| AttributeRoot::Extension(schema.clone()));
            let is_core = extension.is_none();
            let leaf = (None, &**attribute);
            let leaves = attribute.sub_attributes.iter().map(|sub| (Some(sub), &**sub));
            for (sub_attribute, leaf) in std::iter::once(leaf).chain(leaves).filter(|(_, leaf)| !leaf.is_complex()) {
                let name = (attribute.name.as_str(), sub_attribute.map(|sub| sub.name.as_str()));
                let looked_up = is_core && LOOKED_UP.contains(&name) && leaf.attribute_type == AttributeType::String;
                if leaf.uniqueness != Uniqueness::None || looked_up {
                    let path = ResolvedPath {
                        root: root.clone(),
                        attribute: attribute.clone(),
                        sub_attribute: sub_attribute.cloned(),
                    };
                    indexes.push(Index {
                        claimed: claimed(resource_type, leaf, &path),
                        path,
                        uniqueness: leaf.uniqueness,
                        postings: HashMap::new(),
                    });
                }
            }
        }
        Self { core_schema: resource_type.schema().id.clone(), indexes }
    }

    /// The keys of a document.
    pub(super) fn keys(&self, attributes: &Attributes) -> Keys {
        let mut keys = Keys::new();
        for (number, index) in self.indexes.iter().enumerate() {
            each_value(&index.path, attributes, |value| {
                keys.extend(key(index.path.leaf(), value).map(|key| (number, key)));
            });
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// What a document of these keys claims beyond its partition.
    pub(super) fn claims(&self, keys: &Keys) -> Vec<Claim> {
        let claimed = |number: usize| self.indexes.get(number).and_then(|index| index.claimed.clone());
        let claim = |(number, key): &(usize, String)| Some(Claim { attribute: claimed(*number)?, key: (**key).into() });
        keys.iter().filter_map(claim).collect()
    }

    /// Whether there are claims on the platform.
    pub(super) fn reach_platform(&self) -> bool {
        let mut claimed = self.indexes.iter().filter_map(|index| index.claimed.as_ref());
        claimed.any(|claimed| claimed.reach == UniqueWithin::Platform)
    }

    /// The unique attribute whose value another resource than `own` has.
    pub(super) fn taken(&self, keys: &Keys, own: Option<u64>) -> Option<&ResolvedPath> {
        keys.iter().find_map(|(number, key)| {
            let index = self.indexes.get(*number).filter(|index| index.uniqueness != Uniqueness::None)?;
            let taken = index.postings.get(key.as_str())?.iter().any(|sequence| Some(sequence) != own);
            taken.then_some(&index.path)
        })
    }

    /// The globally unique attribute whose value a resource of another type has, by the attributes of one schema that
    /// both types have.
    pub(super) fn taken_elsewhere(&self, keys: &Keys, other: &Self) -> Option<&ResolvedPath> {
        keys.iter().find_map(|(number, key)| {
            let index = self.indexes.get(*number).filter(|index| index.uniqueness == Uniqueness::Global)?;
            let is_shared = index.path.extension_urn().is_some() || self.core_schema == other.core_schema;
            let theirs = other.indexes.iter().find(|other| is_shared && is_same(&index.path, &other.path))?;
            theirs.postings.contains_key(key.as_str()).then_some(&index.path)
        })
    }

    pub(super) fn insert(&mut self, keys: Keys, sequence: u64) {
        for (number, key) in keys {
            if let Some(index) = self.indexes.get_mut(number) {
                index
                    .postings
                    .entry(key.into_boxed_str())
                    .and_modify(|postings| postings.insert(sequence))
                    .or_insert(Postings::One(sequence));
            }
        }
    }

    pub(super) fn remove(&mut self, keys: &Keys, sequence: u64) {
        for (number, key) in keys {
            let Some(index) = self.indexes.get_mut(*number) else { continue };
            let Some(postings) = index.postings.get_mut(key.as_str()) else { continue };
            if postings.remove(sequence) {
                index.postings.remove(key.as_str());
            }
        }
    }

    /// The resources whose attribute equals the operand, if there is an index that knows. The outer `None` says there
    /// is no index, the inner one that no resource has the value.
    pub(super) fn lookup(&self, path: &ResolvedPath, operand: &Operand) -> Option<Option<&Postings>> {
        let index = self.indexes.iter().find(|index| is_same(&index.path, path))?;
        let key = match operand {
            Operand::Exact(key) if index.path.leaf().case_exact => key,
            Operand::Folded(key) if !index.path.leaf().case_exact => key,
            _ => return None,
        };
        Some(index.postings.get(key))
    }
}

impl Postings {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(sequences) => sequences.len(),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        let (one, many) = match self {
            Self::One(sequence) => (Some(*sequence), None),
            Self::Many(sequences) => (None, Some(sequences)),
        };
        one.into_iter().chain(many.into_iter().flatten().copied())
    }

    fn insert(&mut self, sequence: u64) {
        match self {
            Self::One(first) => *self = Self::Many(BTreeSet::from([*first, sequence])),
            Self::Many(sequences) => {
                sequences.insert(sequence);
            }
        }
    }

    /// Takes a resource out; whether none is left.
    fn remove(&mut self, sequence: u64) -> bool {
        match self {
            Self::One(only) => *only == sequence,
            Self::Many(sequences) => {
                sequences.remove(&sequence);
                sequences.is_empty()
            }
        }
    }
}

/// How an attribute is claimed, if it is unique beyond the partition.
fn claimed(resource_type: &ResourceType, leaf: &Attribute, path: &ResolvedPath) -> Option<Arc<ClaimedAttribute>> {
    let is_claimed = leaf.uniqueness != Uniqueness::None && leaf.unique_within != UniqueWithin::Partition;
    is_claimed.then(|| {
        let schema = path.extension_urn().unwrap_or(&resource_type.schema().id);
        let scope = if leaf.uniqueness == Uniqueness::Global { schema } else { resource_type.name() };
        let (reach, scope) = (leaf.unique_within, scope.to_owned());
        Arc::new(ClaimedAttribute { reach, scope, path: path.to_string() })
    })
}

/// Calls back with every value that a path leads to in a document.
fn each_value(path: &ResolvedPath, attributes: &Attributes, mut found: impl FnMut(&Value)) {
    let name = path.attribute.name.as_str();
    let value = match &path.root {
        AttributeRoot::Core => attributes.get(name),
        AttributeRoot::Extension(schema) => attributes.extension(&schema.id).and_then(|object| object.get(name)),
        _ => None,
    };
    for element in elements(value) {
        let leaf = match &path.sub_attribute {
            Some(sub) => element.get(&sub.name),
            None => Some(element),
        };
        elements(leaf).iter().for_each(&mut found);
    }
}

/// The elements of a list, or the one value.
fn elements(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(list)) => list,
        Some(single) => std::slice::from_ref(single),
        None => &[],
    }
}

/// What values are compared by: equal values have equal keys.
fn key(leaf: &Attribute, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => match leaf.attribute_type {
            AttributeType::DateTime => {
                Some(DateTime::parse(text).map_or_else(|| text.clone(), |instant| instant.as_micros().to_string()))
            }
            _ if leaf.case_exact => Some(text.clone()),
            _ => Some(fold(text).into_owned()),
        },
        Value::Number(number) => match number.as_f64() {
            Some(float) if !number.is_i64() && !number.is_u64() => Some(float.to_string()),
            _ => Some(number.to_string()),
        },
        Value::Bool(boolean) => Some(boolean.to_string()),
        _ => None,
    }
}

fn is_same(a: &ResolvedPath, b: &ResolvedPath) -> bool {
    let is_same_root = match (&a.root, &b.root) {
        (AttributeRoot::Core, AttributeRoot::Core) => true,
        (AttributeRoot::Extension(a), AttributeRoot::Extension(b)) => a.id.eq_ignore_ascii_case(&b.id),
        _ => false,
    };
    let is_same_sub_attribute = match (&a.sub_attribute, &b.sub_attribute) {
        (Some(a), Some(b)) => a.name == b.name,
        (None, None) => true,
        _ => false,
    };
    is_same_root && a.attribute.name == b.attribute.name && is_same_sub_attribute
}
