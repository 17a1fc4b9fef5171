//! `MemoryStore` passes the store suite, in turns and with the tasks of a runtime.

#![allow(clippy::panic, missing_docs)]

use std::collections::HashSet;

use scim_core::testing::StoreSuite;
use scim_core::{MemoryStore, TenantId};

#[tokio::test]
async fn the_memory_store_keeps_the_contract() {
    let suite = StoreSuite::reading_write_only(
        || async { MemoryStore::new() },
        |store, cx, id| async move { store.write_only(&cx, &id).unwrap_or_default() },
    );
    let report = suite.run().await;
    report.assert_passed();
    assert!(report.passed().count() >= 150, "{report}");
    let skipped: Vec<_> = report.skipped().map(|(name, _)| name).collect();
    assert!(skipped.iter().all(|name| name.starts_with("members_in_the_document")), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_memory_store_keeps_the_contract_when_tasks_run_in_parallel() {
    let store = MemoryStore::new();
    let suite = StoreSuite::new(move || {
        let store = store.clone();
        async move { store }
    });
    suite.spawning(tokio::spawn).run().await.assert_passed();
}

#[tokio::test]
async fn a_suite_skips_what_it_is_told_the_store_is_not_made_for() {
    let suite = StoreSuite::new(|| async { MemoryStore::new() })
        .without_groups()
        .without_custom_types()
        .single_tenant(TenantId::new("only"))
        .skip("sort_by_id", "of no use here");
    let report = suite.run().await;
    report.assert_passed();
    let skipped: HashSet<_> = report.skipped().map(|(name, _)| name).collect();
    for name in ["sort_by_id", "delta_adds_a_member", "filter_integer_eq", "tenant_get_sees_its_own_alone"] {
        assert!(skipped.contains(name), "{name} is not skipped:\n{report}");
    }
    assert!(report.passed().count() >= 100, "{report}");
}

#[tokio::test]
async fn a_check_to_skip_that_is_none_is_a_failure() {
    let suite = StoreSuite::new(|| async { MemoryStore::new() })
        .skip("sort_by_id", "of no use here")
        .skip("sort_by_idd", "misspelt")
        .skip("of an earlier version", "renamed");
    let report = suite.run().await;
    let failed: Vec<_> = report.failed().collect();
    assert_eq!(failed.len(), 1, "{report}");
    for part in [r#""sort_by_idd" (did you mean sort_by_id?)"#, r#""of an earlier version""#] {
        assert!(failed[0].1.contains(part), "{report}");
    }
}

#[test]
fn every_check_has_a_name_of_its_own() {
    let names: Vec<_> = StoreSuite::names().collect();
    let distinct: HashSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
}
