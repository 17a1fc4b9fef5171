//! What of the protocol a credential is good for.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize};

/// What of the protocol a credential is good for: everything, reading alone, some resource types alone. Whatever else
/// is asked is answered with 403; discovery can always be read.
///
/// What is stored is read back as it was written or not at all: a field that is absent or unknown is an error, for what it
/// restricted would be allowed otherwise. A [`ConnectionStore`](crate::ConnectionStore) makes [`Scopes::unreadable`] of
/// that, and the key is not accepted.
///
/// ```
/// use scim_core::Scopes;
///
/// let scopes = Scopes::all().of_resource_types(["User"]).reading_only();
/// assert!(scopes.covers("User") && !scopes.covers("Group") && !scopes.may_write());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scopes {
    read_only: bool,
    #[serde(deserialize_with = "present")]
    resource_types: Option<BTreeSet<String>>,
    #[serde(skip)]
    unreadable: bool,
}

/// Reads a field that may be `null` and must be there; without this one that is not there would be `None`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<BTreeSet<String>>, D::Error> {
    Option::deserialize(deserializer)
}

impl Scopes {
    /// Everything; the default.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// What a store makes of scopes that it cannot read, such as those of a newer version: a key that has them is not
    /// accepted, and can be listed and revoked. Written again they are those of a key that discovers and does nothing else.
    #[must_use]
    pub fn unreadable() -> Self {
        Self { read_only: true, resource_types: Some(BTreeSet::new()), unreadable: true }
    }

    /// Whether they are in place of [those that cannot be read](Self::unreadable).
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        self.unreadable
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let all = Scopes::all();
        for scopes in [all.clone(), all.clone().reading_only(), all.clone().of_resource_types(["User"]), all] {
            let json = serde_json::to_string(&scopes).unwrap();
            assert_eq!(serde_json::from_str::<Scopes>(&json).unwrap(), scopes, "{json}");
        }
    }

    #[test]
    fn what_is_absent_misspelt_or_newer_is_no_full_access() {
        for json in [
            "{}",
            "null",
            r#"{"readOnly": true}"#,
            r#"{"readOnly": false}"#,
            r#"{"resourceTypes": ["User"]}"#,
            r#"{"readonly": true, "resourceTypes": null}"#,
            r#"{"readOnly": false, "resource_types": ["User"]}"#,
            r#"{"readOnly": false, "resourceTypes": null, "attributes": ["userName"]}"#,
            r#"{"readOnly": false, "resourceTypes": null, "unreadable": false}"#,
            r#"{"readOnly": null, "resourceTypes": null}"#,
        ] {
            assert!(serde_json::from_str::<Scopes>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_good_for_nothing_and_is_not_widened_by_writing_it() {
        let scopes = Scopes::unreadable();
        assert!(scopes.is_unreadable() && !scopes.may_write() && !scopes.covers("User"));
        let again: Scopes = serde_json::from_str(&serde_json::to_string(&scopes).unwrap()).unwrap();
        assert!(!again.may_write() && !again.covers("User"));
    }
}
