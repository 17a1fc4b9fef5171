//! A SCIM 2.0 service provider as a library: RFC 7643, RFC 7644 and RFC 9865 on [`http`] types.
//!
//! Identity providers such as Microsoft Entra ID and Okta create, update, deactivate and delete users and groups in the
//! products a company uses, by SCIM. This crate is the whole protocol without a framework, a runtime or a database: give
//! [`ScimServer::handle`] a request and it answers with a response. The crates `scim-axum` and `scim-actix` mount it into
//! a web framework, and `scim-sqlx` has ready stores.
//!
//! ```
//! use bytes::Bytes;
//! use scim_core::{BearerTokens, MemoryStore, ScimServer, TenantId};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let server = ScimServer::builder()
//!     .base_url("https://example.com/scim/v2")
//!     .store(MemoryStore::new())
//!     .authenticator(BearerTokens::new().token("a long random secret", TenantId::new("acme")))
//!     .build()?;
//!
//! let request = http::Request::get("/Users?filter=userName%20eq%20%22bjensen%22")
//!     .header("authorization", "Bearer a long random secret")
//!     .body(Bytes::new())
//!     .unwrap();
//! assert_eq!(server.handle(request).await.status(), 200);
//! # Ok::<(), scim_core::BuildError>(())
//! # }).unwrap();
//! ```
//!
//! # Where to look
//!
//! * To keep resources in your own tables, implement [`ResourceStore`]; the feature `testing` has a suite that tells
//!   whether it keeps the contract. `sql` renders filters for it.
//! * To change what users and groups are, start from [`ResourceType::user`] and [`ResourceType::group`]; new resource
//!   types are made of [`Schema`] and [`Attribute`], or read from the RFC's JSON.
//! * To say what your product wants of provisioning - attributes, operations, what deactivation and deletion mean -
//!   declare a [`ProvisioningPolicy`].
//! * To have a say in writes, implement [`Policy`]; to act on them, [`Observer`], or [`AuditObserver`] for a trail of
//!   them; to take passwords, [`PasswordHasher`].
//! * To read and write resources in your product's own code, take them from [`ScimServer::resources_of`] a connection or
//!   a tenant, or from [`Context::resources`] in an observer, as [`User`], [`Group`] or a type of your own.
//! * What real identity providers send against the RFC is understood by default; [`CompatProfile`] lists it switch by
//!   switch.
//! * To let customers connect their identity providers by themselves, with API keys that they rotate and revoke, keep
//!   [`Connections`]; a settings page needs nothing else. Tokens of an authorization server are for `JwtBearer`, behind
//!   the feature `jwt`.
//! * Every bound is in [`Limits`].
//! * What the signatures here are made of is [`async_trait`], [`bytes`] and [`http`]: use these, where the host's
//!   framework has another version of them.

mod audit;
mod auth;
mod authenticated;
mod body_room;
mod builder;
mod compat;
mod connection;
mod context;
mod cursor;
mod discovery;
mod error;
mod filter;
mod hook;
mod host;
mod json;
mod json_writer;
mod limits;
mod log_line;
mod nearest;
mod on_request;
mod operation;
mod patch;
mod projection;
mod provisioning;
mod representation;
mod request;
mod request_ids;
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
mod turns;
mod write_only;

pub use {async_trait, bytes, http};

pub use audit::{AuditDetail, AuditKind, AuditObserver, AuditQuery, AuditRecord, AuditSink};
pub use auth::{AuthError, Authenticator, BearerTokens, Principal, Scopes};
#[cfg(feature = "jwt")]
pub use auth::{JwtAlgorithm, JwtBearer, JwtClaims, JwtKey, JwtKeyError, JwtKeySet, JwtKeys};
pub use authenticated::Authenticated;
pub use builder::{BuildError, ScimServerBuilder};
pub use compat::{CompatProfile, UnknownExtensions};
pub use connection::{
    AttributeMapping, Connection, ConnectionAuthenticator, ConnectionError, ConnectionState, ConnectionStore,
    Connections, IssuedKey, KeyEnd, KeyHash, KeyInfo, KeyOptions, MemoryConnectionStore, MemoryRequestLog, Partition,
    ProfileChoice, Provider, RequestLog, RequestOutcome, RequestRecord, Rotation, StoredKey, TenantConnections,
    UnknownName, KEY_PATTERN,
};
pub use context::{Context, RequestId};
pub use cursor::{CursorKey, InvalidCursorKey};
pub use error::{ErrorKind, ScimError, ScimType, ERROR_SCHEMA};
pub use filter::sql;
pub use filter::{parse_path, CompareOperator, Filter, FilterError, Literal, Operand, PatchPath, ResolvedFilter};
pub use hook::{Draft, Event, EventKind, Me, Observer, PasswordHasher, Policy, Subject, Write};
pub use host::{Leftovers, PrincipalResources, Resources, Stored};
pub use limits::Limits;
pub use operation::UnknownMembers;
pub use patch::{PatchPlan, Patched};
pub use provisioning::{
    CustomFormat, Format, HostResources, OnDelete, OnInactive, OnReturn, ProvisioningPolicy, ResourceOperation,
    ResourceRules, UnknownAttributes,
};
pub use resource::{
    fold, Address, Attributes, Certificate, ConnectionId, DateTime, Email, EnterpriseUser, Entitlement, ExternalId,
    Group, InstantMessage, KeyId, Manager, Member, Meta, MultiValue, Name, PhoneNumber, Photo, Resource, ResourceId,
    ResourceReference, Role, TenantId, User, Version,
};
pub use schema::{
    check_resource_types, enterprise_user_schema, group_schema, user_schema, Attribute, AttributePath, AttributeRoot,
    AttributeSet, AttributeType, Mutability, Normalized, ResolvedPath, ResourceType, Returned, Schema, SchemaError,
    SchemaExtension, UniqueWithin, Uniqueness, ENTERPRISE_USER, GROUP, USER,
};
pub use server::ScimServer;
pub use store::{
    BeginUnitOfWork, Capabilities, Fetch, MembersUpdate, MemoryStore, NewResource, Page, PageRequest, Position, Query,
    ResourceStore, Sort, SortKey, StoreError, UnitOfWork, Update,
};
pub use timer::Timer;
