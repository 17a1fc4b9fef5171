//! Moves at the same time as other moves and updates.

use std::future::Future;
use std::sync::Arc;

use serde_json::json;

use super::check::{check, ensure, ensure_eq, Check, Failure, Verdict};
use super::fixture::{attributes, Fixture};
use super::race::{expect_one_winner, is_taken};
use crate::connection::Partition;
use crate::context::Context;
use crate::resource::{Resource, ResourceId};
use crate::store::{StoreError, Update};

pub(super) const CHECKS: &[Check] = &[
    check!(race_of_moves_has_one_winner, [Partitions]),
    check!(race_of_moves_to_one_name_has_one_winner, [Partitions]),
    check!(race_of_moves_and_creates_of_one_name_has_one_winner, [Partitions]),
    check!(race_of_moves_in_both_directions_does_them_all, [Partitions]),
    check!(race_of_move_and_update_expecting_one_version_has_one_winner, [Partitions]),
    check!(race_of_move_and_updates_loses_none_that_was_done, [Partitions]),
    check!(race_of_move_and_delete_has_one_winner, [Partitions]),
];

/// How many do the same thing at the same time.
const RACERS: usize = 8;

type Done = Result<Resource, StoreError>;

fn update(
    fixture: &Fixture,
    cx: &Context,
    id: &ResourceId,
    update: Update,
) -> impl Future<Output = Done> + Send + 'static {
    let (store, cx, id) = (Arc::clone(&fixture.store), cx.clone(), id.clone());
    async move { store.update(&cx, &id, update).await }
}

fn moving(fixture: &Fixture, cx: &Context, id: &ResourceId, to: &Partition) -> impl Future<Output = Done> + Send {
    update(fixture, cx, id, Update::moving(to.clone()))
}

/// The contexts among these where the resource is.
async fn places<'c>(fixture: &Fixture, all: &'c [Context], id: &ResourceId) -> Result<Vec<&'c Context>, StoreError> {
    let mut found = Vec::new();
    for cx in all {
        if fixture.exists(cx, id).await? {
            found.push(cx);
        }
    }
    Ok(found)
}

fn connections(fixture: &Fixture) -> Vec<Context> {
    (0..RACERS).map(|n| fixture.users.within(fixture.connection(&format!("connection-{n}")))).collect()
}

async fn race_of_moves_has_one_winner(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let targets = connections(fixture);
    let tasks: Vec<_> = targets.iter().map(|to| moving(fixture, &fixture.users, &anna.id, to.partition())).collect();
    let results = fixture.race(tasks).await?;
    let winner = expect_one_winner(results, |error| matches!(error, StoreError::NotFound))?;
    let places = places(fixture, &targets, &anna.id).await?;
    ensure_eq!(places.len(), 1, "in how many partitions the user is after the race");
    for place in places {
        ensure_eq!(fixture.read(place, &anna.id).await?, winner, "the user after the race");
    }
    ensure!(!fixture.exists(&fixture.users, &anna.id).await?, "the user is still where it was");
    Ok(())
}

async fn race_of_moves_to_one_name_has_one_winner(fixture: &Fixture) -> Verdict {
    let mut tasks = Vec::new();
    for from in connections(fixture) {
        let anna = fixture.create(&from, json!({"userName": "anna"})).await?;
        tasks.push(moving(fixture, &from, &anna.id, fixture.users.partition()));
    }
    let winner = expect_one_winner(fixture.race(tasks).await?, is_taken("userName"))?;
    ensure_eq!(fixture.list(&fixture.users, None).await?.resources, [winner], "the users after the race");
    for from in connections(fixture) {
        let left = fixture.list(&from, None).await?.resources.len();
        ensure!(left <= 1, "a connection that had one user has {left}");
    }
    Ok(())
}

async fn race_of_moves_and_creates_of_one_name_has_one_winner(fixture: &Fixture) -> Verdict {
    let mut tasks: Vec<super::check::BoxFuture<'static, Done>> = Vec::new();
    for (number, from) in connections(fixture).into_iter().enumerate() {
        if number % 2 == 0 {
            let anna = fixture.create(&from, json!({"userName": "anna"})).await?;
            tasks.push(Box::pin(update(fixture, &from, &anna.id, Update::moving(fixture.users.partition().clone()))));
        } else {
            let (store, cx) = (Arc::clone(&fixture.store), fixture.users.clone());
            let new = crate::store::NewResource::new(attributes(json!({"userName": "anna"})));
            tasks.push(Box::pin(async move { store.create(&cx, new).await }));
        }
    }
    let winner = expect_one_winner(fixture.race(tasks).await?, is_taken("userName"))?;
    ensure_eq!(fixture.list(&fixture.users, None).await?.resources, [winner], "the users after the race");
    Ok(())
}

