//! Connections and their keys on SQLite.

use async_trait::async_trait;
use scim_core::{
    Connection, ConnectionId, ConnectionState, ConnectionStore, DateTime, KeyEnd, KeyId, RequestOutcome, StoreError,
    StoredKey, TenantId,
};
use sqlx::{Sqlite, SqliteConnection};

use super::connect::Pools;
use super::error::error;
use super::SqliteStore;
use crate::connections::{connection, found, key, profile, scopes, DELETED};

/// The connections in the database of a [`SqliteStore`], which [`SqliteStore::connections`] gives. Every process that has
/// the file open finds what another has changed, from the moment that the change is acknowledged.
#[derive(Clone, Debug)]
pub struct SqliteConnections {
    pools: Pools,
}

const COLUMNS: &str =
    "c.id, c.tenant, c.provider, c.name, c.base_url, c.profile, c.policy, c.state, c.shares_resources, \
    c.created, c.last_success, c.last_failure";
const KEY_COLUMNS: &str = "k.id, k.connection, k.hash, k.scopes, k.created, k.expires, k.revoked, k.last_used";
/// How many columns a key has.
const KEY_WIDTH: usize = 8;

impl SqliteStore {
    /// Where connections and their keys are kept, in the same file.
    ///
    /// ```
    /// use scim_core::{Connections, Provider, TenantId};
    /// use scim_sqlx::SqliteStore;
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let directory = std::env::temp_dir().join(format!("scim-docs-connections-{}", std::process::id()));
    /// # std::fs::create_dir_all(&directory).unwrap();
    /// # let path = directory.join("scim.db");
    /// let store = SqliteStore::open(&path).await.unwrap();
    /// let connections = Connections::new(store.connections()).of_tenant(TenantId::new("acme"));
    /// let okta = connections.create(Provider::Okta, "Okta").await.unwrap();
    /// assert_eq!(connections.list().await.unwrap(), [okta]);
    /// # std::fs::remove_dir_all(&directory).unwrap();
    /// # });
    /// ```
    #[must_use]
    pub fn connections(&self) -> SqliteConnections {
        SqliteConnections { pools: self.pools.clone() }
    }
}

impl SqliteConnections {
    async fn begin(&self) -> Result<sqlx::Transaction<'static, Sqlite>, StoreError> {
        self.pools.writer.begin_with("BEGIN IMMEDIATE").await.map_err(error)
    }
}

/// What a row that was refused means.
fn inserted(result: Result<sqlx::sqlite::SqliteQueryResult, sqlx::Error>) -> Result<u64, StoreError> {
    match result {
        Ok(done) => Ok(done.rows_affected()),
        Err(sqlx::Error::Database(fault)) if fault.is_unique_violation() => Err(StoreError::uniqueness("id")),
        Err(fault) => Err(error(fault)),
    }
}

async fn insert_key(transaction: &mut SqliteConnection, key: &StoredKey) -> Result<(), StoreError> {
    let result = sqlx::query(
        "INSERT INTO scim_connection_keys (id, connection, hash, scopes, created, expires, revoked, last_used) \
         SELECT ?1, id, ?3, ?4, ?5, ?6, ?7, ?8 FROM scim_connections WHERE id = ?2 AND state <> ?9",
    )
    .bind(key.info.id.as_str())
    .bind(key.info.connection.as_str())
    .bind(key.hash.as_bytes().as_slice())
    .bind(scopes(key)?)
    .bind(key.info.created.as_micros())
    .bind(key.info.expires.map(DateTime::as_micros))
    .bind(key.info.revoked.map(DateTime::as_micros))
    .bind(key.info.last_used.map(DateTime::as_micros))
    .bind(DELETED)
    .execute(transaction)
    .await;
    found(inserted(result)?)
}

