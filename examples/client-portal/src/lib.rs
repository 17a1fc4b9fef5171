//! A product with several clients, each of which connects its identity provider by itself: Microsoft Entra ID, Okta,
//! JumpCloud or any other with SCIM 2.0. This file is all of its SCIM. A client's page `Settings > SCIM`, in
//! `settings.rs`, shows the SCIM URI and the key, once, and what has arrived: users, groups as roles, and a log of what
//! the provider asked.
//!
//! `cargo run -p client-portal` starts it with a database in `client-portal.db`.

mod settings;

use axum::routing::{get, post};
use axum::Router;
use example_host::{asset, protect, Error};
use scim_core::{
    group_schema, Attribute, Connections, OnDelete, OnReturn, ProvisioningPolicy, ResourceType, ScimServer,
};
use scim_sqlx::Database;

/// The clients of the product, which has its own table of them.
const CLIENTS: [&str; 2] = ["acme", "globex"];

/// What administrators may allow a role.
const PERMISSIONS: [&str; 4] = ["View reports", "Edit projects", "Invite people", "Manage billing"];

/// What all requests share.
#[derive(Clone)]
struct Portal {
    server: ScimServer,
    connections: Connections,
}

/// The product on a site such as `https://portal.example`, with everything in one database: its pages, and SCIM for the
/// providers of all clients, of whom the key tells which one it is.
///
/// # Errors
///
/// If the declared policy contradicts itself.
pub async fn app(site: String, database: Database) -> Result<Router, Error> {
    let connections = Connections::new(database.connections()).with_request_log(database.request_log(500));
    let server = ScimServer::builder()
        .base_url(format!("{site}/scim/v2"))
        .store(database)
        .resource_type(role_type())
        .connections(&connections)
        .provisioning(provisioning())
        .build()?;
    let portal = Portal { server: server.clone(), connections };
    // The product's own session check belongs around these routes: who is signed in, and whether they administer the
    // client in the path.
    let pages = Router::new()
        .route("/", get(settings::clients))
        .route("/clients/{client}/scim", get(settings::show).post(settings::change))
        .route("/clients/{client}/roles/{role}", post(settings::permit))
        .route("/portal.css", asset("text/css", include_str!("../templates/portal.css")))
        .route("/portal.js", asset("text/javascript", include_str!("../templates/portal.js")));
    Ok(protect(pages.with_state(portal)).merge(scim_axum::router("/scim/v2", server)))
}

/// What the product wants of provisioning. Whoever is made inactive stays, as users do unless something else is said;
/// nobody is ever deleted, and whoever returns is who they were.
fn provisioning() -> ProvisioningPolicy {
    let address = ["type", "primary", "streetAddress", "locality", "region", "postalCode", "country"];
    ProvisioningPolicy::new()
        .users(|users| {
            users
                .only(["userName", "name.givenName", "name.familyName", "emails", "phoneNumbers", "title", "active"])
                .only(address.map(|part| format!("addresses.{part}")))
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
