//! Operations at the same time: what a store decides, it decides in one step.

use std::future::Future;
use std::sync::Arc;

use serde_json::json;

use super::check::{check, ensure, ensure_eq, Check, Verdict};
use super::fixture::{attributes, member, Fixture};
use super::race::{expect_one_winner, is_taken};
use crate::context::Context;
use crate::resource::{Resource, ResourceId};
use crate::store::{Fetch, MembersUpdate, NewResource, ResourceStore, StoreError, Update};

pub(super) const CHECKS: &[Check] = &[
    check!(race_of_creates_of_one_name_has_one_winner),
    check!(race_of_creates_of_one_name_in_several_cases_has_one_winner),
    check!(race_of_renames_to_one_name_has_one_winner),
    check!(race_of_updates_expecting_one_version_has_one_winner),
    check!(race_of_deletes_has_one_winner),
    check!(race_of_update_and_delete_expecting_one_version_has_one_winner),
    check!(race_of_read_and_swap_loses_no_update),
    check!(race_of_creates_gives_distinct_ids),
    check!(race_of_updates_gives_distinct_versions),
    check!(race_of_added_members_keeps_all, [DetachedMembers]),
    check!(race_of_added_and_removed_members_keeps_all_changes, [DetachedMembers]),
    check!(race_of_adding_one_member_adds_it_once, [DetachedMembers]),
    check!(race_of_document_and_members_keeps_both, [DetachedMembers]),
    check!(race_of_adding_and_deleting_a_member_leaves_no_ghost, [DetachedMembers]),
];

/// How many do the same thing at the same time.
const RACERS: usize = 8;

type Done<T> = Result<T, StoreError>;

/// An update as a task of its own.
fn update(
    fixture: &Fixture,
    cx: &Context,
    id: &ResourceId,
    update: Update,
) -> impl Future<Output = Done<Resource>> + Send + 'static {
    let (store, cx, id) = (Arc::clone(&fixture.store), cx.clone(), id.clone());
    async move { store.update(&cx, &id, update).await }
}

fn create(fixture: &Fixture, name: &str) -> impl Future<Output = Done<Resource>> + Send + 'static {
    let (store, cx) = (Arc::clone(&fixture.store), fixture.users.clone());
    let new = NewResource::new(attributes(json!({ "userName": name })));
    async move { store.create(&cx, new).await }
}

fn is_stale(error: &StoreError) -> bool {
    matches!(error, StoreError::VersionMismatch)
}

async fn race_of_creates_of_one_name_has_one_winner(fixture: &Fixture) -> Verdict {
    let results = fixture.race((0..RACERS).map(|_| create(fixture, "anna"))).await?;
    let winner = expect_one_winner(results, is_taken("userName"))?;
    let page = fixture.list(&fixture.users, None).await?;
    ensure_eq!(page.resources, [winner], "the users after the race");
    Ok(())
}

async fn race_of_creates_of_one_name_in_several_cases_has_one_winner(fixture: &Fixture) -> Verdict {
    let names = ["zoë", "ZOË", "Zoë", "zOË", "zoË", "ZoË"];
    let results = fixture.race(names.map(|name| create(fixture, name))).await?;
    expect_one_winner(results, is_taken("userName"))?;
    Ok(())
}

async fn race_of_renames_to_one_name_has_one_winner(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(RACERS).await?;
    let renamed = || Update::document(attributes(json!({"userName": "anna"})));
    let tasks: Vec<_> = users.iter().map(|user| update(fixture, &fixture.users, &user.id, renamed())).collect();
    expect_one_winner(fixture.race(tasks).await?, is_taken("userName"))?;
    Ok(())
}

/// An update that gives the user this title.
fn titled(title: usize) -> Update {
    Update::document(attributes(json!({"userName": "anna", "title": title.to_string()})))
}

async fn race_of_updates_expecting_one_version_has_one_winner(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let swap = |title| titled(title).expecting(anna.meta.version.clone());
    let tasks: Vec<_> = (0..RACERS).map(|n| update(fixture, &fixture.users, &anna.id, swap(n))).collect();
    let winner = expect_one_winner(fixture.race(tasks).await?, is_stale)?;
    ensure_eq!(fixture.read(&fixture.users, &anna.id).await?, winner, "the user after the race");
    Ok(())
}

async fn race_of_deletes_has_one_winner(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let tasks = (0..RACERS).map(|_| {
        let (store, cx, id) = (Arc::clone(&fixture.store), fixture.users.clone(), anna.id.clone());
        async move { store.delete(&cx, &id, None).await }
    });
    let results = fixture.race(tasks).await?;
    expect_one_winner(results, |error| matches!(error, StoreError::NotFound))
}

async fn race_of_update_and_delete_expecting_one_version_has_one_winner(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let tasks = (0..RACERS).map(|number| {
        let (store, cx, anna) = (Arc::clone(&fixture.store), fixture.users.clone(), anna.clone());
        async move {
            if number % 2 == 0 {
                store.delete(&cx, &anna.id, Some(&anna.meta.version)).await
            } else {
                store.update(&cx, &anna.id, titled(number).expecting(anna.meta.version)).await.map(|_| ())
            }
        }
    });
    let results = fixture.race(tasks).await?;
    expect_one_winner(results, |error| matches!(error, StoreError::NotFound | StoreError::VersionMismatch))
}

