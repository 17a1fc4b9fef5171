//! What deactivation and deletion do, as a policy declares it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod support;

use scim_core::{
    BuildError, EventKind, Fetch, MemoryStore, OnDelete, OnInactive, ProvisioningPolicy, ResourceId, ResourceStore,
};
use serde_json::{json, Value};
use support::connections::{builder, host_context, okta_partition, Kinds};
use support::Client;

fn inactive(on_inactive: OnInactive) -> ProvisioningPolicy {
    ProvisioningPolicy::new().users(|users| users.on_inactive(on_inactive))
}

fn deletes(on_delete: OnDelete) -> ProvisioningPolicy {
    ProvisioningPolicy::new().users(|users| users.on_delete(on_delete))
}

/// Connection `okta`, its store, and what observers are told.
fn parts(policy: ProvisioningPolicy) -> (Client, MemoryStore, Kinds) {
    let (store, kinds) = (MemoryStore::new(), Kinds::default());
    let server = builder(&store, policy).observer(kinds.clone()).build().unwrap();
    (Client { server, token: "okta" }, store, kinds)
}

/// The document of a removed resource.
async fn removed(store: &MemoryStore, id: &str) -> Option<Value> {
    let cx = host_context(okta_partition().removed());
    let found = store.get(&cx, &ResourceId::new(id), &Fetch::all()).await.unwrap();
    found.map(|resource| Value::Object(resource.attributes.into_map()))
}

/// Every spelling in which providers deactivate: the method and the body.
fn spellings() -> Vec<(&'static str, Value)> {
    let patch = |operation: Value| {
        ("PATCH", json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}))
    };
    vec![
        patch(json!({"op": "replace", "path": "active", "value": false})),
        patch(json!({"op": "Replace", "path": "active", "value": "False"})),
        patch(json!({"op": "replace", "value": {"active": false}})),
        patch(json!({"op": "replace", "value": {"ACTIVE": "false"}})),
        patch(json!({"op": "Add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:active", "value": ["False"]})),
        ("PUT", json!({"userName": "a@b.co", "active": false})),
        ("PUT", json!({"userName": "a@b.co", "active": "False"})),
    ]
}

#[tokio::test]
async fn rfc7644_s3_6_a_deactivation_that_deletes_is_answered_with_the_resource_and_then_it_is_gone() {
    for on_inactive in [OnInactive::Delete, OnInactive::Remove] {
        for (method, body) in spellings() {
            let (client, store, kinds) = parts(inactive(on_inactive));
            let made = client.post("/Users", &json!({"userName": "a@b.co"})).await;
            let (id, path) = (made.id(), format!("/Users/{}", made.id()));
            kinds.take();
            let answer = client.send(method, &path, &[], &body.to_string()).await;
            assert_eq!((answer.status, &answer.json["active"]), (200, &json!(false)), "{body}: {}", answer.text);
            assert_eq!((answer.id(), &answer.json["userName"]), (id.clone(), &json!("a@b.co")));
            assert_eq!(kinds.take(), [EventKind::Deactivated, EventKind::Deleted]);
            assert_eq!(client.get(&path).await.status, 404);
            assert_eq!(client.delete(&path).await.status, 404);
            assert_eq!(client.get("/Users").await.json["totalResults"], 0);
            let kept = removed(&store, &id).await;
            assert_eq!(
                kept.map(|user| user["active"].clone()),
                (on_inactive == OnInactive::Remove).then_some(json!(false))
            );
            let again = client.post("/Users", &json!({"userName": "a@b.co"})).await;
            assert_eq!(again.status, 201, "the name is free");
            assert_ne!(again.id(), id);
        }
    }
}

#[tokio::test]
async fn a_deactivation_in_a_bulk_request_does_the_same() {
    for atomic in [false, true] {
        let (store, kinds) = (MemoryStore::new(), Kinds::default());
        let server = builder(&store, inactive(OnInactive::Remove)).observer(kinds.clone()).atomic_bulk(atomic).build();
        let client = Client { server: server.unwrap(), token: "okta" };
        let id = client.post("/Users", &json!({"userName": "a"})).await.id();
        kinds.take();
        let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "Replace", "path": "active", "value": "False"}]});
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
            {"method": "PATCH", "path": format!("/Users/{id}"), "data": patch},
            {"method": "GET_LOST", "path": "/Users"}]});
        let answer = client.post("/Bulk", &body).await;
        if atomic {
            assert_eq!(kinds.take(), [], "{}", answer.text);
            assert_eq!(client.get(&format!("/Users/{id}")).await.json["active"], true);
        } else {
            assert_eq!(answer.json["Operations"][0]["status"], "200", "{}", answer.text);
            assert_eq!(kinds.take(), [EventKind::Deactivated, EventKind::Deleted]);
            assert!(removed(&store, &id).await.is_some());
        }
    }
}

