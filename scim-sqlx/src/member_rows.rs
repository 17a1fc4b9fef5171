//! Members as rows.

use std::collections::HashMap;

use scim_core::{fold, Member, ResourceType, StoreError};
use serde_json::{json, Value};

/// The members of a group as a JSON list of rows, in their order, each with the type of the resource that it is.
///
/// # Errors
///
/// [`StoreError::UnknownMembers`] for those that are not among the types of those that exist, or of a type that members
/// of such a group are not.
pub(crate) fn rows(
    members: &[Member],
    types: &HashMap<String, String>,
    group_type: &ResourceType,
) -> Result<String, StoreError> {
    let mut rows = Vec::with_capacity(members.len());
    let mut unknown = Vec::new();
    for member in members {
        match types.get(member.value.as_str()).filter(|kind| group_type.may_have_member(kind)) {
            Some(kind) => rows.push(row(member, kind)),
            None => unknown.push(member.value.clone()),
        }
    }
    if unknown.is_empty() {
        Ok(Value::Array(rows).to_string())
    } else {
        Err(StoreError::UnknownMembers(unknown))
    }
}

fn row(member: &Member, kind: &str) -> Value {
    json!({
        "value": member.value.as_str(),
        "type": kind,
        "type_key": fold(kind),
        "display": member.display,
        "display_key": member.display.as_deref().map(fold),
    })
}

/// Whether a group that had so many members may have so many now: not more than the most, unless they grew fewer.
///
/// # Errors
///
/// [`StoreError::TooManyMembers`].
pub(crate) fn check_count(before: i64, after: i64, most: usize) -> Result<(), StoreError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    if after > most && after > before {
        return Err(StoreError::TooManyMembers);
    }
    Ok(())
}
