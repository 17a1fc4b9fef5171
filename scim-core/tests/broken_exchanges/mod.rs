//! Exchanges that spoil one thing between the suite and a server that is in order.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::indexing_slicing)]

pub mod requests;
pub mod responses;

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use scim_core::testing::{http_server, Exchange};
use scim_core::{MemoryStore, ScimServer};

/// What goes wrong.
#[derive(Clone, Copy)]
pub enum Fault {
    Nothing,
    /// With the request, before the server sees it.
    Request(fn(&mut Parts, &mut Bytes)),
    /// With the response, before the client sees it.
    Response(fn(&Parts, &mut Response<Bytes>)),
    /// The first response to a GET is given to everybody who asks again.
    Cache,
}

/// A server behind a fault.
pub struct Broken {
    server: ScimServer,
    fault: Fault,
    cache: Mutex<HashMap<String, Response<Bytes>>>,
}

impl Broken {
    pub fn new(fault: Fault) -> Self {
        let server = http_server(MemoryStore::new()).build().unwrap();
        Self { server, fault, cache: Mutex::default() }
    }

    async fn cached(&self, request: Request<Bytes>) -> Response<Bytes> {
        let key = (request.method() == http::Method::GET).then(|| request.uri().to_string());
        let known = key.as_ref().and_then(|key| self.cache.lock().unwrap().get(key).cloned());
        if let Some(response) = known {
            return response;
        }
        let response = self.server.handle(request).await;
        if let Some(key) = key.filter(|_| response.status() == 200) {
            self.cache.lock().unwrap().insert(key, response.clone());
        }
        response
    }
}

#[async_trait]
impl Exchange for Broken {
    async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (mut head, mut body) = request.into_parts();
        match self.fault {
            Fault::Nothing => self.server.handle(Request::from_parts(head, body)).await,
            Fault::Request(spoil) => {
                spoil(&mut head, &mut body);
                self.server.handle(Request::from_parts(head, body)).await
            }
            Fault::Response(spoil) => {
                let mut response = self.server.handle(Request::from_parts(head.clone(), body)).await;
                spoil(&head, &mut response);
                response
            }
            Fault::Cache => self.cached(Request::from_parts(head, body)).await,
        }
    }
}
