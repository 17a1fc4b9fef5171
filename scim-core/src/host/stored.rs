//! One resource, as host code gets it.

use std::ops::Deref;

use serde::de::DeserializeOwned;

use crate::error::ScimError;
use crate::resource::{Meta, Resource, ResourceId};

/// A resource that is stored, as a [`User`](crate::User), a [`Group`](crate::Group) or a type of the host's own, whose
/// fields and methods are this one's too: `user.is_active()` beside `user.id`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Stored<T> {
    /// The identifier that the store assigned.
    pub id: ResourceId,
    /// When it was made and changed, and its version.
    pub meta: Meta,
    /// Everything else.
    pub value: T,
}

impl<T: DeserializeOwned> Stored<T> {
    /// # Errors
    ///
    /// 500 for a document that does not fit the type.
    pub(super) fn of(resource: Resource) -> Result<Self, ScimError> {
        let value = resource.attributes.view().map_err(ScimError::internal)?;
        Ok(Self { id: resource.id, meta: resource.meta, value })
    }
}

impl<T> Deref for Stored<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
