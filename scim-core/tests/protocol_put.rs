//! PUT over HTTP: RFC 7644 s3.5.1.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod support;

use serde_json::json;
use support::Client;

#[tokio::test]
async fn rfc7644_s3_5_1_sending_back_what_was_read_changes_nothing() {
    let client = Client::new();
    let boss = client.post("/Users", &json!({"userName": "boss"})).await.id();
    let emails = json!([{"value": "a@example.com"}]);
    let user = json!({"userName": "anna", "emails": emails, scim_core::ENTERPRISE_USER: {"manager": {"value": boss}}});
    let anna = client.post("/Users", &user).await;
    let guides = client.post("/Groups", &json!({"displayName": "Guides", "members": [{"value": anna.id()}]})).await;
    for path in [format!("/Users/{}", anna.id()), format!("/Groups/{}", guides.id())] {
        let read = client.get(&path).await;
        let replaced = client.put(&path, &read.json).await;
        assert_eq!((replaced.status, &replaced.json), (200, &read.json), "{path}");
        assert_eq!(replaced.header("etag"), read.header("etag"), "{path}");
    }
}

#[tokio::test]
async fn the_reference_of_a_manager_is_the_servers_and_follows_its_value() {
    let client = Client::new();
    let boss = client.post("/Users", &json!({"userName": "boss"})).await.id();
    let urn = scim_core::ENTERPRISE_USER;
    let wrong = json!({"value": boss, "$ref": "https://elsewhere.example.com/Users/1"});
    let anna = client.post("/Users", &json!({"userName": "anna", urn: {"manager": wrong}})).await;
    assert_eq!(anna.json[urn]["manager"]["$ref"], format!("https://example.com/scim/v2/Users/{boss}"));
    let path = format!("/Users/{}", anna.id());
    for reference in ["https://elsewhere.example.com/Users/2", "../Users/3"] {
        let value = json!({"value": boss, "$ref": reference});
        let operations = json!([{"op": "replace", "path": format!("{urn}:manager"), "value": value}]);
        let patched = client.patch(&path, operations).await;
        assert_eq!((patched.status, patched.header("etag")), (200, anna.header("etag")));
    }
}

#[tokio::test]
async fn rfc7644_s3_5_1_a_put_is_answered_with_the_entire_group_however_large() {
    for echoed_members in [0, 2] {
        let mut limits = scim_core::Limits::default();
        limits.echoed_members = echoed_members;
        let client = Client::of(support::builder().limits(limits));
        let mut members = Vec::new();
        for name in ["anna", "ben", "carla"] {
            members.push(json!({"value": client.post("/Users", &json!({"userName": name})).await.id()}));
        }
        let group = client.post("/Groups", &json!({"displayName": "Guides", "members": members})).await;
        let path = format!("/Groups/{}", group.id());
        for name in ["Guides", "Drivers"] {
            let replaced = client.put(&path, &json!({"displayName": name, "members": members})).await;
            assert_eq!((replaced.status, replaced.json["members"].as_array().map(Vec::len)), (200, Some(3)));
            assert_eq!(replaced.json, client.get(&path).await.json);
        }
        let operations = json!([{"op": "replace", "path": "displayName", "value": "Guides"}]);
        assert_eq!(client.patch(&path, operations).await.status, 204);
    }
}
