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

mod catch;
mod check;
mod http;
mod report;
mod store;

pub use http::{http_server, http_server_of, Exchange, HttpSuite};
pub use report::{CheckResult, Outcome, Report};
pub use store::StoreSuite;
