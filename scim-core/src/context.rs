//! What is known about the request when a store, a policy or an observer is called.

use std::fmt;
use std::sync::Arc;

use crate::auth::Principal;
use crate::compat::CompatProfile;
use crate::connection::Partition;
use crate::host::{PrincipalResources, StoredTypes};
use crate::limits::Limits;
use crate::resource::TenantId;
use crate::schema::ResourceType;

/// The circumstances of one operation: whose data, who asks, which resource type, and whatever the host's own
/// middleware put into the request's extensions.
///
/// ```
/// use scim_core::{Context, Principal, ResourceType, TenantId};
/// use std::sync::Arc;
///
/// let principal = Principal::new(TenantId::new("acme"), "the Okta connection");
/// let context = Context::new(principal, Arc::new(ResourceType::user()));
/// assert_eq!(context.tenant().as_str(), "acme");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Context {
    /// Who asks.
    pub principal: Arc<Principal>,
    pub(crate) partition: Partition,
    /// The resource type of the operation, whole: also with what a provisioning policy leaves out for clients.
    pub resource_type: Arc<ResourceType>,
    /// Which deviations from the RFC are read as what they mean.
    pub profile: Arc<CompatProfile>,
    /// The bounds of the server.
    pub limits: Arc<Limits>,
    /// The identifier of the request, for logs.
    pub request_id: RequestId,
    /// The extensions of the HTTP request, where a host's middleware leaves what its store or policy wants to know.
    pub extensions: Arc<http::Extensions>,
    /// The resource types of the server, if there is one.
    pub(crate) stored_types: Option<Arc<StoredTypes>>,
}

impl Context {
    /// A context with the lenient profile, the default limits, no request id, no extensions and no server; for tests of a
    /// store. Host code takes its resources from [`ScimServer::resources_of`](crate::ScimServer::resources_of), so that
    /// what a policy makes unique is unique for both.
    #[must_use]
    pub fn new(principal: Principal, resource_type: Arc<ResourceType>) -> Self {
        Self {
            partition: principal.partition().clone(),
            principal: Arc::new(principal),
            resource_type,
            profile: Arc::default(),
            limits: Arc::default(),
            request_id: RequestId::default(),
            extensions: Arc::default(),
            stored_types: None,
        }
    }

    /// The resources that the operation is about, of all resource types of the server: for an observer or a policy that
    /// wants to look at others, or to change them.
    ///
    /// ```
    /// use async_trait::async_trait;
    /// use scim_core::{Context, Event, EventKind, Observer};
    ///
    /// /// Greets those who come to a group by their names.
    /// struct Greetings;
    ///
    /// #[async_trait]
    /// impl Observer for Greetings {
    ///     async fn observe(&self, cx: &Context, event: &Event<'_>) {
    ///         if event.kind == EventKind::MembersChanged {
    ///             for member in event.members.added() {
    ///                 if let Ok(Some(user)) = cx.resources().users().get(&member.value).await {
    ///                     println!("Welcome, {}", user.user_name);
    ///                 }
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn resources(&self) -> PrincipalResources {
        PrincipalResources::new(Some(self.clone()))
    }

    /// The tenant whose data this is about. It comes from the credential.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        self.principal.tenant()
    }

    /// The resources that the operation is about: those that the principal sees, unless the server looks elsewhere for
    /// it, as for removed ones. For a store others do not exist.
    #[must_use]
    pub fn partition(&self) -> &Partition {
        &self.partition
    }

    /// The same circumstances for the resources of another partition.
    #[must_use]
    pub fn within(&self, partition: Partition) -> Self {
        Self { partition, ..self.clone() }
    }

    /// The same circumstances for another resource type.
    #[must_use]
    pub fn for_type(&self, resource_type: Arc<ResourceType>) -> Self {
        Self { resource_type, ..self.clone() }
    }
}

/// An identifier of a request: the client's `X-Request-Id` where it is short and printable, else a random one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// Takes the text as it is.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
