//! The product on a socket, over every database there is, and a client for it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use data_catalog::{app, Product};
use serde_json::Value;
use sqlx::Connection;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// The product at work; it ends with the value.
pub(crate) struct Service {
    pub(crate) site: String,
    place: String,
    _runtime: Runtime,
}

impl Service {
    fn start(place: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let site = format!("http://{}", listener.local_addr().unwrap());
        let app = app(runtime.block_on(Product::open(&site, place)).unwrap()).unwrap();
        runtime.spawn(async move {
            scim_axum::serve(listener, app, &scim_axum::ServeOptions::default(), std::future::pending()).await;
        });
        Self { site, place: place.to_owned(), _runtime: runtime }
    }

    /// Another process of the product over the same data.
    pub(crate) fn another(&self) -> Self {
        Self::start(&self.place)
    }

    /// A request of the product's own administrators and users.
    pub(crate) fn product(&self, method: &str, path: &str, body: &str) -> Answer {
        send(method, &format!("{}{path}", self.site), &[("Content-Type", "application/json")], body)
    }
}

/// Does the same with the product on SQLite and, by `.ci/with-postgres`, on PostgreSQL.
pub(crate) fn on_every_database(test: impl Fn(&Service)) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("example_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let directory = TempDir::new(&name);
    test(&Service::start(directory.0.join("product.db").to_str().unwrap()));
    match std::env::var("SCIM_TEST_POSTGRES") {
        Ok(server) => test(&Service::start(&postgres_database(&server, &name))),
        Err(_) => assert!(std::env::var_os("CI").is_none(), "run the tests by .ci/with-postgres"),
    }
}

fn postgres_database(server: &str, name: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = sqlx::PgConnection::connect(server).await.unwrap();
        sqlx::raw_sql(&format!("CREATE DATABASE {name}")).execute(&mut connection).await.unwrap();
    });
    format!("{}/{name}", server.rsplit_once('/').unwrap().0)
}

struct TempDir(PathBuf);

impl TempDir {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
}

impl Answer {
    /// The text at a JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> String {
        let found = self.body.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no {pointer} in {self:?}")).to_owned()
    }

    /// Takes the answer for what it should be.
    #[track_caller]
    pub(crate) fn expect(self, status: u16, sentence: &str) -> Self {
        assert_eq!(self.status, status, "{sentence}: {self:?}");
        self
    }
}

/// Sends one request on a connection of its own.
pub(crate) fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), body: serde_json::from_str(body).unwrap_or(Value::Null) }
}
