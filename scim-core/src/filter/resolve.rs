//! What a filter means for a resource type: canonical attributes, operands of the attribute's type.

use serde_json::Number;

use super::ast::{CompareOperator, Filter};
use super::error::FilterError;
use crate::compat::CompatProfile;
use crate::resource::DateTime;
use crate::schema::{Attribute, ResolvedPath, ResourceType};

/// A filter whose attributes exist and whose operands have the attribute's type. This is what a store is asked.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ResolvedFilter {
    /// Every term holds.
    And(Vec<ResolvedFilter>),
    /// At least one term holds.
    Or(Vec<ResolvedFilter>),
    /// The term does not hold.
    Not(Box<ResolvedFilter>),
    /// The attribute compares with the operand. The leaf of the path is never complex.
    ///
    /// A multi-valued attribute compares if one of its values does; an absent one compares with nothing, save that
    /// `ne` holds and `eq null` holds.
    Compare(ResolvedPath, CompareOperator, Operand),
    /// The attribute has a value that is not empty.
    Present(ResolvedPath),
    /// One element of the complex attribute satisfies the filter whole; the paths in the filter name the same
    /// attribute with a sub-attribute.
    ValuePath(ResolvedPath, Box<ResolvedFilter>),
}

/// A comparison value of the attribute's type.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Operand {
    /// `null`: with `eq`, the attribute has no value.
    Null,
    /// For booleans.
    Boolean(bool),
    /// For decimals and integers.
    Number(Number),
    /// For strings, references and binaries that compare with case.
    Exact(Box<str>),
    /// For strings that compare without case, already [folded](crate::fold).
    Folded(Box<str>),
    /// For date-times.
    DateTime(DateTime),
}

impl Filter {
    /// Finds out what the filter means for a resource type.
    ///
    /// # Errors
    ///
    /// An attribute that does not exist or may not be filtered on, an operator that the attribute's type does not have,
    /// or an operand that is not of its type.
    pub fn resolve(
        &self,
        resource_type: &ResourceType,
        profile: &CompatProfile,
    ) -> Result<ResolvedFilter, FilterError> {
        let _ = (resource_type, profile);
        Err(FilterError::new("not resolved", 1))
    }

    /// Finds out what the filter in the brackets of a value path means: its names are sub-attributes of `attribute`
    /// (and `value` stands for a value of a multi-valued attribute that is not complex).
    ///
    /// # Errors
    ///
    /// As [`resolve`](Self::resolve).
    pub(crate) fn resolve_within(
        &self,
        attribute: &ResolvedPath,
        profile: &CompatProfile,
    ) -> Result<ResolvedFilter, FilterError> {
        let _ = (attribute, profile);
        Err(FilterError::new("not resolved", 1))
    }
}

#[allow(dead_code)]
fn _uses(_: &Attribute) {}
