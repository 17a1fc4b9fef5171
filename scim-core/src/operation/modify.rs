//! What PUT and PATCH have in common: read, compute, and swap, so that no update is ever lost (RFC 7644 s3.14).

use serde_json::{Map, Value};

use super::unknown_members::{leave_out, UnknownMembers};
use super::write_only::WriteOnly;
use super::Operation;
use crate::error::ScimError;
use crate::hook::{event_kinds, Draft, Event, Write};
use crate::provisioning::OnInactive;
use crate::resource::{Attributes, Resource, ResourceId};
use crate::schema::validate;
use crate::store::{Fetch, MembersUpdate, StoreError, Update};

/// How often a change is tried that meets with others.
pub(super) const ATTEMPTS: usize = 64;

/// How to read, change and answer one resource.
pub(crate) struct Modification<'a, F> {
    /// What to load before.
    pub(crate) read: Fetch,
    /// What to load for the answer.
    pub(crate) answer: Fetch,
    /// The attributes of the request that are left out.
    pub(crate) ignored: &'a [String],
    /// What the request makes of the current resource.
    pub(crate) compute: F,
}

/// What a request makes of a resource.
#[derive(Default)]
pub(crate) struct Change {
    /// The new document; `None` leaves it.
    pub(crate) attributes: Option<Attributes>,
    /// What happens to the members, if they are kept apart.
    pub(crate) members: MembersUpdate,
    /// The write-only attributes that the request sets.
    pub(crate) write_only: Map<String, Value>,
}

impl Operation<'_> {
    /// Applies a change that is computed from the current resource, and returns the result with what was left out.
    ///
    /// With `If-Match` another version is 412. Without it the change is computed anew from the newer resource, after
    /// the first failure in turn with the other requests of this process for the same resource, so that plain
    /// contention is never an error.
    ///
    /// # Errors
    ///
    /// 404, 412, and what `compute` or a policy refuses.
    pub(crate) async fn modify<F>(
        &self,
        id: &ResourceId,
        modification: &Modification<'_, F>,
    ) -> std::result::Result<(Resource, Vec<String>), ScimError>
    where
        F: Fn(&Resource) -> std::result::Result<Change, ScimError>,
    {
        let Modification { read, answer, compute, .. } = modification;
        let mut turn = None;
        let mut unknown = Vec::new();
        let mut write_only = None;
        for _ in 0..ATTEMPTS {
            let found = self.store(self.backend().get(self.cx, id, read)).await?;
            let current = found.ok_or_else(|| ScimError::resource_not_found(id.as_str()))?;
            self.preconditions.check_write(&current.meta.version)?;
            let mut change = self.amended(&current, compute(&current)?, &mut write_only).await?;
            let mut ignored = modification.ignored.to_vec();
            ignored.extend(write_only.iter().flat_map(|write_only: &WriteOnly| &write_only.ignored).cloned());
            leave_out(&unknown, &mut change.members, &mut ignored);
            if change.attributes.is_none() && change.members.is_keep() && change.write_only.is_empty() {
                return Ok((self.unchanged(id, current, read, answer).await?, ignored));
            }
            let leaving = self.leaving(&current, &change);
            let members = change.members.clone();
            let update = Update {
                attributes: change.attributes,
                members: change.members,
                write_only: change.write_only,
                move_to: (leaving == OnInactive::Remove).then(|| self.cx.partition().removed()),
                expect: Some(current.meta.version.clone()),
                fetch: answer.clone(),
            };
            let stored = match leaving {
                OnInactive::Delete => self.delete_inactive(&current, update).await,
                OnInactive::Remove | OnInactive::Keep => self.store(self.backend().update(self.cx, id, update)).await,
            };
            match stored {
                Ok(resource) if leaving != OnInactive::Keep => {
                    self.tell_left(&current, &resource, &ignored).await;
                    return Ok((resource, ignored));
                }
                Ok(resource) => {
                    self.tell_changed(&current, &resource, &members, &ignored).await;
                    return Ok((resource, ignored));
                }
                Err(StoreError::NotFound) => return Err(ScimError::resource_not_found(id.as_str())),
                Err(StoreError::UnknownMembers(ids)) if self.leaves_out(&ids, &unknown) => {
                    unknown.extend(ids);
                    continue;
                }
                Err(StoreError::VersionMismatch) if !self.preconditions.has_if_match() => {}
                Err(error) => return Err(error.into()),
            }
            if turn.is_none() && self.unit.is_none() {
                turn = self.engine.turn(self.cx.tenant(), id).await;
            }
        }
        Err(StoreError::unavailable(1, "the resource kept changing while it was to be changed").into())
    }

    /// Whether members that the store does not know are left out, and these are not left out already.
    fn leaves_out(&self, ids: &[ResourceId], unknown: &[ResourceId]) -> bool {
        self.engine.unknown_members == UnknownMembers::Ignore && ids.iter().any(|id| !unknown.contains(id))
    }

    /// The change as the policies and the password hasher leave it. What the hasher made is kept for another attempt,
    /// for hashing is meant to be slow.
    async fn amended(
        &self,
        current: &Resource,
        change: Change,
        hashed: &mut Option<WriteOnly>,
    ) -> std::result::Result<Change, ScimError> {
        let given = change.write_only;
        let is_judged = change.attributes.is_some() && !self.served.rules.write.is_empty();
        let (attributes, members) = if self.engine.policies.is_empty() && !is_judged {
            (change.attributes, change.members)
        } else {
            let attributes = change.attributes.unwrap_or_else(|| current.attributes.clone());
            let mut write =
                Write::Update { current, draft: Draft { cx: self.cx, attributes, members: change.members } };
            self.allow(&mut write).await?;
            let Write::Update { draft: Draft { attributes, members, .. }, .. } = write else {
                return Err(ScimError::internal("a policy replaced a write by another"));
            };
            validate::required(&self.served.resource_type, &attributes)?;
            ((attributes != current.attributes).then_some(attributes), members)
        };
        let write_only = match hashed {
            Some(write_only) => write_only.kept.clone(),
            None => hashed.insert(self.write_only(&given).await?).kept.clone(),
        };
        Ok(Change { attributes, members, write_only })
    }

    async fn tell_changed(&self, before: &Resource, after: &Resource, members: &MembersUpdate, ignored: &[String]) {
        if self.engine.observers.is_empty() {
            return;
        }
        for kind in event_kinds(before, after, members) {
            self.tell(&Event { kind, id: &after.id, before: Some(before), after: Some(after), members, ignored }).await;
        }
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
        let found = self.store(self.backend().get(self.cx, id, answer)).await?;
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
}
