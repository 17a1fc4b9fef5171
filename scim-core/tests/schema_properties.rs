//! Normalisation of anything at all: it never panics, and what it has made canonical it leaves alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use scim_core::{
    Attribute, Attributes, CompatProfile, Limits, Mutability, Normalized, ResourceType, Schema, UnknownExtensions,
    User, ENTERPRISE_USER, USER,
};
use serde_json::{json, Map, Value};

const EXT: &str = "urn:example:ext:2.0:User";

static USERS: LazyLock<ResourceType> = LazyLock::new(|| {
    let extension = Schema::new(EXT, "Ext")
        .attribute(Attribute::integer("count"))
        .attribute(Attribute::decimal("weight").multi_valued())
        .attribute(Attribute::date_time("since").mutability(Mutability::Immutable))
        .attribute(Attribute::string("grade").canonical_values(["A", "B"]).strict_canonical_values())
        .attribute(Attribute::complex("pair", [Attribute::string("value"), Attribute::string("tags").multi_valued()]));
    ResourceType::user().with_extension(extension, false)
});

/// Profiles that read much and little.
fn profile() -> impl Strategy<Value = CompatProfile> {
    prop_oneof![
        Just(CompatProfile::LENIENT),
        Just(CompatProfile::STRICT),
        Just({
            let mut profile = CompatProfile::LENIENT;
            (profile.unknown_extensions, profile.empty_means_unassigned) = (UnknownExtensions::Keep, false);
            profile
        }),
        Just({
            let mut profile = CompatProfile::STRICT;
            (profile.any_schemas, profile.ignore_unknown_attributes) = (true, true);
            profile
        }),
    ]
}

fn name() -> impl Strategy<Value = String> {
    let known = [
        "id",
        "meta",
        "schemas",
        "externalId",
        "userName",
        "name",
        "givenName",
        "active",
        "emails",
        "value",
        "type",
        "primary",
        "display",
        "groups",
        "password",
        "profileUrl",
        "x509Certificates",
        "addresses",
        "formatted",
        "manager",
        "department",
        "$ref",
        "count",
        "weight",
        "since",
        "grade",
        "pair",
        "tags",
        ENTERPRISE_USER,
        EXT,
        USER,
        "urn:scim:schemas:extension:enterprise:1.0",
        "urn:example:unknown",
    ];
    let known = prop::sample::select(known.map(str::to_owned).to_vec());
    prop_oneof![
        6 => known.clone(),
        2 => known.clone().prop_map(|name| name.to_uppercase()),
        1 => (prop::sample::select(vec![ENTERPRISE_USER, EXT, USER]), known)
            .prop_map(|(urn, name)| format!("{urn}:{name}")),
        1 => ".{0,6}",
    ]
}

fn json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        4 => prop::sample::select(vec!["", " ", "a", "A", "true", "False", "work", "QUI=", "2011-05-13T04:42:34Z", "../Users/1"])
            .prop_map(str::to_owned),
        1 => ".{0,8}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((name(), inner), 0..6).prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

/// Something that has a chance to be a user: a name, and members that are often known.
fn body() -> impl Strategy<Value = Value> {
    (vec((name(), json()), 0..8), any::<bool>()).prop_map(|(members, declared)| {
        let mut body = Map::from_iter(members);
        body.insert("userName".to_owned(), json!("bjensen"));
        if declared {
            body.insert("schemas".to_owned(), json!([USER, ENTERPRISE_USER, EXT]));
        }
        Value::Object(body)
    })
}

/// A well-formed user, so that most of it is stored.
fn fitting_body() -> impl Strategy<Value = Value> {
    let text = || prop_oneof![Just(Value::Null), "[a-c]{0,2}".prop_map(Value::from)];
    let boolean = || prop_oneof![Just(json!("True")), Just(json!(false)), Just(Value::Null)];
    let email = (text(), text(), Just(json!(false)))
        .prop_map(|(value, kind, primary)| json!({"Value": value, "type": kind, "primary": primary}));
    let extension = (text(), text()).prop_map(|(department, manager)| {
        json!({"department": department, "manager": {"value": manager, "displayName": "ignored"}})
    });
    (text(), boolean(), vec(email, 0..12), extension, text()).prop_map(|(title, active, emails, enterprise, given)| {
        json!({"userName": "bjensen", "TITLE": title, "active": active, "emails": emails, ENTERPRISE_USER: enterprise,
            "name": {"givenName": given}, "password": "secret", EXT: {"weight": [1, 1, 1.5]}})
    })
}

