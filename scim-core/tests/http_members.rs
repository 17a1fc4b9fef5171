//! What is answered of the members of groups is so, whatever a client says of them (RFC 7643 s4.2).
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, missing_docs)]

mod support;

use scim_core::{Attribute, ResourceType, Schema, UnknownMembers};
use serde_json::{json, Value};
use support::{builder, Client};

fn device() -> ResourceType {
    ResourceType::new(
        "Device",
        "/Devices",
        Schema::new("urn:example:Device", "Device").attribute(Attribute::string("name")),
    )
}

/// A server with a user, a group and a device, and their paths.
async fn world() -> (Client, [String; 3]) {
    let client = Client::of(builder().resource_type(device()));
    let user = client.post("/Users", &json!({"userName": "anna"})).await.id();
    let group = client.post("/Groups", &json!({"displayName": "inner"})).await.id();
    let device = client.post("/Devices", &json!({"name": "phone"})).await.id();
    (client, [user, group, device])
}

/// The members of a group are those of these types, and each is where its `$ref` says.
async fn expect_members(client: &Client, group: &Value, expected: &[(&str, &str)]) {
    let found: Vec<(&str, &str)> = group["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| (member["value"].as_str().unwrap(), member["type"].as_str().unwrap()))
        .collect();
    assert_eq!(found, expected, "{group}");
    for member in group["members"].as_array().unwrap() {
        let path = member["$ref"].as_str().unwrap().strip_prefix("https://example.com/scim/v2").unwrap();
        let answer = client.get(path).await;
        assert_eq!((answer.status, answer.id()), (200, member["value"].as_str().unwrap().to_owned()), "{path}");
    }
}

#[tokio::test]
async fn rfc7643_s4_2_the_type_of_a_member_is_that_of_the_resource() {
    let (client, [user, group, _]) = world().await;
    let claims = json!([{"value": user, "type": "Group"}, {"value": group, "type": "user"}]);
    let expected = [(user.as_str(), "User"), (group.as_str(), "Group")];
    let made = client.post("/Groups", &json!({"displayName": "posted", "members": claims})).await;
    expect_members(&client, &made.json, &expected).await;
    let path = format!("/Groups/{}", client.post("/Groups", &json!({"displayName": "put"})).await.id());
    let put = client.put(&path, &json!({"displayName": "put", "members": claims})).await;
    expect_members(&client, &put.json, &expected).await;
    let path = format!("/Groups/{}", client.post("/Groups", &json!({"displayName": "patched"})).await.id());
    client.patch(&path, json!([{"op": "add", "path": "members", "value": claims}])).await;
    expect_members(&client, &client.get(&path).await.json, &expected).await;
}

#[tokio::test]
async fn rfc7643_s2_3_7_a_type_that_is_patched_rewrites_no_reference() {
    let (client, [user, group, _]) = world().await;
    let members = json!([{"value": user}, {"value": group}]);
    let made = client.post("/Groups", &json!({"displayName": "outer", "members": members})).await;
    let path = format!("/Groups/{}", made.id());
    for target in ["members.type", "members[value pr].type"] {
        let answer = client.patch(&path, json!([{"op": "replace", "path": target, "value": "Group"}])).await;
        assert!(answer.status == 204 || answer.status == 200 || answer.status == 400, "{}", answer.text);
        let read = client.get(&path).await;
        expect_members(&client, &read.json, &[(&user, "User"), (&group, "Group")]).await;
    }
}

#[tokio::test]
async fn rfc7643_s2_3_7_what_members_may_not_point_to_is_no_member() {
    let (client, [user, _, device]) = world().await;
    for claim in [json!({"value": device}), json!({"value": device, "type": "User"})] {
        let body = json!({"displayName": "outer", "members": [{"value": user}, claim]});
        let answer = client.post("/Groups", &body).await;
        assert_eq!(answer.error(), (400, "invalidValue".to_owned()));
    }

    let lenient = Client::of(builder().resource_type(device_type_of_groups()).resource_type(self::device()));
    let device = lenient.post("/Devices", &json!({"name": "phone"})).await.id();
    let body = json!({"displayName": "phones", "members": [{"value": device, "type": "User"}]});
    let made = lenient.post("/Groups", &body).await;
    expect_members(&lenient, &made.json, &[(&device, "Device")]).await;
}

/// Groups whose members may be devices.
fn device_type_of_groups() -> ResourceType {
    let group = ResourceType::group();
    let members = Attribute::complex(
        "members",
        [
            Attribute::string("value").case_exact(),
            Attribute::reference("$ref", ["User", "Device"]),
            Attribute::string("type"),
        ],
    );
    let schema = group.schema().as_ref().clone().attribute(members.multi_valued());
    group.with_schema(schema)
}

#[tokio::test]
async fn a_member_of_a_wrong_type_is_left_out_where_unknown_members_are() {
    let client = Client::of(builder().resource_type(device()).unknown_members(UnknownMembers::Ignore));
    let user = client.post("/Users", &json!({"userName": "anna"})).await.id();
    let device = client.post("/Devices", &json!({"name": "phone"})).await.id();
    let body = json!({"displayName": "outer", "members": [{"value": user}, {"value": device}]});
    let made = client.post("/Groups", &body).await;
    expect_members(&client, &made.json, &[(&user, "User")]).await;
}
