//! Users as a type for host code (RFC 7643 s4.1).

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::view::object;
use super::{
    Address, Attributes, Certificate, Email, EnterpriseUser, Entitlement, InstantMessage, MultiValue, PhoneNumber,
    Photo, ResourceReference, Role,
};
use crate::error::ScimError;
use crate::schema::ResourceType;

/// The attributes of a user (RFC 7643 s4.1) with the enterprise extension (s4.3).
///
/// `None` and an empty list mean that the attribute has no value. A request that names an attribute without a value
/// (`"active": null`) and one that leaves it out both come to that; where a PUT needs to tell them apart,
/// [`Normalized::unassigns`](crate::Normalized::unassigns) does. The password is not here, because it is never part of
/// a document; it comes in [`NewResource::write_only`](crate::NewResource::write_only) and
/// [`Update::write_only`](crate::Update::write_only).
///
/// ```
/// use scim_core::{Email, EnterpriseUser, ResourceType, User};
///
/// let mut user = User::new("bjensen");
/// user.active = Some(true);
/// user.emails.push(Email::new("bjensen@example.com").with_kind("work").primary());
/// user.enterprise = Some(EnterpriseUser::new().with_manager("26118915"));
/// let attributes = user.to_attributes(&ResourceType::user())?;
///
/// let read = User::try_from(&attributes).unwrap();
/// assert_eq!(read, user);
/// assert_eq!(read.primary_email(), Some("bjensen@example.com"));
/// # Ok::<(), scim_core::ScimError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct User {
    /// The client's own identifier (s3.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The name that identifies the user within the service. Empty only where the attributes were read without it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user_name: String,
    /// The parts of the person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The name under which the user is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What the person is called in daily life.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nick_name: Option<String>,
    /// The web page that presents the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_url: Option<String>,
    /// The job title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// How the user relates to the organization, such as `Employee`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_type: Option<String>,
    /// The preferred languages, as the HTTP header `Accept-Language` has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_language: Option<String>,
    /// The language tag by which dates and numbers are formatted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The time zone by its IANA name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Whether the account is in use; see [`is_active`](Self::is_active).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// E-mail addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Email>,
    /// Phone numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phone_numbers: Vec<PhoneNumber>,
    /// Instant messaging addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ims: Vec<InstantMessage>,
    /// URLs of pictures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<Photo>,
    /// Postal addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    /// The groups the user belongs to. Clients cannot write them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<ResourceReference>,
    /// What the user has been given access to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<Entitlement>,
    /// What the user is within the organization.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    /// Certificates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub x509_certificates: Vec<Certificate>,
    /// The enterprise extension.
    #[serde(
        rename = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        skip_serializing_if = "Option::is_none"
    )]
    pub enterprise: Option<EnterpriseUser>,
    /// Attributes that a schema of the host's own has, and the objects of other extensions under their URNs.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl User {
    /// A user of this name.
    pub fn new(user_name: impl Into<String>) -> Self {
        Self { user_name: user_name.into(), ..Self::default() }
    }

    /// Whether the account is in use. A user of whom nobody said so is.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.active.unwrap_or(true)
    }

    /// The preferred e-mail address; where none is marked as such, the first.
    #[must_use]
    pub fn primary_email(&self) -> Option<&str> {
        MultiValue::preferred(&self.emails)?.value.as_deref()
    }

    /// The first e-mail address for this, `work` for instance.
    #[must_use]
    pub fn email(&self, kind: &str) -> Option<&str> {
        self.emails.iter().find(|email| email.is_kind(kind))?.value.as_deref()
    }

    /// The preferred phone number; where none is marked as such, the first.
    #[must_use]
    pub fn primary_phone_number(&self) -> Option<&str> {
        MultiValue::preferred(&self.phone_numbers)?.value.as_deref()
    }

    /// An extension as a type of the host's own, by its URN as the schema spells it.
    ///
    /// # Errors
    ///
    /// The extension does not fit the type.
    pub fn extension_as<T: DeserializeOwned>(&self, urn: &str) -> Result<Option<T>, serde_json::Error> {
        self.other.get(urn).map(T::deserialize).transpose()
    }

    /// Sets an extension from a type of the host's own. Whether it fits the schema is seen by
    /// [`to_attributes`](Self::to_attributes).
    ///
    /// # Errors
    ///
    /// `invalidSyntax` for what is no JSON object.
    pub fn set_extension<T: Serialize + ?Sized>(&mut self, urn: impl Into<String>, value: &T) -> Result<(), ScimError> {
        self.other.insert(urn.into(), Value::Object(object(value)?));
        Ok(())
    }

    /// The attributes in canonical form; see [`Attributes::from_view`].
    ///
    /// # Errors
    ///
    /// `invalidValue` or `invalidSyntax`, naming the attribute that does not fit the schema.
    pub fn to_attributes(&self, resource_type: &ResourceType) -> Result<Attributes, ScimError> {
        Attributes::from_view(resource_type, self)
    }
}

impl TryFrom<&Attributes> for User {
    type Error = serde_json::Error;

    fn try_from(attributes: &Attributes) -> Result<Self, Self::Error> {
        attributes.view()
    }
}

/// The parts of a person's name (RFC 7643 s4.1.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Name {
    /// The whole name as it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// The family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// The given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// The middle name or names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// What stands before the name, such as `Ms.`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub honorific_prefix: Option<String>,
    /// What stands after the name, such as `III`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub honorific_suffix: Option<String>,
    /// Sub-attributes that a schema of the host's own has.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Name {
    /// A given and a family name.
    pub fn new(given_name: impl Into<String>, family_name: impl Into<String>) -> Self {
        Self { given_name: Some(given_name.into()), family_name: Some(family_name.into()), ..Self::default() }
    }
}
