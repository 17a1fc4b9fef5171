//! From the JSON of one attribute to its canonical value (RFC 7643 s2.3, s2.4, s2.5).

use serde_json::{Map, Value};

use super::element::merge_repeated;
use super::normalize::{Collected, Normalizer, Place};
use super::plain::check_text;
use super::value_format::{is_base64, is_uri, is_uri_reference};
use super::{Attribute, AttributeType, Mutability};
use crate::compat::{coerce, wrap_single};
use crate::error::{quoted, ScimError};
use crate::resource::{fold, DateTime};

impl Normalizer<'_> {
    /// The whole value of an attribute: a list for a multi-valued one. `None` means unassigned (RFC 7643 s2.5).
    ///
    /// # Errors
    ///
    /// 400 `invalidValue` if it does not fit, 413 for too many members.
    pub(crate) fn value(
        &mut self,
        place: Place<'_>,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        if !attribute.multi_valued {
            return self.element(place, attribute, value);
        }
        let list = match value {
            Value::Null => return Ok(None),
            empty if self.is_unassigned(&empty) => return Ok(None),
            Value::Array(list) => list,
            other => match wrap_single(self.profile, attribute, other) {
                Ok(Value::Array(list)) => list,
                _ => return Err(ScimError::invalid_value(format!("{place} must be a list"))),
            },
        };
        let members = is_members(place, attribute);
        self.check_count(place, members, list.len())?;
        let mut elements = Vec::with_capacity(list.len());
        for element in list {
            if let Some(element) = self.element(place, attribute, element)? {
                elements.push(element);
            }
        }
        merge_repeated(&mut elements, attribute, members);
        self.check_primary(place, attribute, &mut elements)?;
        Ok(if elements.is_empty() { None } else { Some(Value::Array(elements)) })
    }

    /// One value: of a single-valued attribute, or one element of a multi-valued one.
    ///
    /// # Errors
    ///
    /// 400 `invalidValue` if it does not fit.
    pub(crate) fn element(
        &mut self,
        place: Place<'_>,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        match (attribute.attribute_type, value) {
            (_, Value::Null) => Ok(None),
            (_, value) if self.is_unassigned(&value) => Ok(None),
            (AttributeType::Complex, Value::Object(members)) => self.complex(place, attribute, members),
            (attribute_type, value) if attribute_type != AttributeType::Complex && has_type(attribute_type, &value) => {
                self.simple(place, attribute, value).map(Some)
            }
            (_, value) => match coerce(self.profile, attribute, value) {
                Ok(coerced) => self.element(place, attribute, coerced),
                Err(_) => Err(ScimError::invalid_value(format!("{place} must be {}", expected(attribute)))),
            },
        }
    }

    /// Whether the profile reads an empty text or list as no value.
    pub(super) fn is_unassigned(&self, value: &Value) -> bool {
        let empty = match value {
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            _ => false,
        };
        empty && self.profile.empty_means_unassigned
    }

    /// An object without a member that has a value is unassigned itself, for nothing is left to be stored.
    fn complex(
        &mut self,
        place: Place<'_>,
        attribute: &Attribute,
        members: Map<String, Value>,
    ) -> Result<Option<Value>, ScimError> {
        if !members.is_empty() && self.is_canonical(place, attribute, &members) {
            return Ok(Some(Value::Object(members)));
        }
        let mut collected = Collected::default();
        for (key, value) in members {
            let Some(sub_attribute) = attribute.sub_attribute(&key) else {
                self.unknown_sub_attribute(place, key, value, &mut collected.object)?;
                continue;
            };
            let place = Place { sub_attribute: Some(&sub_attribute.name), ..place };
            let value = if sub_attribute.mutability == Mutability::ReadOnly && !self.by_provider {
                self.ignored.push(place.to_string());
                None
            } else {
                self.value(place, sub_attribute, value)?
            };
            collected.add(place, key, value)?;
        }
        Ok(if collected.object.is_empty() { None } else { Some(Value::Object(collected.object)) })
    }

    /// Whether an object needs no change at all, which is the usual case and saves building it anew.
    fn is_canonical(&self, place: Place<'_>, attribute: &Attribute, members: &Map<String, Value>) -> bool {
        members.iter().all(|(key, value)| {
            attribute.sub_attribute(key).is_some_and(|sub_attribute| {
                sub_attribute.name == *key
                    && !sub_attribute.multi_valued
                    && !sub_attribute.is_complex()
                    && !sub_attribute.strict_canonical_values
                    && (sub_attribute.mutability != Mutability::ReadOnly || self.by_provider)
                    && has_type(sub_attribute.attribute_type, value)
                    && !self.is_unassigned(value)
                    && self.check_simple(place, sub_attribute, value).is_ok()
            })
        })
    }

    fn unknown_sub_attribute(
        &mut self,
        place: Place<'_>,
        key: String,
        value: Value,
        target: &mut Map<String, Value>,
    ) -> Result<(), ScimError> {
        if self.by_provider {
            self.keep_unknown(key, value, target)
        } else {
            self.unknown_attribute(&format!("{place}.{key}"))
        }
    }

    fn simple(&self, place: Place<'_>, attribute: &Attribute, value: Value) -> Result<Value, ScimError> {
        self.check_simple(place, attribute, &value)?;
        match value {
            Value::String(text) if attribute.strict_canonical_values && !attribute.canonical_values.is_empty() => {
                canonical_value(place, attribute, text).map(Value::String)
            }
            value => Ok(value),
        }
    }

    /// A value of the right JSON type is what its attribute wants.
    fn check_simple(&self, place: Place<'_>, attribute: &Attribute, value: &Value) -> Result<(), ScimError> {
        let Value::String(text) = value else { return Ok(()) };
        check_text(text, self.limits, || place.to_string())?;
        match attribute.attribute_type {
            AttributeType::DateTime if DateTime::parse(text).is_none() => {
                let given = quoted(text);
                Err(ScimError::invalid_value(format!(
                    "{place} must be a date and time such as 2011-05-13T04:42:34Z, not {given}"
                )))
            }
            AttributeType::Binary if !is_base64(text) => {
                Err(ScimError::invalid_value(format!("{place} must be base64")))
            }
            AttributeType::Reference if !self.profile.any_references => check_reference(place, attribute, text),
            _ => Ok(()),
        }
    }

    /// At most one element is primary (RFC 7643 s2.4). Providers send empty ones along that are primary as well.
    fn check_primary(
        &self,
        place: Place<'_>,
        attribute: &Attribute,
        elements: &mut Vec<Value>,
    ) -> Result<(), ScimError> {
        if !attribute.is_complex() || attribute.sub_attribute("primary").is_none() {
            return Ok(());
        }
        let has_several = |elements: &[Value]| elements.iter().filter(|element| is_primary(element)).count() > 1;
        if has_several(elements) && self.profile.empty_means_unassigned && attribute.sub_attribute("value").is_some() {
            without_empty_primaries(elements);
        }
        if has_several(elements) {
            return Err(ScimError::invalid_value(format!("Only one value of {place} may be primary")));
        }
        Ok(())
    }

    fn check_count(&self, place: Place<'_>, members: bool, count: usize) -> Result<(), ScimError> {
        if members {
            let most = self.limits.members_per_request;
            if count > most {
                return Err(ScimError::payload_too_large(format!(
                    "A request may name {most} members; send the others in further requests"
                )));
            }
        } else if count > self.limits.values {
            let most = self.limits.values;
            return Err(ScimError::invalid_value(format!("{place} may have {most} values")));
        }
        Ok(())
    }
}

