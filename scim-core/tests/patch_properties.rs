//! What holds for every PATCH, whatever it says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod patch_support;

use patch_support::{attributes, device, members_after, patch_op, read, with_changes};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use scim_core::{CompatProfile, Limits, MembersUpdate, ResourceType, ENTERPRISE_USER};
use serde_json::{json, Map, Value};

/// The same cases in every run.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 160,
        rng_seed: RngSeed::Fixed(7644),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Texts that mean something somewhere, so that operations meet.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("work"),
        Just("home"),
        Just("Work"),
        Just("a@x"),
        Just("b@x"),
        Just("True"),
        Just("false"),
        Just(""),
        Just("2011-05-13T04:42:34Z"),
        Just("k1"),
        Just("On"),
        Just("é\u{1F600}"),
    ]
    .prop_map(str::to_owned)
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        5 => text().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => (-3_i64..100).prop_map(Value::from),
        1 => Just(json!(0.5)),
        1 => Just(Value::Null),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "userName",
        "USERNAME",
        "active",
        "title",
        "nickName",
        "name",
        "givenName",
        "emails",
        "roles",
        "addresses",
        "value",
        "type",
        "primary",
        "display",
        "$ref",
        "manager",
        "department",
        "id",
        "meta",
        "groups",
        "schemas",
        "password",
        "shoeSize",
        "externalId",
        "x509Certificates",
        "serial",
        "label",
        "tags",
        "scores",
        "lock",
        "color",
        "keys",
        "doors",
        "made",
        "owners",
        "status",
        "notes",
        "pin",
        "secret",
        "code",
        "state",
        "level",
        "members",
        "displayName",
    ])
    .prop_map(str::to_owned)
}

fn urn() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        ENTERPRISE_USER,
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:example:params:scim:schemas:extension:warranty:2.0:Device",
        "urn:scim:schemas:extension:enterprise:1.0",
        "urn:example:unknown:2.0:User",
    ])
    .prop_map(str::to_owned)
}

fn filter() -> impl Strategy<Value = String> {
    let literal =
        prop_oneof![text().prop_map(|text| json!(text).to_string()), Just("true".to_owned()), Just("7".to_owned())];
    let operator = prop::sample::select(vec!["eq", "ne", "co", "sw", "gt"]);
    let term = prop_oneof![
        4 => (name(), operator, literal).prop_map(|(name, operator, literal)| format!("{name} {operator} {literal}")),
        1 => name().prop_map(|name| format!("{name} pr")),
    ];
    prop::collection::vec(term, 1..3).prop_map(|terms| terms.join(" and "))
}

fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => name(),
        2 => (name(), name()).prop_map(|(name, sub)| format!("{name}.{sub}")),
        2 => (urn(), name()).prop_map(|(urn, name)| format!("{urn}:{name}")),
        1 => urn(),
        3 => (name(), filter()).prop_map(|(name, filter)| format!("{name}[{filter}]")),
        3 => (name(), filter(), name()).prop_map(|(name, filter, sub)| format!("{name}[{filter}].{sub}")),
        1 => "\\PC{0,20}",
        1 => r#"[a-z.:\[\]" ()]{0,20}"#,
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop_oneof![3 => name(), 1 => path()], inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let op = prop::sample::select(vec!["add", "remove", "replace", "Add", "move"]);
    (op, prop::option::weighted(0.8, path()), prop::option::weighted(0.85, value())).prop_map(|(op, path, value)| {
        let mut operation = Map::from_iter([("op".to_owned(), json!(op))]);
        operation.extend(path.map(|path| ("path".to_owned(), Value::from(path))));
        operation.extend(value.map(|value| ("value".to_owned(), value)));
        Value::Object(operation)
    })
}

fn profile() -> impl Strategy<Value = CompatProfile> {
    prop::sample::select(vec![CompatProfile::LENIENT, CompatProfile::STRICT])
}

/// Paths of a resource type by the kind of value that they take.
struct Paths {
    texts: &'static [&'static str],
    booleans: &'static [&'static str],
    objects: &'static [&'static str],
    lists_of_elements: &'static [&'static str],
    lists_of_texts: &'static [&'static str],
}

