//! The attribute `groups` of users (RFC 7643 s4.1.2), which follows from the members of groups.

use serde_json::{json, Value};

use super::check::{check, ensure, ensure_eq, Check, Failure, Verdict};
use super::fixture::{member, names, Fixture};
use crate::resource::Resource;
use crate::store::MembersUpdate;

pub(super) const CHECKS: &[Check] = &[
    check!(user_without_groups_has_no_groups_attribute, [DetachedMembers]),
    check!(user_groups_are_those_that_name_it, [DetachedMembers]),
    check!(user_groups_have_value_and_display, [DetachedMembers]),
    check!(user_groups_follow_a_delta, [DetachedMembers]),
    check!(user_groups_follow_a_set, [DetachedMembers]),
    check!(user_groups_follow_the_name_of_the_group, [DetachedMembers]),
    check!(user_groups_follow_the_deletion_of_the_group, [DetachedMembers]),
    check!(user_groups_are_in_what_update_returns, [DetachedMembers]),
    check!(user_groups_are_in_what_list_returns, [DetachedMembers]),
    check!(user_groups_survive_an_update_of_the_user, [DetachedMembers]),
    check!(user_version_is_not_changed_by_groups, [DetachedMembers]),
    check!(filter_users_by_group, [DetachedMembers, Filter]),
    check!(filter_users_by_group_and_more, [DetachedMembers, Filter]),
    check!(filter_users_by_the_name_of_a_group, [DetachedMembers, Filter]),
    check!(filter_users_by_having_groups, [DetachedMembers, Filter]),
    check!(filter_users_not_in_a_group, [DetachedMembers, Filter]),
];

/// The only element of a user's `groups`.
async fn only_group(fixture: &Fixture, user: &Resource) -> Result<Value, Failure> {
    let user = fixture.read(&fixture.users, &user.id).await?;
    match user.attributes.values("groups") {
        [only] => Ok(only.clone()),
        other => Err(Failure::new(format!("expected one group of the user, found {other:?}"))),
    }
}

async fn user_without_groups_has_no_groups_attribute(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    fixture.group("staff", &[]).await?;
    let read = fixture.read(&fixture.users, &anna.id).await?;
    ensure_eq!(read.attributes.get("groups"), None, "groups of a user without groups");
    Ok(())
}

async fn user_groups_are_those_that_name_it(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    let staff = fixture.group("staff", &[&anna]).await?;
    let crew = fixture.group("crew", &[&anna, &bert]).await?;
    let expected = super::fixture::sorted_ids([&staff, &crew]);
    ensure_eq!(fixture.group_ids(&anna).await?, expected, "the groups of a user in two");
    ensure_eq!(fixture.group_ids(&bert).await?, [crew.id], "the groups of a user in one");
    Ok(())
}

async fn user_groups_have_value_and_display(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let staff = fixture.group("The Staff", &[&anna]).await?;
    let group = only_group(fixture, &anna).await?;
    let expected = json!({"value": staff.id.as_str(), "display": "The Staff", "type": "direct"});
    ensure_eq!(group, expected, "the group of the user");
    Ok(())
}

async fn user_groups_follow_a_delta(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    let staff = fixture.group("staff", &[&anna]).await?;
    let delta = MembersUpdate::Delta { add: vec![member(&bert)], remove: vec![anna.id.clone()] };
    fixture.change(&staff, delta).await?;
    ensure_eq!(fixture.group_ids(&anna).await?, [], "the groups of who was removed");
    ensure_eq!(fixture.group_ids(&bert).await?, [staff.id], "the groups of who was added");
    Ok(())
}

async fn user_groups_follow_a_set(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    let staff = fixture.group("staff", &[&anna]).await?;
    fixture.change(&staff, MembersUpdate::Set(vec![member(&bert)])).await?;
    ensure_eq!(fixture.group_ids(&anna).await?, [], "the groups of who is no member any more");
    ensure_eq!(fixture.group_ids(&bert).await?, [staff.id], "the groups of who is a member now");
    Ok(())
}

async fn user_groups_follow_the_name_of_the_group(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let staff = fixture.group("staff", &[&anna]).await?;
    fixture.put(&fixture.groups, &staff.id, json!({"displayName": "crew"})).await?;
    let group = only_group(fixture, &anna).await?;
    ensure_eq!(group.get("display"), Some(&json!("crew")), "the name of the user's group after it was changed");
    Ok(())
}

