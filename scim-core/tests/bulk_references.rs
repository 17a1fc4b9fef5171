//! `bulkId:` references and circles: RFC 7644 s3.7.1, s3.7.2.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::needless_pass_by_value, missing_docs)]

mod support;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use scim_core::{
    Attribute, CompatProfile, Context, Event, EventKind, MemoryStore, Observer, Policy, ResourceType, Schema,
    ScimError, Write,
};
use serde_json::{json, Value};
use support::{builder, Answer, Client};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn post(path: &str, bulk_id: &str, data: Value) -> Value {
    json!({"method": "POST", "path": path, "bulkId": bulk_id, "data": data})
}

fn user(name: &str) -> Value {
    post("/Users", name, json!({"userName": name}))
}

fn user_with_manager(name: &str, manager: &str) -> Value {
    post("/Users", name, json!({"userName": name, ENTERPRISE: {"manager": {"value": format!("bulkId:{manager}")}}}))
}

fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<_> = members.iter().map(|member| json!({"value": format!("bulkId:{member}")})).collect();
    post("/Groups", name, json!({"displayName": name, "members": members}))
}

fn patch(path: &str, operations: Value) -> Value {
    json!({"method": "PATCH", "path": path, "data": {"Operations": operations}})
}

async fn bulk(client: &Client, operations: Value) -> Answer {
    let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
    let answer = client.post("/Bulk", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

fn statuses(answer: &Answer) -> Vec<&str> {
    answer.json["Operations"].as_array().unwrap().iter().map(|result| result["status"].as_str().unwrap()).collect()
}

/// The scimType and the detail of a failed operation.
fn error(answer: &Answer, place: usize) -> (&str, &str) {
    let response = &answer.json["Operations"][place]["response"];
    assert_eq!(response["status"], answer.json["Operations"][place]["status"], "{}", answer.text);
    (response["scimType"].as_str().unwrap_or_default(), response["detail"].as_str().unwrap())
}

async fn found(client: &Client, answer: &Answer, place: usize) -> Value {
    let location = answer.json["Operations"][place]["location"].as_str().unwrap();
    client.get(location.strip_prefix("https://example.com/scim/v2").unwrap()).await.json
}

fn id(answer: &Answer, place: usize) -> String {
    answer.json["Operations"][place]["location"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

fn member_ids(group: &Value) -> Vec<String> {
    let members = group["members"].as_array().map_or(&[][..], Vec::as_slice);
    let mut ids: Vec<_> = members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn rfc7644_s3_7_2_paths_refer_to_what_the_request_creates() {
    let client = Client::new();
    let answer = bulk(
        &client,
        json!([
            user("a b"),
            patch("/Users/bulkId:a%20b", json!([{"op": "add", "path": "title", "value": "T"}])),
            {"method": "PUT", "path": "https://example.com/scim/v2/Users/bulkId%3Aa%20b", "data": {"userName": "c"}},
            user("gone"),
            {"method": "DELETE", "path": "/Users/bulkId:gone"},
        ]),
    )
    .await;
    assert_eq!(statuses(&answer), ["201", "200", "200", "201", "204"]);
    let results = &answer.json["Operations"];
    assert_eq!(results[1]["location"], results[0]["location"]);
    assert_eq!(results[4]["location"], results[3]["location"]);
    let left = found(&client, &answer, 0).await;
    assert_eq!((&left["userName"], &left["title"]), (&json!("c"), &Value::Null));
    assert_eq!(left["meta"]["version"], results[2]["version"]);
    assert_eq!(client.get("/Users").await.json["totalResults"], 1);
}

#[tokio::test]
async fn rfc7644_s3_7_2_patch_values_and_the_filters_of_patch_paths_refer() {
    let client = Client::new();
    let answer = bulk(
        &client,
        json!([
            user("a"),
            user("b"),
            group("g", &["a", "b"]),
            patch(
                "/Groups/bulkId:g",
                json!([
                    {"op": "remove", "path": "members[value eq \"bulkId:a\"]"},
                    {"op": "add", "path": "members", "value": [{"value": "bulkId:c"}]},
                    {"op": "add", "value": {"members": [{"value": "bulkId:d"}]}},
                ])
            ),
            user("c"),
            user("d"),
        ]),
    )
    .await;
    assert_eq!(statuses(&answer), ["201", "201", "201", "200", "201", "201"]);
    let mut expected = [id(&answer, 1), id(&answer, 4), id(&answer, 5)];
    expected.sort();
    assert_eq!(member_ids(&found(&client, &answer, 2).await), expected);
}

#[tokio::test]
async fn rfc7644_s3_7_operations_wait_for_what_they_refer_to_and_results_do_not() {
    let client = Client::new();
    let answer = bulk(
        &client,
        json!([group("outer", &["inner"]), group("inner", &["u"]), user_with_manager("v", "u"), user("u")]),
    )
    .await;
    assert_eq!(statuses(&answer), ["201"; 4]);
    let bulk_ids: Vec<_> = answer.json["Operations"].as_array().unwrap().iter().map(|r| r["bulkId"].clone()).collect();
    assert_eq!(bulk_ids, ["outer", "inner", "v", "u"]);
    assert_eq!(member_ids(&found(&client, &answer, 0).await), [id(&answer, 1)]);
    assert_eq!(member_ids(&found(&client, &answer, 1).await), [id(&answer, 3)]);
    assert_eq!(found(&client, &answer, 2).await[ENTERPRISE]["manager"]["value"], id(&answer, 3));
}

#[tokio::test]
async fn rfc7644_s3_7_operations_on_one_resource_stay_in_their_order() {
    let client = Client::new();
    let team = client.post("/Groups", &json!({"displayName": "team"})).await.id();
    let path = format!("/Groups/{team}");
    let answer = bulk(
        &client,
        json!([
            patch(&path, json!([{"op": "add", "path": "members", "value": [{"value": "bulkId:u"}]}])),
            patch(&path, json!([{"op": "remove", "path": "members"}])),
            user("u"),
        ]),
    )
    .await;
    assert_eq!(statuses(&answer), ["200", "200", "201"]);
    assert_eq!(client.get(&path).await.json["members"], json!([]));
}

#[tokio::test]
async fn references_to_no_operation_are_errors_of_their_own() {
    let client = Client::new();
    let answer = bulk(
        &client,
        json!([
            group("g", &["nobody"]),
            {"method": "DELETE", "path": "/Users/bulkId:nobody"},
            patch("/Groups/bulkId:g", json!([{"op": "remove", "path": "members[value eq \"bulkId:nobody\"]"}])),
            {"method": "PUT", "path": "/Users/1", "bulkId": "put", "data": {"userName": "x"}},
            user_with_manager("u", "put"),
        ]),
    )
    .await;
    assert_eq!(statuses(&answer), ["400", "400", "400", "404", "400"]);
    for (place, bulk_id) in [(0, "nobody"), (1, "nobody"), (2, "nobody"), (4, "put")] {
        let (scim_type, detail) = error(&answer, place);
        assert_eq!(scim_type, "invalidValue");
        assert!(detail.contains(bulk_id), "{detail}");
    }
    assert_eq!(answer.json["Operations"][1]["location"], "https://example.com/scim/v2/Users/bulkId%3Anobody");
    assert!(answer.json["Operations"][0].get("location").is_none());
}

#[tokio::test]
async fn what_needs_a_failed_operation_fails_and_the_rest_does_not() {
    let client = Client::new();
    let answer = bulk(
        &client,
        json!([
            post("/Users", "bad", json!({"displayName": "no name"})),
            group("g", &["good", "bad"]),
            group("h", &["g"]),
            patch("/Users/bulkId:bad", json!([{"op": "add", "path": "title", "value": "T"}])),
            user("good"),
            group("i", &["good"]),
        ]),
    )
    .await;
    assert_eq!(statuses(&answer), ["400", "400", "400", "400", "201", "201"]);
    for (place, needed) in [(1, "\"bad\""), (2, "\"g\""), (3, "\"bad\"")] {
        let (scim_type, detail) = error(&answer, place);
        assert_eq!(scim_type, "invalidValue");
        assert!(detail.contains(needed), "{detail}");
    }
    assert_eq!(client.get("/Groups").await.json["totalResults"], 1);
}

#[tokio::test]
async fn rfc7644_s3_7_1_circles_of_any_form_are_resolved() {
    for profile in [CompatProfile::LENIENT, CompatProfile::STRICT] {
        let client = Client::of(builder().profile(profile));
        let mut operations = json!([
            user_with_manager("boss", "boss"),
            user_with_manager("x", "y"),
            user_with_manager("y", "z"),
            user_with_manager("z", "x"),
            group("g", &["h", "x", "g"]),
            group("h", &["g", "boss"]),
            patch("/Groups/bulkId:g", json!([{"op": "remove", "path": "members[value eq \"bulkId:h\"]"}])),
        ]);
        for operation in operations.as_array_mut().unwrap() {
            let is_user = operation["path"] == "/Users";
            operation["data"]["schemas"] = match operation["method"].as_str() {
                Some("PATCH") => json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]),
                _ if is_user => json!(["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]),
                _ => json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]),
            };
        }
        let answer = bulk(&client, operations).await;
        assert_eq!(statuses(&answer), ["201", "201", "201", "201", "201", "201", "200"], "{}", answer.text);
        for (place, manager) in [(0, 0), (1, 2), (2, 3), (3, 1)] {
            let user = found(&client, &answer, place).await;
            assert_eq!(user[ENTERPRISE]["manager"]["value"], id(&answer, manager));
            assert_eq!(user["meta"]["version"], answer.json["Operations"][place]["version"]);
        }
        let mut expected = [id(&answer, 1), id(&answer, 4)];
        expected.sort();
        assert_eq!(member_ids(&found(&client, &answer, 4).await), expected);
        assert_eq!(member_ids(&found(&client, &answer, 5).await).len(), 2);
    }
}

#[tokio::test]
async fn what_clients_may_not_write_closes_no_circle() {
    let client = Client::of(builder().profile(CompatProfile::STRICT));
    let mut with_groups = post("/Users", "u", json!({"userName": "u", "groups": [{"value": "bulkId:g"}]}));
    with_groups["data"]["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    let mut team = group("g", &["u"]);
    team["data"]["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]);
    let answer = bulk(&client, json!([with_groups, team])).await;
    assert_eq!(statuses(&answer), ["201", "201"], "{}", answer.text);
    assert_eq!(found(&client, &answer, 0).await["groups"][0]["value"], id(&answer, 1));
}

#[tokio::test]
async fn rfc7644_s3_7_1_a_circle_fails_as_a_whole_and_leaves_nothing_behind() {
    let client = Client::new();
    let taken = client.post("/Users", &json!({"userName": "y"})).await;
    assert_eq!(taken.status, 201);
    let answer = bulk(
        &client,
        json!([
            user_with_manager("x", "y"),
            user_with_manager("y", "z"),
            user_with_manager("z", "x"),
            group("g", &["x"]),
            user("other"),
        ]),
    )
    .await;
    assert_eq!(statuses(&answer), ["400", "409", "400", "400", "201"]);
    assert_eq!(error(&answer, 1).0, "uniqueness");
    assert!(error(&answer, 0).1.contains("\"y\"") && error(&answer, 3).1.contains("\"x\""));
    let users = client.get("/Users?attributes=userName&sortBy=userName").await.json;
    let names: Vec<_> = users["Resources"].as_array().unwrap().iter().map(|user| user["userName"].clone()).collect();
    assert_eq!(names, ["other", "y"]);
    assert!(answer.json["Operations"][0].get("location").is_none());
}

/// Devices that cannot exist without their owner, and users that can be without their device.
fn devices(schema: &str) -> ResourceType {
    let urn = format!("urn:example:params:scim:schemas:{schema}");
    let schema =
        Schema::new(urn, schema).attribute(Attribute::string("owner").required()).attribute(Attribute::string("name"));
    ResourceType::new("Device", "/Devices", schema)
}

#[tokio::test]
async fn rfc7644_s3_7_1_what_a_resource_needs_is_created_first() {
    let client = Client::of(builder().resource_type(devices("Device")));
    let answer = bulk(
        &client,
        json!([
            post("/Devices", "d", json!({"owner": "bulkId:u"})),
            post("/Users", "u", json!({"userName": "u", ENTERPRISE: {"costCenter": "bulkId:d"}})),
        ]),
    )
    .await;
    assert_eq!(statuses(&answer), ["201", "201"], "{}", answer.text);
    assert_eq!(found(&client, &answer, 0).await["owner"], id(&answer, 1));
    assert_eq!(found(&client, &answer, 1).await[ENTERPRISE]["costCenter"], id(&answer, 0));
}

#[tokio::test]
async fn rfc7644_s3_7_1_a_circle_that_cannot_be_resolved_is_409() {
    let client = Client::of(builder().resource_type(devices("Device")));
    let answer = bulk(
        &client,
        json!([
            post("/Devices", "d", json!({"owner": "bulkId:e"})),
            post("/Devices", "e", json!({"owner": "bulkId:d"})),
            post("/Users", "u", json!({"userName": "u", "title": "bulkId:d"})),
        ]),
    )
    .await;
    assert_eq!(statuses(&answer), ["409", "409", "400"], "{}", answer.text);
    assert_eq!(client.get("/Devices").await.json["totalResults"], 0);
}

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<EventKind>>>);

#[async_trait]
impl Observer for Seen {
    async fn observe(&self, _: &Context, event: &Event<'_>) {
        self.0.lock().unwrap().push(event.kind);
    }
}

struct NoBoss;

#[async_trait]
impl Policy for NoBoss {
    async fn before(&self, _: &Context, write: &mut Write<'_>) -> Result<(), ScimError> {
        match write.draft().and_then(|draft| draft.attributes().string("userName")) {
            Some("boss") => Err(ScimError::invalid_value("userName must not be boss")),
            _ => Ok(()),
        }
    }
}

#[tokio::test]
async fn every_operation_passes_the_policies_and_is_told_to_the_observers() {
    let seen = Seen::default();
    let client = Client::of(builder().store(MemoryStore::new()).policy(NoBoss).observer(seen.clone()));
    let answer = bulk(&client, json!([user_with_manager("a", "b"), user_with_manager("b", "a"), user("boss")])).await;
    assert_eq!(statuses(&answer), ["201", "201", "400"]);
    assert_eq!(*seen.0.lock().unwrap(), [EventKind::Created, EventKind::Created, EventKind::Updated]);

    seen.0.lock().unwrap().clear();
    let answer = bulk(&client, json!([user_with_manager("c", "boss"), user_with_manager("boss", "c")])).await;
    assert_eq!(statuses(&answer), ["400", "400"]);
    assert_eq!(*seen.0.lock().unwrap(), [EventKind::Created, EventKind::Deleted]);
}
