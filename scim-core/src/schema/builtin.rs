//! The schemas of RFC 7643 s8.7, as data.
//!
//! The files beside this one follow the text of the RFC where s8.7 says something else, and its errata: references and
//! binaries are `caseExact` (s2.3.6, s2.3.7), and so is what holds a resource's id (s3.1); addresses have `primary`
//! (s2.4), members have `display` (s2.4); a group's `displayName` is required (s4.2); the configuration has `etag` and
//! the `type` of authentication schemes (s5); `schemaExtensions` is an optional list (s6); `binary` is a type (s2.3.6).
//!
//! Because what is advertised is what is enforced, a group's `displayName` is unique, a member has a `value` and a
//! password compares with case. `pagination` is described as RFC 9865 s4 adds it. `tests/schema_builtin.rs` lists every
//! difference with its reason.

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
        let discovery = discovery_schemas();
        let read = [user_schema(), group_schema(), enterprise_user_schema()].into_iter().chain(discovery);
        let attributes = [21, 2, 6, 9, 6, 4];
        assert_eq!(read.map(|schema| schema.attributes.len()).collect::<Vec<_>>(), attributes);
    }
}
