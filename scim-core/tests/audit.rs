//! The audit trail that an observer hands to the host.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use scim_core::{
    Attribute, AuditDetail, AuditKind, AuditObserver, AuditRecord, BearerTokens, ConnectionId, MemoryStore, Mutability,
    OnDelete, OnInactive, OnReturn, Principal, ProvisioningPolicy, ResourceType, Returned, Schema, ScimServer,
    ScimServerBuilder, TenantId,
};
use serde_json::{json, Value};

type Records = Arc<Mutex<Vec<AuditRecord>>>;

const PROBES: &str = "urn:example:probe";
const SECRETS: &str = "urn:example:secrets";

/// A type with secrets in every place where there may be some.
fn probe() -> ResourceType {
    let secret = || Attribute::string("pin").mutability(Mutability::WriteOnly).returned(Returned::Never);
    let hidden = || Attribute::string("hidden").returned(Returned::Never);
    let schema = Schema::new(PROBES, "Probe")
        .attribute(Attribute::string("name"))
        .attribute(secret())
        .attribute(hidden())
        .attribute(Attribute::complex("account", [Attribute::string("iban"), hidden()]))
        .attribute(Attribute::complex("cards", [Attribute::string("value"), hidden()]).multi_valued());
    let extension = Schema::new(SECRETS, "Secrets").attribute(Attribute::string("note")).attribute(hidden());
    ResourceType::new("Probe", "/Probes", schema).with_extension(extension, false)
}

fn server(detail: AuditDetail) -> (ScimServer, Records) {
    server_with(detail, |builder| builder)
}

fn server_with(
    detail: AuditDetail,
    change: impl FnOnce(ScimServerBuilder) -> ScimServerBuilder,
) -> (ScimServer, Records) {
    let records = Records::default();
    let kept = Arc::clone(&records);
    let principal = Principal::new(TenantId::new("acme"), "Okta").with_connection(ConnectionId::new("okta"));
    let builder = ScimServer::builder()
        .base_url("https://example.com/scim/v2")
        .store(MemoryStore::new())
        .authenticator(BearerTokens::new().principal("secret", principal))
        .resource_type(ResourceType::user())
        .resource_type(ResourceType::group())
        .resource_type(probe())
        .observer(AuditObserver::new(detail, move |record: AuditRecord| kept.lock().unwrap().push(record)));
    (change(builder).build().unwrap(), records)
}

async fn send(server: &ScimServer, method: &str, path: &str, body: Value) -> Value {
    let request = http::Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", "Bearer secret")
        .header("content-type", "application/scim+json")
        .header("x-request-id", "request-7")
        .body(Bytes::from(body.to_string()))
        .unwrap();
    let response = server.handle(request).await;
    assert!(response.status().is_success(), "{method} {path}: {:?}", response.status());
    serde_json::from_slice(response.body()).unwrap_or_default()
}

#[tokio::test]
async fn every_change_is_one_record_that_says_who_and_what() {
    let (server, records) = server(AuditDetail::Paths);
    let anna = send(&server, "POST", "/Users", json!({"userName": "anna", "active": true})).await;
    let path = format!("/Users/{}", anna["id"].as_str().unwrap());
    send(&server, "PUT", &path, json!({"userName": "anna", "active": false, "name": {"familyName": "B"}})).await;
    let members = json!([{"value": anna["id"]}]);
    let staff = send(&server, "POST", "/Groups", json!({"displayName": "staff"})).await;
    let group = format!("/Groups/{}", staff["id"].as_str().unwrap());
    send(&server, "PUT", &group, json!({"displayName": "crew", "members": members})).await;
    send(&server, "PUT", &group, json!({"displayName": "crew", "members": []})).await;
    send(&server, "DELETE", &path, json!({})).await;
    let records = records.lock().unwrap();
    let told: Vec<_> = records.iter().map(|record| (record.kind, record.changed.join(" "))).collect();
    use AuditKind::{Created, Deleted, Updated};
    let expected = [
        (Created, "active userName"),
        (Updated, "active name.familyName"),
        (Created, "displayName"),
        (Updated, "displayName members"),
        (Updated, "members"),
        (Deleted, ""),
    ];
    assert_eq!(told, expected.map(|(kind, changed)| (kind, changed.to_owned())));
    for record in records.iter() {
        assert_eq!((record.principal.as_str(), record.request_id.as_str()), ("Okta", "request-7"));
        assert_eq!((record.tenant.as_str(), record.connection.as_ref().unwrap().as_str()), ("acme", "okta"));
        assert_eq!((&record.before, &record.after), (&None, &None));
    }
    assert_eq!(records[3].members_added[0].as_str(), anna["id"]);
}

