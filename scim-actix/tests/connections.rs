//! Connections: how long they may be silent, how many there may be, and how they end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::string_slice, clippy::arithmetic_side_effects, clippy::unreachable)]

mod common;

use std::time::{Duration, Instant};

use actix_web::web::{self, ServiceConfig};
use actix_web::HttpRequest;
use common::{scim, Running};
use scim_actix::{scope, ServeOptions};
use scim_core::Limits;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

const HEADER_TIMEOUT: Duration = Duration::from_millis(250);
const LARGE: usize = 24 * 1024 * 1024;
const GET: &str = "GET /Users/1 HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn app() -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static {
    let server = scim(Limits::default()).0;
    move |app| {
        app.service(scope("/", server.clone()));
    }
}

/// An application whose response is larger than all buffers on its way.
fn large(app: &mut ServiceConfig) {
    app.route("/large", web::get().to(|| async { vec![b'a'; LARGE] }));
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
    for beginning in ["", "P", "GET /Users/1 HTTP/1.1\r\nHost: loc"] {
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
async fn the_header_of_a_later_request_is_bounded_too() {
    let running = Running::start(app(), &impatient()).await;
    for beginning in ["G", "GET /Users/1 HTTP/1.1\r\nHost: loc"] {
        let mut connection = running.connect().await;
        connection.send(GET).await;
        assert_eq!(connection.response().await.status, 200);
        let begun = Instant::now();
        connection.send(beginning).await;
        connection.closed().await;
        assert!(begun.elapsed() < HEADER_TIMEOUT * 8, "{beginning:?} after {:?}", begun.elapsed());
    }
    let mut connection = running.connect().await;
    connection.send(&format!("GET /Users/slow HTTP/1.1\r\nHost: localhost\r\n\r\n{}", &GET[..9])).await;
    assert_eq!(connection.response().await.status, 200);
    connection.closed().await;
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
    let running = Running::start(large, &impatient()).await;
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
    assert!(length > LARGE, "{length}");
    assert!(begun.elapsed() > HEADER_TIMEOUT * 6, "too fast to show anything");
}

#[tokio::test]
async fn a_client_that_stops_reading_is_cut_off() {
    let mut options = impatient();
    options.connections = 1;
    let running = Running::start(large, &options).await;
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
async fn handlers_learn_the_address_of_the_client() {
    let whoami = |request: HttpRequest| async move { request.peer_addr().unwrap().to_string() };
    let running = Running::with(move |app| {
        app.route("/whoami", web::get().to(whoami));
    })
    .await;
    let mut connection = running.connect().await;
    connection.send("GET /whoami HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let own = connection.stream.local_addr().unwrap().to_string();
    assert_eq!(connection.response().await.body, own.as_bytes());
}

#[tokio::test]
async fn a_header_beyond_all_measure_is_refused() {
    let running = Running::with(app()).await;
    let mut connection = running.connect().await;
    connection.send(&format!("GET /Users/1 HTTP/1.1\r\nHost: localhost\r\nX: {}", "a".repeat(140_000))).await;
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
    let begun = Instant::now();
    while TcpStream::connect(running.address).await.is_ok() {
        assert!(begun.elapsed() < Duration::from_millis(300), "new connections are accepted");
        sleep(Duration::from_millis(10)).await;
    }
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
