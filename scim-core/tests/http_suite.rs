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