#[tokio::test]
async fn what_goes_and_comes_back_is_told_once_however_it_goes() {
    for (on_delete, gone, changed) in
        [(OnDelete::Remove, AuditKind::Deleted, ""), (OnDelete::Deactivate, AuditKind::Removed, "active")]
    {
        let policy = ProvisioningPolicy::new().users(|users| users.on_delete(on_delete).on_return(OnReturn::Restore));
        let (server, records) = server_with(AuditDetail::Paths, |builder| builder.provisioning(policy));
        let user = json!({"userName": "anna", "active": true});
        let anna = send(&server, "POST", "/Users", user.clone()).await;
        let path = format!("/Users/{}", anna["id"].as_str().unwrap());
        send(&server, "PUT", &path, json!({"userName": "anna", "active": false})).await;
        send(&server, "PUT", &path, user.clone()).await;
        send(&server, "DELETE", &path, json!({})).await;
        send(&server, "POST", "/Users", user).await;
        let records = records.lock().unwrap();
        let told: Vec<_> = records.iter().map(|record| record.kind).collect();
        use AuditKind::{Created, Restored, Updated};
        assert_eq!(told, [Created, Updated, Updated, gone, Restored]);
        assert_eq!(records[3].changed.join(" "), changed);
        assert!(records.iter().all(|record| record.resource_id.as_str() == anna["id"]));
    }
}

#[tokio::test]
async fn who_becomes_inactive_and_goes_by_that_is_told_once() {
    use AuditKind::{Created, Deleted, Removed};
    for (on_inactive, gone) in [(OnInactive::Remove, Removed), (OnInactive::Delete, Deleted)] {
        let policy = ProvisioningPolicy::new().users(|users| users.on_inactive(on_inactive));
        let (server, records) = server_with(AuditDetail::Paths, |builder| builder.provisioning(policy));
        let anna = send(&server, "POST", "/Users", json!({"userName": "anna", "active": true})).await;
        let path = format!("/Users/{}", anna["id"].as_str().unwrap());
        send(&server, "PUT", &path, json!({"userName": "anna", "active": false})).await;
        let told: Vec<_> = records.lock().unwrap().iter().map(|record| record.kind).collect();
        assert_eq!(told, [Created, gone]);
    }
}

#[tokio::test]
async fn values_are_told_but_for_secrets() {
    let (server, records) = server(AuditDetail::Values);
    let body = |name: &str| {
        json!({
            "schemas": [PROBES, SECRETS], "name": name, "pin": "s3cret", "hidden": "s3cret",
            "account": {"iban": name, "hidden": "s3cret"}, "cards": [{"value": name, "hidden": "s3cret"}],
            SECRETS: {"note": name, "hidden": "s3cret"},
        })
    };
    let made = send(&server, "POST", "/Probes", body("one")).await;
    let path = format!("/Probes/{}", made["id"].as_str().unwrap());
    send(&server, "PUT", &path, body("two")).await;
    send(&server, "DELETE", &path, json!({})).await;
    let records = records.lock().unwrap();
    assert!(!format!("{records:?}").contains("s3cret"));
    let shown = |name: &str| {
        let document = json!({
            "name": name, "account": {"iban": name}, "cards": [{"value": name}], SECRETS: {"note": name},
        });
        Some(document.as_object().unwrap().clone())
    };
    let told: Vec<_> = records.iter().map(|record| (record.before.clone(), record.after.clone())).collect();
    assert_eq!(told, [(None, shown("one")), (shown("one"), shown("two")), (shown("two"), None)]);
    let changed = ["account.iban", "cards.value", "name", "urn:example:secrets:note"];
    assert_eq!(records[1].changed, changed);
}
