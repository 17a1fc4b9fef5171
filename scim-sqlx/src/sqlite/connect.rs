//! Connections: one that writes, and several that read.

use std::path::Path;
use std::time::Duration;

use scim_core::StoreError;
use sqlx::query::Query as SqlQuery;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Sqlite, SqlitePool};

use super::error::{error, is_busy};
use super::migrations::migrate;

/// How long a statement waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How often the database is opened while other processes do the same; the switch to WAL does not wait by itself.
const OPEN_ATTEMPTS: u32 = 50;
const OPEN_PAUSE: Duration = Duration::from_millis(50);
const READERS: u32 = 8;
const LOOKUPS: u32 = 2;
const CACHED_STATEMENTS: usize = 256;

/// The pools of a store.
#[derive(Clone, Debug)]
pub(super) struct Pools {
    /// One connection. SQLite takes one writer at a time, so writers queue for it here, in order, and none meets
    /// `SQLITE_BUSY`.
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
    /// For connections and keys, which every request needs, however many lists keep the readers busy.
    pub(super) lookups: SqlitePool,
    /// One connection for what need not be on disk when it is acknowledged. Who uses it stands in the queue of the
    /// writer.
    notes: SqlitePool,
}

impl Pools {
    /// Writes something that nobody waits to be on disk: it is there with the next change that is.
    pub(super) async fn note<'q>(
        &self,
        statement: SqlQuery<'q, Sqlite, SqliteArguments<'q>>,
    ) -> Result<(), StoreError> {
        let _turn = self.writer.acquire().await.map_err(error)?;
        statement.execute(&self.notes).await.map_err(error)?;
        Ok(())
    }

    pub(super) async fn close(&self) {
        self.writer.close().await;
        self.notes.close().await;
        self.readers.close().await;
        self.lookups.close().await;
    }
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
    let readers = |most| SqlitePoolOptions::new().max_connections(most).max_lifetime(None);
    let read_only = options.clone().create_if_missing(false).pragma("query_only", "ON");
    let hasty = options.clone().synchronous(SqliteSynchronous::Normal);
    let notes = writer.clone().connect_lazy_with(hasty);
    Ok(Pools {
        writer: writer.connect_lazy_with(options),
        readers: readers(READERS).connect_lazy_with(read_only.clone()),
        lookups: readers(LOOKUPS).connect_lazy_with(read_only),
        notes,
    })
}

async fn prepare(options: &SqliteConnectOptions) -> Result<(), StoreError> {
    create_private(options.get_filename());
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

/// Makes the file for its owner alone, if it is not there: it holds personal data and the hashes of keys. SQLite gives the
/// files beside it the mode of this one. What is in the way of that is in the way of opening it too, which says why.
fn create_private(path: &Path) {
    let is_path = path.to_str().is_none_or(|name| !name.is_empty() && name != ":memory:" && !name.starts_with("file:"));
    if !is_path {
        return;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}
