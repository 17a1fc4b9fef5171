//! Applying operations to a document: all of them or none.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::budget::Budget;
use super::change::{change_attribute, in_object, set};
use super::members::ComposedMembers;
use super::operation::{Action, Operation, Target};
use super::plan::{in_operation, PatchPlan, Patched, PlannedOperation};
use super::read::whole;
use super::write_only;
use crate::error::ScimError;
use crate::resource::Attributes;
use crate::schema::{validate, Mutability, ResourceType, Schema};
use crate::store::MembersUpdate;

impl PatchPlan {
    /// Applies the operations, in order, each to the result of the one before. The document given is not changed.
    ///
    /// With `detached_members`, operations on `members` are not applied to the document but composed into
    /// [`Patched::members`]. That is possible unless the plan [needs to know the members](Self::needs_members); then
    /// the document must hold them.
    ///
    /// # Errors
    ///
    /// 400 `noTarget` for a value filter that matches nothing, `mutability` for an immutable attribute that has another
    /// value and for the removal of all there is of a required one, `invalidValue` for more than one primary value, for a
    /// list beyond its bound and for a required attribute that is missing in the end, `tooMany` for a group with too
    /// many members and for operations that go through too much of long lists; then nothing has been applied. 500 if
    /// the members are needed and detached.
    pub fn apply(
        &self,
        resource_type: &ResourceType,
        attributes: &Attributes,
        detached_members: bool,
    ) -> Result<Patched, ScimError> {
        self.apply_within(&Budget::new(self.options.effort), resource_type, attributes, detached_members)
    }

    /// The same within what is left for a request of several.
    ///
    /// # Errors
    ///
    /// As [`apply`](Self::apply).
    pub(crate) fn apply_within(
        &self,
        budget: &Budget,
        resource_type: &ResourceType,
        attributes: &Attributes,
        detached_members: bool,
    ) -> Result<Patched, ScimError> {
        if detached_members && self.needs_members() {
            return Err(ScimError::internal("the members of the group are needed to apply the PATCH"));
        }
        let mut work = Work {
            attributes: attributes.clone(),
            touched: Vec::new(),
            removed: Vec::new(),
            write_only: Map::new(),
            budget,
        };
        let composed = (!self.needs_members()).then(|| ComposedMembers::of(&self.operations));
        for planned in &self.operations {
            if composed.is_some() && planned.operation.is_on_members() {
                continue;
            }
            self.apply_one(planned, &mut work).map_err(|error| in_operation(error, planned.number, self.requested))?;
        }
        let members = match composed {
            Some(composed) if detached_members => composed.into_update(),
            Some(composed) if !composed.is_keep() => {
                if composed.apply(work.attributes.make_mut(), &self.options)? {
                    work.touched.push(Some("members"));
                }
                MembersUpdate::Keep
            }
            _ => MembersUpdate::Keep,
        };
        let changed = work.is_changed(attributes);
        if changed {
            self.check_removed(resource_type, &work)?;
            validate::required(resource_type, &work.attributes)?;
        } else {
            work.attributes = attributes.clone();
        }
        validate::required_write_only_stays(resource_type, &work.write_only)?;
        Ok(Patched { attributes: work.attributes, changed, members, write_only: work.write_only })
    }

    fn apply_one<'a>(&self, planned: &'a PlannedOperation, work: &mut Work<'a>) -> Result<(), ScimError> {
        let operation = &planned.operation;
        if let Operation::Attribute(target, action) = operation {
            if target.is_write_only() {
                return write_only::write(target, action, &mut work.write_only);
            }
            work.budget.spend(target, work.attributes.as_map())?;
        }
        let document = work.attributes.make_mut();
        let changed = match operation {
            Operation::Attribute(target, action) => self.change(target, action, document)?,
            Operation::RemoveExtension(schema) => {
                write_only::remove_extension(schema, &mut work.write_only);
                remove_extension(schema, document)?
            }
            Operation::KeptExtension(kept) => kept.apply(document)?,
        };
        if changed {
            work.touched.push(operation.touches());
            if let (true, Operation::Attribute(target, _)) = (planned.removes, operation) {
                work.removed.push((planned.number, target));
            }
        }
        Ok(())
    }

    /// Refuses to remove the last of what is required (RFC 7644 s3.5.2.2), unless a later operation sets it again. What
    /// is required and removed as a whole is refused before.
    fn check_removed(&self, resource_type: &ResourceType, work: &Work<'_>) -> Result<(), ScimError> {
        for (number, target) in &work.removed {
            if let Some(place) = missing_after_removal(resource_type, target, &work.attributes) {
                let error = ScimError::mutability(format!("{place} is required and cannot be removed"));
                return Err(in_operation(error, *number, self.requested));
            }
        }
        Ok(())
    }

    fn change(&self, target: &Target, action: &Action, document: &mut Map<String, Value>) -> Result<bool, ScimError> {
        match &target.extension {
            None => change_attribute(document, target, action, &self.options),
            Some(schema) => {
                in_object(document, &schema.id, |object| change_attribute(object, target, action, &self.options))
            }
        }
    }
}

/// What a plan works on.
struct Work<'a> {
    /// The document, copied from the original by the first operation that writes to it.
    attributes: Attributes,
    /// The members of the document that operations changed; `None` for one that only the document tells.
    touched: Vec<Option<&'a str>>,
    /// Where operations removed something, each with its number.
    removed: Vec<(usize, &'a Target)>,
    write_only: Map<String, Value>,
    budget: &'a Budget,
}

impl Work<'_> {
    /// Whether the document is another than the original: what was changed may have been changed back.
    fn is_changed(&self, original: &Attributes) -> bool {
        let differs = |name: &str| self.attributes.get(name) != original.get(name);
        self.touched.iter().any(|touched| touched.is_none_or(differs))
    }
}

/// What a document must have and does not, because of a removal at the target: the extension, the attribute, or the
/// sub-attribute of a value.
fn missing_after_removal(resource_type: &ResourceType, target: &Target, attributes: &Attributes) -> Option<String> {
    if target.is_members() {
        return None;
    }
    let object = match &target.extension {
        None => Some(attributes.as_map()),
        Some(schema) => attributes.extension(&schema.id),
    };
    let Some(value) = object.and_then(|object| object.get(&target.attribute.name)) else {
        if target.attribute.required {
            return Some(target.attribute_place().to_string());
        }
        let extension = resource_type.extension(&target.extension.as_ref()?.id)?;
        return (extension.required && object.is_none()).then(|| extension.schema.id.clone());
    };
    let sub_attribute = target.sub_attribute.as_ref().filter(|sub_attribute| sub_attribute.required)?;
    let lacks = |element: &Value| element.get(&sub_attribute.name).is_none();
    let is_missing = match value {
        Value::Array(elements) => elements.iter().any(lacks),
        single => lacks(single),
    };
    is_missing.then(|| target.to_string())
}

/// Takes away what clients may write of an extension, and leaves the rest of it.
fn remove_extension(schema: &Arc<Schema>, document: &mut Map<String, Value>) -> Result<bool, ScimError> {
    if !document.contains_key(&schema.id) {
        return Ok(false);
    }
    in_object(document, &schema.id, |object| {
        let mut changed = false;
        for attribute in schema.attributes.iter().filter(|attribute| attribute.mutability != Mutability::ReadOnly) {
            changed |= set(object, attribute, None, &whole(Some(Arc::clone(schema)), attribute))?;
        }
        Ok(changed)
    })
}
