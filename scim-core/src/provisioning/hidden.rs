//! What the policy keeps from SCIM and the host may store nevertheless: never answered, never lost.

use serde_json::{Map, Value};

use crate::resource::{Attributes, Resource};

/// Attributes of the resource type that a policy leaves out, as the keys that lead to them from the document down.
#[derive(Debug, Default)]
pub(crate) struct Hidden(pub(super) Vec<Vec<String>>);

impl Hidden {
    /// Takes what is hidden out of a resource that is to be answered.
    pub(crate) fn conceal(&self, resource: &mut Resource) {
        let present: Vec<&[String]> =
            self.0.iter().map(Vec::as_slice).filter(|path| is_in(resource.attributes.as_map(), path)).collect();
        if !present.is_empty() {
            let document = resource.attributes.make_mut();
            present.into_iter().for_each(|path| take_out(document, path));
        }
    }

    /// Makes what is hidden what it is in the present document, which no client can have meant to change: also nothing,
    /// where there is nothing. What is hidden within the elements of a list goes with its element.
    pub(super) fn keep(&self, current: &Attributes, draft: &mut Attributes) {
        for path in &self.0 {
            let stored = find(current.as_map(), path);
            if find(draft.as_map(), path) == stored {
                continue;
            }
            match stored {
                Some(value) => put(draft.make_mut(), path, value),
                None => take_out(draft.make_mut(), path),
            }
        }
    }
}

fn is_in(object: &Map<String, Value>, path: &[String]) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    match object.get(first) {
        None => false,
        Some(_) if rest.is_empty() => true,
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_object).any(|element| is_in(element, rest)),
        Some(value) => value.as_object().is_some_and(|object| is_in(object, rest)),
    }
}

fn take_out(object: &mut Map<String, Value>, path: &[String]) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        object.remove(first);
        return;
    }
    let is_empty = match object.get_mut(first) {
        Some(Value::Object(inner)) => {
            take_out(inner, rest);
            inner.is_empty()
        }
        Some(Value::Array(list)) => {
            list.iter_mut().filter_map(Value::as_object_mut).for_each(|element| take_out(element, rest));
            list.retain(|element| element.as_object().is_none_or(|element| !element.is_empty()));
            list.is_empty()
        }
        _ => false,
    };
    if is_empty {
        object.remove(first);
    }
}

fn find<'v>(object: &'v Map<String, Value>, path: &[String]) -> Option<&'v Value> {
    let (first, rest) = path.split_first()?;
    let value = object.get(first)?;
    if rest.is_empty() {
        return Some(value);
    }
    find(value.as_object()?, rest)
}

fn put(object: &mut Map<String, Value>, path: &[String], value: &Value) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        object.insert(first.clone(), value.clone());
    } else if let Value::Object(inner) = object.entry(first.clone()).or_insert_with(|| Value::Object(Map::new())) {
        put(inner, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::{DateTime, Meta, ResourceId, Version};

    fn attributes(json: &Value) -> Attributes {
        Attributes::from_stored(json.as_object().unwrap().clone())
    }

    fn hidden(paths: &[&[&str]]) -> Hidden {
        Hidden(paths.iter().map(|path| path.iter().map(|key| (*key).to_owned()).collect()).collect())
    }

    #[test]
    fn what_is_hidden_is_taken_out_of_an_answer_with_what_it_leaves_empty() {
        let hidden =
            hidden(&[&["nickName"], &["name", "formatted"], &["emails", "display"], &["urn:x", "badge"], &["urn:y"]]);
        let now = DateTime::now();
        let conceal = |document: Value| {
            let meta = Meta::new(now, now, Version::new("1"));
            let mut resource = Resource::new(ResourceId::new("1"), meta, attributes(&document));
            hidden.conceal(&mut resource);
            Value::Object(resource.attributes.into_map())
        };
        let whole = json!({"nickName": "b", "title": "t", "name": {"formatted": "f", "familyName": "j"},
            "emails": [{"value": "v", "display": "d"}, {"display": "d"}], "urn:x": {"badge": 1}, "urn:y": {"a": 1}});
        assert_eq!(conceal(whole), json!({"title": "t", "name": {"familyName": "j"}, "emails": [{"value": "v"}]}));
        assert_eq!(
            conceal(json!({"title": "t", "name": {"familyName": "j"}})),
            json!({"title": "t", "name": {"familyName": "j"}})
        );
        assert_eq!(conceal(json!({"name": {"formatted": "f"}})), json!({}));
    }

    #[test]
    fn what_is_hidden_stays_as_it_is_stored() {
        let hidden = hidden(&[&["nickName"], &["name", "formatted"], &["urn:x", "badge"]]);
        let current =
            attributes(&json!({"nickName": "b", "title": "t", "name": {"formatted": "f"}, "urn:x": {"badge": 1}}));
        let mut draft = attributes(&json!({"title": "u", "name": {"familyName": "j"}}));
        hidden.keep(&current, &mut draft);
        let expected = json!({"nickName": "b", "title": "u", "name": {"formatted": "f", "familyName": "j"}, "urn:x": {"badge": 1}});
        assert_eq!(Value::Object(draft.into_map()), expected);
    }

    #[test]
    fn where_nothing_is_stored_nothing_is_hidden_in_the_draft() {
        let hidden = hidden(&[&["nickName"], &["name", "formatted"], &["emails", "display"], &["urn:x", "badge"]]);
        let current = attributes(&json!({"emails": [{"value": "v", "display": "d"}]}));
        let mut draft = attributes(&json!({"title": "u", "nickName": "b", "name": {"formatted": "f"},
            "emails": [{"value": "v", "display": "d"}], "urn:x": {"badge": 1, "other": 2}}));
        hidden.keep(&current, &mut draft);
        let expected = json!({"title": "u", "emails": [{"value": "v", "display": "d"}], "urn:x": {"other": 2}});
        assert_eq!(Value::Object(draft.into_map()), expected);
    }
}
