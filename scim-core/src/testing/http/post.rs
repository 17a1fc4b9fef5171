//! Making resources: RFC 7644 s3.3.

use serde_json::{json, Value};

use super::check::{check, ensure, ensure_eq, has_names, Check, Session, Verdict};
use crate::resource::DateTime;
use crate::schema::{ENTERPRISE_USER, GROUP, USER};

pub(super) const CHECKS: &[Check] = &[
    check!(rfc7644_s3_3_post_answers_201_with_the_resource),
    check!(rfc7644_s3_3_post_names_the_location_in_header_and_meta),
    check!(rfc7644_s3_3_the_location_can_be_read),
    check!(rfc7644_s3_3_the_location_does_not_follow_the_headers_of_the_request),
    check!(rfc7644_s3_3_post_tells_the_version_in_header_and_meta),
    check!(rfc7644_s3_3_attributes_that_clients_may_not_write_are_ignored),
    check!(rfc7644_s3_3_a_taken_user_name_is_409_uniqueness),
    check!(rfc7643_s4_1_1_a_user_name_in_another_case_is_taken_too),
    check!(rfc7643_s3_1_an_external_id_may_repeat),
    check!(rfc7643_s3_1_meta_of_a_new_resource),
    check!(rfc7643_s3_schemas_name_what_the_resource_has),
    check!(rfc7643_s2_1_attribute_names_in_any_case),
    check!(rfc7643_s2_5_null_and_empty_mean_unassigned),
    check!(rfc7643_s2_2_a_required_attribute_is_required),
    check!(rfc7643_s2_3_values_of_the_wrong_type_are_refused),
    check!(rfc7643_s2_4_two_primary_values_are_refused),
    check!(rfc7643_s3_3_extension_attributes_are_kept_under_their_urn),
    check!(rfc7643_s8_2_a_full_user_loses_nothing),
    check!(rfc7643_s4_1_1_a_user_without_active_is_active),
    check!(unknown_attributes_are_left_out),
    check!(values_keep_every_character),
    check!(rfc7644_s3_12_bodies_that_are_no_json_objects_are_invalid_syntax),
    check!(rfc7644_s3_12_a_name_twice_in_one_object_is_invalid_syntax),
    check!(rfc7644_s3_3_post_of_a_group_answers_its_members, [Groups]),
    check!(rfc7644_s3_3_an_unknown_member_is_named, [Groups]),
    check!(a_policy_may_refuse_a_write, [Filter]),
    check!(a_policy_may_amend_a_write),
];

async fn rfc7644_s3_3_post_answers_201_with_the_resource(session: &Session) -> Verdict {
    let body = session.user_body(json!({"name": {"familyName": "Jensen"}, "emails": [{"value": "b@example.com"}]}));
    let answer = session.post("/Users", &body).await?.expect(201)?;
    ensure_eq!(answer.header("content-type"), Some("application/scim+json"), "the content type");
    for name in ["userName", "name", "emails"] {
        ensure_eq!(answer.json[name], body[name], "{name}");
    }
    ensure!(!answer.id()?.is_empty(), "the id is empty");
    Ok(())
}

async fn rfc7644_s3_3_post_names_the_location_in_header_and_meta(session: &Session) -> Verdict {
    let answer = session.user(json!({})).await?;
    let location = format!("{}/Users/{}", session.provider.base_url, answer.id()?);
    ensure_eq!(answer.header("location"), Some(location.as_str()), "the Location header");
    ensure_eq!(answer.json["meta"]["location"], json!(location), "meta.location");
    Ok(())
}

async fn rfc7644_s3_3_the_location_can_be_read(session: &Session) -> Verdict {
    let made = session.user(json!({"title": "Guide"})).await?;
    let read = session.get(&session.path_of(&made.json)?).await?.expect(200)?;
    ensure_eq!(read.json, made.json, "what is read of a new resource");
    Ok(())
}

async fn rfc7644_s3_3_the_location_does_not_follow_the_headers_of_the_request(session: &Session) -> Verdict {
    let headers = [("x-forwarded-host", "evil.example.net"), ("x-forwarded-proto", "gopher")];
    let body = session.user_body(json!({}));
    let answer = session.request("POST", "/Users", &headers, Some(&body)).await?.expect(201)?;
    let location = answer.header("location").unwrap_or_default();
    ensure!(location.starts_with(&session.provider.base_url), "the Location {location} is not below the base URL");
    Ok(())
}

