//! Applying operations to a document: all of them or none.

use super::plan::{PatchPlan, Patched};
use crate::error::ScimError;
use crate::resource::Attributes;
use crate::schema::ResourceType;

impl PatchPlan {
    /// Applies the operations, in order, each to the result of the one before. The document given is not changed.
    ///
    /// With `detached_members`, operations on `members` are not applied to the document but composed into
    /// [`Patched::members`].
    ///
    /// # Errors
    ///
    /// 400 `noTarget`, `mutability` or `invalidValue`; then nothing has been applied.
    pub fn apply(
        &self,
        resource_type: &ResourceType,
        attributes: &Attributes,
        detached_members: bool,
    ) -> Result<Patched, ScimError> {
        let _ = (resource_type, attributes, detached_members);
        Err(ScimError::invalid_syntax("not applied"))
    }
}
