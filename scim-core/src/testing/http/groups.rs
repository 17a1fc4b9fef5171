//! Membership: RFC 7643 s4.1.2, s4.2.

use serde_json::{json, Value};

use super::check::{check, ensure, ensure_eq, target, Answer, Check, Failure, Session, Verdict};
use super::recipe::limits;

pub(super) const CHECKS: &[Check] = &[
    check!(rfc7643_s4_1_2_a_user_knows_its_groups, [Groups]),
    check!(rfc7643_s4_1_2_groups_of_a_user_cannot_be_written, [Groups]),
    check!(rfc7643_s2_5_a_group_without_members_has_an_empty_list, [Groups, Filter]),
    check!(rfc7643_s4_1_2_groups_follow_every_way_of_changing_members, [Groups]),
    check!(rfc7643_s4_1_2_a_renamed_group_is_shown_by_its_new_name, [Groups]),
    check!(rfc7643_s4_2_a_member_twice_is_one_member, [Groups]),
    check!(rfc7643_s4_2_groups_may_be_members, [Groups]),
    check!(group_names_are_unique_in_any_case, [Groups]),
    check!(rfc7644_s3_5_2_1_adding_members_keeps_the_others, [Groups]),
    check!(rfc7644_s3_5_2_1_adding_a_member_again_changes_nothing, [Groups]),
    check!(rfc7644_s3_5_2_2_a_member_is_removed_by_a_filter, [Groups]),
    check!(rfc7644_s3_5_2_2_members_are_removed_by_a_list_of_values, [Groups]),
    check!(rfc7644_s3_5_2_2_all_members_are_removed, [Groups]),
    check!(rfc7644_s3_5_2_2_removing_who_is_no_member_changes_nothing, [Groups]),
    check!(rfc7644_s3_5_2_3_members_are_replaced, [Groups]),
    check!(rfc7644_s3_5_2_members_come_and_go_in_one_request, [Groups]),
    check!(rfc7644_s3_5_2_an_unknown_member_is_refused_and_nothing_happens, [Groups]),
    check!(a_change_of_members_is_a_new_version, [Groups]),
    check!(renaming_a_group_keeps_its_members, [Groups]),
    check!(a_large_group_is_not_echoed_by_patch, [Groups]),
    check!(a_large_group_is_answered_where_attributes_are_named, [Groups]),
    check!(a_large_group_is_read_whole_or_without_members, [Groups]),
];

/// Makes so many users and returns their ids.
async fn users(session: &Session, count: usize) -> Result<Vec<String>, Failure> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(session.user(json!({})).await?.id()?.to_owned());
    }
    Ok(ids)
}

/// Makes so many users and a group of the first few, and returns the path of the group and the ids of all.
async fn group_of(session: &Session, members: usize, others: usize) -> Result<(String, Vec<String>), Failure> {
    let ids = users(session, members.saturating_add(others)).await?;
    let first: Vec<&str> = ids.iter().take(members).map(String::as_str).collect();
    let group = session.group(&first).await?;
    Ok((session.path_of(&group.json)?, ids))
}

/// Fails unless the group has these members and no others.
async fn has_members(session: &Session, path: &str, expected: &[&String]) -> Verdict {
    let read = session.get(path).await?.expect(200)?;
    let mut found: Vec<String> = values(&read.json["members"]);
    let mut expected: Vec<String> = expected.iter().map(|id| (*id).clone()).collect();
    found.sort_unstable();
    expected.sort_unstable();
    ensure_eq!(found, expected, "the members");
    Ok(())
}

/// What a list has in `value`.
fn values(list: &Value) -> Vec<String> {
    let value = |element: &Value| element["value"].as_str().unwrap_or_default().to_owned();
    list.as_array().into_iter().flatten().map(value).collect()
}

/// Sends a PATCH that must be fine, whether it is answered with the group or without.
async fn changed(session: &Session, path: &str, operations: Value) -> Result<Answer, Failure> {
    let answer = session.patch(path, &operations).await?;
    ensure!(matches!(answer.status, 200 | 204), "{operations} is answered with {}: {}", answer.status, answer.detail());
    Ok(answer)
}

/// The groups of a user, by their ids.
async fn groups_of(session: &Session, id: &str) -> Result<Vec<String>, Failure> {
    Ok(values(&session.get(&format!("/Users/{id}")).await?.expect(200)?.json["groups"]))
}

async fn rfc7643_s4_1_2_a_user_knows_its_groups(session: &Session) -> Verdict {
    let user = session.user(json!({})).await?;
    let group = session.group(&[user.id()?]).await?;
    let read = session.get(&session.path_of(&user.json)?).await?.expect(200)?;
    let expected = json!([{
        "value": group.id()?, "$ref": group.json["meta"]["location"], "display": group.json["displayName"], "type": "direct",
    }]);
    ensure_eq!(read.json["groups"], expected, "groups");
    Ok(())
}