const USER_PATHS: Paths = Paths {
    texts: &[
        "title",
        "userName",
        "name.givenName",
        "emails{}.value",
        "emails{}.display",
        "emails.type",
        "manager",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        "manager.value",
        "profileUrl",
    ],
    booleans: &["active", "emails{}.primary", "roles{}.primary", "emails.primary"],
    objects: &["name", "emails{}", "roles{}", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", ""],
    lists_of_elements: &["emails", "roles", "phoneNumbers"],
    lists_of_texts: &["emails", "roles"],
};

const DEVICE_PATHS: Paths = Paths {
    texts: &[
        "label",
        "serial",
        "lock.color",
        "lock.serial",
        "keys{}.value",
        "keys{}.made",
        "status.text",
        "state",
        "pin",
        "urn:example:params:scim:schemas:extension:warranty:2.0:Device:number",
        "tags{}",
    ],
    booleans: &["keys{}.primary", "keys.primary"],
    objects: &[
        "lock",
        "status",
        "keys{}",
        "secret",
        "urn:example:params:scim:schemas:extension:warranty:2.0:Device",
        "",
    ],
    lists_of_elements: &["keys"],
    lists_of_texts: &["tags", "keys{}.doors", "status.notes", "owners", "codes"],
};

const GROUP_PATHS: Paths = Paths {
    texts: &["displayName", "externalId", "members{}.display", "members{}.value"],
    booleans: &[],
    objects: &["members{}", ""],
    lists_of_elements: &["members"],
    lists_of_texts: &["members"],
};

/// An operation that may well be accepted.
fn plausible(paths: &Paths) -> impl Strategy<Value = Value> {
    let element = || {
        let sub =
            prop::sample::select(vec!["value", "type", "display", "primary", "givenName", "color", "text", "title"]);
        let value = prop_oneof![4 => text().prop_map(Value::from), 1 => Just(Value::Null), 1 => any::<bool>().prop_map(Value::from)];
        (text(), prop::collection::vec((sub, value), 0..3)).prop_map(|(value, others)| {
            let mut element = Map::from_iter([("value".to_owned(), json!(value))]);
            element.extend(others.into_iter().map(|(name, value)| (name.to_owned(), value)));
            Value::Object(element)
        })
    };
    let kinds: Vec<(&'static [&'static str], BoxedStrategy<Value>)> = vec![
        (paths.texts, text().prop_map(Value::from).boxed()),
        (paths.booleans, any::<bool>().prop_map(Value::from).boxed()),
        (paths.objects, element().boxed()),
        (paths.lists_of_elements, prop::collection::vec(element(), 0..3).prop_map(Value::from).boxed()),
        (paths.lists_of_texts, prop::collection::vec(text(), 0..3).prop_map(Value::from).boxed()),
    ];
    let kinds = kinds.into_iter().filter(|(paths, _)| !paths.is_empty());
    let targets: Vec<_> = kinds.map(|(paths, values)| (prop::sample::select(paths), values).boxed()).collect();
    let filter = prop::sample::select(vec![
        r#"[type eq "work"]"#,
        r#"[type eq "home"]"#,
        r#"[value eq "k1"]"#,
        "[primary eq true]",
        "[value pr]",
        r#"[value eq "a@x"]"#,
        r#"[not (value eq "k1") and type pr]"#,
    ]);
    let op = prop::sample::select(vec!["add", "replace", "replace", "remove"]);
    (op, prop::strategy::Union::new(targets), filter).prop_map(|(op, (path, value), filter)| {
        let path = path.replace("{}", filter);
        let path = if path.is_empty() { Value::Null } else { json!(path) };
        if op == "remove" {
            json!({"op": op, "path": path})
        } else if path.is_null() {
            json!({"op": op, "value": value})
        } else {
            json!({"op": op, "path": path, "value": value})
        }
    })
}

fn user() -> Value {
    json!({
        "userName": "bjensen",
        "active": true,
        "name": {"givenName": "Barbara"},
        "emails": [{"value": "a@x", "type": "work", "primary": true}, {"value": "b@x", "type": "home"}],
        "roles": [{"value": "k1"}],
        ENTERPRISE_USER: {"department": "Tours", "manager": {"value": "k1"}}
    })
}

fn device_document() -> Value {
    json!({
        "serial": "k1",
        "tags": ["work", "home"],
        "scores": [1, 7],
        "owners": ["k1"],
        "lock": {"serial": "k1", "color": "red"},
        "keys": [{"value": "k1", "type": "work", "doors": ["home"], "primary": true}, {"value": "k2", "made": "home"}],
        "urn:example:params:scim:schemas:extension:place:2.0:Device": {"room": "1"},
        "urn:example:params:scim:schemas:extension:warranty:2.0:Device": {"until": "2011-05-13T04:42:34Z"}
    })
}

/// A resource type, a document of it, and operations.
fn subject() -> impl Strategy<Value = (ResourceType, Value, Vec<Value>)> {
    let group = json!({"displayName": "Guides", "members": [{"value": "k1", "type": "User"}, {"value": "a@x"}]});
    let subjects = [
        (ResourceType::user(), user(), USER_PATHS),
        (device(), device_document(), DEVICE_PATHS),
        (ResourceType::group(), group, GROUP_PATHS),
    ];
    prop::strategy::Union::new(subjects.map(|(resource_type, document, paths)| {
        let operation = prop_oneof![4 => plausible(&paths), 1 => operation()];
        let operations = prop::collection::vec(operation, 1..10);
        operations.prop_map(move |operations| (resource_type.clone(), document.clone(), operations)).boxed()
    }))
}

