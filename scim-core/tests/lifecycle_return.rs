//! What becomes of a removed resource whose name comes again, and of resources that the host makes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod support;

use std::sync::Arc;

use scim_core::{
    Attributes, BuildError, Capabilities, ConnectionId, ErrorKind, EventKind, Fetch, HostResources, MemoryStore,
    NewResource, OnDelete, OnInactive, OnReturn, Partition, Principal, ProvisioningPolicy, Resource, ResourceId,
    ResourceRules, ResourceStore, TenantId, Update, User, ENTERPRISE_USER,
};
use serde_json::{json, Value};
use support::connections::{builder, host_context, okta, okta_partition, Kinds};
use support::meeting::Meeting;
use support::Client;

fn users(rules: impl FnOnce(ResourceRules) -> ResourceRules) -> ProvisioningPolicy {
    ProvisioningPolicy::new().users(rules)
}

fn restoring(users: ResourceRules) -> ResourceRules {
    users.on_inactive(OnInactive::Remove).on_delete(OnDelete::Deactivate).on_return(OnReturn::Restore)
}

fn parts(policy: ProvisioningPolicy) -> (Client, MemoryStore, Kinds) {
    let (store, kinds) = (MemoryStore::new(), Kinds::default());
    let server = builder(&store, policy).observer(kinds.clone()).build().unwrap();
    (Client { server, token: "okta" }, store, kinds)
}

fn of_host() -> Partition {
    Partition::of_tenant(TenantId::new("A"))
}

/// Makes a user as the host does.
async fn by_hand(store: &MemoryStore, user: Value) -> Resource {
    let attributes = Attributes::from_stored(user.as_object().unwrap().clone());
    store.create(&host_context(of_host()), NewResource::new(attributes)).await.unwrap()
}

async fn stored(store: &MemoryStore, partition: Partition, id: &str) -> Option<Attributes> {
    let found = store.get(&host_context(partition), &ResourceId::new(id), &Fetch::all()).await.unwrap();
    found.map(|resource| resource.attributes)
}

#[tokio::test]
async fn the_same_user_comes_back_with_the_attributes_of_the_body() {
    let (client, store, kinds) = parts(users(|users| {
        restoring(users)
            .forbid("nickName")
            .immutable("title")
            .immutable("locale")
            .derive("displayName", |user| format!("<{}>", user.string("userName").unwrap_or_default()))
    }));
    let made = client
        .post("/Users", &json!({"userName": "A@b.co", "title": "Guide", "locale": "sv", "timezone": "Europe/Oslo"}))
        .await;
    let path = format!("/Users/{}", made.id());
    let cx = host_context(okta_partition());
    let mut edited = stored(&store, okta_partition(), &made.id()).await.unwrap().into_map();
    edited.insert("nickName".to_owned(), json!("by hand"));
    store.update(&cx, &ResourceId::new(made.id()), Update::document(Attributes::from_stored(edited))).await.unwrap();

    for leave in ["delete", "put", "patch"] {
        match leave {
            "delete" => assert_eq!(client.delete(&path).await.status, 204),
            "put" => assert_eq!(client.put(&path, &json!({"userName": "a@B.co", "active": false})).await.status, 200),
            _ => assert_eq!(
                client.patch(&path, json!([{"op": "Replace", "path": "active", "value": "False"}])).await.status,
                200
            ),
        }
        assert_eq!(client.get(&path).await.status, 404);
        kinds.take();
        let back = client
            .post("/Users", &json!({"userName": "a@B.co", "title": "Scout", ENTERPRISE_USER: {"department": "x"}}))
            .await;
        assert_eq!((back.status, back.id()), (201, made.id()), "{leave}: {}", back.text);
        assert_eq!(back.header("location"), format!("https://example.com/scim/v2{path}"));
        assert_eq!(back.json["active"], true);
        assert_eq!((&back.json["title"], &back.json["locale"]), (&json!("Scout"), &json!("sv")), "set anew, and kept");
        assert_eq!((&back.json["timezone"], &back.json["displayName"]), (&Value::Null, &json!("<a@B.co>")));
        assert_eq!(back.json["meta"]["created"], made.json["meta"]["created"]);
        assert_eq!(kinds.take(), [EventKind::Restored, EventKind::Activated]);
        assert_eq!(client.get(&path).await.json, back.json);
        assert_eq!(stored(&store, okta_partition(), &made.id()).await.unwrap().string("nickName"), Some("by hand"));
        assert_eq!(client.get("/Users").await.json["totalResults"], 1);
    }
}

