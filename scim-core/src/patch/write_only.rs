//! Operations on write-only attributes (RFC 7643 s7 `writeOnly`), whose present values nobody knows here: composed into a
//! merge patch (RFC 7396) of what a store keeps of them.

use serde_json::{Map, Value};

use super::operation::{Action, Target};
use crate::error::ScimError;
use crate::schema::{Attribute, Mutability, Schema};

/// Adds an operation on a write-only attribute to the merge patch.
///
/// # Errors
///
/// 400 `invalidValue` for a change of a list that takes knowing its values, and for a required sub-attribute without a
/// value.
pub(super) fn write(target: &Target, action: &Action, patch: &mut Map<String, Value>) -> Result<(), ScimError> {
    match &target.extension {
        None => write_in(target, action, patch),
        Some(schema) => {
            let removed = || unassigned(write_only_attributes(schema));
            in_object(patch, &schema.id, removed, |object| write_in(target, action, object))
        }
    }
}

/// The same within the object that has the attributes of one schema.
fn write_in(target: &Target, action: &Action, object: &mut Map<String, Value>) -> Result<(), ScimError> {
    let attribute = &target.attribute;
    match (&target.sub_attribute, action) {
        (None, Action::Set(value)) => {
            object.insert(attribute.name.clone(), value.as_ref().map_or(Value::Null, |value| whole(attribute, value)));
            Ok(())
        }
        (Some(sub_attribute), Action::Set(value)) if !attribute.multi_valued => {
            set(object, target, sub_attribute, value.as_ref())
        }
        (None, Action::Merge(sub_attributes)) if !attribute.multi_valued => sub_attributes
            .iter()
            .try_for_each(|(sub_attribute, value)| set(object, target, sub_attribute, value.as_ref())),
        _ => Err(ScimError::invalid_value(format!(
            "{target} is write-only, so that single values of it cannot be changed; replace all of {}",
            target.attribute_place()
        ))),
    }
}

/// Takes away all write-only attributes of an extension.
pub(super) fn remove_extension(schema: &Schema, patch: &mut Map<String, Value>) {
    if write_only_attributes(schema).next().is_some() {
        patch.insert(schema.id.clone(), Value::Null);
    }
}

/// A whole value in a merge patch: of a complex one, what it does not have is `null`.
pub(crate) fn whole(attribute: &Attribute, value: &Value) -> Value {
    match value {
        Value::Object(members) if !attribute.multi_valued => {
            let mut object = unassigned(attribute.sub_attributes.iter().map(|sub_attribute| &**sub_attribute));
            object.extend(members.clone());
            Value::Object(object)
        }
        value => value.clone(),
    }
}

fn set(
    object: &mut Map<String, Value>,
    target: &Target,
    sub_attribute: &Attribute,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let attribute = &target.attribute;
    if value.is_none() && sub_attribute.required {
        return Err(ScimError::invalid_value(format!("{} is required", target.place_of(sub_attribute))));
    }
    let removed = || unassigned(attribute.sub_attributes.iter().map(|sub_attribute| &**sub_attribute));
    in_object(object, &attribute.name, removed, |members| {
        members.insert(sub_attribute.name.clone(), value.cloned().unwrap_or(Value::Null));
    });
    Ok(())
}

/// Changes the object under a name. Where an earlier operation removed what is there, everything else stays removed.
fn in_object<T>(
    parent: &mut Map<String, Value>,
    name: &str,
    removed: impl FnOnce() -> Map<String, Value>,
    change: impl FnOnce(&mut Map<String, Value>) -> T,
) -> T {
    let mut object = match parent.remove(name) {
        Some(Value::Object(object)) => object,
        Some(_) => removed(),
        None => Map::new(),
    };
    let result = change(&mut object);
    parent.insert(name.to_owned(), Value::Object(object));
    result
}

fn write_only_attributes(schema: &Schema) -> impl Iterator<Item = &Attribute> {
    let attributes = schema.attributes.iter().map(|attribute| &**attribute);
    attributes.filter(|attribute| attribute.mutability == Mutability::WriteOnly)
}

/// All of them without a value.
fn unassigned<'a>(attributes: impl Iterator<Item = &'a Attribute>) -> Map<String, Value> {
    attributes.map(|attribute| (attribute.name.clone(), Value::Null)).collect()
}
