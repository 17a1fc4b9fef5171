//! What the server tells of each request goes to the log, and to the connection it is of.

use std::sync::Arc;

use async_trait::async_trait;

use super::{RequestLog, RequestRecord};
use crate::connection::gate::MinuteGate;
use crate::connection::{ConnectionStore, Connections, RequestOutcome};
use crate::resource::{ConnectionId, DateTime};
use crate::store::StoreError;

/// Writes when requests of a connection last succeeded and failed, at most once a minute unless one turns into the other,
/// and hands every record on to the host's log.
pub(crate) struct ConnectionLog {
    store: Arc<dyn ConnectionStore>,
    log: Option<Arc<dyn RequestLog>>,
    clock: Arc<dyn Fn() -> DateTime + Send + Sync>,
    outcomes: MinuteGate<ConnectionId, RequestOutcome>,
}

impl ConnectionLog {
    pub(crate) fn new(connections: &Connections) -> Self {
        Self {
            store: Arc::clone(&connections.store),
            log: connections.log.clone(),
            clock: Arc::clone(&connections.clock),
            outcomes: MinuteGate::new(),
        }
    }

    async fn note_outcome(&self, record: &RequestRecord) -> Result<(), StoreError> {
        let outcome = if record.status < 400 { RequestOutcome::Success } else { RequestOutcome::Failure };
        if self.outcomes.is_due(&record.connection, outcome, record.time) {
            self.store.set_last_request(&record.connection, outcome, record.time).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl RequestLog for ConnectionLog {
    async fn record(&self, record: &RequestRecord) -> Result<(), StoreError> {
        let record = &RequestRecord { time: (self.clock)(), ..record.clone() };
        let recorded = match &self.log {
            Some(log) => log.record(record).await,
            None => Ok(()),
        };
        self.note_outcome(record).await.and(recorded)
    }

    async fn recent(&self, connection: &ConnectionId, count: usize) -> Result<Vec<RequestRecord>, StoreError> {
        match &self.log {
            Some(log) => log.recent(connection, count).await,
            None => Ok(Vec::new()),
        }
    }
}
