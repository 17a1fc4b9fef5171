//! Several operations as one ([`UnitOfWork`](crate::UnitOfWork)).

use std::sync::Arc;

use serde_json::json;

use super::check::{check, ensure, ensure_eq, ensure_error, BoxFuture, Check, Failure, Verdict};
use super::fixture::{attributes, member, Fixture};
use super::race::turn;
use crate::context::Context;
use crate::resource::Resource;
use crate::store::{Fetch, NewResource, Query, ResourceStore, StoreError, UnitOfWork, Update};

pub(super) const CHECKS: &[Check] = &[
    check!(unit_that_is_committed_has_happened, [UnitsOfWork]),
    check!(unit_that_is_rolled_back_leaves_nothing, [UnitsOfWork]),
    check!(unit_that_is_dropped_leaves_nothing, [UnitsOfWork]),
    check!(unit_that_failed_and_is_rolled_back_leaves_nothing, [UnitsOfWork]),
    check!(unit_sees_what_it_did, [UnitsOfWork]),
    check!(unit_changes_and_deletes_what_was_there, [UnitsOfWork]),
    check!(unit_checks_versions_and_what_is_unique, [UnitsOfWork]),
    check!(unit_makes_a_group_of_new_users, [UnitsOfWork, DetachedMembers]),
    check!(unit_with_nothing_in_it_is_committed, [UnitsOfWork]),
    check!(unit_is_seen_whole_or_not_at_all, [UnitsOfWork]),
    check!(unit_and_writes_at_the_same_time_keep_each_other, [UnitsOfWork]),
    check!(units_at_the_same_time_keep_each_other, [UnitsOfWork]),
];

async fn begin(store: &dyn ResourceStore, cx: &Context) -> Result<Box<dyn UnitOfWork>, StoreError> {
    match store.unit_of_work() {
        Some(begin) => begin.begin(cx).await,
        None => Err(StoreError::backend("the store has no units of work")),
    }
}

async fn create(store: &dyn ResourceStore, cx: &Context, name: &str) -> Result<Resource, StoreError> {
    store.create(cx, NewResource::new(attributes(json!({ "userName": name })))).await
}

async fn total(store: &dyn ResourceStore, cx: &Context) -> Result<Option<usize>, StoreError> {
    Ok(store.list(cx, &Query::default()).await?.total)
}

/// Fails the check unless there are no users, and one may still be made of each of these names.
async fn expect_nothing(fixture: &Fixture, names: &[&str]) -> Verdict {
    ensure_eq!(total(&*fixture.store, &fixture.users).await?, Some(0), "how many users there are");
    for name in names {
        fixture.user(name).await?;
    }
    Ok(())
}

async fn unit_that_is_committed_has_happened(fixture: &Fixture) -> Verdict {
    let unit = begin(&*fixture.store, &fixture.users).await?;
    let anna = create(&*unit, &fixture.users, "anna").await?;
    create(&*unit, &fixture.users, "bert").await?;
    unit.commit().await?;
    ensure_eq!(fixture.read(&fixture.users, &anna.id).await?, anna, "a user of the unit");
    ensure_eq!(total(&*fixture.store, &fixture.users).await?, Some(2), "how many users there are");
    let result = fixture.user("ANNA").await;
    ensure_error!(result, StoreError::Uniqueness { .. }, "a name that the unit has taken");
    Ok(())
}

async fn unit_that_is_rolled_back_leaves_nothing(fixture: &Fixture) -> Verdict {
    let unit = begin(&*fixture.store, &fixture.users).await?;
    let anna = create(&*unit, &fixture.users, "anna").await?;
    unit.rollback().await?;
    ensure!(!fixture.exists(&fixture.users, &anna.id).await?, "what was rolled back can be read");
    expect_nothing(fixture, &["anna"]).await
}

async fn unit_that_is_dropped_leaves_nothing(fixture: &Fixture) -> Verdict {
    let unit = begin(&*fixture.store, &fixture.users).await?;
    create(&*unit, &fixture.users, "anna").await?;
    drop(unit);
    expect_nothing(fixture, &["anna"]).await
}

async fn unit_that_failed_and_is_rolled_back_leaves_nothing(fixture: &Fixture) -> Verdict {
    let unit = begin(&*fixture.store, &fixture.users).await?;
    create(&*unit, &fixture.users, "anna").await?;
    let result = create(&*unit, &fixture.users, "Anna").await;
    ensure_error!(result, StoreError::Uniqueness { .. }, "a name that the unit itself has taken");
    unit.rollback().await?;
    expect_nothing(fixture, &["anna"]).await
}

async fn unit_sees_what_it_did(fixture: &Fixture) -> Verdict {
    let cx = &fixture.users;
    let unit = begin(&*fixture.store, cx).await?;
    let anna = create(&*unit, cx, "anna").await?;
    ensure_eq!(unit.get(cx, &anna.id, &Fetch::all()).await?, Some(anna.clone()), "what the unit made, read in it");
    ensure_eq!(total(&*unit, cx).await?, Some(1), "how many users there are in the unit");
    let update = Update::document(attributes(json!({"userName": "hannah"}))).expecting(anna.meta.version);
    let hannah = unit.update(cx, &anna.id, update).await?;
    ensure_eq!(unit.get(cx, &anna.id, &Fetch::all()).await?, Some(hannah.clone()), "what the unit changed");
    unit.delete(cx, &anna.id, Some(&hannah.meta.version)).await?;
    ensure_eq!(unit.get(cx, &anna.id, &Fetch::all()).await?, None, "what the unit deleted");
    unit.commit().await?;
    expect_nothing(fixture, &["anna", "hannah"]).await
}

