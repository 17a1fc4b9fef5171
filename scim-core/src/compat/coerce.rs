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
        (_, Value::Array(mut list)) if profile.list_of_one && list.len() == 1 => Ok(list.swap_remove(0)),
        (AttributeType::Complex, simple @ (Value::String(_) | Value::Number(_)))
            if profile.text_for_complex && attribute.sub_attribute("value").is_some() =>
        {
            Ok(Value::Object(Map::from_iter([("value".to_owned(), simple)])))
        }
        (_, value) => Err(value),
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