#[tokio::test]
async fn of_several_the_one_removed_last_comes_back() {
    let clock = std::sync::atomic::AtomicI64::new(0);
    let store = MemoryStore::new().with_clock(move || {
        let minute = clock.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        scim_core::DateTime::parse(&format!("2024-01-01T{:02}:{:02}:00Z", minute / 60, minute % 60)).unwrap()
    });
    let forgetting = okta(&store, users(|users| users.on_delete(OnDelete::Remove)));
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(forgetting.post("/Users", &json!({"userName": "a"})).await.id());
        forgetting.delete(&format!("/Users/{}", ids.last().unwrap())).await;
    }
    let other = forgetting.post("/Users", &json!({"userName": "b"})).await;
    forgetting.delete(&format!("/Users/{}", other.id())).await;
    let client = okta(&store, users(restoring));
    assert_eq!(client.post("/Users", &json!({"userName": "a"})).await.id(), ids[2]);
    assert_eq!(client.post("/Users", &json!({"userName": "a"})).await.error(), (409, "uniqueness".into()));
    let fresh = client.post("/Users", &json!({"userName": "c"})).await;
    assert!(fresh.status == 201 && !ids.contains(&fresh.id()));
}

#[tokio::test]
async fn of_two_posts_at_once_one_restores_and_the_other_is_409() {
    for match_on in ["userName", "externalId"] {
        let store = MemoryStore::new();
        let policy = || users(|users| restoring(users).match_on(match_on));
        let before = okta(&store, policy());
        let id = before.post("/Users", &json!({"userName": "a", "externalId": "7"})).await.id();
        before.delete(&format!("/Users/{id}")).await;
        let barrier = Some(Arc::new(async_lock::Barrier::new(2)));
        let meeting = Meeting { store: store.clone(), capabilities: Capabilities::ALL, barrier };
        let client = Client { server: builder(&store, policy()).store(meeting).build().unwrap(), token: "okta" };
        let bodies = [
            json!({"userName": "a", "externalId": "7"}),
            json!({"userName": if match_on == "userName" { "A" } else { "b" }, "externalId": "7"}),
        ];
        let (one, two) = tokio::join!(client.post("/Users", &bodies[0]), client.post("/Users", &bodies[1]));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{} {}", one.text, two.text);
        let (won, lost) = if one.status == 201 { (&one, &two) } else { (&two, &one) };
        assert_eq!((won.id(), lost.error().1), (id, "uniqueness".to_owned()));
        assert_eq!(before.get("/Users").await.json["totalResults"], 1);
    }
}

#[test]
fn a_store_that_cannot_move_resources_cannot_keep_them() {
    let can = |capabilities: Capabilities, rules: fn(ResourceRules) -> ResourceRules| {
        let store = MemoryStore::new();
        let meeting = Meeting { store: store.clone(), capabilities, barrier: None };
        builder(&store, users(rules)).store(meeting).build()
    };
    let mut without_partitions = Capabilities::ALL;
    without_partitions.partitions = false;
    let mut without_filter = Capabilities::ALL;
    without_filter.filter = false;
    let rules: [fn(ResourceRules) -> ResourceRules; 5] = [
        |users| users.on_inactive(OnInactive::Remove),
        |users| users.on_delete(OnDelete::Remove),
        |users| users.on_delete(OnDelete::Deactivate),
        |users| users.on_return(OnReturn::Restore),
        ResourceRules::danger_adopt_host_resources,
    ];
    for rules in rules {
        let refused = can(without_partitions, rules).unwrap_err().to_string();
        assert!(refused.contains("Capabilities::partitions"), "{refused}");
        assert!(can(Capabilities::ALL, rules).is_ok());
    }
    let refused = can(without_filter, |users| users.on_return(OnReturn::Restore)).unwrap_err().to_string();
    assert!(refused.contains("Capabilities::filter"), "{refused}");
    assert!(can(without_partitions, |users| users.on_inactive(OnInactive::Delete)).is_ok());
}

#[tokio::test]
async fn a_removed_user_of_another_connection_or_tenant_does_not_come_back() {
    let (client, ..) = parts(users(restoring));
    let id = client.post("/Users", &json!({"userName": "a"})).await.id();
    client.delete(&format!("/Users/{id}")).await;
    for token in ["entra", "other", "host"] {
        assert_ne!(client.as_principal(token).post("/Users", &json!({"userName": "a"})).await.id(), id);
    }
    assert_eq!(client.post("/Users", &json!({"userName": "a"})).await.id(), id);
}

