//! How SQLite goes about the statements.

use scim_core::{Fetch, Member, MembersUpdate, Query, ResourceId, ResourceStore, Update};
use sqlx::{Row as _, SqlitePool};

use super::read::{bound, statements};
use super::SqliteStore;
use crate::test_queries::{extreme_filters, filtered, first_cursor_page, groups, sorted, users, LOOK_UPS};

struct Filled {
    store: SqliteStore,
    directory: std::path::PathBuf,
}

impl Drop for Filled {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// A store with so many users `u1`…, a group `g1` of ten of them and a group `g2` of all.
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
         SELECT 'acme', 'g1', 'u' || value, 'User', 'user' FROM json_each('[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]')"
            .to_owned(),
        format!(
            "{numbers} INSERT INTO scim_memberships (partition, group_id, member_id, type, type_key) \
             SELECT 'acme', 'g2', 'u' || n, 'User', 'user' FROM n WHERE n > 1"
        ),
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
    let statements = statements(&cx, &store.plans.of(&cx.resource_type), query).unwrap();
    let mut explained = statements.page().clone();
    explained.text = format!("EXPLAIN QUERY PLAN {}", explained.text);
    let rows = bound(&explained).fetch_all(store.readers()).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn what_identity_providers_ask_for_is_looked_up() {
    let filled = filled("look-ups", 5_000).await;
    for text in LOOK_UPS {
        let query = filtered(&users(), text);
        let plan = plan(&filled.store, &query).await;
        assert!(
            plan.contains("SEARCH r USING INDEX sqlite_autoindex_scim_resources_1 (partition=? AND id=?)"),
            "{text}\n{plan}"
        );
        assert!(!plan.contains("SCAN scim") && !plan.contains("SCAN r") && !plan.contains("SCAN k"), "{text}\n{plan}");
        let found = filled.store.list(&users(), &query).await.unwrap();
        assert_eq!(found.total, Some(if text.starts_with("groups") { 10 } else { 1 }), "{text}");
    }
    let plan = plan(&filled.store, &first_cursor_page()).await;
    assert!(plan.contains("SEARCH r USING INDEX scim_resources_by_type (partition=? AND resource_type=?)"), "{plan}");
    assert!(!plan.contains("TEMP B-TREE FOR ORDER BY"), "{plan}");
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
    for group in ["g1", "g2"] {
        let writer = filled.store.writer();
        let mut member = MembersUpdate::default();
        match group {
            "g1" => member.add([Member::new(ResourceId::new("u11"))]),
            _ => member.add([Member::new(ResourceId::new("u1"))]),
        }
        let mut update = Update::members(member);
        update.fetch = Fetch::without(["members"]);
        let before = changed(writer).await;
        filled.store.update(&groups(), &ResourceId::new(group), update).await.unwrap();
        let rows = changed(writer).await - before;
        assert!((1..=5).contains(&rows), "{group}: {rows} rows");
    }
}

/// How many rows the writer has changed so far.
async fn changed(writer: &SqlitePool) -> i64 {
    sqlx::query_scalar("SELECT total_changes()").fetch_one(writer).await.unwrap()
}
