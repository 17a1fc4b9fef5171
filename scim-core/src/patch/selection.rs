//! The filter of a value path: which values of an attribute an operation is about (RFC 7644 s3.5.2 `valuePath`).

use serde_json::{Map, Value};

use super::operation::{is_members, Selection};
use crate::error::ScimError;
use crate::filter::{CompareOperator, Filter, Literal, Operand, ResolvedFilter};
use crate::schema::normalize::{Normalizer, Place};
use crate::schema::{Attribute, AttributePath, AttributeType, ResolvedPath};

/// Finds out what the filter in the brackets behind an attribute means.
///
/// # Errors
///
/// 400 `invalidPath` if the attribute takes no filter, or the filter does not fit its sub-attributes.
pub(super) fn selection(
    filter: &Filter,
    resolved: &ResolvedPath,
    normalizer: &mut Normalizer<'_>,
) -> Result<Selection, ScimError> {
    let attribute = &resolved.attribute;
    let profile = normalizer.profile;
    let takes_filter = attribute.multi_valued || attribute.is_complex() && profile.value_filter_on_single;
    if !takes_filter {
        return Err(ScimError::invalid_path(format!(
            "{resolved} is not a list, so its path takes no filter in brackets"
        )));
    }
    let resolved_filter = filter.resolve_within(resolved, profile).map_err(crate::FilterError::into_path_error)?;
    let is_asked_for =
        profile.create_from_value_filter || profile.add_by_value_filter || profile.replace_keeps_filter_values;
    let described = if is_asked_for { described(filter, resolved, normalizer) } else { None };
    let member_ids =
        if resolved.extension_urn().is_none() && is_members(attribute) { member_ids(&resolved_filter) } else { None };
    Ok(Selection { terms: resolved_filter.terms(), filter: resolved_filter, described, member_ids })
}

/// The element that a filter describes, in canonical form; `None` if it has anything but `eq` and `and`.
fn described(filter: &Filter, resolved: &ResolvedPath, normalizer: &mut Normalizer<'_>) -> Option<Value> {
    let attribute = &resolved.attribute;
    let terms = match filter {
        Filter::And(terms) => terms.as_slice(),
        single => std::slice::from_ref(single),
    };
    let element = if attribute.is_complex() {
        let mut members = Map::new();
        for term in terms {
            let (path, value) = equality(term)?;
            let definition = attribute.sub_attribute(path.name())?;
            members.insert(definition.name.clone(), operand(definition, value)?);
        }
        if members.len() < terms.len() {
            return None;
        }
        Value::Object(members)
    } else {
        match terms {
            [term] => operand(attribute, equality(term)?.1)?,
            _ => return None,
        }
    };
    let extension = match &resolved.root {
        crate::AttributeRoot::Extension(schema) => Some(&**schema),
        _ => None,
    };
    let place = Place { extension, attribute: &attribute.name, sub_attribute: None };
    normalizer.element(place, attribute, element).ok().flatten()
}

fn equality(term: &Filter) -> Option<(&AttributePath, &Literal)> {
    match term {
        Filter::Compare(path, CompareOperator::Equal, literal) => Some((path, literal)),
        _ => None,
    }
}

/// The literal as a value; where words need no quotes, a number may be meant as text.
fn operand(attribute: &Attribute, literal: &Literal) -> Option<Value> {
    match literal {
        Literal::Null => None,
        Literal::Boolean(boolean) => Some(Value::Bool(*boolean)),
        Literal::Number(number) if attribute.attribute_type == AttributeType::String => {
            Some(Value::String(number.to_string()))
        }
        Literal::Number(number) => Some(Value::Number(number.clone())),
        Literal::String(text) => Some(Value::String(text.to_string())),
    }
}

/// The ids in a filter on `members` that is `value eq "id"`, or several of these with `or`.
fn member_ids(filter: &ResolvedFilter) -> Option<Vec<String>> {
    match filter {
        ResolvedFilter::Or(terms) => terms.iter().map(member_id).collect(),
        single => member_id(single).map(|id| vec![id]),
    }
}

fn member_id(filter: &ResolvedFilter) -> Option<String> {
    match filter {
        ResolvedFilter::Compare(path, CompareOperator::Equal, Operand::Exact(id)) if path.leaf().name == "value" => {
            Some(id.to_string())
        }
        _ => None,
    }
}
