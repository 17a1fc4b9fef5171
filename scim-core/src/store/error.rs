//! Why a store could not do what it was asked.

use std::error::Error as StdError;

use crate::error::{quoted, ErrorKind, ScimError, ScimType};
use crate::resource::ResourceId;

/// The answers of a store that are not a resource.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no resource of this id.
    #[error("no such resource")]
    NotFound,
    /// The version is not the current one.
    #[error("the resource has another version")]
    VersionMismatch,
    /// The value of a unique attribute is taken; the attribute is named as the schema spells it.
    #[error("the value of {attribute} is taken")]
    Uniqueness {
        /// The attribute.
        attribute: String,
    },
    /// Members to be added do not exist: at least one is named, and all of them by a store that knows.
    #[error("no such member")]
    UnknownMembers(Vec<ResourceId>),
    /// A group would have more members than [`Limits::members_per_group`](crate::Limits::members_per_group).
    #[error("too many members")]
    TooManyMembers,
    /// This filter cannot be evaluated.
    #[error("cannot filter by {path}")]
    UnsupportedFilter {
        /// The attribute at fault.
        path: String,
    },
    /// Sorting by this attribute is not possible.
    #[error("cannot sort by {path}")]
    UnsupportedSort {
        /// The attribute at fault.
        path: String,
    },
    /// The position of a cursor is not one of this store's.
    #[error("not a position of this store")]
    InvalidPosition,
    /// The backend refuses for a reason of its own, which becomes the answer.
    #[error("refused: {0}")]
    Refused(#[source] ScimError),
    /// The backend is out of reach, or too slow; answered with 503.
    #[error("the backend is not available")]
    Unavailable {
        /// When to try again, in seconds.
        retry_after: u32,
        /// The cause, for the log.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A fault of the backend; answered with 500.
    #[error("the backend failed")]
    Backend(#[source] Box<dyn StdError + Send + Sync>),
}

impl StoreError {
    /// The value of a unique attribute is taken.
    pub fn uniqueness(attribute: impl Into<String>) -> Self {
        Self::Uniqueness { attribute: attribute.into() }
    }

    /// A fault of the backend.
    pub fn backend(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Backend(source.into())
    }

    /// The backend is out of reach.
    pub fn unavailable(retry_after: u32, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Unavailable { retry_after, source: source.into() }
    }
}

impl From<StoreError> for ScimError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::new(ErrorKind::NotFound, "Resource not found"),
            StoreError::VersionMismatch => Self::new(
                ErrorKind::PreconditionFailed,
                "The resource has changed since it was read; read it again and repeat the change",
            ),
            StoreError::Uniqueness { attribute } => {
                Self::new(ErrorKind::Uniqueness, format!("Another resource has this {attribute}; it must be unique"))
            }
            StoreError::UnknownMembers(ids) => {
                let first = ids.first().map_or("", ResourceId::as_str);
                Self::invalid_value(format!("The member {} does not exist", quoted(first)))
            }
            StoreError::TooManyMembers => {
                Self::bad_request(ScimType::TooMany, "The group would have more members than a group may have")
            }
            StoreError::UnsupportedFilter { path } => {
                Self::invalid_filter(format!("Filtering by {} is not supported", quoted(&path)))
            }
            StoreError::UnsupportedSort { path } => {
                Self::bad_request(ScimType::InvalidPath, format!("Sorting by {} is not supported", quoted(&path)))
            }
            StoreError::InvalidPosition => {
                Self::bad_request(ScimType::InvalidCursor, "The cursor is not valid; begin again without one")
            }
            StoreError::Refused(error) => error,
            StoreError::Unavailable { retry_after, source } => {
                Self::new(ErrorKind::Unavailable { retry_after }, "The server cannot answer right now; try again later")
                    .with_source(source)
            }
            StoreError::Backend(source) => Self::internal(source),
        }
    }
}
