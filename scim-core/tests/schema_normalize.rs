//! What normalisation makes of a document (RFC 7643 s2, s3; RFC 7644 s3.3, s3.5.1).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod schema_support;

use schema_support::{assert_refused, attributes, device, lenient, strict};
use scim_core::{
    Attribute, Attributes, CompatProfile, Limits, Mutability, PatchPlan, ResourceType, Schema, ScimType,
    ENTERPRISE_USER, GROUP, USER,
};
use serde_json::{json, Value};

#[test]
fn rfc7643_s2_1_names_are_read_in_any_case_and_kept_in_the_schemas() {
    let body = json!({"USERNAME": "bjensen", "Name": {"GivenName": "Barbara"}, "EMAILS": [{"VALUE": "b@example.com"}],
        "EXTERNALID": "x", ENTERPRISE_USER.to_uppercase(): {"Department": "Tours", "MANAGER": {"$REF": "../Users/1"}}});
    let expected = json!({"userName": "bjensen", "name": {"givenName": "Barbara"},
        "emails": [{"value": "b@example.com"}], "externalId": "x",
        ENTERPRISE_USER: {"department": "Tours", "manager": {"$ref": "../Users/1"}}});
    assert_eq!(attributes(lenient(&ResourceType::user(), body.clone())), expected);
    assert_eq!(attributes(strict(&ResourceType::user(), body)), expected);
}

#[test]
fn rfc7643_s2_3_a_value_is_of_its_attributes_type() {
    let fitting = json!({"label": " ", "lost": false, "weight": 1.5, "count": -3, "bought": "2011-05-13T04:42:34Z",
        "key": "QUI=", "manual": "https://example.com/m", "owner": "../Users/1", "tags": ["a", "b"],
        "maker": {"city": "Bonn"}});
    assert_eq!(attributes(strict(&device(), fitting.clone())), fitting);
    let wrong = [
        ("label", json!(true), "label must be a string"),
        ("label", json!({"a": 1}), "label must be a string"),
        ("lost", json!("yes"), "lost must be true or false"),
        ("lost", json!(0), "lost must be true or false"),
        ("label", json!(1.5), "label must be a string"),
        ("weight", json!("heavy"), "weight must be a number"),
        ("count", json!(1.5), "count must be a whole number"),
        ("count", json!(5.0), "count must be a whole number"),
        ("count", json!("five"), "count must be a whole number"),
        (
            "bought",
            json!("yesterday"),
            "bought must be a date and time such as 2011-05-13T04:42:34Z, not \"yesterday\"",
        ),
        ("bought", json!("2011-05-13"), "bought must be a date and time"),
        ("bought", json!(1305261754), "bought must be a date and time"),
        ("key", json!("no base64!"), "key must be base64"),
        ("manual", json!(7), "manual must be a URI"),
        ("maker", json!(true), "maker must be an object"),
    ];
    for (name, value, part) in wrong {
        assert_refused(lenient(&device(), json!({name: value.clone()})), ScimType::InvalidValue, part);
        assert_refused(strict(&device(), json!({name: value})), ScimType::InvalidValue, part);
    }
}

#[test]
fn rfc7643_s2_3_the_path_in_a_message_names_sub_attribute_and_extension() {
    let users = ResourceType::user();
    assert_refused(
        lenient(&users, json!({"userName": "b", "name": {"givenName": true}})),
        ScimType::InvalidValue,
        "name.givenName must be a string",
    );
    assert_refused(
        lenient(&users, json!({"userName": "b", ENTERPRISE_USER: {"manager": {"value": true}}})),
        ScimType::InvalidValue,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value must be a string",
    );
}

#[test]
fn rfc7643_s2_3_7_references_are_uris_under_the_strict_profile() {
    for (name, value) in [
        ("manual", "https://example.com/m#1"),
        ("owner", "https://example.com/v2/Users/1"),
        ("owner", "Users/1"),
        ("anything", "../Users/1"),
    ] {
        assert_eq!(attributes(strict(&device(), json!({name: value})))[name], value);
    }
    for (name, value) in [("manual", "m.html"), ("manual", "/m"), ("owner", "a b"), ("anything", "<>")] {
        assert_refused(strict(&device(), json!({name: value})), ScimType::InvalidValue, name);
        assert_eq!(attributes(lenient(&device(), json!({name: value})))[name], value, "a lenient profile keeps it");
    }
}

