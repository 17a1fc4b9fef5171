//! What clients send against the RFC, as far as it is about values: each with its switch on and off.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use scim_core::{CompatProfile, Limits, ResourceType, ENTERPRISE_USER};
use serde_json::{json, Value};

/// A quirk as a client sends it, what is stored under a profile that reads it, and the switch.
struct Quirk {
    name: &'static str,
    body: Value,
    stored: Value,
    switch: fn(&mut CompatProfile) -> &mut bool,
}

fn quirks() -> Vec<Quirk> {
    let quirk = |name, body, stored, switch| Quirk { name, body, stored, switch };
    vec![
        quirk("text boolean", json!({"active": "False"}), json!({"active": false}), |p| &mut p.text_booleans),
        quirk(
            "text boolean in a list",
            json!({"roles": [{"value": "r", "primary": "True"}]}),
            json!({"roles": [{"value": "r", "primary": true}]}),
            |p| &mut p.text_booleans,
        ),
        quirk("a number for a text", json!({"externalId": 701984}), json!({"externalId": "701984"}), |p| {
            &mut p.number_for_text
        }),
        quirk(
            "an object for a text",
            json!({"nickName": {"$ref": null, "value": "Babs"}}),
            json!({"nickName": "Babs"}),
            |p| &mut p.object_for_simple,
        ),
        quirk(
            "manager as text",
            json!({ENTERPRISE_USER: {"manager": "m"}}),
            json!({ENTERPRISE_USER: {"manager": {"value": "m"}}}),
            |p| &mut p.text_for_complex,
        ),
        quirk(
            "a bare string in a list",
            json!({"emails": ["b@example.com"]}),
            json!({"emails": [{"value": "b@example.com"}]}),
            |p| &mut p.text_for_complex,
        ),
        quirk(
            "manager in a list",
            json!({ENTERPRISE_USER: {"manager": [{"value": "m"}]}}),
            json!({ENTERPRISE_USER: {"manager": {"value": "m"}}}),
            |p| &mut p.list_of_one,
        ),
        quirk("text in a list", json!({"title": ["Guide"]}), json!({"title": "Guide"}), |p| &mut p.list_of_one),
        quirk(
            "one e-mail without its list",
            json!({"emails": {"value": "b@example.com"}}),
            json!({"emails": [{"value": "b@example.com"}]}),
            |p| &mut p.single_for_list,
        ),
        quirk("empty text", json!({"nickName": "", "emails": "", "name": {"middleName": ""}}), json!({}), |p| {
            &mut p.empty_means_unassigned
        }),
        quirk("empty text for a boolean", json!({"active": ""}), json!({}), |p| &mut p.empty_means_unassigned),
        quirk("empty manager", json!({ENTERPRISE_USER: {"manager": ""}}), json!({}), |p| &mut p.empty_means_unassigned),
        quirk("empty extension", json!({ENTERPRISE_USER: ""}), json!({}), |p| &mut p.empty_means_unassigned),
        quirk("empty list for a single value", json!({"title": []}), json!({}), |p| &mut p.empty_means_unassigned),
        quirk(
            "enterprise 1.0",
            json!({"urn:scim:schemas:extension:enterprise:1.0": {"department": "d"}}),
            json!({ENTERPRISE_USER: {"department": "d"}}),
            |p| &mut p.legacy_enterprise_urns,
        ),
        quirk(
            "an attribute of enterprise 2.0",
            json!({"URN:scim:schemas:extension:enterprise:2.0:department": "d"}),
            json!({ENTERPRISE_USER: {"department": "d"}}),
            |p| &mut p.legacy_enterprise_urns,
        ),
        quirk(
            "a reference that is none",
            json!({"profileUrl": "not available"}),
            json!({"profileUrl": "not available"}),
            |p| &mut p.any_references,
        ),
        quirk("unknown attributes", json!({"user_name": "x"}), json!({}), |p| &mut p.ignore_unknown_attributes),
    ]
}

fn store(profile: &CompatProfile, mut body: Value) -> Option<Value> {
    body["userName"] = json!("bjensen");
    let normalized = ResourceType::user().normalize(body, profile, &Limits::default()).ok()?;
    let mut stored = serde_json::to_value(normalized.attributes).unwrap();
    stored.as_object_mut().unwrap().remove("userName");
    Some(stored)
}

#[test]
fn what_clients_send_against_the_rfc_is_read_as_what_they_mean() {
    for quirk in quirks() {
        assert_eq!(store(&CompatProfile::LENIENT, quirk.body), Some(quirk.stored), "{}", quirk.name);
    }
}

#[test]
fn every_switch_turns_its_quirk_off_by_itself() {
    for quirk in quirks() {
        let mut profile = CompatProfile::LENIENT;
        *(quirk.switch)(&mut profile) = false;
        assert_ne!(store(&profile, quirk.body), Some(quirk.stored), "{}", quirk.name);
    }
}

#[test]
fn every_switch_turns_its_quirk_on_by_itself() {
    for quirk in quirks() {
        let mut profile = CompatProfile::STRICT;
        (profile.any_schemas, *(quirk.switch)(&mut profile)) = (true, true);
        assert_eq!(store(&profile, quirk.body), Some(quirk.stored), "{}", quirk.name);
    }
}

#[test]
fn a_blank_is_a_value_and_an_address_without_one_too() {
    let body = json!({"name": {"givenName": " "}, "addresses": [{"type": "work"}]});
    assert_eq!(store(&CompatProfile::LENIENT, body.clone()), Some(body));
}

#[test]
fn a_json_text_is_kept_verbatim() {
    let body = json!({"roles": [{"value": "{\"id\":\"1\",\"displayName\":\"Admin\"}"}]});
    assert_eq!(store(&CompatProfile::LENIENT, body.clone()), Some(body));
}

#[test]
fn a_template_of_another_age_is_read() {
    let body = json!({
        "schemas": ["urn:scim:schemas:core:1.0", "urn:scim:schemas:extension:enterprise:1.0"],
        "id": null,
        "emails": {"value": "b@example.com", "type": "work", "primary": "true"},
        "urn:scim:schemas:extension:enterprise:1.0": {"manager": {"managerId": "1", "displayName": " "}, "department": ""},
        "displayName": " ",
        "city": "Bonn",
        "active": "TRUE"
    });
    let expected = json!({
        "emails": [{"value": "b@example.com", "type": "work", "primary": true}],
        "displayName": " ",
        "active": true
    });
    assert_eq!(store(&CompatProfile::LENIENT, body), Some(expected));
}

#[test]
fn members_are_read_in_every_shape() {
    let normalize = |members: Value| {
        let body = json!({"displayName": "g", "members": members});
        let normalized = ResourceType::group().normalize(body, &CompatProfile::LENIENT, &Limits::default()).unwrap();
        normalized.attributes.get("members").cloned()
    };
    assert_eq!(normalize(json!([{"$ref": null, "value": "1"}])), Some(json!([{"value": "1"}])));
    assert_eq!(
        normalize(json!(["1", {"value": "2", "display": "B"}])),
        Some(json!([{"value": "1"}, {"value": "2", "display": "B"}]))
    );
    assert_eq!(normalize(json!("1")), Some(json!([{"value": "1"}])));
    assert_eq!(normalize(json!([{"$ref": "Users/1", "value": "1"}])), Some(json!([{"$ref": "Users/1", "value": "1"}])));
    assert_eq!(normalize(json!([])), None);
}
