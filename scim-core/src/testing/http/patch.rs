//! Changing resources: RFC 7644 s3.5.2.

use serde_json::{json, Value};

use super::check::{check, ensure, ensure_eq, Check, Failure, Session, Verdict};
use crate::schema::ENTERPRISE_USER;

pub(super) const CHECKS: &[Check] = &[
    check!(rfc7644_s3_5_2_patch_answers_200_with_the_resource),
    check!(rfc7644_s3_5_2_1_add_sets_a_single_value),
    check!(rfc7644_s3_5_2_1_add_appends_to_a_list),
    check!(rfc7644_s3_5_2_1_add_of_what_is_there_changes_nothing),
    check!(rfc7644_s3_5_2_1_add_without_a_path_merges),
    check!(rfc7644_s3_5_2_1_add_to_an_extension),
    check!(rfc7644_s3_5_2_2_remove_unassigns),
    check!(rfc7644_s3_5_2_2_remove_by_value_filter),
    check!(rfc7644_s3_5_2_2_remove_without_a_path_is_no_target),
    check!(rfc7644_s3_5_2_2_a_required_attribute_cannot_be_removed),
    check!(rfc7644_s3_5_2_3_replace_sets_a_sub_attribute),
    check!(rfc7644_s3_5_2_3_replace_a_complex_attribute_keeps_other_sub_attributes),
    check!(rfc7644_s3_5_2_3_replace_a_list),
    check!(rfc7644_s3_5_2_3_replace_by_value_filter),
    check!(rfc7644_s3_5_2_3_replace_without_a_path_merges),
    check!(rfc7644_s3_5_2_3_replace_a_sub_attribute_of_every_value),
    check!(rfc7644_s3_5_2_a_new_primary_value_takes_over),
    check!(rfc7644_s3_5_2_operations_apply_in_order),
    check!(rfc7644_s3_5_2_all_operations_apply_or_none),
    check!(rfc7644_s3_5_2_no_change_is_no_new_version),
    check!(rfc7644_s3_5_2_a_change_is_a_new_version),
    check!(rfc7644_s3_5_2_paths_in_any_case),
    check!(rfc7644_s3_10_paths_with_urns),
    check!(rfc7644_s3_5_2_malformed_paths_are_invalid_path),
    check!(rfc7644_s3_5_2_read_only_attributes_are_mutability),
    check!(rfc7643_s2_2_an_immutable_attribute_is_set_once, [Devices]),
    check!(rfc7644_s3_5_2_values_of_the_wrong_type_are_invalid_value),
    check!(rfc7644_s3_5_2_what_is_no_patch_op_is_invalid_syntax),
    check!(rfc7644_s3_5_2_a_taken_user_name_is_409),
    check!(rfc7644_s3_5_2_an_unknown_id_is_404),
    check!(operation_names_in_any_case),
    check!(booleans_as_text),
    check!(keys_of_a_value_without_a_path_are_paths),
    check!(a_value_filter_that_matches_nothing_makes_a_value),
    check!(a_policy_may_refuse_a_patch),
    check!(a_policy_may_amend_a_patch),
];

/// Makes a user, applies operations, reads it, and fails unless the answer was what is read.
async fn patched(session: &Session, user: Value, operations: Value) -> Result<Value, Failure> {
    let path = session.user_path(user).await?;
    let answer = session.patch(&path, &operations).await?.expect(200)?;
    let read = session.get(&path).await?.expect(200)?;
    ensure_eq!(answer.json, read.json, "the answer to PATCH, and what is read afterwards");
    Ok(read.json)
}

/// Makes a user, and fails unless operations on it are refused and leave it as it was.
async fn refused(session: &Session, operations: Value, scim_type: &str) -> Verdict {
    let made = session.user(json!({"title": "Guide", "emails": [{"value": "a@example.com", "type": "work"}]})).await?;
    let path = session.path_of(&made.json)?;
    let answer = session.patch(&path, &operations).await?;
    answer.is_error(400, scim_type).map_err(|failure| match failure {
        Failure::Wrong(reason) => Failure::new(format!("{operations}: {reason}")),
        other => other,
    })?;
    ensure_eq!(session.get(&path).await?.expect(200)?.json, made.json, "the user after {operations}");
    Ok(())
}

