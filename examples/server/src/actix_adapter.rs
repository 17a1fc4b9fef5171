//! Serving with actix-web.

use std::future::Future;

use actix_web::{web, App};
use scim_actix::ServeOptions;
use scim_core::ScimServer;
use tokio::net::TcpListener;

/// Serves SCIM at the base path, and `/healthz` beside it, until `shutdown` is ready.
pub(crate) async fn serve(
    listener: TcpListener,
    base_path: &str,
    server: ScimServer,
    shutdown: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let options = ServeOptions::new(server.limits());
    let base_path = base_path.to_owned();
    let app = move || {
        App::new()
            .route("/healthz", web::get().to(|| async { "ok" }))
            .service(scim_actix::scope(&base_path, server.clone()))
    };
    scim_actix::serve(listener.into_std()?, app, &options, shutdown).await
}
