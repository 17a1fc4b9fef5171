//! What normalisation does with what no schema describes, and beyond which bounds it refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod schema_support;

use schema_support::{assert_refused, attributes, device, lenient, strict, DEVICE};
use scim_core::{
    Attribute, AttributeType, CompatProfile, ErrorKind, Limits, ResourceType, Schema, ScimType, UnknownExtensions,
    ENTERPRISE_USER,
};
use serde_json::{json, Value};

#[test]
fn unknown_attributes_are_ignored_and_named_or_refused() {
    let body = json!({"userName": "b", "prefferedLanguage": "en", "name": {"nick": "B"},
        ENTERPRISE_USER: {"badge": 7, "manager": {"email": "m"}}, "emails": [{"value": "e", "verified": true}]});
    let mut normalized = lenient(&ResourceType::user(), body).unwrap();
    normalized.ignored.sort_unstable();
    assert_eq!(
        normalized.ignored,
        [
            "emails.verified",
            "name.nick",
            "prefferedLanguage",
            &format!("{ENTERPRISE_USER}:badge"),
            &format!("{ENTERPRISE_USER}:manager.email")
        ]
    );
    assert_eq!(attributes(Ok(normalized)), json!({"userName": "b", "emails": [{"value": "e"}]}));
    for (body, part) in [
        (json!({"userName": "b", "city": "x"}), "\"city\" is not an attribute"),
        (json!({"userName": "b", "name": {"nick": "B"}}), "\"name.nick\" is not an attribute"),
        (json!({"userName": "b", ENTERPRISE_USER: {"badge": 7}}), "is not an attribute"),
    ] {
        assert_refused(strict(&ResourceType::user(), body), ScimType::InvalidValue, part);
    }
}

#[test]
fn unknown_extensions_are_ignored_kept_or_refused() {
    const OTHER: &str = "urn:example:other:2.0:User";
    let body = || json!({"userName": "b", OTHER: {"Tag": "x", "none": null, "list": [null, {"a": []}], "n": [1, "2"]}});
    let with = |unknown_extensions, body: Value| {
        let mut profile = CompatProfile::LENIENT;
        profile.unknown_extensions = unknown_extensions;
        ResourceType::user().normalize(body, &profile, &Limits::default())
    };
    let ignored = with(UnknownExtensions::Ignore, body()).unwrap();
    assert_eq!(ignored.ignored, [OTHER]);
    assert_eq!(attributes(Ok(ignored)), json!({"userName": "b"}));
    assert_eq!(
        attributes(with(UnknownExtensions::Keep, body())),
        json!({"userName": "b", OTHER: {"Tag": "x", "n": [1, "2"]}}),
        "canonical form has nothing empty"
    );
    assert_refused(
        with(UnknownExtensions::Refuse, body()),
        ScimType::InvalidSyntax,
        "is not one of this resource type",
    );
    let mut twice = body();
    twice[OTHER.to_uppercase()] = json!({"a": 1});
    assert_refused(with(UnknownExtensions::Keep, twice), ScimType::InvalidSyntax, "given twice");
    let no_object = json!({"userName": "b", OTHER: "text"});
    assert_eq!(with(UnknownExtensions::Keep, no_object).unwrap().ignored, [OTHER]);
}

#[test]
fn an_extension_is_an_object() {
    for value in [json!("text"), json!(7), json!([1])] {
        let body = json!({"userName": "b", ENTERPRISE_USER: value});
        assert_refused(lenient(&ResourceType::user(), body), ScimType::InvalidValue, "must be an object");
    }
}

#[test]
fn a_resource_is_an_object() {
    for body in [json!(null), json!([]), json!("x"), json!(1)] {
        assert_refused(lenient(&ResourceType::user(), body), ScimType::InvalidSyntax, "must be a JSON object");
    }
}

