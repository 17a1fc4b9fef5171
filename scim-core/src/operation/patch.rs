//! PATCH: RFC 7644 s3.5.2.

use http::StatusCode;
use serde_json::Value;

use super::modify::{Change, Modification};
use super::{Operation, Outcome, Result};
use crate::error::ScimError;
use crate::patch::PatchPlan;
use crate::projection::Projection;
use crate::resource::{Attributes, Member, Resource, ResourceId};
use crate::store::Fetch;

impl Operation<'_> {
    /// Applies the operations of a body: all of them or none.
    ///
    /// # Errors
    ///
    /// 400 for what is no PatchOp or cannot be applied, 404, 409, 412.
    pub(crate) async fn patch(&self, id: &ResourceId, body: Value) -> std::result::Result<Outcome, ScimError> {
        let (shown, whole) = (&self.served.resource_type, &self.served.stored_type);
        let plan = PatchPlan::read_for(body, shown, whole, &self.cx.profile, &self.cx.limits)?;
        let detached = self.served.capabilities.detached_members;
        let with_members = detached && plan.needs_members();
        let read = if with_members { Fetch::without(["groups"]) } else { self.fetch_for_change() };
        let compute = |current: &Resource| {
            let (shown, document) = (&self.served.resource_type, &current.attributes);
            let patched = match self.budget {
                Some(budget) => plan.apply_within(budget, shown, document, detached && !with_members)?,
                None => plan.apply(shown, document, detached && !with_members)?,
            };
            let mut attributes = patched.attributes;
            let rewritten = patched.changed && self.served.leave_references_out(&mut attributes);
            let changed = if rewritten { attributes != current.attributes } else { patched.changed };
            let mut change = Change {
                attributes: changed.then_some(attributes),
                members: patched.members,
                write_only: patched.write_only,
            };
            if with_members {
                separate_members(&current.attributes, &mut change);
            }
            Ok(change)
        };
        let shown = self.shown(plan.ignored(), |path| plan.sets(path));
        let answer = self.fetch_for_echo(shown.as_deref().unwrap_or(self.projection));
        let modification = Modification { read, answer, ignored: plan.ignored(), compute };
        let (resource, ignored) = self.modify(id, &modification).await?;
        Ok(self.echo(resource).ignoring(ignored).showing(shown))
    }

    /// What to load for the answer. Unless the request names attributes, a large group is not loaded to be echoed.
    fn fetch_for_echo(&self, projection: &Projection) -> Fetch {
        let fetch = self.served.fetch(projection);
        if projection.requested || self.served.resource_type.attribute("members").is_none() {
            fetch
        } else {
            fetch.members_up_to(self.cx.limits.echoed_members)
        }
    }

    /// 200 with the resource, or 204 where it is a group too large to be shown; a PATCH alone may be answered so.
    fn echo(&self, resource: Resource) -> Outcome {
        let most = self.cx.limits.echoed_members;
        let is_group = self.served.resource_type.attribute("members").is_some();
        let too_large = resource.members_left_out || most == 0 || resource.attributes.values("members").len() > most;
        if is_group && too_large && !self.projection.requested {
            return Outcome::of(Result::NoContent(Some((resource.id, resource.meta.version))));
        }
        Outcome::of(Result::Resource(StatusCode::OK, resource))
    }
}

/// Makes a relation of the members of a document that was loaded with them.
fn separate_members(current: &Attributes, change: &mut Change) {
    let Some(attributes) = &mut change.attributes else { return };
    if attributes.get("members") != current.get("members") {
        change.members.set(attributes.values("members").iter().filter_map(Member::from_value));
    }
    attributes.make_mut().remove("members");
}
