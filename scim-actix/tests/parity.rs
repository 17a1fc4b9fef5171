//! Both adapters, side by side on real sockets: what is sent to one and to the other as the same bytes is answered with
//! the same bytes, but for the order of headers, dates and ids.
//!
//! Two things are the frameworks' own, before or beside the adapters, and stay different: actix-web refuses a request
//! target with bytes that are not ASCII, which no URI has (RFC 3986 s2), and axum leaves `Content-Length: 0` out of its own
//! empty answers to HEAD.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::string_slice, clippy::arithmetic_side_effects, clippy::unreachable)]

mod common;

use std::net::SocketAddr;

use common::{Connection, Response, Running};
use scim_core::{BearerTokens, DateTime, Limits, MemoryStore, ScimServer, TenantId};
use serde_json::json;

const MOUNT: &str = "/scim/v2";
const HEADERS: &str = "Host: localhost\r\nAuthorization: Bearer secret\r\nX-Request-Id: same\r\n";

fn server() -> ScimServer {
    let mut limits = Limits::default();
    limits.body_bytes = 4_096;
    ScimServer::builder()
        .base_url("https://example.com/scim/v2")
        .store(MemoryStore::new().with_clock(|| DateTime::parse("2026-01-02T03:04:05.006Z").unwrap()))
        .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
        .limits(limits)
        .build()
        .unwrap()
}

/// A server behind each of the adapters.
struct Pair {
    axum: SocketAddr,
    actix: Running,
}

impl Pair {
    async fn start(for_axum: ScimServer, for_actix: ScimServer) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let axum = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let app = scim_axum::router(MOUNT, for_axum);
            scim_axum::serve(listener, app, &scim_axum::ServeOptions::default(), std::future::pending()).await;
        });
        let actix = Running::with(move |app| {
            app.service(scim_actix::scope(MOUNT, for_actix.clone()));
        })
        .await;
        Self { axum, actix }
    }

    /// Sends the same bytes to both, each time on a new connection, and returns the answers.
    async fn ask(&self, request: &[u8], method: &str) -> [Response; 2] {
        let mut answers = Vec::new();
        for address in [self.axum, self.actix.address] {
            let mut connection = Connection::to(address).await;
            connection.send_bytes(request).await;
            let is_head = method == "HEAD";
            answers.push(if is_head { connection.head().await } else { connection.response().await });
        }
        answers.try_into().unwrap()
    }
}

/// An answer without what may differ: the order of headers, `Date`, whether the connection goes on, and, if they are
/// made by different stores, ids and times.
fn comparable(response: &Response) -> String {
    let (status_line, headers) = response.head.split_once("\r\n").unwrap();
    let mut headers: Vec<&str> = headers.lines().filter(|line| !line.is_empty()).collect();
    headers.retain(|line| !line.starts_with("date:") && !line.starts_with("connection:"));
    headers.sort_unstable();
    masked(&format!("{status_line}\n{}\n\n{}", headers.join("\n"), String::from_utf8_lossy(&response.body)))
}

/// The text with UUIDs and times replaced.
fn masked(text: &str) -> String {
    let is = |pattern: &str, text: &str| {
        let fits = |(wanted, given): (char, char)| match wanted {
            'x' => given.is_ascii_hexdigit(),
            '0' => given.is_ascii_digit(),
            other => given == other,
        };
        text.len() >= pattern.len() && pattern.chars().zip(text.chars()).all(fits)
    };
    let (mut masked, mut rest) = (String::new(), text);
    while let Some(next) = rest.chars().next() {
        let skipped = if is("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", rest) {
            masked.push_str("<id>");
            36
        } else if is("0000-00-00T00:00:00", rest) {
            masked.push_str("<time>");
            rest.find('Z').unwrap() + 1
        } else {
            masked.push(next);
            next.len_utf8()
        };
        rest = &rest[skipped..];
    }
    masked
}