#[async_trait]
impl ConnectionStore for SqliteConnections {
    async fn insert(&self, connection: &Connection) -> Result<(), StoreError> {
        let result = sqlx::query(
            "INSERT INTO scim_connections (id, tenant, provider, name, base_url, profile, policy, state, \
             shares_resources, created, last_success, last_failure) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )
        .bind(connection.id.as_str())
        .bind(connection.tenant.as_str())
        .bind(connection.provider.as_str())
        .bind(&connection.name)
        .bind(&connection.base_url)
        .bind(profile(connection)?)
        .bind(&connection.policy)
        .bind(connection.state.as_str())
        .bind(connection.shares_resources)
        .bind(connection.created.as_micros())
        .bind(connection.last_success.map(DateTime::as_micros))
        .bind(connection.last_failure.map(DateTime::as_micros))
        .execute(&self.pools.writer)
        .await;
        inserted(result).map(drop)
    }

    async fn get(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM scim_connections c WHERE c.id = ?1");
        let row = sqlx::query(&text).bind(id.as_str()).fetch_optional(&self.pools.lookups).await.map_err(error)?;
        row.map(|row| connection(&row, 0)).transpose()
    }

    async fn list(&self, tenant: &TenantId) -> Result<Vec<Connection>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM scim_connections c WHERE c.tenant = ?1 AND c.state <> ?2 ORDER BY c.created, c.id"
        );
        let rows = sqlx::query(&text)
            .bind(tenant.as_str())
            .bind(DELETED)
            .fetch_all(&self.pools.lookups)
            .await
            .map_err(error)?;
        rows.iter().map(|row| connection(row, 0)).collect()
    }

    async fn update(&self, connection: &Connection) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE scim_connections SET name = ?2, base_url = ?3, profile = ?4, policy = ?5, shares_resources = ?6 \
             WHERE id = ?1 AND state <> ?7",
        )
        .bind(connection.id.as_str())
        .bind(&connection.name)
        .bind(&connection.base_url)
        .bind(profile(connection)?)
        .bind(&connection.policy)
        .bind(connection.shares_resources)
        .bind(DELETED)
        .execute(&self.pools.writer)
        .await
        .map_err(error)?;
        found(done.rows_affected())
    }

    async fn set_state(&self, id: &ConnectionId, state: ConnectionState) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE scim_connections SET state = ?2 WHERE id = ?1 AND (state <> ?3 OR ?2 = ?3)")
            .bind(id.as_str())
            .bind(state.as_str())
            .bind(DELETED)
            .execute(&self.pools.writer)
            .await
            .map_err(error)?;
        found(done.rows_affected())
    }

    async fn find_key(&self, id: &KeyId) -> Result<Option<(StoredKey, Connection)>, StoreError> {
        let text = format!(
            "SELECT {KEY_COLUMNS}, {COLUMNS} FROM scim_connection_keys k JOIN scim_connections c ON c.id = k.connection \
             WHERE k.id = ?1"
        );
        let row = sqlx::query(&text).bind(id.as_str()).fetch_optional(&self.pools.lookups).await.map_err(error)?;
        row.map(|row| Ok((key(&row)?, connection(&row, KEY_WIDTH)?))).transpose()
    }

    async fn insert_key(&self, key: &StoredKey) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        insert_key(&mut transaction, key).await?;
        transaction.commit().await.map_err(error)
    }

    async fn rotate_keys(&self, key: &StoredKey, others: KeyEnd) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        insert_key(&mut transaction, key).await?;
        let (end, at) = match others {
            KeyEnd::Revoked(at) => ("revoked = ?3", at),
            KeyEnd::Expires(at) => ("expires = min(coalesce(expires, ?3), ?3)", at),
        };
        let text =
            format!("UPDATE scim_connection_keys SET {end} WHERE connection = ?1 AND id <> ?2 AND revoked IS NULL");
        sqlx::query(&text)
            .bind(key.info.connection.as_str())
            .bind(key.info.id.as_str())
            .bind(at.as_micros())
            .execute(&mut *transaction)
            .await
            .map_err(error)?;
        transaction.commit().await.map_err(error)
    }

    async fn revoke_key(&self, id: &KeyId, at: DateTime) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE scim_connection_keys SET revoked = coalesce(revoked, ?2) WHERE id = ?1")
            .bind(id.as_str())
            .bind(at.as_micros())
            .execute(&self.pools.writer)
            .await
            .map_err(error)?;
        found(done.rows_affected())
    }

    async fn keys(&self, connection: &ConnectionId) -> Result<Vec<StoredKey>, StoreError> {
        let text = format!(
            "SELECT {KEY_COLUMNS} FROM scim_connection_keys k WHERE k.connection = ?1 ORDER BY k.created, k.id"
        );
        let rows = sqlx::query(&text).bind(connection.as_str()).fetch_all(&self.pools.lookups).await.map_err(error)?;
        rows.iter().map(key).collect()
    }

    async fn set_last_used(&self, key: &KeyId, at: DateTime) -> Result<(), StoreError> {
        let statement = "UPDATE scim_connection_keys SET last_used = max(coalesce(last_used, ?2), ?2) WHERE id = ?1";
        self.pools.note(sqlx::query(statement).bind(key.as_str()).bind(at.as_micros())).await
    }

    async fn set_last_request(
        &self,
        connection: &ConnectionId,
        outcome: RequestOutcome,
        at: DateTime,
    ) -> Result<(), StoreError> {
        let statement = match outcome {
            RequestOutcome::Success => {
                "UPDATE scim_connections SET last_success = max(coalesce(last_success, ?2), ?2) WHERE id = ?1"
            }
            RequestOutcome::Failure => {
                "UPDATE scim_connections SET last_failure = max(coalesce(last_failure, ?2), ?2) WHERE id = ?1"
            }
        };
        self.pools.note(sqlx::query(statement).bind(connection.as_str()).bind(at.as_micros())).await
    }
}
