//! PATCH: RFC 7644 s3.5.2.

use serde_json::Value;

use super::modify::{is_change, Change};
use super::{Operation, Outcome};
use crate::error::ScimError;
use crate::patch::PatchPlan;
use crate::resource::{Attributes, Member, Resource, ResourceId};
use crate::store::{Fetch, MembersUpdate, Update};

impl Operation<'_> {
    /// Applies the operations of a body: all of them or none.
    ///
    /// # Errors
    ///
    /// 400 for what is no PatchOp or cannot be applied, 404, 409, 412.
    pub(crate) async fn patch(&self, id: &ResourceId, body: Value) -> std::result::Result<Outcome, ScimError> {
        let plan = PatchPlan::read(body, &self.cx.resource_type, &self.cx.profile, &self.cx.limits)?;
        let detached = self.served.capabilities.detached_members;
        let with_members = detached && plan.needs_members();
        let read = if with_members { Fetch::without(["groups"]) } else { self.fetch_for_change() };
        let compute = |current: &Resource| {
            let patched = plan.apply(&self.cx.resource_type, &current.attributes, detached && !with_members)?;
            let mut update = Update { members: patched.members, ..Update::default() };
            if patched.changed {
                update.attributes = Some(patched.attributes);
            }
            if with_members {
                separate_members(&current.attributes, &mut update);
            }
            Ok(if is_change(&update) { Change::Update(update) } else { Change::Nothing })
        };
        let resource = self.modify(id, &read, &self.fetch_for_answer(), compute).await?;
        Ok(self.changed(resource).ignoring(plan.ignored().to_vec()))
    }
}

/// Makes a relation of the members of a document that was loaded with them.
fn separate_members(current: &Attributes, update: &mut Update) {
    let Some(mut attributes) = update.attributes.take() else { return };
    if attributes.get("members") != current.get("members") {
        let members = attributes.values("members").iter().filter_map(Member::from_value);
        update.members = MembersUpdate::Set(members.collect());
    }
    attributes.make_mut().remove("members");
    update.attributes = Some(attributes);
}
