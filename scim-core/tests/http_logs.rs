//! What is logged of a request: what it was and what came of it, and nothing that anybody sent.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, missing_docs)]

mod support;

use async_trait::async_trait;
use scim_core::{
    Context, Limits, PasswordHasher, Principal, ScimError, ScimServer, StoreError, TenantId, UnknownMembers,
    ENTERPRISE_USER,
};
use serde_json::{json, Value};
use support::log::Log;
use support::store::{Call, Scripted};
use support::{builder, Client};

/// Is part of everything that the session below sends or is given, but for the names of attributes.
const MARK: &str = "zq7x";

struct Hasher;

#[async_trait]
impl PasswordHasher for Hasher {
    async fn hash(&self, _: &Context, password: &str) -> Result<String, ScimError> {
        if password.contains("refused") {
            return Err(ScimError::invalid_value("password is too short"));
        }
        Ok(format!("hash-{MARK}"))
    }
}

/// A server whose token, tenant, principal and ids all have the mark.
fn marked_server() -> ScimServer {
    let numbers = std::sync::atomic::AtomicUsize::new(0);
    let ids = move || {
        let number = numbers.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        scim_core::ResourceId::new(format!("id-{MARK}-{number}"))
    };
    let principal = Principal::new(TenantId::new(format!("tenant-{MARK}")), format!("principal-{MARK}"));
    let tokens = scim_core::BearerTokens::new().principal(format!("token-{MARK}"), principal);
    builder()
        .store(scim_core::MemoryStore::new().with_ids(ids))
        .authenticator(tokens)
        .password(Hasher)
        .unknown_members(UnknownMembers::Ignore)
        .build()
        .unwrap()
}

/// Sends requests of every kind, good and bad, with the mark in every value.
async fn session(client: &Client) -> usize {
    let user = json!({
        "userName": format!("user-{MARK}"), "password": format!("password-{MARK}"), "externalId": format!("e-{MARK}"),
        "name": {"familyName": format!("family-{MARK}")}, "emails": [{"value": format!("{MARK}@example.com")}],
        ENTERPRISE_USER: {"department": format!("department-{MARK}")}, "nobodyKnows": format!("unknown-{MARK}"),
        "urn:example:unknown": {"a": format!("unknown-{MARK}")},
    });
    let made = client.post("/Users", &user).await;
    let path = format!("/Users/{}", made.id());
    let members = json!([{"value": made.id()}, {"value": format!("nobody-{MARK}")}]);
    let group = json!({"displayName": format!("group-{MARK}"), "members": members});
    let bulk = json!({"Operations": [
        {"method": "POST", "path": "/Users", "bulkId": format!("b-{MARK}"), "data": {"userName": format!("bulk-{MARK}")}},
        {"method": "POST", "path": "/Users", "bulkId": format!("c-{MARK}"), "data": {"userName": format!("bulk-{MARK}")}},
        {"method": "DELETE", "path": format!("/Users/{MARK}")},
    ]});
    let operations = |operation: Value| json!({ "Operations": [operation] });
    let filter = |text: &str| format!("/Users?filter={text}%20eq%20%22{MARK}%22");
    let requests: Vec<(&str, String, Value)> = vec![
        ("GET", path.clone(), Value::Null),
        ("HEAD", path.clone(), Value::Null),
        ("PUT", path.clone(), user.clone()),
        ("POST", "/Users".to_owned(), user.clone()),
        ("POST", "/Users".to_owned(), json!({"userName": [MARK, MARK]})),
        ("POST", "/Users".to_owned(), json!({"userName": "x", "password": format!("refused-{MARK}")})),
        ("PATCH", path.clone(), operations(json!({"op": "add", "path": "title", "value": format!("title-{MARK}")}))),
        ("PATCH", path.clone(), operations(json!({"op": "add", "path": "password", "value": format!("p-{MARK}")}))),
        ("PATCH", path.clone(), operations(json!({"op": "add", "path": "nobodyKnows", "value": format!("x-{MARK}")}))),
        (
            "PATCH",
            path.clone(),
            operations(json!({"op": "add", "path": format!("x[y eq \"{MARK}\"].z"), "value": MARK})),
        ),
        ("PATCH", path.clone(), operations(json!({"op": MARK, "path": MARK, "value": MARK}))),
        ("POST", "/Groups".to_owned(), group),
        ("GET", filter("userName"), Value::Null),
        ("GET", filter("password"), Value::Null),
        ("GET", format!("/Users?count={MARK}&sortBy={MARK}&x={MARK}"), Value::Null),
        ("GET", format!("/Users?cursor={MARK}"), Value::Null),
        ("GET", format!("/?filter={MARK}"), Value::Null),
        ("POST", "/.search".to_owned(), json!({"filter": format!("userName eq \"{MARK}\"")})),
        ("POST", "/Users/.search".to_owned(), json!({"filter": MARK, "sortBy": MARK})),
        ("POST", "/Bulk".to_owned(), bulk),
        ("GET", format!("/Users/{MARK}"), Value::Null),
        ("GET", format!("/{MARK}/x?{MARK}"), Value::Null),
        ("GET", format!("/Schemas/{MARK}"), Value::Null),
        ("GET", format!("/ResourceTypes/{MARK}"), Value::Null),
        ("GET", "/Me".to_owned(), Value::Null),
        ("OPTIONS", format!("/Users/{MARK}"), Value::Null),
        (MARK, "/Users".to_owned(), Value::Null),
        ("DELETE", path, Value::Null),
    ];
    let count = requests.len();
    for (method, path, body) in requests {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        client.send(method, &path, &[("user-agent", MARK), ("x-unknown", MARK)], &body).await;
    }
    client.send("GET", "/Users", &[("authorization", &format!("Bearer wrong-{MARK}"))], "").await;
    client.send("POST", "/Users", &[("content-type", &format!("text/{MARK}"))], &format!("{{{MARK}")).await;
    client.send("POST", "/Users", &[], &format!("{{\"{MARK}\":1,\"{MARK}\":2}}")).await;
    count + 4
}

