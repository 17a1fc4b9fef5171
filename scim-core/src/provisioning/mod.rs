//! What a product wants of provisioning, declared: attributes, operations, and what becomes of a resource that leaves,
//! returns, or was there before.

mod face;
mod format;
mod hidden;
mod lifecycle;
mod operations;
mod path;
mod policy;
mod prepared;
mod rules;
mod schema_rules;
mod write_rules;

pub(crate) use face::{unknown_policy, Face, Faces, SharedParts};
pub use format::{CustomFormat, Format};
pub use lifecycle::{HostResources, OnDelete, OnInactive, OnReturn};
pub use operations::ResourceOperation;
pub use policy::ProvisioningPolicy;
pub(crate) use prepared::PreparedRules;
pub use rules::{ResourceRules, UnknownAttributes};
pub(crate) use write_rules::value_of;
