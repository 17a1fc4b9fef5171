//! Why a filter or a path is refused, and where.

use crate::error::ScimError;

/// A filter or path that cannot be used: what is wrong, and the column where, counted from 1 in characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at column {column}")]
#[non_exhaustive]
pub struct FilterError {
    /// What is wrong, such as `expected an operator`.
    pub message: String,
    /// Where, counted from 1 in characters.
    pub column: usize,
}

impl FilterError {
    pub(crate) fn new(message: impl Into<String>, column: usize) -> Self {
        Self { message: message.into(), column }
    }

    /// As the error of a filter: 400 `invalidFilter`.
    #[must_use]
    pub fn into_filter_error(self) -> ScimError {
        ScimError::invalid_filter(format!("The filter is not valid: {self}"))
    }

    /// As the error of a PATCH path: 400 `invalidPath`.
    #[must_use]
    pub fn into_path_error(self) -> ScimError {
        ScimError::invalid_path(format!("The path is not valid: {self}"))
    }
}
