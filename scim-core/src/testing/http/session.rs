//! What every check has at hand: a server to talk to, and names that no other check has.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use percent_encoding::{utf8_percent_encode, NON_ALPHANUMERIC};
use serde_json::{json, Value};

use super::answer::Answer;
use super::exchange::Exchange;
use super::provider::Provider;
use super::recipe;
use crate::resource::ResourceId;
use crate::testing::check::Failure;

/// The conversation of one check with a server, as the client of one tenant.
pub(super) struct Session {
    exchange: Arc<dyn Exchange>,
    pub(super) provider: Arc<Provider>,
    /// Is part of every name that the check makes up, and of no other's.
    pub(super) marker: String,
    token: String,
    next: AtomicUsize,
}

impl Session {
    pub(super) fn new(exchange: Arc<dyn Exchange>, provider: Arc<Provider>) -> Self {
        let id = ResourceId::random();
        let marker = id.as_str().split('-').next().unwrap_or_default().to_owned();
        Self { exchange, provider, marker, token: recipe::TOKEN.to_owned(), next: AtomicUsize::new(1) }
    }

    /// The same conversation with another credential.
    pub(super) fn with_token(&self, token: impl Into<String>) -> Self {
        Self {
            exchange: Arc::clone(&self.exchange),
            provider: Arc::clone(&self.provider),
            marker: self.marker.clone(),
            token: token.into(),
            next: AtomicUsize::new(1_000),
        }
    }

    /// The client of another tenant.
    pub(super) fn other_tenant(&self) -> Self {
        self.with_token(recipe::OTHER_TOKEN)
    }

    /// Sends a request of which the check decides everything.
    pub(super) async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Answer, Failure> {
        let request_line = format!("{method} {target}");
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into());
        let request = request.map_err(|error| Failure::new(format!("{request_line} cannot be sent: {error}")))?;
        Ok(Answer::new(request_line, self.exchange.send(request).await))
    }

    /// Sends a request with the credential, and with JSON where there is a body.
    pub(super) async fn request(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let credential = format!("Bearer {}", self.token);
        let mut all = vec![("authorization", credential.as_str())];
        if body.is_some() && !headers.iter().any(|(name, _)| *name == "content-type") {
            all.push(("content-type", "application/scim+json"));
        }
        all.extend(headers);
        self.send(method, target, &all, body.map(Value::to_string).unwrap_or_default()).await
    }

    /// Sends bytes as JSON, whatever they are.
    pub(super) async fn raw(&self, method: &str, target: &str, body: impl Into<Bytes>) -> Result<Answer, Failure> {
        let credential = format!("Bearer {}", self.token);
        let headers = [("authorization", credential.as_str()), ("content-type", "application/scim+json")];
        self.send(method, target, &headers, body).await
    }

    pub(super) async fn get(&self, target: &str) -> Result<Answer, Failure> {
        self.request("GET", target, &[], None).await
    }

    pub(super) async fn delete(&self, target: &str) -> Result<Answer, Failure> {
        self.request("DELETE", target, &[], None).await
    }

    pub(super) async fn post(&self, target: &str, body: &Value) -> Result<Answer, Failure> {
        self.request("POST", target, &[], Some(body)).await
    }

    pub(super) async fn put(&self, target: &str, body: &Value) -> Result<Answer, Failure> {
        self.request("PUT", target, &[], Some(body)).await
    }

    /// A PATCH of these operations.
    pub(super) async fn patch(&self, target: &str, operations: &Value) -> Result<Answer, Failure> {
        self.request("PATCH", target, &[], Some(&patch_body(operations))).await
    }

    /// A query, its parameters percent-encoded.
    pub(super) async fn query(&self, endpoint: &str, parameters: &[(&str, &str)]) -> Result<Answer, Failure> {
        self.get(&target(endpoint, parameters)).await
    }

    /// The users of this check that a filter lets through.
    pub(super) async fn users_where(&self, filter: &str) -> Result<Answer, Failure> {
        let filter = format!("userName co \"{}\" and ({filter})", self.marker);
        self.query("/Users", &[("filter", &filter)]).await
    }

    /// A name that nothing else has.
    pub(super) fn name(&self, prefix: &str) -> String {
        format!("{prefix}-{}-{}", self.marker, self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// The body of a user with a name of its own and these attributes.
    pub(super) fn user_body(&self, attributes: Value) -> Value {
        merged(json!({"schemas": [crate::schema::USER], "userName": self.name("user")}), attributes)
    }

    /// Makes a user with these attributes.
    pub(super) async fn user(&self, attributes: Value) -> Result<Answer, Failure> {
        self.post("/Users", &self.user_body(attributes)).await?.expect(201)
    }

    /// Makes a group of these members.
    pub(super) async fn group(&self, members: &[&str]) -> Result<Answer, Failure> {
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        let body = json!({"schemas": [crate::schema::GROUP], "displayName": self.name("group"), "members": members});
        self.post("/Groups", &body).await?.expect(201)
    }

    /// The body of a device with a serial number of its own and these attributes.
    pub(super) fn device_body(&self, attributes: Value) -> Value {
        merged(json!({"schemas": [recipe::DEVICE], "serial": self.name("Serial")}), attributes)
    }

    /// Makes a device with these attributes.
    pub(super) async fn device(&self, attributes: Value) -> Result<Answer, Failure> {
        self.post("/Devices", &self.device_body(attributes)).await?.expect(201)
    }

    /// The path of a resource below the base URL, from where it says that it is.
    pub(super) fn path_of(&self, resource: &Value) -> Result<String, Failure> {
        let location = resource["meta"]["location"].as_str().unwrap_or_default();
        let path = location.strip_prefix(&self.provider.base_url).filter(|path| path.starts_with('/'));
        path.map(str::to_owned).ok_or_else(|| {
            Failure::new(format!("the location {location:?} is not below the base URL {}", self.provider.base_url))
        })
    }

    /// Makes a user and returns its path.
    pub(super) async fn user_path(&self, attributes: Value) -> Result<String, Failure> {
        let made = self.user(attributes).await?;
        self.path_of(&made.json)
    }
}

/// A PATCH body of these operations (RFC 7644 s3.5.2).
pub(super) fn patch_body(operations: &Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

/// An endpoint with a query, its values percent-encoded.
pub(super) fn target(endpoint: &str, parameters: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect();
    format!("{endpoint}?{}", pairs.join("&"))
}

/// An object with the members of another.
fn merged(mut object: Value, other: Value) -> Value {
    if let (Value::Object(object), Value::Object(other)) = (&mut object, other) {
        object.extend(other);
    }
    object
}
