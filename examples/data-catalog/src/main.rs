//! Starts the catalog with a first workspace: `cargo run -p data-catalog`, or with `postgres://...` as the last argument to
//! keep the data there and not in `data-catalog.db`.

use std::error::Error;
use std::io::{stdout, Write};

use data_catalog::{app, Product};
use scim_axum::ServeOptions;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let database = std::env::args().nth(1).unwrap_or_else(|| "data-catalog.db".to_owned());
    let product = Product::open("http://127.0.0.1:3000", &database).await?;
    let (base_url, token) = product.api_token("acme").await?;
    writeln!(stdout(), "Base URL: {base_url}\nAPI token, shown once: {token}")?;
    writeln!(stdout(), "Try: curl -H 'Authorization: Bearer {token}' '{base_url}Users'")?;
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    scim_axum::serve(listener, app(product)?, &ServeOptions::default(), std::future::pending()).await;
    Ok(())
}
