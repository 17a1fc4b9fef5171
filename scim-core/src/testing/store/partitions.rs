//! What belongs to one provisioning connection, to another, to none, and what was removed: each sees its own alone.

use serde_json::json;

use super::check::{check, ensure, ensure_eq, ensure_error, Check, Verdict};
use super::fixture::{attributes, member, names, query, sort, Fixture};
use crate::connection::Partition;
use crate::context::Context;
use crate::resource::ConnectionId;
use crate::store::{MembersUpdate, NewResource, PageRequest, StoreError, Update};

pub(super) const CHECKS: &[Check] = &[
    check!(partition_get_sees_its_own_alone, [Partitions]),
    check!(partition_list_sees_its_own_alone, [Partitions]),
    check!(partition_filter_sees_its_own_alone, [Partitions, Filter]),
    check!(partition_filter_by_id_sees_its_own_alone, [Partitions, Filter]),
    check!(partition_filter_with_or_and_not_sees_its_own_alone, [Partitions, Filter]),
    check!(partition_sort_sees_its_own_alone, [Partitions, Sort]),
    check!(partition_cursor_sees_its_own_alone, [Partitions, Cursor]),
    check!(partition_update_does_not_find_anothers, [Partitions]),
    check!(partition_delete_does_not_find_anothers, [Partitions]),
    check!(partition_names_are_unique_within_the_partition, [Partitions]),
    check!(partition_of_removed_resources_has_nothing_unique, [Partitions]),
    check!(partition_of_one_connection_id_is_another_in_another_tenant, [Partitions, Tenants]),
    check!(partition_members_are_of_the_same_partition, [Partitions, DetachedMembers]),
    check!(partition_memberships_are_not_filtered_by_others, [Partitions, DetachedMembers, Filter]),
    check!(partition_memberships_are_not_removed_by_others, [Partitions, DetachedMembers]),
];

/// The tenant's own partition, those of two connections, and what was removed from one of them.
fn partitions(fixture: &Fixture) -> Vec<Partition> {
    let okta = fixture.connection("okta");
    vec![fixture.users.partition().clone(), okta.removed(), okta, fixture.connection("entra")]
}

/// Every partition, with each of the others.
fn pairs(fixture: &Fixture, cx: &Context) -> Vec<(Context, Context)> {
    let all = partitions(fixture);
    let others = |one: &Partition| all.iter().filter(|other| *other != one).cloned().collect::<Vec<_>>();
    let pairs = all.iter().flat_map(|one| others(one).into_iter().map(move |other| (one.clone(), other)));
    pairs.map(|(one, other)| (cx.within(one), cx.within(other))).collect()
}

/// Makes a user of one name in every partition.
async fn one_everywhere(fixture: &Fixture) -> Verdict {
    for (number, partition) in partitions(fixture).into_iter().enumerate() {
        let document = json!({"userName": format!("user-{number}"), "title": "Guide", "externalId": "7"});
        fixture.create(&fixture.users.within(partition), document).await?;
    }
    Ok(())
}

async fn partition_get_sees_its_own_alone(fixture: &Fixture) -> Verdict {
    for (own, other) in pairs(fixture, &fixture.users) {
        let anna = fixture.create(&own, json!({"title": "Guide"})).await?;
        ensure_eq!(fixture.read(&own, &anna.id).await?, anna, "the user in its partition");
        ensure!(!fixture.exists(&other, &anna.id).await?, "{:?} reads a user of {:?}", other, own.partition());
    }
    Ok(())
}

async fn partition_list_sees_its_own_alone(fixture: &Fixture) -> Verdict {
    one_everywhere(fixture).await?;
    for (number, partition) in partitions(fixture).into_iter().enumerate() {
        let page = fixture.list(&fixture.users.within(partition), None).await?;
        ensure_eq!(names(&page.resources, "userName"), [format!("user-{number}")], "the users of a partition");
        ensure_eq!(page.total, Some(1), "the total of a partition");
    }
    let page = fixture.list(&fixture.users.within(fixture.connection("ping")), None).await?;
    ensure!(page.resources.is_empty() && page.total == Some(0), "a partition without users lists some");
    Ok(())
}

