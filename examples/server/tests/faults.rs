//! The server and its database end without notice, and nothing that was acknowledged is lost.

#![cfg(unix)]
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
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use support::{get, send, Process, TempDir};

const TOKEN: &str = "secret";

/// Nobody reads the log of these servers.
const QUIET: &[(&str, &str)] = &[("RUST_LOG", "off")];

/// A new database in the PostgreSQL that `.ci/with-postgres` started; `None` without it.
fn postgres_database(name: &str) -> Option<String> {
    let Ok(server) = std::env::var("SCIM_TEST_POSTGRES") else {
        assert!(std::env::var_os("CI").is_none(), "run the tests by .ci/with-postgres");
        return None;
    };
    let name = format!("faults_{name}_{}", std::process::id());
    let create = format!("CREATE DATABASE {name}");
    assert!(Command::new("psql").args([&server, "-qc", &create]).status().unwrap().success());
    Some(format!("{}/{name}", server.rsplit_once('/').unwrap().0))
}

fn create(base_url: &str, name: &str) -> std::io::Result<support::Answer> {
    send("POST", &format!("{base_url}/Users"), TOKEN, &format!(r#"{{"userName": "{name}"}}"#))
}

/// Kills the server five times in the middle of writes, and then looks for every user whose creation was acknowledged.
fn loses_nothing(store: &str) {
    const CLIENTS: usize = 4;
    let acknowledged = Mutex::new(HashSet::new());
    for round in 0..5 {
        let mut process = Process::start(&["--token", TOKEN, "--store", store], QUIET);
        let base_url = process.base_url();
        let made = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for client in 0..CLIENTS {
                let (acknowledged, made, base_url) = (&acknowledged, &made, &base_url);
                scope.spawn(move || {
                    for number in 0.. {
                        let name = format!("user-{round}-{client}-{number}");
                        match create(base_url, &name) {
                            Ok(answer) if answer.status() == 201 => {
                                acknowledged.lock().unwrap().insert(name);
                                made.fetch_add(1, Ordering::Relaxed);
                            }
                            Ok(answer) => panic!("{answer:?}"),
                            Err(_) => return,
                        }
                    }
                });
            }
            let start = Instant::now();
            while made.load(Ordering::Relaxed) < 30 && start.elapsed() < Duration::from_secs(10) {
                std::thread::sleep(Duration::from_millis(2));
            }
            process.child.kill().unwrap();
        });
        process.child.wait().unwrap();
    }
    let mut process = Process::start(&["--token", TOKEN, "--store", store], QUIET);
    let base_url = process.base_url();
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(acknowledged.len() >= 150, "only {} users were made", acknowledged.len());
    let mut found = HashSet::new();
    for start in (1..).step_by(200) {
        let (_, list) = get(&format!("{base_url}/Users?attributes=userName&count=200&startIndex={start}"), TOKEN);
        let names: Vec<&str> = list.split("\"userName\":\"").skip(1).collect();
        if names.is_empty() {
            break;
        }
        found.extend(names.iter().map(|name| name.split('"').next().unwrap().to_owned()));
    }
    let lost: Vec<_> = acknowledged.difference(&found).collect();
    assert!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), acknowledged.len());
    process.end("-TERM");
}

#[test]
fn what_sqlite_acknowledged_survives_the_killing_of_the_server() {
    let directory = TempDir::new("killed");
    loses_nothing(&format!("sqlite:{}", directory.file("scim.db").display()));
}

#[test]
fn what_postgres_acknowledged_survives_the_killing_of_the_server() {
    if let Some(url) = postgres_database("killed") {
        loses_nothing(&url);
    }
}

/// Stops PostgreSQL under load and starts it again. Other tests need it, so `.ci/run` runs this one alone.
#[test]
#[ignore = "stops the PostgreSQL that other tests use"]
fn while_postgres_restarts_the_server_says_503_and_goes_on_when_it_is_back() {
    let Some(url) = postgres_database("restarted") else { return };
    let control = std::env::var("SCIM_TEST_POSTGRES_CONTROL").unwrap();
    let mut process = Process::start(&["--token", TOKEN, "--store", &url], QUIET);
    let base_url = process.base_url();
    let (is_over, unavailable) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (acknowledged, last_refusal) = (Mutex::new(Vec::new()), Mutex::new(Instant::now()));
    let mut back = Instant::now();
    std::thread::scope(|scope| {
        for client in 0..8 {
            let (base_url, is_over, unavailable) = (&base_url, &is_over, &unavailable);
            let (acknowledged, last_refusal) = (&acknowledged, &last_refusal);
            scope.spawn(move || {
                for number in 0.. {
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    let name = format!("user-{client}-{number}");
                    let answer = match number % 2 {
                        0 => create(base_url, &name).unwrap(),
                        _ => send("GET", &format!("{base_url}/Users?count=1"), TOKEN, "").unwrap(),
                    };
                    match answer.status() {
                        201 => acknowledged.lock().unwrap().push(name),
                        200..=299 | 400..=499 => {}
                        503 => {
                            let head = answer.head.to_ascii_lowercase();
                            let after = head.lines().find_map(|line| line.strip_prefix("retry-after: "));
                            assert!(after.unwrap().parse::<u32>().is_ok(), "{head}");
                            unavailable.fetch_add(1, Ordering::Relaxed);
                            *last_refusal.lock().unwrap() = Instant::now();
                        }
                        _ => panic!("{answer:?}"),
                    }
                }
            });
        }
        std::thread::sleep(Duration::from_millis(500));
        assert!(Command::new(&control).arg("stop").status().unwrap().success());
        std::thread::sleep(Duration::from_millis(1_500));
        assert!(Command::new(&control).arg("start").status().unwrap().success());
        back = Instant::now();
        std::thread::sleep(Duration::from_secs(4));
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(unavailable.load(Ordering::Relaxed) > 0, "nobody noticed");
    let late = last_refusal.into_inner().unwrap().saturating_duration_since(back);
    assert!(late < Duration::from_secs(2), "the last refusal came {late:?} after the database was back");
    for name in acknowledged.into_inner().unwrap() {
        let (_, list) = get(&format!("{base_url}/Users?filter=userName%20eq%20%22{name}%22"), TOKEN);
        assert!(list.contains("\"totalResults\":1"), "{name} is lost");
    }
    process.end("-TERM");
}
