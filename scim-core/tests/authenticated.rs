//! Requests that are authenticated by their head, before their body is read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use scim_core::{
    BearerTokens, ConnectionId, ErrorKind, Limits, MemoryRequestLog, MemoryStore, Principal, RequestLog, ScimServer,
    TenantId,
};

fn server(log: &MemoryRequestLog) -> ScimServer {
    let principal = Principal::new(TenantId::new("acme"), "Okta").with_connection(ConnectionId::new("okta"));
    let mut limits = Limits::default();
    limits.all_body_bytes = 1_000;
    ScimServer::builder()
        .base_url("https://example.com")
        .store(MemoryStore::new())
        .authenticator(BearerTokens::new().principal("secret", principal))
        .request_log(log.clone())
        .limits(limits)
        .build()
        .unwrap()
}

fn request(method: &str, path: &str, token: &str, body: &'static str) -> Request<Bytes> {
    let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
    request.header("content-type", "application/json").header("x-request-id", "same").body(body.into()).unwrap()
}

async fn in_two_steps(server: &ScimServer, request: Request<Bytes>) -> Response<Bytes> {
    let (mut head, body) = request.into_parts();
    let authenticated = server.authenticate(&mut head).await;
    match authenticated {
        Ok(authenticated) => authenticated.answer(body).await,
        Err(refusal) => refusal,
    }
}

#[tokio::test]
async fn a_request_in_two_steps_is_answered_and_recorded_as_one_in_one() {
    let (in_one, in_two) = (MemoryRequestLog::new(100), MemoryRequestLog::new(100));
    let (one, two) = (server(&in_one), server(&in_two));
    for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "BREW"] {
        for path in ["/Users", "/Users/1", "/Users?count=x", "/", "/Me", "/Bulk", "/Schemas", "/nowhere", "//"] {
            for (token, body) in [("secret", ""), ("secret", "{"), ("wrong", ""), ("wrong", "{")] {
                let one = one.handle(request(method, path, token, body)).await;
                let two = in_two_steps(&two, request(method, path, token, body)).await;
                assert_eq!(format!("{one:?}"), format!("{two:?}"), "{method} {path} {token}");
                assert_eq!(two.status() == 401, token == "wrong", "{method} {path} {token}");
            }
        }
    }
    let (in_one, in_two) = (recorded(&in_one).await, recorded(&in_two).await);
    assert_eq!((in_one.len(), in_one), (100, in_two));
}

async fn recorded(log: &MemoryRequestLog) -> Vec<(String, String, u16)> {
    let records = log.recent(&ConnectionId::new("okta"), 100).await.unwrap().into_iter();
    records.map(|record| (record.method.into_owned(), record.route, record.status)).collect()
}

#[tokio::test]
async fn a_credential_that_is_not_accepted_is_answered_alike_wherever_it_is_sent() {
    let server = server(&MemoryRequestLog::new(1));
    let expected = server.handle(request("GET", "/Users", "wrong", "")).await;
    assert_eq!(expected.status(), 401);
    assert_eq!(expected.headers()["www-authenticate"], "Bearer realm=\"SCIM\"");
    for (method, path) in [("GET", "/nowhere"), ("BREW", "/Users/1"), ("POST", "/Bulk"), ("DELETE", "/Schemas")] {
        let (mut head, _) = request(method, path, "wrong", "").into_parts();
        let refusal = server.authenticate(&mut head).await.expect_err("should have been refused");
        assert_eq!(format!("{refusal:?}"), format!("{expected:?}"), "{method} {path}");
    }
    let (mut head, _) = request("HEAD", "/Users", "wrong", "").into_parts();
    let refusal = server.authenticate(&mut head).await.expect_err("should have been refused");
    assert!(refusal.body().is_empty());
    assert_eq!(refusal.headers()["content-length"], expected.body().len().to_string().as_str());
}

#[tokio::test]
async fn the_time_that_a_body_takes_is_not_the_servers() {
    let log = MemoryRequestLog::new(1);
    let server = server(&log);
    let (mut head, _) = request("GET", "/Users", "secret", "").into_parts();
    let authenticated = server.authenticate(&mut head).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(authenticated.answer(Bytes::new()).await.status(), 200);
    let micros = log.recent(&ConnectionId::new("okta"), 1).await.unwrap().remove(0).micros;
    assert!((1..900_000).contains(&micros), "{micros}");
}

#[tokio::test]
async fn there_is_room_for_so_many_bytes_of_all_bodies_until_they_are_answered() {
    let server = server(&MemoryRequestLog::new(1));
    let head = || request("GET", "/Users", "secret", "").into_parts().0;
    let (mut first, mut second, mut third) = (head(), head(), head());
    let mut first = server.authenticate(&mut first).await.unwrap();
    let mut second = server.authenticate(&mut second).await.unwrap();
    first.reserve(400).unwrap();
    first.reserve(400).unwrap();
    second.reserve(200).unwrap();
    let error = second.reserve(1).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unavailable { retry_after: 1.. }), "{error:?}");
    first.answer(Bytes::new()).await;
    second.reserve(800).unwrap();
    drop(second);
    server.authenticate(&mut third).await.unwrap().reserve(1_000).unwrap();
}