#[test]
fn rfc7643_s7_canonical_values_are_a_suggestion_unless_the_schema_demands_them() {
    let email = json!({"userName": "b", "emails": [{"value": "b@example.com", "type": "holiday"}]});
    assert_eq!(attributes(strict(&ResourceType::user(), email.clone())), email);
    assert_eq!(attributes(strict(&device(), json!({"kind": "PHONE"})))["kind"], "phone");
    assert_eq!(attributes(strict(&device(), json!({"grade": "b"})))["grade"], "b");
    let colour = Attribute::string("colour").canonical_values(["red"]).strict_canonical_values();
    let lamp = Schema::new("urn:example:Lamp", "Lamp").attribute(Attribute::complex("light", [colour]));
    let lamp = ResourceType::new("Lamp", "/Lamps", lamp);
    let light = |colour: &str| lenient(&lamp, json!({"light": {"colour": colour}}));
    assert_eq!(attributes(light("RED")), json!({"light": {"colour": "red"}}));
    assert_refused(light("blue"), ScimType::InvalidValue, "light.colour must be one of red");
    assert_refused(strict(&device(), json!({"kind": "car"})), ScimType::InvalidValue, "must be one of phone, Laptop");
    assert_refused(lenient(&device(), json!({"grade": "B"})), ScimType::InvalidValue, "grade must be one of A, b");
}

#[test]
fn rfc7643_s2_4_a_multi_valued_attribute_is_a_list_of_its_elements() {
    let body = json!({"tags": ["a"], "parts": [{"value": "x", "names": ["y", "z"]}]});
    assert_eq!(attributes(strict(&device(), body.clone())), body);
    assert_refused(strict(&device(), json!({"tags": "a"})), ScimType::InvalidValue, "tags must be a list");
    assert_refused(strict(&device(), json!({"label": ["a"]})), ScimType::InvalidValue, "label must be a string");
    assert_refused(lenient(&device(), json!({"tags": ["a", true]})), ScimType::InvalidValue, "tags must be a string");
}

#[test]
fn rfc7643_s2_4_at_most_one_value_is_primary() {
    let users = ResourceType::user();
    let emails = |second: bool| {
        json!({"userName": "b", "emails": [{"value": "a@example.com", "primary": true},
            {"value": "b@example.com", "primary": second}]})
    };
    assert_eq!(attributes(strict(&users, emails(false))), emails(false));
    assert_refused(lenient(&users, emails(true)), ScimType::InvalidValue, "Only one value of emails may be primary");
}

#[test]
fn rfc7643_s2_4_a_value_given_twice_is_there_once() {
    let twice = json!([{"value": "a@example.com", "primary": true}, {"value": "b@example.com"},
        {"primary": true, "value": "a@example.com"}, {"value": "a@example.com", "type": "work"}]);
    let body = json!({"userName": "b", "emails": twice});
    let expected = json!([{"value": "a@example.com", "primary": true}, {"value": "b@example.com"},
        {"value": "a@example.com", "type": "work"}]);
    assert_eq!(attributes(strict(&ResourceType::user(), body))["emails"], expected);
    let many: Vec<String> = (0..40).map(|number| format!("t{}", number % 20)).collect();
    let tags = attributes(lenient(&device(), json!({"tags": many})));
    assert_eq!(tags["tags"].as_array().unwrap().len(), 20);
    assert_eq!((&tags["tags"][0], &tags["tags"][19]), (&json!("t0"), &json!("t19")), "the order stays");
}

