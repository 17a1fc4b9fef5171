//! What implementers test their own parts with, behind the feature `testing`.
//!
//! Whoever implements [`ResourceStore`](crate::ResourceStore) adds this feature to the development dependencies,
//!
//! ```toml
//! [dev-dependencies]
//! scim-core = { version = "0.1", features = ["testing"] }
//! ```
//!
//! and writes one test:
//!
//! ```
//! use scim_core::testing::StoreSuite;
//! # use scim_core::MemoryStore;
//! # struct MyStore;
//! # impl MyStore { async fn empty() -> MemoryStore { MemoryStore::new() } }
//!
//! # let _ = stringify! {
//! #[tokio::test]
//! # };
//! async fn my_store_keeps_the_contract() {
//!     StoreSuite::new(MyStore::empty).spawning(tokio::spawn).run().await.assert_passed();
//! }
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(my_store_keeps_the_contract());
//! ```
//!
//! Where the store breaks the contract, the test fails with a line for each broken check: its name, what was expected
//! and what was found. [`StoreSuite::run_check`] repeats one of them.
//!
//! Whoever brings requests from a framework or a socket to [`ScimServer`](crate::ScimServer) mounts the server of the
//! [`HttpSuite`] and talks to it through an [`Exchange`]:
//!
//! ```
//! use bytes::Bytes;
//! use scim_core::testing::{http_server, Exchange, HttpSuite};
//! use scim_core::{MemoryStore, ScimServer};
//!
//! /// A client of what listens at an address.
//! struct Client {
//! #   server: ScimServer,
//! }
//!
//! #[async_trait::async_trait]
//! impl Exchange for Client {
//!     async fn send(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
//!         // ... sends the request with the address and the mount point in front of its path
//! #       self.server.handle(request).await
//!     }
//! }
//!
//! # async fn serve(server: ScimServer) -> Client { Client { server } }
//! # let _ = stringify! {
//! #[tokio::test]
//! # };
//! async fn my_adapter_moves_every_byte() {
//!     let server = http_server(MemoryStore::new()).build().unwrap();
//!     HttpSuite::new(serve(server).await).run().await.assert_passed();
//! }
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(my_adapter_moves_every_byte());
//! ```

mod catch;
mod check;
mod connection;
mod http;
mod report;
mod store;

pub use connection::{ConnectionStoreSuite, RequestLogSuite};
pub use http::{http_server, http_server_of, Exchange, HttpSuite};
pub use report::{CheckResult, Outcome, Report};
pub use store::StoreSuite;
