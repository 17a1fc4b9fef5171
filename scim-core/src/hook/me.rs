//! Whose resource `/Me` is: RFC 7644 s3.11.

use async_trait::async_trait;

use crate::auth::Principal;
use crate::error::ScimError;
use crate::resource::ResourceId;

/// Binds `/Me` to the resource of whoever sends the request. Without one `/Me` is answered with 501.
#[async_trait]
pub trait Me: Send + Sync + 'static {
    /// The resource that the principal is.
    ///
    /// # Errors
    ///
    /// Whatever is to be answered instead.
    async fn subject(&self, principal: &Principal) -> Result<Subject, ScimError>;
}

/// What `/Me` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// A resource: the name of its type, and its id.
    Resource {
        /// The name of the resource type, such as `User`.
        resource_type: String,
        /// The id.
        id: ResourceId,
    },
    /// Nothing yet, and the principal may make itself one of this type by POST.
    MayCreate {
        /// The name of the resource type.
        resource_type: String,
    },
    /// Nothing: 404.
    Nobody,
}

impl Subject {
    /// The user of this id.
    #[must_use]
    pub fn user(id: ResourceId) -> Self {
        Self::Resource { resource_type: "User".to_owned(), id }
    }
}