async fn race_of_moves_in_both_directions_does_them_all(fixture: &Fixture) -> Verdict {
    let (own, okta) = (fixture.users.clone(), fixture.users.within(fixture.connection("okta")));
    let mut tasks = Vec::new();
    for number in 0..RACERS {
        let (from, to) = if number % 2 == 0 { (&own, &okta) } else { (&okta, &own) };
        let user = fixture.create(from, json!({ "userName": format!("user-{number}") })).await?;
        tasks.push(update(fixture, from, &user.id, Update::moving(to.partition().clone())));
    }
    for result in fixture.race(tasks).await? {
        result?;
    }
    for cx in [&own, &okta] {
        ensure_eq!(fixture.list(cx, None).await?.total, Some(4), "how many there are on each side");
    }
    Ok(())
}

async fn race_of_move_and_update_expecting_one_version_has_one_winner(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let okta = fixture.users.within(fixture.connection("okta"));
    let tasks: Vec<_> = (0..RACERS)
        .map(|number| {
            let change = if number % 2 != 0 {
                Update::moving(okta.partition().clone())
            } else {
                Update::document(attributes(json!({"userName": "anna", "title": number.to_string()})))
            };
            update(fixture, &fixture.users, &anna.id, change.expecting(anna.meta.version.clone()))
        })
        .collect();
    let is_loss = |error: &StoreError| matches!(error, StoreError::NotFound | StoreError::VersionMismatch);
    let winner = expect_one_winner(fixture.race(tasks).await?, is_loss)?;
    let all = [fixture.users.clone(), okta];
    let places = places(fixture, &all, &anna.id).await?;
    ensure_eq!(places.len(), 1, "in how many partitions the user is after the race");
    for place in places {
        ensure_eq!(fixture.read(place, &anna.id).await?, winner, "the user after the race");
    }
    Ok(())
}

async fn race_of_move_and_updates_loses_none_that_was_done(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let okta = fixture.users.within(fixture.connection("okta"));
    let titled = |n: usize| Update::document(attributes(json!({"userName": "anna", "title": n.to_string()})));
    let mut tasks: Vec<_> = (1..RACERS).map(|n| update(fixture, &fixture.users, &anna.id, titled(n))).collect();
    tasks.push(update(fixture, &fixture.users, &anna.id, Update::moving(okta.partition().clone())));
    let mut results = fixture.race(tasks).await?;
    let Some(Ok(moved)) = results.pop() else { return Err(Failure::new("the move was not done")) };
    let mut versions = vec![anna.meta.version.clone(), moved.meta.version.clone()];
    let mut titles = vec![None];
    for result in results {
        match result {
            Ok(user) => {
                ensure!(!versions.contains(&user.meta.version), "two changes have one version");
                versions.push(user.meta.version);
                titles.push(user.attributes.string("title").map(str::to_owned));
            }
            Err(StoreError::NotFound) => {}
            Err(error) => return Err(Failure::new(format!("an update that came too late was told: {error}"))),
        }
    }
    ensure_eq!(fixture.read(&okta, &anna.id).await?, moved, "the user after the race");
    ensure!(!fixture.exists(&fixture.users, &anna.id).await?, "the user is still where it was");
    let title = moved.attributes.string("title").map(str::to_owned);
    ensure!(titles.contains(&title), "the moved user has the title {title:?} of an update that was refused");
    ensure!(title.is_some() == (titles.len() > 1), "the moved user has lost an update that was done before");
    Ok(())
}

async fn race_of_move_and_delete_has_one_winner(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let okta = fixture.users.within(fixture.connection("okta"));
    let tasks = (0..RACERS).map(|number| {
        let (store, cx, anna, okta) = (Arc::clone(&fixture.store), fixture.users.clone(), anna.clone(), okta.clone());
        async move {
            if number % 2 != 0 {
                store.delete(&cx, &anna.id, None).await.map(|()| anna)
            } else {
                store.update(&cx, &anna.id, Update::moving(okta.partition().clone())).await
            }
        }
    });
    let results = fixture.race(tasks.collect::<Vec<_>>()).await?;
    let winner = expect_one_winner(results, |error| matches!(error, StoreError::NotFound))?;
    let is_moved = winner.meta.version != anna.meta.version;
    ensure_eq!(fixture.exists(&okta, &anna.id).await?, is_moved, "whether the user is where it was moved to");
    ensure!(!fixture.exists(&fixture.users, &anna.id).await?, "the user is still where it was");
    Ok(())
}
