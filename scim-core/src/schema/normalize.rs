//! From the JSON of a client to canonical attributes, driven by the schema (RFC 7643 s2).

use std::fmt;

use serde_json::{Map, Value};

use super::attribute_path::AttributeRoot;
use super::{Attribute, AttributeType, Mutability, ResourceType, Schema, ENTERPRISE_USER};
use crate::compat::{coerce, wrap_single, CompatProfile, UnknownExtensions};
use crate::error::{quoted, ScimError};
use crate::limits::Limits;
use crate::resource::{fold, Attributes, DateTime};

/// A document in canonical form, and what normalisation took out of it.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Normalized {
    /// What is stored.
    pub attributes: Attributes,
    /// Write-only attributes such as `password`; never stored with the others.
    pub write_only: Map<String, Value>,
    /// The paths that were left out because the schema does not have them or clients may not write them.
    pub ignored: Vec<String>,
}

/// Normalises what clients send for one resource type.
pub(crate) struct Normalizer<'a> {
    pub(crate) resource_type: &'a ResourceType,
    pub(crate) profile: &'a CompatProfile,
    pub(crate) limits: &'a Limits,
    /// The paths left out so far.
    pub(crate) ignored: Vec<String>,
}

/// The place of a value, for messages; rendered only when one is needed.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) extension: Option<&'a Schema>,
    pub(crate) attribute: &'a str,
    pub(crate) sub_attribute: Option<&'a str>,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = self.extension {
            write!(f, "{}:", schema.id)?;
        }
        f.write_str(self.attribute)?;
        match self.sub_attribute {
            Some(name) => write!(f, ".{name}"),
            None => Ok(()),
        }
    }
}

impl<'a> Normalizer<'a> {
    pub(crate) fn new(resource_type: &'a ResourceType, profile: &'a CompatProfile, limits: &'a Limits) -> Self {
        Self { resource_type, profile, limits, ignored: Vec::new() }
    }

    /// The body of a POST or PUT. Read-only attributes are left out, as RFC 7644 s3.3 and s3.5.1 say.
    ///
    /// # Errors
    ///
    /// 400 for a value that does not fit its attribute, an attribute given twice, or, where the profile says so, for
    /// what the schema does not have.
    pub(crate) fn resource(mut self, body: Map<String, Value>) -> Result<Normalized, ScimError> {
        self.check_schemas(&body)?;
        let mut attributes = Map::new();
        let mut write_only = Map::new();
        for (key, value) in body {
            if key.contains(':') {
                self.qualified_member(&key, value, &mut attributes, &mut write_only)?;
            } else {
                self.core_member(&key, value, &mut attributes, &mut write_only)?;
            }
        }
        Ok(Normalized { attributes: Attributes::from_stored(attributes), write_only, ignored: self.ignored })
    }

    fn core_member(
        &mut self,
        key: &str,
        value: Value,
        attributes: &mut Map<String, Value>,
        write_only: &mut Map<String, Value>,
    ) -> Result<(), ScimError> {
        let resource_type = self.resource_type;
        match resource_type.attribute(key) {
            Some((AttributeRoot::Schemas, _)) => Ok(()),
            Some((_, attribute)) => {
                let target = if attribute.mutability == Mutability::WriteOnly { write_only } else { attributes };
                self.member(None, attribute, value, target)
            }
            None => self.unknown_attribute(key),
        }
    }

    /// A key with a colon: the object of an extension, or an attribute with its URN (RFC 7644 s3.10).
    fn qualified_member(
        &mut self,
        key: &str,
        value: Value,
        attributes: &mut Map<String, Value>,
        write_only: &mut Map<String, Value>,
    ) -> Result<(), ScimError> {
        let resource_type = self.resource_type;
        let urn = self.current_urn(key);
        if let Some(extension) = resource_type.extension(urn) {
            return self.extension_object(&extension.schema, value, attributes, write_only);
        }
        if urn.eq_ignore_ascii_case(&resource_type.schema().id) {
            let Value::Object(members) = value else {
                return Err(ScimError::invalid_value(format!("{} must be an object", quoted(key))));
            };
            return members
                .into_iter()
                .try_for_each(|(name, value)| self.core_member(&name, value, attributes, write_only));
        }
        if let Some((urn, name)) = key.rsplit_once(':') {
            if urn.eq_ignore_ascii_case(&resource_type.schema().id) {
                return self.core_member(name, value, attributes, write_only);
            }
            if let Some(extension) = resource_type.extension(self.current_urn(urn)) {
                let members = Map::from_iter([(name.to_owned(), value)]);
                return self.extension_object(&extension.schema, Value::Object(members), attributes, write_only);
            }
        }
        match self.profile.unknown_extensions {
            UnknownExtensions::Keep if value.is_object() => {
                let value = plain_value(value, self.limits).map_err(|most| {
                    ScimError::invalid_value(format!("{} has a string longer than {most} bytes", quoted(key)))
                })?;
                insert_once(attributes, key, value)
            }
            UnknownExtensions::Refuse => {
                Err(ScimError::invalid_syntax(format!("The schema {} is not one of this resource type", quoted(key))))
            }
            _ => {
                self.ignored.push(key.to_owned());
                Ok(())
            }
        }
    }

