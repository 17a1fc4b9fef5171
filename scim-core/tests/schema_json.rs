//! Schemas and resource types of the host's own, from and to the RFC's JSON (RFC 7643 s2.1, s2.3, s6, s7).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::sync::Arc;

use scim_core::{
    check_resource_types, enterprise_user_schema, user_schema, Attribute, AttributeType, Mutability, ResourceType,
    Returned, Schema, SchemaError, Uniqueness, ENTERPRISE_USER, USER,
};
use serde_json::{json, Value};

const DEVICE: &str = "urn:example:params:scim:schemas:Device";
const BADGE: &str = "urn:example:params:scim:schemas:extension:badge:2.0:Device";

fn device_json() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": DEVICE,
        "name": "Device",
        "description": "A device.",
        "attributes": [
            {"name": "serial", "type": "string", "multiValued": false, "description": "The serial number.",
             "required": true, "caseExact": true, "mutability": "immutable", "returned": "always",
             "uniqueness": "global"},
            {"name": "kind", "type": "string", "multiValued": false, "required": false, "caseExact": false,
             "canonicalValues": ["phone", "laptop"], "mutability": "readWrite", "returned": "default",
             "uniqueness": "none"},
            {"name": "owners", "type": "complex", "multiValued": true, "required": false, "mutability": "readWrite",
             "returned": "request", "subAttributes": [
                {"name": "value", "type": "string", "multiValued": false, "required": true, "caseExact": true,
                 "mutability": "readWrite", "returned": "default", "uniqueness": "none"},
                {"name": "$ref", "type": "reference", "multiValued": false, "required": false, "caseExact": true,
                 "referenceTypes": ["User"], "mutability": "readOnly", "returned": "default", "uniqueness": "none"}
             ]}
        ],
        "meta": {"resourceType": "Schema", "location": format!("https://example.com/v2/Schemas/{DEVICE}")}
    })
}

fn badge() -> Schema {
    Schema::new(BADGE, "Badge").attribute(Attribute::string("number").required())
}

fn device_type_json() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": "Device",
        "name": "Device",
        "endpoint": "/Devices",
        "description": "Devices",
        "schema": DEVICE,
        "schemaExtensions": [{"schema": BADGE, "required": true}],
        "meta": {"resourceType": "ResourceType", "location": "https://example.com/v2/ResourceTypes/Device"}
    })
}

fn schemas() -> Vec<Arc<Schema>> {
    vec![Arc::new(Schema::from_json(device_json()).unwrap()), Arc::new(badge())]
}

#[test]
fn rfc7643_s7_a_schema_is_read_with_every_characteristic() {
    let schema = Schema::from_json(device_json()).unwrap();
    let serial = schema.attributes.get("SERIAL").unwrap();
    assert_eq!(serial.description, "The serial number.");
    assert!(serial.required && serial.case_exact && !serial.multi_valued);
    assert_eq!(
        (serial.mutability, serial.returned, serial.uniqueness),
        (Mutability::Immutable, Returned::Always, Uniqueness::Global)
    );
    assert_eq!(schema.attributes.get("kind").unwrap().canonical_values, ["phone", "laptop"]);
    let reference = schema.attributes.get("owners").unwrap().sub_attribute("$REF").unwrap().clone();
    assert_eq!(reference.attribute_type, AttributeType::Reference);
    assert_eq!(reference.reference_types, ["User"]);
}

#[test]
fn rfc7643_s7_a_schema_is_written_as_it_was_read() {
    let schema = Schema::from_json(device_json()).unwrap();
    assert_eq!(schema.to_resource("https://example.com/v2"), device_json());
}

#[test]
fn rfc7643_s2_2_what_a_schema_leaves_out_has_the_default() {
    let schema = Schema::from_json(json!({"id": DEVICE, "attributes": [
        {"name": "plain"}, {"name": "link", "type": "reference"}, {"name": "raw", "type": "binary"}
    ]}))
    .unwrap();
    assert_eq!(**schema.attributes.get("plain").unwrap(), Attribute::string("plain"));
    assert!(schema.attributes.get("link").unwrap().case_exact, "s2.3.7");
    assert!(schema.attributes.get("raw").unwrap().case_exact, "s2.3.6");
}

