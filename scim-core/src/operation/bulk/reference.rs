//! `bulkId:` references within the data of an operation (RFC 7644 s3.7.2): finding them, putting ids in their place, and
//! taking out what cannot be written yet (s3.7.1).

use serde_json::{Map, Value};

use crate::resource::ResourceId;
use crate::schema::{Attribute, Mutability, ResourceType};

/// What a reference begins with.
const PREFIX: &str = "bulkId:";

/// Whether the text of a request may have references: one is there as it is, or an escape could hide it. Most requests
/// have none, and looking at the text is much less than looking at every value.
pub(super) fn may_be_in(text: &[u8]) -> bool {
    let has = |part: &[u8]| memchr::memmem::find(text, part).is_some();
    has(PREFIX.as_bytes()) || has(b"\\u")
}

/// The bulkId that a string refers to.
pub(super) fn referenced(text: &str) -> Option<&str> {
    text.strip_prefix(PREFIX)
}

/// Calls `found` with the bulkId of every reference in the data. A string at any depth is one if it begins with
/// `bulkId:`; in the paths of a PATCH the string literals of filters are looked at.
pub(super) fn visit(data: &Map<String, Value>, is_patch: bool, found: &mut impl FnMut(&str)) {
    data.values().for_each(|value| visit_value(value, found));
    if is_patch {
        for path in patch_operations(data).iter().filter_map(path_of) {
            visit_path(path, found);
        }
    }
}

fn visit_value(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => {
            if let Some(bulk_id) = referenced(text) {
                found(bulk_id);
            }
        }
        Value::Array(list) => list.iter().for_each(|element| visit_value(element, found)),
        Value::Object(members) => members.values().for_each(|member| visit_value(member, found)),
        _ => {}
    }
}

/// Puts ids in the place of references. A reference of which `id_of` knows nothing stays.
pub(super) fn substitute<'i>(
    data: &mut Map<String, Value>,
    is_patch: bool,
    id_of: &impl Fn(&str) -> Option<&'i ResourceId>,
) {
    data.values_mut().for_each(|value| substitute_value(value, id_of));
    if is_patch {
        for operation in patch_operations_mut(data) {
            if let Some(path) = path_of_mut(operation) {
                substitute_path(path, id_of);
            }
        }
    }
}

fn substitute_value<'i>(value: &mut Value, id_of: &impl Fn(&str) -> Option<&'i ResourceId>) {
    match value {
        Value::String(text) => {
            if let Some(id) = referenced(text).and_then(id_of) {
                *text = id.as_str().to_owned();
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|element| substitute_value(element, id_of)),
        Value::Object(members) => members.values_mut().for_each(|member| substitute_value(member, id_of)),
        _ => {}
    }
}

/// Whether there is a reference in the value for which `is_wanted`.
fn refers(value: &Value, is_wanted: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => referenced(text).is_some_and(is_wanted),
        Value::Array(list) => list.iter().any(|element| refers(element, is_wanted)),
        Value::Object(members) => members.values().any(|member| refers(member, is_wanted)),
        _ => false,
    }
}

fn patch_operations(data: &Map<String, Value>) -> &[Value] {
    let operations = data.iter().find(|(key, _)| key.eq_ignore_ascii_case("Operations"));
    operations.and_then(|(_, value)| value.as_array()).map_or(&[], Vec::as_slice)
}

fn patch_operations_mut(data: &mut Map<String, Value>) -> &mut [Value] {
    let operations = data.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case("Operations"));
    operations.and_then(|(_, value)| value.as_array_mut()).map_or(&mut [], Vec::as_mut_slice)
}

fn path_of(operation: &Value) -> Option<&str> {
    let members = operation.as_object()?;
    members.iter().find(|(key, _)| key.eq_ignore_ascii_case("path")).and_then(|(_, value)| value.as_str())
}

fn path_of_mut(operation: &mut Value) -> Option<&mut String> {
    let members = operation.as_object_mut()?;
    match members.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case("path")) {
        Some((_, Value::String(path))) => Some(path),
        _ => None,
    }
}

fn visit_path(path: &str, found: &mut impl FnMut(&str)) {
    for piece in PathPieces(path) {
        if let PathPiece::Literal { value, .. } = &piece {
            if let Some(bulk_id) = referenced(value) {
                found(bulk_id);
            }
        }
    }
}

fn substitute_path<'i>(path: &mut String, id_of: &impl Fn(&str) -> Option<&'i ResourceId>) {
    let mut substituted = String::with_capacity(path.len());
    for piece in PathPieces(path) {
        match piece {
            PathPiece::Text(text) => substituted.push_str(text),
            PathPiece::Literal { value, text } => match referenced(&value).and_then(id_of) {
                Some(id) => substituted.push_str(&Value::from(id.as_str()).to_string()),
                None => substituted.push_str(text),
            },
        }
    }
    *path = substituted;
}

