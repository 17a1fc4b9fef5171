//! Resource types of the administrator's own, from files in the JSON of RFC 7643 s6 and s7.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use scim_core::{ResourceType, Schema};
use serde_json::Value;

/// The resource types of one file, made of the schemas of the other and the RFC's own. A resource type named `User` or
/// `Group` takes the place of the built-in one.
pub(crate) fn read(schemas: Option<&Path>, resource_types: Option<&Path>) -> Result<Vec<ResourceType>, Box<dyn Error>> {
    let mut known = Vec::new();
    for definition in schemas.map(definitions).transpose()?.unwrap_or_default() {
        known.push(Arc::new(Schema::from_json(definition)?));
    }
    let mut types = Vec::new();
    for definition in resource_types.map(definitions).transpose()?.unwrap_or_default() {
        types.push(ResourceType::from_json(definition, &known)?);
    }
    Ok(types)
}

/// The elements of a file that is a JSON array.
fn definitions(path: &Path) -> Result<Vec<Value>, Box<dyn Error>> {
    let shown = path.display();
    let text = std::fs::read(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let array = serde_json::from_slice(&text).map_err(|error| format!("{shown} is not a JSON array: {error}"))?;
    Ok(array)
}
