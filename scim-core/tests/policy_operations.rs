//! Operations that a policy does not offer, and several policies in one server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod support;

use async_trait::async_trait;
use scim_core::{
    BearerTokens, Me, Principal, ProvisioningPolicy, ResourceId, ResourceOperation, ScimError, Subject, TenantId,
};
use serde_json::{json, Value};
use support::{builder, Client};

const ALL: [ResourceOperation; 6] = [
    ResourceOperation::Create,
    ResourceOperation::Read,
    ResourceOperation::List,
    ResourceOperation::Replace,
    ResourceOperation::Patch,
    ResourceOperation::Delete,
];

fn groups_without(operations: &[ResourceOperation]) -> ProvisioningPolicy {
    ProvisioningPolicy::new()
        .groups(|groups| operations.iter().fold(groups, |groups, operation| groups.without(*operation)))
}

fn bulk(operations: &Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations})
}

#[tokio::test]
async fn an_operation_that_is_not_offered_is_501_alone_and_in_bulk() {
    let requests = [
        ("POST", "/Groups", r#"{"displayName": "g"}"#),
        ("GET", "/Groups/1", ""),
        ("GET", "/Groups", ""),
        ("PUT", "/Groups/1", r#"{"displayName": "g"}"#),
        ("PATCH", "/Groups/1", r#"{"Operations": [{"op": "remove", "path": "externalId"}]}"#),
        ("DELETE", "/Groups/1", ""),
    ];
    for (operation, (method, path, body)) in ALL.into_iter().zip(requests) {
        let client = Client::of(builder().provisioning(groups_without(&[operation])));
        for (other, (method, path, body)) in ALL.into_iter().zip(requests) {
            let status = client.send(method, path, &[], body).await.status;
            assert_eq!(status == 501, other == operation, "{method} {path}: {status} without {operation:?}");
        }
        let answer = client.send(method, path, &[], body).await;
        let detail = answer.json["detail"].as_str().unwrap();
        assert!(detail.starts_with("A Group cannot be "), "{detail}");
        assert_eq!(answer.error().1, "");
        if method != "GET" {
            let data: Value = serde_json::from_str(if body.is_empty() { "null" } else { body }).unwrap();
            let one = json!([{"method": method, "path": path, "bulkId": "b", "data": data}]);
            let answer = client.post("/Bulk", &bulk(&one)).await;
            assert_eq!(answer.json["Operations"][0]["status"], "501", "{}", answer.text);
        }
        let user = client.post("/Users", &json!({"userName": "a"})).await;
        assert_eq!(user.status, 201, "the other types offer everything");
    }
}

#[tokio::test]
async fn a_query_on_several_types_leaves_out_what_cannot_be_listed() {
    let client = Client::of(builder().provisioning(groups_without(&[ResourceOperation::List])));
    client.post("/Groups", &json!({"displayName": "g"})).await;
    client.post("/Users", &json!({"userName": "a"})).await;
    assert_eq!(client.get("/").await.json["totalResults"], 1);
    let search = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]});
    assert_eq!(client.post("/.search", &search).await.json["totalResults"], 1);
    assert_eq!(client.post("/Groups/.search", &search).await.status, 501);
}

#[tokio::test]
async fn the_allow_header_names_what_is_offered() {
    let client =
        Client::of(builder().provisioning(groups_without(&[ResourceOperation::Create, ResourceOperation::Replace])));
    let endpoint = client.send("PATCH", "/Groups", &[], "{}").await;
    assert_eq!((endpoint.status, endpoint.header("allow")), (405, "GET, HEAD"));
    let resource = client.send("POST", "/Groups/1", &[], "{}").await;
    assert_eq!((resource.status, resource.header("allow")), (405, "GET, HEAD, PATCH, DELETE"));
    let users = client.send("POST", "/Users/1", &[], "{}").await;
    assert_eq!(users.header("allow"), "GET, HEAD, PUT, PATCH, DELETE");
}

