//! The attributes of a resource in canonical form.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

/// The attributes of a resource, as schema normalisation leaves them: names in the schema's case, no nulls, no empty
/// arrays, extensions as objects under their URN. `schemas`, `id` and `meta` are not among them.
///
/// A clone shares the document and costs a counter; a change copies it once.
///
/// There is no way to make one from a request but through the schema. A store that reads back what it stored uses
/// [`Attributes::from_stored`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes(Arc<Map<String, Value>>);

impl Attributes {
    /// Attributes that this library normalised before and a store kept, or that host code builds from its own columns
    /// in canonical form: names as the schema spells them, no nulls, no empty arrays.
    #[must_use]
    pub fn from_stored(attributes: Map<String, Value>) -> Self {
        Self(Arc::new(attributes))
    }

    /// The value of an attribute of the core schema, by its canonical name, or the object of an extension, by its URN.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The value of an attribute, if it is a string.
    #[must_use]
    pub fn string(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// The value of an attribute, if it is a boolean.
    #[must_use]
    pub fn boolean(&self, name: &str) -> Option<bool> {
        self.0.get(name).and_then(Value::as_bool)
    }

    /// The elements of a multi-valued attribute; none if it is absent.
    #[must_use]
    pub fn values(&self, name: &str) -> &[Value] {
        self.0.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The attributes of an extension, by its URN.
    #[must_use]
    pub fn extension(&self, urn: &str) -> Option<&Map<String, Value>> {
        self.0.get(urn).and_then(Value::as_object)
    }

    /// All of it as a JSON object, for storing.
    #[must_use]
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// All of it as a JSON object, copied if it is shared.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        Arc::unwrap_or_clone(self.0)
    }

    /// Writable access, for what keeps the canonical form; copies the document once if it is shared.
    pub(crate) fn make_mut(&mut self) -> &mut Map<String, Value> {
        Arc::make_mut(&mut self.0)
    }
}

impl From<Attributes> for Map<String, Value> {
    fn from(attributes: Attributes) -> Self {
        attributes.into_map()
    }
}

impl Serialize for Attributes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
