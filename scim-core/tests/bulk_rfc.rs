//! The RFC's own examples of Bulk: RFC 7644 s3.7.1 to s3.7.4.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, missing_docs)]

mod support;

use std::sync::Mutex;

use scim_core::{CompatProfile, Limits, MemoryStore, ResourceId};
use serde_json::{json, Value};
use support::{builder, Client};

macro_rules! example {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("fixtures/rfc7644/", $name, ".json"))).unwrap()
    };
}

/// A client of a server that assigns the ids of an example.
fn client_with_ids(ids: &[&str]) -> Client {
    let ids = Mutex::new(ids.iter().rev().map(|id| (*id).to_owned()).collect::<Vec<_>>());
    let store = MemoryStore::new().with_ids(move || ResourceId::new(ids.lock().unwrap().pop().unwrap()));
    Client::of(builder().base_url("https://example.com/v2").store(store))
}

/// Everything in `expected` must be in `actual`. Versions and times are the store's own, so that only their form is
/// compared; the wording of errors is ours. An early example has a status that is an object.
fn assert_has(actual: &Value, expected: &Value, at: &str) {
    match expected {
        Value::Object(members) if at.ends_with("/status") => assert_eq!(*actual, members["code"], "{at}"),
        Value::Object(members) => {
            for (name, value) in members {
                assert_has(&actual[name], value, &format!("{at}/{name}"));
            }
        }
        Value::Array(list) => {
            assert_eq!(actual.as_array().map(Vec::len), Some(list.len()), "{at}: {actual}");
            for (place, value) in list.iter().enumerate() {
                assert_has(&actual[place], value, &format!("{at}/{place}"));
            }
        }
        Value::String(_) if at.ends_with("/version") => assert!(actual.as_str().unwrap().starts_with("W/\""), "{at}"),
        Value::String(_) if ["/created", "/lastModified", "/detail"].iter().any(|end| at.ends_with(end)) => {
            assert!(actual.as_str().is_some_and(|text| !text.is_empty()), "{at}");
        }
        expected => assert_eq!(actual, expected, "{at}"),
    }
}

