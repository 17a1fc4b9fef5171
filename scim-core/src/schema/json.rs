//! Schemas and resource types in the JSON of RFC 7643 s6 and s7.

use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{json, Map, Value};

use super::builtin::{RESOURCE_TYPE, SCHEMA};
use super::{
    enterprise_user_schema, group_schema, user_schema, Attribute, AttributeSet, AttributeType, Mutability,
    ResourceType, Returned, Schema, SchemaError, Uniqueness, ENTERPRISE_USER, GROUP, USER,
};

impl Schema {
    /// Reads a schema in the JSON of RFC 7643 s7, as `/Schemas` of another server or the RFC's s8.7 has it, and checks
    /// it. `schemas`, `meta` and whatever else is not part of the definition are passed over.
    ///
    /// ```
    /// use scim_core::Schema;
    ///
    /// let badge = Schema::from_json(serde_json::json!({
    ///     "id": "urn:example:params:scim:schemas:extension:badge:2.0:User",
    ///     "name": "Badge",
    ///     "attributes": [{"name": "badgeNumber", "type": "string", "multiValued": false, "required": true}]
    /// }))?;
    /// assert!(badge.attributes.get("badgeNumber").is_some());
    /// # Ok::<(), scim_core::SchemaError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SchemaError::Malformed`] for what is no schema, and whatever [`check`](Self::check) finds.
    pub fn from_json(definition: Value) -> Result<Self, SchemaError> {
        let schema = Self::deserialize(definition).map_err(|error| SchemaError::Malformed(error.to_string()))?;
        schema.check()?;
        Ok(schema)
    }

    /// The schema as `/Schemas` answers it (RFC 7643 s7): the definition with `schemas` and `meta`.
    ///
    /// `base_url` is where the server is, without a slash at the end.
    #[must_use]
    pub fn to_resource(&self, base_url: &str) -> Value {
        let location = format!("{base_url}/Schemas/{}", self.id);
        discovery_resource(self, SCHEMA, "Schema", &location)
    }
}

impl ResourceType {
    /// Reads a resource type in the JSON of RFC 7643 s6 and checks it. Its schema and its extensions are looked up in
    /// `schemas` by their URNs, and then among the RFC's own. A single slash before the endpoint may be there or not.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use scim_core::{Attribute, ResourceType, Schema};
    ///
    /// let device = Schema::new("urn:example:params:scim:schemas:Device", "Device")
    ///     .attribute(Attribute::string("serial").required());
    /// let device = ResourceType::from_json(serde_json::json!({
    ///     "name": "Device",
    ///     "endpoint": "/Devices",
    ///     "schema": "urn:example:params:scim:schemas:Device"
    /// }), &[Arc::new(device)])?;
    /// assert_eq!(device.endpoint(), "/Devices");
    /// # Ok::<(), scim_core::SchemaError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SchemaError::Malformed`] for what is no resource type, [`SchemaError::UnknownSchema`] for a URN that is not
    /// among the schemas, and whatever [`check`](Self::check) finds.
    pub fn from_json(definition: Value, schemas: &[Arc<Schema>]) -> Result<Self, SchemaError> {
        let definition =
            ResourceTypeJson::deserialize(definition).map_err(|error| SchemaError::Malformed(error.to_string()))?;
        let find = |urn: &str| {
            find_schema(urn, schemas).ok_or_else(|| SchemaError::UnknownSchema {
                resource_type: definition.name.clone(),
                urn: urn.to_owned(),
            })
        };
        let mut resource_type = Self::new(&definition.name, &definition.endpoint, find(&definition.schema)?)
            .with_description(&definition.description);
        for extension in &definition.schema_extensions {
            let schema = find(&extension.schema)?;
            if resource_type.extension(&schema.id).is_some() {
                return Err(SchemaError::DuplicateSchema { urn: schema.id.clone() });
            }
            resource_type = resource_type.with_extension(schema, extension.required);
        }
        resource_type.check()?;
        Ok(resource_type)
    }

    /// The resource type as `/ResourceTypes` answers it (RFC 7643 s6): the definition with `schemas` and `meta`.
    ///
    /// `base_url` is where the server is, without a slash at the end.
    #[must_use]
    pub fn to_resource(&self, base_url: &str) -> Value {
        let location = format!("{base_url}/ResourceTypes/{}", self.name());
        discovery_resource(self, RESOURCE_TYPE, "ResourceType", &location)
    }
}

/// A definition with what every resource has (RFC 7643 s3).
fn discovery_resource(definition: &impl Serialize, urn: &str, resource_type: &str, location: &str) -> Value {
    let mut resource = match serde_json::to_value(definition) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    resource.insert("schemas".to_owned(), json!([urn]));
    resource.insert("meta".to_owned(), json!({"resourceType": resource_type, "location": location}));
    Value::Object(resource)
}

