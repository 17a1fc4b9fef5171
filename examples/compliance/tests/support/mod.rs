//! The product on a socket, over every database there is, and clients of it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use compliance::Product;
use serde_json::{json, Value};
use sqlx::Connection as _;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// The product at work; it ends with the value.
pub(crate) struct Service {
    site: String,
    _runtime: Runtime,
}

impl Service {
    fn start(database: &str) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let site = format!("http://{}", listener.local_addr().unwrap());
        let product = runtime.block_on(async { Product::open(&site, database).await.unwrap() });
        runtime.spawn(async move {
            let options = scim_axum::ServeOptions::default();
            scim_axum::serve(listener, product.router(), &options, std::future::pending()).await;
        });
        Self { site, _runtime: runtime }
    }

    /// A request of the company's administrator.
    pub(crate) fn page(&self, method: &str, path: &str, body: &Value) -> Answer {
        send(method, &format!("{}/companies/acme{path}", self.site), "", body)
    }

    /// What a page shows.
    pub(crate) fn shown(&self, path: &str) -> Value {
        self.page("GET", path, &Value::Null).expect(200, path).body
    }

    /// What is at an address of the product.
    pub(crate) fn at(&self, method: &str, path: &str, body: &Value) -> Answer {
        send(method, &format!("{}{path}", self.site), "", body)
    }

    /// "Add SCIM Connection".
    pub(crate) fn connect(&self, vendor: &str) -> Client {
        let added = self.page("POST", "/connections", &json!(vendor)).expect(200, "Add SCIM Connection").body;
        let text = |pointer| added.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();
        Client { id: text("/connection/id"), url: text("/connection/url"), key: text("/key"), added }
    }
}

/// An identity provider, as an administrator set it up: with the URL and the key that the product showed.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) key: String,
    /// The answer to "Add SCIM Connection".
    pub(crate) added: Value,
}

impl Client {
    /// Where the URL has a flag, it goes first in the query, as Entra ID has it.
    pub(crate) fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let (base, flag) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query = query.replace(' ', "%20").replace('"', "%22");
        send(method, &format!("{base}{path}?{flag}&{query}"), &self.key, body)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &Value::Null)
    }

    /// The id of what is made.
    pub(crate) fn make(&self, path: &str, body: &Value) -> String {
        let made = self.send("POST", path, body).expect(201, "a new resource");
        made.body["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn patch(&self, path: &str, operations: &Value) -> Answer {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        self.send("PATCH", path, &json!({"schemas": schemas, "Operations": operations}))
    }
}

/// Does the same with the product on SQLite and, by `.ci/with-postgres`, on PostgreSQL.
pub(crate) fn on_every_database(test: impl Fn(&Service)) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("compliance_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let directory = TempDir::new(&name);
    test(&Service::start(directory.0.join("compliance.db").to_str().unwrap()));
    match std::env::var("SCIM_TEST_POSTGRES") {
        Ok(server) => test(&Service::start(&postgres_database(&server, &name))),
        Err(_) => assert!(std::env::var_os("CI").is_none(), "run the tests by .ci/with-postgres"),
    }
}

fn postgres_database(server: &str, name: &str) -> String {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
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
    pub(crate) body: Value,
}

impl Answer {
    /// Takes the answer for what it should be.
    #[track_caller]
    pub(crate) fn expect(self, status: u16, sentence: &str) -> Self {
        assert_eq!(self.status, status, "{sentence}: {self:?}");
        self
    }
}

/// Sends one request on a connection of its own.
pub(crate) fn send(method: &str, url: &str, key: &str, body: &Value) -> Answer {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let kind = if key.is_empty() { "application/json" } else { "application/scim+json; charset=utf-8" };
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, body: serde_json::from_str(body).unwrap_or(Value::Null) }
}