/// A path cut into string literals and what is between them.
struct PathPieces<'p>(&'p str);

enum PathPiece<'p> {
    Text(&'p str),
    /// A string in JSON's notation (RFC 7644 s3.4.2.2 `compValue`), as it means and as it stands.
    Literal {
        value: String,
        text: &'p str,
    },
}

impl<'p> Iterator for PathPieces<'p> {
    type Item = PathPiece<'p>;

    fn next(&mut self) -> Option<PathPiece<'p>> {
        if self.0.is_empty() {
            return None;
        }
        if self.0.starts_with('"') {
            let mut literals = serde_json::Deserializer::from_str(self.0).into_iter::<String>();
            let literal = literals.next();
            return Some(match (literal, self.0.split_at_checked(literals.byte_offset())) {
                (Some(Ok(value)), Some((text, rest))) => {
                    self.0 = rest;
                    PathPiece::Literal { value, text }
                }
                // The path will be refused, and every further look at it would go to its end again.
                _ => PathPiece::Text(std::mem::take(&mut self.0)),
            });
        }
        let (text, rest) = match self.0.char_indices().skip(1).find(|(_, character)| *character == '"') {
            Some((end, _)) => self.0.split_at_checked(end)?,
            None => (self.0, ""),
        };
        self.0 = rest;
        Some(PathPiece::Text(text))
    }
}

/// Takes out of the body of a POST every value with a reference that `is_pending`, so that the resource can be created
/// without it: an element of a list, or else the whole attribute. Returns what was taken, as the attributes that are to
/// be added later. What clients may not write is dropped, for nobody is to write it later either.
///
/// `None` if the resource needs such an attribute to be created; then the body is as it was.
pub(super) fn detach(
    body: &mut Map<String, Value>,
    resource_type: &ResourceType,
    is_pending: &impl Fn(&str) -> bool,
) -> Option<Map<String, Value>> {
    let needed = |key: &str, value: &Value| {
        let attribute = attribute_of(resource_type, key);
        attribute.is_some_and(|attribute| attribute.required) && refers(value, is_pending)
    };
    let needed_in = |key: &str, value: &Value| match value {
        Value::Object(members) if is_schema(resource_type, key) => {
            members.iter().any(|(name, value)| needed(&format!("{key}:{name}"), value))
        }
        value => needed(key, value),
    };
    if body.iter().any(|(key, value)| needed_in(key, value)) {
        return None;
    }
    let mut detached = Map::new();
    for (key, value) in body.iter_mut() {
        let taken = match value {
            Value::Object(members) if is_schema(resource_type, key) => {
                let mut within = Map::new();
                for (name, value) in members.iter_mut() {
                    let attribute = attribute_of(resource_type, &format!("{key}:{name}"));
                    take(name, value, attribute, is_pending, &mut within);
                }
                (!within.is_empty()).then_some(Value::Object(within))
            }
            value => {
                let mut within = Map::new();
                take(key, value, attribute_of(resource_type, key), is_pending, &mut within);
                within.remove(key)
            }
        };
        if let Some(taken) = taken {
            detached.insert(key.clone(), taken);
        }
    }
    Some(detached)
}

/// Moves what of an attribute is pending.
fn take(
    name: &str,
    value: &mut Value,
    attribute: Option<&Attribute>,
    is_pending: &impl Fn(&str) -> bool,
    taken: &mut Map<String, Value>,
) {
    if !refers(value, is_pending) {
        return;
    }
    let pending = match value {
        Value::Array(list) => {
            let (pending, rest) = std::mem::take(list).into_iter().partition(|element| refers(element, is_pending));
            *list = rest;
            Value::Array(pending)
        }
        single => single.take(),
    };
    if attribute.is_none_or(|attribute| attribute.mutability != Mutability::ReadOnly) {
        taken.insert(name.to_owned(), pending);
    }
}

/// Whether a key is the URN of one of the type's schemas, so that its value is an object of attributes.
fn is_schema(resource_type: &ResourceType, key: &str) -> bool {
    key.contains(':') && (resource_type.extension(key).is_some() || resource_type.schema().id.eq_ignore_ascii_case(key))
}

