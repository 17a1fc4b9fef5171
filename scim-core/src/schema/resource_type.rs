//! Resource types: RFC 7643 s6.

use std::sync::{Arc, OnceLock};

use super::attribute_path::{AttributePath, AttributeRoot, ResolvedPath};
use super::builtin;
use super::{Attribute, AttributeType, Mutability, Returned, Schema, Uniqueness};

/// An extension of a resource type.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SchemaExtension {
    /// The schema of the extension.
    pub schema: Arc<Schema>,
    /// Whether a resource must have it.
    pub required: bool,
}

/// A kind of resource: a name, an endpoint, a schema and its extensions (RFC 7643 s6).
///
/// ```
/// use scim_core::{Attribute, ResourceType, Schema};
///
/// let device = ResourceType::new("Device", "/Devices",
///     Schema::new("urn:example:params:scim:schemas:Device", "Device").attribute(Attribute::string("serial").required()));
/// assert_eq!(device.endpoint(), "/Devices");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceType {
    name: String,
    endpoint: String,
    description: String,
    schema: Arc<Schema>,
    extensions: Vec<SchemaExtension>,
}

impl ResourceType {
    /// A resource type without extensions; `endpoint` begins with a slash and is relative to the base URL.
    pub fn new(name: impl Into<String>, endpoint: impl Into<String>, schema: impl Into<Arc<Schema>>) -> Self {
        let endpoint = endpoint.into();
        Self {
            name: name.into(),
            endpoint: if endpoint.starts_with('/') { endpoint } else { format!("/{endpoint}") },
            description: String::new(),
            schema: schema.into(),
            extensions: Vec::new(),
        }
    }

    /// `User` at `/Users` with the enterprise extension (RFC 7643 s4.1, s4.3).
    #[must_use]
    pub fn user() -> Self {
        Self::new("User", "/Users", builtin::user_schema())
            .with_description("User accounts")
            .with_extension(builtin::enterprise_user_schema(), false)
    }

    /// `Group` at `/Groups` (RFC 7643 s4.2).
    #[must_use]
    pub fn group() -> Self {
        Self::new("Group", "/Groups", builtin::group_schema()).with_description("Groups of users")
    }

    /// The same with a description for people.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// The same with an extension; one of the same URN is replaced.
    #[must_use]
    pub fn with_extension(mut self, schema: impl Into<Arc<Schema>>, required: bool) -> Self {
        let schema = schema.into();
        self.extensions.retain(|other| !other.schema.id.eq_ignore_ascii_case(&schema.id));
        self.extensions.push(SchemaExtension { schema, required });
        self
    }

    /// The same with another core schema, for instance the built-in one with an attribute made required.
    #[must_use]
    pub fn with_schema(mut self, schema: impl Into<Arc<Schema>>) -> Self {
        self.schema = schema.into();
        self
    }

    /// The same without the extension of this URN, in any case.
    #[must_use]
    pub fn without_extension(mut self, urn: &str) -> Self {
        self.extensions.retain(|extension| !extension.schema.id.eq_ignore_ascii_case(urn));
        self
    }

    /// The same with another core schema, or another one for the extension of this URN.
    #[must_use]
    pub(crate) fn map_schema(mut self, urn: Option<&str>, change: impl FnOnce(&Schema) -> Schema) -> Self {
        match urn {
            None => self.schema = Arc::new(change(&self.schema)),
            Some(urn) => {
                if let Some(extension) = self.extensions.iter_mut().find(|extension| extension.schema.id == urn) {
                    extension.schema = Arc::new(change(&extension.schema));
                }
            }
        }
        self
    }

    /// The name, as `meta.resourceType` shows it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The endpoint relative to the base URL, with its slash.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What it is, for people.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The core schema.
    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The extensions.
    #[must_use]
    pub fn extensions(&self) -> &[SchemaExtension] {
        &self.extensions
    }

    /// The extension of this URN, in any case.
    #[must_use]
    pub fn extension(&self, urn: &str) -> Option<&SchemaExtension> {
        self.extensions.iter().find(|extension| extension.schema.id.eq_ignore_ascii_case(urn))
    }

    /// Whether resources of the type of this name may be among the `members` of one of this type: `members.$ref` says
    /// what it may point to (RFC 7643 s2.3.7, s4.2). Where it names no resource type, all may be.
    ///
    /// ```
    /// use scim_core::ResourceType;
    ///
    /// let group = ResourceType::group();
    /// assert!(group.may_have_member("User") && group.may_have_member("Group"));
    /// assert!(!group.may_have_member("Device"));
    /// ```
    #[must_use]
    pub fn may_have_member(&self, resource_type: &str) -> bool {
        let members = self.schema.attributes.get("members");
        let Some(reference) = members.and_then(|members| members.sub_attribute("$ref")) else { return true };
        let mut named =
            reference.reference_types.iter().filter(|name| !name.eq_ignore_ascii_case("external")).peekable();
        named.peek().is_none() || named.any(|name| name == resource_type || name.eq_ignore_ascii_case("uri"))
    }

