//! What connections asked and what they were answered, for a page that helps an administrator to find out why.

mod memory;
mod outcome;
mod record;
mod recorder;

pub use memory::MemoryRequestLog;
pub(crate) use outcome::ConnectionLog;
pub use record::RequestRecord;

use std::sync::Arc;

use async_trait::async_trait;

use crate::resource::ConnectionId;
use crate::store::StoreError;

/// Keeps what connections asked and were answered. The feature `testing` has a suite for implementations,
/// [`RequestLogSuite`](crate::testing::RequestLogSuite).
///
/// The server records every authenticated request of a connection when its answer is ready, and waits for it no longer
/// than [`Limits::store_timeout`](crate::Limits::store_timeout). A log that fails is named in the server's own log and
/// changes no answer.
#[async_trait]
pub trait RequestLog: Send + Sync + 'static {
    /// Keeps a record. How many are kept of a connection is bounded; the oldest give way.
    ///
    /// # Errors
    ///
    /// Those of the backend.
    async fn record(&self, record: &RequestRecord) -> Result<(), StoreError>;

    /// The last records of a connection, at most `count`, the newest first; of one time, the last recorded first.
    ///
    /// # Errors
    ///
    /// Those of the backend.
    async fn recent(&self, connection: &ConnectionId, count: usize) -> Result<Vec<RequestRecord>, StoreError>;
}

#[async_trait]
impl<L: RequestLog + ?Sized> RequestLog for Arc<L> {
    async fn record(&self, record: &RequestRecord) -> Result<(), StoreError> {
        (**self).record(record).await
    }

    async fn recent(&self, connection: &ConnectionId, count: usize) -> Result<Vec<RequestRecord>, StoreError> {
        (**self).recent(connection, count).await
    }
}
