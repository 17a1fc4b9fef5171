//! From the JSON of a PATCH request to operations whose paths are resolved and whose values are normalised.

use serde_json::{Map, Value};

use super::operation::Operation;
use super::read::Reader;
use super::request;
use crate::compat::CompatProfile;
use crate::error::ScimError;
use crate::limits::Limits;
use crate::resource::Attributes;
use crate::schema::{ResolvedPath, ResourceType};
use crate::store::MembersUpdate;

/// The operations of a PATCH request, ready to be applied to a document any number of times.
///
/// ```
/// use scim_core::{Attributes, CompatProfile, Limits, PatchPlan, ResourceType};
/// use serde_json::json;
///
/// let users = ResourceType::user();
/// let body = json!({
///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
///     "Operations": [{"op": "Replace", "path": "active", "value": "False"}]
/// });
/// let plan = PatchPlan::read(body, &users, &CompatProfile::default(), &Limits::default())?;
///
/// let document = json!({"userName": "bjensen", "active": true});
/// let document = Attributes::from_stored(document.as_object().unwrap().clone());
/// let patched = plan.apply(&users, &document, false)?;
/// assert!(patched.changed);
/// assert_eq!(patched.attributes.boolean("active"), Some(false));
/// # Ok::<(), scim_core::ScimError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PatchPlan {
    pub(super) operations: Vec<PlannedOperation>,
    pub(super) options: ApplyOptions,
    /// How many operations the request had.
    pub(super) requested: usize,
    ignored: Vec<String>,
    needs_members: bool,
}

/// An operation, and its place in the request, counted from 1, for messages.
#[derive(Clone, Debug)]
pub(super) struct PlannedOperation {
    pub(super) number: usize,
    /// Whether it was asked to remove something, and not to set it to nothing.
    pub(super) removes: bool,
    pub(super) operation: Operation,
}

/// What of the profile and the limits can only be decided with the document at hand.
#[derive(Clone, Copy, Debug)]
pub(super) struct ApplyOptions {
    /// See [`CompatProfile::create_from_value_filter`].
    pub(super) create_from_value_filter: bool,
    /// See [`CompatProfile::replace_keeps_filter_values`].
    pub(super) replace_keeps_filter_values: bool,
    /// See [`CompatProfile::remove_without_match`].
    pub(super) remove_without_match: bool,
    /// See [`Limits::values`].
    pub(super) values: usize,
    /// See [`Limits::members_per_group`].
    pub(super) members_per_group: usize,
    /// See [`Limits::patch_effort`].
    pub(super) effort: usize,
}

/// What a PATCH makes of a document.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Patched {
    /// The document after all operations.
    pub attributes: Attributes,
    /// Whether the document is another than before. Members that are kept apart and write-only attributes are not
    /// part of it.
    pub changed: bool,
    /// What happens to the members of a group whose store keeps them apart.
    pub members: MembersUpdate,
    /// The write-only attributes, such as `password`, that the operations set, as a merge patch (RFC 7396) of those that
    /// there are: `null` for one that they remove.
    pub write_only: Map<String, Value>,
}

impl PatchPlan {
    /// Reads the body of a PATCH request.
    ///
    /// # Errors
    ///
    /// 400 `invalidSyntax` for what is no PatchOp, `invalidPath` for a path that is malformed or leads nowhere,
    /// `noTarget` for `remove` without a path, `mutability` for a path to a read-only attribute and the removal of a
    /// required one, `invalidValue` for a value that is missing or does not fit; 413 for too many operations or members.
    pub fn read(
        body: Value,
        resource_type: &ResourceType,
        profile: &CompatProfile,
        limits: &Limits,
    ) -> Result<Self, ScimError> {
        let requested = request::operations(body, profile, limits)?;
        let count = requested.len();
        let mut reader = Reader::new(resource_type, profile, limits, count);
        for operation in requested {
            reader.operation(operation)?;
        }
        let (operations, ignored) = reader.finish();
        let needs_members = operations.iter().any(|planned| planned.operation.needs_members());
        let options = ApplyOptions {
            create_from_value_filter: profile.create_from_value_filter,
            replace_keeps_filter_values: profile.replace_keeps_filter_values,
            remove_without_match: profile.remove_without_match,
            values: limits.values,
            members_per_group: limits.members_per_group,
            effort: limits.patch_effort,
        };
        Ok(Self { operations, options, requested: count, ignored, needs_members })
    }

    /// The paths that were left out because the schema does not have them or clients may not write them.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Whether an operation is about an attribute or sub-attribute, or gives it a value.
    pub(crate) fn sets(&self, path: &ResolvedPath) -> bool {
        self.operations.iter().any(|planned| planned.operation.sets(path))
    }

    /// Whether applying it needs to know the members that the group has: an operation selects some of them by more
    /// than their `value`, or changes something of a member.
    #[must_use]
    pub fn needs_members(&self) -> bool {
        self.needs_members
    }
}

/// The error with the number of its operation, where the request has several.
pub(super) fn in_operation(error: ScimError, number: usize, operations: usize) -> ScimError {
    if operations < 2 {
        return error;
    }
    ScimError::new(error.kind().clone(), format!("Operation {number}: {}", error.detail()))
}
