//! What the product does by itself. A real one has its own authentication in front of every route here: administrators of
//! a workspace come by `/workspaces`, everybody by `/sessions`.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use scim_core::{
    find_resource, Connection, Connections, Context, KeyOptions, Provider, Query, ResourceId, ResourceStore,
    ResourceType, ScimError, StoreError, TenantId,
};
use serde_json::{json, Value};

use crate::database::Database;
use crate::people::People;
use crate::problem::Problem;
use crate::MOUNTED_AT;

/// The product at work.
#[derive(Clone)]
pub struct Product {
    pub(crate) base_url: String,
    pub(crate) store: Arc<dyn ResourceStore>,
    pub(crate) connections: Connections,
    pub(crate) people: People,
}

pub(crate) fn routes(product: Product) -> Router {
    Router::new()
        .route("/workspaces/{workspace}/api-tokens", post(api_token))
        .route("/workspaces/{workspace}/invitations", get(invitations))
        .route("/workspaces/{workspace}/members", get(members))
        .route("/workspaces/{workspace}/members/{id}", delete(remove_member))
        .route("/workspaces/{workspace}/groups", get(groups))
        .route("/workspaces/{workspace}/sessions", post(sign_in))
        .route("/sessions/{token}", get(session))
        .with_state(product)
}

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
            connections: Connections::new(database.connections()).with_key_prefix("catalog")?,
            people: People::open(database).await?,
        })
    }

    /// What an administrator of a workspace enters at Okta: the base URL, and a token that is not shown again.
    ///
    /// # Errors
    ///
    /// What the database fails with.
    pub async fn api_token(&self, workspace: &str) -> Result<(String, String), ScimError> {
        let connections = self.connections.of_tenant(TenantId::new(workspace));
        let okta = match connections.list().await?.pop() {
            Some(okta) => okta,
            None => connections.create(Provider::Okta, "Okta").await?,
        };
        let token = connections.issue_key(&okta.id, KeyOptions::new()).await?;
        Ok((format!("{}/", self.base_url), token.reveal()))
    }

    /// The one connection of a workspace.
    async fn okta(&self, workspace: &str) -> Result<Connection, ScimError> {
        let mut connections = self.connections.of_tenant(TenantId::new(workspace)).list().await?;
        Ok(connections.pop().ok_or(StoreError::NotFound)?)
    }

    /// What Okta pushed to a workspace.
    async fn pushed(&self, workspace: &str, what: ResourceType) -> Result<Context, ScimError> {
        Ok(Context::new(self.okta(workspace).await?.principal(), Arc::new(what)))
    }

    /// The e-mail address and the state of everybody, by id.
    async fn members(&self, workspace: &str) -> Result<BTreeMap<String, (String, &'static str)>, ScimError> {
        let joined: HashSet<String> = self.people.joined().await?.into_iter().flatten().collect();
        let users = self.store.list(&self.pushed(workspace, ResourceType::user()).await?, &Query::default()).await?;
        let member = users.resources.into_iter().map(|user| {
            let state = match user.attributes.boolean("active") {
                Some(false) => "disabled",
                _ if joined.contains(user.id.as_str()) => "active",
                _ => "invited",
            };
            let email = user.attributes.string("userName").unwrap_or_default();
            (user.id.as_str().to_owned(), (email.to_owned(), state))
        });
        Ok(member.collect())
    }
}

type At = State<Product>;
type Workspace = Path<String>;
type Answer = Result<Json<Value>, Problem>;

async fn api_token(State(product): At, Path(workspace): Workspace) -> Answer {
    let (base_url, token) = product.api_token(&workspace).await?;
    Ok(Json(json!({"baseUrl": base_url, "apiToken": token})))
}

async fn invitations(State(product): At, Path(workspace): Workspace) -> Answer {
    Ok(Json(json!(product.people.invitations(&workspace).await?)))
}

async fn members(State(product): At, Path(workspace): Workspace) -> Answer {
    let members = product.members(&workspace).await?;
    Ok(Json(members.values().map(|(email, state)| json!({"email": email, "state": state})).collect()))
}

/// Okta keeps its own record of the user and finds out with the next push.
async fn remove_member(State(product): At, Path((workspace, id)): Path<(String, String)>) -> Answer {
    let (cx, id) = (product.pushed(&workspace, ResourceType::user()).await?, ResourceId::new(id));
    product.store.delete(&cx, &id, None).await?;
    product.people.end_sessions(&id).await?;
    Ok(Json(json!({})))
}

/// The groups as Okta pushed them, with those of their members who are active.
async fn groups(State(product): At, Path(workspace): Workspace) -> Answer {
    let members = product.members(&workspace).await?;
    let cx = product.pushed(&workspace, ResourceType::group()).await?;
    let shown = product.store.list(&cx, &Query::default()).await?.resources.into_iter().map(|group| {
        let ids = group.attributes.values("members").iter().filter_map(|member| member["value"].as_str());
        let active = ids.filter_map(|id| members.get(id)).filter(|(_, state)| *state == "active");
        let emails: Vec<&String> = active.map(|(email, _)| email).collect();
        json!({"name": group.attributes.string("displayName"), "members": emails})
    });
    Ok(Json(shown.collect()))
}

/// A real product asks for a password, the link in the invitation, or Okta, first.
async fn sign_in(State(product): At, Path(workspace): Workspace, email: String) -> Answer {
    let cx = product.pushed(&workspace, ResourceType::user()).await?;
    let found = find_resource(&*product.store, &cx, "userName", &email).await?;
    match found.filter(|user| user.attributes.boolean("active") != Some(false)) {
        Some(user) => Ok(Json(json!({"session": product.people.sign_in(&user.id).await?}))),
        None => Err(StoreError::NotFound.into()),
    }
}

async fn session(State(product): At, Path(token): Path<String>) -> Result<StatusCode, Problem> {
    Ok(if product.people.has_session(&token).await? { StatusCode::OK } else { StatusCode::UNAUTHORIZED })
}
