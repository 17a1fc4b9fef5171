//! A tenant sees its own resources and no others, whatever it asks for.

use serde_json::json;

use super::check::{check, ensure, ensure_eq, ensure_error, Check, Verdict};
use super::fixture::{attributes, member, names, query, sort, Fixture};
use crate::store::{MembersUpdate, NewResource, PageRequest, StoreError, Update};

pub(super) const CHECKS: &[Check] = &[
    check!(tenant_get_sees_its_own_alone, [Tenants]),
    check!(tenant_list_sees_its_own_alone, [Tenants]),
    check!(tenant_list_of_a_tenant_without_resources_is_empty, [Tenants]),
    check!(tenant_filter_sees_its_own_alone, [Tenants, Filter]),
    check!(tenant_filter_by_id_sees_its_own_alone, [Tenants, Filter]),
    check!(tenant_filter_with_or_and_not_sees_its_own_alone, [Tenants, Filter]),
    check!(tenant_sort_sees_its_own_alone, [Tenants, Sort]),
    check!(tenant_cursor_sees_its_own_alone, [Tenants, Cursor]),
    check!(tenant_update_does_not_find_another_tenants, [Tenants]),
    check!(tenant_update_with_the_version_does_not_find_another_tenants, [Tenants]),
    check!(tenant_delete_does_not_find_another_tenants, [Tenants]),
    check!(tenant_names_are_unique_within_the_tenant, [Tenants]),
    check!(tenant_members_are_of_the_same_tenant, [Tenants, DetachedMembers]),
    check!(tenant_members_are_added_of_the_same_tenant, [Tenants, DetachedMembers]),
    check!(tenant_memberships_are_not_filtered_by_others, [Tenants, DetachedMembers, Filter]),
    check!(tenant_memberships_are_not_removed_by_others, [Tenants, DetachedMembers]),
];

async fn tenant_get_sees_its_own_alone(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    ensure!(!fixture.exists(&fixture.other_users, &anna.id).await?, "another tenant reads the user");
    Ok(())
}

async fn tenant_list_sees_its_own_alone(fixture: &Fixture) -> Verdict {
    fixture.user("anna").await?;
    fixture.create(&fixture.other_users, json!({"userName": "olga"})).await?;
    for (cx, expected) in [(&fixture.users, "anna"), (&fixture.other_users, "olga")] {
        let page = fixture.list(cx, None).await?;
        ensure_eq!(names(&page.resources, "userName"), [expected], "the users of a tenant");
        ensure_eq!(page.total, Some(1), "the total of a tenant");
    }
    Ok(())
}

async fn tenant_list_of_a_tenant_without_resources_is_empty(fixture: &Fixture) -> Verdict {
    fixture.user("anna").await?;
    let page = fixture.list(&fixture.other_users, None).await?;
    ensure!(page.resources.is_empty(), "another tenant lists the user");
    ensure_eq!(page.total, Some(0), "the total of a tenant without users");
    Ok(())
}

async fn tenant_filter_sees_its_own_alone(fixture: &Fixture) -> Verdict {
    let document = json!({
        "userName": "anna", "externalId": "7", "displayName": "Anna", "title": "Guide", "active": true,
        "emails": [{"value": "anna@example.com", "type": "work"}],
    });
    fixture.create(&fixture.users, document).await?;
    for filter in [
        r#"userName eq "anna""#,
        r#"externalId eq "7""#,
        r#"displayName eq "anna""#,
        r#"emails.value eq "anna@example.com""#,
        r#"emails[value eq "anna@example.com" and type eq "work"]"#,
        r#"title co "guide""#,
        "active eq true",
        "userName pr",
    ] {
        let page = fixture.list(&fixture.other_users, Some(filter)).await?;
        ensure!(page.resources.is_empty() && page.total == Some(0), "another tenant finds the user by {filter}");
    }
    Ok(())
}