async fn rfc7644_s3_3_post_tells_the_version_in_header_and_meta(session: &Session) -> Verdict {
    let answer = session.user(json!({})).await?;
    let tag = answer.etag()?;
    let opaque = tag.strip_prefix("W/").unwrap_or(tag);
    ensure!(opaque.len() > 2 && opaque.starts_with('"') && opaque.ends_with('"'), "{tag} is no entity tag");
    ensure_eq!(answer.json["meta"]["version"], json!(tag), "meta.version");
    Ok(())
}

async fn rfc7644_s3_3_attributes_that_clients_may_not_write_are_ignored(session: &Session) -> Verdict {
    let answer = session
        .user(json!({
            "id": "chosen", "groups": [{"value": "chosen"}],
            "meta": {"resourceType": "Group", "version": "chosen", "created": "2001-01-01T00:00:00Z"},
        }))
        .await?;
    ensure!(answer.id()? != "chosen", "the client chose the id");
    ensure_eq!(answer.json["groups"], Value::Null, "groups");
    ensure_eq!(answer.json["meta"]["resourceType"], json!("User"), "meta.resourceType");
    ensure!(!answer.json["meta"].to_string().contains("chosen"), "the client chose the version");
    ensure!(answer.json["meta"]["created"] != "2001-01-01T00:00:00Z", "the client chose meta.created");
    Ok(())
}

async fn rfc7644_s3_3_a_taken_user_name_is_409_uniqueness(session: &Session) -> Verdict {
    let body = session.user_body(json!({}));
    session.post("/Users", &body).await?.expect(201)?;
    let answer = session.post("/Users", &body).await?;
    answer.is_error(409, "uniqueness")?;
    ensure!(answer.detail().contains("userName"), "the detail does not name the attribute: {}", answer.detail());
    Ok(())
}

async fn rfc7643_s4_1_1_a_user_name_in_another_case_is_taken_too(session: &Session) -> Verdict {
    let name = session.name("Anna");
    session.post("/Users", &json!({ "userName": name })).await?.expect(201)?;
    session.post("/Users", &json!({ "userName": name.to_uppercase() })).await?.is_error(409, "uniqueness")
}

async fn rfc7643_s3_1_an_external_id_may_repeat(session: &Session) -> Verdict {
    let shared = session.name("external");
    for _ in 0..2 {
        let answer = session.user(json!({ "externalId": shared })).await?;
        ensure_eq!(answer.json["externalId"], json!(shared), "externalId");
    }
    Ok(())
}

async fn rfc7643_s3_1_meta_of_a_new_resource(session: &Session) -> Verdict {
    let answer = session.user(json!({})).await?;
    let meta = &answer.json["meta"];
    has_names(meta, &["resourceType", "created", "lastModified", "location", "version"], "meta")?;
    ensure_eq!(meta["resourceType"], json!("User"), "meta.resourceType");
    ensure_eq!(meta["lastModified"], meta["created"], "meta.lastModified");
    let created = meta["created"].as_str().and_then(DateTime::parse);
    ensure!(created.is_some(), "meta.created is no dateTime: {}", meta["created"]);
    Ok(())
}

async fn rfc7643_s3_schemas_name_what_the_resource_has(session: &Session) -> Verdict {
    let plain = session.user(json!({})).await?;
    ensure_eq!(plain.json["schemas"], json!([USER]), "schemas of a user without an extension");
    let extended = session.user(json!({ENTERPRISE_USER: {"department": "Sales"}})).await?;
    ensure_eq!(extended.json["schemas"], json!([USER, ENTERPRISE_USER]), "schemas of a user with an extension");
    Ok(())
}

async fn rfc7643_s2_1_attribute_names_in_any_case(session: &Session) -> Verdict {
    let name = session.name("anna");
    let body = json!({"USERNAME": name, "Name": {"FAMILYNAME": "Ahn"}, "eMails": [{"VALUE": "anna@example.com"}]});
    let answer = session.post("/Users", &body).await?.expect(201)?;
    ensure_eq!(answer.json["userName"], json!(name), "userName");
    ensure_eq!(answer.json["name"], json!({"familyName": "Ahn"}), "name");
    ensure_eq!(answer.json["emails"], json!([{"value": "anna@example.com"}]), "emails");
    Ok(())
}

