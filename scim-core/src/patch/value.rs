//! From the value of an operation to canonical values, driven by the schema of the target.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::operation::{Action, SubAttributes, Target};
use crate::compat::rewrite::{self, Change};
use crate::error::{quoted, ScimError};
use crate::schema::normalize::{Normalizer, Place};
use crate::schema::Mutability;

/// What happens to the target, with the values normalised.
///
/// # Errors
///
/// 400 `invalidValue` for a value that does not fit, `mutability` for a read-only sub-attribute where the profile does
/// not leave it out.
pub(super) fn action(
    normalizer: &mut Normalizer<'_>,
    target: &mut Target,
    change: Change,
) -> Result<Action, ScimError> {
    let selects_elements = target.selection.is_some() && target.sub_attribute.is_none();
    match change {
        Change::Remove => Ok(Action::Set(None)),
        Change::RemoveValues(value) => removed_values(normalizer, target, value).map(Action::RemoveValues),
        Change::AddDescribed => {
            let described = target.selection.take().and_then(|selection| selection.described);
            Ok(Action::Append(described.into_iter().collect()))
        }
        Change::Add(value) if target.is_list() => {
            list(normalizer, target, value).map(|list| Action::Append(list.unwrap_or_default()))
        }
        Change::Replace(value) if target.is_list() => {
            list(normalizer, target, value).map(|list| Action::Set(list.map(Value::Array)))
        }
        Change::Replace(value) if selects_elements && target.attribute.multi_valued => {
            normalizer.element(target.place(), &target.attribute, value).map(Action::Set)
        }
        Change::Add(Value::Null) if selects_elements => Ok(Action::Merge(Vec::new())),
        Change::Add(Value::Object(members)) if members.is_empty() && target.leaf().is_complex() => {
            Ok(Action::Merge(Vec::new()))
        }
        Change::Add(value) | Change::Replace(value) => single(normalizer, target, value),
    }
}

/// A whole list; `None` for an empty one.
fn list(normalizer: &mut Normalizer<'_>, target: &Target, value: Value) -> Result<Option<Vec<Value>>, ScimError> {
    let list = match normalizer.value(target.place(), target.leaf(), value)? {
        Some(Value::Array(list)) => list,
        _ => return Ok(None),
    };
    if target.is_members() {
        list.iter().try_for_each(check_member)?;
    }
    Ok(Some(list))
}

/// The elements that leave a list, which may have come without it.
fn removed_values(normalizer: &mut Normalizer<'_>, target: &Target, value: Value) -> Result<Vec<Value>, ScimError> {
    let given = match value {
        Value::Array(list) => list,
        single => vec![single],
    };
    let mut elements = Vec::with_capacity(given.len());
    for value in given {
        elements.extend(normalizer.element(target.place(), target.leaf(), value)?);
    }
    if target.is_members() {
        elements.iter().try_for_each(check_member)?;
    }
    Ok(elements)
}

/// A member is known by its `value` and by nothing else.
fn check_member(element: &Value) -> Result<(), ScimError> {
    if element.get("value").is_some() {
        Ok(())
    } else {
        Err(ScimError::invalid_value("Each of members must have a value, the id of the member"))
    }
}

/// A value that is no list. The object of a complex attribute is merged; a text that stands for one replaces it, since
/// the other sub-attributes described what the text no longer refers to.
fn single(normalizer: &mut Normalizer<'_>, target: &Target, value: Value) -> Result<Action, ScimError> {
    let leaf = target.leaf();
    match rewrite::single_value(normalizer.profile, value) {
        Value::Object(members) if leaf.is_complex() && !members.is_empty() => {
            sub_attributes(normalizer, target, members).map(Action::Merge)
        }
        Value::Object(_) if leaf.is_complex() && !normalizer.profile.empty_means_unassigned => {
            Ok(Action::Merge(Vec::new()))
        }
        value => normalizer.element(target.place(), leaf, value).map(Action::Set),
    }
}

/// The sub-attributes that are given, those that are unassigned among them.
fn sub_attributes(
    normalizer: &mut Normalizer<'_>,
    target: &Target,
    members: Map<String, Value>,
) -> Result<SubAttributes, ScimError> {
    let mut given: SubAttributes = Vec::with_capacity(members.len());
    for (key, value) in members {
        let Some(sub_attribute) = target.leaf().sub_attribute(&key) else {
            normalizer.unknown_attribute(&format!("{target}.{key}"))?;
            continue;
        };
        let place = Place { sub_attribute: Some(&sub_attribute.name), ..target.place() };
        if sub_attribute.mutability == Mutability::ReadOnly {
            if !normalizer.profile.ignore_read_only_in_patch {
                return Err(ScimError::mutability(format!("{place} is read-only")));
            }
            normalizer.ignored.push(place.to_string());
            continue;
        }
        if given.iter().any(|(other, _)| Arc::ptr_eq(other, sub_attribute)) {
            return Err(ScimError::invalid_syntax(format!("The attribute {} is given twice", quoted(&key))));
        }
        let value = normalizer.value(place, sub_attribute, value)?;
        given.push((Arc::clone(sub_attribute), value));
    }
    Ok(given)
}
