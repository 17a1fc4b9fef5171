//! Changes of a group's membership: deltas and sets (RFC 7644 s3.5.2).

use serde_json::json;

use super::check::{check, ensure, ensure_eq, ensure_error, Check, Verdict};
use super::fixture::{attributes, member, Fixture};
use crate::resource::{Member, Resource, ResourceId};
use crate::store::{MembersUpdate, StoreError, Update};

pub(super) const CHECKS: &[Check] = &[
    check!(delta_adds_a_member, [DetachedMembers]),
    check!(delta_removes_a_member, [DetachedMembers]),
    check!(delta_adds_and_removes_at_once, [DetachedMembers]),
    check!(delta_adding_a_present_member_is_no_error, [DetachedMembers]),
    check!(delta_adding_a_present_member_is_no_change, [DetachedMembers]),
    check!(delta_removing_an_absent_member_is_no_error, [DetachedMembers]),
    check!(delta_removing_an_absent_member_is_no_change, [DetachedMembers]),
    check!(delta_removing_what_does_not_exist_is_no_error, [DetachedMembers]),
    check!(delta_with_nothing_in_it_is_no_change, [DetachedMembers]),
    check!(delta_adding_an_unknown_member_is_refused, [DetachedMembers]),
    check!(delta_that_is_refused_changes_nothing, [DetachedMembers]),
    check!(delta_gives_another_version, [DetachedMembers]),
    check!(delta_removes_the_last_member, [DetachedMembers]),
    check!(delta_of_many_members, [DetachedMembers]),
    check!(delta_of_one_group_leaves_the_others, [DetachedMembers]),
    check!(set_replaces_the_members, [DetachedMembers]),
    check!(set_to_nothing_removes_all_members, [DetachedMembers]),
    check!(set_gives_another_version, [DetachedMembers]),
    check!(set_of_the_present_members_is_no_change, [DetachedMembers]),
    check!(set_of_an_unknown_member_is_refused, [DetachedMembers]),
    check!(set_that_is_refused_changes_nothing, [DetachedMembers]),
    check!(members_and_document_change_in_one_step, [DetachedMembers]),
    check!(members_are_not_changed_if_the_name_is_taken, [DetachedMembers]),
    check!(document_is_not_changed_if_a_member_is_unknown, [DetachedMembers]),
    check!(members_are_not_changed_if_the_version_is_stale, [DetachedMembers]),
    check!(members_update_with_the_current_version_is_done, [DetachedMembers]),
    check!(members_update_of_an_unknown_group_is_not_found, [DetachedMembers]),
    check!(members_update_returns_what_is_read_afterwards, [DetachedMembers]),
    check!(removed_member_may_come_back, [DetachedMembers]),
    check!(groups_may_contain_each_other, [DetachedMembers]),
];

fn add(members: &[&Resource]) -> MembersUpdate {
    MembersUpdate::Delta { add: members.iter().copied().map(member).collect(), remove: Vec::new() }
}

fn remove(members: &[&Resource]) -> MembersUpdate {
    MembersUpdate::Delta { add: Vec::new(), remove: members.iter().map(|member| member.id.clone()).collect() }
}

fn set(members: &[&Resource]) -> MembersUpdate {
    MembersUpdate::Set(members.iter().copied().map(member).collect())
}

/// Two users, and a group in which the first of them is.
async fn one_of_two(fixture: &Fixture) -> Result<(Resource, Resource, Resource), StoreError> {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    let group = fixture.group("staff", &[&anna]).await?;
    Ok((group, anna, bert))
}

/// Fails the check unless the change is done and leaves the group as it is, with version and lastModified.
async fn expect_no_change(fixture: &Fixture, group: &Resource, change: MembersUpdate) -> Verdict {
    let returned = fixture.change(group, change).await?;
    ensure_eq!(returned, *group, "what the update returns");
    ensure_eq!(fixture.read(&fixture.groups, &group.id).await?, *group, "the group afterwards");
    Ok(())
}

async fn delta_adds_a_member(fixture: &Fixture) -> Verdict {
    let (group, anna, bert) = one_of_two(fixture).await?;
    fixture.change(&group, add(&[&bert])).await?;
    fixture.expect_members(&group, &[&anna, &bert], "after one was added").await
}

async fn delta_removes_a_member(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    let group = fixture.group("staff", &[&anna, &bert]).await?;
    fixture.change(&group, remove(&[&anna])).await?;
    fixture.expect_members(&group, &[&bert], "after one was removed").await
}