#[test]
fn rfc7643_s7_what_has_no_meaning_for_an_attribute_is_not_written() {
    let schema = Schema::new(DEVICE, "Device")
        .attribute(Attribute::boolean("lost"))
        .attribute(Attribute::complex("size", [Attribute::integer("width")]));
    let attributes = &serde_json::to_value(&schema).unwrap()["attributes"];
    let common = json!({"multiValued": false, "required": false, "mutability": "readWrite", "returned": "default"});
    let with = |mut more: Value| {
        more.as_object_mut().unwrap().extend(common.as_object().unwrap().clone());
        more
    };
    assert_eq!(attributes[0], with(json!({"name": "lost", "type": "boolean"})));
    let width = with(json!({"name": "width", "type": "integer", "uniqueness": "none"}));
    assert_eq!(attributes[1], with(json!({"name": "size", "type": "complex", "subAttributes": [width]})));
}

#[test]
fn rfc7643_s6_a_resource_type_is_read_and_written() {
    let device = ResourceType::from_json(device_type_json(), &schemas()).unwrap();
    assert_eq!((device.name(), device.endpoint(), device.description()), ("Device", "/Devices", "Devices"));
    assert_eq!(device.schema().id, DEVICE);
    assert!(device.extension(BADGE).unwrap().required);
    assert_eq!(device.to_resource("https://example.com/v2"), device_type_json());
}

#[test]
fn rfc7643_s6_the_endpoint_may_come_without_its_slash_and_the_rfcs_own_schemas_are_known() {
    let user = ResourceType::from_json(
        json!({"name": "User", "endpoint": "Users", "schema": USER,
               "schemaExtensions": [{"schema": ENTERPRISE_USER.to_uppercase(), "required": false}]}),
        &[],
    )
    .unwrap();
    assert_eq!(user, ResourceType::user().with_description(""));
    let written = serde_json::to_value(&user).unwrap();
    assert_eq!(written.get("description"), None, "nothing empty is written");
    assert_eq!(serde_json::to_value(ResourceType::group()).unwrap().get("schemaExtensions"), None);
}

#[test]
fn rfc7643_s6_a_schema_given_takes_the_place_of_the_rfcs_own() {
    let strict = Arc::new(user_schema().with("displayName", |attribute| attribute.required = true));
    let user =
        ResourceType::from_json(json!({"name": "User", "endpoint": "/Users", "schema": USER}), &[Arc::clone(&strict)])
            .unwrap();
    assert!(Arc::ptr_eq(user.schema(), &strict));
}

#[test]
fn rfc7643_s6_a_resource_type_that_cannot_be_served_is_refused() {
    let change = |pointer: &str, value: Value| {
        let mut definition = device_type_json();
        *definition.pointer_mut(pointer).unwrap() = value;
        ResourceType::from_json(definition, &schemas()).unwrap_err()
    };
    let unknown = change("/schema", json!("urn:example:nobody"));
    assert_eq!(
        unknown,
        SchemaError::UnknownSchema { resource_type: "Device".into(), urn: "urn:example:nobody".into() }
    );
    assert!(unknown.to_string().contains("urn:example:nobody"), "{unknown}");
    assert!(matches!(
        change("/schemaExtensions/0/schema", json!("urn:example:nobody")),
        SchemaError::UnknownSchema { .. }
    ));
    assert_eq!(
        change(
            "/schemaExtensions",
            json!([{"schema": BADGE, "required": true}, {"schema": BADGE.to_uppercase(), "required": false}])
        ),
        SchemaError::DuplicateSchema { urn: BADGE.into() }
    );
    assert_eq!(
        change("/schemaExtensions/0/schema", json!(DEVICE)),
        SchemaError::DuplicateSchema { urn: DEVICE.into() }
    );
    for endpoint in [
        "",
        "/",
        "//Devices",
        "/Devices/",
        "/a/b",
        "/Dev ices",
        "/Devices?x",
        "/%41",
        "/.search",
        "/..",
        "/Me",
        "/bulk",
        "/Schemas",
        "/ResourceTypes",
        "/ServiceProviderConfig",
    ] {
        let error = change("/endpoint", json!(endpoint));
        assert!(matches!(error, SchemaError::InvalidEndpoint { .. }), "{endpoint}: {error}");
    }
    for name in ["", "a b", "a/b", "..", "é"] {
        let error = change("/name", json!(name));
        assert!(matches!(error, SchemaError::InvalidResourceTypeName { .. }), "{name}: {error}");
    }
    for (pointer, value) in [("/schema", json!(7)), ("/schemaExtensions/0", json!({"schema": BADGE}))] {
        assert!(matches!(change(pointer, value), SchemaError::Malformed(_)), "{pointer}");
    }
    assert!(matches!(ResourceType::from_json(json!([]), &[]), Err(SchemaError::Malformed(_))));
}

