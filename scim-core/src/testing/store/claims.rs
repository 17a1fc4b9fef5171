//! Values that are unique beyond a partition ([`UniqueWithin`](crate::UniqueWithin)).

use std::future::Future;
use std::sync::Arc;

use serde_json::json;

use super::check::{check, ensure_eq, ensure_error, Check, Failure, Verdict};
use super::fixture::{attributes, ids, Fixture};
use super::race::{expect_one_winner, is_taken};
use crate::connection::Partition;
use crate::context::Context;
use crate::resource::{Resource, ResourceId};
use crate::schema::{user_schema, Attribute, ResourceType, UniqueWithin};
use crate::store::{Fetch, NewResource, StoreError, Update};

pub(super) const CHECKS: &[Check] = &[
    check!(claim_in_the_tenant_reaches_its_other_partitions, [Partitions, CustomTypes]),
    check!(claim_in_the_tenant_leaves_other_tenants_alone, [Partitions, CustomTypes, Tenants]),
    check!(claim_on_the_platform_reaches_other_tenants, [Partitions, CustomTypes, Tenants]),
    check!(claim_ignores_case_as_the_attribute_does, [Partitions, CustomTypes]),
    check!(claim_is_checked_by_an_update, [Partitions, CustomTypes]),
    check!(claim_stays_when_something_else_changes, [Partitions, CustomTypes]),
    check!(claim_is_freed_by_a_delete, [Partitions, CustomTypes]),
    check!(claim_is_freed_by_another_value, [Partitions, CustomTypes]),
    check!(claim_is_freed_by_a_removal, [Partitions, CustomTypes]),
    check!(claim_goes_along_with_a_move, [Partitions, CustomTypes]),
    check!(claim_taken_meanwhile_refuses_the_way_back, [Partitions, CustomTypes]),
    check!(claim_of_what_is_made_removed_is_none, [Partitions, CustomTypes]),
    check!(claim_leaves_what_a_plainer_definition_finds_and_takes, [Partitions]),
    check!(claim_of_a_refused_write_is_none, [Partitions, CustomTypes]),
    check!(claim_in_a_unit_that_is_committed_stays, [Partitions, CustomTypes, UnitsOfWork]),
    check!(claim_in_a_unit_that_is_rolled_back_is_none, [Partitions, CustomTypes, UnitsOfWork]),
    check!(claim_freed_in_a_unit_is_free_in_it, [Partitions, CustomTypes, UnitsOfWork]),
    check!(race_of_claims_in_several_partitions_has_one_winner, [Partitions, CustomTypes]),
    check!(race_of_claims_in_several_tenants_has_one_winner, [Partitions, CustomTypes, Tenants]),
    check!(race_of_claims_by_updates_has_one_winner, [Partitions, CustomTypes]),
    check!(race_of_claims_in_units_has_one_winner, [Partitions, CustomTypes, UnitsOfWork]),
];

/// Accounts of the tenant's own partition, of two connections, and of another tenant.
struct Accounts {
    own: Context,
    okta: Context,
    entra: Context,
    other: Context,
}

impl Accounts {
    fn new(fixture: &Fixture) -> Self {
        let other = Partition::of_tenant(fixture.other_users.tenant().clone());
        let other = fixture.other_users.for_type(Arc::clone(&fixture.accounts(other).resource_type));
        Self {
            own: fixture.accounts(fixture.users.partition().clone()),
            okta: fixture.accounts(fixture.connection("okta")),
            entra: fixture.accounts(fixture.connection("entra")),
            other,
        }
    }

    fn of_tenant(&self) -> [&Context; 3] {
        [&self.own, &self.okta, &self.entra]
    }
}

/// A value that no other check has, for the platform outlives a check.
fn fresh() -> String {
    ResourceId::random().to_string()
}

async fn account(fixture: &Fixture, cx: &Context, attribute: &str, value: &str) -> Result<Resource, StoreError> {
    fixture.create(cx, json!({ attribute: value })).await
}

/// Fails the check unless the value is taken here.
async fn expect_taken(fixture: &Fixture, cx: &Context, attribute: &str, value: &str, when: &str) -> Verdict {
    let result = account(fixture, cx, attribute, value).await;
    let is_named = |named: &str| named == attribute;
    ensure_error!(result, StoreError::Uniqueness { attribute: ref named } if is_named(named), "{attribute} {when}");
    Ok(())
}

