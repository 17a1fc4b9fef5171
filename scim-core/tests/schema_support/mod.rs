//! What the tests of normalisation share.

use scim_core::{
    Attribute, CompatProfile, ErrorKind, Limits, Mutability, Normalized, ResourceType, Schema, ScimError, ScimType,
};
use serde_json::Value;

pub(crate) const DEVICE: &str = "urn:example:params:scim:schemas:Device";

/// One attribute of every type.
pub(crate) fn device() -> ResourceType {
    let schema = Schema::new(DEVICE, "Device")
        .attribute(Attribute::string("label"))
        .attribute(Attribute::boolean("lost"))
        .attribute(Attribute::decimal("weight"))
        .attribute(Attribute::integer("count"))
        .attribute(Attribute::date_time("bought"))
        .attribute(Attribute::binary("key"))
        .attribute(Attribute::reference("manual", ["external"]))
        .attribute(Attribute::reference("owner", ["User"]))
        .attribute(Attribute::reference("anything", ["external", "User"]))
        .attribute(Attribute::string("tags").multi_valued())
        .attribute(Attribute::string("kind").canonical_values(["phone", "Laptop"]).strict_canonical_values())
        .attribute(Attribute::string("grade").canonical_values(["A", "b"]).case_exact().strict_canonical_values())
        .attribute(Attribute::string("secret").mutability(Mutability::WriteOnly))
        .attribute(
            Attribute::complex(
                "parts",
                [Attribute::string("value"), Attribute::string("names").multi_valued(), Attribute::boolean("primary")],
            )
            .multi_valued(),
        )
        .attribute(Attribute::complex("maker", [Attribute::string("value"), Attribute::string("city").required()]));
    ResourceType::new("Device", "/Devices", schema)
}

pub(crate) fn lenient(resource_type: &ResourceType, body: Value) -> Result<Normalized, ScimError> {
    resource_type.normalize(body, &CompatProfile::LENIENT, &Limits::default())
}

/// Under the strict profile, with `schemas` as it must be.
pub(crate) fn strict(resource_type: &ResourceType, mut body: Value) -> Result<Normalized, ScimError> {
    let extensions = resource_type.extensions().iter().map(|extension| extension.schema.id.as_str());
    body["schemas"] = std::iter::once(resource_type.schema().id.as_str()).chain(extensions).collect();
    resource_type.normalize(body, &CompatProfile::STRICT, &Limits::default())
}

pub(crate) fn attributes(normalized: Result<Normalized, ScimError>) -> Value {
    serde_json::to_value(normalized.unwrap().attributes).unwrap()
}

#[track_caller]
pub(crate) fn assert_refused(normalized: Result<Normalized, ScimError>, scim_type: ScimType, part: &str) {
    let error = normalized.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadRequest(scim_type), "{error}");
    assert!(error.detail().contains(part), "{error} does not say {part}");
}