#[test]
fn rfc7643_s2_1_names_of_attributes_follow_the_grammar() {
    let check = |name: &str| Schema::new(DEVICE, "Device").attribute(Attribute::string(name)).check();
    for name in ["a", "camelCase", "A1", "with-hyphen", "with_underscore", "with$dollar"] {
        assert_eq!(check(name), Ok(()), "{name}");
    }
    for name in ["", "1st", "$ref", "_x", "-x", "a b", "a.b", "a:b", "é", "a[b"] {
        let expected = SchemaError::InvalidName { schema: DEVICE.into(), path: name.into() };
        assert_eq!(check(name), Err(expected), "{name}");
    }
    let sub = |name: &str| {
        let complex = Attribute::complex("owner", [Attribute::string(name)]);
        Schema::new(DEVICE, "Device").attribute(complex).check()
    };
    assert_eq!(sub("$ref"), Ok(()), "s2.4 knows it");
    assert_eq!(sub("a.b"), Err(SchemaError::InvalidName { schema: DEVICE.into(), path: "owner.a.b".into() }));
}

#[test]
fn rfc7643_s2_1_names_differ_in_more_than_case() {
    let duplicate = |attributes: Value| Schema::from_json(json!({"id": DEVICE, "attributes": attributes})).unwrap_err();
    assert_eq!(
        duplicate(json!([{"name": "serial"}, {"name": "Serial"}])),
        SchemaError::DuplicateAttribute { schema: DEVICE.into(), path: "Serial".into() }
    );
    assert_eq!(
        duplicate(json!([{"name": "size", "type": "complex", "subAttributes": [{"name": "a"}, {"name": "A"}]}])),
        SchemaError::DuplicateAttribute { schema: DEVICE.into(), path: "size.A".into() }
    );
}

#[test]
fn rfc7643_s2_3_8_complex_within_complex_is_refused() {
    let inner = Attribute::complex("inner", [Attribute::string("leaf")]);
    let schema = Schema::new(DEVICE, "Device").attribute(Attribute::complex("outer", [inner]));
    assert_eq!(schema.check(), Err(SchemaError::NestedComplex { schema: DEVICE.into(), path: "outer.inner".into() }));
}

#[test]
fn rfc7643_s7_characteristics_do_not_contradict_one_another() {
    let contradicting = [
        Attribute::new("a", AttributeType::Complex),
        Attribute::boolean("a").uniqueness(Uniqueness::Server),
        Attribute::binary("a").uniqueness(Uniqueness::Server),
        Attribute::date_time("a").uniqueness(Uniqueness::Server),
        Attribute::complex("a", [Attribute::string("b")]).uniqueness(Uniqueness::Server),
        Attribute::string("a").strict_canonical_values(),
        Attribute::integer("a").canonical_values(["1"]).strict_canonical_values(),
        Attribute::complex("a", [Attribute::string("secret").mutability(Mutability::WriteOnly)]),
    ];
    for attribute in contradicting {
        let error = Schema::new(DEVICE, "Device").attribute(attribute.clone()).check().unwrap_err();
        assert!(matches!(error, SchemaError::Contradiction { .. }), "{attribute:?}: {error}");
    }
    for json in [
        json!({"name": "a", "type": "string", "subAttributes": [{"name": "b"}]}),
        json!({"name": "a", "type": "string", "referenceTypes": ["User"]}),
    ] {
        let error = Schema::from_json(json!({"id": DEVICE, "attributes": [json]})).unwrap_err();
        assert!(matches!(error, SchemaError::Contradiction { .. }), "{error}");
    }
    let sound = [
        Attribute::string("a").canonical_values(["x"]).strict_canonical_values(),
        Attribute::complex("a", [Attribute::string("b").mutability(Mutability::WriteOnly)])
            .mutability(Mutability::WriteOnly),
        Attribute::integer("a").uniqueness(Uniqueness::Server),
    ];
    for attribute in sound {
        assert_eq!(Schema::new(DEVICE, "Device").attribute(attribute).check(), Ok(()));
    }
}

