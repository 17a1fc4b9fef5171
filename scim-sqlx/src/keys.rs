//! The keys that resources are found by, and that make values unique.

use scim_core::{AttributeType, Context, ResourceType, UniqueWithin, Uniqueness};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// What is looked up often without being unique.
pub(crate) const LOOKED_UP: [&str; 3] = ["externalId", "displayName", "emails.value"];

/// Up to this many bytes a key is the value itself; PostgreSQL does not index entries beyond some 2,700.
const WHOLE_KEY_BYTES: usize = 200;

/// An attribute whose values have rows in the table of keys.
#[derive(Clone, Debug)]
pub(crate) struct KeyAttribute {
    /// The path as the schema spells it, which is also how the attribute is named in the table.
    pub(crate) path: String,
    /// Among what a value is: the name of the resource type. What is unique beyond the type has a second row, under its
    /// schema, so that whoever knows the type without that finds the value and meets with it all the same.
    pub(crate) scope: String,
    pub(crate) is_unique: bool,
    pub(crate) reach: Reach,
    /// Whether filters look here.
    pub(crate) is_looked_up: bool,
    extension: Option<String>,
    attribute: String,
    sub_attribute: Option<String>,
}

/// How far the uniqueness of a key reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    Partition,
    Tenant,
    Platform,
}

/// One row of the table of keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) scope: String,
    pub(crate) attribute: String,
    pub(crate) key: String,
    pub(crate) is_unique: bool,
    pub(crate) reach: Reach,
}

impl Key {
    /// What tells rows of one key apart: nothing if it is unique, so that the primary key of the table is the
    /// constraint; otherwise the resource.
    pub(crate) fn distinguisher<'a>(&self, resource: &'a str) -> &'a str {
        if self.is_unique {
            ""
        } else {
            resource
        }
    }
}

impl KeyAttribute {
    /// The attributes of a resource type that are unique or in `looked_up`.
    pub(crate) fn all(resource_type: &ResourceType, looked_up: &[String]) -> Vec<Self> {
        let core = std::iter::once((None, &**resource_type.schema()));
        let extensions = resource_type.extensions().iter().map(|extension| {
            let schema = &*extension.schema;
            (Some(schema.id.as_str()), schema)
        });
        let mut found = Vec::new();
        for (extension, schema) in core.chain(extensions) {
            for attribute in &schema.attributes {
                let mut add = |sub_attribute: Option<&str>, leaf: &scim_core::Attribute| {
                    let path = display_path(extension, &attribute.name, sub_attribute);
                    let is_unique = leaf.uniqueness != Uniqueness::None;
                    let is_text = leaf.attribute_type == AttributeType::String;
                    if is_unique || (is_text && looked_up.contains(&path)) {
                        let reach = reach(leaf);
                        let is_wider = leaf.uniqueness == Uniqueness::Global || reach == Reach::Platform;
                        let in_type = Self {
                            path,
                            scope: resource_type.name().to_owned(),
                            is_unique,
                            reach: if is_wider { Reach::Partition } else { reach },
                            is_looked_up: true,
                            extension: extension.map(str::to_owned),
                            attribute: attribute.name.clone(),
                            sub_attribute: sub_attribute.map(str::to_owned),
                        };
                        if is_wider {
                            let scope = schema.id.clone();
                            found.push(Self { scope, reach, is_looked_up: false, ..in_type.clone() });
                        }
                        found.push(in_type);
                    }
                };
                if attribute.is_complex() {
                    attribute.sub_attributes.iter().for_each(|sub| add(Some(&sub.name), sub));
                } else {
                    add(None, attribute);
                }
            }
        }
        let has_external_id = found.iter().any(|attribute| attribute.path == "externalId");
        if !has_external_id && looked_up.iter().any(|path| path == "externalId") {
            found.push(Self {
                path: "externalId".to_owned(),
                scope: resource_type.name().to_owned(),
                is_unique: false,
                reach: Reach::Partition,
                is_looked_up: true,
                extension: None,
                attribute: "externalId".to_owned(),
                sub_attribute: None,
            });
        }
        found
    }

