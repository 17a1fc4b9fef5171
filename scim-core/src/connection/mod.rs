//! Provisioning connections: which identity provider of a customer asks, with which keys, and which resources are its own.

mod authenticator;
mod definition;
mod gate;
mod key;
mod log;
mod mapping;
mod memory;
mod partition;
mod profile;
mod provider;
mod service;
mod store;
mod tenant;

pub use authenticator::ConnectionAuthenticator;
pub use definition::{Connection, ConnectionState, UnknownName};
pub use key::{IssuedKey, KeyHash, KeyInfo, KeyOptions, Rotation, StoredKey, KEY_PATTERN};
pub(crate) use log::ConnectionLog;
pub use log::{MemoryRequestLog, RequestLog, RequestRecord};
pub use mapping::AttributeMapping;
pub use memory::MemoryConnectionStore;
pub use partition::Partition;
pub use profile::ProfileChoice;
pub use provider::Provider;
pub use service::{ConnectionError, Connections};
pub use store::{ConnectionStore, KeyEnd, RequestOutcome};
pub use tenant::TenantConnections;
