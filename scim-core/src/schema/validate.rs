//! What holds for a whole document: required attributes and immutable ones (RFC 7643 s2.2, s7).

use serde_json::{Map, Value};

use super::normalize::Place;
use super::{Attribute, Mutability, ResourceType, Schema};
use crate::error::ScimError;
use crate::resource::Attributes;

/// Every required attribute is there, and every required extension.
///
/// `members` lives apart from the document, so whether it is required is not judged here.
///
/// # Errors
///
/// 400 `invalidValue`, naming the attribute.
pub(crate) fn required(resource_type: &ResourceType, attributes: &Attributes) -> Result<(), ScimError> {
    let core = attributes.as_map();
    check_required(None, resource_type.schema().attributes.iter(), core)?;
    for extension in resource_type.extensions() {
        let schema = &extension.schema;
        match attributes.extension(&schema.id) {
            Some(object) => check_required(Some(schema), schema.attributes.iter(), object)?,
            None if extension.required => {
                return Err(ScimError::invalid_value(format!("The extension {} is required", schema.id)));
            }
            None => {}
        }
    }
    Ok(())
}

fn check_required<'a>(
    extension: Option<&Schema>,
    definitions: impl Iterator<Item = &'a std::sync::Arc<Attribute>>,
    object: &Map<String, Value>,
) -> Result<(), ScimError> {
    for attribute in definitions {
        let value = object.get(&attribute.name);
        let place = Place { extension, attribute: &attribute.name, sub_attribute: None };
        let writable = matches!(attribute.mutability, Mutability::ReadWrite | Mutability::Immutable);
        if attribute.required && writable && value.is_none() && attribute.name != "members" {
            return Err(ScimError::invalid_value(format!("{place} is required")));
        }
        let Some(value) = value else { continue };
        let needed = || attribute.sub_attributes.iter().filter(|sub| sub.required);
        if needed().next().is_none() {
            continue;
        }
        for element in elements(value) {
            if let Some(missing) = needed().find(|sub| element.get(&sub.name).is_none()) {
                let place = Place { sub_attribute: Some(&missing.name), ..place };
                return Err(ScimError::invalid_value(format!("{place} is required")));
            }
        }
    }
    Ok(())
}

/// Immutable attributes that have a value keep it (RFC 7644 s3.5.1, s3.5.2).
///
/// A replacement that leaves one out keeps what is there: `replaced` is amended.
///
/// # Errors
///
/// 400 `mutability`, naming the attribute.
pub(crate) fn immutable(
    resource_type: &ResourceType,
    current: &Attributes,
    replaced: &mut Attributes,
) -> Result<(), ScimError> {
    for (extension, attribute) in resource_type.all_attributes() {
        let place =
            Place { extension: extension.map(|schema| &**schema), attribute: &attribute.name, sub_attribute: None };
        let find = |attributes: &Attributes| match extension {
            None => attributes.get(&attribute.name).cloned(),
            Some(schema) => attributes.extension(&schema.id).and_then(|object| object.get(&attribute.name)).cloned(),
        };
        if attribute.mutability == Mutability::Immutable {
            match (find(current), find(replaced)) {
                (Some(before), Some(after)) if before != after => {
                    return Err(ScimError::mutability(format!("{place} cannot be changed once it has a value")));
                }
                (Some(before), None) => put(replaced, extension.map(|schema| schema.id.as_str()), attribute, before),
                _ => {}
            }
        } else if !attribute.multi_valued
            && attribute.sub_attributes.iter().any(|sub| sub.mutability == Mutability::Immutable)
        {
            let (Some(before), Some(after)) = (find(current), find(replaced)) else { continue };
            for sub in attribute.sub_attributes.iter().filter(|sub| sub.mutability == Mutability::Immutable) {
                let (old, new) = (before.get(&sub.name), after.get(&sub.name));
                if old.is_some() && new.is_some() && old != new {
                    let place = Place { sub_attribute: Some(&sub.name), ..place };
                    return Err(ScimError::mutability(format!("{place} cannot be changed once it has a value")));
                }
            }
        }
    }
    Ok(())
}

/// Sets an attribute of the core schema or of an extension.
pub(crate) fn put(attributes: &mut Attributes, extension: Option<&str>, attribute: &Attribute, value: Value) {
    let map = attributes.make_mut();
    match extension {
        None => {
            map.insert(attribute.name.clone(), value);
        }
        Some(urn) => {
            let object = map.entry(urn.to_owned()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(object) = object {
                object.insert(attribute.name.clone(), value);
            }
        }
    }
}

/// The elements of a multi-valued attribute, or the one value.
fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(list) => list,
        single => std::slice::from_ref(single),
    }
}
