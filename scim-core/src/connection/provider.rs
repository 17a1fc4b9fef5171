//! Identity providers, and what a settings page says about each.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::definition::UnknownName;
use super::mapping::{self, AttributeMapping};

/// The kind of identity provider at the other end of a connection. It is what people are shown and chooses nothing about
/// how requests are read: that is the connection's profile.
///
/// ```
/// use scim_core::Provider;
///
/// let provider: Provider = "entra-id".parse().unwrap();
/// assert_eq!(provider.name(), "Microsoft Entra ID");
/// assert_eq!(provider.tenant_url("https://example.com/scim/v2"), "https://example.com/scim/v2?aadOptscim062020");
/// assert!(provider.attribute_mapping().iter().any(|row| row.target == "userName"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Provider {
    /// Microsoft Entra ID, formerly Azure Active Directory.
    EntraId,
    /// Okta.
    Okta,
    /// JumpCloud.
    #[serde(rename = "jumpcloud")]
    JumpCloud,
    /// OneLogin.
    #[serde(rename = "onelogin")]
    OneLogin,
    /// Google Workspace.
    GoogleWorkspace,
    /// PingOne.
    #[serde(rename = "pingone")]
    PingOne,
    /// Any other client of SCIM 2.0.
    Custom,
}

/// What a settings page says of a provider.
struct Facts {
    key: &'static str,
    name: &'static str,
    url_field: &'static str,
    key_field: &'static str,
    mapping: &'static [AttributeMapping],
}

impl Provider {
    /// All of them, in the order in which a page may list them.
    pub const ALL: &'static [Self] = &[
        Self::EntraId,
        Self::Okta,
        Self::JumpCloud,
        Self::OneLogin,
        Self::GoogleWorkspace,
        Self::PingOne,
        Self::Custom,
    ];

    /// The text that a database or a form keeps, such as `entra-id`; [`FromStr`] reads it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.facts().key
    }

    /// The name that people know, such as `Microsoft Entra ID`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// The URL to enter at the provider for a server at this base URL. For Entra ID it ends in `?aadOptscim062020`,
    /// which makes it send PATCH as the RFC has it.
    #[must_use]
    pub fn tenant_url(self, base_url: &str) -> String {
        let base_url = base_url.trim_end_matches('/');
        match self {
            Self::EntraId => format!("{base_url}?aadOptscim062020"),
            _ => base_url.to_owned(),
        }
    }

    /// Where at the provider the URL is entered.
    #[must_use]
    pub fn url_field(self) -> &'static str {
        self.facts().url_field
    }

    /// Where at the provider the key is pasted, and in what form if that is not the key alone.
    #[must_use]
    pub fn key_field(self) -> &'static str {
        self.facts().key_field
    }

    /// Which of the provider's attributes becomes which of SCIM, as the provider has it unless somebody changed it.
    #[must_use]
    pub fn attribute_mapping(self) -> &'static [AttributeMapping] {
        self.facts().mapping
    }

    fn facts(self) -> Facts {
        match self {
            Self::EntraId => Facts {
                key: "entra-id",
                name: "Microsoft Entra ID",
                url_field: "Provisioning > Admin Credentials > Tenant URL",
                key_field: "Provisioning > Admin Credentials > Secret Token, without \"Bearer\"",
                mapping: mapping::ENTRA_ID,
            },
            Self::Okta => Facts {
                key: "okta",
                name: "Okta",
                url_field: "Provisioning > Integration > SCIM connector base URL (catalogue applications: Base URL)",
                key_field:
                    "Provisioning > Integration > HTTP Header > Authorization (catalogue applications: API Token)",
                mapping: mapping::OKTA,
            },
            Self::JumpCloud => Facts {
                key: "jumpcloud",
                name: "JumpCloud",
                url_field: "Identity Management > Configuration Settings > Base URL",
                key_field: "Identity Management > Configuration Settings > Token Key",
                mapping: mapping::JUMPCLOUD,
            },
            Self::OneLogin => Facts {
                key: "onelogin",
                name: "OneLogin",
                url_field: "Configuration > API Connection > SCIM Base URL",
                key_field: "Configuration > API Connection > SCIM Bearer Token",
                mapping: mapping::ONELOGIN,
            },
            Self::GoogleWorkspace => Facts {
                key: "google-workspace",
                name: "Google Workspace",
                url_field: "Autoprovisioning > Configure > Endpoint URL",
                key_field: "Autoprovisioning > Configure > Access token",
                mapping: mapping::GOOGLE_WORKSPACE,
            },
            Self::PingOne => Facts {
                key: "pingone",
                name: "PingOne",
                url_field: "Integrations > Provisioning > SCIM Outbound > SCIM Base URL",
                key_field: "Integrations > Provisioning > SCIM Outbound > OAuth 2 Bearer Token > OAuth Access Token",
                mapping: mapping::PINGONE,
            },
            Self::Custom => Facts {
                key: "custom",
                name: "Custom SCIM 2.0",
                url_field: "Base URL, SCIM URL or endpoint",
                key_field: "Bearer token; where a whole header is asked for, Authorization: Bearer and the key",
                mapping: mapping::CUSTOM,
            },
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Provider {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL.iter().copied().find(|provider| provider.as_str() == text).ok_or(UnknownName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compat::CompatProfile;
    use crate::filter::parse_path;
    use crate::limits::Limits;

    #[test]
    fn the_text_of_a_provider_is_read_back_by_itself_and_by_serde() {
        for provider in Provider::ALL {
            assert_eq!(provider.as_str().parse(), Ok(*provider));
            assert_eq!(serde_json::to_value(provider).unwrap(), provider.as_str());
        }
        assert_eq!("Okta".parse::<Provider>(), Err(UnknownName));
    }

    #[test]
    fn every_mapping_has_a_user_name_and_leads_to_paths() {
        for provider in Provider::ALL {
            let mapping = provider.attribute_mapping();
            assert!(mapping.iter().any(|row| row.target == "userName"), "{provider}");
            for row in mapping {
                assert!(
                    parse_path(row.target, &CompatProfile::STRICT, &Limits::default()).is_ok(),
                    "{provider}: {}",
                    row.target
                );
                assert_eq!(mapping.iter().filter(|other| other.target == row.target).count(), 1, "{}", row.target);
            }
        }
    }

    #[test]
    fn only_entra_id_has_a_query_behind_its_url() {
        for provider in Provider::ALL {
            let url = provider.tenant_url("https://example.com/scim/");
            assert_eq!(url.contains('?'), *provider == Provider::EntraId);
            assert!(url.starts_with("https://example.com/scim") && !url.ends_with('/'));
        }
    }
}
