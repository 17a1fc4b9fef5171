//! The rules of a policy about attributes, with every way to write.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod support;

use scim_core::{
    Attributes, BuildError, CompatProfile, Context, Fetch, Format, MemoryStore, NewResource, Principal,
    ProvisioningPolicy, ResourceId, ResourceRules, ResourceStore, ResourceType, ScimError, TenantId, UniqueWithin,
    UnknownAttributes, UnknownExtensions, ENTERPRISE_USER,
};
use serde_json::{json, Value};
use support::{builder, Answer, Client};

fn users(rules: impl FnOnce(ResourceRules) -> ResourceRules) -> Client {
    Client::of(builder().provisioning(ProvisioningPolicy::new().users(rules)))
}

fn detail(answer: &Answer) -> &str {
    answer.json["detail"].as_str().unwrap_or_default()
}

/// The definition of an attribute as discovery shows it; `null` if it shows none.
async fn shown(client: &Client, schema: &str, path: &[&str]) -> Value {
    let mut attributes = client.get(&format!("/Schemas/{schema}")).await.json["attributes"].clone();
    let mut found = Value::Null;
    for name in path {
        let list = attributes.as_array().cloned().unwrap_or_default();
        found = list.into_iter().find(|attribute| attribute["name"] == *name).unwrap_or_default();
        attributes = found["subAttributes"].clone();
    }
    found
}

/// The result of one operation, sent in a Bulk request.
async fn in_bulk(client: &Client, method: &str, path: &str, data: Value) -> (String, Value) {
    let answer = client
        .post(
            "/Bulk",
            &json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                "Operations": [{"method": method, "path": path, "bulkId": "b", "data": data}],
            }),
        )
        .await;
    let result = &answer.json["Operations"][0];
    (result["status"].as_str().unwrap_or_default().to_owned(), result["response"]["detail"].clone())
}

