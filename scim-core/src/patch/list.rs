//! Changing the elements of a multi-valued attribute.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::change::{change_leaf, in_list, merge, no_match, without_match};
use super::members::check_count;
use super::operation::{is_members, Action, Target};
use super::plan::ApplyOptions;
use crate::error::ScimError;
use crate::schema::element::{self, merge_element, merge_repeated, value_key};
use crate::schema::Attribute;

/// Does what an operation says to the elements that its filter selects, or to all of them.
///
/// # Errors
///
/// 400 `noTarget` if the filter matches nothing; `invalidValue` if several elements would become primary.
pub(super) fn change_elements(
    parent: &mut Map<String, Value>,
    target: &Target,
    action: &Action,
    options: &ApplyOptions,
) -> Result<bool, ScimError> {
    in_list(parent, &target.attribute.name, |list| {
        let selected = selected(list, target);
        let Some(first) = selected.first().copied() else { return change_without_match(list, target, action, options) };
        match (&target.sub_attribute, action) {
            (None, Action::Set(None)) => Ok(remove_at(list, &selected)),
            (None, Action::Set(Some(value))) => {
                let value = with_described(list.get(first), value, target, options);
                Ok(replace_at(list, &selected, &value, target))
            }
            _ => {
                let sets_primary = sets_primary(target, action);
                if sets_primary && selected.len() > 1 {
                    let place = target.attribute_place();
                    return Err(ScimError::invalid_value(format!(
                        "The path selects several values of {place}, and only one may be primary"
                    )));
                }
                let mut changed = false;
                for index in selected {
                    if let Some(Value::Object(element)) = list.get_mut(index) {
                        changed |= change_element(element, target, action, options)?;
                    }
                }
                if sets_primary {
                    changed |= demote_others(list, first);
                }
                if changed {
                    list.retain(|element| element.as_object().is_none_or(|members| !members.is_empty()));
                    if may_repeat(target, action) {
                        merge_repeated(list, &target.attribute, target.is_members());
                    }
                }
                Ok(changed)
            }
        }
    })
}

/// The places of the elements that an operation is about.
fn selected(list: &[Value], target: &Target) -> Vec<usize> {
    let is_selected =
        |element: &Value| target.selection.as_ref().is_none_or(|selection| selection.filter.matches_element(element));
    list.iter().enumerate().filter(|(_, element)| is_selected(element)).map(|(index, _)| index).collect()
}

fn change_element(
    element: &mut Map<String, Value>,
    target: &Target,
    action: &Action,
    options: &ApplyOptions,
) -> Result<bool, ScimError> {
    match (&target.sub_attribute, action) {
        (Some(sub_attribute), action) => change_leaf(element, sub_attribute, target, action, options),
        (None, Action::Merge(sub_attributes)) => merge(element, sub_attributes, target),
        (None, Action::Set(_) | Action::Append(_) | Action::RemoveValues(_)) => Ok(false),
    }
}

/// No element is selected: there is nothing to remove, and what is to be set may make an element.
fn change_without_match(
    list: &mut Vec<Value>,
    target: &Target,
    action: &Action,
    options: &ApplyOptions,
) -> Result<bool, ScimError> {
    let described = match &target.selection {
        None if action.removes() => return Ok(false),
        Some(_) if action.removes() => return without_match(target, options),
        None => Some(Value::Object(Map::new())),
        Some(selection) if options.create_from_value_filter => selection.described.clone(),
        Some(_) => None,
    };
    let mut element = described.ok_or_else(|| no_match(target))?;
    match (&mut element, action) {
        (Value::Object(element), Action::Set(Some(Value::Object(members)))) if target.sub_attribute.is_none() => {
            element.extend(members.clone());
        }
        (Value::Object(element), action) => {
            change_element(element, target, action, options)?;
        }
        (element, Action::Set(Some(value))) => *element = value.clone(),
        _ => {}
    }
    if target.is_members() && element.get("value").is_none() {
        return Err(no_match(target));
    }
    if element.as_object().is_some_and(Map::is_empty) {
        return Ok(false);
    }
    append(list, &[element], &target.attribute, target, options)
}

fn remove_at(list: &mut Vec<Value>, selected: &[usize]) -> bool {
    let mut selected = selected.iter().copied().peekable();
    let mut index = 0_usize;
    list.retain(|_| {
        let goes = selected.next_if_eq(&index).is_some();
        index = index.saturating_add(1);
        !goes
    });
    true
}

/// The value of a replacement with what the filter says of the element, as the element spells it, where the value says
/// nothing of that; so that the filter finds it again.
fn with_described<'v>(
    element: Option<&Value>,
    value: &'v Value,
    target: &Target,
    options: &ApplyOptions,
) -> Cow<'v, Value> {
    let described = target.selection.as_ref().and_then(|selection| selection.described.as_ref());
    let (Some(Value::Object(described)), Some(Value::Object(element)), Value::Object(members)) =
        (described, element, value)
    else {
        return Cow::Borrowed(value);
    };
    let kept = |name: &&String| options.replace_keeps_filter_values && !members.contains_key(*name);
    let mut kept = described.keys().filter(kept).filter_map(|name| element.get_key_value(name)).peekable();
    if kept.peek().is_none() {
        return Cow::Borrowed(value);
    }
    let mut members = members.clone();
    members.extend(kept.map(|(name, value)| (name.clone(), value.clone())));
    Cow::Owned(Value::Object(members))
}

