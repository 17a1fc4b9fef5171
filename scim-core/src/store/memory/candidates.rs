//! The resources that an index offers for a filter.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::derived::{named_id, Derived, DerivedAttributes};
use super::entry::Entry;
use super::index::Postings;
use super::memberships::MemberList;
use super::resources::{Collection, Resources};
use crate::filter::{CompareOperator, Operand, ResolvedFilter};
use crate::schema::{AttributeRoot, ResourceType};

/// Resources among which are all that satisfy a filter.
pub(super) enum Candidates<'a> {
    None,
    One(u64),
    Postings(&'a Postings),
    Groups(&'a BTreeSet<u64>),
    Members(&'a MemberList),
    Union(Vec<Candidates<'a>>),
}

/// Looks up candidates for filters on one resource type of a partition.
pub(super) struct Lookup<'a> {
    pub(super) resources: &'a Resources,
    pub(super) collection: &'a Collection,
    pub(super) resource_type: &'a ResourceType,
}

impl<'a> Lookup<'a> {
    /// The entries among which are all that satisfy the filter, in the order of their creation; `None` if no index
    /// helps.
    pub(super) fn entries(&self, filter: &ResolvedFilter) -> Option<Vec<Arc<Entry>>> {
        let mut sequences = Vec::new();
        self.candidates(filter)?.collect(&mut sequences);
        sequences.sort_unstable();
        sequences.dedup();
        Some(sequences.into_iter().filter_map(|sequence| self.collection.timeline.get(sequence).cloned()).collect())
    }

    fn candidates(&self, filter: &ResolvedFilter) -> Option<Candidates<'a>> {
        match filter {
            ResolvedFilter::And(terms) => {
                terms.iter().filter_map(|term| self.candidates(term)).min_by_key(Candidates::len)
            }
            ResolvedFilter::Or(terms) => {
                terms.iter().map(|term| self.candidates(term)).collect::<Option<_>>().map(Candidates::Union)
            }
            ResolvedFilter::Compare(path, CompareOperator::Equal, operand) => {
                match (&path.root, DerivedAttributes::of(self.resource_type).at(path)) {
                    (_, Some(derived)) => named_id(filter).map(|id| self.related(derived, id)),
                    (AttributeRoot::Id, _) => self.by_id(operand),
                    _ => {
                        let found = self.collection.indexes.lookup(path, operand)?;
                        Some(found.map_or(Candidates::None, Candidates::Postings))
                    }
                }
            }
            ResolvedFilter::ValuePath(_, within) => self.candidates(within),
            _ => None,
        }
    }

    fn by_id(&self, operand: &Operand) -> Option<Candidates<'a>> {
        let Operand::Exact(id) = operand else { return None };
        Some(self.resources.ids.get(&**id).map_or(Candidates::None, |entry| Candidates::One(entry.sequence)))
    }

    /// The groups that have this member, or the members of this group.
    fn related(&self, derived: Derived, id: &str) -> Candidates<'a> {
        let Some(entry) = self.resources.ids.get(id) else { return Candidates::None };
        let memberships = &self.resources.memberships;
        match derived {
            Derived::Members => memberships.groups(entry.sequence).map_or(Candidates::None, Candidates::Groups),
            Derived::Groups => memberships.members(entry.sequence).map_or(Candidates::None, Candidates::Members),
        }
    }
}

impl Candidates<'_> {
    fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::One(_) => 1,
            Self::Postings(postings) => postings.len(),
            Self::Groups(groups) => groups.len(),
            Self::Members(members) => members.len(),
            Self::Union(parts) => parts.iter().map(Self::len).sum(),
        }
    }

    fn collect(&self, sequences: &mut Vec<u64>) {
        match self {
            Self::None => {}
            Self::One(sequence) => sequences.push(*sequence),
            Self::Postings(postings) => sequences.extend(postings.iter()),
            Self::Groups(groups) => sequences.extend(groups.iter()),
            Self::Members(members) => sequences.extend(members.sequences()),
            Self::Union(parts) => parts.iter().for_each(|part| part.collect(sequences)),
        }
    }
}
