//! Many clients at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use scim_core::{
    Attributes, Context, Fetch, Member, MembersUpdate, NewResource, Resource, ResourceId, ResourceStore, ResourceType,
    StoreError, Update,
};
use serde_json::{json, Value};
use tokio::task::JoinSet;

use support::{all, context};

fn attributes(value: &Value) -> Attributes {
    Attributes::from_stored(value.as_object().unwrap().clone())
}

fn users() -> Context {
    context("acme", &Arc::new(ResourceType::user()))
}

fn groups() -> Context {
    context("acme", &Arc::new(ResourceType::group()))
}

async fn make_users(store: &Arc<dyn ResourceStore>, count: usize) -> Vec<ResourceId> {
    let mut ids = Vec::new();
    for number in 0..count {
        let user = attributes(&json!({"userName": format!("user {number}")}));
        ids.push(store.create(&users(), NewResource::new(user)).await.unwrap().id);
    }
    ids
}

async fn make_group(store: &Arc<dyn ResourceStore>, name: &str) -> Resource {
    store.create(&groups(), NewResource::new(attributes(&json!({ "displayName": name })))).await.unwrap()
}

fn adding(ids: &[ResourceId]) -> MembersUpdate {
    let mut update = MembersUpdate::default();
    update.add(ids.iter().cloned().map(Member::new));
    update
}

fn removing(ids: &[ResourceId]) -> MembersUpdate {
    let mut update = MembersUpdate::default();
    update.remove(ids.iter().cloned());
    update
}

