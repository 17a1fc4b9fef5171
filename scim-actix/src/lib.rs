//! Mounts a [`ScimServer`](scim_core::ScimServer) in [actix-web](https://docs.rs/actix-web).
//!
//! - [`scope`] is registered in any `App`, at any path.
//! - [`connection_scope`] is the same with a URL of its own for each connection.
//! - [`ScimService`] is the same as a service factory, for `default_service` of an `App` or of a scope of the host.
//! - [`serve`] runs an application on a listener with the timeouts that `HttpServer` does not have.
//!
//! The adapter only moves bytes: it has the head of a request authenticated, collects the body within
//! [`Limits::body_bytes`](scim_core::Limits::body_bytes) and
//! [`Limits::request_timeout`](scim_core::Limits::request_timeout), hands it to
//! [`Authenticated::answer`](scim_core::Authenticated::answer) with the path as it was sent, and returns the answer as it is.
//! What the host's middleware puts into [`ScimExtensions`] is in
//! [`Context::extensions`](scim_core::Context::extensions) of every call of a store.
//!
//! ```no_run
//! use actix_web::{web, App};
//! use scim_core::{BearerTokens, MemoryStore, ScimServer, TenantId};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let server = ScimServer::builder()
//!     .base_url("https://example.com/scim/v2")
//!     .store(MemoryStore::new())
//!     .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
//!     .build()?;
//! let options = scim_actix::ServeOptions::new(server.limits());
//! let app = move || {
//!     App::new()
//!         .route("/healthz", web::get().to(|| async { "ok" }))
//!         .service(scim_actix::scope("/scim/v2", server.clone()))
//! };
//! let listener = std::net::TcpListener::bind("127.0.0.1:3000")?;
//! scim_actix::serve(listener, app, &options, std::future::pending()).await?;
//! # Ok(())
//! # }
//! ```

mod body;
mod connection;
mod connections;
mod convert;
mod extensions;
mod scope;
mod serve;
mod service;
mod spelling;
mod timer;

pub use connections::connection_scope;
pub use extensions::ScimExtensions;
pub use scope::scope;
pub use serve::{serve, ServeOptions};
pub use service::ScimService;