#[test]
fn nul_is_refused_wherever_it_would_be_stored() {
    let users = ResourceType::user();
    for body in [
        json!({"userName": "a\0b"}),
        json!({"userName": "a", "password": "\0"}),
        json!({"userName": "a", "emails": [{"value": "\0"}]}),
    ] {
        assert_refused(lenient(&users, body), ScimType::InvalidValue, "U+0000");
    }
    let mut profile = CompatProfile::LENIENT;
    profile.unknown_extensions = UnknownExtensions::Keep;
    for (urn, object) in [
        ("urn:example:x", json!({"a": "\0"})),
        ("urn:example:x", json!({"a\0": 1})),
        ("urn:example:\0", json!({"a": 1})),
    ] {
        let body = json!({"userName": "a", urn: object});
        assert_refused(users.normalize(body, &profile, &Limits::default()), ScimType::InvalidValue, "U+0000");
    }
}

#[test]
fn limits_hold_to_the_byte_and_the_value() {
    let mut limits = Limits::default();
    (limits.string_bytes, limits.values, limits.members_per_request) = (4, 2, 3);
    let mut profile = CompatProfile::LENIENT;
    profile.unknown_extensions = UnknownExtensions::Keep;
    let normalize = |resource_type: ResourceType, body: Value| resource_type.normalize(body, &profile, &limits);
    let user = |body| normalize(ResourceType::user(), body);
    assert!(user(json!({"userName": "four"})).is_ok());
    assert_refused(user(json!({"userName": "fives"})), ScimType::InvalidValue, "userName is longer than 4 bytes");
    assert_refused(user(json!({"userName": "ééé"})), ScimType::InvalidValue, "userName is longer than 4 bytes");
    assert!(user(json!({"userName": "a", "roles": [{"value": "1"}, {"value": "2"}]})).is_ok());
    let three = json!([{"value": "1"}, {"value": "2"}, {"value": "3"}]);
    assert_refused(user(json!({"userName": "a", "roles": three})), ScimType::InvalidValue, "roles may have 2 values");
    for object in [json!({"a": [1, 2, 3]}), json!({"a": "fives"}), json!({"fives": 1})] {
        let body = json!({"userName": "a", "urn:example:x": object});
        assert!(user(body.clone()).is_err(), "{body}");
    }
    let group = |count: usize| {
        let members: Vec<Value> = (0..count).map(|number| json!({"value": number.to_string()})).collect();
        normalize(ResourceType::group(), json!({"displayName": "g", "members": members}))
    };
    assert!(group(3).is_ok());
    let error = group(4).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::PayloadTooLarge);
    assert!(error.detail().contains('3'), "{error}");
}

#[test]
fn what_is_kept_of_an_unknown_extension_nests_no_deeper_than_json_may() {
    let mut profile = CompatProfile::LENIENT;
    profile.unknown_extensions = UnknownExtensions::Keep;
    let mut limits = Limits::default();
    limits.json_depth = 4;
    let nested = |depth: usize| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    let normalize = |depth| {
        let body = json!({"userName": "a", "urn:example:x": {"a": nested(depth)}});
        ResourceType::user().normalize(body, &profile, &limits)
    };
    assert!(normalize(3).is_ok());
    assert_refused(normalize(4), ScimType::InvalidSyntax, "nests too deep");
}

#[test]
fn a_message_repeats_little_of_the_input() {
    let long = "x".repeat(10_000);
    for body in [json!({"userName": "b", long.clone(): 1}), json!({"userName": "b", format!("urn:{long}"): {}})] {
        let error = strict(&ResourceType::user(), body).unwrap_err();
        assert!(error.detail().len() < 200, "{error}");
    }
    let error = lenient(&device(), json!({"bought": long})).unwrap_err();
    assert!(error.detail().len() < 200, "{error}");
}

#[test]
fn every_type_has_a_message() {
    for kind in [
        AttributeType::String,
        AttributeType::Boolean,
        AttributeType::Decimal,
        AttributeType::Integer,
        AttributeType::DateTime,
        AttributeType::Binary,
        AttributeType::Reference,
    ] {
        let schema = Schema::new(DEVICE, "Device").attribute(Attribute::new("a", kind));
        let error = lenient(&ResourceType::new("Device", "/Devices", schema), json!({"a": {}})).unwrap_err();
        assert!(error.detail().starts_with("a must be "), "{error}");
    }
}
