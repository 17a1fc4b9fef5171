//! The end of a connection, and of what it leaves behind.

use serde_json::{Map, Value};

use super::PrincipalResources;
use crate::connection::TenantConnections;
use crate::error::ScimError;
use crate::resource::ConnectionId;
use crate::server::ScimServer;

/// What happens to the resources that a connection leaves behind when it [ends](ScimServer::disconnect).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Leftovers {
    /// They stay as they are. Whoever is active may still come in.
    Keep,
    /// Whatever can be active is not any more, what was removed and is kept too. The rest stays as it is, and names that
    /// are unique beyond the connection stay taken.
    Deactivate,
    /// They are deleted for good, what was removed and is kept too, and every name is free again.
    Delete,
}

impl ScimServer {
    /// Ends a connection of a customer for good: pauses it, so that the provider does not bring back who has just gone,
    /// treats what it leaves behind, and deletes it. A request that was let in before the pause may still do its work.
    ///
    /// Its resources are those that it sees: all that belong to no connection, by whomever they were made, if it
    /// [shares](crate::Connection::shares_resources) them, and all of the tenant where the store does not keep
    /// [partitions](crate::Capabilities::partitions) apart.
    ///
    /// No policy is asked and no observer is told, for it is the host that acts.
    ///
    /// ```
    /// use scim_core::{Connections, Leftovers, MemoryConnectionStore, MemoryStore, Provider, ScimError, ScimServer};
    /// use scim_core::{TenantId, User};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let connections = Connections::new(MemoryConnectionStore::new());
    /// let server = ScimServer::builder().store(MemoryStore::new()).connections(&connections).build().unwrap();
    /// let acme = connections.of_tenant(TenantId::new("acme"));
    /// let okta = acme.create(Provider::Okta, "Okta").await?;
    /// let users = server.resources_of(&okta).users();
    /// users.create(&User::new("bjensen@example.com")).await?;
    ///
    /// server.disconnect(&acme, &okta.id, Leftovers::Delete).await?;
    /// assert!(users.all().await?.is_empty());
    /// assert!(acme.list().await?.is_empty());
    /// # Ok::<(), ScimError>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// 404 if the customer has no such connection; those of the stores; and 403 if anything but [`Leftovers::Keep`] is to
    /// happen and the connection names a policy that the server does not have. The connection stays paused then, what is
    /// done stays done, and the call may be repeated.
    pub async fn disconnect(
        &self,
        connections: &TenantConnections,
        id: &ConnectionId,
        leftovers: Leftovers,
    ) -> Result<(), ScimError> {
        let connection = connections.get(id).await?;
        connections.pause(id).await?;
        let present = self.resources_of(&connection);
        for resources in [present.removed(), present] {
            leftovers.treat(&resources).await?;
        }
        Ok(connections.delete(id).await?)
    }
}

impl Leftovers {
    /// The types go in reverse, so that groups go before their members do.
    async fn treat(self, resources: &PrincipalResources) -> Result<(), ScimError> {
        if self == Self::Keep {
            return Ok(());
        }
        for name in resources.type_names()?.iter().rev() {
            let resources = resources.of_type::<Map<String, Value>>(name);
            match self {
                Self::Delete => drop(resources.delete_all().await?),
                Self::Deactivate if resources.has_active() => drop(resources.deactivate_all().await?),
                Self::Deactivate | Self::Keep => {}
            }
        }
        Ok(())
    }
}
