//! What the host does with connections and keys.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use super::key::text::{is_prefix, pattern};
use super::{ConnectionAuthenticator, ConnectionStore, RequestLog, TenantConnections};
use crate::error::{ErrorKind, ScimError};
use crate::resource::{DateTime, TenantId};
use crate::store::StoreError;

/// The connections of all customers: for the host's own pages and tools, and for the server to know who asks. A clone
/// shares everything.
///
/// ```
/// use bytes::Bytes;
/// use scim_core::{
///     Connections, KeyOptions, MemoryConnectionStore, MemoryRequestLog, MemoryStore, Provider, ScimServer, TenantId,
/// };
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let connections = Connections::new(MemoryConnectionStore::new()).with_request_log(MemoryRequestLog::new(200));
/// let server = ScimServer::builder().store(MemoryStore::new()).connections(&connections).build()?;
///
/// // On the settings page of a customer:
/// let acme = connections.of_tenant(TenantId::new("acme"));
/// let connection = acme.create(Provider::Okta, "Okta").await?;
/// let key = acme.issue_key(&connection.id, KeyOptions::new()).await?;
/// let shown_once = key.reveal();
///
/// let request = http::Request::get("/Users")
///     .header("Authorization", format!("Bearer {shown_once}"))
///     .body(Bytes::new())?;
/// assert_eq!(server.handle(request).await.status(), 200);
/// assert_eq!(acme.recent_requests(&connection.id, 10).await?.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Connections {
    pub(super) store: Arc<dyn ConnectionStore>,
    pub(super) log: Option<Arc<dyn RequestLog>>,
    pub(super) prefix: Arc<str>,
    raw: bool,
    pub(super) clock: Arc<dyn Fn() -> DateTime + Send + Sync>,
    pub(super) random: Random,
}

/// Fills bytes with random bits.
pub(super) type Random = fn(&mut [u8]) -> Result<(), Box<dyn StdError + Send + Sync>>;

impl Connections {
    /// The connections of this store, with keys that begin with `scim_`, the system's clock and no request log.
    #[must_use]
    pub fn new(store: impl ConnectionStore) -> Self {
        Self {
            store: Arc::new(store),
            log: None,
            prefix: "scim".into(),
            raw: true,
            clock: Arc::new(DateTime::now),
            random: from_operating_system,
        }
    }

    /// New keys begin with this and `_`. Keys with another prefix stay good.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::InvalidPrefix`] for what is not 2 to 16 lower-case letters and digits.
    pub fn with_key_prefix(mut self, prefix: &str) -> Result<Self, ConnectionError> {
        if !is_prefix(prefix.as_bytes()) {
            return Err(ConnectionError::InvalidPrefix);
        }
        self.prefix = prefix.into();
        Ok(self)
    }

    /// Keeps what connections ask and are answered.
    #[must_use]
    pub fn with_request_log(mut self, log: impl RequestLog) -> Self {
        self.log = Some(Arc::new(log));
        self
    }

    /// Whether a key is accepted as `Authorization: KEY`, without `Bearer`: some providers send a header as an administrator
    /// pastes it, such as Okta's applications with "Header Auth". On by default, for a key is told from everything else by
    /// its form and its checksum.
    #[must_use]
    pub fn allow_raw_tokens(mut self, allow: bool) -> Self {
        self.raw = allow;
        self
    }

    /// The same with another clock, for tests that want to know what time it is.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> DateTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The connections of one customer. Ids of other customers' connections and keys lead nowhere there, so that a page
    /// may take ids from its URL.
    #[must_use]
    pub fn of_tenant(&self, tenant: TenantId) -> TenantConnections {
        TenantConnections::new(self.clone(), tenant)
    }

    /// What lets requests in by the keys of these connections.
    #[must_use]
    pub fn authenticator(&self) -> ConnectionAuthenticator {
        ConnectionAuthenticator::new(Arc::clone(&self.store), Arc::clone(&self.clock)).allow_raw_tokens(self.raw)
    }

    /// What finds new keys in a text, as a regular expression for secret scanners.
    #[must_use]
    pub fn key_pattern(&self) -> String {
        pattern(&self.prefix)
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// Why nothing came of what the host wanted of its connections.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// The customer has no such connection or key, or the connection is deleted.
    #[error("there is no such connection or key")]
    NotFound,
    /// Keys cannot begin like this.
    #[error("the prefix of keys must be 2 to 16 lower-case letters and digits")]
    InvalidPrefix,
    /// The operating system has no random bits.
    #[error("the operating system has no random bits")]
    NoRandomness(#[source] Box<dyn StdError + Send + Sync>),
    /// The store failed.
    #[error("the store of connections failed")]
    Store(#[source] StoreError),
}

/// 404 for what is not there; a fault of the store is what it is for resources; everything else is 500.
impl From<ConnectionError> for ScimError {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::NotFound => Self::new(ErrorKind::NotFound, "There is no such connection or key"),
            ConnectionError::Store(error) => error.into(),
            error => Self::internal(error),
        }
    }
}

impl From<StoreError> for ConnectionError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            error => Self::Store(error),
        }
    }
}

fn from_operating_system(bytes: &mut [u8]) -> Result<(), Box<dyn StdError + Send + Sync>> {
    use chacha20poly1305::aead::rand_core::RngCore;
    chacha20poly1305::aead::OsRng.try_fill_bytes(bytes).map_err(|error| error.to_string().into())
}
