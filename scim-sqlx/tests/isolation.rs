//! What a client has no right to see does not exist for it: its answers are, byte for byte, those it would get if it had
//! made up the ids and values. That goes for other tenants, for other connections of its tenant, for what the host made
//! by itself, and for what was removed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod matrix;
mod support;

use matrix::answer::Answer;
use matrix::ask::Ask;
use matrix::place;
use matrix::servers::Which;
use matrix::world::{Fate, World, OWNERS};
use scim_core::{ResourceType, UniqueWithin};
use serde_json::{json, Value};
use support::Backend;

/// Those of [`OWNERS`] who ask: a connection, and the tenant without one.
const ASKERS: [usize; 2] = [0, 1];

/// Those of whom an asker must not know.
fn others(asker: usize) -> impl Iterator<Item = usize> {
    (0..OWNERS.len()).filter(move |other| *other != asker)
}

/// Whether it is declared that the asker takes over what the other one has.
fn takes_over(which: Which, asker: usize, other: usize) -> bool {
    let (asker, other) = (&OWNERS[asker], &OWNERS[other]);
    let returns = asker.token == other.token && other.fate == Fate::Removed;
    let is_adopted = asker.token.split_once('/').is_some_and(|(tenant, _)| tenant == other.token);
    which == Which::Adopting && (returns || (is_adopted && other.fate == Fate::Present))
}

async fn tells_nothing_of_others(backend: Backend) {
    let world = World::of_all(backend.store).await;
    for asker in ASKERS {
        let unseen = world.unseen_by(asker).await;
        for place in place::all() {
            for which in place.servers {
                for other in others(asker).filter(|other| !takes_over(*which, asker, *other)) {
                    let theirs = &world.values[other];
                    let unknown = world.answers(*which, asker, &place, &theirs.made_up()).await;
                    let foreign = world.answers(*which, asker, &place, theirs).await;
                    let what = format!(
                        "{}: {} tells {} of {} ({which:?})",
                        backend.name, place.name, OWNERS[asker].name, OWNERS[other].name
                    );
                    for (unknown, foreign) in unknown.iter().zip(&foreign) {
                        assert!(unknown == foreign, "{what}\nunknown: {unknown:?}\nforeign: {foreign:?}");
                    }
                }
            }
            if !place.only_reads(&world.values[asker]) {
                let now = world.unseen_by(asker).await;
                let (place, asker) = (&place.name, OWNERS[asker].name);
                assert!(now == unseen, "{}: {place} changes what {asker} does not see", backend.name);
            }
        }
    }
}

#[tokio::test]
async fn memory_tells_nothing_of_others() {
    tells_nothing_of_others(support::memory()).await;
}

#[tokio::test]
async fn sqlite_tells_nothing_of_others() {
    tells_nothing_of_others(support::sqlite().await).await;
}

#[tokio::test]
async fn postgres_tells_nothing_of_others() {
    if let Some(backend) = support::postgres().await {
        tells_nothing_of_others(backend).await;
    }
}

#[tokio::test]
async fn a_place_can_tell_what_is_seen_from_what_is_not() {
    let mut deaf = Vec::new();
    for place in place::all() {
        let mut answers = Vec::new();
        for is_known in [false, true] {
            let mut world = World::empty(support::memory().store, ResourceType::user());
            world.populate(&OWNERS[0]).await;
            let (own, made_up) = (world.values[0].clone(), world.values[0].made_up());
            let values = if is_known { &own } else { &made_up };
            answers.push(world.answers_naming(Which::Plain, 0, &place, values, &[&own, &made_up]).await);
        }
        if answers[0] == answers[1] && !place.is_blind {
            deaf.push(place.name);
        }
    }
    assert!(deaf.is_empty(), "{deaf:#?}");
}

/// Everything that a client can learn without knowing anything.
fn survey() -> Vec<Ask> {
    let mut survey = Vec::new();
    let attributes =
        ["id", "userName", "displayName", "externalId", "meta.created", "meta.lastModified", "meta.version"];
    for endpoint in ["/Users", "/Groups", "/"] {
        survey.push(Ask::get(endpoint));
        survey.push(Ask::query(endpoint, &[("count", "0")]));
        survey.push(Ask::query(endpoint, &[("startIndex", "2")]));
        survey.push(Ask::query(endpoint, &[("cursor", ""), ("count", "1")]));
        survey.push(Ask::query(endpoint, &[("cursor", "")]));
        survey.push(Ask::query(endpoint, &[("filter", "id pr"), ("attributes", "members,groups,userName")]));
        survey.push(Ask::query(endpoint, &[("filter", "not (userName eq \"nobody\")")]));
        survey.push(Ask::query(endpoint, &[("filter", "members pr or groups pr")]));
        survey.push(Ask::query(endpoint, &[("filter", "meta.created gt \"2000-01-01T00:00:00Z\"")]));
        for attribute in attributes {
            for order in ["ascending", "descending"] {
                survey.push(Ask::query(endpoint, &[("sortBy", attribute), ("sortOrder", order)]));
            }
        }
    }
    survey.extend(["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"].map(Ask::get));
    survey
}

