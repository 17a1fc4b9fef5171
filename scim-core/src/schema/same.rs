//! When two values of an attribute are the same to it: texts that compare without case, instants, lists in another
//! order. What is read-only is not compared, for clients do not send it.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Attribute, AttributeType, Mutability};
use crate::resource::{fold, DateTime};

/// Whether two values of an attribute are the same to it. A list is one of the same values, each as often.
pub(crate) fn is_same(attribute: &Attribute, before: &Value, after: &Value) -> bool {
    if before == after {
        return true;
    }
    match (before, after) {
        (Value::String(before), Value::String(after)) => folded(attribute, before) == folded(attribute, after),
        (Value::Array(before), Value::Array(after)) => {
            before.len() == after.len() && sorted_keys(attribute, before) == sorted_keys(attribute, after)
        }
        (Value::Object(before), Value::Object(after)) => {
            let same = |sub: &Arc<Attribute>| match (before.get(&sub.name), after.get(&sub.name)) {
                (Some(before), Some(after)) => is_same(sub, before, after),
                (before, after) => before.is_none() && after.is_none(),
            };
            compared(attribute).all(same)
        }
        _ => false,
    }
}

/// A text that two values have in common if they are the same to the attribute, and only then.
pub(crate) fn key(attribute: &Attribute, value: &Value) -> String {
    let mut key = String::new();
    write_key(attribute, value, &mut key);
    key
}

fn sorted_keys(attribute: &Attribute, list: &[Value]) -> Vec<String> {
    let mut keys: Vec<String> = list.iter().map(|value| key(attribute, value)).collect();
    keys.sort_unstable();
    keys
}

/// Every part says how long it is or where it ends, so that no two values of different parts have the same key.
fn write_key(attribute: &Attribute, value: &Value, key: &mut String) {
    match value {
        Value::String(text) => write_text(&folded(attribute, text), key),
        Value::Array(list) => {
            key.push('[');
            sorted_keys(attribute, list).iter().for_each(|element| key.push_str(element));
            key.push(']');
        }
        Value::Object(object) => write_object(attribute, object, key),
        other => {
            key.push_str(&other.to_string());
            key.push(';');
        }
    }
}

fn write_object(attribute: &Attribute, object: &Map<String, Value>, key: &mut String) {
    key.push('{');
    for sub_attribute in compared(attribute) {
        if let Some(value) = object.get(&sub_attribute.name) {
            write_text(&sub_attribute.name, key);
            write_key(sub_attribute, value, key);
        }
    }
    key.push('}');
}

fn write_text(text: &str, key: &mut String) {
    key.push_str(&text.len().to_string());
    key.push(':');
    key.push_str(text);
}

/// The sub-attributes that two values are compared by.
fn compared(attribute: &Attribute) -> impl Iterator<Item = &Arc<Attribute>> {
    attribute.sub_attributes.iter().filter(|sub| sub.mutability != Mutability::ReadOnly)
}

fn folded<'t>(attribute: &Attribute, text: &'t str) -> Cow<'t, str> {
    match attribute.attribute_type {
        AttributeType::DateTime => {
            DateTime::parse(text).map_or(Cow::Borrowed(text), |instant| Cow::Owned(instant.to_string()))
        }
        _ if attribute.case_exact => Cow::Borrowed(text),
        _ => fold(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rfc7643_s2_4_a_list_is_the_same_in_another_order_with_each_value_as_often() {
        let tags = Attribute::string("tags").multi_valued();
        for (before, after, same) in [
            (json!(["a", "b"]), json!(["B", "a"]), true),
            (json!(["a", "a", "b"]), json!(["a", "b", "b"]), false),
            (json!(["a", "b"]), json!(["ab", ""]), false),
            (json!(["a"]), json!(["a", "a"]), false),
        ] {
            assert_eq!(is_same(&tags, &before, &after), same, "{before} {after}");
        }
    }

    #[test]
    fn rfc7643_s2_3_8_elements_are_compared_by_what_clients_may_write() {
        let read_only = Attribute::string("seen").mutability(Mutability::ReadOnly);
        let notes = Attribute::string("notes").multi_valued();
        let value = Attribute::string("value").case_exact();
        let keys = Attribute::complex("keys", [value, Attribute::date_time("since"), notes, read_only]).multi_valued();
        let before = json!([{"value": "k", "notes": ["x", "y"], "seen": "today"}, {"value": "l", "since": "2011-05-13T04:42:34Z"}]);
        let after = json!([{"value": "l", "since": "2011-05-13T06:42:34+02:00"}, {"value": "k", "notes": ["Y", "x"]}]);
        assert!(is_same(&keys, &before, &after));
        for other in [json!([{"value": "K"}]), json!([{"since": "k"}]), json!([{"value": "k", "notes": ["k"]}])] {
            assert!(!is_same(&keys, &json!([{"value": "k"}]), &other), "{other}");
        }
    }

    #[test]
    fn rfc7643_s2_2_a_long_list_is_compared_in_a_moment() {
        let tags = Attribute::string("tags").multi_valued();
        let before: Vec<Value> = (0..4_000).map(|number| json!(format!("{}{number}", "X".repeat(100)))).collect();
        let after: Vec<Value> = before.iter().rev().cloned().collect();
        assert!(is_same(&tags, &Value::Array(before), &Value::Array(after)));
    }
}
