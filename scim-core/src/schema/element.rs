//! When two elements of a multi-valued attribute are the same one (RFC 7643 s2.4): a list is not to return the same
//! combination of `type` and `value` twice.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::Value;

use super::Attribute;
use crate::resource::fold;

/// What makes an element of a list the same as another: `value` and `type` where it has a `value`, else all of it.
/// Members are the same if their `value` is.
pub(crate) fn identity<'a>(attribute: &Attribute, members: bool, element: &'a Value) -> Cow<'a, str> {
    let Some(mut key) = value_key(attribute, element) else { return text_key(attribute, element) };
    if members {
        return key;
    }
    if let (Some(definition), Some(kind)) = (attribute.sub_attribute("type"), element.get("type")) {
        key.to_mut().push('\0');
        key.to_mut().push_str(&text_key(definition, kind));
    }
    key
}

/// What makes the `value` of an element the same as another's.
pub(crate) fn value_key<'a>(attribute: &Attribute, element: &'a Value) -> Option<Cow<'a, str>> {
    Some(text_key(attribute.sub_attribute("value")?, element.get("value")?))
}

fn text_key<'a>(attribute: &Attribute, value: &'a Value) -> Cow<'a, str> {
    match value {
        Value::String(text) if attribute.case_exact => Cow::Borrowed(text),
        Value::String(text) => fold(text),
        other => Cow::Owned(other.to_string()),
    }
}

/// Of several elements that are the same the first stays, with what the later ones say beyond their `value` and `type`.
/// Of members the first stays as it is.
pub(crate) fn merge_repeated(elements: &mut Vec<Value>, attribute: &Attribute, members: bool) {
    if elements.len() < 2 {
        return;
    }
    let firsts = places_of_firsts(elements, attribute, members);
    let is_first = |(place, first): (usize, &usize)| place == *first;
    if firsts.iter().enumerate().all(is_first) {
        return;
    }
    for (place, first) in firsts.iter().enumerate().filter(|(place, first)| place != *first) {
        let repeated = elements.get_mut(place).map(Value::take).unwrap_or_default();
        if let Some(present) = elements.get_mut(*first).filter(|_| !members) {
            merge_element(present, &repeated);
        }
    }
    let mut are_firsts = firsts.iter().enumerate().map(is_first);
    elements.retain(|_| are_firsts.next().unwrap_or(true));
}

/// For each element the place of the first that is the same.
fn places_of_firsts(elements: &[Value], attribute: &Attribute, members: bool) -> Vec<usize> {
    let mut known: HashMap<Cow<'_, str>, usize> = HashMap::with_capacity(elements.len());
    let placed = elements.iter().enumerate();
    placed.map(|(place, element)| *known.entry(identity(attribute, members, element)).or_insert(place)).collect()
}

/// Adds to an element what another one says that is the same; says whether that changed anything.
pub(crate) fn merge_element(present: &mut Value, element: &Value) -> bool {
    let (Value::Object(present), Value::Object(element)) = (present, element) else { return false };
    let mut changed = false;
    for (name, value) in element {
        if present.get(name) != Some(value) {
            present.insert(name.clone(), value.clone());
            changed = true;
        }
    }
    changed
}
