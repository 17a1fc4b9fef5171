//! Passwords: RFC 7643 s4.1.1, RFC 7644 s7.8. They reach the host's hasher and nothing else.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, missing_docs)]

mod support;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use scim_core::{
    Context, ErrorKind, PasswordHasher, Policy, ResourceType, ScimError, ScimServerBuilder, StoreError, Write, USER,
};
use serde_json::{json, Value};
use support::store::{Call, Scripted};
use support::{builder, Client};

const PASSWORD: &str = "t1meMa$heen";

/// Turns letters around, counts how often it is asked, and takes nothing short.
#[derive(Clone, Default)]
struct Hasher(Arc<Mutex<usize>>);

#[async_trait]
impl PasswordHasher for Hasher {
    async fn hash(&self, cx: &Context, password: &str) -> Result<String, ScimError> {
        assert_eq!(cx.resource_type.name(), "User");
        *self.0.lock().unwrap() += 1;
        if password.len() < 8 {
            return Err(ScimError::invalid_value("password must have 8 characters"));
        }
        Ok(format!("hash of {}", password.chars().rev().collect::<String>()))
    }
}

/// What the store was given to keep besides the documents.
type Kept = Arc<Mutex<Vec<Value>>>;

/// A builder whose store remembers what it was given.
fn remembering() -> (ScimServerBuilder, Kept) {
    let kept = Kept::default();
    let remembered = Arc::clone(&kept);
    let store = Scripted::new(move |call| {
        if let Call::Create(write_only) | Call::Update(write_only) = call {
            remembered.lock().unwrap().push(Value::Object(write_only.clone()));
        }
        Ok(())
    });
    (builder().store(store), kept)
}

fn take(kept: &Kept) -> Vec<Value> {
    std::mem::take(&mut kept.lock().unwrap())
}

fn hashed() -> Value {
    json!({"password": "hash of neeh$aMem1t"})
}

#[tokio::test]
async fn rfc7643_s4_1_1_the_store_gets_the_hash_from_every_kind_of_write() {
    let (builder, kept) = remembering();
    let client = Client::of(builder.password(Hasher::default()));
    let made = client.post("/Users", &json!({"userName": "anna", "password": PASSWORD})).await;
    let path = format!("/Users/{}", made.id());
    assert_eq!(take(&kept), [hashed()]);
    client.put(&path, &json!({"userName": "anna", "password": PASSWORD})).await;
    assert_eq!(take(&kept), [hashed()]);
    for operation in [
        json!({"op": "replace", "path": "password", "value": PASSWORD}),
        json!({"op": "Add", "path": "PASSWORD", "value": PASSWORD}),
        json!({"op": "add", "path": format!("{USER}:password"), "value": PASSWORD}),
        json!({"op": "replace", "value": {"password": PASSWORD}}),
    ] {
        let answer = client.patch(&path, json!([operation])).await;
        assert_eq!((answer.status, &answer.json["password"]), (200, &Value::Null), "{operation}");
        assert_eq!(take(&kept), [hashed()], "{operation}");
    }
    let operations = json!([{"method": "POST", "path": "/Users", "bulkId": "1", "data": {"userName": "bert", "password": PASSWORD}}]);
    let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
    client.post("/Bulk", &body).await;
    assert_eq!(take(&kept), [hashed()]);
}

#[tokio::test]
async fn a_write_without_a_password_asks_no_hasher_and_keeps_the_one_there_is() {
    let (builder, kept) = remembering();
    let hasher = Hasher::default();
    let client = Client::of(builder.password(hasher.clone()));
    let made = client.post("/Users", &json!({"userName": "anna"})).await;
    let path = format!("/Users/{}", made.id());
    client.put(&path, &json!({"userName": "anna", "title": "Guide"})).await;
    client.patch(&path, json!([{"op": "add", "path": "title", "value": "Driver"}])).await;
    assert_eq!(take(&kept), [json!({}), json!({}), json!({})]);
    assert_eq!(*hasher.0.lock().unwrap(), 0);
}

#[tokio::test]
async fn removing_a_password_tells_the_store() {
    let (builder, kept) = remembering();
    let client = Client::of(builder.password(Hasher::default()));
    let made = client.post("/Users", &json!({"userName": "anna", "password": PASSWORD})).await;
    take(&kept);
    let answer = client.patch(&format!("/Users/{}", made.id()), json!([{"op": "remove", "path": "password"}])).await;
    assert_eq!((answer.status, take(&kept)), (200, vec![json!({"password": null})]));
}

