//! What of the audit trail is wanted.

use crate::resource::{ConnectionId, ResourceId};

/// What of a tenant's audit trail is wanted, the newest first.
///
/// ```
/// use scim_core::{AuditQuery, ConnectionId};
///
/// let query = AuditQuery::newest(50).of_connection(ConnectionId::new("okta"));
/// assert_eq!(query.count(), 50);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct AuditQuery {
    count: usize,
    connection: Option<ConnectionId>,
    resource: Option<ResourceId>,
    before: Option<i64>,
}

impl AuditQuery {
    /// No query has more records than this.
    pub const MOST: usize = 1_000;

    /// So many records, at most [`MOST`](Self::MOST).
    pub fn newest(count: usize) -> Self {
        Self { count: count.min(Self::MOST), connection: None, resource: None, before: None }
    }

    /// Of one connection alone.
    pub fn of_connection(mut self, connection: ConnectionId) -> Self {
        self.connection = Some(connection);
        self
    }

    /// Of one resource alone.
    pub fn of_resource(mut self, resource: ResourceId) -> Self {
        self.resource = Some(resource);
        self
    }

    /// Those before the record of this [`sequence`](crate::AuditRecord::sequence): the next page.
    pub fn before(mut self, sequence: i64) -> Self {
        self.before = Some(sequence);
        self
    }

    /// How many records at most.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// The connection, if it is one alone.
    #[must_use]
    pub fn connection(&self) -> Option<&ConnectionId> {
        self.connection.as_ref()
    }

    /// The resource, if it is one alone.
    #[must_use]
    pub fn resource(&self) -> Option<&ResourceId> {
        self.resource.as_ref()
    }

    /// Before which record.
    #[must_use]
    pub fn sequence_before(&self) -> Option<i64> {
        self.before
    }
}
