//! A product with several clients, each of which connects its identity provider by itself: Microsoft Entra ID, Okta,
//! JumpCloud or any other with SCIM 2.0. A client's page `Settings > SCIM` shows the SCIM URI and the key, once, and what
//! has arrived: users, groups as roles, and a log of what the provider asked.
//!
//! `cargo run -p client-portal` starts it with a database in `client-portal.db`.

mod client;
mod settings;
mod web;

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use axum::{middleware, Router};
use scim_core::{
    group_schema, Attribute, BuildError, Connections, OnDelete, OnReturn, ProvisioningPolicy, ResourceStore,
    ResourceType, ScimServer, StoreError,
};
use scim_sqlx::{PostgresStore, SqliteStore};

use crate::web::Failure;

/// The attributes of a user, written as the providers' mapping tables write them.
pub const ATTRIBUTES: [&str; 13] = [
    "userName",
    "name.givenName",
    "name.familyName",
    r#"emails[type eq "work"].value"#,
    r#"phoneNumbers[type eq "mobile"].value"#,
    r#"phoneNumbers[type eq "work"].value"#,
    "title",
    r#"addresses[type eq "work"].streetAddress"#,
    r#"addresses[type eq "work"].locality"#,
    r#"addresses[type eq "work"].region"#,
    r#"addresses[type eq "work"].postalCode"#,
    r#"addresses[type eq "work"].country"#,
    "active",
];

/// How many requests of each client the log keeps.
const REQUESTS: usize = 500;

/// What administrators may allow a role.
pub const PERMISSIONS: [&str; 4] = ["View reports", "Edit projects", "Invite people", "Manage billing"];

/// What all requests share.
#[derive(Clone)]
pub struct Portal {
    store: Arc<dyn ResourceStore>,
    connections: Connections,
    scim_uri: Arc<str>,
    clients: Arc<[&'static str]>,
}

impl Portal {
    /// The product at this address, such as `https://portal.example`, with these clients and everything in one
    /// database: a file of SQLite, or the URL of a PostgreSQL database.
    ///
    /// # Errors
    ///
    /// If the database cannot be opened.
    pub async fn open(database: &str, address: &str, clients: &[&'static str]) -> Result<Self, StoreError> {
        let (store, connections): (Arc<dyn ResourceStore>, _) = if database.starts_with("postgres://") {
            let store = PostgresStore::connect(database).await?;
            let connections = Connections::new(store.connections()).with_request_log(store.request_log(REQUESTS));
            (Arc::new(store), connections)
        } else {
            let store = SqliteStore::open(database).await?;
            let connections = Connections::new(store.connections()).with_request_log(store.request_log(REQUESTS));
            (Arc::new(store), connections)
        };
        Ok(Self { store, connections, scim_uri: format!("{address}/scim/v2").into(), clients: clients.into() })
    }

    /// The product's pages, and SCIM for the providers of all clients: the key tells which one it is.
    ///
    /// # Errors
    ///
    /// If the declared policy contradicts itself.
    pub fn router(self) -> Result<Router, BuildError> {
        let server = ScimServer::builder()
            .base_url(&*self.scim_uri)
            .store(Arc::clone(&self.store))
            .resource_type(role_type())
            .connections(&self.connections)
            .authenticator(self.connections.authenticator().allow_raw_tokens(true))
            .provisioning(provisioning())
            .build()?;
        // The product's own session check belongs around these routes: who is signed in, and whether they administer
        // the client in the path.
        let pages = Router::new()
            .route("/", get(clients))
            .route("/clients/{client}/scim", get(settings::show).post(settings::change))
            .route("/clients/{client}/roles/{role}", post(settings::permit))
            .route("/portal.css", get(|| asset("text/css", include_str!("../templates/portal.css"))))
            .route("/portal.js", get(|| asset("text/javascript", include_str!("../templates/portal.js"))))
            .layer(middleware::from_fn(web::guard))
            .with_state(self);
        Ok(pages.merge(scim_axum::router("/scim/v2", server)))
    }
}

/// What the product wants of provisioning. Whoever is made inactive stays, as users do unless something else is said;
/// nobody is ever deleted, and whoever returns is who they were.
fn provisioning() -> ProvisioningPolicy {
    let plain = |path: &str| path.split(['[', ']']).step_by(2).collect::<String>();
    ProvisioningPolicy::new()
        .users(|users| {
            users
                .only(ATTRIBUTES.map(plain))
                .only(["emails.type", "emails.primary", "phoneNumbers.type", "phoneNumbers.primary"])
                .only(["addresses.type", "addresses.primary"])
                .on_delete(OnDelete::Deactivate)
                .on_return(OnReturn::Restore)
        })
        .groups(|groups| groups.only(["displayName", "members"]))
}

/// A role is a group with permissions, which the policy keeps from SCIM: no request sees or changes them.
fn role_type() -> ResourceType {
    let permissions = Attribute::string("permissions").multi_valued().case_exact();
    ResourceType::group().with_schema(group_schema().attribute(permissions))
}

#[derive(Template)]
#[template(path = "clients.html")]
struct ClientsPage<'a> {
    clients: &'a [&'static str],
}

async fn clients(State(portal): State<Portal>) -> Result<Html<String>, Failure> {
    Ok(Html(ClientsPage { clients: &portal.clients }.render()?))
}

async fn asset(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, content_type)], text)
}