/// Odd spellings of a path below the mount point, as whole request targets.
fn spellings(path: &str) -> Vec<String> {
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let (before, last) = path.rsplit_once('/').unwrap();
    let below = [
        path.to_owned(),
        format!("{path}/"),
        format!("{path}//"),
        format!("/{path}"),
        format!("//{path}"),
        format!("{before}//{last}"),
        format!("{path}/."),
        format!("{path}/.."),
        format!("{path}/../"),
        format!("/.{path}"),
        format!("/..{path}"),
        format!("/x/..{path}"),
        format!("{path}/%2e%2E"),
        format!("{path}/%2e/"),
        format!("{path};"),
        format!("{path};x"),
        format!("{path};x=1"),
        format!("{before};x/{last}"),
        format!("{before}/{}", encoded(last)),
        format!("{before}/{}", encoded(last).to_lowercase()),
        format!("{before}%2F{last}"),
        format!("{before}%2f{last}"),
        format!("%2F{}", &path[1..]),
        format!("{path}%2F"),
        format!("{path}%2F/"),
        format!("{path}%00"),
        format!("{path}%20"),
        format!("{path}%0D%0Ax:%20y"),
        format!("{path}%"),
        format!("{path}%2"),
        format!("{path}%zz"),
        format!("{path}%C3%A9"),
        format!("{path}%FF"),
        format!("{path}%C3"),
        format!("{path}%252F"),
        format!("{path}%3F"),
        format!("{path}%23"),
        format!("{path}+"),
        format!("{path}."),
        format!("{path}*"),
        format!("{path}:"),
        format!("{path}@"),
        format!("{path}{{id}}"),
        format!("{path}|"),
        format!("{path}\\"),
        format!("{path}\""),
        format!("{path}<>"),
        format!("{path}^`"),
        format!("{path}'!$&(),=~"),
        format!("{path}\u{e9}"),
        format!("{path}?"),
        format!("{path}??"),
        format!("{path}?a=b"),
        format!("{path}?a=/../b/"),
        format!("{path}?%"),
        format!("{path}?attributes=id%2CuserName"),
        format!("{path}?attributes=%FF"),
        format!("{path}?filter=%00"),
        format!("{path}?count=99999999999999999999"),
        format!("{path}?\u{e9}"),
        format!("{path}#fragment"),
        format!("{path}?a#b?c"),
        path.to_lowercase(),
        path.to_uppercase(),
        format!("{path}/{}", "a".repeat(2_000)),
        format!("{path}{}", "/a".repeat(2_000)),
        format!("{path}{}", "%2e".repeat(2_000)),
    ];
    let mut targets: Vec<String> = below.iter().map(|path| format!("{MOUNT}{path}")).collect();
    for before in [
        "http://other.example/scim/v2",
        "HTTP://other.example:80/scim/v2",
        "https://user@other.example/scim/v2",
        "http://other.example/x",
        "http:///scim/v2",
        "ftp://other.example/scim/v2",
        "//scim/v2",
        "//other.example/scim/v2",
        "/scim//v2",
        "/scim/./v2",
        "/scim/v2/../v2",
        "/x/../scim/v2",
        "/SCIM/v2",
        "/sc%69m/v2",
        "/%73cim/v2",
        "/scim/v%32",
        "/scim%2Fv2",
        "/scim%2fv2/",
        "%2Fscim/v2",
        "/scim/v2;x",
        "/scim;x/v2",
        "/scim/v2%20",
        "/scim/v20",
        "/scim",
        "",
        "scim/v2",
        "*",
        "other.example:80",
        "?",
        "\\scim\\v2",
    ] {
        targets.push(format!("{before}{path}"));
    }
    targets.extend(
        ["*", "/", "//", "/%", "other.example:80", "other.example", "", "http://other.example"].map(Into::into),
    );
    targets
}

