//! What becomes of Bulk requests with something wrong in them: RFC 7644 s3.7, s3.7.3.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::field_reassign_with_default,
    missing_docs
)]

mod bulk_support;
mod support;

use bulk_support::{Controls, Fragile};
use scim_core::{CompatProfile, Limits};
use serde_json::{json, Value};
use support::{builder, Answer, Client};

fn user(name: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": name, "data": {"userName": name}})
}

/// The result of one operation.
struct Outcome<'a> {
    status: &'a str,
    scim_type: &'a str,
    detail: &'a str,
    location: Option<&'a str>,
}

/// The results of the operations; their form is checked.
fn outcomes(answer: &Answer) -> Vec<Outcome<'_>> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
    let list = answer.json["Operations"].as_array().unwrap();
    let outcome = |result: &'_ Value| {
        let failed = !result["status"].as_str().unwrap().starts_with('2');
        assert_eq!(result.get("response").is_some(), failed, "{result}");
        if failed {
            assert_eq!(result["response"]["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
            assert_eq!(result["response"]["status"], result["status"]);
        }
    };
    list.iter().for_each(outcome);
    list.iter()
        .map(|result| Outcome {
            status: result["status"].as_str().unwrap(),
            scim_type: result["response"]["scimType"].as_str().unwrap_or_default(),
            detail: result["response"]["detail"].as_str().unwrap_or_default(),
            location: result["location"].as_str(),
        })
        .collect()
}

fn statuses(answer: &Answer) -> Vec<&str> {
    outcomes(answer).iter().map(|outcome| outcome.status).collect()
}

