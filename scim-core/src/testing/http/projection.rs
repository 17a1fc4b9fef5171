//! Which attributes are answered: RFC 7644 s3.9, RFC 7643 s2.2 `returned`.

use serde_json::{json, Value};

use super::check::{check, ensure, ensure_eq, has_names, patch_body, target, Check, Failure, Session, Verdict};
use super::recipe::BADGE;
use crate::schema::{ENTERPRISE_USER, USER};

pub(super) const CHECKS: &[Check] = &[
    check!(rfc7644_s3_9_attributes_shows_just_these),
    check!(rfc7644_s3_9_attributes_in_any_case),
    check!(rfc7644_s3_9_attributes_with_sub_attributes),
    check!(rfc7644_s3_9_a_sub_attribute_of_a_list),
    check!(rfc7644_s3_10_attributes_with_urns),
    check!(rfc7644_s3_9_a_whole_extension),
    check!(rfc7644_s3_9_meta_is_shown_on_request),
    check!(rfc7644_s3_9_unknown_attributes_show_nothing),
    check!(rfc7644_s3_9_excluded_attributes_are_left_out),
    check!(rfc7644_s3_9_excluded_sub_attributes_are_left_out),
    check!(rfc7644_s3_9_excluded_attributes_with_urns_and_any_case),
    check!(rfc7644_s3_9_what_is_always_returned_cannot_be_excluded),
    check!(rfc7644_s3_9_unknown_attributes_exclude_nothing),
    check!(rfc7644_s3_9_projection_of_a_list, [Filter]),
    check!(rfc7644_s3_9_projection_of_the_answer_to_post_put_and_patch),
    check!(rfc7643_s2_2_returned_always_is_shown_unasked, [Devices]),
    check!(rfc7643_s2_2_returned_never_is_never_shown, [Devices]),
    check!(rfc7643_s2_2_returned_on_request_is_shown_when_asked_for, [Devices]),
    check!(rfc7643_s2_2_returned_on_request_in_an_extension, [Badges]),
    check!(rfc7643_s2_2_a_sub_attribute_that_is_never_returned, [Devices]),
    check!(excluded_members_leave_no_key, [Groups]),
];

/// What a GET of a user with all kinds of attributes shows for a query.
async fn shown(session: &Session, parameters: &[(&str, &str)]) -> Result<Value, Failure> {
    let path = session
        .user_path(json!({
            "title": "Guide", "externalId": "1", "name": {"givenName": "A", "familyName": "B"},
            "emails": [{"value": "a@example.com", "type": "work"}, {"type": "home"}],
            ENTERPRISE_USER: {"department": "Sales", "manager": {"value": "7"}},
        }))
        .await?;
    Ok(session.query(&path, parameters).await?.expect(200)?.json)
}

async fn rfc7644_s3_9_attributes_shows_just_these(session: &Session) -> Verdict {
    let user = shown(session, &[("attributes", "userName,title")]).await?;
    has_names(&user, &["schemas", "id", "userName", "title"], "a user of which two attributes are asked for")?;
    let user = shown(session, &[("attributes", " externalId , name ")]).await?;
    has_names(&user, &["schemas", "id", "externalId", "name"], "a user of which two attributes are asked for")?;
    ensure_eq!(user["name"], json!({"givenName": "A", "familyName": "B"}), "name");
    Ok(())
}

async fn rfc7644_s3_9_attributes_in_any_case(session: &Session) -> Verdict {
    let user = shown(session, &[("attributes", "USERNAME,NAME.GIVENNAME")]).await?;
    has_names(&user, &["schemas", "id", "userName", "name"], "a user")?;
    ensure_eq!(user["name"], json!({"givenName": "A"}), "name");
    let user = shown(session, &[("ATTRIBUTES", "title")]).await?;
    has_names(&user, &["schemas", "id", "title"], "a user")
}

async fn rfc7644_s3_9_attributes_with_sub_attributes(session: &Session) -> Verdict {
    let user = shown(session, &[("attributes", "name.familyName")]).await?;
    has_names(&user, &["schemas", "id", "name"], "a user of which one sub-attribute is asked for")?;
    ensure_eq!(user["name"], json!({"familyName": "B"}), "name");
    let user = shown(session, &[("attributes", "name.familyName,name.givenName,name.middleName")]).await?;
    ensure_eq!(user["name"], json!({"givenName": "A", "familyName": "B"}), "name");
    Ok(())
}

async fn rfc7644_s3_9_a_sub_attribute_of_a_list(session: &Session) -> Verdict {
    let user = shown(session, &[("attributes", "emails.type")]).await?;
    ensure_eq!(user["emails"], json!([{"type": "work"}, {"type": "home"}]), "emails");
    Ok(())
}

