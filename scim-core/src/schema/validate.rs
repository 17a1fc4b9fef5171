//! What holds for a whole document: required attributes, and those that clients may not change (RFC 7643 s2.2, s7).

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::normalize::Place;
use super::{Attribute, AttributeType, Mutability, ResourceType, Schema, USER};
use crate::error::ScimError;
use crate::resource::{fold, Attributes, DateTime};

/// Every required attribute is there, and every required extension. The empty string is no value here: a `userName`
/// must not be empty (RFC 7643 s4.1.1).
///
/// `members` lives apart from the document, so whether it is required is not judged here.
///
/// # Errors
///
/// 400 `invalidValue`, naming the attribute.
pub(crate) fn required(resource_type: &ResourceType, attributes: &Attributes) -> Result<(), ScimError> {
    check_required(None, resource_type.schema(), attributes.as_map())?;
    for extension in resource_type.extensions() {
        let schema = &extension.schema;
        match attributes.extension(&schema.id) {
            Some(object) => check_required(Some(schema), schema, object)?,
            None if extension.required => {
                return Err(ScimError::invalid_value(format!("The extension {} is required", schema.id)));
            }
            None => {}
        }
    }
    Ok(())
}

/// Every required write-only attribute is there, as the body of a POST must have them.
///
/// # Errors
///
/// 400 `invalidValue`, naming the attribute.
pub(crate) fn required_write_only(
    resource_type: &ResourceType,
    write_only: &Map<String, Value>,
) -> Result<(), ScimError> {
    check_write_only(resource_type, write_only, is_missing)
}

/// A PATCH leaves every required write-only attribute with a value: what it sets is none that is unassigned, and what it
/// does not name stays.
///
/// # Errors
///
/// 400 `invalidValue`, naming the attribute.
pub(crate) fn required_write_only_stays(
    resource_type: &ResourceType,
    write_only: &Map<String, Value>,
) -> Result<(), ScimError> {
    if write_only.is_empty() {
        return Ok(());
    }
    check_write_only(resource_type, write_only, |value| value.is_some_and(|value| value.is_null() || value == ""))
}

fn check_write_only(
    resource_type: &ResourceType,
    write_only: &Map<String, Value>,
    is_missing: impl Fn(Option<&Value>) -> bool,
) -> Result<(), ScimError> {
    for (extension, attribute) in resource_type.all_attributes() {
        if attribute.required && attribute.mutability == Mutability::WriteOnly {
            let object = match extension {
                None => Some(write_only),
                Some(schema) => write_only.get(&schema.id).and_then(Value::as_object),
            };
            if is_missing(object.and_then(|object| object.get(&attribute.name))) {
                return Err(missing(place_of(extension.map(|schema| &**schema), attribute)));
            }
        }
    }
    Ok(())
}

fn check_required(extension: Option<&Schema>, schema: &Schema, object: &Map<String, Value>) -> Result<(), ScimError> {
    for attribute in &schema.attributes {
        let place = place_of(extension, attribute);
        let apart = extension.is_none() && attribute.name == "members";
        if is_required(attribute) && !apart && is_missing(object.get(&attribute.name)) {
            return Err(missing(place));
        }
        let mut needed = attribute.sub_attributes.iter().filter(|sub| is_required(sub)).peekable();
        if needed.peek().is_none() {
            continue;
        }
        let Some(value) = object.get(&attribute.name) else { continue };
        for sub_attribute in needed {
            if elements(value).iter().any(|element| is_missing(element.get(&sub_attribute.name))) {
                return Err(missing(Place { sub_attribute: Some(&sub_attribute.name), ..place }));
            }
        }
    }
    Ok(())
}

/// Whether a document must have the attribute. Write-only ones are not part of it, read-only ones are not the client's.
fn is_required(attribute: &Attribute) -> bool {
    attribute.required && matches!(attribute.mutability, Mutability::ReadWrite | Mutability::Immutable)
}

fn is_missing(value: Option<&Value>) -> bool {
    value.is_none_or(|value| value.as_str() == Some(""))
}

fn missing(place: Place<'_>) -> ScimError {
    ScimError::invalid_value(format!("{place} is required"))
}

fn place_of<'a>(extension: Option<&'a Schema>, attribute: &'a Attribute) -> Place<'a> {
    Place { extension, attribute: &attribute.name, sub_attribute: None }
}

