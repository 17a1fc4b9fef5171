//! Schema definitions: RFC 7643 s7, with the characteristics of s2.2.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::AttributeSet;

/// The data type of an attribute (RFC 7643 s2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum AttributeType {
    /// A sequence of Unicode characters (s2.3.1).
    #[default]
    String,
    /// `true` or `false` (s2.3.2).
    Boolean,
    /// A real number (s2.3.3).
    Decimal,
    /// A whole number (s2.3.4).
    Integer,
    /// An instant in time (s2.3.5).
    DateTime,
    /// Base64 text of bytes (s2.3.6).
    Binary,
    /// A URI (s2.3.7).
    Reference,
    /// Sub-attributes (s2.3.8).
    Complex,
}

/// Who may write an attribute, and when (RFC 7643 s7 `mutability`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Mutability {
    /// Only the service provider writes it.
    ReadOnly,
    /// Clients may write it at any time.
    #[default]
    ReadWrite,
    /// Clients may set it once.
    Immutable,
    /// Clients may write it, and nobody reads it.
    WriteOnly,
}

/// When an attribute is part of an answer (RFC 7643 s7 `returned`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Returned {
    /// Always, whatever the request excludes.
    Always,
    /// Never.
    Never,
    /// Unless the request excludes it.
    #[default]
    Default,
    /// If the request asks for it.
    Request,
}

/// Among what a value must be the only one of its kind (RFC 7643 s7 `uniqueness`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Uniqueness {
    /// Values may repeat.
    #[default]
    None,
    /// Unique among the resources of one type of the tenant.
    Server,
    /// Unique among everything; a store enforces it at least within the tenant.
    Global,
}

/// How far the uniqueness of an attribute reaches. It is not part of the RFC's JSON, where `server` stands for the first
/// two and `global` for the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UniqueWithin {
    /// The resources that one provisioning connection sees.
    #[default]
    Partition,
    /// All resources of the tenant that are not removed: those of its connections and those of the host.
    Tenant,
    /// All resources of all tenants that are not removed. A conflict tells that somebody somewhere has the value.
    Platform,
}

/// One attribute of a schema with all characteristics of RFC 7643 s2.2 and s7.
///
/// It reads and writes the RFC's JSON.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Attribute {
    /// The name, compared without case.
    pub name: String,
    /// The data type.
    pub attribute_type: AttributeType,
    /// Whether the value is a list.
    pub multi_valued: bool,
    /// What it means, for people.
    pub description: String,
    /// Whether a resource must have it.
    pub required: bool,
    /// Values that are suggested, or demanded where [`strict_canonical_values`](Self::strict_canonical_values) is set.
    pub canonical_values: Vec<String>,
    /// Refuse values other than the canonical ones. Not part of the RFC's JSON, where they are a suggestion.
    pub strict_canonical_values: bool,
    /// Whether strings compare with case.
    pub case_exact: bool,
    /// Who may write it.
    pub mutability: Mutability,
    /// When it is answered.
    pub returned: Returned,
    /// Among what it is unique.
    pub uniqueness: Uniqueness,
    /// How far its uniqueness reaches, if it is unique.
    pub unique_within: UniqueWithin,
    /// What a reference may point to: names of resource types, `external` or `uri`.
    pub reference_types: Vec<String>,
    /// The attributes of a complex attribute.
    pub sub_attributes: AttributeSet,
}

impl Attribute {
    /// An attribute with the defaults of RFC 7643 s2.2: optional, single-valued, read-write, returned by default,
    /// compared without case, not unique. References and binaries compare with case (s2.3.6, s2.3.7).
    pub fn new(name: impl Into<String>, attribute_type: AttributeType) -> Self {
        Self {
            name: name.into(),
            attribute_type,
            multi_valued: false,
            description: String::new(),
            required: false,
            canonical_values: Vec::new(),
            strict_canonical_values: false,
            case_exact: matches!(attribute_type, AttributeType::Reference | AttributeType::Binary),
            mutability: Mutability::default(),
            returned: Returned::default(),
            uniqueness: Uniqueness::default(),
            unique_within: UniqueWithin::default(),
            reference_types: Vec::new(),
            sub_attributes: AttributeSet::default(),
        }
    }

    /// A string attribute.
    pub fn string(name: impl Into<String>) -> Self {
        Self::new(name, AttributeType::String)
    }

    /// A boolean attribute.
    pub fn boolean(name: impl Into<String>) -> Self {
        Self::new(name, AttributeType::Boolean)
    }

    /// An integer attribute.
    pub fn integer(name: impl Into<String>) -> Self {
        Self::new(name, AttributeType::Integer)
    }

    /// A decimal attribute.
    pub fn decimal(name: impl Into<String>) -> Self {
        Self::new(name, AttributeType::Decimal)
    }

