//! A compliance product whose customers connect several identity providers at once, of known vendors or any other with
//! SCIM 2.0. Every connection has a key, a URL and a state of its own and sees only what it made; the product sees all of
//! it, with groups named after where they come from, and invites the members of the groups that are chosen for it.
//!
//! `cargo run -p compliance` starts it with a database in `compliance.db`.

use async_trait::async_trait;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use example_host::{Answer, Error, Failure, Tables};
use scim_core::{
    Connection, ConnectionId, ConnectionState, Connections, Context, Event, EventKind, Observer, Provider, ResourceId,
    ResourceReference, Resources, Rotation, ScimError, ScimServer, StoreError, TenantId, User,
};
use scim_sqlx::Database;
use serde_json::{json, Value};

/// The product's own tables: the groups whose members are invited, and the users who are.
const TABLES: [&str; 2] = ["chosen_groups (id TEXT PRIMARY KEY)", "invited_users (id TEXT PRIMARY KEY)"];

/// The product at work.
#[derive(Clone)]
struct Product {
    site: String,
    server: ScimServer,
    connections: Connections,
    invitations: Invitations,
}

/// Who is invited, and because of which groups.
#[derive(Clone)]
struct Invitations(Tables);

/// The product on a site such as `https://compliance.example`, with everything in one database: its own routes, and SCIM,
/// for each connection at its own URL and at the one that locations begin with.
///
/// # Errors
///
/// Those of the database.
pub async fn app(site: String, database: Database) -> Result<Router, Error> {
    let connections = Connections::new(database.connections()).with_key_prefix("compliance")?;
    let invitations = Invitations(Tables::open(&database, &TABLES).await?);
    let server = ScimServer::builder()
        .base_url(format!("{site}/scim/v2"))
        .store(database)
        .connections(&connections)
        .observer(invitations.clone())
        .build()?;
    let product = Product { site, server: server.clone(), connections, invitations };
    // A real product authenticates whoever comes here, and takes the company from that and not from the path.
    let routes = Router::new()
        .route("/vendors", get(vendors))
        .route("/companies/{company}/connections", get(list).post(connect))
        .route("/companies/{company}/connections/{connection}/key", post(replace_key))
        .route("/companies/{company}/connections/{connection}/state", put(set_state))
        .route("/companies/{company}/groups", get(groups))
        .route("/companies/{company}/connections/{connection}/groups/{group}/invites", put(set_invites))
        .route("/companies/{company}/users", get(users))
        .with_state(product);
    let at_their_urls = scim_axum::connection_router("/scim/{connection}/v2", server.clone());
    Ok(routes.merge(at_their_urls).merge(scim_axum::router("/scim/v2", server)))
}

type At = State<Product>;
type OfConnection = Path<(TenantId, ConnectionId)>;
type OfGroup = Path<(TenantId, ConnectionId, ResourceId)>;
type Done = Result<StatusCode, Failure>;
type Invited = Result<(), ScimError>;

/// The name of a vendor's connections, which its groups begin with.
fn vendor_name(vendor: Provider) -> String {
    let name = if vendor == Provider::Custom { "Custom" } else { vendor.name() };
    format!("{name} SCIM")
}

/// The first step of "Add SCIM Connection".
async fn vendors() -> Json<Value> {
    Provider::ALL.iter().map(|vendor| json!({"vendor": vendor, "name": vendor_name(*vendor)})).collect::<Value>().into()
}

/// The second step, which answers with the others.
async fn connect(State(product): At, Path(company): Path<TenantId>, Json(vendor): Json<Provider>) -> Answer {
    let (connection, key) = product.connections.of_tenant(company).connect(vendor, vendor_name(vendor)).await?;
    let steps = [
        format!("At {vendor} enter the URL under {}", vendor.url_field()),
        format!("Paste the key under {}; it is not shown again", vendor.key_field()),
        "Test the connection there, assign users and groups, and choose here whom to invite".to_owned(),
    ];
    Ok(Json(json!({"key": key.reveal(), "steps": steps, "connection": product.shown(&connection)})))
}

async fn list(State(product): At, Path(company): Path<TenantId>) -> Answer {
    let connections = product.connections.of_tenant(company).list().await?;
    Ok(Json(connections.iter().map(|connection| product.shown(connection)).collect()))
}

async fn replace_key(State(product): At, Path((company, id)): OfConnection) -> Answer {
    let key = product.connections.of_tenant(company).rotate(&id, Rotation::AtOnce).await?;
    Ok(Json(json!({"key": key.reveal()})))
}

