//! Connections: one that writes, and several that read.

use std::time::Duration;

use scim_core::StoreError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqlitePool};

use super::error::{error, is_busy};
use super::migrations::migrate;

/// How long a statement waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How often the database is opened while other processes do the same; the switch to WAL does not wait by itself.
const OPEN_ATTEMPTS: u32 = 50;
const OPEN_PAUSE: Duration = Duration::from_millis(50);
const READERS: u32 = 8;
const CACHED_STATEMENTS: usize = 256;

/// The pools of a store.
#[derive(Clone, Debug)]
pub(super) struct Pools {
    /// One connection. SQLite takes one writer at a time, so writers queue for it here, in order, and none meets
    /// `SQLITE_BUSY`.
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
}

/// Opens the database, makes it if it is not there, and brings its tables up to date.
///
/// # Errors
///
/// Whatever keeps the database from being opened.
pub(super) async fn open(options: SqliteConnectOptions) -> Result<Pools, StoreError> {
    let options = options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(CACHED_STATEMENTS);
    prepare(&options).await?;
    let writer = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    let readers = SqlitePoolOptions::new().max_connections(READERS).max_lifetime(None);
    let read_only = options.clone().create_if_missing(false).pragma("query_only", "ON");
    Ok(Pools { writer: writer.connect_lazy_with(options), readers: readers.connect_lazy_with(read_only) })
}

async fn prepare(options: &SqliteConnectOptions) -> Result<(), StoreError> {
    let mut attempts = OPEN_ATTEMPTS;
    let mut connection = loop {
        match options.clone().create_if_missing(true).connect().await {
            Err(fault) if is_busy(&fault) && attempts > 0 => {
                attempts = attempts.saturating_sub(1);
                tokio::time::sleep(OPEN_PAUSE).await;
            }
            opened => break opened.map_err(error)?,
        }
    };
    migrate(&mut connection).await
}
