//! What observers are told, and when.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use scim_core::{Context, Event, EventKind, MembersUpdate, Observer, Resource, ResourceId};
use serde_json::{json, Value};
use support::{builder, Client};

/// An event, kept.
#[derive(Clone, Debug)]
struct Kept {
    kind: EventKind,
    id: String,
    before: Option<Value>,
    after: Option<Value>,
    members: MembersUpdate,
    ignored: Vec<String>,
    circumstances: (String, String, String),
}

#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<Kept>>>);

#[async_trait]
impl Observer for Recorder {
    async fn observe(&self, cx: &Context, event: &Event<'_>) {
        let document = |resource: &Resource| Value::Object(resource.attributes.as_map().clone());
        self.0.lock().unwrap().push(Kept {
            kind: event.kind,
            id: event.id.as_str().to_owned(),
            before: event.before.map(document),
            after: event.after.map(document),
            members: event.members.clone(),
            ignored: event.ignored.to_vec(),
            circumstances: (cx.tenant().to_string(), cx.resource_type.name().to_owned(), cx.request_id.to_string()),
        });
    }
}

impl Recorder {
    /// What happened since the last call.
    fn take(&self) -> Vec<Kept> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn kinds(&self) -> Vec<EventKind> {
        self.take().iter().map(|event| event.kind).collect()
    }
}

fn client() -> (Client, Recorder) {
    let recorder = Recorder::default();
    (Client::of(builder().observer(recorder.clone())), recorder)
}

#[tokio::test]
async fn the_life_of_a_user_is_told_in_order_with_before_and_after() {
    let (client, recorder) = client();
    let made = client.send("POST", "/Users", &[("x-request-id", "r1")], r#"{"userName":"anna","unknown":1}"#).await;
    let path = format!("/Users/{}", made.id());
    let events = recorder.take();
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].kind, &events[0].id), (EventKind::Created, &made.id()));
    assert_eq!((&events[0].before, &events[0].after), (&None, &Some(json!({"userName": "anna", "active": true}))));
    assert_eq!(events[0].circumstances, ("A".into(), "User".into(), "r1".into()));
    assert_eq!(events[0].ignored, ["unknown"]);

    let deactivate = json!([{"op": "replace", "path": "active", "value": false}]);
    client.patch(&path, deactivate).await;
    let events = recorder.take();
    assert_eq!(events.iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::Updated, EventKind::Deactivated]);
    for event in events {
        assert_eq!(event.before.unwrap()["active"], true);
        assert_eq!(event.after.unwrap()["active"], false);
    }

    client.put(&path, &json!({"userName": "anna", "active": true, "title": "Guide"})).await;
    assert_eq!(recorder.kinds(), [EventKind::Updated, EventKind::Activated]);
    client.patch(&path, json!([{"op": "replace", "path": "title", "value": "Driver"}])).await;
    assert_eq!(recorder.kinds(), [EventKind::Updated]);

    client.delete(&path).await;
    let events = recorder.take();
    assert_eq!((events.len(), events[0].kind, &events[0].after), (1, EventKind::Deleted, &None));
    assert_eq!(events[0].before.as_ref().unwrap()["title"], "Driver");
}

#[tokio::test]
async fn what_comes_and_goes_in_a_group_is_told_as_it_was_asked() {
    let (client, recorder) = client();
    let anna = client.post("/Users", &json!({"userName": "anna"})).await.id();
    let bert = client.post("/Users", &json!({"userName": "bert"})).await.id();
    let group = client.post("/Groups", &json!({"displayName": "Guides", "members": [{"value": anna}]})).await;
    let path = format!("/Groups/{}", group.id());
    let made = recorder.take().pop().unwrap();
    let MembersUpdate::Set(first) = &made.members else { panic!("{made:?}") };
    assert_eq!((made.kind, first.len(), first[0].value.as_str()), (EventKind::Created, 1, anna.as_str()));

    client
        .patch(
            &path,
            json!([
                {"op": "add", "path": "members", "value": [{"value": bert}]},
                {"op": "remove", "path": format!("members[value eq \"{anna}\"]")},
            ]),
        )
        .await;
    let events = recorder.take();
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].kind, &events[0].circumstances.1), (EventKind::MembersChanged, &"Group".to_owned()));
    let MembersUpdate::Delta { add, remove } = &events[0].members else { panic!("{events:?}") };
    assert_eq!(add.iter().map(|member| member.value.as_str()).collect::<Vec<_>>(), [bert.as_str()]);
    assert_eq!(remove.iter().map(ResourceId::as_str).collect::<Vec<_>>(), [anna.as_str()]);

    client.put(&path, &json!({"displayName": "Drivers"})).await;
    assert_eq!(recorder.kinds(), [EventKind::Updated, EventKind::MembersChanged]);
    client.patch(&path, json!([{"op": "replace", "path": "displayName", "value": "Pilots"}])).await;
    assert_eq!(recorder.kinds(), [EventKind::Updated]);
}