async fn rfc7643_s4_1_2_groups_of_a_user_cannot_be_written(session: &Session) -> Verdict {
    let group = session.group(&[]).await?;
    let chosen = json!([{"value": group.id()?}]);
    let made = session.user(json!({ "groups": chosen })).await?;
    let path = session.path_of(&made.json)?;
    session.put(&path, &session.user_body(json!({ "groups": chosen }))).await?.expect(200)?;
    session
        .patch(&path, &json!([{"op": "add", "path": "groups", "value": chosen}]))
        .await?
        .is_error(400, "mutability")?;
    session.patch(&path, &json!([{"op": "add", "value": {"groups": chosen}}])).await?.expect(200)?;
    ensure_eq!(session.get(&path).await?.json["groups"], Value::Null, "groups");
    ensure_eq!(session.get(&session.path_of(&group.json)?).await?.json["members"], json!([]), "members");
    Ok(())
}

/// The same as a group without `members`, but clients that compare what they read want to see it.
async fn rfc7643_s2_5_a_group_without_members_has_an_empty_list(session: &Session) -> Verdict {
    let made = session.group(&[]).await?;
    let path = session.path_of(&made.json)?;
    let filter = format!("id eq \"{}\"", made.id()?);
    let listed = session.query("/Groups", &[("filter", &filter)]).await?.page()?.first().cloned().unwrap_or_default();
    let body = json!({"displayName": made.json["displayName"]});
    let replaced = session.put(&path, &body).await?.expect(200)?;
    let patched = changed(session, &path, json!([{"op": "replace", "path": "externalId", "value": "1"}])).await?;
    let named = session.query(&path, &[("attributes", "members")]).await?.expect(200)?;
    for group in [&made.json, &session.get(&path).await?.json, &listed, &replaced.json, &patched.json, &named.json] {
        ensure_eq!(group["members"], json!([]), "the members of a group without any: {group}");
    }
    for parameter in [("excludedAttributes", "members"), ("attributes", "displayName")] {
        let read = session.query(&path, &[parameter]).await?.expect(200)?;
        ensure!(read.json.get("members").is_none(), "members are left out, and there: {parameter:?}");
    }
    Ok(())
}

async fn rfc7643_s4_1_2_groups_follow_every_way_of_changing_members(session: &Session) -> Verdict {
    let group = session.group(&[]).await?;
    let (path, name) = (session.path_of(&group.json)?, &group.json["displayName"]);
    let user = session.user(json!({})).await?;
    let (id, none) = (user.id()?, Vec::<String>::new());
    let inside = vec![group.id()?.to_owned()];
    changed(session, &path, json!([{"op": "add", "path": "members", "value": [{"value": id}]}])).await?;
    ensure_eq!(groups_of(session, id).await?, inside, "groups after a PATCH that adds");
    changed(session, &path, json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}])).await?;
    ensure_eq!(groups_of(session, id).await?, none, "groups after a PATCH that removes");
    session.put(&path, &json!({"displayName": name, "members": [{"value": id}]})).await?.expect(200)?;
    ensure_eq!(groups_of(session, id).await?, inside, "groups after a PUT with the member");
    session.put(&path, &json!({"displayName": name})).await?.expect(200)?;
    ensure_eq!(groups_of(session, id).await?, none, "groups after a PUT without the member");
    Ok(())
}

async fn rfc7643_s4_1_2_a_renamed_group_is_shown_by_its_new_name(session: &Session) -> Verdict {
    let (path, ids) = group_of(session, 1, 0).await?;
    let name = session.name("renamed");
    changed(session, &path, json!([{"op": "replace", "path": "displayName", "value": name}])).await?;
    for id in &ids {
        let user = session.get(&format!("/Users/{id}")).await?.expect(200)?;
        ensure_eq!(user.json["groups"][0]["display"], json!(name), "the name of the group at its member");
    }
    Ok(())
}

async fn rfc7643_s4_2_a_member_twice_is_one_member(session: &Session) -> Verdict {
    let ids = users(session, 1).await?;
    let twice: Vec<&str> = ids.iter().chain(&ids).map(String::as_str).collect();
    let group = session.group(&twice).await?;
    has_members(session, &session.path_of(&group.json)?, &ids.iter().collect::<Vec<_>>()).await
}

async fn rfc7643_s4_2_groups_may_be_members(session: &Session) -> Verdict {
    let inner = session.group(&[]).await?;
    let outer = session.group(&[inner.id()?]).await?;
    let member = &outer.json["members"][0];
    ensure_eq!(
        (&member["value"], &member["type"]),
        (&json!(inner.id()?), &json!("Group")),
        "value and type of the member"
    );
    ensure_eq!(member["$ref"], inner.json["meta"]["location"], "the $ref of the member");
    let path = session.path_of(&inner.json)?;
    changed(session, &path, json!([{"op": "add", "path": "members", "value": [{"value": outer.id()?}]}])).await?;
    session.get(&path).await?.expect(200)?;
    Ok(())
}

