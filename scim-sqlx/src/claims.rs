//! Values that are unique beyond a partition: in the tenant, or on the platform.

use scim_core::{Context, Partition};

use crate::keys::{Key, Reach};

/// One row of the table of claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Within what the value is unique.
    pub(crate) space: String,
    pub(crate) scope: String,
    pub(crate) attribute: String,
    pub(crate) key: String,
}

/// What a resource of these keys claims beyond the partition of the context.
pub(crate) fn claims(cx: &Context, keys: &[Key]) -> Vec<Claim> {
    let claim = |key: &Key| {
        let space = match key.reach {
            Reach::Platform => "platform".to_owned(),
            Reach::Tenant => format!("tenant {}", Partition::of_tenant(cx.tenant().clone()).key()),
            Reach::Partition => return None,
        };
        let (scope, attribute) = (key.scope.clone(), key.attribute.clone());
        key.is_unique.then(|| Claim { space, scope, attribute, key: key.key.clone() })
    };
    keys.iter().filter_map(claim).collect()
}
