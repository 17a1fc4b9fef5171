//! When two elements of a multi-valued attribute are the same one (RFC 7643 s2.4): a list is not to return the same
//! combination of `type` and `value` twice.

use std::collections::HashMap;

use serde_json::Value;

use super::fixed::is_fixed;
use super::Attribute;
use crate::resource::fold;

/// What makes an element of a list the same as another: `value` and `type` where it has a `value`, else all of it.
/// Members are the same if their `value` is.
pub(crate) fn identity(attribute: &Attribute, members: bool, element: &Value) -> String {
    let Some(mut key) = value_key(attribute, element) else { return text_key(attribute, element) };
    if members {
        return key;
    }
    if let (Some(definition), Some(kind)) = (attribute.sub_attribute("type"), element.get("type")) {
        key.push('\0');
        key.push_str(&text_key(definition, kind));
    }
    key
}

/// What makes the `value` of an element the same as another's.
pub(crate) fn value_key(attribute: &Attribute, element: &Value) -> Option<String> {
    Some(text_key(attribute.sub_attribute("value")?, element.get("value")?))
}

fn text_key(attribute: &Attribute, value: &Value) -> String {
    match value {
        Value::String(text) if attribute.case_exact => text.clone(),
        Value::String(text) => fold(text).into_owned(),
        other => other.to_string(),
    }
}

/// Of several elements that are the same the first stays, with what the later ones say beyond their `value` and `type`.
/// Of members the first stays as it is.
pub(crate) fn merge_repeated(elements: &mut Vec<Value>, attribute: &Attribute, members: bool) {
    if elements.len() < 2 {
        return;
    }
    let mut places: HashMap<String, usize> = HashMap::with_capacity(elements.len());
    let mut distinct: Vec<Value> = Vec::with_capacity(elements.len());
    for element in elements.drain(..) {
        let place = *places.entry(identity(attribute, members, &element)).or_insert(distinct.len());
        match distinct.get_mut(place) {
            None => distinct.push(element),
            Some(_) if members => {}
            Some(present) => {
                merge_element(present, &element, attribute, members);
            }
        }
    }
    *elements = distinct;
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
