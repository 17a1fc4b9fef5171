//! A hundred thousand requests that nobody should send: none may be answered with a fault of the server, with anything
//! but SCIM, or with much of itself. They are the same in every run.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    missing_docs
)]

mod support;

use bytes::Bytes;
use scim_core::{CompatProfile, ScimServer};
use serde_json::{json, Value};
use support::hostile::judge::{send, Statuses};
use support::hostile::{documents, heads, json as spoiled, patches};
use support::rng::Rng;
use support::Client;

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];

/// A server, and the ids of what is stored there.
struct Target {
    server: ScimServer,
    ids: Vec<String>,
}

impl Target {
    /// A server that holds two users and a group.
    async fn new(strict: bool) -> Self {
        let profile = if strict { CompatProfile::STRICT } else { CompatProfile::LENIENT };
        let client = Client::of(support::builder().me(support::MeIsNobody).profile(profile));
        let user = "urn:ietf:params:scim:schemas:core:2.0:User";
        let anna = client.post("/Users", &json!({"schemas": [user], "userName": "anna"})).await.id();
        let bert = client.post("/Users", &json!({"schemas": [user], "userName": "bert"})).await.id();
        let group = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": "Tour Guides",
            "members": [{"value": anna}, {"value": bert}],
        });
        let group = client.post("/Groups", &group).await.id();
        Self { server: client.server, ids: vec![anna, bert, group] }
    }

    /// What was accepted, however it was written, is in order: it is read as it was answered, and a client that sends
    /// back what it read changes nothing.
    async fn check_stored(&self, answer: &Value) {
        let Some(location) = answer["meta"]["location"].as_str() else { return };
        let client = Client { server: self.server.clone(), token: "a" };
        let path = location.strip_prefix(self.server.base_url()).unwrap();
        let read = client.get(path).await;
        assert_eq!(read.json["meta"]["version"], answer["meta"]["version"]);
        let replaced = client.put(path, &read.json).await;
        assert_eq!((replaced.status, replaced.json), (200, read.json));
    }

    /// The endpoint of a stored resource: the group is the last.
    fn path(&self, rng: &mut Rng) -> String {
        let place = rng.below(self.ids.len());
        let endpoint = if place + 1 == self.ids.len() { "/Groups" } else { "/Users" };
        format!("{endpoint}/{}", self.ids[place])
    }
}

/// Sends so many requests of one kind, to a fresh server every now and then.
async fn run(seed: u64, count: usize, make: impl Fn(&mut Rng, &Target) -> (String, String, Vec<u8>)) -> Statuses {
    let mut rng = Rng::new(seed);
    let mut statuses = Statuses::new();
    let mut target = Target::new(false).await;
    for number in 0..count {
        if number % 250 == 249 {
            target = Target::new(rng.once_in(3)).await;
        }
        let (method, path, body) = make(&mut rng, &target);
        let request = heads::request(&mut rng, &method, &path).body(Bytes::from(body)).unwrap();
        let answer = send(&target.server, request, &mut statuses).await;
        if matches!(&*method, "POST" | "PUT" | "PATCH") && rng.once_in(4) {
            target.check_stored(&answer).await;
        }
    }
    statuses
}

/// The requests got past the first hurdle often enough to say something about what comes behind it.
fn assert_mixed(statuses: &Statuses, wanted: &[u16]) {
    for status in wanted {
        assert!(statuses.contains_key(status), "{status} was never answered: {statuses:?}");
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

#[tokio::test]
async fn twenty_thousand_request_lines_and_headers() {
    let statuses = run(1, 20_000, |rng, target| {
        let body = if rng.once_in(3) { rng.bytes(60) } else { Vec::new() };
        let path = if rng.once_in(4) { target.path(rng) } else { heads::target(rng, &target.ids) };
        (rng.pick(METHODS).to_owned(), path, body)
    })
    .await;
    assert_mixed(&statuses, &[200, 204, 304, 400, 401, 403, 404, 405, 412, 415]);
}

#[tokio::test]
async fn ten_thousand_bodies_of_random_bytes() {
    let statuses = run(2, 10_000, |rng, target| {
        let path = if rng.once_in(2) { target.path(rng) } else { heads::target(rng, &target.ids) };
        (rng.pick(&["POST", "PUT", "PATCH"]).to_owned(), path, rng.bytes(300))
    })
    .await;
    assert_mixed(&statuses, &[400, 404, 405]);
}

/// A document for an endpoint that takes it.
fn addressed(rng: &mut Rng, target: &Target) -> (String, String, Value) {
    match rng.below(10) {
        0 => ("POST".to_owned(), rng.pick(&["/.search", "/Users/.search"]).to_owned(), documents::search(rng)),
        1 => ("POST".to_owned(), "/Bulk".to_owned(), documents::bulk(rng, &target.ids)),
        2 | 3 => ("PATCH".to_owned(), target.path(rng), patches::body(rng, &target.ids)),
        4 | 5 => ("PUT".to_owned(), target.path(rng), documents::resource(rng, &target.ids).0),
        _ => {
            let (document, is_group) = documents::resource(rng, &target.ids);
            ("POST".to_owned(), if is_group { "/Groups" } else { "/Users" }.to_owned(), document)
        }
    }
}

#[tokio::test]
async fn twenty_five_thousand_documents_with_spoiled_values() {
    let statuses = run(3, 25_000, |rng, target| {
        let (method, path, mut document) = addressed(rng, target);
        for _ in 0..1 + rng.below(2) {
            spoiled::spoil(rng, &mut document);
        }
        (method, path, bytes(&document))
    })
    .await;
    assert_mixed(&statuses, &[200, 201, 400, 409]);
}

#[tokio::test]
async fn twenty_thousand_documents_with_spoiled_bytes() {
    let statuses = run(4, 20_000, |rng, target| {
        let (method, path, document) = addressed(rng, target);
        let mut body = bytes(&document);
        for _ in 0..1 + rng.below(2) {
            spoiled::spoil_bytes(rng, &mut body);
        }
        (method, path, body)
    })
    .await;
    assert_mixed(&statuses, &[200, 201, 400]);
}

#[tokio::test]
async fn twenty_thousand_changes() {
    let statuses =
        run(5, 20_000, |rng, target| ("PATCH".to_owned(), target.path(rng), bytes(&patches::body(rng, &target.ids))))
            .await;
    assert_mixed(&statuses, &[200, 400]);
}

#[tokio::test]
async fn five_thousand_documents_that_are_deep_long_or_wide() {
    let statuses = run(6, 5_000, |rng, target| {
        let (method, path, mut document) = addressed(rng, target);
        let size = rng.below(3_000);
        match rng.below(6) {
            0 => return (method, path, "[".repeat(size).into_bytes()),
            1 => return (method, path, format!("{}1{}", "{\"a\":".repeat(size), "}".repeat(size)).into_bytes()),
            2 => document["displayName"] = json!("x".repeat(60_000 + size * 4)),
            3 => document["emails"] = (0..size).map(|number| json!({"value": number.to_string()})).collect(),
            4 => document["x".repeat(size)] = json!("y".repeat(size)),
            _ => {
                for number in 0..size / 10 {
                    document[format!("name{number}")] = json!(number);
                }
            }
        }
        (method, path, bytes(&document))
    })
    .await;
    assert_mixed(&statuses, &[200, 201, 400]);
}