fn patch_body(operations: &Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

/// Tries to write a value in every way: what each way answers with.
async fn statuses(client: &Client, name: &str, value: Value) -> Vec<u16> {
    let key = ("userName".to_owned(), json!("fresh@example.com"));
    let mut body: serde_json::Map<String, Value> = [key].into_iter().collect();
    body.insert(name.to_owned(), value.clone());
    let body = Value::Object(body);
    let made = client.post("/Users", &json!({"userName": "first@example.com"})).await;
    let path = format!("/Users/{}", made.id());
    let mut statuses = Vec::new();
    let post = client.post("/Users", &body).await;
    statuses.push(post.status);
    if post.status == 201 {
        client.delete(&format!("/Users/{}", post.id())).await;
    }
    statuses.push(client.put(&path, &body).await.status);
    client.put(&path, &json!({"userName": "first@example.com"})).await;
    statuses.push(client.patch(&path, json!([{"op": "replace", "path": name, "value": value}])).await.status);
    client.put(&path, &json!({"userName": "first@example.com"})).await;
    statuses.push(client.patch(&path, json!([{"op": "Replace", "value": {name: value}}])).await.status);
    client.put(&path, &json!({"userName": "first@example.com"})).await;
    let (status, _) =
        in_bulk(client, "PATCH", &path, patch_body(&json!([{"op": "add", "path": name, "value": value}]))).await;
    statuses.push(status.parse().unwrap());
    client.delete(&path).await;
    statuses
}

#[tokio::test]
async fn only_trims_the_schema_and_what_is_left_out_is_unknown() {
    let client =
        users(|users| users.only(["userName", "displayName", "name.familyName", "emails.value", "department"]));
    let schema = client.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:User").await.json;
    let names: Vec<&str> =
        schema["attributes"].as_array().unwrap().iter().map(|attribute| attribute["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["userName", "name", "displayName", "emails"]);
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    assert_eq!(shown(&client, core, &["name"]).await["subAttributes"].as_array().unwrap().len(), 1);
    assert_eq!(shown(&client, ENTERPRISE_USER, &["department"]).await["type"], "string");
    assert_eq!(shown(&client, ENTERPRISE_USER, &["manager"]).await, Value::Null);

    let made = client
        .post(
            "/Users",
            &json!({"userName": "a", "externalId": "7", "title": "Guide", "name": {"familyName": "J", "givenName": "B"},
                "emails": [{"value": "a@b.co", "type": "work"}], "department": "x",
                ENTERPRISE_USER: {"department": "Sales", "costCenter": "4130"}}),
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.json["title"], Value::Null);
    assert_eq!(made.json["externalId"], "7");
    assert_eq!(made.json["name"], json!({"familyName": "J"}));
    assert_eq!(made.json["emails"], json!([{"value": "a@b.co"}]));
    assert_eq!(made.json[ENTERPRISE_USER], json!({"department": "Sales"}));
    let path = format!("/Users/{}", made.id());
    let patched = client.patch(&path, json!([{"op": "Add", "path": "title", "value": "Guide"}])).await;
    assert_eq!((patched.status, &patched.json["title"]), (200, &Value::Null));
    assert_eq!(client.get("/Users?filter=title%20pr").await.status, 400);
}

#[tokio::test]
async fn an_extension_of_which_nothing_is_left_is_not_announced() {
    let client = users(|users| users.only(["userName"]));
    assert_eq!(client.get(&format!("/Schemas/{ENTERPRISE_USER}")).await.status, 404);
    assert_eq!(client.get("/ResourceTypes/User").await.json["schemaExtensions"].as_array().map_or(0, Vec::len), 0);
    let whole = users(|users| users.only(["userName", ENTERPRISE_USER]));
    assert_eq!(shown(&whole, ENTERPRISE_USER, &["manager"]).await["type"], "complex");
}

#[tokio::test]
async fn what_the_host_stores_in_attributes_left_out_is_not_shown_and_survives() {
    let (store, cx) = host();
    let policy =
        ProvisioningPolicy::new().users(|users| users.only(["userName", "title", "name.familyName", "active"]));
    let client = Client::of(builder().store(store.clone()).provisioning(policy));
    let by_hand = json!({"userName": "a", "nickName": "Babs", "name": {"familyName": "J", "formatted": "B J"},
        ENTERPRISE_USER: {"costCenter": "4130"}});
    let attributes = Attributes::from_stored(by_hand.as_object().unwrap().clone());
    let made = store.create(&cx, NewResource::new(attributes)).await.unwrap();
    let path = format!("/Users/{}", made.id);
    let stored = || async { store.get(&cx, &made.id, &scim_core::Fetch::all()).await.unwrap().unwrap().attributes };

    let read = client.get(&path).await;
    assert_eq!((&read.json["nickName"], &read.json["name"]), (&Value::Null, &json!({"familyName": "J"})));
    assert_eq!(read.json["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User"]));
    for list in ["/Users", "/", "/Users?attributes=name,nickName", "/Users?excludedAttributes=title"] {
        let listed = client.get(list).await.json;
        let user = &listed["Resources"][0];
        assert_eq!((&user["nickName"], &user[ENTERPRISE_USER]), (&Value::Null, &Value::Null), "{list}");
        assert_eq!(user["name"]["formatted"], Value::Null, "{list}");
    }
    let put = client.put(&path, &json!({"userName": "a", "title": "Guide", "nickName": "hacked"})).await;
    assert_eq!((put.status, &put.json["nickName"], &put.json["name"]), (200, &Value::Null, &Value::Null));
    let after = stored().await;
    assert_eq!((after.string("nickName"), after.string("title")), (Some("Babs"), Some("Guide")));
    assert_eq!(after.get("name"), Some(&json!({"formatted": "B J"})));
    assert_eq!(after.extension(ENTERPRISE_USER).unwrap()["costCenter"], "4130");
    client.patch(&path, json!([{"op": "Replace", "path": "nickName", "value": "hacked"}])).await;
    client.patch(&path, json!([{"op": "remove", "path": "name"}])).await;
    assert_eq!(stored().await, after);
}

/// A store, and a context of the host in it.
fn host() -> (MemoryStore, Context) {
    let cx = Context::new(Principal::new(TenantId::new("A"), "host"), std::sync::Arc::new(ResourceType::user()));
    (MemoryStore::new(), cx)
}

#[tokio::test]
async fn rfc7643_s2_2_parts_of_a_value_that_clients_may_not_change_stay_however_they_try() {
    let (store, cx) = host();
    let rules = |users: ResourceRules| users.read_only("name.formatted").immutable("name.familyName");
    let client = Client::of(builder().store(store.clone()).provisioning(ProvisioningPolicy::new().users(rules)));
    let by_hand = json!({"userName": "a", "name": {"formatted": "B J", "familyName": "J", "givenName": "B"}});
    let attributes = Attributes::from_stored(by_hand.as_object().unwrap().clone());
    let made = store.create(&cx, NewResource::new(attributes)).await.unwrap();
    let path = format!("/Users/{}", made.id);
    for operations in [
        json!([{"op": "remove", "path": "name"}]),
        json!([{"op": "remove", "path": "name"}, {"op": "add", "path": "name.familyName", "value": "K"}]),
        json!([{"op": "replace", "path": "name", "value": {"familyName": "K"}}]),
    ] {
        assert_eq!(client.patch(&path, operations).await.error(), (400, "mutability".to_owned()));
    }
    let other = client.put(&path, &json!({"userName": "a", "name": {"familyName": "K"}})).await;
    assert_eq!(other.error(), (400, "mutability".to_owned()));
    let fixed = json!({"formatted": "B J", "familyName": "J"});
    for (name, expected) in [
        (json!({"givenName": "Babs"}), json!({"formatted": "B J", "familyName": "J", "givenName": "Babs"})),
        (json!({"formatted": "hacked", "familyName": "j"}), fixed.clone()),
        (Value::Null, fixed.clone()),
    ] {
        let put = client.put(&path, &json!({"userName": "a", "name": name})).await;
        assert_eq!((put.status, &put.json["name"]), (200, &expected), "{name}");
    }
    assert_eq!(client.put(&path, &json!({"userName": "a"})).await.json["name"], fixed);
}

/// RFC 7644 s3.3: what the resource type does not have is left out, or refused.
#[tokio::test]
async fn rfc7644_s3_3_what_is_left_out_is_never_kept_as_an_unknown_extension() {
    const OTHER: &str = "urn:example:other:2.0:User";
    const LEGACY: &str = "urn:scim:schemas:extension:enterprise:1.0";
    let mut keeping = CompatProfile::LENIENT;
    keeping.unknown_extensions = UnknownExtensions::Keep;
    let rules: [fn(ResourceRules) -> ResourceRules; 4] = [
        |users| users.only(["userName", "title"]),
        |users| users.forbid(ENTERPRISE_USER),
        |users| users.forbid("department").forbid("manager"),
        |users| users.only(["userName", "title", "costCenter"]),
    ];
    for rules in rules {
        let (store, cx) = host();
        let policy = ProvisioningPolicy::new().users(rules);
        let client = Client::of(builder().store(store.clone()).profile(keeping.clone()).provisioning(policy));
        for urn in [ENTERPRISE_USER.to_owned(), ENTERPRISE_USER.to_uppercase(), LEGACY.to_owned()] {
            let extension = json!({"department": {"secret": "s"}, "manager": {"value": "m"}});
            let department = format!("{urn}:department");
            for body in [json!({&urn: extension}), json!({&department: {"secret": "s"}})] {
                let mut user = body.clone();
                user["userName"] = json!("a");
                user[OTHER] = json!({"desk": 7});
                let post = client.post("/Users", &user).await;
                assert_eq!(post.status, 201, "{}", post.text);
                let path = format!("/Users/{}", post.id());
                let put = client.put(&path, &user).await;
                let mut answers = vec![post, put];
                for operation in [
                    json!({"op": "add", "value": body}),
                    json!({"op": "replace", "path": &urn, "value": {"department": {"secret": "s"}}}),
                    json!({"op": "add", "path": &department, "value": "Board"}),
                    json!({"op": "add", "path": &department, "value": {"secret": "s"}}),
                    json!({"op": "add", "path": format!("{urn}:manager.displayName"), "value": "Boss"}),
                ] {
                    answers.push(client.patch(&path, json!([operation])).await);
                }
                for answer in &answers {
                    let text = answer.text.to_lowercase();
                    assert!(!text.contains("enterprise") || answer.status == 400, "{urn}: {text}");
                }
                let id = ResourceId::new(answers[0].id());
                let stored = store.get(&cx, &id, &Fetch::all()).await.unwrap().unwrap().attributes;
                assert!(!json!(stored).to_string().to_lowercase().contains("enterprise"), "{urn}: {stored:?}");
                assert_eq!(stored.get(OTHER), Some(&json!({"desk": 7})), "others are kept");
                client.delete(&path).await;
            }
        }
    }
}

#[tokio::test]
async fn rfc7644_s3_3_what_is_left_out_is_refused_where_unknown_attributes_are() {
    let mut keeping = CompatProfile::STRICT;
    keeping.unknown_extensions = UnknownExtensions::Keep;
    let rules = |users: ResourceRules| users.forbid(ENTERPRISE_USER);
    let client = Client::of(builder().profile(keeping).provisioning(ProvisioningPolicy::new().users(rules)));
    let user = |urn: &str| json!({"schemas": [scim_core::USER], "userName": "a", urn: {"department": "d"}});
    for urn in [ENTERPRISE_USER.to_owned(), ENTERPRISE_USER.to_uppercase()] {
        let refused = client.post("/Users", &user(&urn)).await;
        assert_eq!(refused.error(), (400, "invalidValue".to_owned()));
        assert!(detail(&refused).ends_with("is not an attribute of the schema"), "{}", refused.text);
    }
}

#[tokio::test]
async fn a_required_attribute_is_asked_for_by_name() {
    let client = users(|users| users.require("displayName"));
    let schema = "urn:ietf:params:scim:schemas:core:2.0:User";
    assert_eq!(shown(&client, schema, &["displayName"]).await["required"], true);
    let refused = client.post("/Users", &json!({"userName": "a"})).await;
    assert_eq!((refused.error(), detail(&refused)), ((400, "invalidValue".into()), "displayName is required"));
    let made = client.post("/Users", &json!({"userName": "a", "displayName": "A"})).await;
    let path = format!("/Users/{}", made.id());
    assert_eq!(client.put(&path, &json!({"userName": "a"})).await.error().0, 400);
    assert_eq!(client.patch(&path, json!([{"op": "remove", "path": "displayName"}])).await.error().0, 400);
    assert_eq!(
        in_bulk(&client, "POST", "/Users", json!({"userName": "b"})).await,
        ("400".into(), json!("displayName is required"))
    );
}

#[tokio::test]
async fn external_id_can_be_required_of_a_group() {
    let client =
        Client::of(builder().provisioning(ProvisioningPolicy::new().groups(|groups| groups.require("externalId"))));
    let refused = client.post("/Groups", &json!({"displayName": "g"})).await;
    assert_eq!((refused.error(), detail(&refused)), ((400, "invalidValue".into()), "externalId is required"));
    let made = client.post("/Groups", &json!({"displayName": "g", "externalId": "7"})).await;
    let path = format!("/Groups/{}", made.id());
    assert_eq!(client.put(&path, &json!({"displayName": "g"})).await.error().0, 400);
    assert_eq!(client.patch(&path, json!([{"op": "remove", "path": "externalId"}])).await.error().0, 400);
    assert_eq!(
        client.patch(&path, json!([{"op": "replace", "path": "displayName", "value": "h"}])).await.status / 100,
        2
    );
}

#[tokio::test]
async fn a_format_is_kept_however_the_value_comes() {
    let client = users(|users| {
        users
            .format("userName", Format::Email)
            .format("phoneNumbers", Format::E164)
            .format("name.familyName", Format::custom("in capitals", |text| text.to_uppercase() == text))
    });
    assert_eq!(statuses(&client, "phoneNumbers", json!([{"value": "0701234567"}])).await, [400; 5]);
    assert_eq!(statuses(&client, "phoneNumbers", json!([{"value": "+46701234567"}])).await, [201, 200, 200, 200, 200]);
    assert_eq!(statuses(&client, "name", json!({"familyName": "Jensen"})).await, [400; 5]);
    let refused = client.post("/Users", &json!({"userName": "bjensen"})).await;
    assert_eq!(refused.error(), (400, "invalidValue".to_owned()));
    assert_eq!(detail(&refused), r#"userName must be an e-mail address such as bjensen@example.com; "bjensen" is not"#);
    let schema = "urn:ietf:params:scim:schemas:core:2.0:User";
    let description = shown(&client, schema, &["userName"]).await["description"].as_str().unwrap().to_owned();
    assert!(description.ends_with("Must be an e-mail address such as bjensen@example.com."), "{description}");
}

#[tokio::test]
async fn a_value_from_before_the_rule_keeps_nobody_from_being_deactivated() {
    let store = scim_core::MemoryStore::new();
    let before = Client::of(builder().store(store.clone()));
    let old = json!({"userName": "old", "phoneNumbers": [{"value": "1"}, {"value": "2"}]});
    let path = format!("/Users/{}", before.post("/Users", &old).await.id());
    let rules = |users: ResourceRules| {
        users.format("userName", Format::Email).format("phoneNumbers", Format::E164).at_most("phoneNumbers", 1)
    };
    let client = Client::of(builder().store(store).provisioning(ProvisioningPolicy::new().users(rules)));
    let patched = client.patch(&path, json!([{"op": "Replace", "path": "active", "value": "False"}])).await;
    assert_eq!((patched.status, &patched.json["active"]), (200, &json!(false)));
    let add = json!([{"op": "add", "path": "phoneNumbers", "value": [{"value": "+46701234567"}]}]);
    assert_eq!(client.patch(&path, add).await.error().0, 400);
    assert_eq!(client.put(&path, &json!({"userName": "other"})).await.error().0, 400);
    assert_eq!(client.put(&path, &json!({"userName": "old", "active": true})).await.status, 200);
}

#[tokio::test]
async fn a_list_has_so_many_values_at_most() {
    let client = users(|users| users.at_most("phoneNumbers", 1));
    assert_eq!(statuses(&client, "phoneNumbers", json!([{"value": "1"}, {"value": "2"}])).await, [400; 5]);
    assert_eq!(statuses(&client, "phoneNumbers", json!([{"value": "1"}])).await, [201, 200, 200, 200, 200]);
    let made = client.post("/Users", &json!({"userName": "a", "phoneNumbers": [{"value": "1", "type": "work"}]})).await;
    let path = format!("/Users/{}", made.id());
    let second = json!([{"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "2"}]);
    let refused = client.patch(&path, second).await;
    assert_eq!(detail(&refused), "phoneNumbers may have 1 value at most; remove one or replace it");
    let replaced = json!([{"op": "Replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "2"}]);
    assert_eq!(client.patch(&path, replaced).await.status, 200);
}

#[tokio::test]
async fn rfc7644_s3_5_1_an_immutable_list_may_be_sent_again_and_left_out_and_not_be_changed() {
    let client = users(|users| users.immutable("phoneNumbers"));
    let schema = "urn:ietf:params:scim:schemas:core:2.0:User";
    assert_eq!(shown(&client, schema, &["phoneNumbers"]).await["mutability"], "immutable");
    let numbers = json!([{"value": "+46701234567", "type": "mobile"}, {"value": "+4681234567", "type": "work"}]);
    let made = client.post("/Users", &json!({"userName": "a", "phoneNumbers": numbers})).await;
    let path = format!("/Users/{}", made.id());
    let turned = json!([numbers[1], numbers[0]]);
    for same in [&numbers, &turned] {
        let put = client.put(&path, &json!({"userName": "a", "phoneNumbers": same})).await;
        assert_eq!((put.status, &put.json["phoneNumbers"]), (200, &numbers));
        for path_and_value in [
            json!({"op": "Replace", "path": "phoneNumbers", "value": same}),
            json!({"op": "Add", "path": "phoneNumbers", "value": same}),
            json!({"op": "Replace", "value": {"phoneNumbers": same}}),
            json!({"op": "Replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+46701234567"}),
        ] {
            let patch = client.patch(&path, json!([path_and_value])).await;
            assert_eq!(
                (patch.status, &patch.json["phoneNumbers"]),
                (200, &numbers),
                "{path_and_value}: {}",
                patch.text
            );
        }
    }
    let left_out = client.put(&path, &json!({"userName": "a", "title": "Guide"})).await;
    assert_eq!((left_out.status, &left_out.json["phoneNumbers"]), (200, &numbers));
    let other = json!([{"value": "+46709999999", "type": "mobile"}]);
    let put = client.put(&path, &json!({"userName": "a", "phoneNumbers": other})).await;
    assert_eq!(put.error(), (400, "mutability".to_owned()));
    assert!(detail(&put).starts_with("phoneNumbers cannot be changed"), "{}", detail(&put));
    for operation in [
        json!({"op": "Replace", "path": "phoneNumbers", "value": other}),
        json!({"op": "Add", "path": "phoneNumbers", "value": other}),
        json!({"op": "Remove", "path": "phoneNumbers"}),
        json!({"op": "Remove", "path": "phoneNumbers[type eq \"work\"]"}),
        json!({"op": "Replace", "value": {"phoneNumbers": other}}),
        json!({"op": "Replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+46709999999"}),
    ] {
        let patch = client.patch(&path, json!([operation])).await;
        assert_eq!(patch.error(), (400, "mutability".to_owned()), "{operation}");
    }
    let (status, _) = in_bulk(&client, "PUT", &path, json!({"userName": "a", "phoneNumbers": other})).await;
    assert_eq!(status, "400");
    assert_eq!(client.get(&path).await.json["phoneNumbers"], numbers);
}

#[tokio::test]
async fn a_derived_attribute_follows_every_change_and_no_client_writes_it() {
    let client =
        users(|users| users.derive("emails", |user| json!([{"value": user.string("userName"), "type": "work"}])));
    let schema = "urn:ietf:params:scim:schemas:core:2.0:User";
    assert_eq!(shown(&client, schema, &["emails"]).await["mutability"], "readOnly");
    let work = |address: &str| json!([{"value": address, "type": "work"}]);
    let made = client.post("/Users", &json!({"userName": "a@b.co", "emails": [{"value": "other@b.co"}]})).await;
    assert_eq!((made.status, &made.json["emails"]), (201, &work("a@b.co")));
    let path = format!("/Users/{}", made.id());
    let put = client.put(&path, &json!({"userName": "c@b.co", "emails": [{"value": "other@b.co"}]})).await;
    assert_eq!((put.status, &put.json["emails"]), (200, &work("c@b.co")));
    let patch = client.patch(&path, json!([{"op": "Replace", "value": {"userName": "d@b.co", "emails": []}}])).await;
    assert_eq!((patch.status, &patch.json["emails"]), (200, &work("d@b.co")));
    let by_path = json!([{"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "other@b.co"}]);
    assert_eq!(client.patch(&path, by_path.clone()).await.error(), (400, "mutability".to_owned()));
    in_bulk(&client, "PUT", &path, json!({"userName": "e@b.co"})).await;
    assert_eq!(client.get(&path).await.json["emails"], work("e@b.co"));

    let mut profile = CompatProfile::default();
    profile.ignore_read_only_paths = true;
    let policy = ProvisioningPolicy::new().users(|users| users.read_only("emails"));
    let tolerant = Client::of(builder().profile(profile).provisioning(policy));
    let path = format!("/Users/{}", tolerant.post("/Users", &json!({"userName": "a"})).await.id());
    let patched = tolerant.patch(&path, by_path).await;
    assert_eq!((patched.status, &patched.json["emails"]), (200, &Value::Null));
}

#[tokio::test]
async fn a_check_of_the_host_says_what_is_answered() {
    let client = users(|users| {
        users.check(|user| match user.string("title") {
            Some("King") => Err(ScimError::invalid_value("title must not be King here")),
            _ => Ok(()),
        })
    });
    assert_eq!(statuses(&client, "title", json!("King")).await, [400; 5]);
    assert_eq!(statuses(&client, "title", json!("Guide")).await, [201, 200, 200, 200, 200]);
}

#[tokio::test]
async fn unknown_attributes_are_ignored_or_refused_whatever_the_profile() {
    let strict_but_ignoring = Client::of(
        builder()
            .profile(CompatProfile::STRICT)
            .provisioning(ProvisioningPolicy::new().users(|users| users.unknown(UnknownAttributes::Ignore))),
    );
    let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    let made = strict_but_ignoring
        .post("/Users", &json!({"schemas": schemas, "userName": "a", "shoeSize": 7, "urn:x:y": {"a": 1}}))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!((&made.json["shoeSize"], &made.json["urn:x:y"]), (&Value::Null, &Value::Null));

    let refusing = users(|users| users.unknown(UnknownAttributes::Refuse));
    assert_eq!(statuses(&refusing, "shoeSize", json!(7)).await, [400; 5]);
    assert_eq!(refusing.post("/Users", &json!({"userName": "a", "urn:x:y": {"a": 1}})).await.status, 400);
    let group = refusing.post("/Groups", &json!({"displayName": "g", "shoeSize": 7})).await;
    assert_eq!(group.status, 201, "the rule is for users alone");
}

#[tokio::test]
async fn uniqueness_reaches_over_tenants_where_it_is_declared() {
    let client = users(|users| users.unique_within("userName", UniqueWithin::Platform));
    let schema = "urn:ietf:params:scim:schemas:core:2.0:User";
    assert_eq!(shown(&client, schema, &["userName"]).await["uniqueness"], "global");
    assert_eq!(client.post("/Users", &json!({"userName": "a@b.co"})).await.status, 201);
    let taken = client.other_tenant().post("/Users", &json!({"userName": "A@b.co"})).await;
    assert_eq!(taken.error(), (409, "uniqueness".to_owned()));
    assert_eq!(detail(&taken), "Another resource has this userName; it must be unique");
}

#[test]
fn a_mistake_in_the_declaration_is_an_error_that_helps() {
    let problem = |rules: fn(ResourceRules) -> ResourceRules| match builder()
        .provisioning(ProvisioningPolicy::new().users(rules))
        .build()
    {
        Err(BuildError::Provisioning { resource_type, problem, .. }) => {
            assert_eq!(resource_type, "User");
            problem
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(
        problem(|users| users.require("phoneNumber")),
        r#""phoneNumber" is not an attribute of User; did you mean "phoneNumbers"?"#
    );
    assert!(problem(|users| users.only(["userName"]).require("title")).contains("name it in only"));
    assert!(problem(|users| users.forbid("title").immutable("title")).contains("not in forbid"));
    assert!(problem(|users| users.format("active", Format::Email)).contains("no text"));
    assert!(problem(|users| users.at_most("userName", 1)).contains("is no list"));
    assert!(problem(|users| users.at_most("emails", 0)).contains("forbid"));
    assert!(problem(|users| users.immutable("externalId")).contains("the client's own identifier"));
    assert!(problem(|users| users.derive("name.formatted", |_| "x")).contains("as a whole"));
    assert!(problem(|users| users.unique_within("emails", UniqueWithin::Tenant)).contains("emails.value"));
    assert!(problem(|users| users.require("meta.created")).contains("no rules"));
    let error =
        builder().provisioning(ProvisioningPolicy::new().resource("Device", |device| device)).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the provisioning policy cannot be kept for Device: the server has no resource type of this name, only User, Group"
    );
    let named =
        builder().provisioning_named("okta", ProvisioningPolicy::new().users(|users| users.require("x"))).build();
    assert!(named.unwrap_err().to_string().starts_with("the provisioning policy \"okta\" cannot be kept for User"));
}
