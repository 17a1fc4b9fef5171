//! Bodies and whole requests, within their bounds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::string_slice, clippy::arithmetic_side_effects, clippy::unreachable)]

mod common;

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use common::{guarded, scim, Connection, Response, Running};
use http_body::{Body, Frame};
use hyper_util::rt::{TokioExecutor, TokioIo};
use scim_axum::router;
use scim_core::Limits;
use tokio::net::TcpStream;
use tokio::time::timeout;

const POST: &str = "POST /Users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/scim+json\r\n";

async fn start(change: impl FnOnce(&mut Limits)) -> Running {
    let mut limits = Limits::default();
    change(&mut limits);
    Running::with(router("/", scim(limits).0)).await
}

async fn start_guarded() -> Running {
    Running::with(router("/", guarded(Limits::default()))).await
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
    for length in ["1048577", "9223372036854775807"] {
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
async fn a_connection_goes_on_after_the_body_of_a_request_that_is_not_let_in() {
    let running = start_guarded().await;
    let mut connection = running.connect().await;
    let body = user_of(100);
    connection.send(&format!("{POST}Content-Length: 100\r\n\r\n{body}")).await;
    connection.response().await.assert_error(401);
    connection.send(&format!("{POST}Authorization: Bearer secret\r\nContent-Length: 100\r\n\r\n{body}")).await;
    assert_eq!(connection.response().await.status, 201);
}

#[tokio::test]
async fn over_http2_nothing_is_kept_of_the_bodies_of_requests_that_are_not_let_in() {
    let running = start_guarded().await;
    let stream = TokioIo::new(TcpStream::connect(running.address).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    // All together are many times what the window of the connection lets through before something is read.
    for _ in 0..50 {
        let request = hyper::Request::post(format!("http://{}/Users", running.address));
        let response =
            timeout(Duration::from_secs(10), sender.send_request(request.body(NeverEnding(900_000)).unwrap()));
        assert_eq!(response.await.expect("should have been answered").unwrap().status(), 401);
    }
}

/// A body of this many bytes, of which the end never comes.
struct NeverEnding(usize);

impl Body for NeverEnding {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match std::mem::take(&mut self.0) {
            0 => Poll::Pending,
            bytes => Poll::Ready(Some(Ok(Frame::data(vec![b' '; bytes].into())))),
        }
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
    connection.response().await.assert_error(400);
    assert_eq!(running.request("GET /Users/1").await.status, 200);
}
