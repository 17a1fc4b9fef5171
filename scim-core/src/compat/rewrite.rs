//! The wire shapes of PATCH that providers send, translated to the operations of RFC 7644 s3.5.2.
//!
//! What depends on nothing but the request is settled here. What depends on the document, such as a value filter that
//! matches nothing, is an option of the operation's application.

use serde_json::Value;

use super::CompatProfile;
use crate::error::ScimError;
use crate::patch::{OperationName, Target};

/// An operation on a resolved target, in the terms of the RFC; the values are still as they came.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    Add(Value),
    Replace(Value),
    Remove,
    /// Remove these values of a list.
    RemoveValues(Value),
    /// Add the element that the value filter describes.
    AddDescribed,
}

/// The name of an operation; `None` if there is none of this name.
pub(crate) fn operation_name(profile: &CompatProfile, name: &str) -> Option<OperationName> {
    const NAMES: [(&str, OperationName); 3] =
        [("add", OperationName::Add), ("remove", OperationName::Remove), ("replace", OperationName::Replace)];
    let same = |known: &str| known == name || profile.operation_names_in_any_case && known.eq_ignore_ascii_case(name);
    NAMES.into_iter().find(|(known, _)| same(known)).map(|(_, name)| name)
}

/// The path of an operation, or `None` where an empty one means none.
///
/// # Errors
///
/// 400 `invalidPath` if it is empty or no string.
pub(crate) fn path(profile: &CompatProfile, path: Value) -> Result<Option<String>, ScimError> {
    match path {
        Value::String(path) if !path.is_empty() => Ok(Some(without_blanks(profile, path))),
        Value::String(_) | Value::Null if profile.empty_path => Ok(None),
        _ => Err(ScimError::invalid_path("path must be a string that is not empty, or left out")),
    }
}

/// The path without blanks at its ends; one of nothing but blanks stays what it is.
fn without_blanks(profile: &CompatProfile, path: String) -> String {
    match path.trim_ascii() {
        trimmed if profile.blanks_around_path && !trimmed.is_empty() && trimmed.len() < path.len() => {
            trimmed.to_owned()
        }
        _ => path,
    }
}

/// A value that is no list, also where it came as a list of one.
pub(crate) fn single_value(profile: &CompatProfile, value: Value) -> Value {
    match value {
        Value::Array(mut list) if profile.list_of_one && list.len() == 1 => list.swap_remove(0),
        value => value,
    }
}

/// Whether a key in the value of an operation without a path is taken for a path: one with a dot or a value filter
/// behind its URN only where the profile says so, a plain name with its URN always (RFC 7644 s3.10).
pub(crate) fn key_is_path(profile: &CompatProfile, key: &str) -> bool {
    let has_urn = key.contains(':');
    let name = key.rsplit(':').next().unwrap_or(key);
    if key.contains('[') || name.contains('.') {
        profile.paths_as_keys
    } else {
        has_urn
    }
}

/// What an operation does with its target.
///
/// # Errors
///
/// 400 `invalidValue` if `add` or `replace` has no value; 400 `invalidSyntax` if `remove` has one and the profile does
/// not read it.
pub(crate) fn change(
    profile: &CompatProfile,
    name: OperationName,
    target: &Target,
    value: Option<Value>,
) -> Result<Change, ScimError> {
    match (name, value) {
        (OperationName::Remove, None | Some(Value::Null)) => Ok(Change::Remove),
        (OperationName::Remove, Some(value)) if profile.remove_by_value && target.is_list() => {
            Ok(Change::RemoveValues(value))
        }
        (OperationName::Remove, Some(_)) if profile.remove_by_value && !target.is_in_every_element() => {
            Ok(Change::Remove)
        }
        (OperationName::Remove, Some(_)) => {
            Err(ScimError::invalid_syntax("remove takes no value; name the elements with a filter in the path"))
        }
        (_, Some(value)) if profile.empty_value_removes && empties_reference(target, &value) => Ok(Change::Remove),
        (OperationName::Add, Some(value)) => Ok(Change::Add(value)),
        (OperationName::Replace, Some(value)) => Ok(Change::Replace(value)),
        (OperationName::Add, None) if profile.add_by_value_filter && describes_element(target) => {
            Ok(Change::AddDescribed)
        }
        (OperationName::Add | OperationName::Replace, None) => {
            Err(ScimError::invalid_value(format!("The operation on {target} must have a value")))
        }
    }
}

fn describes_element(target: &Target) -> bool {
    target.sub_attribute.is_none()
        && target.attribute.multi_valued
        && target.selection.as_ref().is_some_and(|selection| selection.described.is_some())
}

/// Whether the value says that a complex attribute such as `manager` refers to nothing: `""`, or an object whose
/// `value` is empty and that has nothing else.
fn empties_reference(target: &Target, value: &Value) -> bool {
    let leaf = target.leaf();
    if target.is_list() || target.selection.is_some() || !leaf.is_complex() || leaf.sub_attribute("value").is_none() {
        return false;
    }
    match value {
        Value::Object(members) => {
            members.keys().any(|key| key.eq_ignore_ascii_case("value")) && members.values().all(is_empty)
        }
        value => value.as_str().is_some_and(str::is_empty),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}
