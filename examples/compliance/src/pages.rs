//! What the product's own pages show. A real one authenticates whoever comes here, and takes the company from that and
//! not from the path.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use scim_core::{
    Connection, ConnectionError, ConnectionId, ConnectionState, Context, Fetch, Provider, Query, Resource, ResourceId,
    Rotation, StoreError, TenantConnections, TenantId,
};
use serde_json::{json, Value};

use crate::{vendor_name, Product};

type Page = Result<Json<Value>, Problem>;

pub(crate) fn router(product: Product) -> Router {
    Router::new()
        .route("/vendors", get(vendors))
        .route("/companies/{company}/connections", get(connections).post(connect))
        .route("/companies/{company}/connections/{connection}/key", post(replace_key))
        .route("/companies/{company}/connections/{connection}/state", put(set_state))
        .route("/companies/{company}/groups", get(groups))
        .route("/companies/{company}/connections/{connection}/groups/{group}/invites", put(set_invites))
        .route("/companies/{company}/users", get(users))
        .with_state(product)
}

/// The first step of "Add SCIM Connection".
async fn vendors() -> Json<Value> {
    Provider::ALL.iter().map(|vendor| json!({"vendor": vendor, "name": vendor_name(*vendor)})).collect::<Value>().into()
}

/// The second step, which answers with the others.
async fn connect(State(product): State<Product>, Path(company): Path<String>, Json(vendor): Json<Provider>) -> Page {
    let (connection, key) = product.connect(&company, vendor).await?;
    let steps = [
        format!("At {vendor} enter the URL under {}", vendor.url_field()),
        format!("Paste the key under {}; it is not shown again", vendor.key_field()),
        "Test the connection there, assign users and groups, and choose here whom to invite".to_owned(),
    ];
    Ok(Json(json!({"key": key, "steps": steps, "connection": product.shown(&connection)})))
}

async fn connections(State(product): State<Product>, Path(company): Path<String>) -> Page {
    let connections = product.of(company).list().await?;
    Ok(Json(connections.iter().map(|connection| product.shown(connection)).collect()))
}

async fn replace_key(State(product): State<Product>, Path((company, connection)): Path<(String, String)>) -> Page {
    let key = product.of(company).rotate(&ConnectionId::new(connection), Rotation::AtOnce).await?;
    Ok(Json(json!({"key": key.reveal()})))
}

async fn set_state(
    State(product): State<Product>,
    Path((company, connection)): Path<(String, String)>,
    Json(state): Json<ConnectionState>,
) -> Result<StatusCode, Problem> {
    let (company, connection) = (product.of(company), ConnectionId::new(connection));
    match state {
        ConnectionState::Active => company.resume(&connection).await?,
        ConnectionState::Paused => company.pause(&connection).await?,
        _ => company.delete(&connection).await?,
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The groups of all connections, named after where they come from.
async fn groups(State(product): State<Product>, Path(company): Path<String>) -> Page {
    let mut groups = Vec::new();
    for (connection, group) in product.all(company, "Group").await? {
        let name = group.attributes.string("displayName").unwrap_or_default();
        groups.push(json!({
            "id": group.id.as_str(), "connection": connection.id.as_str(), "name": format!("{} - {name}", connection.name),
            "members": group.attributes.values("members").len(), "invites": product.invitations.is_chosen(&group.id).await?,
        }));
    }
    Ok(Json(groups.into()))
}

/// The users of all connections, as they are now.
async fn users(State(product): State<Product>, Path(company): Path<String>) -> Page {
    let mut users = Vec::new();
    for (connection, user) in product.all(company, "User").await? {
        let active = user.attributes.boolean("active").unwrap_or(true);
        users.push(json!({
            "id": user.id.as_str(), "connection": connection.id.as_str(), "userName": user.attributes.get("userName"),
            "name": user.attributes.get("displayName"), "status": if active { "active" } else { "inactive" },
            "invited": product.invitations.is_invited(&user.id).await?,
        }));
    }
    Ok(Json(users.into()))
}

/// Whether the members of a group are invited: those who are there, and those who come.
async fn set_invites(
    State(product): State<Product>,
    Path((company, connection, group)): Path<(String, String, String)>,
    Json(invites): Json<bool>,
) -> Result<StatusCode, Problem> {
    let connection = product.of(company).get(&ConnectionId::new(connection)).await?;
    let (cx, group) = (product.context(&connection, "Group")?, ResourceId::new(group));
    product.store.get(&cx, &group, &Fetch::only(["id"])).await?.ok_or(StoreError::NotFound)?;
    if invites {
        product.invitations.choose(&cx, &group).await?;
    } else {
        product.invitations.unchoose(&group).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

impl Product {
    fn of(&self, company: String) -> TenantConnections {
        self.connections.of_tenant(TenantId::new(company))
    }

    fn shown(&self, connection: &Connection) -> Value {
        json!({
            "id": connection.id.as_str(), "name": connection.name, "url": self.url(connection), "state": connection.state,
            "lastSuccess": connection.last_success.map(|time| time.to_string()),
            "lastFailure": connection.last_failure.map(|time| time.to_string()),
        })
    }

    fn context(&self, connection: &Connection, resource_type: &str) -> Result<Context, StoreError> {
        self.server.host_context(connection.principal(), resource_type).ok_or(StoreError::NotFound)
    }

    /// The first 200 resources of each connection.
    async fn all(&self, company: String, resource_type: &str) -> Result<Vec<(Connection, Resource)>, Problem> {
        let mut all = Vec::new();
        for connection in self.of(company).list().await? {
            let found = self.store.list(&self.context(&connection, resource_type)?, &Query::default()).await?;
            all.extend(found.resources.into_iter().map(|resource| (connection.clone(), resource)));
        }
        Ok(all)
    }
}

struct Problem(ConnectionError);

impl<E: Into<ConnectionError>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self.0 {
            ConnectionError::NotFound => StatusCode::NOT_FOUND.into_response(),
            error => {
                tracing::error!(%error, "a page failed");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}
