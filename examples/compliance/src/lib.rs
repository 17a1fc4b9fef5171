//! A compliance product whose customers connect several identity providers at once, of known vendors or any other with
//! SCIM 2.0. Every connection has a key, a URL and a state of its own and sees only what it made; the product sees all of
//! it, with groups named after where they come from, and invites the members of the groups that are chosen for it.
//!
//! `cargo run -p compliance` starts it with a database in `compliance.db`.

mod invitations;
mod pages;

use std::error::Error;
use std::sync::Arc;

use axum::extract::{Path, Request};
use axum::middleware::{from_fn, Next};
use axum::response::Response;
use axum::Router;
use scim_core::{
    Connection, ConnectionError, ConnectionId, Connections, KeyOptions, Provider, ResourceStore, ScimServer, TenantId,
};
use scim_sqlx::{PostgresStore, SqliteStore};

use crate::invitations::{Invitations, Tables};

/// What all requests share.
#[derive(Clone)]
pub struct Product {
    site: Arc<str>,
    store: Arc<dyn ResourceStore>,
    connections: Connections,
    invitations: Invitations,
    server: ScimServer,
}

impl Product {
    /// The product at this address, such as `https://compliance.example`, with everything in one database: a file of
    /// SQLite, or the URL of a PostgreSQL database.
    ///
    /// # Errors
    ///
    /// If the database cannot be opened.
    pub async fn open(site: &str, database: &str) -> Result<Self, Box<dyn Error>> {
        let (store, connections, tables): (Arc<dyn ResourceStore>, _, _);
        if database.starts_with("postgres://") {
            let postgres = PostgresStore::connect(database).await?;
            connections = Connections::new(postgres.connections());
            tables = Tables::Postgres(postgres.pool().clone());
            store = Arc::new(postgres);
        } else {
            let sqlite = SqliteStore::open(database).await?;
            connections = Connections::new(sqlite.connections());
            tables = Tables::Sqlite(sqlite.writer().clone());
            store = Arc::new(sqlite);
        }
        let connections = connections.with_key_prefix("compliance")?;
        let invitations = Invitations::open(tables, Arc::clone(&store)).await?;
        let server = ScimServer::builder()
            .base_url(format!("{site}/scim/v2"))
            .store(Arc::clone(&store))
            .connections(&connections)
            .observer(invitations.clone())
            .build()?;
        Ok(Self { site: site.into(), store, connections, invitations, server })
    }

    /// The product's pages, and SCIM: for each connection at its own URL, and at the one that locations begin with.
    pub fn router(&self) -> Router {
        let at_their_urls = scim_axum::router("/scim/{connection}/v2", self.server.clone());
        pages::router(self.clone())
            .merge(at_their_urls.route_layer(from_fn(name_connection)))
            .merge(scim_axum::router("/scim/v2", self.server.clone()))
    }

    /// Connects a provider to a company: the connection, and its key, which can be shown this once.
    ///
    /// # Errors
    ///
    /// If the database cannot be reached.
    pub async fn connect(&self, company: &str, vendor: Provider) -> Result<(Connection, String), ConnectionError> {
        let company = self.connections.of_tenant(TenantId::new(company));
        let connection = company.create(vendor, vendor_name(vendor)).await?;
        let key = company.issue_key(&connection.id, KeyOptions::new()).await?;
        Ok((connection, key.reveal()))
    }

    /// The URL to enter at the provider.
    #[must_use]
    pub fn url(&self, connection: &Connection) -> String {
        connection.provider.tenant_url(&format!("{}/scim/{}/v2", self.site, connection.id))
    }
}

/// The name of a vendor's connections, which its groups begin with.
fn vendor_name(vendor: Provider) -> String {
    match vendor {
        Provider::Custom => "Custom SCIM".to_owned(),
        known => format!("{known} SCIM"),
    }
}

/// Notes whose URL a request came by, so that the key of another connection is good for nothing there.
async fn name_connection(Path(connection): Path<String>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(ConnectionId::new(connection));
    next.run(request).await
}
