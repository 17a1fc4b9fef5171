use std::sync::Arc;

use super::Scopes;
use crate::compat::CompatProfile;
use crate::connection::Partition;
use crate::resource::{ConnectionId, KeyId, TenantId};

/// Who asks: a tenant, perhaps one of its provisioning connections, and a name for logs and the audit trail. It never
/// holds the credential.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Principal {
    partition: Partition,
    connection: Option<ConnectionId>,
    shares_resources: bool,
    name: Arc<str>,
    profile: Option<Arc<CompatProfile>>,
    policy: Option<Arc<str>>,
    scopes: Scopes,
    key: Option<KeyId>,
}

impl Principal {
    /// A principal of a tenant, with a name for the log such as the name of the connection. It sees what belongs to no
    /// connection.
    pub fn new(tenant: TenantId, name: impl Into<Arc<str>>) -> Self {
        let partition = Partition::of_tenant(tenant);
        Self {
            partition,
            connection: None,
            shares_resources: false,
            name: name.into(),
            profile: None,
            policy: None,
            scopes: Scopes::all(),
            key: None,
        }
    }

    /// The same with a profile of its own in place of the server's.
    #[must_use]
    pub fn with_profile(mut self, profile: impl Into<Arc<CompatProfile>>) -> Self {
        self.profile = Some(profile.into());
        self
    }

    /// The same as one connection of the tenant, which sees only what is its own, unless it
    /// [shares](Self::sharing_resources) the host's.
    #[must_use]
    pub fn with_connection(mut self, connection: ConnectionId) -> Self {
        if !self.shares_resources {
            self.partition = Partition::of_connection(self.tenant().clone(), connection.clone());
        }
        self.connection = Some(connection);
        self
    }

    /// The same on what belongs to no connection: all of the tenant's resources, where its one connection shares them
    /// with the host. It does not matter whether the [connection](Self::with_connection) is named before or after.
    #[must_use]
    pub fn sharing_resources(mut self) -> Self {
        self.partition = Partition::of_tenant(self.tenant().clone());
        self.shares_resources = true;
        self
    }

    /// The same under the policy of this name in place of the server's default one.
    #[must_use]
    pub fn with_policy(mut self, policy: impl Into<Arc<str>>) -> Self {
        self.policy = Some(policy.into());
        self
    }

    /// The same for no more than this. Whatever else is asked is answered with 403.
    #[must_use]
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes;
        self
    }

    /// The same with the public part of the API key that it asks with.
    #[must_use]
    pub fn with_key(mut self, key: KeyId) -> Self {
        self.key = Some(key);
        self
    }

    /// The tenant.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        self.partition.tenant()
    }

    /// The resources that it sees.
    #[must_use]
    pub fn partition(&self) -> &Partition {
        &self.partition
    }

    /// The connection that asks, if it is one.
    #[must_use]
    pub fn connection(&self) -> Option<&ConnectionId> {
        self.connection.as_ref()
    }

    /// The name for logs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The profile that takes the place of the server's, if there is one.
    #[must_use]
    pub fn profile(&self) -> Option<&Arc<CompatProfile>> {
        self.profile.as_ref()
    }

    /// The name of the policy that takes the place of the server's default one, if there is one.
    #[must_use]
    pub fn policy(&self) -> Option<&str> {
        self.policy.as_deref()
    }

    /// What it may do.
    #[must_use]
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// The public part of the API key that it asks with, if it is one.
    #[must_use]
    pub fn key(&self) -> Option<&KeyId> {
        self.key.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sharing_and_the_connection_may_be_said_in_either_order() {
        let (acme, okta) = (TenantId::new("acme"), ConnectionId::new("okta"));
        let host = || Principal::new(acme.clone(), "acme");
        let alone = host().with_connection(okta.clone());
        assert_eq!(alone.partition(), &Partition::of_connection(acme.clone(), okta.clone()));
        for sharing in
            [host().with_connection(okta.clone()).sharing_resources(), host().sharing_resources().with_connection(okta)]
        {
            assert_eq!(sharing.partition(), host().partition());
            assert_eq!(sharing.connection(), alone.connection());
        }
    }
}
