//! A resource type together with the store that holds its resources and what answers about it need.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use bytes::Bytes;
use percent_encoding::{utf8_percent_encode, AsciiSet, NON_ALPHANUMERIC};
use serde_json::{Map, Value};

use crate::host::StoredTypes;
use crate::on_request::OnRequest;
use crate::patch::is_members;
use crate::projection::{Projection, COSTLY};
use crate::provisioning::PreparedRules;
use crate::resource::{Attributes, ResourceId};
use crate::schema::{AttributeType, ResourceType};
use crate::store::{Capabilities, Fetch, ResourceStore};

/// Every character of an id but the unreserved ones of RFC 3986 s2.3 is encoded in a URI.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A resource type as one server serves it.
pub(crate) struct ServedType {
    /// As clients see it.
    pub(crate) resource_type: Arc<ResourceType>,
    /// As stores, policies and observers see it: with what a policy leaves out for clients.
    pub(crate) stored_type: Arc<ResourceType>,
    /// All types of the same policy, as stores see them.
    pub(crate) stored_types: Arc<StoredTypes>,
    pub(crate) store: Arc<dyn ResourceStore>,
    pub(crate) capabilities: Capabilities,
    /// What is shown when a request names no attributes.
    pub(crate) projection: Projection,
    /// What is always shown: little to load for where nothing is shown.
    pub(crate) least: Projection,
    /// What is shown of a write that names it.
    pub(crate) on_request: OnRequest,
    /// What a policy says of it.
    pub(crate) rules: PreparedRules,
    /// The URL of the endpoint.
    pub(crate) url: String,
    /// Whether its resources are groups of members, in the core schema (RFC 7643 s4.2).
    pub(crate) has_members: bool,
    references: Vec<ReferenceRule>,
    /// What of the stored type is costly to load and not shown.
    hidden: Vec<&'static str>,
    /// About how many bytes the answer with one resource is.
    usual_bytes: AtomicUsize,
}

/// How the `$ref` of an attribute's values is made: it points to the resource whose id is in `value`.
pub(crate) struct ReferenceRule {
    extension: Option<String>,
    attribute: String,
    /// The type that is meant where the value does not say.
    default: usize,
    /// Names and endpoint URLs of the types it may point to.
    targets: Vec<(String, String)>,
    /// Names of the other types.
    strangers: Vec<String>,
}

impl ServedType {
    /// The most memory that is taken before it is known to be needed.
    const MOST_BYTES: usize = 16 * 1024;

    pub(crate) fn new(
        resource_type: Arc<ResourceType>,
        stored_type: Arc<ResourceType>,
        stored_types: Arc<StoredTypes>,
        store: Arc<dyn ResourceStore>,
        base_url: &str,
        all_types: &[Arc<ResourceType>],
        rules: PreparedRules,
    ) -> Self {
        Self {
            capabilities: store.capabilities(&stored_type),
            projection: Projection::standard(&resource_type),
            least: Projection::least(&resource_type),
            on_request: OnRequest::of(&resource_type),
            url: format!("{base_url}{}", resource_type.endpoint()),
            has_members: resource_type
                .schema()
                .attributes
                .get("members")
                .is_some_and(|attribute| is_members(attribute)),
            references: reference_rules(&resource_type, base_url, all_types),
            hidden: COSTLY
                .into_iter()
                .filter(|name| stored_type.attribute(name).is_some() && resource_type.attribute(name).is_none())
                .collect(),
            usual_bytes: AtomicUsize::new(1_024),
            resource_type,
            stored_type,
            stored_types,
            store,
            rules,
        }
    }

    /// Whether it exists to clients.
    pub(crate) fn is_offered(&self) -> bool {
        !self.rules.operations.is_empty()
    }

    /// What the store has to load for what is to be shown.
    pub(crate) fn fetch(&self, projection: &Projection) -> Fetch {
        projection.fetch(|name| self.hidden.contains(&name))
    }

    /// The URL of a resource (RFC 7643 s3.1 `meta.location`).
    pub(crate) fn location<'a>(&'a self, id: &'a ResourceId) -> Location<'a> {
        Location { url: &self.url, id: id.as_str() }
    }

    /// How much room to make for one resource, in bytes: what the resources shown before needed. Too much or too little
    /// costs time and nothing else.
    pub(crate) fn usual_bytes(&self) -> usize {
        self.usual_bytes.load(Ordering::Relaxed)
    }

    /// Learns from a resource of so many bytes. What is close to the usual changes nothing, so that the processors do
    /// not compete for the number at every request.
    pub(crate) fn learn_bytes(&self, written: usize) {
        const SPARE: usize = 64;
        let usual = self.usual_bytes();
        let wanted = written.saturating_add(SPARE).min(Self::MOST_BYTES);
        if wanted > usual.saturating_add(SPARE) || wanted < usual / 2 {
            self.usual_bytes.store(wanted, Ordering::Relaxed);
        }
    }