#[test]
fn rfc7643_s2_4_the_same_value_and_type_is_one_element_as_a_patch_has_it() {
    let given = json!([
        {"value": "a@x", "type": "work", "display": "A"}, {"value": "a@x"}, {"value": "b@x", "type": "home"},
        {"value": "A@X", "type": "Work", "primary": true}, {"value": "a@x", "type": "home"},
    ]);
    let expected = json!([
        {"value": "A@X", "type": "Work", "display": "A", "primary": true}, {"value": "a@x"},
        {"value": "b@x", "type": "home"}, {"value": "a@x", "type": "home"},
    ]);
    let users = ResourceType::user();
    let made = attributes(lenient(&users, json!({"userName": "b", "emails": given})));
    assert_eq!(made["emails"], expected);
    for operations in [
        json!([{"op": "add", "path": "emails", "value": given}]),
        json!([{"op": "replace", "path": "emails", "value": given}]),
        given
            .as_array()
            .unwrap()
            .iter()
            .map(|email| json!({"op": "add", "path": "emails", "value": [email]}))
            .collect(),
    ] {
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
        let plan = PatchPlan::read(body, &users, &CompatProfile::STRICT, &Limits::default()).unwrap();
        let before = Attributes::from_stored(json!({"userName": "b"}).as_object().unwrap().clone());
        let patched = plan.apply(&users, &before, false).unwrap();
        assert_eq!(json!(patched.attributes)["emails"], expected, "{operations}");
    }
    let tags = attributes(lenient(&device(), json!({"tags": ["a", "A", "b"]})));
    assert_eq!(tags["tags"], json!(["a", "b"]), "what compares without case is the same in any");
}

#[test]
fn rfc7643_s4_2_a_member_is_the_same_by_its_value() {
    let members = |count: usize| -> Vec<Value> {
        (0..count).map(|number| json!({"value": format!("m{}", number / 2), "display": number.to_string()})).collect()
    };
    for count in [4, 40] {
        let body = json!({"displayName": "g", "members": members(count)});
        let found = attributes(lenient(&ResourceType::group(), body));
        let list = found["members"].as_array().unwrap();
        assert_eq!(list.len(), count / 2);
        assert_eq!(list[1], json!({"value": "m1", "display": "2"}), "the first one stays");
    }
    let body = json!({"displayName": "g", "members": [{"display": "Babs"}]});
    assert_refused(lenient(&ResourceType::group(), body), ScimType::InvalidValue, "members.value is required");
}

#[test]
fn rfc7643_s2_5_null_and_the_empty_list_are_unassigned() {
    let users = ResourceType::user();
    let body = json!({"userName": "b", "title": null, "emails": [], "name": {"givenName": null}, "addresses": [null],
        ENTERPRISE_USER: {"manager": null}});
    let normalized = strict(&users, body).unwrap();
    assert_eq!(attributes(Ok(normalized.clone())), json!({"userName": "b"}));
    for path in ["title", "emails", "NAME", "addresses", &format!("{ENTERPRISE_USER}:manager")] {
        assert!(normalized.unassigns(path), "{path}");
    }
    for path in ["userName", "active", "nickName", "schemas"] {
        assert!(!normalized.unassigns(path), "{path}");
    }
    assert_eq!(attributes(strict(&users, json!({"userName": "b", ENTERPRISE_USER: null}))), json!({"userName": "b"}));
}

#[test]
fn rfc7643_s2_5_a_complex_value_without_members_is_unassigned() {
    for name in [json!({}), json!({"givenName": null}), json!({"givenName": null, "familyName": null})] {
        for profile in [lenient, strict] {
            let body = json!({"userName": "b", "name": name.clone(), "emails": [{}, {"value": null}]});
            assert_eq!(attributes(profile(&ResourceType::user(), body)), json!({"userName": "b"}));
        }
    }
}

#[test]
fn rfc7643_s2_2_required_attributes_are_there() {
    let users = ResourceType::user();
    for body in [json!({}), json!({"userName": null}), json!({"userName": ""})] {
        assert_refused(lenient(&users, body.clone()), ScimType::InvalidValue, "userName is required");
        assert_refused(strict(&users, body), ScimType::InvalidValue, "userName is required");
    }
    assert_eq!(attributes(lenient(&users, json!({"userName": " "}))), json!({"userName": " "}), "a blank is a value");
    assert_refused(
        lenient(&ResourceType::group(), json!({"members": []})),
        ScimType::InvalidValue,
        "displayName is required",
    );
    let peopled = scim_core::group_schema().with("members", |members| members.required = true);
    let group = ResourceType::group().with_schema(peopled);
    assert!(lenient(&group, json!({"displayName": "g"})).is_ok(), "members live apart");
    assert_refused(
        lenient(&device(), json!({"maker": {"value": "x"}})),
        ScimType::InvalidValue,
        "maker.city is required",
    );
    assert_eq!(attributes(lenient(&device(), json!({}))), json!({}), "without the complex attribute nothing of it is");
}

