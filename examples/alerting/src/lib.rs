//! A crisis alerting service that Microsoft Entra ID provisions. First comes all of its SCIM, then what the product
//! does by itself. `cargo run -p alerting` starts it.

use axum::extract::{Path, State};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use example_host::{Answer, Error, Failure, Sessions};
use scim_core::{
    group_schema, user_schema, Attribute, AuditDetail, AuditQuery, CompatProfile, ConnectionError, Connections,
    ErrorKind, Format, Group, OnInactive, Principal, PrincipalResources, Provider, ProvisioningPolicy, ResourceId,
    ResourceOperation, ResourceType, Resources, Rotation, ScimError, ScimServer, StoreError, Stored, TenantId,
    UniqueWithin, UnknownAttributes, User,
};
use scim_sqlx::Database;
use serde_json::{json, Value};

/// Where SCIM is, on the site of the product.
const MOUNTED_AT: &str = "/core/v1/scim/v2";

/// The product at work.
#[derive(Clone)]
struct Product {
    server: ScimServer,
    database: Database,
    connections: Connections,
    sessions: Sessions,
}

/// The product on a site such as `https://example.com`, with SCIM mounted in it and everything in one database.
///
/// # Errors
///
/// Those of the database.
pub async fn app(site: String, database: Database) -> Result<Router, Error> {
    let connections = Connections::new(database.connections()).with_key_prefix("alerting")?;
    let sessions = Sessions::open(&database).await?;
    let database = database.with_audit(AuditDetail::Paths);
    let server = ScimServer::builder()
        .base_url(format!("{site}{MOUNTED_AT}"))
        .store(database.clone())
        .resource_type(user())
        .resource_type(group())
        .connections(&connections)
        .profile(profile())
        .provisioning(policy())
        .observer(sessions.clone())
        .build()?;
    let product = Product { server: server.clone(), database, connections, sessions };
    // A real product has its own authentication in front of its routes: support and the customer's administrators come
    // by `/customers`, everybody by `/sessions`.
    let routes = Router::new()
        .route("/customers/{customer}/connection", post(connect))
        .route("/customers/{customer}/connection/key", post(replace_key))
        .route("/customers/{customer}/users", post(add_user))
        .route("/customers/{customer}/users/{id}", get(show_user))
        .route("/customers/{customer}/users/{id}/language", put(set_language))
        .route("/customers/{customer}/users/{id}/migration", post(migrate))
        .route("/customers/{customer}/sub-accounts/{sub_account}/groups", post(add_group))
        .route("/customers/{customer}/history", get(history))
        .route("/customers/{customer}/sessions", post(sign_in))
        .merge(product.sessions.router());
    Ok(routes.with_state(product).merge(scim_axum::router(MOUNTED_AT, server)))
}

/// Users as the product has them, made by hand or not: a user name is taken on the whole platform.
fn user() -> ResourceType {
    let schema = user_schema().with("userName", |name| *name = name.clone().unique_within(UniqueWithin::Platform));
    ResourceType::user().with_schema(schema)
}

/// Groups as the product has them: each in a sub-account.
fn group() -> ResourceType {
    ResourceType::group().with_schema(group_schema().attribute(Attribute::string("subAccount")))
}

/// The default mapping of Entra ID changes the e-mail address by itself, which the product assigns.
fn profile() -> CompatProfile {
    let mut profile = CompatProfile::default();
    profile.ignore_read_only_paths = true;
    profile
}

/// What of them the identity provider may see and do.
fn policy() -> ProvisioningPolicy {
    ProvisioningPolicy::new()
        .users(|users| {
            users
                .only(["userName", "displayName", "active", "title", "phoneNumbers", "emails"])
                .unknown(UnknownAttributes::Ignore)
                .require("displayName")
                .require("active")
                .format("userName", Format::Email)
                .at_most("phoneNumbers", 1)
                .format("phoneNumbers", Format::E164)
                .immutable("phoneNumbers")
                .derive("emails", |user| json!([{"value": user.string("userName"), "type": "work", "primary": true}]))
                // As unless something else is said, DELETE deletes, whoever returns is somebody new, and those made by
                // hand are hidden.
                .on_inactive(OnInactive::Delete)
        })
        .groups(|groups| {
            groups
                .only(["displayName", "members"])
                .unknown(UnknownAttributes::Ignore)
                .without(ResourceOperation::Create)
                .require("externalId")
                .require("displayName")
                .require("members")
        })
}

type At = State<Product>;
type Of<T> = Path<(TenantId, T)>;
type Found = (Resources<User>, Stored<User>);

