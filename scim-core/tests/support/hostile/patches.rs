//! PATCH bodies made of every kind of path and value, in combinations that make sense only by chance.

use serde_json::{json, Value};

use super::json::{value, NAMES, NASTY};
use crate::support::rng::Rng;

const PATHS: &[&str] = &[
    "userName",
    "active",
    "name",
    "name.familyName",
    "emails",
    "emails.value",
    "emails[type eq \"work\"]",
    "emails[type eq \"work\"].value",
    "emails[type eq \"work\" and value co \"@\"].display",
    "emails[not (type eq \"work\") or primary eq true].primary",
    "addresses[type eq \"home\"].formatted",
    "roles[primary eq \"True\"].value",
    "members",
    "members[value eq \"ID\"]",
    "members[value eq \"ID\"].display",
    "members[type eq \"User\"]",
    "groups",
    "id",
    "meta.version",
    "schemas",
    "externalId",
    "displayName",
    "manager",
    "manager[value eq \"1\"]",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName",
    "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName",
    "password",
    "x509Certificates",
];

const BAD_PATHS: &[&str] = &[
    "unknown",
    "unknown[type eq \"x\"].y",
    "emails[",
    "emails[]",
    "emails[type]",
    "emails[type eq]",
    "emails[type eq \"work\"]]",
    "emails[type eq \"work\"].",
    "emails[type eq \"work\"].value.x",
    "emails[[type pr]]",
    ".value",
];

/// A PatchOp.
pub fn body(rng: &mut Rng, ids: &[String]) -> Value {
    let count = if rng.once_in(3) { rng.below(5) } else { 1 };
    let operations: Vec<Value> = (0..count).map(|_| operation(rng, ids)).collect();
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

fn operation(rng: &mut Rng, ids: &[String]) -> Value {
    let name = match rng.below(20) {
        0 => rng.pick(&["move", "", "ADD", "Replace "]),
        1..=3 => rng.pick(&["Add", "Replace", "Remove"]),
        _ => rng.pick(&["add", "replace", "remove"]),
    };
    let mut operation = json!({ "op": name });
    if !rng.once_in(5) {
        let paths = if rng.once_in(4) { BAD_PATHS } else { PATHS };
        let path = rng.pick(paths);
        let id = if ids.is_empty() { "ID" } else { &ids[rng.below(ids.len())] };
        operation["path"] = match rng.below(20) {
            0 => json!(format!("{path}{}", rng.pick(NASTY))),
            1 => json!(rng.text(60)),
            2 => value(rng, 1),
            _ => json!(path.replace("ID", id)),
        };
    }
    if name.eq_ignore_ascii_case("remove") != rng.once_in(10) {
        return operation;
    }
    operation["value"] = match rng.below(12) {
        0 | 1 => super::documents::member_list(rng, ids),
        2 => super::documents::resource(rng, ids).0,
        3 => json!({ rng.pick(NAMES): value(rng, 2), rng.pick(PATHS): value(rng, 2) }),
        4 => {
            json!({ "name.familyName": rng.text(9), "active": "False", "emails[type eq \"work\"].value": rng.text(9) })
        }
        5 => json!(rng.pick(NASTY)),
        6 => json!([{ "value": rng.text(10), "type": "work", "primary": true }, { "primary": "True" }]),
        7 => json!({ "value": rng.text(10), "display": "x", "familyName": "y", "department": "z" }),
        8 => json!(rng.pick(&["True", "false", "TRUE"])),
        9 => value(rng, 3),
        _ => json!(rng.text(10)),
    };
    operation
}
