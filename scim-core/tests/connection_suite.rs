//! The stores and logs in memory keep their contracts.

#![allow(missing_docs)]

use scim_core::testing::{ConnectionStoreSuite, RequestLogSuite};
use scim_core::{MemoryConnectionStore, MemoryRequestLog};

#[tokio::test]
async fn the_memory_store_of_connections_keeps_the_contract() {
    let store = MemoryConnectionStore::new();
    let suite = ConnectionStoreSuite::new(move || {
        let store = store.clone();
        async move { store }
    });
    let report = suite.run().await;
    report.assert_passed();
    assert_eq!(report.passed().count(), suite.names().count());
}

#[tokio::test]
async fn the_memory_request_log_keeps_the_contract() {
    let log = MemoryRequestLog::new(100);
    let suite = RequestLogSuite::new(move || {
        let log = log.clone();
        async move { log }
    });
    suite.run().await.assert_passed();
}
