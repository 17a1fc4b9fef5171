//! For acceptance tests: a product on a socket, over every database there is, and a client for it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::future::Future;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{mpsc, Arc};
use std::thread;

use axum::Router;
use scim_axum::ServeOptions;
use scim_sqlx::Database;
use serde_json::Value;
use sqlx::Connection as _;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::Error;

/// Makes the product at an address over a database.
type App = dyn Fn(String, Database) -> Pin<Box<dyn Future<Output = Result<Router, Error>>>> + Send + Sync;

/// A product at work; it ends with the value.
pub struct Service {
    /// Where it is, such as `http://127.0.0.1:3000`.
    pub site: String,
    database: String,
    app: Arc<App>,
    /// The product ends when this is gone.
    _running: oneshot::Sender<()>,
}

impl Service {
    /// Starts the product over the database of this URL.
    pub fn start<F>(database: &str, app: impl Fn(String, Database) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Router, Error>> + 'static,
    {
        Self::of(database, Arc::new(move |site, database| Box::pin(app(site, database))))
    }

    /// Another process of the product over the same data.
    pub fn another(&self) -> Self {
        Self::of(&self.database, Arc::clone(&self.app))
    }

    /// In a thread with a runtime of its own, so that tests with and without one can wait for its answers.
    fn of(database: &str, app: Arc<App>) -> Self {
        let (running, ended) = oneshot::channel::<()>();
        let (started, site) = mpsc::channel();
        let (url, make) = (database.to_owned(), Arc::clone(&app));
        thread::spawn(move || {
            let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let site = format!("http://{}", listener.local_addr().unwrap());
                let app = make(site.clone(), Database::open(&url).await.unwrap()).await.unwrap();
                started.send(site).unwrap();
                scim_axum::serve(listener, app, &ServeOptions::default(), async { drop(ended.await) }).await;
            });
        });
        let site = site.recv().expect("the product starts");
        Self { site, database: database.to_owned(), app, _running: running }
    }

    /// A request of the product's own administrators and users.
    pub fn product(&self, method: &str, path: &str, body: &str) -> Answer {
        send(method, &format!("{}{path}", self.site), &[("Content-Type", "application/json")], body)
    }
}

/// Does the same with the product on SQLite and, by `.ci/with-postgres`, on PostgreSQL.
pub fn on_every_database<F>(app: fn(String, Database) -> F, test: impl Fn(&Service))
where
    F: Future<Output = Result<Router, Error>> + 'static,
{
    for database in &Databases::new().urls {
        test(&Service::start(database, app));
    }
}

/// A new database of each kind there is; the files are gone with the value.
pub struct Databases {
    directory: PathBuf,
    /// The URLs of the databases.
    pub urls: Vec<String>,
}

impl Databases {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("example_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let directory = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&directory).unwrap();
        let mut urls = vec![format!("sqlite:{}", directory.join("product.db").display())];
        match std::env::var("SCIM_TEST_POSTGRES") {
            Ok(server) => urls.push(thread::spawn(move || postgres_database(&server, &name)).join().unwrap()),
            Err(_) => assert!(std::env::var_os("CI").is_none(), "run the tests by .ci/with-postgres"),
        }
        Self { directory, urls }
    }
}

impl Default for Databases {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Databases {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn postgres_database(server: &str, name: &str) -> String {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = sqlx::PgConnection::connect(server).await.unwrap();
        sqlx::raw_sql(&format!("CREATE DATABASE {name}")).execute(&mut connection).await.unwrap();
    });
    format!("{}/{name}", server.rsplit_once('/').unwrap().0)
}

/// What came back, where it is JSON or nothing.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

impl Answer {
    /// The text at a JSON pointer.
    pub fn text(&self, pointer: &str) -> String {
        let found = self.body.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no {pointer} in {self:?}")).to_owned()
    }

    /// Takes the answer for what it should be.
    #[track_caller]
    pub fn expect(self, status: u16, sentence: &str) -> Self {
        assert_eq!(self.status, status, "{sentence}: {self:?}");
        self
    }
}

/// Sends one request on a connection of its own.
pub fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let (status, head, body) = exchange(method, url, headers, body);
    Answer { status, head, body: serde_json::from_str(&body).unwrap_or(Value::Null) }
}

/// The same for any answer: its status, head and body.
pub fn exchange(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> (u16, String, String) {
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
    (status, head.to_owned(), body.to_owned())
}
