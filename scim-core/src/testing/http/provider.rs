//! What a server says about itself, as far as it decides which checks make sense.

use serde_json::Value;

use super::answer::Answer;

/// What discovery tells (RFC 7644 s4).
#[derive(Clone, Debug, Default)]
pub(super) struct Provider {
    /// The base URL, without a trailing slash.
    pub(super) base_url: String,
    /// The body of `/ServiceProviderConfig`.
    pub(super) config: Value,
    /// The resources of `/ResourceTypes`.
    pub(super) resource_types: Vec<Value>,
}

/// What a server must offer for a check to make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Bulk,
    Cursor,
    Devices,
    Badges,
    Filter,
    Groups,
    Passwords,
    Sort,
    Tenants,
}

impl Provider {
    pub(super) fn of(config: &Answer, resource_types: &Answer) -> Self {
        let config = config.json.clone();
        let location = config["meta"]["location"].as_str().unwrap_or_default();
        let base_url = location.strip_suffix("/ServiceProviderConfig").unwrap_or(location).to_owned();
        let resource_types = resource_types.json["Resources"].as_array().cloned().unwrap_or_default();
        Self { base_url, config, resource_types }
    }

    /// Why there is no point in a check, if the server does not offer what it needs.
    pub(super) fn lacks(&self, need: Need) -> Option<&'static str> {
        let supports = |feature: &str| self.config[feature]["supported"] == true;
        let (offered, reason) = match need {
            Need::Bulk => (supports("bulk"), "the server has no Bulk"),
            Need::Filter => (supports("filter"), "the server does not filter"),
            Need::Sort => (supports("sort"), "the server does not sort"),
            Need::Cursor => (self.config["pagination"]["cursor"] == true, "the server has no cursors"),
            Need::Passwords => (supports("changePassword"), "the server takes no passwords"),
            Need::Groups => (self.resource_type("Group").is_some(), "the server has no groups"),
            Need::Devices => (self.resource_type("Device").is_some(), "the server has no resource types of its own"),
            Need::Badges => (self.has_badges(), "the server has no extension of its own"),
            Need::Tenants => (true, ""),
        };
        (!offered).then_some(reason)
    }

    /// A resource type by its name.
    pub(super) fn resource_type(&self, name: &str) -> Option<&Value> {
        self.resource_types.iter().find(|resource_type| resource_type["name"] == name)
    }

    fn has_badges(&self) -> bool {
        let extensions = self.resource_type("User").and_then(|user| user["schemaExtensions"].as_array());
        extensions.is_some_and(|list| list.iter().any(|extension| extension["schema"] == super::recipe::BADGE))
    }
}
