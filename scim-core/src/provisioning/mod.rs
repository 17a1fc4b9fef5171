//! What a product wants of provisioning, declared: attributes, operations, and what becomes of a resource that leaves,
//! returns, or was there before.

mod format;
mod lifecycle;
mod migrate;
mod operations;
mod policy;
mod rules;

pub use format::{CustomFormat, Format};
pub use lifecycle::{HostResources, OnDelete, OnInactive, OnReturn};
pub use migrate::migrate_to_connection;
pub use operations::ResourceOperation;
pub use policy::ProvisioningPolicy;
pub use rules::{ResourceRules, UnknownAttributes};
