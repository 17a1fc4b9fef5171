//! A compatibility profile as a setting that can be stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::compat::{CompatProfile, UnknownExtensions};

/// Which profile a connection has: one of those that have a name, with some switches set otherwise. It is stored as JSON
/// by `serde`.
///
/// ```
/// use scim_core::{CompatProfile, ProfileChoice};
///
/// let choice = ProfileChoice::lenient().with_switch("text_booleans", false).unwrap();
/// let stored = serde_json::to_string(&choice).unwrap();
/// assert_eq!(stored, r#"{"base":"lenient","switches":{"text_booleans":false}}"#);
/// let profile = serde_json::from_str::<ProfileChoice>(&stored).unwrap().profile();
/// assert!(!profile.text_booleans && profile.list_of_one);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileChoice {
    base: Base,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    switches: BTreeMap<String, bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unknown_extensions: Option<UnknownExtensions>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Base {
    #[default]
    Lenient,
    Strict,
}

impl ProfileChoice {
    /// [`CompatProfile::LENIENT`].
    #[must_use]
    pub fn lenient() -> Self {
        Self::default()
    }

    /// [`CompatProfile::STRICT`].
    #[must_use]
    pub fn strict() -> Self {
        Self { base: Base::Strict, ..Self::default() }
    }

    /// The same with a switch of [`CompatProfile::SWITCHES`] on or off; `None` if there is none of this name.
    #[must_use]
    pub fn with_switch(mut self, name: &str, on: bool) -> Option<Self> {
        let known = CompatProfile::SWITCHES.contains(&name);
        known.then(|| {
            self.switches.insert(name.to_owned(), on);
            self
        })
    }

    /// The same with another treatment of extensions that the resource type does not have.
    #[must_use]
    pub fn with_unknown_extensions(mut self, treatment: UnknownExtensions) -> Self {
        self.unknown_extensions = Some(treatment);
        self
    }

    /// The profile. A stored switch that this version of the library does not have is without effect.
    #[must_use]
    pub fn profile(&self) -> CompatProfile {
        let mut profile = match self.base {
            Base::Lenient => CompatProfile::LENIENT,
            Base::Strict => CompatProfile::STRICT,
        };
        for (name, on) in &self.switches {
            profile.set_switch(name, *on);
        }
        profile.unknown_extensions = self.unknown_extensions.unwrap_or(profile.unknown_extensions);
        profile
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_of_a_profile_can_be_stored() {
        for name in CompatProfile::SWITCHES {
            for on in [true, false] {
                let choice = ProfileChoice::lenient().with_switch(name, on).unwrap();
                let mut expected = CompatProfile::LENIENT;
                assert!(expected.set_switch(name, on));
                assert_eq!(choice.profile(), expected, "{name}");
            }
        }
        let choice = ProfileChoice::lenient().with_switch("ignore_read_only_paths", true);
        assert!(choice.unwrap().profile().ignore_read_only_paths);
    }

    #[test]
    fn a_stored_switch_that_is_unknown_has_no_effect() {
        let stored = r#"{"base":"strict","switches":{"gone":true,"empty_path":true},"unknownExtensions":"keep"}"#;
        let profile = serde_json::from_str::<ProfileChoice>(stored).unwrap().profile();
        let mut expected = CompatProfile::STRICT;
        expected.empty_path = true;
        expected.unknown_extensions = UnknownExtensions::Keep;
        assert_eq!(profile, expected);
        assert_eq!(ProfileChoice::lenient().with_switch("gone", true), None);
    }
}
