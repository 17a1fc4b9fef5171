//! Bulk requests that happen as a whole or not at all.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod bulk_support;
mod support;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bulk_support::{Controls, Fragile};
use scim_core::{
    Attributes, BearerTokens, BuildError, Context, Event, EventKind, Fetch, MemoryStore, NewResource, Observer,
    Principal, ResourceStore, ResourceType, ScimServer, TenantId,
};
use serde_json::{json, Value};
use support::{builder, Answer, Client};

fn user(name: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": name, "data": {"userName": name}})
}

fn group(name: &str, member: &str) -> Value {
    let data = json!({"displayName": name, "members": [{"value": format!("bulkId:{member}")}]});
    json!({"method": "POST", "path": "/Groups", "bulkId": name, "data": data})
}

fn statuses(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["Operations"].as_array().unwrap().iter().map(|result| result["status"].as_str().unwrap()).collect()
}

async fn count(client: &Client) -> Value {
    client.get("/").await.json["totalResults"].clone()
}

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(EventKind, String)>>>);

#[async_trait]
impl Observer for Seen {
    async fn observe(&self, cx: &Context, event: &Event<'_>) {
        self.0.lock().unwrap().push((event.kind, cx.resource_type.name().to_owned()));
    }
}

#[tokio::test]
async fn all_operations_happen_and_are_told_afterwards() {
    let seen = Seen::default();
    let controls = Controls::default();
    let client = Client::of(builder().store(Fragile::new(&controls)).observer(seen.clone()).atomic_bulk(true));
    let patch = json!({"method": "PATCH", "path": "/Users/bulkId:u",
        "data": {"Operations": [{"op": "replace", "path": "active", "value": false}]}});
    let operations = json!([group("g", "h"), user("u"), group("h", "g"), patch]);
    let answer = client.post("/Bulk", &json!({"Operations": operations})).await;
    assert_eq!(statuses(&answer), ["201", "201", "201", "200"]);
    assert_eq!(count(&client).await, 3);
    assert_eq!((controls.commits.load(Ordering::SeqCst), controls.rollbacks.load(Ordering::SeqCst)), (1, 0));
    let seen: Vec<_> = seen.0.lock().unwrap().iter().map(|(kind, name)| (*kind, name.clone())).collect();
    let expected = [
        (EventKind::Created, "Group"),
        (EventKind::Created, "Group"),
        (EventKind::MembersChanged, "Group"),
        (EventKind::Created, "User"),
        (EventKind::Updated, "User"),
        (EventKind::Deactivated, "User"),
    ];
    assert_eq!(seen, expected.map(|(kind, name)| (kind, name.to_owned())));
    for result in answer.json["Operations"].as_array().unwrap() {
        let path = result["location"].as_str().unwrap().strip_prefix("https://example.com/scim/v2").unwrap();
        let found = client.get(path).await;
        assert_eq!(found.status, 200);
    }
}

#[tokio::test]
async fn one_error_and_nothing_has_happened() {
    let seen = Seen::default();
    let controls = Controls::default();
    let client = Client::of(builder().store(Fragile::new(&controls)).observer(seen.clone()).atomic_bulk(true));
    let there = client.post("/Users", &json!({"userName": "there"})).await.id();
    seen.0.lock().unwrap().clear();
    let path = format!("/Users/{there}");
    let operations = json!([
        user("u"),
        {"method": "PUT", "path": path, "data": {"userName": "changed"}},
        group("g", "u"),
        user("THERE"),
        user("u2"),
        user("changed"),
        {"method": "DELETE", "path": path},
    ]);
    // The limit of errors plays no part.
    let answer = client.post("/Bulk", &json!({"failOnErrors": 5, "Operations": operations})).await;
    assert_eq!(statuses(&answer), ["409"; 7]);
    for (place, result) in answer.json["Operations"].as_array().unwrap().iter().enumerate() {
        let own = result["response"]["scimType"] == "uniqueness";
        assert_eq!(own, place == 5, "{result}");
        let detail = result["response"]["detail"].as_str().unwrap();
        assert_eq!(detail.contains("operation 6"), place != 5, "{detail}");
        assert_eq!(result.get("location").is_some(), result["method"] != "POST", "{result}");
        assert!(result.get("version").is_none());
    }
    assert_eq!(count(&client).await, 1);
    assert_eq!(client.get(&path).await.json["userName"], "there");
    assert!(seen.0.lock().unwrap().is_empty());
    assert_eq!((controls.commits.load(Ordering::SeqCst), controls.rollbacks.load(Ordering::SeqCst)), (0, 1));

    let answer = client.post("/Bulk", &json!({"Operations": [user("u"), user("u2")]})).await;
    assert_eq!(statuses(&answer), ["201", "201"], "names of what never happened are free");
}

