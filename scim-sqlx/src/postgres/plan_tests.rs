//! How PostgreSQL goes about the statements.
//!
//! What they cost at size is measured by hand, in some minutes and some gigabytes of the directory for temporary files:
//!
//! ```text
//! .ci/with-postgres cargo test --release -p scim-sqlx --lib postgres::plan_tests -- --ignored --nocapture --test-threads 1
//! ```

use scim_core::{Query, ResourceStore};
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::{Connection as _, Executor as _, PgConnection, PgPool, Postgres, Row as _};

use super::read::{bound, by_id, statements};
use super::PostgresStore;
use crate::test_queries::{
    adding_first, change_members, compare_look_ups, compare_members, extreme_filters, filtered, first_cursor_page,
    removing_first, sorted, users, LOOK_UPS,
};
use crate::types::Relations;

/// A store of one connection with so many users `u1`…, a group `g1` of ten of them and a group `g2` of all, but the
/// first in either; `None` without a database.
async fn filled(name: &str, count: i64) -> Option<PostgresStore> {
    let Ok(server) = std::env::var("SCIM_TEST_POSTGRES") else {
        assert!(std::env::var_os("CI").is_none(), "run the tests by .ci/with-postgres");
        return None;
    };
    let name = format!("scim_plans_{name}_{}", std::process::id());
    let mut connection = PgConnection::connect(&server).await.unwrap();
    connection.execute(&*format!("CREATE DATABASE {name}")).await.unwrap();
    let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
    let pool = PostgresStore::pool_options().max_connections(1).connect(&url).await.unwrap();
    PostgresStore::migrate(&pool).await.unwrap();
    let store = PostgresStore::new(pool).await.unwrap();
    let numbers = format!("generate_series(1, {count}) n");
    for statement in [
        format!(
            "INSERT INTO scim_resources \
             (partition, id, resource_type, version, created, modified, members, document, search) \
             SELECT 'acme', 'u' || n, 'User', 1, n, n, 0, d, d FROM (SELECT n, jsonb_build_object('userName', \
             'user ' || n, 'externalId', 'e' || n, 'displayName', 'name ' || n, 'title', 't' || (n % 7), 'active', \
             true, 'emails', jsonb_build_array(jsonb_build_object('type', 'work', 'value', \
             'u' || n || '@example.com'))) AS d FROM {numbers}) s"
        ),
        key_rows("externalId", "{externalId}", "id"),
        key_rows("displayName", "{displayName}", "id"),
        key_rows("emails.value", "{emails,0,value}", "id"),
        key_rows("userName", "{userName}", "''"),
        "INSERT INTO scim_resources \
         (partition, id, resource_type, version, created, modified, members, document, search) \
         SELECT 'acme', g, 'Group', 1, 1, 1, 0, '{}', '{}' FROM unnest(ARRAY['g1', 'g2']) g"
            .to_owned(),
        "INSERT INTO scim_memberships (partition, group_id, member_id, type, type_key) \
         SELECT 'acme', 'g1', 'u' || n, 'User', 'user' FROM generate_series(2, 11) n"
            .to_owned(),
        format!(
            "INSERT INTO scim_memberships (partition, group_id, member_id, type, type_key) \
             SELECT 'acme', 'g2', 'u' || n, 'User', 'user' FROM {numbers} WHERE n > 1"
        ),
        "UPDATE scim_resources SET members = (SELECT count(*) FROM scim_memberships m WHERE m.group_id = id) \
         WHERE resource_type = 'Group'"
            .to_owned(),
        "VACUUM ANALYZE".to_owned(),
    ] {
        sqlx::query(&statement).execute(store.pool()).await.unwrap();
    }
    Some(store)
}

fn key_rows(attribute: &str, path: &str, distinguisher: &str) -> String {
    format!(
        "INSERT INTO scim_keys (partition, scope, attribute, key, distinguisher, resource) \
         SELECT 'acme', 'User', '{attribute}', search #>> '{path}', {distinguisher}, id FROM scim_resources"
    )
}

