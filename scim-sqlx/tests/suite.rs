//! The stores keep the contract.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;

use scim_core::testing::StoreSuite;
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
    assert!(report.skipped().all(|(name, _)| name.starts_with("members_in_the_document")), "{report}");
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
