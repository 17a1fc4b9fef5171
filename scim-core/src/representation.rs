//! A resource as JSON for a client (RFC 7643 s3), written straight from the stored document.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::projection::{Level, Projection, Shown};
use crate::resource::Resource;
use crate::served_type::{ReferenceRule, ServedType};

/// What of a resource an answer shows.
pub(crate) struct Representation<'a> {
    pub(crate) served: &'a ServedType,
    pub(crate) resource: &'a Resource,
    pub(crate) projection: &'a Projection,
}

impl Serialize for Representation<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schemas", &Schemas { served: self.served, resource: self.resource })?;
        map.serialize_entry("id", self.resource.id.as_str())?;
        for (name, value) in self.resource.attributes.as_map() {
            if name.contains(':') {
                self.extension(&mut map, name, value)?;
            } else {
                let rule = self.served.reference_rule(None, name);
                member(&mut map, name, value, self.projection.core.of(name), rule)?;
            }
        }
        if self.projection.meta != Shown::Nothing {
            map.serialize_entry("meta", &Meta { representation: self })?;
        }
        map.end()
    }
}

impl Representation<'_> {
    fn extension<M: SerializeMap>(&self, map: &mut M, urn: &str, value: &Value) -> Result<(), M::Error> {
        let Value::Object(object) = value else { return Ok(()) };
        let level = self.projection.extension(urn);
        if object.keys().all(|name| *level.of(name) == Shown::Nothing) {
            return Ok(());
        }
        map.serialize_entry(urn, &Extension { served: self.served, urn, object, level })
    }
}

/// `schemas`: the core schema, and every extension the resource has something of (RFC 7643 s3).
struct Schemas<'a> {
    served: &'a ServedType,
    resource: &'a Resource,
}

impl Serialize for Schemas<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        list.serialize_element(&self.served.resource_type.schema().id)?;
        for urn in self.resource.attributes.as_map().keys().filter(|name| name.contains(':')) {
            list.serialize_element(urn)?;
        }
        list.end()
    }
}

/// `meta` (RFC 7643 s3.1).
struct Meta<'a> {
    representation: &'a Representation<'a>,
}

impl Serialize for Meta<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Representation { served, resource, projection } = self.representation;
        let shows = |name: &str| match &projection.meta {
            Shown::Nothing => false,
            Shown::Everything => true,
            Shown::Some(level) => *level.of(name) != Shown::Nothing,
        };
        let mut map = serializer.serialize_map(None)?;
        if shows("resourceType") {
            map.serialize_entry("resourceType", served.resource_type.name())?;
        }
        if shows("created") {
            map.serialize_entry("created", &resource.meta.created)?;
        }
        if shows("lastModified") {
            map.serialize_entry("lastModified", &resource.meta.last_modified)?;
        }
        if shows("location") {
            map.serialize_entry("location", &Text(served.location(&resource.id)))?;
        }
        if shows("version") {
            map.serialize_entry("version", &Text(format_args!("W/\"{}\"", resource.meta.version)))?;
        }
        map.end()
    }
}

/// What displays, as a JSON string.
pub(crate) struct Text<T>(pub(crate) T);

impl<T: std::fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// The object of an extension.
struct Extension<'a> {
    served: &'a ServedType,
    urn: &'a str,
    object: &'a Map<String, Value>,
    level: &'a Level,
}

impl Serialize for Extension<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.object {
            let rule = self.served.reference_rule(Some(self.urn), name);
            member(&mut map, name, value, self.level.of(name), rule)?;
        }
        map.end()
    }
}

/// One attribute, as far as it is shown.
fn member<M: SerializeMap>(
    map: &mut M,
    name: &str,
    value: &Value,
    shown: &Shown,
    rule: Option<&ReferenceRule>,
) -> Result<(), M::Error> {
    match (shown, rule) {
        (Shown::Nothing, _) => Ok(()),
        (Shown::Everything, None) => map.serialize_entry(name, value),
        (Shown::Everything, rule) => map.serialize_entry(name, &Values { value, level: None, rule }),
        (Shown::Some(level), rule) => {
            if shows_nothing(value, level, rule.is_some()) {
                return Ok(());
            }
            map.serialize_entry(name, &Values { value, level: Some(level), rule })
        }
    }
}

/// Whether nothing of a complex value is shown, so that its name is left out too.
fn shows_nothing(value: &Value, level: &Level, has_reference: bool) -> bool {
    let nothing_of = |element: &Value| match element {
        Value::Object(object) => {
            object.keys().all(|name| *level.of(name) == Shown::Nothing)
                && !(has_reference && *level.of("$ref") != Shown::Nothing)
        }
        _ => false,
    };
    match value {
        Value::Array(list) => list.iter().all(nothing_of),
        single => nothing_of(single),
    }
}

/// The value or values of a complex attribute, with `$ref` made by the server.
struct Values<'a> {
    value: &'a Value,
    level: Option<&'a Level>,
    rule: Option<&'a ReferenceRule>,
}

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Array(list) => {
                let mut elements = serializer.serialize_seq(Some(list.len()))?;
                for value in list {
                    elements.serialize_element(&Values { value, ..*self })?;
                }
                elements.end()
            }
            Value::Object(object) => self.object(object, serializer),
            simple => simple.serialize(serializer),
        }
    }
}

impl Values<'_> {
    fn object<S: Serializer>(&self, object: &Map<String, Value>, serializer: S) -> Result<S::Ok, S::Error> {
        let shows = |name: &str| self.level.is_none_or(|level| *level.of(name) != Shown::Nothing);
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        let reference = self.rule.and_then(|rule| rule.location(text("value")?, text("type")));
        let mut map = serializer.serialize_map(None)?;
        if let Some(location) = reference.filter(|_| shows("$ref")) {
            map.serialize_entry("$ref", &Text(location))?;
        }
        for (name, value) in object {
            let replaced = name == "$ref" && reference.is_some();
            if !replaced && shows(name) {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}
