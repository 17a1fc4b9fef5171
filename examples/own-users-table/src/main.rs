//! Serves SCIM over the application's tables in `application.db`: `cargo run -p own-users-table`.

use std::error::Error;
use std::path::Path;

use own_users_table::{open, OwnTables};
use scim_axum::ServeOptions;
use scim_core::{BearerTokens, ScimServer, TenantId};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let pool = open(Path::new("application.db")).await?;
    let server = ScimServer::builder()
        .base_url("http://127.0.0.1:3000/scim/v2")
        .store(OwnTables::new(pool))
        .authenticator(BearerTokens::new().token("secret", TenantId::new("the only one")))
        .build()?;
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    let options = ServeOptions::new(server.limits());
    scim_axum::serve(listener, scim_axum::router("/scim/v2", server), &options, std::future::pending()).await;
    Ok(())
}
