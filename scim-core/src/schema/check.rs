//! What a schema and a resource type must be like, so that everything after may rely on it.

use std::collections::HashSet;

use super::value_format::is_uri;
use super::{Attribute, AttributeType, Mutability, ResourceType, Schema, Uniqueness};
use crate::error::quoted;
use crate::nearest::nearest;

/// Endpoints that RFC 7644 s3.2 gives a meaning to.
const PROTOCOL_ENDPOINTS: [&str; 5] = ["/Me", "/Bulk", "/Schemas", "/ResourceTypes", "/ServiceProviderConfig"];

/// The common attributes of RFC 7643 s3 and s3.1, which no schema lists.
const COMMON_ATTRIBUTES: [&str; 4] = ["schemas", "id", "externalId", "meta"];

/// Why a definition of a schema or a resource type cannot be served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// The JSON is not of the structure that RFC 7643 s6 or s7 describes.
    #[error("not a definition: {0}")]
    Malformed(String),
    /// The identifier of a schema is no URI (RFC 7643 s7).
    #[error("the schema id {id:?} is not a URI such as urn:example:params:scim:schemas:Device")]
    InvalidUrn {
        /// The identifier.
        id: String,
    },
    /// The name of an attribute is not one by the grammar of RFC 7643 s2.1.
    #[error("{path} in {schema}: the name must be a letter and then letters, digits, '-', '_' or '$'")]
    InvalidName {
        /// The schema.
        schema: String,
        /// The attribute, and the sub-attribute after a dot.
        path: String,
    },
    /// Two attributes differ in case at most.
    #[error("{path} is defined twice in {schema}")]
    DuplicateAttribute {
        /// The schema.
        schema: String,
        /// The attribute, and the sub-attribute after a dot.
        path: String,
    },
    /// [`Schema::with`] was to change an attribute that is not there.
    #[error("{} was to be changed and is not an attribute of {schema}{}", quoted(name), did_you_mean(nearest.as_deref()))]
    UnknownAttribute {
        /// The schema.
        schema: String,
        /// The name that was given.
        name: String,
        /// The attribute whose name is most like it, if any is.
        nearest: Option<String>,
    },
    /// A complex attribute within a complex attribute (RFC 7643 s2.3.8).
    #[error("{path} in {schema} is complex within a complex attribute")]
    NestedComplex {
        /// The schema.
        schema: String,
        /// The attribute and the sub-attribute.
        path: String,
    },
    /// Two characteristics of an attribute contradict one another.
    #[error("{path} in {schema} {problem}")]
    Contradiction {
        /// The schema.
        schema: String,
        /// The attribute, and the sub-attribute after a dot.
        path: String,
        /// What does not go together.
        problem: &'static str,
    },
    /// The core schema of a resource type lists an attribute that every resource has anyway (RFC 7643 s3.1).
    #[error("{name} in {schema} is a common attribute of every resource and cannot be defined")]
    ReservedName {
        /// The schema.
        schema: String,
        /// The attribute.
        name: String,
    },
    /// A resource type names a schema that is not among those given.
    #[error("the resource type {resource_type} names the schema {urn}, which is not among those given")]
    UnknownSchema {
        /// The resource type.
        resource_type: String,
        /// The URN.
        urn: String,
    },
    /// A URN is used twice in one resource type, or by two different schemas.
    #[error("the schema {urn} is there twice")]
    DuplicateSchema {
        /// The URN.
        urn: String,
    },
    /// A URN followed by an attribute's name is the URN of another schema, so that a path could mean both.
    #[error("{path} is an attribute and also the URN of a schema")]
    AmbiguousUrn {
        /// The URN and the name.
        path: String,
    },
    /// The name of a resource type cannot be part of a URL.
    #[error("the resource type name {name:?} must be letters, digits, '-', '_' or '.'")]
    InvalidResourceTypeName {
        /// The name.
        name: String,
    },
    /// The endpoint of a resource type is not one path segment, or one that the protocol uses (RFC 7644 s3.2).
    #[error("the endpoint {endpoint:?} of {resource_type} {problem}")]
    InvalidEndpoint {
        /// The resource type.
        resource_type: String,
        /// The endpoint.
        endpoint: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Two resource types have one name.
    #[error("the resource type {name} is there twice")]
    DuplicateResourceType {
        /// The name.
        name: String,
    },
    /// Two resource types have one endpoint.
    #[error("the endpoint {endpoint} belongs to two resource types")]
    DuplicateEndpoint {
        /// The endpoint.
        endpoint: String,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!("; did you mean {}?", quoted(nearest)))
}

