//! What faults of SQLite mean.

use scim_core::StoreError;

/// When to try again after a fault that passes, in seconds.
const RETRY_AFTER: u32 = 1;

/// `SQLITE_BUSY` and `SQLITE_LOCKED`, in the low byte of every extended code.
const BUSY: [i32; 2] = [5, 6];
/// `SQLITE_FULL` and `SQLITE_IOERR`: the disk is full or unwell.
const DISK: [i32; 2] = [13, 10];

/// `SQLITE_INTERRUPT`: it took longer than somebody was willing to wait.
const INTERRUPTED: i32 = 9;

/// What a fault of SQLite means to a store, except for the violation of a unique constraint, which it knows itself. One that
/// passes is [`StoreError::Unavailable`], any other [`StoreError::Backend`].
#[must_use]
pub fn error(error: sqlx::Error) -> StoreError {
    let passes = match &error {
        sqlx::Error::Database(fault) => {
            let code = primary_code(fault.code().as_deref());
            code.is_some_and(|code| BUSY.contains(&code) || DISK.contains(&code) || code == INTERRUPTED)
        }
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed | sqlx::Error::Io(_) => true,
        _ => false,
    };
    if passes {
        StoreError::unavailable(RETRY_AFTER, error)
    } else {
        StoreError::backend(error)
    }
}

/// Whether the database is locked by another process.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|fault| primary_code(fault.code().as_deref()));
    code.is_some_and(|code| BUSY.contains(&code))
}

fn primary_code(code: Option<&str>) -> Option<i32> {
    Some(code?.parse::<i32>().ok()? & 0xff)
}
