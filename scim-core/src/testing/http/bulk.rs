//! Several operations in one request: RFC 7644 s3.7.

use serde_json::{json, Map, Value};

use super::check::{check, ensure, ensure_eq, has_names, Answer, Check, Failure, Session, Verdict};
use super::recipe::{limits, REFUSED_TITLE};

pub(super) const CHECKS: &[Check] = &[
    check!(rfc7644_s3_7_every_operation_has_a_result, [Bulk]),
    check!(rfc7644_s3_7_3_a_result_names_location_and_version, [Bulk]),
    check!(rfc7644_s3_7_3_what_fails_has_an_error_of_its_own, [Bulk]),
    check!(rfc7644_s3_7_3_fail_on_errors_stops, [Bulk]),
    check!(rfc7644_s3_7_3_without_fail_on_errors_everything_is_tried, [Bulk]),
    check!(rfc7644_s3_7_2_a_reference_to_what_was_just_made, [Bulk, Groups]),
    check!(rfc7644_s3_7_2_a_reference_to_what_is_made_later, [Bulk, Groups]),
    check!(rfc7644_s3_7_2_a_reference_in_a_path, [Bulk]),
    check!(rfc7644_s3_7_1_references_in_a_circle, [Bulk, Groups]),
    check!(rfc7644_s3_7_2_a_reference_to_nothing_fails, [Bulk, Groups]),
    check!(rfc7644_s3_7_2_a_reference_to_what_failed_fails, [Bulk, Groups]),
    check!(rfc7644_s3_7_2_a_bulk_id_twice_is_refused, [Bulk]),
    check!(rfc7644_s3_7_a_post_without_a_bulk_id_fails, [Bulk]),
    check!(rfc7644_s3_7_a_version_is_a_condition, [Bulk]),
    check!(rfc7644_s3_7_4_more_operations_than_advertised_are_413, [Bulk]),
    check!(rfc7644_s3_7_4_a_body_larger_than_advertised_is_413, [Bulk]),
    check!(rfc7644_s3_7_what_is_no_bulk_request_is_invalid_syntax, [Bulk]),
    check!(rfc7644_s3_7_bulk_takes_post_alone, [Bulk]),
    check!(operations_pass_the_checks_of_single_requests, [Bulk]),
    check!(operations_are_about_resources_alone, [Bulk]),
    check!(operations_stay_within_the_tenant, [Bulk, Tenants]),
];

const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// Sends operations.
async fn bulk(session: &Session, operations: Value) -> Result<Answer, Failure> {
    session.post("/Bulk", &body(operations, None)).await
}

fn body(operations: Value, fail_on_errors: Option<usize>) -> Value {
    let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]);
    let mut body = Map::from_iter([("schemas".to_owned(), schemas), ("Operations".to_owned(), operations)]);
    if let Some(most) = fail_on_errors {
        body.insert("failOnErrors".to_owned(), json!(most));
    }
    Value::Object(body)
}

/// The results of a Bulk response that is in order.
fn results(answer: &Answer) -> Result<Vec<Value>, Failure> {
    ensure_eq!(answer.status, 200, "the status of {}, with {}", answer.request, answer.detail());
    ensure_eq!(answer.json["schemas"], json!([RESPONSE]), "the schemas of a Bulk response");
    ensure_eq!(answer.header("content-type"), Some("application/scim+json"), "the content type");
    let list = answer.json["Operations"].as_array().cloned();
    list.ok_or_else(|| Failure::new("the Bulk response has no Operations"))
}

/// The statuses of the results, in their order.
fn statuses(answer: &Answer) -> Result<Vec<String>, Failure> {
    Ok(results(answer)?.iter().map(|result| result["status"].as_str().unwrap_or_default().to_owned()).collect())
}

/// The operation that makes a user.
fn post_user(session: &Session, bulk_id: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": session.user_body(json!({}))})
}

/// What a result says where its resource is.
async fn read(session: &Session, result: &Value) -> Result<Value, Failure> {
    let location = result["location"].as_str().unwrap_or_default();
    let path = session.path_of(&json!({"meta": {"location": location}}))?;
    Ok(session.get(&path).await?.expect(200)?.json)
}

