//! Which attributes differ between two documents.

use serde_json::{Map, Value};

use crate::schema::ResourceType;

/// What is kept apart from the document and has changes of its own.
const RELATIONS: [&str; 2] = ["members", "groups"];

/// The names of the top-level attributes, and the URNs of the extensions, in which two documents differ.
pub(super) fn changed_attributes(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    names(before, after)
        .filter(|name| !RELATIONS.contains(&name.as_str()))
        .filter(|name| before.get(*name) != after.get(*name))
        .cloned()
        .collect()
}

/// The paths of the attributes in which two documents differ, sorted.
pub(super) fn changed_paths(
    resource_type: &ResourceType,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Vec<String> {
    let is_extension = |name: &str| resource_type.extensions().iter().any(|extension| extension.schema.id == name);
    let mut paths = Vec::new();
    for name in changed_attributes(before, after) {
        let (old, new) = (before.get(&name), after.get(&name));
        if is_extension(&name) {
            let empty = Map::new();
            let old = old.and_then(Value::as_object).unwrap_or(&empty);
            let new = new.and_then(Value::as_object).unwrap_or(&empty);
            for attribute in names(old, new).filter(|attribute| old.get(*attribute) != new.get(*attribute)) {
                add_paths(&format!("{name}:{attribute}"), old.get(attribute), new.get(attribute), &mut paths);
            }
        } else {
            add_paths(&name, old, new, &mut paths);
        }
    }
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// The names that either has, each once.
fn names<'m>(before: &'m Map<String, Value>, after: &'m Map<String, Value>) -> impl Iterator<Item = &'m String> {
    before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)))
}

/// Adds the paths of the sub-attributes that differ, or of the attribute if it has none, or if its elements are others
/// without that any sub-attribute tells.
fn add_paths(path: &str, before: Option<&Value>, after: Option<&Value>, paths: &mut Vec<String>) {
    let count = paths.len();
    for name in sub_attributes(before, after) {
        if values_of(before, name) != values_of(after, name) {
            paths.push(format!("{path}.{name}"));
        }
    }
    if paths.len() == count {
        paths.push(path.to_owned());
    }
}

/// The elements of a list, or the one value.
fn elements(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(list)) => list,
        Some(single) => std::slice::from_ref(single),
        None => &[],
    }
}

fn sub_attributes<'v>(before: Option<&'v Value>, after: Option<&'v Value>) -> Vec<&'v str> {
    let objects = elements(before).iter().chain(elements(after)).filter_map(Value::as_object);
    let mut names: Vec<&str> = objects.flat_map(Map::keys).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What the elements have in one sub-attribute, in their order.
fn values_of<'v>(value: Option<&'v Value>, name: &str) -> Vec<Option<&'v Value>> {
    elements(value).iter().map(|element| element.get(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::ENTERPRISE_USER;
    use serde_json::json;

    fn paths(before: &Value, after: &Value) -> Vec<String> {
        changed_paths(&ResourceType::user(), before.as_object().unwrap(), after.as_object().unwrap())
    }

    #[test]
    fn attributes_sub_attributes_and_those_of_extensions_are_named() {
        let before = json!({
            "userName": "a", "title": "x", "name": {"givenName": "A", "familyName": "B"},
            "emails": [{"value": "a@example.com", "type": "work"}],
            ENTERPRISE_USER: {"department": "X", "manager": {"value": "1"}}
        });
        let after = json!({
            "userName": "b", "externalId": "7", "name": {"givenName": "A", "familyName": "C"},
            "emails": [{"value": "b@example.com", "type": "work"}],
            ENTERPRISE_USER: {"department": "Y", "manager": {"value": "2"}}
        });
        let expected = [
            "emails.value",
            "externalId",
            "name.familyName",
            "title",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            "userName",
        ];
        assert_eq!(paths(&before, &after), expected);
        assert_eq!(paths(&before, &before), [""; 0]);
    }

    #[test]
    fn what_comes_and_goes_is_named_whole_and_relations_are_not() {
        let emails = json!({"emails": [{"value": "a", "type": "work"}], "members": [1], "groups": [2]});
        assert_eq!(paths(&json!({}), &emails), ["emails.type", "emails.value"]);
        assert_eq!(paths(&emails, &json!({})), ["emails.type", "emails.value"]);
        let tags = |list: Value| json!({ "schemas": list });
        assert_eq!(paths(&tags(json!(["a"])), &tags(json!(["b"]))), ["schemas"]);
    }
}
