//! Bodies and whole requests, within their bounds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::string_slice, clippy::arithmetic_side_effects, clippy::unreachable)]

mod common;

use std::time::{Duration, Instant};

use actix_web::test::{call_service, init_service, TestRequest};
use actix_web::{App, HttpServer};
use common::{guarded, scim, Connection, Response, Running};
use scim_actix::scope;
use scim_core::Limits;

const POST: &str = "POST /Users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/scim+json\r\n";

async fn start(change: impl FnOnce(&mut Limits)) -> Running {
    let mut limits = Limits::default();
    change(&mut limits);
    let server = scim(limits).0;
    Running::with(move |app| {
        app.service(scope("/", server.clone()));
    })
    .await
}

async fn start_guarded() -> Running {
    let server = guarded(Limits::default());
    Running::with(move |app| {
        app.service(scope("/", server.clone()));
    })
    .await
}

/// A user whose JSON has this many bytes.
fn user_of(bytes: usize) -> String {
    let empty = r#"{"userName":"a"}"#.len();
    format!(r#"{{"userName":"a{}"}}"#, "a".repeat(bytes - empty))
}

async fn send_chunked(connection: &mut Connection, body: &str, chunk: usize) {
    connection.send(&format!("{POST}Transfer-Encoding: chunked\r\n\r\n")).await;
    for part in body.as_bytes().chunks(chunk) {
        connection.send(&format!("{:x}\r\n{}\r\n", part.len(), std::str::from_utf8(part).unwrap())).await;
    }
    connection.send("0\r\n\r\n").await;
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_not() {
    let running = start(|limits| limits.body_bytes = 1_000).await;
    for (bytes, status) in [(16, 201), (1_000, 201), (1_001, 413)] {
        let body = user_of(bytes);
        let mut connection = running.connect().await;
        connection.send(&format!("{POST}Content-Length: {bytes}\r\n\r\n{body}")).await;
        assert_eq!(connection.response().await.status, status, "{bytes} bytes");

        for chunk in [1, 300, 2_000] {
            let mut connection = running.connect().await;
            send_chunked(&mut connection, &body, chunk).await;
            assert_eq!(connection.response().await.status, status, "{bytes} bytes in chunks of {chunk}");
        }
    }
}

#[tokio::test]
async fn an_announced_length_beyond_the_limit_is_refused_before_the_body_is_sent() {
    let running = start(|_| {}).await;
    for length in ["1048577", "9223372036854775807", "18446744073709551615"] {
        let mut connection = running.connect().await;
        connection.send(&format!("{POST}Content-Length: {length}\r\n\r\n")).await;
        connection.response().await.assert_error(413);
    }
    let mut connection = running.connect().await;
    connection.send(&format!("{POST}Content-Length: 1048577\r\nExpect: 100-continue\r\n\r\n")).await;
    connection.response().await.assert_error(413);
}

#[tokio::test]
async fn an_endless_body_is_refused_at_the_limit() {
    let running = start(|limits| limits.body_bytes = 1_000).await;
    let mut connection = running.connect().await;
    connection.send(&format!("{POST}Transfer-Encoding: chunked\r\n\r\n")).await;
    for _ in 0..11 {
        connection.send(&format!("64\r\n{}\r\n", "a".repeat(100))).await;
    }
    connection.response().await.assert_error(413);
}

#[tokio::test]
async fn a_client_that_sends_all_of_a_large_body_first_still_reads_the_413() {
    let running = start(|limits| limits.body_bytes = 1_000).await;
    for _ in 0..5 {
        let mut connection = running.connect().await;
        let body = user_of(20_000_000);
        connection.send(&format!("{POST}Content-Length: {}\r\n\r\n", body.len())).await;
        connection.send(&body).await;
        connection.response().await.assert_error(413);
    }
}

#[tokio::test]
async fn a_body_of_a_request_that_is_not_let_in_is_not_waited_for() {
    let running = start_guarded().await;
    for rest in [
        "Content-Length: 1000000\r\n\r\n",
        "Content-Length: 1000000\r\n\r\n{",
        "Content-Length: 9223372036854775807\r\n\r\n",
        "Content-Length: 100\r\nExpect: 100-continue\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
        "Authorization: Bearer wrong\r\nContent-Length: 100\r\n\r\n",
    ] {
        let mut connection = running.connect().await;
        connection.send(&format!("{POST}{rest}")).await;
        let response = connection.response().await;
        response.assert_error(401);
        assert_eq!(response.header("www-authenticate"), Some("Bearer realm=\"SCIM\""), "{rest:?}");
    }
}

#[tokio::test]
async fn a_client_that_is_not_let_in_and_sends_all_of_a_large_body_first_still_reads_the_401() {
    let running = start_guarded().await;
    let body = user_of(20_000_000);
    for _ in 0..5 {
        let mut connection = running.connect().await;
        connection.send(&format!("{POST}Content-Length: {}\r\n\r\n", body.len())).await;
        connection.send(&body).await;
        connection.response().await.assert_error(401);
    }
}

#[tokio::test]
async fn a_client_learns_that_its_connection_ends_with_a_body_that_is_not_read() {
    let running = start_guarded().await;
    let mut connection = running.connect().await;
    connection.send(&format!("{POST}Content-Length: 100\r\n\r\n{}", user_of(100))).await;
    let response = connection.response().await;
    response.assert_error(401);
    assert_eq!(response.header("connection"), Some("close"));

    let mut connection = running.connect().await;
    for _ in 0..2 {
        connection.send("GET /Users HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        connection.response().await.assert_error(401);
    }
}

#[tokio::test]
async fn a_body_beyond_the_room_for_all_is_a_503_with_retry_after() {
    let running = start(|limits| limits.all_body_bytes = 10_000).await;
    let body = user_of(6_000);
    let post = format!("{POST}Content-Length: 6000\r\n\r\n");
    let (beginning, end) = body.split_at(5_999);
    let mut arriving = running.connect().await;
    arriving.send(&format!("{post}{beginning}")).await;
    let refused = answer_with(503, &running, &format!("{post}{body}")).await;
    refused.assert_error(503);
    assert!(refused.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    assert_eq!(running.request("GET /Users/1").await.status, 200);
    arriving.send(end).await;
    assert_eq!(arriving.response().await.status, 201);
    answer_with(201, &running, &format!("{post}{body}")).await;

    let mut broken = running.connect().await;
    broken.send(&format!("{post}{beginning}")).await;
    answer_with(503, &running, &format!("{post}{body}")).await;
    drop(broken);
    answer_with(201, &running, &format!("{post}{body}")).await;
}

/// Sends a request again until it gets this status, for nobody knows when what other connections sent has been read.
async fn answer_with(status: u16, running: &Running, request: &str) -> Response {
    for _ in 0..200 {
        let mut connection = running.connect().await;
        connection.send(request).await;
        let response = connection.response().await;
        if response.status == status {
            return response;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no answer was {status}");
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_answered_with_408() {
    let running = start(|limits| limits.request_timeout = Duration::from_millis(200)).await;
    let mut connection = running.connect().await;
    let begun = Instant::now();
    connection.send(&format!("{POST}Content-Length: 100\r\n\r\n{{")).await;
    connection.response().await.assert_error(408);
    assert!(begun.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_a_503_with_retry_after() {
    let bounds: [fn(&mut Limits); 2] = [
        |limits| limits.request_timeout = Duration::from_millis(200),
        |limits| limits.store_timeout = Duration::from_millis(200),
    ];
    for bound in bounds {
        let running = start(bound).await;
        let response = running.request("GET /Users/stuck").await;
        response.assert_error(503);
        assert!(response.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_harms_nobody_else() {
    let running = start(|_| {}).await;
    let mut connection = running.connect().await;
    connection.send(&format!("{POST}Content-Length: 100\r\n\r\n{{")).await;
    drop(connection);
    let mut connection = running.connect().await;
    connection.send(&format!("{POST}Transfer-Encoding: chunked\r\n\r\nnot a chunk\r\n")).await;
    assert_eq!(connection.response().await.status, 400);
    assert_eq!(running.request("GET /Users/1").await.status, 200);
}

#[tokio::test]
async fn a_request_to_switch_protocols_has_the_body_that_it_announces_and_no_more() {
    let running = start(|_| {}).await;
    let body = user_of(100);
    let mut connection = running.connect().await;
    let upgrade = "Connection: upgrade\r\nUpgrade: websocket\r\n";
    connection.send(&format!("{POST}{upgrade}Content-Length: 100\r\n\r\n{body}{POST}\r\n")).await;
    assert_eq!(connection.response().await.status, 201);
    let mut connection = running.connect().await;
    connection.send(&format!("{POST}{upgrade}\r\n{body}")).await;
    connection.response().await.assert_error(400);
}

#[actix_web::test]
async fn a_test_of_the_host_needs_no_socket() {
    let app = init_service(App::new().service(scope("/scim/v2", scim(Limits::default()).0))).await;
    let json = ("Content-Type", "application/json");
    let request = TestRequest::post().uri("/scim/v2/Users").insert_header(json).set_payload(user_of(100));
    assert_eq!(call_service(&app, request.to_request()).await.status().as_u16(), 201);
}

#[actix_web::test]
async fn a_host_that_stays_with_http_server_gets_the_same_answers() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = scim(Limits::default()).0;
    let app = move || App::new().service(scope("/scim/v2", server.clone()));
    let running = HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run();
    let handle = running.handle();
    actix_web::rt::spawn(running);
    let mut connection = Connection::to(address).await;
    connection.send("GET /scim/v2/Users/a%2Fb HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(connection.response().await.json()["id"], "a/b");
    connection.send("POST /scim/v2/Users HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n").await;
    connection.response().await.assert_error(413);
    drop(connection);
    handle.stop(false).await;
}