async fn delta_adds_and_removes_at_once(fixture: &Fixture) -> Verdict {
    let (group, anna, bert) = one_of_two(fixture).await?;
    let change = MembersUpdate::Delta { add: vec![member(&bert)], remove: vec![anna.id] };
    fixture.change(&group, change).await?;
    fixture.expect_members(&group, &[&bert], "after one was added and one removed").await
}

async fn delta_adding_a_present_member_is_no_error(fixture: &Fixture) -> Verdict {
    let (group, anna, bert) = one_of_two(fixture).await?;
    fixture.change(&group, add(&[&anna, &bert])).await?;
    fixture.expect_members(&group, &[&anna, &bert], "after one was added that was there").await
}

async fn delta_adding_a_present_member_is_no_change(fixture: &Fixture) -> Verdict {
    let (group, anna, _) = one_of_two(fixture).await?;
    expect_no_change(fixture, &group, add(&[&anna])).await
}

async fn delta_removing_an_absent_member_is_no_error(fixture: &Fixture) -> Verdict {
    let (group, anna, bert) = one_of_two(fixture).await?;
    fixture.change(&group, remove(&[&bert, &anna])).await?;
    fixture.expect_members(&group, &[], "after one was removed that was not there").await
}

async fn delta_removing_an_absent_member_is_no_change(fixture: &Fixture) -> Verdict {
    let (group, _, bert) = one_of_two(fixture).await?;
    expect_no_change(fixture, &group, remove(&[&bert])).await
}

async fn delta_removing_what_does_not_exist_is_no_error(fixture: &Fixture) -> Verdict {
    let (group, ..) = one_of_two(fixture).await?;
    let ids = vec![ResourceId::random(), ResourceId::new("no-such-id"), ResourceId::new("-1")];
    expect_no_change(fixture, &group, MembersUpdate::Delta { add: Vec::new(), remove: ids }).await
}

async fn delta_with_nothing_in_it_is_no_change(fixture: &Fixture) -> Verdict {
    let (group, ..) = one_of_two(fixture).await?;
    expect_no_change(fixture, &group, add(&[])).await
}

async fn delta_adding_an_unknown_member_is_refused(fixture: &Fixture) -> Verdict {
    let (group, ..) = one_of_two(fixture).await?;
    for unknown in [ResourceId::random(), ResourceId::new("no-such-id")] {
        let change = MembersUpdate::Delta { add: vec![Member::new(unknown.clone())], remove: Vec::new() };
        let result = fixture.change(&group, change).await;
        ensure_error!(result, StoreError::UnknownMembers(ref ids) if ids.contains(&unknown), "adding what is unknown");
    }
    Ok(())
}

async fn delta_that_is_refused_changes_nothing(fixture: &Fixture) -> Verdict {
    let (group, anna, bert) = one_of_two(fixture).await?;
    let unknown = Member::new(ResourceId::random());
    let change = MembersUpdate::Delta { add: vec![member(&bert), unknown], remove: vec![anna.id] };
    ensure!(fixture.change(&group, change).await.is_err(), "an unknown member was taken");
    ensure_eq!(fixture.read(&fixture.groups, &group.id).await?, group, "the group after a refused delta");
    Ok(())
}

async fn delta_gives_another_version(fixture: &Fixture) -> Verdict {
    let (group, _, bert) = one_of_two(fixture).await?;
    let more = fixture.change(&group, add(&[&bert])).await?;
    ensure!(more.meta.version != group.meta.version, "a member was added and the version is the same");
    let fewer = fixture.change(&group, remove(&[&bert])).await?;
    let is_new = fewer.meta.version != more.meta.version && fewer.meta.version != group.meta.version;
    ensure!(is_new, "a member was removed and the version is not a new one");
    Ok(())
}

async fn delta_removes_the_last_member(fixture: &Fixture) -> Verdict {
    let (group, anna, _) = one_of_two(fixture).await?;
    let changed = fixture.change(&group, remove(&[&anna])).await?;
    ensure_eq!(changed.attributes.get("members"), None, "members of a group that has none any more");
    fixture.expect_members(&group, &[], "after the last was removed").await
}

