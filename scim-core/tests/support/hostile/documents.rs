//! Documents to begin with, as good clients send them.

use serde_json::{json, Value};

use crate::support::rng::Rng;

const FULL_USER: &str = include_str!("../../fixtures/rfc7643/s8.2-user-full.json");
const ENTERPRISE_USER: &str = include_str!("../../fixtures/rfc7643/s8.3-user-enterprise.json");
const GROUP: &str = include_str!("../../fixtures/rfc7643/s8.4-group.json");

/// A user or a group, and whether it is a group.
pub fn resource(rng: &mut Rng, ids: &[String]) -> (Value, bool) {
    let mut document: Value = match rng.below(6) {
        0 => serde_json::from_str(FULL_USER).unwrap(),
        1 => serde_json::from_str(ENTERPRISE_USER).unwrap(),
        2 => serde_json::from_str(GROUP).unwrap(),
        3 => json!({"displayName": "Tour Guides", "members": member_list(rng, ids)}),
        _ => json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": "bjensen", "name": {"familyName": "Jensen"}, "active": true,
            "emails": [{"value": "bjensen@example.com", "type": "work", "primary": true}],
        }),
    };
    let is_group = document.get("userName").is_none();
    let unique = if is_group { "displayName" } else { "userName" };
    if !rng.once_in(4) {
        document[unique] = json!(format!("name {}", rng.next()));
    }
    (document, is_group)
}

pub fn member_list(rng: &mut Rng, ids: &[String]) -> Value {
    let mut members = Vec::new();
    for _ in 0..rng.below(4) {
        let id = if ids.is_empty() || rng.once_in(12) { rng.text(20) } else { ids[rng.below(ids.len())].clone() };
        members.push(json!({ "value": id, "display": rng.text(8) }));
    }
    Value::Array(members)
}

/// A query as a body.
pub fn search(rng: &mut Rng) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": super::heads::filter(rng),
        "attributes": ["userName", "emails.value", rng.text(20)],
        "sortBy": rng.pick(super::json::NAMES),
        "sortOrder": rng.pick(&["ascending", "descending", "Descending", "up"]),
        "startIndex": rng.below(5) as i64 - 2,
        "count": rng.below(5) as i64 - 2,
    })
}

/// A Bulk request of some operations.
pub fn bulk(rng: &mut Rng, ids: &[String]) -> Value {
    let operations: Vec<Value> = (0..rng.below(4))
        .map(|number| {
            let (data, is_group) = resource(rng, ids);
            let endpoint = if is_group { "/Groups" } else { "/Users" };
            let id = ids.first().map_or("1", String::as_str);
            match rng.below(4) {
                0 => json!({"method": "POST", "path": endpoint, "bulkId": format!("b{number}"), "data": data}),
                1 => json!({"method": "PUT", "path": format!("{endpoint}/{id}"), "data": data}),
                2 => json!({"method": "PATCH", "path": format!("{endpoint}/{id}"), "data": super::patches::body(rng, ids)}),
                _ => json!({"method": "DELETE", "path": format!("{endpoint}/bulkId:b{}", rng.below(4))}),
            }
        })
        .collect();
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "failOnErrors": rng.below(3),
        "Operations": operations,
    })
}
