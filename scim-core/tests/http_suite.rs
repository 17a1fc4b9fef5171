//! The HTTP suite on the memory store, in this process.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, missing_docs)]

use scim_core::testing::{http_server, HttpSuite};
use scim_core::MemoryStore;

#[tokio::test]
async fn a_server_on_the_memory_store_speaks_the_protocol() {
    let report = HttpSuite::new(http_server(MemoryStore::new()).build().unwrap()).run().await;
    report.assert_passed();
    assert_eq!(report.skipped().collect::<Vec<_>>(), []);
}

#[tokio::test]
async fn a_check_to_skip_that_is_none_is_a_failure() {
    let server = http_server(MemoryStore::new()).build().unwrap();
    let report = HttpSuite::new(server).skip("no check at all", "renamed").run().await;
    let failed: Vec<_> = report.failed().collect();
    assert!(matches!(failed[..], [(_, reason)] if reason.contains("\"no check at all\"")), "{report}");
}
