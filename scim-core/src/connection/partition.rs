//! The part of a tenant's resources that an operation is about.

use std::fmt;
use std::sync::Arc;

use crate::resource::{ConnectionId, TenantId};

/// Parts the pieces of a key; it is doubled inside of them.
const SEPARATOR: char = '\u{1f}';

/// The part of a tenant's resources that an operation is about. A resource of another partition does not exist for it:
/// that is what keeps provisioning connections of one customer apart, and soft-deleted resources out of sight.
///
/// A tenant has one partition of its own, where the resources are that the host makes by itself, one for every
/// connection that has its own resources, and beside each of these one of the resources that were removed from it and
/// are kept.
///
/// ```
/// use scim_core::{ConnectionId, Partition, TenantId};
///
/// let acme = Partition::of_tenant(TenantId::new("acme"));
/// let okta = Partition::of_connection(TenantId::new("acme"), ConnectionId::new("okta"));
/// assert_eq!(acme.key(), "acme");
/// assert_ne!(okta.key(), acme.key());
/// assert_ne!(okta.removed().key(), okta.key());
/// assert_eq!(okta.removed().present(), okta);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Partition {
    key: Arc<str>,
    tenant: TenantId,
    connection: Option<ConnectionId>,
    removed: bool,
}

impl Partition {
    /// What belongs to no connection, and everything where there are no connections.
    #[must_use]
    pub fn of_tenant(tenant: TenantId) -> Self {
        Self::new(tenant, None, false)
    }

    /// What one connection of the tenant made, and what was moved to it.
    #[must_use]
    pub fn of_connection(tenant: TenantId, connection: ConnectionId) -> Self {
        Self::new(tenant, Some(connection), false)
    }

    /// What was removed from this partition and is kept. Nothing there is unique, so that a name is free again.
    #[must_use]
    pub fn removed(&self) -> Self {
        Self::new(self.tenant.clone(), self.connection.clone(), true)
    }

    /// The partition that what is [`removed`](Self::removed) comes from, or this one.
    #[must_use]
    pub fn present(&self) -> Self {
        Self::new(self.tenant.clone(), self.connection.clone(), false)
    }

    /// The tenant.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The connection; `None` for what belongs to none.
    #[must_use]
    pub fn connection(&self) -> Option<&ConnectionId> {
        self.connection.as_ref()
    }

    /// Whether it holds removed resources.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.removed
    }

    /// A text that no other partition has, for a store to lead its keys with. For a tenant's own it is the tenant.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    fn new(tenant: TenantId, connection: Option<ConnectionId>, removed: bool) -> Self {
        let mut key = escaped(tenant.as_str());
        if let Some(connection) = &connection {
            key.push(SEPARATOR);
            key.push('c');
            key.push_str(&escaped(connection.as_str()));
        }
        if removed {
            key.push(SEPARATOR);
            key.push('r');
        }
        Self { key: key.into(), tenant, connection, removed }
    }
}

fn escaped(text: &str) -> String {
    text.replace(SEPARATOR, "\u{1f}\u{1f}")
}

impl fmt::Debug for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Partition({:?})", &*self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_partitions_have_the_same_key() {
        let tenants = ["a", "a\u{1f}", "a\u{1f}cb", "a\u{1f}r", "", "\u{1f}"];
        let connections = [None, Some("b"), Some("b\u{1f}r"), Some(""), Some("\u{1f}")];
        let mut keys = Vec::new();
        for tenant in tenants {
            for connection in connections {
                for removed in [false, true] {
                    let partition = Partition::new(TenantId::new(tenant), connection.map(ConnectionId::new), removed);
                    keys.push(partition.key().to_owned());
                }
            }
        }
        let all = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), all);
    }
}