impl Schema {
    /// Checks that the definition can be served: the id is a URI, names are valid and there once, characteristics do
    /// not contradict one another, and what was to be [changed](Self::with) is there.
    ///
    /// # Errors
    ///
    /// The first fault found.
    pub fn check(&self) -> Result<(), SchemaError> {
        if !is_uri(&self.id) || self.id.ends_with(':') {
            return Err(SchemaError::InvalidUrn { id: self.id.clone() });
        }
        if let Some(name) = &self.missed {
            let names = self.attributes.iter().map(|attribute| attribute.name.as_str());
            let nearest = nearest(names, name).map(str::to_owned);
            return Err(SchemaError::UnknownAttribute { schema: self.id.clone(), name: name.clone(), nearest });
        }
        let mut names = HashSet::new();
        for attribute in &self.attributes {
            let place = Definition { schema: self, parent: None, attribute };
            place.check(&mut names)?;
            let mut sub_names = HashSet::new();
            for sub_attribute in &attribute.sub_attributes {
                Definition { schema: self, parent: Some(attribute), attribute: sub_attribute }.check(&mut sub_names)?;
            }
        }
        Ok(())
    }
}

impl ResourceType {
    /// Checks that the resource type can be served: name and endpoint can be part of a URL, its schemas are
    /// [in order](Schema::check), no attribute is also a common one, and no path can mean two attributes.
    ///
    /// # Errors
    ///
    /// The first fault found.
    pub fn check(&self) -> Result<(), SchemaError> {
        self.check_name()?;
        self.check_endpoint()?;
        let core = self.schema();
        core.check()?;
        if let Some(name) = COMMON_ATTRIBUTES.iter().find_map(|name| core.attributes.get(name)) {
            return Err(SchemaError::ReservedName { schema: core.id.clone(), name: name.name.clone() });
        }
        for extension in self.extensions() {
            extension.schema.check()?;
            if extension.schema.id.eq_ignore_ascii_case(&core.id) {
                return Err(SchemaError::DuplicateSchema { urn: core.id.clone() });
            }
        }
        self.check_ambiguity()
    }

    fn check_name(&self) -> Result<(), SchemaError> {
        let name = self.name();
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if name.is_empty() || !name.bytes().all(valid) || name.bytes().all(|byte| byte == b'.') {
            return Err(SchemaError::InvalidResourceTypeName { name: name.to_owned() });
        }
        Ok(())
    }

    fn check_endpoint(&self) -> Result<(), SchemaError> {
        let endpoint = self.endpoint();
        let segment = endpoint.strip_prefix('/').unwrap_or_default();
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~' | b'.');
        let problem = if segment.is_empty() || !segment.bytes().all(unreserved) || segment.starts_with('.') {
            "must be a slash and one path segment of letters, digits, '-', '_', '~' or '.'"
        } else if PROTOCOL_ENDPOINTS.iter().any(|taken| taken.eq_ignore_ascii_case(endpoint)) {
            "has a meaning of its own in the protocol"
        } else {
            return Ok(());
        };
        let (resource_type, endpoint) = (self.name().to_owned(), endpoint.to_owned());
        Err(SchemaError::InvalidEndpoint { resource_type, endpoint, problem })
    }

    /// `URN:name` is an attribute of one schema and must not be another schema's URN (RFC 7644 s3.10).
    fn check_ambiguity(&self) -> Result<(), SchemaError> {
        let schemas = || std::iter::once(self.schema()).chain(self.extensions().iter().map(|other| &other.schema));
        for schema in schemas() {
            let Some((urn, name)) = schema.id.rsplit_once(':') else { continue };
            let owner = schemas().find(|other| other.id.eq_ignore_ascii_case(urn));
            if owner.is_some_and(|owner| owner.attributes.get(name).is_some()) {
                return Err(SchemaError::AmbiguousUrn { path: schema.id.clone() });
            }
        }
        Ok(())
    }
}