/// Fails the check unless the value is free here, which it is afterwards as well.
async fn expect_free(fixture: &Fixture, cx: &Context, attribute: &str, value: &str) -> Verdict {
    let made = account(fixture, cx, attribute, value).await?;
    fixture.store.delete(cx, &made.id, None).await?;
    Ok(())
}

async fn claim_in_the_tenant_reaches_its_other_partitions(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    for (number, holder) in accounts.of_tenant().into_iter().enumerate() {
        let login = format!("login-{number}");
        account(fixture, holder, "login", &login).await?;
        for cx in accounts.of_tenant() {
            expect_taken(fixture, cx, "login", &login, "of another partition").await?;
        }
    }
    Ok(())
}

async fn claim_in_the_tenant_leaves_other_tenants_alone(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    account(fixture, &accounts.okta, "login", "anna").await?;
    account(fixture, &accounts.other, "login", "anna").await?;
    Ok(())
}

async fn claim_on_the_platform_reaches_other_tenants(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    let handle = fresh();
    let holder = account(fixture, &accounts.okta, "handle", &handle).await?;
    for cx in [&accounts.other, &accounts.own, &accounts.entra] {
        expect_taken(fixture, cx, "handle", &handle, "of another tenant").await?;
    }
    ensure_eq!(fixture.list(&accounts.other, None).await?.total, Some(0), "how many the other tenant has");
    fixture.store.delete(&accounts.okta, &holder.id, None).await?;
    expect_free(fixture, &accounts.other, "handle", &handle).await
}

async fn claim_ignores_case_as_the_attribute_does(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    account(fixture, &accounts.okta, "login", "Zoë").await?;
    expect_taken(fixture, &accounts.entra, "login", "zOË", "in another case").await
}

/// Host code may know the type as it is without the policy that makes a name unique on the platform.
async fn claim_leaves_what_a_plainer_definition_finds_and_takes(fixture: &Fixture) -> Verdict {
    let platform = |name: &mut Attribute| *name = name.clone().unique_within(UniqueWithin::Platform);
    let wider = ResourceType::user().with_schema(user_schema().with("userName", platform));
    let (plain, wider) = (&fixture.users, fixture.users.for_type(Arc::new(wider)));
    for (holder, other) in [(&wider, plain), (plain, &wider)] {
        let name = fresh();
        let made = fixture.create(holder, json!({ "userName": name })).await?;
        let found = fixture.list(other, Some(&format!("userName eq \"{name}\""))).await?;
        ensure_eq!(ids(&found.resources), [made.id], "who is found by the other definition");
        let result = fixture.create(other, json!({ "userName": name })).await;
        ensure_error!(result, StoreError::Uniqueness { ref attribute } if attribute == "userName", "a second one");
    }
    Ok(())
}

async fn claim_is_checked_by_an_update(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    let handle = fresh();
    fixture.create(&accounts.okta, json!({"login": "anna", "handle": handle})).await?;
    let bert = account(fixture, &accounts.entra, "login", "bert").await?;
    let documents = [(json!({"login": "anna"}), "login"), (json!({"login": "bert", "handle": handle}), "handle")];
    for (document, taken) in documents {
        let result = fixture.put(&accounts.entra, &bert.id, document).await;
        let is_named = |attribute: &str| attribute == taken;
        ensure_error!(result, StoreError::Uniqueness { ref attribute } if is_named(attribute), "a change to another's");
        ensure_eq!(fixture.read(&accounts.entra, &bert.id).await?, bert, "what was not changed");
    }
    expect_taken(fixture, &accounts.own, "login", "bert", "of what was not changed").await
}

async fn claim_stays_when_something_else_changes(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    let anna = account(fixture, &accounts.okta, "login", "anna").await?;
    fixture.put(&accounts.okta, &anna.id, json!({"login": "Anna", "title": "Guide"})).await?;
    fixture.put(&accounts.okta, &anna.id, json!({"login": "ANNA", "title": "Chief"})).await?;
    expect_taken(fixture, &accounts.entra, "login", "anna", "after other changes").await
}

async fn claim_is_freed_by_a_delete(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    let anna = account(fixture, &accounts.okta, "login", "anna").await?;
    fixture.store.delete(&accounts.okta, &anna.id, None).await?;
    expect_free(fixture, &accounts.entra, "login", "anna").await
}