async fn group_names_are_unique_in_any_case(session: &Session) -> Verdict {
    let (one, two) = (session.group(&[]).await?, session.group(&[]).await?);
    let name = one.json["displayName"].as_str().unwrap_or_default().to_uppercase();
    session.post("/Groups", &json!({ "displayName": name })).await?.is_error(409, "uniqueness")?;
    let path = session.path_of(&two.json)?;
    let operations = json!([{"op": "replace", "path": "displayName", "value": name}]);
    session.patch(&path, &operations).await?.is_error(409, "uniqueness")?;
    session.put(&path, &json!({ "displayName": name })).await?.is_error(409, "uniqueness")
}

async fn rfc7644_s3_5_2_1_adding_members_keeps_the_others(session: &Session) -> Verdict {
    let (path, ids) = group_of(session, 1, 2).await?;
    let [one, two, three] = ids.as_slice() else { return Ok(()) };
    changed(session, &path, json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": two}]}])).await?;
    changed(session, &path, json!([{"op": "add", "value": {"members": [{"value": three}]}}])).await?;
    has_members(session, &path, &[one, two, three]).await
}

async fn rfc7644_s3_5_2_1_adding_a_member_again_changes_nothing(session: &Session) -> Verdict {
    let (path, ids) = group_of(session, 1, 0).await?;
    let before = session.get(&path).await?;
    let value: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
    changed(session, &path, json!([{"op": "add", "path": "members", "value": value}])).await?;
    let after = session.get(&path).await?.expect(200)?;
    ensure_eq!(after.json, before.json, "the group");
    Ok(())
}

async fn rfc7644_s3_5_2_2_a_member_is_removed_by_a_filter(session: &Session) -> Verdict {
    let (path, ids) = group_of(session, 2, 0).await?;
    let [one, two] = ids.as_slice() else { return Ok(()) };
    changed(session, &path, json!([{"op": "remove", "path": format!("members[value eq \"{one}\"]")}])).await?;
    has_members(session, &path, &[two]).await
}

async fn rfc7644_s3_5_2_2_members_are_removed_by_a_list_of_values(session: &Session) -> Verdict {
    let (path, ids) = group_of(session, 3, 0).await?;
    let [one, two, three] = ids.as_slice() else { return Ok(()) };
    let value = json!([{"$ref": null, "value": one}, {"value": two}]);
    changed(session, &path, json!([{"op": "Remove", "path": "members", "value": value}])).await?;
    has_members(session, &path, &[three]).await
}

async fn rfc7644_s3_5_2_2_all_members_are_removed(session: &Session) -> Verdict {
    for operation in [
        json!({"op": "remove", "path": "members"}),
        json!({"op": "replace", "path": "members", "value": []}),
        json!({"op": "replace", "value": {"members": []}}),
    ] {
        let (path, _) = group_of(session, 2, 0).await?;
        changed(session, &path, json!([operation])).await?;
        ensure_eq!(session.get(&path).await?.expect(200)?.json["members"], json!([]), "the members after {operation}");
    }
    Ok(())
}

async fn rfc7644_s3_5_2_2_removing_who_is_no_member_changes_nothing(session: &Session) -> Verdict {
    let (path, ids) = group_of(session, 1, 1).await?;
    let before = session.get(&path).await?;
    for id in [ids.last().map_or("", String::as_str), "nobody-has-this-id"] {
        changed(session, &path, json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}])).await?;
        changed(session, &path, json!([{"op": "remove", "path": "members", "value": [{"value": id}]}])).await?;
    }
    ensure_eq!(session.get(&path).await?.expect(200)?.json, before.json, "the group");
    Ok(())
}

async fn rfc7644_s3_5_2_3_members_are_replaced(session: &Session) -> Verdict {
    let (path, ids) = group_of(session, 2, 1).await?;
    let [_, two, three] = ids.as_slice() else { return Ok(()) };
    let value = json!([{"value": three, "display": "Three"}, {"value": two}]);
    changed(session, &path, json!([{"op": "replace", "path": "members", "value": value}])).await?;
    has_members(session, &path, &[two, three]).await
}

async fn rfc7644_s3_5_2_members_come_and_go_in_one_request(session: &Session) -> Verdict {
    let (path, ids) = group_of(session, 2, 1).await?;
    let [one, two, three] = ids.as_slice() else { return Ok(()) };
    let operations = json!([
        {"op": "remove", "path": format!("members[value eq \"{one}\"]")},
        {"op": "add", "path": "members", "value": [{"value": three}, {"value": one}]},
        {"op": "remove", "path": "members", "value": [{"value": two}]},
        {"op": "replace", "path": "externalId", "value": "x"},
    ]);
    changed(session, &path, operations).await?;
    has_members(session, &path, &[one, three]).await?;
    ensure_eq!(session.get(&path).await?.json["externalId"], json!("x"), "externalId");
    Ok(())
}