#[tokio::test]
async fn a_group_comes_back_by_its_name_or_by_what_is_declared_with_the_members_of_the_body() {
    let (store, kinds) = (MemoryStore::new(), Kinds::default());
    let rules = |groups: ResourceRules| groups.on_delete(OnDelete::Remove).on_return(OnReturn::Restore);
    for match_on in ["displayName", "externalId"] {
        let policy = ProvisioningPolicy::new().groups(|groups| rules(groups).match_on(match_on));
        let client = Client { server: builder(&store, policy).observer(kinds.clone()).build().unwrap(), token: "okta" };
        let mut ids = Vec::new();
        for name in ["a", "b"] {
            ids.push(client.post("/Users", &json!({"userName": format!("{match_on}{name}")})).await.id());
        }
        let group =
            json!({"displayName": match_on, "externalId": format!("{match_on}7"), "members": [{"value": ids[0]}]});
        let id = client.post("/Groups", &group).await.id();
        assert_eq!(client.delete(&format!("/Groups/{id}")).await.status, 204);
        let mut again = group.clone();
        again["members"] = json!([{"value": ids[1]}]);
        again[if match_on == "externalId" { "displayName" } else { "externalId" }] = json!("another");
        let back = client.post("/Groups", &again).await;
        assert_eq!((back.status, back.id()), (201, id.clone()), "{}", back.text);
        let read = client.get(&format!("/Groups/{id}")).await.json;
        let members: Vec<&Value> = read["members"].as_array().unwrap().iter().map(|member| &member["value"]).collect();
        assert_eq!(members, [&json!(ids[1])]);
    }
}

#[tokio::test]
async fn a_restored_user_of_a_bulk_request_is_told_with_it_and_an_atomic_one_that_fails_restores_nobody() {
    for atomic in [false, true] {
        let (store, kinds) = (MemoryStore::new(), Kinds::default());
        let server = builder(&store, users(restoring)).observer(kinds.clone()).atomic_bulk(atomic).build().unwrap();
        let client = Client { server, token: "okta" };
        let id = client.post("/Users", &json!({"userName": "a"})).await.id();
        client.delete(&format!("/Users/{id}")).await;
        kinds.take();
        let bulk = |second: Value| {
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
                {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "a"}}, second]})
        };
        if atomic {
            let failing = bulk(json!({"method": "DELETE", "path": "/Users/none"}));
            client.post("/Bulk", &failing).await;
            assert_eq!(kinds.take(), []);
            assert!(stored(&store, okta_partition().removed(), &id).await.is_some());
        }
        let group = json!({"method": "POST", "path": "/Groups", "bulkId": "g",
            "data": {"displayName": "g", "members": [{"value": "bulkId:a"}]}});
        let answer = client.post("/Bulk", &bulk(group)).await;
        assert_eq!(answer.json["Operations"][0]["status"], "201", "{}", answer.text);
        assert!(answer.json["Operations"][0]["location"].as_str().unwrap().ends_with(&id));
        assert_eq!(answer.json["Operations"][1]["status"], "201", "{}", answer.text);
        assert_eq!(kinds.take(), [EventKind::Restored, EventKind::Activated, EventKind::Created]);
    }
}

#[tokio::test]
async fn what_the_host_makes_is_nothing_to_a_connection_unless_it_is_declared() {
    let (client, store, _) = parts(ProvisioningPolicy::new());
    let own = by_hand(&store, json!({"userName": "a"})).await;
    let made = client.post("/Users", &json!({"userName": "a"})).await;
    assert_eq!((made.status, made.id() == own.id.as_str()), (201, false));
    assert_eq!(client.get(&format!("/Users/{}", own.id)).await.status, 404);

    let store = MemoryStore::new();
    let client = okta(&store, users(|users| users.host_resources(HostResources::Conflicting)));
    assert_eq!(client.post("/Users", &json!({"userName": "b"})).await.status, 201);
    let host = client.server.resources_of(Principal::new(TenantId::new("A"), "host"));
    let own = host.users().create(&User::new("a")).await.unwrap();
    let refused = client.post("/Users", &json!({"userName": "A"})).await;
    assert_eq!(refused.error(), (409, "uniqueness".to_owned()));
    assert_eq!(client.get(&format!("/Users/{}", own.id)).await.status, 404);
    assert_eq!(client.get("/Users?filter=userName%20eq%20%22a%22").await.json["totalResults"], 0);
    assert_eq!(client.as_principal("other").post("/Users", &json!({"userName": "a"})).await.status, 201);
}