    fn extension_object(
        &mut self,
        schema: &Schema,
        value: Value,
        attributes: &mut Map<String, Value>,
        write_only: &mut Map<String, Value>,
    ) -> Result<(), ScimError> {
        let members = match value {
            Value::Null => return Ok(()),
            Value::Object(members) => members,
            _ => return Err(ScimError::invalid_value(format!("{} must be an object", quoted(&schema.id)))),
        };
        let mut object = match attributes.remove(&schema.id) {
            Some(Value::Object(object)) => object,
            _ => Map::new(),
        };
        let mut secret = Map::new();
        for (key, value) in members {
            match schema.attributes.get(&key) {
                Some(attribute) => {
                    let target = if attribute.mutability == Mutability::WriteOnly { &mut secret } else { &mut object };
                    self.member(Some(schema), attribute, value, target)?;
                }
                None => self.unknown_attribute(&format!("{}:{key}", schema.id))?,
            }
        }
        if !object.is_empty() {
            attributes.insert(schema.id.clone(), Value::Object(object));
        }
        if !secret.is_empty() {
            write_only.insert(schema.id.clone(), Value::Object(secret));
        }
        Ok(())
    }

    fn member(
        &mut self,
        extension: Option<&Schema>,
        attribute: &Attribute,
        value: Value,
        target: &mut Map<String, Value>,
    ) -> Result<(), ScimError> {
        let place = Place { extension, attribute: &attribute.name, sub_attribute: None };
        if attribute.mutability == Mutability::ReadOnly {
            self.ignored.push(place.to_string());
            return Ok(());
        }
        match self.value(place, attribute, value)? {
            Some(value) => insert_once(target, &attribute.name, value),
            None => Ok(()),
        }
    }

