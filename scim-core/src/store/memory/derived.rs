//! `members` of groups and `groups` of users: attributes that are no part of a stored document but follow from
//! memberships (RFC 7643 s4.1.2, s4.2).

use std::cell::OnceCell;

use serde_json::{Map, Value};

use super::entry::Entry;
use super::memberships::{MemberList, MemberRecord};
use super::resources::Resources;
use crate::filter::{CompareOperator, Operand, ResolvedFilter};
use crate::resource::{Attributes, Resource};
use crate::schema::{AttributeRoot, Mutability, ResolvedPath, ResourceType};
use crate::store::{Fetch, Sort, SortKey};

/// Which attributes of a resource type are derived, and their values.
#[derive(Clone, Copy)]
pub(super) struct DerivedAttributes<'a> {
    resource_type: &'a ResourceType,
}

/// An attribute that follows from memberships.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Derived {
    Members,
    Groups,
}

impl Derived {
    fn name(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Groups => "groups",
        }
    }
}

impl<'a> DerivedAttributes<'a> {
    pub(super) fn of(resource_type: &'a ResourceType) -> Self {
        Self { resource_type }
    }

    /// The stored resource with what is derived, as far as it is wanted. The document is copied only if there is
    /// something to add.
    pub(super) fn attached(self, resources: &Resources, entry: &Entry, fetch: &Fetch) -> Resource {
        let mut resource = entry.resource.clone();
        if let Some(list) = resources.memberships.members(entry.sequence) {
            if self.is_wanted(Derived::Members, fetch) {
                if fetch.most_members().is_some_and(|most| list.len() > most) {
                    resource.members_left_out = true;
                } else {
                    attach(&mut resource, Derived::Members, members(list));
                }
            }
        }
        if resources.memberships.groups(entry.sequence).is_some() && self.is_wanted(Derived::Groups, fetch) {
            attach(&mut resource, Derived::Groups, groups(resources, entry, None));
        }
        resource
    }

    /// Whether anything derived is wanted at all.
    pub(super) fn are_wanted(self, fetch: &Fetch) -> bool {
        self.is_wanted(Derived::Members, fetch) || self.is_wanted(Derived::Groups, fetch)
    }

    fn is_wanted(self, derived: Derived, fetch: &Fetch) -> bool {
        fetch.wants(derived.name()) && self.has(derived)
    }

    fn has(self, derived: Derived) -> bool {
        self.resource_type.schema().attributes.get(derived.name()).is_some_and(|attribute| {
            let is_relation = attribute.is_complex() && attribute.multi_valued;
            is_relation && (derived == Derived::Members || attribute.mutability == Mutability::ReadOnly)
        })
    }

    /// The derived attribute that a path leads to or into.
    pub(super) fn at(self, path: &ResolvedPath) -> Option<Derived> {
        let is_core = matches!(path.root, AttributeRoot::Core);
        [Derived::Members, Derived::Groups]
            .into_iter()
            .find(|derived| is_core && path.attribute.name == derived.name() && self.has(*derived))
    }

    /// Whether a filter asks for anything derived.
    pub(super) fn are_in(self, filter: &ResolvedFilter) -> bool {
        match filter {
            ResolvedFilter::And(terms) | ResolvedFilter::Or(terms) => terms.iter().any(|term| self.are_in(term)),
            ResolvedFilter::Not(term) => self.are_in(term),
            ResolvedFilter::Compare(path, ..) | ResolvedFilter::Present(path) | ResolvedFilter::ValuePath(path, _) => {
                self.at(path).is_some()
            }
        }
    }

    /// Whether a resource satisfies a filter that may ask for what is derived. Each term sees as much of a derived
    /// attribute as it needs: to ask for one member of a large group does not load the others. A list that several terms
    /// need as a whole is made once.
    pub(super) fn matches(self, resources: &Resources, filter: &ResolvedFilter, entry: &Entry) -> bool {
        self.is_satisfied(filter, &Subject::new(resources, entry))
    }

    fn is_satisfied(self, filter: &ResolvedFilter, subject: &Subject<'_>) -> bool {
        match filter {
            ResolvedFilter::And(terms) => terms.iter().all(|term| self.is_satisfied(term, subject)),
            ResolvedFilter::Or(terms) => terms.iter().any(|term| self.is_satisfied(term, subject)),
            ResolvedFilter::Not(term) => !self.is_satisfied(term, subject),
            ResolvedFilter::Compare(path, ..) | ResolvedFilter::Present(path) | ResolvedFilter::ValuePath(path, _) => {
                match (self.at(path), named_id(filter)) {
                    (None, _) => filter.matches(self.resource_type, &subject.entry.resource),
                    (Some(derived), None) => filter.matches(self.resource_type, subject.with_all(derived)),
                    (Some(derived), Some(id)) => filter.matches(self.resource_type, &subject.with_one(derived, id)),
                }
            }
        }
    }

