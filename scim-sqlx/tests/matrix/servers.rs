//! The servers that the matrix asks, and who may ask them.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use scim_core::{
    AuthError, Authenticator, ConnectionId, CursorKey, Me, OnDelete, OnInactive, OnReturn, Principal,
    ProvisioningPolicy, ResourceId, ResourceStore, ResourceType, ScimError, ScimServer, Subject, TenantId,
    UnknownMembers,
};

use super::ask::Ask;

/// Which of the servers over one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Plain,
    /// Makes a Bulk request one unit of work.
    Atomic,
    /// Leaves out members that are not there.
    Forgiving,
    /// Keeps what is removed, brings it back to its own connection, and takes over what the host made.
    Adopting,
}

impl Which {
    pub(crate) const ALL: [Self; 4] = [Self::Plain, Self::Atomic, Self::Forgiving, Self::Adopting];
}

/// Servers of different settings over one store.
pub(crate) struct Servers(Vec<ScimServer>);

impl Servers {
    pub(crate) fn new(store: &Arc<dyn ResourceStore>, users: &ResourceType) -> Self {
        let key = CursorKey::random();
        let build = |which| {
            ScimServer::builder()
                .base_url("https://example.com/scim/v2")
                .store(Arc::clone(store))
                .resource_type(users.clone())
                .authenticator(Tokens)
                .me(MeOfTheName)
                .cursor_key(key.clone())
                .provisioning(if which == Which::Adopting { adopting() } else { ProvisioningPolicy::new() })
                .atomic_bulk(which == Which::Atomic)
                .unknown_members(match which {
                    Which::Forgiving => UnknownMembers::Ignore,
                    _ => UnknownMembers::Refuse,
                })
                .build()
                .unwrap()
        };
        Self(Which::ALL.into_iter().map(build).collect())
    }

    /// Sends a request with a token.
    pub(crate) async fn send(&self, which: Which, token: &str, ask: &Ask) -> Response<Bytes> {
        let server = &self.0[Which::ALL.iter().position(|known| *known == which).unwrap()];
        let mut request = Request::builder().method(ask.method).uri(&ask.target);
        request = request.header("authorization", format!("Bearer {token}")).header("x-request-id", "fixed");
        if !ask.body.is_empty() {
            request = request.header("content-type", "application/scim+json");
        }
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        server.handle(request.body(Bytes::from(ask.body.clone())).unwrap()).await
    }
}

/// Everything that looks beyond the resources that are there.
fn adopting() -> ProvisioningPolicy {
    ProvisioningPolicy::new().users(|users| {
        users
            .on_inactive(OnInactive::Remove)
            .on_delete(OnDelete::Deactivate)
            .on_return(OnReturn::Restore)
            .danger_adopt_host_resources()
    })
}

/// Who a token stands for: a tenant, and after a slash one of its connections.
pub(crate) fn principal(token: &str, name: &str) -> Principal {
    match token.split_once('/') {
        Some((tenant, connection)) => {
            Principal::new(TenantId::new(tenant), name).with_connection(ConnectionId::new(connection))
        }
        None => Principal::new(TenantId::new(token), name),
    }
}

/// Takes the token at its word, and the name of the principal from a header.
struct Tokens;

#[async_trait]
impl Authenticator for Tokens {
    async fn authenticate(&self, head: &http::request::Parts) -> Result<Arc<Principal>, AuthError> {
        let text = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
        let token = text("authorization").and_then(|header| header.strip_prefix("Bearer "));
        let token = token.ok_or(AuthError::Missing)?;
        Ok(Arc::new(principal(token, text("x-name").unwrap_or_default())))
    }
}

/// The name of a principal is the id of its user. A host that binds the wrong one must not open another tenant by it.
struct MeOfTheName;

#[async_trait]
impl Me for MeOfTheName {
    async fn subject(&self, principal: &Principal) -> Result<Subject, ScimError> {
        Ok(Subject::user(ResourceId::new(principal.name())))
    }
}
