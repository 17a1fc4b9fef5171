//! Schemas and resource types as data (RFC 7643 s2, s6, s7), and what they make of a document.

mod attribute_path;
mod builtin;
mod definition;
pub(crate) mod normalize;
mod resource_type;
pub(crate) mod validate;

pub use attribute_path::{AttributePath, AttributeRoot, ResolvedPath};
pub(crate) use builtin::{discovery_schemas, RESOURCE_TYPE, SCHEMA, SERVICE_PROVIDER_CONFIG};
pub use builtin::{enterprise_user_schema, group_schema, user_schema, ENTERPRISE_USER, GROUP, USER};
pub use definition::{Attribute, AttributeSet, AttributeType, Mutability, Returned, Schema, Uniqueness};
pub use normalize::Normalized;
pub use resource_type::{ResourceType, SchemaExtension};