/// Whether a value is the members of a group, which have limits of their own and are the same if their `value` is.
fn is_members(place: Place<'_>, attribute: &Attribute) -> bool {
    place.extension.is_none() && place.sub_attribute.is_none() && attribute.is_complex() && attribute.name == "members"
}

fn has_type(attribute_type: AttributeType, value: &Value) -> bool {
    match attribute_type {
        AttributeType::String | AttributeType::DateTime | AttributeType::Binary | AttributeType::Reference => {
            value.is_string()
        }
        AttributeType::Boolean => value.is_boolean(),
        AttributeType::Decimal => value.is_number(),
        AttributeType::Integer => value.is_i64() || value.is_u64(),
        AttributeType::Complex => value.is_object(),
    }
}

fn expected(attribute: &Attribute) -> &'static str {
    match attribute.attribute_type {
        AttributeType::String => "a string",
        AttributeType::Boolean => "true or false",
        AttributeType::Decimal => "a number",
        AttributeType::Integer => "a whole number",
        AttributeType::DateTime => "a date and time",
        AttributeType::Binary => "base64 text",
        AttributeType::Reference => "a URI",
        AttributeType::Complex => "an object",
    }
}

fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

/// Takes `primary` from the elements without a `value`, and the elements away that have nothing else.
fn without_empty_primaries(elements: &mut Vec<Value>) {
    elements.retain_mut(|element| match element {
        Value::Object(members) if !members.contains_key("value") => {
            members.remove("primary").is_none() || !members.is_empty()
        }
        _ => true,
    });
}

/// A reference to something outside is an absolute URI; one to a resource or an identifier may be relative (RFC 7643
/// s2.3.7, s7).
fn check_reference(place: Place<'_>, attribute: &Attribute, text: &str) -> Result<(), ScimError> {
    let external_only = !attribute.reference_types.is_empty()
        && attribute.reference_types.iter().all(|kind| kind.eq_ignore_ascii_case("external"));
    let (fits, wanted) = if external_only {
        (is_uri(text), "an absolute URI such as https://example.com/")
    } else {
        (is_uri_reference(text), "a URI, absolute or relative to the base URL")
    };
    if fits {
        Ok(())
    } else {
        Err(ScimError::invalid_value(format!("{place} must be {wanted}, not {}", quoted(text))))
    }
}

/// The canonical spelling of a value that must be a canonical one.
fn canonical_value(place: Place<'_>, attribute: &Attribute, text: String) -> Result<String, ScimError> {
    if attribute.canonical_values.contains(&text) {
        return Ok(text);
    }
    let folded = fold(&text);
    let same = |canonical: &&String| !attribute.case_exact && fold(canonical) == folded;
    attribute.canonical_values.iter().find(same).cloned().ok_or_else(|| {
        let choices = attribute.canonical_values.join(", ");
        ScimError::invalid_value(format!("{place} must be one of {choices}, not {}", quoted(&text)))
    })
}
