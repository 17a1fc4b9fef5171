//! Who an accepted credential stands for.

use std::sync::Arc;

use crate::compat::CompatProfile;
use crate::resource::TenantId;

/// Who asks: a tenant, and a name for logs and the audit trail. It never holds the credential.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Principal {
    tenant: TenantId,
    name: Arc<str>,
    profile: Option<Arc<CompatProfile>>,
}

impl Principal {
    /// A principal of a tenant, with a name for the log such as the name of the connection.
    pub fn new(tenant: TenantId, name: impl Into<Arc<str>>) -> Self {
        Self { tenant, name: name.into(), profile: None }
    }

    /// The same with a profile of its own in place of the server's.
    #[must_use]
    pub fn with_profile(mut self, profile: impl Into<Arc<CompatProfile>>) -> Self {
        self.profile = Some(profile.into());
        self
    }

    /// The tenant.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The name for logs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The profile that takes the place of the server's, if there is one.
    #[must_use]
    pub fn profile(&self) -> Option<&Arc<CompatProfile>> {
        self.profile.as_ref()
    }
}
