//! A ready SCIM 2.0 server: `scim-example-server --help` says how to start it.

mod actix_adapter;
mod arguments;
mod axum_adapter;
mod resource_types;
mod seed;
mod store;

use std::error::Error;
use std::io::{stdout, IsTerminal, Write};
use std::process::ExitCode;

use scim_core::{BearerTokens, ScimServer, ScimServerBuilder, TenantId, UnknownMembers};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use arguments::{Adapter, Arguments};

/// The one customer of this server.
const TENANT: &str = "example";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::of_process();
    log_to_stderr();
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let types = resource_types::read(arguments.schemas.as_deref(), arguments.resource_types.as_deref())?;
    let store = arguments.store.open().await?;
    seed::fill(&store, &TenantId::new(TENANT), arguments.seed_users).await?;

    let listen = arguments.listen;
    let listener = TcpListener::bind(listen).await.map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    let token = arguments.token.clone().unwrap_or_else(random_token);
    let builder = types.into_iter().fold(ScimServer::builder(), ScimServerBuilder::resource_type);
    let builder = arguments.cursor_key.iter().cloned().fold(builder, ScimServerBuilder::cursor_key);
    let server = builder
        .base_url(arguments.base_url(listener.local_addr()?))
        .store(store)
        .unknown_members(UnknownMembers::Ignore)
        .authenticator(BearerTokens::new().token(&token, TenantId::new(TENANT)))
        .build()?;
    let shutdown = asked_to_end()?;
    greet(arguments, server.base_url(), &token)?;
    match arguments.adapter {
        Adapter::Axum => axum_adapter::serve(listener, &arguments.base_path, server, shutdown).await,
        Adapter::Actix => actix_adapter::serve(listener, &arguments.base_path, server, shutdown).await?,
    }
    Ok(())
}

/// One line a request, and whatever `RUST_LOG` asks for.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,actix_server=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}

/// 244 bits of the operating system's randomness.
fn random_token() -> String {
    let half = || uuid::Uuid::new_v4().simple();
    format!("{}{}", half(), half())
}

/// Says where the server is and how to ask it something. A token that came from the environment is not repeated.
fn greet(arguments: &Arguments, base_url: &str, token: &str) -> std::io::Result<()> {
    let shown = if arguments.token_from_environment { "$SCIM_TOKEN" } else { token };
    let mut out = stdout().lock();
    writeln!(out, "SCIM base URL: {base_url}")?;
    writeln!(out, "Data: {}", arguments.store)?;
    if arguments.token.is_none() {
        writeln!(out, "Token, made for this run: {token}")?;
    }
    writeln!(out, "Try: curl -H \"Authorization: Bearer {shown}\" \"{base_url}/Users\"")?;
    out.flush()
}

/// Ready when the process is interrupted or asked to terminate.
#[cfg(unix)]
fn asked_to_end() -> std::io::Result<impl std::future::Future<Output = ()>> {
    use tokio::signal::unix::{signal, SignalKind};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("shutting down");
    })
}

/// Ready when the process is interrupted.
#[cfg(not(unix))]
fn asked_to_end() -> std::io::Result<impl std::future::Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        tracing::info!("shutting down");
    })
}
