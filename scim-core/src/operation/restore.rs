//! A resource that a POST brings back from the removed ones, or takes over from the host, as the
//! [lifecycle](crate::ResourceRules) has it.

use http::StatusCode;

use super::modify::ATTEMPTS;
use super::unknown_members::{leave_out, UnknownMembers};
use super::{Operation, Outcome, Result};
use crate::connection::Partition;
use crate::context::Context;
use crate::error::ScimError;
use crate::filter::{CompareOperator, Operand, ResolvedFilter};
use crate::hook::{Event, EventKind};
use crate::provisioning::{value_of, OnReturn};
use crate::resource::{fold, Attributes, Resource};
use crate::schema::{validate, AttributePath, ResolvedPath};
use crate::store::{MembersUpdate, NewResource, PageRequest, Query, Sort, StoreError, Update};

/// How many removed resources of one name are looked at where the store does not sort.
const LOOKED_AT: usize = 200;

/// A resource that is there already, elsewhere.
struct Known {
    resource: Resource,
    /// The circumstances in which it is found.
    cx: Context,
    kind: EventKind,
}

impl Operation<'_> {
    /// Brings back or takes over the resource that a POST means, if there is one.
    ///
    /// # Errors
    ///
    /// 409 if another request was faster, or if something else of the resource is taken by now.
    pub(super) async fn bring_back(
        &self,
        new: &NewResource,
        ignored: &mut Vec<String>,
    ) -> std::result::Result<Option<Outcome>, ScimError> {
        let Some(path) = &self.served.rules.lifecycle.match_on else { return Ok(None) };
        let mut members = self.members_of(new);
        for _ in 0..ATTEMPTS {
            let Some(known) = self.find_known(path, &new.attributes).await? else { return Ok(None) };
            let attributes = self.returned(&known.resource.attributes, &new.attributes)?;
            let update = Update {
                attributes: Some(attributes),
                members: members.clone(),
                write_only: new.write_only.clone(),
                move_to: Some(self.cx.partition().clone()),
                expect: Some(known.resource.meta.version.clone()),
                fetch: new.fetch.clone(),
            };
            match self.store(self.backend().update(&known.cx, &known.resource.id, update)).await {
                Ok(resource) => {
                    self.tell_returned(&known, &resource, &members, ignored).await;
                    return Ok(Some(Outcome::of(Result::Resource(StatusCode::CREATED, resource))));
                }
                Err(StoreError::UnknownMembers(ids))
                    if self.engine.unknown_members == UnknownMembers::Ignore
                        && leave_out(&ids, &mut members, ignored) => {}
                Err(StoreError::NotFound) if self.is_here(&known.resource).await? => {
                    return Err(StoreError::uniqueness(path.to_string()).into());
                }
                Err(StoreError::NotFound | StoreError::VersionMismatch) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::unavailable(1, "the resource kept changing while it was to come back").into())
    }

    fn members_of(&self, new: &NewResource) -> MembersUpdate {
        let detached =
            self.served.capabilities.detached_members && self.served.resource_type.attribute("members").is_some();
        if detached {
            MembersUpdate::Set(new.members.clone())
        } else {
            MembersUpdate::Keep
        }
    }

    /// The resource that was removed last, or else the one that the host made, with the value that the body has.
    async fn find_known(
        &self,
        path: &ResolvedPath,
        attributes: &Attributes,
    ) -> std::result::Result<Option<Known>, ScimError> {
        let value = value_of(path, attributes.as_map()).and_then(|value| value.as_str());
        let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(None) };
        let lifecycle = &self.served.rules.lifecycle;
        let here = self.cx.partition();
        let removed = (lifecycle.on_return == OnReturn::Restore).then(|| (here.removed(), EventKind::Restored));
        let of_host = Partition::of_tenant(self.cx.tenant().clone());
        let of_host = (lifecycle.adopts && of_host != *here).then_some((of_host, EventKind::Adopted));
        for (partition, kind) in [removed, of_host].into_iter().flatten() {
            let cx = self.cx.within(partition);
            if let Some(resource) = self.last_with(&cx, path, value).await? {
                return Ok(Some(Known { resource, cx, kind }));
            }
        }
        Ok(None)
    }

    /// The resource with a value that changed last, of those that the context sees.
    async fn last_with(
        &self,
        cx: &Context,
        path: &ResolvedPath,
        value: &str,
    ) -> std::result::Result<Option<Resource>, ScimError> {
        let operand =
            if path.leaf().case_exact { Operand::Exact(value.into()) } else { Operand::Folded(fold(value).into()) };
        let sort = last_modified(cx).filter(|_| self.served.capabilities.sort);
        let count = if sort.is_some() { 1 } else { LOOKED_AT };
        let query = Query {
            filter: Some(ResolvedFilter::Compare(path.clone(), CompareOperator::Equal, operand)),
            sort,
            page: PageRequest::Index { start_index: 1, count },
            fetch: self.fetch_for_change(),
        };
        let page = self.store(self.backend().list(cx, &query)).await?;
        Ok(page.resources.into_iter().max_by(|a, b| a.meta.last_modified.cmp(&b.meta.last_modified)))
    }

    /// Whether a resource that was elsewhere is in the partition of the request by now.
    async fn is_here(&self, resource: &Resource) -> std::result::Result<bool, StoreError> {
        let fetch = self.fetch_for_change();
        Ok(self.store(self.backend().get(self.cx, &resource.id, &fetch)).await?.is_some())
    }

    /// What the resource is to be: what the body says, and of what was there what no client may write.
    fn returned(&self, before: &Attributes, body: &Attributes) -> std::result::Result<Attributes, ScimError> {
        let mut attributes = body.clone();
        validate::keep_on_return(&self.served.resource_type, before, &mut attributes)?;
        self.served.rules.write.on_return(self.cx, before, attributes)
    }

    async fn tell_returned(&self, known: &Known, after: &Resource, members: &MembersUpdate, ignored: &[String]) {
        if self.engine.observers.is_empty() {
            return;
        }
        let before = &known.resource;
        let event =
            Event { kind: known.kind, id: &after.id, before: Some(before), after: Some(after), members, ignored };
        self.tell(&event).await;
        let active = |resource: &Resource| resource.attributes.boolean("active") != Some(false);
        if !active(before) && active(after) {
            self.tell(&Event { kind: EventKind::Activated, ..event }).await;
        }
    }
}

/// Newest first.
fn last_modified(cx: &Context) -> Option<Sort> {
    let path = cx.resource_type.resolve(&AttributePath::split("meta.lastModified")?)?;
    Some(Sort { path, descending: true })
}
