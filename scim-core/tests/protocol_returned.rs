//! What is returned on request (RFC 7643 s7) and in which order it may be requested (RFC 7644 s3.9).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod support;

use scim_core::{Attribute, MemoryStore, Mutability, ResourceType, Returned, Schema};
use serde_json::{json, Value};
use support::Client;

const SPEC: &str = "urn:example:params:scim:schemas:extension:spec:2.0:User";

fn on_request(name: &str) -> Attribute {
    Attribute::string(name).returned(Returned::Request)
}

/// A server of users with an extension that has attributes of all kinds, so far as it matters when they are returned.
fn client() -> Client {
    let parts = || [Attribute::string("sDefault"), on_request("sReq")];
    let schema = Schema::new(SPEC, "Spec")
        .attribute(Attribute::string("plain"))
        .attribute(on_request("note"))
        .attribute(on_request("stamp").mutability(Mutability::ReadOnly))
        .attribute(Attribute::string("secret").returned(Returned::Never))
        .attribute(Attribute::complex("spec", parts()))
        .attribute(Attribute::complex("list", parts()).multi_valued())
        .attribute(Attribute::complex("asked", parts()).returned(Returned::Request));
    let users = ResourceType::user().with_extension(schema, false);
    Client::of(support::builder().store(MemoryStore::new()).resource_type(users))
}

fn complex() -> Value {
    json!({"sDefault": "d", "sReq": "r"})
}

fn everything() -> Value {
    json!({
        "plain": "p", "note": "n", "secret": "s", "spec": complex(), "list": [complex(), {"sDefault": "d"}],
        "asked": complex(),
    })
}

fn user(name: &str, extension: Value) -> Value {
    json!({"userName": name, SPEC: extension})
}

#[tokio::test]
async fn rfc7643_s7_post_and_put_return_what_they_specify_of_what_is_returned_on_request() {
    let client = client();
    let mut shown = everything();
    shown.as_object_mut().unwrap().remove("secret");
    let made = client.post("/Users", &user("anna", everything())).await;
    assert_eq!((made.status, &made.json[SPEC]), (201, &shown));
    let path = format!("/Users/{}", made.id());
    let usual = json!({"plain": "p", "spec": {"sDefault": "d"}, "list": [{"sDefault": "d"}, {"sDefault": "d"}]});
    assert_eq!(client.get(&path).await.json[SPEC], usual);
    let replaced = client.put(&path, &user("anna", everything())).await;
    assert_eq!((replaced.status, &replaced.json[SPEC]), (200, &shown));
    for (extension, shown) in [
        (json!({"spec": {"sReq": "r"}}), json!({"spec": {"sReq": "r"}})),
        (json!({"note": "n", "plain": "p"}), json!({"note": "n", "plain": "p"})),
        (json!({"note": null, "plain": "p"}), json!({"plain": "p"})),
        (json!({"asked": {"sDefault": "d"}}), json!({"asked": {"sDefault": "d"}})),
        (json!({"list": [{"sReq": "r"}]}), json!({"list": [{"sReq": "r"}]})),
        (json!({"plain": "p"}), json!({"plain": "p"})),
    ] {
        let replaced = client.put(&path, &user("anna", extension.clone())).await;
        assert_eq!((replaced.status, &replaced.json[SPEC]), (200, &shown), "{extension}");
    }
}

#[tokio::test]
async fn rfc7643_s7_patch_returns_what_it_specifies_of_what_is_returned_on_request() {
    let client = client();
    let made = client.post("/Users", &user("anna", everything())).await;
    let path = format!("/Users/{}", made.id());
    let usual = client.get(&path).await.json[SPEC].clone();
    let with = |name: &str, value: Value| {
        let mut shown = usual.clone();
        shown[name] = value;
        shown
    };
    let replace =
        |path: &str, value: Value| json!([{"op": "replace", "path": format!("{SPEC}:{path}"), "value": value}]);
    let listed = json!([complex(), {"sDefault": "d"}]);
    let asked = json!({"sDefault": "d"});
    for (operations, shown) in [
        (replace("note", json!("n")), with("note", json!("n"))),
        (json!([{"op": "add", "value": {SPEC: {"note": "n"}}}]), with("note", json!("n"))),
        (replace("spec.sReq", json!("r")), with("spec", complex())),
        (replace("spec", json!({"sReq": "r"})), with("spec", complex())),
        (replace("spec", json!({"sDefault": "d"})), usual.clone()),
        (replace("spec.sDefault", json!("d")), usual.clone()),
        (replace("list[sReq eq \"r\"].sReq", json!("r")), with("list", listed.clone())),
        (replace("list", listed.clone()), with("list", listed.clone())),
        (replace("list[sReq eq \"r\"].sDefault", json!("d")), usual.clone()),
        (replace("asked.sDefault", json!("d")), with("asked", asked)),
        (replace("asked", complex()), with("asked", complex())),
        (json!([{"op": "add", "value": {SPEC: {"stamp": "x"}}}]), usual.clone()),
        (json!([{"op": "remove", "path": format!("{SPEC}:note")}]), usual.clone()),
    ] {
        let patched = client.patch(&path, operations.clone()).await;
        assert_eq!((patched.status, &patched.json[SPEC]), (200, &shown), "{operations}");
    }
}

