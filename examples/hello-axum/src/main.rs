//! The smallest axum application with a SCIM server in it.

use axum::{routing::get, Router};
use scim_core::{BearerTokens, MemoryStore, ScimServer, TenantId};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let server = ScimServer::builder()
        .base_url(format!("http://{address}/scim/v2"))
        .store(MemoryStore::new())
        .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
        .build()?;
    let options = scim_axum::ServeOptions::new(server.limits());
    let app = Router::new().route("/", get(|| async { "My application" })).merge(scim_axum::router("/scim/v2", server));
    let listener = tokio::net::TcpListener::bind(address).await?;
    scim_axum::serve(listener, app, &options, std::future::pending()).await;
    Ok(())
}
