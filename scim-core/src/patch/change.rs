//! Changing one attribute in the object that holds it: a document, an extension, or an element of a list.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::list::{append, change_elements, remove_values};
use super::members::ComposedMembers;
use super::operation::{Action, Selection, SubAttributes, Target};
use super::plan::ApplyOptions;
use crate::error::ScimError;
use crate::schema::fixed::{has_fixed_parts, immutable_part, keep_in_list, keep_in_single, unchangeable, OtherValue};
use crate::schema::same::is_same;
use crate::schema::{Attribute, Mutability};

/// Does what an operation says to the attribute it is directed at; says whether that changed anything.
///
/// # Errors
///
/// 400, as [`PatchPlan::apply`](super::PatchPlan::apply) says.
pub(super) fn change_attribute(
    parent: &mut Map<String, Value>,
    target: &Target,
    action: &Action,
    options: &ApplyOptions,
) -> Result<bool, ScimError> {
    let attribute = &target.attribute;
    let is_fixed = attribute.mutability == Mutability::Immutable && parent.contains_key(&attribute.name);
    let referred = reference(parent, attribute).cloned();
    let changed = if target.is_members() && super::members::change(target, action).is_some() {
        ComposedMembers::of_one(target, action).apply(parent, options)
    } else {
        match (&target.selection, &target.sub_attribute) {
            (None, None) => change_leaf(parent, attribute, target, action, options),
            _ if attribute.multi_valued => change_elements(parent, target, action, options),
            (None, Some(_)) => change_single(parent, target, action, options),
            (Some(selection), _) => change_selected_single(parent, selection, target, action, options),
        }
    }?;
    if is_fixed && changed {
        return Err(unchangeable(target.place()));
    }
    if referred.is_some() && referred.as_ref() != reference(parent, attribute) {
        forget_description(parent, attribute)?;
    }
    Ok(changed)
}

/// What a complex attribute refers to that is no list and has read-only sub-attributes beside its `value`, such as the
/// name of a manager.
fn reference<'v>(parent: &'v Map<String, Value>, attribute: &Attribute) -> Option<&'v Value> {
    let is_described = !attribute.multi_valued && attribute.sub_attributes.iter().any(|sub| is_read_only(sub));
    parent.get(&attribute.name).filter(|_| is_described)?.get("value")
}

/// Takes away what the service provider said of the former reference.
fn forget_description(parent: &mut Map<String, Value>, attribute: &Attribute) -> Result<(), ScimError> {
    let changed = in_object(parent, &attribute.name, |object| {
        attribute.sub_attributes.iter().filter(|sub| is_read_only(sub)).for_each(|sub| {
            object.remove(&sub.name);
        });
        Ok(true)
    });
    changed.map(|_| ())
}

fn is_read_only(attribute: &Attribute) -> bool {
    attribute.mutability == Mutability::ReadOnly
}

/// Changes an attribute that is no list, or a sub-attribute of it.
fn change_single(
    parent: &mut Map<String, Value>,
    target: &Target,
    action: &Action,
    options: &ApplyOptions,
) -> Result<bool, ScimError> {
    match &target.sub_attribute {
        None => change_leaf(parent, &target.attribute, target, action, options),
        Some(sub_attribute) => in_object(parent, &target.attribute.name, |object| {
            change_leaf(object, sub_attribute, target, action, options)
        }),
    }
}

/// The same under the condition that the value matches a filter: `manager[value eq "ID"]`.
fn change_selected_single(
    parent: &mut Map<String, Value>,
    selection: &Selection,
    target: &Target,
    action: &Action,
    options: &ApplyOptions,
) -> Result<bool, ScimError> {
    let name = &target.attribute.name;
    let present = parent.get(name);
    if present.is_some_and(|value| selection.filter.matches_element(value)) {
        return change_single(parent, target, action, options);
    }
    if action.removes() {
        return without_match(target, options);
    }
    match &selection.described {
        Some(described) if present.is_none() && options.create_from_value_filter => {
            parent.insert(name.clone(), described.clone());
            change_single(parent, target, action, options).map(|_| true)
        }
        _ => Err(no_match(target)),
    }
}

/// Changes what a path ends at, in the object that holds it.
pub(super) fn change_leaf(
    parent: &mut Map<String, Value>,
    leaf: &Attribute,
    target: &Target,
    action: &Action,
    options: &ApplyOptions,
) -> Result<bool, ScimError> {
    match action {
        Action::Set(value) => set(parent, leaf, value.as_ref(), target),
        Action::Merge(sub_attributes) => in_object(parent, &leaf.name, |object| merge(object, sub_attributes, target)),
        Action::Append(elements) => in_list(parent, &leaf.name, |list| append(list, elements, leaf, target, options)),
        Action::RemoveValues(elements) => in_list(parent, &leaf.name, |list| Ok(remove_values(list, elements, leaf))),
    }
}

