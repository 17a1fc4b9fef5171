//! How a product's own code reads and writes resources: with the types, the policy and the stores of its server.

mod disconnect;
mod document;
mod pages;
mod principal_resources;
mod resources;
mod stored;
mod stored_types;

pub use disconnect::Leftovers;
pub use principal_resources::PrincipalResources;
pub use resources::Resources;
pub use stored::Stored;
pub(crate) use stored_types::{StoredType, StoredTypes};
