//! Ten thousand keys, and none of them where somebody could read it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod connection_support;
mod support;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::Duration;

use connection_support::Setup;
use scim_core::{ConnectionStore as _, IssuedKey, KeyHash, KeyOptions, MemoryRequestLog, Provider, Rotation};
use support::log::Log;

/// How many keys there are of each connection.
const KEYS_EACH: usize = 10;

/// As much of a secret as must not be seen anywhere.
const PART: usize = 12;

/// The keys that were made, and everything that could be read meanwhile.
#[derive(Default)]
struct Seen {
    keys: HashSet<String>,
    text: String,
}

impl Seen {
    /// Uses a key.
    async fn use_key(&mut self, setup: &Setup, issued: IssuedKey) {
        writeln!(self.text, "{issued:?} {:?}", issued.info()).unwrap();
        let key = issued.reveal();
        let answer = setup.get(&key, "/ServiceProviderConfig").await;
        assert_eq!(answer.status, 200);
        let mistyped = setup.get(&key[..key.len() - 1], "/Users").await;
        assert_eq!(mistyped.status, 401);
        self.text.push_str(&mistyped.text);
        assert!(self.keys.insert(key), "a key was made twice");
    }

    /// Whether a part of a secret is in the text.
    fn leak(&self) -> Option<&str> {
        let parts: HashSet<&[u8]> = self
            .keys
            .iter()
            .flat_map(|key| key.as_bytes().rchunks(49).next())
            .flat_map(|secret| secret.chunks_exact(PART))
            .collect();
        assert_eq!(parts.len(), self.keys.len() * 4);
        let words = self.text.as_bytes().split(|byte| !byte.is_ascii_alphanumeric());
        let found = words.flat_map(|word| word.windows(PART)).find(|window| parts.contains(window))?;
        std::str::from_utf8(found).ok()
    }
}

#[tokio::test]
async fn ten_thousand_keys_are_made_used_and_rotated_and_none_is_seen() {
    let log = Log::default();
    let guard = log.capture();
    let request_log = MemoryRequestLog::new(20);
    let kept = request_log.clone();
    let setup = Setup::with(|connections| connections.with_request_log(kept), |builder| builder).await;
    let mut seen = Seen::default();
    for _ in 0..10_000 / KEYS_EACH {
        let connection = setup.acme.create(Provider::Custom, "a").await.unwrap();
        let mut rotations = [Rotation::AtOnce, Rotation::Overlap(Duration::from_secs(60))].into_iter().cycle();
        for number in 0..KEYS_EACH {
            let issued = match rotations.next() {
                Some(rotation) if number % 2 == 1 => setup.acme.rotate(&connection.id, rotation).await,
                _ => setup.acme.issue_key(&connection.id, KeyOptions::new()).await,
            };
            seen.use_key(&setup, issued.unwrap()).await;
        }
        let stored = setup.store.store.keys(&connection.id).await.unwrap();
        assert_eq!(stored.len(), KEYS_EACH);
        let records = setup.acme.recent_requests(&connection.id, 20).await.unwrap();
        assert_eq!(records.len(), KEYS_EACH);
        let shown = setup.acme.keys(&connection.id).await.unwrap();
        writeln!(seen.text, "{stored:?} {records:?} {shown:?}").unwrap();
    }
    drop(guard);
    let (connections, acme, store) = (&setup.connections, &setup.acme, &setup.store.store);
    let authenticator = connections.authenticator();
    writeln!(seen.text, "{connections:?} {acme:?} {store:?} {authenticator:?} {request_log:?}").unwrap();
    seen.text.push_str(&log.text());
    assert_eq!(seen.keys.len(), 10_000);
    assert_eq!(seen.leak(), None);
    seen.text.push_str(seen.keys.iter().next().cloned().unwrap().as_str());
    assert!(seen.leak().is_some(), "the search finds nothing");
}

#[test]
fn a_hash_is_not_shown() {
    assert_eq!(format!("{:?}", KeyHash::from_bytes([171; 32])), "KeyHash(..)");
}