async fn delta_of_many_members(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(300).await?;
    let group = fixture.group("staff", &[]).await?;
    let all: Vec<&Resource> = users.iter().collect();
    fixture.change(&group, add(&all)).await?;
    fixture.expect_members(&group, &all, "after 300 were added").await?;
    let (gone, left): (Vec<_>, Vec<_>) = users.iter().enumerate().partition(|(number, _)| number % 3 != 0);
    let gone: Vec<&Resource> = gone.into_iter().map(|(_, user)| user).collect();
    let left: Vec<&Resource> = left.into_iter().map(|(_, user)| user).collect();
    fixture.change(&group, remove(&gone)).await?;
    fixture.expect_members(&group, &left, "after 200 were removed").await
}

async fn delta_of_one_group_leaves_the_others(fixture: &Fixture) -> Verdict {
    let (group, anna, bert) = one_of_two(fixture).await?;
    let other = fixture.group("others", &[&anna]).await?;
    let change = MembersUpdate::Delta { add: vec![member(&bert)], remove: vec![anna.id] };
    fixture.change(&group, change).await?;
    ensure_eq!(fixture.read(&fixture.groups, &other.id).await?, other, "another group with the member");
    Ok(())
}

async fn set_replaces_the_members(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(4).await?;
    let all: Vec<&Resource> = users.iter().collect();
    let (before, after) =
        (all.iter().take(2).copied().collect::<Vec<_>>(), all.iter().skip(1).copied().collect::<Vec<_>>());
    let group = fixture.group("staff", &before).await?;
    fixture.change(&group, set(&after)).await?;
    fixture.expect_members(&group, &after, "after they were set").await
}

async fn set_to_nothing_removes_all_members(fixture: &Fixture) -> Verdict {
    let (group, anna, _) = one_of_two(fixture).await?;
    let changed = fixture.change(&group, set(&[])).await?;
    ensure_eq!(changed.attributes.get("members"), None, "members of a group that has none any more");
    fixture.expect_members(&group, &[], "after they were set to nothing").await?;
    ensure_eq!(fixture.group_ids(&anna).await?, [], "the groups of who was a member");
    Ok(())
}

async fn set_gives_another_version(fixture: &Fixture) -> Verdict {
    let (group, _, bert) = one_of_two(fixture).await?;
    let changed = fixture.change(&group, set(&[&bert])).await?;
    ensure!(changed.meta.version != group.meta.version, "the members were replaced and the version is the same");
    Ok(())
}

async fn set_of_the_present_members_is_no_change(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    let group = fixture.group("staff", &[&anna, &bert]).await?;
    expect_no_change(fixture, &group, set(&[&anna, &bert])).await?;
    expect_no_change(fixture, &group, set(&[&bert, &anna])).await
}

async fn set_of_an_unknown_member_is_refused(fixture: &Fixture) -> Verdict {
    let (group, anna, _) = one_of_two(fixture).await?;
    let unknown = ResourceId::random();
    let change = MembersUpdate::Set(vec![member(&anna), Member::new(unknown.clone())]);
    let result = fixture.change(&group, change).await;
    ensure_error!(result, StoreError::UnknownMembers(ref ids) if ids.contains(&unknown), "setting an unknown member");
    Ok(())
}

async fn set_that_is_refused_changes_nothing(fixture: &Fixture) -> Verdict {
    let (group, _, bert) = one_of_two(fixture).await?;
    let change = MembersUpdate::Set(vec![member(&bert), Member::new(ResourceId::random())]);
    ensure!(fixture.change(&group, change).await.is_err(), "an unknown member was taken");
    ensure_eq!(fixture.read(&fixture.groups, &group.id).await?, group, "the group after a refused set");
    Ok(())
}

/// A change of the name and of the members.
fn renamed(name: &str, members: MembersUpdate) -> Update {
    Update { members, ..Update::document(attributes(json!({"displayName": name}))) }
}

async fn members_and_document_change_in_one_step(fixture: &Fixture) -> Verdict {
    let (group, anna, bert) = one_of_two(fixture).await?;
    let changed = fixture.store.update(&fixture.groups, &group.id, renamed("crew", add(&[&bert]))).await?;
    ensure_eq!(changed.attributes.string("displayName"), Some("crew"), "the name after the update");
    fixture.expect_members(&group, &[&anna, &bert], "after the update").await
}

