//! Passwords: RFC 7643 s4.1.1, RFC 7644 s7.8. They reach the host's hasher and nothing else. And other write-only
//! attributes: RFC 7643 s7.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, missing_docs)]

mod support;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use scim_core::{
    Attribute, BeginUnitOfWork, BuildError, Capabilities, Context, ErrorKind, Event, Fetch, MemoryStore, Mutability,
    NewResource, Observer, Page, PasswordHasher, Policy, Principal, ProvisioningPolicy, Query, Resource, ResourceId,
    ResourceStore, ResourceType, Schema, ScimError, ScimServerBuilder, StoreError, TenantId, Update, Version, Write,
    USER,
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

/// Boxes with a code that is written and never read, and a stamp for it in an extension.
fn boxes(required: bool) -> ResourceType {
    let write_only = |name: &str| Attribute::string(name).mutability(Mutability::WriteOnly);
    let code = if required { write_only("code").required() } else { write_only("code") };
    let schema = Schema::new("urn:example:Box", "Box").attribute(code).attribute(Attribute::string("label"));
    let extension = Schema::new("urn:example:Lock", "Lock").attribute(write_only("stamp"));
    ResourceType::new("Box", "/Boxes", schema).with_extension(extension, false)
}

/// A store that keeps documents alone.
struct KeepsDocuments(MemoryStore);

#[async_trait]
impl ResourceStore for KeepsDocuments {
    fn capabilities(&self, resource_type: &ResourceType) -> Capabilities {
        let mut capabilities = self.0.capabilities(resource_type);
        capabilities.write_only = false;
        capabilities
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        assert!(new.write_only.is_empty(), "a store is given what it does not keep: {:?}", new.write_only);
        self.0.create(cx, new).await
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        self.0.get(cx, id, fetch).await
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        self.0.list(cx, query).await
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        assert!(update.write_only.is_empty(), "a store is given what it does not keep: {:?}", update.write_only);
        self.0.update(cx, id, update).await
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        self.0.delete(cx, id, expect).await
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        None
    }
}

/// What requests ignored, in their order.
#[derive(Clone, Default)]
struct Ignored(Arc<Mutex<Vec<Vec<String>>>>);

impl Ignored {
    fn take(&self) -> Vec<Vec<String>> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[async_trait]
impl Observer for Ignored {
    async fn observe(&self, _: &Context, event: &Event<'_>) {
        self.0.lock().unwrap().push(event.ignored.to_vec());
    }
}

#[tokio::test]
async fn rfc7643_s7_write_only_attributes_reach_a_store_that_keeps_them() {
    let (builder, kept) = remembering();
    let ignored = Ignored::default();
    let client = Client::of(builder.resource_type(boxes(true)).observer(ignored.clone()));
    let body = json!({"code": "1234", "label": "a", "urn:example:Lock": {"stamp": "x"}});
    let made = client.post("/Boxes", &body).await;
    assert_eq!((made.status, &made.json["code"], &made.json["urn:example:Lock"]), (201, &Value::Null, &Value::Null));
    assert_eq!(take(&kept), [json!({"code": "1234", "urn:example:Lock": {"stamp": "x"}})]);
    let path = format!("/Boxes/{}", made.id());
    client.put(&path, &json!({"code": "5678", "label": "b"})).await;
    assert_eq!(take(&kept), [json!({"code": "5678"})]);
    client.patch(&path, json!([{"op": "replace", "path": "urn:example:Lock:stamp", "value": "y"}])).await;
    assert_eq!(take(&kept), [json!({"urn:example:Lock": {"stamp": "y"}})]);
    client.patch(&path, json!([{"op": "remove", "path": "urn:example:Lock:stamp"}])).await;
    assert_eq!(take(&kept), [json!({"urn:example:Lock": {"stamp": null}})]);
    assert!(ignored.take().iter().all(Vec::is_empty));
    assert_eq!(client.post("/Boxes", &json!({"label": "a"})).await.error(), (400, "invalidValue".to_owned()));
}

#[tokio::test]
async fn rfc7644_s3_5_1_a_complex_write_only_attribute_is_replaced_by_put_and_merged_by_patch() {
    let sub_attributes = [Attribute::string("left"), Attribute::string("right")];
    let schema = Schema::new("urn:example:Safe", "Safe")
        .attribute(Attribute::complex("combination", sub_attributes).mutability(Mutability::WriteOnly))
        .attribute(Attribute::string("codes").multi_valued().mutability(Mutability::WriteOnly));
    let store = MemoryStore::new();
    let safe = ResourceType::new("Safe", "/Safes", schema);
    let client = Client::of(builder().store(store.clone()).resource_type(safe.clone()));
    let body = json!({"combination": {"left": "1", "right": "2"}, "codes": ["a", "b"]});
    let id = ResourceId::new(client.post("/Safes", &body).await.id());
    let cx = Context::new(Principal::new(TenantId::new("A"), "the host"), Arc::new(safe));
    let kept = || Value::Object(store.write_only(&cx, &id).unwrap());
    let path = format!("/Safes/{id}");
    client.patch(&path, json!([{"op": "replace", "path": "combination", "value": {"left": "3"}}])).await;
    assert_eq!(kept(), json!({"combination": {"left": "3", "right": "2"}, "codes": ["a", "b"]}));
    client.patch(&path, json!([{"op": "remove", "path": "combination.left"}])).await;
    assert_eq!(kept(), json!({"combination": {"right": "2"}, "codes": ["a", "b"]}));
    client.put(&path, &json!({"combination": {"left": "4"}})).await;
    assert_eq!(kept(), json!({"combination": {"left": "4"}, "codes": ["a", "b"]}));
    let answer = client.patch(&path, json!([{"op": "add", "path": "codes", "value": ["c"]}])).await;
    assert_eq!(answer.error(), (400, "invalidValue".to_owned()));
    client.patch(&path, json!([{"op": "replace", "path": "codes", "value": ["c"]}])).await;
    assert_eq!(kept(), json!({"combination": {"left": "4"}, "codes": ["c"]}));
}

#[tokio::test]
async fn rfc7644_s3_5_1_write_only_attributes_that_nobody_keeps_are_named_as_ignored() {
    let ignored = Ignored::default();
    let store = KeepsDocuments(MemoryStore::new());
    let client = Client::of(builder().store(store).resource_type(boxes(false)).observer(ignored.clone()));
    let body = json!({"code": "1234", "label": "a", "urn:example:Lock": {"stamp": "x"}});
    let path = format!("/Boxes/{}", client.post("/Boxes", &body).await.id());
    assert_eq!(ignored.take(), [["code", "urn:example:Lock:stamp"]]);
    client.put(&path, &json!({"code": "1234", "label": "b"})).await;
    assert_eq!(ignored.take(), [["code"]]);
    let operations = json!([
        {"op": "replace", "path": "urn:example:Lock:stamp", "value": "y"},
        {"op": "replace", "path": "label", "value": "c"},
    ]);
    client.patch(&path, operations).await;
    assert_eq!(ignored.take(), [["urn:example:Lock:stamp"]]);
    let user = client.post("/Users", &json!({"userName": "anna", "password": PASSWORD})).await;
    assert_eq!((user.status, ignored.take()), (201, vec![vec!["password".to_owned()]]));
}

#[tokio::test]
async fn a_password_without_a_hasher_is_named_as_ignored_by_a_store_that_would_keep_it() {
    let (builder, kept) = remembering();
    let ignored = Ignored::default();
    let client = Client::of(builder.observer(ignored.clone()));
    let made = client.post("/Users", &json!({"userName": "anna", "password": PASSWORD})).await;
    let body = json!({"userName": "anna", "title": "Guide", "password": PASSWORD});
    client.put(&format!("/Users/{}", made.id()), &body).await;
    assert_eq!(take(&kept), [json!({}), json!({})]);
    assert_eq!(ignored.take(), [["password"], ["password"]]);
}

#[test]
fn rfc7643_s7_a_store_that_would_lose_what_is_required_is_refused() {
    let store = || KeepsDocuments(MemoryStore::new());
    let refused = builder().resource(boxes(true), store()).build().unwrap_err();
    let expected = BuildError::WriteOnlyNotStored { resource_type: "Box".to_owned(), attribute: "code".to_owned() };
    assert_eq!(refused, expected);
    assert!(refused.to_string().contains("Capabilities::write_only"), "{refused}");
    assert!(builder().resource(boxes(false), store()).build().is_ok());
    assert!(builder().resource(boxes(true), MemoryStore::new()).build().is_ok());
    let policy = ProvisioningPolicy::new().resource("Box", |boxes| boxes.forbid("label").require("code"));
    assert!(builder().resource(boxes(false), store()).provisioning(policy).build().is_err());
}

#[tokio::test]
async fn rfc7643_s5_a_store_that_would_lose_passwords_is_refused() {
    let store = || KeepsDocuments(MemoryStore::new());
    let refused = builder().store(store()).password(Hasher::default()).build().unwrap_err();
    assert_eq!(refused, BuildError::PasswordsNotStored { resource_type: "User".to_owned() });
    assert!(refused.to_string().contains("Capabilities::write_only"), "{refused}");
    assert!(builder().store(store()).build().is_ok());
    assert!(builder().groups(store()).password(Hasher::default()).build().is_ok(), "groups have no password");

    let without = ProvisioningPolicy::new().users(|users| users.forbid("password"));
    let client = Client::of(builder().store(store()).provisioning(without).password(Hasher::default()));
    assert_eq!(client.get("/ServiceProviderConfig").await.json["changePassword"]["supported"], false);
}

#[tokio::test]
async fn the_memory_store_keeps_passwords_for_the_host_alone() {
    let store = MemoryStore::new();
    let client = Client::of(builder().store(store.clone()).password(Hasher::default()));
    let made = client.post("/Users", &json!({"userName": "anna", "password": PASSWORD})).await;
    let (path, id) = (format!("/Users/{}", made.id()), ResourceId::new(made.id()));
    let cx =
        |tenant: &str| Context::new(Principal::new(TenantId::new(tenant), "the login"), Arc::new(ResourceType::user()));
    let kept = || Value::Object(store.write_only(&cx("A"), &id).unwrap());
    assert_eq!(kept(), hashed());
    assert_eq!(store.write_only(&cx("B"), &id), None);
    for answer in
        [client.get(&path).await, client.get("/Users").await, client.get(&format!("{path}?attributes=password")).await]
    {
        assert!(!answer.text.contains("hash of"), "{}", answer.text);
    }
    client.put(&path, &json!({"userName": "anna", "title": "Guide"})).await;
    assert_eq!(kept(), hashed());
    client.patch(&path, json!([{"op": "replace", "path": "password", "value": "another one"}])).await;
    assert_eq!(kept(), json!({"password": "hash of eno rehtona"}));
    client.patch(&path, json!([{"op": "remove", "path": "password"}])).await;
    assert_eq!(kept(), json!({}));
    client.delete(&path).await;
    assert_eq!(store.write_only(&cx("A"), &id), None);
}
