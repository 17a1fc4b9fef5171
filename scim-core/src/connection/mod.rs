//! Provisioning connections: which identity provider of a customer asks, and which resources are its own.

mod partition;

pub use partition::Partition;