fn find_schema(urn: &str, schemas: &[Arc<Schema>]) -> Option<Arc<Schema>> {
    let given = schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn));
    given.cloned().or_else(|| {
        let builtin = [user_schema, group_schema, enterprise_user_schema];
        let place = [USER, GROUP, ENTERPRISE_USER].iter().position(|id| id.eq_ignore_ascii_case(urn))?;
        builtin.get(place).map(|schema| Arc::new(schema()))
    })
}

/// A resource type as RFC 7643 s6 writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceTypeJson {
    name: String,
    endpoint: String,
    #[serde(default)]
    description: String,
    schema: String,
    #[serde(default)]
    schema_extensions: Vec<SchemaExtensionJson>,
}

#[derive(Serialize, Deserialize)]
struct SchemaExtensionJson {
    schema: String,
    required: bool,
}

impl Serialize for ResourceType {
    /// The definition of RFC 7643 s6, without `schemas` and `meta`; see [`to_resource`](ResourceType::to_resource).
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", self.name())?;
        map.serialize_entry("name", self.name())?;
        map.serialize_entry("endpoint", self.endpoint())?;
        if !self.description().is_empty() {
            map.serialize_entry("description", self.description())?;
        }
        map.serialize_entry("schema", &self.schema().id)?;
        if !self.extensions().is_empty() {
            let extensions: Vec<_> = self
                .extensions()
                .iter()
                .map(|extension| SchemaExtensionJson {
                    schema: extension.schema.id.clone(),
                    required: extension.required,
                })
                .collect();
            map.serialize_entry("schemaExtensions", &extensions)?;
        }
        map.end()
    }
}

impl Serialize for Attribute {
    /// The definition of RFC 7643 s7. `caseExact` is there for texts alone, and `uniqueness` for whatever can be
    /// unique, as in s8.7: booleans and complex attributes have neither (s2.3.2, s2.3.8).
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("type", &self.attribute_type)?;
        map.serialize_entry("multiValued", &self.multi_valued)?;
        if !self.description.is_empty() {
            map.serialize_entry("description", &self.description)?;
        }
        map.serialize_entry("required", &self.required)?;
        if has_case(self.attribute_type) {
            map.serialize_entry("caseExact", &self.case_exact)?;
        }
        if !self.canonical_values.is_empty() {
            map.serialize_entry("canonicalValues", &self.canonical_values)?;
        }
        if !self.reference_types.is_empty() {
            map.serialize_entry("referenceTypes", &self.reference_types)?;
        }
        map.serialize_entry("mutability", &self.mutability)?;
        map.serialize_entry("returned", &self.returned)?;
        if !matches!(self.attribute_type, AttributeType::Boolean | AttributeType::Complex) {
            map.serialize_entry("uniqueness", &self.uniqueness)?;
        }
        if !self.sub_attributes.is_empty() {
            map.serialize_entry("subAttributes", &self.sub_attributes)?;
        }
        map.end()
    }
}

/// Whether a type is text whose case may matter.
fn has_case(attribute_type: AttributeType) -> bool {
    matches!(attribute_type, AttributeType::String | AttributeType::Reference | AttributeType::Binary)
}

/// An attribute as RFC 7643 s7 writes it; what is left out has the defaults of s2.2.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AttributeJson {
    name: String,
    #[serde(rename = "type", default)]
    attribute_type: AttributeType,
    #[serde(default)]
    multi_valued: bool,
    #[serde(default)]
    description: String,
    #[serde(default)]
    required: bool,
    case_exact: Option<bool>,
    #[serde(default)]
    canonical_values: Vec<String>,
    #[serde(default)]
    reference_types: Vec<String>,
    #[serde(default)]
    mutability: Mutability,
    #[serde(default)]
    returned: Returned,
    #[serde(default)]
    uniqueness: Uniqueness,
    #[serde(default)]
    sub_attributes: AttributeSet,
}

impl<'de> Deserialize<'de> for Attribute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = AttributeJson::deserialize(deserializer)?;
        let mut attribute = Self::new(json.name, json.attribute_type);
        attribute.case_exact = json.case_exact.unwrap_or(attribute.case_exact);
        attribute.multi_valued = json.multi_valued;
        attribute.description = json.description;
        attribute.required = json.required;
        attribute.canonical_values = json.canonical_values;
        attribute.reference_types = json.reference_types;
        attribute.mutability = json.mutability;
        attribute.returned = json.returned;
        attribute.uniqueness = json.uniqueness;
        attribute.sub_attributes = json.sub_attributes;
        Ok(attribute)
    }
}
