//! What an adapter costs, with the core behind it: requests per second of GET by id through it, beside a bare handler of
//! the same framework on the framework's own server, which has the same bytes ready and is routed by a literal path.
//!
//! Both are asked in many short turns, one after the other, over kept connections on the loopback interface, so that what
//! else the machine does is the same for both. Beside the ratio of the requests in equal times stands that of the
//! processor time of a request, with the client's part, which says the same on a busy machine; it needs Linux. The ratio of
//! requests must not be below three quarters, else this ends with an error. A run takes about a minute.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::arithmetic_side_effects
)]

use std::fmt;
use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::StatusCode;
use actix_web::{web, App, HttpResponse, HttpServer};
use axum::routing::get;
use bytes::Bytes;
use http::Request;
use scim_core::{BearerTokens, MemoryStore, ScimServer, TenantId};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const FULL_USER: &str = include_str!("../../scim-core/tests/fixtures/rfc7643/s8.2-user-full.json");
const MINIMAL_USER: &str = include_str!("../../scim-core/tests/fixtures/rfc7643/s8.1-user-minimal.json");
const USERS: usize = 1_000;
const CONNECTIONS: usize = 32;
const TURNS: u32 = 40;
const TURN: Duration = Duration::from_millis(150);
const LEAST_RATIO: f64 = 0.75;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut enough = true;
    for (size, user) in [("minimal", MINIMAL_USER), ("full", FULL_USER)] {
        let server = ScimServer::builder()
            .base_url("https://example.com/scim/v2")
            .store(MemoryStore::new())
            .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
            .build()
            .unwrap();
        let (path, answer) = runtime.block_on(fill(&server, user));
        println!("The {size} user of RFC 7643 s8, {} bytes", answer.body().len());
        let path = format!("/scim/v2{path}");
        let axum = (axum_bare(&runtime, &path, answer.clone()), axum_scim(&runtime, server.clone()));
        let actix = (actix_bare(&path, answer), actix_scim(server));
        for (framework, (bare, scim)) in [("axum", axum), ("actix", actix)] {
            enough &= compare(framework, bare, scim, &path) >= LEAST_RATIO;
        }
    }
    if enough {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Creates users and returns the path of one with the answer to a GET of it.
async fn fill(server: &ScimServer, user: &str) -> (String, http::Response<Bytes>) {
    let request = |method: &str, path: &str, body: String| {
        let head = Request::builder().method(method).uri(path).header("authorization", "Bearer secret");
        let head = head.header("content-type", "application/scim+json").header("x-request-id", "load");
        head.body(Bytes::from(body)).unwrap()
    };
    let mut path = String::new();
    for number in 0..USERS {
        let mut user: Value = serde_json::from_str(user).unwrap();
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

fn axum_bare(runtime: &tokio::runtime::Runtime, path: &str, answer: http::Response<Bytes>) -> SocketAddr {
    let (listener, address) = listen();
    let handler = move || {
        let answer = answer.clone();
        async move { answer.map(axum::body::Body::from) }
    };
    let app = axum::Router::new().route(path, get(handler));
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

fn actix_bare(path: &str, answer: http::Response<Bytes>) -> SocketAddr {
    let (listener, address) = listen();
    let (head, body) = answer.into_parts();
    let headers: Vec<(HeaderName, HeaderValue)> = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().parse().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap()))
        .collect();
    let path = path.to_owned();
    let app = move || {
        let (headers, body) = (headers.clone(), body.clone());
        let handler = move || {
            let mut response = HttpResponse::with_body(StatusCode::OK, body.clone());
            for (name, value) in &headers {
                response.headers_mut().insert(name.clone(), value.clone());
            }
            async { response }
        };
        App::new().route(&path, web::get().to(handler))
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

/// The requests through the adapter for each of the bare handler in the same time.
fn compare(framework: &str, bare: SocketAddr, scim: SocketAddr, path: &str) -> f64 {
    assert_eq!(one_answer(bare, path), one_answer(scim, path), "the bare handler returns the same");
    let (mut bare_load, mut scim_load) = (Load::default(), Load::default());
    for turn in 0..=TURNS {
        let (bare, scim) = (load(bare, path), load(scim, path));
        if turn > 0 {
            bare_load.add(bare);
            scim_load.add(scim);
        }
    }
    let ratio = scim_load.per_second() / bare_load.per_second();
    println!("{framework}: ratio {ratio:.3}, bare {bare_load}, scim-{framework} {scim_load}");
    if let (Some(bare), Some(scim)) = (bare_load.processor_micros(), scim_load.processor_micros()) {
        println!("{framework}: by processor time of a request {:.3}, {bare:.2} us and {scim:.2} us", bare / scim);
    }
    ratio
}

/// What came of some time of asking.
#[derive(Clone, Copy, Default)]
struct Load {
    answered: u32,
    seconds: f64,
    processor: Duration,
}

impl Load {
    fn add(&mut self, more: Self) {
        self.answered += more.answered;
        self.seconds += more.seconds;
        self.processor += more.processor;
    }

    fn per_second(&self) -> f64 {
        f64::from(self.answered) / self.seconds
    }

    /// Of one request, in microseconds.
    fn processor_micros(&self) -> Option<f64> {
        (!self.processor.is_zero()).then(|| self.processor.as_secs_f64() * 1e6 / f64::from(self.answered))
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0}/s", self.per_second())
    }
}

/// The processor time of all threads of this process so far; nothing where the system does not tell.
fn processor_time() -> Duration {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return Duration::ZERO };
    let nanos = threads.flatten().filter_map(|thread| {
        let times = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        times.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
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

/// One turn.
fn load(address: SocketAddr, path: &str) -> Load {
    let (answered, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let (begun, processor) = (Instant::now(), processor_time());
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
    Load {
        answered: u32::try_from(answered.load(Ordering::Relaxed)).unwrap(),
        seconds: begun.elapsed().as_secs_f64(),
        processor: processor_time().saturating_sub(processor),
    }
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
