//! A session of an identity provider, and the application at work beside it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use own_users_table::{rename, suspend, OwnTables};
use scim_core::{BearerTokens, ScimServer, TenantId};
use serde_json::{json, Value};

async fn send(server: &ScimServer, method: &str, path: &str, body: Value) -> (u16, Value) {
    let request = http::Request::builder().method(method).uri(path).header("Authorization", "Bearer secret");
    let request = request.header("Content-Type", "application/scim+json");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let response = server.handle(request.body(body.into()).unwrap()).await;
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default())
}

#[tokio::test]
async fn scim_and_the_application_share_the_users_and_the_theme_is_the_users_own() {
    let databases = support::Databases::new("session");
    let pool = databases.make().await;
    let tokens = BearerTokens::new().token("secret", TenantId::new("the only one"));
    let server = ScimServer::builder().store(OwnTables::new(pool.clone())).authenticator(tokens).build().unwrap();

    let babs = json!({
        "userName": "Babs@example.com", "externalId": "00u1", "active": true, "title": "Tour Guide",
        "name": {"givenName": "Barbara", "familyName": "Jensen", "formatted": "Ms. Barbara Jensen"},
        "emails": [{"value": "home@example.com", "type": "home"}, {"value": "babs@example.com", "primary": true}]
    });
    let (status, made) = send(&server, "POST", "/Users", babs.clone()).await;
    assert_eq!((status, &made["id"], &made["title"]), (201, &json!("1"), &json!("Tour Guide")));
    assert_eq!(send(&server, "POST", "/Users", json!({"userName": "BABS@example.com"})).await.0, 409);
    let row: (String, String, String, bool) =
        sqlx::query_as("SELECT login, family_name, mail, enabled FROM users").fetch_one(&pool).await.unwrap();
    assert_eq!(row, ("Babs@example.com".into(), "Jensen".into(), "babs@example.com".into(), true));

    sqlx::query("UPDATE users SET theme = 'dark'").execute(&pool).await.unwrap();
    suspend(&pool, "babs@EXAMPLE.com").await.unwrap();
    rename(&pool, "babs@example.com", "Barbara", "Ångström").await.unwrap();
    let filter = "/Users?filter=name.familyName%20eq%20%22%C3%A5ngstr%C3%B6m%22%20and%20active%20eq%20false";
    let (_, list) = send(&server, "GET", filter, Value::Null).await;
    assert_eq!(list["totalResults"], 1, "{list}");
    let found = &list["Resources"][0];
    assert_eq!(found["name"]["formatted"], "Ms. Barbara Jensen");
    assert_ne!(found["meta"]["version"], made["meta"]["version"]);

    assert_eq!(send(&server, "PUT", "/Users/1", babs).await.0, 200);
    let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": false}]});
    assert_eq!(send(&server, "PATCH", "/Users/1", patch).await.0, 200);
    let row: (String, String, bool) =
        sqlx::query_as("SELECT theme, family_name, enabled FROM users").fetch_one(&pool).await.unwrap();
    assert_eq!(row, ("dark".into(), "Jensen".into(), false));

    let team = json!({"displayName": "Guides", "members": [{"value": "1"}]});
    let (status, team) = send(&server, "POST", "/Groups", team).await;
    assert_eq!((status, &team["members"][0]["value"]), (201, &json!("1")));
    let (_, user) = send(&server, "GET", "/Users/1", Value::Null).await;
    assert_eq!(user["groups"][0]["display"], "Guides");
    assert_eq!(send(&server, "DELETE", "/Users/1", Value::Null).await.0, 204);
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM team_members").fetch_one(&pool).await.unwrap();
    assert_eq!(left, 0);
}
