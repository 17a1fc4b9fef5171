//! Rows of connections and their keys.

use scim_core::{Connection, ConnectionId, DateTime, KeyHash, KeyId, KeyInfo, Scopes, StoreError, StoredKey, TenantId};
use sqlx::{ColumnIndex, Decode, Row, Type};

/// The text that a deleted connection has as its state.
pub(crate) const DELETED: &str = "deleted";

/// A connection, its columns from this place on in the order `id, tenant, provider, name, base_url, profile, policy,
/// state, shares_resources, created, last_success, last_failure`.
pub(crate) fn connection<'r, R>(row: &'r R, from: usize) -> Result<Connection, StoreError>
where
    R: Row,
    usize: ColumnIndex<R>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    bool: Decode<'r, R::Database> + Type<R::Database>,
{
    let at = |place: usize| from.saturating_add(place);
    let text = |place: usize| row.try_get::<String, _>(at(place)).map_err(StoreError::backend);
    let optional = |place: usize| row.try_get::<Option<String>, _>(at(place)).map_err(StoreError::backend);
    let time = |place: usize| row.try_get::<Option<i64>, _>(at(place)).map_err(StoreError::backend);
    let provider = text(2)?.parse().map_err(StoreError::backend)?;
    let created = DateTime::from_micros(time(9)?.unwrap_or_default());
    let mut connection = Connection::new(TenantId::new(text(1)?), provider, text(3)?, created);
    connection.id = ConnectionId::new(text(0)?);
    connection.base_url = optional(4)?;
    connection.profile =
        optional(5)?.map(|json| serde_json::from_str(&json)).transpose().map_err(StoreError::backend)?;
    connection.policy = optional(6)?;
    connection.state = text(7)?.parse().map_err(StoreError::backend)?;
    connection.shares_resources = row.try_get(at(8)).map_err(StoreError::backend)?;
    connection.last_success = time(10)?.map(DateTime::from_micros);
    connection.last_failure = time(11)?.map(DateTime::from_micros);
    Ok(connection)
}

/// A key, its columns first in the order `id, connection, hash, scopes, created, expires, revoked, last_used`.
pub(crate) fn key<'r, R>(row: &'r R) -> Result<StoredKey, StoreError>
where
    R: Row,
    usize: ColumnIndex<R>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
{
    let text = |place: usize| row.try_get::<String, _>(place).map_err(StoreError::backend);
    let time = |place: usize| row.try_get::<Option<i64>, _>(place).map_err(StoreError::backend);
    let created = DateTime::from_micros(time(4)?.unwrap_or_default());
    let mut info = KeyInfo::new(KeyId::new(text(0)?), ConnectionId::new(text(1)?), created);
    info.scopes = read_scopes(&text(3)?, &info.id);
    info.expires = time(5)?.map(DateTime::from_micros);
    info.revoked = time(6)?.map(DateTime::from_micros);
    info.last_used = time(7)?.map(DateTime::from_micros);
    let hash: Vec<u8> = row.try_get(2).map_err(StoreError::backend)?;
    let hash = <[u8; 32]>::try_from(hash).map_err(|_| StoreError::backend("the hash of a key is not 32 bytes long"))?;
    Ok(StoredKey::new(info, KeyHash::from_bytes(hash)))
}

/// The scopes of a key. What cannot be read lets nobody in; the log says so, without what stands there.
fn read_scopes(json: &str, key: &KeyId) -> Scopes {
    serde_json::from_str(json).unwrap_or_else(|error: serde_json::Error| {
        tracing::error!(
            target: "scim::connection",
            key = %key,
            column = error.column(),
            "the scopes of a key cannot be read, so it is not accepted: {:?} error; revoke it and issue another",
            error.classify()
        );
        Scopes::unreadable()
    })
}

/// The JSON of a connection's profile.
pub(crate) fn profile(connection: &Connection) -> Result<Option<String>, StoreError> {
    connection.profile.as_ref().map(serde_json::to_string).transpose().map_err(StoreError::backend)
}

/// The JSON of a key's scopes.
pub(crate) fn scopes(key: &StoredKey) -> Result<String, StoreError> {
    serde_json::to_string(&key.info.scopes).map_err(StoreError::backend)
}

/// What a change of one row means.
pub(crate) fn found(rows: u64) -> Result<(), StoreError> {
    if rows == 0 {
        Err(StoreError::NotFound)
    } else {
        Ok(())
    }
}
