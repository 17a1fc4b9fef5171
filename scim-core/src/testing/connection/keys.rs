//! Keys are kept as they are, found with their connection, and revoked for good.

use super::check::{at, check, done, ensure_refused, fresh_connection, fresh_key, Check};
use super::connections::a_connection;
use crate::auth::Scopes;
use crate::connection::{Connection, ConnectionState, ConnectionStore, KeyHash, KeyInfo, RequestOutcome, StoredKey};
use crate::resource::ConnectionId;
use crate::store::StoreError;
use crate::testing::check::{ensure, ensure_eq, Failure, Verdict};

type Store = dyn ConnectionStore;

pub(super) fn checks() -> Vec<Check<Store>> {
    vec![
        check!(key_is_found_as_it_was_inserted_with_its_connection),
        check!(key_that_is_not_there_is_none),
        check!(key_id_distinguishes_case),
        check!(key_id_is_taken_for_good),
        check!(key_needs_a_connection_that_is_not_deleted),
        check!(key_is_found_with_what_its_connection_is_now),
        check!(keys_of_a_connection_come_in_the_order_of_creation),
        check!(revoked_key_is_found_revoked),
        check!(revoked_key_stays_revoked_as_of_the_first_time),
        check!(revoking_finds_no_key_that_is_not_there),
        check!(last_use_is_written_and_never_goes_back),
    ]
}

/// A key of a connection that is not kept yet.
pub(super) fn new_key(connection: &ConnectionId, second: u32) -> StoredKey {
    let hash = std::array::from_fn(|place| u8::try_from(place).unwrap_or_default().wrapping_mul(7).wrapping_add(128));
    StoredKey::new(KeyInfo::new(fresh_key(), connection.clone(), at(second)), KeyHash::from_bytes(hash))
}

/// A key of a connection.
pub(super) async fn key_of(store: &Store, connection: &Connection, second: u32) -> Result<StoredKey, Failure> {
    let key = new_key(&connection.id, second);
    done(store.insert_key(&key)).await?;
    Ok(key)
}

/// A key that is there.
pub(super) async fn read_key(store: &Store, key: &StoredKey) -> Result<StoredKey, Failure> {
    let found = done(store.find_key(&key.info.id)).await?;
    found.map(|(key, _)| key).ok_or_else(|| Failure::new("a key that was inserted is not found"))
}

async fn key_is_found_as_it_was_inserted_with_its_connection(store: &Store) -> Verdict {
    let connection = a_connection(store).await?;
    let plain = new_key(&connection.id, 1);
    let mut full = new_key(&connection.id, 2);
    full.info.scopes = Scopes::all().reading_only().of_resource_types(["User", "Größe"]);
    full.info.expires = Some(at(90));
    full.info.revoked = Some(at(80));
    full.info.last_used = Some(at(70));
    let mut narrow = new_key(&connection.id, 3);
    narrow.info.scopes = Scopes::all().of_resource_types(Vec::<String>::new());
    for key in [plain, full, narrow] {
        done(store.insert_key(&key)).await?;
        let found = done(store.find_key(&key.info.id)).await?;
        ensure_eq!(found, Some((key, connection.clone())), "a key and its connection");
    }
    Ok(())
}

async fn key_that_is_not_there_is_none(store: &Store) -> Verdict {
    ensure_eq!(done(store.find_key(&fresh_key())).await?, None, "a key of an unknown id");
    ensure!(done(store.keys(&fresh_connection())).await?.is_empty(), "an unknown connection has keys");
    Ok(())
}

async fn key_id_distinguishes_case(store: &Store) -> Verdict {
    let connection = a_connection(store).await?;
    let key = key_of(store, &connection, 1).await?;
    let upper = crate::resource::KeyId::new(key.info.id.as_str().to_uppercase());
    ensure!(upper != key.info.id, "the key id {upper} has no letters");
    ensure_eq!(done(store.find_key(&upper)).await?, None, "a key of an id in capitals");
    Ok(())
}

async fn key_id_is_taken_for_good(store: &Store) -> Verdict {
    let (connection, other) = (a_connection(store).await?, a_connection(store).await?);
    let key = key_of(store, &connection, 1).await?;
    done(store.revoke_key(&key.info.id, at(2))).await?;
    let mut second = new_key(&other.id, 3);
    second.info.id = key.info.id.clone();
    ensure_refused!(
        store.insert_key(&second).await,
        StoreError::Uniqueness { attribute } if attribute == "id",
        "a key of an id that is taken"
    );
    ensure_eq!(read_key(store, &key).await?.info.connection, connection.id, "the connection of the key");
    Ok(())
}

