//! A Bulk request (RFC 7644 s3.7) of a server with `atomic_bulk` is one transaction.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod support;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use scim_core::{
    BearerTokens, Context, Event, EventKind, Observer, Policy, Query, ResourceStore, ResourceType, ScimError,
    ScimServer, TenantId, Write,
};
use serde_json::{json, Value};
use support::Backend;

/// What others see of the store, by connections of their own, while a request is under way.
#[derive(Clone)]
struct Onlooker {
    store: Arc<dyn ResourceStore>,
    before_writes: Arc<Mutex<Vec<usize>>>,
    events: Arc<Mutex<Vec<(EventKind, usize)>>>,
}

impl Onlooker {
    /// How many resources there are.
    async fn count(&self) -> usize {
        let mut count = 0;
        for resource_type in [ResourceType::user(), ResourceType::group()] {
            let cx = support::context("acme", &Arc::new(resource_type));
            count += self.store.list(&cx, &Query::default()).await.unwrap().total.unwrap();
        }
        count
    }
}

#[async_trait]
impl Policy for Onlooker {
    async fn before(&self, _: &Context, _: &mut Write<'_>) -> Result<(), ScimError> {
        let count = self.count().await;
        self.before_writes.lock().unwrap().push(count);
        Ok(())
    }
}

#[async_trait]
impl Observer for Onlooker {
    async fn observe(&self, _: &Context, event: &Event<'_>) {
        let count = self.count().await;
        self.events.lock().unwrap().push((event.kind, count));
    }
}

async fn bulk(server: &ScimServer, operations: Value) -> Vec<Value> {
    let request = http::Request::post("/Bulk").header("Authorization", "Bearer secret");
    let request = request.header("Content-Type", "application/scim+json");
    let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
    let response = server.handle(request.body(body.to_string().into()).unwrap()).await;
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(response.status(), 200, "{answer}");
    answer["Operations"].as_array().unwrap().clone()
}

fn user(name: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": name, "data": {"userName": name}})
}

fn group(name: &str, members: &[String]) -> Value {
    let members: Vec<Value> = members.iter().map(|member| json!({"value": member})).collect();
    json!({"method": "POST", "path": "/Groups", "bulkId": name, "data": {"displayName": name, "members": members}})
}

/// Makes two users and a group of them.
fn family(name: &str) -> Vec<Value> {
    let other = format!("{name}-2");
    vec![
        user(name),
        user(&other),
        group(&format!("{name}-family"), &[format!("bulkId:{name}"), format!("bulkId:{other}")]),
    ]
}

async fn check(backend: Backend) {
    let store = Arc::clone(&backend.store);
    let onlooker = Onlooker { store: Arc::clone(&store), before_writes: Arc::default(), events: Arc::default() };
    let server = ScimServer::builder()
        .base_url("https://example.com/scim/v2")
        .store(store)
        .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
        .policy(onlooker.clone())
        .observer(onlooker.clone())
        .atomic_bulk(true)
        .build()
        .unwrap();
    let made = bulk(&server, json!([user("there")])).await;
    let path = made[0]["location"].as_str().unwrap().strip_prefix("https://example.com/scim/v2").unwrap().to_owned();
    let there = path.rsplit('/').next().unwrap().to_owned();
    onlooker.before_writes.lock().unwrap().clear();
    onlooker.events.lock().unwrap().clear();

    // The last operation fails, after others made, changed and deleted something.
    let mut operations = vec![
        json!({"method": "PATCH", "path": path, "data": {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "title", "value": "changed"}]}}),
        group("fans", &[there]),
    ];
    operations.extend(family("a"));
    operations.push(user("THERE"));
    let answers = bulk(&server, Value::Array(operations)).await;
    let name = backend.name;
    assert!(answers.iter().all(|answer| answer["status"] == "409"), "{name}: {answers:?}");
    assert_eq!(onlooker.count().await, 1, "{name}: it left something behind");
    assert!(onlooker.events.lock().unwrap().is_empty(), "{name}: an observer was told of what did not happen");
    let get = http::Request::get(&path).header("Authorization", "Bearer secret").body(String::new().into()).unwrap();
    let found: Value = serde_json::from_slice(server.handle(get).await.body()).unwrap();
    assert_eq!(found.get("title"), None, "{name}: it changed something");
    assert_eq!(found.get("groups"), None, "{name}: it left a membership behind");

    // Nobody else sees anything before the end, and then all of it.
    onlooker.before_writes.lock().unwrap().clear();
    let answers = bulk(&server, Value::Array(family("a"))).await;
    assert!(answers.iter().all(|answer| answer["status"] == "201"), "{name}: {answers:?}");
    assert_eq!(*onlooker.before_writes.lock().unwrap(), [1, 1, 1], "{name}: half of it was seen");
    assert_eq!(*onlooker.events.lock().unwrap(), [(EventKind::Created, 4); 3], "{name}: observers were told too soon");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rfc7644_s3_7_a_bulk_on_sqlite_happens_whole_or_not_at_all() {
    check(support::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rfc7644_s3_7_a_bulk_on_postgres_happens_whole_or_not_at_all() {
    if let Some(backend) = support::postgres().await {
        check(backend).await;
    }
}
