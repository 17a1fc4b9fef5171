//! Starts the service, with a first customer: `cargo run -p alerting`, or with `postgres://...` behind `--`.

use std::error::Error;
use std::io::Write;

use alerting::{app, Database};
use scim_axum::ServeOptions;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "sqlite://alerting.db".to_owned());
    let app = app("http://127.0.0.1:3000", Database::open(&url).await?).await?;
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    scim_axum::serve(listener, app, &ServeOptions::default(), std::future::pending()).await;
    Ok(())
}
