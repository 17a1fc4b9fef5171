//! The data of an operation (RFC 7644 s3.7): the body that a single request would have.

use serde_json::{Map, Value};

use super::reference;
use crate::error::ScimError;
use crate::json;
use crate::limits::Limits;

/// The data of an operation, read as early as it has to be.
pub(super) enum Data {
    /// As it was sent: JSON that refers to no other operation.
    Text(String),
    Object(Map<String, Value>),
}

impl Data {
    /// What is to be known of the data before any operation is performed.
    ///
    /// # Errors
    ///
    /// As [`Data::read`], for data that may refer to other operations; what is wrong with other data shows in its turn.
    pub(super) fn new(text: String, limits: &Limits) -> Result<Self, ScimError> {
        if reference::may_be_in(text.as_bytes()) {
            Self::Text(text).read(limits).map(Self::Object)
        } else {
            Ok(Self::Text(text))
        }
    }

    /// The data as an object, by the rules of a body.
    ///
    /// # Errors
    ///
    /// 400 `invalidSyntax` for what the body of a single request may not be.
    pub(super) fn read(self, limits: &Limits) -> Result<Map<String, Value>, ScimError> {
        match self {
            Self::Object(object) => Ok(object),
            Self::Text(text) => match json::read(text.as_bytes(), limits)? {
                Value::Object(object) => Ok(object),
                _ => Err(ScimError::invalid_syntax("data must be an object: the body of the single request")),
            },
        }
    }

    /// The data in which there may be references.
    pub(super) fn referring(&self) -> Option<&Map<String, Value>> {
        match self {
            Self::Object(object) => Some(object),
            Self::Text(_) => None,
        }
    }

    /// The data in which there may be references, to put something else in their place.
    pub(super) fn referring_mut(&mut self) -> Option<&mut Map<String, Value>> {
        match self {
            Self::Object(object) => Some(object),
            Self::Text(_) => None,
        }
    }
}
