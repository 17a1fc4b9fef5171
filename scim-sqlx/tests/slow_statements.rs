//! Filters that take the database longer than anybody waits.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use scim_core::{
    CompatProfile, ConnectionId, ConnectionStore as _, Context, Filter, Limits, Query, ResourceStore, ResourceType,
    StoreError,
};
use scim_sqlx::{PostgresStore, SqliteStore};
use sqlx::Executor as _;
use support::{context, postgres_database, TempDir};

const USERS: usize = 20_000;

fn users() -> Context {
    context("acme", &Arc::new(ResourceType::user()))
}

fn filtered(filter: &str) -> Query {
    let (profile, limits) = (CompatProfile::default(), Limits::default());
    let mut query = Query::default();
    query.filter =
        Some(Filter::parse(filter, &profile, &limits).unwrap().resolve(&ResourceType::user(), &profile).unwrap());
    query
}

/// The slowest that the limits of filters let through, or nearly so.
fn slow() -> Query {
    let terms: Vec<String> = (0..200).map(|number| format!("groups.display co \"q{number}\"")).collect();
    filtered(&terms.join(" or "))
}

fn fill(numbers: &str, object: &str, json: &str) -> String {
    format!(
        "INSERT INTO scim_resources \
         (partition, id, resource_type, version, created, modified, members, document, search) \
         SELECT 'acme', 'u' || n, 'User', 1, n, n, 0, {object}('userName', 'u' || n), {json}('userName', 'u' || n) \
         FROM {numbers} numbers(n)"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_nobody_waits_for_is_interrupted_and_keeps_nobody_from_sqlite() {
    let directory = TempDir::new();
    let store = SqliteStore::open(directory.file("scim.db")).await.unwrap();
    let numbers =
        format!("WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {USERS})");
    let rows = fill("", "json_object", "json_object").replace("FROM  numbers(n)", "FROM numbers");
    store.writer().execute(&*format!("{numbers} {rows}")).await.unwrap();
    let (cx, query) = (users(), slow());
    let mut abandoned: Vec<_> = (0..8).map(|_| store.list(&cx, &query)).collect();
    for list in &mut abandoned {
        let waited = tokio::time::timeout(Duration::from_millis(20), list).await;
        assert!(waited.is_err(), "{waited:?}");
    }
    let looked_up = store.connections();
    let nobody = tokio::time::timeout(Duration::from_secs(5), looked_up.get(&ConnectionId::new("x"))).await;
    assert_eq!(nobody.expect("a look-up of a connection waits for no list").unwrap(), None);
    drop(abandoned);
    for _ in 0..10 {
        let found = tokio::time::timeout(Duration::from_secs(10), store.list(&cx, &filtered("id eq \"u7\""))).await;
        assert_eq!(found.expect("a reader is free").unwrap().total, Some(1));
    }
}

#[tokio::test]
async fn postgres_ends_a_statement_that_takes_longer_than_it_may() {
    let Some(url) = postgres_database().await else { return };
    let bounded = PostgresStore::connect(&url).await.unwrap();
    let timeout = "SELECT current_setting('statement_timeout')";
    let default: String = sqlx::query_scalar(timeout).fetch_one(bounded.pool()).await.unwrap();
    assert_eq!(default, "10s");

    let database = url.rsplit('/').next().unwrap();
    bounded.pool().execute(&*format!("ALTER DATABASE {database} SET statement_timeout = '50ms'")).await.unwrap();
    let rows = fill(&format!("generate_series(1, {USERS})"), "json_build_object", "jsonb_build_object");
    bounded.pool().execute(&*rows).await.unwrap();
    bounded.pool().close().await;
    let store = PostgresStore::connect(&url).await.unwrap();
    let configured: String = sqlx::query_scalar(timeout).fetch_one(store.pool()).await.unwrap();
    assert_eq!(configured, "50ms");
    let refused = store.list(&users(), &slow()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable { retry_after: 1.., .. }), "{refused:?}");
}