impl Product {
    /// The users that a customer made by hand.
    fn by_hand(&self, customer: &TenantId) -> Resources<User> {
        self.server.resources_of(Principal::new(customer.clone(), "the product")).users()
    }

    /// What Entra ID provisioned for a customer.
    async fn provisioned(&self, customer: TenantId) -> Result<PrincipalResources, ConnectionError> {
        let entra = self.connections.of_tenant(customer).first().await?.ok_or(ConnectionError::NotFound)?;
        Ok(self.server.resources_of(&entra))
    }

    /// The user who has this value, made by hand or by Entra ID, among those who were made alike.
    async fn user(&self, customer: &TenantId, attribute: &str, value: &str) -> Result<Found, Failure> {
        let connections = self.connections.of_tenant(customer.clone()).list().await?;
        let provisioned = connections.iter().map(|connection| self.server.resources_of(connection).users());
        for users in provisioned.chain([self.by_hand(customer)]) {
            if let Some(found) = users.find(attribute, value).await? {
                return Ok((users, found));
            }
        }
        Err(StoreError::NotFound.into())
    }
}

/// The URL and the key to enter at Entra ID. The key is not shown again.
async fn connect(State(product): At, Path(customer): Path<TenantId>) -> Answer {
    let connections = product.connections.of_tenant(customer);
    if connections.first().await?.is_some() {
        return Err(ScimError::new(ErrorKind::Conflict, "The customer is connected; replace a key that is lost").into());
    }
    let (connection, key) = connections.connect(Provider::EntraId, "Entra ID").await?;
    let tenant_url = connection.provider.tenant_url(product.server.base_url());
    Ok(Json(json!({"tenantUrl": tenant_url, "secretToken": key.reveal()})))
}

/// The old key is worth nothing from when this returns.
async fn replace_key(State(product): At, Path(customer): Path<TenantId>) -> Answer {
    let connections = product.connections.of_tenant(customer);
    let connection = connections.first().await?.ok_or(ConnectionError::NotFound)?;
    let key = connections.rotate(&connection.id, Rotation::AtOnce).await?;
    Ok(Json(json!({"secretToken": key.reveal()})))
}

async fn add_user(State(product): At, Path(customer): Path<TenantId>, Json(mut user): Json<User>) -> Answer {
    user.active = Some(true);
    Ok(Json(json!({"id": product.by_hand(&customer).create(&user).await?.id})))
}

async fn show_user(State(product): At, Path((customer, id)): Of<String>) -> Answer {
    let (_, user) = product.user(&customer, "id", &id).await?;
    Ok(Json(json!(user.value)))
}

/// SCIM does not map the language of alerts, so it is edited here.
async fn set_language(State(product): At, Path((customer, id)): Of<String>, language: String) -> Answer {
    let (users, user) = product.user(&customer, "id", &id).await?;
    let edited = users.edit(&user.id, |user| user.preferred_language = Some(language.clone())).await?;
    Ok(Json(json!(edited.value)))
}

/// From now on the provider finds the user and decides about it.
async fn migrate(State(product): At, Path((customer, id)): Of<ResourceId>) -> Answer {
    product.by_hand(&customer).migrate_to(&id, &product.provisioned(customer).await?).await?;
    Ok(Json(json!({})))
}

/// A group of a sub-account, which the provider then finds by its own object id and fills.
async fn add_group(State(product): At, Path((customer, place)): Of<String>, Json(mut new): Json<Group>) -> Answer {
    new.other.insert("subAccount".to_owned(), json!(place));
    Ok(Json(json!({"id": product.provisioned(customer).await?.groups().create(&new).await?.id})))
}

/// Who changed what, and who was signed in: of users who are gone too.
async fn history(State(product): At, Path(customer): Path<TenantId>) -> Answer {
    let audit = product.database.audit(&customer, &AuditQuery::newest(1_000)).await?.into_iter().map(|record| {
        let (who, what) = (record.principal, record.kind.as_str());
        json!({"at": record.time.to_string(), "who": who, "what": what, "id": record.resource_id})
    });
    let sessions = product.sessions.of_customer(&customer).await?;
    Ok(Json(json!({"audit": audit.collect::<Value>(), "sessions": sessions})))
}

async fn sign_in(State(product): At, Path(customer): Path<TenantId>, user_name: String) -> Answer {
    let (_, user) = product.user(&customer, "userName", &user_name).await?;
    if !user.is_active() {
        return Err(StoreError::NotFound.into());
    }
    Ok(Json(json!({"session": product.sessions.begin(&customer, &user.id).await?})))
}