async fn unit_changes_and_deletes_what_was_there(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    for is_committed in [false, true] {
        let unit = begin(&*fixture.store, &fixture.users).await?;
        let update = Update::document(attributes(json!({"userName": "hannah"})));
        let hannah = unit.update(&fixture.users, &anna.id, update).await?;
        unit.delete(&fixture.users, &bert.id, None).await?;
        if is_committed {
            unit.commit().await?;
            ensure_eq!(fixture.read(&fixture.users, &anna.id).await?, hannah, "what the unit changed");
        } else {
            unit.rollback().await?;
            ensure_eq!(fixture.read(&fixture.users, &anna.id).await?, anna, "what was rolled back");
        }
        let exists = fixture.exists(&fixture.users, &bert.id).await?;
        ensure_eq!(exists, !is_committed, "whether what the unit deleted is there");
    }
    Ok(())
}

async fn unit_checks_versions_and_what_is_unique(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let bert = fixture.put(&fixture.users, &fixture.user("b").await?.id, json!({"userName": "bert"})).await?;
    let unit = begin(&*fixture.store, &fixture.users).await?;
    let update = Update::document(attributes(json!({"userName": "carl"}))).expecting(bert.meta.version.clone());
    let result = unit.update(&fixture.users, &anna.id, update).await;
    ensure_error!(result, StoreError::VersionMismatch, "a version that is another resource's");
    unit.rollback().await?;
    let unit = begin(&*fixture.store, &fixture.users).await?;
    let update = Update::document(attributes(json!({"userName": "ANNA"})));
    let result = unit.update(&fixture.users, &bert.id, update).await;
    ensure_error!(result, StoreError::Uniqueness { .. }, "a name that was taken before the unit");
    unit.rollback().await?;
    ensure_eq!(fixture.read(&fixture.users, &bert.id).await?, bert, "what was not changed");
    Ok(())
}

async fn unit_makes_a_group_of_new_users(fixture: &Fixture) -> Verdict {
    let unit = begin(&*fixture.store, &fixture.users).await?;
    let anna = create(&*unit, &fixture.users, "anna").await?;
    let new = NewResource::new(attributes(json!({"displayName": "staff"}))).with_members([member(&anna)]);
    let staff = unit.create(&fixture.groups, new).await?;
    unit.commit().await?;
    fixture.expect_members(&staff, &[&anna], "after the unit").await?;
    ensure_eq!(fixture.group_ids(&anna).await?, [staff.id], "the groups of the user");
    Ok(())
}

async fn unit_with_nothing_in_it_is_committed(fixture: &Fixture) -> Verdict {
    begin(&*fixture.store, &fixture.users).await?.commit().await?;
    begin(&*fixture.store, &fixture.users).await?.rollback().await?;
    expect_nothing(fixture, &["anna"]).await
}

/// What an operation of a race returns.
type Racer = BoxFuture<'static, Verdict>;

/// A unit that makes two users, giving way to others all the time.
fn make_two(fixture: &Fixture, names: [&'static str; 2]) -> Racer {
    let (store, cx) = (Arc::clone(&fixture.store), fixture.users.clone());
    Box::pin(async move {
        let unit = begin(&*store, &cx).await?;
        for name in names {
            turn().await;
            create(&*unit, &cx, name).await?;
        }
        turn().await;
        Ok(unit.commit().await?)
    })
}

async fn run(fixture: &Fixture, racers: Vec<Racer>) -> Verdict {
    fixture.race(racers).await?.into_iter().collect()
}

async fn unit_is_seen_whole_or_not_at_all(fixture: &Fixture) -> Verdict {
    let (store, cx) = (Arc::clone(&fixture.store), fixture.users.clone());
    let look: Racer = Box::pin(async move {
        for _ in 0..20 {
            let total = total(&*store, &cx).await?;
            if !matches!(total, Some(0 | 2)) {
                return Err(Failure::new(format!("others see {total:?} of the two users that a unit makes")));
            }
            turn().await;
        }
        Ok(())
    });
    run(fixture, vec![make_two(fixture, ["anna", "bert"]), look]).await?;
    ensure_eq!(total(&*fixture.store, &fixture.users).await?, Some(2), "how many users there are");
    Ok(())
}

async fn unit_and_writes_at_the_same_time_keep_each_other(fixture: &Fixture) -> Verdict {
    let writes = ["carl", "dora", "emil"].map(|name| -> Racer {
        let (store, cx) = (Arc::clone(&fixture.store), fixture.users.clone());
        Box::pin(async move {
            turn().await;
            create(&*store, &cx, name).await?;
            Ok(())
        })
    });
    let racers = writes.into_iter().chain([make_two(fixture, ["anna", "bert"])]).collect();
    run(fixture, racers).await?;
    ensure_eq!(total(&*fixture.store, &fixture.users).await?, Some(5), "how many users there are");
    Ok(())
}

async fn units_at_the_same_time_keep_each_other(fixture: &Fixture) -> Verdict {
    let racers = [["anna", "bert"], ["carl", "dora"], ["emil", "fritz"]].map(|names| make_two(fixture, names));
    run(fixture, racers.into_iter().collect()).await?;
    ensure_eq!(total(&*fixture.store, &fixture.users).await?, Some(6), "how many users there are");
    Ok(())
}