#[tokio::test]
async fn nothing_that_anybody_sent_is_logged() {
    let log = Log::default();
    let guard = log.capture();
    let token: &'static str = Box::leak(format!("token-{MARK}").into_boxed_str());
    let client = Client { server: marked_server(), token };
    let requests = session(&client).await;
    drop(guard);
    let text = log.text();
    assert!(!text.contains(MARK), "{text}");
    assert_eq!(text.lines().filter(|line| line.contains("route=")).count(), requests, "{text}");
}

#[tokio::test]
async fn a_line_says_method_route_status_and_request_id() {
    let log = Log::default();
    let guard = log.capture();
    let client = Client::new();
    let made = client.send("POST", "/Users", &[("x-request-id", "r-1")], r#"{"userName":"anna"}"#).await;
    client.send("GET", &format!("/Users/{}", made.id()), &[("x-request-id", "r-2")], "").await;
    client.send("GET", "/nowhere/at/all", &[("x-request-id", "r-3")], "").await;
    client.send("PATCH", "/Schemas/urn:x", &[("x-request-id", "r-4")], "").await;
    drop(guard);
    let text = log.text();
    let lines: Vec<&str> = text.lines().collect();
    for (line, expected) in lines.iter().zip([
        ["INFO", "method=POST", "route=/Users ", "status=201", "request_id=r-1"],
        ["INFO", "method=GET", "route=/Users/{id}", "status=200", "request_id=r-2"],
        ["INFO", "method=GET", "route=unknown", "status=404", "request_id=r-3"],
        ["INFO", "method=PATCH", "route=/Schemas/{id}", "status=405", "request_id=r-4"],
    ]) {
        assert!(expected.iter().all(|part| line.contains(part)), "{line}");
    }
    assert_eq!(lines.len(), 4, "{text}");
}

#[tokio::test]
async fn what_was_ignored_is_named() {
    let log = Log::default();
    let guard = log.capture();
    let client = Client::new();
    let body = json!({"userName": "anna", "user_lastname": "x", "name": {"nick": "x"}, "urn:example:x": {"a": 1}});
    let made = client.post("/Users", &body).await;
    client.patch(&format!("/Users/{}", made.id()), json!([{"op": "add", "path": "costCode", "value": "x"}])).await;
    drop(guard);
    let text = log.text();
    for name in ["user_lastname", "name.nick", "urn:example:x", "costCode"] {
        assert!(text.contains(name), "{name} is not in {text}");
    }
}

#[tokio::test]
async fn many_ignored_names_are_cut_short() {
    let log = Log::default();
    let guard = log.capture();
    let mut body = json!({"userName": "anna"});
    for number in 0..500 {
        body[format!("name{number}{}", "x".repeat(200))] = json!(1);
    }
    assert_eq!(Client::new().post("/Users", &body).await.status, 201);
    drop(guard);
    assert!(log.text().len() < 2_000, "{}", log.text());
}

#[tokio::test]
async fn the_cause_of_a_fault_is_logged_with_the_request_id_and_not_answered() {
    let log = Log::default();
    let guard = log.capture();
    let store = Scripted::new(|call| match call {
        Call::List => Err(StoreError::backend("the disk is full")),
        _ => Ok(()),
    });
    let client = Client::of(builder().store(store).limits(Limits::default()));
    let answer = client.send("GET", "/Users", &[("x-request-id", "r-7")], "").await;
    drop(guard);
    assert!(!answer.text.contains("disk"), "{}", answer.text);
    let text = log.text();
    let cause = text.lines().find(|line| line.starts_with("ERROR")).unwrap();
    assert!(cause.contains("the disk is full") && cause.contains("r-7"), "{text}");
}

#[tokio::test]
async fn a_request_id_that_is_long_or_odd_is_not_taken_over() {
    let log = Log::default();
    let guard = log.capture();
    let client = Client::new();
    let long = MARK.repeat(17);
    let odd = format!("{MARK} {MARK}");
    for id in [long.as_str(), &odd, ""] {
        let answer = client.send("GET", "/Users", &[("x-request-id", id)], "").await;
        assert!(!answer.header("x-request-id").is_empty() && answer.header("x-request-id") != id);
    }
    drop(guard);
    assert!(!log.text().contains(MARK), "{}", log.text());
}
