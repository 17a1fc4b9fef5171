//! Rows of the request log, and how many are kept.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use scim_core::{ConnectionId, DateTime, KeyId, RequestId, RequestRecord, ResourceId, StoreError, TenantId};

type Text = Option<String>;

/// The columns that are read of a record, in this order: `time, tenant, connection, key_id, request_id, method, route,
/// resource, status, scim_type, detail, ignored, micros`.
pub(crate) type LogRow = (i64, String, String, Text, String, String, String, Text, i64, Text, Text, String, i64);

pub(crate) fn from_row(row: LogRow) -> Result<RequestRecord, StoreError> {
    let (
        time,
        tenant,
        connection,
        key,
        request_id,
        method,
        route,
        resource,
        status,
        scim_type,
        detail,
        ignored,
        micros,
    ) = row;
    let (tenant, connection) = (TenantId::new(tenant), ConnectionId::new(connection));
    let status = u16::try_from(status).map_err(StoreError::backend)?;
    let mut record = RequestRecord::new(DateTime::from_micros(time), tenant, connection, method, route, status);
    record.key = key.map(KeyId::new);
    record.request_id = RequestId::new(request_id);
    record.resource_id = resource.map(ResourceId::new);
    record.scim_type = scim_type.map(Cow::Owned);
    record.detail = detail;
    record.ignored = serde_json::from_str(&ignored).map_err(StoreError::backend)?;
    record.micros = u64::try_from(micros).unwrap_or_default();
    Ok(record)
}

/// Of how many connections the count of what was written is remembered.
const REMEMBERED: usize = 65_536;

/// How many records of a connection are kept, and when there may be too many of them.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) most: usize,
    written: Mutex<HashMap<ConnectionId, usize>>,
}

impl Bound {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, written: Mutex::default() }
    }

    /// Counts a record that was written; whether it is time to remove the oldest: with the first of this process, and
    /// whenever a quarter more than are kept may be there.
    pub(crate) fn is_due(&self, connection: &ConnectionId) -> bool {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.len() >= REMEMBERED {
            written.clear();
        }
        match written.get_mut(connection) {
            Some(count) => {
                *count = count.saturating_add(1);
                let is_due = *count > self.most / 4;
                if is_due {
                    *count = 0;
                }
                is_due
            }
            None => {
                written.insert(connection.clone(), 0);
                true
            }
        }
    }
}