    /// The whole value of an attribute: a list for a multi-valued one. `None` means unassigned (RFC 7643 s2.5).
    ///
    /// # Errors
    ///
    /// 400 `invalidValue` if it does not fit, 413 for too many members.
    pub(crate) fn value(
        &mut self,
        place: Place<'_>,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        if !attribute.multi_valued {
            return self.element(place, attribute, value);
        }
        let list = match value {
            Value::Null => return Ok(None),
            Value::Array(list) => list,
            other => match wrap_single(self.profile, attribute, other) {
                Ok(Value::Array(list)) => list,
                _ => return Err(ScimError::invalid_value(format!("{place} must be a list"))),
            },
        };
        self.check_count(place, &attribute.name, list.len())?;
        let mut elements = Vec::with_capacity(list.len());
        for element in list {
            if let Some(element) = self.element(place, attribute, element)? {
                elements.push(element);
            }
        }
        check_primary(place, attribute, &elements)?;
        Ok(if elements.is_empty() { None } else { Some(Value::Array(elements)) })
    }

    /// One value: of a single-valued attribute, or one element of a multi-valued one.
    ///
    /// # Errors
    ///
    /// 400 `invalidValue` if it does not fit.
    pub(crate) fn element(
        &mut self,
        place: Place<'_>,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        match (attribute.attribute_type, value) {
            (_, Value::Null) => Ok(None),
            (_, Value::String(text)) if text.is_empty() && self.profile.empty_means_unassigned => Ok(None),
            (AttributeType::Complex, Value::Object(members)) => self.complex(place, attribute, members),
            (attribute_type, value) if attribute_type != AttributeType::Complex && has_type(attribute_type, &value) => {
                self.simple(place, attribute, value).map(Some)
            }
            (_, value) => match coerce(self.profile, attribute, value) {
                Ok(coerced) => self.element(place, attribute, coerced),
                Err(_) => Err(ScimError::invalid_value(format!("{place} must be {}", expected(attribute)))),
            },
        }
    }

    fn complex(
        &mut self,
        place: Place<'_>,
        attribute: &Attribute,
        members: Map<String, Value>,
    ) -> Result<Option<Value>, ScimError> {
        let mut object = Map::new();
        for (key, value) in members {
            match attribute.sub_attribute(&key) {
                Some(sub_attribute) if sub_attribute.mutability == Mutability::ReadOnly => {
                    self.ignored.push(format!("{place}.{}", sub_attribute.name));
                }
                Some(sub_attribute) => {
                    let place = Place { sub_attribute: Some(&sub_attribute.name), ..place };
                    if let Some(value) = self.value(place, sub_attribute, value)? {
                        insert_once(&mut object, &sub_attribute.name, value)?;
                    }
                }
                None => self.unknown_attribute(&format!("{place}.{key}"))?,
            }
        }
        Ok(if object.is_empty() { None } else { Some(Value::Object(object)) })
    }

    fn simple(&self, place: Place<'_>, attribute: &Attribute, value: Value) -> Result<Value, ScimError> {
        let Value::String(text) = value else { return Ok(value) };
        if text.len() > self.limits.string_bytes {
            let most = self.limits.string_bytes;
            return Err(ScimError::invalid_value(format!("{place} is longer than {most} bytes")));
        }
        match attribute.attribute_type {
            AttributeType::DateTime if DateTime::parse(&text).is_none() => {
                let given = quoted(&text);
                return Err(ScimError::invalid_value(format!(
                    "{place} must be a date and time such as 2011-05-13T04:42:34Z, not {given}"
                )));
            }
            AttributeType::Binary if !is_base64(&text) => {
                return Err(ScimError::invalid_value(format!("{place} must be base64")));
            }
            _ => {}
        }
        if attribute.strict_canonical_values && !attribute.canonical_values.is_empty() {
            return canonical_value(place, attribute, &text).map(Value::String);
        }
        Ok(Value::String(text))
    }

    fn check_count(&self, place: Place<'_>, name: &str, count: usize) -> Result<(), ScimError> {
        if name == "members" {
            let most = self.limits.members_per_request;
            if count > most {
                return Err(ScimError::payload_too_large(format!(
                    "A request may name {most} members; send the others in further requests"
                )));
            }
        } else if count > self.limits.values {
            let most = self.limits.values;
            return Err(ScimError::invalid_value(format!("{place} may have {most} values")));
        }
        Ok(())
    }

    /// Leaves out what the schema does not have, or refuses it.
    pub(crate) fn unknown_attribute(&mut self, path: &str) -> Result<(), ScimError> {
        if !self.profile.ignore_unknown_attributes {
            return Err(ScimError::invalid_value(format!("{} is not an attribute of the schema", quoted(path))));
        }
        self.ignored.push(path.to_owned());
        Ok(())
    }

    /// The URN as it is today, for one of an earlier age.
    pub(crate) fn current_urn<'u>(&self, urn: &'u str) -> &'u str {
        const LEGACY: [&str; 2] =
            ["urn:scim:schemas:extension:enterprise:1.0", "urn:scim:schemas:extension:enterprise:2.0"];
        if self.profile.legacy_enterprise_urns && LEGACY.iter().any(|legacy| urn.eq_ignore_ascii_case(legacy)) {
            ENTERPRISE_USER
        } else {
            urn
        }
    }

    /// `schemas` names the core schema and every extension the body has (RFC 7643 s3).
    fn check_schemas(&self, body: &Map<String, Value>) -> Result<(), ScimError> {
        if self.profile.any_schemas {
            return Ok(());
        }
        let declared = body.iter().find(|(key, _)| key.eq_ignore_ascii_case("schemas")).map(|(_, value)| value);
        let Some(Value::Array(declared)) = declared else {
            return Err(ScimError::invalid_syntax("schemas is required and must be a list of URNs"));
        };
        let declares = |urn: &str| {
            declared.iter().any(|value| value.as_str().is_some_and(|value| value.eq_ignore_ascii_case(urn)))
        };
        let core = &self.resource_type.schema().id;
        if !declares(core) {
            return Err(ScimError::invalid_syntax(format!("schemas must name {core}")));
        }
        for value in declared {
            let known = value
                .as_str()
                .is_some_and(|urn| urn.eq_ignore_ascii_case(core) || self.resource_type.extension(urn).is_some());
            if !known && self.profile.unknown_extensions == UnknownExtensions::Refuse {
                let urn = value.as_str().unwrap_or_default();
                return Err(ScimError::invalid_syntax(format!("schemas names {}, which is unknown", quoted(urn))));
            }
        }
        for extension in self.resource_type.extensions() {
            let urn = &extension.schema.id;
            if !declares(urn) && body.keys().any(|key| key.eq_ignore_ascii_case(urn)) {
                return Err(ScimError::invalid_syntax(format!("schemas must name {urn}, for the body has it")));
            }
        }
        Ok(())
    }
}