/// Reads a number in the title, adds one and swaps, until the swap is done.
async fn count_up(store: Arc<dyn ResourceStore>, cx: Context, id: ResourceId) -> Done<()> {
    for _ in 0..1_000 {
        let Some(user) = store.get(&cx, &id, &Fetch::all()).await? else { return Err(StoreError::NotFound) };
        let number: usize = user.attributes.string("title").and_then(|title| title.parse().ok()).unwrap_or_default();
        let next = titled(number.saturating_add(1)).expecting(user.meta.version);
        match store.update(&cx, &id, next).await {
            Err(StoreError::VersionMismatch) => {}
            result => return result.map(|_| ()),
        }
    }
    Err(StoreError::backend("a thousand attempts to swap were in vain"))
}

async fn race_of_read_and_swap_loses_no_update(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let task = || count_up(Arc::clone(&fixture.store), fixture.users.clone(), anna.id.clone());
    for result in fixture.race((0..RACERS).map(|_| task())).await? {
        result?;
    }
    let read = fixture.read(&fixture.users, &anna.id).await?;
    ensure_eq!(read.attributes.string("title"), Some(&*RACERS.to_string()), "the count after {RACERS} additions of 1");
    Ok(())
}

async fn race_of_creates_gives_distinct_ids(fixture: &Fixture) -> Verdict {
    let names: Vec<String> = (0..RACERS).map(|number| number.to_string()).collect();
    let results = fixture.race(names.iter().map(|name| create(fixture, name)).collect::<Vec<_>>()).await?;
    let mut ids = Vec::new();
    for result in results {
        ids.push(result?.id);
    }
    ids.sort_unstable();
    ids.dedup();
    ensure_eq!(ids.len(), RACERS, "the number of distinct ids");
    Ok(())
}

async fn race_of_updates_gives_distinct_versions(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let tasks: Vec<_> = (0..RACERS).map(|n| update(fixture, &fixture.users, &anna.id, titled(n))).collect();
    let mut versions = vec![anna.meta.version.clone()];
    for result in fixture.race(tasks).await? {
        let version = result?.meta.version;
        ensure!(!versions.contains(&version), "two changes have one version");
        versions.push(version);
    }
    let read = fixture.read(&fixture.users, &anna.id).await?;
    ensure!(versions.contains(&read.meta.version), "the version after the race is none that was returned");
    Ok(())
}

fn add(members: &[&Resource]) -> Update {
    Update::members(MembersUpdate::Delta { add: members.iter().copied().map(member).collect(), remove: Vec::new() })
}

fn remove(members: &[&Resource]) -> Update {
    let remove = members.iter().map(|member| member.id.clone()).collect();
    Update::members(MembersUpdate::Delta { add: Vec::new(), remove })
}

/// Runs updates of one group at the same time; all must be done.
async fn all_done(fixture: &Fixture, group: &Resource, updates: Vec<Update>) -> Verdict {
    let tasks: Vec<_> = updates.into_iter().map(|change| update(fixture, &fixture.groups, &group.id, change)).collect();
    for result in fixture.race(tasks).await? {
        result?;
    }
    Ok(())
}

async fn race_of_added_members_keeps_all(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(RACERS).await?;
    let group = fixture.group("staff", &[]).await?;
    all_done(fixture, &group, users.iter().map(|user| add(&[user])).collect()).await?;
    fixture.expect_members(&group, &users.iter().collect::<Vec<_>>(), "after all were added at once").await
}

async fn race_of_added_and_removed_members_keeps_all_changes(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(RACERS).await?;
    let (before, after): (Vec<_>, Vec<_>) = users.iter().enumerate().partition(|(number, _)| number % 2 == 0);
    let before: Vec<&Resource> = before.into_iter().map(|(_, user)| user).collect();
    let after: Vec<&Resource> = after.into_iter().map(|(_, user)| user).collect();
    let group = fixture.group("staff", &before).await?;
    let changes = before.iter().map(|user| remove(&[user])).chain(after.iter().map(|user| add(&[user])));
    all_done(fixture, &group, changes.collect()).await?;
    fixture.expect_members(&group, &after, "after half went and half came at once").await
}

async fn race_of_adding_one_member_adds_it_once(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let group = fixture.group("staff", &[]).await?;
    all_done(fixture, &group, (0..RACERS).map(|_| add(&[&anna])).collect()).await?;
    fixture.expect_members(&group, &[&anna], "after one was added by many at once").await
}

async fn race_of_document_and_members_keeps_both(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(RACERS).await?;
    let group = fixture.group("staff", &[]).await?;
    let rename = Update::document(attributes(json!({"displayName": "crew"})));
    let changes = users.iter().map(|user| add(&[user])).chain([rename]);
    all_done(fixture, &group, changes.collect()).await?;
    fixture.expect_members(&group, &users.iter().collect::<Vec<_>>(), "after all were added at once").await?;
    let read = fixture.read(&fixture.groups, &group.id).await?;
    ensure_eq!(read.attributes.string("displayName"), Some("crew"), "the name after the race");
    Ok(())
}

async fn race_of_adding_and_deleting_a_member_leaves_no_ghost(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(RACERS).await?;
    let group = fixture.group("staff", &[]).await?;
    let tasks = users.iter().enumerate().flat_map(|(number, user)| {
        [number % 2 == 0, number % 2 != 0].map(|deletes| {
            let (store, groups, users) = (Arc::clone(&fixture.store), fixture.groups.clone(), fixture.users.clone());
            let (group, user) = (group.id.clone(), user.clone());
            async move {
                if deletes {
                    store.delete(&users, &user.id, None).await
                } else {
                    match store.update(&groups, &group, add(&[&user])).await {
                        Ok(_) | Err(StoreError::UnknownMembers(_)) => Ok(()),
                        Err(error) => Err(error),
                    }
                }
            }
        })
    });
    for result in fixture.race(tasks.collect::<Vec<_>>()).await? {
        result?;
    }
    fixture.expect_members(&group, &[], "after all users were deleted").await
}