async fn rfc7643_s2_5_null_and_empty_mean_unassigned(session: &Session) -> Verdict {
    let unassigned = json!({"title": null, "emails": [], "name": {"givenName": null}, "photos": null});
    let answer = session.user(unassigned).await?;
    has_names(&answer.json, &["schemas", "id", "userName", "active", "meta"], "a user whose attributes are unassigned")
}

async fn rfc7643_s2_2_a_required_attribute_is_required(session: &Session) -> Verdict {
    for body in [json!({"title": "Guide"}), json!({"userName": null}), json!({"userName": ""})] {
        let answer = session.post("/Users", &body).await?;
        answer.is_error(400, "invalidValue")?;
        ensure!(answer.detail().contains("userName"), "the detail does not name userName: {}", answer.detail());
    }
    Ok(())
}

async fn rfc7643_s2_3_values_of_the_wrong_type_are_refused(session: &Session) -> Verdict {
    let wrong = [
        ("active", json!("perhaps")),
        ("active", json!(1)),
        ("title", json!(true)),
        ("title", json!({"value": {}})),
        ("emails", json!([{"value": {"a": 1}}])),
        ("x509Certificates", json!([{"value": "not base64!"}])),
    ];
    for (name, value) in wrong {
        let answer = session.post("/Users", &session.user_body(json!({ name: value }))).await?;
        answer.is_error(400, "invalidValue")?;
        ensure!(answer.detail().contains(name), "the detail does not name {name}: {}", answer.detail());
    }
    Ok(())
}

async fn rfc7643_s2_4_two_primary_values_are_refused(session: &Session) -> Verdict {
    let emails = json!([{"value": "a@example.com", "primary": true}, {"value": "b@example.com", "primary": true}]);
    let answer = session.post("/Users", &session.user_body(json!({ "emails": emails }))).await?;
    answer.is_error(400, "invalidValue")
}

async fn rfc7643_s3_3_extension_attributes_are_kept_under_their_urn(session: &Session) -> Verdict {
    let extension = json!({"department": "Sales", "employeeNumber": "701984"});
    let made = session.user(json!({ENTERPRISE_USER.to_uppercase(): extension})).await?;
    ensure_eq!(made.json[ENTERPRISE_USER], extension, "the extension");
    Ok(())
}

async fn rfc7643_s8_2_a_full_user_loses_nothing(session: &Session) -> Verdict {
    let body = session.user_body(json!({
        "externalId": "701984", "displayName": "Babs Jensen", "nickName": "Babs",
        "name": {"formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara",
            "middleName": "Jane", "honorificPrefix": "Ms.", "honorificSuffix": "III"},
        "profileUrl": "https://login.example.com/bjensen", "userType": "Employee", "title": "Tour Guide",
        "preferredLanguage": "en-US", "locale": "en-US", "timezone": "America/Los_Angeles", "active": true,
        "emails": [{"value": "bjensen@example.com", "type": "work", "primary": true},
            {"value": "babs@jensen.org", "type": "home"}],
        "addresses": [{"type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood",
            "region": "CA", "postalCode": "91608", "country": "US",
            "formatted": "100 Universal City Plaza\nHollywood, CA 91608 USA", "primary": true}],
        "phoneNumbers": [{"value": "tel:555-555-5555", "type": "work"}],
        "ims": [{"value": "someaimhandle", "type": "aim"}],
        "photos": [{"value": "https://photos.example.com/profilephoto/72930000000Ccne/F", "type": "photo"}],
        "x509Certificates": [{"value": "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UE"}],
        "entitlements": [{"value": "parking", "display": "Parking"}],
        "roles": [{"value": "guide", "type": "work"}],
        ENTERPRISE_USER: {"employeeNumber": "701984", "costCenter": "4130", "organization": "Universal Studios",
            "division": "Theme Park", "department": "Tour Operations"},
    }));
    let made = session.post("/Users", &body).await?.expect(201)?;
    let read = session.get(&session.path_of(&made.json)?).await?.expect(200)?;
    for (name, value) in body.as_object().into_iter().flatten().filter(|(name, _)| *name != "schemas") {
        ensure_eq!(read.json[name], *value, "{name}");
    }
    Ok(())
}