    /// The keys of a resource by its search document, unique ones in the order of the attributes first. None is there
    /// twice.
    pub(crate) fn keys(attributes: &[Self], search: &Map<String, Value>) -> Vec<Key> {
        let mut keys: Vec<Key> = attributes.iter().flat_map(|attribute| attribute.keys_in(search)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The keys of a resource of the context's partition. Nothing is unique among what was removed.
    pub(crate) fn keys_within(cx: &Context, attributes: &[Self], search: &Map<String, Value>) -> Vec<Key> {
        let mut keys = Self::keys(attributes, search);
        if cx.partition().is_removed() {
            keys.iter_mut().for_each(|key| key.is_unique = false);
        }
        keys
    }

    fn keys_in(&self, search: &Map<String, Value>) -> Vec<Key> {
        let object = match &self.extension {
            Some(urn) => search.get(urn).and_then(Value::as_object),
            None => Some(search),
        };
        let mut keys = Vec::new();
        for element in elements(object.and_then(|object| object.get(&self.attribute))) {
            let value = match &self.sub_attribute {
                Some(name) => element.get(name),
                None => Some(element),
            };
            keys.extend(elements(value).iter().filter_map(key_of).map(|key| Key {
                scope: self.scope.clone(),
                attribute: self.path.clone(),
                key,
                is_unique: self.is_unique,
                reach: self.reach,
            }));
        }
        keys
    }
}

fn reach(leaf: &scim_core::Attribute) -> Reach {
    match (leaf.uniqueness, leaf.unique_within) {
        (Uniqueness::None, _) => Reach::Partition,
        (_, UniqueWithin::Tenant) => Reach::Tenant,
        (_, UniqueWithin::Platform) => Reach::Platform,
        _ => Reach::Partition,
    }
}

/// The key of a text. A long one is cut off and told apart by its hash, which makes it longer than every whole key.
pub(crate) fn text_key(text: &str) -> String {
    if text.len() <= WHOLE_KEY_BYTES {
        return text.to_owned();
    }
    let end = (0..=WHOLE_KEY_BYTES).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    let mut key = text.get(..end).unwrap_or_default().to_owned();
    for byte in Sha256::digest(text.as_bytes()) {
        key.push_str(&format!("{byte:02x}"));
    }
    key
}

fn key_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text_key(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(boolean) => Some(boolean.to_string()),
        _ => None,
    }
}

fn elements(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(list)) => list,
        Some(single) => std::slice::from_ref(single),
        None => &[],
    }
}

fn display_path(extension: Option<&str>, attribute: &str, sub_attribute: Option<&str>) -> String {
    let mut path = extension.map(|urn| format!("{urn}:")).unwrap_or_default();
    path.push_str(attribute);
    if let Some(sub_attribute) = sub_attribute {
        path.push('.');
        path.push_str(sub_attribute);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use scim_core::sql::search_document;
    use scim_core::Attributes;
    use serde_json::json;

    fn looked_up() -> Vec<String> {
        LOOKED_UP.map(str::to_owned).to_vec()
    }

    #[test]
    fn a_user_is_found_by_name_external_id_and_mail_and_is_unique_by_name() {
        let user = ResourceType::user();
        let document = json!({
            "userName": "BJensen", "externalId": "A-1", "displayName": "Babs",
            "emails": [{"value": "B@example.com"}, {"value": "b@EXAMPLE.com"}, {"type": "work"}]
        });
        let attributes = Attributes::from_stored(document.as_object().unwrap().clone());
        let all = KeyAttribute::all(&user, &looked_up());
        let keys = KeyAttribute::keys(&all, &search_document(&user, &attributes));
        let found: Vec<_> = keys.iter().map(|key| (&*key.attribute, &*key.key, key.is_unique)).collect();
        assert_eq!(
            found,
            [
                ("displayName", "babs", false),
                ("emails.value", "b@example.com", false),
                ("externalId", "A-1", false),
                ("userName", "bjensen", true),
            ]
        );
    }

    #[test]
    fn long_keys_are_cut_off_and_still_tell_values_apart() {
        let long = "é".repeat(5_000);
        let (a, b) = (text_key(&format!("{long}a")), text_key(&format!("{long}b")));
        assert_ne!(a, b);
        assert!(a.len() < 300 && a.len() > WHOLE_KEY_BYTES);
        assert_eq!(text_key("short"), "short");
    }
}