async fn rfc7644_s3_5_2_patch_answers_200_with_the_resource(session: &Session) -> Verdict {
    let made = session.user(json!({})).await?;
    let operations = json!([{"op": "add", "path": "title", "value": "Guide"}]);
    let answer = session.patch(&session.path_of(&made.json)?, &operations).await?.expect(200)?;
    ensure_eq!(answer.json["title"], json!("Guide"), "title");
    ensure_eq!(answer.json["userName"], made.json["userName"], "userName");
    ensure_eq!(answer.header("content-type"), Some("application/scim+json"), "the content type");
    ensure_eq!(answer.header("location"), made.header("location"), "the Location");
    ensure_eq!(answer.json["meta"]["version"], json!(answer.etag()?), "the version in header and meta");
    Ok(())
}

async fn rfc7644_s3_5_2_1_add_sets_a_single_value(session: &Session) -> Verdict {
    let operations =
        json!([{"op": "add", "path": "title", "value": "Driver"}, {"op": "add", "path": "nickName", "value": "A"}]);
    let user = patched(session, json!({"title": "Guide"}), operations).await?;
    ensure_eq!((&user["title"], &user["nickName"]), (&json!("Driver"), &json!("A")), "title and nickName");
    Ok(())
}

async fn rfc7644_s3_5_2_1_add_appends_to_a_list(session: &Session) -> Verdict {
    let operations = json!([{"op": "add", "path": "emails", "value": [{"value": "b@example.com", "type": "home"}]}]);
    let user = patched(session, json!({"emails": [{"value": "a@example.com"}]}), operations).await?;
    let expected = json!([{"value": "a@example.com"}, {"value": "b@example.com", "type": "home"}]);
    ensure_eq!(user["emails"], expected, "emails");
    Ok(())
}

async fn rfc7644_s3_5_2_1_add_of_what_is_there_changes_nothing(session: &Session) -> Verdict {
    let emails = json!([{"value": "a@example.com", "type": "work"}]);
    let made = session.user(json!({ "emails": emails })).await?;
    let operations = json!([{"op": "add", "path": "emails", "value": emails}]);
    let answer = session.patch(&session.path_of(&made.json)?, &operations).await?.expect(200)?;
    ensure_eq!(answer.json, made.json, "the user");
    Ok(())
}

async fn rfc7644_s3_5_2_1_add_without_a_path_merges(session: &Session) -> Verdict {
    let value = json!({"nickName": "A", "emails": [{"value": "b@example.com"}]});
    let made = json!({"title": "Guide", "emails": [{"value": "a@example.com"}]});
    let user = patched(session, made, json!([{"op": "add", "value": value}])).await?;
    ensure_eq!((&user["title"], &user["nickName"]), (&json!("Guide"), &json!("A")), "title and nickName");
    ensure_eq!(user["emails"], json!([{"value": "a@example.com"}, {"value": "b@example.com"}]), "emails");
    Ok(())
}

async fn rfc7644_s3_5_2_1_add_to_an_extension(session: &Session) -> Verdict {
    let path = format!("{ENTERPRISE_USER}:department");
    let user = patched(session, json!({}), json!([{"op": "add", "path": path, "value": "Sales"}])).await?;
    ensure_eq!(user[ENTERPRISE_USER], json!({"department": "Sales"}), "the extension");
    ensure!(user["schemas"].to_string().contains(ENTERPRISE_USER), "schemas do not name the extension");
    let value = json!({ENTERPRISE_USER: {"division": "X"}});
    let user = patched(session, json!({}), json!([{"op": "add", "value": value}])).await?;
    ensure_eq!(user[ENTERPRISE_USER], json!({"division": "X"}), "the extension");
    Ok(())
}

async fn rfc7644_s3_5_2_2_remove_unassigns(session: &Session) -> Verdict {
    let made = json!({"title": "Guide", "emails": [{"value": "a@example.com"}], "name": {"givenName": "A", "familyName": "B"}});
    let operations = json!([
        {"op": "remove", "path": "title"}, {"op": "remove", "path": "emails"}, {"op": "remove", "path": "name.givenName"},
    ]);
    let user = patched(session, made, operations).await?;
    ensure_eq!((&user["title"], &user["emails"]), (&Value::Null, &Value::Null), "title and emails");
    ensure_eq!(user["name"], json!({"familyName": "B"}), "name");
    Ok(())
}

async fn rfc7644_s3_5_2_2_remove_by_value_filter(session: &Session) -> Verdict {
    let made =
        json!({"emails": [{"value": "a@example.com", "type": "work"}, {"value": "b@example.com", "type": "home"}]});
    let operations = json!([{"op": "remove", "path": "emails[type eq \"work\" and value co \"a@\"]"}]);
    let user = patched(session, made, operations).await?;
    ensure_eq!(user["emails"], json!([{"value": "b@example.com", "type": "home"}]), "emails");
    Ok(())
}

