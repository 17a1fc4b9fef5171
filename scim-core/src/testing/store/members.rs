//! The members of groups (RFC 7643 s4.2).

use std::sync::Arc;

use serde_json::{json, Value};

use super::check::{check, ensure, ensure_eq, ensure_error, Check, Failure, Verdict};
use super::fixture::{attributes, ids, member, Fixture};
use crate::limits::Limits;
use crate::resource::{Member, Resource, ResourceId};
use crate::store::{MembersUpdate, NewResource, StoreError, Update};

pub(super) const CHECKS: &[Check] = &[
    check!(groups_without_members_have_no_members_attribute, [DetachedMembers]),
    check!(members_are_those_given_at_create, [DetachedMembers]),
    check!(members_are_in_what_create_returns, [DetachedMembers]),
    check!(members_may_be_groups, [DetachedMembers]),
    check!(members_may_be_users_and_groups_at_once, [DetachedMembers]),
    check!(member_type_and_display_are_kept, [DetachedMembers]),
    check!(member_type_is_found_out, [DetachedMembers]),
    check!(member_type_of_a_user_is_not_believed, [DetachedMembers]),
    check!(member_type_of_a_group_is_not_believed, [DetachedMembers]),
    check!(member_of_a_type_that_members_cannot_be_is_unknown, [DetachedMembers, CustomTypes]),
    check!(member_display_is_absent_if_none_was_given, [DetachedMembers]),
    check!(unknown_member_at_create_is_refused, [DetachedMembers]),
    check!(unknown_member_at_create_leaves_nothing, [DetachedMembers]),
    check!(deleted_member_is_unknown, [DetachedMembers]),
    check!(too_many_members_at_create_are_refused, [DetachedMembers]),
    check!(too_many_members_at_update_are_refused, [DetachedMembers]),
    check!(document_update_keeps_the_members, [DetachedMembers]),
    check!(delete_of_a_member_takes_it_out_of_its_groups, [DetachedMembers]),
    check!(delete_of_a_member_gives_the_group_another_version, [DetachedMembers]),
    check!(delete_of_a_nested_group_takes_it_out_of_its_groups, [DetachedMembers]),
    check!(delete_of_a_group_leaves_its_members, [DetachedMembers]),
    check!(a_name_is_no_member_of_a_group_of_the_same_name, [DetachedMembers, Filter]),
    check!(filter_members_by_value, [DetachedMembers, Filter]),
    check!(filter_members_by_value_and_id, [DetachedMembers, Filter]),
    check!(filter_members_follows_changes, [DetachedMembers, Filter]),
    check!(filter_members_by_type_and_presence, [DetachedMembers, Filter]),
    check!(members_in_the_document_are_kept, [AttachedMembers]),
    check!(members_in_the_document_are_updated, [AttachedMembers]),
];

/// The element of `members` that names this resource.
async fn element(fixture: &Fixture, group: &Resource, member: &Resource) -> Result<Value, Failure> {
    let group = fixture.read(&fixture.groups, &group.id).await?;
    let names_it = |element: &&Value| element.get("value").and_then(Value::as_str) == Some(member.id.as_str());
    let found = group.attributes.values("members").iter().find(names_it).cloned();
    found.ok_or_else(|| Failure::new("the member is not in the group"))
}

async fn groups_without_members_have_no_members_attribute(fixture: &Fixture) -> Verdict {
    let group = fixture.group("staff", &[]).await?;
    ensure_eq!(group.attributes.get("members"), None, "members of a group without members");
    let read = fixture.read(&fixture.groups, &group.id).await?;
    ensure_eq!(read, group, "what is read after create");
    ensure!(!read.members_left_out, "members are said to be left out of a group that has none");
    Ok(())
}

async fn members_are_those_given_at_create(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(3).await?;
    let group = fixture.group("staff", &users.iter().take(2).collect::<Vec<_>>()).await?;
    fixture.expect_members(&group, &users.iter().take(2).collect::<Vec<_>>(), "after create").await
}

async fn members_are_in_what_create_returns(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(2).await?;
    let group = fixture.group("staff", &users.iter().collect::<Vec<_>>()).await?;
    ensure_eq!(group.attributes.values("members").len(), 2, "the members that create returns");
    ensure_eq!(fixture.read(&fixture.groups, &group.id).await?, group, "what is read after create");
    Ok(())
}

async fn members_may_be_groups(fixture: &Fixture) -> Verdict {
    let inner = fixture.group("inner", &[]).await?;
    let outer = fixture.group("outer", &[&inner]).await?;
    fixture.expect_members(&outer, &[&inner], "of the outer group").await?;
    fixture.expect_members(&inner, &[], "of the inner group").await
}