#[tokio::test]
async fn both_adapters_answer_every_spelling_of_a_path_alike() {
    let server = server();
    let pair = Pair::start(server.clone(), server).await;
    let post = |path: &str, body: &str| {
        let length = body.len();
        format!("POST {MOUNT}{path} HTTP/1.1\r\n{HEADERS}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
    };
    let mut connection = pair.actix.connect().await;
    connection.send(&post("/Users", r#"{"userName": "bjensen@example.com"}"#)).await;
    let created = connection.response().await.json();
    let user = format!("/Users/{}", created["id"].as_str().unwrap());

    let mut differences = Differences::default();
    for path in [
        "/Users",
        user.as_str(),
        "/Groups/0",
        "/",
        "/Me",
        "/Bulk",
        "/.search",
        "/Users/.search",
        "/Schemas",
        "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
        "/ResourceTypes/User",
        "/ServiceProviderConfig",
    ] {
        let methods = if path.starts_with("/Users") { METHODS } else { &METHODS[..1] };
        for target in spellings(path) {
            for method in methods {
                let request = format!("{method} {target} HTTP/1.1\r\n{HEADERS}\r\n");
                let [axum, actix] = pair.ask(request.as_bytes(), method).await;
                if !target.is_ascii() {
                    assert_eq!((actix.status, actix.header("content-length")), (400, Some("0")), "{target}");
                } else if *method == "HEAD" && actix.header("x-request-id").is_none() {
                    assert_eq!((axum.status, axum.header("x-request-id")), (actix.status, None), "{target}");
                } else {
                    differences.look_at(&request, &axum, &actix);
                }
            }
        }
    }
    assert!(differences.compared > 1_500);
    differences.assert_none();
}

const METHODS: &[&str] = &["GET", "HEAD", "POST", "OPTIONS", "PROPFIND"];

#[derive(Default)]
struct Differences {
    compared: usize,
    found: Vec<String>,
}

impl Differences {
    fn look_at(&mut self, request: &str, axum: &Response, actix: &Response) {
        self.compared += 1;
        let (axum, actix) = (comparable(axum), comparable(actix));
        if axum != actix {
            let shown: String = request.chars().take(300).collect();
            self.found.push(format!("{shown}\naxum: {axum}\nactix: {actix}"));
        }
    }

    fn assert_none(&self) {
        assert!(self.found.is_empty(), "{} of {}:\n{}", self.found.len(), self.compared, self.found.join("\n\n"));
    }
}

#[tokio::test]
async fn both_adapters_answer_a_life_of_users_and_groups_alike() {
    let pair = Pair::start(server(), server()).await;
    let jensen =
        json!({"userName": "bjensen@example.com", "name": {"givenName": "B\u{e4}rbel \u{1f600}"}, "externalId": "1"});
    let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "Replace", "path": "active", "value": "False"}]});
    let steps = [
        ("GET /Users?count=0", "", json!(null)),
        ("POST /Users", "", jensen.clone()),
        ("POST /Users", "", jensen.clone()),
        ("POST /Users", "Content-Type: text/plain\r\n", jensen.clone()),
        ("POST /Users/", "Content-Type: application/scim+json; charset=utf-8\r\n", json!({"userName": "second"})),
        ("POST /Users", "", json!({"userName": 1})),
        ("POST /Users", "", json!({"userName": "x".repeat(4_096)})),
        ("POST /Users", "", json!([])),
        ("GET /Users/ID", "", json!(null)),
        ("HEAD /Users/ID", "", json!(null)),
        ("GET /Users/ID", "If-None-Match: W/\"1\"\r\n", json!(null)),
        ("GET /Users/ID", "If-None-Match: \"x\"\r\nIf-None-Match: W/\"1\"\r\n", json!(null)),
        ("PUT /Users/ID", "If-Match: W/\"7\"\r\n", jensen.clone()),
        ("PUT /Users/ID", "If-Match: W/\"1\"\r\n", json!({"userName": "bjensen@example.com", "title": "Tour Guide"})),
        ("PATCH /Users/ID", "", patch.clone()),
        ("PATCH /Users/ID?attributes=active", "", patch),
        ("GET /Users?filter=userName%20eq%20%22BJENSEN%40example.com%22&attributes=userName", "", json!(null)),
        ("GET /Users?filter=userName+eq", "", json!(null)),
        ("GET /Users?sortBy=userName&sortOrder=descending&count=1", "", json!(null)),
        (
            "POST /Users/.search",
            "",
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "count": 1}),
        ),
        ("POST /Groups", "", json!({"displayName": "Tour Guides", "members": [{"value": "ID"}]})),
        ("GET /Groups", "", json!(null)),
        ("GET /Users/ID?attributes=groups", "", json!(null)),
        ("DELETE /Users/ID", "Content-Length: 0\r\n", json!(null)),
        ("DELETE /Users/ID", "", json!(null)),
        ("GET /Users/ID", "Authorization: Bearer wrong\r\n", json!(null)),
        ("GET /Users/ID", "", json!(null)),
        ("TRACE /Users", "", json!(null)),
    ];
    let mut differences = Differences::default();
    let mut ids: [Option<String>; 2] = [None, None];
    for (line, headers, body) in steps {
        let (method, path) = line.split_once(' ').unwrap();
        let mut answers = Vec::new();
        for (address, id) in [pair.axum, pair.actix.address].into_iter().zip(&mut ids) {
            let named = |text: &str| text.replace("ID", id.as_deref().unwrap_or("ID"));
            let request = request(method, &named(path), headers, &body, named);
            let mut connection = Connection::to(address).await;
            connection.send(&request).await;
            let answer = if method == "HEAD" { connection.head().await } else { connection.response().await };
            if answer.status == 201 && id.is_none() {
                *id = Some(answer.json()["id"].as_str().unwrap().to_owned());
            }
            answers.push(answer);
        }
        differences.look_at(line, &answers[0], &answers[1]);
    }
    differences.assert_none();
}

