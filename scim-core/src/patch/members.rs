//! Operations on the members of a group (RFC 7643 s4.2), composed into one change of a relation.
//!
//! Adding a member that is there and removing one that is not are no errors (RFC 7644 s3.5.2.1, s3.5.2.2), so a change
//! that names members by their `value` alone does not depend on who is a member, and a thousand of them cost one pass.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::operation::{Action, Operation, Target};
use super::plan::{ApplyOptions, PlannedOperation};
use crate::error::{ScimError, ScimType};
use crate::resource::{Member, ResourceId};
use crate::store::MembersUpdate;

/// An operation on members that depends on no others.
#[derive(Clone, Copy)]
pub(super) enum MembersChange<'a> {
    Set(&'a [Value]),
    Add(&'a [Value]),
    Remove(&'a [Value]),
    RemoveIds(&'a [String]),
}

/// The operation as a change of the relation; `None` if it takes knowing the members.
pub(super) fn change<'a>(target: &'a Target, action: &'a Action) -> Option<MembersChange<'a>> {
    match (&target.sub_attribute, &target.selection, action) {
        (None, None, Action::Set(None)) => Some(MembersChange::Set(&[])),
        (None, None, Action::Set(Some(Value::Array(list)))) => Some(MembersChange::Set(list)),
        (None, None, Action::Append(list)) => Some(MembersChange::Add(list)),
        (None, None, Action::RemoveValues(list)) => Some(MembersChange::Remove(list)),
        (None, Some(selection), Action::Set(None)) => selection.member_ids.as_deref().map(MembersChange::RemoveIds),
        _ => None,
    }
}

/// All operations on members together.
#[derive(Default)]
pub(super) struct ComposedMembers<'a> {
    /// Whether these are the members and no others.
    is_set: bool,
    /// Who comes, in order; `None` where one came and went again.
    added: Vec<Option<&'a Value>>,
    /// The place of an id in `added`.
    places: HashMap<&'a str, usize>,
    /// Who goes, in order, also those who came back after.
    removed: Vec<&'a str>,
    /// Who is gone in the end.
    gone: HashSet<&'a str>,
}

impl<'a> ComposedMembers<'a> {
    /// Composes those of the operations that are on members. None of them may need to know the members.
    pub(super) fn of(operations: &'a [PlannedOperation]) -> Self {
        let mut composed = Self::default();
        for planned in operations {
            let Operation::Attribute(target, action) = &planned.operation else { continue };
            if target.is_members() {
                composed.then(change(target, action));
            }
        }
        composed
    }

    /// One operation that does not need to know the members.
    pub(super) fn of_one(target: &'a Target, action: &'a Action) -> Self {
        let mut composed = Self::default();
        composed.then(change(target, action));
        composed
    }

    fn then(&mut self, change: Option<MembersChange<'a>>) {
        match change {
            Some(MembersChange::Set(list)) => {
                *self = Self { is_set: true, ..Self::default() };
                list.iter().for_each(|element| self.add(element));
            }
            Some(MembersChange::Add(list)) => list.iter().for_each(|element| self.add(element)),
            Some(MembersChange::Remove(list)) => list.iter().filter_map(id).for_each(|id| self.remove(id)),
            Some(MembersChange::RemoveIds(ids)) => ids.iter().for_each(|id| self.remove(id)),
            None => {}
        }
    }

    fn add(&mut self, element: &'a Value) {
        let Some(id) = id(element) else { return };
        self.gone.remove(id);
        if !self.places.contains_key(id) {
            self.places.insert(id, self.added.len());
            self.added.push(Some(element));
        }
    }

    fn remove(&mut self, id: &'a str) {
        if let Some(slot) = self.places.remove(id).and_then(|place| self.added.get_mut(place)) {
            *slot = None;
        }
        if !self.is_set && self.gone.insert(id) {
            self.removed.push(id);
        }
    }

    fn members(&self) -> impl Iterator<Item = &'a Value> + '_ {
        self.added.iter().copied().flatten()
    }

    /// As the change that a store makes which keeps members apart.
    pub(super) fn into_update(mut self) -> MembersUpdate {
        let add: Vec<_> = self.members().filter_map(Member::from_value).collect();
        if self.is_set {
            return MembersUpdate::Set(add);
        }
        let removed = std::mem::take(&mut self.removed);
        let remove: Vec<_> = removed.into_iter().filter(|id| self.gone.remove(id)).map(ResourceId::new).collect();
        if add.is_empty() && remove.is_empty() {
            MembersUpdate::Keep
        } else {
            MembersUpdate::Delta { add, remove }
        }
    }

    /// Whether nothing happens.
    pub(super) fn is_keep(&self) -> bool {
        !self.is_set && self.gone.is_empty() && self.places.is_empty()
    }

    /// Makes the change in a document that holds the members; says whether it changed anything.
    ///
    /// # Errors
    ///
    /// 400 `tooMany` for more members than a group may have.
    pub(super) fn apply(&self, document: &mut Map<String, Value>, options: &ApplyOptions) -> Result<bool, ScimError> {
        let mut list = match document.remove("members") {
            Some(Value::Array(list)) => list,
            _ => Vec::new(),
        };
        let changed = if self.is_set { self.replace(&mut list) } else { self.amend(&mut list) };
        check_count(list.len(), options)?;
        if !list.is_empty() {
            document.insert("members".to_owned(), Value::Array(list));
        }
        Ok(changed)
    }

    fn replace(&self, list: &mut Vec<Value>) -> bool {
        let changed = !self.members().eq(list.iter());
        if changed {
            *list = self.members().cloned().collect();
        }
        changed
    }

    fn amend(&self, list: &mut Vec<Value>) -> bool {
        let before = list.len();
        list.retain(|element| !id(element).is_some_and(|id| self.gone.contains(id)));
        let kept = list.len();
        let present: HashSet<&str> = list.iter().filter_map(id).filter(|id| self.places.contains_key(id)).collect();
        let new: Vec<Value> =
            self.members().filter(|element| !id(element).is_some_and(|id| present.contains(id))).cloned().collect();
        list.extend(new);
        before != kept || kept != list.len()
    }
}

/// 400 `tooMany` for more members than a group may have.
pub(super) fn check_count(members: usize, options: &ApplyOptions) -> Result<(), ScimError> {
    let most = options.members_per_group;
    if members > most {
        return Err(ScimError::bad_request(ScimType::TooMany, format!("A group may have {most} members")));
    }
    Ok(())
}

fn id(element: &Value) -> Option<&str> {
    element.get("value").and_then(Value::as_str)
}
