//! API keys: who is let in, and for how long.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod connection_support;

use std::sync::atomic::Ordering;
use std::time::Duration;

use connection_support::{Counts, Setup};
use scim_core::{
    CompatProfile, Connection, ConnectionError, ConnectionId, ConnectionStore as _, Connections, DateTime, KeyHash,
    KeyId, KeyInfo, KeyOptions, MemoryConnectionStore, ProfileChoice, Provider, Rotation, Scopes, StoredKey, TenantId,
    KEY_PATTERN,
};
use serde_json::json;

const DAY: i64 = 86_400;

#[tokio::test]
async fn a_key_lets_in_its_connection() {
    let setup = Setup::new().await;
    let key = setup.key().await;
    assert_eq!(setup.send(&key, "POST", "/Users", &json!({"userName": "anna"})).await.status, 201);
    assert_eq!(setup.get(&key, "/Users").await.json["totalResults"], 1);
    let other = setup.connections.of_tenant(TenantId::new("globex"));
    let connection = other.create(Provider::EntraId, "Entra").await.unwrap();
    let others = other.issue_key(&connection.id, KeyOptions::new()).await.unwrap().reveal();
    assert_eq!(setup.get(&others, "/Users").await.json["totalResults"], 0);
}

#[tokio::test]
async fn a_connection_is_made_with_its_first_key_and_the_first_is_the_oldest() {
    let setup = Setup::new().await;
    let globex = setup.connections.of_tenant(TenantId::new("globex"));
    assert_eq!(globex.first().await.unwrap(), None);
    let (first, key) = globex.connect(Provider::EntraId, "Entra ID").await.unwrap();
    assert_eq!((&first.provider, &*first.name), (&Provider::EntraId, "Entra ID"));
    assert_eq!(setup.get(&key.reveal(), "/Users").await.status, 200);

    setup.clock.forward(1);
    let (second, _) = globex.connect(Provider::Okta, "Okta").await.unwrap();
    assert_eq!(globex.first().await.unwrap().map(|found| found.id), Some(first.id.clone()));
    globex.delete(&first.id).await.unwrap();
    assert_eq!(globex.first().await.unwrap().map(|found| found.id), Some(second.id));
    setup.counts.fails.store(true, std::sync::atomic::Ordering::SeqCst);
    assert!(matches!(globex.first().await, Err(ConnectionError::Store(_))));
}

#[tokio::test]
async fn a_principal_has_the_settings_of_the_connection() {
    let setup = Setup::new().await;
    let mut connection = setup.connection.clone();
    connection.profile = Some(ProfileChoice::strict());
    connection.policy = Some("contractors".to_owned());
    setup.acme.update(&connection).await.unwrap();
    let issued = setup.acme.issue_key(&connection.id, KeyOptions::new()).await.unwrap();
    let id = issued.info().id.clone();
    let principal = principal(&setup, &issued.reveal()).await.unwrap();
    assert_eq!(principal.profile().map(|profile| (**profile).clone()), Some(CompatProfile::STRICT));
    assert_eq!((principal.policy(), principal.key()), (Some("contractors"), Some(&id)));
    assert_eq!((principal.connection(), principal.name()), (Some(&connection.id), "Okta of acme"));
    assert_eq!(principal.partition(), &connection.partition());
    connection.shares_resources = true;
    setup.acme.update(&connection).await.unwrap();
    let key = setup.key().await;
    let principal = self::principal(&setup, &key).await.unwrap();
    assert_eq!(principal.partition().key(), "acme");
    assert_eq!(principal.connection(), Some(&connection.id));
}

async fn principal(setup: &Setup, key: &str) -> Result<std::sync::Arc<scim_core::Principal>, scim_core::AuthError> {
    use scim_core::Authenticator as _;
    let value = http::HeaderValue::from_bytes(&[b"Bearer ", key.as_bytes()].concat()).unwrap();
    let (head, ()) = http::Request::get("/").header("authorization", value).body(()).unwrap().into_parts();
    setup.connections.authenticator().authenticate(&head).await
}

