//! Schemas and resource types as data (RFC 7643 s2, s6, s7), and what they make of a document.

mod attribute_path;
mod attribute_set;
mod builtin;
mod check;
mod definition;
pub(crate) mod element;
mod json;
pub(crate) mod normalize;
pub(crate) mod normalize_value;
pub(crate) mod plain;
mod resource_type;
pub(crate) mod validate;
mod value_format;

pub use attribute_path::{AttributePath, AttributeRoot, ResolvedPath};
pub use attribute_set::AttributeSet;
pub(crate) use builtin::{discovery_schemas, SERVICE_PROVIDER_CONFIG};
pub use builtin::{enterprise_user_schema, group_schema, user_schema, ENTERPRISE_USER, GROUP, USER};
pub use check::{check_resource_types, SchemaError};
pub use definition::{Attribute, AttributeType, Mutability, Returned, Schema, UniqueWithin, Uniqueness};
pub use normalize::Normalized;
pub(crate) use plain::plain_value;
pub use resource_type::{ResourceType, SchemaExtension};