#[tokio::test]
async fn passwords_are_dropped_by_default() {
    let (builder, kept) = remembering();
    let client = Client::of(builder);
    let made = client.post("/Users", &json!({"userName": "anna", "password": PASSWORD})).await;
    let path = format!("/Users/{}", made.id());
    let put = client.put(&path, &json!({"userName": "anna", "active": true, "password": PASSWORD})).await;
    let patch = client.patch(&path, json!([{"op": "replace", "path": "password", "value": PASSWORD}])).await;
    for answer in [&put, &patch] {
        assert_eq!((answer.status, &answer.json), (200, &made.json));
    }
    assert!(take(&kept).iter().all(|write_only| *write_only == json!({})));
    assert_eq!(client.get("/ServiceProviderConfig").await.json["changePassword"]["supported"], false);
}

#[tokio::test]
async fn rfc7643_s5_change_password_is_advertised_with_a_hasher() {
    let client = Client::of(builder().password(Hasher::default()));
    assert_eq!(client.get("/ServiceProviderConfig").await.json["changePassword"]["supported"], true);
}

#[tokio::test]
async fn a_password_that_the_hasher_refuses_is_refused_and_nothing_is_stored() {
    let (builder, kept) = remembering();
    let client = Client::of(builder.password(Hasher::default()));
    let made = client.post("/Users", &json!({"userName": "anna"})).await;
    let path = format!("/Users/{}", made.id());
    take(&kept);
    let short = json!({"userName": "bert", "password": "sh0rt!"});
    let answers = [
        client.post("/Users", &short).await,
        client.put(&path, &short).await,
        client.patch(&path, json!([{"op": "add", "path": "password", "value": "sh0rt!"}])).await,
    ];
    for answer in answers {
        assert_eq!(answer.error(), (400, "invalidValue".to_owned()));
        assert!(!answer.text.contains("sh0rt"), "{}", answer.text);
    }
    assert_eq!(take(&kept), Vec::<Value>::new());
}

#[tokio::test]
async fn what_a_policy_refuses_is_not_hashed() {
    struct Refuse;

    #[async_trait]
    impl Policy for Refuse {
        async fn before(&self, _: &Context, write: &mut Write<'_>) -> Result<(), ScimError> {
            let refused = write.draft().is_some_and(|draft| draft.attributes().get("title").is_some());
            if refused {
                Err(ScimError::new(ErrorKind::Forbidden, "no"))
            } else {
                Ok(())
            }
        }
    }

    let hasher = Hasher::default();
    let client = Client::of(builder().policy(Refuse).password(hasher.clone()));
    let made = client.post("/Users", &json!({"userName": "anna"})).await;
    let path = format!("/Users/{}", made.id());
    let body = json!({"userName": "bert", "title": "x", "password": PASSWORD});
    client.post("/Users", &body).await.error();
    client.put(&path, &body).await.error();
    client.patch(&path, json!([{"op": "add", "value": {"title": "x", "password": PASSWORD}}])).await.error();
    assert_eq!(*hasher.0.lock().unwrap(), 0);
}

#[tokio::test]
async fn a_write_that_meets_with_another_is_tried_again_and_hashed_once() {
    let refusals = Mutex::new(3);
    let store = Scripted::new(move |call| {
        let mut left = refusals.lock().unwrap();
        if !matches!(call, Call::Update(_)) || *left == 0 {
            return Ok(());
        }
        *left -= 1;
        Err(StoreError::VersionMismatch)
    });
    let hasher = Hasher::default();
    let client = Client::of(builder().store(store).password(hasher.clone()));
    let made = client.post("/Users", &json!({"userName": "anna"})).await;
    let body = json!({"userName": "anna", "password": PASSWORD});
    assert_eq!(client.put(&format!("/Users/{}", made.id()), &body).await.status, 200);
    assert_eq!(*hasher.0.lock().unwrap(), 1);
}

#[tokio::test]
async fn other_write_only_attributes_are_dropped() {
    let (builder, kept) = remembering();
    let schema = scim_core::Schema::new("urn:example:Box", "Box")
        .attribute(scim_core::Attribute::string("code").mutability(scim_core::Mutability::WriteOnly));
    let client =
        Client::of(builder.resource_type(ResourceType::new("Box", "/Boxes", schema)).password(Hasher::default()));
    let made = client.post("/Boxes", &json!({"code": "1234"})).await;
    assert_eq!((made.status, &made.json["code"]), (201, &Value::Null));
    assert_eq!(take(&kept), [json!({})]);
}
