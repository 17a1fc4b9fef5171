//! Ids and values in the bodies of POST, PUT and PATCH.

use serde_json::{json, Value};

use super::ask::Ask;
use super::place::Place;
use super::values::Values;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A list of members with somebody's values, and with the asker's own.
type MembersOf = fn(&Values, &Values) -> Value;

/// The operations of a PATCH with somebody's values.
type OperationsWith = fn(&Values) -> Value;

pub(super) fn places() -> Vec<Place> {
    let mut places = users();
    places.extend(members());
    places.extend(patched_members());
    places.extend(patched_users());
    places
}

fn users() -> Vec<Place> {
    let user = |values: &Values| {
        json!({"userName": values.user_name, "externalId": values.user_external_id,
            "emails": [{"value": values.email, "type": "work"}]})
    };
    let places = vec![
        Place::new("POST of a user with the values of another", move |values, _| {
            let filter = format!("userName eq \"{}\"", values.user_name);
            vec![Ask::post("/Users", &user(values)), Ask::query("/Users", &[("filter", &filter)])]
        }),
        Place::new("PUT of a user with the values of another", move |values, own| {
            vec![
                Ask::new("PUT", format!("/Users/{}", own.manager)).body(&user(values)),
                Ask::get(format!("/Users/{}", own.manager)),
            ]
        }),
        Place::new("POST of what the server alone says, with the values of another", |values, _| {
            vec![
                Ask::post(
                    "/Users",
                    &json!({"userName": "new.name", "id": values.user, "groups": [{"value": values.group}],
                    "meta": {"version": values.user_version, "location": values.user}}),
                ),
                Ask::post("/Groups", &json!({"displayName": "new.team", "id": values.group})),
            ]
        })
        .blind(),
        Place::new("POST of groups with the values of another", |values, _| {
            let group = json!({"displayName": values.display_name, "externalId": values.group_external_id});
            let filter = format!("displayName eq \"{}\"", values.display_name);
            vec![Ask::post("/Groups", &group), Ask::query("/Groups", &[("filter", &filter)])]
        }),
        Place::new("POST of a user with the manager of another", |values, _| {
            let filter = format!("manager.value eq \"{}\"", values.manager);
            vec![
                Ask::post(
                    "/Users",
                    &json!({"userName": "new.name", ENTERPRISE: {"manager": {"value": values.manager}}}),
                ),
                Ask::query("/Users", &[("filter", &filter)]),
            ]
        }),
    ];
    places.into_iter().map(Place::everywhere).collect()
}

fn members() -> Vec<Place> {
    let lists: [(&str, MembersOf); 6] = [
        ("a user", |values, _| json!([{"value": values.user}])),
        ("a user of a type", |values, _| json!([{"value": values.user, "type": "User"}])),
        ("a group", |values, _| json!([{"value": values.group, "type": "Group"}])),
        ("a user under a false flag", |values, _| json!([{"value": values.user, "type": "Group"}])),
        (
            "a user by $ref",
            |values, _| json!([{"value": values.user, "$ref": format!("https://example.com/scim/v2/Users/{}", values.user)}]),
        ),
        (
            "a user among others",
            |values, own| json!([{"value": own.user}, {"value": values.user}, {"value": own.manager}]),
        ),
    ];
    let mut places = Vec::new();
    for (name, list) in lists {
        let asks = move |values: &Values, own: &Values| {
            let (path, members) = (format!("/Groups/{}", own.group), list(values, own));
            let named = json!({"displayName": own.display_name, "members": members});
            vec![
                Ask::post("/Groups", &json!({"displayName": "new.team", "members": members})),
                Ask::patch(path.as_str(), &json!([{"op": "add", "path": "members", "value": members}])),
                Ask::patch(path.as_str(), &json!([{"op": "add", "value": {"members": members}}])),
                Ask::get(path.as_str()),
                Ask::new("PUT", path.as_str()).body(&named),
                Ask::patch(path.as_str(), &json!([{"op": "replace", "path": "members", "value": members}])),
                Ask::get(path.as_str()),
                Ask::get(format!("/Users/{}", own.user)),
            ]
        };
        places.push(Place::new(format!("members: {name}"), asks).everywhere());
    }
    places
}

fn patched_members() -> Vec<Place> {
    let operations: [(&str, OperationsWith); 7] = [
        ("remove by a value path", |v| json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", v.user)}])),
        ("remove by a list", |v| json!([{"op": "remove", "path": "members", "value": [{"value": v.user}]}])),
        (
            "replace a display",
            |v| json!([{"op": "replace", "path": format!("members[value eq \"{}\"].display", v.user), "value": "x"}]),
        ),
        (
            "replace the value",
            |v| json!([{"op": "replace", "path": format!("members[value eq \"{}\"].value", v.user), "value": v.manager}]),
        ),
        (
            "add to a value path",
            |v| json!([{"op": "add", "path": format!("members[value eq \"{}\"]", v.user), "value": {"display": "x"}}]),
        ),
        ("remove all but one", |v| json!([{"op": "remove", "path": format!("members[value ne \"{}\"]", v.user)}])),
        ("remove a group", |v| json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", v.group)}])),
    ];
    let mut places = Vec::new();
    for (name, operations) in operations {
        let asks = move |values: &Values, own: &Values| {
            let path = format!("/Groups/{}", own.group);
            vec![Ask::patch(path.as_str(), &operations(values)), Ask::get(path)]
        };
        let place = Place::new(format!("PATCH of members: {name}"), asks).everywhere();
        places.push(if ["remove a group", "replace the value"].contains(&name) { place.blind() } else { place });
    }
    places
}

fn patched_users() -> Vec<Place> {
    let operations: [(&str, bool, OperationsWith); 8] = [
        ("userName", false, |v| json!([{"op": "replace", "path": "userName", "value": v.user_name}])),
        ("externalId", false, |v| json!([{"op": "replace", "value": {"externalId": v.user_external_id}}])),
        (
            "manager",
            true,
            |v| json!([{"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": {"value": v.manager}}]),
        ),
        (
            "manager by its value",
            true,
            |v| json!([{"op": "replace", "path": format!("{ENTERPRISE}:manager.value"), "value": v.user}]),
        ),
        (
            "an e-mail address",
            false,
            |v| json!([{"op": "replace", "path": format!("emails[value eq \"{}\"].display", v.email), "value": "x"}]),
        ),
        ("groups", true, |v| json!([{"op": "add", "path": "groups", "value": [{"value": v.group}]}])),
        ("a group", true, |v| json!([{"op": "remove", "path": format!("groups[value eq \"{}\"]", v.group)}])),
        ("id", false, |v| json!([{"op": "replace", "path": "id", "value": v.user}])),
    ];
    let mut places = Vec::new();
    for (name, is_blind, operations) in operations {
        let asks = move |values: &Values, own: &Values| {
            let filter = format!("manager.value eq \"{}\" or manager.value eq \"{}\"", values.manager, values.user);
            vec![
                Ask::patch(format!("/Users/{}", own.user), &operations(values)),
                Ask::patch(format!("/Users/{}", own.manager), &operations(values)),
                Ask::get(format!("/Users/{}", own.user)),
                Ask::query("/Users", &[("filter", &filter)]),
            ]
        };
        let mut place = Place::new(format!("PATCH of a user: {name}"), asks);
        place.is_blind = is_blind;
        places.push(place);
    }
    places
}
