//! What a host may choose: cursors that several servers share, `/Me`, members that do not exist, raw tokens.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use scim_core::{
    BearerTokens, Connections, Context, CursorKey, Event, Limits, Me, MemoryConnectionStore, MemoryStore, Observer,
    Principal, ResourceId, ScimError, Subject, TenantId, UnknownMembers,
};
use serde_json::{json, Value};
use support::{builder, Client};

async fn some_users(client: &Client) {
    for number in 0..3 {
        assert_eq!(client.post("/Users", &json!({"userName": format!("user{number}")})).await.status, 201);
    }
}

async fn second_page(client: &Client) -> String {
    let first = client.get("/Users?cursor&count=2").await;
    format!("/Users?cursor={}&count=2", first.json["nextCursor"].as_str().unwrap())
}

#[tokio::test]
async fn rfc9865_s2_servers_that_share_a_key_take_one_anothers_cursors() {
    let store = MemoryStore::new();
    let server = |key: [u8; 32]| Client::of(builder().store(store.clone()).cursor_key(CursorKey::new(key)));
    let (one, two, stranger) = (server([1; 32]), server([1; 32]), server([2; 32]));
    some_users(&one).await;
    let page = second_page(&one).await;
    assert_eq!(two.get(&page).await.json["Resources"].as_array().unwrap().len(), 1);
    assert_eq!(stranger.get(&page).await.error(), (400, "invalidCursor".to_owned()));
}

#[tokio::test]
async fn rfc9865_s2_servers_do_not_share_a_key_by_default() {
    let store = MemoryStore::new();
    let (one, two) = (Client::of(builder().store(store.clone())), Client::of(builder().store(store)));
    some_users(&one).await;
    let page = second_page(&one).await;
    assert_eq!(two.get(&page).await.error(), (400, "invalidCursor".to_owned()));
}

#[tokio::test]
async fn rfc9865_s2_1_a_cursor_expires_and_the_time_is_advertised() {
    let mut limits = Limits::default();
    limits.cursor_timeout = Duration::from_millis(1);
    let client = Client::of(builder().limits(limits.clone()));
    some_users(&client).await;
    let page = second_page(&client).await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(client.get(&page).await.error(), (400, "expiredCursor".to_owned()));
    limits.cursor_timeout = Duration::from_secs(7);
    let client = Client::of(builder().limits(limits));
    assert_eq!(client.get("/ServiceProviderConfig").await.json["pagination"]["cursorTimeout"], 7);
}

#[tokio::test]
async fn rfc7644_s3_11_me_that_is_not_bound_is_501() {
    let client = Client::new();
    for method in ["GET", "PUT", "PATCH", "DELETE", "POST"] {
        assert_eq!(client.send(method, "/Me", &[], "").await.error(), (501, String::new()), "{method}");
    }
}

