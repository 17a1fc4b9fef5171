//! Groups as a type for host code (RFC 7643 s4.2).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Attributes, ResourceReference};
use crate::error::ScimError;
use crate::schema::ResourceType;

/// The attributes of a group (RFC 7643 s4.2).
///
/// A store that keeps members apart gets and gives attributes without them; then [`members`](Self::members) is empty.
///
/// ```
/// use scim_core::{Group, ResourceReference, ResourceType};
///
/// let mut group = Group::new("Tour Guides");
/// group.members.push(ResourceReference::new("2819c223").with_kind("User"));
/// let attributes = group.to_attributes(&ResourceType::group())?;
/// assert_eq!(Group::try_from(&attributes).unwrap(), group);
/// # Ok::<(), scim_core::ScimError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Group {
    /// The client's own identifier (s3.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The name of the group. Empty only where the attributes were read without it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub display_name: String,
    /// The direct members.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<ResourceReference>,
    /// Attributes that a schema of the host's own has, and the objects of extensions under their URNs.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Group {
    /// A group of this name without members.
    pub fn new(display_name: impl Into<String>) -> Self {
        Self { display_name: display_name.into(), ..Self::default() }
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

impl TryFrom<&Attributes> for Group {
    type Error = serde_json::Error;

    fn try_from(attributes: &Attributes) -> Result<Self, Self::Error> {
        attributes.view()
    }
}