async fn rfc7644_s3_5_2_2_remove_without_a_path_is_no_target(session: &Session) -> Verdict {
    refused(session, json!([{"op": "remove"}]), "noTarget").await
}

async fn rfc7644_s3_5_2_2_a_required_attribute_cannot_be_removed(session: &Session) -> Verdict {
    refused(session, json!([{"op": "remove", "path": "userName"}]), "mutability").await
}

async fn rfc7644_s3_5_2_3_replace_sets_a_sub_attribute(session: &Session) -> Verdict {
    let operations = json!([{"op": "replace", "path": "name.familyName", "value": "C"}]);
    let user = patched(session, json!({"name": {"givenName": "A", "familyName": "B"}}), operations).await?;
    ensure_eq!(user["name"], json!({"givenName": "A", "familyName": "C"}), "name");
    Ok(())
}

async fn rfc7644_s3_5_2_3_replace_a_complex_attribute_keeps_other_sub_attributes(session: &Session) -> Verdict {
    let operations = json!([{"op": "replace", "path": "name", "value": {"familyName": "C"}}]);
    let user = patched(session, json!({"name": {"givenName": "A", "familyName": "B"}}), operations).await?;
    ensure_eq!(user["name"], json!({"givenName": "A", "familyName": "C"}), "name");
    Ok(())
}

async fn rfc7644_s3_5_2_3_replace_a_list(session: &Session) -> Verdict {
    let made = json!({"emails": [{"value": "a@example.com"}, {"value": "b@example.com"}]});
    let operations = json!([{"op": "replace", "path": "emails", "value": [{"value": "c@example.com"}]}]);
    let user = patched(session, made, operations).await?;
    ensure_eq!(user["emails"], json!([{"value": "c@example.com"}]), "emails");
    Ok(())
}

async fn rfc7644_s3_5_2_3_replace_by_value_filter(session: &Session) -> Verdict {
    let made =
        json!({"emails": [{"value": "a@example.com", "type": "work"}, {"value": "b@example.com", "type": "home"}]});
    let operations = json!([{"op": "replace", "path": "emails[type eq \"home\"].value", "value": "c@example.com"}]);
    let user = patched(session, made, operations).await?;
    let expected = json!([{"value": "a@example.com", "type": "work"}, {"value": "c@example.com", "type": "home"}]);
    ensure_eq!(user["emails"], expected, "emails");
    Ok(())
}

async fn rfc7644_s3_5_2_3_replace_without_a_path_merges(session: &Session) -> Verdict {
    let made = json!({"title": "Guide", "emails": [{"value": "a@example.com"}], "nickName": "A"});
    let value = json!({"title": "Driver", "emails": [{"value": "b@example.com"}]});
    let user = patched(session, made, json!([{"op": "replace", "value": value}])).await?;
    ensure_eq!((&user["title"], &user["nickName"]), (&json!("Driver"), &json!("A")), "title and nickName");
    ensure_eq!(user["emails"], json!([{"value": "b@example.com"}]), "emails");
    Ok(())
}

async fn rfc7644_s3_5_2_3_replace_a_sub_attribute_of_every_value(session: &Session) -> Verdict {
    let made = json!({"emails": [{"value": "a@example.com"}, {"value": "b@example.com", "display": "B"}]});
    let user = patched(session, made, json!([{"op": "replace", "path": "emails.display", "value": "X"}])).await?;
    let expected = json!([{"value": "a@example.com", "display": "X"}, {"value": "b@example.com", "display": "X"}]);
    ensure_eq!(user["emails"], expected, "emails");
    Ok(())
}

async fn rfc7644_s3_5_2_a_new_primary_value_takes_over(session: &Session) -> Verdict {
    let made = json!({"emails": [{"value": "a@example.com", "primary": true}]});
    let added = json!([{"op": "add", "path": "emails", "value": [{"value": "b@example.com", "primary": true}]}]);
    let user = patched(session, made, added).await?;
    ensure!(user["emails"][0]["primary"] != true, "the former primary value is primary still");
    ensure_eq!(user["emails"][1]["primary"], json!(true), "primary of the new value");
    Ok(())
}

