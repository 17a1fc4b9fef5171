//! When two elements of a multi-valued attribute are the same one (RFC 7643 s2.4): a list is not to return the same
//! combination of `type` and `value` twice.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::Value;

use super::fixed::is_fixed;
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

/// Whether two elements have the same [`identity`], found out without making it.
fn is_same(attribute: &Attribute, members: bool, a: &Value, b: &Value) -> bool {
    let both = |name: &str| (a.get(name), b.get(name));
    match (attribute.sub_attribute("value"), both("value")) {
        (Some(definition), (Some(value), Some(other))) => {
            is_same_text(definition, value, other)
                && (members
                    || match (attribute.sub_attribute("type"), both("type")) {
                        (Some(definition), (Some(kind), Some(other))) => is_same_text(definition, kind, other),
                        (Some(_), (None, None)) | (None, _) => true,
                        (Some(_), _) => false,
                    })
        }
        (Some(_), (Some(_), None) | (None, Some(_))) => false,
        _ => is_same_text(attribute, a, b),
    }
}

fn is_same_text(attribute: &Attribute, a: &Value, b: &Value) -> bool {
    a == b || (a.is_string() && b.is_string() && text_key(attribute, a) == text_key(attribute, b))
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
            merge_element(present, &repeated, attribute, members);
        }
    }
    let mut are_firsts = firsts.iter().enumerate().map(is_first);
    elements.retain(|_| are_firsts.next().unwrap_or(true));
}

/// Up to this many elements, comparing each with each costs less than keys of all of them.
const FEW: usize = 8;

/// For each element the place of the first that is the same.
fn places_of_firsts(elements: &[Value], attribute: &Attribute, members: bool) -> Vec<usize> {
    if elements.len() <= FEW {
        let first = |(place, element): (usize, &Value)| {
            elements.iter().take(place).position(|other| is_same(attribute, members, other, element)).unwrap_or(place)
        };
        return elements.iter().enumerate().map(first).collect();
    }
    let mut known: HashMap<Cow<'_, str>, usize> = HashMap::with_capacity(elements.len());
    let placed = elements.iter().enumerate();
    placed.map(|(place, element)| *known.entry(identity(attribute, members, element)).or_insert(place)).collect()
}

/// Adds to an element what another one says that is the same; says whether that changed anything. What of it clients may
/// not change stays, save for members: what is said of one besides its `value` is advisory.
pub(crate) fn merge_element(present: &mut Value, element: &Value, attribute: &Attribute, members: bool) -> bool {
    let (Value::Object(present), Value::Object(element)) = (present, element) else { return false };
    let stays = |name: &str| !members && attribute.sub_attribute(name).is_some_and(|sub| is_fixed(sub));
    let mut changed = false;
    for (name, value) in element {
        let old = present.get(name);
        if old != Some(value) && (old.is_none() || !stays(name)) {
            present.insert(name.clone(), value.clone());
            changed = true;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::ResourceType;

    #[test]
    fn few_elements_are_told_apart_as_many_are() {
        let elements = [
            json!({"value": "A@b.c", "type": "work"}),
            json!({"value": "a@B.c", "type": "Work", "display": "x"}),
            json!({"value": "a@b.c", "type": "home"}),
            json!({"value": "a@b.c"}),
            json!({"value": "\u{c9}@b.c"}),
            json!({"value": "e\u{301}@b.c"}),
            json!({"display": "x"}),
            json!({"display": "x", "type": "work"}),
        ];
        for (resource_type, name) in [
            (ResourceType::user(), "emails"),
            (ResourceType::user(), "addresses"),
            (ResourceType::user(), "x509Certificates"),
            (ResourceType::group(), "members"),
        ] {
            let attribute = resource_type.schema().attributes.get(name).unwrap();
            for members in [false, true] {
                for (a, b) in elements.iter().flat_map(|a| elements.iter().map(move |b| (a, b))) {
                    let same = identity(attribute, members, a) == identity(attribute, members, b);
                    assert_eq!(is_same(attribute, members, a, b), same, "{name} {members} {a} {b}");
                }
            }
        }
    }
}