async fn key_needs_a_connection_that_is_not_deleted(store: &Store) -> Verdict {
    let orphan = new_key(&fresh_connection(), 1);
    ensure_refused!(store.insert_key(&orphan).await, StoreError::NotFound, "a key of no connection");
    let connection = a_connection(store).await?;
    done(store.set_state(&connection.id, ConnectionState::Deleted)).await?;
    let late = new_key(&connection.id, 1);
    ensure_refused!(store.insert_key(&late).await, StoreError::NotFound, "a key of a deleted connection");
    for key in [orphan, late] {
        ensure_eq!(done(store.find_key(&key.info.id)).await?, None, "a key that was refused");
    }
    Ok(())
}

async fn key_is_found_with_what_its_connection_is_now(store: &Store) -> Verdict {
    let mut connection = a_connection(store).await?;
    let key = key_of(store, &connection, 1).await?;
    connection.name = "renamed".to_owned();
    connection.policy = Some("strict".to_owned());
    done(store.update(&connection)).await?;
    done(store.set_last_request(&connection.id, RequestOutcome::Success, at(5))).await?;
    connection.last_success = Some(at(5));
    for state in [ConnectionState::Paused, ConnectionState::Active, ConnectionState::Deleted] {
        done(store.set_state(&connection.id, state)).await?;
        connection.state = state;
        let found = done(store.find_key(&key.info.id)).await?;
        ensure_eq!(found.map(|(_, connection)| connection), Some(connection.clone()), "the connection of a key");
    }
    Ok(())
}

async fn keys_of_a_connection_come_in_the_order_of_creation(store: &Store) -> Verdict {
    let (connection, other) = (a_connection(store).await?, a_connection(store).await?);
    let mut expected = Vec::new();
    for second in [3, 1, 2, 2] {
        expected.push(key_of(store, &connection, second).await?);
    }
    key_of(store, &other, 1).await?;
    if let Some(key) = expected.first_mut() {
        done(store.revoke_key(&key.info.id, at(9))).await?;
        key.info.revoked = Some(at(9));
    }
    expected.sort_by(|one, other| (one.info.created, &one.info.id).cmp(&(other.info.created, &other.info.id)));
    ensure_eq!(done(store.keys(&connection.id)).await?, expected, "the keys of a connection");
    Ok(())
}

async fn revoked_key_is_found_revoked(store: &Store) -> Verdict {
    let connection = a_connection(store).await?;
    let (mut key, kept) = (key_of(store, &connection, 1).await?, key_of(store, &connection, 2).await?);
    done(store.revoke_key(&key.info.id, at(5))).await?;
    key.info.revoked = Some(at(5));
    ensure_eq!(read_key(store, &key).await?, key, "a revoked key");
    ensure_eq!(read_key(store, &kept).await?, kept, "the other key");
    Ok(())
}

async fn revoked_key_stays_revoked_as_of_the_first_time(store: &Store) -> Verdict {
    let connection = a_connection(store).await?;
    let key = key_of(store, &connection, 1).await?;
    for second in [5, 9, 3] {
        done(store.revoke_key(&key.info.id, at(second))).await?;
    }
    ensure_eq!(read_key(store, &key).await?.info.revoked, Some(at(5)), "when the key was revoked");
    Ok(())
}

async fn revoking_finds_no_key_that_is_not_there(store: &Store) -> Verdict {
    ensure_refused!(store.revoke_key(&fresh_key(), at(1)).await, StoreError::NotFound, "revoking an unknown key");
    Ok(())
}

async fn last_use_is_written_and_never_goes_back(store: &Store) -> Verdict {
    let connection = a_connection(store).await?;
    let mut key = key_of(store, &connection, 1).await?;
    for second in [5, 9, 7] {
        done(store.set_last_used(&key.info.id, at(second))).await?;
    }
    key.info.last_used = Some(at(9));
    ensure_eq!(read_key(store, &key).await?, key, "a used key");
    done(store.set_last_used(&fresh_key(), at(1))).await
}
