//! Making the tables, and who may see them.
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

use scim_core::{Attributes, Context, Fetch, NewResource, Query, ResourceStore, ResourceType, StoreError};
use scim_sqlx::{Database, PostgresStore, SqliteStore};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};
use tokio::task::JoinSet;

use support::{context, postgres_database, TempDir};

fn users(tenant: &str) -> Context {
    context(tenant, &Arc::new(ResourceType::user()))
}

fn user(name: &str) -> NewResource {
    NewResource::new(Attributes::from_stored(json!({ "userName": name }).as_object().unwrap().clone()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_processes_open_a_new_sqlite_database_at_once_and_write() {
    let directory = TempDir::new();
    let mut tasks = JoinSet::new();
    for process in 0..4 {
        let path = directory.file("scim.db");
        tasks.spawn(async move {
            let store = SqliteStore::open(path).await.unwrap();
            for number in 0..25 {
                store.create(&users("acme"), user(&format!("{process} {number}"))).await.unwrap();
            }
            store
        });
    }
    let stores = tasks.join_all().await;
    assert_eq!(stores[0].list(&users("acme"), &Query::default()).await.unwrap().total, Some(100));
}

#[tokio::test]
async fn what_sqlite_kept_is_there_when_it_is_opened_again_and_later_tables_are_refused() {
    let directory = TempDir::new();
    let path = directory.file("scim.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let made = store.create(&users("acme"), user("bjensen")).await.unwrap();
    store.close().await;
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.get(&users("acme"), &made.id, &Fetch::all()).await.unwrap(), Some(made));
    sqlx::query("INSERT INTO scim_migrations (version) VALUES (1000)").execute(store.writer()).await.unwrap();
    store.close().await;
    let refused = SqliteStore::open(&path).await.unwrap_err();
    assert!(matches!(refused, StoreError::Backend(_)), "{refused:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_sqlite_database_is_its_owners_alone_and_one_that_is_there_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = TempDir::new();
    let mode = |name: &str| std::fs::metadata(directory.file(name)).unwrap().permissions().mode() & 0o777;
    let store = SqliteStore::open(directory.file("new.db")).await.unwrap();
    store.create(&users("acme"), user("bjensen")).await.unwrap();
    for name in ["new.db", "new.db-wal", "new.db-shm"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    std::fs::File::create(directory.file("old.db")).unwrap();
    std::fs::set_permissions(directory.file("old.db"), std::fs::Permissions::from_mode(0o640)).unwrap();
    SqliteStore::open(directory.file("old.db")).await.unwrap();
    assert_eq!(mode("old.db"), 0o640);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_processes_connect_to_a_new_postgres_database_at_once() {
    let Some(url) = postgres_database().await else { return };
    let mut tasks = JoinSet::new();
    for _ in 0..4 {
        let url = url.clone();
        tasks.spawn(async move { PostgresStore::connect(&url).await.unwrap() });
    }
    let stores = tasks.join_all().await;
    let made = stores[0].create(&users("acme"), user("bjensen")).await.unwrap();
    assert_eq!(stores[1].get(&users("acme"), &made.id, &Fetch::all()).await.unwrap(), Some(made));
    sqlx::query("INSERT INTO scim_migrations (version) VALUES (1000)").execute(stores[0].pool()).await.unwrap();
    let refused = PostgresStore::connect(&url).await.unwrap_err();
    assert!(matches!(refused, StoreError::Backend(_)), "{refused:?}");
}

#[tokio::test]
async fn a_role_that_does_not_own_the_tables_sees_one_tenant() {
    let Some(url) = postgres_database().await else { return };
    let owner = PostgresStore::connect(&url).await.unwrap();
    let pool = support::fenced(&url).await;
    let role = pool.connect_options();
    let store = PostgresStore::new(pool).await.unwrap();
    let ours = store.create(&users("acme"), user("bjensen")).await.unwrap();
    let theirs = store.create(&users("globex"), user("bjensen")).await.unwrap();
    assert!(store.get(&users("acme"), &ours.id, &Fetch::all()).await.unwrap().is_some());
    assert!(store.get(&users("acme"), &theirs.id, &Fetch::all()).await.unwrap().is_none());

    let mut connection = PgConnection::connect_with(&role).await.unwrap();
    let count = "SELECT count(*) FROM scim_resources";
    let unset: i64 = sqlx::query_scalar(count).fetch_one(&mut connection).await.unwrap();
    assert_eq!(unset, 0, "a statement that forgets the tenant");
    let mut transaction = connection.begin().await.unwrap();
    sqlx::query("SELECT set_config('scim.partition', 'acme', true)").execute(&mut *transaction).await.unwrap();
    let set: i64 = sqlx::query_scalar(count).fetch_one(&mut *transaction).await.unwrap();
    assert_eq!(set, 1);
    let smuggled = sqlx::query("UPDATE scim_resources SET partition = 'globex'").execute(&mut *transaction).await;
    assert!(smuggled.is_err(), "a row cannot be given to another tenant");
    drop(transaction);
    sqlx::raw_sql(
        "INSERT INTO scim_claims (space, scope, attribute, key, partition, resource) \
         SELECT 'platform', 'User', 'userName', 'x', partition, id FROM scim_resources WHERE partition = 'globex'",
    )
    .execute(owner.pool())
    .await
    .unwrap();
    let mut transaction = connection.begin().await.unwrap();
    sqlx::query("SELECT set_config('scim.partition', 'acme', true)").execute(&mut *transaction).await.unwrap();
    let claims: i64 =
        sqlx::query_scalar("SELECT count(*) FROM scim_claims").fetch_one(&mut *transaction).await.unwrap();
    assert_eq!(claims, 0, "the claims of another tenant");
    let taken = "INSERT INTO scim_claims VALUES ('platform', 'User', 'userName', 'x', 'acme', 'y')";
    let taken = sqlx::query(taken).execute(&mut *transaction).await.unwrap_err();
    assert!(taken.as_database_error().unwrap().is_unique_violation(), "what cannot be seen is taken all the same");
    drop(transaction);
    let left: i64 = sqlx::query_scalar(count).fetch_one(&mut connection).await.unwrap();
    assert_eq!(left, 0, "the tenant of a transaction does not outlive it");
}

#[tokio::test]
async fn the_fenced_store_keeps_the_contract() {
    let Some(url) = postgres_database().await else { return };
    let store = PostgresStore::new(support::fenced(&url).await).await.unwrap();
    let build = move || {
        let store = store.clone();
        async move { store }
    };
    scim_core::testing::StoreSuite::new(build).run().await.assert_passed();
}

#[tokio::test]
async fn a_database_that_is_not_there_is_unavailable() {
    let refused = PostgresStore::connect("postgres://scim@127.0.0.1:1/none").await.unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable { retry_after: 1.., .. }), "{refused:?}");
}

#[tokio::test]
async fn a_database_is_opened_by_its_url_and_does_not_show_the_password() {
    let directory = TempDir::new();
    let path = directory.file("scim.db");
    let database = Database::open(&format!("sqlite:{}", path.display())).await.unwrap();
    assert_eq!(database.to_string(), format!("SQLite, {}", path.display()));
    let made = database.create(&users("acme"), NewResource::default()).await.unwrap();
    assert_eq!(database.get(&users("acme"), &made.id, &Fetch::all()).await.unwrap(), Some(made));
    assert!(database.sqlite().is_some() && database.postgres().is_none());

    for url in ["", "sqlite:", "mysql://user:password@localhost/scim", "scim.db"] {
        let refused = Database::open(url).await.unwrap_err();
        let cause = std::error::Error::source(&refused).unwrap().to_string();
        assert!(cause.starts_with("a database is sqlite:PATH or postgres://"), "{url}: {cause}");
    }
}
