//! Ids and values in Bulk requests (RFC 7644 s3.7).

use serde_json::{json, Value};

use super::ask::{patch_body, Ask};
use super::place::Place;
use super::values::Values;

pub(super) fn places() -> Vec<Place> {
    let title = || patch_body(&json!([{"op": "replace", "path": "title", "value": "changed"}]));
    vec![
        place("ids in paths", move |values, own| {
            json!([
                {"method": "PATCH", "path": format!("/Users/{}", values.user), "data": title()},
                {"method": "PUT", "path": format!("/Users/{}", values.user), "data": {"userName": "new.name"}},
                {"method": "DELETE", "path": format!("/Users/{}", values.user)},
                {"method": "DELETE", "path": format!("/Groups/{}", values.group)},
                {"method": "PATCH", "path": format!("/Users/{}", own.manager), "data": title()},
            ])
        }),
        place("versions with ids", move |values, _| {
            json!([
                {"method": "PATCH", "path": format!("/Users/{}", values.user), "version": values.user_version,
                    "data": title()},
                {"method": "DELETE", "path": format!("/Groups/{}", values.group), "version": values.group_version},
            ])
        }),
        place("versions of another", move |values, own| {
            json!([
                {"method": "PATCH", "path": format!("/Users/{}", own.user),
                    "version": format!("W/\"{}\"", values.user_version), "data": title()},
                {"method": "DELETE", "path": format!("/Groups/{}", own.group),
                    "version": format!("W/\"{}\"", values.group_version)},
            ])
        }),
        place("members, and a new user beside them", |values, own| {
            json!([
                {"method": "POST", "path": "/Users", "bulkId": "new", "data": {"userName": "new.name"}},
                {"method": "POST", "path": "/Groups", "bulkId": "team", "data": {"displayName": "new.team",
                    "members": [{"value": "bulkId:new"}, {"value": values.user}]}},
                {"method": "PATCH", "path": format!("/Groups/{}", own.group), "data": patch_body(&json!([
                    {"op": "add", "path": "members", "value": [{"value": "bulkId:new"}, {"value": values.manager}]},
                    {"op": "remove", "path": format!("members[value eq \"{}\"]", values.user)}]))},
            ])
        }),
        place("references to ids as if they were of the request", |values, _| {
            json!([
                {"method": "POST", "path": "/Groups", "bulkId": "team", "data": {"displayName": "new.team",
                    "members": [{"value": format!("bulkId:{}", values.user)}]}},
                {"method": "DELETE", "path": format!("/Users/bulkId:{}", values.user)},
            ])
        })
        .blind(),
        place("an id as bulkId, and referred to", |values, _| {
            json!([
                {"method": "POST", "path": "/Users", "bulkId": values.user, "data": {"userName": "new.name"}},
                {"method": "POST", "path": "/Groups", "bulkId": values.group, "data": {"displayName": "new.team",
                    "members": [{"value": format!("bulkId:{}", values.user)}]}},
                {"method": "PATCH", "path": format!("/Users/bulkId:{}", values.user), "data":
                    patch_body(&json!([{"op": "replace", "path": "title", "value": "changed"}]))},
            ])
        })
        .blind(),
        place("users and groups of another's values", |values, _| {
            json!([
                {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": values.user_name,
                    "externalId": values.user_external_id}},
                {"method": "POST", "path": "/Groups", "bulkId": "b", "data": {"displayName": values.display_name,
                    "externalId": values.group_external_id, "members": [{"value": "bulkId:a"}]}},
            ])
        }),
        place("a circle with a member of another", |values, _| {
            json!([
                {"method": "POST", "path": "/Groups", "bulkId": "a", "data": {"displayName": "new.team",
                    "members": [{"value": "bulkId:b"}, {"value": values.user}]}},
                {"method": "POST", "path": "/Groups", "bulkId": "b", "data": {"displayName": "new.team",
                    "members": [{"value": "bulkId:a"}]}},
            ])
        }),
    ]
}

/// A Bulk request at every server, and what is there after it.
fn place(name: &str, operations: impl Fn(&Values, &Values) -> Value + Send + Sync + 'static) -> Place {
    let asks = move |values: &Values, own: &Values| {
        vec![
            Ask::post(
                "/Bulk",
                &json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations(values, own)
                }),
            ),
            Ask::get(format!("/Groups/{}", own.group)),
            Ask::query("/", &[("sortBy", "meta.created")]),
        ]
    };
    Place::new(format!("Bulk: {name}"), asks).everywhere()
}
