//! One client: its connection, and the users and roles that arrived by it.

use std::sync::Arc;

use scim_core::{
    deactivate_all, delete_all, edit_resource, Connection, ConnectionError, Context, DateTime, Fetch, Group, KeyInfo,
    PageRequest, Principal, Provider, Query, Resource, ResourceId, ResourceStore, ResourceType, ScimError,
    TenantConnections, TenantId,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::web::Failure;
use crate::{role_type, Portal};

pub(crate) struct Client {
    pub(crate) connections: TenantConnections,
    /// Where the users are whom the provider knows, active or not.
    pub(crate) users: Context,
    /// Where the users are whom the provider deleted: deactivated, and kept until they return.
    pub(crate) former_users: Context,
    /// Where the provider's groups are.
    pub(crate) roles: Context,
    store: Arc<dyn ResourceStore>,
}

impl Client {
    /// The client of this name.
    pub(crate) fn find(portal: &Portal, name: &str) -> Result<Self, ScimError> {
        let name = *portal
            .clients
            .iter()
            .find(|client| **client == name)
            .ok_or_else(|| ScimError::resource_not_found(name))?;
        let principal = Principal::new(TenantId::new(name), "the settings page");
        let users = Context::new(principal, Arc::new(ResourceType::user()));
        Ok(Self {
            connections: portal.connections.of_tenant(TenantId::new(name)),
            former_users: users.within(users.partition().removed()),
            roles: users.for_type(Arc::new(role_type())),
            users,
            store: Arc::clone(&portal.store),
        })
    }

    /// The one connection that a client has, with its newest key; `None` before it is set up.
    pub(crate) async fn connection(&self) -> Result<Option<(Connection, Option<KeyInfo>)>, ConnectionError> {
        let Some(connection) = self.connections.list().await?.into_iter().next() else { return Ok(None) };
        let newest_key = self.connections.keys(&connection.id).await?.pop();
        Ok(Some((connection, newest_key)))
    }

    /// Connects a provider. It shares the client's users and roles, so that after a reset the next one finds those who
    /// are there and takes them on.
    pub(crate) async fn connect(&self, provider: Provider) -> Result<Connection, ConnectionError> {
        let tenant = self.connections.tenant().clone();
        let mut connection = Connection::new(tenant, provider, provider.name(), DateTime::now());
        connection.shares_resources = true;
        self.connections.insert(connection).await
    }

    /// The first of the users or roles of a context, as many as the page shows.
    pub(crate) async fn list<T: DeserializeOwned>(&self, cx: &Context) -> Result<Vec<(ResourceId, T)>, Failure> {
        let mut query = Query::default();
        query.page = PageRequest::Index { start_index: 1, count: 200 };
        query.fetch = Fetch::without(["groups"]);
        let found = self.store.list(cx, &query).await?.resources;
        found.into_iter().map(|resource| Ok((resource.id, resource.attributes.view()?))).collect()
    }

    /// Sets what a role may do.
    pub(crate) async fn permit(&self, role: &ResourceId, permissions: Vec<Value>) -> Result<Resource, ScimError> {
        let edit = |role: &mut Group| drop(role.other.insert("permissions".to_owned(), permissions.clone().into()));
        edit_resource(&*self.store, &self.roles, role, edit).await
    }

    /// Takes access away from everybody.
    pub(crate) async fn deactivate_users(&self) -> Result<usize, ScimError> {
        deactivate_all(&*self.store, &self.users).await
    }

    /// Deletes everybody for good, and the roles.
    pub(crate) async fn remove_users(&self) -> Result<usize, ScimError> {
        delete_all(&*self.store, &self.roles).await?;
        delete_all(&*self.store, &self.former_users).await?;
        delete_all(&*self.store, &self.users).await
    }
}
