//! Provisioning connections: which identity provider of a customer asks, with which keys, and which resources are its own.

mod definition;
mod key;
mod log;
mod mapping;
mod partition;
mod profile;
mod provider;
mod store;

pub use definition::{Connection, ConnectionState, UnknownName};
pub use key::{KeyHash, KeyInfo, StoredKey};
pub use log::{RequestLog, RequestRecord};
pub use mapping::AttributeMapping;
pub use partition::Partition;
pub use profile::ProfileChoice;
pub use provider::Provider;
pub use store::{ConnectionStore, KeyEnd, RequestOutcome};
