//! The bounds of a PATCH, the texts of its errors, and extensions that are kept.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod patch_support;

use patch_support::{attributes, error_name, patch_op, with_changes};
use scim_core::{CompatProfile, Limits, PatchPlan, Patched, ResourceType, ScimError, ScimType, UnknownExtensions};
use serde_json::{json, Value};

fn user() -> Value {
    json!({"userName": "bjensen", "emails": [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "work"}]})
}

fn group() -> Value {
    json!({"displayName": "Guides", "members": [{"value": "a"}]})
}

fn patch_with(
    limits: &Limits,
    profile: &CompatProfile,
    resource_type: &ResourceType,
    document: &Value,
    operations: &Value,
) -> Result<Patched, ScimError> {
    PatchPlan::read(patch_op(operations), resource_type, profile, limits)?.apply(
        resource_type,
        &attributes(document),
        false,
    )
}

fn patch_user(limits: &Limits, operations: &Value) -> Result<Patched, ScimError> {
    patch_with(limits, &CompatProfile::LENIENT, &ResourceType::user(), &user(), operations)
}

fn patch_group(limits: &Limits, operations: &Value) -> Result<Patched, ScimError> {
    patch_with(limits, &CompatProfile::LENIENT, &ResourceType::group(), &group(), operations)
}

