//! Moving a resource from one partition to another: soft deletion, its way back, adoption and migration.

use serde_json::json;

use super::check::{check, ensure, ensure_eq, ensure_error, Check, Verdict};
use super::fixture::{attributes, ids, member, Fixture};
use crate::context::Context;
use crate::resource::{Resource, ResourceId};
use crate::store::{Fetch, MembersUpdate, StoreError, Update};

pub(super) const CHECKS: &[Check] = &[
    check!(move_takes_the_resource_to_the_other_partition, [Partitions]),
    check!(move_leaves_nothing_to_be_found, [Partitions, Filter]),
    check!(move_is_found_by_filters_of_the_other_partition, [Partitions, Filter]),
    check!(move_keeps_id_and_created_and_gives_another_version, [Partitions]),
    check!(move_there_and_back_never_gives_a_version_again, [Partitions]),
    check!(move_replaces_the_document_at_once, [Partitions]),
    check!(move_to_where_it_is_changes_nothing, [Partitions]),
    check!(move_of_an_unknown_resource_is_not_found, [Partitions]),
    check!(move_with_the_version_is_done, [Partitions]),
    check!(move_with_a_stale_version_is_refused, [Partitions]),
    check!(move_to_a_taken_name_is_refused_and_changes_nothing, [Partitions]),
    check!(move_out_frees_the_name, [Partitions]),
    check!(move_to_removed_needs_no_free_name, [Partitions]),
    check!(move_back_to_a_taken_name_is_refused, [Partitions]),
    check!(move_to_another_tenant_is_refused, [Partitions, Tenants]),
    check!(moved_resource_is_changed_and_deleted_where_it_is, [Partitions]),
    check!(move_of_a_member_takes_it_out_of_its_groups, [Partitions, DetachedMembers]),
    check!(move_of_a_group_ends_its_memberships, [Partitions, DetachedMembers]),
    check!(move_there_and_back_brings_no_membership_back, [Partitions, DetachedMembers]),
    check!(move_of_a_group_sets_members_of_the_other_partition, [Partitions, DetachedMembers]),
    check!(move_of_a_group_with_an_unknown_member_is_refused, [Partitions, DetachedMembers]),
    check!(move_in_a_unit_that_is_committed_has_happened, [Partitions, UnitsOfWork]),
    check!(move_in_a_unit_that_is_rolled_back_has_not, [Partitions, UnitsOfWork]),
];

/// Users of the tenant's own partition, and those of a connection.
fn both(fixture: &Fixture) -> (Context, Context) {
    (fixture.users.clone(), fixture.users.within(fixture.connection("okta")))
}

/// Fails the check unless the resource is in the one partition, just so, and not in the other.
async fn expect_in(fixture: &Fixture, (here, not_there): (&Context, &Context), resource: &Resource) -> Verdict {
    ensure_eq!(&fixture.read(here, &resource.id).await?, resource, "the resource where it is");
    ensure!(!fixture.exists(not_there, &resource.id).await?, "the resource is in {:?} as well", not_there.partition());
    Ok(())
}

async fn move_takes_the_resource_to_the_other_partition(fixture: &Fixture) -> Verdict {
    let (own, okta) = both(fixture);
    for (from, to) in [(&own, &okta), (&okta, &own)] {
        let made = fixture.create(from, json!({"userName": "anna", "title": "Guide"})).await?;
        let moved = fixture.relocate(from, &made.id, to.partition()).await?;
        ensure_eq!(moved.attributes, made.attributes, "the document of what was moved");
        expect_in(fixture, (to, from), &moved).await?;
        ensure_eq!(fixture.list(from, None).await?.total, Some(0), "how many are left behind");
        ensure_eq!(ids(&fixture.list(to, None).await?.resources), [moved.id.clone()], "who is there");
        fixture.store.delete(to, &moved.id, None).await?;
    }
    Ok(())
}

