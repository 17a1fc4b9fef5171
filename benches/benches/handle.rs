//! Whole requests through `ScimServer::handle` on the memory store with 100,000 users.
//!
//! The baseline of each run is what the answer costs without a server around it: writing the same user as JSON.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::string_slice
)]

use std::hint::black_box;

use bytes::Bytes;
use criterion::{criterion_group, criterion_main, BatchSize, Criterion};
use http::{Method, Request, Response};
use scim_core::{BearerTokens, MemoryStore, ScimServer, TenantId};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

const USERS: usize = 100_000;
const FULL_USER: &str = include_str!("../../scim-core/tests/fixtures/rfc7643/s8.2-user-full.json");

struct Served {
    runtime: Runtime,
    server: ScimServer,
}

impl Served {
    fn new() -> Self {
        let server = ScimServer::builder()
            .base_url("https://example.com/scim/v2")
            .store(MemoryStore::new())
            .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
            .build()
            .unwrap();
        Self { runtime: Builder::new_current_thread().build().unwrap(), server }
    }

    fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.runtime.block_on(self.server.handle(request))
    }

    fn create(&self, body: Bytes) -> String {
        let response = self.send(request(Method::POST, "/Users", body));
        assert_eq!(response.status(), 201);
        let user: Value = serde_json::from_slice(response.body()).unwrap();
        user["id"].as_str().unwrap().to_owned()
    }
}

fn request(method: Method, path: &str, body: Bytes) -> Request<Bytes> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", "Bearer secret")
        .header("content-type", "application/scim+json")
        .body(body)
        .unwrap()
}

/// The full user of RFC 7643 s8.2 under another name.
fn full_user(number: usize) -> Bytes {
    let mut user: Value = serde_json::from_str(FULL_USER).unwrap();
    user["userName"] = format!("user{number}@example.com").into();
    user["externalId"] = format!("external-{number}").into();
    user.to_string().into()
}

fn requests(criterion: &mut Criterion) {
    let served = Served::new();
    let ids: Vec<String> = (0..USERS).map(|number| served.create(full_user(number))).collect();
    let id = &ids[USERS / 2];
    let mut group = criterion.benchmark_group("handle");

    let answer = served.send(request(Method::GET, &format!("/Users/{id}"), Bytes::new()));
    let document: Value = serde_json::from_slice(answer.body()).unwrap();
    group.bench_function("baseline: write the user as JSON", |bencher| {
        bencher.iter(|| serde_json::to_vec(black_box(&document)).unwrap());
    });
    let text = full_user(USERS);
    group.bench_function("baseline: read the user from JSON", |bencher| {
        bencher.iter(|| serde_json::from_slice::<Value>(black_box(&text)).unwrap());
    });
    let path = format!("/Users/{id}");
    group.bench_function("GET by id", |bencher| {
        bencher.iter_batched(
            || request(Method::GET, &path, Bytes::new()),
            |request| served.send(request).status(),
            BatchSize::SmallInput,
        );
    });
    let path = format!("/Users?filter=userName%20eq%20%22USER{}%40example.com%22", USERS / 2);
    group.bench_function("userName eq", |bencher| {
        bencher.iter_batched(
            || request(Method::GET, &path, Bytes::new()),
            |request| served.send(request).status(),
            BatchSize::SmallInput,
        );
    });
    let mut number = USERS;
    group.bench_function("POST of a full user", |bencher| {
        bencher.iter_batched(
            || {
                number += 1;
                request(Method::POST, "/Users", full_user(number))
            },
            |request| served.send(request).status(),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// A group of the first so many users, filled by PATCH.
fn group_of(served: &Served, ids: &[String], name: &str) -> String {
    let body = format!(r#"{{"displayName": "{name}"}}"#);
    let response = served.send(request(Method::POST, "/Groups", body.into()));
    let group: Value = serde_json::from_slice(response.body()).unwrap();
    let path = format!("/Groups/{}", group["id"].as_str().unwrap());
    for part in ids.chunks(5_000) {
        assert_eq!(served.send(request(Method::PATCH, &path, change("add", part))).status().as_u16() / 100, 2);
    }
    path
}

fn change(operation: &str, ids: &[String]) -> Bytes {
    let members: Vec<Value> = ids.iter().map(|id| serde_json::json!({"value": id})).collect();
    let operation = serde_json::json!({"op": operation, "path": "members", "value": members});
    serde_json::json!({"Operations": [operation]}).to_string().into()
}

/// What a group costs does not depend on its size: one member comes and goes, the group is read without its members,
/// and Entra ID asks whether somebody is a member.
fn groups(criterion: &mut Criterion) {
    let served = Served::new();
    let user = |number: usize| format!(r#"{{"userName": "user{number}@example.com"}}"#).into();
    let ids: Vec<String> = (0..=USERS).map(|number| served.create(user(number))).collect();
    let (others, one) = ids.split_at(USERS);
    let mut group = criterion.benchmark_group("group");
    for size in [10, USERS] {
        let path = group_of(&served, &others[..size], &format!("group of {size}"));
        let (add, remove) = (change("add", one), change("remove", one));
        group.bench_function(format!("of {size}: one member comes and goes"), |bencher| {
            bencher.iter(|| {
                served.send(request(Method::PATCH, &path, add.clone()));
                served.send(request(Method::PATCH, &path, remove.clone()))
            });
        });
        let without = format!("{path}?excludedAttributes=members");
        group.bench_function(format!("of {size}: GET without members"), |bencher| {
            bencher.iter(|| served.send(request(Method::GET, &without, Bytes::new())));
        });
        let (id, member) = (&path["/Groups/".len()..], &others[0]);
        let filter = format!("id%20eq%20%22{id}%22%20and%20members%20eq%20%22{member}%22");
        let probe = format!("/Groups?filter={filter}&attributes=id");
        group.bench_function(format!("of {size}: is somebody a member"), |bencher| {
            bencher.iter(|| served.send(request(Method::GET, &probe, Bytes::new())));
        });
    }
    group.finish();
}

criterion_group!(benches, requests, groups);
criterion_main!(benches);
