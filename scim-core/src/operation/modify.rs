//! What PUT and PATCH have in common: read, compute, and swap, so that no update is ever lost (RFC 7644 s3.14).

use http::StatusCode;

use super::{Operation, Outcome, Result};
use crate::error::ScimError;
use crate::resource::{Resource, ResourceId};
use crate::store::{Fetch, MembersUpdate, StoreError, Update};

/// What a request makes of a resource.
pub(crate) enum Change {
    /// Another document, other members, or both; the version and what to fetch are filled in here.
    Update(Update),
    /// Nothing.
    Nothing,
}

impl Operation<'_> {
    /// Applies a change that is computed from the current resource.
    ///
    /// With `If-Match` another version is 412. Without it the change is computed anew from the newer resource, after
    /// the first failure in turn with the other requests of this process for the same resource, so that plain
    /// contention is never an error.
    ///
    /// # Errors
    ///
    /// 404, 412, and what `compute` refuses.
    pub(crate) async fn modify(
        &self,
        id: &ResourceId,
        read: &Fetch,
        answer: &Fetch,
        compute: impl Fn(&Resource) -> std::result::Result<Change, ScimError>,
    ) -> std::result::Result<Resource, ScimError> {
        const ATTEMPTS: usize = 64;
        let mut turn = None;
        for _ in 0..ATTEMPTS {
            let found = self.store(self.served.store.get(self.cx, id, read)).await?;
            let current = found.ok_or_else(|| ScimError::resource_not_found(id.as_str()))?;
            self.preconditions.check_write(&current.meta.version)?;
            let Change::Update(update) = compute(&current)? else {
                return self.unchanged(id, current, read, answer).await;
            };
            let update = Update { expect: Some(current.meta.version), fetch: answer.clone(), ..update };
            match self.store(self.served.store.update(self.cx, id, update)).await {
                Ok(resource) => return Ok(resource),
                Err(StoreError::NotFound) => return Err(ScimError::resource_not_found(id.as_str())),
                Err(StoreError::VersionMismatch) if !self.preconditions.has_if_match() => {}
                Err(error) => return Err(error.into()),
            }
            if turn.is_none() {
                turn = Some(self.engine.turn(self.cx.tenant(), id).await);
            }
        }
        Err(StoreError::unavailable(1, "the resource kept changing while it was to be changed").into())
    }

    /// The answer to a change that changes nothing: the resource as it is.
    async fn unchanged(
        &self,
        id: &ResourceId,
        current: Resource,
        read: &Fetch,
        answer: &Fetch,
    ) -> std::result::Result<Resource, ScimError> {
        if read == answer {
            return Ok(current);
        }
        let found = self.store(self.served.store.get(self.cx, id, answer)).await?;
        found.ok_or_else(|| ScimError::resource_not_found(id.as_str()))
    }

    /// What to load of a resource that is to be changed: not what is costly and kept apart.
    pub(crate) fn fetch_for_change(&self) -> Fetch {
        if self.served.capabilities.detached_members {
            Fetch::without(["members", "groups"])
        } else {
            Fetch::without(["groups"])
        }
    }

    /// What to load for the answer. Unless the request names attributes, a large group is not loaded to be echoed.
    pub(crate) fn fetch_for_answer(&self) -> Fetch {
        let fetch = self.projection.fetch();
        if self.projection.requested || self.cx.resource_type.attribute("members").is_none() {
            fetch
        } else {
            fetch.members_up_to(self.cx.limits.echoed_members)
        }
    }

    /// 200 with the resource, or 204 where it is a group too large to be shown.
    pub(crate) fn changed(&self, resource: Resource) -> Outcome {
        let most = self.cx.limits.echoed_members;
        let is_group = self.cx.resource_type.attribute("members").is_some();
        let too_large = resource.members_left_out || most == 0 || resource.attributes.values("members").len() > most;
        if is_group && too_large && !self.projection.requested {
            return Outcome::of(Result::NoContent(Some(resource.meta.version)));
        }
        Outcome::of(Result::Resource(StatusCode::OK, resource))
    }
}

/// Whether there is anything for the store to do.
pub(crate) fn is_change(update: &Update) -> bool {
    update.attributes.is_some() || update.members != MembersUpdate::Keep
}