#[tokio::test]
async fn rfc7644_s3_9_a_write_that_names_what_to_return_is_answered_with_that() {
    let client = client();
    let made = client.post("/Users?attributes=userName", &user("anna", everything())).await;
    assert_eq!((made.status, &made.json[SPEC]), (201, &Value::Null));
    let path = format!("/Users/{}?excludedAttributes=meta", made.id());
    let usual = json!({"plain": "p", "spec": {"sDefault": "d"}, "list": [{"sDefault": "d"}, {"sDefault": "d"}]});
    assert_eq!(client.put(&path, &user("anna", everything())).await.json[SPEC], usual);
}

#[tokio::test]
async fn rfc7643_s7_members_that_are_returned_on_request_are_loaded_for_the_answer_to_a_write_that_names_them() {
    let groups = ResourceType::group();
    let members = groups.schema().attributes.get("members").unwrap();
    let members = scim_core::Attribute::clone(members).returned(Returned::Request);
    let schema = Schema::new(groups.schema().id.clone(), "Group")
        .attribute(Attribute::string("displayName").required())
        .attribute(members);
    let client = Client::of(support::builder().resource_type(groups.with_schema(schema)));
    let anna = client.post("/Users", &json!({"userName": "anna"})).await.id();
    let made = client.post("/Groups", &json!({"displayName": "Guides", "members": [{"value": anna}]})).await;
    assert_eq!(made.json["members"][0]["value"], anna);
    let path = format!("/Groups/{}", made.id());
    assert_eq!(client.get(&path).await.json.get("members"), None);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": anna}]}]);
    assert_eq!(client.patch(&path, add).await.json["members"][0]["value"], anna);
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Drivers"}]);
    assert_eq!(client.patch(&path, rename).await.json.get("members"), None);
}

#[tokio::test]
async fn rfc7644_s3_9_the_order_of_attributes_does_not_matter() {
    let client = client();
    let path = format!("/Users/{}", client.post("/Users", &user("anna", everything())).await.id());
    for names in [
        vec!["URN:spec.sReq", "URN:spec"],
        vec!["URN:note", "URN"],
        vec!["URN:spec.sReq", "URN"],
        vec!["URN:list.sReq", "URN:list", "URN"],
        vec!["spec.sReq", "spec"],
        vec!["meta.location", "meta"],
        vec!["name.givenName", "name", "userName"],
    ] {
        let names: Vec<String> = names.iter().map(|name| name.replace("URN", SPEC)).collect();
        let reversed: Vec<String> = names.iter().rev().cloned().collect();
        let [one, other] = [names, reversed].map(|names| format!("{path}?attributes={}", names.join(",")));
        assert_eq!(client.get(&one).await.json, client.get(&other).await.json, "{one}");
    }
    let both = client.get(&format!("{path}?attributes={SPEC}:spec.sReq,{SPEC}:spec")).await;
    assert_eq!(both.json[SPEC], json!({"spec": complex()}));
    let whole = client.get(&format!("{path}?attributes={SPEC}:note,{SPEC}")).await;
    assert_eq!((&whole.json[SPEC]["note"], &whole.json[SPEC]["plain"]), (&json!("n"), &json!("p")));
}

#[tokio::test]
async fn rfc7644_s3_9_an_extension_of_which_nothing_is_shown_is_left_out() {
    let client = client();
    let enterprise = scim_core::ENTERPRISE_USER;
    let body =
        json!({"userName": "anna", enterprise: {"manager": {"value": "7"}, "department": "Sales"}, SPEC: everything()});
    let path = format!("/Users/{}", client.post("/Users", &body).await.id());
    for name in [format!("{enterprise}:manager.displayName"), "manager.displayName".to_owned()] {
        assert_eq!(client.get(&format!("{path}?attributes={name}")).await.json.get(enterprise), None, "{name}");
    }
    let reference = client.get(&format!("{path}?attributes={enterprise}:manager.$ref")).await;
    assert!(reference.json[enterprise]["manager"]["$ref"].is_string(), "{}", reference.text);
    let excluded = format!("{SPEC}:plain,{SPEC}:spec.sDefault,{SPEC}:list.sDefault");
    assert_eq!(client.get(&format!("{path}?excludedAttributes={excluded}")).await.json.get(SPEC), None);
}