/// The document as normalisation makes it; a document in canonical form is its own.
fn canonical(resource_type: &ResourceType, document: &Value) -> Value {
    let mut profile = CompatProfile::STRICT;
    profile.any_schemas = true;
    profile.any_references = true;
    let normalized = resource_type.normalize(document.clone(), &profile, &Limits::default());
    json!(normalized.unwrap_or_else(|error| panic!("{error}: {document}")).attributes)
}

/// Applies the operations that are accepted, one by one, and returns them with the document they make.
fn one_by_one(
    resource_type: &ResourceType,
    document: &Value,
    operations: Vec<Value>,
    profile: &CompatProfile,
) -> Result<(Vec<Value>, Value), TestCaseError> {
    let mut current = attributes(document);
    let mut accepted = Vec::new();
    for operation in operations {
        let before = json!(current);
        let plan = read(patch_op(&json!([operation])), resource_type, profile);
        let patched = plan.and_then(|plan| plan.apply(resource_type, &current, false));
        prop_assert_eq!(&json!(current), &before);
        let Ok(patched) = patched else { continue };
        let after = json!(patched.attributes);
        prop_assert_eq!(patched.changed, after != before, "{}", operation);
        prop_assert_eq!(&canonical(resource_type, &after), &after, "{}", operation);
        accepted.push(operation);
        current = patched.attributes;
    }
    Ok((accepted, json!(current)))
}

/// With the ids of the members alone, without order: what else is said of one that goes and comes again is advisory.
fn members_as_ids(document: &Value) -> Value {
    with_changes(document, &json!({"members": members_after(document, &MembersUpdate::Keep)}))
}

proptest! {
    #![proptest_config(config())]

    /// All or nothing: an error leaves the document alone, and a success makes a document that is valid and canonical,
    /// the one that its operations make one after the other.
    #[test]
    fn rfc7644_s3_5_2_any_request_is_refused_or_makes_a_canonical_document(
        (resource_type, document, operations) in subject(),
        profile in profile(),
    ) {
        let original = attributes(&document);
        if let Ok(plan) = read(patch_op(&json!(operations)), &resource_type, &profile) {
            if let Ok(patched) = plan.apply(&resource_type, &original, false) {
                let result = json!(patched.attributes);
                prop_assert_eq!(&canonical(&resource_type, &result), &result);
                prop_assert_eq!(patched.changed, result != document);
            }
        }
        let (accepted, wanted) = one_by_one(&resource_type, &document, operations, &profile)?;
        if !accepted.is_empty() {
            let plan = read(patch_op(&json!(accepted)), &resource_type, &profile).unwrap();
            let found = plan.apply(&resource_type, &original, false).unwrap();
            prop_assert_eq!(members_as_ids(&json!(found.attributes)), members_as_ids(&wanted));
        }
        prop_assert_eq!(json!(original), document);
    }

    /// Whatever is no PatchOp, nothing panics.
    #[test]
    fn any_json_is_read_or_refused(body in value(), wrapped in any::<bool>(), profile in profile()) {
        let body = if wrapped { patch_op(&body) } else { body };
        let _ = read(body, &ResourceType::user(), &profile);
    }

    #[test]
    fn any_text_is_a_path_or_refused(path in ".*", op in prop::sample::select(vec!["add", "remove", "replace"])) {
        let body = patch_op(&json!([{"op": op, "path": path, "value": "a@x"}]));
        if let Ok(plan) = read(body, &ResourceType::user(), &CompatProfile::LENIENT) {
            let _ = plan.apply(&ResourceType::user(), &attributes(&user()), false);
        }
    }
}

