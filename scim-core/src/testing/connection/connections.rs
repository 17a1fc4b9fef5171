//! Connections are kept as they are, and deleted ones stay deleted.

use super::check::{at, check, done, ensure_refused, fresh_connection, fresh_tenant, Check};
use crate::compat::UnknownExtensions;
use crate::connection::{Connection, ConnectionState, ConnectionStore, ProfileChoice, Provider, RequestOutcome};
use crate::resource::TenantId;
use crate::store::StoreError;
use crate::testing::check::{ensure, ensure_eq, Failure, Verdict};

type Store = dyn ConnectionStore;

pub(super) fn checks() -> Vec<Check<Store>> {
    vec![
        check!(connection_is_read_as_it_was_inserted),
        check!(connection_of_every_provider_and_state_is_kept),
        check!(connection_that_is_not_there_is_none),
        check!(connection_id_is_taken_for_good),
        check!(list_has_the_tenants_own_in_the_order_of_creation),
        check!(list_leaves_out_deleted_connections),
        check!(update_writes_settings_and_nothing_else),
        check!(update_takes_settings_away),
        check!(update_finds_no_connection_that_is_not_there_or_deleted),
        check!(state_changes_and_deleted_is_for_good),
        check!(last_requests_are_written_and_never_go_back),
    ]
}

/// A new connection of a tenant.
pub(super) async fn connection_of(store: &Store, tenant: &TenantId, second: u32) -> Result<Connection, Failure> {
    let connection = Connection::new(tenant.clone(), Provider::Okta, "Okta", at(second));
    done(store.insert(&connection)).await?;
    Ok(connection)
}

/// A new connection of a new tenant.
pub(super) async fn a_connection(store: &Store) -> Result<Connection, Failure> {
    connection_of(store, &fresh_tenant(), 0).await
}

/// A connection that is there.
pub(super) async fn read(store: &Store, connection: &Connection) -> Result<Connection, Failure> {
    done(store.get(&connection.id)).await?.ok_or_else(|| Failure::new("a connection that was inserted is not there"))
}

fn full(tenant: TenantId) -> Result<Connection, Failure> {
    let choice = ProfileChoice::strict().with_switch("text_booleans", true);
    let choice = choice.ok_or_else(|| Failure::new("there is no switch text_booleans"))?;
    let mut connection = Connection::new(tenant, Provider::EntraId, "Entra \"ID\" – Ägare 🦀", at(7));
    connection.base_url = Some("https://example.com/scim/v2".to_owned());
    connection.profile = Some(choice.with_unknown_extensions(UnknownExtensions::Keep));
    connection.policy = Some("contractors".to_owned());
    connection.state = ConnectionState::Paused;
    connection.shares_resources = true;
    connection.last_success = Some(at(8));
    connection.last_failure = Some(at(9));
    Ok(connection)
}

async fn connection_is_read_as_it_was_inserted(store: &Store) -> Verdict {
    for connection in [full(fresh_tenant())?, Connection::new(fresh_tenant(), Provider::Custom, "", at(0))] {
        done(store.insert(&connection)).await?;
        ensure_eq!(read(store, &connection).await?, connection, "a connection");
    }
    Ok(())
}

async fn connection_of_every_provider_and_state_is_kept(store: &Store) -> Verdict {
    for provider in Provider::ALL {
        for state in [ConnectionState::Active, ConnectionState::Paused, ConnectionState::Deleted] {
            let mut connection = Connection::new(fresh_tenant(), *provider, "a", at(0));
            connection.state = state;
            done(store.insert(&connection)).await?;
            ensure_eq!(read(store, &connection).await?, connection, "a connection");
        }
    }
    Ok(())
}

async fn connection_that_is_not_there_is_none(store: &Store) -> Verdict {
    ensure_eq!(done(store.get(&fresh_connection())).await?, None, "a connection of an unknown id");
    ensure!(done(store.list(&fresh_tenant())).await?.is_empty(), "a tenant without connections has some");
    ensure_refused!(
        store.set_state(&fresh_connection(), ConnectionState::Paused).await,
        StoreError::NotFound,
        "pausing a connection that is not there"
    );
    Ok(())
}

async fn connection_id_is_taken_for_good(store: &Store) -> Verdict {
    let connection = a_connection(store).await?;
    done(store.set_state(&connection.id, ConnectionState::Deleted)).await?;
    let mut other = Connection::new(fresh_tenant(), Provider::Custom, "other", at(1));
    other.id = connection.id.clone();
    ensure_refused!(
        store.insert(&other).await,
        StoreError::Uniqueness { attribute } if attribute == "id",
        "a connection of an id that is taken"
    );
    ensure_eq!(read(store, &connection).await?.tenant, connection.tenant, "the tenant of the id");
    Ok(())
}

