//! The schemas of RFC 7643 s8.7, as data.
//!
//! The files beside this one are the RFC's definitions with these differences, each because what is advertised is what
//! is enforced: references and binaries are `caseExact` (s2.3.6, s2.3.7), and so is what holds a resource's id (s3.1);
//! a group's `displayName` is required (s4.2) and unique; `members` has the sub-attribute `display` (s2.4).

use super::Schema;

/// The URN of the User schema.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The URN of the Group schema.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The URN of the enterprise extension of User.
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The schema of users (RFC 7643 s4.1, s8.7.1), to start from when a product changes some of it.
#[must_use]
pub fn user_schema() -> Schema {
    read(USER, include_str!("builtin/user.json"))
}

/// The schema of groups (RFC 7643 s4.2, s8.7.1).
#[must_use]
pub fn group_schema() -> Schema {
    read(GROUP, include_str!("builtin/group.json"))
}

/// The schema of the enterprise extension (RFC 7643 s4.3, s8.7.1).
#[must_use]
pub fn enterprise_user_schema() -> Schema {
    read(ENTERPRISE_USER, include_str!("builtin/enterprise_user.json"))
}

/// The schemas of what discovery serves (RFC 7643 s8.7.2).
pub(crate) fn discovery_schemas() -> [Schema; 3] {
    [
        read(SERVICE_PROVIDER_CONFIG, include_str!("builtin/service_provider_config.json")),
        read(RESOURCE_TYPE, include_str!("builtin/resource_type.json")),
        read(SCHEMA, include_str!("builtin/schema.json")),
    ]
}

/// The URN of the ServiceProviderConfig schema.
pub(crate) const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// The URN of the ResourceType schema.
pub(crate) const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// The URN of the Schema schema.
pub(crate) const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// The files are part of the program and a test reads each, so what cannot be read here is an empty schema nobody sees.
fn read(id: &str, json: &str) -> Schema {
    serde_json::from_str(json).unwrap_or_else(|_| Schema::new(id, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc7643_s8_7_every_schema_is_read_whole() {
        for (schema, attributes) in [(user_schema(), 21), (group_schema(), 2), (enterprise_user_schema(), 6)]
            .into_iter()
            .chain(discovery_schemas().into_iter().zip([7, 6, 4]))
        {
            assert!(schema.attributes.len() >= attributes, "{}", schema.id);
        }
    }
}
