//! What every answer must be like, whatever the request was.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri};
use percent_encoding::percent_decode_str;
use scim_core::ScimServer;
use serde_json::Value;

/// The most of its input that an error may repeat, in bytes.
const MOST_ECHO: usize = 64;

/// The quotes around what is repeated, and the comma or bracket behind it, which may stand in the input just so.
const AROUND: usize = 4;

/// How often each status was answered.
pub type Statuses = BTreeMap<u16, usize>;

/// A request that was sent. It says what it was if the server panics over it.
struct Sent {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Drop for Sent {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let body: String = String::from_utf8_lossy(&self.body).chars().take(2_000).collect();
            eprintln!("the request was {} {} {:?}\n{body}", self.method, self.uri, self.headers);
        }
    }
}

impl Sent {
    /// Everything that the client chose, as it was sent and as it is read.
    fn inputs(&self) -> Vec<String> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let target = self.uri.to_string();
        let decoded: Vec<u8> = percent_decode_str(&target.replace('+', " ")).collect();
        let mut inputs = vec![text(&decoded), target, text(&self.body)];
        inputs.extend(self.headers.values().map(|value| text(value.as_bytes())));
        inputs
    }
}

/// Sends a request and checks the answer.
pub async fn send(server: &ScimServer, request: Request<Bytes>, statuses: &mut Statuses) -> Value {
    let sent = Sent {
        method: request.method().clone(),
        uri: request.uri().clone(),
        headers: request.headers().clone(),
        body: request.body().clone(),
    };
    let response = server.handle(request).await;
    *statuses.entry(response.status().as_u16()).or_default() += 1;
    let json = check(&response, sent.method == Method::HEAD);
    check_echo(&json, &sent);
    json
}

fn check(response: &Response<Bytes>, head: bool) -> Value {
    let status = response.status();
    assert!(!status.is_server_error(), "{status}: {:?}", response.body());
    assert!(response.headers().contains_key("x-request-id"), "no request id");
    if head || response.body().is_empty() {
        assert!(head || matches!(status.as_u16(), 204 | 304), "{status} without a body");
        return Value::Null;
    }
    assert_eq!(response.headers()["content-type"], "application/scim+json", "{status}");
    let json: Value = serde_json::from_slice(response.body()).unwrap();
    assert!(json["schemas"].as_array().is_some_and(|schemas| !schemas.is_empty()), "{json}");
    if !status.is_success() {
        check_error(status.as_u16(), &json);
    }
    json
}

fn check_error(status: u16, json: &Value) {
    assert_eq!(json["schemas"], serde_json::json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(json["status"], status.to_string());
    assert!(json["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{json}");
    assert_eq!(json.get("scimType").is_some(), status == 400 || status == 409, "{json}");
}

/// No error repeats more of its input than it may, so that nobody can make the server say what they like.
fn check_echo(json: &Value, sent: &Sent) {
    let Some(detail) = json.get("detail").and_then(Value::as_str) else { return };
    // The URN of a schema that the server has is the server's word.
    let detail = detail.replace(scim_core::ENTERPRISE_USER, "").replace(scim_core::USER, "");
    if detail.len() <= MOST_ECHO {
        return;
    }
    let inputs = sent.inputs();
    for start in 0..detail.len() {
        let mut ends = start + MOST_ECHO + AROUND..start + MOST_ECHO + AROUND + 4;
        let Some(echo) = ends.find_map(|end| detail.get(start..end)) else { continue };
        let repeated = inputs.iter().any(|input| input.contains(echo));
        assert!(!repeated, "more than {MOST_ECHO} bytes of input are repeated: {detail}");
    }
}
