//! What a policy may do with a write before it happens.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, missing_docs)]

mod support;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use scim_core::{Context, ErrorKind, Member, MembersUpdate, Policy, ResourceId, ScimError, Write, ENTERPRISE_USER};
use serde_json::{json, Value};
use support::{builder, Client};

/// A policy that is a function.
struct Rule<F>(F);

#[async_trait]
impl<F> Policy for Rule<F>
where
    F: Fn(&Context, &mut Write<'_>) -> Result<(), ScimError> + Send + Sync + 'static,
{
    async fn before(&self, cx: &Context, write: &mut Write<'_>) -> Result<(), ScimError> {
        (self.0)(cx, write)
    }
}

fn client(rule: impl Fn(&Context, &mut Write<'_>) -> Result<(), ScimError> + Send + Sync + 'static) -> Client {
    Client::of(builder().policy(Rule(rule)))
}

fn forbidden() -> ScimError {
    ScimError::new(ErrorKind::Forbidden, "This is not for you")
}

#[tokio::test]
async fn a_policy_refuses_each_kind_of_write_with_an_error_of_its_choosing() {
    let client = client(|_, write| match write {
        Write::Create { draft } if draft.attributes().string("userName") == Some("no") => Err(forbidden()),
        Write::Update { draft, .. } if draft.attributes().boolean("active") == Some(false) => {
            Err(ScimError::mutability("active cannot be changed here"))
        }
        Write::Delete { .. } => Err(ScimError::new(ErrorKind::Conflict, "Nobody is deleted here")),
        _ => Ok(()),
    });
    assert_eq!(client.post("/Users", &json!({"userName": "no"})).await.error(), (403, String::new()));
    let made = client.post("/Users", &json!({"userName": "yes"})).await;
    let path = format!("/Users/{}", made.id());
    let put = client.put(&path, &json!({"userName": "yes", "active": false})).await;
    assert_eq!(put.error(), (400, "mutability".to_owned()));
    let patch = client.patch(&path, json!([{"op": "replace", "path": "active", "value": false}])).await;
    assert_eq!(patch.error(), (400, "mutability".to_owned()));
    assert_eq!(client.delete(&path).await.error(), (409, String::new()));
    assert_eq!(client.get(&path).await.json, made.json);
    assert_eq!(client.get("/Users").await.json["totalResults"], 1);
}

#[tokio::test]
async fn a_policy_amends_what_is_stored_and_answered() {
    let client = client(|_, write| {
        let is_update = matches!(write, Write::Update { .. });
        let Some(draft) = write.draft() else { return Ok(()) };
        draft.set("nickName", if is_update { "changed" } else { "made" })?;
        draft.set(&format!("{ENTERPRISE_USER}:department"), "Sales")?;
        draft.set("title", Value::Null)
    });
    let made = client.post("/Users", &json!({"userName": "anna", "title": "Guide"})).await;
    let path = format!("/Users/{}", made.id());
    assert_eq!((&made.json["nickName"], &made.json["title"]), (&json!("made"), &Value::Null));
    assert_eq!(made.json[ENTERPRISE_USER], json!({"department": "Sales"}));
    let put = client.put(&path, &json!({"userName": "anna"})).await;
    assert_eq!((put.status, &put.json["nickName"]), (200, &json!("changed")));
    let patch = client.patch(&path, json!([{"op": "add", "path": "title", "value": "Guide"}])).await;
    assert_eq!((patch.status, &patch.json["title"]), (200, &Value::Null));
    assert_eq!(client.get(&path).await.json, patch.json);
}

#[tokio::test]
async fn what_a_policy_sets_must_fit_the_schema() {
    let client = client(|_, write| {
        let Some(draft) = write.draft() else { return Ok(()) };
        let asked = draft.attributes().string("title").unwrap_or_default().to_owned();
        match asked.split_once('=') {
            Some((path, value)) => draft.set(path, serde_json::from_str::<Value>(value).unwrap()),
            None => Ok(()),
        }
    });
    for (title, status) in [
        ("nickName=\"x\"", 201),
        ("nickName=true", 400),
        ("nobodyKnows=\"x\"", 400),
        ("name.familyName=\"x\"", 400),
        ("id=\"x\"", 400),
        ("userName=null", 400),
    ] {
        let answer = client.post("/Users", &json!({"userName": title, "title": title})).await;
        assert_eq!(answer.status, status, "{title}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_policy_sees_the_resource_as_it_is_and_who_asks() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let client = client({
        let seen = Arc::clone(&seen);
        move |cx, write| {
            let kind = match write {
                Write::Create { .. } => "create".to_owned(),
                Write::Update { current, .. } => format!("update {:?}", current.attributes.string("title")),
                Write::Delete { id } => format!("delete {id}"),
                _ => String::new(),
            };
            let who = (cx.tenant().as_str(), cx.principal.name(), cx.resource_type.name(), cx.request_id.as_str());
            seen.lock().unwrap().push(format!("{kind} {who:?}"));
            Ok(())
        }
    });
    let id = [("x-request-id", "r1")];
    let made = client.send("POST", "/Users", &id, r#"{"userName":"anna","title":"Guide"}"#).await;
    let path = format!("/Users/{}", made.id());
    client.send("PUT", &path, &id, r#"{"userName":"anna"}"#).await;
    client.send("DELETE", &path, &id, "").await;
    let who = r#"("A", "A", "User", "r1")"#;
    let expected =
        [format!("create {who}"), format!("update Some(\"Guide\") {who}"), format!("delete {} {who}", made.id())];
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test]
async fn policies_are_asked_in_their_order_and_each_sees_what_the_last_made() {
    let first =
        Rule(|_: &Context, write: &mut Write<'_>| write.draft().map_or(Ok(()), |draft| draft.set("title", "one")));
    let second = Rule(|_: &Context, write: &mut Write<'_>| {
        let Some(draft) = write.draft() else { return Ok(()) };
        let title = format!("{} two", draft.attributes().string("title").unwrap_or_default());
        draft.set("title", title)
    });
    let client = Client::of(builder().policy(first).policy(second));
    let made = client.post("/Users", &json!({"userName": "anna"})).await;
    assert_eq!(made.json["title"], "one two");
}

#[tokio::test]
async fn a_policy_amends_members() {
    let client = client(|_, write| {
        let Some(draft) = write.draft() else { return Ok(()) };
        let unwanted = ResourceId::new(draft.attributes().string("externalId").unwrap_or_default());
        let without = |list: &[Member]| list.iter().filter(|member| member.value != unwanted).cloned().collect();
        let amended = match draft.members() {
            MembersUpdate::Set(list) => MembersUpdate::Set(without(list)),
            MembersUpdate::Delta { add, remove } => MembersUpdate::Delta { add: without(add), remove: remove.clone() },
            other => other.clone(),
        };
        draft.set_members(amended);
        Ok(())
    });
    let anna = client.post("/Users", &json!({"userName": "anna"})).await.id();
    let bert = client.post("/Users", &json!({"userName": "bert"})).await.id();
    let both = json!([{"value": anna}, {"value": bert}]);
    let group = json!({"displayName": "Guides", "externalId": anna, "members": both});
    let made = client.post("/Groups", &group).await;
    let path = format!("/Groups/{}", made.id());
    let put = client.put(&path, &group).await;
    let patch = client.patch(&path, json!([{"op": "add", "path": "members", "value": both}])).await;
    for answer in [made, put, patch] {
        let members = answer.json["members"].as_array().unwrap();
        assert_eq!((members.len(), &members[0]["value"]), (1, &json!(bert)));
    }
}

#[tokio::test]
async fn a_policy_that_refuses_a_delete_looks_at_ids_of_the_tenant_and_others_alike() {
    let client = client(|_, write| if matches!(write, Write::Delete { .. }) { Err(forbidden()) } else { Ok(()) });
    let made = client.post("/Users", &json!({"userName": "anna"})).await;
    let answers = [made.id(), "nobody".to_owned()].map(|id| format!("/Users/{id}"));
    for path in &answers {
        assert_eq!(client.other_tenant().delete(path).await.error(), (403, String::new()));
    }
}
