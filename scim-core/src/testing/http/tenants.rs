//! Tenants: what one has does not exist for another. The tenant comes from the credential alone.

use serde_json::{json, Value};

use super::check::{check, ensure, ensure_eq, patch_body, Answer, Check, Session, Verdict};

pub(super) const CHECKS: &[Check] = &[
    check!(an_id_of_another_tenant_is_as_an_unknown_one, [Tenants]),
    check!(an_id_of_another_tenant_is_as_an_unknown_one_under_conditions, [Tenants]),
    check!(lists_hold_the_tenants_own, [Tenants, Filter]),
    check!(searches_hold_the_tenants_own, [Tenants, Filter]),
    check!(names_are_unique_within_a_tenant, [Tenants]),
    check!(a_member_of_another_tenant_is_as_an_unknown_one, [Tenants, Groups]),
    check!(groups_of_another_tenant_are_not_shown, [Tenants, Groups]),
    check!(a_filter_for_members_finds_the_tenants_own, [Tenants, Filter, Groups]),
    check!(headers_do_not_choose_the_tenant, [Tenants]),
];

/// All that a client sees of an answer.
#[derive(Debug, PartialEq)]
struct Seen {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// What a client sees, with an id that the answer may repeat taken out.
fn without(answer: &Answer, id: &str) -> Seen {
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date", "content-length"].contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    Seen { status: answer.status, headers, body: String::from_utf8_lossy(&answer.body).replace(id, "ID") }
}

/// Fails unless every request on the one path is answered as on the other, but for the ids.
async fn are_alike(session: &Session, real: &str, made_up: &str, headers: &[(&str, &str)]) -> Verdict {
    let user = session.user_body(json!({}));
    let operations = patch_body(&json!([{"op": "add", "path": "title", "value": "x"}]));
    for (method, body) in
        [("GET", None), ("HEAD", None), ("PUT", Some(&user)), ("PATCH", Some(&operations)), ("DELETE", None)]
    {
        let of_real = session.request(method, &format!("/Users/{real}"), headers, body).await?;
        let of_made_up = session.request(method, &format!("/Users/{made_up}"), headers, body).await?;
        ensure_eq!(of_real.status, 404, "the status of {method} for an id of another tenant");
        ensure_eq!(without(&of_real, real), without(&of_made_up, made_up), "the answer to {method}");
    }
    Ok(())
}

/// An id that is like another, and no resource's.
fn made_up(id: &str) -> String {
    let other = |character: char| match character {
        '0'..='8' => char::from_digit(character.to_digit(10).unwrap_or_default().saturating_add(1), 10).unwrap_or('7'),
        'a'..='e' => char::from_u32(u32::from(character).saturating_add(1)).unwrap_or('f'),
        other => other,
    };
    id.chars().map(other).collect()
}

async fn an_id_of_another_tenant_is_as_an_unknown_one(session: &Session) -> Verdict {
    let theirs = session.other_tenant().user(json!({})).await?;
    are_alike(session, theirs.id()?, &made_up(theirs.id()?), &[]).await?;
    let read = session.other_tenant().get(&format!("/Users/{}", theirs.id()?)).await?.expect(200)?;
    ensure_eq!(read.json, theirs.json, "the user of the other tenant, to that tenant");
    Ok(())
}

async fn an_id_of_another_tenant_is_as_an_unknown_one_under_conditions(session: &Session) -> Verdict {
    let theirs = session.other_tenant().user(json!({})).await?;
    let (id, other) = (theirs.id()?, made_up(theirs.id()?));
    for condition in
        [("if-match", "*"), ("if-match", theirs.etag()?), ("if-none-match", "*"), ("if-none-match", theirs.etag()?)]
    {
        are_alike(session, id, &other, &[condition]).await?;
    }
    Ok(())
}

async fn lists_hold_the_tenants_own(session: &Session) -> Verdict {
    let ours = session.user(json!({})).await?;
    session.other_tenant().user(json!({})).await?;
    for filter in
        ["userName pr", "userName pr or id pr", "not (userName eq \"x\")", "active eq true or active eq false"]
    {
        let filter = format!("userName co \"{}\" and ({filter})", session.marker);
        let found = session.query("/Users", &[("filter", &filter)]).await?;
        ensure_eq!(found.ids()?, [ours.id()?], "what {filter} finds");
        ensure_eq!(found.total()?, 1, "totalResults");
    }
    Ok(())
}

async fn searches_hold_the_tenants_own(session: &Session) -> Verdict {
    let theirs = session.other_tenant().user(json!({})).await?;
    let filter = format!("id eq \"{}\" or userName eq {}", theirs.id()?, theirs.json["userName"]);
    for path in ["/.search", "/Users/.search"] {
        let found = session.post(path, &json!({ "filter": filter })).await?.expect(200)?;
        ensure_eq!((found.page()?.len(), found.total()?), (0, 0), "resources and totalResults of {path}");
    }
    Ok(())
}

async fn names_are_unique_within_a_tenant(session: &Session) -> Verdict {
    let body = session.user_body(json!({"externalId": session.name("external")}));
    session.post("/Users", &body).await?.expect(201)?;
    session.other_tenant().post("/Users", &body).await?.expect(201)?;
    session.post("/Users", &body).await?.is_error(409, "uniqueness")
}

async fn a_member_of_another_tenant_is_as_an_unknown_one(session: &Session) -> Verdict {
    let theirs = session.other_tenant().user(json!({})).await?;
    let (id, other) = (theirs.id()?, made_up(theirs.id()?));
    let group = session.group(&[]).await?;
    let path = session.path_of(&group.json)?;
    let name = session.name("group");
    let mut answers = Vec::new();
    for id in [id, &other] {
        let members = json!([{ "value": id }]);
        let make = session.post("/Groups", &json!({"displayName": name, "members": members})).await?;
        let add = session.patch(&path, &json!([{"op": "add", "path": "members", "value": members}])).await?;
        let put = session.put(&path, &json!({"displayName": group.json["displayName"], "members": members})).await?;
        add.is_error(400, "invalidValue")?;
        answers.push([without(&make, id), without(&add, id), without(&put, id)]);
    }
    ensure_eq!(answers.first(), answers.last(), "the answers for an id of another tenant, and for an unknown one");
    Ok(())
}

async fn groups_of_another_tenant_are_not_shown(session: &Session) -> Verdict {
    let ours = session.user(json!({})).await?;
    let refused = session
        .other_tenant()
        .post("/Groups", &json!({"displayName": session.name("g"), "members": [{"value": ours.id()?}]}))
        .await?;
    refused.is_error(400, "invalidValue")?;
    let read = session.get(&session.path_of(&ours.json)?).await?.expect(200)?;
    ensure_eq!(read.json["groups"], Value::Null, "groups");
    Ok(())
}

async fn a_filter_for_members_finds_the_tenants_own(session: &Session) -> Verdict {
    let theirs = session.other_tenant();
    let user = theirs.user(json!({})).await?;
    let group = theirs.group(&[user.id()?]).await?;
    let filter = format!("members.value eq \"{}\" or id eq \"{}\"", user.id()?, group.id()?);
    ensure_eq!(session.query("/Groups", &[("filter", &filter)]).await?.total()?, 0, "what we find of theirs");
    ensure_eq!(theirs.query("/Groups", &[("filter", &filter)]).await?.total()?, 1, "what they find of theirs");
    Ok(())
}

async fn headers_do_not_choose_the_tenant(session: &Session) -> Verdict {
    let theirs = session.other_tenant().user(json!({})).await?;
    let path = format!("/Users/{}", theirs.id()?);
    for name in ["x-tenant", "x-tenant-id", "x-scope-orgid", "x-forwarded-user", "x-original-url"] {
        let answer = session.request("GET", &path, &[(name, "http suite b")], None).await?;
        ensure!(answer.status == 404, "the header {name} opens another tenant");
    }
    Ok(())
}