    /// What a name without a URN means: a common attribute, whatever the core schema says about that name, or an
    /// attribute of the core schema (RFC 7643 s3.1).
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<(AttributeRoot, &Arc<Attribute>)> {
        let common = CommonAttributes::get();
        let found = [
            (AttributeRoot::Id, &common.id),
            (AttributeRoot::Core, &common.external_id),
            (AttributeRoot::Meta, &common.meta),
            (AttributeRoot::Schemas, &common.schemas),
        ];
        found
            .into_iter()
            .find(|(_, attribute)| attribute.name.eq_ignore_ascii_case(name))
            .or_else(|| self.schema.attributes.get(name).map(|attribute| (AttributeRoot::Core, attribute)))
    }

    /// What a path means here: names and URNs without case, with the URN of the core schema or of an extension or
    /// without one; `None` if there is no such attribute. A path that is the URN of an extension itself has no
    /// attribute; see [`extension`](Self::extension).
    #[must_use]
    pub fn resolve(&self, path: &AttributePath) -> Option<ResolvedPath> {
        let (root, attribute) = match path.urn() {
            None => self.attribute(path.name())?,
            Some(urn) if urn.eq_ignore_ascii_case(&self.schema.id) => self.attribute(path.name())?,
            Some(urn) => extension_attribute(self.extension(urn)?, path.name())?,
        };
        resolve_sub_attribute(root, attribute, path)
    }

    /// Like [`resolve`](Self::resolve), and a name without a URN that the core schema does not have may be one of an
    /// extension: `manager` for the enterprise user's.
    #[must_use]
    pub fn resolve_short(&self, path: &AttributePath) -> Option<ResolvedPath> {
        if path.urn().is_some() || self.attribute(path.name()).is_some() {
            return self.resolve(path);
        }
        let (root, attribute) =
            self.extensions.iter().find_map(|extension| extension_attribute(extension, path.name()))?;
        resolve_sub_attribute(root, attribute, path)
    }

    /// The core attributes and `externalId`, then each extension's, that a client's document may hold.
    pub(crate) fn all_attributes(&self) -> impl Iterator<Item = (Option<&Arc<Schema>>, &Arc<Attribute>)> {
        let core = self.schema.attributes.iter().map(|attribute| (None, attribute));
        let common = [(None, &CommonAttributes::get().external_id)];
        let extended = self.extensions.iter().flat_map(|extension| {
            extension.schema.attributes.iter().map(move |attribute| (Some(&extension.schema), attribute))
        });
        core.chain(common).chain(extended)
    }
}

fn extension_attribute<'a>(extension: &'a SchemaExtension, name: &str) -> Option<(AttributeRoot, &'a Arc<Attribute>)> {
    let attribute = extension.schema.attributes.get(name)?;
    Some((AttributeRoot::Extension(Arc::clone(&extension.schema)), attribute))
}

fn resolve_sub_attribute(
    root: AttributeRoot,
    attribute: &Arc<Attribute>,
    path: &AttributePath,
) -> Option<ResolvedPath> {
    let sub_attribute = match path.sub_attribute() {
        Some(name) => Some(Arc::clone(attribute.sub_attribute(name)?)),
        None => None,
    };
    Some(ResolvedPath { root, attribute: Arc::clone(attribute), sub_attribute })
}

/// The attributes that every resource has and no schema lists (RFC 7643 s3.1), with `schemas` (s3).
pub(crate) struct CommonAttributes {
    pub(crate) schemas: Arc<Attribute>,
    pub(crate) id: Arc<Attribute>,
    pub(crate) external_id: Arc<Attribute>,
    pub(crate) meta: Arc<Attribute>,
}

impl CommonAttributes {
    pub(crate) fn get() -> &'static Self {
        static COMMON: OnceLock<CommonAttributes> = OnceLock::new();
        COMMON.get_or_init(|| {
            let owned = |attribute: Attribute| attribute.mutability(Mutability::ReadOnly);
            Self {
                schemas: Arc::new(
                    Attribute::reference("schemas", ["uri"]).multi_valued().required().returned(Returned::Always),
                ),
                id: Arc::new(
                    owned(Attribute::string("id"))
                        .case_exact()
                        .returned(Returned::Always)
                        .uniqueness(Uniqueness::Server),
                ),
                external_id: Arc::new(Attribute::string("externalId").case_exact()),
                meta: Arc::new(owned(Attribute::complex(
                    "meta",
                    [
                        owned(Attribute::string("resourceType")).case_exact(),
                        owned(Attribute::date_time("created")),
                        owned(Attribute::date_time("lastModified")),
                        owned(Attribute::new("location", AttributeType::Reference)),
                        owned(Attribute::string("version")).case_exact(),
                    ],
                ))),
            }
        })
    }
}