#[tokio::test]
async fn rfc7644_s3_7_what_is_no_bulk_request_is_refused_as_a_whole() {
    let client = Client::new();
    for (body, scim_type) in [
        ("", "invalidSyntax"),
        ("[]", "invalidSyntax"),
        ("{}", "invalidSyntax"),
        (r#"{"Operations": null}"#, "invalidSyntax"),
        (r#"{"Operations": [[]]}"#, "invalidSyntax"),
        (r#"{"Operations": [], "operations": []}"#, "invalidSyntax"),
        (r#"{"Operations": [{"method": ["POST"]}]}"#, "invalidSyntax"),
        (r#"{"Operations": [], "failOnErrors": "all"}"#, "invalidValue"),
        (r#"{"Operations": [], "failOnErrors": -1}"#, "invalidValue"),
    ] {
        let answer = client.send("POST", "/Bulk", &[], body).await;
        assert_eq!(answer.error(), (400, scim_type.to_owned()), "{body}");
    }
    let strict = Client::of(builder().profile(CompatProfile::STRICT));
    assert_eq!(strict.post("/Bulk", &json!({"Operations": [user("a")]})).await.error().1, "invalidSyntax");
    assert_eq!(strict.get("/Users").await.json["totalResults"], 0);
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
        let answer = client.send(method, "/Bulk", &[], "").await;
        assert_eq!(answer.error().0, 405);
        assert_eq!(answer.header("allow"), "POST");
    }
    let typed = client.send("POST", "/Bulk", &[("content-type", "text/plain")], r#"{"Operations": []}"#).await;
    assert_eq!(typed.error().0, 415);
    let anonymous = client.send("POST", "/Bulk", &[("authorization", "Bearer no")], r#"{"Operations": []}"#).await;
    assert_eq!(anonymous.error().0, 401);
}

#[tokio::test]
async fn rfc7644_s3_7_a_bulk_id_is_unique_within_the_request() {
    let client = Client::new();
    let answer = client.post("/Bulk", &json!({"Operations": [user("a"), user("b"), user("a")]})).await;
    assert_eq!(answer.error(), (400, "invalidValue".to_owned()));
    assert!(answer.json["detail"].as_str().unwrap().contains("\"a\""));
    assert_eq!(client.get("/Users").await.json["totalResults"], 0);
}

#[tokio::test]
async fn rfc7644_s3_7_no_operations_have_no_results() {
    let answer = Client::new().post("/Bulk", &json!({"operations": []})).await;
    assert!(outcomes(&answer).is_empty());
    assert_eq!(answer.json["Operations"], json!([]));
}

#[tokio::test]
async fn rfc7644_s3_7_what_is_wrong_with_one_operation_is_its_result() {
    let client = Client::new();
    let id = client.post("/Users", &json!({"userName": "there"})).await.id();
    let item = format!("/Users/{id}");
    let location = format!("https://example.com/scim/v2{item}");
    let cases = [
        (
            json!({"path": "/Users", "bulkId": "1", "data": {}}),
            "400",
            "invalidValue",
            Some("https://example.com/scim/v2/Users"),
        ),
        (json!({"method": "POST", "bulkId": "2", "data": {}}), "400", "invalidValue", None),
        (json!({"method": "POST", "path": "/Users", "data": {"userName": "x"}}), "400", "invalidValue", None),
        (
            json!({"method": "POST", "path": "/Users", "bulkId": "", "data": {"userName": "x"}}),
            "400",
            "invalidValue",
            None,
        ),
        (json!({"method": "POST", "path": "/Users", "bulkId": "3"}), "400", "invalidValue", None),
        (json!({"method": "POST", "path": "/Users", "bulkId": "4", "data": "x"}), "400", "invalidSyntax", None),
        (json!({"method": "PUT", "path": item, "data": null}), "400", "invalidValue", Some(location.as_str())),
        (json!({"method": "PATCH", "path": item, "data": []}), "400", "invalidSyntax", Some(&location)),
        (json!({"method": "PATCH", "path": item, "data": {"Operations": 1}}), "400", "invalidSyntax", Some(&location)),
        (json!({"method": "POST", "path": item, "bulkId": "5", "data": {}}), "405", "", None),
        (json!({"method": "DELETE", "path": "/Users"}), "405", "", Some("https://example.com/scim/v2/Users")),
        (json!({"method": "GET", "path": item}), "405", "", Some(&location)),
        (json!({"method": "delete", "path": item}), "405", "", Some(&location)),
        (json!({"method": "POST", "path": "/Bulk", "bulkId": "6", "data": {"Operations": []}}), "405", "", None),
        (json!({"method": "POST", "path": "/Users/.search", "bulkId": "7", "data": {}}), "405", "", None),
        (json!({"method": "POST", "path": "/", "bulkId": "8", "data": {}}), "405", "", None),
        (json!({"method": "PATCH", "path": "/Me", "data": {}}), "405", "", Some("https://example.com/scim/v2/Me")),
        (
            json!({"method": "PUT", "path": "Nowhere/1", "data": {}}),
            "404",
            "",
            Some("https://example.com/scim/v2/Nowhere/1"),
        ),
        (
            json!({"method": "PUT", "path": "/Users/nobody", "data": {"userName": "x"}}),
            "404",
            "",
            Some("https://example.com/scim/v2/Users/nobody"),
        ),
        (
            json!({"method": "DELETE", "path": "https://example.com/scim/v2x/Users/1"}),
            "404",
            "",
            Some("https://example.com/scim/v2x/Users/1"),
        ),
        (json!({"method": "DELETE", "path": format!("{item}?count=x")}), "400", "invalidValue", Some(&location)),
        (json!({"method": "DELETE", "path": item, "version": "W/\"0\""}), "412", "", Some(&location)),
    ];
    let operations: Vec<_> = cases.iter().map(|(operation, ..)| operation.clone()).chain([user("last")]).collect();
    let answer = client.post("/Bulk", &json!({"Operations": operations})).await;
    let outcomes = outcomes(&answer);
    assert_eq!(outcomes.len(), cases.len() + 1);
    for (place, (outcome, (operation, status, scim_type, location))) in outcomes.iter().zip(&cases).enumerate() {
        assert_eq!((outcome.status, outcome.scim_type), (*status, *scim_type), "{operation}: {}", outcome.detail);
        assert_eq!(outcome.location, *location, "{operation}");
        let result = &answer.json["Operations"][place];
        assert_eq!((&result["method"], &result["version"]), (&operation["method"], &Value::Null));
    }
    assert_eq!(outcomes.last().unwrap().status, "201");
    assert_eq!(client.get("/Users").await.json["totalResults"], 2);
}

/// The data of an operation is the body of a single request, and read by its rules.
#[tokio::test]
async fn rfc7644_s3_7_data_that_no_single_request_may_have_is_the_error_of_its_operation() {
    let client = Client::new();
    let deep = format!(r#"{{"userName": "deep", "title": {}}}"#, "[".repeat(10_000) + &"]".repeat(10_000));
    let too_deep = format!(r#"{{"value": "bulkId:x", "title": {}}}"#, "[".repeat(32) + &"]".repeat(32));
    let refused = [
        (r#"{"userName": "a", "USERNAME": "b"}"#, "twice"),
        (r#"{"userName": "a\u0000"}"#, "NUL"),
        (r#"{"userName": "\ud800"}"#, "cannot be read"),
        (&deep, "deeply"),
        (&too_deep, "deeply"),
        (r#""userName""#, "must be an object"),
        (r#"[{"userName": "a"}]"#, "must be an object"),
        (r#"["bulkId:x"]"#, "must be an object"),
    ];
    let post = |(number, data): (usize, &str)| {
        format!(r#"{{"method": "POST", "path": "/Users", "bulkId": "{number}", "data": {data}}}"#)
    };
    let good = r#"{"userName": "good"}"#;
    let operations: Vec<String> = refused.iter().map(|(data, _)| *data).chain([good]).enumerate().map(post).collect();
    let body = format!(r#"{{"Operations": [{}]}}"#, operations.join(","));
    let answer = client.send("POST", "/Bulk", &[], &body).await;
    let outcomes = outcomes(&answer);
    for (outcome, (data, detail)) in outcomes.iter().zip(refused) {
        let data = &data[..data.len().min(60)];
        assert_eq!((outcome.status, outcome.scim_type), ("400", "invalidSyntax"), "{data}: {}", outcome.detail);
        assert!(outcome.detail.contains(detail), "{data}: {}", outcome.detail);
    }
    assert_eq!(outcomes[refused.len()].status, "201");
    assert_eq!(client.get("/Users").await.json["totalResults"], 1);
}

/// What PATCHes go through is bounded for the request, and not for each of its operations.
#[tokio::test]
async fn rfc7644_s3_7_patches_of_one_request_share_what_they_may_go_through() {
    let mut limits = Limits::default();
    limits.patch_effort = 1_000;
    let client = Client::of(builder().limits(limits));
    let emails = json!([{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "home"}]);
    let id = client.post("/Users", &json!({"userName": "a", "emails": emails})).await.id();
    let patch = |number: usize| {
        let operation =
            json!({"op": "replace", "path": "emails[type eq \"work\"].display", "value": number.to_string()});
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        let data = json!({"schemas": schemas, "Operations": [operation]});
        json!({"method": "PATCH", "path": format!("/Users/{id}"), "data": data})
    };
    let answer = client.post("/Bulk", &json!({"Operations": (0..20).map(patch).collect::<Vec<_>>()})).await;
    let outcomes = outcomes(&answer);
    assert_eq!((outcomes[0].status, outcomes[19].status, outcomes[19].scim_type), ("200", "400", "tooMany"));
    let alone = patch(21);
    assert_eq!(client.send("PATCH", &format!("/Users/{id}"), &[], &alone["data"].to_string()).await.status, 200);
}

#[tokio::test]
async fn rfc7644_s3_7_paths_are_read_like_those_of_single_requests() {
    let client = Client::new();
    for (place, path) in
        ["/Users", "Users/", "https://example.com/scim/v2/Users", "/Users?attributes=userName"].iter().enumerate()
    {
        let name = place.to_string();
        let operation = json!({"method": "POST", "path": path, "bulkId": name, "data": {"userName": name}});
        let answer = client.post("/Bulk", &json!({"Operations": [operation]})).await;
        assert_eq!(statuses(&answer), ["201"], "{path}");
    }
}

#[tokio::test]
async fn rfc7644_s3_7_the_version_of_an_operation_is_a_precondition() {
    let client = Client::of(builder().profile(CompatProfile::LENIENT));
    let made = client.post("/Users", &json!({"userName": "a"})).await;
    let path = format!("/Users/{}", made.id());
    let version = made.header("etag").to_owned();
    let put = |version: &str, name: &str| json!({"method": "PUT", "path": path, "version": version, "data": {"userName": name}});
    let operations = json!([
        put("W/\"other\"", "b"),
        put(&version, "c"),
        put(&version, "d"),
        put("", "e"),
        put("*", "f"),
        {"method": "PUT", "path": path, "version": null, "data": {"userName": "g"}},
    ]);
    let answer = client.post("/Bulk", &json!({"Operations": operations})).await;
    assert_eq!(statuses(&answer), ["412", "200", "412", "200", "200", "200"]);
    assert_eq!(client.get(&path).await.json["userName"], "g");
}

#[tokio::test]
async fn rfc7644_s3_7_3_fail_on_errors_ends_the_request_at_that_many_errors() {
    let bad = |name: &str| json!({"method": "POST", "path": "/Users", "bulkId": name, "data": {}});
    let operations = json!([user("a"), bad("b"), user("c"), bad("d"), user("e"), bad("f")]);
    for (limit, performed, created) in [
        (json!(null), 6, 3),
        (json!(0), 6, 3),
        (json!(1), 2, 1),
        (json!(2), 4, 2),
        (json!(3), 6, 3),
        (json!(u64::MAX), 6, 3),
    ] {
        let client = Client::new();
        let answer = client.post("/Bulk", &json!({"failOnErrors": limit, "Operations": operations})).await;
        let expected = ["201", "400", "201", "400", "201", "400"];
        assert_eq!(statuses(&answer), expected[..performed], "{limit}");
        assert_eq!(client.get("/Users").await.json["totalResults"], created);
    }
}

#[tokio::test]
async fn rfc7644_s3_7_3_what_was_performed_ahead_is_reported_when_the_request_ends() {
    let client = Client::new();
    let group = json!({"method": "POST", "path": "/Groups", "bulkId": "g",
        "data": {"displayName": "g", "members": [{"value": "bulkId:late"}, {"value": "nobody"}]}});
    let body = json!({"failOnErrors": 1, "Operations": [group, user("early"), user("late"), user("never")]});
    let answer = client.post("/Bulk", &body).await;
    assert_eq!(statuses(&answer), ["400", "201", "201"]);
    assert_eq!(client.get("/Users").await.json["totalResults"], 2);
}

#[tokio::test]
async fn a_fault_of_the_backend_is_the_result_of_its_operation_and_shows_nothing_of_it() {
    let client = Client::of(builder().store(Fragile::new(&Controls::default())));
    let body = json!({"Operations": [user("a"), user("fault"), user("b")]}).to_string();
    let answer = client.send("POST", "/Bulk", &[("x-request-id", "the-request")], &body).await;
    assert_eq!(statuses(&answer), ["201", "500", "201"]);
    assert!(outcomes(&answer)[1].detail.contains("the-request"), "{}", answer.text);
    assert!(!answer.text.contains("secret"));
}

#[tokio::test]
async fn tenants_are_apart_in_bulk_requests_too() {
    let client = Client::new();
    let id = client.post("/Users", &json!({"userName": "a"})).await.id();
    let operations = json!([{"method": "DELETE", "path": format!("/Users/{id}")}, user("a")]);
    let answer = client.other_tenant().post("/Bulk", &json!({"Operations": operations})).await;
    assert_eq!(statuses(&answer), ["404", "201"]);
    assert_eq!(client.get(&format!("/Users/{id}")).await.status, 200);
}

#[tokio::test]
async fn rfc7644_s3_7_two_operations_on_one_user_name_conflict() {
    let client = Client::new();
    let again = json!({"method": "POST", "path": "/Users", "bulkId": "again", "data": {"userName": "A"}});
    let answer = client.post("/Bulk", &json!({"Operations": [user("a"), again]})).await;
    assert_eq!(statuses(&answer), ["201", "409"]);
    assert_eq!(outcomes(&answer)[1].scim_type, "uniqueness");
}