#[tokio::test]
async fn a_request_is_authenticated_by_one_call_of_the_store() {
    let setup = Setup::new().await;
    let key = setup.key().await;
    let others = Counts::of(&setup.counts.others);
    for _ in 0..10 {
        assert_eq!(setup.status(&key).await, 200);
    }
    assert_eq!(Counts::of(&setup.counts.finds), 10);
    assert_eq!(Counts::of(&setup.counts.others), others);
}

#[tokio::test]
async fn what_somebody_mistyped_is_refused_without_asking_the_store() {
    let setup = Setup::new().await;
    for _ in 0..3 {
        let key = setup.key().await;
        let mut wrong = Vec::new();
        for place in 0..key.len() {
            for byte in (b' '..=b'~').filter(|byte| *byte != key.as_bytes()[place]) {
                let mut bytes = key.clone().into_bytes();
                bytes[place] = byte;
                wrong.push(String::from_utf8(bytes).unwrap());
            }
            let mut bytes = key.clone().into_bytes();
            bytes.swap(place, place.saturating_sub(1));
            wrong.push(String::from_utf8(bytes).unwrap());
            wrong.push(format!("{}{}", &key[..place], &key[place + 1..]));
        }
        // A blank at the end is no part of the key, and two equal neighbours may be in each other's place.
        for wrong in wrong.iter().filter(|wrong| wrong.trim() != key) {
            assert!(principal(&setup, wrong).await.is_err(), "{wrong} in place of {key}");
        }
    }
    for nothing in ["", "scim", "scim__", "_", "a_b_c", &"x".repeat(100_000)] {
        assert_eq!(setup.status(nothing).await, 401);
    }
    assert_eq!(Counts::of(&setup.counts.finds), 0);
}

#[tokio::test]
async fn keys_that_are_not_accepted_are_answered_alike_whatever_the_reason() {
    let setup = Setup::new().await;
    let stranger = Setup::new().await.key().await;
    let (revoked, expired, deleted) = (setup.key().await, setup.key().await, setup.key().await);
    let keys = setup.acme.keys(&setup.connection.id).await.unwrap();
    let info = keys.iter().find(|key| revoked.contains(key.id.as_str())).unwrap();
    setup.acme.revoke(&info.id).await.unwrap();
    let expected = setup.get(&stranger, "/Users").await;
    assert_eq!(expected.status, 401);
    assert_eq!(setup.get(&revoked, "/Users").await.text, expected.text);
    setup.clock.forward(365 * DAY);
    assert_eq!(setup.get(&expired, "/Users").await.text, expected.text);
    setup.clock.forward(-365 * DAY);
    assert_eq!(setup.status(&deleted).await, 200);
    setup.acme.delete(&setup.connection.id).await.unwrap();
    assert_eq!(setup.get(&deleted, "/Users").await.text, expected.text);
}

#[tokio::test]
async fn a_key_with_another_hash_is_refused() {
    let setup = Setup::new().await;
    let stranger = Setup::new().await;
    let key = stranger.key().await;
    let id = stranger.acme.keys(&stranger.connection.id).await.unwrap()[0].id.clone();
    let info = KeyInfo::new(id, setup.connection.id.clone(), setup.clock.now());
    setup.store.store.insert_key(&StoredKey::new(info, KeyHash::from_bytes([0; 32]))).await.unwrap();
    assert_eq!(setup.status(&key).await, 401);
    assert_eq!(Counts::of(&setup.counts.finds), 1);
}

#[tokio::test]
async fn a_paused_connection_is_refused_until_it_is_resumed() {
    let setup = Setup::new().await;
    let key = setup.key().await;
    setup.acme.pause(&setup.connection.id).await.unwrap();
    let answer = setup.get(&key, "/Users").await;
    assert_eq!(answer.status, 403);
    assert!(answer.text.contains("paused"), "{}", answer.text);
    setup.acme.resume(&setup.connection.id).await.unwrap();
    assert_eq!(setup.status(&key).await, 200);
}