async fn rfc7644_s3_5_2_operations_apply_in_order(session: &Session) -> Verdict {
    let operations = json!([
        {"op": "add", "path": "title", "value": "1"}, {"op": "remove", "path": "title"},
        {"op": "add", "path": "title", "value": "2"}, {"op": "replace", "path": "title", "value": "3"},
    ]);
    ensure_eq!(patched(session, json!({}), operations).await?["title"], json!("3"), "title");
    Ok(())
}

async fn rfc7644_s3_5_2_all_operations_apply_or_none(session: &Session) -> Verdict {
    let operations =
        json!([{"op": "replace", "path": "title", "value": "Driver"}, {"op": "replace", "path": "id", "value": "1"}]);
    refused(session, operations, "mutability").await?;
    let operations =
        json!([{"op": "remove", "path": "title"}, {"op": "replace", "path": "active", "value": "perhaps"}]);
    refused(session, operations, "invalidValue").await
}

async fn rfc7644_s3_5_2_no_change_is_no_new_version(session: &Session) -> Verdict {
    let made = session.user(json!({"title": "Guide"})).await?;
    let path = session.path_of(&made.json)?;
    for operations in [
        json!([{"op": "replace", "path": "title", "value": "Guide"}]),
        json!([{"op": "remove", "path": "nickName"}]),
        json!([{"op": "add", "value": {"title": "Guide"}}]),
        json!([]),
    ] {
        let answer = session.patch(&path, &operations).await?;
        ensure!(matches!(answer.status, 200 | 204), "{operations} is answered with {}", answer.status);
        ensure_eq!(session.get(&path).await?.etag()?, made.etag()?, "the version after {operations}");
    }
    Ok(())
}

async fn rfc7644_s3_5_2_a_change_is_a_new_version(session: &Session) -> Verdict {
    let made = session.user(json!({})).await?;
    let path = session.path_of(&made.json)?;
    let answer = session.patch(&path, &json!([{"op": "add", "path": "title", "value": "Guide"}])).await?.expect(200)?;
    ensure!(answer.etag()? != made.etag()?, "the version is the same after a change");
    ensure_eq!(session.get(&path).await?.etag()?, answer.etag()?, "the version that is read afterwards");
    Ok(())
}

async fn rfc7644_s3_5_2_paths_in_any_case(session: &Session) -> Verdict {
    let made = json!({"emails": [{"value": "a@example.com", "type": "work"}]});
    let operations = json!([
        {"op": "replace", "path": "NAME.familyname", "value": "Ahn"},
        {"op": "replace", "path": "EMAILS[TYPE EQ \"work\"].VALUE", "value": "b@example.com"},
    ]);
    let user = patched(session, made, operations).await?;
    ensure_eq!(user["name"], json!({"familyName": "Ahn"}), "name");
    ensure_eq!(user["emails"][0]["value"], json!("b@example.com"), "the e-mail address");
    Ok(())
}

async fn rfc7644_s3_10_paths_with_urns(session: &Session) -> Verdict {
    let operations = json!([
        {"op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName", "value": "A"},
        {"op": "add", "path": format!("{ENTERPRISE_USER}:manager.value"), "value": "1"},
        {"op": "add", "path": ENTERPRISE_USER, "value": {"division": "X"}},
    ]);
    let user = patched(session, json!({}), operations).await?;
    ensure_eq!(user["name"], json!({"givenName": "A"}), "name");
    ensure_eq!(user[ENTERPRISE_USER]["manager"]["value"], json!("1"), "the manager");
    ensure_eq!(user[ENTERPRISE_USER]["division"], json!("X"), "the division");
    Ok(())
}

async fn rfc7644_s3_5_2_malformed_paths_are_invalid_path(session: &Session) -> Verdict {
    for path in ["emails[", "emails[type eq \"work\"", "emails[type foo \"x\"]", "emails..value", "9", " ", "a b"] {
        refused(session, json!([{"op": "replace", "path": path, "value": "x"}]), "invalidPath").await?;
    }
    refused(session, json!([{"op": "replace", "path": 7, "value": "x"}]), "invalidPath").await
}

async fn rfc7644_s3_5_2_read_only_attributes_are_mutability(session: &Session) -> Verdict {
    for path in ["id", "meta.version", "groups"] {
        refused(session, json!([{"op": "replace", "path": path, "value": "x"}]), "mutability").await?;
    }
    Ok(())
}

