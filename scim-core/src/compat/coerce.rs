//! Values of another JSON type than the schema wants, read as what they mean.
//!
//! Normalisation asks here only when a value does not fit, so a client that follows the schema pays nothing.

use serde_json::{Map, Value};

use super::CompatProfile;
use crate::schema::{Attribute, AttributeType};

/// The value as the attribute's type wants it, or the value back if no quirk covers it.
pub(crate) fn coerce(profile: &CompatProfile, attribute: &Attribute, value: Value) -> Result<Value, Value> {
    match (attribute.attribute_type, value) {
        (AttributeType::Boolean, Value::String(text)) if profile.text_booleans => {
            text_boolean(&text).map(Value::Bool).ok_or(Value::String(text))
        }
        (AttributeType::String, Value::Number(number)) if profile.number_for_text && !number.is_f64() => {
            Ok(Value::String(number.to_string()))
        }
        (AttributeType::Integer | AttributeType::Decimal, Value::String(text)) if profile.text_numbers => {
            text.trim_ascii().parse().map(Value::Number).map_err(|_| Value::String(text))
        }
        (_, Value::Array(mut list)) if profile.list_of_one && list.len() == 1 => Ok(list.swap_remove(0)),
        (AttributeType::Complex, simple @ (Value::String(_) | Value::Number(_)))
            if profile.text_for_complex && attribute.sub_attribute("value").is_some() =>
        {
            Ok(Value::Object(Map::from_iter([("value".to_owned(), simple)])))
        }
        (simple, Value::Object(members)) if profile.object_for_simple && simple != AttributeType::Complex => {
            value_member(members).map_err(Value::Object)
        }
        (_, value) => Err(value),
    }
}

/// The `value` of an object that has nothing else, but for nulls and what RFC 7643 s2.4 gives every value to describe it.
fn value_member(mut members: Map<String, Value>) -> Result<Value, Map<String, Value>> {
    const DESCRIBES: [&str; 4] = ["$ref", "display", "primary", "type"];
    let names = |key: &str, name: &str| key.eq_ignore_ascii_case(name);
    let mut value_key = None;
    for (key, value) in &members {
        if names(key, "value") && value_key.is_none() && !value.is_object() && !value.is_array() {
            value_key = Some(key.clone());
        } else if names(key, "value") || !value.is_null() && !DESCRIBES.iter().any(|name| names(key, name)) {
            return Err(members);
        }
    }
    match value_key.and_then(|key| members.remove(&key)) {
        Some(value) => Ok(value),
        None => Err(members),
    }
}

/// One value of a multi-valued attribute that came without its list.
pub(crate) fn wrap_single(profile: &CompatProfile, attribute: &Attribute, value: Value) -> Result<Value, Value> {
    let bare = attribute.is_complex() && !value.is_object();
    let allowed = if bare { profile.text_for_complex } else { profile.single_for_list };
    if allowed {
        Ok(Value::Array(vec![value]))
    } else {
        Err(value)
    }
}

/// `true` or `false` in any case.
pub(crate) fn text_boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}
