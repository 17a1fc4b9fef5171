//! The server that the suite is made for.

use std::sync::Arc;

use async_trait::async_trait;
use http::request::Parts;

use crate::auth::{AuthError, Authenticator, BearerTokens, Principal};
use crate::builder::ScimServerBuilder;
use crate::context::Context;
use crate::error::{ErrorKind, ScimError};
use crate::hook::{Me, PasswordHasher, Policy, Subject, Write};
use crate::limits::Limits;
use crate::resource::{ResourceId, TenantId};
use crate::schema::{Attribute, Mutability, ResourceType, Returned, Schema, Uniqueness};
use crate::server::ScimServer;
use crate::store::ResourceStore;

/// The token of the tenant that most checks are about.
pub(super) const TOKEN: &str = "http-suite-a";
/// The token of another tenant of the same server.
pub(super) const OTHER_TOKEN: &str = "http-suite-b";
/// Begins the token of a user of the first tenant, whose id follows: the credential is that user's `/Me`.
pub(super) const USER_TOKEN: &str = "http-suite-a.user.";
/// The token of somebody of the first tenant who may make a user of itself by POST to `/Me`.
pub(super) const NEWCOMER_TOKEN: &str = "http-suite-a.newcomer";

/// The title of a user that the policy refuses with 403.
pub(super) const REFUSED_TITLE: &str = "refused by policy";
/// The title of a user whose nickname the policy sets to `amended`.
pub(super) const AMENDED_TITLE: &str = "amended by policy";
/// The password that the hasher refuses.
pub(super) const REFUSED_PASSWORD: &str = "correct horse";

/// The URN of the extension of users.
pub(super) const BADGE: &str = "urn:example:params:scim:schemas:extension:badge:2.0:User";
/// The URN of the schema of devices.
pub(super) const DEVICE: &str = "urn:example:params:scim:schemas:Device";

/// A server as the [HTTP suite](super::HttpSuite) expects it, with everything in one store: users with an extension of
/// their own, groups, and devices.
///
/// The base URL and a timer are the host's to set; nothing else should be changed.
///
/// ```
/// let server = scim_core::testing::http_server(scim_core::MemoryStore::new())
///     .base_url("http://127.0.0.1:8080/scim/v2")
///     .build()?;
/// # Ok::<(), scim_core::BuildError>(())
/// ```
pub fn http_server(store: impl ResourceStore) -> ScimServerBuilder {
    let users = ResourceType::user().with_extension(badge_schema(), false);
    let devices = ResourceType::new("Device", "/Devices", device_schema()).with_description("Devices of the suite");
    http_server_of(ScimServer::builder().store(store).resource_type(users).resource_type(devices))
}

/// The same for a host that has stores of its own for what it serves, such as users alone. What is not there is skipped.
///
/// ```
/// # let my_users = scim_core::MemoryStore::new();
/// let builder = scim_core::ScimServer::builder().users(my_users);
/// let server = scim_core::testing::http_server_of(builder).build()?;
/// # Ok::<(), scim_core::BuildError>(())
/// ```
pub fn http_server_of(builder: ScimServerBuilder) -> ScimServerBuilder {
    let builder = if builder.keeps_passwords() { builder.password(SuiteHasher) } else { builder };
    builder
        .authenticator(SuiteTokens)
        .limits(limits())
        .policy(SuitePolicy)
        .me(SuiteMe)
        .base_url("https://example.com/scim/v2")
}

/// Small bounds, so that the suite gets to them soon.
pub(super) fn limits() -> Limits {
    Limits {
        body_bytes: 64 * 1024,
        filter_bytes: 1_024,
        filter_depth: 6,
        filter_terms: 16,
        path_bytes: 128,
        path_filter_depth: 3,
        patch_operations: 20,
        json_depth: 12,
        string_bytes: 2_048,
        values: 15,
        members_per_request: 12,
        members_per_group: 20,
        max_results: 10,
        bulk_operations: 8,
        echoed_members: 4,
        ..Limits::default()
    }
}

fn badge_schema() -> Schema {
    Schema::new(BADGE, "Badge")
        .attribute(Attribute::string("number").uniqueness(Uniqueness::Server))
        .attribute(Attribute::integer("level"))
        .attribute(Attribute::string("note").returned(Returned::Request))
}

fn device_schema() -> Schema {
    let port = [
        Attribute::integer("number").required(),
        Attribute::string("label"),
        Attribute::string("secret").returned(Returned::Never),
    ];
    Schema::new(DEVICE, "Device")
        .attribute(Attribute::string("serial").required().case_exact().uniqueness(Uniqueness::Server))
        .attribute(Attribute::string("model").returned(Returned::Always))
        .attribute(Attribute::string("vendor").mutability(Mutability::Immutable))
        .attribute(Attribute::string("firmware").mutability(Mutability::ReadOnly))
        .attribute(Attribute::string("pin").returned(Returned::Never))
        .attribute(Attribute::string("remarks").returned(Returned::Request))
        .attribute(Attribute::integer("units"))
        .attribute(Attribute::decimal("weight"))
        .attribute(Attribute::boolean("retired"))
        .attribute(Attribute::date_time("bought"))
        .attribute(Attribute::binary("certificate"))
        .attribute(Attribute::string("tags").multi_valued())
        .attribute(Attribute::complex("ports", port).multi_valued())
}

/// Knows the tokens of the suite.
struct SuiteTokens;

#[async_trait]
impl Authenticator for SuiteTokens {
    async fn authenticate(&self, head: &Parts) -> Result<Arc<Principal>, AuthError> {
        let tenant = |name: &str| TenantId::new(name);
        let mut tokens = BearerTokens::new()
            .token(TOKEN, tenant("http suite a"))
            .token(OTHER_TOKEN, tenant("http suite b"))
            .principal(NEWCOMER_TOKEN, Principal::new(tenant("http suite a"), "newcomer"));
        let header = head.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if let Some((_, id)) = header.split_once(USER_TOKEN) {
            let principal = Principal::new(tenant("http suite a"), format!("user {id}"));
            tokens = tokens.principal(format!("{USER_TOKEN}{id}"), principal);
        }
        tokens.authenticate(head).await
    }
}

/// Refuses and amends what asks for it.
struct SuitePolicy;

#[async_trait]
impl Policy for SuitePolicy {
    async fn before(&self, _: &Context, write: &mut Write<'_>) -> Result<(), ScimError> {
        let Some(draft) = write.draft() else { return Ok(()) };
        match draft.attributes().string("title") {
            Some(REFUSED_TITLE) => {
                Err(ScimError::new(ErrorKind::Forbidden, "The policy of the suite refuses this title"))
            }
            Some(AMENDED_TITLE) => draft.set("nickName", "amended"),
            _ => Ok(()),
        }
    }
}

/// Refuses one password and makes nothing of the others.
struct SuiteHasher;

#[async_trait]
impl PasswordHasher for SuiteHasher {
    async fn hash(&self, _: &Context, password: &str) -> Result<String, ScimError> {
        if password == REFUSED_PASSWORD {
            return Err(ScimError::invalid_value("password is one that everybody knows; choose another"));
        }
        Ok("not kept".to_owned())
    }
}

/// Takes the user from the token.
struct SuiteMe;

#[async_trait]
impl Me for SuiteMe {
    async fn subject(&self, principal: &Principal) -> Result<Subject, ScimError> {
        Ok(match principal.name().split_once(' ') {
            Some(("user", id)) => Subject::user(ResourceId::new(id)),
            None if principal.name() == "newcomer" => Subject::MayCreate { resource_type: "User".to_owned() },
            _ => Subject::Nobody,
        })
    }
}
