//! A SCIM 2.0 server as a library.

mod auth;
mod builder;
mod compat;
mod context;
mod cursor;
mod discovery;
mod error;
mod filter;
mod hook;
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
#[cfg(feature = "testing")]
pub mod testing;
mod timer;

pub use auth::{AuthError, Authenticator, BearerTokens, Principal};
pub use builder::{BuildError, ScimServerBuilder};
pub use compat::{CompatProfile, UnknownExtensions};
pub use context::{Context, RequestId};
pub use cursor::CursorKey;
pub use error::{ErrorKind, ScimError, ScimType, ERROR_SCHEMA};
pub use filter::sql;
pub use filter::{parse_path, CompareOperator, Filter, FilterError, Literal, Operand, PatchPath, ResolvedFilter};
pub use hook::{Draft, Event, EventKind, Me, Observer, PasswordHasher, Policy, Subject, Write};
pub use limits::Limits;
pub use operation::UnknownMembers;
pub use patch::{PatchPlan, Patched};
pub use resource::{
    fold, Address, Attributes, Certificate, DateTime, Email, EnterpriseUser, Entitlement, ExternalId, Group,
    InstantMessage, Manager, Member, Meta, MultiValue, Name, PhoneNumber, Photo, Resource, ResourceId,
    ResourceReference, Role, TenantId, User, Version,
};
pub use schema::{
    check_resource_types, enterprise_user_schema, group_schema, user_schema, Attribute, AttributePath, AttributeRoot,
    AttributeSet, AttributeType, Mutability, Normalized, ResolvedPath, ResourceType, Returned, Schema, SchemaError,
    SchemaExtension, Uniqueness, ENTERPRISE_USER, GROUP, USER,
};
pub use server::ScimServer;
pub use store::{
    BeginUnitOfWork, Capabilities, Fetch, MembersUpdate, MemoryStore, NewResource, Page, PageRequest, Position, Query,
    ResourceStore, Sort, SortKey, StoreError, UnitOfWork, Update,
};
pub use timer::Timer;