/// Checks that resource types can be served together: each [in itself](ResourceType::check), names and endpoints
/// differ, and what has one URN is one schema.
///
/// ```
/// use scim_core::{check_resource_types, ResourceType};
///
/// assert!(check_resource_types(&[ResourceType::user(), ResourceType::group()]).is_ok());
/// assert!(check_resource_types(&[ResourceType::user(), ResourceType::user()]).is_err());
/// ```
///
/// # Errors
///
/// The first fault found.
pub fn check_resource_types<'a>(resource_types: impl IntoIterator<Item = &'a ResourceType>) -> Result<(), SchemaError> {
    let mut names = HashSet::new();
    let mut endpoints = HashSet::new();
    let mut schemas: Vec<&Schema> = Vec::new();
    for resource_type in resource_types {
        resource_type.check()?;
        if !names.insert(resource_type.name().to_ascii_lowercase()) {
            return Err(SchemaError::DuplicateResourceType { name: resource_type.name().to_owned() });
        }
        if !endpoints.insert(resource_type.endpoint().to_ascii_lowercase()) {
            return Err(SchemaError::DuplicateEndpoint { endpoint: resource_type.endpoint().to_owned() });
        }
        let extensions = resource_type.extensions().iter().map(|extension| &*extension.schema);
        for schema in std::iter::once(&**resource_type.schema()).chain(extensions) {
            match schemas.iter().find(|other| other.id.eq_ignore_ascii_case(&schema.id)) {
                Some(other) if *other != schema => {
                    return Err(SchemaError::DuplicateSchema { urn: schema.id.clone() });
                }
                Some(_) => {}
                None => schemas.push(schema),
            }
        }
    }
    Ok(())
}

/// An attribute or sub-attribute with where it is defined.
struct Definition<'a> {
    schema: &'a Schema,
    parent: Option<&'a Attribute>,
    attribute: &'a Attribute,
}

impl Definition<'_> {
    fn check(&self, names: &mut HashSet<String>) -> Result<(), SchemaError> {
        let name = &self.attribute.name;
        let valid = is_attribute_name(name) || (self.parent.is_some() && name == "$ref");
        if !valid {
            return Err(SchemaError::InvalidName { schema: self.schema.id.clone(), path: self.path() });
        }
        if !names.insert(name.to_ascii_lowercase()) {
            return Err(SchemaError::DuplicateAttribute { schema: self.schema.id.clone(), path: self.path() });
        }
        if self.parent.is_some() && self.attribute.is_complex() {
            return Err(SchemaError::NestedComplex { schema: self.schema.id.clone(), path: self.path() });
        }
        match self.contradiction() {
            Some(problem) => {
                Err(SchemaError::Contradiction { schema: self.schema.id.clone(), path: self.path(), problem })
            }
            None => Ok(()),
        }
    }

    /// What is advertised would not be what is enforced.
    fn contradiction(&self) -> Option<&'static str> {
        let attribute = self.attribute;
        let kind = attribute.attribute_type;
        let text = matches!(kind, AttributeType::String | AttributeType::Reference);
        if attribute.is_complex() && attribute.sub_attributes.is_empty() {
            Some("is complex and has no sub-attributes")
        } else if !attribute.is_complex() && !attribute.sub_attributes.is_empty() {
            Some("has sub-attributes and is not complex")
        } else if kind != AttributeType::Reference && !attribute.reference_types.is_empty() {
            Some("has reference types and is not a reference")
        } else if attribute.strict_canonical_values && (attribute.canonical_values.is_empty() || !text) {
            Some("takes canonical values alone and has none, or is no string")
        } else if attribute.uniqueness != Uniqueness::None
            && matches!(
                kind,
                AttributeType::Boolean | AttributeType::Complex | AttributeType::Binary | AttributeType::DateTime
            )
        {
            Some("is unique and of a type that has no uniqueness (RFC 7643 s2.3)")
        } else if attribute.mutability == Mutability::WriteOnly
            && self.parent.is_some_and(|parent| parent.mutability != Mutability::WriteOnly)
        {
            Some("is write-only within an attribute that is not; the whole attribute must be")
        } else {
            None
        }
    }

    fn path(&self) -> String {
        match self.parent {
            Some(parent) => format!("{}.{}", parent.name, self.attribute.name),
            None => self.attribute.name.clone(),
        }
    }
}

/// `ATTRNAME` of RFC 7643 s2.1. The name `$ref` of s2.4 is none by that grammar, and is known by name.
fn is_attribute_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'$'))
}
