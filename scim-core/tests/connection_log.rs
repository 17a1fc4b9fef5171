//! What is kept of the requests of a connection, and what is not.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects, missing_docs)]

mod connection_support;

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use connection_support::{Counts, Setup};
use scim_core::{
    BearerTokens, ConnectionId, Limits, MemoryRequestLog, Principal, RequestLog, RequestRecord, ResourceId, ScimServer,
    StoreError, TenantId, Timer, ENTERPRISE_USER,
};
use serde_json::{json, Value};

/// Is part of every value that the session below sends, but for the names of attributes.
const MARK: &str = "zq7x";

async fn setup() -> Setup {
    Setup::with(|connections| connections.with_request_log(MemoryRequestLog::new(50)), |builder| builder).await
}

async fn records(setup: &Setup) -> Vec<RequestRecord> {
    setup.acme.recent_requests(&setup.connection.id, 100).await.unwrap()
}

#[tokio::test]
async fn a_record_says_who_asked_what_and_what_came_of_it() {
    let setup = setup().await;
    let issued = setup.acme.issue_key(&setup.connection.id, Default::default()).await.unwrap();
    let key_id = issued.info().id.clone();
    let key = issued.reveal();
    let made = setup.send(&key, "POST", "/Users", &json!({"userName": "anna", "costCode": "x"})).await;
    let id = made.id().to_owned();
    setup.clock.forward(1);
    assert_eq!(setup.send(&key, "POST", "/Users", &json!({"userName": "Anna"})).await.status, 409);
    setup.clock.forward(1);
    assert_eq!(setup.send(&key, "DELETE", &format!("/Users/{id}"), &Value::Null).await.status, 204);
    let all = records(&setup).await;
    let [deleted, refused, created] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((&*created.method, created.route.as_str(), created.status), ("POST", "/Users", 201));
    assert_eq!(created.resource_id.as_ref().map(ResourceId::as_str), Some(id.as_str()));
    assert_eq!(created.ignored, ["\"costCode\""]);
    assert_eq!((created.scim_type.as_deref(), created.detail.as_deref()), (None, None));
    assert_eq!((&created.tenant, created.key.as_ref()), (setup.acme.tenant(), Some(&key_id)));
    assert_eq!((created.request_id.as_str(), created.connection == setup.connection.id), ("r", true));
    assert_eq!((refused.status, refused.scim_type.as_deref()), (409, Some("uniqueness")));
    assert_eq!(refused.detail.as_deref(), Some("Another resource has this userName; it must be unique"));
    assert_eq!((&*deleted.method, deleted.route.as_str(), deleted.status), ("DELETE", "/Users/{id}", 204));
    assert_eq!(deleted.resource_id.as_ref().map(ResourceId::as_str), Some(id.as_str()));
    assert_eq!(deleted.time, setup.clock.now());
}

#[tokio::test]
async fn requests_that_are_let_in_are_recorded_whatever_they_are() {
    let setup = setup().await;
    let key = setup.key().await;
    for (method, path) in [
        ("GET", "/nowhere"),
        ("PATCH", "/Schemas"),
        ("GET", "/Me"),
        ("GET", "/ServiceProviderConfig"),
        ("BREW", "/Users"),
        ("POST", "/Bulk"),
    ] {
        setup.send(&key, method, path, &Value::Null).await;
    }
    assert_eq!(setup.status("wrong").await, 401);
    let seen: Vec<(String, String, u16)> = records(&setup)
        .await
        .into_iter()
        .rev()
        .map(|record| (record.method.into_owned(), record.route, record.status))
        .collect();
    let expected = [
        ("GET", "unknown", 404),
        ("PATCH", "/Schemas", 405),
        ("GET", "/Me", 501),
        ("GET", "/ServiceProviderConfig", 200),
        ("other", "/Users", 405),
        ("POST", "/Bulk", 400),
    ];
    assert_eq!(seen, expected.map(|(method, route, status)| (method.to_owned(), route.to_owned(), status)));
}

#[tokio::test]
async fn an_id_that_led_nowhere_is_kept_where_it_is_no_value() {
    let setup = setup().await;
    let key = setup.key().await;
    for path in ["anna@example.com", "anna", "2819c223-7f76-453a-919d-413861904646", "4711"] {
        assert_eq!(setup.get(&key, &format!("/Users/{path}")).await.status, 404);
    }
    let ids: Vec<_> =
        records(&setup).await.into_iter().map(|record| record.resource_id.map(|id| id.to_string())).collect();
    let known = Some("2819c223-7f76-453a-919d-413861904646".to_owned());
    assert_eq!(ids, [Some("4711".to_owned()), known, None, None]);
}

