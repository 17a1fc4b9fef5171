//! What of a document may be written down.

use serde_json::{Map, Value};

use crate::schema::{Attribute, AttributeSet, Mutability, ResourceType, Returned};

/// These attributes of a document, without what is write-only or never returned, and without what the schema does not
/// know: nobody can tell what that is.
pub(super) fn shown(
    resource_type: &ResourceType,
    document: &Map<String, Value>,
    names: &[String],
) -> Map<String, Value> {
    let mut found = Map::new();
    for name in names {
        let Some(value) = document.get(name) else { continue };
        let extension = resource_type.extensions().iter().find(|extension| extension.schema.id == *name);
        let value = match extension {
            Some(extension) => value.as_object().map(|object| object_shown(&extension.schema.attributes, object)),
            None if name == "externalId" => Some(value.clone()),
            None => resource_type.schema().attributes.get(name).and_then(|attribute| value_shown(attribute, value)),
        };
        found.extend(value.map(|value| (name.clone(), value)));
    }
    found
}

fn object_shown(attributes: &AttributeSet, object: &Map<String, Value>) -> Value {
    let shown = object.iter().filter_map(|(name, value)| {
        let attribute = attributes.get(name)?;
        Some((name.clone(), value_shown(attribute, value)?))
    });
    Value::Object(shown.collect())
}

fn value_shown(attribute: &Attribute, value: &Value) -> Option<Value> {
    let is_secret = attribute.mutability == Mutability::WriteOnly || attribute.returned == Returned::Never;
    if is_secret {
        return None;
    }
    Some(match value {
        Value::Object(object) => object_shown(&attribute.sub_attributes, object),
        Value::Array(elements) => elements.iter().filter_map(|element| value_shown(attribute, element)).collect(),
        value => value.clone(),
    })
}
