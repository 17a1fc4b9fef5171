//! What the product does by itself. A real one has its own authentication in front of every route here: support and the
//! customer's administrators come by `/customers`, everybody by `/sessions`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use scim_core::{
    create_resource, edit_resource, find_resource, migrate_to_connection, Connection, Connections, Context, ErrorKind,
    Fetch, Group, KeyOptions, Principal, Provider, ResourceId, ResourceStore, Rotation, ScimError, StoreError,
    TenantId, User,
};
use serde_json::{json, Value};

use crate::database::Database;
use crate::problem::Problem;
use crate::sessions::Sessions;
use crate::MOUNTED_AT;

/// The product at work.
#[derive(Clone)]
pub struct Product {
    pub(crate) base_url: String,
    pub(crate) store: Arc<dyn ResourceStore>,
    pub(crate) connections: Connections,
    pub(crate) database: Database,
    pub(crate) sessions: Sessions,
}

pub(crate) fn routes(product: Product) -> Router {
    Router::new()
        .route("/customers/{customer}/connection", post(connect))
        .route("/customers/{customer}/connection/key", post(replace_key))
        .route("/customers/{customer}/users", post(add_user))
        .route("/customers/{customer}/users/{id}", get(show_user))
        .route("/customers/{customer}/users/{id}/language", put(set_language))
        .route("/customers/{customer}/users/{id}/migration", post(migrate))
        .route("/customers/{customer}/sub-accounts/{sub_account}/groups", post(add_group))
        .route("/customers/{customer}/history", get(history))
        .route("/customers/{customer}/sessions", post(sign_in))
        .route("/sessions/{token}", get(session))
        .with_state(product)
}

type At = State<Product>;
type Customer = Path<String>;
type OfCustomer = Path<(String, String)>;
type Answer = Result<Json<Value>, Problem>;

impl Product {
    /// The product with its data in `postgres://USER:PASSWORD@HOST/DATABASE` or in the SQLite file of a path. `site` is
    /// where people and providers reach it, such as `https://example.com`.
    ///
    /// # Errors
    ///
    /// The database cannot be opened.
    pub async fn open(site: &str, database: &str) -> Result<Self, ScimError> {
        let database = Database::open(database).await?;
        Ok(Self {
            base_url: format!("{site}{MOUNTED_AT}"),
            store: database.resources(),
            connections: Connections::new(database.connections()).with_key_prefix("alerting")?,
            sessions: Sessions::open(database.clone()).await?,
            database,
        })
    }

    /// Connects a customer: the URL and the key to enter at Entra ID. The key is not shown again.
    ///
    /// # Errors
    ///
    /// 409 for a customer who is connected already, and what the database fails with.
    pub async fn connect(&self, customer: &TenantId) -> Result<(String, String), ScimError> {
        let connections = self.connections.of_tenant(customer.clone());
        if !connections.list().await?.is_empty() {
            return Err(ScimError::new(
                ErrorKind::Conflict,
                "The customer is connected; replace the key if it is lost",
            ));
        }
        let connection = connections.create(Provider::EntraId, "Entra ID").await?;
        let key = connections.issue_key(&connection.id, KeyOptions::new()).await?;
        Ok((connection.provider.tenant_url(&self.base_url), key.reveal()))
    }

    /// The one connection of a customer, to Entra ID.
    async fn connection(&self, customer: &TenantId) -> Result<Connection, ScimError> {
        let mut connections = self.connections.of_tenant(customer.clone()).list().await?;
        Ok(connections.pop().ok_or(StoreError::NotFound)?)
    }

    /// Where a customer has users: those made by hand, and those of Entra ID.
    async fn users(&self, customer: &TenantId) -> Result<Vec<Context>, ScimError> {
        let connections = self.connections.of_tenant(customer.clone()).list().await?;
        let provisioned = connections.iter().map(|connection| Context::new(connection.principal(), crate::user()));
        Ok(std::iter::once(by_hand(customer)).chain(provisioned).collect())
    }
}

fn by_hand(customer: &TenantId) -> Context {
    Context::new(Principal::new(customer.clone(), "the product"), crate::user())
}

