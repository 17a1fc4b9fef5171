//! Connections: how long they may be silent, how many there may be, and how they end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::string_slice, clippy::arithmetic_side_effects, clippy::unreachable)]

mod common;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::extract::ConnectInfo;
use axum::routing::get;
use axum::Router;
use bytes::Bytes;
use common::{scim, Running};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use scim_axum::{router, ServeOptions};
use scim_core::Limits;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::{sleep, Sleep};

const HEADER_TIMEOUT: Duration = Duration::from_millis(250);
const GET: &str = "GET /Users/1 HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn app() -> Router {
    router("/", scim(Limits::default()).0)
}

/// Options with a short header timeout.
fn impatient() -> ServeOptions {
    let mut options = ServeOptions::default();
    options.header_timeout = HEADER_TIMEOUT;
    options
}

#[tokio::test]
async fn a_client_that_does_not_send_a_whole_header_is_cut_off() {
    let running = Running::start(app(), &impatient()).await;
    for beginning in ["", "P", "PRI * HTTP/2.0\r\n\r\n", "GET /Users/1 HTTP/1.1\r\nHost: loc"] {
        let begun = Instant::now();
        let mut connection = running.connect().await;
        connection.send(beginning).await;
        connection.closed().await;
        let (least, most) = (HEADER_TIMEOUT - Duration::from_millis(5), HEADER_TIMEOUT * 8);
        assert!((least..most).contains(&begun.elapsed()), "{beginning:?} after {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_header_that_trickles_in_does_not_buy_time() {
    let running = Running::start(app(), &impatient()).await;
    let begun = Instant::now();
    let mut connection = running.connect().await;
    let (mut reading, mut writing) = connection.stream.split();
    let trickle = async {
        loop {
            if tokio::io::AsyncWriteExt::write_all(&mut writing, b"a").await.is_err() {
                std::future::pending::<()>().await;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    let mut answer = Vec::new();
    tokio::select! {
        () = trickle => unreachable!(),
        end = reading.read_to_end(&mut answer) => drop(end),
    }
    assert!(begun.elapsed() < HEADER_TIMEOUT * 8, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request_and_closed_when_none_comes() {
    let running = Running::start(app(), &impatient()).await;
    let mut connection = running.connect().await;
    for _ in 0..4 {
        connection.send(GET).await;
        assert_eq!(connection.response().await.status, 200);
        sleep(HEADER_TIMEOUT / 2).await;
    }
    connection.closed().await;
}

#[tokio::test]
async fn a_request_in_progress_is_not_a_silent_connection() {
    let running = Running::start(app(), &impatient()).await;
    assert_eq!(running.request("GET /Users/slow").await.status, 200);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_their_order() {
    let running = Running::with(app()).await;
    let mut connection = running.connect().await;
    let ids = ["slow", "b", "c", "d"];
    let post = |id| format!("GET /Users/{id} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{{}}");
    connection.send(&ids.map(post).concat()).await;
    for id in ids {
        assert_eq!(connection.response().await.json()["id"], id);
    }
}

#[tokio::test]
async fn a_slow_reader_gets_all_of_a_large_response() {
    const LENGTH: usize = 24 * 1024 * 1024;
    let app = Router::new().route("/large", get(|| async { vec![b'a'; LENGTH] }));
    let running = Running::start(app, &impatient()).await;
    let mut connection = running.connect().await;
    connection.send("GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    let begun = Instant::now();
    let mut part = vec![0; 512 * 1024];
    let mut length = 0;
    loop {
        match connection.stream.read(&mut part).await.unwrap() {
            0 => break,
            more => length += more,
        }
        sleep(HEADER_TIMEOUT / 5).await;
    }
    assert!(length > LENGTH, "{length}");
    assert!(begun.elapsed() > HEADER_TIMEOUT * 6, "too fast to show anything");
}

#[tokio::test]
async fn a_client_that_stops_reading_is_cut_off() {
    let app = Router::new().route("/large", get(|| async { vec![b'a'; 24 * 1024 * 1024] }));
    let mut options = impatient();
    options.connections = 1;
    let running = Running::start(app, &options).await;
    let mut idle = running.connect().await;
    idle.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    // The one connection is taken, so this answer shows that it has been given up.
    assert_eq!(running.request("GET /elsewhere").await.status, 404);
}

#[tokio::test]
async fn connections_beyond_the_most_wait_for_their_turn() {
    let mut options = ServeOptions::default();
    options.connections = 2;
    let running = Running::start(app(), &options).await;
    let first = running.connect().await;
    let mut second = running.connect().await;
    second.send(GET).await;
    assert_eq!(second.response().await.status, 200);
    let mut third = running.connect().await;
    third.send(GET).await;
    assert!(tokio::time::timeout(Duration::from_millis(100), third.stream.readable()).await.is_err());
    drop(first);
    assert_eq!(third.response().await.status, 200);
}

#[tokio::test]
async fn http2_is_served_with_relative_paths_and_closed_when_silent() {
    let (server, seen) = scim(Limits::default());
    let running = Running::start(router("/scim/v2", server), &impatient()).await;
    let stream = TokioIo::new(TcpStream::connect(running.address).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = hyper::Request::get(format!("http://{}/scim/v2/Users/a%2Fb?x", running.address));
    let response = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
    assert_eq!((response.status().as_u16(), response.version()), (200, http::Version::HTTP_2));
    assert!(!response.into_body().collect().await.unwrap().to_bytes().is_empty());
    assert_eq!(seen.take().as_deref(), Some("/Users/a%2Fb?x"));
    tokio::time::timeout(HEADER_TIMEOUT * 8, connection).await.expect("should have been closed").unwrap().unwrap();
}

/// A client that opens no window for what it asks for, and asks for this many things.
async fn asks_without_a_window(address: std::net::SocketAddr, path: &str, times: usize) -> Duration {
    let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let mut builder = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
    let (mut sender, connection) = builder.initial_stream_window_size(0).handshake(stream).await.unwrap();
    let begun = Instant::now();
    let connection = tokio::spawn(connection);
    let mut responses = Vec::new();
    for _ in 0..times {
        let request = hyper::Request::get(format!("http://{address}{path}")).body(Empty::<Bytes>::new()).unwrap();
        let Ok(response) = sender.send_request(request).await else { break };
        assert_eq!(response.status(), 200);
        responses.push(response);
        sleep(HEADER_TIMEOUT / 5).await;
    }
    drop(tokio::time::timeout(HEADER_TIMEOUT * 20, connection).await.expect("should have been closed"));
    begun.elapsed()
}

/// RFC 9113 s6.5.2: `SETTINGS_INITIAL_WINDOW_SIZE` may be zero.
#[tokio::test]
async fn rfc9113_s6_5_2_a_client_that_opens_no_window_is_cut_off() {
    let mut options = impatient();
    options.response_timeout = HEADER_TIMEOUT * 2;
    let running = Running::start(app(), &options).await;
    for times in [1, 5] {
        let held = asks_without_a_window(running.address, "/Users/1", times).await;
        assert!(held >= options.response_timeout, "{held:?}");
    }
    // Further requests do not buy time.
    let held = asks_without_a_window(running.address, "/Users/1", 1_000).await;
    assert!(held < HEADER_TIMEOUT * 12, "{held:?}");
}

const PAUSE: Duration = HEADER_TIMEOUT.saturating_mul(2);

/// A body that is made in parts of one byte, each after a pause.
struct SlowParts {
    left: usize,
    pause: Pin<Box<Sleep>>,
}

impl Body for SlowParts {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        std::task::ready!(self.pause.as_mut().poll(cx));
        self.left -= 1;
        self.pause = Box::pin(sleep(PAUSE));
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"a")))))
    }
}

#[tokio::test]
async fn a_response_that_the_application_is_slow_to_make_is_not_cut_off() {
    let parts = || async { axum::body::Body::new(SlowParts { left: 3, pause: Box::pin(sleep(PAUSE)) }) };
    let app = Router::new().route("/parts", get(parts));
    let mut options = impatient();
    options.response_timeout = HEADER_TIMEOUT / 5;
    let running = Running::start(app, &options).await;
    let mut connection = running.connect().await;
    connection.send("GET /parts HTTP/1.0\r\nHost: localhost\r\n\r\n").await;
    let mut answer = String::new();
    connection.stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("\r\n\r\naaa"), "{answer:?}");
}

#[tokio::test]
async fn handlers_learn_the_address_of_the_client() {
    let whoami = |ConnectInfo(client): ConnectInfo<std::net::SocketAddr>| async move { client.to_string() };
    let running = Running::with(Router::new().route("/whoami", get(whoami))).await;
    let mut connection = running.connect().await;
    connection.send("GET /whoami HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let own = connection.stream.local_addr().unwrap().to_string();
    assert_eq!(connection.response().await.body, own.as_bytes());
}

#[tokio::test]
async fn a_header_beyond_all_measure_is_refused() {
    let running = Running::with(app()).await;
    let mut connection = running.connect().await;
    connection.send(&format!("GET /Users/1 HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(70_000))).await;
    assert_eq!(connection.response().await.status, 431);
}

#[tokio::test]
async fn a_shutdown_ends_requests_in_progress_and_silent_connections() {
    let mut running = Running::with(app()).await;
    let mut silent = running.connect().await;
    let mut kept = running.connect().await;
    kept.send(GET).await;
    assert_eq!(kept.response().await.status, 200);
    let mut busy = running.connect().await;
    busy.send("GET /Users/slow HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    sleep(Duration::from_millis(100)).await;

    running.begin_shutdown();
    silent.closed().await;
    kept.closed().await;
    assert!(TcpStream::connect(running.address).await.is_err(), "a new connection was accepted");
    assert_eq!(busy.response().await.status, 200);
    busy.closed().await;
    running.ended().await;
}

#[tokio::test]
async fn a_shutdown_cuts_off_what_does_not_end() {
    let mut options = ServeOptions::default();
    options.shutdown_timeout = Duration::from_millis(100);
    let mut running = Running::start(app(), &options).await;
    let mut stuck = running.connect().await;
    stuck.send("GET /Users/stuck HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    sleep(Duration::from_millis(50)).await;
    let begun = Instant::now();
    running.begin_shutdown();
    running.ended().await;
    stuck.closed().await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}