#[tokio::test]
async fn nothing_is_told_of_what_did_not_happen() {
    let (client, recorder) = client();
    let made = client.post("/Users", &json!({"userName": "anna", "title": "Guide"})).await;
    let path = format!("/Users/{}", made.id());
    recorder.take();
    client.get(&path).await;
    client.post("/Users", &json!({"userName": "anna"})).await.error();
    client.post("/Users", &json!({"title": "Guide"})).await.error();
    client.put(&path, &json!({"userName": "anna", "title": true})).await.error();
    client.put(&path, &made.json).await;
    client.patch(&path, json!([{"op": "replace", "path": "title", "value": "Guide"}])).await;
    client.patch(&path, json!([{"op": "replace", "path": "id", "value": "x"}])).await.error();
    client.send("DELETE", &path, &[("if-match", "\"other\"")], "").await.error();
    client.delete("/Users/nobody").await.error();
    client.other_tenant().delete(&path).await.error();
    assert_eq!(recorder.kinds(), []);
}

#[tokio::test]
async fn every_operation_of_a_bulk_request_is_told() {
    let (client, recorder) = client();
    let operations = json!([
        {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"userName": "anna"}},
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "G", "members": [{"value": "bulkId:u"}]}},
        {"method": "PATCH", "path": "/Users/bulkId:u", "data": {"Operations": [{"op": "add", "path": "title", "value": "x"}]}},
        {"method": "DELETE", "path": "/Groups/bulkId:g"},
        {"method": "DELETE", "path": "/Groups/nobody"},
    ]);
    let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
    let answer = client.send("POST", "/Bulk", &[("x-request-id", "bulk")], &body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let events = recorder.take();
    let told: Vec<_> = events.iter().map(|event| (event.kind, event.circumstances.1.as_str())).collect();
    let expected = [
        (EventKind::Created, "User"),
        (EventKind::Created, "Group"),
        (EventKind::Updated, "User"),
        (EventKind::Deleted, "Group"),
    ];
    assert_eq!(told, expected);
    assert!(events.iter().all(|event| event.circumstances.2 == "bulk"));
}

#[tokio::test]
async fn observers_are_told_one_after_another() {
    struct Namer(&'static str, Arc<Mutex<Vec<&'static str>>>);

    #[async_trait]
    impl Observer for Namer {
        async fn observe(&self, _: &Context, _: &Event<'_>) {
            self.1.lock().unwrap().push(self.0);
        }
    }

    let order: Arc<Mutex<Vec<&'static str>>> = Arc::default();
    let builder = builder().observer(Namer("one", Arc::clone(&order))).observer(Namer("two", Arc::clone(&order)));
    Client::of(builder).post("/Users", &json!({"userName": "anna"})).await;
    assert_eq!(*order.lock().unwrap(), ["one", "two"]);
}

#[tokio::test]
async fn observers_never_see_a_password() {
    let (client, recorder) = client();
    let made = client.post("/Users", &json!({"userName": "anna", "password": "t1meMa$heen"})).await;
    let patch = json!([{"op": "add", "value": {"password": "t1meMa$heen", "title": "x"}}]);
    client.patch(&format!("/Users/{}", made.id()), patch).await;
    let events = recorder.take();
    assert_eq!(events.len(), 2);
    assert!(!format!("{events:?}").contains("t1meMa"), "{events:?}");
}
