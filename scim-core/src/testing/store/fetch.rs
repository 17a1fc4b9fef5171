//! What of a resource is loaded ([`Fetch`](crate::Fetch)).

use serde_json::json;

use super::check::{check, ensure, ensure_eq, Check, Verdict};
use super::fixture::{attributes, member, query, Fixture};
use crate::resource::Resource;
use crate::schema::ENTERPRISE_USER;
use crate::store::{Fetch, MembersUpdate, NewResource, Update};

pub(super) const CHECKS: &[Check] = &[
    check!(fetch_only_has_what_is_wanted),
    check!(fetch_only_has_extensions_by_their_urn),
    check!(fetch_without_has_everything_else),
    check!(fetch_leaves_id_and_meta),
    check!(fetch_does_not_change_what_is_stored),
    check!(fetch_does_not_hide_what_is_filtered_by, [Filter]),
    check!(fetch_does_not_hide_what_is_sorted_by, [Sort]),
    check!(fetch_has_members_up_to_the_bound, [DetachedMembers]),
    check!(fetch_leaves_out_members_beyond_the_bound, [DetachedMembers]),
    check!(fetch_bound_holds_in_lists, [DetachedMembers]),
    check!(fetch_bound_holds_for_what_create_and_update_return, [DetachedMembers]),
    check!(fetch_without_members_leaves_none_out, [DetachedMembers]),
];

async fn fetch_only_has_what_is_wanted(fixture: &Fixture) -> Verdict {
    let document = json!({"userName": "anna", "title": "Guide", "emails": [{"value": "anna@example.com"}]});
    let anna = fixture.create(&fixture.users, document).await?;
    let found = fixture.store.get(&fixture.users, &anna.id, &Fetch::only(["title", "emails"])).await?;
    let found = found.map(|user| (user.attributes.get("title").cloned(), user.attributes.values("emails").len()));
    ensure_eq!(found, Some((Some(json!("Guide")), 1)), "the wanted attributes");
    Ok(())
}

async fn fetch_only_has_extensions_by_their_urn(fixture: &Fixture) -> Verdict {
    let anna = fixture.create(&fixture.users, json!({"userName": "anna", ENTERPRISE_USER: {"division": "A"}})).await?;
    let found = fixture.store.get(&fixture.users, &anna.id, &Fetch::only([ENTERPRISE_USER])).await?;
    let extension = found.and_then(|user| user.attributes.get(ENTERPRISE_USER).cloned());
    ensure_eq!(extension, Some(json!({"division": "A"})), "the wanted extension");
    Ok(())
}

async fn fetch_without_has_everything_else(fixture: &Fixture) -> Verdict {
    let anna = fixture.create(&fixture.users, json!({"userName": "anna", "title": "Guide", "active": true})).await?;
    let found = fixture.store.get(&fixture.users, &anna.id, &Fetch::without(["title"])).await?;
    let found =
        found.map(|user| (user.attributes.string("userName").map(str::to_owned), user.attributes.boolean("active")));
    ensure_eq!(found, Some((Some("anna".to_owned()), Some(true))), "what is not excluded");
    Ok(())
}

async fn fetch_leaves_id_and_meta(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    for fetch in [Fetch::only(["title"]), Fetch::only([""; 0]), Fetch::without(["id", "meta", "userName"])] {
        let found = fixture.store.get(&fixture.users, &anna.id, &fetch).await?.map(|user| (user.id, user.meta));
        ensure_eq!(found, Some((anna.id.clone(), anna.meta.clone())), "id and meta");
    }
    Ok(())
}

async fn fetch_does_not_change_what_is_stored(fixture: &Fixture) -> Verdict {
    let document = attributes(json!({"userName": "anna", "title": "Guide"}));
    let new = NewResource { fetch: Fetch::only(["userName"]), ..NewResource::new(document.clone()) };
    let anna = fixture.store.create(&fixture.users, new).await?;
    ensure_eq!(fixture.read(&fixture.users, &anna.id).await?.attributes, document, "the document after create");
    let document = attributes(json!({"userName": "anna", "title": "Driver"}));
    let update = Update { fetch: Fetch::only(["userName"]), ..Update::document(document.clone()) };
    fixture.store.update(&fixture.users, &anna.id, update).await?;
    ensure_eq!(fixture.read(&fixture.users, &anna.id).await?.attributes, document, "the document after an update");
    Ok(())
}

