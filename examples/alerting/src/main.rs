//! Starts the service with a first customer: `cargo run -p alerting`, or with `postgres://...` as the last argument to
//! keep the data there and not in `alerting.db`.

use std::error::Error;
use std::io::{stdout, Write};

use alerting::{app, Product};
use scim_axum::ServeOptions;
use scim_core::TenantId;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let database = std::env::args().nth(1).unwrap_or_else(|| "alerting.db".to_owned());
    let product = Product::open("http://127.0.0.1:3000", &database).await?;
    match product.connect(&TenantId::new("acme")).await {
        Ok((url, key)) => {
            writeln!(stdout(), "Tenant URL: {url}\nSecret token, shown once: {key}")?;
            writeln!(stdout(), "Try: curl -H 'Authorization: Bearer {key}' '{}'", url.replace('?', "/Users?"))?;
        }
        Err(connected) => writeln!(stdout(), "{connected}")?,
    }
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    scim_axum::serve(listener, app(product)?, &ServeOptions::default(), std::future::pending()).await;
    Ok(())
}