#[tokio::test]
async fn a_unit_that_does_not_begin_or_end_is_the_error_of_the_request() {
    let controls = Controls::default();
    let client = Client::of(builder().store(Fragile::new(&controls)).atomic_bulk(true));
    controls.begin_fails.store(true, Ordering::SeqCst);
    let answer = client.post("/Bulk", &json!({"Operations": [user("a")]})).await;
    assert_eq!(answer.error().0, 503);
    assert_eq!(answer.header("retry-after"), "7");
    controls.begin_fails.store(false, Ordering::SeqCst);
    controls.commit_fails.store(true, Ordering::SeqCst);
    let answer = client.post("/Bulk", &json!({"Operations": [user("a")]})).await;
    assert_eq!(answer.error().0, 500);
    assert!(!answer.text.contains("secret"));
    assert_eq!(count(&client).await, 0);
}

#[test]
fn a_server_with_several_stores_cannot_be_atomic() {
    let tokens = || BearerTokens::new().token("a", TenantId::new("A"));
    let store = MemoryStore::new();
    let apart = ScimServer::builder().authenticator(tokens()).users(store.clone()).groups(store.clone());
    assert_eq!(apart.atomic_bulk(true).build().err(), Some(BuildError::NoUnitOfWork));
    let within = Arc::new(store) as Arc<dyn ResourceStore>;
    assert!(ScimServer::builder().authenticator(tokens()).store(within).atomic_bulk(true).build().is_ok());
}

fn context(tenant: &str) -> Context {
    Context::new(Principal::new(TenantId::new(tenant), "test"), Arc::new(ResourceType::user()))
}

fn new_user(name: &str) -> NewResource {
    let attributes = json!({"userName": name});
    NewResource::new(Attributes::from_stored(attributes.as_object().unwrap().clone()))
}

#[tokio::test]
async fn a_unit_of_the_memory_store_is_seen_by_nobody_before_it_is_committed() {
    let store = MemoryStore::new();
    let cx = context("A");
    let unit = store.unit_of_work().unwrap().begin(&cx).await.unwrap();
    let made = unit.create(&cx, new_user("a")).await.unwrap();
    assert_eq!(unit.get(&cx, &made.id, &Fetch::all()).await.unwrap().as_ref(), Some(&made));
    assert_eq!(store.get(&cx, &made.id, &Fetch::all()).await.unwrap(), None);
    assert!(unit.create(&context("B"), new_user("a")).await.is_err(), "a unit is of one tenant");
    store.create(&context("B"), new_user("a")).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(store.get(&cx, &made.id, &Fetch::all()).await.unwrap(), Some(made));
}

#[tokio::test]
async fn others_wait_for_a_unit_of_the_memory_store_and_lose_nothing() {
    let store = MemoryStore::new();
    let cx = context("A");
    for ends in ["commit", "rollback", "drop"] {
        let unit = store.unit_of_work().unwrap().begin(&cx).await.unwrap();
        unit.create(&cx, new_user(&format!("in {ends}"))).await.unwrap();
        let waiting = tokio::spawn({
            let (store, cx, new) = (store.clone(), cx.clone(), new_user(&format!("beside {ends}")));
            async move { store.create(&cx, new).await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        match ends {
            "commit" => unit.commit().await.unwrap(),
            "rollback" => unit.rollback().await.unwrap(),
            _ => drop(unit),
        }
        let made = waiting.await.unwrap().unwrap();
        assert!(store.get(&cx, &made.id, &Fetch::all()).await.unwrap().is_some());
    }
    assert_eq!(
        store.create(&cx, new_user("in commit")).await.err().unwrap().to_string(),
        "the value of userName is taken"
    );
    assert!(store.create(&cx, new_user("in rollback")).await.is_ok());
    assert!(store.create(&cx, new_user("in drop")).await.is_ok());
}
