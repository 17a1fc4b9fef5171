//! What of a complex value clients may not change (RFC 7643 s2.2, s7): its read-only sub-attributes, and its immutable
//! ones that have a value. It stays when the value is set or unset.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::element::{identity, value_key};
use super::normalize::Place;
use super::same::{self, is_same};
use super::{Attribute, Mutability};
use crate::error::ScimError;

/// Whether clients may not change the attribute once it has a value.
pub(crate) fn is_fixed(attribute: &Attribute) -> bool {
    matches!(attribute.mutability, Mutability::Immutable | Mutability::ReadOnly)
}

/// Whether that holds for something within it.
pub(crate) fn has_fixed_parts(attribute: &Attribute) -> bool {
    attribute.sub_attributes.iter().any(|sub| is_fixed(sub))
}

/// What is to become of immutable sub-attributes that have a value and are given another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OtherValue {
    /// That is an error.
    Refused,
    /// They have the other one, for the resource is a new one to the client.
    Taken,
}

/// What a value that is no list becomes when a client sets it to `after`, or unsets it; `None` if nothing is left.
///
/// # Errors
///
/// 400 `mutability` for another value of an immutable sub-attribute.
pub(crate) fn keep_in_single(
    place: Place<'_>,
    attribute: &Attribute,
    before: &Value,
    after: Option<&Value>,
    other: OtherValue,
) -> Result<Option<Value>, ScimError> {
    let mut kept = match after {
        Some(after) => after.clone(),
        None => Value::Object(Map::new()),
    };
    keep_in_element(place, attribute, before, &mut kept, other)?;
    Ok(Some(kept).filter(|kept| kept.as_object().is_none_or(|object| !object.is_empty())))
}

/// What the elements of a list keep that are in it before and after: those with the same `value` and `type`, or of the
/// same `value` where the client does not say the `type`. Others come and go as wholes.
///
/// # Errors
///
/// 400 `mutability` for another value of an immutable sub-attribute.
pub(crate) fn keep_in_list(
    place: Place<'_>,
    attribute: &Attribute,
    before: &[Value],
    after: &mut [Value],
    other: OtherValue,
) -> Result<(), ScimError> {
    let known = Known::of(attribute, before);
    if known.by_key.is_empty() {
        return Ok(());
    }
    for element in after {
        if let Some(before) = known.find(attribute, element) {
            keep_in_element(place, attribute, before, element, other)?;
        }
    }
    Ok(())
}

/// What a complex value keeps that a client sets to `after`.
///
/// # Errors
///
/// 400 `mutability` for another value of an immutable sub-attribute.
pub(crate) fn keep_in_element(
    place: Place<'_>,
    attribute: &Attribute,
    before: &Value,
    after: &mut Value,
    other: OtherValue,
) -> Result<(), ScimError> {
    let (Value::Object(before), Value::Object(after)) = (before, after) else { return Ok(()) };
    for (sub, old) in present(attribute, Mutability::Immutable, before) {
        match other {
            OtherValue::Refused => {
                let kept = unchanged(Place { sub_attribute: Some(&sub.name), ..place }, sub, old, after.get(&sub.name));
                after.insert(sub.name.clone(), kept?.clone());
            }
            OtherValue::Taken if after.contains_key(&sub.name) => {}
            OtherValue::Taken => {
                after.insert(sub.name.clone(), old.clone());
            }
        }
    }
    if refers_elsewhere(before, after) {
        return Ok(());
    }
    for (sub, old) in present(attribute, Mutability::ReadOnly, before) {
        after.insert(sub.name.clone(), old.clone());
    }
    Ok(())
}

/// An immutable sub-attribute that has a value.
pub(crate) fn immutable_part<'a>(attribute: &'a Attribute, value: &Value) -> Option<&'a Attribute> {
    present(attribute, Mutability::Immutable, value.as_object()?).next().map(|(sub, _)| sub)
}

/// The present value of an immutable attribute, if what it is set to is no other.
///
/// # Errors
///
/// 400 `mutability`.
pub(crate) fn unchanged<'v>(
    place: Place<'_>,
    attribute: &Attribute,
    before: &'v Value,
    after: Option<&Value>,
) -> Result<&'v Value, ScimError> {
    if after.is_some_and(|after| !is_same(attribute, before, after)) {
        return Err(unchangeable(place));
    }
    Ok(before)
}

/// 400 for an attribute that is immutable and has a value.
pub(crate) fn unchangeable(place: Place<'_>) -> ScimError {
    ScimError::mutability(format!("{place} cannot be changed once it has a value"))
}

/// Whether what the value refers to is another, so that what the service provider said of the former, such as the name
/// of a manager, holds no longer.
fn refers_elsewhere(before: &Map<String, Value>, after: &Map<String, Value>) -> bool {
    before.get("value").is_some_and(|reference| after.get("value") != Some(reference))
}

/// The sub-attributes of this mutability that a value has.
fn present<'a, 'v>(
    attribute: &'a Attribute,
    mutability: Mutability,
    value: &'v Map<String, Value>,
) -> impl Iterator<Item = (&'a Attribute, &'v Value)> + use<'a, 'v> {
    let subs = attribute.sub_attributes.iter().filter(move |sub| sub.mutability == mutability);
    subs.filter_map(|sub| Some((&**sub, value.get(&sub.name)?)))
}

/// The elements of a list that have something fixed.
struct Known<'v> {
    by_key: HashMap<Cow<'v, str>, &'v Value>,
    /// Those whose `value` no other has.
    by_value: HashMap<Cow<'v, str>, Option<&'v Value>>,
}

impl<'v> Known<'v> {
    fn of(attribute: &Attribute, list: &'v [Value]) -> Self {
        let mut known = Self { by_key: HashMap::new(), by_value: HashMap::new() };
        let has_fixed = |element: &&Value| {
            attribute.sub_attributes.iter().any(|sub| is_fixed(sub) && element.get(&sub.name).is_some())
        };
        for element in list.iter().filter(has_fixed) {
            known.by_key.insert(element_key(attribute, element), element);
            if let Some(value) = value_key(attribute, element) {
                known.by_value.entry(value).and_modify(|several| *several = None).or_insert(Some(element));
            }
        }
        known
    }

    fn find(&self, attribute: &Attribute, element: &Value) -> Option<&'v Value> {
        if let Some(found) = self.by_key.get(&*element_key(attribute, element)) {
            return Some(found);
        }
        if element.get("type").is_some() {
            return None;
        }
        self.by_value.get(&*value_key(attribute, element)?).copied().flatten()
    }
}

/// What an element is known by: `value` and `type`, or all that clients may write of one without a `value`.
fn element_key<'v>(attribute: &Attribute, element: &'v Value) -> Cow<'v, str> {
    if value_key(attribute, element).is_some() {
        identity(attribute, false, element)
    } else {
        Cow::Owned(same::key(attribute, element))
    }
}