#[tokio::test]
async fn rfc7644_s3_7_1_circular_references_are_resolved() {
    let client = client_with_ids(&["c3a26dd3-27a0-4dec-a2ac-ce211e105f97", "6c5bb468-14b2-4183-baf2-06d523e03bd3"]);
    let answer = client.post("/Bulk", &example!("s3.7.1-bulk-request-circular")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let listed = client.get("/Groups?filter=displayName%20sw%20%22Group%22").await.json;
    assert_has(&listed, &example!("s3.7.1-list-response-circular"), "");
    for (result, group) in answer.json["Operations"].as_array().unwrap().iter().zip(0..) {
        let group = &listed["Resources"][group];
        assert_eq!(result["status"], "201");
        assert_eq!(result["location"], group["meta"]["location"]);
        assert_eq!(result["version"], group["meta"]["version"], "the version after the circle was closed");
    }
}

#[tokio::test]
async fn rfc7644_s3_7_2_a_new_user_becomes_a_member_of_a_new_group() {
    let client = client_with_ids(&["92b725cd-9465-4e7d-8c16-01f8e146b87a", "e9e30dba-f08f-4109-8486-d5c6a331660a"]);
    let answer = client.post("/Bulk", &example!("s3.7.2-bulk-request-user-and-group")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/scim+json");
    assert_has(&answer.json, &example!("s3.7.2-bulk-response-user-and-group"), "");
    let group = client.get("/Groups/e9e30dba-f08f-4109-8486-d5c6a331660a").await;
    assert_has(&group.json, &example!("s3.7.2-group-response"), "");
    assert_eq!(group.header("etag"), answer.json["Operations"][1]["version"]);
}

#[tokio::test]
async fn rfc7644_s3_7_2_references_in_extensions_are_handled_in_the_same_way() {
    let client = client_with_ids(&["alice", "bob"]);
    let answer = client.post("/Bulk", &example!("s3.7.2-bulk-request-manager")).await;
    assert_eq!(answer.status, 200);
    let bob = client.get("/Users/bob").await.json;
    let enterprise = &bob["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"];
    assert_eq!(enterprise["manager"]["value"], "alice");
    assert_eq!(enterprise["employeeNumber"], "11250");
}

/// The server of the examples of s3.7.3: Bob, Dave and the user to be deleted are there.
async fn client_with_three_users() -> (Client, Value) {
    let present = [
        "b7c14771-226c-4d05-8860-134711653041",
        "5d8d29d3-342c-4b5f-8683-a3cb6763ffcc",
        "e9025315-6bea-44e1-899c-1e07454e468b",
    ];
    let client = client_with_ids(&[present[0], present[1], present[2], "92b725cd-9465-4e7d-8c16-01f8e146b87a"]);
    let mut request = example!("s3.7.3-bulk-request");
    for place in 1..=3 {
        let user = json!({"userName": format!("user {place}"), "nickName": "nick"});
        let made = client.post("/Users", &user).await;
        assert_eq!(made.id(), present[place - 1]);
        request["Operations"][place]["version"] = json!(made.header("etag"));
    }
    (client, request)
}

#[tokio::test]
async fn rfc7644_s3_7_3_add_update_and_remove_users() {
    let (client, request) = client_with_three_users().await;
    let answer = client.post("/Bulk", &request).await;
    assert_eq!(answer.status, 200);
    assert_has(&answer.json, &example!("s3.7.3-bulk-response"), "");
    let replaced = client.get("/Users/b7c14771-226c-4d05-8860-134711653041").await;
    assert_eq!((&replaced.json["userName"], &replaced.json["nickName"]), (&json!("Bob"), &Value::Null));
    assert_eq!(replaced.header("etag"), answer.json["Operations"][1]["version"]);
    let patched = client.get("/Users/5d8d29d3-342c-4b5f-8683-a3cb6763ffcc").await;
    assert_eq!((&patched.json["userName"], &patched.json["nickName"]), (&json!("Dave"), &Value::Null));
    assert_eq!(client.get("/Users/e9025315-6bea-44e1-899c-1e07454e468b").await.status, 404);
}

/// The request of the examples that fail, with the schema that RFC 7644 s3.7.3 names by mistake.
fn failing(mut request: Value) -> Value {
    request["Operations"][0]["data"]["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:User"]);
    request
}

#[tokio::test]
async fn rfc7644_s3_7_3_processing_stops_after_as_many_errors_as_are_accepted() {
    let client = Client::of(builder().profile(CompatProfile::STRICT));
    let answer = client.post("/Bulk", &failing(example!("s3.7.3-bulk-request"))).await;
    assert_eq!(answer.status, 200);
    assert_has(&answer.json, &example!("s3.7.3-bulk-response-stopped"), "");
}

#[tokio::test]
async fn rfc7644_s3_7_3_without_a_limit_everything_is_tried() {
    let ids = ["b7c14771-226c-4d05-8860-134711653041", "5d8d29d3-342c-4b5f-8683-a3cb6763ffcc"];
    let client = client_with_ids(&ids);
    for name in ["Bob", "Dave"] {
        assert_eq!(client.post("/Users", &json!({"userName": name})).await.status, 201);
    }
    let mut request = failing(example!("s3.7.3-bulk-request"));
    request.as_object_mut().unwrap().remove("failOnErrors");
    request["Operations"][0]["data"] = json!([]);
    let answer = client.post("/Bulk", &request).await;
    assert_eq!(answer.status, 200);
    assert_has(&answer.json, &example!("s3.7.3-bulk-response-failed"), "");
    for result in answer.json["Operations"].as_array().unwrap() {
        assert_eq!(result["status"], result["response"]["status"]);
    }
    assert_has(&answer.json["Operations"][0], &example!("s3.7.3-failed-operation"), "");
    assert!(answer.json["Operations"][0].get("location").is_none());
}

#[tokio::test]
async fn rfc7644_s3_7_4_limits_are_advertised_and_checked_before_anything_runs() {
    let mut limits = Limits::default();
    limits.bulk_operations = 2;
    let client = Client::of(builder().limits(limits));
    let advertised = client.get("/ServiceProviderConfig").await.json["bulk"].clone();
    assert_eq!(advertised, json!({"supported": true, "maxOperations": 2, "maxPayloadSize": 1_048_576}));

    let operation = |n: usize| json!({"method": "POST", "path": "/Users", "bulkId": n.to_string(), "data": {"userName": n.to_string()}});
    let answer = client.post("/Bulk", &json!({"Operations": [operation(1), operation(2), operation(3)]})).await;
    assert_eq!(answer.error(), (413, String::new()));
    assert!(answer.json["detail"].as_str().unwrap().contains("maxOperations (2)"), "{}", answer.text);

    let long = json!({"Operations": [{"data": "x".repeat(1_048_576)}]});
    let answer = client.post("/Bulk", &long).await;
    assert_has(&answer.json, &example!("s3.7.4-error-payload-too-large"), "");
    assert_eq!(answer.status, 413);
    let detail = answer.json["detail"].as_str().unwrap();
    assert!(detail.contains("maxPayloadSize") && detail.contains("1048576"), "{detail}");
    assert_eq!(client.get("/Users").await.json["totalResults"], 0);
}
