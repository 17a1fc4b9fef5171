//! Which operations a resource type offers.

use crate::error::{ErrorKind, ScimError};

/// An operation on resources of one type, alone or in a Bulk request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResourceOperation {
    /// POST to the endpoint (RFC 7644 s3.3).
    Create,
    /// GET of a resource (RFC 7644 s3.4.1).
    Read,
    /// GET of the endpoint, and queries by POST and on the root (RFC 7644 s3.4.2, s3.4.3).
    List,
    /// PUT (RFC 7644 s3.5.1).
    Replace,
    /// PATCH (RFC 7644 s3.5.2).
    Patch,
    /// DELETE (RFC 7644 s3.6).
    Delete,
}

impl ResourceOperation {
    const ALL: [Self; 6] = [Self::Create, Self::Read, Self::List, Self::Replace, Self::Patch, Self::Delete];

    fn bit(self) -> u8 {
        match self {
            Self::Create => 1,
            Self::Read => 1 << 1,
            Self::List => 1 << 2,
            Self::Replace => 1 << 3,
            Self::Patch => 1 << 4,
            Self::Delete => 1 << 5,
        }
    }

    fn is_write(self) -> bool {
        !matches!(self, Self::Read | Self::List)
    }

    /// What the operation does, for a message.
    fn verb(self) -> &'static str {
        match self {
            Self::Create => "created",
            Self::Read => "read one by one",
            Self::List => "listed",
            Self::Replace => "replaced by PUT",
            Self::Patch => "changed by PATCH",
            Self::Delete => "deleted",
        }
    }
}

/// A set of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operations(u8);

impl Operations {
    /// All of them.
    pub(crate) const ALL: Self = Self(0b11_1111);

    /// The same without one.
    pub(crate) fn without(self, operation: ResourceOperation) -> Self {
        Self(self.0 & !operation.bit())
    }

    /// Whether an operation is offered.
    pub(crate) fn offers(self, operation: ResourceOperation) -> bool {
        self.0 & operation.bit() != 0
    }

    /// Whether there is none.
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether there is one that a Bulk request can have.
    pub(crate) fn has_writes(self) -> bool {
        ResourceOperation::ALL.into_iter().any(|operation| operation.is_write() && self.offers(operation))
    }

    /// Refuses an operation that is not offered.
    ///
    /// # Errors
    ///
    /// 501.
    pub(crate) fn check(self, operation: ResourceOperation, resource_type: &str) -> Result<(), ScimError> {
        if self.offers(operation) {
            return Ok(());
        }
        let verb = operation.verb();
        Err(ScimError::new(
            ErrorKind::NotImplemented,
            format!("A {resource_type} cannot be {verb} here; switch this off in the provisioning settings"),
        ))
    }

    /// The methods that an endpoint takes, as an `Allow` header lists them.
    pub(crate) fn allowed_at_endpoint(self) -> &'static str {
        match (self.offers(ResourceOperation::List), self.offers(ResourceOperation::Create)) {
            (true, true) => "GET, HEAD, POST",
            (true, false) => "GET, HEAD",
            (false, true) => "POST",
            (false, false) => "",
        }
    }

    /// The methods that a resource takes, as an `Allow` header lists them.
    pub(crate) fn allowed_at_resource(self) -> &'static str {
        let offers = |operation| self.offers(operation);
        match (
            offers(ResourceOperation::Read),
            offers(ResourceOperation::Replace),
            offers(ResourceOperation::Patch),
            offers(ResourceOperation::Delete),
        ) {
            (true, true, true, true) => "GET, HEAD, PUT, PATCH, DELETE",
            (true, true, true, false) => "GET, HEAD, PUT, PATCH",
            (true, true, false, true) => "GET, HEAD, PUT, DELETE",
            (true, true, false, false) => "GET, HEAD, PUT",
            (true, false, true, true) => "GET, HEAD, PATCH, DELETE",
            (true, false, true, false) => "GET, HEAD, PATCH",
            (true, false, false, true) => "GET, HEAD, DELETE",
            (true, false, false, false) => "GET, HEAD",
            (false, true, true, true) => "PUT, PATCH, DELETE",
            (false, true, true, false) => "PUT, PATCH",
            (false, true, false, true) => "PUT, DELETE",
            (false, true, false, false) => "PUT",
            (false, false, true, true) => "PATCH, DELETE",
            (false, false, true, false) => "PATCH",
            (false, false, false, true) => "DELETE",
            (false, false, false, false) => "",
        }
    }
}

impl Default for Operations {
    fn default() -> Self {
        Self::ALL
    }
}