async fn partition_filter_sees_its_own_alone(fixture: &Fixture) -> Verdict {
    one_everywhere(fixture).await?;
    for (number, partition) in partitions(fixture).into_iter().enumerate() {
        let cx = fixture.users.within(partition);
        for filter in [r#"title eq "guide""#, r#"externalId eq "7""#, "userName pr", r#"userName sw "user""#] {
            let page = fixture.list(&cx, Some(filter)).await?;
            ensure_eq!(names(&page.resources, "userName"), [format!("user-{number}")], "what {filter} finds");
            ensure_eq!(page.total, Some(1), "the total of {filter}");
        }
        let next = number.wrapping_add(1).checked_rem(4).unwrap_or_default();
        let page = fixture.list(&cx, Some(&format!(r#"userName eq "user-{next}""#))).await?;
        ensure!(page.resources.is_empty() && page.total == Some(0), "a user of another partition is found by name");
    }
    Ok(())
}

async fn partition_filter_by_id_sees_its_own_alone(fixture: &Fixture) -> Verdict {
    for (own, other) in pairs(fixture, &fixture.users) {
        let anna = fixture.create(&own, json!({"title": "Guide"})).await?;
        let page = fixture.list(&other, Some(&format!(r#"id eq "{}""#, anna.id))).await?;
        ensure!(page.resources.is_empty() && page.total == Some(0), "another partition finds the user by its id");
    }
    Ok(())
}

async fn partition_filter_with_or_and_not_sees_its_own_alone(fixture: &Fixture) -> Verdict {
    one_everywhere(fixture).await?;
    let other = fixture.users.within(fixture.connection("ping"));
    for filter in [
        r#"userName eq "olga" or userName eq "user-0""#,
        r#"not (userName eq "olga")"#,
        r#"userName ne "olga""#,
        r#"userName eq "olga" or title pr"#,
    ] {
        let page = fixture.list(&other, Some(filter)).await?;
        ensure!(page.resources.is_empty() && page.total == Some(0), "another partition finds users by {filter}");
    }
    Ok(())
}

async fn partition_sort_sees_its_own_alone(fixture: &Fixture) -> Verdict {
    one_everywhere(fixture).await?;
    for (number, partition) in partitions(fixture).into_iter().enumerate() {
        let cx = fixture.users.within(partition);
        let mut sorted = query(&cx, None)?;
        sorted.sort = Some(sort(&cx, "userName", false)?);
        let page = fixture.store.list(&cx, &sorted).await?;
        ensure_eq!(names(&page.resources, "userName"), [format!("user-{number}")], "the sorted users of a partition");
    }
    Ok(())
}

async fn partition_cursor_sees_its_own_alone(fixture: &Fixture) -> Verdict {
    let (okta, entra) =
        (fixture.users.within(fixture.connection("okta")), fixture.users.within(fixture.connection("entra")));
    for number in 0..4 {
        fixture.create(&okta, json!({ "userName": format!("anna-{number}") })).await?;
        fixture.create(&entra, json!({ "userName": format!("olga-{number}") })).await?;
    }
    let mut walk = query(&okta, None)?;
    walk.page = PageRequest::Cursor { position: None, count: 2 };
    let first = fixture.store.list(&okta, &walk).await?;
    ensure!(first.next.is_some(), "there is no second page");
    walk.page = PageRequest::Cursor { position: first.next, count: 10 };
    let second = fixture.store.list(&okta, &walk).await?;
    let mut walked = names(&first.resources, "userName");
    walked.extend(names(&second.resources, "userName"));
    walked.sort_unstable();
    ensure_eq!(walked, ["anna-0", "anna-1", "anna-2", "anna-3"], "the pages of a partition");
    match fixture.store.list(&entra, &walk).await {
        Ok(page) => {
            let names = names(&page.resources, "userName");
            ensure!(names.iter().all(|name| name.starts_with("olga")), "a position shows another partition {names:?}");
        }
        error => ensure_error!(error, StoreError::InvalidPosition, "a position of another partition"),
    }
    Ok(())
}

async fn partition_update_does_not_find_anothers(fixture: &Fixture) -> Verdict {
    for (own, other) in pairs(fixture, &fixture.users) {
        let anna = fixture.create(&own, json!({"title": "Guide"})).await?;
        let document = || Update::document(attributes(json!({"title": "Thief"})));
        let moving = || Update::moving(other.partition().clone());
        for update in [document(), document().expecting(anna.meta.version.clone()), moving()] {
            let result = fixture.store.update(&other, &anna.id, update).await;
            ensure_error!(result, StoreError::NotFound, "update of another partition's user");
        }
        ensure_eq!(fixture.read(&own, &anna.id).await?, anna, "the user afterwards");
    }
    Ok(())
}

async fn partition_delete_does_not_find_anothers(fixture: &Fixture) -> Verdict {
    for (own, other) in pairs(fixture, &fixture.users) {
        let anna = fixture.create(&own, json!({"title": "Guide"})).await?;
        for version in [None, Some(&anna.meta.version)] {
            let result = fixture.store.delete(&other, &anna.id, version).await;
            ensure_error!(result, StoreError::NotFound, "delete of another partition's user");
        }
        ensure!(fixture.exists(&own, &anna.id).await?, "another partition deleted the user");
    }
    Ok(())
}

async fn partition_names_are_unique_within_the_partition(fixture: &Fixture) -> Verdict {
    let present = partitions(fixture).into_iter().filter(|partition| !partition.is_removed());
    for cx in present.map(|partition| fixture.users.within(partition)) {
        fixture.create(&cx, json!({"userName": "anna"})).await?;
        let result = fixture.create(&cx, json!({"userName": "ANNA"})).await;
        ensure_error!(result, StoreError::Uniqueness { .. }, "a name that is taken in the partition");
        let bert = fixture.create(&cx, json!({"userName": "bert"})).await?;
        let result = fixture.put(&cx, &bert.id, json!({"userName": "Anna"})).await;
        ensure_error!(result, StoreError::Uniqueness { .. }, "a change to a name that is taken in the partition");
    }
    Ok(())
}

async fn partition_of_removed_resources_has_nothing_unique(fixture: &Fixture) -> Verdict {
    let cx = fixture.users.within(fixture.connection("okta").removed());
    fixture.create(&cx, json!({"userName": "anna"})).await?;
    fixture.create(&cx, json!({"userName": "anna"})).await?;
    let bert = fixture.create(&cx, json!({"userName": "bert"})).await?;
    fixture.put(&cx, &bert.id, json!({"userName": "Anna"})).await?;
    let page = fixture.list(&cx, None).await?;
    ensure_eq!(page.total, Some(3), "how many removed users there are");
    Ok(())
}

async fn partition_of_one_connection_id_is_another_in_another_tenant(fixture: &Fixture) -> Verdict {
    let theirs = Partition::of_connection(fixture.other_users.tenant().clone(), ConnectionId::new("okta"));
    let (own, other) = (fixture.users.within(fixture.connection("okta")), fixture.other_users.within(theirs));
    let anna = fixture.create(&own, json!({"userName": "anna"})).await?;
    ensure!(!fixture.exists(&other, &anna.id).await?, "another tenant's connection of the same id reads the user");
    fixture.create(&other, json!({"userName": "anna"})).await?;
    ensure_eq!(fixture.list(&other, None).await?.total, Some(1), "the total of the other tenant's connection");
    Ok(())
}

async fn partition_members_are_of_the_same_partition(fixture: &Fixture) -> Verdict {
    for ((users, _), (_, groups)) in pairs(fixture, &fixture.users).into_iter().zip(pairs(fixture, &fixture.groups)) {
        let anna = fixture.create(&users, json!({"title": "Guide"})).await?;
        let new = NewResource::new(attributes(json!({}))).with_members([member(&anna)]);
        let result = fixture.store.create(&groups, new).await;
        ensure_error!(result, StoreError::UnknownMembers(ref ids) if ids.contains(&anna.id), "another's member");
        let group = fixture.store.create(&groups, NewResource::default()).await?;
        let delta = MembersUpdate::Delta { add: vec![member(&anna)], remove: Vec::new() };
        for change in [delta, MembersUpdate::Set(vec![member(&anna)])] {
            let result = fixture.store.update(&groups, &group.id, Update::members(change)).await;
            ensure_error!(result, StoreError::UnknownMembers(ref ids) if ids.contains(&anna.id), "another's member");
        }
    }
    Ok(())
}

async fn partition_memberships_are_not_filtered_by_others(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let group = fixture.group("staff", &[&anna]).await?;
    let okta = fixture.connection("okta");
    let by_member = format!(r#"members.value eq "{}""#, anna.id);
    let page = fixture.list(&fixture.groups.within(okta.clone()), Some(&by_member)).await?;
    ensure!(page.resources.is_empty(), "another partition finds the group by its member");
    let by_group = format!(r#"groups.value eq "{}""#, group.id);
    let page = fixture.list(&fixture.users.within(okta), Some(&by_group)).await?;
    ensure!(page.resources.is_empty(), "another partition finds the member by its group");
    Ok(())
}

async fn partition_memberships_are_not_removed_by_others(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let group = fixture.group("staff", &[&anna]).await?;
    let okta = fixture.groups.within(fixture.connection("okta"));
    let theirs = fixture.create(&okta, json!({"displayName": "theirs"})).await?;
    let delta = MembersUpdate::Delta { add: Vec::new(), remove: vec![anna.id.clone()] };
    fixture.store.update(&okta, &theirs.id, Update::members(delta.clone())).await?;
    let result = fixture.store.update(&okta, &group.id, Update::members(delta)).await;
    ensure_error!(result, StoreError::NotFound, "a change of another partition's members");
    fixture.expect_members(&group, &[&anna], "afterwards").await
}
