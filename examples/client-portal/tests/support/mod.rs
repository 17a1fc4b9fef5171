//! The portal on a socket of its own, over every database there is, and a small client for it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use client_portal::Portal;
use scim_axum::ServeOptions;
use scim_core::Limits;
use serde_json::Value;
use sqlx::Connection as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The key that a page shows, if it shows one.
    pub(crate) fn key(&self) -> Option<String> {
        let (_, after) = self.body.split_once(r#"id="api-key">"#)?;
        after.split('<').next().map(str::to_owned)
    }

    /// The value of a field of a form.
    pub(crate) fn field(&self, name: &str) -> String {
        let (_, after) = self.body.split_once(&format!(r#"name="{name}" value=""#)).expect(name);
        after.split('"').next().unwrap().to_owned()
    }

    /// One section of a page.
    pub(crate) fn section(&self, id: &str) -> &str {
        let (_, after) = self.body.split_once(&format!(r#"aria-labelledby="{id}""#)).unwrap_or_default();
        after.split("</section>").next().unwrap_or_default()
    }

    /// What a table of a page says in the line of a user.
    pub(crate) fn row(&self, name: &str) -> &str {
        let (_, after) = self.body.split_once(&format!(r#"<th scope="row">{name}</th>"#)).unwrap_or_default();
        after.split("</tr>").next().unwrap_or_default()
    }
}

/// A portal with the clients `acme` and `globex`.
pub(crate) struct Running {
    address: String,
    _directory: Option<TempDir>,
}

impl Running {
    async fn start(make: impl AsyncFnOnce(&str) -> Portal, directory: Option<TempDir>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let app = make(&format!("http://{address}")).await.router().unwrap();
        let options = ServeOptions::new(&Limits::default());
        tokio::spawn(async move { scim_axum::serve(listener, app, &options, std::future::pending()).await });
        Self { address, _directory: directory }
    }

    /// The portal over SQLite, and over PostgreSQL where there is one.
    pub(crate) async fn everywhere() -> Vec<Self> {
        let directory = TempDir::new();
        let file = directory.0.join("portal.db").to_string_lossy().into_owned();
        let mut all = vec![Self::start(async |address| open(&file, address).await, Some(directory)).await];
        if let Some(url) = postgres_database().await {
            all.push(Self::start(async |address| open(&url, address).await, None).await);
        }
        all
    }

    /// The settings page of `acme`.
    pub(crate) async fn page(&self) -> Answer {
        self.send("GET", "/clients/acme/scim", &[], "").await
    }

    /// Sends a form of a settings page.
    pub(crate) async fn form(&self, client: &str, fields: &[(&str, &str)]) -> Answer {
        self.form_with(&format!("/clients/{client}/scim"), &[("Sec-Fetch-Site", "same-origin")], fields).await
    }

    /// Sends a form as a browser does that has these headers.
    pub(crate) async fn form_with(&self, path: &str, head: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
        let encode = |text: &str| text.replace(' ', "+");
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let mut head = head.to_vec();
        head.push(("Content-Type", "application/x-www-form-urlencoded"));
        self.send("POST", path, &head, &fields.join("&")).await
    }

    /// Chooses a provider, and returns the key that is shown.
    pub(crate) async fn connect(&self, client: &str, provider: &str) -> String {
        self.form(client, &[("action", "save"), ("provider", provider)]).await.key().unwrap()
    }

    /// Asks as the provider.
    pub(crate) async fn scim(&self, key: &str, method: &str, path: &str, body: Value) -> Answer {
        self.authorized(&format!("Bearer {key}"), method, path, body).await
    }

    /// Asks with this text as the header `Authorization`.
    pub(crate) async fn authorized(&self, authorization: &str, method: &str, path: &str, body: Value) -> Answer {
        let head = [("Authorization", authorization), ("Content-Type", "application/scim+json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, &format!("/scim/v2{path}"), &head, &body).await
    }

    async fn send(&self, method: &str, path: &str, head: &[(&str, &str)], body: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let head: String = head.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let (address, length) = (&self.address, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\
             {head}\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }
}

async fn open(database: &str, address: &str) -> Portal {
    Portal::open(database, address, &["acme", "globex"]).await.unwrap()
}

/// The URL of a new database in the PostgreSQL that `.ci/with-postgres` started; `None` without it.
async fn postgres_database() -> Option<String> {
    let Ok(server) = std::env::var("SCIM_TEST_POSTGRES") else {
        assert!(std::env::var_os("CI").is_none(), "run the tests by .ci/with-postgres");
        return None;
    };
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("portal_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
    sqlx::raw_sql(&format!("CREATE DATABASE {name}")).execute(&mut connection).await.unwrap();
    let (server, _) = server.rsplit_once('/').unwrap();
    Some(format!("{server}/{name}"))
}

/// A directory that is gone with the value.
struct TempDir(PathBuf);

impl TempDir {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("client-portal-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
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
