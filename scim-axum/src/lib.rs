//! Mounts a [`ScimServer`](scim_core::ScimServer) in [axum](https://docs.rs/axum).
//!
//! - [`router`] is merged into any `Router<S>`, at any path.
//! - [`connection_router`] is the same with a URL of its own for each connection.
//! - [`ScimService`] is the same as a [`tower::Service`], for `nest_service`, `fallback_service` or any other stack on
//!   `http` types.
//! - [`serve`] runs a router on a listener with the timeouts that `axum::serve` does not have.
//!
//! The adapter only moves bytes: it has the head of a request authenticated, collects the body within
//! [`Limits::body_bytes`](scim_core::Limits::body_bytes) and
//! [`Limits::request_timeout`](scim_core::Limits::request_timeout), hands it to
//! [`Authenticated::answer`](scim_core::Authenticated::answer) with the path as it was sent, and returns the answer as it is.
//! The extensions of the request go along, so that whatever the host's middleware put there is in
//! [`Context::extensions`](scim_core::Context::extensions) of every call of a store.
//!
//! ```no_run
//! use axum::{routing::get, Router};
//! use scim_core::{BearerTokens, MemoryStore, ScimServer, TenantId};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let server = ScimServer::builder()
//!     .base_url("https://example.com/scim/v2")
//!     .store(MemoryStore::new())
//!     .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
//!     .build()?;
//! let options = scim_axum::ServeOptions::new(server.limits());
//! let app = Router::new()
//!     .route("/healthz", get(|| async { "ok" }))
//!     .merge(scim_axum::router("/scim/v2", server));
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! scim_axum::serve(listener, app, &options, std::future::pending()).await;
//! # Ok(())
//! # }
//! ```

mod body;
mod connection;
mod connections;
mod router;
mod serve;
mod service;
mod timer;

pub use connections::connection_router;
pub use router::router;
pub use serve::{serve, ServeOptions};
pub use service::ScimService;

/// The programs of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The declarations of the documentation, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../docs/lifecycle.md")]
struct Lifecycle;