/// A value that no schema describes, in canonical form as far as there is one: without nulls and empty lists
/// (RFC 7643 s2.5).
///
/// # Errors
///
/// The bound in bytes that a string in it exceeds.
pub(crate) fn plain_value(value: Value, limits: &Limits) -> Result<Value, usize> {
    let is_assigned = |value: &Value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty());
    match value {
        Value::String(text) if text.len() > limits.string_bytes => Err(limits.string_bytes),
        Value::Array(list) => {
            let list: Result<Vec<_>, _> =
                list.into_iter().filter(is_assigned).map(|element| plain_value(element, limits)).collect();
            list.map(Value::Array)
        }
        Value::Object(members) => {
            let members: Result<Map<_, _>, _> = members
                .into_iter()
                .filter(|(_, value)| is_assigned(value))
                .map(|(name, value)| plain_value(value, limits).map(|value| (name, value)))
                .collect();
            members.map(Value::Object)
        }
        value => Ok(value),
    }
}

fn insert_once(target: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), ScimError> {
    if target.contains_key(name) {
        return Err(ScimError::invalid_syntax(format!("The attribute {} is given twice", quoted(name))));
    }
    target.insert(name.to_owned(), value);
    Ok(())
}

fn has_type(attribute_type: AttributeType, value: &Value) -> bool {
    match attribute_type {
        AttributeType::String | AttributeType::DateTime | AttributeType::Binary | AttributeType::Reference => {
            value.is_string()
        }
        AttributeType::Boolean => value.is_boolean(),
        AttributeType::Decimal => value.is_number(),
        AttributeType::Integer => value.is_i64() || value.is_u64(),
        AttributeType::Complex => value.is_object(),
    }
}

fn expected(attribute: &Attribute) -> &'static str {
    match attribute.attribute_type {
        AttributeType::String => "a string",
        AttributeType::Boolean => "true or false",
        AttributeType::Decimal => "a number",
        AttributeType::Integer => "a whole number",
        AttributeType::DateTime => "a date and time",
        AttributeType::Binary => "base64 text",
        AttributeType::Reference => "a URI",
        AttributeType::Complex => "an object",
    }
}

/// At most one element is primary (RFC 7643 s2.4).
pub(crate) fn check_primary(place: Place<'_>, attribute: &Attribute, elements: &[Value]) -> Result<(), ScimError> {
    if !attribute.is_complex() || attribute.sub_attribute("primary").is_none() {
        return Ok(());
    }
    let primaries = elements.iter().filter(|element| element.get("primary") == Some(&Value::Bool(true))).count();
    if primaries > 1 {
        return Err(ScimError::invalid_value(format!("Only one value of {place} may be primary")));
    }
    Ok(())
}

/// The canonical spelling of a value that must be a canonical one.
fn canonical_value(place: Place<'_>, attribute: &Attribute, text: &str) -> Result<String, ScimError> {
    let same = |canonical: &&String| {
        if attribute.case_exact {
            canonical.as_str() == text
        } else {
            fold(canonical) == fold(text)
        }
    };
    attribute.canonical_values.iter().find(same).cloned().ok_or_else(|| {
        let choices = attribute.canonical_values.join(", ");
        ScimError::invalid_value(format!("{place} must be one of {choices}"))
    })
}

/// Base64 with either alphabet (RFC 4648 s4, s5), padded or not.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len().saturating_sub(digits.len());
    let alphabet = digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_'));
    alphabet && digits.len() % 4 != 1 && (padding == 0 || (padding <= 2 && text.len() % 4 == 0))
}
