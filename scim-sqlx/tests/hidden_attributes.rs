//! Attributes that a policy leaves out are the host's own: clients do not see them, and what a client writes does not
//! make them lost to look-ups and uniqueness.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use scim_core::{BearerTokens, Principal, ProvisioningPolicy, ResourceStore, ScimServer, TenantId, UniqueWithin, User};
use serde_json::{json, Value};
use support::Backend;

fn server(store: Arc<dyn ResourceStore>) -> ScimServer {
    let policy = ProvisioningPolicy::new()
        .users(|users| users.only(["userName", "title", "active"]).unique_within("userName", UniqueWithin::Platform));
    ScimServer::builder()
        .base_url("https://example.com/scim/v2")
        .store(store)
        .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
        .provisioning(policy)
        .build()
        .unwrap()
}

async fn send(server: &ScimServer, method: &str, path: &str, body: &Value) -> Value {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", "Bearer secret")
        .header("content-type", "application/scim+json")
        .body(Bytes::from(body.to_string()))
        .unwrap();
    let response = server.handle(request).await;
    assert_eq!(response.status(), 200, "{}", String::from_utf8_lossy(response.body()));
    serde_json::from_slice(response.body()).unwrap()
}

fn replacing_title(value: &str) -> Value {
    let operation = json!({"op": "replace", "path": "title", "value": value});
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]})
}

async fn what_is_left_out_is_found_after_every_write(backend: Backend) {
    let server = server(Arc::clone(&backend.store));
    let users = server.resources_of(Principal::new(TenantId::new("acme"), "the product")).users();
    let mut user = User::new("bjensen");
    user.nick_name = Some("Babs".to_owned());
    user.external_id = Some("701984".to_owned());
    let made = users.create(&user).await.unwrap();
    let path = format!("/Users/{}", made.id);
    let is_found = |attribute, value| {
        let (users, id) = (users.clone(), made.id.clone());
        async move { users.find(attribute, value).await.unwrap().is_some_and(|found| found.id == id) }
    };

    let put = json!({"userName": "bjensen", "externalId": "701984", "title": "Guide"});
    for (method, body) in [("PATCH", replacing_title("Tour Guide")), ("PUT", put), ("PATCH", replacing_title("Boss"))] {
        let answer = send(&server, method, &path, &body).await;
        assert_eq!(answer["nickName"], Value::Null, "{}", backend.name);
        assert!(is_found("nickName", "babs").await, "{}: nickName after {method}", backend.name);
        assert!(is_found("externalId", "701984").await, "{}: externalId after {method}", backend.name);
    }
    let renamed = users.edit(&made.id, |user| user.nick_name = Some("Barb".to_owned()));
    assert_eq!(renamed.await.unwrap().title.as_deref(), Some("Boss"));
    assert!(is_found("nickName", "Barb").await && !is_found("nickName", "Babs").await, "{}", backend.name);

    let globex = server.resources_of(Principal::new(TenantId::new("globex"), "the product")).users();
    let taken = globex.create(&User::new("BJensen")).await.unwrap_err();
    assert_eq!(taken.status(), 409, "{}: unique on the platform after every write", backend.name);
}

#[tokio::test]
async fn in_memory() {
    what_is_left_out_is_found_after_every_write(support::memory()).await;
}

#[tokio::test]
async fn on_sqlite() {
    what_is_left_out_is_found_after_every_write(support::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres() {
    if let Some(backend) = support::postgres().await {
        what_is_left_out_is_found_after_every_write(backend).await;
    }
}