async fn rfc7644_s3_10_attributes_with_urns(session: &Session) -> Verdict {
    let names = format!("{USER}:title,{ENTERPRISE_USER}:manager.value");
    let user = shown(session, &[("attributes", &names)]).await?;
    has_names(&user, &["schemas", "id", "title", ENTERPRISE_USER], "a user")?;
    ensure_eq!(user[ENTERPRISE_USER], json!({"manager": {"value": "7"}}), "the extension");
    Ok(())
}

async fn rfc7644_s3_9_a_whole_extension(session: &Session) -> Verdict {
    let user = shown(session, &[("attributes", ENTERPRISE_USER)]).await?;
    has_names(&user, &["schemas", "id", ENTERPRISE_USER], "a user of which an extension is asked for")?;
    ensure_eq!(user[ENTERPRISE_USER]["department"], json!("Sales"), "the department");
    Ok(())
}

async fn rfc7644_s3_9_meta_is_shown_on_request(session: &Session) -> Verdict {
    let user = shown(session, &[("attributes", "meta.location")]).await?;
    has_names(&user, &["schemas", "id", "meta"], "a user")?;
    has_names(&user["meta"], &["location"], "meta")?;
    let user = shown(session, &[("attributes", "meta")]).await?;
    has_names(&user["meta"], &["resourceType", "created", "lastModified", "location", "version"], "meta")
}

async fn rfc7644_s3_9_unknown_attributes_show_nothing(session: &Session) -> Verdict {
    let user = shown(session, &[("attributes", "nobodyKnows,name.nobodyKnows,urn:nobody:knows:x")]).await?;
    has_names(&user, &["schemas", "id"], "a user of which nothing is asked for that there is")
}

async fn rfc7644_s3_9_excluded_attributes_are_left_out(session: &Session) -> Verdict {
    let user = shown(session, &[("excludedAttributes", "title,emails,meta")]).await?;
    let rest = ["schemas", "id", "userName", "externalId", "name", "active", ENTERPRISE_USER];
    has_names(&user, &rest, "a user without some attributes")
}

async fn rfc7644_s3_9_excluded_sub_attributes_are_left_out(session: &Session) -> Verdict {
    let user = shown(session, &[("excludedAttributes", "name.givenName,emails.value,meta.version")]).await?;
    ensure_eq!(user["name"], json!({"familyName": "B"}), "name");
    ensure_eq!(user["emails"], json!([{"type": "work"}, {"type": "home"}]), "emails");
    has_names(&user["meta"], &["resourceType", "created", "lastModified", "location"], "meta")
}

async fn rfc7644_s3_9_excluded_attributes_with_urns_and_any_case(session: &Session) -> Verdict {
    let names = format!("TITLE,{}:department", ENTERPRISE_USER.to_uppercase());
    let user = shown(session, &[("excludedAttributes", &names)]).await?;
    ensure_eq!(user["title"], Value::Null, "title");
    has_names(&user[ENTERPRISE_USER], &["manager"], "the extension")?;
    let user = shown(session, &[("excludedAttributes", ENTERPRISE_USER)]).await?;
    ensure_eq!(user[ENTERPRISE_USER], Value::Null, "the extension");
    Ok(())
}

async fn rfc7644_s3_9_what_is_always_returned_cannot_be_excluded(session: &Session) -> Verdict {
    let user = shown(session, &[("excludedAttributes", "id,schemas,userName")]).await?;
    ensure!(user["id"].is_string() && user["schemas"].is_array(), "id or schemas are left out");
    Ok(())
}

async fn rfc7644_s3_9_unknown_attributes_exclude_nothing(session: &Session) -> Verdict {
    let user = shown(session, &[("excludedAttributes", "nobodyKnows,title.x")]).await?;
    ensure_eq!(user["title"], json!("Guide"), "title");
    Ok(())
}

async fn rfc7644_s3_9_projection_of_a_list(session: &Session) -> Verdict {
    session.user(json!({"title": "Guide", "nickName": "A"})).await?;
    let filter = format!("userName co \"{}\"", session.marker);
    let some = session.query("/Users", &[("filter", &filter), ("attributes", "title")]).await?;
    has_names(some.page()?.first().unwrap_or(&Value::Null), &["schemas", "id", "title"], "a listed user")?;
    let rest = session.query("/Users", &[("filter", &filter), ("excludedAttributes", "title,meta")]).await?;
    let names = ["schemas", "id", "userName", "active", "nickName"];
    has_names(rest.page()?.first().unwrap_or(&Value::Null), &names, "a listed user")
}

