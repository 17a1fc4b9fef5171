//! A SCIM 2.0 server as a library.

mod auth;
mod compat;
mod context;
mod error;
mod filter;
mod limits;
mod patch;
mod resource;
mod schema;
mod store;

pub use auth::{AuthError, Authenticator, Principal};
pub use compat::{CompatProfile, UnknownExtensions};
pub use context::{Context, RequestId};
pub use error::{ErrorKind, ScimError, ScimType, ERROR_SCHEMA};
pub use filter::sql;
pub use filter::{parse_path, CompareOperator, Filter, FilterError, Literal, Operand, PatchPath, ResolvedFilter};
pub use limits::Limits;
pub use patch::{PatchPlan, Patched};
pub use resource::{fold, Attributes, DateTime, ExternalId, Member, Meta, Resource, ResourceId, TenantId, Version};
pub use schema::{
    enterprise_user_schema, group_schema, user_schema, Attribute, AttributePath, AttributeRoot, AttributeSet,
    AttributeType, Mutability, Normalized, ResolvedPath, ResourceType, Returned, Schema, SchemaExtension, Uniqueness,
    ENTERPRISE_USER, GROUP, USER,
};
pub use store::{
    Capabilities, Fetch, MembersUpdate, MemoryStore, NewResource, Page, PageRequest, Position, Query, ResourceStore,
    Sort, SortKey, StoreError, Update,
};
