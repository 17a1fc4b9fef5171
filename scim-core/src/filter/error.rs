//! Why a filter or a path is refused, and where.

use std::fmt;

use crate::error::ScimError;

/// A filter or path that cannot be used: what is wrong, and the column where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilterError {
    /// What is wrong, such as `expected an operator`.
    pub message: String,
    /// Where, counted from 1 in characters; `None` where the text is well-formed and its meaning is at fault, which
    /// the message then names.
    pub column: Option<usize>,
}

impl FilterError {
    pub(crate) fn new(message: impl Into<String>, column: usize) -> Self {
        Self { message: message.into(), column: Some(column) }
    }

    /// What is well-formed and means nothing.
    pub(crate) fn meaningless(message: impl Into<String>) -> Self {
        Self { message: message.into(), column: None }
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

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.column {
            Some(column) => write!(f, " at column {column}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for FilterError {}
