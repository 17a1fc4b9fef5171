//! Identifiers as distinct types: a resource id, a client's external id, a tenant and a version are never mistaken for
//! one another, because there is no conversion among them.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! identifier {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), &*self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        /// As its text.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        /// From its text, as in the path of a host's own route. It proves nothing: whoever reads it decides who may.
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::new)
            }
        }
    };
}

identifier! {
    /// The `id` of a resource, assigned by the store and never by a client (RFC 7643 s3.1).
    ResourceId
}

identifier! {
    /// A client's own identifier of a resource, the attribute `externalId` (RFC 7643 s3.1).
    ExternalId
}

identifier! {
    /// The customer that a credential belongs to. It comes from the credential, never from a request.
    TenantId
}

identifier! {
    /// A provisioning connection of a customer: one identity provider that provisions into this product.
    ConnectionId
}

identifier! {
    /// The public part of an API key, by which it is found and named; the key itself cannot be told from it.
    KeyId
}

identifier! {
    /// The version of a resource, opaque, without quotes or `W/` (RFC 7643 s3.1, RFC 7644 s3.14).
    Version
}

impl ResourceId {
    /// A fresh random UUID, for stores that have no ids of their own.
    #[must_use]
    pub fn random() -> Self {
        let mut buffer = uuid::Uuid::encode_buffer();
        Self::new(&*uuid::Uuid::new_v4().hyphenated().encode_lower(&mut buffer))
    }
}

impl ConnectionId {
    /// A fresh random UUID.
    #[must_use]
    pub fn random() -> Self {
        Self::new(ResourceId::random().0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_read_and_written_as_their_text() {
        let id: ResourceId = serde_json::from_str("\"2819c223\"").unwrap();
        assert_eq!(id, ResourceId::new("2819c223"));
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"2819c223\"");
        assert!(serde_json::from_str::<TenantId>("17").is_err(), "an identifier is text");
    }
}