/// A replacement leaves alone what clients may not change (RFC 7644 s3.5.1): an immutable attribute that has a value
/// keeps it, and so do read-only ones, which [`Normalizer::resource`](super::normalize::Normalizer::resource) has left
/// out of the replacement. `replaced` is amended with them.
///
/// The `groups` of a user are not taken over: they follow from the groups (RFC 7643 s4.1.2) and are never stored with
/// the user. Nor is a read-only sub-attribute whose siblings change, such as the name of a manager who is another now.
///
/// # Errors
///
/// 400 `mutability`, naming the attribute.
pub(crate) fn immutable(
    resource_type: &ResourceType,
    current: &Attributes,
    replaced: &mut Attributes,
) -> Result<(), ScimError> {
    for (extension, attribute) in resource_type.all_attributes().filter(|(_, attribute)| is_partly_fixed(attribute)) {
        let place = place_of(extension.map(|schema| &**schema), attribute);
        let Some(before) = find(current, place) else { continue };
        let after = find(replaced, place);
        let kept = match attribute.mutability {
            Mutability::ReadOnly if is_users_groups(resource_type, place) => None,
            Mutability::ReadOnly => Some(Cow::Borrowed(before)),
            Mutability::Immutable => Some(Cow::Borrowed(unchanged(place, attribute, before, after)?)),
            _ => with_fixed_sub_attributes(place, attribute, before, after)?.map(Cow::Owned),
        };
        if let Some(kept) = kept.filter(|kept| after != Some(&**kept)) {
            put(replaced, place, kept.into_owned());
        }
    }
    Ok(())
}

/// A resource that comes back by a POST has what the body says; what clients may not write is as it was, and so is what
/// they may set once and leave out. `returned` is amended with it.
pub(crate) fn keep_on_return(resource_type: &ResourceType, before: &Attributes, returned: &mut Attributes) {
    for (extension, attribute) in resource_type.all_attributes().filter(|(_, attribute)| is_fixed(attribute)) {
        let place = place_of(extension.map(|schema| &**schema), attribute);
        let kept = find(before, place).filter(|_| !is_users_groups(resource_type, place));
        if let Some(kept) = kept.filter(|_| find(returned, place).is_none()) {
            put(returned, place, kept.clone());
        }
    }
}

/// Whether clients may not change the attribute, or something within it. Elements of a list come and go as wholes.
fn is_partly_fixed(attribute: &Attribute) -> bool {
    is_fixed(attribute) || (!attribute.multi_valued && attribute.sub_attributes.iter().any(|sub| is_fixed(sub)))
}

fn is_fixed(attribute: &Attribute) -> bool {
    matches!(attribute.mutability, Mutability::Immutable | Mutability::ReadOnly)
}

/// The present value of an immutable attribute, if the replacement does not want another.
fn unchanged<'v>(
    place: Place<'_>,
    attribute: &Attribute,
    before: &'v Value,
    after: Option<&Value>,
) -> Result<&'v Value, ScimError> {
    if after.is_some_and(|after| !is_same(attribute, before, after)) {
        return Err(ScimError::mutability(format!("{place} cannot be changed once it has a value")));
    }
    Ok(before)
}

/// The complex value of the replacement with the fixed sub-attributes of the present one; `None` if it has none.
/// A replacement without the attribute takes it away as a whole.
fn with_fixed_sub_attributes(
    place: Place<'_>,
    attribute: &Attribute,
    before: &Value,
    after: Option<&Value>,
) -> Result<Option<Value>, ScimError> {
    let (Value::Object(before), Some(Value::Object(after))) = (before, after) else { return Ok(None) };
    let present = |mutability| {
        let fixed = attribute.sub_attributes.iter().filter(move |sub| sub.mutability == mutability);
        fixed.filter_map(|sub| Some((sub, before.get(&sub.name)?)))
    };
    if present(Mutability::Immutable).chain(present(Mutability::ReadOnly)).next().is_none() {
        return Ok(None);
    }
    let mut kept = after.clone();
    for (sub, old) in present(Mutability::Immutable) {
        let place = Place { sub_attribute: Some(&sub.name), ..place };
        kept.insert(sub.name.clone(), unchanged(place, sub, old, after.get(&sub.name))?.clone());
    }
    let mut writable = attribute.sub_attributes.iter().filter(|sub| sub.mutability != Mutability::ReadOnly);
    if writable.all(|sub| before.get(&sub.name) == kept.get(&sub.name)) {
        for (sub, old) in present(Mutability::ReadOnly) {
            kept.insert(sub.name.clone(), old.clone());
        }
    }
    Ok(Some(Value::Object(kept)))
}

