//! The HTTP suite of the core over real sockets, on both adapters.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::string_slice, clippy::arithmetic_side_effects, clippy::unreachable)]

mod common;

use std::net::SocketAddr;

use async_trait::async_trait;
use bytes::Bytes;
use common::{Connection, Running};
use http::{Method, Request, Response};
use scim_core::testing::{http_server, Exchange, HttpSuite};
use scim_core::MemoryStore;

const MOUNT: &str = "/scim/v2";

/// Sends each request on a connection of its own.
struct Wire(SocketAddr);

#[async_trait]
impl Exchange for Wire {
    async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let mut bytes = format!("{} {MOUNT}{} HTTP/1.1\r\nHost: localhost\r\n", head.method, head.uri).into_bytes();
        for (name, value) in &head.headers {
            bytes.extend_from_slice(format!("{name}: ").as_bytes());
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
        bytes.extend_from_slice(&body);
        let mut connection = Connection::to(self.0).await;
        connection.send_bytes(&bytes).await;
        let answer = if head.method == Method::HEAD { connection.head().await } else { connection.response().await };
        let mut response = Response::builder().status(answer.status);
        for (name, value) in answer.head.lines().filter_map(|line| line.split_once(':')) {
            response = response.header(name.trim(), value.trim());
        }
        response.body(Bytes::from(answer.body)).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn axum_speaks_the_protocol() {
    let server = http_server(MemoryStore::new()).build().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let app = scim_axum::router(MOUNT, server);
        scim_axum::serve(listener, app, &scim_axum::ServeOptions::default(), std::future::pending()).await;
    });
    HttpSuite::new(Wire(address)).run().await.assert_passed();
}

#[tokio::test(flavor = "multi_thread")]
async fn actix_speaks_the_protocol() {
    let server = http_server(MemoryStore::new()).build().unwrap();
    let running = Running::with(move |app| {
        app.service(scim_actix::scope(MOUNT, server.clone()));
    })
    .await;
    HttpSuite::new(Wire(running.address)).run().await.assert_passed();
}