/// The attribute that a key of a body names, with the URN of its schema or without.
fn attribute_of<'t>(resource_type: &'t ResourceType, key: &str) -> Option<&'t Attribute> {
    let Some((urn, name)) = key.rsplit_once(':') else {
        return resource_type.attribute(key).map(|(_, attribute)| &**attribute);
    };
    match resource_type.extension(urn) {
        Some(extension) => extension.schema.attributes.get(name).map(|attribute| &**attribute),
        None => resource_type.attribute(name).map(|(_, attribute)| &**attribute),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::Schema;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(members) => members,
            _ => panic!("no object"),
        }
    }

    #[test]
    fn rfc7644_s3_7_2_a_reference_is_expected_however_json_writes_it() {
        for text in [r#"{"value":"bulkId:1"}"#, r#"{"value":"\u0062ulkId:1"}"#, r#"{"value":"bulkId\u003a1"}"#] {
            assert!(may_be_in(text.as_bytes()), "{text}");
        }
        assert!(!may_be_in(br#"{"method":"POST","bulkId":"1","data":{"userName":"a\nb"}}"#));
    }

    fn visited(data: Value, is_patch: bool) -> Vec<String> {
        let mut found = Vec::new();
        visit(&object(data), is_patch, &mut |bulk_id| found.push(bulk_id.to_owned()));
        found
    }

    #[test]
    fn a_literal_without_an_end_is_looked_at_once() {
        let path = format!("members[value eq \"bulkId:1\"]{}", "\\\"".repeat(500_000));
        let data = json!({"Operations": [{"op": "remove", "path": path}]});
        assert_eq!(visited(data, true), ["1"]);
    }

    #[test]
    fn rfc7644_s3_7_2_references_are_found_at_any_depth() {
        let data = json!({"a": "bulkId:1", "b": [{"c": {"d": "bulkId:2"}}, "bulkId:3"], "e": "a bulkId:4", "f": 5});
        assert_eq!(visited(data, false), ["1", "2", "3"]);
    }

    #[test]
    fn references_in_the_filters_of_patch_paths_are_literals() {
        let path = r#"members[value eq "bulkId:a\"b" or display eq "x \" bulkId:no" or value eq "bulkId:c"].display"#;
        let data = json!({"Operations": [{"op": "remove", "path": path}, {"op": "add", "value": "bulkId:d"}]});
        assert_eq!(visited(data.clone(), true), ["d", "a\"b", "c"]);
        assert_eq!(visited(data.clone(), false), ["d"]);
        let mut data = object(data);
        let id = ResourceId::new("7\"8");
        substitute(&mut data, true, &|bulk_id| (bulk_id != "c").then_some(&id));
        assert_eq!(
            Value::Object(data),
            json!({"Operations": [
                {"op": "remove", "path":
                    r#"members[value eq "7\"8" or display eq "x \" bulkId:no" or value eq "bulkId:c"].display"#},
                {"op": "add", "value": "7\"8"},
            ]})
        );
    }

    #[test]
    fn a_path_that_is_no_path_stays_as_it_is() {
        for path in ["", "\"", "a\"b", "\"bulkId:x", "é\"é", "\\\"bulkId:a\\\"", "\"\\ud800\""] {
            let mut data = object(json!({"Operations": [{"path": path}, 1, {"path": 2}]}));
            let before = data.clone();
            substitute(&mut data, true, &|_| None);
            assert_eq!(data, before);
        }
    }

    #[test]
    fn rfc7644_s3_7_1_what_is_pending_is_taken_out_by_value() {
        let mut body = object(json!({
            "userName": "a",
            "x509Certificates": [{"value": "1"}, {"value": "bulkId:late"}, {"value": "bulkId:here"}],
            "groups": [{"value": "bulkId:late"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
                "manager": {"displayName": "M", "value": "bulkId:late"}, "department": "D"
            }
        }));
        let detached = detach(&mut body, &ResourceType::user(), &|bulk_id| bulk_id == "late").unwrap();
        assert_eq!(
            Value::Object(detached),
            json!({
                "x509Certificates": [{"value": "bulkId:late"}],
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
                    "manager": {"displayName": "M", "value": "bulkId:late"}
                }
            })
        );
        assert_eq!(
            Value::Object(body),
            json!({
                "userName": "a",
                "x509Certificates": [{"value": "1"}, {"value": "bulkId:here"}],
                "groups": [],
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": null, "department": "D"}
            })
        );
    }

    #[test]
    fn what_a_resource_needs_is_not_taken_out() {
        let schema = Schema::new("urn:example:Device", "Device").attribute(Attribute::string("owner").required());
        let devices = ResourceType::new("Device", "/Devices", schema);
        for body in [
            json!({"Owner": "bulkId:late"}),
            json!({"urn:example:Device": {"owner": "bulkId:late"}}),
            json!({"urn:example:Device:owner": "bulkId:late"}),
        ] {
            let mut body = object(body);
            let before = body.clone();
            assert_eq!(detach(&mut body, &devices, &|_| true), None);
            assert_eq!(body, before);
        }
    }
}
