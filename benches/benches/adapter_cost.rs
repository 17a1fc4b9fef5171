//! What an adapter costs: requests per second of GET by id through it, beside a bare handler of the same framework, on the
//! server that comes with the framework, that returns the same bytes.
//!
//! Both are asked in turns over kept connections on the loopback interface; the ratio is the median of the turns. It must
//! not be below three quarters, else this ends with an error. A run takes about half a minute.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::arithmetic_side_effects
)]

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use actix_web::{web, App, HttpResponse, HttpServer};
use axum::routing::get;
use bytes::Bytes;
use http::Request;
use scim_core::{BearerTokens, MemoryStore, ScimServer, TenantId};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const FULL_USER: &str = include_str!("../../scim-core/tests/fixtures/rfc7643/s8.2-user-full.json");
const USERS: usize = 1_000;
const CONNECTIONS: usize = 32;
const TURNS: usize = 9;
const TURN: Duration = Duration::from_millis(700);
const LEAST_RATIO: f64 = 0.75;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = ScimServer::builder()
        .base_url("https://example.com/scim/v2")
        .store(MemoryStore::new())
        .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
        .build()
        .unwrap();
    let (path, answer) = runtime.block_on(fill(&server));
    let frameworks = [
        ("axum", axum_bare(&runtime, answer.clone()), axum_scim(&runtime, server.clone())),
        ("actix", actix_bare(answer), actix_scim(server)),
    ];
    let mut enough = true;
    for (framework, bare, scim) in frameworks {
        let ratio = compare(framework, bare, scim, &format!("/scim/v2{path}"));
        enough &= ratio >= LEAST_RATIO;
    }
    if enough {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Creates users and returns the path of one with the answer to a GET of it.
async fn fill(server: &ScimServer) -> (String, http::Response<Bytes>) {
    let request = |method: &str, path: &str, body: String| {
        let head = Request::builder().method(method).uri(path).header("authorization", "Bearer secret");
        let head = head.header("content-type", "application/scim+json").header("x-request-id", "load");
        head.body(Bytes::from(body)).unwrap()
    };
    let mut path = String::new();
    for number in 0..USERS {
        let mut user: Value = serde_json::from_str(FULL_USER).unwrap();
        user["userName"] = format!("user{number}@example.com").into();
        let created = server.handle(request("POST", "/Users", user.to_string())).await;
        let created: Value = serde_json::from_slice(created.body()).unwrap();
        path = format!("/Users/{}", created["id"].as_str().unwrap());
    }
    let answer = server.handle(request("GET", &path, String::new())).await;
    assert_eq!(answer.status(), 200);
    (path, answer)
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn tokio_listener(listener: TcpListener) -> tokio::net::TcpListener {
    listener.set_nonblocking(true).unwrap();
    tokio::net::TcpListener::from_std(listener).unwrap()
}

fn axum_bare(runtime: &tokio::runtime::Runtime, answer: http::Response<Bytes>) -> SocketAddr {
    let (listener, address) = listen();
    let handler = move || {
        let answer = answer.clone();
        async move { answer.map(axum::body::Body::from) }
    };
    let app = axum::Router::new().route("/scim/v2/Users/{id}", get(handler));
    runtime.spawn(async move { axum::serve(tokio_listener(listener), app).await });
    address
}

fn axum_scim(runtime: &tokio::runtime::Runtime, server: ScimServer) -> SocketAddr {
    let (listener, address) = listen();
    let options = scim_axum::ServeOptions::new(server.limits());
    let app = scim_axum::router("/scim/v2", server);
    runtime.spawn(async move {
        scim_axum::serve(tokio_listener(listener), app, &options, std::future::pending()).await;
    });
    address
}

fn actix_bare(answer: http::Response<Bytes>) -> SocketAddr {
    let (listener, address) = listen();
    let (head, body) = answer.into_parts();
    let headers: Vec<_> =
        head.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let app = move || {
        let (headers, body) = (headers.clone(), body.clone());
        let handler = move || {
            let mut response = HttpResponse::Ok();
            for (name, value) in &headers {
                response.append_header((name.as_str(), value.as_str()));
            }
            let response = response.body(body.clone());
            async { response }
        };
        App::new().route("/scim/v2/Users/{id}", web::get().to(handler))
    };
    on_actix(move || HttpServer::new(app).disable_signals().listen(listener).unwrap().run());
    address
}

fn actix_scim(server: ScimServer) -> SocketAddr {
    let (listener, address) = listen();
    let options = scim_actix::ServeOptions::new(server.limits());
    let app = move || App::new().service(scim_actix::scope("/scim/v2", server.clone()));
    on_actix(move || async move { scim_actix::serve(listener, app, &options, std::future::pending()).await });
    address
}

fn on_actix<F: Future<Output = std::io::Result<()>>>(serve: impl FnOnce() -> F + Send + 'static) {
    thread::spawn(move || actix_web::rt::System::new().block_on(async { serve().await }).unwrap());
}

/// The median of the ratios of the turns.
fn compare(framework: &str, bare: SocketAddr, scim: SocketAddr, path: &str) -> f64 {
    assert_eq!(one_answer(bare, path), one_answer(scim, path), "the bare handler returns the same");
    let mut turns = Vec::with_capacity(TURNS);
    load(bare, path);
    load(scim, path);
    for _ in 0..TURNS {
        let (bare, scim) = (load(bare, path), load(scim, path));
        turns.push((scim / bare, bare, scim));
    }
    turns.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (least, most) = (turns.first().unwrap().0, turns.last().unwrap().0);
    let (ratio, bare, scim) = *turns.get(TURNS / 2).unwrap();
    println!("{framework}: bare {bare:.0}/s, scim-{framework} {scim:.0}/s, ratio {ratio:.2} ({least:.2} to {most:.2})");
    ratio
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret\r\nX-Request-Id: load\r\n\r\n")
}

/// The lines of an answer, without the date, in one order.
fn one_answer(address: SocketAddr, path: &str) -> Vec<String> {
    let runtime = client_runtime();
    let answer = runtime.block_on(async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut buffer = vec![0; 64 * 1024];
        let length = first_answer(&mut stream, &request(path), &mut buffer).await;
        buffer.truncate(length);
        String::from_utf8(buffer).unwrap()
    });
    let mut lines: Vec<String> = answer.lines().filter(|line| !line.starts_with("date:")).map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

/// Requests per second of one turn.
fn load(address: SocketAddr, path: &str) -> f64 {
    let (answered, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let begun = Instant::now();
    client_runtime().block_on(async {
        let clients: Vec<_> = (0..CONNECTIONS)
            .map(|_| tokio::spawn(client(address, request(path), Arc::clone(&answered), Arc::clone(&over))))
            .collect();
        tokio::time::sleep(TURN).await;
        over.store(true, Ordering::Relaxed);
        for client in clients {
            client.await.unwrap();
        }
    });
    let answered = u32::try_from(answered.load(Ordering::Relaxed)).unwrap();
    f64::from(answered) / begun.elapsed().as_secs_f64()
}

fn client_runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Asks again and again over one connection. All answers are as long as the first.
async fn client(address: SocketAddr, request: String, answered: Arc<AtomicU64>, over: Arc<AtomicBool>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut buffer = vec![0; 64 * 1024];
    let length = first_answer(&mut stream, &request, &mut buffer).await;
    let answer = buffer.get_mut(..length).unwrap();
    while !over.load(Ordering::Relaxed) {
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.read_exact(answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200 "));
        answered.fetch_add(1, Ordering::Relaxed);
    }
}

async fn first_answer(stream: &mut TcpStream, request: &str, buffer: &mut [u8]) -> usize {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut read = 0;
    loop {
        read += stream.read(buffer.get_mut(read..).unwrap()).await.unwrap();
        let text = String::from_utf8_lossy(buffer.get(..read).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if body.len() == length.parse::<usize>().unwrap() {
            return read;
        }
    }
}
