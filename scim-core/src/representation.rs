//! A resource as JSON for a client (RFC 7643 s3), written straight from the stored document.

use serde_json::{Map, Value};

use crate::json_writer::JsonWriter;
use crate::projection::{Level, Projection, Shown};
use crate::resource::{DateTime, Resource};
use crate::served_type::{ReferenceRule, ServedType};

/// What of a resource an answer shows.
pub(crate) struct Representation<'a> {
    pub(crate) served: &'a ServedType,
    pub(crate) resource: &'a Resource,
    pub(crate) projection: &'a Projection,
}

impl Representation<'_> {
    pub(crate) fn write(&self, json: &mut JsonWriter) {
        json.begin_object();
        let has_extensions = self.schemas(json);
        json.name("id");
        json.string(self.resource.id.as_str());
        for (name, value) in self.resource.attributes.as_map() {
            if has_extensions && is_urn(name) {
                self.extension(json, name, value);
            } else {
                let rule = self.served.reference_rule(None, name);
                member(json, name, value, self.projection.core.of(name), rule);
            }
        }
        if self.served.has_members {
            self.no_members(json);
        }
        if self.projection.meta != Shown::Nothing {
            self.meta(json);
        }
        json.end_object();
    }

    /// `members` of a group that has none. It is the same whether they are left out or an empty list (RFC 7643 s2.5), but
    /// authentik takes a group without them for one whose members cannot be compared, and never adds any.
    fn no_members(&self, json: &mut JsonWriter) {
        let Self { resource, projection, .. } = self;
        let is_shown = *projection.core.of("members") != Shown::Nothing;
        if is_shown && !resource.members_left_out && resource.attributes.get("members").is_none() {
            json.name("members");
            json.begin_array();
            json.end_array();
        }
    }

    /// `schemas`: the core schema, and every extension the resource has something of (RFC 7643 s3). Says whether there
    /// are such extensions.
    fn schemas(&self, json: &mut JsonWriter) -> bool {
        let mut has_extensions = false;
        json.name("schemas");
        json.begin_array();
        json.string(&self.served.resource_type.schema().id);
        for urn in self.resource.attributes.as_map().keys().filter(|name| is_urn(name)) {
            has_extensions = true;
            json.element();
            json.string(urn);
        }
        json.end_array();
        has_extensions
    }

    fn extension(&self, json: &mut JsonWriter, urn: &str, value: &Value) {
        let Value::Object(object) = value else { return };
        let level = self.projection.extension(urn);
        let is_shown = |(name, value): (&String, &Value)| {
            let has_reference = || self.served.reference_rule(Some(urn), name).is_some();
            shows_something(value, level.of(name), has_reference)
        };
        if !object.iter().any(is_shown) {
            return;
        }
        json.name(urn);
        json.begin_object();
        for (name, value) in object {
            let rule = self.served.reference_rule(Some(urn), name);
            member(json, name, value, level.of(name), rule);
        }
        json.end_object();
    }

    /// `meta` (RFC 7643 s3.1).
    fn meta(&self, json: &mut JsonWriter) {
        let Self { served, resource, projection } = self;
        let shows = |name: &str| match &projection.meta {
            Shown::Nothing => false,
            Shown::Everything => true,
            Shown::Some(level) => *level.of(name) != Shown::Nothing,
        };
        json.name("meta");
        json.begin_object();
        if shows("resourceType") {
            json.name("resourceType");
            json.string(served.resource_type.name());
        }
        if shows("created") {
            json.name("created");
            date_time(json, resource.meta.created);
        }
        if shows("lastModified") {
            json.name("lastModified");
            date_time(json, resource.meta.last_modified);
        }
        if shows("location") {
            json.name("location");
            json.string_of(served.location(&resource.id).pieces());
        }
        if shows("version") {
            json.name("version");
            json.string_of(["W/\"", resource.meta.version.as_str(), "\""]);
        }
        json.end_object();
    }
}

/// Whether a name among the attributes is the URN of an extension; the name of an attribute has no colon.
fn is_urn(name: &str) -> bool {
    name.bytes().any(|byte| byte == b':')
}

fn date_time(json: &mut JsonWriter, instant: DateTime) {
    match instant.to_rfc3339() {
        Some(text) => json.string(text.as_str()),
        None => json.string(&instant.to_string()),
    }
}

/// One attribute, as far as it is shown.
fn member(json: &mut JsonWriter, name: &str, value: &Value, shown: &Shown, rule: Option<&ReferenceRule>) {
    if !shows_something(value, shown, || rule.is_some()) {
        return;
    }
    let level = match shown {
        Shown::Some(level) => Some(level),
        Shown::Everything | Shown::Nothing => None,
    };
    json.name(name);
    if level.is_none() && rule.is_none() {
        json.value(value);
    } else {
        Values { level, rule }.write(json, value);
    }
}

/// Whether there is anything to show of a value.
fn shows_something(value: &Value, shown: &Shown, has_reference: impl FnOnce() -> bool) -> bool {
    match shown {
        Shown::Nothing => false,
        Shown::Everything => true,
        Shown::Some(level) => !shows_nothing(value, level, has_reference()),
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

/// How the values of a complex attribute are shown, with `$ref` made by the server.
struct Values<'a> {
    level: Option<&'a Level>,
    rule: Option<&'a ReferenceRule>,
}

impl Values<'_> {
    fn write(&self, json: &mut JsonWriter, value: &Value) {
        match value {
            Value::Array(list) => {
                json.begin_array();
                for element in list {
                    json.element();
                    self.write(json, element);
                }
                json.end_array();
            }
            Value::Object(object) => self.object(json, object),
            simple => json.value(simple),
        }
    }

    fn object(&self, json: &mut JsonWriter, object: &Map<String, Value>) {
        let shows = |name: &str| self.level.is_none_or(|level| *level.of(name) != Shown::Nothing);
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        let reference = self.rule.and_then(|rule| rule.location(text("value")?, text("type")));
        json.begin_object();
        if let Some(location) = reference.filter(|_| shows("$ref")) {
            json.name("$ref");
            json.string_of(location.pieces());
        }
        for (name, value) in object {
            let replaced = name == "$ref" && reference.is_some();
            if !replaced && shows(name) {
                json.name(name);
                json.value(value);
            }
        }
        json.end_object();
    }
}