async fn members_are_not_changed_if_the_name_is_taken(fixture: &Fixture) -> Verdict {
    let (group, _, bert) = one_of_two(fixture).await?;
    fixture.group("crew", &[]).await?;
    for members in [add(&[&bert]), set(&[&bert])] {
        let result = fixture.store.update(&fixture.groups, &group.id, renamed("Crew", members)).await;
        ensure_error!(result, StoreError::Uniqueness { .. }, "a taken name");
        ensure_eq!(fixture.read(&fixture.groups, &group.id).await?, group, "the group after a refused update");
    }
    ensure_eq!(fixture.group_ids(&bert).await?, [], "the groups of who was to be a member");
    Ok(())
}

async fn document_is_not_changed_if_a_member_is_unknown(fixture: &Fixture) -> Verdict {
    let (group, ..) = one_of_two(fixture).await?;
    let unknown = MembersUpdate::Delta { add: vec![Member::new(ResourceId::random())], remove: Vec::new() };
    let result = fixture.store.update(&fixture.groups, &group.id, renamed("crew", unknown)).await;
    ensure_error!(result, StoreError::UnknownMembers(_), "an unknown member");
    ensure_eq!(fixture.read(&fixture.groups, &group.id).await?, group, "the group after a refused update");
    fixture.group("crew", &[]).await?;
    Ok(())
}

async fn members_are_not_changed_if_the_version_is_stale(fixture: &Fixture) -> Verdict {
    let (group, _, bert) = one_of_two(fixture).await?;
    let current = fixture.put(&fixture.groups, &group.id, json!({"displayName": "crew"})).await?;
    for members in [add(&[&bert]), set(&[&bert])] {
        let update = Update::members(members).expecting(group.meta.version.clone());
        let result = fixture.store.update(&fixture.groups, &group.id, update).await;
        ensure_error!(result, StoreError::VersionMismatch, "members with a stale version");
        ensure_eq!(fixture.read(&fixture.groups, &group.id).await?, current, "the group after a refused update");
    }
    Ok(())
}

async fn members_update_with_the_current_version_is_done(fixture: &Fixture) -> Verdict {
    let (group, anna, bert) = one_of_two(fixture).await?;
    let update = Update::members(add(&[&bert])).expecting(group.meta.version.clone());
    let changed = fixture.store.update(&fixture.groups, &group.id, update).await?;
    let update = Update::members(remove(&[&anna])).expecting(group.meta.version.clone());
    let result = fixture.store.update(&fixture.groups, &group.id, update).await;
    ensure_error!(result, StoreError::VersionMismatch, "the version before a change of members");
    let update = Update::members(remove(&[&anna])).expecting(changed.meta.version);
    fixture.store.update(&fixture.groups, &group.id, update).await?;
    fixture.expect_members(&group, &[&bert], "after both changes").await
}

async fn members_update_of_an_unknown_group_is_not_found(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let result = fixture.store.update(&fixture.groups, &ResourceId::random(), Update::members(add(&[&anna]))).await;
    ensure_error!(result, StoreError::NotFound, "members of an unknown group");
    ensure_eq!(fixture.group_ids(&anna).await?, [], "the groups of the user");
    Ok(())
}

async fn members_update_returns_what_is_read_afterwards(fixture: &Fixture) -> Verdict {
    let (group, _, bert) = one_of_two(fixture).await?;
    let changed = fixture.change(&group, add(&[&bert])).await?;
    ensure_eq!(fixture.read(&fixture.groups, &group.id).await?, changed, "what is read after an update of members");
    ensure!(changed.meta.last_modified >= group.meta.last_modified, "lastModified went back");
    Ok(())
}

async fn removed_member_may_come_back(fixture: &Fixture) -> Verdict {
    let (group, anna, _) = one_of_two(fixture).await?;
    for _ in 0..2 {
        fixture.change(&group, remove(&[&anna])).await?;
        fixture.expect_members(&group, &[], "after the removal").await?;
        fixture.change(&group, add(&[&anna])).await?;
        fixture.expect_members(&group, &[&anna], "after the return").await?;
    }
    Ok(())
}

async fn groups_may_contain_each_other(fixture: &Fixture) -> Verdict {
    let inner = fixture.group("inner", &[]).await?;
    let outer = fixture.group("outer", &[&inner]).await?;
    fixture.change(&inner, add(&[&outer])).await?;
    fixture.expect_members(&inner, &[&outer], "of the inner group").await?;
    fixture.store.delete(&fixture.groups, &outer.id, None).await?;
    fixture.expect_members(&inner, &[], "after the outer group was deleted").await
}
