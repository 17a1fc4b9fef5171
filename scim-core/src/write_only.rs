//! Which stores can serve a resource type that has write-only attributes (RFC 7643 s7 `writeOnly`).

use crate::builder::BuildError;
use crate::schema::{Mutability, ResourceType};
use crate::store::Capabilities;

/// The attribute of the core schema whose values a hasher makes something of (RFC 7643 s4.1.1).
const PASSWORD: &str = "password";

/// Whether resources of the type have a password that clients set.
pub(crate) fn has_password(resource_type: &ResourceType) -> bool {
    let password = resource_type.schema().attributes.get(PASSWORD);
    password.is_some_and(|password| password.mutability == Mutability::WriteOnly)
}

/// Whether a name among the write-only attributes of a document is that of the password.
pub(crate) fn is_password(name: &str) -> bool {
    name == PASSWORD
}

/// Refuses a store that would lose what it is given. Passwords are taken if there is a hasher.
///
/// # Errors
///
/// What the store would lose.
pub(crate) fn check_store(
    resource_type: &ResourceType,
    capabilities: Capabilities,
    passwords: bool,
) -> Result<(), BuildError> {
    if capabilities.write_only {
        return Ok(());
    }
    if passwords && has_password(resource_type) {
        return Err(BuildError::PasswordsNotStored { resource_type: resource_type.name().to_owned() });
    }
    let lost = resource_type.all_attributes().find(|(extension, attribute)| {
        let is_needed = attribute.required && attribute.mutability == Mutability::WriteOnly;
        is_needed && !(extension.is_none() && is_password(&attribute.name))
    });
    match lost {
        None => Ok(()),
        Some((extension, attribute)) => Err(BuildError::WriteOnlyNotStored {
            resource_type: resource_type.name().to_owned(),
            attribute: match extension {
                Some(schema) => format!("{}:{}", schema.id, attribute.name),
                None => attribute.name.clone(),
            },
        }),
    }
}
