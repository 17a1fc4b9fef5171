//! Members as rows.

use std::collections::HashMap;

use scim_core::{fold, Member, ResourceId, StoreError};
use serde_json::{json, Value};

/// The members as a JSON list of rows, in their order, the type of one that came without being its resource's.
///
/// # Errors
///
/// [`StoreError::UnknownMembers`] for those that are not among the types of those that exist.
pub(crate) fn rows(members: &[Member], types: &HashMap<String, String>) -> Result<String, StoreError> {
    let unknown: Vec<ResourceId> = members
        .iter()
        .filter(|member| !types.contains_key(member.value.as_str()))
        .map(|member| member.value.clone())
        .collect();
    if !unknown.is_empty() {
        return Err(StoreError::UnknownMembers(unknown));
    }
    let rows = members.iter().map(|member| {
        let own_type = types.get(member.value.as_str()).map(String::as_str);
        let kind = member.kind.as_deref().or(own_type).unwrap_or_default();
        json!({
            "value": member.value.as_str(),
            "type": kind,
            "type_key": fold(kind),
            "display": member.display,
            "display_key": member.display.as_deref().map(fold),
        })
    });
    Ok(Value::Array(rows.collect()).to_string())
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
