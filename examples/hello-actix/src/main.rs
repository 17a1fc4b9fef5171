//! The smallest actix-web application with a SCIM server in it.

use actix_web::{web, App};
use scim_core::{BearerTokens, MemoryStore, ScimServer, TenantId};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let server = ScimServer::builder()
        .base_url(format!("http://{address}/scim/v2"))
        .store(MemoryStore::new())
        .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
        .build()?;
    let options = scim_actix::ServeOptions::new(server.limits());
    let app = move || {
        App::new()
            .route("/", web::get().to(|| async { "My application" }))
            .service(scim_actix::scope("/scim/v2", server.clone()))
    };
    let listener = std::net::TcpListener::bind(address)?;
    scim_actix::serve(listener, app, &options, std::future::pending()).await?;
    Ok(())
}
