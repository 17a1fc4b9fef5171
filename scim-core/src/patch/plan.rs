//! From the JSON of a PATCH request to operations whose paths are resolved and whose values are normalised.

use serde_json::Value;

use crate::compat::CompatProfile;
use crate::error::ScimError;
use crate::limits::Limits;
use crate::resource::Attributes;
use crate::schema::ResourceType;
use crate::store::MembersUpdate;

/// The operations of a PATCH request, ready to be applied to a document any number of times.
#[derive(Clone, Debug)]
pub struct PatchPlan {}

/// What a PATCH makes of a document.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Patched {
    /// The document after all operations.
    pub attributes: Attributes,
    /// Whether the document is another than before. Members are not looked at.
    pub changed: bool,
    /// What happens to the members of a group whose store keeps them apart.
    pub members: MembersUpdate,
    /// The write-only attributes, such as `password`, that the operations set.
    pub write_only: serde_json::Map<String, Value>,
}

impl PatchPlan {
    /// Reads the body of a PATCH request.
    ///
    /// # Errors
    ///
    /// 400 for what is no PatchOp, a path that leads nowhere, or a value that does not fit.
    pub fn read(
        body: Value,
        resource_type: &ResourceType,
        profile: &CompatProfile,
        limits: &Limits,
    ) -> Result<Self, ScimError> {
        let _ = (body, resource_type, profile, limits);
        Err(ScimError::invalid_syntax("not read"))
    }

    /// The paths that were left out because the schema does not have them or clients may not write them.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        &[]
    }

    /// Whether applying it needs to know the members that the group has: an operation selects some of them by more
    /// than their `value`.
    #[must_use]
    pub fn needs_members(&self) -> bool {
        false
    }
}
