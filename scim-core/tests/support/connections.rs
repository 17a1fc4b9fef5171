//! Connections of one tenant, and what observers are told of them.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use scim_core::{
    BearerTokens, ConnectionId, Context, Event, EventKind, MemoryStore, Observer, Partition, Principal,
    ProvisioningPolicy, ResourceType, ScimServer, ScimServerBuilder, TenantId,
};

use super::Client;

/// Keeps the kinds of what happened.
#[derive(Clone, Default)]
pub struct Kinds(Arc<Mutex<Vec<EventKind>>>);

impl Kinds {
    /// What happened since the last call.
    pub fn take(&self) -> Vec<EventKind> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[async_trait]
impl Observer for Kinds {
    async fn observe(&self, _: &Context, event: &Event<'_>) {
        self.0.lock().unwrap().push(event.kind);
    }
}

/// Two connections of tenant A with the tokens `okta` and `entra`, its host with the token `host`, and a connection of
/// tenant B with the token `other`.
pub fn builder(store: &MemoryStore, policy: ProvisioningPolicy) -> ScimServerBuilder {
    let of = |tenant: &'static str, connection| {
        Principal::new(TenantId::new(tenant), connection).with_connection(ConnectionId::new(connection))
    };
    let tokens = BearerTokens::new()
        .principal("okta", of("A", "okta"))
        .principal("entra", of("A", "entra"))
        .principal("other", of("B", "other"))
        .principal("host", Principal::new(TenantId::new("A"), "host"));
    ScimServer::builder()
        .base_url("https://example.com/scim/v2")
        .store(store.clone())
        .authenticator(tokens)
        .provisioning(policy)
}

/// Connection `okta` of tenant A.
pub fn okta(store: &MemoryStore, policy: ProvisioningPolicy) -> Client {
    Client { server: builder(store, policy).build().unwrap(), token: "okta" }
}

impl Client {
    /// The same server for another principal.
    pub fn as_principal(&self, token: &'static str) -> Self {
        Self { server: self.server.clone(), token }
    }
}

/// The circumstances of host code that looks at users of a partition.
pub fn host_context(partition: Partition) -> Context {
    let principal = Principal::new(TenantId::new("A"), "the product");
    Context::new(principal, Arc::new(ResourceType::user())).within(partition)
}

/// The partition of connection `okta`.
pub fn okta_partition() -> Partition {
    Partition::of_connection(TenantId::new("A"), ConnectionId::new("okta"))
}
