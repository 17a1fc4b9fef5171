//! What faults of PostgreSQL mean, and which of them pass.

use std::future::Future;
use std::time::Duration;

use scim_core::StoreError;

/// When to try again after a fault that passes, in seconds.
const RETRY_AFTER: u32 = 1;
/// How often a transaction is tried that others get in the way of.
const ATTEMPTS: u32 = 10;
/// The pause after the first attempt; it doubles with each further one.
const PAUSE: Duration = Duration::from_millis(2);

/// An answer of the store, or a fault of the database that may pass.
#[derive(Debug)]
pub(super) enum Fault {
    Answer(StoreError),
    Sql(sqlx::Error),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Answer(error)
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl Fault {
    /// Two transactions got in each other's way, and this one did nothing: serialization failure, deadlock, or a
    /// member that was deleted while it was added.
    fn is_conflict(&self) -> bool {
        matches!(self.code().as_deref(), Some("40001" | "40P01" | "23503"))
    }

    /// The statement took longer than it may, and would again.
    fn is_late(&self) -> bool {
        matches!(self, Self::Sql(sqlx::Error::PoolTimedOut)) || self.code().as_deref() == Some("57014")
    }

    /// The connection is gone, or the server does not want any, or not this statement any longer.
    fn is_connection(&self) -> bool {
        match self {
            Self::Answer(_) => false,
            Self::Sql(error) => match error {
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed => true,
                // Connection exceptions, too many connections, and a server that shuts down or starts.
                _ => self.code().is_some_and(|code| ["08", "53", "57"].iter().any(|class| code.starts_with(class))),
            },
        }
    }

    /// The name of the constraint that was violated.
    pub(super) fn constraint(&self) -> Option<&str> {
        match self {
            Self::Sql(sqlx::Error::Database(fault)) => fault.constraint(),
            _ => None,
        }
    }

    fn code(&self) -> Option<String> {
        match self {
            Self::Sql(sqlx::Error::Database(fault)) => fault.code().map(std::borrow::Cow::into_owned),
            _ => None,
        }
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        let passes = fault.is_connection() || fault.is_conflict();
        match fault {
            Fault::Answer(error) => error,
            Fault::Sql(error) if passes => Self::unavailable(RETRY_AFTER, error),
            Fault::Sql(error) => Self::backend(error),
        }
    }
}

/// What a fault of PostgreSQL means to a store, except for the violation of a constraint, which it knows itself. One that
/// passes is [`StoreError::Unavailable`], any other [`StoreError::Backend`].
#[must_use]
pub fn store_error(error: sqlx::Error) -> StoreError {
    Fault::from(error).into()
}

/// Does something again while other transactions get in its way. It must be whole: a transaction, or one statement.
pub(super) async fn retrying<T, F>(attempt: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, Fault>>,
{
    let mut pause = PAUSE;
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(fault) if fault.is_conflict() => {
                tokio::time::sleep(pause).await;
                pause = pause.saturating_mul(2);
            }
            done => return Ok(done?),
        }
    }
    Ok(attempt().await?)
}

/// Does something again that changes nothing, once, if the connection turns out to be dead.
pub(super) async fn rereading<T, F>(attempt: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, Fault>>,
{
    match attempt().await {
        Err(fault) if fault.is_connection() && !fault.is_late() => Ok(attempt().await?),
        done => Ok(done?),
    }
}
