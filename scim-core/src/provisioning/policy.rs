//! The rules of all resource types together.

use super::ResourceRules;

/// What a product wants of provisioning beside what the RFCs say, declared type by type. Discovery shows it, and every
/// POST, PUT, PATCH, DELETE and Bulk operation keeps to it.
///
/// Given to [`ScimServerBuilder::provisioning`](crate::ScimServerBuilder::provisioning) it holds for every principal,
/// and given to [`ScimServerBuilder::provisioning_named`](crate::ScimServerBuilder::provisioning_named) for those that
/// [name it](crate::Principal::with_policy).
///
/// ```
/// use scim_core::{BearerTokens, Format, MemoryStore, OnInactive, OnDelete, ProvisioningPolicy, ResourceOperation};
/// use scim_core::{ScimServer, TenantId, UniqueWithin};
/// use serde_json::json;
///
/// let policy = ProvisioningPolicy::new()
///     .users(|users| {
///         users
///             .only(["userName", "displayName", "active", "title", "phoneNumbers", "emails"])
///             .require("displayName")
///             .format("userName", Format::Email)
///             .unique_within("userName", UniqueWithin::Platform)
///             .format("phoneNumbers", Format::E164)
///             .at_most("phoneNumbers", 1)
///             .immutable("phoneNumbers")
///             .derive("emails", |user| json!([{"value": user.string("userName"), "type": "work"}]))
///             .on_inactive(OnInactive::Delete)
///     })
///     .groups(|groups| groups.without(ResourceOperation::Create).require("externalId"));
///
/// let server = ScimServer::builder()
///     .store(MemoryStore::new())
///     .authenticator(BearerTokens::new().token("a long random secret", TenantId::new("acme")))
///     .provisioning(policy)
///     .build()?;
/// # Ok::<(), scim_core::BuildError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ProvisioningPolicy {
    types: Vec<(String, ResourceRules)>,
}

impl ProvisioningPolicy {
    /// A policy without a rule: what the resource types say, and nothing else.
    pub fn new() -> Self {
        Self::default()
    }

    /// Rules for the resource type `User`.
    pub fn users(self, rules: impl FnOnce(ResourceRules) -> ResourceRules) -> Self {
        self.resource("User", rules)
    }

    /// Rules for the resource type `Group`.
    pub fn groups(self, rules: impl FnOnce(ResourceRules) -> ResourceRules) -> Self {
        self.resource("Group", rules)
    }

    /// Rules for the resource type of this name, in addition to those that it has already.
    pub fn resource(
        mut self,
        resource_type: impl Into<String>,
        rules: impl FnOnce(ResourceRules) -> ResourceRules,
    ) -> Self {
        let name = resource_type.into();
        let place = self.types.iter().position(|(known, _)| *known == name);
        let present = place.map(|place| self.types.swap_remove(place).1).unwrap_or_default();
        self.types.push((name, rules(present)));
        self
    }

    /// The rules of a resource type, if it has any.
    pub(crate) fn rules_of(&self, resource_type: &str) -> Option<&ResourceRules> {
        self.types.iter().find(|(name, _)| name == resource_type).map(|(_, rules)| rules)
    }

    /// The names of the resource types that have rules.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.types.iter().map(|(name, _)| name.as_str())
    }
}
