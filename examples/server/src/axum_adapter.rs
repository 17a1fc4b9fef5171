//! Serving with axum.

use std::future::Future;

use axum::routing::get;
use axum::Router;
use scim_axum::ServeOptions;
use scim_core::ScimServer;
use tokio::net::TcpListener;

/// Serves SCIM at the base path, and `/healthz` beside it, until `shutdown` is ready.
pub(crate) async fn serve(
    listener: TcpListener,
    base_path: &str,
    server: ScimServer,
    shutdown: impl Future<Output = ()>,
) {
    let options = ServeOptions::new(server.limits());
    let app = Router::new().route("/healthz", get(|| async { "ok" })).merge(scim_axum::router(base_path, server));
    scim_axum::serve(listener, app, &options, shutdown).await;
}
