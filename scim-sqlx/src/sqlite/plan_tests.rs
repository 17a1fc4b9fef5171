//! How SQLite goes about the statements.
//!
//! What they cost at size is measured by hand, in some minutes and some gigabytes of the directory for temporary files:
//!
//! ```text
//! cargo test --release -p scim-sqlx --lib sqlite::plan_tests -- --ignored --nocapture --test-threads 1
//! ```

use scim_core::{Query, ResourceStore};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqlitePool};

use super::read::{bound, by_id, statements};
use super::SqliteStore;
use crate::test_queries::{
    adding_first, change_members, compare_look_ups, compare_members, extreme_filters, filtered, first_cursor_page,
    removing_first, sorted, users, LOOK_UPS,
};
use crate::types::Relations;

struct Filled {
    store: SqliteStore,
    directory: std::path::PathBuf,
}

impl Drop for Filled {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// A store with so many users `u1`…, a group `g1` of ten of them and a group `g2` of all, but the first in either.
async fn filled(name: &str, count: i64) -> Filled {
    let directory = std::env::temp_dir().join(format!("scim-plans-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let store = SqliteStore::open(directory.join("scim.db")).await.unwrap();
    let numbers = format!("WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count})");
    for statement in [
        format!(
            "{numbers} INSERT INTO scim_resources \
             (partition, id, resource_type, version, created, modified, members, document, search) \
             SELECT 'acme', 'u' || n, 'User', 1, n, n, 0, d, d FROM (SELECT n, json_object('userName', 'user ' || n, \
             'externalId', 'e' || n, 'displayName', 'name ' || n, 'title', 't' || (n % 7), \
             'active', json('true'), 'emails', \
             json_array(json_object('type', 'work', 'value', 'u' || n || '@example.com'))) AS d FROM n)"
        ),
        key_rows("externalId", "$.externalId", "id"),
        key_rows("displayName", "$.displayName", "id"),
        key_rows("emails.value", "$.emails[0].value", "id"),
        key_rows("userName", "$.userName", "''"),
        "INSERT INTO scim_resources \
         (partition, id, resource_type, version, created, modified, members, document, search) \
         SELECT 'acme', value, 'Group', 1, 1, 1, 0, '{}', '{}' FROM json_each('[\"g1\", \"g2\"]')"
            .to_owned(),
        "INSERT INTO scim_memberships (partition, group_id, member_id, type, type_key) \
         SELECT 'acme', 'g1', 'u' || value, 'User', 'user' FROM json_each('[2, 3, 4, 5, 6, 7, 8, 9, 10, 11]')"
            .to_owned(),
        format!(
            "{numbers} INSERT INTO scim_memberships (partition, group_id, member_id, type, type_key) \
             SELECT 'acme', 'g2', 'u' || n, 'User', 'user' FROM n WHERE n > 1"
        ),
        "UPDATE scim_resources SET members = (SELECT count(*) FROM scim_memberships m WHERE m.group_id = id) \
         WHERE resource_type = 'Group'"
            .to_owned(),
        "ANALYZE".to_owned(),
    ] {
        sqlx::query(&statement).execute(store.writer()).await.unwrap();
    }
    Filled { store, directory }
}

fn key_rows(attribute: &str, path: &str, distinguisher: &str) -> String {
    format!(
        "INSERT INTO scim_keys (partition, scope, attribute, key, distinguisher, resource) \
         SELECT 'acme', 'User', '{attribute}', json_extract(search, '{path}'), {distinguisher}, id FROM scim_resources"
    )
}

async fn plan(store: &SqliteStore, query: &Query) -> String {
    let cx = users();
    let statements = statements(&cx, &store.writing.plans.of(&cx.resource_type), query).unwrap();
    let mut explained = statements.page().clone();
    explained.text = format!("EXPLAIN QUERY PLAN {}", explained.text);
    details(&bound(&explained).fetch_all(store.readers()).await.unwrap())
}

fn details(rows: &[SqliteRow]) -> String {
    rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("\n")
}

async fn assert_looked_up(store: &SqliteStore) {
    let is_scan = |plan: &str| ["SCAN scim", "SCAN r", "SCAN k", "SCAN m"].iter().any(|scan| plan.contains(scan));
    let by_key = "SEARCH r USING INDEX sqlite_autoindex_scim_resources_1 (partition=? AND id=?)";
    for text in LOOK_UPS {
        let plan = plan(store, &filtered(&users(), text)).await;
        assert!(plan.contains(by_key) && !is_scan(&plan), "{text}\n{plan}");
    }
    let get = format!("EXPLAIN QUERY PLAN {}", by_id(Relations { members: false, groups: true }));
    let rows = sqlx::query(&get).bind("acme").bind("User").bind(1).bind("u77").fetch_all(store.readers()).await;
    let plan_of_get = details(&rows.unwrap());
    assert!(plan_of_get.contains(by_key) && !is_scan(&plan_of_get.replace("SCAN g", "")), "{plan_of_get}");
    let plan = plan(store, &first_cursor_page()).await;
    assert!(plan.contains("SEARCH r USING INDEX scim_resources_by_type (partition=? AND resource_type=?)"), "{plan}");
    assert!(!plan.contains("TEMP B-TREE FOR ORDER BY") && !is_scan(&plan), "{plan}");
}

#[tokio::test]
async fn what_identity_providers_ask_for_is_looked_up() {
    let filled = filled("look-ups", 5_000).await;
    assert_looked_up(&filled.store).await;
    for text in LOOK_UPS {
        let found = filled.store.list(&users(), &filtered(&users(), text)).await.unwrap();
        assert_eq!(found.total, Some(if text.starts_with("groups") { 10 } else { 1 }), "{text}");
    }
}

#[tokio::test]
#[ignore = "takes minutes; run by hand in release"]
async fn a_million_users_cost_what_ten_thousand_do() {
    let (few, many) = (filled("few", 10_000).await, filled("many", 1_000_000).await);
    assert_looked_up(&many.store).await;
    compare_look_ups((&few.store, 10_000), (&many.store, 1_000_000)).await;
}

#[tokio::test]
#[ignore = "takes a minute; run by hand in release"]
async fn a_member_of_a_hundred_thousand_takes_as_long_as_one_of_ten() {
    let filled = filled("hundred-thousand", 100_001).await;
    compare_members(&filled.store, 100_000).await;
}

#[tokio::test]
async fn the_deepest_and_the_widest_filter_are_answered() {
    let filled = filled("extremes", 50).await;
    let filters = extreme_filters();
    assert_eq!(filters.len(), 6);
    for text in filters {
        let found = filled.store.list(&users(), &filtered(&users(), &text)).await;
        assert!(found.is_ok(), "{text}: {found:?}");
    }
}

#[tokio::test]
async fn sorting_by_what_is_in_the_document_is_answered() {
    let filled = filled("sorts", 50).await;
    let cx = users();
    let page = filled.store.list(&cx, &sorted(&cx, "emails")).await.unwrap();
    assert_eq!(page.resources.first().unwrap().id.as_str(), "u10");
    assert_eq!(page.resources.get(1).unwrap().id.as_str(), "u11");
}

#[tokio::test]
async fn a_member_of_a_large_group_costs_as_much_as_one_of_a_small_group() {
    let filled = filled("members", 20_000).await;
    let writer = filled.store.writer();
    for group in ["g1", "g2"] {
        for change in [adding_first(), removing_first()] {
            let before = changed(writer).await;
            change_members(&filled.store, group, change.clone()).await;
            let rows = changed(writer).await - before;
            assert!((1..=5).contains(&rows), "{group}, {change:?}: {rows} rows");
            println!("{group}: {rows} rows");
        }
    }
}

/// How many rows the writer has changed so far.
async fn changed(writer: &SqlitePool) -> i64 {
    sqlx::query_scalar("SELECT total_changes()").fetch_one(writer).await.unwrap()
}