#[test]
fn rfc7643_s6_required_extensions_and_what_they_require_are_there() {
    let extension = |required| {
        let schema = Schema::new("urn:example:ext", "Ext")
            .attribute(Attribute::string("must").required())
            .attribute(Attribute::string("may"))
            .attribute(Attribute::string("shown").required().mutability(Mutability::ReadOnly));
        ResourceType::group().with_extension(schema, required)
    };
    let body = |object: Value| json!({"displayName": "g", "urn:example:ext": object});
    assert_refused(
        lenient(&extension(true), json!({"displayName": "g"})),
        ScimType::InvalidValue,
        "The extension urn:example:ext is required",
    );
    assert_refused(lenient(&extension(true), body(json!({}))), ScimType::InvalidValue, "urn:example:ext is required");
    for required in [true, false] {
        assert_refused(
            lenient(&extension(required), body(json!({"may": "x"}))),
            ScimType::InvalidValue,
            "urn:example:ext:must is required",
        );
        let whole = body(json!({"must": "x"}));
        assert_eq!(attributes(lenient(&extension(required), whole.clone())), whole);
    }
    assert_eq!(attributes(lenient(&extension(false), json!({"displayName": "g"}))), json!({"displayName": "g"}));
}

#[test]
fn rfc7643_s7_write_only_attributes_are_kept_apart() {
    let extension = Schema::new("urn:example:ext", "Ext")
        .attribute(Attribute::string("pin").required().mutability(Mutability::WriteOnly))
        .attribute(Attribute::string("open"));
    let users = ResourceType::user().with_extension(extension, false);
    let body = json!({"userName": "b", "PASSWORD": "t1meMa$heen", "urn:example:ext": {"pin": "1234", "open": "o"}});
    let normalized = lenient(&users, body).unwrap();
    assert_eq!(
        Value::Object(normalized.write_only.clone()),
        json!({"password": "t1meMa$heen", "urn:example:ext": {"pin": "1234"}})
    );
    assert_eq!(attributes(Ok(normalized)), json!({"userName": "b", "urn:example:ext": {"open": "o"}}));
    assert_refused(
        lenient(&users, json!({"userName": "b"})),
        ScimType::InvalidValue,
        "urn:example:ext:pin is required",
    );
}

#[test]
fn rfc7644_s3_3_read_only_attributes_are_ignored_and_named() {
    let body = json!({"id": "x", "meta": {"resourceType": "User"}, "userName": "b", "groups": [{"value": "g"}],
        "Groups ": 1, ENTERPRISE_USER: {"manager": {"value": "m", "displayName": "John"}}});
    let mut normalized = lenient(&ResourceType::user(), body).unwrap();
    normalized.ignored.sort_unstable();
    assert_eq!(
        normalized.ignored,
        ["Groups ", "groups", "id", "meta", &format!("{ENTERPRISE_USER}:manager.displayName")]
    );
    assert!(normalized.unassigned.is_empty(), "what is ignored is not cleared");
    let expected = json!({"userName": "b", ENTERPRISE_USER: {"manager": {"value": "m"}}});
    assert_eq!(attributes(Ok(normalized)), expected);
    let body = json!({"id": 7, "meta": "x", "userName": "b", "groups": "x"});
    assert_eq!(attributes(strict(&ResourceType::user(), body)), json!({"userName": "b"}), "their values do not matter");
}

