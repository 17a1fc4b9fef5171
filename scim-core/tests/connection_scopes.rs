//! What a key is good for, on every way in.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects, missing_docs)]

mod connection_support;

use std::sync::Mutex;

use async_trait::async_trait;
use connection_support::Setup;
use scim_core::{KeyOptions, Me, Principal, ResourceId, ScimError, Scopes, Subject};
use serde_json::{json, Value};

/// `/Me` is a user, or may become one.
struct MeIs(&'static Mutex<Option<ResourceId>>);

#[async_trait]
impl Me for MeIs {
    async fn subject(&self, _: &Principal) -> Result<Subject, ScimError> {
        let id = self.0.lock().unwrap().clone();
        Ok(match id {
            Some(id) => Subject::Resource { resource_type: "User".to_owned(), id },
            None => Subject::MayCreate { resource_type: "User".to_owned() },
        })
    }
}

struct Scene {
    setup: Setup,
    full: String,
    user: String,
    group: String,
    me: &'static Mutex<Option<ResourceId>>,
}

impl Scene {
    /// A user who is `/Me`, and a group.
    async fn new() -> Self {
        let me: &'static Mutex<Option<ResourceId>> = Box::leak(Box::default());
        let setup = Setup::with(|connections| connections, |builder| builder.me(MeIs(me))).await;
        let full = setup.key().await;
        let user = setup.send(&full, "POST", "/Users", &json!({"userName": "anna"})).await.id().to_owned();
        let group = setup.send(&full, "POST", "/Groups", &json!({"displayName": "staff"})).await.id().to_owned();
        *me.lock().unwrap() = Some(ResourceId::new(user.as_str()));
        Self { setup, full, user, group, me }
    }

    async fn key(&self, scopes: Scopes) -> String {
        self.setup.key_with(KeyOptions::new().scopes(scopes)).await
    }

    /// All that a user, a group and their endpoints are asked by single requests: whether it writes, and what.
    fn requests(&self, endpoint: &str) -> Vec<(bool, &'static str, String, Value)> {
        let (item, body) = match endpoint {
            "/Users" => (format!("/Users/{}", self.user), json!({"userName": "anna"})),
            _ => (format!("/Groups/{}", self.group), json!({"displayName": "staff"})),
        };
        let patch = json!({"Operations": [{"op": "add", "path": "externalId", "value": "7"}]});
        vec![
            (false, "GET", endpoint.to_owned(), Value::Null),
            (false, "GET", format!("{endpoint}?filter=externalId%20pr"), Value::Null),
            (false, "POST", format!("{endpoint}/.search"), json!({"count": 1})),
            (false, "GET", item.clone(), Value::Null),
            (false, "HEAD", item.clone(), Value::Null),
            (true, "POST", endpoint.to_owned(), json!({"userName": "olga", "displayName": "others"})),
            (true, "PUT", item.clone(), body),
            (true, "PATCH", item.clone(), patch),
            (true, "DELETE", item, Value::Null),
        ]
    }

    /// All resources, as someone with every right sees them.
    async fn everything(&self) -> Value {
        let mut document = self.setup.get(&self.full, "/").await.json;
        document["Resources"].take()
    }
}

#[tokio::test]
async fn a_key_for_reading_reads_and_does_not_write() {
    let scene = Scene::new().await;
    let key = scene.key(Scopes::all().reading_only()).await;
    let before = scene.everything().await;
    for endpoint in ["/Users", "/Groups"] {
        for (writes, method, path, body) in scene.requests(endpoint) {
            let answer = scene.setup.send(&key, method, &path, &body).await;
            assert_eq!(answer.status, if writes { 403 } else { 200 }, "{method} {path}: {}", answer.text);
        }
    }
    assert_eq!(scene.setup.send(&key, "POST", "/.search", &json!({})).await.json["totalResults"], 2);
    let bulk =
        json!({"Operations": [{"method": "POST", "path": "/Users", "data": {"userName": "olga"}, "bulkId": "1"}]});
    assert_eq!(scene.setup.send(&key, "POST", "/Bulk", &bulk).await.status, 403);
    assert_eq!(scene.everything().await, before);
}

#[tokio::test]
async fn a_key_for_users_has_nothing_to_do_with_groups() {
    let scene = Scene::new().await;
    let key = scene.key(Scopes::all().of_resource_types(["User"])).await;
    for (_, method, path, body) in scene.requests("/Groups") {
        let answer = scene.setup.send(&key, method, &path, &body).await;
        assert_eq!(answer.status, 403, "{method} {path}: {}", answer.text);
        assert!(!answer.text.contains("staff"));
    }
    for (_, method, path, body) in scene.requests("/Users") {
        let answer = scene.setup.send(&key, method, &path, &body).await;
        assert!(answer.status < 300, "{method} {path}: {}", answer.text);
    }
    let group = scene.setup.get(&scene.full, &format!("/Groups/{}", scene.group)).await;
    assert_eq!((group.status, group.json["externalId"].is_null()), (200, true));
}

#[tokio::test]
async fn what_a_key_is_not_for_is_403_whether_or_not_it_is_there() {
    let scene = Scene::new().await;
    let key = scene.key(Scopes::all().of_resource_types(["User"])).await;
    let there = scene.setup.get(&key, &format!("/Groups/{}", scene.group)).await;
    let nowhere = scene.setup.get(&key, "/Groups/nowhere").await;
    assert_eq!((there.status, there.text), (403, nowhere.text));
}

#[tokio::test]
async fn rfc7644_s3_4_2_1_a_query_on_the_root_is_of_the_types_that_the_key_is_for() {
    let scene = Scene::new().await;
    let key = scene.key(Scopes::all().of_resource_types(["Group"])).await;
    for (method, path, body) in [
        ("GET", "/", Value::Null),
        ("GET", "/?filter=id%20pr&sortBy=id", Value::Null),
        ("POST", "/.search", json!({})),
        ("POST", "/.search", json!({"filter": "meta.resourceType eq \"Group\""})),
    ] {
        let answer = scene.setup.send(&key, method, path, &body).await;
        assert_eq!(answer.json["totalResults"], 1, "{method} {path}: {}", answer.text);
        assert_eq!(answer.json["Resources"][0]["id"], scene.group.as_str());
    }
    let users = scene.setup.get(&key, "/?filter=userName%20eq%20%22anna%22").await;
    assert_eq!((users.status, &users.json["totalResults"]), (200, &json!(0)));
    let none = scene.key(Scopes::all().of_resource_types(["Device"])).await;
    assert_eq!(scene.setup.get(&none, "/").await.status, 403);
    assert_eq!(scene.setup.send(&none, "POST", "/.search", &json!({})).await.status, 403);
}

#[tokio::test]
async fn a_cursor_is_good_for_the_types_that_it_was_made_for() {
    let scene = Scene::new().await;
    let first = scene.setup.get(&scene.full, "/?cursor&count=1").await;
    let cursor = first.json["nextCursor"].as_str().unwrap().to_owned();
    let next = format!("/?cursor={cursor}&count=1");
    assert_eq!(scene.setup.get(&scene.full, &next).await.status, 200);
    let key = scene.key(Scopes::all().of_resource_types(["User"])).await;
    assert_eq!(scene.setup.get(&key, &next).await.status, 400);
}

#[tokio::test]
async fn rfc7644_s3_7_operations_of_a_bulk_request_are_checked_one_by_one() {
    let scene = Scene::new().await;
    let key = scene.key(Scopes::all().of_resource_types(["User"])).await;
    let group = format!("/Groups/{}", scene.group);
    let patch = json!({"Operations": [{"op": "add", "path": "externalId", "value": "7"}]});
    let bulk = json!({"Operations": [
        {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"userName": "olga"}},
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "x", "members": [{"value": "bulkId:u"}]}},
        {"method": "PUT", "path": group, "data": {"displayName": "x"}},
        {"method": "PATCH", "path": group, "data": patch},
        {"method": "DELETE", "path": group},
        {"method": "PATCH", "path": format!("/Users/{}", scene.user), "data": patch},
    ]});
    let answer = scene.setup.send(&key, "POST", "/Bulk", &bulk).await;
    let statuses: Vec<&str> =
        answer.json["Operations"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["201", "403", "403", "403", "403", "200"], "{}", answer.text);
    let left = scene.setup.get(&scene.full, &group).await;
    assert_eq!((left.status, &left.json["displayName"]), (200, &json!("staff")));
    assert_eq!(scene.setup.get(&scene.full, "/Groups").await.json["totalResults"], 1);
}