    /// What a resource is sorted by, which may be derived.
    pub(super) fn sort_key(self, resources: &Resources, sort: &Sort, entry: &Entry) -> SortKey {
        match self.at(&sort.path) {
            None => sort.key(self.resource_type, &entry.resource),
            Some(derived) => {
                let mut resource = entry.resource.clone();
                attach(&mut resource, derived, all(resources, derived, entry));
                sort.key(self.resource_type, &resource)
            }
        }
    }
}

/// A resource that a filter is held against, and its lists as far as terms have asked for the whole of them.
struct Subject<'a> {
    resources: &'a Resources,
    entry: &'a Entry,
    members: OnceCell<Resource>,
    groups: OnceCell<Resource>,
}

impl<'a> Subject<'a> {
    fn new(resources: &'a Resources, entry: &'a Entry) -> Self {
        Self { resources, entry, members: OnceCell::new(), groups: OnceCell::new() }
    }

    /// The resource with a derived attribute and no other.
    fn with_all(&self, derived: Derived) -> &Resource {
        let list = match derived {
            Derived::Members => &self.members,
            Derived::Groups => &self.groups,
        };
        list.get_or_init(|| self.with(derived, all(self.resources, derived, self.entry)))
    }

    /// The same with one element of it at most.
    fn with_one(&self, derived: Derived, id: &str) -> Resource {
        self.with(derived, one(self.resources, derived, self.entry, id))
    }

    fn with(&self, derived: Derived, values: Vec<Value>) -> Resource {
        let Resource { id, meta, .. } = &self.entry.resource;
        let mut resource = Resource::new(id.clone(), meta.clone(), Attributes::default());
        attach(&mut resource, derived, values);
        resource
    }
}

/// The id that a term on `members` or `groups` demands of an element: only this element can satisfy the term.
pub(super) fn named_id(term: &ResolvedFilter) -> Option<&str> {
    match term {
        ResolvedFilter::Compare(path, CompareOperator::Equal, Operand::Exact(id)) => {
            let names_value = path.sub_attribute.as_ref().is_none_or(|sub| sub.name == "value");
            names_value.then_some(id)
        }
        ResolvedFilter::ValuePath(_, within) => match &**within {
            ResolvedFilter::And(terms) => terms.iter().find_map(|term| match term {
                ResolvedFilter::Compare(..) => named_id(term),
                _ => None,
            }),
            ResolvedFilter::Compare(..) => named_id(within),
            _ => None,
        },
        _ => None,
    }
}

fn attach(resource: &mut Resource, derived: Derived, values: Vec<Value>) {
    if !values.is_empty() {
        resource.attributes.make_mut().insert(derived.name().to_owned(), Value::Array(values));
    }
}

fn all(resources: &Resources, derived: Derived, entry: &Entry) -> Vec<Value> {
    match derived {
        Derived::Members => resources.memberships.members(entry.sequence).map(members).unwrap_or_default(),
        Derived::Groups => groups(resources, entry, None),
    }
}

fn one(resources: &Resources, derived: Derived, entry: &Entry, id: &str) -> Vec<Value> {
    let Some(named) = resources.ids.get(id).map(|named| named.sequence) else { return Vec::new() };
    match derived {
        Derived::Members => {
            let list = resources.memberships.members(entry.sequence);
            list.and_then(|list| list.record(named)).map(MemberRecord::to_value).into_iter().collect()
        }
        Derived::Groups => groups(resources, entry, Some(named)),
    }
}

fn members(list: &MemberList) -> Vec<Value> {
    list.records().map(MemberRecord::to_value).collect()
}

/// The elements of `groups`: the groups that name the resource as a member, or one of them.
fn groups(resources: &Resources, entry: &Entry, only: Option<u64>) -> Vec<Value> {
    let of_member = resources.memberships.groups(entry.sequence);
    let wanted = |group: &&u64| only.is_none_or(|only| only == **group);
    of_member
        .into_iter()
        .flatten()
        .filter(wanted)
        .filter_map(|group| resources.ids.get(&resources.memberships.members(*group)?.group))
        .map(|group| group_value(group))
        .collect()
}

fn group_value(group: &Entry) -> Value {
    let mut element = Map::new();
    if let Some(display) = group.resource.attributes.string("displayName") {
        element.insert("display".to_owned(), Value::String(display.to_owned()));
    }
    element.insert("type".to_owned(), Value::String("direct".to_owned()));
    element.insert("value".to_owned(), Value::String(group.resource.id.as_str().to_owned()));
    Value::Object(element)
}