async fn plan(store: &PostgresStore, query: &Query) -> String {
    let cx = users();
    let statements = statements(&cx, &store.plans.of(&cx.resource_type), query).unwrap();
    let mut explained = statements.page().clone();
    explained.text = format!("EXPLAIN {}", explained.text);
    details(&bound(&explained).fetch_all(&mut *generic(store).await).await.unwrap())
}

/// A connection that makes plans for any values, which a prepared statement comes to.
async fn generic(store: &PostgresStore) -> PoolConnection<Postgres> {
    let mut connection = store.pool().acquire().await.unwrap();
    connection.execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
    connection
}

fn details(rows: &[PgRow]) -> String {
    rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n")
}

async fn assert_looked_up(store: &PostgresStore) {
    for text in LOOK_UPS {
        let plan = plan(store, &filtered(&users(), text)).await;
        assert!(plan.contains("scim_resources_pkey") && !plan.contains("Seq Scan"), "{text}\n{plan}");
    }
    let get = format!("EXPLAIN {}", by_id(Relations { members: false, groups: true }));
    let get = sqlx::query(&get).bind("acme").bind("User").bind(1_i64).bind("u77");
    let plan_of_get = details(&get.fetch_all(&mut *generic(store).await).await.unwrap());
    assert!(plan_of_get.contains("scim_resources_pkey") && !plan_of_get.contains("Seq Scan"), "{plan_of_get}");
    let plan = plan(store, &first_cursor_page()).await;
    assert!(plan.contains("Index Scan using scim_resources_by_type"), "{plan}");
    assert!(!plan.contains("Sort") && !plan.contains("Seq Scan"), "{plan}");
}

#[tokio::test]
async fn what_identity_providers_ask_for_is_looked_up() {
    let Some(store) = filled("look_ups", 20_000).await else { return };
    assert_looked_up(&store).await;
    for text in LOOK_UPS {
        let found = store.list(&users(), &filtered(&users(), text)).await.unwrap();
        assert_eq!(found.total, Some(if text.starts_with("groups") { 10 } else { 1 }), "{text}");
    }
}

#[tokio::test]
#[ignore = "takes minutes; run by hand in release"]
async fn a_million_users_cost_what_ten_thousand_do() {
    let Some(few) = filled("few", 10_000).await else { return };
    let Some(many) = filled("many", 1_000_000).await else { return };
    assert_looked_up(&many).await;
    many.pool().acquire().await.unwrap().execute("RESET plan_cache_mode").await.unwrap();
    compare_look_ups((&few, 10_000), (&many, 1_000_000)).await;
}

#[tokio::test]
#[ignore = "takes a minute; run by hand in release"]
async fn a_member_of_a_hundred_thousand_takes_as_long_as_one_of_ten() {
    let Some(store) = filled("hundred_thousand", 100_001).await else { return };
    compare_members(&store, 100_000).await;
}

#[tokio::test]
async fn the_deepest_and_the_widest_filter_are_answered() {
    let Some(store) = filled("extremes", 50).await else { return };
    for text in extreme_filters() {
        let found = store.list(&users(), &filtered(&users(), &text)).await;
        assert!(found.is_ok(), "{text}: {found:?}");
    }
    let cx = users();
    let page = store.list(&cx, &sorted(&cx, "emails")).await.unwrap();
    assert_eq!(page.resources.get(1).unwrap().id.as_str(), "u11");
}

#[tokio::test]
async fn a_member_of_a_large_group_costs_as_much_as_one_of_a_small_group() {
    let Some(store) = filled("members", 20_000).await else { return };
    for group in ["g1", "g2"] {
        for change in [adding_first(), removing_first()] {
            let before = touched(store.pool()).await;
            change_members(&store, group, change.clone()).await;
            let rows = touched(store.pool()).await - before;
            assert!((1..=5).contains(&rows), "{group}, {change:?}: {rows} rows");
            println!("{group}: {rows} rows");
        }
    }
}

/// How many rows were written so far.
async fn touched(pool: &PgPool) -> i64 {
    let mut connection = pool.acquire().await.unwrap();
    connection.execute("SELECT pg_stat_force_next_flush()").await.unwrap();
    connection.execute("SELECT 1").await.unwrap();
    sqlx::query_scalar("SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_user_tables")
        .fetch_one(&mut *connection)
        .await
        .unwrap()
}
