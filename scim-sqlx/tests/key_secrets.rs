//! Keys that are made, used, mistyped and rotated over a database, and whatever could be read of them afterwards.
//!
//! `SCIM_TEST_KEYS` is how many there are; 10000 takes two minutes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    missing_docs
)]

mod processes;
mod support;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use processes::{self as keys, Place, Process, Shared};
use scim_core::{IssuedKey, KeyOptions, Provider, Rotation};

/// How many keys a connection has, one after the other.
const KEYS_EACH: usize = 20;

/// As much of a secret as must not be seen anywhere.
const PART: usize = 16;

/// The characters of a key that are its secret and its checksum.
const SECRET: usize = 49;

/// Whatever the process logs, on every level and from every thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Parts of the secrets of all keys that were made.
#[derive(Default)]
struct Parts {
    parts: HashSet<[u8; PART]>,
    /// Whether a part begins with these three bytes; it spares most of the places a closer look.
    beginnings: HashSet<[u8; 3]>,
    keys: usize,
}

impl Parts {
    fn add(&mut self, key: &str) {
        let secret = &key.as_bytes()[key.len() - SECRET..];
        for part in secret.chunks_exact(PART) {
            assert!(self.parts.insert(part.try_into().unwrap()), "a secret was made twice");
            self.beginnings.insert(part[..3].try_into().unwrap());
        }
        self.keys += 1;
    }

    fn are_in(&self, bytes: &[u8]) -> bool {
        bytes.windows(PART).any(|window| self.beginnings.contains(&window[..3]) && self.parts.contains(window))
    }

    /// Fails if a part of a key is here.
    fn expect_none_in(&self, bytes: &[u8], place: &str) {
        assert!(!bytes.is_empty(), "nothing is in {place}");
        assert!(!self.are_in(bytes), "a part of a key is in {place}");
    }
}

/// Makes keys, and uses each as it should be and as it should not; returns what the host could show of them.
async fn use_keys(process: &Process, count: usize, parts: &mut Parts) -> String {
    let mut shown = String::new();
    let acme = process.acme();
    for _ in 0..count / KEYS_EACH {
        let connection = acme.create(Provider::Custom, "a connection").await.unwrap();
        for number in 0..KEYS_EACH {
            let issued = match number % 4 {
                1 => acme.rotate(&connection.id, Rotation::AtOnce).await,
                3 => acme.rotate(&connection.id, Rotation::Overlap(Duration::from_secs(60))).await,
                _ => acme.issue_key(&connection.id, KeyOptions::new()).await,
            };
            use_key(process, issued.unwrap(), number, &mut shown, parts).await;
        }
        let (keys, requests) = (acme.keys(&connection.id).await, acme.recent_requests(&connection.id, 100).await);
        assert_eq!(keys.as_ref().unwrap().len(), KEYS_EACH);
        assert!(requests.as_ref().unwrap().len() >= KEYS_EACH);
        writeln!(shown, "{keys:?} {requests:?} {:?}", acme.get(&connection.id).await).unwrap();
    }
    writeln!(shown, "{acme:?} {:?} {:?}", process.connections, process.connections.authenticator()).unwrap();
    shown
}

async fn use_key(process: &Process, issued: IssuedKey, number: usize, shown: &mut String, parts: &mut Parts) {
    writeln!(shown, "{issued:?} {:?}", issued.info()).unwrap();
    let id = issued.info().id.clone();
    let key = issued.reveal();
    parts.add(&key);
    assert_eq!(process.send(&key, "GET", "/ServiceProviderConfig", "").await, 200);
    match number % 5 {
        0 => assert_eq!(process.send(&key[..key.len() - 1], "GET", "/Users", "").await, 401),
        1 => assert_eq!(process.send(&key, "POST", "/Users", &format!(r#"{{"userName": "{id}"}}"#)).await, 201),
        2 => assert_eq!(process.send(&key, "GET", &format!("/Users/{key}"), "").await, 404),
        3 => assert_eq!(process.send(&key, "GET", &format!("/Users?filter={key}"), "").await, 400),
        _ => {
            process.acme().revoke(&id).await.unwrap();
            assert_eq!(process.send(&key, "GET", "/Users", "").await, 401);
        }
    }
}

async fn no_key_is_anywhere(shared: Shared, log: &Log, count: usize) {
    let mut parts = Parts::default();
    let shown = use_keys(&shared.processes[0], count, &mut parts).await;
    assert_eq!(parts.keys, count);
    parts.expect_none_in(shown.as_bytes(), "what the host is shown, and Debug");
    parts.expect_none_in(
        format!("{:?} {:?}", shared.stores, shared.processes[0].server).as_bytes(),
        "Debug of the stores",
    );
    let logged = log.0.lock().unwrap().clone();
    let knows_the_store = String::from_utf8_lossy(&logged).contains("scim_connection");
    assert!(knows_the_store, "{}: the log has not every level", shared.name);
    parts.expect_none_in(&logged, "the log");
    match &shared.place {
        Place::Sqlite(directory) => {
            for name in ["scim.db", "scim.db-wal"] {
                parts.expect_none_in(&std::fs::read(directory.file(name)).unwrap(), name);
            }
        }
        Place::Postgres(url) => parts.expect_none_in(&dump(url), "the dump"),
    }
}

/// The database as its owner would keep it elsewhere.
fn dump(url: &str) -> Vec<u8> {
    let bin = Command::new("pg_config").arg("--bindir").output().ok().filter(|output| output.status.success());
    let beside = bin.map(|bin| format!("{}/pg_dump", String::from_utf8_lossy(&bin.stdout).trim()));
    let program = beside.filter(|path| std::path::Path::new(path).exists()).unwrap_or_else(|| "pg_dump".to_owned());
    let output = Command::new(program).arg(url).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_key_is_in_a_database_its_journal_a_dump_the_log_or_any_debug_output() {
    let count = std::env::var("SCIM_TEST_KEYS").ok().map_or(400, |count| count.parse().unwrap());
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    no_key_is_anywhere(keys::sqlite().await, &log, count).await;
    if let Some(shared) = keys::postgres().await {
        no_key_is_anywhere(shared, &log, count).await;
    }
}

#[test]
fn a_part_of_a_key_is_found_wherever_it_is() {
    let mut parts = Parts::default();
    parts.add("scim_0123_0123456789abcdefABCDEFGHIJKLMNOPghijklmnopqrstuvw");
    assert!(parts.are_in(b"...ABCDEFGHIJKLMNOP..."));
    assert!(!parts.are_in(b"...ABCDEFGHIJKLMNO....0123456789abcde."));
}
