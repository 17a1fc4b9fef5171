//! A request of the matrix.

use serde_json::Value;

/// A request; the asker's credential is added when it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Ask {
    pub(crate) fn new(method: &'static str, target: impl Into<String>) -> Self {
        Self { method, target: target.into(), headers: Vec::new(), body: String::new() }
    }

    pub(crate) fn get(target: impl Into<String>) -> Self {
        Self::new("GET", target)
    }

    pub(crate) fn post(target: impl Into<String>, body: &Value) -> Self {
        Self::new("POST", target).body(body)
    }

    /// A PATCH of these operations.
    pub(crate) fn patch(target: impl Into<String>, operations: &Value) -> Self {
        Self::new("PATCH", target).body(&patch_body(operations))
    }

    /// A GET with parameters.
    pub(crate) fn query(endpoint: &str, parameters: &[(&str, &str)]) -> Self {
        let pairs: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        Self::get(format!("{endpoint}?{}", pairs.join("&")))
    }

    /// Whether nothing can change by it.
    pub(crate) fn only_reads(&self) -> bool {
        matches!(self.method, "GET" | "HEAD") || self.target.ends_with("/.search")
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn body(mut self, body: &Value) -> Self {
        self.body = body.to_string();
        self
    }
}

/// A PATCH body of these operations (RFC 7644 s3.5.2).
pub(crate) fn patch_body(operations: &Value) -> Value {
    serde_json::json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

/// Percent-encoded, but for what every query may have.
pub(crate) fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
