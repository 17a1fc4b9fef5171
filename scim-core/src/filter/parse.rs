//! From text to a filter: the ABNF of RFC 7644 s3.4.2.2, and the path of s3.5.2.

use super::ast::Filter;
use super::error::FilterError;
use crate::compat::CompatProfile;
use crate::limits::Limits;
use crate::schema::AttributePath;

/// The path of a PATCH operation (RFC 7644 s3.5.2): `attrPath / valuePath [subAttr]`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PatchPath {
    /// The attribute; with a filter it has no sub-attribute of its own.
    pub attribute: AttributePath,
    /// The filter in brackets.
    pub filter: Option<Filter>,
    /// The sub-attribute behind the brackets.
    pub sub_attribute: Option<String>,
}

impl Filter {
    /// Parses a filter.
    ///
    /// # Errors
    ///
    /// What is wrong and where.
    pub fn parse(text: &str, profile: &CompatProfile, limits: &Limits) -> Result<Self, FilterError> {
        let _ = (text, profile, limits);
        Err(FilterError::new("not parsed", 1))
    }
}

/// Parses the path of a PATCH operation.
///
/// # Errors
///
/// What is wrong and where.
pub fn parse_path(text: &str, profile: &CompatProfile, limits: &Limits) -> Result<PatchPath, FilterError> {
    let _ = (text, profile, limits);
    Err(FilterError::new("not parsed", 1))
}