#[tokio::test]
async fn a_deleted_connection_stays_deleted() {
    let setup = Setup::new().await;
    let (id, key) = (&setup.connection.id, setup.key().await);
    setup.acme.delete(id).await.unwrap();
    assert!(matches!(setup.acme.resume(id).await, Err(ConnectionError::NotFound)));
    assert!(matches!(setup.acme.issue_key(id, KeyOptions::new()).await, Err(ConnectionError::NotFound)));
    assert!(matches!(setup.acme.rotate(id, Rotation::AtOnce).await, Err(ConnectionError::NotFound)));
    assert!(setup.acme.list().await.unwrap().is_empty());
    assert_eq!(setup.status(&key).await, 401);
}

#[tokio::test]
async fn a_key_expires_after_a_year_unless_something_else_is_said() {
    let setup = Setup::new().await;
    let usual = setup.key().await;
    let short = setup.key_with(KeyOptions::new().expires_after(Duration::from_secs(60))).await;
    let unlimited = setup.key_with(KeyOptions::new().never_expires()).await;
    setup.clock.forward(59);
    assert_eq!(setup.status(&short).await, 200);
    setup.clock.forward(1);
    assert_eq!(setup.status(&short).await, 401);
    setup.clock.forward(365 * DAY - 61);
    assert_eq!(setup.status(&usual).await, 200);
    setup.clock.forward(1);
    assert_eq!(setup.status(&usual).await, 401);
    setup.clock.forward(10_000 * DAY);
    assert_eq!(setup.status(&unlimited).await, 200);
    let long = setup.key_with(KeyOptions::new().expires_after(Duration::MAX)).await;
    assert_eq!(setup.status(&long).await, 200);
}

#[tokio::test]
async fn a_rotation_at_once_ends_the_old_keys() {
    let setup = Setup::new().await;
    let old = [setup.key().await, setup.key().await];
    let new = setup.acme.rotate(&setup.connection.id, Rotation::AtOnce).await.unwrap().reveal();
    assert_eq!(setup.status(&new).await, 200);
    for old in &old {
        assert_eq!(setup.status(old).await, 401);
    }
}

#[tokio::test]
async fn a_rotation_with_overlap_lets_both_in_for_a_while() {
    let setup = Setup::new().await;
    let old = setup.key().await;
    let overlap = Rotation::Overlap(Duration::from_secs(3_600));
    let new = setup.acme.rotate(&setup.connection.id, overlap).await.unwrap().reveal();
    setup.clock.forward(3_599);
    assert_eq!((setup.status(&old).await, setup.status(&new).await), (200, 200));
    setup.clock.forward(1);
    assert_eq!((setup.status(&old).await, setup.status(&new).await), (401, 200));
}

#[tokio::test]
async fn a_rotated_key_is_good_for_what_the_newest_was_and_as_long() {
    let setup = Setup::new().await;
    let id = &setup.connection.id;
    setup.key().await;
    setup.clock.forward(1);
    let scopes = Scopes::all().reading_only().of_resource_types(["User"]);
    setup.key_with(KeyOptions::new().scopes(scopes.clone()).expires_after(Duration::from_secs(600))).await;
    setup.clock.forward(60);
    let new = setup.acme.rotate(id, Rotation::AtOnce).await.unwrap();
    assert_eq!(new.info().scopes, scopes);
    assert_eq!(new.info().expires, Some(setup.clock.now().after(Duration::from_secs(600))));
    setup.acme.revoke(&new.info().id).await.unwrap();
    assert_eq!(setup.acme.rotate(id, Rotation::AtOnce).await.unwrap().info().scopes, scopes);
}

#[tokio::test]
async fn a_rotation_without_a_key_makes_the_first() {
    let setup = Setup::new().await;
    let key = setup.acme.rotate(&setup.connection.id, Rotation::AtOnce).await.unwrap();
    assert_eq!(key.info().scopes, Scopes::all());
    assert_eq!(setup.status(&key.reveal()).await, 200);
}

