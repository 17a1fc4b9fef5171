//! A SCIM 2.0 server as a library.

mod auth;
mod builder;
mod compat;
mod context;
mod discovery;
mod error;
mod filter;
mod json;
mod limits;
mod operation;
mod patch;
mod projection;
mod representation;
mod request;
mod resource;
mod response;
mod route;
mod schema;
mod served_type;
mod server;
mod store;
mod timer;

pub use auth::{AuthError, Authenticator, BearerTokens, Principal};
pub use builder::{BuildError, ScimServerBuilder};
pub use compat::{CompatProfile, UnknownExtensions};
pub use context::{Context, RequestId};
pub use error::{ErrorKind, ScimError, ScimType, ERROR_SCHEMA};
pub use filter::{parse_path, CompareOperator, Filter, FilterError, Literal, Operand, PatchPath, ResolvedFilter};
pub use limits::Limits;
pub use patch::{PatchPlan, Patched};
pub use resource::{fold, Attributes, DateTime, ExternalId, Member, Meta, Resource, ResourceId, TenantId, Version};
pub use schema::{
    enterprise_user_schema, group_schema, user_schema, Attribute, AttributePath, AttributeRoot, AttributeSet,
    AttributeType, Mutability, Normalized, ResolvedPath, ResourceType, Returned, Schema, SchemaExtension, Uniqueness,
    ENTERPRISE_USER, GROUP, USER,
};
pub use server::ScimServer;
pub use store::{
    Capabilities, Fetch, MembersUpdate, MemoryStore, NewResource, Page, PageRequest, Position, Query, ResourceStore,
    Sort, SortKey, StoreError, Update,
};
pub use timer::Timer;