/// Operations on a path that leads to the same after they have been applied.
fn stable_operation(op: &'static str) -> impl Strategy<Value = Value> {
    let element = (text(), prop::option::of(text()), prop::option::of(any::<bool>()))
        .prop_map(|(value, display, primary)| {
            let mut element = Map::from_iter([("value".to_owned(), json!(value)), ("type".to_owned(), json!("work"))]);
            element.extend(display.map(|display| ("display".to_owned(), json!(display))));
            element.extend(primary.map(|primary| ("primary".to_owned(), json!(primary))));
            Value::Object(element)
        })
        .boxed();
    let list = prop::collection::vec(element.clone(), 0..3).prop_map(Value::from).boxed();
    let name = (text(), scalar()).prop_map(|(given, middle)| json!({"givenName": given, "middleName": middle}));
    prop_oneof![
        scalar().prop_map(|value| (json!("title"), value)),
        any::<bool>().prop_map(|value| (json!("active"), json!(value))),
        name.prop_map(|value| (json!("name"), value)),
        list.clone().prop_map(|value| (json!("emails"), value)),
        element.prop_map(|value| (json!("emails[type eq \"work\"]"), value)),
        text().prop_map(|value| (json!("emails[type eq \"home\"].value"), json!(value))),
        any::<bool>().prop_map(|value| (json!("emails[type eq \"home\"].primary"), json!(value))),
        text().prop_map(|value| (json!(format!("{ENTERPRISE_USER}:manager")), json!(value))),
        (list, scalar()).prop_map(|(emails, title)| (Value::Null, json!({"emails": emails, "title": title}))),
    ]
    .prop_map(move |(path, value)| json!({"op": op, "path": path, "value": value}))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn rfc7644_s3_5_2_3_replace_twice_is_replace_once(operation in stable_operation("replace")) {
        twice_is_once(&operation)?;
    }

    #[test]
    fn rfc7644_s3_5_2_1_add_twice_is_add_once(operation in stable_operation("add")) {
        twice_is_once(&operation)?;
    }

    #[test]
    fn rfc7644_s3_5_2_2_remove_twice_is_remove_once(path in path()) {
        twice_is_once(&json!({"op": "remove", "path": path}))?;
    }
}

fn twice_is_once(operation: &Value) -> Result<(), TestCaseError> {
    let users = ResourceType::user();
    let Ok(plan) = read(patch_op(&json!([operation])), &users, &CompatProfile::LENIENT) else { return Ok(()) };
    let Ok(once) = plan.apply(&users, &attributes(&user()), false) else { return Ok(()) };
    let twice = plan.apply(&users, &once.attributes, false).unwrap();
    prop_assert_eq!(json!(twice.attributes), json!(once.attributes));
    prop_assert!(!twice.changed);
    Ok(())
}

/// Operations on members that name them by their `value` alone.
fn members_operation() -> impl Strategy<Value = Value> {
    let id = || prop::sample::select(vec!["a", "b", "c", "d", "e"]);
    let list = prop::collection::vec(id().prop_map(|id| json!({"value": id})), 0..4).boxed();
    prop_oneof![
        (prop::sample::select(vec!["add", "remove", "replace"]), list.clone())
            .prop_map(|(op, list)| json!({"op": op, "path": "members", "value": list})),
        (prop::sample::select(vec!["add", "replace"]), list)
            .prop_map(|(op, list)| json!({"op": op, "value": {"members": list}})),
        prop::collection::vec(id(), 1..3).prop_map(|ids| {
            let terms: Vec<_> = ids.iter().map(|id| format!("value eq \"{id}\"")).collect();
            json!({"op": "remove", "path": format!("members[{}]", terms.join(" or "))})
        }),
        id().prop_map(|id| json!({"op": "add", "path": format!("members[value eq \"{id}\"]")})),
        Just(json!({"op": "remove", "path": "members"})),
    ]
}

proptest! {
    #![proptest_config(config())]

    /// Operations composed into one change of the relation come to the same members as one after the other.
    #[test]
    fn members_composed_are_members_one_by_one(
        present in prop::collection::btree_set(prop::sample::select(vec!["a", "b", "c", "z"]), 0..4),
        operations in prop::collection::vec(members_operation(), 0..8),
    ) {
        let groups = ResourceType::group();
        let present: Vec<_> = present.iter().map(|id| json!({"value": id})).collect();
        let name = json!({"displayName": "Guides"});
        let document = if present.is_empty() { name.clone() } else { with_changes(&name, &json!({"members": present})) };
        let lenient = CompatProfile::LENIENT;

        let mut one_by_one = attributes(&document);
        for operation in &operations {
            let plan = read(patch_op(&json!([operation])), &groups, &lenient).unwrap();
            one_by_one = plan.apply(&groups, &one_by_one, false).unwrap().attributes;
        }
        let wanted = members_after(&json!(one_by_one), &MembersUpdate::Keep);

        let plan = read(patch_op(&json!(operations)), &groups, &lenient).unwrap();
        prop_assert!(!plan.needs_members());
        let whole = plan.apply(&groups, &attributes(&document), false).unwrap();
        prop_assert_eq!(&members_after(&json!(whole.attributes), &MembersUpdate::Keep), &wanted);
        prop_assert_eq!(whole.members, MembersUpdate::Keep);
        let detached = plan.apply(&groups, &attributes(&name), true).unwrap();
        prop_assert_eq!(&members_after(&document, &detached.members), &wanted);
        prop_assert!(!detached.changed);
        if let MembersUpdate::Delta { add, remove } = &detached.members {
            prop_assert!(add.iter().all(|member| !remove.contains(&member.value)));
        }
    }
}
