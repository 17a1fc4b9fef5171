//! Putting a server together.

use std::sync::{Arc, OnceLock};

use crate::auth::{Authenticator, InOrder};
use crate::body_room::BodyBytes;
use crate::compat::CompatProfile;
use crate::connection::{ConnectionLog, Connections, RequestLog};
use crate::cursor::{CursorKey, CursorSeal};
use crate::hook::{Me, Observer, PasswordHasher, Policy};
use crate::limits::Limits;
use crate::operation::UnknownMembers;
use crate::provisioning::{Faces, ProvisioningPolicy, SharedParts};
use crate::request_ids::RequestIds;
use crate::schema::{ResourceType, SchemaError};
use crate::server::{Engine, ScimServer};
use crate::store::ResourceStore;
use crate::timer::Timer;
use crate::turns::Turns;
#[cfg(feature = "testing")]
use crate::write_only::has_password;

/// Why a server cannot be built, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Nobody could be told from anybody else.
    #[error("a server needs an authenticator; call .authenticator(...), for instance with BearerTokens")]
    NoAuthenticator,
    /// The authenticator would let nobody in.
    #[error("the authenticator lets nobody in: {0}")]
    Authenticator(String),
    /// There is no resource type with a store.
    #[error("a server needs a store; call .store(...) for users and groups, or .users(...), .groups(...)")]
    NoStore,
    /// A Bulk request cannot be made one unit of work.
    #[error("atomic_bulk needs one store for all resource types, set by .store(...), that offers units of work")]
    NoUnitOfWork,
    /// Connections would see one another's resources.
    #[error(
        "the store of {resource_type} does not keep partitions apart (Capabilities::partitions), so that all connections \
         would share what it holds; use a store that keeps them apart, or call .allow_shared_resources(true) if that is \
         meant"
    )]
    SharedResources {
        /// The resource type.
        resource_type: String,
    },
    /// The base URL is not one.
    #[error("the base URL must be absolute, such as https://example.com/scim/v2, without query and fragment: {0}")]
    InvalidBaseUrl(String),
    /// A provisioning policy cannot be kept.
    #[error("{policy} cannot be kept for {resource_type}: {problem}")]
    Provisioning {
        /// The policy, such as `the provisioning policy "okta"`.
        policy: String,
        /// The resource type that the rule is for.
        resource_type: String,
        /// What is wrong, and what to do about it.
        problem: String,
    },
    /// Passwords would be hashed and then lost.
    #[error(
        "the store of {resource_type} does not keep passwords; keep NewResource::write_only and Update::write_only there \
         and set Capabilities::write_only, or leave .password(...) out"
    )]
    PasswordsNotStored {
        /// The resource type that has a `password`.
        resource_type: String,
    },
    /// An attribute that every resource must have would be lost.
    #[error(
        "{resource_type} requires {attribute}, which is write-only, and its store does not keep such attributes; keep \
         NewResource::write_only and Update::write_only there and set Capabilities::write_only, or make the attribute \
         optional"
    )]
    WriteOnlyNotStored {
        /// The resource type.
        resource_type: String,
        /// The attribute, with its URN if it is an extension's.
        attribute: String,
    },
    /// A resource type or a schema cannot be served.
    #[error(transparent)]
    Schema(#[from] SchemaError),
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
    policies: Vec<Arc<dyn Policy>>,
    observers: Vec<Arc<dyn Observer>>,
    password: Option<Arc<dyn PasswordHasher>>,
    me: Option<Arc<dyn Me>>,
    request_log: Option<Arc<dyn RequestLog>>,
    connections: Option<Connections>,
    allow_shared_resources: bool,
    cursor_key: Option<CursorKey>,
    unknown_members: UnknownMembers,
    atomic_bulk: bool,
    provisioning: ProvisioningPolicy,
    named_provisioning: Vec<(String, ProvisioningPolicy)>,
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

    /// A store for users, of the type that [`resource_type`](Self::resource_type) makes of them, before or after.
    pub fn users(self, store: impl ResourceStore) -> Self {
        self.set_store(ResourceType::user(), Arc::new(store))
    }

    /// A store for groups, of the type that [`resource_type`](Self::resource_type) makes of them, before or after.
    pub fn groups(self, store: impl ResourceStore) -> Self {
        self.set_store(ResourceType::group(), Arc::new(store))
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

    /// Who may ask. There is no default. With [`connections`](Self::connections) too it is asked about what is no key of
    /// a connection, in whatever order both are set.
    pub fn authenticator(mut self, authenticator: impl Authenticator) -> Self {
        self.authenticator = Some(Arc::new(authenticator));
        self
    }

    /// Lets requests in by the keys of these connections, keeps their [request log](Connections::with_request_log), and
    /// writes when requests of each connection last succeeded and failed. An [`authenticator`](Self::authenticator) and a
    /// [`request_log`](Self::request_log) that are set as well come in addition to those of the connections.
    pub fn connections(mut self, connections: &Connections) -> Self {
        self.connections = Some(connections.clone());
        self
    }

    /// Lets [connections](Self::connections) share what a store without
    /// [`Capabilities::partitions`](crate::Capabilities::partitions) holds: each sees, changes and deletes what another
    /// made, for such a store has no place where resources of one connection are apart. It is meant where a customer has
    /// one connection, and refused by default. A store that keeps partitions apart does so all the same.
    pub fn allow_shared_resources(mut self, allow: bool) -> Self {
        self.allow_shared_resources = allow;
        self
    }

    /// Keeps what connections ask and are answered, whether they are let in by [`connections`](Self::connections) or by
    /// an authenticator of the host's own whose principals [have a connection](crate::Principal::with_connection). The
    /// log of the connections, if they [have one](Connections::with_request_log), hears of the same requests.
    pub fn request_log(mut self, log: impl RequestLog) -> Self {
        self.request_log = Some(Arc::new(log));
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

    /// What the product wants of provisioning: attributes, operations and lifecycle, for every principal that names no
    /// policy of its own. Where nothing is declared the resource types alone say what is served.
    pub fn provisioning(mut self, policy: ProvisioningPolicy) -> Self {
        self.provisioning = policy;
        self
    }

    /// A policy for the principals that [name it](crate::Principal::with_policy), in place of the one for all. One of the
    /// same name is replaced. A principal that names a policy which is not there is answered 403.
    pub fn provisioning_named(mut self, name: impl Into<String>, policy: ProvisioningPolicy) -> Self {
        let name = name.into();
        self.named_provisioning.retain(|(known, _)| *known != name);
        self.named_provisioning.push((name, policy));
        self
    }

    /// May refuse or amend writes; policies are asked in the order they are added.
    pub fn policy(mut self, policy: impl Policy) -> Self {
        self.policies.push(Arc::new(policy));
        self
    }

    /// Is told of changes; observers are told in the order they are added.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observers.push(Arc::new(observer));
        self
    }

    /// Accepts passwords and makes of them what is stored. Without it passwords are dropped, and discovery says so.
    ///
    /// The stores of all resource types that have a `password` must keep it, and say so by
    /// [`Capabilities::write_only`](crate::Capabilities::write_only).
    pub fn password(mut self, hasher: impl PasswordHasher) -> Self {
        self.password = Some(Arc::new(hasher));
        self
    }

    /// Whose resource `/Me` is. Without it `/Me` is answered with 501.
    pub fn me(mut self, me: impl Me) -> Self {
        self.me = Some(Arc::new(me));
        self
    }

    /// What happens when a client adds a member that does not exist; refused by default.
    pub fn unknown_members(mut self, unknown_members: UnknownMembers) -> Self {
        self.unknown_members = unknown_members;
        self
    }

    /// Makes a Bulk request happen as a whole or not at all. Without it operations that fail leave the others as they
    /// are, as RFC 7644 s3.7 has it.
    ///
    /// All resource types must be in one [`store`](Self::store), and it must offer
    /// [units of work](crate::ResourceStore::unit_of_work). The first operation that fails ends the request; all others
    /// are reported with 409 as not performed.
    pub fn atomic_bulk(mut self, atomic: bool) -> Self {
        self.atomic_bulk = atomic;
        self
    }

    /// The key that cursors are sealed with. Several processes that serve one base URL need the same one, or else a client
    /// that comes to another process with a cursor is answered 400 `invalidCursor` (RFC 9865 s2.1). Random by default.
    pub fn cursor_key(mut self, key: CursorKey) -> Self {
        self.cursor_key = Some(key);
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
        let authenticator = self.whole_authenticator().ok_or(BuildError::NoAuthenticator)?;
        authenticator.check().map_err(BuildError::Authenticator)?;
        let base_url = base_url(self.base_url.take())?;
        let types = self.stored_types()?;
        self.check_partitions(&types)?;
        if self.atomic_bulk && !share_units_of_work(&types) {
            return Err(BuildError::NoUnitOfWork);
        }
        let limits = Arc::new(self.limits);
        let shared = SharedParts { base_url: &base_url, types, limits: &limits, passwords: self.password.is_some() };
        let faces = Faces::new(&shared, &self.provisioning, &self.named_provisioning)?;
        let of_connections = self.connections.iter().map(|connections| Arc::new(ConnectionLog::new(connections)) as _);
        let request_logs = of_connections.chain(self.request_log).collect();
        let engine = Engine {
            faces,
            cursors: CursorSeal::new(&self.cursor_key.unwrap_or_else(CursorKey::random), limits.cursor_timeout),
            policies: self.policies,
            observers: self.observers,
            password: self.password,
            me: self.me,
            request_logs,
            unknown_members: self.unknown_members,
            atomic_bulk: self.atomic_bulk,
            base_url,
            authenticator,
            profile: Arc::new(self.profile),
            limits,
            timer: OnceLock::new(),
            turns: Turns::new(),
            request_ids: RequestIds::new(),
            body_bytes: BodyBytes::default(),
        };
        if let Some(timer) = self.timer {
            engine.install_timer(timer);
        }
        Ok(ScimServer::from_engine(engine))
    }

    /// Whether all stores that have to do with passwords keep them.
    #[cfg(feature = "testing")]
    pub(crate) fn keeps_passwords(&self) -> bool {
        let user = ResourceType::user();
        let has_users = self.types.iter().any(|(known, _)| known.name() == user.name());
        let common = (!has_users).then_some((&user, &None));
        let types = self.types.iter().map(|(resource_type, store)| (resource_type, store)).chain(common);
        types.filter(|(resource_type, _)| has_password(resource_type)).all(|(resource_type, store)| {
            let store = store.as_ref().or(self.store.as_ref());
            store.is_none_or(|store| store.capabilities(resource_type).write_only)
        })
    }

    /// The keys of connections come first: what is none is told from one without asking anybody.
    fn whole_authenticator(&mut self) -> Option<Arc<dyn Authenticator>> {
        let explicit = self.authenticator.take();
        let Some(connections) = &self.connections else { return explicit };
        let keys = Arc::new(connections.authenticator());
        Some(match explicit {
            Some(explicit) => Arc::new(InOrder::new(keys, explicit)),
            None => keys,
        })
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

    fn check_partitions(&self, types: &[StoredType]) -> Result<(), BuildError> {
        if self.connections.is_none() || self.allow_shared_resources {
            return Ok(());
        }
        let sharing = types.iter().find(|(resource_type, store)| !store.capabilities(resource_type).partitions);
        sharing.map_or(Ok(()), |(resource_type, _)| {
            Err(BuildError::SharedResources { resource_type: resource_type.name().to_owned() })
        })
    }

    /// A type that is known stays as it is.
    fn set_store(mut self, builtin: ResourceType, store: Arc<dyn ResourceStore>) -> Self {
        match self.types.iter_mut().find(|(known, _)| known.name() == builtin.name()) {
            Some((_, slot)) => *slot = Some(store),
            None => self.types.push((builtin, Some(store))),
        }
        self
    }

    /// With a common store, users and groups are served whether they were named or not, in this order.
    fn stored_types(&mut self) -> Result<Vec<StoredType>, BuildError> {
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
            stored.push((resource_type, store));
        }
        if stored.is_empty() {
            return Err(BuildError::NoStore);
        }
        Ok(stored)
    }
}

/// A resource type with the store that its resources are in.
type StoredType = (ResourceType, Arc<dyn ResourceStore>);

/// Whether one store holds everything and can make several operations one.
fn share_units_of_work(types: &[StoredType]) -> bool {
    let Some((_, first)) = types.first() else { return false };
    let is_shared = |(_, store): &StoredType| std::ptr::addr_eq(Arc::as_ptr(store), Arc::as_ptr(first));
    first.unit_of_work().is_some() && types.iter().all(is_shared)
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
