//! Starts the portal at `http://127.0.0.1:3000` with a database in `client-portal.db`: `cargo run -p client-portal`.
//! `SCIM_LISTEN` is another address, and `SCIM_STORE` another file or the URL of a PostgreSQL database.

use std::env::var;
use std::error::Error;
use std::future::pending;
use std::io::{stdout, Write};

use client_portal::Portal;
use scim_axum::ServeOptions;
use scim_core::Limits;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let listener = TcpListener::bind(var("SCIM_LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned())).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let database = var("SCIM_STORE").unwrap_or_else(|_| "client-portal.db".to_owned());
    let portal = Portal::open(&database, &address, &["acme", "globex"]).await?;
    writeln!(stdout(), "{address} shows the clients; choose a provider there and it shows a key and a curl command")?;
    scim_axum::serve(listener, portal.router()?, &ServeOptions::new(&Limits::default()), pending()).await;
    Ok(())
}