#[tokio::test]
async fn failed_operations_of_a_bulk_request_are_counted() {
    let setup = setup().await;
    let key = setup.key().await;
    let bulk = json!({"Operations": [
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "anna"}},
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": {"userName": "anna"}},
    ]});
    setup.send(&key, "POST", "/Bulk", &bulk).await;
    let record = records(&setup).await.remove(0);
    assert_eq!((record.status, record.detail.as_deref()), (200, Some("Operations that failed: 1")));
}

/// Requests of every kind, good and bad, with the mark in every value.
fn session(id: &str) -> Vec<(&'static str, String, Value)> {
    let item = format!("/Users/{id}");
    let user = json!({
        "userName": format!("user-{MARK}"), "externalId": format!("e-{MARK}"),
        "name": {"familyName": format!("family-{MARK}")}, "emails": [{"value": format!("{MARK}@example.com")}],
        ENTERPRISE_USER: {"department": format!("department-{MARK}")}, "nobodyKnows": format!("unknown-{MARK}"),
    });
    let operations = |operation: Value| json!({ "Operations": [operation] });
    let mut requests = vec![
        ("PUT", item.clone(), user.clone()),
        ("POST", "/Users".to_owned(), user),
        (
            "POST",
            "/Groups".to_owned(),
            json!({"displayName": MARK, "members": [{"value": format!("no \"{MARK}\" \"")}]}),
        ),
        ("POST", "/Bulk".to_owned(), json!({"Operations": [{"method": MARK, "path": MARK, "bulkId": MARK}]})),
        ("PATCH", item.clone(), operations(json!({"op": MARK, "path": MARK, "value": MARK}))),
    ];
    for path in [
        MARK.to_owned(),
        format!("x[y eq \"{MARK}\"].z"),
        format!("emails[value eq \"{MARK}\"].{MARK}"),
        format!("{MARK}["),
    ] {
        requests.push(("PATCH", item.clone(), operations(json!({"op": "add", "path": path, "value": MARK}))));
        requests.push(("PATCH", item.clone(), operations(json!({"op": "remove", "path": path}))));
    }
    for value in [json!({"a": MARK}), json!([MARK, MARK]), json!(format!("a\"{MARK}\"b\"{MARK}"))] {
        for attribute in ["userName", "active", "emails", "name", "profileUrl", "x509Certificates", "schemas"] {
            let mut body = json!({"userName": format!("{MARK}{attribute}")});
            body[attribute] = value.clone();
            requests.push(("POST", "/Users".to_owned(), body));
            requests.push((
                "PATCH",
                item.clone(),
                operations(json!({"op": "replace", "path": attribute, "value": value})),
            ));
        }
    }
    for query in [
        format!("filter=userName%20eq%20%22{MARK}%22"),
        format!("filter=userName%20{MARK}%20%22a%22"),
        format!("filter={MARK}%20eq%20%22a%22"),
        format!("filter=%22{MARK}"),
        format!("filter=active%20gt%20%22{MARK}%22"),
        format!("count={MARK}"),
        format!("sortBy={MARK}"),
        format!("sortOrder={MARK}"),
        format!("cursor={MARK}"),
        format!("attributes={MARK}"),
    ] {
        requests.push(("GET", format!("/Users?{query}"), Value::Null));
        requests.push(("GET", format!("/?{query}"), Value::Null));
    }
    for path in [
        format!("/Users/{MARK}"),
        format!("/{MARK}/x?{MARK}"),
        format!("/Schemas/{MARK}"),
        format!("/ResourceTypes/{MARK}"),
    ] {
        requests.push(("GET", path, Value::Null));
    }
    requests
}