/// RFC 7644 s3.5.2.3: all selected elements are replaced by the value, which is in the list once then.
fn replace_at(list: &mut Vec<Value>, selected: &[usize], value: &Value, target: &Target) -> bool {
    let identity_of_value = identity(&target.attribute, value);
    let [first, others @ ..] = selected else { return false };
    let mut changed = false;
    let mut place = *first;
    let mut index = 0_usize;
    list.retain_mut(|element| {
        let current = index;
        index = index.saturating_add(1);
        if current == *first {
            changed |= element != value;
            element.clone_from(value);
            return true;
        }
        let goes = others.binary_search(&current).is_ok() || identity(&target.attribute, element) == identity_of_value;
        if goes && current < *first {
            place = place.saturating_sub(1);
        }
        changed |= goes;
        !goes
    });
    if is_primary(value) {
        changed |= demote_others(list, place);
    }
    changed
}

/// Appends the elements that are not in the list yet. An element with the `value` and `type` of another is the same
/// one (RFC 7643 s2.4), and what it says beyond them is merged.
///
/// # Errors
///
/// 400 for more elements than the list may have.
pub(super) fn append(
    list: &mut Vec<Value>,
    elements: &[Value],
    attribute: &Attribute,
    target: &Target,
    options: &ApplyOptions,
) -> Result<bool, ScimError> {
    let mut places: HashMap<String, usize> =
        list.iter().enumerate().rev().map(|(place, element)| (identity(attribute, element), place)).collect();
    let mut changed = false;
    for element in elements {
        let place = *places.entry(identity(attribute, element)).or_insert(list.len());
        match list.get_mut(place) {
            Some(present) => changed |= merge_element(present, element),
            None => {
                list.push(element.clone());
                changed = true;
            }
        }
        if is_primary(element) {
            changed |= demote_others(list, place);
        }
    }
    if is_members(attribute) {
        check_count(list.len(), options)?;
    } else if list.len() > options.values {
        let (most, place) = (options.values, target.place_of(attribute));
        return Err(ScimError::invalid_value(format!("{place} may have {most} values")));
    }
    Ok(changed)
}

/// Removes the elements that are the given ones: by `value`, and `type` where it is given; without a `value` by all
/// they have.
pub(super) fn remove_values(list: &mut Vec<Value>, given: &[Value], attribute: &Attribute) -> bool {
    let mut by_value = HashSet::new();
    let mut by_identity = HashSet::new();
    for element in given {
        match value_key(attribute, element) {
            Some(value) if element.get("type").is_none() => by_value.insert(value),
            _ => by_identity.insert(identity(attribute, element)),
        };
    }
    let before = list.len();
    list.retain(|element| {
        let goes = value_key(attribute, element).is_some_and(|value| by_value.contains(&value))
            || by_identity.contains(&identity(attribute, element));
        !goes
    });
    list.len() != before
}

fn identity(attribute: &Attribute, element: &Value) -> String {
    element::identity(attribute, is_members(attribute), element).into_owned()
}

fn sets_primary(target: &Target, action: &Action) -> bool {
    match (&target.sub_attribute, action) {
        (Some(sub_attribute), Action::Set(Some(Value::Bool(true)))) => sub_attribute.name == "primary",
        (None, Action::Merge(sub_attributes)) => sub_attributes
            .iter()
            .any(|(sub_attribute, value)| sub_attribute.name == "primary" && *value == Some(Value::Bool(true))),
        _ => false,
    }
}

/// Whether an element may be equal to another afterwards. Members are told apart by their `value` alone.
fn may_repeat(target: &Target, action: &Action) -> bool {
    let is_value = |sub_attribute: &Attribute| sub_attribute.name == "value";
    match (&target.sub_attribute, action) {
        _ if !target.is_members() => true,
        (Some(sub_attribute), _) => is_value(sub_attribute),
        (None, Action::Merge(sub_attributes)) => {
            sub_attributes.iter().any(|(sub_attribute, _)| is_value(sub_attribute))
        }
        (None, _) => true,
    }
}

fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

/// RFC 7644 s3.5.2: where one value becomes primary, the others are no longer.
fn demote_others(list: &mut [Value], primary: usize) -> bool {
    let mut changed = false;
    for (place, element) in list.iter_mut().enumerate() {
        if place == primary {
            continue;
        }
        if let Some(is_primary @ Value::Bool(true)) = element.get_mut("primary") {
            *is_primary = Value::Bool(false);
            changed = true;
        }
    }
    changed
}