fn members(group: &Resource) -> BTreeSet<String> {
    group.attributes.values("members").iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_clients_change_one_group_while_others_rename_it() {
    const CLIENTS: usize = 64;
    const ROUNDS: usize = 4;
    for backend in all().await {
        let store = Arc::clone(&backend.store);
        let ids = make_users(&store, CLIENTS * 2).await;
        let group = make_group(&store, "0").await;
        let mut tasks = JoinSet::new();
        for client in 0..CLIENTS {
            let (store, id, own) = (Arc::clone(&store), group.id.clone(), ids[client * 2..client * 2 + 2].to_vec());
            tasks.spawn(async move {
                for _ in 0..ROUNDS {
                    store.update(&groups(), &id, Update::members(adding(&own))).await.unwrap();
                    store.update(&groups(), &id, Update::members(removing(&own[1..]))).await.unwrap();
                }
            });
        }
        for _ in 0..4 {
            let (store, id) = (Arc::clone(&store), group.id.clone());
            tasks.spawn(async move {
                for _ in 0..5 {
                    rename_once(&store, &id).await;
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap_or_else(|error| panic!("{}: {error}", backend.name));
        }
        let after = store.get(&groups(), &group.id, &Fetch::all()).await.unwrap().unwrap();
        let expected: BTreeSet<String> = ids.iter().step_by(2).map(ToString::to_string).collect();
        assert_eq!(members(&after), expected, "{}", backend.name);
        assert_eq!(after.attributes.string("displayName"), Some("20"), "{}: a rename was lost", backend.name);
    }
}

/// Counts the name up under the version that was read, as a PATCH does.
async fn rename_once(store: &Arc<dyn ResourceStore>, id: &ResourceId) {
    loop {
        let group = store.get(&groups(), id, &Fetch::without(["members"])).await.unwrap().unwrap();
        let count: usize = group.attributes.string("displayName").unwrap().parse().unwrap();
        let renamed = attributes(&json!({"displayName": (count + 1).to_string()}));
        match store.update(&groups(), id, Update::document(renamed).expecting(group.meta.version)).await {
            Ok(_) => return,
            Err(StoreError::VersionMismatch) => tokio::time::sleep(std::time::Duration::from_millis(2)).await,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_clients_that_make_one_user_one_does() {
    for backend in all().await {
        for round in 0..10 {
            let mut tasks = JoinSet::new();
            for client in 0..16 {
                let store = Arc::clone(&backend.store);
                let name = if client % 2 == 0 { format!("É {round}") } else { format!("é {round}") };
                tasks.spawn(async move {
                    store.create(&users(), NewResource::new(attributes(&json!({ "userName": name })))).await
                });
            }
            let mut made = 0;
            while let Some(done) = tasks.join_next().await {
                match done.unwrap() {
                    Ok(_) => made += 1,
                    Err(StoreError::Uniqueness { attribute }) => assert_eq!(attribute, "userName"),
                    Err(error) => panic!("{}: {error:?}", backend.name),
                }
            }
            assert_eq!(made, 1, "{}", backend.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn updates_without_a_version_keep_unique_names_and_their_owners_together() {
    for backend in all().await {
        let store = Arc::clone(&backend.store);
        let ids = make_users(&store, 4).await;
        let mut tasks = JoinSet::new();
        for client in 0..16_usize {
            let (store, ids) = (Arc::clone(&store), ids.clone());
            tasks.spawn(async move {
                for round in 0..10 {
                    let name = format!("name {}", (client * 7 + round * 3) % 5);
                    let update = Update::document(attributes(&json!({ "userName": name })));
                    match store.update(&users(), &ids[client % 4], update).await {
                        Ok(_) | Err(StoreError::Uniqueness { .. }) => {}
                        Err(error) => panic!("{error:?}"),
                    }
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap_or_else(|error| panic!("{}: {error}", backend.name));
        }
        let mut free: BTreeSet<String> = (0..5).map(|number| format!("name {number}")).collect();
        for id in &ids {
            let user = store.get(&users(), id, &Fetch::all()).await.unwrap().unwrap();
            let name = user.attributes.string("userName").unwrap().to_owned();
            assert!(free.remove(&name) || name.starts_with("user "), "{}: {name} is there twice", backend.name);
        }
        for name in free {
            let made = store.create(&users(), NewResource::new(attributes(&json!({ "userName": name })))).await;
            assert!(made.is_ok(), "{}: {name} is held by nobody: {made:?}", backend.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn members_that_are_deleted_while_they_are_added_are_gone_and_not_counted() {
    for backend in all().await {
        let store = Arc::clone(&backend.store);
        let ids = make_users(&store, 40).await;
        let mut all_groups = Vec::new();
        for name in ["a", "b", "c"] {
            all_groups.push(make_group(&store, name).await.id);
        }
        let mut tasks = JoinSet::new();
        for client in 0..12 {
            let (store, ids, group) = (Arc::clone(&store), ids.clone(), all_groups[client % 3].clone());
            tasks.spawn(async move {
                for chunk in ids.chunks(1 + client % 4) {
                    match store.update(&groups(), &group, Update::members(adding(chunk))).await {
                        Ok(_) | Err(StoreError::UnknownMembers(_)) => {}
                        Err(error) => panic!("{error:?}"),
                    }
                    store.update(&groups(), &group, Update::members(removing(&chunk[..1]))).await.unwrap();
                }
            });
        }
        for half in [ids[..10].to_vec(), ids[10..20].to_vec()] {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                for id in half.iter().rev() {
                    store.delete(&users(), id, None).await.unwrap();
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap_or_else(|error| panic!("{}: {error}", backend.name));
        }
        let gone: BTreeSet<String> = ids[..20].iter().map(ToString::to_string).collect();
        for id in &all_groups {
            let group = store.get(&groups(), id, &Fetch::all()).await.unwrap().unwrap();
            let members = members(&group);
            assert!(members.is_disjoint(&gone), "{}", backend.name);
            let most_members = context_with_most_members(members.len());
            let fresh = make_users_named(&store, id).await;
            let more = store.update(&most_members, id, Update::members(adding(&[fresh]))).await;
            assert!(
                matches!(more, Err(StoreError::TooManyMembers)),
                "{}: members are miscounted: {more:?}",
                backend.name
            );
        }
    }
}

fn context_with_most_members(most: usize) -> Context {
    let mut cx = groups();
    let mut limits = scim_core::Limits::default();
    limits.members_per_group = most;
    cx.limits = Arc::new(limits);
    cx
}

async fn make_users_named(store: &Arc<dyn ResourceStore>, name: &ResourceId) -> ResourceId {
    let user = attributes(&json!({"userName": format!("one more for {name}")}));
    store.create(&users(), NewResource::new(user)).await.unwrap().id
}