#[tokio::test]
async fn rfc7644_s3_11_me_may_be_a_resource_of_any_type_and_of_one_that_is_not_served() {
    struct MeIs(&'static str, Mutex<Option<ResourceId>>);

    #[async_trait]
    impl Me for MeIs {
        async fn subject(&self, _: &Principal) -> Result<Subject, ScimError> {
            let id = self.1.lock().unwrap().clone();
            Ok(match (self.0, id) {
                ("User", Some(id)) => Subject::user(id),
                (name, Some(id)) => Subject::Resource { resource_type: name.to_owned(), id },
                (name, None) => Subject::MayCreate { resource_type: name.to_owned() },
            })
        }
    }

    let store = MemoryStore::new();
    let group = Client::of(builder().store(store.clone())).post("/Groups", &json!({"displayName": "Robots"})).await;
    let me = |name, id: Option<&str>| {
        let subject = MeIs(name, Mutex::new(id.map(ResourceId::new)));
        Client::of(builder().store(store.clone()).me(subject))
    };
    let answer = me("Group", Some(&group.id())).get("/Me").await;
    assert_eq!((answer.status, &answer.json), (200, &group.json));
    assert_eq!(answer.header("location"), group.header("location"));
    assert_eq!(me("Robot", Some(&group.id())).get("/Me").await.error(), (404, String::new()));
    assert_eq!(me("User", Some(&group.id())).get("/Me").await.error(), (404, String::new()));
    let made = me("Group", None).post("/Me", &json!({"displayName": "Others"})).await;
    assert_eq!((made.status, &made.json["meta"]["resourceType"]), (201, &json!("Group")));
    assert_eq!(me("Robot", None).post("/Me", &json!({})).await.error(), (404, String::new()));
}

/// Remembers what was left out of requests.
#[derive(Clone, Default)]
struct Ignored(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Observer for Ignored {
    async fn observe(&self, _: &Context, event: &Event<'_>) {
        self.0.lock().unwrap().extend(event.ignored.to_vec());
    }
}

#[tokio::test]
async fn members_that_do_not_exist_may_be_left_out() {
    let ignored = Ignored::default();
    let client = Client::of(builder().unknown_members(UnknownMembers::Ignore).observer(ignored.clone()));
    let anna = client.post("/Users", &json!({"userName": "anna"})).await.id();
    let theirs = client.other_tenant().post("/Users", &json!({"userName": "olga"})).await.id();
    let members = json!([{"value": "nobody"}, {"value": anna}, {"value": theirs}]);
    let left_out = || {
        let mut paths = std::mem::take(&mut *ignored.0.lock().unwrap());
        paths.sort();
        paths.dedup();
        paths
    };
    let mut expected = ["nobody", theirs.as_str()].map(|id| format!("members[value eq \"{id}\"]"));
    expected.sort();
    let values = |group: &Value| -> Vec<String> {
        group["members"].as_array().unwrap().iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
    };

    let made = client.post("/Groups", &json!({"displayName": "Guides", "members": members})).await;
    let path = format!("/Groups/{}", made.id());
    assert_eq!((made.status, values(&made.json), left_out()), (201, vec![anna.clone()], expected.to_vec()));
    let put = client.put(&path, &json!({"displayName": "Drivers", "members": members})).await;
    assert_eq!((put.status, values(&put.json), left_out()), (200, vec![anna.clone()], expected.to_vec()));
    let bert = client.post("/Users", &json!({"userName": "bert"})).await.id();
    let add =
        json!([{"op": "add", "path": "members", "value": [{"value": bert}, {"value": "nobody"}, {"value": theirs}]}]);
    let patch = client.patch(&path, add).await;
    assert_eq!((patch.status, values(&patch.json).len(), left_out()), (200, 2, expected.to_vec()));
    let nothing = client.patch(&path, json!([{"op": "add", "path": "members", "value": [{"value": "nobody"}]}])).await;
    assert_eq!((nothing.status, nothing.header("etag")), (200, patch.header("etag")));
}

#[tokio::test]
async fn raw_tokens_are_taken_where_the_host_says_so() {
    let tokens = || BearerTokens::new().token("a", TenantId::new("A"));
    let raw = Client::of(builder().authenticator(tokens().allow_raw_tokens(true)));
    let strict = Client::of(builder().authenticator(tokens()));
    for (credential, with, without) in [("a", 200, 401), ("Bearer a", 200, 200), ("Bearer", 401, 401), ("b", 401, 401)]
    {
        let headers = [("authorization", credential)];
        assert_eq!(raw.send("GET", "/Users", &headers, "").await.status, with, "{credential}");
        assert_eq!(strict.send("GET", "/Users", &headers, "").await.status, without, "{credential}");
    }
}

#[tokio::test]
async fn rfc9110_s11_6_2_a_credential_without_a_scheme_is_told_what_is_missing() {
    let tokens = || BearerTokens::new().token("a", TenantId::new("A"));
    let connections = Connections::new(MemoryConnectionStore::new());
    for builder in [builder().authenticator(tokens()), builder().authenticator(tokens()).connections(&connections)] {
        let client = Client::of(builder);
        let refused = client.send("GET", "/Users", &[("authorization", "a")], "").await;
        assert_eq!((refused.status, refused.header("www-authenticate").is_empty()), (401, false));
        let detail = refused.json["detail"].as_str().unwrap();
        assert!(detail.contains("without a scheme; send the token as Authorization: Bearer TOKEN"), "{detail}");
        for credential in ["Bearer b", "Bearer", "Basic a"] {
            let refused = client.send("GET", "/Users", &[("authorization", credential)], "").await;
            assert!(!refused.json["detail"].as_str().unwrap().contains("scheme"), "{credential}");
        }
    }
}
