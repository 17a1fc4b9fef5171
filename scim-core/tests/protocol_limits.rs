//! The bounds that hold where a host sets none. What happens at each of them is checked by the HTTP suite.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod support;

use serde_json::{json, Value};
use support::Client;

const MIB: usize = 1024 * 1024;

/// The status and keyword of a GET.
async fn get(client: &Client, path: &str) -> (u16, String) {
    let answer = client.get(path).await;
    if answer.status == 200 {
        (200, String::new())
    } else {
        answer.error()
    }
}

/// The status and keyword of a POST of a user.
async fn post(client: &Client, body: &str) -> (u16, String) {
    let answer = client.send("POST", "/Users", &[], body).await;
    if answer.status == 201 {
        (201, String::new())
    } else {
        answer.error()
    }
}

fn refused(status: u16, scim_type: &str) -> (u16, String) {
    (status, scim_type.to_owned())
}

#[tokio::test]
async fn a_body_has_at_most_a_mebibyte() {
    let client = Client::new();
    let body = |bytes: usize, name: &str| format!("{{\"userName\":\"{name}\"}}{}", " ".repeat(bytes - 15 - name.len()));
    assert_eq!(post(&client, &body(MIB, "a")).await, refused(201, ""));
    assert_eq!(post(&client, &body(MIB + 1, "b")).await, refused(413, ""));
    let config = client.get("/ServiceProviderConfig").await.json;
    assert_eq!(config["bulk"]["maxPayloadSize"], MIB);
}