async fn set_state(State(product): At, Path((company, id)): OfConnection, Json(state): Json<ConnectionState>) -> Done {
    product.connections.of_tenant(company).set_state(&id, state).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The groups of all connections, named after where they come from.
async fn groups(State(product): At, Path(company): Path<TenantId>) -> Answer {
    let mut groups = Vec::new();
    for connection in product.connections.of_tenant(company).list().await? {
        for group in product.server.resources_of(&connection).groups().all().await? {
            groups.push(json!({
                "id": group.id, "name": format!("{} - {}", connection.name, group.display_name),
                "members": group.members.len(), "invites": product.invitations.has("chosen_groups", &group.id).await?,
            }));
        }
    }
    Ok(Json(groups.into()))
}

/// The users of all connections, as they are now.
async fn users(State(product): At, Path(company): Path<TenantId>) -> Answer {
    let mut users = Vec::new();
    for connection in product.connections.of_tenant(company).list().await? {
        for user in product.server.resources_of(&connection).users().all().await? {
            users.push(json!({
                "id": user.id, "connection": connection.id, "userName": user.user_name, "name": user.display_name,
                "status": if user.is_active() { "active" } else { "inactive" },
                "invited": product.invitations.has("invited_users", &user.id).await?,
            }));
        }
    }
    Ok(Json(users.into()))
}

/// Whether the members of a group are invited: those who are there, and those who come.
async fn set_invites(State(product): At, Path((company, id, group)): OfGroup, Json(invites): Json<bool>) -> Done {
    let connection = product.connections.of_tenant(company).get(&id).await?;
    let resources = product.server.resources_of(&connection);
    resources.groups().get(&group).await?.ok_or(StoreError::NotFound)?;
    let sql = match invites {
        true => "INSERT INTO chosen_groups VALUES ($1) ON CONFLICT DO NOTHING",
        false => "DELETE FROM chosen_groups WHERE id = $1",
    };
    product.invitations.0.run(sql, &[group.as_str()]).await?;
    // From here on the observer sees who comes; who came before is a member now.
    let found = resources.groups().get(&group).await?.ok_or(StoreError::NotFound)?;
    product.invitations.invite(&resources.users(), &group, ids(&found.members)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The ids in a list of members or groups.
fn ids(list: &[ResourceReference]) -> Vec<ResourceId> {
    list.iter().map(|one| ResourceId::new(one.value.as_str())).collect()
}

impl Product {
    fn shown(&self, connection: &Connection) -> Value {
        let url = connection.provider.tenant_url(&format!("{}/scim/{}/v2", self.site, connection.id));
        json!({
            "id": connection.id, "name": connection.name, "url": url, "state": connection.state,
            "lastSuccess": connection.last_success.map(|time| time.to_string()),
        })
    }
}

impl Invitations {
    async fn has(&self, table: &str, id: &ResourceId) -> Result<bool, StoreError> {
        self.0.has(&format!("SELECT id FROM {table} WHERE id = $1"), &[id.as_str()]).await
    }

    /// Invites those members of a group who are users and may come in, each once, if the group is chosen.
    async fn invite(&self, users: &Resources<User>, group: &ResourceId, members: Vec<ResourceId>) -> Invited {
        if !self.has("chosen_groups", group).await? {
            return Ok(());
        }
        for id in members {
            if users.get(&id).await?.is_some_and(|user| user.is_active()) {
                // Here the product sends the mail, where this finds nobody yet.
                let sql = "INSERT INTO invited_users VALUES ($1) ON CONFLICT DO NOTHING";
                self.0.run(sql, &[id.as_str()]).await?;
            }
        }
        Ok(())
    }

    /// Who comes into a chosen group is invited, and who is in one and may come in only now.
    async fn follow(&self, cx: &Context, event: &Event<'_>) -> Invited {
        let users = cx.resources().users();
        if event.kind == EventKind::MembersChanged {
            let came = event.members.added().iter().map(|member| member.value.clone());
            self.invite(&users, event.id, came.collect()).await?;
        } else if event.kind == EventKind::Activated {
            let user = users.get(event.id).await?;
            for group in user.iter().flat_map(|user| ids(&user.groups)) {
                self.invite(&users, &group, vec![event.id.clone()]).await?;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Observer for Invitations {
    async fn observe(&self, cx: &Context, event: &Event<'_>) {
        if let Err(error) = self.follow(cx, event).await {
            tracing::error!(id = %event.id, %error, "an invitation is missing; choose the group again to repair it");
        }
    }
}
