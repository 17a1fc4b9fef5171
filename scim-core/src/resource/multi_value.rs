//! The values of multi-valued attributes (RFC 7643 s2.4), and references to other resources.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Member, ResourceId};

/// One value of a multi-valued attribute that has the sub-attributes of RFC 7643 s2.4: an e-mail address, a phone
/// number, a role...
///
/// ```
/// use scim_core::MultiValue;
///
/// let email = MultiValue::new("bjensen@example.com").with_kind("work").primary();
/// assert!(email.is_primary());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct MultiValue {
    /// The value itself: the address, the number, the URL, the base64 of a certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Text to show for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// The sub-attribute `type`: what it is for, such as `work`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether it is the preferred one; not given is not preferred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
    /// Sub-attributes that a schema of the host's own has.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// An e-mail address of a user.
pub type Email = MultiValue;
/// A phone number of a user.
pub type PhoneNumber = MultiValue;
/// An instant messaging address of a user; `kind` is the service.
pub type InstantMessage = MultiValue;
/// The URL of a picture of a user.
pub type Photo = MultiValue;
/// Something a user has been given access to.
pub type Entitlement = MultiValue;
/// Something a user is within the organization.
pub type Role = MultiValue;
/// An X.509 certificate of a user, DER in base64.
pub type Certificate = MultiValue;

impl MultiValue {
    /// A value about which nothing else is said.
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: Some(value.into()), ..Self::default() }
    }

    /// The same with what it is for, such as `work`.
    #[must_use]
    pub fn with_kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// The same with text to show.
    #[must_use]
    pub fn with_display(mut self, display: impl Into<String>) -> Self {
        self.display = Some(display.into());
        self
    }

    /// The same as the preferred one.
    #[must_use]
    pub fn primary(mut self) -> Self {
        self.primary = Some(true);
        self
    }

    /// Whether it is the preferred one.
    #[must_use]
    pub fn is_primary(&self) -> bool {
        self.primary == Some(true)
    }

    /// Whether it is for this, `work` for instance; compared without case (RFC 7643 s2.4).
    #[must_use]
    pub fn is_kind(&self, kind: &str) -> bool {
        self.kind.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(kind))
    }

    /// The preferred one of several values; where none says so, the first.
    #[must_use]
    pub fn preferred(values: &[Self]) -> Option<&Self> {
        values.iter().find(|value| value.is_primary()).or_else(|| values.first())
    }
}

/// A postal address of a user (RFC 7643 s4.1.2).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Address {
    /// The whole address as it is printed on a label; may have line breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// House number, street, P.O. box and the like; may have line breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    /// The city or town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// The state, province or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// The country, a two-letter code of ISO 3166-1 if the client follows the RFC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The sub-attribute `type`: what it is for, such as `work`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether it is the preferred one; not given is not preferred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
    /// Sub-attributes that a schema of the host's own has.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Address {
    /// An address of which nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// Another resource: a member of a group (RFC 7643 s4.2), or a group of a user (s4.1.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceReference {
    /// The id of the resource.
    pub value: String,
    /// The URI of the resource, the sub-attribute `$ref`. The server writes it when it answers.
    #[serde(rename = "$ref", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Text to show for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// The sub-attribute `type`: `User` or `Group` for a member, `direct` or `indirect` for a group of a user.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Sub-attributes that a schema of the host's own has.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl ResourceReference {
    /// A reference to the resource of this id.
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), reference: None, display: None, kind: None, other: Map::new() }
    }

    /// The same with a type.
    #[must_use]
    pub fn with_kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// The same with text to show.
    #[must_use]
    pub fn with_display(mut self, display: impl Into<String>) -> Self {
        self.display = Some(display.into());
        self
    }
}

impl From<Member> for ResourceReference {
    fn from(member: Member) -> Self {
        let value = member.value.as_str().to_owned();
        Self { kind: member.kind, display: member.display, ..Self::new(value) }
    }
}

impl From<ResourceReference> for Member {
    fn from(reference: ResourceReference) -> Self {
        let mut member = Self::new(ResourceId::new(reference.value));
        member.kind = reference.kind;
        member.display = reference.display;
        member
    }
}