async fn fetch_does_not_hide_what_is_filtered_by(fixture: &Fixture) -> Verdict {
    fixture.create(&fixture.users, json!({"userName": "anna", "title": "Guide"})).await?;
    fixture.user("bert").await?;
    let mut wanted = query(&fixture.users, Some(r#"title co "guide""#))?;
    wanted.fetch = Fetch::only(["userName"]);
    let page = fixture.store.list(&fixture.users, &wanted).await?;
    ensure_eq!(page.resources.len(), 1, "users by a title that is not wanted");
    Ok(())
}

async fn fetch_does_not_hide_what_is_sorted_by(fixture: &Fixture) -> Verdict {
    fixture.create(&fixture.users, json!({"userName": "anna", "title": "Z"})).await?;
    fixture.create(&fixture.users, json!({"userName": "bert", "title": "A"})).await?;
    let mut wanted = query(&fixture.users, None)?;
    wanted.sort = Some(super::fixture::sort(&fixture.users, "title", false)?);
    wanted.fetch = Fetch::only(["userName"]);
    let page = fixture.store.list(&fixture.users, &wanted).await?;
    ensure_eq!(super::fixture::names(&page.resources, "userName"), ["bert", "anna"], "sorted by what is not wanted");
    Ok(())
}

/// A group of three users.
async fn three_members(fixture: &Fixture) -> Result<(Resource, Vec<Resource>), crate::StoreError> {
    let users = fixture.several_users(3).await?;
    let group = fixture.group("staff", &users.iter().collect::<Vec<_>>()).await?;
    Ok((group, users))
}

/// Fails the check unless the group has so many members, or says that they are left out.
fn expect_members(group: &Resource, members: Option<usize>) -> Verdict {
    ensure_eq!(group.members_left_out, members.is_none(), "whether members are said to be left out");
    let found = group.attributes.get("members").is_some().then(|| group.attributes.values("members").len());
    ensure_eq!(found, members, "how many members there are");
    Ok(())
}

async fn fetch_has_members_up_to_the_bound(fixture: &Fixture) -> Verdict {
    let (group, _) = three_members(fixture).await?;
    for bound in [3, 4, 1_000] {
        let fetch = Fetch::all().members_up_to(bound);
        if let Some(group) = fixture.store.get(&fixture.groups, &group.id, &fetch).await? {
            expect_members(&group, Some(3))?;
        }
    }
    Ok(())
}

async fn fetch_leaves_out_members_beyond_the_bound(fixture: &Fixture) -> Verdict {
    let (group, _) = three_members(fixture).await?;
    for bound in [0, 2] {
        let fetch = Fetch::all().members_up_to(bound);
        let found = fixture.store.get(&fixture.groups, &group.id, &fetch).await?;
        ensure!(found.is_some(), "the group is not there");
        if let Some(found) = found {
            expect_members(&found, None)?;
            ensure_eq!(found.attributes.string("displayName"), Some("staff"), "the name of the group");
        }
    }
    let empty = fixture.group("empty", &[]).await?;
    let found = fixture.store.get(&fixture.groups, &empty.id, &Fetch::all().members_up_to(0)).await?;
    ensure_eq!(found, Some(empty), "a group without members");
    Ok(())
}

async fn fetch_bound_holds_in_lists(fixture: &Fixture) -> Verdict {
    let (group, users) = three_members(fixture).await?;
    let small = fixture.group("small", &users.iter().take(1).collect::<Vec<_>>()).await?;
    let mut all = query(&fixture.groups, None)?;
    all.fetch = Fetch::all().members_up_to(2);
    for found in fixture.store.list(&fixture.groups, &all).await?.resources {
        if found.id == group.id {
            expect_members(&found, None)?;
        } else {
            ensure_eq!(found, small, "a group with members up to the bound");
        }
    }
    Ok(())
}

async fn fetch_bound_holds_for_what_create_and_update_return(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(3).await?;
    let fetch = Fetch::all().members_up_to(2);
    let new = NewResource::new(attributes(json!({"displayName": "staff"}))).with_members(users.iter().map(member));
    let group = fixture.store.create(&fixture.groups, NewResource { fetch: fetch.clone(), ..new }).await?;
    expect_members(&group, None)?;
    let ids = users.iter().take(1).map(|user| user.id.clone()).collect();
    let change = Update::members(MembersUpdate::Delta { add: Vec::new(), remove: ids });
    let group = fixture.store.update(&fixture.groups, &group.id, Update { fetch, ..change }).await?;
    expect_members(&group, Some(2))
}

async fn fetch_without_members_leaves_none_out(fixture: &Fixture) -> Verdict {
    let (group, _) = three_members(fixture).await?;
    let fetch = Fetch::without(["members"]).members_up_to(2);
    let found = fixture.store.get(&fixture.groups, &group.id, &fetch).await?;
    ensure_eq!(found.map(|group| group.members_left_out), Some(false), "whether unwanted members are left out");
    fixture
        .expect_members(&group, &fixture.list(&fixture.users, None).await?.resources.iter().collect::<Vec<_>>(), "then")
        .await
}
