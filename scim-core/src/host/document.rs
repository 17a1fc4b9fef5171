//! From the types of host code to the documents of a store.

use serde_json::{Map, Value};

use crate::error::{quoted, ScimError};
use crate::resource::{Attributes, Member};
use crate::schema::{validate, AttributeRoot, ResourceType};
use crate::store::MembersUpdate;

/// Refuses a document that the schema does not describe.
///
/// # Errors
///
/// 400, naming the attribute that is missing or that the resource type does not have.
pub(super) fn check_new(resource_type: &ResourceType, document: &Attributes) -> Result<(), ScimError> {
    check_known(resource_type, document, None)?;
    validate::required(resource_type, document)
}

/// The same for what an edit makes of a document. What was not in order before may stay so, for a rule that comes later
/// must not keep anybody from being deactivated.
///
/// # Errors
///
/// Those of [`check_new`].
pub(super) fn check_edited(
    resource_type: &ResourceType,
    before: &Attributes,
    after: &Attributes,
) -> Result<(), ScimError> {
    check_known(resource_type, after, Some(before))?;
    let problem_before = validate::required(resource_type, before).err();
    match validate::required(resource_type, after) {
        Err(problem) if problem_before.is_none_or(|before| before.detail() != problem.detail()) => Err(problem),
        _ => Ok(()),
    }
}

fn check_known(
    resource_type: &ResourceType,
    document: &Attributes,
    before: Option<&Attributes>,
) -> Result<(), ScimError> {
    let is_known = |name: &str| {
        matches!(resource_type.attribute(name), Some((AttributeRoot::Core, _)))
            || resource_type.extension(name).is_some()
    };
    let is_kept = |name: &str, value: &Value| before.is_some_and(|before| before.as_map().get(name) == Some(value));
    let unknown = document.as_map().iter().find(|(name, value)| !is_known(name) && !is_kept(name, value));
    match unknown {
        Some((name, _)) => Err(ScimError::invalid_value(format!(
            "The schema of {} has no attribute {}",
            resource_type.name(),
            quoted(name)
        ))),
        None => Ok(()),
    }
}

/// A document with what an edit changed in a view of it. What the view does not show stays as it is.
pub(super) fn edited(document: &Attributes, before: &Attributes, after: &Attributes) -> Attributes {
    let (before, after) = (before.as_map(), after.as_map());
    let mut edited = document.as_map().clone();
    for (name, value) in after.iter().filter(|(name, value)| before.get(*name) != Some(value)) {
        edited.insert(name.clone(), value.clone());
    }
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        edited.remove(name);
    }
    Attributes::from_stored(edited)
}

/// The members of a document whose store keeps them apart, none of them twice. The document has them no more.
pub(super) fn detach_members(attributes: &mut Attributes) -> Vec<Member> {
    let mut update = MembersUpdate::default();
    update.set(attributes.values("members").iter().filter_map(Member::from_value));
    attributes.make_mut().remove("members");
    match update {
        MembersUpdate::Set(members) => members,
        MembersUpdate::Keep | MembersUpdate::Delta { .. } => Vec::new(),
    }
}

/// Makes `active` false.
pub(super) fn deactivate(document: &mut Map<String, Value>) {
    document.insert("active".to_owned(), false.into());
}