async fn rfc7643_s4_1_1_a_user_without_active_is_active(session: &Session) -> Verdict {
    ensure_eq!(session.user(json!({})).await?.json["active"], json!(true), "active of a new user");
    let unassigned = session.user(json!({"active": null})).await?;
    ensure_eq!(unassigned.json["active"], json!(true), "active of a new user whose active is null");
    let inactive = session.user(json!({"active": false})).await?;
    ensure_eq!(inactive.json["active"], json!(false), "active of a user made inactive");
    Ok(())
}

async fn unknown_attributes_are_left_out(session: &Session) -> Verdict {
    let answer = session
        .user(json!({"user_lastname": "x", "urn:example:nobody:knows": {"a": 1}, "name": {"nobodyKnows": "x", "givenName": "A"}}))
        .await?;
    has_names(
        &answer.json,
        &["schemas", "id", "userName", "active", "meta", "name"],
        "a user with unknown attributes",
    )?;
    ensure_eq!(answer.json["name"], json!({"givenName": "A"}), "name");
    Ok(())
}

async fn values_keep_every_character(session: &Session) -> Verdict {
    let text = "Zoë \"Ω\" \\ / \u{1f600} e\u{301} \u{202e} \t\n%20+&<>";
    let made = session.user(json!({ "displayName": text })).await?;
    let read = session.get(&session.path_of(&made.json)?).await?.expect(200)?;
    ensure_eq!(read.json["displayName"], json!(text), "displayName");
    Ok(())
}

async fn rfc7644_s3_12_bodies_that_are_no_json_objects_are_invalid_syntax(session: &Session) -> Verdict {
    let bodies: [&[u8]; 8] = [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\"userName\"",
        b"{\"userName\":\"a\"} x",
        b"{'userName':'a'}",
        b"{\"userName\":\"\xff\"}",
    ];
    for body in bodies {
        session.raw("POST", "/Users", body).await?.is_error(400, "invalidSyntax")?;
    }
    Ok(())
}

async fn rfc7644_s3_12_a_name_twice_in_one_object_is_invalid_syntax(session: &Session) -> Verdict {
    for body in [
        r#"{"userName":"a","userName":"b"}"#,
        r#"{"userName":"a","USERNAME":"b"}"#,
        r#"{"userName":"a","name":{"givenName":"a","givenName":"a"}}"#,
        r#"{"userName":"a","urn:ietf:params:scim:schemas:core:2.0:User:userName":"b"}"#,
    ] {
        session.raw("POST", "/Users", body).await?.is_error(400, "invalidSyntax")?;
    }
    Ok(())
}

async fn rfc7644_s3_3_post_of_a_group_answers_its_members(session: &Session) -> Verdict {
    let user = session.user(json!({})).await?;
    let group = session.group(&[user.id()?]).await?;
    ensure_eq!(group.json["schemas"], json!([GROUP]), "schemas");
    let member = &group.json["members"][0];
    ensure_eq!(member["value"], json!(user.id()?), "the value of the member");
    ensure_eq!(member["$ref"], user.json["meta"]["location"], "the $ref of the member");
    Ok(())
}

async fn rfc7644_s3_3_an_unknown_member_is_named(session: &Session) -> Verdict {
    let body = json!({"displayName": session.name("group"), "members": [{"value": "nobody-has-this-id"}]});
    let answer = session.post("/Groups", &body).await?;
    answer.is_error(400, "invalidValue")?;
    ensure!(answer.detail().contains("nobody-has-this-id"), "the member is not named: {}", answer.detail());
    Ok(())
}

async fn a_policy_may_refuse_a_write(session: &Session) -> Verdict {
    let body = session.user_body(json!({"title": super::recipe::REFUSED_TITLE}));
    session.post("/Users", &body).await?.is_error(403, "")?;
    let found = session.users_where("userName pr").await?;
    ensure_eq!(found.total()?, 0, "the number of users after a POST that was refused");
    Ok(())
}

async fn a_policy_may_amend_a_write(session: &Session) -> Verdict {
    let answer = session.user(json!({"title": super::recipe::AMENDED_TITLE})).await?;
    ensure_eq!(answer.json["nickName"], json!("amended"), "nickName");
    Ok(())
}
