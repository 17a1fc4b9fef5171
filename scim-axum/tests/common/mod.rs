//! A server on a real socket, and a client that sends bytes as they are.

#![allow(dead_code, unreachable_pub)]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use scim_axum::ServeOptions;
use scim_core::{
    Attributes, AuthError, Authenticator, BearerTokens, BeginUnitOfWork, Capabilities, Context, DateTime, Fetch,
    Limits, Meta, NewResource, Page, Principal, Query, Resource, ResourceId, ResourceStore, ResourceType, ScimServer,
    StoreError, TenantId, Update, Version,
};
use serde_json::{json, Value};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// More than anything here may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a host's middleware leaves in the extensions of a request.
#[derive(Clone)]
pub struct Marker(pub &'static str);

/// A store of users that are there whatever their id is. Their display name is the [`Marker`] of the request; reading
/// `slow` takes half a second and `stuck` for ever.
struct AnyUser;

impl AnyUser {
    fn user(cx: &Context, id: &str) -> Resource {
        let marker = cx.extensions.get::<Marker>().map_or("", |marker| marker.0);
        let Value::Object(attributes) = json!({"userName": "any", "displayName": marker}) else { unreachable!() };
        let meta = Meta::new(DateTime::from_micros(0), DateTime::from_micros(0), Version::new("1"));
        Resource::new(ResourceId::new(id), meta, Attributes::from_stored(attributes))
    }
}

#[async_trait]
impl ResourceStore for AnyUser {
    fn capabilities(&self, _: &ResourceType) -> Capabilities {
        Capabilities::NONE
    }

    async fn create(&self, cx: &Context, _: NewResource) -> Result<Resource, StoreError> {
        Ok(Self::user(cx, "new"))
    }

    async fn get(&self, cx: &Context, id: &ResourceId, _: &Fetch) -> Result<Option<Resource>, StoreError> {
        match id.as_str() {
            "slow" => tokio::time::sleep(Duration::from_millis(500)).await,
            "stuck" => std::future::pending().await,
            _ => {}
        }
        Ok(Some(Self::user(cx, id.as_str())))
    }

    async fn list(&self, _: &Context, _: &Query) -> Result<Page, StoreError> {
        Err(StoreError::backend("not used here"))
    }

    async fn update(&self, _: &Context, _: &ResourceId, _: Update) -> Result<Resource, StoreError> {
        Err(StoreError::backend("not used here"))
    }

    async fn delete(&self, _: &Context, _: &ResourceId, _: Option<&Version>) -> Result<(), StoreError> {
        Err(StoreError::backend("not used here"))
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        None
    }
}

/// Lets everybody in and remembers the URIs that reached the server.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    /// The URI of the last request, and forgets it.
    pub fn take(&self) -> Option<String> {
        self.0.lock().unwrap().pop()
    }
}

#[async_trait]
impl Authenticator for Seen {
    async fn authenticate(&self, head: &http::request::Parts) -> Result<Arc<Principal>, AuthError> {
        self.0.lock().unwrap().push(head.uri.to_string());
        Ok(Arc::new(Principal::new(TenantId::new("acme"), "test")))
    }
}

/// A server of [`AnyUser`].
pub fn scim(limits: Limits) -> (ScimServer, Seen) {
    let seen = Seen::default();
    let server = ScimServer::builder()
        .base_url("https://example.com/scim/v2")
        .users(AnyUser)
        .authenticator(seen.clone())
        .limits(limits)
        .build()
        .unwrap();
    (server, seen)
}

/// A server that lets in nobody but the holder of `secret`.
pub fn guarded(limits: Limits) -> ScimServer {
    ScimServer::builder()
        .base_url("https://example.com/scim/v2")
        .users(AnyUser)
        .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
        .limits(limits)
        .build()
        .unwrap()
}

/// A router that [`scim_axum::serve`] serves.
pub struct Running {
    pub address: SocketAddr,
    shutdown: Option<oneshot::Sender<()>>,
    ended: JoinHandle<()>,
}

impl Running {
    pub async fn start(app: Router, options: &ServeOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (shutdown, asked) = oneshot::channel();
        let options = options.clone();
        let ended = tokio::spawn(async move {
            let asked = async { drop(asked.await) };
            scim_axum::serve(listener, app, &options, asked).await;
        });
        Self { address, shutdown: Some(shutdown), ended }
    }

    /// With the default options.
    pub async fn with(app: Router) -> Self {
        Self::start(app, &ServeOptions::default()).await
    }

    /// Asks the server to end.
    pub fn begin_shutdown(&mut self) {
        self.shutdown.take().unwrap().send(()).unwrap();
    }

    /// Waits until it has ended.
    pub async fn ended(&mut self) {
        timeout(PATIENCE, &mut self.ended).await.expect("the server should have ended").unwrap();
    }

    pub async fn connect(&self) -> Connection {
        Connection { stream: TcpStream::connect(self.address).await.unwrap(), buffer: Vec::new() }
    }

    /// Sends a request of one line without a body on a connection of its own.
    pub async fn request(&self, line: &str) -> Response {
        let mut connection = self.connect().await;
        connection.send(&format!("{line} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await;
        connection.response().await
    }
}

/// A connection of a client.
pub struct Connection {
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// The next response, whose length must be given by its header.
    pub async fn response(&mut self) -> Response {
        let mut response = self.head().await;
        let length: usize = response.header("content-length").map_or(0, |length| length.parse().unwrap());
        while self.buffer.len() < length {
            assert!(self.fill().await > 0, "closed within a body");
        }
        response.body = self.buffer.drain(..length).collect();
        response
    }

    /// The next response as far as its header goes.
    pub async fn head(&mut self) -> Response {
        let head = loop {
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break self.buffer.drain(..end + 4).collect::<Vec<_>>();
            }
            assert!(self.fill().await > 0, "closed before a response: {:?}", String::from_utf8_lossy(&self.buffer));
        };
        let head = String::from_utf8(head).unwrap();
        Response { status: head[9..12].parse().unwrap(), head, body: Vec::new() }
    }

    /// Waits for the server to close the connection; what it sends before that is an error.
    pub async fn closed(&mut self) {
        let mut byte = [0];
        match timeout(PATIENCE, self.stream.read(&mut byte)).await.expect("should have been closed") {
            Ok(0) | Err(_) => {}
            Ok(_) => panic!("got a byte where the end was due"),
        }
    }

    async fn fill(&mut self) -> usize {
        timeout(PATIENCE, self.stream.read_buf(&mut self.buffer)).await.expect("should have answered").unwrap()
    }
}

#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(':'));
        headers.find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Asserts that this is a SCIM error of this status.
    pub fn assert_error(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/scim+json"));
        assert_eq!(self.json()["schemas"], json!([scim_core::ERROR_SCHEMA]));
        assert_eq!(self.json()["status"], json!(status.to_string()));
    }
}
