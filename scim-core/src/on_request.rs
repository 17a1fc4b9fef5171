//! The attributes that an answer shows on request alone (RFC 7643 s7 `returned`), of which the answer to a write shows
//! those that the request names.

use serde_json::{Map, Value};

use crate::projection::Projection;
use crate::schema::{Attribute, AttributeRoot, Normalized, ResolvedPath, ResourceType, Returned};

/// The attributes and sub-attributes of a resource type that are returned on request; most types have none.
pub(crate) struct OnRequest {
    /// Each with its text. An attribute comes before its sub-attributes.
    paths: Vec<(ResolvedPath, String)>,
}

impl OnRequest {
    pub(crate) fn of(resource_type: &ResourceType) -> Self {
        let mut paths = Vec::new();
        for (extension, attribute) in resource_type.all_attributes() {
            let root = extension.map_or(AttributeRoot::Core, |schema| AttributeRoot::Extension(schema.clone()));
            let whole = ResolvedPath { root, attribute: attribute.clone(), sub_attribute: None };
            let parts = attribute.sub_attributes.iter().filter(|_| attribute.returned != Returned::Never);
            let parts = parts.map(|part| ResolvedPath { sub_attribute: Some(part.clone()), ..whole.clone() });
            let all = std::iter::once(whole.clone()).chain(parts);
            paths.extend(all.filter(|path| path.leaf().returned == Returned::Request));
        }
        Self { paths: paths.into_iter().map(|path| (path.clone(), path.to_string())).collect() }
    }

    /// What is shown beside the standard where a request names such attributes: in what it sets, or in what was left
    /// out of it because clients may not write it.
    pub(crate) fn named(
        &self,
        standard: &Projection,
        ignored: &[String],
        sets: impl Fn(&ResolvedPath) -> bool,
    ) -> Option<Box<Projection>> {
        let mut named = self.paths.iter().filter(|(path, text)| sets(path) || ignored.contains(text)).peekable();
        named.peek()?;
        let mut projection = Box::new(standard.clone());
        named.for_each(|(path, _)| projection.include_path(path));
        Some(projection)
    }
}

impl Normalized {
    /// Whether the body has a value of an attribute or sub-attribute.
    pub(crate) fn sets(&self, path: &ResolvedPath) -> bool {
        let document = self.attributes.as_map();
        let object = match path.extension_urn() {
            None => Some(document),
            Some(urn) => document.get(urn).and_then(Value::as_object),
        };
        let value = object.and_then(|object| object.get(&path.attribute.name));
        match &path.sub_attribute {
            None => value.is_some(),
            Some(part) => value.is_some_and(|value| holds(value, part)),
        }
    }
}

/// Whether a complex value, or one of several, has a value of a sub-attribute.
pub(crate) fn holds(value: &Value, sub_attribute: &Attribute) -> bool {
    let has = |element: &Map<String, Value>| element.contains_key(&sub_attribute.name);
    match value {
        Value::Array(list) => list.iter().filter_map(Value::as_object).any(has),
        single => single.as_object().is_some_and(has),
    }
}