async fn tenant_filter_by_id_sees_its_own_alone(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let page = fixture.list(&fixture.other_users, Some(&format!(r#"id eq "{}""#, anna.id))).await?;
    ensure!(page.resources.is_empty() && page.total == Some(0), "another tenant finds the user by its id");
    Ok(())
}

async fn tenant_filter_with_or_and_not_sees_its_own_alone(fixture: &Fixture) -> Verdict {
    fixture.user("anna").await?;
    for filter in [
        r#"userName eq "olga" or userName eq "anna""#,
        r#"not (userName eq "olga")"#,
        r#"userName ne "olga""#,
        r#"userName eq "olga" or title eq null"#,
    ] {
        let page = fixture.list(&fixture.other_users, Some(filter)).await?;
        ensure!(page.resources.is_empty() && page.total == Some(0), "another tenant finds the user by {filter}");
    }
    Ok(())
}

async fn tenant_sort_sees_its_own_alone(fixture: &Fixture) -> Verdict {
    fixture.user("anna").await?;
    fixture.create(&fixture.other_users, json!({"userName": "olga"})).await?;
    let mut sorted = query(&fixture.other_users, None)?;
    sorted.sort = Some(sort(&fixture.other_users, "userName", false)?);
    let page = fixture.store.list(&fixture.other_users, &sorted).await?;
    ensure_eq!(names(&page.resources, "userName"), ["olga"], "the sorted users of a tenant");
    Ok(())
}

async fn tenant_cursor_sees_its_own_alone(fixture: &Fixture) -> Verdict {
    fixture.several_users(4).await?;
    fixture.create(&fixture.other_users, json!({"userName": "olga"})).await?;
    let mut walk = query(&fixture.users, None)?;
    walk.page = PageRequest::Cursor { position: None, count: 2 };
    let position = fixture.store.list(&fixture.users, &walk).await?.next;
    ensure!(position.is_some(), "there is no second page");
    walk.page = PageRequest::Cursor { position, count: 10 };
    match fixture.store.list(&fixture.other_users, &walk).await {
        Ok(page) => {
            let names = names(&page.resources, "userName");
            ensure!(names.iter().all(|name| name == "olga"), "a tenant's position shows another tenant {names:?}");
        }
        error => ensure_error!(error, StoreError::InvalidPosition, "a position of another tenant"),
    }
    Ok(())
}

async fn tenant_update_does_not_find_another_tenants(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let result = fixture.put(&fixture.other_users, &anna.id, json!({"userName": "olga"})).await;
    ensure_error!(result, StoreError::NotFound, "update of another tenant's user");
    ensure_eq!(fixture.read(&fixture.users, &anna.id).await?, anna, "the user afterwards");
    Ok(())
}

async fn tenant_update_with_the_version_does_not_find_another_tenants(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let update = Update::document(attributes(json!({"userName": "olga"}))).expecting(anna.meta.version.clone());
    let result = fixture.store.update(&fixture.other_users, &anna.id, update).await;
    ensure_error!(result, StoreError::NotFound, "update of another tenant's user with its version");
    ensure_eq!(fixture.read(&fixture.users, &anna.id).await?, anna, "the user afterwards");
    Ok(())
}

async fn tenant_delete_does_not_find_another_tenants(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    for version in [None, Some(&anna.meta.version)] {
        let result = fixture.store.delete(&fixture.other_users, &anna.id, version).await;
        ensure_error!(result, StoreError::NotFound, "delete of another tenant's user");
    }
    ensure!(fixture.exists(&fixture.users, &anna.id).await?, "another tenant deleted the user");
    Ok(())
}

async fn tenant_names_are_unique_within_the_tenant(fixture: &Fixture) -> Verdict {
    fixture.user("anna").await?;
    let other = fixture.create(&fixture.other_users, json!({"userName": "anna"})).await?;
    fixture.put(&fixture.other_users, &other.id, json!({"userName": "bert"})).await?;
    fixture.user("bert").await?;
    Ok(())
}

async fn tenant_members_are_of_the_same_tenant(fixture: &Fixture) -> Verdict {
    let olga = fixture.create(&fixture.other_users, json!({"userName": "olga"})).await?;
    let result = fixture.group("staff", &[&olga]).await;
    ensure_error!(result, StoreError::UnknownMembers(ref ids) if ids.contains(&olga.id), "a member of another tenant");
    Ok(())
}

async fn tenant_members_are_added_of_the_same_tenant(fixture: &Fixture) -> Verdict {
    let olga = fixture.create(&fixture.other_users, json!({"userName": "olga"})).await?;
    let group = fixture.group("staff", &[]).await?;
    let delta = MembersUpdate::Delta { add: vec![member(&olga)], remove: Vec::new() };
    for change in [delta, MembersUpdate::Set(vec![member(&olga)])] {
        let result = fixture.change(&group, change).await;
        ensure_error!(result, StoreError::UnknownMembers(ref ids) if ids.contains(&olga.id), "another tenant's user");
    }
    fixture.expect_members(&group, &[], "afterwards").await
}

async fn tenant_memberships_are_not_filtered_by_others(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let group = fixture.group("staff", &[&anna]).await?;
    let page = fixture.list(&fixture.other_groups, Some(&format!(r#"members.value eq "{}""#, anna.id))).await?;
    ensure!(page.resources.is_empty(), "another tenant finds the group by its member");
    let page = fixture.list(&fixture.other_users, Some(&format!(r#"groups.value eq "{}""#, group.id))).await?;
    ensure!(page.resources.is_empty(), "another tenant finds the member by its group");
    Ok(())
}

async fn tenant_memberships_are_not_removed_by_others(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let group = fixture.group("staff", &[&anna]).await?;
    let new = NewResource::new(attributes(json!({"displayName": "theirs"})));
    let theirs = fixture.store.create(&fixture.other_groups, new).await?;
    let delta = MembersUpdate::Delta { add: Vec::new(), remove: vec![anna.id.clone()] };
    fixture.store.update(&fixture.other_groups, &theirs.id, Update::members(delta.clone())).await?;
    let result = fixture.store.update(&fixture.other_groups, &group.id, Update::members(delta)).await;
    ensure_error!(result, StoreError::NotFound, "a change of another tenant's members");
    fixture.expect_members(&group, &[&anna], "afterwards").await
}