async fn claim_is_freed_by_another_value(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    let anna = account(fixture, &accounts.okta, "login", "anna").await?;
    fixture.put(&accounts.okta, &anna.id, json!({"login": "hannah"})).await?;
    expect_free(fixture, &accounts.entra, "login", "anna").await?;
    expect_taken(fixture, &accounts.entra, "login", "hannah", "that took the place of another").await?;
    fixture.put(&accounts.okta, &anna.id, json!({"title": "Guide"})).await?;
    expect_free(fixture, &accounts.entra, "login", "hannah").await
}

async fn claim_is_freed_by_a_removal(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    let anna = account(fixture, &accounts.okta, "login", "anna").await?;
    fixture.relocate(&accounts.okta, &anna.id, &accounts.okta.partition().removed()).await?;
    expect_free(fixture, &accounts.entra, "login", "anna").await?;
    expect_free(fixture, &accounts.okta, "login", "anna").await
}

async fn claim_goes_along_with_a_move(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    let handle = fresh();
    let anna = fixture.create(&accounts.okta, json!({"login": "anna", "handle": handle})).await?;
    fixture.relocate(&accounts.okta, &anna.id, accounts.entra.partition()).await?;
    for cx in accounts.of_tenant() {
        expect_taken(fixture, cx, "login", "anna", "after the move").await?;
        expect_taken(fixture, cx, "handle", &handle, "after the move").await?;
    }
    fixture.store.delete(&accounts.entra, &anna.id, None).await?;
    expect_free(fixture, &accounts.okta, "login", "anna").await?;
    expect_free(fixture, &accounts.okta, "handle", &handle).await
}

async fn claim_taken_meanwhile_refuses_the_way_back(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    let removed = accounts.okta.within(accounts.okta.partition().removed());
    let anna = account(fixture, &accounts.okta, "login", "anna").await?;
    let gone = fixture.relocate(&accounts.okta, &anna.id, removed.partition()).await?;
    let successor = account(fixture, &accounts.entra, "login", "anna").await?;
    let result = fixture.relocate(&removed, &anna.id, accounts.okta.partition()).await;
    let is_login = |attribute: &str| attribute == "login";
    ensure_error!(result, StoreError::Uniqueness { ref attribute } if is_login(attribute), "the way back");
    ensure_eq!(fixture.read(&removed, &anna.id).await?, gone, "what did not come back");
    fixture.store.delete(&accounts.entra, &successor.id, None).await?;
    fixture.relocate(&removed, &anna.id, accounts.okta.partition()).await?;
    expect_taken(fixture, &accounts.entra, "login", "anna", "of what came back").await
}

async fn claim_of_what_is_made_removed_is_none(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    let removed = accounts.okta.within(accounts.okta.partition().removed());
    let anna = account(fixture, &removed, "login", "anna").await?;
    account(fixture, &removed, "login", "anna").await?;
    expect_free(fixture, &accounts.okta, "login", "anna").await?;
    fixture.put(&removed, &anna.id, json!({"login": "hannah"})).await?;
    expect_free(fixture, &accounts.okta, "login", "hannah").await
}

async fn claim_of_a_refused_write_is_none(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    let handle = fresh();
    account(fixture, &accounts.okta, "login", "anna").await?;
    let both = || json!({"login": "anna", "handle": handle});
    ensure_error!(fixture.create(&accounts.entra, both()).await, StoreError::Uniqueness { .. }, "a taken login");
    let bert = account(fixture, &accounts.entra, "login", "bert").await?;
    let result = fixture.put(&accounts.entra, &bert.id, both()).await;
    ensure_error!(result, StoreError::Uniqueness { .. }, "a change to a taken login");
    expect_free(fixture, &accounts.own, "handle", &handle).await
}

/// Makes an account of both values in a unit that is committed or not.
async fn make_in_a_unit(fixture: &Fixture, cx: &Context, handle: &str, is_committed: bool) -> Result<(), StoreError> {
    let Some(units) = fixture.store.unit_of_work() else { return Err(StoreError::backend("no units of work")) };
    let unit = units.begin(cx).await?;
    unit.create(cx, NewResource::new(attributes(json!({"login": "anna", "handle": handle})))).await?;
    if is_committed {
        unit.commit().await
    } else {
        unit.rollback().await
    }
}

