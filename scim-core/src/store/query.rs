//! What a list asks for, and what it gets (RFC 7644 s3.4.2, RFC 9865).

use std::cmp::Ordering;

use serde_json::Value;

use super::Fetch;
use crate::filter::ResolvedFilter;
use crate::resource::{fold, DateTime, Resource};
use crate::schema::{AttributeRoot, AttributeType, ResolvedPath, ResourceType};

/// A query on the resources of one type.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Query {
    /// Which resources; `None` for all.
    pub filter: Option<ResolvedFilter>,
    /// In which order; `None` for any order that is stable while nothing changes.
    pub sort: Option<Sort>,
    /// Which part of them.
    pub page: PageRequest,
    /// What of each resource is needed.
    pub fetch: Fetch,
}

/// The order of a list (RFC 7644 s3.4.2.3). Resources that compare equal keep the order they have without sorting.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sort {
    /// By which attribute. Of a multi-valued one it is the primary value, or else the first; of a complex one without a
    /// sub-attribute named it is `value`.
    pub path: ResolvedPath,
    /// Whether it goes down.
    pub descending: bool,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageRequest {
    /// By place (RFC 7644 s3.4.2.4).
    Index {
        /// The place of the first resource, counted from 1.
        start_index: usize,
        /// The most resources; 0 asks for the total alone.
        count: usize,
    },
    /// By position (RFC 9865): what comes after, or before, a resource that was returned earlier.
    Cursor {
        /// Where; `None` is the beginning.
        position: Option<Position>,
        /// The most resources. The server asks for at least one; a total alone it asks for by place.
        count: usize,
    },
}

impl Default for PageRequest {
    fn default() -> Self {
        Self::Index { start_index: 1, count: 200 }
    }
}

/// A place in a sorted list in a store's own notation. The server seals it into a cursor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Position(pub Vec<u8>);

/// A part of a list.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Page {
    /// The resources of this page, in order.
    pub resources: Vec<Resource>,
    /// How many resources satisfy the filter in all. Always there for [`PageRequest::Index`].
    pub total: Option<usize>,
    /// Where the next page begins, for a cursor; `None` at the end.
    pub next: Option<Position>,
    /// Where the page before begins, for a cursor; `None` at the beginning, or if the store does not go back.
    pub previous: Option<Position>,
}

impl Page {
    /// A page of these resources out of so many.
    #[must_use]
    pub fn new(resources: Vec<Resource>, total: usize) -> Self {
        Self { resources, total: Some(total), next: None, previous: None }
    }
}

impl Query {
    /// Evaluates the whole query over all resources of a type, for a store without an engine of its own. The order of
    /// the iterator is the order without sorting. [`PageRequest::Cursor`] is read as its beginning.
    #[must_use]
    pub fn run(&self, resource_type: &ResourceType, resources: impl IntoIterator<Item = Resource>) -> Page {
        let matching =
            |resource: &Resource| self.filter.as_ref().is_none_or(|filter| filter.matches(resource_type, resource));
        let mut found: Vec<Resource> = resources.into_iter().filter(matching).collect();
        if let Some(sort) = &self.sort {
            let mut keyed: Vec<(SortKey, Resource)> =
                found.into_iter().map(|resource| (sort.key(resource_type, &resource), resource)).collect();
            keyed.sort_by(|(a, _), (b, _)| sort.compare(a, b));
            found = keyed.into_iter().map(|(_, resource)| resource).collect();
        }
        let total = found.len();
        let (skip, count) = match self.page {
            PageRequest::Index { start_index, count } => (start_index.saturating_sub(1), count),
            PageRequest::Cursor { count, .. } => (0, count),
        };
        Page::new(found.into_iter().skip(skip).take(count).collect(), total)
    }
}

/// What a resource is sorted by.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SortKey {
    /// A boolean; `false` comes first.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// An instant.
    DateTime(DateTime),
    /// A string, folded if the attribute compares without case.
    Text(String),
    /// No value: last going up, first going down (RFC 7644 s3.4.2.3).
    Missing,
}

impl SortKey {
    /// The order going up.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Boolean(a), Self::Boolean(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::DateTime(a), Self::DateTime(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Boolean(_) => 0,
            Self::Number(_) => 1,
            Self::DateTime(_) => 2,
            Self::Text(_) => 3,
            Self::Missing => 4,
        }
    }
}

impl Sort {
    /// The order by an attribute.
    #[must_use]
    pub fn new(path: ResolvedPath, descending: bool) -> Self {
        Self { path, descending }
    }

    /// What this resource is sorted by.
    #[must_use]
    pub fn key(&self, resource_type: &ResourceType, resource: &Resource) -> SortKey {
        let name = self.path.attribute.name.as_str();
        match &self.path.root {
            AttributeRoot::Id => SortKey::Text(resource.id.as_str().to_owned()),
            AttributeRoot::Schemas => SortKey::Missing,
            AttributeRoot::Meta => match self.path.sub_attribute.as_ref().map(|sub| sub.name.as_str()) {
                Some("created") => SortKey::DateTime(resource.meta.created),
                Some("lastModified") => SortKey::DateTime(resource.meta.last_modified),
                Some("version") => SortKey::Text(resource.meta.version.as_str().to_owned()),
                Some("resourceType") => SortKey::Text(resource_type.name().to_owned()),
                _ => SortKey::Missing,
            },
            AttributeRoot::Core => self.value_key(resource.attributes.get(name)),
            AttributeRoot::Extension(schema) => {
                self.value_key(resource.attributes.extension(&schema.id).and_then(|object| object.get(name)))
            }
        }
    }

    /// The order of two keys in this sort's direction.
    #[must_use]
    pub fn compare(&self, a: &SortKey, b: &SortKey) -> Ordering {
        if self.descending {
            b.compare(a)
        } else {
            a.compare(b)
        }
    }

    fn value_key(&self, value: Option<&Value>) -> SortKey {
        let attribute = &self.path.attribute;
        let element = match value {
            Some(Value::Array(list)) => list
                .iter()
                .find(|element| element.get("primary").and_then(Value::as_bool) == Some(true))
                .or_else(|| list.first()),
            other => other,
        };
        let leaf = match &self.path.sub_attribute {
            Some(sub) => Some(sub),
            None if attribute.is_complex() => attribute.sub_attribute("value"),
            None => Some(attribute),
        };
        let (Some(element), Some(leaf)) = (element, leaf) else { return SortKey::Missing };
        let value = if attribute.is_complex() { element.get(&leaf.name) } else { Some(element) };
        match (leaf.attribute_type, value) {
            (_, Some(Value::Bool(boolean))) => SortKey::Boolean(*boolean),
            // Adding nothing makes the negative zero the zero it is equal to.
            (_, Some(Value::Number(number))) => {
                number.as_f64().map_or(SortKey::Missing, |number| SortKey::Number(number + 0.0))
            }
            (AttributeType::DateTime, Some(Value::String(text))) => {
                DateTime::parse(text).map_or(SortKey::Missing, SortKey::DateTime)
            }
            (_, Some(Value::String(text))) if leaf.case_exact => SortKey::Text(text.clone()),
            (_, Some(Value::String(text))) => SortKey::Text(fold(text).into_owned()),
            _ => SortKey::Missing,
        }
    }
}
