//! The request log in memory.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::{RequestLog, RequestRecord};
use crate::resource::ConnectionId;
use crate::store::StoreError;

/// The last requests of each connection, in memory. Clones share what they hold.
#[derive(Clone)]
pub struct MemoryRequestLog {
    records: Arc<Mutex<HashMap<ConnectionId, VecDeque<RequestRecord>>>>,
    most: usize,
}

impl MemoryRequestLog {
    /// Keeps this many records of each connection.
    #[must_use]
    pub fn new(records_per_connection: usize) -> Self {
        Self { records: Arc::default(), most: records_per_connection }
    }
}

#[async_trait]
impl RequestLog for MemoryRequestLog {
    async fn record(&self, record: &RequestRecord) -> Result<(), StoreError> {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let ring = records.entry(record.connection.clone()).or_default();
        ring.push_front(record.clone());
        ring.truncate(self.most);
        Ok(())
    }

    async fn recent(&self, connection: &ConnectionId, count: usize) -> Result<Vec<RequestRecord>, StoreError> {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(records.get(connection).map(|ring| ring.iter().take(count).cloned().collect()).unwrap_or_default())
    }
}

impl fmt::Debug for MemoryRequestLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryRequestLog").field("records_per_connection", &self.most).finish_non_exhaustive()
    }
}
