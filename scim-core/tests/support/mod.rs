//! A client of a server in this process.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::print_stderr
)]

pub mod connections;
pub mod hostile;
pub mod listed;
pub mod log;
pub mod meeting;
pub mod rng;
pub mod store;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Request};
use scim_core::{
    BearerTokens, Me, MemoryStore, Principal, ScimError, ScimServer, ScimServerBuilder, Subject, TenantId,
};
use serde_json::Value;

pub struct Client {
    pub server: ScimServer,
    pub token: &'static str,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub json: Value,
    pub text: String,
}

impl Answer {
    /// The status and the keyword of an error body; its shape is checked.
    pub fn error(&self) -> (u16, String) {
        assert_eq!(self.json["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error", "{}", self.text);
        assert_eq!(self.json["status"], self.status.to_string());
        assert!(self.json["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
        (self.status, self.json["scimType"].as_str().unwrap_or_default().to_owned())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub fn id(&self) -> String {
        self.json["id"].as_str().unwrap_or_else(|| panic!("no id in {}", self.text)).to_owned()
    }
}

pub fn builder() -> ScimServerBuilder {
    ScimServer::builder()
        .base_url("https://example.com/scim/v2")
        .store(MemoryStore::new())
        .authenticator(BearerTokens::new().token("a", TenantId::new("A")).token("b", TenantId::new("B")))
}

impl Client {
    pub fn new() -> Self {
        Self::of(builder())
    }

    pub fn of(builder: ScimServerBuilder) -> Self {
        Self { server: builder.build().unwrap(), token: "a" }
    }

    /// The same server for another tenant.
    pub fn other_tenant(&self) -> Self {
        Self { server: self.server.clone(), token: "b" }
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        if !body.is_empty() && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            request = request.header("content-type", "application/scim+json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.server.handle(request.body(Bytes::from(body.to_owned())).unwrap()).await;
        let (head, body) = response.into_parts();
        let text = String::from_utf8(body.to_vec()).unwrap();
        let json = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        Answer { status: head.status.as_u16(), headers: head.headers, json, text }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], &body.to_string()).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, &[], &body.to_string()).await
    }

    pub async fn patch(&self, path: &str, operations: Value) -> Answer {
        let body = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": operations,
        });
        self.send("PATCH", path, &[], &body.to_string()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], "").await
    }
}

/// A `/Me` that is bound and stands for no resource.
pub struct MeIsNobody;

#[async_trait]
impl Me for MeIsNobody {
    async fn subject(&self, _: &Principal) -> Result<Subject, ScimError> {
        Ok(Subject::Nobody)
    }
}