async fn claim_in_a_unit_that_is_committed_stays(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    let handle = fresh();
    make_in_a_unit(fixture, &accounts.okta, &handle, true).await?;
    expect_taken(fixture, &accounts.entra, "login", "anna", "of a unit").await?;
    expect_taken(fixture, &accounts.other, "handle", &handle, "of a unit").await
}

async fn claim_in_a_unit_that_is_rolled_back_is_none(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    let handle = fresh();
    make_in_a_unit(fixture, &accounts.okta, &handle, false).await?;
    expect_free(fixture, &accounts.entra, "login", "anna").await?;
    expect_free(fixture, &accounts.other, "handle", &handle).await
}

async fn claim_freed_in_a_unit_is_free_in_it(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    let anna = account(fixture, &accounts.okta, "login", "anna").await?;
    let Some(units) = fixture.store.unit_of_work() else { return Err(Failure::new("no units of work")) };
    for is_committed in [false, true] {
        let unit = units.begin(&accounts.okta).await?;
        unit.delete(&accounts.okta, &anna.id, None).await?;
        let new = NewResource::new(attributes(json!({"login": "anna"})));
        let successor = unit.create(&accounts.entra, new).await?;
        if is_committed {
            unit.commit().await?;
        } else {
            unit.rollback().await?;
        }
        let found = fixture.store.get(&accounts.entra, &successor.id, &Fetch::all()).await?;
        ensure_eq!(found.is_some(), is_committed, "whether the successor is there");
        expect_taken(fixture, &accounts.own, "login", "anna", "of one or the other").await?;
    }
    Ok(())
}

type Done = Result<Resource, StoreError>;

fn creating(fixture: &Fixture, cx: Context, attribute: &str, value: &str) -> impl Future<Output = Done> + Send {
    let store = Arc::clone(&fixture.store);
    let new = NewResource::new(attributes(json!({ attribute: value })));
    async move { store.create(&cx, new).await }
}

async fn race_of_claims_in_several_partitions_has_one_winner(fixture: &Fixture) -> Verdict {
    let partitions = (0..8).map(|number| fixture.accounts(fixture.connection(&format!("connection-{number}"))));
    let tasks: Vec<_> = partitions.map(|cx| creating(fixture, cx, "login", "anna")).collect();
    expect_one_winner(fixture.race(tasks).await?, is_taken("login")).map(drop)
}

async fn race_of_claims_in_several_tenants_has_one_winner(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    let handle = fresh();
    let all = [accounts.own, accounts.other, accounts.okta, accounts.entra];
    let tasks: Vec<_> = all.into_iter().map(|cx| creating(fixture, cx, "handle", &handle)).collect();
    expect_one_winner(fixture.race(tasks).await?, is_taken("handle")).map(drop)
}

async fn race_of_claims_by_updates_has_one_winner(fixture: &Fixture) -> Verdict {
    let mut tasks = Vec::new();
    for number in 0..8 {
        let cx = fixture.accounts(fixture.connection(&format!("connection-{number}")));
        let made = account(fixture, &cx, "login", &format!("login-{number}")).await?;
        let store = Arc::clone(&fixture.store);
        let update = Update::document(attributes(json!({"login": "anna"})));
        tasks.push(async move { store.update(&cx, &made.id, update).await });
    }
    expect_one_winner(fixture.race(tasks).await?, is_taken("login")).map(drop)
}

async fn race_of_claims_in_units_has_one_winner(fixture: &Fixture) -> Verdict {
    let accounts = Accounts::new(fixture);
    let handle = fresh();
    let all = [accounts.own, accounts.other, accounts.okta, accounts.entra];
    let tasks = all.into_iter().map(|cx| {
        let store = Arc::clone(&fixture.store);
        let new = NewResource::new(attributes(json!({ "handle": handle })));
        async move {
            let Some(units) = store.unit_of_work() else { return Err(StoreError::backend("no units of work")) };
            let unit = units.begin(&cx).await?;
            let made = unit.create(&cx, new).await;
            match made {
                Ok(_) => unit.commit().await?,
                Err(_) => unit.rollback().await?,
            }
            made
        }
    });
    expect_one_winner(fixture.race(tasks.collect::<Vec<_>>()).await?, is_taken("handle")).map(drop)
}