/// Sets the sub-attributes that are given and leaves the others (RFC 7644 s3.5.2.3).
pub(super) fn merge(
    object: &mut Map<String, Value>,
    sub_attributes: &SubAttributes,
    target: &Target,
) -> Result<bool, ScimError> {
    let mut changed = false;
    for (sub_attribute, value) in sub_attributes {
        changed |= set(object, sub_attribute, value.as_ref(), target)?;
    }
    Ok(changed)
}

/// Sets or unassigns a value. An immutable one that is there stays (RFC 7644 s3.5.2), and so does what of a complex one
/// clients may not change; but what is said of a member besides its `value` is advisory, and providers change it.
pub(super) fn set(
    object: &mut Map<String, Value>,
    attribute: &Attribute,
    value: Option<&Value>,
    target: &Target,
) -> Result<bool, ScimError> {
    let present = object.get(&attribute.name);
    if present == value || is_part_of(value, present) {
        return Ok(false);
    }
    let is_advisory = target.is_members() && attribute.name != "value";
    if let Some(present) = present.filter(|_| attribute.mutability == Mutability::Immutable && !is_advisory) {
        if value.is_some_and(|value| is_same(attribute, present, value)) {
            return Ok(false);
        }
        return Err(unchangeable(target.place_of(attribute)));
    }
    let kept = match present.filter(|_| has_fixed_parts(attribute) && !target.is_members()) {
        Some(present) => with_fixed_parts(attribute, present, value, target)?,
        None => value.map(Cow::Borrowed),
    };
    if kept.as_deref() == present {
        return Ok(false);
    }
    match kept {
        Some(kept) => object.insert(attribute.name.clone(), kept.into_owned()),
        None => object.remove(&attribute.name),
    };
    Ok(true)
}

/// What a complex value or a list of them becomes that is set or unassigned. The elements of a list may go as wholes; a
/// value of which something is immutable may not.
fn with_fixed_parts<'v>(
    attribute: &Attribute,
    present: &Value,
    value: Option<&'v Value>,
    target: &Target,
) -> Result<Option<Cow<'v, Value>>, ScimError> {
    let place = target.place_of(attribute);
    match (present, value) {
        (Value::Array(before), Some(Value::Array(after))) => {
            let mut after = after.clone();
            keep_in_list(place, attribute, before, &mut after, OtherValue::Refused)?;
            Ok(Some(Cow::Owned(Value::Array(after))))
        }
        (Value::Object(_), value) => match immutable_part(attribute, present) {
            Some(sub_attribute) if value.is_none() => Err(unchangeable(target.place_of(sub_attribute))),
            _ => Ok(keep_in_single(place, attribute, present, value, OtherValue::Refused)?.map(Cow::Owned)),
        },
        _ => Ok(value.map(Cow::Borrowed)),
    }
}

/// Whether a complex value says nothing that the present one does not say. One that is set whole came as the text of
/// its `value` alone, and is the same reference then.
fn is_part_of(value: Option<&Value>, present: Option<&Value>) -> bool {
    let (Some(Value::Object(value)), Some(Value::Object(present))) = (value, present) else { return false };
    value.iter().all(|(name, value)| present.get(name) == Some(value))
}

/// Changes the object under a name, which is made for it and goes when nothing is left in it (RFC 7643 s2.5).
pub(super) fn in_object(
    parent: &mut Map<String, Value>,
    name: &str,
    change: impl FnOnce(&mut Map<String, Value>) -> Result<bool, ScimError>,
) -> Result<bool, ScimError> {
    if let Some(Value::Object(object)) = parent.get_mut(name) {
        let changed = change(object)?;
        if object.is_empty() {
            parent.remove(name);
        }
        return Ok(changed);
    }
    let mut object = Map::new();
    let changed = change(&mut object)?;
    if !object.is_empty() {
        parent.insert(name.to_owned(), Value::Object(object));
    }
    Ok(changed)
}

/// Changes the list under a name, which is made for it and goes when nothing is left in it.
pub(super) fn in_list(
    parent: &mut Map<String, Value>,
    name: &str,
    change: impl FnOnce(&mut Vec<Value>) -> Result<bool, ScimError>,
) -> Result<bool, ScimError> {
    if let Some(Value::Array(list)) = parent.get_mut(name) {
        let changed = change(list)?;
        if list.is_empty() {
            parent.remove(name);
        }
        return Ok(changed);
    }
    let mut list = Vec::new();
    let changed = change(&mut list)?;
    if !list.is_empty() {
        parent.insert(name.to_owned(), Value::Array(list));
    }
    Ok(changed)
}

/// A removal whose filter matches nothing: done already, or an error of RFC 7644 s3.12 table 9.
pub(super) fn without_match(target: &Target, options: &ApplyOptions) -> Result<bool, ScimError> {
    if options.remove_without_match {
        Ok(false)
    } else {
        Err(no_match(target))
    }
}

pub(super) fn no_match(target: &Target) -> ScimError {
    ScimError::no_target(format!("No value of {} matches the filter in the path", target.attribute_place()))
}