#[tokio::test]
async fn rfc7644_s3_7_1_a_circle_with_what_the_key_is_not_for_comes_to_nothing() {
    let scene = Scene::new().await;
    let key = scene.key(Scopes::all().of_resource_types(["User"])).await;
    let bulk = json!({"Operations": [
        {"method": "POST", "path": "/Groups", "bulkId": "a", "data": {"displayName": "a", "members": [{"value": "bulkId:b"}]}},
        {"method": "POST", "path": "/Groups", "bulkId": "b", "data": {"displayName": "b", "members": [{"value": "bulkId:a"}]}},
    ]});
    let answer = scene.setup.send(&key, "POST", "/Bulk", &bulk).await;
    assert!(answer.text.contains("403") && !answer.text.contains("201"), "{}", answer.text);
    assert_eq!(scene.setup.get(&scene.full, "/Groups").await.json["totalResults"], 1);
}

#[tokio::test]
async fn rfc7644_s3_11_me_is_no_way_around() {
    let scene = Scene::new().await;
    let reading = scene.key(Scopes::all().reading_only()).await;
    let groups = scene.key(Scopes::all().of_resource_types(["Group"])).await;
    let body = json!({"userName": "anna", "title": "Owner"});
    let patch = json!({"Operations": [{"op": "add", "path": "title", "value": "Owner"}]});
    assert_eq!(scene.setup.get(&reading, "/Me").await.status, 200);
    assert_eq!(scene.setup.get(&groups, "/Me").await.status, 403);
    for key in [&reading, &groups] {
        for (method, body) in [("PUT", &body), ("PATCH", &patch), ("DELETE", &Value::Null)] {
            assert_eq!(scene.setup.send(key, method, "/Me", body).await.status, 403, "{method}");
        }
    }
    *scene.me.lock().unwrap() = None;
    for key in [&reading, &groups] {
        assert_eq!(scene.setup.send(key, "POST", "/Me", &json!({"userName": "olga"})).await.status, 403);
    }
    let user = scene.setup.get(&scene.full, &format!("/Users/{}", scene.user)).await;
    assert!(user.json["title"].is_null());
}

#[tokio::test]
async fn rfc7644_s4_discovery_can_always_be_read() {
    let scene = Scene::new().await;
    let key = scene.key(Scopes::all().reading_only().of_resource_types(Vec::<String>::new())).await;
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/Group", "/Schemas"] {
        let (narrow, full) = (scene.setup.get(&key, path).await, scene.setup.get(&scene.full, path).await);
        assert_eq!((narrow.status, narrow.text), (200, full.text), "{path}");
    }
    assert_eq!(scene.setup.get(&key, "/Users").await.status, 403);
}