#[tokio::test]
async fn no_value_that_was_sent_is_kept() {
    for strict in [false, true] {
        let setup = Setup::with(
            |connections| connections.with_request_log(MemoryRequestLog::new(1_000)),
            |builder| if strict { builder.profile(scim_core::CompatProfile::STRICT) } else { builder },
        )
        .await;
        let key = setup.key().await;
        let made = setup.send(&key, "POST", "/Users", &json!({"schemas": [scim_core::USER], "userName": MARK})).await;
        let requests = session(made.id());
        let count = requests.len() + 1;
        for (method, path, body) in requests {
            setup.send(&key, method, &path, &body).await;
        }
        let all = setup.acme.recent_requests(&setup.connection.id, 1_000).await.unwrap();
        assert_eq!(all.len(), count);
        assert!(all.iter().filter(|record| record.status >= 400).count() > 20);
        for record in all {
            // Names of attributes are kept, and the session makes up some with the mark.
            let shown = format!("{:?} {:?} {:?}", record.route, record.detail, record.resource_id);
            assert!(!shown.contains(MARK), "{record:?}");
        }
    }
}

#[tokio::test]
async fn the_last_success_and_failure_of_a_connection_are_written_once_a_minute_and_when_it_turns() {
    let setup = setup().await;
    let key = setup.key().await;
    let written = || Counts::of(&setup.counts.last_requests);
    let begin = setup.clock.now();
    for _ in 0..60 {
        setup.status(&key).await;
        setup.clock.forward(1);
    }
    assert_eq!(written(), 1);
    setup.status(&key).await;
    assert_eq!(written(), 2);
    let before = setup.acme.get(&setup.connection.id).await.unwrap();
    assert_eq!((before.last_success, before.last_failure), (Some(setup.clock.now()), None));
    assert!(before.last_success > Some(begin));
    setup.clock.forward(1);
    for _ in 0..5 {
        setup.get(&key, "/nowhere").await;
    }
    assert_eq!(written(), 3);
    let after = setup.acme.get(&setup.connection.id).await.unwrap();
    assert_eq!((after.last_success, after.last_failure), (before.last_success, Some(setup.clock.now())));
    setup.status(&key).await;
    assert_eq!(written(), 4);
}

/// A log that fails, or never answers.
struct Broken {
    asked: Arc<AtomicUsize>,
    hangs: bool,
}

#[async_trait]
impl RequestLog for Broken {
    async fn record(&self, _: &RequestRecord) -> Result<(), StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.hangs {
            std::future::pending::<()>().await;
        }
        Err(StoreError::backend("the disk is full"))
    }

    async fn recent(&self, _: &ConnectionId, _: usize) -> Result<Vec<RequestRecord>, StoreError> {
        Err(StoreError::backend("the disk is full"))
    }
}

struct TokioTimer;

impl Timer for TokioTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[tokio::test]
async fn a_log_that_fails_changes_no_answer_and_one_that_hangs_holds_it_up_no_longer_than_a_store_may() {
    for hangs in [false, true] {
        let asked = Arc::new(AtomicUsize::new(0));
        let log = Broken { asked: Arc::clone(&asked), hangs };
        let mut limits = Limits::default();
        limits.store_timeout = Duration::from_millis(50);
        let setup = Setup::with(
            |connections| connections.with_request_log(log),
            |builder| builder.timer(TokioTimer).limits(limits),
        )
        .await;
        let key = setup.key().await;
        let begin = Instant::now();
        let made = setup.send(&key, "POST", "/Users", &json!({"userName": "anna"})).await;
        assert_eq!((made.status, asked.load(Ordering::SeqCst)), (201, 1));
        assert!(begin.elapsed() < Duration::from_secs(5));
        setup.counts.fails_to_write.store(true, Ordering::SeqCst);
        assert_eq!(setup.get(&key, &format!("/Users/{}", made.id())).await.status, 200);
    }
}

#[tokio::test]
async fn an_authenticator_of_the_hosts_own_has_a_log_too() {
    let log = MemoryRequestLog::new(2);
    let okta = ConnectionId::new("okta");
    let principal = Principal::new(TenantId::new("acme"), "Okta").with_connection(okta.clone());
    let tokens = BearerTokens::new().principal("a", principal).token("b", TenantId::new("acme"));
    let server = ScimServer::builder()
        .store(scim_core::MemoryStore::new())
        .authenticator(tokens)
        .request_log(log.clone())
        .build()
        .unwrap();
    for token in ["a", "b", "a", "a", "c"] {
        let request = http::Request::get("/Users").header("authorization", format!("Bearer {token}"));
        server.handle(request.body(bytes::Bytes::new()).unwrap()).await;
    }
    assert_eq!(log.recent(&okta, 9).await.unwrap().len(), 2);
}
