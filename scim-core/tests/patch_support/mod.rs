//! What the tests of PATCH share.
#![allow(dead_code)]

use scim_core::{
    Attribute, Attributes, CompatProfile, Limits, Member, MembersUpdate, Mutability, PatchPlan, ResourceType, Schema,
    ScimError,
};
use serde_json::{json, Map, Value};

/// A resource type with every characteristic that an attribute can have.
pub(crate) fn device() -> ResourceType {
    let core = Schema::new("urn:example:params:scim:schemas:core:2.0:Device", "Device")
        .attribute(Attribute::string("serial").required().mutability(Mutability::Immutable))
        .attribute(Attribute::string("label"))
        .attribute(Attribute::string("tags").multi_valued())
        .attribute(Attribute::string("codes").multi_valued().case_exact())
        .attribute(Attribute::integer("scores").multi_valued())
        .attribute(Attribute::integer("level"))
        .attribute(Attribute::decimal("ratio"))
        .attribute(Attribute::date_time("since"))
        .attribute(Attribute::binary("image"))
        .attribute(Attribute::string("state").canonical_values(["On", "Off"]).strict_canonical_values())
        .attribute(Attribute::string("pin").mutability(Mutability::WriteOnly))
        .attribute(Attribute::date_time("seen").mutability(Mutability::ReadOnly))
        .attribute(Attribute::string("owners").multi_valued().mutability(Mutability::Immutable))
        .attribute(Attribute::complex(
            "lock",
            [Attribute::string("serial").mutability(Mutability::Immutable), Attribute::string("color")],
        ))
        .attribute(Attribute::complex(
            "status",
            [
                Attribute::string("text"),
                Attribute::string("notes").multi_valued(),
                Attribute::date_time("checked").mutability(Mutability::ReadOnly),
            ],
        ))
        .attribute(
            Attribute::complex("secret", [Attribute::string("code"), Attribute::string("hint")])
                .mutability(Mutability::WriteOnly),
        )
        .attribute(
            Attribute::complex(
                "keys",
                [
                    Attribute::string("value").required(),
                    Attribute::string("type"),
                    Attribute::string("made").mutability(Mutability::Immutable),
                    Attribute::string("doors").multi_valued(),
                    Attribute::boolean("primary"),
                ],
            )
            .multi_valued(),
        );
    let place = Schema::new("urn:example:params:scim:schemas:extension:place:2.0:Device", "Place")
        .attribute(Attribute::string("room").required())
        .attribute(Attribute::integer("floor"));
    let warranty = Schema::new("urn:example:params:scim:schemas:extension:warranty:2.0:Device", "Warranty")
        .attribute(Attribute::string("number").mutability(Mutability::Immutable))
        .attribute(Attribute::date_time("until"))
        .attribute(Attribute::string("code").mutability(Mutability::WriteOnly));
    let care = Schema::new("urn:example:params:scim:schemas:extension:care:2.0:Device", "Care")
        .attribute(Attribute::string("contacts").multi_valued().required())
        .attribute(Attribute::string("note"));
    ResourceType::new("Device", "/Devices", core)
        .with_extension(place, true)
        .with_extension(warranty, false)
        .with_extension(care, false)
}

/// A resource type with a complex attribute, a write-only one and an extension that are required.
pub(crate) fn parcel() -> ResourceType {
    let core = Schema::new("urn:example:params:scim:schemas:core:2.0:Parcel", "Parcel")
        .attribute(Attribute::complex("seal", [Attribute::string("color"), Attribute::string("stamp")]).required())
        .attribute(Attribute::string("code").required().mutability(Mutability::WriteOnly));
    let route = Schema::new("urn:example:params:scim:schemas:extension:route:2.0:Parcel", "Route")
        .attribute(Attribute::string("by"))
        .attribute(Attribute::string("stops").multi_valued());
    ResourceType::new("Parcel", "/Parcels", core).with_extension(route, true)
}

pub(crate) fn resource_type(name: &str) -> ResourceType {
    match name {
        "User" => ResourceType::user(),
        "Group" => ResourceType::group(),
        "Device" => device(),
        "Parcel" => parcel(),
        other => panic!("there is no resource type {other}"),
    }
}

/// A PATCH request with these operations.
pub(crate) fn patch_op(operations: &Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

pub(crate) fn attributes(document: &Value) -> Attributes {
    Attributes::from_stored(document.as_object().expect("a document is an object").clone())
}

pub(crate) fn read(body: Value, resource_type: &ResourceType, profile: &CompatProfile) -> Result<PatchPlan, ScimError> {
    PatchPlan::read(body, resource_type, profile, &Limits::default())
}

/// The keyword of a 400, or the number of another status.
pub(crate) fn error_name(error: &ScimError) -> String {
    match error.scim_type() {
        Some(scim_type) if error.status() == 400 => scim_type.as_str().to_owned(),
        _ => error.status().as_str().to_owned(),
    }
}

/// The document with the members that a case expects to be another.
pub(crate) fn with_changes(document: &Value, changes: &Value) -> Value {
    let mut result: Map<String, Value> = document.as_object().unwrap().clone();
    for (name, value) in changes.as_object().expect("expected is an object") {
        if value.is_null() {
            result.remove(name);
        } else {
            result.insert(name.clone(), value.clone());
        }
    }
    Value::Object(result)
}

/// The ids of the members after a change, without order.
pub(crate) fn members_after(document: &Value, update: &MembersUpdate) -> Vec<String> {
    let present = document.get("members").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut members: Vec<Member> = present.iter().filter_map(Member::from_value).collect();
    match update {
        MembersUpdate::Keep => {}
        MembersUpdate::Set(list) => members.clone_from(list),
        MembersUpdate::Delta { add, remove } => {
            members.retain(|member| !remove.contains(&member.value));
            for new in add {
                if !members.iter().any(|member| member.value == new.value) {
                    members.push(new.clone());
                }
            }
        }
        other => panic!("unknown change {other:?}"),
    }
    let mut ids: Vec<String> = members.iter().map(|member| member.value.as_str().to_owned()).collect();
    ids.sort();
    ids
}