async fn user_groups_follow_the_deletion_of_the_group(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let staff = fixture.group("staff", &[&anna]).await?;
    let crew = fixture.group("crew", &[&anna]).await?;
    fixture.store.delete(&fixture.groups, &staff.id, None).await?;
    ensure_eq!(fixture.group_ids(&anna).await?, [crew.id], "the groups after one was deleted");
    Ok(())
}

async fn user_groups_are_in_what_update_returns(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    fixture.group("staff", &[&anna]).await?;
    let changed = fixture.put(&fixture.users, &anna.id, json!({"userName": "hannah"})).await?;
    ensure_eq!(changed.attributes.values("groups").len(), 1, "the groups that update returns");
    Ok(())
}

async fn user_groups_are_in_what_list_returns(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    fixture.group("staff", &[&anna]).await?;
    for user in fixture.list(&fixture.users, None).await?.resources {
        let read = fixture.read(&fixture.users, &user.id).await?;
        ensure_eq!(user, read, "a listed user");
        let expected = usize::from(user.id != bert.id);
        ensure_eq!(user.attributes.values("groups").len(), expected, "the groups of a listed user");
    }
    Ok(())
}

async fn user_groups_survive_an_update_of_the_user(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let staff = fixture.group("staff", &[&anna]).await?;
    fixture.put(&fixture.users, &anna.id, json!({"userName": "hannah"})).await?;
    ensure_eq!(fixture.group_ids(&anna).await?, [staff.id.clone()], "the groups after an update of the user");
    fixture.expect_members(&staff, &[&anna], "after an update of the user").await
}

async fn user_version_is_not_changed_by_groups(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    fixture.group("staff", &[&anna]).await?;
    let read = fixture.read(&fixture.users, &anna.id).await?;
    ensure_eq!(read.meta, anna.meta, "the meta data of a user that became a member");
    Ok(())
}

async fn filter_users_by_group(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    fixture.user("carl").await?;
    let staff = fixture.group("staff", &[&anna, &bert]).await?;
    let crew = fixture.group("crew", &[&bert]).await?;
    let empty = fixture.group("empty", &[]).await?;
    for (group, expected) in [(&staff, vec!["anna", "bert"]), (&crew, vec!["bert"]), (&empty, vec![])] {
        for filter in [
            format!(r#"groups.value eq "{}""#, group.id),
            format!(r#"groups eq "{}""#, group.id),
            format!(r#"groups[value eq "{}"]"#, group.id),
        ] {
            ensure_eq!(fixture.user_names(&filter).await?, expected, "{filter}");
        }
    }
    Ok(())
}

async fn filter_users_by_group_and_more(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    let staff = fixture.group("staff", &[&anna, &bert]).await?;
    let filter = format!(r#"groups.value eq "{}" and userName sw "b""#, staff.id);
    ensure_eq!(fixture.user_names(&filter).await?, ["bert"], "{filter}");
    let filter = format!(r#"groups[value eq "{}" and display eq "other"]"#, staff.id);
    ensure!(fixture.user_names(&filter).await?.is_empty(), "{filter} finds a user");
    Ok(())
}

async fn filter_users_by_the_name_of_a_group(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    fixture.group("Staff", &[&anna]).await?;
    fixture.group("crew", &[&bert]).await?;
    ensure_eq!(fixture.user_names(r#"groups.display eq "staff""#).await?, ["anna"], "by the name of a group");
    ensure_eq!(fixture.user_names(r#"groups[display co "REW"]"#).await?, ["bert"], "by a part of a group's name");
    Ok(())
}

async fn filter_users_by_having_groups(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    fixture.user("bert").await?;
    fixture.group("staff", &[&anna]).await?;
    ensure_eq!(fixture.user_names("groups pr").await?, ["anna"], "users with groups");
    ensure_eq!(fixture.user_names("not (groups pr)").await?, ["bert"], "users without groups");
    Ok(())
}

async fn filter_users_not_in_a_group(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    fixture.user("carl").await?;
    let staff = fixture.group("staff", &[&anna]).await?;
    fixture.group("crew", &[&anna, &bert]).await?;
    for filter in [format!(r#"not (groups.value eq "{}")"#, staff.id), format!(r#"groups.value ne "{}""#, staff.id)] {
        let page = fixture.list(&fixture.users, Some(&filter)).await?;
        let mut found = names(&page.resources, "userName");
        found.sort_unstable();
        ensure_eq!(found, ["bert", "carl"], "{filter}");
    }
    Ok(())
}