fn normalize(profile: &CompatProfile, body: Value) -> Option<Normalized> {
    USERS.normalize(body, profile, &Limits::default()).ok()
}

fn as_body(attributes: &Attributes) -> Value {
    let mut body = serde_json::to_value(attributes).unwrap();
    body["schemas"] = json!([USER, ENTERPRISE_USER, EXT]);
    body
}

/// What canonical form promises: known names in the schema's spelling, nothing empty, nothing the server owns.
fn assert_canonical(attributes: &Attributes, profile: &CompatProfile) {
    fn nothing_empty(value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::Array(list) => !list.is_empty() && list.iter().all(nothing_empty),
            Value::Object(members) => !members.is_empty() && members.values().all(nothing_empty),
            _ => true,
        }
    }
    for (key, value) in attributes.as_map() {
        assert!(nothing_empty(value), "{key}: {value}");
        assert!(!["id", "meta", "schemas", "groups", "password"].contains(&key.as_str()), "{key}");
        let known = USERS.schema().attributes.get(key).is_some_and(|attribute| attribute.name == *key)
            || USERS.extension(key).is_some_and(|extension| extension.schema.id == *key)
            || key == "externalId";
        assert!(known || profile.unknown_extensions == UnknownExtensions::Keep, "{key}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn normalisation_takes_anything(body in json(), profile in profile()) {
        let _ = USERS.normalize(body.clone(), &profile, &Limits::default());
        let _ = Attributes::from_view(&USERS, &body);
        let _ = Schema::from_json(body.clone());
        let _ = ResourceType::from_json(body, &[]);
    }

    #[test]
    fn what_is_canonical_stays_as_it_is(body in prop_oneof![body(), fitting_body()], profile in profile()) {
        if let Some(first) = normalize(&profile, body) {
            assert_canonical(&first.attributes, &profile);
            let second = USERS.normalize(as_body(&first.attributes), &profile, &Limits::default()).unwrap();
            prop_assert_eq!(&second.attributes, &first.attributes);
            prop_assert!(second.ignored.is_empty(), "{:?}", second.ignored);
            prop_assert!(second.unassigned.is_empty(), "{:?}", second.unassigned);
            prop_assert!(second.write_only.is_empty());
        }
    }

    #[test]
    fn a_view_of_what_is_canonical_loses_nothing(body in prop_oneof![body(), fitting_body()], profile in profile()) {
        if let Some(normalized) = normalize(&profile, body) {
            let user = User::try_from(&normalized.attributes).unwrap();
            prop_assert_eq!(user.to_attributes(&USERS).unwrap(), normalized.attributes);
        }
    }

    #[test]
    fn a_fitting_body_is_stored(body in fitting_body()) {
        let normalized = normalize(&CompatProfile::LENIENT, body).unwrap();
        prop_assert_eq!(normalized.attributes.extension(EXT).unwrap().get("weight"), Some(&json!([1, 1.5])));
    }

    #[test]
    fn names_in_any_case_and_order_mean_the_same(body in fitting_body()) {
        let shouted = |members: &Map<String, Value>| {
            Value::Object(members.iter().rev().map(|(key, value)| (key.to_uppercase(), value.clone())).collect())
        };
        let first = normalize(&CompatProfile::LENIENT, body.clone()).unwrap();
        let second = normalize(&CompatProfile::LENIENT, shouted(body.as_object().unwrap())).unwrap();
        prop_assert_eq!(first.attributes, second.attributes);
        prop_assert_eq!(first.write_only, second.write_only);
    }
}