async fn rfc7644_s3_5_2_an_unknown_member_is_refused_and_nothing_happens(session: &Session) -> Verdict {
    let (path, ids) = group_of(session, 1, 1).await?;
    let before = session.get(&path).await?;
    let value = json!([{"value": ids.last()}, {"value": "nobody-has-this-id"}]);
    let operations = json!([
        {"op": "replace", "path": "externalId", "value": "x"}, {"op": "add", "path": "members", "value": value},
    ]);
    let answer = session.patch(&path, &operations).await?;
    answer.is_error(400, "invalidValue")?;
    ensure!(answer.detail().contains("nobody-has-this-id"), "the member is not named: {}", answer.detail());
    ensure_eq!(session.get(&path).await?.expect(200)?.json, before.json, "the group");
    Ok(())
}

async fn a_change_of_members_is_a_new_version(session: &Session) -> Verdict {
    let (path, ids) = group_of(session, 1, 1).await?;
    let before = session.get(&path).await?;
    let value = json!([{"value": ids.last()}]);
    let answer = changed(session, &path, json!([{"op": "add", "path": "members", "value": value}])).await?;
    ensure!(answer.etag()? != before.etag()?, "the version is the same after a member came");
    ensure_eq!(session.get(&path).await?.etag()?, answer.etag()?, "the version that is read afterwards");
    Ok(())
}

async fn renaming_a_group_keeps_its_members(session: &Session) -> Verdict {
    let (path, ids) = group_of(session, 2, 0).await?;
    let name = session.name("renamed");
    let value = json!({"id": path.rsplit('/').next(), "displayName": name});
    changed(session, &path, json!([{"op": "replace", "value": value}])).await?;
    ensure_eq!(session.get(&path).await?.json["displayName"], json!(name), "displayName");
    has_members(session, &path, &ids.iter().collect::<Vec<_>>()).await
}

/// How many members a group has that is just echoed.
fn most() -> usize {
    limits().echoed_members
}

async fn a_large_group_is_not_echoed_by_patch(session: &Session) -> Verdict {
    let (path, ids) = group_of(session, most(), 1).await?;
    let external_id = |id: &str| json!([{"op": "replace", "path": "externalId", "value": id}]);
    let echoed = session.patch(&path, &external_id("1")).await?.expect(200)?;
    ensure_eq!(values(&echoed.json["members"]).len(), most(), "the number of members that are answered");
    let value = json!([{"value": ids.last()}]);
    let added = json!([{"op": "add", "path": "members", "value": value}]);
    for operations in [added, external_id("2")] {
        let answer = session.patch(&path, &operations).await?.expect(204)?;
        ensure!(answer.body.is_empty(), "204 has a body");
        ensure_eq!(answer.etag()?, session.get(&path).await?.etag()?, "the ETag of 204, and of what is read");
    }
    has_members(session, &path, &ids.iter().collect::<Vec<_>>()).await
}

async fn a_large_group_is_answered_where_attributes_are_named(session: &Session) -> Verdict {
    let (path, ids) = group_of(session, most().saturating_add(1), 0).await?;
    let operations = super::check::patch_body(&json!([{"op": "replace", "path": "externalId", "value": "1"}]));
    let without = target(&path, &[("excludedAttributes", "members")]);
    let answer = session.request("PATCH", &without, &[], Some(&operations)).await?.expect(200)?;
    ensure_eq!(
        (&answer.json["externalId"], &answer.json["members"]),
        (&json!("1"), &Value::Null),
        "externalId and members"
    );
    let with = target(&path, &[("attributes", "members.value")]);
    let answer = session.request("PATCH", &with, &[], Some(&operations)).await?.expect(200)?;
    ensure_eq!(values(&answer.json["members"]).len(), ids.len(), "the number of members that are answered");
    Ok(())
}

async fn a_large_group_is_read_whole_or_without_members(session: &Session) -> Verdict {
    let (path, ids) = group_of(session, limits().members_per_request, 0).await?;
    has_members(session, &path, &ids.iter().collect::<Vec<_>>()).await?;
    let read = session.query(&path, &[("excludedAttributes", "members")]).await?.expect(200)?;
    ensure!(read.json.get("members").is_none(), "members are excluded, and there");
    let listed = session.query("/Groups", &[("excludedAttributes", "members"), ("count", "3")]).await?;
    ensure!(listed.page()?.iter().all(|group| group.get("members").is_none()), "members are excluded, and listed");
    Ok(())
}