async fn rfc7644_s3_7_every_operation_has_a_result(session: &Session) -> Verdict {
    let (replaced, patched, deleted) =
        (session.user_path(json!({})).await?, session.user_path(json!({})).await?, session.user_path(json!({})).await?);
    let operations = json!([
        post_user(session, "made"),
        {"method": "PUT", "path": replaced, "data": session.user_body(json!({"title": "put"}))},
        {"method": "PATCH", "path": patched, "data": {"Operations": [{"op": "add", "path": "title", "value": "patched"}]}},
        {"method": "DELETE", "path": deleted},
    ]);
    let answer = bulk(session, operations).await?;
    let found = results(&answer)?;
    let methods: Vec<&str> = found.iter().map(|result| result["method"].as_str().unwrap_or_default()).collect();
    ensure_eq!(methods, ["POST", "PUT", "PATCH", "DELETE"], "the methods");
    ensure_eq!(statuses(&answer)?, ["201", "200", "200", "204"], "the statuses");
    ensure_eq!(found.first().map(|result| &result["bulkId"]), Some(&json!("made")), "the bulkId of the POST");
    ensure_eq!(session.get(&replaced).await?.json["title"], json!("put"), "the title of the one");
    ensure_eq!(session.get(&patched).await?.json["title"], json!("patched"), "the title of the other");
    session.get(&deleted).await?.is_error(404, "")
}

async fn rfc7644_s3_7_3_a_result_names_location_and_version(session: &Session) -> Verdict {
    let answer = bulk(session, json!([post_user(session, "1")])).await?;
    let found = results(&answer)?;
    let result = found.first().unwrap_or(&Value::Null);
    has_names(result, &["method", "bulkId", "location", "version", "status"], "the result")?;
    let user = read(session, result).await?;
    ensure_eq!(user["meta"]["version"], result["version"], "the version");
    Ok(())
}

async fn rfc7644_s3_7_3_what_fails_has_an_error_of_its_own(session: &Session) -> Verdict {
    let taken = session.user(json!({})).await?;
    let operations = json!([
        {"method": "POST", "path": "/Users", "bulkId": "1", "data": {"userName": taken.json["userName"]}},
        {"method": "PUT", "path": "/Users/nobody", "data": session.user_body(json!({}))},
        post_user(session, "2"),
    ]);
    let answer = bulk(session, operations).await?;
    ensure_eq!(statuses(&answer)?, ["409", "404", "201"], "the statuses");
    let found = results(&answer)?;
    let error = &found.first().unwrap_or(&Value::Null)["response"];
    ensure_eq!(error["schemas"], json!([crate::error::ERROR_SCHEMA]), "the schemas of the error");
    ensure_eq!((&error["status"], &error["scimType"]), (&json!("409"), &json!("uniqueness")), "status and scimType");
    ensure!(error["detail"].is_string(), "the error has no detail");
    Ok(())
}

async fn rfc7644_s3_7_3_fail_on_errors_stops(session: &Session) -> Verdict {
    let delete = json!({"method": "DELETE", "path": "/Users/nobody"});
    let operations = json!([post_user(session, "1"), delete, delete, post_user(session, "2")]);
    for (most, expected) in [(1, &["201", "404"][..]), (2, &["201", "404", "404"])] {
        let mut operations = operations.clone();
        for operation in
            operations.as_array_mut().into_iter().flatten().filter(|operation| operation["data"].is_object())
        {
            operation["data"] = session.user_body(json!({}));
        }
        let answer = session.post("/Bulk", &body(operations, Some(most))).await?;
        ensure_eq!(statuses(&answer)?, expected, "the statuses with failOnErrors {most}");
    }
    Ok(())
}

async fn rfc7644_s3_7_3_without_fail_on_errors_everything_is_tried(session: &Session) -> Verdict {
    let delete = json!({"method": "DELETE", "path": "/Users/nobody"});
    let answer = bulk(session, json!([delete, delete, post_user(session, "1"), delete])).await?;
    ensure_eq!(statuses(&answer)?, ["404", "404", "201", "404"], "the statuses");
    Ok(())
}

