//! Attributes as the types of host code, and back.

use std::sync::LazyLock;

use serde::de::DeserializeOwned;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Attributes;
use crate::compat::{CompatProfile, UnknownExtensions};
use crate::error::ScimError;
use crate::limits::Limits;
use crate::schema::normalize::Normalizer;
use crate::schema::ResourceType;

/// What the service provider writes itself is read by the schema and nothing else. Whatever was stored before stays,
/// even what a schema of today does not describe.
const PROVIDER: CompatProfile = CompatProfile {
    any_schemas: true,
    any_references: true,
    unknown_extensions: UnknownExtensions::Keep,
    ..CompatProfile::STRICT
};

/// The service provider's own documents are as large as it likes.
static UNBOUNDED: LazyLock<Limits> = LazyLock::new(|| Limits {
    string_bytes: usize::MAX,
    values: usize::MAX,
    members_per_request: usize::MAX,
    ..Limits::default()
});

impl Attributes {
    /// The attributes as a [`User`](crate::User), a [`Group`](crate::Group) or a type of the host's own.
    ///
    /// ```
    /// use scim_core::{Attributes, ResourceType, User};
    ///
    /// let users = ResourceType::user();
    /// let attributes = User::new("bjensen").to_attributes(&users)?;
    /// let user: User = attributes.view().unwrap();
    /// assert_eq!(user.user_name, "bjensen");
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Account { #[serde(rename = "userName")] name: String }
    /// let account: Account = attributes.view().unwrap();
    /// assert_eq!(account.name, "bjensen");
    /// # Ok::<(), scim_core::ScimError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The attributes do not fit the type. For the library's own types that takes a document that it has not normalised.
    pub fn view<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(self.as_map())
    }

    /// The attributes that a [`User`](crate::User), a [`Group`](crate::Group) or a type of the host's own stands for,
    /// in the canonical form of the resource type.
    ///
    /// It is host code that writes here, so read-only attributes are taken too. `schemas`, `id` and `meta` are left out,
    /// and so are write-only attributes: they do not belong to a document. What the schema does not describe is kept.
    ///
    /// # Errors
    ///
    /// `invalidValue` or `invalidSyntax`, naming the attribute that does not fit the schema.
    pub fn from_view<T: Serialize + ?Sized>(resource_type: &ResourceType, view: &T) -> Result<Self, ScimError> {
        let body = object(view)?;
        Ok(Normalizer::for_provider(resource_type, &PROVIDER, &UNBOUNDED).resource(body)?.attributes)
    }

    /// An extension as a type of the host's own, by its URN; `None` if the resource does not have it.
    ///
    /// ```
    /// use scim_core::{Attribute, Attributes, ResourceType, Schema, User};
    ///
    /// #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    /// #[serde(rename_all = "camelCase")]
    /// struct Badge { badge_number: String }
    ///
    /// const BADGE: &str = "urn:example:params:scim:schemas:extension:badge:2.0:User";
    /// let badge = Schema::new(BADGE, "Badge").attribute(Attribute::string("badgeNumber").required());
    /// let users = ResourceType::user().with_extension(badge, false);
    ///
    /// let mut attributes = User::new("bjensen").to_attributes(&users)?;
    /// attributes.set_extension(&users, BADGE, &Badge { badge_number: "17".into() })?;
    /// assert_eq!(attributes.extension_as(BADGE).unwrap(), Some(Badge { badge_number: "17".into() }));
    /// # Ok::<(), scim_core::ScimError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The extension does not fit the type.
    pub fn extension_as<T: DeserializeOwned>(&self, urn: &str) -> Result<Option<T>, serde_json::Error> {
        self.extension(urn).map(T::deserialize).transpose()
    }

    /// Sets an extension from a type of the host's own, in the canonical form of the resource type; what was there
    /// under the URN is gone. A value without members takes the extension away.
    ///
    /// # Errors
    ///
    /// `invalidValue` or `invalidSyntax`, naming what is no extension of the resource type or does not fit its schema.
    pub fn set_extension<T: Serialize + ?Sized>(
        &mut self,
        resource_type: &ResourceType,
        urn: &str,
        value: &T,
    ) -> Result<(), ScimError> {
        let Some(extension) = resource_type.extension(urn) else {
            return Err(ScimError::invalid_value(format!("{urn} is no extension of {}", resource_type.name())));
        };
        let urn = &extension.schema.id;
        let body = Map::from_iter([(urn.clone(), Value::Object(object(value)?))]);
        let normalized = Normalizer::for_provider(resource_type, &PROVIDER, &UNBOUNDED).resource(body)?;
        let map = self.make_mut();
        match normalized.attributes.into_map().remove(urn) {
            Some(object) => map.insert(urn.clone(), object),
            None => map.remove(urn),
        };
        Ok(())
    }
}

/// A value that serialises as a JSON object.
pub(super) fn object<T: Serialize + ?Sized>(value: &T) -> Result<Map<String, Value>, ScimError> {
    match serde_json::to_value(value) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(ScimError::invalid_syntax("A resource or extension must be a JSON object")),
        Err(error) => Err(ScimError::invalid_syntax("The value has no JSON").with_source(error)),
    }
}