async fn move_leaves_nothing_to_be_found(fixture: &Fixture) -> Verdict {
    let (own, okta) = both(fixture);
    let document = json!({"userName": "anna", "externalId": "7", "displayName": "Anna", "title": "Guide"});
    let anna = fixture.create(&own, document).await?;
    fixture.relocate(&own, &anna.id, okta.partition()).await?;
    let by_id = format!(r#"id eq "{}""#, anna.id);
    for filter in [r#"userName eq "anna""#, r#"externalId eq "7""#, r#"displayName eq "anna""#, "title pr", &by_id] {
        let page = fixture.list(&own, Some(filter)).await?;
        ensure!(page.resources.is_empty() && page.total == Some(0), "{filter} finds what was moved away");
    }
    Ok(())
}

async fn move_is_found_by_filters_of_the_other_partition(fixture: &Fixture) -> Verdict {
    let (own, okta) = both(fixture);
    let document = json!({"userName": "anna", "externalId": "7", "displayName": "Anna", "title": "Guide"});
    let anna = fixture.create(&own, document).await?;
    let moved = fixture.relocate(&own, &anna.id, okta.partition()).await?;
    let by_id = format!(r#"id eq "{}""#, anna.id);
    for filter in [r#"userName eq "anna""#, r#"externalId eq "7""#, r#"displayName eq "anna""#, "title pr", &by_id] {
        let page = fixture.list(&okta, Some(filter)).await?;
        ensure_eq!(page.resources, [moved.clone()], "what {filter} finds");
    }
    Ok(())
}

async fn move_keeps_id_and_created_and_gives_another_version(fixture: &Fixture) -> Verdict {
    let (own, okta) = both(fixture);
    let anna = fixture.create(&own, json!({"userName": "anna"})).await?;
    let moved = fixture.relocate(&own, &anna.id, okta.partition()).await?;
    ensure_eq!(moved.id, anna.id, "the id");
    ensure_eq!(moved.meta.created, anna.meta.created, "the time of creation");
    ensure!(moved.meta.version != anna.meta.version, "the version is the same after a move");
    ensure!(moved.meta.last_modified >= anna.meta.last_modified, "lastModified went back");
    Ok(())
}

async fn move_there_and_back_never_gives_a_version_again(fixture: &Fixture) -> Verdict {
    let (own, okta) = both(fixture);
    let anna = fixture.create(&own, json!({"userName": "anna"})).await?;
    let mut versions = vec![anna.meta.version.clone()];
    for _ in 0..3 {
        for (from, to) in [(&own, &okta), (&okta, &own)] {
            let moved = fixture.relocate(from, &anna.id, to.partition()).await?;
            ensure!(!versions.contains(&moved.meta.version), "a move gives a version again");
            versions.push(moved.meta.version);
        }
    }
    Ok(())
}

async fn move_replaces_the_document_at_once(fixture: &Fixture) -> Verdict {
    let (own, okta) = both(fixture);
    let anna = fixture.create(&own, json!({"userName": "anna", "title": "Guide"})).await?;
    let mut update = Update::moving(okta.partition().clone());
    update.attributes = Some(attributes(json!({"userName": "hannah"})));
    let moved = fixture.store.update(&own, &anna.id, update).await?;
    ensure_eq!(moved.attributes.string("userName"), Some("hannah"), "the name after the move");
    ensure_eq!(moved.attributes.string("title"), None, "the title after the move");
    expect_in(fixture, (&okta, &own), &moved).await?;
    fixture.create(&okta, json!({"userName": "anna"})).await?;
    let result = fixture.create(&okta, json!({"userName": "Hannah"})).await;
    ensure_error!(result, StoreError::Uniqueness { .. }, "the name that came with the move");
    Ok(())
}

async fn move_to_where_it_is_changes_nothing(fixture: &Fixture) -> Verdict {
    let (own, _) = both(fixture);
    let anna = fixture.create(&own, json!({"userName": "anna"})).await?;
    let moved = fixture.relocate(&own, &anna.id, own.partition()).await?;
    ensure_eq!(moved, anna, "what was moved to where it was");
    Ok(())
}

async fn move_of_an_unknown_resource_is_not_found(fixture: &Fixture) -> Verdict {
    let (own, okta) = both(fixture);
    let anna = fixture.create(&own, json!({"userName": "anna"})).await?;
    let result = fixture.relocate(&own, &ResourceId::random(), okta.partition()).await;
    ensure_error!(result, StoreError::NotFound, "a move of an unknown id");
    fixture.relocate(&own, &anna.id, okta.partition()).await?;
    let again = Update::moving(okta.partition().removed()).expecting(anna.meta.version);
    let result = fixture.store.update(&own, &anna.id, again).await;
    ensure_error!(result, StoreError::NotFound, "a move of what was moved away");
    Ok(())
}

async fn move_with_the_version_is_done(fixture: &Fixture) -> Verdict {
    let (own, okta) = both(fixture);
    let anna = fixture.create(&own, json!({"userName": "anna"})).await?;
    let update = Update::moving(okta.partition().clone()).expecting(anna.meta.version);
    let moved = fixture.store.update(&own, &anna.id, update).await?;
    let back = Update::moving(own.partition().clone()).expecting(moved.meta.version);
    let back = fixture.store.update(&okta, &anna.id, back).await?;
    expect_in(fixture, (&own, &okta), &back).await
}

async fn move_with_a_stale_version_is_refused(fixture: &Fixture) -> Verdict {
    let (own, okta) = both(fixture);
    let anna = fixture.create(&own, json!({"userName": "anna"})).await?;
    fixture.create(&okta, json!({"userName": "anna"})).await?;
    let changed = fixture.put(&own, &anna.id, json!({"userName": "anna", "title": "Guide"})).await?;
    let update = Update::moving(okta.partition().clone()).expecting(anna.meta.version);
    let result = fixture.store.update(&own, &anna.id, update).await;
    ensure_error!(result, StoreError::VersionMismatch, "a move with a stale version to a taken name");
    expect_in(fixture, (&own, &okta), &changed).await
}

async fn move_to_a_taken_name_is_refused_and_changes_nothing(fixture: &Fixture) -> Verdict {
    let (own, okta) = both(fixture);
    let anna = fixture.create(&own, json!({"userName": "anna"})).await?;
    let taken = fixture.create(&okta, json!({"userName": "ANNA"})).await?;
    let mut update = Update::moving(okta.partition().clone());
    update.attributes = Some(attributes(json!({"userName": "anna", "title": "Guide"})));
    for update in [Update::moving(okta.partition().clone()), update] {
        let result = fixture.store.update(&own, &anna.id, update).await;
        let is_named = |attribute: &str| attribute == "userName";
        ensure_error!(result, StoreError::Uniqueness { ref attribute } if is_named(attribute), "a move to a taken name");
        expect_in(fixture, (&own, &okta), &anna).await?;
    }
    ensure_eq!(fixture.read(&okta, &taken.id).await?, taken, "who has the name");
    let result = fixture.create(&own, json!({"userName": "Anna"})).await;
    ensure_error!(result, StoreError::Uniqueness { .. }, "the name of what was not moved");
    Ok(())
}

async fn move_out_frees_the_name(fixture: &Fixture) -> Verdict {
    let (own, okta) = both(fixture);
    let anna = fixture.create(&own, json!({"userName": "anna"})).await?;
    fixture.relocate(&own, &anna.id, okta.partition()).await?;
    fixture.create(&own, json!({"userName": "anna"})).await?;
    let result = fixture.create(&okta, json!({"userName": "anna"})).await;
    ensure_error!(result, StoreError::Uniqueness { .. }, "the name where it is now");
    Ok(())
}

async fn move_to_removed_needs_no_free_name(fixture: &Fixture) -> Verdict {
    let (own, _) = both(fixture);
    let removed = own.partition().removed();
    let mut gone = Vec::new();
    for _ in 0..3 {
        let anna = fixture.create(&own, json!({"userName": "anna"})).await?;
        gone.push(fixture.relocate(&own, &anna.id, &removed).await?);
    }
    for anna in &gone {
        expect_in(fixture, (&own.within(removed.clone()), &own), anna).await?;
    }
    ensure_eq!(fixture.list(&own, None).await?.total, Some(0), "how many are not removed");
    Ok(())
}

async fn move_back_to_a_taken_name_is_refused(fixture: &Fixture) -> Verdict {
    let (own, _) = both(fixture);
    let removed = own.within(own.partition().removed());
    let anna = fixture.create(&own, json!({"userName": "anna"})).await?;
    let gone = fixture.relocate(&own, &anna.id, removed.partition()).await?;
    let successor = fixture.create(&own, json!({"userName": "anna"})).await?;
    let result = fixture.relocate(&removed, &anna.id, own.partition()).await;
    ensure_error!(result, StoreError::Uniqueness { .. }, "a way back to a name that is taken meanwhile");
    expect_in(fixture, (&removed, &own), &gone).await?;
    fixture.store.delete(&own, &successor.id, None).await?;
    let back = fixture.relocate(&removed, &anna.id, own.partition()).await?;
    expect_in(fixture, (&own, &removed), &back).await?;
    let result = fixture.create(&own, json!({"userName": "Anna"})).await;
    ensure_error!(result, StoreError::Uniqueness { .. }, "the name of who came back");
    Ok(())
}

async fn move_to_another_tenant_is_refused(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let result = fixture.relocate(&fixture.users, &anna.id, fixture.other_users.partition()).await;
    ensure!(result.is_err(), "a resource was given to another tenant");
    expect_in(fixture, (&fixture.users, &fixture.other_users), &anna).await
}

async fn moved_resource_is_changed_and_deleted_where_it_is(fixture: &Fixture) -> Verdict {
    let (own, okta) = both(fixture);
    let anna = fixture.create(&own, json!({"userName": "anna"})).await?;
    let moved = fixture.relocate(&own, &anna.id, okta.partition()).await?;
    let update = Update::document(attributes(json!({"userName": "hannah"}))).expecting(moved.meta.version);
    let changed = fixture.store.update(&okta, &anna.id, update).await?;
    expect_in(fixture, (&okta, &own), &changed).await?;
    let result = fixture.store.delete(&own, &anna.id, None).await;
    ensure_error!(result, StoreError::NotFound, "a delete where it was");
    fixture.store.delete(&okta, &anna.id, Some(&changed.meta.version)).await?;
    ensure!(!fixture.exists(&okta, &anna.id).await?, "what was deleted after a move is there");
    Ok(())
}

async fn move_of_a_member_takes_it_out_of_its_groups(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    let group = fixture.group("staff", &[&anna, &bert]).await?;
    let okta = fixture.users.within(fixture.connection("okta"));
    let moved = fixture.relocate(&fixture.users, &anna.id, okta.partition()).await?;
    ensure!(moved.attributes.values("groups").is_empty(), "what was moved is in a group of where it was");
    fixture.expect_members(&group, &[&bert], "after one was moved away").await?;
    let read = fixture.read(&fixture.groups, &group.id).await?;
    ensure!(read.meta.version != group.meta.version, "the group has the version that it had with the member");
    expect_in(fixture, (&okta, &fixture.users), &moved).await
}

async fn move_of_a_group_ends_its_memberships(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let group = fixture.group("staff", &[&anna]).await?;
    let okta = fixture.groups.within(fixture.connection("okta"));
    let moved = fixture.relocate(&fixture.groups, &group.id, okta.partition()).await?;
    ensure!(moved.attributes.values("members").is_empty(), "the group has members of where it was");
    expect_in(fixture, (&okta, &fixture.groups), &moved).await?;
    ensure_eq!(fixture.group_ids(&anna).await?, [], "the groups of who was a member");
    Ok(())
}

async fn move_there_and_back_brings_no_membership_back(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let group = fixture.group("staff", &[&anna]).await?;
    let removed = fixture.users.partition().removed();
    for (cx, id) in [(&fixture.users, &anna.id), (&fixture.groups, &group.id)] {
        fixture.relocate(cx, id, &removed).await?;
        fixture.relocate(&cx.within(removed.clone()), id, cx.partition()).await?;
        fixture.expect_members(&group, &[], "after one of both was away").await?;
        ensure_eq!(fixture.group_ids(&anna).await?, [], "the groups of the user");
        fixture.change(&group, MembersUpdate::Set(vec![member(&anna)])).await?;
    }
    fixture.expect_members(&group, &[&anna], "in the end").await
}

async fn move_of_a_group_sets_members_of_the_other_partition(fixture: &Fixture) -> Verdict {
    let okta = fixture.connection("okta");
    let (users, groups) = (fixture.users.within(okta.clone()), fixture.groups.within(okta.clone()));
    let anna = fixture.user("anna").await?;
    let olga = fixture.create(&users, json!({"userName": "olga"})).await?;
    let group = fixture.group("staff", &[&anna]).await?;
    let mut update = Update::moving(okta);
    update.members = MembersUpdate::Set(vec![member(&olga)]);
    let moved = fixture.store.update(&fixture.groups, &group.id, update).await?;
    expect_in(fixture, (&groups, &fixture.groups), &moved).await?;
    let values = moved.attributes.values("members").iter();
    let found: Vec<&str> = values.filter_map(|element| element.get("value")?.as_str()).collect();
    ensure_eq!(found, [olga.id.as_str()], "the members after the move");
    let olga = fixture.read(&users, &olga.id).await?;
    ensure_eq!(olga.attributes.values("groups").len(), 1, "how many groups the new member is in");
    Ok(())
}

async fn move_of_a_group_with_an_unknown_member_is_refused(fixture: &Fixture) -> Verdict {
    let okta = fixture.connection("okta");
    let anna = fixture.user("anna").await?;
    let group = fixture.group("staff", &[&anna]).await?;
    let add = MembersUpdate::Delta { add: vec![member(&anna)], remove: Vec::new() };
    for members in [MembersUpdate::Set(vec![member(&anna)]), add] {
        let mut update = Update::moving(okta.clone());
        update.members = members;
        let result = fixture.store.update(&fixture.groups, &group.id, update).await;
        ensure_error!(result, StoreError::UnknownMembers(ref ids) if ids.contains(&anna.id), "a member left behind");
    }
    ensure!(!fixture.exists(&fixture.groups.within(okta), &group.id).await?, "the group was moved");
    ensure_eq!(fixture.read(&fixture.groups, &group.id).await?, group, "the group afterwards");
    fixture.expect_members(&group, &[&anna], "afterwards").await
}

/// Moves the user of one name to the connection and makes another of that name, in a unit that is committed or not.
async fn replace_in_a_unit(fixture: &Fixture, is_committed: bool) -> Result<(Resource, Resource, bool), StoreError> {
    let (own, okta) = both(fixture);
    let anna = fixture.create(&own, json!({"userName": "anna"})).await?;
    let Some(units) = fixture.store.unit_of_work() else { return Err(StoreError::backend("no units of work")) };
    let unit = units.begin(&own).await?;
    let moved = unit.update(&own, &anna.id, Update::moving(okta.partition().clone())).await?;
    let is_seen = unit.get(&okta, &anna.id, &Fetch::all()).await?.as_ref() == Some(&moved)
        && unit.get(&own, &anna.id, &Fetch::all()).await?.is_none();
    let new = crate::store::NewResource::new(attributes(json!({"userName": "anna"})));
    unit.create(&own, new).await?;
    if is_committed {
        unit.commit().await?;
    } else {
        unit.rollback().await?;
    }
    Ok((anna, moved, is_seen))
}

async fn move_in_a_unit_that_is_committed_has_happened(fixture: &Fixture) -> Verdict {
    let (own, okta) = both(fixture);
    let (_, moved, is_seen) = replace_in_a_unit(fixture, true).await?;
    ensure!(is_seen, "the unit does not see what it moved");
    expect_in(fixture, (&okta, &own), &moved).await?;
    ensure_eq!(fixture.list(&own, None).await?.total, Some(1), "how many there are where it was");
    Ok(())
}

async fn move_in_a_unit_that_is_rolled_back_has_not(fixture: &Fixture) -> Verdict {
    let (own, okta) = both(fixture);
    let (anna, ..) = replace_in_a_unit(fixture, false).await?;
    expect_in(fixture, (&own, &okta), &anna).await?;
    ensure_eq!(fixture.list(&own, None).await?.total, Some(1), "how many there are where it was");
    fixture.create(&okta, json!({"userName": "anna"})).await?;
    Ok(())
}