async fn members_may_be_users_and_groups_at_once(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let inner = fixture.group("inner", &[&anna]).await?;
    let outer = fixture.group("outer", &[&inner, &anna]).await?;
    fixture.expect_members(&outer, &[&anna, &inner], "of the outer group").await?;
    fixture.expect_members(&inner, &[&anna], "of the inner group").await
}

async fn member_type_and_display_are_kept(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let new = NewResource::new(attributes(json!({"displayName": "staff"})));
    let given = member(&anna).with_kind("User").with_display("Anna \"A\" Ahn");
    let group = fixture.store.create(&fixture.groups, new.with_members([given])).await?;
    let expected = json!({"value": anna.id.as_str(), "type": "User", "display": "Anna \"A\" Ahn"});
    ensure_eq!(element(fixture, &group, &anna).await?, expected, "the member");
    Ok(())
}

async fn member_type_is_found_out(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let inner = fixture.group("inner", &[]).await?;
    let outer = fixture.group("outer", &[&anna, &inner]).await?;
    for (member, kind) in [(&anna, "User"), (&inner, "Group")] {
        let element = element(fixture, &outer, member).await?;
        ensure_eq!(element.get("type"), Some(&json!(kind)), "the type of a member that came without");
    }
    Ok(())
}

/// Names a resource as a member with types that it is not of, in every way that there is, and expects its own.
async fn expect_own_type(fixture: &Fixture, resource: &Resource, own: &str) -> Verdict {
    let claims = ["User", "Group", "user", "group", "Probe", "ROBOT", ""].map(|kind| member(resource).with_kind(kind));
    for (number, claim) in claims.into_iter().enumerate() {
        let new = NewResource::new(attributes(json!({"displayName": format!("created-{number}")})));
        let created = fixture.store.create(&fixture.groups, new.with_members([claim.clone()])).await?;
        let added = fixture.group(&format!("added-{number}"), &[]).await?;
        let delta = MembersUpdate::Delta { add: vec![claim.clone()], remove: Vec::new() };
        fixture.change(&added, delta).await?;
        let set = fixture.group(&format!("set-{number}"), &[resource]).await?;
        let after = fixture.change(&set, MembersUpdate::Set(vec![claim.clone()])).await?;
        ensure_eq!(after.meta.version, set.meta.version, "the version after a type that was not believed");
        for (group, how) in [(&created, "created"), (&added, "added"), (&set, "set")] {
            let element = element(fixture, group, resource).await?;
            ensure_eq!(element.get("type"), Some(&json!(own)), "the type of a member {how} as {:?}", claim.kind);
        }
    }
    Ok(())
}

async fn member_type_of_a_user_is_not_believed(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    expect_own_type(fixture, &anna, "User").await
}

async fn member_type_of_a_group_is_not_believed(fixture: &Fixture) -> Verdict {
    let inner = fixture.group("inner", &[]).await?;
    expect_own_type(fixture, &inner, "Group").await
}

async fn member_of_a_type_that_members_cannot_be_is_unknown(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let probe = fixture.create(&fixture.probes, json!({"name": "p"})).await?;
    let group = fixture.group("staff", &[&anna]).await?;
    for claim in [member(&probe), member(&probe).with_kind("User"), member(&probe).with_kind("Probe")] {
        let new = NewResource::new(attributes(json!({"displayName": "crew"})));
        let created = fixture.store.create(&fixture.groups, new.with_members([claim.clone()])).await;
        let delta = MembersUpdate::Delta { add: vec![claim.clone()], remove: Vec::new() };
        let added = fixture.change(&group, delta).await;
        let set = fixture.change(&group, MembersUpdate::Set(vec![member(&anna), claim])).await;
        for result in [created, added, set] {
            ensure_error!(result, StoreError::UnknownMembers(ref ids) if *ids == [probe.id.clone()], "a probe as a member");
        }
    }
    fixture.expect_members(&group, &[&anna], "after the refused updates").await
}

async fn member_display_is_absent_if_none_was_given(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let group = fixture.group("staff", &[&anna]).await?;
    let element = element(fixture, &group, &anna).await?;
    ensure!(element.get("display").is_none_or(Value::is_string), "display is no string: {element}");
    Ok(())
}