#[tokio::test]
async fn an_adopted_resource_moves_to_the_connection_with_the_attributes_of_the_body() {
    let (client, store, kinds) =
        parts(users(|users| users.only(["userName", "title", "active"]).danger_adopt_host_resources()));
    let own = by_hand(&store, json!({"userName": "a", "nickName": "by hand", "title": "Guide"})).await;
    let adopted = client.post("/Users", &json!({"userName": "A"})).await;
    assert_eq!((adopted.status, adopted.id()), (201, own.id.to_string()));
    assert_eq!(
        (&adopted.json["userName"], &adopted.json["title"], &adopted.json["nickName"]),
        (&json!("A"), &Value::Null, &Value::Null)
    );
    assert_eq!(kinds.take(), [EventKind::Adopted]);
    assert_eq!(stored(&store, of_host(), own.id.as_str()).await, None);
    assert_eq!(stored(&store, okta_partition(), own.id.as_str()).await.unwrap().string("nickName"), Some("by hand"));
    assert_eq!(client.post("/Users", &json!({"userName": "a"})).await.status, 409);
    by_hand(&store, json!({"userName": "c"})).await;
    let host = client.as_principal("host");
    assert_eq!(host.post("/Users", &json!({"userName": "c"})).await.status, 409, "the host adopts nothing of its own");
}

#[tokio::test]
async fn a_removed_resource_of_the_connection_comes_before_one_of_the_host() {
    let (client, store, _) = parts(users(|users| restoring(users).danger_adopt_host_resources()));
    let id = client.post("/Users", &json!({"userName": "a"})).await.id();
    client.delete(&format!("/Users/{id}")).await;
    by_hand(&store, json!({"userName": "a"})).await;
    assert_eq!(client.post("/Users", &json!({"userName": "a"})).await.id(), id);
}

#[tokio::test]
async fn a_migrated_resource_is_the_connections() {
    let (client, store, _) = parts(ProvisioningPolicy::new());
    let own = by_hand(&store, json!({"userName": "a", "nickName": "b"})).await;
    let host = client.server.resources_of(Principal::new(TenantId::new("A"), "host")).users();
    let okta = client
        .server
        .resources_of(Principal::new(TenantId::new("A"), "okta").with_connection(ConnectionId::new("okta")));
    let found = "/Users?filter=userName%20eq%20%22a%22";
    assert_eq!(client.get(found).await.json["totalResults"], 0);
    host.migrate_to(&own.id, &okta).await.unwrap();
    assert_eq!(okta.users().get(&own.id).await.unwrap().unwrap().nick_name.as_deref(), Some("b"));
    assert_eq!(client.get(found).await.json["Resources"][0]["id"], own.id.as_str());
    assert_eq!(client.as_principal("entra").get(found).await.json["totalResults"], 0);
    assert_eq!(host.migrate_to(&own.id, &okta).await.unwrap_err().kind(), &ErrorKind::NotFound);
    let second = by_hand(&store, json!({"userName": "A"})).await;
    assert_eq!(host.migrate_to(&second.id, &okta).await.unwrap_err().kind(), &ErrorKind::Uniqueness);
}

#[test]
fn what_a_resource_is_known_by_is_checked_when_the_server_is_built() {
    let problem = |policy: ProvisioningPolicy| match builder(&MemoryStore::new(), policy).build() {
        Err(BuildError::Provisioning { problem, .. }) => problem,
        other => panic!("{other:?}"),
    };
    for path in ["emails", "emails.value", "active", "name.familyName"] {
        let refused = problem(users(|users| restoring(users).match_on(path)));
        assert!(refused.contains("match_on takes an attribute that is a single text"), "{refused}");
    }
    assert!(problem(users(|users| restoring(users).match_on("mail"))).contains("is not an attribute"));
    let nobody_returns = problem(users(|users| users.match_on("externalId").on_delete(OnDelete::Remove)));
    assert!(nobody_returns.contains("say on_return(OnReturn::Restore) too"), "{nobody_returns}");
    let nameless = users(|users| users.only(["title"]).on_return(OnReturn::Restore));
    assert!(problem(nameless).contains("must be said with match_on"));
}
