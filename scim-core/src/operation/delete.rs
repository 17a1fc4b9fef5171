//! DELETE of a resource: RFC 7644 s3.6.

use super::{Operation, Outcome, Result};
use crate::error::ScimError;
use crate::resource::{ResourceId, Version};
use crate::store::{Fetch, StoreError};

impl Operation<'_> {
    /// Deletes a resource.
    ///
    /// # Errors
    ///
    /// 404, and 412 if it has another version than the request expects.
    pub(crate) async fn delete(&self, id: &ResourceId) -> std::result::Result<Outcome, ScimError> {
        let expect = self.expected_version(id).await?;
        match self.store(self.served.store.delete(self.cx, id, expect.as_ref())).await {
            Ok(()) => Ok(Outcome::of(Result::NoContent(None))),
            Err(StoreError::NotFound) => Err(ScimError::resource_not_found(id.as_str())),
            Err(error) => Err(error.into()),
        }
    }

    /// The current version, if the request has a condition and the version meets it.
    async fn expected_version(&self, id: &ResourceId) -> std::result::Result<Option<Version>, ScimError> {
        if !self.preconditions.is_conditional() {
            return Ok(None);
        }
        let fetch = Fetch::without(["members", "groups"]);
        let found = self.store(self.served.store.get(self.cx, id, &fetch)).await?;
        let current = found.ok_or_else(|| ScimError::resource_not_found(id.as_str()))?;
        self.preconditions.check_write(&current.meta.version)?;
        Ok(Some(current.meta.version))
    }
}