async fn rfc7644_s3_9_projection_of_the_answer_to_post_put_and_patch(session: &Session) -> Verdict {
    let body = session.user_body(json!({"title": "Guide", "nickName": "A"}));
    let made = session.post("/Users?attributes=title", &body).await?.expect(201)?;
    has_names(&made.json, &["schemas", "id", "title"], "the answer to POST")?;
    let path = format!("/Users/{}", made.id()?);
    let replaced = session.put(&target(&path, &[("attributes", "title")]), &body).await?.expect(200)?;
    has_names(&replaced.json, &["schemas", "id", "title"], "the answer to PUT")?;
    let operations = patch_body(&json!([{"op": "replace", "path": "title", "value": "Driver"}]));
    let excluded = target(&path, &[("excludedAttributes", "title,meta")]);
    let patched = session.request("PATCH", &excluded, &[], Some(&operations)).await?.expect(200)?;
    has_names(&patched.json, &["schemas", "id", "userName", "active", "nickName"], "the answer to PATCH")?;
    ensure_eq!(session.get(&path).await?.json["title"], json!("Driver"), "the title that was not shown");
    Ok(())
}

/// What a GET of a device shows for a query.
async fn device_shown(session: &Session, parameters: &[(&str, &str)]) -> Result<Value, Failure> {
    let device = session
        .device(json!({
            "model": "M", "pin": "1234", "remarks": "R", "units": 3,
            "ports": [{"number": 80, "label": "http", "secret": "s"}],
        }))
        .await?;
    Ok(session.query(&session.path_of(&device.json)?, parameters).await?.expect(200)?.json)
}

async fn rfc7643_s2_2_returned_always_is_shown_unasked(session: &Session) -> Verdict {
    let device = device_shown(session, &[("attributes", "units")]).await?;
    has_names(&device, &["schemas", "id", "model", "units"], "a device of which units are asked for")?;
    let device = device_shown(session, &[("excludedAttributes", "model")]).await?;
    ensure_eq!(device["model"], json!("M"), "model");
    Ok(())
}

async fn rfc7643_s2_2_returned_never_is_never_shown(session: &Session) -> Verdict {
    for parameters in [&[][..], &[("attributes", "pin,serial")], &[("excludedAttributes", "serial")]] {
        let device = device_shown(session, parameters).await?;
        ensure_eq!(device["pin"], Value::Null, "pin for {parameters:?}");
    }
    Ok(())
}

async fn rfc7643_s2_2_returned_on_request_is_shown_when_asked_for(session: &Session) -> Verdict {
    ensure_eq!(device_shown(session, &[]).await?["remarks"], Value::Null, "remarks");
    ensure_eq!(device_shown(session, &[("attributes", "remarks")]).await?["remarks"], json!("R"), "remarks");
    ensure_eq!(device_shown(session, &[("excludedAttributes", "units")]).await?["remarks"], Value::Null, "remarks");
    Ok(())
}

async fn rfc7643_s2_2_returned_on_request_in_an_extension(session: &Session) -> Verdict {
    let made = session.user(json!({BADGE: {"level": 2, "note": "N"}})).await?;
    ensure_eq!(made.json[BADGE], json!({"level": 2, "note": "N"}), "the extension in the answer to its POST");
    let path = session.path_of(&made.json)?;
    ensure_eq!(session.get(&path).await?.json[BADGE], json!({"level": 2}), "the extension");
    let asked = session.query(&path, &[("attributes", &format!("{BADGE}:note"))]).await?;
    ensure_eq!(asked.json[BADGE], json!({"note": "N"}), "the extension");
    Ok(())
}

async fn rfc7643_s2_2_a_sub_attribute_that_is_never_returned(session: &Session) -> Verdict {
    for parameters in [&[][..], &[("attributes", "ports")], &[("attributes", "ports.secret,ports.number,ports.label")]]
    {
        let device = device_shown(session, parameters).await?;
        ensure_eq!(device["ports"], json!([{"number": 80, "label": "http"}]), "ports for {parameters:?}");
    }
    Ok(())
}

async fn excluded_members_leave_no_key(session: &Session) -> Verdict {
    let user = session.user(json!({})).await?;
    let group = session.group(&[user.id()?]).await?;
    let path = session.path_of(&group.json)?;
    let read = session.query(&path, &[("excludedAttributes", "members")]).await?.expect(200)?;
    has_names(&read.json, &["schemas", "id", "displayName", "meta"], "a group without its members")?;
    let read = session.query(&path, &[("attributes", "displayName")]).await?.expect(200)?;
    has_names(&read.json, &["schemas", "id", "displayName"], "a group of which the name is asked for")
}
