//! Starts the product and adds a connection to it: `cargo run -p compliance`, or with `postgres://...` behind `--`.

use std::error::Error;
use std::io::{stdout, Write};

use compliance::Product;
use scim_axum::ServeOptions;
use scim_core::Provider;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let database = std::env::args().nth(1).unwrap_or_else(|| "compliance.db".to_owned());
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    let product = Product::open("http://127.0.0.1:3000", &database).await?;
    let (connection, key) = product.connect("acme", Provider::Custom).await?;
    let url = product.url(&connection);
    writeln!(stdout(), "SCIM base URL: {url}\nKey, shown this once: {key}")?;
    writeln!(stdout(), "Try: curl -H \"Authorization: Bearer {key}\" {url}/Users")?;
    writeln!(stdout(), "Then: curl http://127.0.0.1:3000/companies/acme/groups")?;
    scim_axum::serve(listener, product.router(), &ServeOptions::default(), std::future::pending()).await;
    Ok(())
}