async fn list_has_the_tenants_own_in_the_order_of_creation(store: &Store) -> Verdict {
    let (tenant, other) = (fresh_tenant(), fresh_tenant());
    let mut expected = Vec::new();
    for second in [3, 1, 2, 2] {
        expected.push(connection_of(store, &tenant, second).await?);
    }
    connection_of(store, &other, 1).await?;
    expected.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
    ensure_eq!(done(store.list(&tenant)).await?, expected, "the connections of a tenant");
    Ok(())
}

async fn list_leaves_out_deleted_connections(store: &Store) -> Verdict {
    let tenant = fresh_tenant();
    let (deleted, paused) = (connection_of(store, &tenant, 0).await?, connection_of(store, &tenant, 1).await?);
    done(store.set_state(&deleted.id, ConnectionState::Deleted)).await?;
    done(store.set_state(&paused.id, ConnectionState::Paused)).await?;
    let listed: Vec<_> = done(store.list(&tenant)).await?.into_iter().map(|connection| connection.id).collect();
    ensure_eq!(listed, [paused.id], "the connections that are not deleted");
    ensure_eq!(read(store, &deleted).await?.state, ConnectionState::Deleted, "the state of a deleted connection");
    Ok(())
}

async fn update_writes_settings_and_nothing_else(store: &Store) -> Verdict {
    let connection = a_connection(store).await?;
    let mut changed = full(fresh_tenant())?;
    changed.id = connection.id.clone();
    done(store.update(&changed)).await?;
    let mut expected = connection.clone();
    expected.name.clone_from(&changed.name);
    expected.base_url.clone_from(&changed.base_url);
    expected.profile.clone_from(&changed.profile);
    expected.policy.clone_from(&changed.policy);
    expected.shares_resources = true;
    ensure_eq!(read(store, &connection).await?, expected, "an updated connection");
    Ok(())
}

async fn update_takes_settings_away(store: &Store) -> Verdict {
    let connection = full(fresh_tenant())?;
    done(store.insert(&connection)).await?;
    let mut expected = connection.clone();
    (expected.base_url, expected.profile, expected.policy) = (None, None, None);
    expected.shares_resources = false;
    done(store.update(&expected)).await?;
    ensure_eq!(read(store, &connection).await?, expected, "an updated connection");
    Ok(())
}

async fn update_finds_no_connection_that_is_not_there_or_deleted(store: &Store) -> Verdict {
    let unknown = Connection::new(fresh_tenant(), Provider::Okta, "a", at(0));
    ensure_refused!(store.update(&unknown).await, StoreError::NotFound, "an update of nothing");
    ensure_eq!(done(store.get(&unknown.id)).await?, None, "what an update of nothing made");
    let mut connection = a_connection(store).await?;
    done(store.set_state(&connection.id, ConnectionState::Deleted)).await?;
    connection.name = "renamed".to_owned();
    ensure_refused!(store.update(&connection).await, StoreError::NotFound, "an update of a deleted connection");
    ensure_eq!(read(store, &connection).await?.name, "Okta", "the name of a deleted connection");
    Ok(())
}

async fn state_changes_and_deleted_is_for_good(store: &Store) -> Verdict {
    let connection = a_connection(store).await?;
    use ConnectionState::{Active, Deleted, Paused};
    for state in [Paused, Paused, Active, Active, Deleted, Deleted] {
        done(store.set_state(&connection.id, state)).await?;
        ensure_eq!(read(store, &connection).await?.state, state, "the state");
    }
    for state in [Active, Paused] {
        ensure_refused!(store.set_state(&connection.id, state).await, StoreError::NotFound, "bringing back");
    }
    ensure_eq!(read(store, &connection).await?.state, Deleted, "the state of a deleted connection");
    Ok(())
}

async fn last_requests_are_written_and_never_go_back(store: &Store) -> Verdict {
    let connection = a_connection(store).await?;
    for second in [5, 9, 7] {
        done(store.set_last_request(&connection.id, RequestOutcome::Success, at(second))).await?;
    }
    let now = read(store, &connection).await?;
    ensure_eq!((now.last_success, now.last_failure), (Some(at(9)), None), "last success and failure");
    for second in [6, 4] {
        done(store.set_last_request(&connection.id, RequestOutcome::Failure, at(second))).await?;
    }
    let now = read(store, &connection).await?;
    ensure_eq!((now.last_success, now.last_failure), (Some(at(9)), Some(at(6))), "last success and failure");
    done(store.set_last_request(&fresh_connection(), RequestOutcome::Failure, at(1))).await
}
