//! Keys that end while requests are sent with them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod processes;
mod support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use processes::{self as keys, Shared};
use scim_core::{KeyOptions, Provider, Rotation};
use tokio::task::JoinSet;

/// How many tasks send requests at once.
const SENDERS: usize = 8;

/// Long enough for every request that was on its way when the key was replaced.
const OVERLAP: Duration = Duration::from_secs(60);

/// Clients that take up a new key as soon as they are shown it never fail, however often it is replaced.
async fn no_request_fails(shared: Shared) {
    const ROTATIONS: usize = 30;
    let acme = shared.processes[0].acme();
    let connection = acme.create(Provider::Okta, "Okta").await.unwrap();
    let first = acme.issue_key(&connection.id, KeyOptions::new()).await.unwrap().reveal();
    let (key, is_over) = (Arc::new(RwLock::new(first)), Arc::new(AtomicBool::new(false)));
    let sent = Arc::new(AtomicUsize::new(0));
    let mut senders = JoinSet::new();
    for number in 0..SENDERS {
        let process = shared.processes[number % 2].clone();
        let (key, is_over, sent) = (Arc::clone(&key), Arc::clone(&is_over), Arc::clone(&sent));
        senders.spawn(async move {
            let mut failed = Vec::new();
            while !is_over.load(Ordering::SeqCst) {
                let key = key.read().unwrap().clone();
                let round = sent.fetch_add(1, Ordering::SeqCst);
                let status = match round % 4 {
                    0 => process.send(&key, "POST", "/Users", &format!(r#"{{"userName": "user {round}"}}"#)).await,
                    _ => process.send(&key, "GET", "/Users?count=1", "").await,
                };
                if status >= 400 {
                    failed.push(status);
                }
            }
            failed
        });
    }
    for _ in 0..ROTATIONS {
        let before = sent.load(Ordering::SeqCst);
        let renewed = acme.rotate(&connection.id, Rotation::Overlap(OVERLAP)).await.unwrap().reveal();
        *key.write().unwrap() = renewed;
        while sent.load(Ordering::SeqCst) < before + SENDERS {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    is_over.store(true, Ordering::SeqCst);
    let failed = senders.join_all().await.concat();
    assert_eq!(failed, [] as [u16; 0], "{}: of {} requests", shared.name, sent.load(Ordering::SeqCst));
    assert_eq!(acme.keys(&connection.id).await.unwrap().len(), ROTATIONS + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_fails_while_keys_are_rotated_with_overlap_on_sqlite() {
    no_request_fails(keys::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_fails_while_keys_are_rotated_with_overlap_on_postgres() {
    if let Some(shared) = keys::postgres().await {
        no_request_fails(shared).await;
    }
}

/// How a key ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Revoked,
    Rotated,
    Paused,
    Deleted,
}

/// Of the requests that begin after the call has returned, at whichever server, none succeeds.
async fn no_request_succeeds_after(shared: &Shared, end: End) {
    let acme = shared.processes[0].acme();
    let connection = acme.create(Provider::Okta, "Okta").await.unwrap();
    let issued = acme.issue_key(&connection.id, KeyOptions::new()).await.unwrap();
    let (id, key) = (issued.info().id.clone(), issued.reveal());
    let has_ended = Arc::new(AtomicBool::new(false));
    let served = Arc::new(AtomicUsize::new(0));
    let mut senders = JoinSet::new();
    for number in 0..SENDERS {
        let process = shared.processes[number % 2].clone();
        let (key, has_ended, served) = (key.clone(), Arc::clone(&has_ended), Arc::clone(&served));
        senders.spawn(async move {
            let mut after = Vec::new();
            while after.len() < 5 {
                let begins_after = has_ended.load(Ordering::SeqCst);
                let status = process.send(&key, "GET", "/Users?count=1", "").await;
                if begins_after {
                    after.push(status);
                } else if status == 200 {
                    served.fetch_add(1, Ordering::SeqCst);
                }
            }
            after
        });
    }
    while served.load(Ordering::SeqCst) < 2 * SENDERS {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    match end {
        End::Revoked => acme.revoke(&id).await.unwrap(),
        End::Rotated => drop(acme.rotate(&connection.id, Rotation::AtOnce).await.unwrap()),
        End::Paused => acme.pause(&connection.id).await.unwrap(),
        End::Deleted => acme.delete(&connection.id).await.unwrap(),
    }
    has_ended.store(true, Ordering::SeqCst);
    let expected = if matches!(end, End::Paused) { 403 } else { 401 };
    let after = senders.join_all().await.concat();
    assert_eq!(after, [expected; 5 * SENDERS], "{}: {end:?}", shared.name);
}

async fn no_request_succeeds_after_any_end(shared: Shared) {
    for end in [End::Revoked, End::Rotated, End::Paused, End::Deleted] {
        for _ in 0..3 {
            no_request_succeeds_after(&shared, end).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_succeeds_after_a_key_has_ended_on_sqlite() {
    no_request_succeeds_after_any_end(keys::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_succeeds_after_a_key_has_ended_on_postgres() {
    if let Some(shared) = keys::postgres().await {
        no_request_succeeds_after_any_end(shared).await;
    }
}