    /// How the `$ref` of an attribute is made, if it has one that the server can make.
    pub(crate) fn reference_rule(&self, extension: Option<&str>, attribute: &str) -> Option<&ReferenceRule> {
        self.references.iter().find(|rule| rule.attribute == attribute && rule.extension.as_deref() == extension)
    }

    /// Takes out of a document the `$ref`s that the server makes itself, which clients send back to it as they read
    /// them: what is stored is the `value` that they follow from. Says whether there were any.
    pub(crate) fn leave_references_out(&self, attributes: &mut Attributes) -> bool {
        let mut found = false;
        for rule in &self.references {
            if rule.value_in(attributes.as_map()).is_some_and(holds_reference) {
                found = true;
                if let Some(value) = rule.value_in_mut(attributes.make_mut()) {
                    elements_mut(value).for_each(|element| {
                        element.remove("$ref");
                    });
                }
            }
        }
        found
    }
}

impl ReferenceRule {
    /// The URL of the resource of this id and, if the value says so, type; none if that is a type it may not point to.
    pub(crate) fn location<'a>(&'a self, id: &'a str, kind: Option<&str>) -> Option<Location<'a>> {
        let named = kind.and_then(|kind| self.targets.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind)));
        if named.is_none() && kind.is_some_and(|kind| self.strangers.iter().any(|name| name.eq_ignore_ascii_case(kind)))
        {
            return None;
        }
        let (_, url) = named.or_else(|| self.targets.get(self.default))?;
        Some(Location { url, id })
    }
}

impl ReferenceRule {
    fn value_in<'a>(&self, document: &'a Map<String, Value>) -> Option<&'a Value> {
        match &self.extension {
            None => document.get(&self.attribute),
            Some(urn) => document.get(urn)?.get(&self.attribute),
        }
    }

    fn value_in_mut<'a>(&self, document: &'a mut Map<String, Value>) -> Option<&'a mut Value> {
        match &self.extension {
            None => document.get_mut(&self.attribute),
            Some(urn) => document.get_mut(urn)?.get_mut(&self.attribute),
        }
    }
}

/// Whether a value, or one of several, has a `$ref` beside what it follows from.
fn holds_reference(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.iter().any(holds_reference),
        Value::Object(element) => follows_from_value(element),
        _ => false,
    }
}

fn follows_from_value(element: &Map<String, Value>) -> bool {
    element.contains_key("$ref") && element.get("value").is_some_and(Value::is_string)
}

/// The values of an attribute, or its single one, whose `$ref` follows from their `value`.
fn elements_mut(value: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let elements = match value {
        Value::Array(list) => list.as_mut_slice(),
        single => std::slice::from_mut(single),
    };
    elements.iter_mut().filter_map(Value::as_object_mut).filter(|element| follows_from_value(element))
}

/// The URL of a resource, written without an allocation.
#[derive(Clone, Copy)]
pub(crate) struct Location<'a> {
    url: &'a str,
    id: &'a str,
}

impl<'a> Location<'a> {
    /// The pieces of the URL in their order. An id that is a UUID or a number is one piece.
    pub(crate) fn pieces(self) -> impl Iterator<Item = &'a str> {
        let (plain, encoded) = if is_unreserved(self.id) { (self.id, "") } else { ("", self.id) };
        [self.url, "/", plain].into_iter().chain(utf8_percent_encode(encoded, SEGMENT))
    }

    pub(crate) fn to_bytes(self) -> Bytes {
        let mut bytes = Vec::with_capacity(self.url.len().saturating_add(1).saturating_add(self.id.len()));
        for piece in self.pieces() {
            bytes.extend_from_slice(piece.as_bytes());
        }
        bytes.into()
    }
}

impl fmt::Display for Location<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces().try_for_each(|piece| f.write_str(piece))
    }
}

/// Whether a URI takes a text as it is (RFC 3986 s2.3). It looks at all of it rather than stop early, which is faster for
/// what is short.
fn is_unreserved(text: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'.' | b'_' | b'~');
    text.bytes().fold(true, |all, byte| all & is_unreserved(byte))
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
        let (targets, strangers): (Vec<_>, Vec<_>) =
            all_types.iter().partition(|target| reference.reference_types.iter().any(|name| name == target.name()));
        let targets: Vec<(String, String)> = targets
            .into_iter()
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
            strangers: strangers.into_iter().map(|stranger| stranger.name().to_owned()).collect(),
        });
    }
    rules
}