#[tokio::test]
async fn only_becoming_inactive_does_something() {
    let (client, _, kinds) = parts(inactive(OnInactive::Delete));
    let made = client.post("/Users", &json!({"userName": "a", "active": false})).await;
    assert_eq!((made.status, &made.json["active"]), (201, &json!(false)));
    let path = format!("/Users/{}", made.id());
    assert_eq!(client.put(&path, &json!({"userName": "a", "active": false, "title": "Guide"})).await.status, 200);
    assert_eq!(client.patch(&path, json!([{"op": "add", "path": "nickName", "value": "b"}])).await.status, 200);
    assert_eq!(client.put(&path, &json!({"userName": "a", "active": true})).await.status, 200);
    assert_eq!(client.get(&path).await.json["active"], true);
    let events = kinds.take();
    assert!(!events.contains(&EventKind::Deleted), "{events:?}");
    assert_eq!(client.put(&path, &json!({"userName": "a", "active": false})).await.status, 200);
    assert_eq!(client.get(&path).await.status, 404);
}

#[tokio::test]
async fn what_a_deactivation_changes_besides_is_kept_with_the_removed_resource() {
    let (client, store, _) = parts(inactive(OnInactive::Remove));
    let made = client.post("/Users", &json!({"userName": "a", "title": "Guide"})).await;
    let group = client.post("/Groups", &json!({"displayName": "g", "members": [{"value": made.id()}]})).await;
    let put = client.put(&format!("/Users/{}", made.id()), &json!({"userName": "left-a", "active": false})).await;
    assert_eq!((put.status, &put.json["userName"]), (200, &json!("left-a")));
    assert_eq!(removed(&store, &made.id()).await, Some(json!({"userName": "left-a", "active": false})));
    assert_eq!(client.get(&format!("/Groups/{}", group.id())).await.json["members"], json!([]));
}

#[tokio::test]
async fn a_precondition_that_is_not_met_keeps_the_resource() {
    for policy in [
        inactive(OnInactive::Delete),
        inactive(OnInactive::Remove),
        deletes(OnDelete::Remove),
        deletes(OnDelete::Deactivate),
    ] {
        let (client, ..) = parts(policy);
        let path = format!("/Users/{}", client.post("/Users", &json!({"userName": "a"})).await.id());
        let stale = [("if-match", "W/\"of another time\"")];
        let put = client.send("PUT", &path, &stale, r#"{"userName":"a","active":false}"#).await;
        let delete = client.send("DELETE", &path, &stale, "").await;
        assert_eq!((put.status, delete.status), (412, 412));
        assert_eq!(client.get(&path).await.json["active"], true);
        let version = client.get(&path).await.header("etag").to_owned();
        assert_eq!(client.send("DELETE", &path, &[("if-match", &version)], "").await.status, 204);
    }
}

#[tokio::test]
async fn rfc7644_s3_6_a_removed_resource_is_gone_for_the_client_and_kept_for_the_host() {
    for (on_delete, active, event) in
        [(OnDelete::Remove, true, EventKind::Deleted), (OnDelete::Deactivate, false, EventKind::Deactivated)]
    {
        let (client, store, kinds) = parts(deletes(on_delete));
        let made = client.post("/Users", &json!({"userName": "a", "title": "Guide"})).await;
        let path = format!("/Users/{}", made.id());
        kinds.take();
        assert_eq!(client.delete(&path).await.status, 204);
        assert_eq!(kinds.take(), [event]);
        assert_eq!(client.get(&path).await.status, 404);
        assert_eq!(client.delete(&path).await.status, 404);
        assert_eq!(client.put(&path, &json!({"userName": "a"})).await.status, 404);
        let kept = json!({"userName": "a", "title": "Guide", "active": active});
        assert_eq!(removed(&store, &made.id()).await, Some(kept));
        assert_eq!(client.as_principal("entra").get(&path).await.status, 404);
        assert_eq!(client.post("/Users", &json!({"userName": "a"})).await.status, 201);
    }
}

#[test]
fn a_lifecycle_that_cannot_be_kept_is_an_error() {
    let store = MemoryStore::new();
    let build = |policy| builder(&store, policy).build();
    let of_groups = ProvisioningPolicy::new().groups(|groups| groups.on_inactive(OnInactive::Delete));
    let without_active =
        ProvisioningPolicy::new().users(|users| users.forbid("active").on_delete(OnDelete::Deactivate));
    for policy in [of_groups, without_active] {
        assert!(matches!(build(policy), Err(BuildError::Provisioning { problem, .. }) if problem.contains("active")));
    }
    assert!(build(ProvisioningPolicy::new().groups(|groups| groups.on_delete(OnDelete::Remove))).is_ok());
}