async fn connect(State(product): At, Path(customer): Customer) -> Answer {
    let (tenant_url, key) = product.connect(&TenantId::new(customer)).await?;
    Ok(Json(json!({"tenantUrl": tenant_url, "secretToken": key})))
}

/// The old key is worth nothing from when this returns.
async fn replace_key(State(product): At, Path(customer): Customer) -> Answer {
    let customer = TenantId::new(customer);
    let connection = product.connection(&customer).await?;
    let key = product.connections.of_tenant(customer).rotate(&connection.id, Rotation::AtOnce).await?;
    Ok(Json(json!({"secretToken": key.reveal()})))
}

async fn add_user(State(product): At, Path(customer): Customer, Json(mut user): Json<User>) -> Answer {
    user.active = Some(true);
    user.display_name.get_or_insert_with(|| user.user_name.clone());
    let made = create_resource(&*product.store, &by_hand(&TenantId::new(customer)), &user).await?;
    Ok(Json(json!({"id": made.id.as_str()})))
}

async fn show_user(State(product): At, Path((customer, id)): OfCustomer) -> Answer {
    for cx in product.users(&TenantId::new(customer)).await? {
        if let Some(user) = product.store.get(&cx, &ResourceId::new(&*id), &Fetch::all()).await? {
            return Ok(Json(json!(user.attributes.as_map())));
        }
    }
    Err(StoreError::NotFound.into())
}

/// SCIM does not map the language of alerts, so it is edited here.
async fn set_language(State(product): At, Path((customer, id)): OfCustomer, language: String) -> Answer {
    let edit = |user: &mut User| user.preferred_language = Some(language.clone());
    for cx in product.users(&TenantId::new(customer)).await? {
        match edit_resource(&*product.store, &cx, &ResourceId::new(&*id), edit).await {
            Err(error) if *error.kind() == ErrorKind::NotFound => {}
            edited => return Ok(Json(json!(edited?.attributes.as_map()))),
        }
    }
    Err(StoreError::NotFound.into())
}

/// From now on the provider finds the user and decides about it.
async fn migrate(State(product): At, Path((customer, id)): OfCustomer) -> Answer {
    let customer = TenantId::new(customer);
    let connection = product.connection(&customer).await?.id;
    migrate_to_connection(&*product.store, &by_hand(&customer), &ResourceId::new(id), connection).await?;
    Ok(Json(json!({})))
}

/// A group of a sub-account, which the provider then finds by its own object id and fills.
async fn add_group(
    State(product): At,
    Path((customer, sub_account)): OfCustomer,
    Json(mut group): Json<Group>,
) -> Answer {
    group.other.insert("subAccount".to_owned(), json!(sub_account));
    let connection = product.connection(&TenantId::new(customer)).await?;
    let made = create_resource(&*product.store, &Context::new(connection.principal(), crate::group()), &group).await?;
    Ok(Json(json!({"id": made.id.as_str()})))
}

/// Who changed what, and who was signed in: of users who are gone too.
async fn history(State(product): At, Path(customer): Customer) -> Answer {
    let customer = TenantId::new(customer);
    let audit = product.database.audit(&customer).await?.into_iter().map(|record| {
        let (who, what) = (record.principal, record.kind.as_str());
        json!({"at": record.time.to_string(), "who": who, "what": what, "id": record.resource_id.as_str()})
    });
    let sessions = product.sessions.of_customer(&customer).await?;
    Ok(Json(json!({"audit": audit.collect::<Value>(), "sessions": sessions})))
}

/// A real product asks for a password, or the customer's identity provider, first.
async fn sign_in(State(product): At, Path(customer): Customer, user_name: String) -> Answer {
    let customer = TenantId::new(customer);
    for cx in product.users(&customer).await? {
        let found = find_resource(&*product.store, &cx, "userName", &user_name).await?;
        if let Some(user) = found.filter(|user| user.attributes.boolean("active") == Some(true)) {
            return Ok(Json(json!({"session": product.sessions.begin(&customer, &user.id).await?})));
        }
    }
    Err(StoreError::NotFound.into())
}

async fn session(State(product): At, Path(token): Path<String>) -> Result<StatusCode, Problem> {
    Ok(if product.sessions.is_open(&token).await? { StatusCode::OK } else { StatusCode::UNAUTHORIZED })
}