async fn unknown_member_at_create_is_refused(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    for unknown in [ResourceId::random(), ResourceId::new("no-such-id"), ResourceId::new("-1")] {
        let new = NewResource::new(attributes(json!({"displayName": "staff"})));
        let new = new.with_members([member(&anna), Member::new(unknown.clone())]);
        let result = fixture.store.create(&fixture.groups, new).await;
        ensure_error!(result, StoreError::UnknownMembers(ref ids) if ids.contains(&unknown), "an unknown member");
    }
    Ok(())
}

async fn unknown_member_at_create_leaves_nothing(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let new = NewResource::new(attributes(json!({"displayName": "staff"})));
    let new = new.with_members([member(&anna), Member::new(ResourceId::random())]);
    ensure!(fixture.store.create(&fixture.groups, new).await.is_err(), "an unknown member was taken");
    ensure_eq!(fixture.list(&fixture.groups, None).await?.total, Some(0), "how many groups there are");
    ensure_eq!(fixture.group_ids(&anna).await?, [], "the groups of the other member");
    fixture.group("staff", &[]).await?;
    Ok(())
}

async fn deleted_member_is_unknown(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    fixture.store.delete(&fixture.users, &anna.id, None).await?;
    let result = fixture.group("staff", &[&anna]).await;
    ensure_error!(result, StoreError::UnknownMembers(_), "a member that was deleted");
    Ok(())
}

/// The context of groups with at most two members.
fn two_members(fixture: &Fixture) -> crate::Context {
    let mut cx = fixture.groups.clone();
    cx.limits = Arc::new(Limits { members_per_group: 2, ..Limits::default() });
    cx
}

async fn too_many_members_at_create_are_refused(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(3).await?;
    let cx = two_members(fixture);
    let new = NewResource::new(attributes(json!({"displayName": "staff"})));
    let result = fixture.store.create(&cx, new.clone().with_members(users.iter().map(member))).await;
    ensure_error!(result, StoreError::TooManyMembers, "three members where two are allowed");
    fixture.store.create(&cx, new.with_members(users.iter().take(2).map(member))).await?;
    Ok(())
}

async fn too_many_members_at_update_are_refused(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(3).await?;
    let two: Vec<&Resource> = users.iter().take(2).collect();
    let group = fixture.group("staff", &two).await?;
    let cx = two_members(fixture);
    let one_more = MembersUpdate::Delta { add: users.iter().map(member).collect(), remove: Vec::new() };
    for change in [one_more, MembersUpdate::Set(users.iter().map(member).collect())] {
        let result = fixture.store.update(&cx, &group.id, Update::members(change)).await;
        ensure_error!(result, StoreError::TooManyMembers, "a third member where two are allowed");
    }
    fixture.expect_members(&group, &two, "after the refused updates").await?;
    let same = MembersUpdate::Delta { add: two.iter().copied().map(member).collect(), remove: Vec::new() };
    fixture.store.update(&cx, &group.id, Update::members(same)).await?;
    Ok(())
}

async fn document_update_keeps_the_members(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let group = fixture.group("staff", &[&anna]).await?;
    let changed = fixture.put(&fixture.groups, &group.id, json!({"displayName": "crew"})).await?;
    ensure_eq!(changed.attributes.values("members").len(), 1, "the members that update returns");
    fixture.expect_members(&group, &[&anna], "after an update of the document").await
}

async fn delete_of_a_member_takes_it_out_of_its_groups(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    let both = fixture.group("both", &[&anna, &bert]).await?;
    let alone = fixture.group("alone", &[&anna]).await?;
    fixture.store.delete(&fixture.users, &anna.id, None).await?;
    fixture.expect_members(&both, &[&bert], "after a member was deleted").await?;
    fixture.expect_members(&alone, &[], "after the only member was deleted").await
}

async fn delete_of_a_member_gives_the_group_another_version(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    let group = fixture.group("staff", &[&anna]).await?;
    let other = fixture.group("others", &[&bert]).await?;
    fixture.store.delete(&fixture.users, &anna.id, None).await?;
    let version = fixture.read(&fixture.groups, &group.id).await?.meta.version;
    ensure!(version != group.meta.version, "the members changed and the version is the same");
    let version = fixture.read(&fixture.groups, &other.id).await?.meta.version;
    ensure_eq!(version, other.meta.version, "the version of a group that had nothing to do with it");
    Ok(())
}

async fn delete_of_a_nested_group_takes_it_out_of_its_groups(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let inner = fixture.group("inner", &[&anna]).await?;
    let outer = fixture.group("outer", &[&inner, &anna]).await?;
    fixture.store.delete(&fixture.groups, &inner.id, None).await?;
    fixture.expect_members(&outer, &[&anna], "after a nested group was deleted").await?;
    ensure_eq!(fixture.group_ids(&anna).await?, [outer.id], "the groups of its member");
    Ok(())
}

