//! Putting a server together.

use std::sync::{Arc, OnceLock};

use crate::auth::Authenticator;
use crate::compat::CompatProfile;
use crate::discovery::Discovery;
use crate::limits::Limits;
use crate::schema::ResourceType;
use crate::served_type::ServedType;
use crate::server::{Engine, RequestIds, ScimServer, Turns};
use crate::store::ResourceStore;
use crate::timer::Timer;

/// Why a server cannot be built, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Nobody could be told from anybody else.
    #[error("a server needs an authenticator; call .authenticator(...), for instance with BearerTokens")]
    NoAuthenticator,
    /// There is no resource type with a store.
    #[error("a server needs a store; call .store(...) for users and groups, or .users(...), .groups(...)")]
    NoStore,
    /// The base URL is not one.
    #[error("the base URL must be absolute, such as https://example.com/scim/v2, without query and fragment: {0}")]
    InvalidBaseUrl(String),
    /// Two resource types cannot be told apart.
    #[error("two resource types have the name or the endpoint {0}")]
    DuplicateResourceType(String),
    /// An endpoint is one of the protocol's own, or no path.
    #[error("{0} cannot be the endpoint of a resource type")]
    InvalidEndpoint(String),
}

/// Puts a [`ScimServer`] together.
///
/// Two things have no default, and [`build`](Self::build) refuses without them: a store and an authenticator.
#[derive(Default)]
#[must_use]
pub struct ScimServerBuilder {
    base_url: Option<String>,
    store: Option<Arc<dyn ResourceStore>>,
    types: Vec<(ResourceType, Option<Arc<dyn ResourceStore>>)>,
    authenticator: Option<Arc<dyn Authenticator>>,
    profile: CompatProfile,
    limits: Limits,
    timer: Option<Arc<dyn Timer>>,
}

impl ScimServerBuilder {
    /// The URL that clients reach the server at, for `Location` and `meta.location`; never taken from a request.
    /// `http://localhost/scim/v2` if it is not set.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// One store for users and groups, and for every other resource type that has none of its own.
    pub fn store(mut self, store: impl ResourceStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// A store for users.
    pub fn users(self, store: impl ResourceStore) -> Self {
        self.set_type(ResourceType::user(), Some(Arc::new(store)))
    }

    /// A store for groups.
    pub fn groups(self, store: impl ResourceStore) -> Self {
        self.set_type(ResourceType::group(), Some(Arc::new(store)))
    }

    /// A resource type of its own, with its store. One of the same name is replaced.
    pub fn resource(self, resource_type: ResourceType, store: impl ResourceStore) -> Self {
        self.set_type(resource_type, Some(Arc::new(store)))
    }

    /// A resource type in the common [`store`](Self::store). One of the same name is replaced, so that this is also how
    /// the built-in types are changed: `ResourceType::user().with_schema(...)`.
    pub fn resource_type(self, resource_type: ResourceType) -> Self {
        self.set_type(resource_type, None)
    }

    /// Who may ask. There is no default.
    pub fn authenticator(mut self, authenticator: impl Authenticator) -> Self {
        self.authenticator = Some(Arc::new(authenticator));
        self
    }

    /// Which deviations from the RFC are read as what they mean, for principals without a profile of their own.
    pub fn profile(mut self, profile: CompatProfile) -> Self {
        self.profile = profile;
        self
    }

    /// The bounds.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How to wait; the adapters bring a timer of their own.
    pub fn timer(mut self, timer: impl Timer) -> Self {
        self.timer = Some(Arc::new(timer));
        self
    }

    /// The server.
    ///
    /// # Errors
    ///
    /// What is missing or contradictory, and what to do about it.
    pub fn build(mut self) -> Result<ScimServer, BuildError> {
        let authenticator = self.authenticator.take().ok_or(BuildError::NoAuthenticator)?;
        let base_url = base_url(self.base_url.take())?;
        let types = self.served_types(&base_url)?;
        let limits = Arc::new(self.limits);
        let timer = OnceLock::new();
        if let Some(installed) = self.timer {
            let _ = timer.set(installed);
        }
        Ok(ScimServer::from_engine(Engine {
            discovery: Discovery::new(&base_url, &types, &limits),
            base_url,
            types,
            authenticator,
            profile: Arc::new(self.profile),
            limits,
            timer,
            turns: Turns::new(),
            request_ids: RequestIds::new(),
        }))
    }

    fn set_type(mut self, resource_type: ResourceType, store: Option<Arc<dyn ResourceStore>>) -> Self {
        match self.types.iter_mut().find(|(known, _)| known.name() == resource_type.name()) {
            Some((known, slot)) => {
                *known = resource_type;
                *slot = store.or(slot.take());
            }
            None => self.types.push((resource_type, store)),
        }
        self
    }

    /// With a common store, users and groups are served whether they were named or not, in this order.
    fn served_types(&mut self, base_url: &str) -> Result<Vec<ServedType>, BuildError> {
        let mut types = std::mem::take(&mut self.types);
        if self.store.is_some() {
            for (place, builtin) in [ResourceType::user(), ResourceType::group()].into_iter().enumerate() {
                if !types.iter().any(|(known, _)| known.name() == builtin.name()) {
                    types.insert(place.min(types.len()), (builtin, None));
                }
            }
        }
        let mut stored = Vec::with_capacity(types.len());
        for (resource_type, store) in types {
            let store = store.or_else(|| self.store.clone()).ok_or(BuildError::NoStore)?;
            stored.push((Arc::new(resource_type), store));
        }
        if stored.is_empty() {
            return Err(BuildError::NoStore);
        }
        let all: Vec<Arc<ResourceType>> = stored.iter().map(|(resource_type, _)| Arc::clone(resource_type)).collect();
        check_distinct(&all)?;
        Ok(stored
            .into_iter()
            .map(|(resource_type, store)| ServedType::new(resource_type, store, base_url, &all))
            .collect())
    }
}

/// The base URL without a trailing slash.
fn base_url(given: Option<String>) -> Result<String, BuildError> {
    let given = given.unwrap_or_else(|| "http://localhost/scim/v2".to_owned());
    let trimmed = given.trim_end_matches('/');
    let uri: Option<http::Uri> = trimmed.parse().ok();
    let absolute = uri.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some() && uri.query().is_none()
    });
    if absolute && !trimmed.contains('#') {
        Ok(trimmed.to_owned())
    } else {
        Err(BuildError::InvalidBaseUrl(given))
    }
}

fn check_distinct(types: &[Arc<ResourceType>]) -> Result<(), BuildError> {
    const RESERVED: [&str; 6] = ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/Bulk", "/Me", "/.search"];
    for (place, resource_type) in types.iter().enumerate() {
        let endpoint = resource_type.endpoint();
        let is_path = endpoint.len() > 1
            && !endpoint.ends_with('/')
            && !endpoint.contains("//")
            && endpoint.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte));
        if !is_path || RESERVED.contains(&endpoint) {
            return Err(BuildError::InvalidEndpoint(endpoint.to_owned()));
        }
        for other in types.iter().skip(place.saturating_add(1)) {
            if other.name().eq_ignore_ascii_case(resource_type.name()) {
                return Err(BuildError::DuplicateResourceType(other.name().to_owned()));
            }
            let nested = |a: &str, b: &str| a == b || a.strip_prefix(b).is_some_and(|rest| rest.starts_with('/'));
            if nested(other.endpoint(), endpoint) || nested(endpoint, other.endpoint()) {
                return Err(BuildError::DuplicateResourceType(other.endpoint().to_owned()));
            }
        }
    }
    Ok(())
}
