//! Replacing resources: RFC 7644 s3.5.1.

use serde_json::{json, Value};

use super::check::{check, ensure, ensure_eq, Check, Session, Verdict};
use crate::resource::DateTime;
use crate::schema::ENTERPRISE_USER;

pub(super) const CHECKS: &[Check] = &[
    check!(rfc7644_s3_5_1_put_answers_200_with_the_resource),
    check!(rfc7644_s3_5_1_what_the_body_leaves_out_is_cleared),
    check!(rfc7644_s3_5_1_read_only_attributes_are_ignored),
    check!(rfc7644_s3_5_1_another_id_in_the_body_is_ignored),
    check!(rfc7644_s3_5_1_a_required_attribute_is_required),
    check!(rfc7644_s3_5_1_values_of_the_wrong_type_are_refused),
    check!(rfc7644_s3_5_1_a_taken_user_name_is_409),
    check!(rfc7644_s3_5_1_a_user_may_keep_its_name),
    check!(rfc7644_s3_5_1_put_to_an_unknown_id_makes_nothing),
    check!(rfc7643_s3_1_put_changes_version_and_last_modified),
    check!(rfc7644_s3_5_1_sending_back_what_was_read_changes_nothing),
    check!(rfc7644_s3_5_1_put_without_active_keeps_it),
    check!(rfc7644_s3_5_1_put_of_a_group_sets_its_members, [Groups]),
    check!(rfc7644_s3_5_1_put_of_a_group_without_members_clears_them, [Groups]),
    check!(rfc7643_s2_2_an_immutable_attribute_stays, [Devices]),
    check!(a_put_that_is_refused_changes_nothing),
    check!(a_policy_may_refuse_a_put),
];

async fn rfc7644_s3_5_1_put_answers_200_with_the_resource(session: &Session) -> Verdict {
    let made = session.user(json!({"title": "Guide"})).await?;
    let path = session.path_of(&made.json)?;
    let body = session.user_body(json!({"title": "Driver"}));
    let replaced = session.put(&path, &body).await?.expect(200)?;
    ensure_eq!(replaced.json["title"], json!("Driver"), "title");
    ensure_eq!(replaced.json["userName"], body["userName"], "userName");
    ensure_eq!(replaced.header("location"), made.header("location"), "the Location");
    ensure_eq!(replaced.header("content-type"), Some("application/scim+json"), "the content type");
    let read = session.get(&path).await?.expect(200)?;
    ensure_eq!(read.json, replaced.json, "what is read after PUT");
    ensure_eq!(read.etag()?, replaced.etag()?, "the ETag after PUT");
    Ok(())
}

async fn rfc7644_s3_5_1_what_the_body_leaves_out_is_cleared(session: &Session) -> Verdict {
    let all = json!({
        "title": "Guide", "emails": [{"value": "a@example.com"}], "externalId": "1",
        "name": {"givenName": "A", "familyName": "B"}, ENTERPRISE_USER: {"department": "Sales", "division": "X"},
    });
    let path = session.user_path(all).await?;
    let body = session.user_body(json!({"name": {"givenName": "C"}, ENTERPRISE_USER: {"division": "Y"}}));
    let replaced = session.put(&path, &body).await?.expect(200)?.json;
    for name in ["title", "emails", "externalId"] {
        ensure_eq!(replaced[name], Value::Null, "{name}");
    }
    ensure_eq!(replaced["name"], json!({"givenName": "C"}), "name");
    ensure_eq!(replaced[ENTERPRISE_USER], json!({"division": "Y"}), "the extension");
    Ok(())
}

async fn rfc7644_s3_5_1_read_only_attributes_are_ignored(session: &Session) -> Verdict {
    let made = session.user(json!({})).await?;
    let body = session.user_body(json!({
        "groups": [{"value": "chosen"}],
        "meta": {"created": "2001-01-01T00:00:00Z", "resourceType": "Group", "location": "https://example.net/"},
    }));
    let replaced = session.put(&session.path_of(&made.json)?, &body).await?.expect(200)?;
    for name in ["created", "resourceType", "location"] {
        ensure_eq!(replaced.json["meta"][name], made.json["meta"][name], "meta.{name}");
    }
    ensure_eq!(replaced.json["groups"], Value::Null, "groups");
    Ok(())
}

async fn rfc7644_s3_5_1_another_id_in_the_body_is_ignored(session: &Session) -> Verdict {
    let made = session.user(json!({})).await?;
    let other = session.user(json!({"title": "untouched"})).await?;
    let body = session.user_body(json!({"id": other.id()?}));
    let replaced = session.put(&session.path_of(&made.json)?, &body).await?.expect(200)?;
    ensure_eq!(replaced.id()?, made.id()?, "the id");
    let read = session.get(&session.path_of(&other.json)?).await?.expect(200)?;
    ensure_eq!(read.json, other.json, "the resource whose id was in the body");
    Ok(())
}

async fn rfc7644_s3_5_1_a_required_attribute_is_required(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    let answer = session.put(&path, &json!({"title": "Guide"})).await?;
    answer.is_error(400, "invalidValue")?;
    ensure!(answer.detail().contains("userName"), "the detail does not name userName: {}", answer.detail());
    Ok(())
}

async fn rfc7644_s3_5_1_values_of_the_wrong_type_are_refused(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    let body = session.user_body(json!({"emails": [{"value": true}]}));
    session.put(&path, &body).await?.is_error(400, "invalidValue")?;
    session.put(&path, &json!([])).await?.is_error(400, "invalidSyntax")
}