    /// A date-time attribute.
    pub fn date_time(name: impl Into<String>) -> Self {
        Self::new(name, AttributeType::DateTime)
    }

    /// A binary attribute, base64 in JSON.
    pub fn binary(name: impl Into<String>) -> Self {
        Self::new(name, AttributeType::Binary)
    }

    /// A reference to resources of these types, or to `external` or `uri`.
    pub fn reference<T: Into<String>>(name: impl Into<String>, types: impl IntoIterator<Item = T>) -> Self {
        let mut attribute = Self::new(name, AttributeType::Reference);
        attribute.reference_types = types.into_iter().map(Into::into).collect();
        attribute
    }

    /// A complex attribute of these sub-attributes.
    pub fn complex(name: impl Into<String>, sub_attributes: impl IntoIterator<Item = Attribute>) -> Self {
        let mut attribute = Self::new(name, AttributeType::Complex);
        attribute.sub_attributes = sub_attributes.into_iter().collect();
        attribute
    }

    /// What it means, for people.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// The value is a list.
    #[must_use]
    pub fn multi_valued(mut self) -> Self {
        self.multi_valued = true;
        self
    }

    /// A resource must have it.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Strings compare with case.
    #[must_use]
    pub fn case_exact(mut self) -> Self {
        self.case_exact = true;
        self
    }

    /// Suggested values.
    #[must_use]
    pub fn canonical_values<T: Into<String>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.canonical_values = values.into_iter().map(Into::into).collect();
        self
    }

    /// The canonical values are the only ones that are taken.
    #[must_use]
    pub fn strict_canonical_values(mut self) -> Self {
        self.strict_canonical_values = true;
        self
    }

    /// Who may write it.
    #[must_use]
    pub fn mutability(mut self, mutability: Mutability) -> Self {
        self.mutability = mutability;
        self
    }

    /// When it is answered.
    #[must_use]
    pub fn returned(mut self, returned: Returned) -> Self {
        self.returned = returned;
        self
    }

    /// Among what it is unique.
    #[must_use]
    pub fn uniqueness(mut self, uniqueness: Uniqueness) -> Self {
        self.uniqueness = uniqueness;
        self
    }

    /// Unique in all of the tenant or the platform rather than among what one connection sees; see [`UniqueWithin`].
    #[must_use]
    pub fn unique_within(mut self, reach: UniqueWithin) -> Self {
        self.uniqueness = if reach == UniqueWithin::Platform { Uniqueness::Global } else { Uniqueness::Server };
        self.unique_within = reach;
        self
    }

    /// The definition of a sub-attribute, by its name in any case.
    #[must_use]
    pub fn sub_attribute(&self, name: &str) -> Option<&Arc<Attribute>> {
        self.sub_attributes.get(name)
    }

    /// Whether it has sub-attributes.
    #[must_use]
    pub fn is_complex(&self) -> bool {
        self.attribute_type == AttributeType::Complex
    }
}

/// A schema: a URN and its attributes (RFC 7643 s7).
///
/// ```
/// use scim_core::{Attribute, Schema};
///
/// let schema = Schema::new("urn:example:params:scim:schemas:extension:badge:2.0:User", "Badge")
///     .attribute(Attribute::string("badgeNumber").required())
///     .attribute(Attribute::date_time("issued"));
/// assert!(schema.attributes.get("BADGENUMBER").is_some());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Schema {
    /// The URN, compared without case.
    pub id: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The attributes.
    #[serde(default)]
    pub attributes: AttributeSet,
    /// What [`with`](Self::with) was to change and did not find, for [`check`](Self::check) to say.
    #[serde(skip)]
    pub(crate) missed: Option<String>,
}

impl Schema {
    /// A schema without attributes.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            description: String::new(),
            attributes: AttributeSet::default(),
            missed: None,
        }
    }

    /// What it is for.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Adds an attribute; one of the same name is replaced.
    #[must_use]
    pub fn attribute(mut self, attribute: Attribute) -> Self {
        self = self.without_attribute(&attribute.name);
        self.attributes = self.attributes.iter().cloned().chain([Arc::new(attribute)]).collect();
        self
    }

    /// Takes an attribute out, so that it is unknown to this server.
    #[must_use]
    pub fn without_attribute(mut self, name: &str) -> Self {
        self.attributes =
            self.attributes.iter().filter(|other| !other.name.eq_ignore_ascii_case(name)).cloned().collect();
        self
    }

    /// Changes an attribute, by its name in any case: a product that wants `displayName` required says
    /// `schema.with("displayName", |attribute| attribute.required = true)`. A name that is not there is an error of
    /// [`check`](Self::check), so that no server is built with the schema.
    #[must_use]
    pub fn with(mut self, name: &str, change: impl FnOnce(&mut Attribute)) -> Self {
        if !self.attributes.update(name, change) {
            self.missed.get_or_insert_with(|| name.to_owned());
        }
        self
    }
}
