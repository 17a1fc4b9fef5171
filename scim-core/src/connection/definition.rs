//! One provisioning connection.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Partition, ProfileChoice, Provider};
use crate::auth::Principal;
use crate::resource::{ConnectionId, DateTime, TenantId};

/// A provisioning connection: one identity provider of one customer, and how its requests are treated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connection {
    /// Its identifier, the same for good.
    pub id: ConnectionId,
    /// The customer, the same for good.
    pub tenant: TenantId,
    /// The identity provider, the same for good.
    pub provider: Provider,
    /// What people call it. It names the connection in logs too.
    pub name: String,
    /// The base URL that the administrator is shown, where connections have URLs of their own.
    pub base_url: Option<String>,
    /// The profile in place of the server's; `None` for the server's.
    pub profile: Option<ProfileChoice>,
    /// The name of the provisioning policy in place of the server's default one; `None` for that.
    pub policy: Option<String>,
    /// Whether its requests are accepted.
    pub state: ConnectionState,
    /// It sees all that belongs to no connection, as the tenant's one connection, in place of what is its own alone.
    pub shares_resources: bool,
    /// When it was made.
    pub created: DateTime,
    /// When a request of it last succeeded, to the minute.
    pub last_success: Option<DateTime>,
    /// When a request of it last failed, to the minute.
    pub last_failure: Option<DateTime>,
}

impl Connection {
    /// An active connection with a random id and no settings of its own.
    #[must_use]
    pub fn new(tenant: TenantId, provider: Provider, name: impl Into<String>, created: DateTime) -> Self {
        Self {
            id: ConnectionId::random(),
            tenant,
            provider,
            name: name.into(),
            base_url: None,
            profile: None,
            policy: None,
            state: ConnectionState::Active,
            shares_resources: false,
            created,
            last_success: None,
            last_failure: None,
        }
    }

    /// The resources that it sees.
    #[must_use]
    pub fn partition(&self) -> Partition {
        if self.shares_resources {
            Partition::of_tenant(self.tenant.clone())
        } else {
            Partition::of_connection(self.tenant.clone(), self.id.clone())
        }
    }

    /// Who asks when a request of this connection arrives: for host code that acts on its resources.
    #[must_use]
    pub fn principal(&self) -> Principal {
        let principal = Principal::new(self.tenant.clone(), self.name.as_str()).with_connection(self.id.clone());
        let principal = if self.shares_resources { principal.sharing_resources() } else { principal };
        let principal = match &self.profile {
            Some(choice) => principal.with_profile(choice.profile()),
            None => principal,
        };
        match &self.policy {
            Some(policy) => principal.with_policy(Arc::from(policy.as_str())),
            None => principal,
        }
    }
}

impl From<&Connection> for Principal {
    fn from(connection: &Connection) -> Self {
        connection.principal()
    }
}

/// Whether the requests of a connection are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ConnectionState {
    /// They are.
    Active,
    /// Not until it is resumed: 403.
    Paused,
    /// Not any more, for good: 401, as for a key that nobody knows. The connection stays on record.
    Deleted,
}

impl ConnectionState {
    /// The text that a database keeps; [`FromStr`] reads it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Deleted => "deleted",
        }
    }
}

impl fmt::Display for ConnectionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ConnectionState {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        [Self::Active, Self::Paused, Self::Deleted].into_iter().find(|state| state.as_str() == text).ok_or(UnknownName)
    }
}

/// A text names none of the choices there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this names none of the choices")]
#[non_exhaustive]
pub struct UnknownName;
