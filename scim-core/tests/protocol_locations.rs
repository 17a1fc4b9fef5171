//! Where resources are and which version is asked for: the headers of answers and conditional reads.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod support;

use serde_json::json;
use support::Client;

#[tokio::test]
async fn rfc7644_s3_5_2_the_answer_to_a_patch_without_a_body_has_a_location() {
    let mut limits = scim_core::Limits::default();
    limits.echoed_members = 0;
    let client = Client::of(support::builder().limits(limits));
    let made = client.post("/Groups", &json!({"displayName": "Guides"})).await;
    let path = format!("/Groups/{}", made.id());
    let operations = json!([{"op": "replace", "path": "displayName", "value": "Drivers"}]);
    let patched = client.patch(&path, operations).await;
    assert_eq!((patched.status, patched.header("location")), (204, made.header("location")));
    assert_eq!(patched.header("etag"), client.get(&path).await.header("etag"));
    let deleted = client.delete(&path).await;
    assert_eq!((deleted.status, deleted.headers.get("location")), (204, None));
}

#[tokio::test]
async fn rfc7644_s4_single_schemas_and_resource_types_have_a_location_as_a_single_user_has() {
    let client = Client::new();
    for path in
        ["/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", "/ResourceTypes/group", "/ServiceProviderConfig"]
    {
        let answer = client.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.json["meta"]["location"], answer.header("location"), "{path}");
        assert!(answer.header("location").starts_with("https://example.com/scim/v2/"), "{path}");
    }
    assert_eq!(client.get("/Schemas").await.headers.get("location"), None);
}

#[tokio::test]
async fn rfc7644_s4_discovery_ignores_parameters_other_than_a_filter() {
    let client = Client::new();
    let user = "urn:ietf:params:scim:schemas:core:2.0:User";
    let nonsense = "count=abc&startIndex=x&count=1&sortOrder=up&sortBy=%ff&cursor=x&attributes=id";
    for path in
        ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/ResourceTypes/User", &format!("/Schemas/{user}")]
    {
        let (plain, asked) = (client.get(path).await, client.get(&format!("{path}?{nonsense}")).await);
        assert_eq!((asked.status, &asked.text), (200, &plain.text), "{path}");
    }
    for path in ["/Schemas/nope", "/ResourceTypes/nope", "/nope"] {
        assert_eq!(client.get(&format!("{path}?{nonsense}")).await.error(), (404, String::new()), "{path}");
    }
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
        for filter in ["filter=id+pr", "fil%74er=id+pr", "count=abc&FILTER=%ff"] {
            assert_eq!(client.get(&format!("{path}?{filter}")).await.error(), (403, String::new()), "{path}?{filter}");
        }
    }
}

#[tokio::test]
async fn rfc9110_s13_1_1_a_read_whose_if_match_does_not_hold_is_412() {
    let client = Client::new();
    let made = client.post("/Users", &json!({"userName": "anna"})).await;
    let (path, etag) = (format!("/Users/{}", made.id()), made.header("etag"));
    for method in ["GET", "HEAD"] {
        let status = |name: &'static str, value: &str| {
            let (client, path, value) = (&client, &path, value.to_owned());
            async move { client.send(method, path, &[(name, &value)], "").await.status }
        };
        for value in ["W/\"other\"", "", "\"a\", \"b\""] {
            assert_eq!(status("if-match", value).await, 412, "{method} {value}");
        }
        for value in [etag, "*", &format!("\"a\", {etag}")] {
            assert_eq!(status("if-match", value).await, 200, "{method} {value}");
        }
        let both = [("if-match", "W/\"other\""), ("if-none-match", etag)];
        assert_eq!(client.send(method, &path, &both, "").await.status, 412, "{method}");
        let both = [("if-match", etag), ("if-none-match", etag)];
        assert_eq!(client.send(method, &path, &both, "").await.status, 304, "{method}");
    }
    assert_eq!(client.send("GET", "/Users/nobody", &[("if-match", "*")], "").await.status, 404);
}
