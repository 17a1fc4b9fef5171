//! What of the protocol a credential is good for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What of the protocol a credential is good for: everything, reading alone, some resource types alone. Whatever else
/// is asked is answered with 403; discovery can always be read.
///
/// ```
/// use scim_core::Scopes;
///
/// let scopes = Scopes::all().of_resource_types(["User"]).reading_only();
/// assert!(scopes.covers("User") && !scopes.covers("Group") && !scopes.may_write());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scopes {
    #[serde(default)]
    read_only: bool,
    #[serde(default)]
    resource_types: Option<BTreeSet<String>>,
}

impl Scopes {
    /// Everything; the default.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// The same for reading alone.
    #[must_use]
    pub fn reading_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// The same for these resource types alone, by their names as in `meta.resourceType`.
    #[must_use]
    pub fn of_resource_types<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.resource_types = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Whether resources may be made, changed and deleted.
    #[must_use]
    pub fn may_write(&self) -> bool {
        !self.read_only
    }

    /// The names of the resource types it is restricted to; `None` for no restriction.
    #[must_use]
    pub fn resource_types(&self) -> Option<&BTreeSet<String>> {
        self.resource_types.as_ref()
    }

    /// Whether it is good for the resource type of this name.
    #[must_use]
    pub fn covers(&self, resource_type: &str) -> bool {
        self.resource_types.as_ref().is_none_or(|names| names.contains(resource_type))
    }
}