#[tokio::test]
async fn discovery_says_what_is_supported_by_some_type() {
    let supported = |policy: ProvisioningPolicy| async move {
        let config = Client::of(builder().provisioning(policy)).get("/ServiceProviderConfig").await.json;
        ["patch", "bulk", "filter", "sort"].map(|feature| config[feature]["supported"].as_bool().unwrap())
    };
    let everywhere = |operations: &'static [ResourceOperation]| {
        let without = move |rules| {
            operations.iter().fold(rules, |rules: scim_core::ResourceRules, operation| rules.without(*operation))
        };
        ProvisioningPolicy::new().users(without).groups(without)
    };
    assert_eq!(supported(ProvisioningPolicy::new()).await, [true; 4]);
    assert_eq!(supported(groups_without(&[ResourceOperation::Patch])).await, [true; 4]);
    assert_eq!(supported(everywhere(&[ResourceOperation::Patch])).await, [false, true, true, true]);
    assert_eq!(supported(everywhere(&[ResourceOperation::List])).await, [true, true, false, false]);
    const WRITES: [ResourceOperation; 4] =
        [ResourceOperation::Create, ResourceOperation::Replace, ResourceOperation::Patch, ResourceOperation::Delete];
    assert_eq!(supported(everywhere(&WRITES)).await, [false, false, true, true]);
    let read_only = Client::of(builder().provisioning(everywhere(&WRITES)));
    assert_eq!(read_only.post("/Bulk", &bulk(&json!([]))).await.error().0, 501);
}

struct MeIsAGroup;

#[async_trait]
impl Me for MeIsAGroup {
    async fn subject(&self, _: &Principal) -> Result<Subject, ScimError> {
        Ok(Subject::user(ResourceId::new("1")))
    }
}

#[tokio::test]
async fn a_type_without_any_operation_does_not_exist() {
    let policy = ALL
        .into_iter()
        .fold(ProvisioningPolicy::new(), |policy, operation| policy.users(|users| users.without(operation)));
    let client = Client::of(builder().me(MeIsAGroup).provisioning(policy));
    for (method, path) in
        [("GET", "/Users"), ("POST", "/Users"), ("DELETE", "/Users"), ("GET", "/Users/1"), ("POST", "/Users/.search")]
    {
        assert_eq!(client.send(method, path, &[], "").await.status, 404, "{method} {path}");
    }
    assert_eq!(client.get("/Me").await.status, 404);
    assert_eq!(client.get("/ResourceTypes").await.json["totalResults"], 1);
    assert_eq!(client.get("/ResourceTypes/User").await.status, 404);
    assert_eq!(client.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:User").await.status, 404);
    assert_eq!(client.post("/Groups", &json!({"displayName": "g"})).await.status, 201);
    let one = json!([{"method": "POST", "path": "/Users", "bulkId": "b", "data": {"userName": "a"}}]);
    assert_eq!(client.post("/Bulk", &bulk(&one)).await.json["Operations"][0]["status"], "404");
}

#[tokio::test]
async fn every_principal_meets_its_own_policy() {
    let of = |name: &'static str| Principal::new(TenantId::new("A"), name);
    let tokens = BearerTokens::new()
        .principal("a", of("common"))
        .principal("s", of("short").with_policy("short"))
        .principal("n", of("no users").with_policy("no users"));
    let client = Client::of(
        builder()
            .authenticator(tokens)
            .provisioning(ProvisioningPolicy::new().users(|users| users.require("title")))
            .provisioning_named("short", ProvisioningPolicy::new().users(|users| users.only(["userName"])))
            .provisioning_named(
                "no users",
                ALL.into_iter().fold(ProvisioningPolicy::new(), |policy, operation| {
                    policy.users(|users| users.without(operation))
                }),
            ),
    );
    let short = Client { server: client.server.clone(), token: "s" };
    let none = Client { server: client.server.clone(), token: "n" };
    let body = json!({"userName": "a"});
    assert_eq!(client.post("/Users", &body).await.status, 400);
    let made = short.post("/Users", &body).await;
    assert_eq!(made.status, 201);
    assert_eq!(none.post("/Users", &body).await.status, 404);
    assert_eq!(none.post("/Groups", &json!({"displayName": "g", "members": [{"value": made.id()}]})).await.status, 201);
    let count = |json: Value| json["attributes"].as_array().unwrap().len();
    let schema = "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User";
    assert!(count(client.get(schema).await.json) > 10);
    assert_eq!(count(short.get(schema).await.json), 1);
    assert_eq!(none.get(schema).await.status, 404);
    assert_eq!(short.get("/Groups").await.json["totalResults"], 1);
    let in_bulk = bulk(&json!([{"method": "POST", "path": "/Users", "bulkId": "b", "data": {"userName": "b"}}]));
    assert_eq!(short.post("/Bulk", &in_bulk).await.json["Operations"][0]["status"], "201");
    assert_eq!(client.post("/Bulk", &in_bulk).await.json["Operations"][0]["status"], "400");
}