/// A request with a body unless that is null, with the usual headers unless others take their place.
fn request(
    method: &str,
    path: &str,
    headers: &str,
    body: &serde_json::Value,
    named: impl Fn(&str) -> String,
) -> String {
    let mut head = format!("{method} {MOUNT}{path} HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: same\r\n{headers}");
    if !headers.contains("Authorization") {
        head.push_str("Authorization: Bearer secret\r\n");
    }
    if body.is_null() {
        return head + "\r\n";
    }
    if !headers.contains("Content-Type") {
        head.push_str("Content-Type: application/scim+json\r\n");
    }
    let body = named(&body.to_string());
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn both_adapters_answer_odd_bodies_and_headers_alike() {
    let pair = Pair::start(server(), server()).await;
    let post = format!("POST {MOUNT}/Users HTTP/1.1\r\n{HEADERS}Content-Type: application/scim+json\r\n");
    let mut differences = Differences::default();
    let full = format!("Content-Length: 4096\r\n\r\n{{{}", " ".repeat(4_095));
    for rest in [
        "\r\n",
        "Content-Length: 0\r\n\r\n",
        "Content-Length: 1\r\n\r\n{",
        "Content-Length: 4\r\n\r\nnull",
        "Content-Length: 2\r\n\r\n\u{e9}",
        full.as_str(),
        "Content-Length: 4097\r\n\r\n{",
        "Content-Length: 9223372036854775807\r\n\r\n{",
        "Content-Length: 4097\r\nExpect: 100-continue\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n2;extension=1\r\n[]\r\n0\r\n\r\n",
        "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
        "If-Match: \u{e9}\r\nContent-Length: 2\r\n\r\n{}",
        "X-Odd: \u{7f}\r\nContent-Length: 2\r\n\r\n{}",
        "X-Odd:\r\nContent-Length: 2\r\n\r\n{}",
        "Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\n{}",
        "Content-Length: -1\r\n\r\n{}",
        "Content-Length: x\r\n\r\n{}",
        "Content Length: 2\r\n\r\n{}",
    ] {
        let request = format!("{post}{rest}");
        let [axum, actix] = pair.ask(request.as_bytes(), "POST").await;
        differences.look_at(rest, &axum, &actix);
    }
    differences.assert_none();
}