async fn delete_of_a_group_leaves_its_members(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let group = fixture.group("staff", &[&anna]).await?;
    fixture.store.delete(&fixture.groups, &group.id, None).await?;
    ensure_eq!(fixture.read(&fixture.users, &anna.id).await?, anna, "the member after its group was deleted");
    let again = fixture.group("staff", &[]).await?;
    fixture.expect_members(&again, &[], "of another group of the name").await
}

async fn a_name_is_no_member_of_a_group_of_the_same_name(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    fixture.group("staff", &[&anna]).await?;
    for name in ["anna", "staff", ""] {
        let page = fixture.list(&fixture.groups, Some(&format!(r#"members.value eq "{name}""#))).await?;
        ensure!(page.resources.is_empty(), "a group is found by a member's name {name:?} in place of its id");
    }
    Ok(())
}

async fn filter_members_by_value(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    let both = fixture.group("both", &[&anna, &bert]).await?;
    let alone = fixture.group("alone", &[&bert]).await?;
    fixture.group("nobody", &[]).await?;
    for form in ["members eq ", "members.value eq ", "members[value eq "] {
        let end = if form.contains('[') { "]" } else { "" };
        for (user, expected) in [(&anna, vec![&both]), (&bert, vec![&both, &alone])] {
            let filter = format!(r#"{form}"{}"{end}"#, user.id);
            let page = fixture.list(&fixture.groups, Some(&filter)).await?;
            let mut found = ids(&page.resources);
            found.sort_unstable();
            ensure_eq!(found, super::fixture::sorted_ids(expected), "{filter}");
            ensure_eq!(page.total, Some(found.len()), "the total of {filter}");
        }
    }
    Ok(())
}

async fn filter_members_by_value_and_id(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    let group = fixture.group("staff", &[&anna]).await?;
    for (user, total) in [(&anna, 1), (&bert, 0)] {
        let (id, member) = (format!(r#"id eq "{}""#, group.id), format!(r#"members eq "{}""#, user.id));
        for filter in [format!("{id} and {member}"), format!("{member} and {id}")] {
            ensure_eq!(fixture.list(&fixture.groups, Some(&filter)).await?.total, Some(total), "{filter}");
        }
    }
    Ok(())
}

async fn filter_members_follows_changes(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    let group = fixture.group("staff", &[&anna]).await?;
    let delta = MembersUpdate::Delta { add: vec![member(&bert)], remove: vec![anna.id.clone()] };
    fixture.change(&group, delta).await?;
    for (user, total) in [(&anna, 0), (&bert, 1)] {
        let filter = format!(r#"members.value eq "{}""#, user.id);
        ensure_eq!(fixture.list(&fixture.groups, Some(&filter)).await?.total, Some(total), "{filter}");
    }
    Ok(())
}

async fn filter_members_by_type_and_presence(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let inner = fixture.group("inner", &[&anna]).await?;
    fixture.group("outer", &[&inner]).await?;
    fixture.group("empty", &[]).await?;
    for (filter, expected) in [
        ("members pr", vec!["inner", "outer"]),
        ("not (members pr)", vec!["empty"]),
        (r#"members.type eq "Group""#, vec!["outer"]),
        (r#"members[type eq "User"]"#, vec!["inner"]),
    ] {
        let page = fixture.list(&fixture.groups, Some(filter)).await?;
        let mut found = super::fixture::names(&page.resources, "displayName");
        found.sort_unstable();
        ensure_eq!(found, expected, "{filter}");
    }
    Ok(())
}

async fn members_in_the_document_are_kept(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let document = json!({"displayName": "staff", "members": [{"value": anna.id.as_str(), "type": "User"}]});
    let group = fixture.create(&fixture.groups, document.clone()).await?;
    let read = fixture.read(&fixture.groups, &group.id).await?;
    ensure_eq!(read.attributes, attributes(document), "the document with its members");
    Ok(())
}

async fn members_in_the_document_are_updated(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    let with = |user: &Resource| json!({"displayName": "staff", "members": [{"value": user.id.as_str()}]});
    let group = fixture.create(&fixture.groups, with(&anna)).await?;
    let changed = fixture.put(&fixture.groups, &group.id, with(&bert)).await?;
    ensure!(changed.meta.version != group.meta.version, "the members changed and the version is the same");
    fixture.expect_members(&group, &[&bert], "after an update").await
}