fn limits(change: impl Fn(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

fn refused(result: Result<Patched, ScimError>) -> String {
    error_name(&result.expect_err("beyond the limit"))
}

#[test]
fn as_many_operations_as_the_limit_says_and_no_more() {
    let three = limits(|limits| limits.patch_operations = 3);
    let operations = |count| Value::from(vec![json!({"op": "add", "path": "title", "value": "Guide"}); count]);
    assert!(patch_user(&three, &operations(3)).is_ok());
    assert_eq!(refused(patch_user(&three, &operations(4))), "413");
}

#[test]
fn a_path_is_no_longer_than_the_limit_says() {
    let short = limits(|limits| limits.path_bytes = 27);
    assert!(patch_user(&short, &json!([{"op": "remove", "path": "emails[value eq \"a@x\"].type"}])).is_ok());
    let long = json!([{"op": "remove", "path": "emails[value eq \"a@xy\"].type"}]);
    assert_eq!(refused(patch_user(&short, &long)), "invalidPath");
}

#[test]
fn the_filter_of_a_path_nests_no_deeper_than_the_limit_says() {
    let path = |levels| format!("emails[{}type pr{}]", "(".repeat(levels), ")".repeat(levels));
    let depth = Limits::default().path_filter_depth;
    assert!(patch_user(&Limits::default(), &json!([{"op": "remove", "path": path(depth)}])).is_ok());
    let deeper = json!([{"op": "remove", "path": path(depth + 1)}]);
    assert_eq!(refused(patch_user(&Limits::default(), &deeper)), "invalidPath");
}

#[test]
fn a_list_holds_no_more_values_than_the_limit_says_after_all_operations() {
    let three = limits(|limits| limits.values = 3);
    let add = |value| json!({"op": "add", "path": "emails", "value": [{"value": value}]});
    assert!(patch_user(&three, &json!([add("c@x"), add("C@X")])).is_ok());
    assert_eq!(refused(patch_user(&three, &json!([add("c@x"), add("d@x")]))), "invalidValue");
    let by_filter = json!([add("c@x"), {"op": "add", "path": "emails[type eq \"home\"].value", "value": "d@x"}]);
    assert_eq!(refused(patch_user(&three, &by_filter)), "invalidValue");
}

/// 4 MiB in ten values, which a path of 40 terms and 900 operations would go through 36,000 times.
#[test]
fn operations_go_through_no_more_of_long_lists_than_the_limit_says() {
    let values: Vec<Value> = (0..10).map(|n| json!({"value": format!("{n}{}", "a".repeat(40_000))})).collect();
    let long = attributes(&json!({"userName": "bjensen", "emails": values}));
    let path = |terms| {
        let terms: Vec<String> = (0..terms).map(|n| format!("value eq \"b{n}\"")).collect();
        format!("emails[{} or not (type pr)].display", terms.join(" or "))
    };
    let apply = |limits: &Limits, terms, count| {
        let operations = vec![json!({"op": "replace", "path": path(terms), "value": "x"}); count];
        let body = patch_op(&Value::from(operations));
        let plan = PatchPlan::read(body, &ResourceType::user(), &CompatProfile::LENIENT, limits).unwrap();
        plan.apply(&ResourceType::user(), &long, false)
    };
    let error = apply(&Limits::default(), 40, 900).unwrap_err();
    assert_eq!(error.scim_type(), Some(ScimType::TooMany));
    assert!(error.detail().contains("emails") && error.detail().contains("several requests"), "{}", error.detail());
    let ten = limits(|limits| limits.patch_effort = 10 * 2 * 401_000);
    assert!(apply(&ten, 1, 9).is_ok());
    assert_eq!(refused(apply(&ten, 1, 11)), "tooMany");
    assert_eq!(refused(apply(&ten, 20, 1)), "tooMany");
}

#[test]
fn a_text_is_no_longer_than_the_limit_says() {
    let short = limits(|limits| limits.string_bytes = 4);
    for (path, fits, too_long) in [
        ("title", json!("1234"), json!("12345")),
        ("emails[type eq \"work\"].display", json!("1234"), json!("12345")),
        ("name", json!({"givenName": "1234"}), json!({"givenName": "12345"})),
    ] {
        assert!(patch_user(&short, &json!([{"op": "replace", "path": path, "value": fits}])).is_ok(), "{path}");
        let result = patch_user(&short, &json!([{"op": "replace", "path": path, "value": too_long}]));
        assert_eq!(refused(result), "invalidValue", "{path}");
    }
}

#[test]
fn a_request_names_no_more_members_than_the_limit_says_in_all_operations_together() {
    let three = limits(|limits| limits.members_per_request = 3);
    let list = |ids: &[&str]| Value::from(ids.iter().map(|id| json!({"value": id})).collect::<Vec<_>>());
    let fits = json!([
        {"op": "add", "path": "members", "value": list(&["b", "c"])},
        {"op": "remove", "path": "members[value eq \"a\"]"},
    ]);
    assert!(patch_group(&three, &fits).is_ok());
    for operations in [
        json!([{"op": "add", "path": "members", "value": list(&["b", "c", "d", "e"])}]),
        json!([
            {"op": "replace", "path": "members", "value": list(&["b", "c"])},
            {"op": "remove", "path": "members", "value": list(&["d", "e"])},
        ]),
        json!([
            {"op": "add", "value": {"members": list(&["b", "c", "d"])}},
            {"op": "remove", "path": "members[value eq \"d\"]"},
        ]),
        json!([{"op": "remove", "path": "members[value eq \"1\" or value eq \"2\" or value eq \"3\" or value eq \"4\"]"}]),
    ] {
        assert_eq!(refused(patch_group(&three, &operations)), "413", "{operations}");
    }
}

#[test]
fn a_group_has_no_more_members_than_the_limit_says() {
    let two = limits(|limits| limits.members_per_group = 2);
    let add = |id| json!({"op": "add", "path": "members", "value": [{"value": id}]});
    assert!(patch_group(&two, &json!([add("b"), add("a")])).is_ok());
    assert_eq!(refused(patch_group(&two, &json!([add("b"), add("c")]))), "tooMany");
    let swapped = json!([add("b"), add("c"), {"op": "remove", "path": "members[value eq \"a\"]"}]);
    assert!(patch_group(&two, &swapped).is_ok());
}

/// A group is never emptied by a request that names whom to remove, whatever the list.
#[test]
fn a_removal_with_a_list_is_never_the_removal_of_all() {
    for value in
        [json!([]), json!([{}]), json!([null]), json!([{"value": null}]), json!({}), json!(""), json!([{"value": "z"}])]
    {
        let result = patch_group(&Limits::default(), &json!([{"op": "remove", "path": "members", "value": value}]));
        if let Ok(patched) = result {
            assert_eq!(json!(patched.attributes), group(), "{value}");
        }
    }
}

#[test]
fn errors_say_which_operation_and_which_attribute_and_where() {
    let message = |operations: Value| patch_user(&Limits::default(), &operations).unwrap_err().detail().to_owned();
    let fine = json!({"op": "replace", "path": "title", "value": "Guide"});
    assert_eq!(
        message(json!([fine, {"op": "replace", "path": "emails[type eq ]", "value": "x"}])),
        "Operation 2: The path is not valid: expected a string in double quotes, a number, true, false or null at column 16"
    );
    assert_eq!(message(json!([{"op": "remove", "path": "userName"}])), "userName is required and cannot be removed");
    assert_eq!(
        message(json!([fine, fine, {"op": "replace", "path": "emails[type ne \"work\"].value", "value": "x"}])),
        "Operation 3: No value of emails matches the filter in the path"
    );
    assert_eq!(
        message(json!([{"op": "replace", "path": "active", "value": "perhaps"}])),
        "active must be true or false"
    );
    assert_eq!(
        message(json!([{"op": "replace", "path": "emails.primary", "value": true}])),
        "The path selects several values of emails, and only one may be primary"
    );
    let long = "x".repeat(500);
    assert!(message(json!([{"op": long}])).len() < 160);
}

const STAFF: &str = "urn:example:params:scim:schemas:extension:staff:2.0:User";

fn kept(document: &Value, operations: &Value) -> Result<Value, ScimError> {
    let mut profile = CompatProfile::LENIENT;
    profile.unknown_extensions = UnknownExtensions::Keep;
    let patched = patch_with(&Limits::default(), &profile, &ResourceType::user(), document, operations)?;
    assert_eq!(patched.changed, json!(patched.attributes) != *document);
    Ok(json!(patched.attributes))
}

#[test]
fn an_unknown_extension_is_kept_where_the_profile_says_so() {
    let document = with_changes(&user(), &json!({STAFF: {"desk": 7, "tags": ["a"]}}));
    for (operation, expected) in [
        (
            json!({"op": "add", "value": {STAFF: {"room": {"floor": 2, "door": null}}}}),
            json!({"desk": 7, "tags": ["a"], "room": {"floor": 2}}),
        ),
        (json!({"op": "replace", "path": STAFF, "value": {"desk": 8, "tags": null}}), json!({"desk": 8})),
        (json!({"op": "replace", "path": format!("{STAFF}:desk"), "value": 9}), json!({"desk": 9, "tags": ["a"]})),
        (json!({"op": "replace", "path": format!("{STAFF}:desk"), "value": 7}), json!({"desk": 7, "tags": ["a"]})),
        (json!({"op": "remove", "path": format!("{STAFF}:desk")}), json!({"tags": ["a"]})),
        (json!({"op": "replace", "path": format!("{STAFF}:desk"), "value": null}), json!({"tags": ["a"]})),
        (json!({"op": "add", "path": STAFF.to_uppercase(), "value": {"desk": 8}}), json!({"desk": 8, "tags": ["a"]})),
        (json!({"op": "remove", "path": format!("{}:desk", STAFF.to_uppercase())}), json!({"tags": ["a"]})),
        (json!({"op": "remove", "path": STAFF}), Value::Null),
        (json!({"op": "remove", "path": STAFF.to_uppercase()}), Value::Null),
        (json!({"op": "replace", "path": STAFF, "value": {"desk": [], "tags": []}}), Value::Null),
    ] {
        let found = kept(&document, &json!([operation])).unwrap();
        assert_eq!(found, with_changes(&document, &json!({STAFF: expected})), "{operation}");
    }
}

/// What has no URN before its name is no extension, and the attributes of the schema are out of reach.
#[test]
fn keeping_unknown_extensions_never_touches_known_attributes() {
    for operation in [
        json!({"op": "replace", "path": "title:x", "value": "y"}),
        json!({"op": "replace", "path": "userName:x", "value": {"y": 1}}),
        json!({"op": "add", "value": {"emails:x": "y", "x": {"y": 1}}}),
        json!({"op": "remove", "path": "emails:value"}),
    ] {
        assert_eq!(kept(&user(), &json!([operation])).unwrap(), user(), "{operation}");
    }
}
