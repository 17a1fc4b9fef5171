//! A connection that reads for as long as somebody waits.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use scim_core::{Context, Page, Query, StoreError};
use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, Sqlite, SqlitePool};

use super::error::error;
use super::read;
use crate::types::TypePlan;

/// After about so many instructions of SQLite's virtual machine a statement looks whether anybody waits for it.
const INSTRUCTIONS: i32 = 1_000;

/// A connection whose statement ends when this is dropped before it is finished. It is a thread of its own that runs the
/// statement, which would go on to the end otherwise, with nobody to read what it finds.
pub(super) struct Reader {
    connection: PoolConnection<Sqlite>,
    abandoned: Arc<AtomicBool>,
    finished: bool,
}

impl Reader {
    pub(super) async fn of(pool: &SqlitePool) -> Result<Self, StoreError> {
        let mut connection = pool.acquire().await.map_err(error)?;
        let abandoned = Arc::new(AtomicBool::new(false));
        let is_abandoned = Arc::clone(&abandoned);
        let mut handle = connection.lock_handle().await.map_err(error)?;
        handle.set_progress_handler(INSTRUCTIONS, move || !is_abandoned.load(Ordering::Relaxed));
        drop(handle);
        Ok(Self { connection, abandoned, finished: false })
    }

    /// The answer to a query, all of it as of one moment.
    pub(super) async fn list(&mut self, cx: &Context, plan: &TypePlan, query: &Query) -> Result<Page, StoreError> {
        let mut snapshot = self.connection.begin().await.map_err(error)?;
        read::list(&mut snapshot, cx, plan, query).await
    }

    /// The connection is ready for somebody else.
    pub(super) fn finish(mut self) {
        self.finished = true;
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if !self.finished {
            self.abandoned.store(true, Ordering::Relaxed);
            self.connection.close_on_drop();
        }
    }
}