#[tokio::test]
async fn a_revocation_binds_at_once_also_at_another_server() {
    let setup = Setup::new().await;
    let key = setup.key().await;
    let elsewhere = Connections::new(setup.store.store.clone()).with_clock({
        let clock = setup.clock.clone();
        move || clock.now()
    });
    assert_eq!(setup.status(&key).await, 200);
    let acme = elsewhere.of_tenant(TenantId::new("acme"));
    let id = acme.keys(&setup.connection.id).await.unwrap()[0].id.clone();
    acme.revoke(&id).await.unwrap();
    assert_eq!(setup.status(&key).await, 401);
    assert_eq!(acme.keys(&setup.connection.id).await.unwrap()[0].revoked, Some(setup.clock.now()));
}

#[tokio::test]
async fn the_last_use_is_written_at_most_once_a_minute() {
    let setup = Setup::new().await;
    let key = setup.key().await;
    let used = || async { setup.acme.keys(&setup.connection.id).await.unwrap()[0].last_used };
    assert_eq!(used().await, None);
    let begin = setup.clock.now();
    for _ in 0..60 {
        assert_eq!(setup.status(&key).await, 200);
        setup.clock.forward(1);
    }
    assert_eq!(Counts::of(&setup.counts.last_uses), 1);
    assert_eq!(used().await, Some(begin));
    assert_eq!(setup.status(&key).await, 200);
    assert_eq!(Counts::of(&setup.counts.last_uses), 2);
    assert_eq!(used().await, Some(setup.clock.now()));
}

#[tokio::test]
async fn a_key_that_is_refused_is_not_used() {
    let setup = Setup::new().await;
    let key = setup.key().await;
    setup.acme.pause(&setup.connection.id).await.unwrap();
    setup.status(&key).await;
    assert_eq!(Counts::of(&setup.counts.last_uses), 0);
}

#[tokio::test]
async fn a_store_out_of_reach_is_503_and_a_use_that_cannot_be_written_is_not() {
    let setup = Setup::new().await;
    let key = setup.key().await;
    setup.counts.fails_to_write.store(true, Ordering::SeqCst);
    assert_eq!(setup.status(&key).await, 200);
    setup.counts.fails.store(true, Ordering::SeqCst);
    let answer = setup.get(&key, "/Users").await;
    assert_eq!(answer.status, 503);
    assert!(!answer.text.contains("database"), "{}", answer.text);
}

#[tokio::test]
async fn a_raw_key_is_accepted_unless_it_is_refused() {
    let raw = Setup::new().await;
    let strict = Setup::with(|connections| connections.allow_raw_tokens(false), |builder| builder).await;
    for (setup, status) in [(raw, 200), (strict, 401)] {
        let key = setup.key().await;
        let as_header = async |header: &str| setup.send_as(header, "GET", "/Users", &json!(null)).await.status;
        assert_eq!(as_header(&key).await, status);
        assert_eq!(as_header(&format!("Bearer {key}")).await, 200);
        assert_eq!(as_header(&format!("Basic {key}")).await, 401);
        assert_eq!(as_header(&key[..key.len() - 1]).await, 401);
    }
}

#[tokio::test]
async fn a_key_is_good_at_the_url_of_its_connection_alone() {
    let setup = Setup::new().await;
    let key = setup.key().await;
    let other = setup.acme.create(Provider::Okta, "Okta").await.unwrap();
    let others = setup.acme.issue_key(&other.id, KeyOptions::new()).await.unwrap().reveal();
    for (key, expected) in [(&key, [200, 401, 200]), (&others, [401, 200, 200])] {
        let urls = [Some(setup.connection.id.clone()), Some(other.id.clone()), None];
        for (of_url, expected) in urls.into_iter().zip(expected) {
            let mut request = http::Request::get("/Users").header("authorization", format!("Bearer {key}"));
            if let Some(of_url) = of_url {
                request = request.extension(of_url);
            }
            let answer = setup.server.handle(request.body(bytes::Bytes::new()).unwrap()).await;
            assert_eq!(answer.status(), expected);
        }
    }
}

