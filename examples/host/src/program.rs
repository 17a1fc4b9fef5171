//! Starting the program.

use std::env::{args, var};
use std::future::{pending, Future};
use std::io::{stderr, stdout, Write};

use axum::Router;
use scim_axum::ServeOptions;
use scim_sqlx::Database;
use tokio::net::TcpListener;

/// Why a program does not start.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Runs the program of an example, which is made for an address such as `http://127.0.0.1:3000` and a database.
///
/// It listens at `SCIM_LISTEN`, which is `127.0.0.1:3000` unless it is set, and opens the database that the first argument
/// or `SCIM_STORE` is the URL or the file of; without either the file `NAME.db`. The line that it prints says where it is
/// and what to do first, with the address in place of `SITE`.
///
/// # Errors
///
/// If the address is taken, the database cannot be opened or the program cannot be made.
pub async fn run<F>(name: &str, first: &str, app: impl FnOnce(String, Database) -> F) -> Result<(), Error>
where
    F: Future<Output = Result<Router, Error>>,
{
    tracing_subscriber::fmt().with_writer(stderr).init();
    let listener = TcpListener::bind(var("SCIM_LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned())).await?;
    let place = args().nth(1).or_else(|| var("SCIM_STORE").ok()).unwrap_or_else(|| format!("{name}.db"));
    let url = if place.contains(':') { place } else { format!("sqlite:{place}") };
    let site = format!("http://{}", listener.local_addr()?);
    let app = app(site.clone(), Database::open(&url).await?).await?;
    writeln!(stdout(), "{site} is up. {}", first.replace("SITE", &site))?;
    scim_axum::serve(listener, app, &ServeOptions::default(), pending()).await;
    Ok(())
}