#[test]
fn rfc7644_s3_10_an_attribute_may_come_with_its_urn() {
    let body = json!({format!("{USER}:userName"): "b", format!("{ENTERPRISE_USER}:department"): "Tours",
        ENTERPRISE_USER: {"costCenter": "4130"}, USER: {"title": "Guide"}});
    let expected = json!({"userName": "b", "title": "Guide",
        ENTERPRISE_USER: {"department": "Tours", "costCenter": "4130"}});
    assert_eq!(attributes(lenient(&ResourceType::user(), body.clone())), expected);
    assert_eq!(attributes(strict(&ResourceType::user(), body)), expected);
}

#[test]
fn an_attribute_given_twice_is_refused() {
    let twice = [
        json!({"userName": "a", "USERNAME": "a"}),
        json!({"userName": "a", "title": null, "Title": "x"}),
        json!({"userName": "a", "Title": "x", "title": null}),
        json!({"userName": "a", "title": "x", format!("{USER}:title"): "y"}),
        json!({"userName": "a", USER: {"userName": "b"}}),
        json!({"userName": "a", "id": "1", "ID": "2"}),
        json!({"userName": "a", "groups": [], "Groups": []}),
        json!({"userName": "a", "schemas": [], "Schemas": []}),
        json!({"userName": "a", "password": "x", "Password": "y"}),
        json!({"userName": "a", "name": {"givenName": "x", "GivenName": "x"}}),
        json!({"userName": "a", "name": {"givenName": null, "GivenName": "x"}}),
        json!({"userName": "a", "emails": [{"value": "x", "Value": null}]}),
        json!({"userName": "a", ENTERPRISE_USER: {"department": "x", "Department": "y"}}),
        json!({"userName": "a", ENTERPRISE_USER: {"department": "x"}, format!("{ENTERPRISE_USER}:department"): null}),
        json!({"userName": "a", ENTERPRISE_USER: {"department": "x"}, ENTERPRISE_USER.to_uppercase(): {"department": "x"}}),
    ];
    for body in twice {
        assert_refused(lenient(&ResourceType::user(), body), ScimType::InvalidSyntax, "given twice");
    }
}

#[test]
fn an_extension_in_pieces_is_put_together() {
    let body = json!({"userName": "a", ENTERPRISE_USER: {"department": "x"},
        ENTERPRISE_USER.to_uppercase(): {"division": "y"}});
    let expected = json!({"userName": "a", ENTERPRISE_USER: {"department": "x", "division": "y"}});
    assert_eq!(attributes(lenient(&ResourceType::user(), body)), expected);
}

#[test]
fn rfc7643_s3_schemas_is_checked_under_the_strict_profile() {
    let normalize = |body: Value| ResourceType::user().normalize(body, &CompatProfile::STRICT, &Limits::default());
    let with = |schemas: Value| json!({"schemas": schemas, "userName": "b"});
    assert!(normalize(with(json!([USER]))).is_ok());
    assert!(
        normalize(with(json!([USER.to_uppercase(), ENTERPRISE_USER]))).is_ok(),
        "a declared extension may be absent"
    );
    for (schemas, part) in [
        (json!(null), "schemas is required"),
        (json!(USER), "schemas is required and must be a list"),
        (json!([USER, 1]), "schemas is required and must be a list"),
        (json!([]), "schemas must name urn:ietf:params:scim:schemas:core:2.0:User"),
        (json!([GROUP]), "schemas must name"),
        (json!([USER, GROUP]), "which is unknown"),
        (json!([USER, USER.to_lowercase()]), "twice"),
    ] {
        assert_refused(normalize(with(schemas)), ScimType::InvalidSyntax, part);
    }
    assert_refused(normalize(json!({"userName": "b"})), ScimType::InvalidSyntax, "schemas is required");
    for key in [ENTERPRISE_USER.to_owned(), format!("{ENTERPRISE_USER}:department")] {
        let body = json!({"schemas": [USER], "userName": "b", key: {}});
        assert_refused(normalize(body), ScimType::InvalidSyntax, "for the body has it");
    }
    for schemas in [json!(null), json!(7), json!(["urn:scim:schemas:core:1.0"]), json!([GROUP, GROUP])] {
        assert!(lenient(&ResourceType::user(), with(schemas.clone())).is_ok(), "{schemas}");
    }
}
