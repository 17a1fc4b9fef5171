//! The enterprise extension as a type for host code (RFC 7643 s4.3).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The enterprise extension of users (RFC 7643 s4.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct EnterpriseUser {
    /// The identifier the organization gave the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employee_number: Option<String>,
    /// The cost center the person is booked to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_center: Option<String>,
    /// The organization the person belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The division the person belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub division: Option<String>,
    /// The department the person belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// The user to whom the person reports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<Manager>,
    /// Attributes that a schema of the host's own has.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl EnterpriseUser {
    /// An extension of which nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with the manager of this id.
    #[must_use]
    pub fn with_manager(mut self, id: impl Into<String>) -> Self {
        self.manager = Some(Manager::new(id));
        self
    }
}

/// The manager of a user (RFC 7643 s4.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Manager {
    /// The id of the manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The URI of the manager, the sub-attribute `$ref`.
    #[serde(rename = "$ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The name of the manager. Clients cannot write it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Sub-attributes that a schema of the host's own has.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Manager {
    /// The manager of this id.
    pub fn new(id: impl Into<String>) -> Self {
        Self { value: Some(id.into()), ..Self::default() }
    }
}
