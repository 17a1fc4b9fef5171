//! The stores keep the contract.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;

use scim_core::testing::{http_server, HttpSuite, StoreSuite};
use scim_core::ResourceStore;

async fn check(store: Arc<dyn ResourceStore>) {
    let report = StoreSuite::new(move || {
        let store = Arc::clone(&store);
        async move { store }
    })
    .spawning(tokio::spawn)
    .run()
    .await;
    report.assert_passed();
    let is_not_offered = |name: &str| name.starts_with("members_in_the_document") || name.starts_with("write_only");
    assert!(report.skipped().all(|(name, _)| is_not_offered(name)), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite_keeps_the_contract() {
    let backend = support::sqlite().await;
    check(Arc::clone(&backend.store)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres_keeps_the_contract() {
    if let Some(backend) = support::postgres().await {
        check(Arc::clone(&backend.store)).await;
    }
}

async fn check_over_http(store: Arc<dyn ResourceStore>) {
    HttpSuite::new(http_server(store).build().unwrap()).run().await.assert_passed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_on_sqlite_keeps_the_protocol() {
    let backend = support::sqlite().await;
    check_over_http(Arc::clone(&backend.store)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_on_postgres_keeps_the_protocol() {
    if let Some(backend) = support::postgres().await {
        check_over_http(Arc::clone(&backend.store)).await;
    }
}
