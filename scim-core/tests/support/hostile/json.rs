//! Spoiling JSON: its values, its names, and its bytes.

use serde_json::{json, Map, Value};

use crate::support::rng::Rng;

/// Strings that something in a server could stumble over.
pub const NASTY: &[&str] = &[
    "",
    " ",
    "\u{7f}",
    "a\u{0}b",
    "\r\nSet-Cookie: a=b",
    "../../etc/passwd",
    "%00",
    "%2e%2e%2f",
    "' OR '1'='1",
    "\"; DROP TABLE users; --",
    "<script>alert(1)</script>",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "True",
    "FALSE",
    "null",
    "NaN",
    "-0",
    "1e400",
    "9223372036854775808",
    "2011-13-45T99:99:99Z",
    "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:60+99:99",
    "bulkId:1",
    "bulkId",
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "urn:",
    ":",
    "::::",
    ".",
    "a.b.c.d",
    "$ref",
    "emails[type eq \"work\"].value",
    "members[value eq \"1\"]",
    "\u{202e}resu",
    "\u{130}\u{131}",
    "ﬀ",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "\u{fffd}\u{ffff}",
];

/// Names of attributes that exist, in the right and in the wrong place.
pub const NAMES: &[&str] = &[
    "schemas",
    "id",
    "externalId",
    "meta",
    "userName",
    "USERNAME",
    "name",
    "name.familyName",
    "familyName",
    "displayName",
    "emails",
    "emails.value",
    "emails[type eq \"work\"]",
    "value",
    "type",
    "primary",
    "$ref",
    "display",
    "active",
    "password",
    "groups",
    "members",
    "roles",
    "x509Certificates",
    "photos",
    "manager",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:core:2.0:User:userName",
    "urn:scim:schemas:extension:enterprise:1.0",
    "urn:unknown:schema",
    "__proto__",
    "",
    "op",
    "path",
    "Operations",
];

/// A value of any kind.
pub fn value(rng: &mut Rng, depth: usize) -> Value {
    match rng.below(if depth == 0 { 9 } else { 12 }) {
        0 => Value::Null,
        1 => Value::Bool(rng.once_in(2)),
        2 => json!(rng.next() as i64),
        3 => json!(rng.below(3)),
        4 => json!((rng.next() as f64) * 1e280),
        5 => json!(rng.pick(NASTY)),
        6 => json!(rng.text(40)),
        7 => json!("x".repeat(rng.below(200))),
        8 => json!(u64::MAX),
        9 => (0..rng.below(4)).map(|_| value(rng, depth - 1)).collect(),
        _ => Value::Object((0..rng.below(4)).map(|_| (name(rng), value(rng, depth - 1))).collect()),
    }
}

fn name(rng: &mut Rng) -> String {
    if rng.once_in(6) {
        rng.text(80)
    } else {
        rng.pick(NAMES).to_owned()
    }
}

/// Spoils one place in a document: another value, another name, one more, one less, one level more.
pub fn spoil(rng: &mut Rng, document: &mut Value) {
    let places = count(document);
    let place = rng.below(places);
    let mut left = place;
    if let Some(node) = nth(document, &mut left) {
        spoil_node(rng, node);
    }
}

fn spoil_node(rng: &mut Rng, node: &mut Value) {
    match rng.below(8) {
        0 => *node = Value::Array(vec![node.take()]),
        1 => *node = Value::Array(vec![node.clone(), node.take()]),
        2 => *node = json!({ "value": node.take() }),
        3 => match node {
            Value::Object(members) => rename(rng, members),
            Value::String(text) => text.push_str(rng.pick(NASTY)),
            other => *other = Value::String(other.to_string()),
        },
        4 => match node {
            Value::Object(members) => {
                members.insert(name(rng), value(rng, 2));
            }
            Value::Array(list) => list.push(value(rng, 2)),
            other => *other = value(rng, 1),
        },
        _ => *node = value(rng, 2),
    }
}

fn rename(rng: &mut Rng, members: &mut Map<String, Value>) {
    let Some(old) = members.keys().nth(rng.below(members.len())).cloned() else { return };
    let Some(value) = members.remove(&old) else { return };
    let new = match rng.below(4) {
        0 => old.to_uppercase(),
        1 => format!("urn:ietf:params:scim:schemas:core:2.0:User:{old}"),
        2 => format!("{old}."),
        _ => name(rng),
    };
    members.insert(new, value);
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

fn nth<'a>(value: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(list) => list.iter_mut().find_map(|element| nth(element, left)),
        Value::Object(members) => members.values_mut().find_map(|member| nth(member, left)),
        _ => None,
    }
}

/// Spoils the bytes of a document: what no JSON library would write.
pub fn spoil_bytes(rng: &mut Rng, bytes: &mut Vec<u8>) {
    const PIECES: &[&[u8]] = &[
        b"\"",
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\0",
        b"\xff",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\\u0000",
        b"\\ud800",
        b"\\udc00\\ud800",
        b"1e999",
        b"-",
        b"0x1",
        b"//",
        b"\xef\xbb\xbf",
        b"\"userName\":1,",
        b"\"USERNAME\":\"b\",",
        b"\"id\":\"1\",",
        b"{}",
        b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        b"NaN",
        b"\n",
        b"'",
        b"123456789012345678901234567890",
        b"null",
        b"1.7976931348623157e309",
    ];
    let at = rng.below(bytes.len() + 1);
    match rng.below(5) {
        0 => bytes.truncate(at),
        1 if !bytes.is_empty() => {
            let at = at.min(bytes.len() - 1);
            bytes[at] = rng.next() as u8;
        }
        2 => {
            let end = (at + rng.below(20)).min(bytes.len());
            bytes.drain(at..end);
        }
        3 => {
            let end = (at + rng.below(60)).min(bytes.len());
            let copy = bytes[at..end].to_vec();
            let to = rng.below(bytes.len() + 1);
            bytes.splice(to..to, copy);
        }
        _ => {
            bytes.splice(at..at, rng.pick(PIECES).iter().copied());
        }
    }
}