#[tokio::test]
async fn connections_and_keys_of_another_tenant_are_not_there() {
    let setup = Setup::new().await;
    let key = setup.key().await;
    let globex = setup.connections.of_tenant(TenantId::new("globex"));
    let key_id = setup.acme.keys(&setup.connection.id).await.unwrap()[0].id.clone();
    let nobody = ConnectionId::new("nobody");
    let is_not_found = |result: Result<(), ConnectionError>| matches!(result, Err(ConnectionError::NotFound));
    for id in [&setup.connection.id, &nobody] {
        assert!(is_not_found(globex.get(id).await.map(drop)));
        assert!(is_not_found(globex.pause(id).await));
        assert!(is_not_found(globex.resume(id).await));
        assert!(is_not_found(globex.delete(id).await));
        assert!(is_not_found(globex.keys(id).await.map(drop)));
        assert!(is_not_found(globex.issue_key(id, KeyOptions::new()).await.map(drop)));
        assert!(is_not_found(globex.rotate(id, Rotation::AtOnce).await.map(drop)));
        assert!(is_not_found(globex.recent_requests(id, 1).await.map(drop)));
    }
    assert!(is_not_found(globex.update(&setup.connection).await));
    for id in [&key_id, &KeyId::new("nobody")] {
        assert!(is_not_found(globex.revoke(id).await));
    }
    assert!(globex.list().await.unwrap().is_empty());
    assert_eq!(setup.status(&key).await, 200);
    let foreign = Connection::new(TenantId::new("acme"), Provider::Custom, "a", DateTime::from_micros(0));
    assert_eq!(globex.insert(foreign).await.unwrap().tenant, TenantId::new("globex"));
}

#[tokio::test]
async fn keys_begin_with_the_prefix_of_the_host_and_stay_good_when_it_changes() {
    let setup = Setup::new().await;
    let old = setup.key().await;
    assert!(old.starts_with("scim_"));
    let acme = setup.connections.clone().with_key_prefix("acme2").unwrap().of_tenant(TenantId::new("acme"));
    let new = acme.issue_key(&setup.connection.id, KeyOptions::new()).await.unwrap().reveal();
    assert!(new.starts_with("acme2_"));
    assert_eq!((setup.status(&old).await, setup.status(&new).await), (200, 200));
    for prefix in ["", "x", "Scim", "a_b", "scim-", "0123456789abcdefg"] {
        let result = Connections::new(MemoryConnectionStore::new()).with_key_prefix(prefix);
        assert!(matches!(result, Err(ConnectionError::InvalidPrefix)), "{prefix}");
    }
}

#[tokio::test]
async fn the_pattern_finds_keys_and_nothing_else() {
    let setup = Setup::new().await;
    let any = compiled(KEY_PATTERN);
    let own = compiled(&setup.connections.key_pattern());
    let acme = setup.connections.clone().with_key_prefix("acme2").unwrap();
    for _ in 0..50 {
        let key = setup.key().await;
        for text in [key.clone(), format!("token={key}\n"), format!("\"{key}\","), format!("Bearer {key};")] {
            assert_eq!(any.find(&text).map(|found| found.as_str()), Some(key.as_str()), "{text}");
            assert_eq!(own.find(&text).map(|found| found.as_str()), Some(key.as_str()), "{text}");
        }
        assert!(!compiled(&acme.key_pattern()).is_match(&key));
        assert!(!any.is_match(&key[..key.len() - 1]) && !any.is_match(&format!("{key}a")));
    }
    for text in ["scim_a_b", "a_long_snake_case_name", "2819c223-7f76-453a-919d-413861904646"] {
        assert!(!any.is_match(text), "{text}");
    }
}

fn compiled(pattern: &str) -> regex::Regex {
    regex::RegexBuilder::new(pattern).unicode(false).build().unwrap()
}