async fn is_blind_to_how_many_others_there_are(backend: Backend) {
    let mut world = World::empty(backend.store, ResourceType::user());
    let mut alone = Vec::new();
    for (place, owner) in OWNERS.iter().enumerate() {
        world.populate(owner).await;
        for (number, ask) in survey().into_iter().enumerate() {
            let answer = world.ask(Which::Plain, 0, &ask).await;
            assert!(answer.status < 500, "{}: {ask:?}: {answer:?}", backend.name);
            if place == 0 {
                alone.push(answer);
            } else {
                assert_eq!(answer, alone[number], "{}: {} shows in {ask:?}", backend.name, owner.name);
            }
        }
    }
}

#[tokio::test]
async fn memory_is_blind_to_how_many_others_there_are() {
    is_blind_to_how_many_others_there_are(support::memory()).await;
}

#[tokio::test]
async fn sqlite_is_blind_to_how_many_others_there_are() {
    is_blind_to_how_many_others_there_are(support::sqlite().await).await;
}

#[tokio::test]
async fn postgres_is_blind_to_how_many_others_there_are() {
    if let Some(backend) = support::postgres().await {
        is_blind_to_how_many_others_there_are(backend).await;
    }
}

/// Users whose names reach beyond their partition.
fn users(reach: UniqueWithin) -> ResourceType {
    let user = ResourceType::user();
    let schema = (**user.schema()).clone().with("userName", |attribute| attribute.unique_within = reach);
    user.with_schema(schema)
}

/// The ways to take a name: as a new user, by PUT, by PATCH, and in a Bulk request.
fn takings(name: &str, own: &str) -> Vec<Ask> {
    let replace = json!([{"op": "replace", "path": "userName", "value": name}]);
    let operations = json!([{"method": "POST", "path": "/Users", "bulkId": "new", "data": {"userName": name}}]);
    vec![
        Ask::post("/Users", &json!({"userName": name})),
        Ask::new("PUT", format!("/Users/{own}")).body(&json!({"userName": name})),
        Ask::patch(format!("/Users/{own}"), &replace),
        Ask::post("/Bulk", &json!({"Operations": operations})),
    ]
}

/// Where a name is taken, the answer says so of the attribute and says nothing else, whoever has the name.
async fn says_of_a_taken_name_that_it_is_taken(backend: Backend, reach: UniqueWithin) {
    let mut world = World::empty(backend.store, users(reach));
    for owner in &OWNERS {
        world.populate(owner).await;
    }
    let own = world.values[0].clone();
    let of_own: Vec<Answer> = world.all(takings(&own.user_name, &own.manager)).await;
    let refused: Value = serde_json::from_str(&of_own[0].body).unwrap();
    assert_eq!(
        refused,
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "409", "scimType": "uniqueness",
            "detail": "Another resource has this userName; it must be unique"}),
    );
    for (other, owner) in OWNERS.iter().enumerate().skip(1) {
        let is_reached =
            owner.fate == Fate::Present && (reach == UniqueWithin::Platform || owner.token.starts_with("acme"));
        if is_reached {
            let answers = world.all(takings(&world.values[other].user_name, &own.manager)).await;
            assert_eq!(answers, of_own, "{}: the name of {} ({reach:?})", backend.name, owner.name);
        } else {
            let taking = takings(&world.values[other].user_name, &own.manager).remove(0);
            let answer = world.ask(Which::Plain, 0, &taking).await;
            assert_eq!(answer.status, 201, "{}: the name of {} ({reach:?}): {answer:?}", backend.name, owner.name);
        }
    }
}

#[tokio::test]
async fn memory_says_of_a_taken_name_that_it_is_taken() {
    for reach in [UniqueWithin::Tenant, UniqueWithin::Platform] {
        says_of_a_taken_name_that_it_is_taken(support::memory(), reach).await;
    }
}

#[tokio::test]
async fn sqlite_says_of_a_taken_name_that_it_is_taken() {
    for reach in [UniqueWithin::Tenant, UniqueWithin::Platform] {
        says_of_a_taken_name_that_it_is_taken(support::sqlite().await, reach).await;
    }
}

#[tokio::test]
async fn postgres_says_of_a_taken_name_that_it_is_taken() {
    for reach in [UniqueWithin::Tenant, UniqueWithin::Platform] {
        if let Some(backend) = support::postgres().await {
            says_of_a_taken_name_that_it_is_taken(backend, reach).await;
        }
    }
}
