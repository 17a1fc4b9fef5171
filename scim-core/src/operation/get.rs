//! GET of one resource: RFC 7644 s3.4.1.

use http::StatusCode;

use super::{Operation, Outcome, Result};
use crate::error::ScimError;
use crate::resource::ResourceId;

impl Operation<'_> {
    /// Reads a resource.
    ///
    /// # Errors
    ///
    /// 404, 412.
    pub(crate) async fn get(&self, id: &ResourceId) -> std::result::Result<Outcome, ScimError> {
        let fetch = self.served.fetch(self.projection);
        let found = self.store(self.backend().get(self.cx, id, &fetch)).await?;
        let resource = found.ok_or_else(|| ScimError::resource_not_found(id.as_str()))?;
        self.preconditions.check_read(&resource.meta.version)?;
        if self.preconditions.not_modified(&resource.meta.version) {
            return Ok(Outcome::of(Result::NotModified(resource.meta.version)));
        }
        Ok(Outcome::of(Result::Resource(StatusCode::OK, resource)))
    }
}