#[test]
fn rfc7643_s7_the_id_of_a_schema_is_a_uri() {
    for id in ["urn:a:b", "https://example.com/schemas/device"] {
        assert_eq!(Schema::new(id, "").check(), Ok(()), "{id}");
    }
    for id in ["", "Device", "urn:", "urn:a b", ":a", "urn:a:", "urn:é"] {
        assert_eq!(Schema::new(id, "").check(), Err(SchemaError::InvalidUrn { id: id.into() }), "{id}");
    }
}

#[test]
fn rfc7643_s7_what_is_no_schema_is_refused() {
    for json in [
        json!(null),
        json!({"name": "Device"}),
        json!({"id": DEVICE, "attributes": [{"type": "string"}]}),
        json!({"id": DEVICE, "attributes": [{"name": "a", "type": "text"}]}),
        json!({"id": DEVICE, "attributes": [{"name": "a", "mutability": "sometimes"}]}),
        json!({"id": DEVICE, "attributes": [{"name": "a", "multiValued": "yes"}]}),
    ] {
        assert!(matches!(Schema::from_json(json.clone()), Err(SchemaError::Malformed(_))), "{json}");
    }
}

#[test]
fn rfc7643_s3_1_common_attributes_are_not_defined_again() {
    for name in ["id", "ID", "externalId", "meta", "schemas"] {
        let schema = Schema::new(DEVICE, "Device").attribute(Attribute::string(name));
        assert_eq!(schema.check(), Ok(()), "of an extension it could be an attribute");
        assert_eq!(
            ResourceType::new("Device", "/Devices", schema).check(),
            Err(SchemaError::ReservedName { schema: DEVICE.into(), name: name.into() })
        );
    }
}

#[test]
fn rfc7643_s3_1_a_common_attribute_has_precedence_over_what_a_schema_says() {
    let schema = Schema::new(DEVICE, "Device").attribute(Attribute::string("id"));
    let device = ResourceType::new("Device", "/Devices", schema);
    assert_eq!(device.attribute("id").unwrap().1.mutability, Mutability::ReadOnly);
}

#[test]
fn rfc7644_s3_10_a_path_cannot_mean_an_attribute_and_an_extension() {
    let inner = Schema::new(format!("{DEVICE}:serial"), "Inner").attribute(Attribute::string("a"));
    let schema = Schema::new(DEVICE, "Device").attribute(Attribute::string("serial"));
    let device = ResourceType::new("Device", "/Devices", schema).with_extension(inner, false);
    assert_eq!(device.check(), Err(SchemaError::AmbiguousUrn { path: format!("{DEVICE}:serial") }));
}

#[test]
fn resource_types_made_by_a_builder_are_checked_in_the_same_way() {
    for sound in [ResourceType::user(), ResourceType::group()] {
        assert_eq!(sound.check(), Ok(()));
    }
    let extension = Schema::new(BADGE, "Badge").attribute(Attribute::string("not valid"));
    let device = ResourceType::new("Device", "/Devices", Schema::new(DEVICE, "Device")).with_extension(extension, true);
    assert!(matches!(device.check(), Err(SchemaError::InvalidName { .. })));
}

#[test]
fn resource_types_that_are_served_together_differ() {
    let device = |name: &str, endpoint: &str| ResourceType::new(name, endpoint, Schema::new(DEVICE, "Device"));
    let check = |types: &[ResourceType]| check_resource_types(types);
    assert_eq!(check(&[device("A", "/As"), device("B", "/Bs"), ResourceType::user()]), Ok(()));
    assert_eq!(
        check(&[device("A", "/As"), device("a", "/Bs")]),
        Err(SchemaError::DuplicateResourceType { name: "a".into() })
    );
    assert_eq!(
        check(&[device("A", "/As"), device("B", "/aS")]),
        Err(SchemaError::DuplicateEndpoint { endpoint: "/aS".into() })
    );
    let other = Schema::new(DEVICE.to_uppercase(), "Device").attribute(Attribute::string("more"));
    assert_eq!(
        check(&[device("A", "/As"), ResourceType::new("B", "/Bs", other.clone())]),
        Err(SchemaError::DuplicateSchema { urn: other.id.clone() })
    );
    assert_eq!(check(&[ResourceType::new("A", "/", other)]).map_err(|error| error.to_string().is_empty()), Err(false));
    let shared = Arc::new(enterprise_user_schema());
    let first = device("A", "/As").with_extension(Arc::clone(&shared), false);
    assert_eq!(check(&[first, device("B", "/Bs").with_extension(shared, true)]), Ok(()), "one extension of two types");
}
