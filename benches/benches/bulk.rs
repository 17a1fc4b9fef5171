//! 1,000 operations in one Bulk request, compared with 1,000 single requests, on an empty memory store.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use bytes::Bytes;
use criterion::{criterion_group, criterion_main, BatchSize, Criterion, Throughput};
use http::Request;
use scim_core::{BearerTokens, Limits, MemoryStore, ScimServer, TenantId};
use serde_json::{json, Value};
use tokio::runtime::Builder;

const OPERATIONS: usize = 1_000;
const FULL_USER: &str = include_str!("../../scim-core/tests/fixtures/rfc7643/s8.2-user-full.json");

/// A server that takes 1,000 full users in one request.
fn server(atomic: bool) -> ScimServer {
    let mut limits = Limits::default();
    limits.body_bytes = 8 * 1024 * 1024;
    ScimServer::builder()
        .base_url("https://example.com/scim/v2")
        .store(MemoryStore::new())
        .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
        .limits(limits)
        .atomic_bulk(atomic)
        .build()
        .unwrap()
}

fn request(path: &str, body: Bytes) -> Request<Bytes> {
    Request::post(path)
        .header("authorization", "Bearer secret")
        .header("content-type", "application/scim+json")
        .body(body)
        .unwrap()
}

fn full_user(number: usize) -> Value {
    let mut user: Value = serde_json::from_str(FULL_USER).unwrap();
    user["userName"] = format!("user{number}@example.com").into();
    user["externalId"] = format!("external-{number}").into();
    user
}

fn small_user(number: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("user{number}@example.com"),
        "externalId": format!("external-{number}"),
        "name": {"givenName": "Barbara", "familyName": "Jensen"},
        "emails": [{"value": format!("user{number}@example.com"), "type": "work", "primary": true}],
    })
}

fn post(path: &str, bulk_id: usize, data: &Value) -> Value {
    json!({"method": "POST", "path": path, "bulkId": bulk_id.to_string(), "data": data})
}

fn bulk(operations: &[Value]) -> Bytes {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
    json!({"schemas": schemas, "Operations": operations}).to_string().into()
}

/// Performs a Bulk request of which nothing fails.
async fn perform(server: &ScimServer, body: &Bytes) {
    let response = server.handle(request("/Bulk", body.clone())).await;
    assert_eq!(response.status(), 200);
    let last = response.body().len().saturating_sub(200);
    assert!(String::from_utf8_lossy(&response.body().slice(last..)).contains(r#""status":"201"}]}"#));
}

/// Groups each of which has the next as its member, and the last the first.
fn circle() -> Vec<Value> {
    let group = |number: usize| {
        let member = format!("bulkId:{}", number.wrapping_add(1) % OPERATIONS);
        post("/Groups", number, &json!({"displayName": format!("g{number}"), "members": [{"value": member}]}))
    };
    (0..OPERATIONS).map(group).collect()
}

fn operations(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().build().unwrap();
    let mut group = criterion.benchmark_group("bulk");
    group.sample_size(20).throughput(Throughput::Elements(OPERATIONS.try_into().unwrap()));
    for (name, user) in [("small", small_user as fn(usize) -> Value), ("full", full_user)] {
        let singles: Vec<Bytes> = (0..OPERATIONS).map(|number| user(number).to_string().into()).collect();
        group.bench_function(format!("{name} users created one by one"), |bencher| {
            bencher.iter_batched_ref(
                || server(false),
                |server| {
                    for body in &singles {
                        let response = runtime.block_on(server.handle(request("/Users", body.clone())));
                        assert_eq!(response.status(), 201);
                    }
                },
                BatchSize::PerIteration,
            );
        });
        let operations: Vec<Value> = (0..OPERATIONS).map(|number| post("/Users", number, &user(number))).collect();
        let body = bulk(&operations);
        for (how, atomic) in [("in one request", false), ("in one unit of work", true)] {
            group.bench_function(format!("{name} users created {how}"), |bencher| {
                bencher.iter_batched_ref(
                    || server(atomic),
                    |server| runtime.block_on(perform(server, &body)),
                    BatchSize::PerIteration,
                );
            });
        }
    }
    let body = bulk(&circle());
    group.bench_function("groups in one circle", |bencher| {
        bencher.iter_batched_ref(
            || server(false),
            |server| runtime.block_on(perform(server, &body)),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, operations);
criterion_main!(benches);
