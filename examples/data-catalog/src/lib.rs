//! A data catalog in workspaces that Okta provisions, by HTTP header. First comes all of its SCIM, then what the product
//! does by itself. `cargo run -p data-catalog` starts it.

use std::collections::{BTreeMap, HashSet};

use async_trait::async_trait;
use axum::extract::{Path, State};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use example_host::{Answer, Error, Failure, Sessions, Tables};
use scim_core::{
    ConnectionError, Connections, Context, Event, EventKind, Format, KeyOptions, Observer, OnInactive,
    PrincipalResources, Provider, ProvisioningPolicy, ResourceId, ScimServer, StoreError, TenantId,
};
use scim_sqlx::Database;
use serde_json::json;

/// Where SCIM is, on the site of the product.
const MOUNTED_AT: &str = "/api/v2/scim";

/// The product's own tables: invitations to be sent by mail, and who has signed in at least once.
const TABLES: [&str; 2] = [
    "invitations (user_id TEXT PRIMARY KEY, workspace TEXT NOT NULL, email TEXT NOT NULL)",
    "joined (user_id TEXT PRIMARY KEY)",
];

/// The product at work.
#[derive(Clone)]
struct Product {
    server: ScimServer,
    connections: Connections,
    tables: Tables,
    sessions: Sessions,
}

/// The product on a site such as `https://example.com`, with SCIM mounted in it and everything in one database.
///
/// # Errors
///
/// Those of the database.
pub async fn app(site: String, database: Database) -> Result<Router, Error> {
    let connections = Connections::new(database.connections()).with_key_prefix("catalog")?;
    let tables = Tables::open(&database, &TABLES).await?;
    let sessions = Sessions::open(&database).await?;
    let policy = ProvisioningPolicy::new()
        .users(|users| users.forbid("password").format("userName", Format::Email).on_inactive(OnInactive::Keep));
    let server = ScimServer::builder()
        .base_url(format!("{site}{MOUNTED_AT}"))
        .store(database)
        .connections(&connections)
        .provisioning(policy)
        .observer(Invitations(tables.clone()))
        .observer(sessions.clone())
        .build()?;
    let product = Product { server: server.clone(), connections, tables, sessions };
    // A real product has its own authentication in front of its routes: administrators of a workspace come by
    // `/workspaces`, everybody by `/sessions`.
    let routes = Router::new()
        .route("/workspaces/{workspace}/api-tokens", post(api_token))
        .route("/workspaces/{workspace}/invitations", get(invitations))
        .route("/workspaces/{workspace}/members", get(members))
        .route("/workspaces/{workspace}/members/{id}", delete(remove_member))
        .route("/workspaces/{workspace}/groups", get(groups))
        .route("/workspaces/{workspace}/sessions", post(sign_in))
        .merge(product.sessions.router());
    Ok(routes.with_state(product).merge(scim_axum::router(MOUNTED_AT, server)))
}

/// Whoever is pushed is invited: whoever sends the mails takes them from the table.
struct Invitations(Tables);

#[async_trait]
impl Observer for Invitations {
    async fn observe(&self, cx: &Context, event: &Event<'_>) {
        if event.kind == EventKind::Created && cx.resource_type.name() == "User" {
            let email = event.after.and_then(|user| user.attributes.string("userName")).unwrap_or_default();
            let invitation = [event.id.as_str(), cx.tenant().as_str(), email];
            if let Err(error) = self.0.run("INSERT INTO invitations VALUES ($1, $2, $3)", &invitation).await {
                tracing::error!("{} is not invited: {error}", event.id);
            }
        }
    }
}

type At = State<Product>;

/// What an administrator of a workspace enters at Okta: the base URL, and a token that is not shown again.
async fn api_token(State(product): At, Path(workspace): Path<TenantId>) -> Answer {
    let connections = product.connections.of_tenant(workspace);
    let okta = match connections.first().await? {
        Some(okta) => okta,
        None => connections.create(Provider::Okta, "Okta").await?,
    };
    let token = connections.issue_key(&okta.id, KeyOptions::new()).await?;
    Ok(Json(json!({"baseUrl": format!("{}/", product.server.base_url()), "apiToken": token.reveal()})))
}

async fn invitations(State(product): At, Path(workspace): Path<TenantId>) -> Answer {
    let select = "SELECT user_id, email FROM invitations WHERE workspace = $1";
    Ok(Json(json!(product.tables.run(select, &[workspace.as_str()]).await?)))
}

async fn members(State(product): At, Path(workspace): Path<TenantId>) -> Answer {
    let members = product.members(workspace).await?;
    Ok(Json(members.values().map(|(email, state)| json!({"email": email, "state": state})).collect()))
}

/// Okta keeps its own record of the user and finds out with the next push.
async fn remove_member(State(product): At, Path((workspace, id)): Path<(TenantId, ResourceId)>) -> Answer {
    product.pushed(workspace).await?.users().delete(&id).await?;
    product.sessions.end(&id).await?;
    Ok(Json(json!({})))
}

/// The groups as Okta pushed them, with those of their members who are active.
async fn groups(State(product): At, Path(workspace): Path<TenantId>) -> Answer {
    let groups = product.pushed(workspace.clone()).await?.groups().all().await?;
    let members = product.members(workspace).await?;
    let shown = groups.iter().map(|group| {
        let found = group.members.iter().filter_map(|member| members.get(&*member.value));
        let active: Vec<&str> = found.filter(|(_, state)| *state == "active").map(|(email, _)| &**email).collect();
        json!({"name": group.display_name, "members": active})
    });
    Ok(Json(shown.collect()))
}

/// The first sign-in is what makes an invited user active.
async fn sign_in(State(product): At, Path(workspace): Path<TenantId>, email: String) -> Answer {
    let users = product.pushed(workspace.clone()).await?.users();
    let user = users.find("userName", &email).await?.ok_or(StoreError::NotFound)?;
    if !user.is_active() {
        return Err(StoreError::NotFound.into());
    }
    product.tables.run("INSERT INTO joined VALUES ($1) ON CONFLICT DO NOTHING", &[user.id.as_str()]).await?;
    Ok(Json(json!({"session": product.sessions.begin(&workspace, &user.id).await?})))
}

impl Product {
    /// What Okta pushed to a workspace.
    async fn pushed(&self, workspace: TenantId) -> Result<PrincipalResources, ConnectionError> {
        let okta = self.connections.of_tenant(workspace).first().await?.ok_or(ConnectionError::NotFound)?;
        Ok(self.server.resources_of(&okta))
    }

    /// The e-mail address and the state of everybody, by id.
    async fn members(&self, workspace: TenantId) -> Result<BTreeMap<ResourceId, (String, &'static str)>, Failure> {
        let joined: HashSet<String> =
            self.tables.run("SELECT user_id FROM joined", &[]).await?.concat().into_iter().collect();
        let users = self.pushed(workspace).await?.users().all().await?;
        let states = users.into_iter().map(|user| {
            let state = match user.is_active() {
                false => "disabled",
                true if joined.contains(user.id.as_str()) => "active",
                true => "invited",
            };
            (user.id, (user.value.user_name, state))
        });
        Ok(states.collect())
    }
}