/// The operation that makes a group of what is made elsewhere in the request.
fn post_group(session: &Session, bulk_id: &str, member: &str) -> Value {
    let data = json!({"displayName": session.name("group"), "members": [{"value": format!("bulkId:{member}")}]});
    json!({"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data})
}

/// Fails unless the one result is a group of the other.
async fn is_member_of(session: &Session, member: Option<&Value>, group: Option<&Value>) -> Verdict {
    let none = Value::Null;
    let member = read(session, member.unwrap_or(&none)).await?;
    let group = read(session, group.unwrap_or(&none)).await?;
    let values: Vec<&Value> = group["members"].as_array().into_iter().flatten().map(|value| &value["value"]).collect();
    ensure_eq!(values, [&member["id"]], "the members of the group");
    Ok(())
}

async fn rfc7644_s3_7_2_a_reference_to_what_was_just_made(session: &Session) -> Verdict {
    let answer = bulk(session, json!([post_user(session, "u"), post_group(session, "g", "u")])).await?;
    ensure_eq!(statuses(&answer)?, ["201", "201"], "the statuses");
    let found = results(&answer)?;
    is_member_of(session, found.first(), found.last()).await
}

async fn rfc7644_s3_7_2_a_reference_to_what_is_made_later(session: &Session) -> Verdict {
    let answer = bulk(session, json!([post_group(session, "g", "u"), post_user(session, "u")])).await?;
    ensure_eq!(statuses(&answer)?, ["201", "201"], "the statuses");
    let found = results(&answer)?;
    is_member_of(session, found.last(), found.first()).await
}

async fn rfc7644_s3_7_2_a_reference_in_a_path(session: &Session) -> Verdict {
    let patch = json!({"Operations": [{"op": "add", "path": "title", "value": "Guide"}]});
    let operations = json!([
        post_user(session, "u"), {"method": "PATCH", "path": "/Users/bulkId:u", "data": patch},
        post_user(session, "gone"), {"method": "DELETE", "path": "/Users/bulkId:gone"},
    ]);
    let answer = bulk(session, operations).await?;
    ensure_eq!(statuses(&answer)?, ["201", "200", "201", "204"], "the statuses");
    let found = results(&answer)?;
    let user = read(session, found.first().unwrap_or(&Value::Null)).await?;
    ensure_eq!(user["title"], json!("Guide"), "the title");
    Ok(())
}

async fn rfc7644_s3_7_1_references_in_a_circle(session: &Session) -> Verdict {
    let answer = bulk(session, json!([post_group(session, "a", "b"), post_group(session, "b", "a")])).await?;
    ensure_eq!(statuses(&answer)?, ["201", "201"], "the statuses");
    let found = results(&answer)?;
    is_member_of(session, found.first(), found.last()).await?;
    is_member_of(session, found.last(), found.first()).await
}

async fn rfc7644_s3_7_2_a_reference_to_nothing_fails(session: &Session) -> Verdict {
    let answer = bulk(session, json!([post_group(session, "g", "nothing"), post_user(session, "u")])).await?;
    ensure_eq!(statuses(&answer)?, ["400", "201"], "the statuses");
    Ok(())
}

async fn rfc7644_s3_7_2_a_reference_to_what_failed_fails(session: &Session) -> Verdict {
    let failing = json!({"method": "POST", "path": "/Users", "bulkId": "u", "data": {"title": "no userName"}});
    let answer = bulk(session, json!([failing, post_group(session, "g", "u")])).await?;
    ensure_eq!(statuses(&answer)?, ["400", "400"], "the statuses");
    Ok(())
}

async fn rfc7644_s3_7_2_a_bulk_id_twice_is_refused(session: &Session) -> Verdict {
    let answer = bulk(session, json!([post_user(session, "same"), post_user(session, "same")])).await?;
    ensure_eq!(answer.status, 400, "the status");
    Ok(())
}

async fn rfc7644_s3_7_a_post_without_a_bulk_id_fails(session: &Session) -> Verdict {
    let operation = json!({"method": "POST", "path": "/Users", "data": session.user_body(json!({}))});
    let answer = bulk(session, json!([operation])).await?;
    ensure_eq!(statuses(&answer)?, ["400"], "the statuses");
    Ok(())
}

async fn rfc7644_s3_7_a_version_is_a_condition(session: &Session) -> Verdict {
    let made = session.user(json!({})).await?;
    let path = session.path_of(&made.json)?;
    let operation = |version: &Value| json!({"method": "PUT", "path": path, "version": version, "data": session.user_body(json!({}))});
    let answer =
        bulk(session, json!([operation(&json!("W/\"other\"")), operation(&made.json["meta"]["version"])])).await?;
    ensure_eq!(statuses(&answer)?, ["412", "200"], "the statuses");
    Ok(())
}

async fn rfc7644_s3_7_4_more_operations_than_advertised_are_413(session: &Session) -> Verdict {
    let most = limits().bulk_operations;
    let operations =
        |count: usize| -> Value { (0..count).map(|number| post_user(session, &number.to_string())).collect() };
    let answer = bulk(session, operations(most)).await?;
    ensure_eq!(statuses(&answer)?.len(), most, "the number of results");
    let before = session.get("/Users?count=0").await?.total()?;
    bulk(session, operations(most.saturating_add(1))).await?.is_error(413, "")?;
    ensure_eq!(session.get("/Users?count=0").await?.total()?, before, "the number of users after what was refused");
    Ok(())
}

async fn rfc7644_s3_7_4_a_body_larger_than_advertised_is_413(session: &Session) -> Verdict {
    let body = body(json!([post_user(session, "1")]), None).to_string();
    let padding = " ".repeat(limits().body_bytes);
    session.raw("POST", "/Bulk", format!("{body}{padding}")).await?.is_error(413, "")
}

async fn rfc7644_s3_7_what_is_no_bulk_request_is_invalid_syntax(session: &Session) -> Verdict {
    for body in [json!({}), json!([]), json!({"Operations": {}}), json!({"Operations": ["POST"]})] {
        session.post("/Bulk", &body).await?.is_error(400, "invalidSyntax")?;
    }
    session.raw("POST", "/Bulk", "{").await?.is_error(400, "invalidSyntax")?;
    session.request("POST", "/Bulk", &[("content-type", "text/plain")], Some(&json!({}))).await?.is_error(415, "")
}

async fn rfc7644_s3_7_bulk_takes_post_alone(session: &Session) -> Verdict {
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
        let answer = session.request(method, "/Bulk", &[], None).await?;
        answer.is_error(405, "")?;
        ensure_eq!(answer.header("allow"), Some("POST"), "the Allow header");
    }
    Ok(())
}

async fn operations_pass_the_checks_of_single_requests(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    let patch = |operation: Value| json!({"method": "PATCH", "path": path, "data": {"Operations": [operation]}});
    let post = |data: Value| json!({"method": "POST", "path": "/Users", "bulkId": session.name("bulk"), "data": data});
    let operations = json!([
        post(session.user_body(json!({"title": REFUSED_TITLE}))),
        post(session.user_body(json!({"active": "perhaps"}))),
        post(session.user_body(json!({"displayName": "x".repeat(limits().string_bytes.saturating_add(1))}))),
        patch(json!({"op": "replace", "path": "id", "value": "x"})),
        patch(json!({"op": "remove"})),
        patch(json!({"op": "add", "path": "title", "value": REFUSED_TITLE})),
    ]);
    let answer = bulk(session, operations).await?;
    ensure_eq!(statuses(&answer)?, ["403", "400", "400", "400", "400", "403"], "the statuses");
    let results = results(&answer)?;
    let types: Vec<&Value> = results.iter().map(|result| &result["response"]["scimType"]).collect();
    let expected = [
        &Value::Null,
        &json!("invalidValue"),
        &json!("invalidValue"),
        &json!("mutability"),
        &json!("noTarget"),
        &Value::Null,
    ];
    ensure_eq!(types, expected, "the scimTypes");
    Ok(())
}

async fn operations_are_about_resources_alone(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    let operations = json!([
        {"method": "GET", "path": path},
        {"method": "POST", "path": "/Bulk", "bulkId": "1", "data": {"Operations": []}},
        {"method": "POST", "path": "/.search", "bulkId": "2", "data": {}},
        {"method": "DELETE", "path": "/Users"},
        {"method": "DELETE", "path": "/nowhere/1"},
        {"method": "DELETE", "path": "https://elsewhere.example.com/Users/1"},
    ]);
    let answer = bulk(session, operations).await?;
    for (number, status) in statuses(&answer)?.iter().enumerate() {
        ensure!(status.starts_with('4'), "operation {number} is answered with {status}");
    }
    ensure_eq!(results(&answer)?.len(), 6, "the number of results");
    session.get(&path).await?.expect(200)?;
    Ok(())
}

async fn operations_stay_within_the_tenant(session: &Session) -> Verdict {
    let theirs = session.other_tenant().user(json!({})).await?;
    let path = session.path_of(&theirs.json)?;
    let operations = json!([
        {"method": "PUT", "path": path, "data": session.user_body(json!({}))}, {"method": "DELETE", "path": path},
    ]);
    let answer = bulk(session, operations).await?;
    ensure_eq!(statuses(&answer)?, ["404", "404"], "the statuses");
    ensure_eq!(session.other_tenant().get(&path).await?.json, theirs.json, "the user of the other tenant");
    Ok(())
}