async fn rfc7644_s3_5_1_a_taken_user_name_is_409(session: &Session) -> Verdict {
    let other = session.user(json!({})).await?;
    let path = session.user_path(json!({})).await?;
    session.put(&path, &json!({"userName": other.json["userName"]})).await?.is_error(409, "uniqueness")
}

async fn rfc7644_s3_5_1_a_user_may_keep_its_name(session: &Session) -> Verdict {
    let made = session.user(json!({})).await?;
    let name = made.json["userName"].as_str().unwrap_or_default().to_uppercase();
    let replaced = session.put(&session.path_of(&made.json)?, &json!({ "userName": name })).await?.expect(200)?;
    ensure_eq!(replaced.json["userName"], json!(name), "the user name in another case");
    Ok(())
}

async fn rfc7644_s3_5_1_put_to_an_unknown_id_makes_nothing(session: &Session) -> Verdict {
    let path = format!("/Users/{}", session.name("no-such-id"));
    session.put(&path, &session.user_body(json!({}))).await?.is_error(404, "")?;
    session.get(&path).await?.is_error(404, "")
}

async fn rfc7643_s3_1_put_changes_version_and_last_modified(session: &Session) -> Verdict {
    let made = session.user(json!({})).await?;
    let body = session.user_body(json!({"title": "Driver"}));
    let replaced = session.put(&session.path_of(&made.json)?, &body).await?.expect(200)?;
    ensure!(replaced.etag()? != made.etag()?, "the version is the same after a change");
    let time = |name: &str| replaced.json["meta"][name].as_str().and_then(DateTime::parse);
    ensure!(time("lastModified") >= time("created"), "lastModified is before created");
    ensure_eq!(replaced.json["meta"]["created"], made.json["meta"]["created"], "meta.created");
    Ok(())
}

async fn rfc7644_s3_5_1_sending_back_what_was_read_changes_nothing(session: &Session) -> Verdict {
    let boss = session.user(json!({})).await?;
    let path = session.user_path(json!({ENTERPRISE_USER: {"manager": {"value": boss.id()?}}})).await?;
    let read = session.get(&path).await?.expect(200)?;
    let replaced = session.put(&path, &read.json).await?.expect(200)?;
    ensure_eq!(replaced.json, read.json, "the user");
    ensure_eq!(replaced.etag()?, read.etag()?, "the version");
    Ok(())
}

async fn rfc7644_s3_5_1_put_without_active_keeps_it(session: &Session) -> Verdict {
    let path = session.user_path(json!({"active": false})).await?;
    let replaced = session.put(&path, &session.user_body(json!({}))).await?.expect(200)?;
    ensure_eq!(replaced.json["active"], json!(false), "active");
    Ok(())
}

async fn rfc7644_s3_5_1_put_of_a_group_sets_its_members(session: &Session) -> Verdict {
    let (anna, bert) = (session.user(json!({})).await?, session.user(json!({})).await?);
    let group = session.group(&[anna.id()?]).await?;
    let path = session.path_of(&group.json)?;
    let body =
        json!({"displayName": group.json["displayName"], "members": [{"value": bert.id()?}, {"value": bert.id()?}]});
    session.put(&path, &body).await?.expect(200)?;
    let members = session.get(&path).await?.expect(200)?.json["members"].clone();
    let values: Vec<&Value> = members.as_array().into_iter().flatten().map(|member| &member["value"]).collect();
    ensure_eq!(values, [&json!(bert.id()?)], "the members");
    Ok(())
}

async fn rfc7644_s3_5_1_put_of_a_group_without_members_clears_them(session: &Session) -> Verdict {
    let user = session.user(json!({})).await?;
    let group = session.group(&[user.id()?]).await?;
    let path = session.path_of(&group.json)?;
    session.put(&path, &json!({"displayName": group.json["displayName"]})).await?.expect(200)?;
    ensure_eq!(session.get(&path).await?.expect(200)?.json["members"], json!([]), "the members");
    Ok(())
}

async fn rfc7643_s2_2_an_immutable_attribute_stays(session: &Session) -> Verdict {
    let made = session.device(json!({"vendor": "Acme"})).await?;
    let path = session.path_of(&made.json)?;
    session.put(&path, &session.device_body(json!({"vendor": "Globex"}))).await?.is_error(400, "mutability")?;
    let kept = session.put(&path, &session.device_body(json!({}))).await?.expect(200)?;
    ensure_eq!(kept.json["vendor"], json!("Acme"), "an immutable attribute that the body leaves out");
    session.put(&path, &session.device_body(json!({"vendor": "Acme"}))).await?.expect(200)?;
    Ok(())
}

async fn a_put_that_is_refused_changes_nothing(session: &Session) -> Verdict {
    let made = session.user(json!({"title": "Guide"})).await?;
    let path = session.path_of(&made.json)?;
    session
        .put(&path, &session.user_body(json!({"title": "Driver", "active": 7})))
        .await?
        .is_error(400, "invalidValue")?;
    ensure_eq!(session.get(&path).await?.expect(200)?.json, made.json, "the user");
    Ok(())
}

async fn a_policy_may_refuse_a_put(session: &Session) -> Verdict {
    let made = session.user(json!({})).await?;
    let path = session.path_of(&made.json)?;
    session.put(&path, &session.user_body(json!({"title": super::recipe::REFUSED_TITLE}))).await?.is_error(403, "")?;
    ensure_eq!(session.get(&path).await?.expect(200)?.json, made.json, "the user");
    Ok(())
}
