//! Values that no schema describes, where the profile keeps them.

use serde_json::{Map, Value};

use crate::error::{quoted, ScimError};
use crate::limits::Limits;

/// A value in canonical form as far as there is one without a schema: without nulls, and without lists and objects in
/// which nothing is left (RFC 7643 s2.5). `None` if that is all of it. `path` is for messages.
///
/// # Errors
///
/// 400 `invalidValue` for what is longer than the limits allow or has the character U+0000, `invalidSyntax` for what
/// nests too deep.
pub(crate) fn plain_value(path: &str, value: Value, limits: &Limits) -> Result<Option<Value>, ScimError> {
    plain(path, value, limits, limits.json_depth)
}

fn plain(path: &str, value: Value, limits: &Limits, levels: usize) -> Result<Option<Value>, ScimError> {
    let too_deep = || ScimError::invalid_syntax(format!("{} nests too deep", quoted(path)));
    let inner = || levels.checked_sub(1).ok_or_else(too_deep);
    match value {
        Value::Null => Ok(None),
        Value::String(text) => {
            check_text(&text, limits, || quoted(path))?;
            Ok(Some(Value::String(text)))
        }
        Value::Array(list) => {
            let (levels, most) = (inner()?, limits.values);
            if list.len() > most {
                return Err(ScimError::invalid_value(format!("A list in {} may have {most} values", quoted(path))));
            }
            let elements = list.into_iter().filter_map(|element| plain(path, element, limits, levels).transpose());
            let elements = elements.collect::<Result<Vec<_>, _>>()?;
            Ok(if elements.is_empty() { None } else { Some(Value::Array(elements)) })
        }
        Value::Object(members) => {
            let levels = inner()?;
            let mut object = Map::new();
            for (key, value) in members {
                check_text(&key, limits, || quoted(path))?;
                if let Some(value) = plain(path, value, limits, levels)? {
                    object.insert(key, value);
                }
            }
            Ok(if object.is_empty() { None } else { Some(Value::Object(object)) })
        }
        simple => Ok(Some(simple)),
    }
}

/// What every text must be like. NUL is refused because some databases have no such character.
///
/// # Errors
///
/// 400 `invalidValue`; `place` is asked for only then.
pub(super) fn check_text(text: &str, limits: &Limits, place: impl Fn() -> String) -> Result<(), ScimError> {
    let most = limits.string_bytes;
    if text.len() > most {
        return Err(ScimError::invalid_value(format!("{} is longer than {most} bytes", place())));
    }
    if text.contains('\0') {
        return Err(ScimError::invalid_value(format!("{} must not have the character U+0000", place())));
    }
    Ok(())
}
