//! Changes of a group's membership, which is a relation and not a list.

use std::collections::HashSet;

use crate::resource::{Member, ResourceId};

/// What happens to the members of a group.
///
/// A delta names no id in both lists and none twice. Adding a member that is there, and removing one that is not, is no
/// error and no change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MembersUpdate {
    /// Nothing.
    #[default]
    Keep,
    /// These and no others.
    Set(Vec<Member>),
    /// Some come, some go.
    Delta {
        /// Who comes.
        add: Vec<Member>,
        /// Who goes.
        remove: Vec<ResourceId>,
    },
}

impl MembersUpdate {
    /// Whether nothing happens.
    #[must_use]
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Who is to be a member from now on, and may be one already: all of [`Set`](Self::Set), and who comes by
    /// [`Delta`](Self::Delta).
    #[must_use]
    pub fn added(&self) -> &[Member] {
        match self {
            Self::Keep => &[],
            Self::Set(members) | Self::Delta { add: members, .. } => members,
        }
    }

    /// These members come, after what happened so far.
    pub fn add(&mut self, members: impl IntoIterator<Item = Member>) {
        *self = match std::mem::take(self) {
            Self::Set(mut list) => {
                extend_once(&mut list, members);
                Self::Set(list)
            }
            Self::Keep => {
                let mut add = Vec::new();
                extend_once(&mut add, members);
                Self::Delta { add, remove: Vec::new() }
            }
            Self::Delta { mut add, mut remove } => {
                extend_once(&mut add, members);
                if !remove.is_empty() {
                    let added: HashSet<&ResourceId> = add.iter().map(|member| &member.value).collect();
                    remove.retain(|id| !added.contains(id));
                }
                Self::Delta { add, remove }
            }
        };
    }

    /// These members go, after what happened so far.
    pub fn remove(&mut self, ids: impl IntoIterator<Item = ResourceId>) {
        let mut gone = HashSet::new();
        let ids: Vec<ResourceId> = ids.into_iter().filter(|id| gone.insert(id.clone())).collect();
        *self = match std::mem::take(self) {
            Self::Set(mut list) => {
                list.retain(|member| !gone.contains(&member.value));
                Self::Set(list)
            }
            Self::Keep => Self::Delta { add: Vec::new(), remove: ids },
            Self::Delta { mut add, mut remove } => {
                add.retain(|member| !gone.contains(&member.value));
                let known: HashSet<ResourceId> = remove.iter().cloned().collect();
                remove.extend(ids.into_iter().filter(|id| !known.contains(id)));
                Self::Delta { add, remove }
            }
        };
    }

    /// These members and no others, whatever happened so far.
    pub fn set(&mut self, members: impl IntoIterator<Item = Member>) {
        let mut list = Vec::new();
        extend_once(&mut list, members);
        *self = Self::Set(list);
    }
}

/// Appends the members that are not there yet; of several with one id the first stays.
fn extend_once(list: &mut Vec<Member>, members: impl IntoIterator<Item = Member>) {
    let mut known: HashSet<ResourceId> = list.iter().map(|member| member.value.clone()).collect();
    list.extend(members.into_iter().filter(|member| known.insert(member.value.clone())));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_are_added_are_all_of_a_set_and_who_comes_by_a_delta() {
        let members = ["babs", "mandy"].map(|id| Member::new(ResourceId::new(id))).to_vec();
        assert!(MembersUpdate::Keep.added().is_empty());
        assert_eq!(MembersUpdate::Set(members.clone()).added(), members);
        let delta = MembersUpdate::Delta { add: members.clone(), remove: vec![ResourceId::new("jim")] };
        assert_eq!(delta.added(), members);
    }
}