fn is_users_groups(resource_type: &ResourceType, place: Place<'_>) -> bool {
    place.extension.is_none() && place.attribute == "groups" && resource_type.schema().id == USER
}

/// Whether two values of an attribute are the same to it: texts that compare without case, instants, lists in another
/// order.
pub(crate) fn is_same(attribute: &Attribute, before: &Value, after: &Value) -> bool {
    if before == after {
        return true;
    }
    match (before, after) {
        (Value::String(before), Value::String(after)) => match attribute.attribute_type {
            AttributeType::DateTime => DateTime::parse(before) == DateTime::parse(after),
            _ => !attribute.case_exact && fold(before) == fold(after),
        },
        (Value::Array(before), Value::Array(after)) => {
            let is_in = |list: &[Value], value: &Value| list.iter().any(|other| is_same(attribute, other, value));
            before.len() == after.len() && after.iter().all(|value| is_in(before, value))
        }
        (Value::Object(before), Value::Object(after)) => {
            let same = |sub: &Arc<Attribute>| match (before.get(&sub.name), after.get(&sub.name)) {
                (Some(before), Some(after)) => is_same(sub, before, after),
                (before, after) => before.is_none() && after.is_none(),
            };
            attribute.sub_attributes.iter().filter(|sub| sub.mutability != Mutability::ReadOnly).all(same)
        }
        _ => false,
    }
}

fn find<'v>(attributes: &'v Attributes, place: Place<'_>) -> Option<&'v Value> {
    match place.extension {
        None => attributes.get(place.attribute),
        Some(schema) => attributes.extension(&schema.id)?.get(place.attribute),
    }
}

