//! A copy of a resource's attributes in which every comparison of a filter is a comparison of JSON values.

use serde_json::{Map, Number, Value};

use crate::resource::{fold, Attributes, DateTime};
use crate::schema::{Attribute, AttributeSet, AttributeType, ResourceType};

/// The attributes of a resource as a database compares them: strings that compare without case [folded](fold), date-times
/// as microseconds, numbers as texts in the order of the numbers, and `schemas` as an answer shows it. Attributes that
/// the schema does not have are not in it.
///
/// A store keeps it in a JSON column beside the document, names the column with
/// [`ColumnMap::search_document`](super::ColumnMap::search_document), and writes both in one statement.
///
/// ```
/// use scim_core::sql::search_document;
/// use scim_core::{Attributes, ResourceType};
/// use serde_json::json;
///
/// let user = json!({"userName": "BJensen", "externalId": "BJ-7"});
/// let user = Attributes::from_stored(user.as_object().unwrap().clone());
/// let search = search_document(&ResourceType::user(), &user);
/// assert_eq!(search["userName"], "bjensen");
/// assert_eq!(search["externalId"], "BJ-7");
/// ```
#[must_use]
pub fn search_document(resource_type: &ResourceType, attributes: &Attributes) -> Map<String, Value> {
    let mut search = object(&resource_type.schema().attributes, attributes.as_map());
    if let Some(external_id) = attributes.get("externalId") {
        search.entry("externalId").or_insert_with(|| external_id.clone());
    }
    for extension in resource_type.extensions() {
        let urn = &extension.schema.id;
        if let Some(values) = attributes.extension(urn) {
            search.insert(urn.clone(), Value::Object(object(&extension.schema.attributes, values)));
        }
    }
    search.insert("schemas".to_owned(), schemas(resource_type, attributes));
    search
}

/// The core schema's URN and those of the extensions that have a value; names of other attributes have no colon.
fn schemas(resource_type: &ResourceType, attributes: &Attributes) -> Value {
    let extensions = attributes.as_map().iter().filter(|(key, value)| key.contains(':') && has_content(value));
    let urns = std::iter::once(&resource_type.schema().id).chain(extensions.map(|(urn, _)| urn));
    urns.map(|urn| Value::String(fold(urn).into_owned())).collect()
}

fn has_content(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => elements.iter().any(has_content),
        Value::Object(members) => members.values().any(has_content),
    }
}

fn object(attributes: &AttributeSet, values: &Map<String, Value>) -> Map<String, Value> {
    let known = attributes.iter().filter_map(|attribute| {
        let value = searchable(attribute, values.get(&attribute.name)?)?;
        Some((attribute.name.clone(), value))
    });
    known.collect()
}

fn searchable(attribute: &Attribute, value: &Value) -> Option<Value> {
    match (attribute.attribute_type, value) {
        (_, Value::Null) => None,
        (_, Value::Array(elements)) => {
            Some(Value::Array(elements.iter().filter_map(|element| searchable(attribute, element)).collect()))
        }
        (AttributeType::Complex, Value::Object(members)) => {
            Some(Value::Object(object(&attribute.sub_attributes, members)))
        }
        (AttributeType::DateTime, Value::String(text)) => {
            DateTime::parse(text).map(|instant| Value::from(instant.as_micros()))
        }
        (AttributeType::Decimal | AttributeType::Integer, Value::Number(number)) => number_key(number).map(Value::from),
        (_, Value::String(text)) if !attribute.case_exact => Some(Value::String(fold(text).into_owned())),
        (_, value) => Some(value.clone()),
    }
}

/// How many characters of a [`number_key`] stand for the number as a double, which is what numbers are sorted by.
pub(super) const SORTED_DIGITS: usize = 16;

/// A text that is in the order of the exact number, equal for equal numbers. Databases read the digits of a fraction
/// each in its own way; a text they take as it is.
///
/// First comes the nearest double, its bits arranged so that they sort, then how far the number is from that double,
/// which is not 0 for whole numbers beyond 2^53 alone.
pub(super) fn number_key(number: &Number) -> Option<String> {
    let double = number.as_f64()?;
    let bits = if double == 0.0 { 0 } else { double.to_bits() };
    let sortable = if bits >> 63 == 0 { bits | 1 << 63 } else { !bits };
    let distance = whole(number).map_or(0, |whole| whole.saturating_sub(rounded(double)));
    let sortable_distance = distance.saturating_add(0x8000);
    Some(format!("{sortable:016x}{sortable_distance:04x}"))
}

fn whole(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// The double is the nearest one of a 64-bit number, far from the ends of the range.
#[allow(clippy::cast_possible_truncation)]
fn rounded(double: f64) -> i128 {
    double as i128
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_keys_are_in_the_order_of_the_numbers() {
        let double = |number: f64| Number::from_f64(number).unwrap();
        let numbers = [
            double(-1e300),
            Number::from(i64::MIN),
            Number::from(i64::MIN + 1),
            double(-2.5),
            Number::from(-2),
            double(-1e-300),
            Number::from(0),
            double(1e-300),
            double(0.1),
            Number::from(1),
            double(1.5),
            Number::from(9_007_199_254_740_992_u64),
            Number::from(9_007_199_254_740_993_u64),
            Number::from(9_007_199_254_740_995_u64),
            Number::from(u64::MAX - 1),
            Number::from(u64::MAX),
            double(1e300),
        ];
        let keys: Vec<String> = numbers.iter().map(|number| number_key(number).unwrap()).collect();
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{keys:#?}");
        assert!(keys.iter().all(|key| key.len() == SORTED_DIGITS + 4));
        assert_eq!(number_key(&Number::from(2)), number_key(&double(2.0)));
        assert_eq!(number_key(&Number::from(0)), number_key(&double(-0.0)));
    }
}
