//! A resource type together with the store that holds its resources and what answers about it need.

use std::fmt;
use std::sync::Arc;

use percent_encoding::{utf8_percent_encode, AsciiSet, NON_ALPHANUMERIC};

use crate::projection::Projection;
use crate::resource::ResourceId;
use crate::schema::{AttributeType, ResourceType};
use crate::store::{Capabilities, ResourceStore};

/// Every character of an id but the unreserved ones of RFC 3986 s2.3 is encoded in a URI.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A resource type as one server serves it.
pub(crate) struct ServedType {
    pub(crate) resource_type: Arc<ResourceType>,
    pub(crate) store: Arc<dyn ResourceStore>,
    pub(crate) capabilities: Capabilities,
    /// What is shown when a request names no attributes.
    pub(crate) projection: Projection,
    /// The URL of the endpoint.
    pub(crate) url: String,
    references: Vec<ReferenceRule>,
}

/// How the `$ref` of an attribute's values is made: it points to the resource whose id is in `value`.
pub(crate) struct ReferenceRule {
    extension: Option<String>,
    attribute: String,
    /// The type that is meant where the value does not say.
    default: usize,
    /// Names and endpoint URLs of the types it may point to.
    targets: Vec<(String, String)>,
}

impl ServedType {
    pub(crate) fn new(
        resource_type: Arc<ResourceType>,
        store: Arc<dyn ResourceStore>,
        base_url: &str,
        all_types: &[Arc<ResourceType>],
    ) -> Self {
        Self {
            capabilities: store.capabilities(&resource_type),
            projection: Projection::standard(&resource_type),
            url: format!("{base_url}{}", resource_type.endpoint()),
            references: reference_rules(&resource_type, base_url, all_types),
            resource_type,
            store,
        }
    }

    /// The URL of a resource (RFC 7643 s3.1 `meta.location`).
    pub(crate) fn location<'a>(&'a self, id: &'a ResourceId) -> Location<'a> {
        Location { url: &self.url, id: id.as_str() }
    }

    /// How the `$ref` of an attribute is made, if it has one that the server can make.
    pub(crate) fn reference_rule(&self, extension: Option<&str>, attribute: &str) -> Option<&ReferenceRule> {
        self.references.iter().find(|rule| rule.attribute == attribute && rule.extension.as_deref() == extension)
    }
}

impl ReferenceRule {
    /// The URL of the resource of this id and, if the value says so, type.
    pub(crate) fn location<'a>(&'a self, id: &'a str, kind: Option<&str>) -> Option<Location<'a>> {
        let named = kind.and_then(|kind| self.targets.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind)));
        let (_, url) = named.or_else(|| self.targets.get(self.default))?;
        Some(Location { url, id })
    }
}

/// The URL of a resource, written without an allocation.
#[derive(Clone, Copy)]
pub(crate) struct Location<'a> {
    url: &'a str,
    id: &'a str,
}

impl fmt::Display for Location<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.url, utf8_percent_encode(self.id, SEGMENT))
    }
}

/// The attributes whose values have a `$ref` to resources that this server serves, beside a `value` that is their id.
fn reference_rules(
    resource_type: &ResourceType,
    base_url: &str,
    all_types: &[Arc<ResourceType>],
) -> Vec<ReferenceRule> {
    let mut rules = Vec::new();
    for (extension, attribute) in resource_type.all_attributes() {
        let Some(reference) = attribute.sub_attribute("$ref") else { continue };
        if reference.attribute_type != AttributeType::Reference || attribute.sub_attribute("value").is_none() {
            continue;
        }
        let targets: Vec<(String, String)> = all_types
            .iter()
            .filter(|target| reference.reference_types.iter().any(|name| name == target.name()))
            .map(|target| (target.name().to_owned(), format!("{base_url}{}", target.endpoint())))
            .collect();
        if targets.is_empty() {
            continue;
        }
        // What a user is part of is a group (RFC 7643 s4.1.2), whatever else the schema allows to point to.
        let likely = if attribute.name == "groups" { "Group" } else { "User" };
        let default = targets.iter().position(|(name, _)| name == likely).unwrap_or_default();
        rules.push(ReferenceRule {
            extension: extension.map(|schema| schema.id.clone()),
            attribute: attribute.name.clone(),
            default,
            targets,
        });
    }
    rules
}