fn put(attributes: &mut Attributes, place: Place<'_>, value: Value) {
    let map = attributes.make_mut();
    match place.extension {
        None => {
            map.insert(place.attribute.to_owned(), value);
        }
        Some(schema) => {
            let object = map.entry(schema.id.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(object) = object {
                object.insert(place.attribute.to_owned(), value);
            }
        }
    }
}

/// The elements of a multi-valued attribute, or the one value.
fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(list) => list,
        single => std::slice::from_ref(single),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::ScimType;

    const EXT: &str = "urn:example:ext";

    fn devices() -> ResourceType {
        let fixed = |attribute: Attribute| attribute.mutability(Mutability::Immutable);
        let schema = Schema::new("urn:example:Device", "Device")
            .attribute(fixed(Attribute::string("serial")).case_exact())
            .attribute(fixed(Attribute::string("label")))
            .attribute(fixed(Attribute::date_time("bought")))
            .attribute(fixed(Attribute::string("ports")).multi_valued())
            .attribute(fixed(Attribute::complex("maker", [Attribute::string("name"), Attribute::integer("since")])))
            .attribute(Attribute::string("seen").mutability(Mutability::ReadOnly))
            .attribute(Attribute::string("note"))
            .attribute(Attribute::complex(
                "owner",
                [
                    Attribute::string("value"),
                    fixed(Attribute::string("contract")),
                    Attribute::string("name").mutability(Mutability::ReadOnly),
                ],
            ))
            .attribute(Attribute::complex("parts", [fixed(Attribute::string("value"))]).multi_valued());
        let extension = Schema::new(EXT, "Ext")
            .attribute(fixed(Attribute::string("tag")))
            .attribute(Attribute::string("shown").mutability(Mutability::ReadOnly));
        ResourceType::new("Device", "/Devices", schema).with_extension(extension, false)
    }

    fn attributes(json: &Value) -> Attributes {
        Attributes::from_stored(json.as_object().unwrap().clone())
    }

    /// What a PUT makes of a document, or the message of the refusal.
    fn replace(resource_type: &ResourceType, current: &Value, replaced: &Value) -> Result<Value, String> {
        let mut replaced = attributes(replaced);
        match immutable(resource_type, &attributes(current), &mut replaced) {
            Ok(()) => Ok(Value::Object(replaced.into_map())),
            Err(error) => {
                assert_eq!(error.scim_type(), Some(ScimType::Mutability));
                Err(error.detail().to_owned())
            }
        }
    }

    #[test]
    fn rfc7644_s3_5_1_an_immutable_attribute_keeps_its_value() {
        let current = json!({"serial": "A1", "note": "n"});
        assert_eq!(replace(&devices(), &current, &json!({"serial": "A1"})), Ok(json!({"serial": "A1"})));
        assert_eq!(replace(&devices(), &current, &json!({"note": "m"})), Ok(json!({"serial": "A1", "note": "m"})));
        let refused = Err("serial cannot be changed once it has a value".to_owned());
        assert_eq!(replace(&devices(), &current, &json!({"serial": "a1"})), refused);
        assert_eq!(
            replace(&devices(), &json!({"note": "n"}), &json!({"serial": "A1"})),
            Ok(json!({"serial": "A1"})),
            "it may be set once"
        );
    }

    #[test]
    fn rfc7644_s3_5_1_values_that_match_are_the_stored_ones() {
        let current = json!({"label": "Blue", "bought": "2011-05-13T04:42:34Z", "ports": ["a", "b"],
            "maker": {"name": "Acme", "since": 1920}});
        let matching = json!({"label": "BLUE", "bought": "2011-05-13T06:42:34.000+02:00", "ports": ["B", "a"],
            "maker": {"since": 1920, "name": "ACME"}});
        assert_eq!(replace(&devices(), &current, &matching), Ok(current.clone()));
        for (name, value) in [
            ("label", json!("Red")),
            ("bought", json!("2011-05-13T04:42:35Z")),
            ("ports", json!(["a"])),
            ("ports", json!(["a", "c"])),
            ("maker", json!({"name": "Acme"})),
            ("maker", json!({"name": "Acme", "since": 1921})),
        ] {
            let refused = Err(format!("{name} cannot be changed once it has a value"));
            assert_eq!(replace(&devices(), &current, &json!({name: value})), refused);
        }
    }

    #[test]
    fn rfc7643_s2_2_an_immutable_sub_attribute_keeps_its_value() {
        let current = json!({"owner": {"value": "1", "contract": "c"}});
        assert_eq!(
            replace(&devices(), &current, &json!({"owner": {"value": "2", "contract": "d"}})),
            Err("owner.contract cannot be changed once it has a value".to_owned())
        );
        assert_eq!(
            replace(&devices(), &current, &json!({"owner": {"value": "2"}})),
            Ok(json!({"owner": {"value": "2", "contract": "c"}}))
        );
        assert_eq!(replace(&devices(), &current, &json!({})), Ok(json!({})), "the whole attribute may go");
        let set = json!({"owner": {"value": "1", "contract": "c"}});
        assert_eq!(replace(&devices(), &json!({"owner": {"value": "1"}}), &set), Ok(set.clone()));
    }

    #[test]
    fn rfc7643_s4_2_elements_with_immutable_sub_attributes_come_and_go() {
        let (current, replaced) = (json!({"parts": [{"value": "1"}]}), json!({"parts": [{"value": "2"}]}));
        assert_eq!(replace(&devices(), &current, &replaced), Ok(replaced.clone()));
        let members = |id: &str| json!({"displayName": "g", "members": [{"value": id, "display": id}]});
        assert_eq!(replace(&ResourceType::group(), &members("1"), &members("2")), Ok(members("2")));
    }

    #[test]
    fn rfc7644_s3_5_1_read_only_attributes_stay() {
        let current = json!({"seen": "today", EXT: {"shown": "s", "tag": "t"}, "note": "n"});
        let expected = json!({"seen": "today", EXT: {"shown": "s", "tag": "t"}});
        assert_eq!(replace(&devices(), &current, &json!({})), Ok(expected.clone()));
        assert_eq!(replace(&devices(), &current, &json!({EXT: {"tag": "T"}})), Ok(expected));
        assert_eq!(
            replace(&devices(), &current, &json!({EXT: {"tag": "u"}})),
            Err("urn:example:ext:tag cannot be changed once it has a value".to_owned())
        );
    }

    #[test]
    fn a_read_only_sub_attribute_stays_with_the_siblings_it_describes() {
        let current = json!({"owner": {"value": "1", "name": "Babs"}});
        assert_eq!(replace(&devices(), &current, &json!({"owner": {"value": "1"}})), Ok(current.clone()));
        let other = json!({"owner": {"value": "2"}});
        assert_eq!(replace(&devices(), &current, &other), Ok(other.clone()));
    }

    #[test]
    fn rfc7643_s4_1_2_the_groups_of_a_user_are_not_stored_with_it() {
        let current = json!({"userName": "b", "groups": [{"value": "g"}]});
        assert_eq!(replace(&ResourceType::user(), &current, &json!({"userName": "b"})), Ok(json!({"userName": "b"})));
    }
}