#[tokio::test]
async fn a_filter_has_at_most_8_kib_32_levels_and_256_terms() {
    let client = Client::new();
    let long = |bytes: usize| format!("/Users?filter=title%20eq%20%22{}%22", "x".repeat(bytes - 11));
    assert_eq!(get(&client, &long(8 * 1024)).await, refused(200, ""));
    assert_eq!(get(&client, &long(8 * 1024 + 1)).await, refused(400, "invalidFilter"));
    let deep = |depth: usize| format!("/Users?filter={}title%20pr{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(get(&client, &deep(32)).await, refused(200, ""));
    assert_eq!(get(&client, &deep(33)).await, refused(400, "invalidFilter"));
    let many = |terms: usize| format!("/Users?filter={}", vec!["title%20pr"; terms].join("%20or%20"));
    assert_eq!(get(&client, &many(256)).await, refused(200, ""));
    assert_eq!(get(&client, &many(257)).await, refused(400, "invalidFilter"));
}

#[tokio::test]
async fn a_patch_has_at_most_1000_operations_and_paths_of_1_kib_and_4_levels() {
    let client = Client::new();
    let user = json!({"userName": "anna", "emails": [{"value": "a@example.com"}]});
    let path = format!("/Users/{}", client.post("/Users", &user).await.id());
    let operations =
        |count: usize| -> Value { vec![json!({"op": "add", "path": "title", "value": "x"}); count].into() };
    assert_eq!(client.patch(&path, operations(1_000)).await.status, 200);
    assert_eq!(client.patch(&path, operations(1_001)).await.error(), refused(413, ""));
    let remove = |path: String| json!([{"op": "remove", "path": path}]);
    let long = |bytes: usize| remove(format!("emails[value eq \"{}\"]", "x".repeat(bytes - 19)));
    assert_eq!(client.patch(&path, long(1_024)).await.status, 200);
    assert_eq!(client.patch(&path, long(1_025)).await.error(), refused(400, "invalidPath"));
    let deep = |depth: usize| remove(format!("emails[{}display pr{}]", "(".repeat(depth), ")".repeat(depth)));
    assert_eq!(client.patch(&path, deep(4)).await.status, 200);
    assert_eq!(client.patch(&path, deep(5)).await.error(), refused(400, "invalidPath"));
}

#[tokio::test]
async fn json_has_at_most_32_levels_strings_64_kib_and_lists_1000_values() {
    let client = Client::new();
    let deep = |depth: usize, name: &str| {
        format!("{{\"userName\":\"{name}\",\"x\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1))
    };
    assert_eq!(post(&client, &deep(32, "a")).await, refused(201, ""));
    assert_eq!(post(&client, &deep(33, "b")).await, refused(400, "invalidSyntax"));
    let long = |bytes: usize, name: &str| json!({"userName": name, "title": "x".repeat(bytes)}).to_string();
    assert_eq!(post(&client, &long(64 * 1024, "c")).await, refused(201, ""));
    assert_eq!(post(&client, &long(64 * 1024 + 1, "d")).await, refused(400, "invalidValue"));
    let many = |count: usize, name: &str| {
        let emails: Vec<Value> = (0..count).map(|number| json!({"value": format!("{number}@example.com")})).collect();
        json!({"userName": name, "emails": emails}).to_string()
    };
    assert_eq!(post(&client, &many(1_000, "e")).await, refused(201, ""));
    assert_eq!(post(&client, &many(1_001, "f")).await, refused(400, "invalidValue"));
}

#[tokio::test]
async fn a_page_holds_at_most_200() {
    let client = Client::new();
    for number in 0..201 {
        client.post("/Users", &json!({"userName": number.to_string()})).await;
    }
    for path in ["/Users", "/Users?count=1000", "/?count=201", "/Users?cursor&count=500"] {
        let page = client.get(path).await.json;
        assert_eq!(page["Resources"].as_array().unwrap().len(), 200, "{path}");
    }
    let config = client.get("/ServiceProviderConfig").await.json;
    assert_eq!((&config["filter"]["maxResults"], &config["pagination"]["maxPageSize"]), (&json!(200), &json!(200)));
}

#[tokio::test]
async fn a_group_of_more_than_100_members_is_not_echoed_and_a_request_names_at_most_10000() {
    let client = Client::new();
    let mut members = Vec::new();
    for number in 0..101 {
        members.push(json!({"value": client.post("/Users", &json!({"userName": number.to_string()})).await.id()}));
    }
    let (last, first) = members.split_last().unwrap();
    let group = client.post("/Groups", &json!({"displayName": "Guides", "members": first})).await;
    let path = format!("/Groups/{}", group.id());
    let rename = |name: &str| json!([{"op": "replace", "path": "displayName", "value": name}]);
    assert_eq!(client.patch(&path, rename("100")).await.status, 200);
    assert_eq!(client.patch(&path, json!([{"op": "add", "path": "members", "value": [last]}])).await.status, 204);
    assert_eq!(client.patch(&path, rename("101")).await.status, 204);
    let many = |count: usize| json!({"displayName": "Many", "members": vec![json!({"value": "1"}); count]});
    assert_eq!(client.post("/Groups", &many(10_000)).await.error(), refused(400, "invalidValue"));
    assert_eq!(client.post("/Groups", &many(10_001)).await.error(), refused(413, ""));
}

#[tokio::test]
async fn a_host_may_have_no_group_echoed() {
    let mut limits = scim_core::Limits::default();
    limits.echoed_members = 0;
    let client = Client::of(support::builder().limits(limits));
    let group = client.post("/Groups", &json!({"displayName": "Guides"})).await;
    let path = format!("/Groups/{}", group.id());
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Drivers"}]);
    assert_eq!(client.patch(&path, rename).await.status, 204);
    let user = client.post("/Users", &json!({"userName": "anna"})).await;
    let title = json!([{"op": "add", "path": "title", "value": "Guide"}]);
    assert_eq!(client.patch(&format!("/Users/{}", user.id()), title).await.status, 200);
}

#[tokio::test]
async fn a_bulk_request_has_at_most_1000_operations() {
    let client = Client::new();
    let body = |count: usize| {
        let operations = vec![json!({"method": "DELETE", "path": "/Users/nobody"}); count];
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations})
    };
    assert_eq!(client.post("/Bulk", &body(1_000)).await.status, 200);
    assert_eq!(client.post("/Bulk", &body(1_001)).await.error(), refused(413, ""));
    assert_eq!(client.get("/ServiceProviderConfig").await.json["bulk"]["maxOperations"], 1_000);
}
