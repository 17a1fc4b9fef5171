//! Connections, keys and the request log in databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod support;

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use scim_core::testing::{ConnectionStoreSuite, RequestLogSuite};
use scim_core::{
    AuthError, Authenticator, Connection, ConnectionId, ConnectionStore, Connections, DateTime, KeyOptions, Provider,
    RequestLog, RequestRecord, Rotation, TenantId,
};
use scim_sqlx::{PostgresStore, SqliteStore};
use support::{postgres_database, TempDir};

/// How many keys are looked for where none may be.
const KEYS: usize = 1_200;

fn acme() -> TenantId {
    TenantId::new("acme")
}

async fn keeps_the_contract(connections: impl ConnectionStore + Clone, log: impl RequestLog + Clone) {
    let build = move || {
        let connections = connections.clone();
        async move { connections }
    };
    ConnectionStoreSuite::new(build).run().await.assert_passed();
    let build = move || {
        let log = log.clone();
        async move { log }
    };
    RequestLogSuite::new(build).run().await.assert_passed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite_keeps_the_contract_of_connections_and_logs() {
    let directory = TempDir::new();
    let store = SqliteStore::open(directory.file("scim.db")).await.unwrap();
    keeps_the_contract(store.connections(), store.request_log(100)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres_keeps_the_contract_of_connections_and_logs() {
    let Some(url) = postgres_database().await else { return };
    let store = PostgresStore::connect(&url).await.unwrap();
    keeps_the_contract(store.connections(), store.request_log(100)).await;
    let Some(url) = postgres_database().await else { return };
    let store = PostgresStore::new(support::fenced(&url).await).await.unwrap();
    keeps_the_contract(store.connections(), store.request_log(100)).await;
}

fn head(key: &str) -> http::request::Parts {
    let request = http::Request::get("/Users").header("authorization", format!("Bearer {key}"));
    request.body(()).unwrap().into_parts().0
}

async fn is_accepted(authenticator: &impl Authenticator, key: &str) -> bool {
    authenticator.authenticate(&head(key)).await.is_ok()
}

/// Issues keys, uses and rotates them, and returns them.
async fn many_keys(store: impl ConnectionStore) -> Vec<String> {
    let connections = Connections::new(store);
    let authenticator = connections.authenticator();
    let connections = connections.of_tenant(acme());
    let okta = connections.create(Provider::Okta, "Okta").await.unwrap();
    let mut keys = Vec::new();
    while keys.len() < KEYS {
        let issued = if keys.len() % 100 == 99 {
            connections.rotate(&okta.id, Rotation::AtOnce).await.unwrap()
        } else {
            connections.issue_key(&okta.id, KeyOptions::new()).await.unwrap()
        };
        let key = issued.reveal();
        assert!(is_accepted(&authenticator, &key).await);
        keys.push(key);
    }
    assert_eq!(connections.keys(&okta.id).await.unwrap().len(), KEYS);
    keys
}

/// What nobody who finds it may be able to ask with: the secret part of each key.
fn secrets(keys: &[String]) -> HashSet<Vec<u8>> {
    keys.iter().map(|key| key.rsplit('_').next().unwrap().as_bytes()[..43].to_vec()).collect()
}

fn expect_no_secret(secrets: &HashSet<Vec<u8>>, bytes: &[u8], place: &str) {
    assert!(!bytes.is_empty(), "{place} is empty");
    let found = bytes.windows(43).any(|window| secrets.contains(window));
    assert!(!found, "a key is in {place}");
}

fn output(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The texts and bytes of all tables, as a dump would have them.
async fn dump(store: &SqliteStore) -> Vec<u8> {
    let mut dump = Vec::new();
    for table in ["scim_connections", "scim_connection_keys", "scim_requests", "scim_resources", "scim_audit"] {
        let rows = sqlx::query(&format!("SELECT * FROM {table}")).fetch_all(store.readers()).await.unwrap();
        for row in rows {
            for place in 0..sqlx::Row::len(&row) {
                let bytes: Option<Vec<u8>> = sqlx::Row::try_get_unchecked(&row, place).unwrap();
                dump.extend(bytes.unwrap_or_default());
                dump.push(b'|');
            }
        }
    }
    dump
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_key_is_in_a_sqlite_file_its_journal_or_a_dump() {
    let directory = TempDir::new();
    let store = SqliteStore::open(directory.file("scim.db")).await.unwrap();
    let keys = many_keys(store.connections()).await;
    let secrets = secrets(&keys);
    let id = keys[KEYS - 1].split('_').nth(1).unwrap();
    assert!(String::from_utf8_lossy(&dump(&store).await).contains(id), "the dump has no key at all");
    let journal = std::fs::read(directory.file("scim.db-wal")).unwrap();
    expect_no_secret(&secrets, &journal, "the journal");
    expect_no_secret(&secrets, &dump(&store).await, "the dump");
    store.close().await;
    expect_no_secret(&secrets, &std::fs::read(directory.file("scim.db")).unwrap(), "the file");
    assert!(!Path::exists(&directory.file("scim.db-wal")), "the journal is not in the file");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_key_is_in_a_dump_of_postgres() {
    let Some(url) = postgres_database().await else { return };
    let store = PostgresStore::connect(&url).await.unwrap();
    let keys = many_keys(store.connections()).await;
    let dump = output("pg_dump", &[&url]);
    expect_no_secret(&secrets(&keys), &dump, "the dump");
    let id = keys[0].split('_').nth(1).unwrap();
    assert!(String::from_utf8_lossy(&dump).contains(id), "the dump has no key at all");
}

/// Ends keys and connections in one process and asks in another.
async fn bind_at_once(one: impl ConnectionStore, other: impl ConnectionStore) {
    let (one, authenticator) = (Connections::new(one).of_tenant(acme()), Connections::new(other).authenticator());
    let okta = one.create(Provider::Okta, "Okta").await.unwrap();
    for _ in 0..20 {
        let issued = one.issue_key(&okta.id, KeyOptions::new()).await.unwrap();
        let (id, key) = (issued.info().id.clone(), issued.reveal());
        assert!(is_accepted(&authenticator, &key).await, "a key that was issued");
        one.revoke(&id).await.unwrap();
        assert!(!is_accepted(&authenticator, &key).await, "a key that was revoked");
    }
    let old = one.issue_key(&okta.id, KeyOptions::new()).await.unwrap().reveal();
    assert!(is_accepted(&authenticator, &old).await);
    let new = one.rotate(&okta.id, Rotation::AtOnce).await.unwrap().reveal();
    assert!(!is_accepted(&authenticator, &old).await && is_accepted(&authenticator, &new).await);
    one.pause(&okta.id).await.unwrap();
    assert!(!is_accepted(&authenticator, &new).await, "a key of a paused connection");
    one.resume(&okta.id).await.unwrap();
    assert!(is_accepted(&authenticator, &new).await, "a key of a connection that was resumed");
    one.delete(&okta.id).await.unwrap();
    assert!(!is_accepted(&authenticator, &new).await, "a key of a deleted connection");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn revocation_binds_other_processes_at_once() {
    let directory = TempDir::new();
    let one = SqliteStore::open(directory.file("scim.db")).await.unwrap();
    let other = SqliteStore::open(directory.file("scim.db")).await.unwrap();
    bind_at_once(one.connections(), other.connections()).await;
    let Some(url) = postgres_database().await else { return };
    let (one, other) = (PostgresStore::connect(&url).await.unwrap(), PostgresStore::connect(&url).await.unwrap());
    bind_at_once(one.connections(), other.connections()).await;
}

/// Rotations of one connection at the same time leave one key.
async fn one_key_is_left(store: impl ConnectionStore) {
    let connections = Arc::new(Connections::new(store).of_tenant(acme()));
    let okta = connections.create(Provider::Okta, "Okta").await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let (connections, id) = (Arc::clone(&connections), okta.id.clone());
        tasks.spawn(async move { connections.rotate(&id, Rotation::AtOnce).await.map(drop) });
    }
    tasks.join_all().await.into_iter().for_each(|rotated| rotated.unwrap());
    let keys = connections.keys(&okta.id).await.unwrap();
    assert_eq!((keys.len(), keys.iter().filter(|key| key.revoked.is_none()).count()), (12, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rotations_at_the_same_time_leave_one_key() {
    let directory = TempDir::new();
    let store = SqliteStore::open(directory.file("scim.db")).await.unwrap();
    one_key_is_left(store.connections()).await;
    let Some(url) = postgres_database().await else { return };
    one_key_is_left(PostgresStore::connect(&url).await.unwrap().connections()).await;
}

/// What stands in a database where scopes should stand, so that they cannot be read.
const BROKEN_SCOPES: [&str; 4] = [
    "{}",
    r#"{"readonly": true, "resourceTypes": null}"#,
    r#"{"readOnly": false, "resourceTypes": null, "departments": ["sales"]}"#,
    r#"{"readOnly": "yes", "resourceTypes": null}"#,
];

/// A key that is refused, and can be listed and revoked like every other.
async fn expect_refused(store: impl ConnectionStore, key: &str) {
    let connections = Connections::new(store);
    let request = connections.authenticator().authenticate(&head(key)).await;
    assert!(matches!(request, Err(AuthError::Invalid)), "{request:?}");
    let acme = connections.of_tenant(acme());
    let okta = acme.first().await.unwrap().unwrap();
    let keys = acme.keys(&okta.id).await.unwrap();
    assert!(keys.len() == 1 && keys[0].scopes.is_unreadable() && !keys[0].scopes.may_write());
    acme.revoke(&keys[0].id).await.unwrap();
    assert!(acme.keys(&okta.id).await.unwrap()[0].revoked.is_some());
}

async fn new_key(store: impl ConnectionStore) -> String {
    Connections::new(store).of_tenant(acme()).connect(Provider::Okta, "Okta").await.unwrap().1.reveal()
}

#[tokio::test]
async fn a_key_whose_scopes_cannot_be_read_is_not_accepted() {
    for broken in BROKEN_SCOPES {
        let directory = TempDir::new();
        let store = SqliteStore::open(directory.file("scim.db")).await.unwrap();
        let key = new_key(store.connections()).await;
        let update = sqlx::query("UPDATE scim_connection_keys SET scopes = ?1").bind(broken);
        let pool = sqlx::SqlitePool::connect(directory.file("scim.db").to_str().unwrap()).await.unwrap();
        assert_eq!(update.execute(&pool).await.unwrap().rows_affected(), 1);
        expect_refused(store.connections(), &key).await;
    }
}

#[tokio::test]
async fn a_key_whose_scopes_cannot_be_read_is_not_accepted_on_postgres() {
    for broken in BROKEN_SCOPES {
        let Some(url) = postgres_database().await else { return };
        let store = PostgresStore::connect(&url).await.unwrap();
        let key = new_key(store.connections()).await;
        let update = sqlx::query("UPDATE scim_connection_keys SET scopes = $1::json").bind(broken);
        let pool = sqlx::PgPool::connect(&url).await.unwrap();
        assert_eq!(update.execute(&pool).await.unwrap().rows_affected(), 1);
        pool.close().await;
        expect_refused(store.connections(), &key).await;
    }
}

fn request(connection: &ConnectionId, second: i64) -> RequestRecord {
    let time = DateTime::from_micros(second * 1_000_000);
    RequestRecord::new(time, acme(), connection.clone(), "GET", "/Users", 200)
}

#[tokio::test]
async fn a_request_log_is_bounded_in_the_database_too() {
    let directory = TempDir::new();
    let store = SqliteStore::open(directory.file("scim.db")).await.unwrap();
    let log = store.request_log(20);
    let connections: Vec<_> = (0..5).map(|number| ConnectionId::new(format!("connection-{number}"))).collect();
    for second in 0..200 {
        for connection in &connections {
            log.record(&request(connection, second)).await.unwrap();
        }
    }
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM scim_requests").fetch_one(store.readers()).await.unwrap();
    assert!((100..=130).contains(&kept), "{kept}");
    assert_eq!(log.recent(&connections[0], 1_000).await.unwrap().len(), 20);
    let fewer = store.request_log(5);
    fewer.record(&request(&connections[0], 500)).await.unwrap();
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM scim_requests WHERE connection = 'connection-0'")
        .fetch_one(store.readers())
        .await
        .unwrap();
    assert_eq!(kept, 5, "the first record of a process trims");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn records_and_changes_at_the_same_time_get_in_nobodys_way() {
    let directory = TempDir::new();
    let store = SqliteStore::open(directory.file("scim.db")).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8 {
        let (connections, log) = (store.connections(), store.request_log(1_000));
        tasks.spawn(async move {
            let id = ConnectionId::new(format!("connection-{task}"));
            for second in 0..40 {
                log.record(&request(&id, second)).await.unwrap();
                let connection = Connection::new(acme(), Provider::Custom, "x", DateTime::from_micros(second));
                connections.insert(&connection).await.unwrap();
            }
            log.recent(&id, 100).await.unwrap().len()
        });
    }
    assert_eq!(tasks.join_all().await, [40; 8]);
    assert_eq!(store.connections().list(&acme()).await.unwrap().len(), 320);
}
