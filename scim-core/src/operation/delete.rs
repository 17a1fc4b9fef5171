//! DELETE of a resource: RFC 7644 s3.6.

use super::{Operation, Outcome, Result};
use crate::error::ScimError;
use crate::hook::{Event, EventKind, Write};
use crate::provisioning::OnDelete;
use crate::resource::{Resource, ResourceId};
use crate::store::{Fetch, MembersUpdate, StoreError};

impl Operation<'_> {
    /// Deletes a resource, or does with it what the lifecycle has in its place.
    ///
    /// # Errors
    ///
    /// 404, and 412 if it has another version than the request expects.
    pub(crate) async fn delete(&self, id: &ResourceId) -> std::result::Result<Outcome, ScimError> {
        self.allow(&mut Write::Delete { id }).await?;
        match self.served.rules.lifecycle.on_delete {
            OnDelete::Delete => self.delete_for_good(id).await,
            OnDelete::Remove => self.remove(id, false).await,
            OnDelete::Deactivate => self.remove(id, true).await,
        }
    }

    /// Deletes a resource so that nothing is kept of it.
    ///
    /// # Errors
    ///
    /// 404, and 412 if it has another version than the request expects.
    pub(super) async fn delete_for_good(&self, id: &ResourceId) -> std::result::Result<Outcome, ScimError> {
        let before = self.read_before(id).await?;
        let expect = match &before {
            Some(current) if self.preconditions.is_conditional() => {
                self.preconditions.check_write(&current.meta.version)?;
                Some(&current.meta.version)
            }
            _ => None,
        };
        match self.store(self.backend().delete(self.cx, id, expect)).await {
            Ok(()) => {
                let (kind, members) = (EventKind::Deleted, &MembersUpdate::Keep);
                self.tell(&Event { kind, id, before: before.as_ref(), after: None, members, ignored: &[] }).await;
                Ok(Outcome::of(Result::NoContent(None)))
            }
            Err(StoreError::NotFound) => Err(ScimError::resource_not_found(id.as_str())),
            Err(error) => Err(error.into()),
        }
    }

    /// The resource as it is, if a condition or an observer needs to know it.
    async fn read_before(&self, id: &ResourceId) -> std::result::Result<Option<Resource>, ScimError> {
        if !self.preconditions.is_conditional() && self.engine.observers.is_empty() {
            return Ok(None);
        }
        let fetch = Fetch::without(["members", "groups"]);
        let found = self.store(self.backend().get(self.cx, id, &fetch)).await?;
        found.map(Some).ok_or_else(|| ScimError::resource_not_found(id.as_str()))
    }
}
