//! A resource that goes without being deleted, or that goes because it becomes inactive, as the
//! [lifecycle](crate::ResourceRules) has it.

use serde_json::Value;

use super::modify::{Change, ATTEMPTS};
use super::{Operation, Outcome, Result};
use crate::error::ScimError;
use crate::hook::{Event, EventKind};
use crate::provisioning::OnInactive;
use crate::resource::{Attributes, DateTime, Meta, Resource, ResourceId};
use crate::store::{MembersUpdate, StoreError, Update};

impl Operation<'_> {
    /// What a change of the current resource does beside changing it: something if `active` becomes false by it.
    pub(super) fn leaving(&self, current: &Resource, change: &Change) -> OnInactive {
        let on_inactive = self.served.rules.lifecycle.on_inactive;
        let becomes_inactive = |after: &Attributes| {
            after.boolean("active") == Some(false) && current.attributes.boolean("active") != Some(false)
        };
        if on_inactive != OnInactive::Keep && change.attributes.as_ref().is_some_and(becomes_inactive) {
            on_inactive
        } else {
            OnInactive::Keep
        }
    }

    /// Deletes a resource that becomes inactive, and returns it as it would be.
    ///
    /// # Errors
    ///
    /// As the store's delete.
    pub(super) async fn delete_inactive(
        &self,
        current: &Resource,
        update: Update,
    ) -> std::result::Result<Resource, StoreError> {
        self.store(self.backend().delete(self.cx, &current.id, update.expect.as_ref())).await?;
        let meta = Meta::new(current.meta.created, DateTime::now(), current.meta.version.clone());
        let attributes = update.attributes.unwrap_or_else(|| current.attributes.clone());
        Ok(Resource::new(current.id.clone(), meta, attributes))
    }

    /// Tells that a resource became inactive, and went.
    pub(super) async fn tell_left(&self, before: &Resource, after: &Resource, ignored: &[String]) {
        let members = &MembersUpdate::Keep;
        let event = Event {
            kind: EventKind::Deactivated,
            id: &before.id,
            before: Some(before),
            after: Some(after),
            members,
            ignored,
        };
        self.tell(&event).await;
        self.tell(&Event { kind: EventKind::Deleted, after: None, ..event }).await;
    }

    /// Moves a resource to the removed ones, with `active` false if it is to be deactivated.
    ///
    /// # Errors
    ///
    /// 404, and 412 if it has another version than the request expects.
    pub(super) async fn remove(&self, id: &ResourceId, deactivates: bool) -> std::result::Result<Outcome, ScimError> {
        let fetch = self.fetch_for_change();
        let mut turn = None;
        for _ in 0..ATTEMPTS {
            let found = self.store(self.backend().get(self.cx, id, &fetch)).await?;
            let current = found.ok_or_else(|| ScimError::resource_not_found(id.as_str()))?;
            self.preconditions.check_write(&current.meta.version)?;
            let update = Update {
                attributes: deactivates.then(|| inactive(&current.attributes)),
                fetch: fetch.clone(),
                ..Update::moving(self.cx.partition().removed()).expecting(current.meta.version.clone())
            };
            match self.store(self.backend().update(self.cx, id, update)).await {
                Ok(removed) => {
                    self.tell_removed(&current, &removed, deactivates).await;
                    return Ok(Outcome::of(Result::NoContent(None)));
                }
                Err(StoreError::NotFound) => return Err(ScimError::resource_not_found(id.as_str())),
                Err(StoreError::VersionMismatch) if !self.preconditions.has_if_match() => {}
                Err(error) => return Err(error.into()),
            }
            if turn.is_none() && self.unit.is_none() {
                turn = self.engine.turn(self.cx.tenant(), id).await;
            }
        }
        Err(StoreError::unavailable(1, "the resource kept changing while it was to be removed").into())
    }

    async fn tell_removed(&self, before: &Resource, removed: &Resource, deactivates: bool) {
        let (kind, after) =
            if deactivates { (EventKind::Deactivated, Some(removed)) } else { (EventKind::Deleted, None) };
        let members = &MembersUpdate::Keep;
        self.tell(&Event { kind, id: &before.id, before: Some(before), after, members, ignored: &[] }).await;
    }

    /// Takes back a resource that this very request brought: deletes it, or, where it may be one that came back, lets it
    /// go the way it came.
    ///
    /// # Errors
    ///
    /// As a DELETE.
    pub(super) async fn withdraw(&self, id: &ResourceId) -> std::result::Result<(), ScimError> {
        let lifecycle = &self.served.rules.lifecycle;
        let withdrawn =
            if lifecycle.match_on.is_some() { self.remove(id, false).await } else { self.delete_for_good(id).await };
        withdrawn.map(|_| ())
    }
}

/// The document with `active` false.
fn inactive(attributes: &Attributes) -> Attributes {
    let mut attributes = attributes.clone();
    if attributes.boolean("active") != Some(false) {
        attributes.make_mut().insert("active".to_owned(), Value::Bool(false));
    }
    attributes
}