async fn rfc7643_s2_2_an_immutable_attribute_is_set_once(session: &Session) -> Verdict {
    let path = session.path_of(&session.device(json!({})).await?.json)?;
    let set = |vendor: &str| json!([{"op": "replace", "path": "vendor", "value": vendor}]);
    session.patch(&path, &set("Acme")).await?.expect(200)?;
    session.patch(&path, &set("Acme")).await?.expect(200)?;
    session.patch(&path, &set("Globex")).await?.is_error(400, "mutability")?;
    ensure_eq!(session.get(&path).await?.json["vendor"], json!("Acme"), "vendor");
    Ok(())
}

async fn rfc7644_s3_5_2_values_of_the_wrong_type_are_invalid_value(session: &Session) -> Verdict {
    for (path, value) in [("active", json!("perhaps")), ("title", json!({"a": {}})), ("emails.value", json!(true))] {
        refused(session, json!([{"op": "replace", "path": path, "value": value}]), "invalidValue").await?;
    }
    refused(session, json!([{"op": "add", "path": "title"}]), "invalidValue").await
}

async fn rfc7644_s3_5_2_what_is_no_patch_op_is_invalid_syntax(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    for body in [
        json!({}),
        json!({"Operations": {}}),
        json!({"Operations": ["add"]}),
        json!({"Operations": [{"path": "title", "value": "x"}]}),
        json!({"Operations": [{"op": "move", "path": "title", "value": "x"}]}),
    ] {
        session.request("PATCH", &path, &[], Some(&body)).await?.is_error(400, "invalidSyntax")?;
    }
    Ok(())
}

async fn rfc7644_s3_5_2_a_taken_user_name_is_409(session: &Session) -> Verdict {
    let other = session.user(json!({})).await?;
    let path = session.user_path(json!({})).await?;
    let operations = json!([{"op": "replace", "path": "userName", "value": other.json["userName"]}]);
    session.patch(&path, &operations).await?.is_error(409, "uniqueness")
}

async fn rfc7644_s3_5_2_an_unknown_id_is_404(session: &Session) -> Verdict {
    let path = format!("/Users/{}", session.name("no-such-id"));
    session.patch(&path, &json!([{"op": "add", "path": "title", "value": "x"}])).await?.is_error(404, "")
}

async fn operation_names_in_any_case(session: &Session) -> Verdict {
    let operations = json!([
        {"op": "Add", "path": "title", "value": "Guide"}, {"op": "REPLACE", "path": "nickName", "value": "A"},
        {"op": "Remove", "path": "title"},
    ]);
    let user = patched(session, json!({}), operations).await?;
    ensure_eq!((&user["title"], &user["nickName"]), (&Value::Null, &json!("A")), "title and nickName");
    Ok(())
}

async fn booleans_as_text(session: &Session) -> Verdict {
    let user = patched(session, json!({}), json!([{"op": "Replace", "path": "active", "value": "False"}])).await?;
    ensure_eq!(user["active"], json!(false), "active");
    Ok(())
}

async fn keys_of_a_value_without_a_path_are_paths(session: &Session) -> Verdict {
    let key = format!("{ENTERPRISE_USER}:department");
    let value = json!({"displayName": "A", "name.givenName": "B", key: "Sales"});
    let user = patched(session, json!({}), json!([{"op": "replace", "value": value}])).await?;
    ensure_eq!((&user["displayName"], &user["name"]["givenName"]), (&json!("A"), &json!("B")), "the names");
    ensure_eq!(user[ENTERPRISE_USER], json!({"department": "Sales"}), "the extension");
    Ok(())
}

async fn a_value_filter_that_matches_nothing_makes_a_value(session: &Session) -> Verdict {
    let operations = json!([{"op": "Add", "path": "emails[type eq \"work\"].value", "value": "a@example.com"}]);
    let user = patched(session, json!({}), operations).await?;
    ensure_eq!(user["emails"], json!([{"type": "work", "value": "a@example.com"}]), "emails");
    Ok(())
}

async fn a_policy_may_refuse_a_patch(session: &Session) -> Verdict {
    let made = session.user(json!({})).await?;
    let path = session.path_of(&made.json)?;
    let operations = json!([{"op": "add", "path": "title", "value": super::recipe::REFUSED_TITLE}]);
    session.patch(&path, &operations).await?.is_error(403, "")?;
    ensure_eq!(session.get(&path).await?.json, made.json, "the user");
    Ok(())
}

async fn a_policy_may_amend_a_patch(session: &Session) -> Verdict {
    let operations = json!([{"op": "add", "path": "title", "value": super::recipe::AMENDED_TITLE}]);
    ensure_eq!(patched(session, json!({}), operations).await?["nickName"], json!("amended"), "nickName");
    Ok(())
}
