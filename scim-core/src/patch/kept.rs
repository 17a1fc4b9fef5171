//! Extensions that the resource type does not have, where the profile keeps them as they came.

use serde_json::{Map, Value};

use crate::error::ScimError;
use crate::limits::Limits;
use crate::schema::plain_value;

/// A change of an object under the URN of an unknown schema.
#[derive(Clone, Debug)]
pub(crate) struct KeptExtension {
    /// The URN, or the URN with the name of an attribute: which of both only the value or the document tells.
    path: String,
    value: Option<Value>,
}

impl KeptExtension {
    /// Whether a path can be one of these: a name behind a URN, and not a short name behind a colon.
    pub(super) fn takes(path: &str) -> bool {
        !path.contains('[') && path.rsplit_once(':').is_some_and(|(urn, name)| urn.contains(':') && !name.is_empty())
    }

    /// An object is merged into the one under the URN; any other value is an attribute's; none removes.
    ///
    /// # Errors
    ///
    /// 400 for what exceeds the limits.
    pub(super) fn new(path: &str, value: Option<Value>, limits: &Limits) -> Result<Self, ScimError> {
        let value = match value {
            Some(value) => plain_value(path, value, limits)?,
            None => None,
        };
        Ok(Self { path: path.to_owned(), value })
    }

    /// Applies the change; says whether it changed anything.
    pub(super) fn apply(&self, document: &mut Map<String, Value>) -> bool {
        match &self.value {
            Some(Value::Object(members)) => in_object(document, &self.path, |object| {
                members.iter().filter(|(name, value)| set(object, name, Some(value))).count() > 0
            }),
            None if document.contains_key(&self.path) => document.remove(&self.path).is_some(),
            value => self
                .path
                .rsplit_once(':')
                .is_some_and(|(urn, name)| in_object(document, urn, |object| set(object, name, value.as_ref()))),
        }
    }
}

fn set(object: &mut Map<String, Value>, name: &str, value: Option<&Value>) -> bool {
    match value {
        Some(value) if object.get(name) == Some(value) => false,
        Some(value) => {
            object.insert(name.to_owned(), value.clone());
            true
        }
        None => object.remove(name).is_some(),
    }
}

/// Changes the object under a key, which is made for it and goes when nothing is left in it.
fn in_object(
    document: &mut Map<String, Value>,
    key: &str,
    change: impl FnOnce(&mut Map<String, Value>) -> bool,
) -> bool {
    let mut object = match document.remove(key) {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    };
    let changed = change(&mut object);
    if !object.is_empty() {
        document.insert(key.to_owned(), Value::Object(object));
    }
    changed
}
