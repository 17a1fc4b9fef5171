//! What a filter means for a resource type: canonical attributes, operands of the attribute's type.

use std::sync::Arc;

use serde_json::{Number, Value};

use super::ast::{CompareOperator, Filter, Literal};
use super::error::FilterError;
use super::lexer::number_in;
use crate::compat::{coerce, CompatProfile};
use crate::error::quoted;
use crate::resource::{fold, DateTime};
use crate::schema::{
    Attribute, AttributePath, AttributeRoot, AttributeType, Mutability, ResolvedPath, ResourceType, Returned,
};

/// A filter whose attributes exist and whose operands have the attribute's type. This is what a store is asked.
///
/// Every filter either holds or does not; there is no third value. A store that leaves part of the work to its database
/// must arrive at what [`matches`](Self::matches) says:
///
/// - a multi-valued attribute compares if one of its values does;
/// - an attribute without a value compares with nothing, except that a value of several that does not say whether it is
///   `primary` compares as `false` (RFC 7643 s2.4);
/// - `ne` is the negation of `eq`: it holds if no value equals the operand, so also if there is none;
/// - `eq null` is the negation of [`Present`](Self::Present), and `ne null` is the same as it;
/// - `gt`, `ge`, `lt` and `le` compare strings byte by byte in UTF-8, folded ones by their folded key.
///
/// ```
/// use scim_core::{CompareOperator, CompatProfile, Filter, Limits, Operand, ResolvedFilter, ResourceType};
///
/// let profile = CompatProfile::default();
/// let filter = Filter::parse(r#"USERNAME eq "BJensen""#, &profile, &Limits::default()).unwrap();
/// let resolved = filter.resolve(&ResourceType::user(), &profile).unwrap();
/// let ResolvedFilter::Compare(path, CompareOperator::Equal, Operand::Folded(key)) = resolved else { panic!() };
/// assert_eq!((path.to_string().as_str(), &*key), ("userName", "bjensen"));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ResolvedFilter {
    /// Every term holds.
    And(Vec<ResolvedFilter>),
    /// At least one term holds.
    Or(Vec<ResolvedFilter>),
    /// The term does not hold.
    Not(Box<ResolvedFilter>),
    /// The attribute compares with the operand. The leaf of the path is never complex.
    Compare(ResolvedPath, CompareOperator, Operand),
    /// The attribute has a value that is not empty: not an empty string or list, and not an object whose members are
    /// all of them empty.
    Present(ResolvedPath),
    /// One element of the attribute satisfies the filter whole; one that is not multi-valued has at most one. The paths
    /// in the filter name the same attribute with a sub-attribute, or without one where it is not complex.
    ValuePath(ResolvedPath, Box<ResolvedFilter>),
}

impl ResolvedFilter {
    /// How many comparisons and presence tests it has.
    pub(crate) fn terms(&self) -> usize {
        match self {
            Self::And(terms) | Self::Or(terms) => terms.iter().map(Self::terms).fold(0, usize::saturating_add),
            Self::Not(term) | Self::ValuePath(_, term) => term.terms(),
            Self::Compare(..) | Self::Present(_) => 1,
        }
    }
}

/// A comparison value of the attribute's type.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Operand {
    /// `null`: with `eq`, the attribute has no value. Only with `eq` and `ne`.
    Null,
    /// For booleans. Only with `eq` and `ne`.
    Boolean(bool),
    /// For decimals and integers.
    Number(Number),
    /// For strings, references and binaries that compare with case.
    Exact(Box<str>),
    /// For strings that compare without case, already [folded](crate::fold).
    Folded(Box<str>),
    /// For date-times.
    DateTime(DateTime),
}

impl Filter {
    /// Finds out what the filter means for a resource type.
    ///
    /// # Errors
    ///
    /// An attribute that does not exist or may not be filtered on, an operator that the attribute's type does not have,
    /// or an operand that is not of its type.
    pub fn resolve(
        &self,
        resource_type: &ResourceType,
        profile: &CompatProfile,
    ) -> Result<ResolvedFilter, FilterError> {
        self.resolve_in(&Scope::Resource(resource_type), profile)
    }

    /// Finds out what the filter in the brackets of a value path means: its names are sub-attributes of `attribute`
    /// (and `value` stands for a value of a multi-valued attribute that is not complex).
    ///
    /// # Errors
    ///
    /// As [`resolve`](Self::resolve).
    pub(crate) fn resolve_within(
        &self,
        attribute: &ResolvedPath,
        profile: &CompatProfile,
    ) -> Result<ResolvedFilter, FilterError> {
        self.resolve_in(&Scope::Element(attribute), profile)
    }

    fn resolve_in(&self, scope: &Scope<'_>, profile: &CompatProfile) -> Result<ResolvedFilter, FilterError> {
        let all = |terms: &[Self]| terms.iter().map(|term| term.resolve_in(scope, profile)).collect::<Result<_, _>>();
        match self {
            Self::And(terms) => all(terms).map(ResolvedFilter::And),
            Self::Or(terms) => all(terms).map(ResolvedFilter::Or),
            Self::Not(term) => Ok(ResolvedFilter::Not(Box::new(term.resolve_in(scope, profile)?))),
            Self::Present(path) => scope.path(path, profile).map(ResolvedFilter::Present),
            Self::Compare(path, operator, literal) => {
                comparison(scope.path(path, profile)?, *operator, literal, profile)
            }
            Self::ValuePath(path, filter) => value_path(scope.path(path, profile)?, filter, profile),
        }
    }
}

/// What names in a filter refer to.
enum Scope<'a> {
    Resource(&'a ResourceType),
    Element(&'a ResolvedPath),
}

impl Scope<'_> {
    fn path(&self, path: &AttributePath, profile: &CompatProfile) -> Result<ResolvedPath, FilterError> {
        let found = match self {
            Self::Resource(resource_type) if profile.short_extension_names => resource_type.resolve_short(path),
            Self::Resource(resource_type) => resource_type.resolve(path),
            Self::Element(attribute) => within(attribute, path),
        };
        let Some(found) = found else { return Err(self.unknown(path)) };
        if is_hidden(&found.attribute) || is_hidden(found.leaf()) {
            return Err(FilterError::meaningless(format!("{found} cannot be filtered on, because nobody may read it")));
        }
        if matches!(found.root, AttributeRoot::Meta) && found.leaf().name == "location" {
            return Err(FilterError::meaningless("meta.location cannot be filtered on; filter on id instead"));
        }
        if found.is_made_reference() {
            let attribute = &found.attribute.name;
            let message = format!("{found} cannot be filtered on; filter on {attribute}.value instead, the id");
            return Err(FilterError::meaningless(message));
        }
        Ok(found)
    }

    fn unknown(&self, path: &AttributePath) -> FilterError {
        let name = quoted(path.as_str());
        FilterError::meaningless(match self {
            Self::Resource(resource_type) => format!("{} has no attribute {name}", resource_type.name()),
            Self::Element(attribute) => format!("{attribute} has no sub-attribute {name}"),
        })
    }
}

/// What a name in the brackets behind an attribute means.
fn within(attribute: &ResolvedPath, path: &AttributePath) -> Option<ResolvedPath> {
    if path.urn().is_some() || path.sub_attribute().is_some() {
        return None;
    }
    if attribute.attribute.is_complex() {
        let sub_attribute = Arc::clone(attribute.attribute.sub_attribute(path.name())?);
        return Some(ResolvedPath { sub_attribute: Some(sub_attribute), ..attribute.clone() });
    }
    let is_element = attribute.attribute.multi_valued && path.name().eq_ignore_ascii_case("value");
    is_element.then(|| attribute.clone())
}

fn is_hidden(attribute: &Attribute) -> bool {
    attribute.returned == Returned::Never || attribute.mutability == Mutability::WriteOnly
}

/// `meta` is there in every resource, so a value path on it says what its filter says.
fn value_path(path: ResolvedPath, filter: &Filter, profile: &CompatProfile) -> Result<ResolvedFilter, FilterError> {
    let takes_filter = path.sub_attribute.is_none()
        && (path.attribute.is_complex() || path.attribute.multi_valued)
        && !matches!(path.root, AttributeRoot::Schemas);
    if !takes_filter {
        return Err(FilterError::meaningless(format!(
            "{path} has no sub-attributes, so it takes no filter in brackets"
        )));
    }
    let filter = filter.resolve_within(&path, profile)?;
    Ok(match path.root {
        AttributeRoot::Meta => filter,
        _ => ResolvedFilter::ValuePath(path, Box::new(filter)),
    })
}

fn comparison(
    path: ResolvedPath,
    operator: CompareOperator,
    literal: &Literal,
    profile: &CompatProfile,
) -> Result<ResolvedFilter, FilterError> {
    if *literal == Literal::Null {
        return comparison_with_null(path, operator);
    }
    let path = simple_path(path, profile)?;
    if !has_operator(path.leaf().attribute_type, operator) {
        let attribute_type = type_name(path.leaf().attribute_type);
        let message = format!("{path} is {attribute_type}, for which there is no operator {operator}");
        return Err(FilterError::meaningless(message));
    }
    let operand = operand(&path, literal, profile).ok_or_else(|| {
        FilterError::meaningless(format!("{path} must be compared with {}", operand_name(path.leaf())))
    })?;
    Ok(ResolvedFilter::Compare(path, operator, operand))
}

/// `eq null` asks for the absence of the attribute, whatever its type.
fn comparison_with_null(path: ResolvedPath, operator: CompareOperator) -> Result<ResolvedFilter, FilterError> {
    let is_complex = path.leaf().is_complex();
    match operator {
        CompareOperator::Equal if is_complex => Ok(ResolvedFilter::Not(Box::new(ResolvedFilter::Present(path)))),
        CompareOperator::NotEqual if is_complex => Ok(ResolvedFilter::Present(path)),
        CompareOperator::Equal | CompareOperator::NotEqual => {
            Ok(ResolvedFilter::Compare(path, operator, Operand::Null))
        }
        _ => {
            let message = format!("{path} can be compared with null by eq and ne only, not by {operator}");
            Err(FilterError::meaningless(message))
        }
    }
}

/// The path to what is compared: of a complex attribute its `value`. RFC 7644 s3.4.2.2 wants sub-attributes named and
/// has `emails co "example.com"` as its own example, so a list always means its values.
fn simple_path(path: ResolvedPath, profile: &CompatProfile) -> Result<ResolvedPath, FilterError> {
    if !path.leaf().is_complex() {
        return Ok(path);
    }
    let by_value = path.attribute.multi_valued || profile.complex_compares_by_value;
    match path.attribute.sub_attribute("value") {
        Some(value) if by_value && path.sub_attribute.is_none() && !is_hidden(value) && !value.is_complex() => {
            let sub_attribute = Some(Arc::clone(value));
            Ok(ResolvedPath { sub_attribute, ..path })
        }
        _ => Err(FilterError::meaningless(format!("{path} is complex; compare one of its sub-attributes instead"))),
    }
}

/// RFC 7644 s3.4.2.2 table 3: booleans and binaries have no order, and only what is text has parts.
fn has_operator(attribute_type: AttributeType, operator: CompareOperator) -> bool {
    use CompareOperator as Op;
    match operator {
        Op::Equal | Op::NotEqual => true,
        Op::Contains | Op::StartsWith | Op::EndsWith => {
            matches!(attribute_type, AttributeType::String | AttributeType::Reference)
        }
        Op::GreaterThan | Op::GreaterOrEqual | Op::LessThan | Op::LessOrEqual => {
            !matches!(attribute_type, AttributeType::Boolean | AttributeType::Binary)
        }
    }
}

fn operand(path: &ResolvedPath, literal: &Literal, profile: &CompatProfile) -> Option<Operand> {
    let leaf = path.leaf();
    match leaf.attribute_type {
        AttributeType::String | AttributeType::Reference | AttributeType::Binary => {
            text_operand(path, literal, profile)
        }
        AttributeType::Boolean => match literal {
            Literal::Boolean(boolean) => Some(Operand::Boolean(*boolean)),
            Literal::String(text) => match coerce(profile, leaf, Value::String(text.to_string())) {
                Ok(Value::Bool(boolean)) => Some(Operand::Boolean(boolean)),
                _ => None,
            },
            _ => None,
        },
        AttributeType::Decimal | AttributeType::Integer => match literal {
            Literal::Number(number) => Some(Operand::Number(number.clone())),
            Literal::String(text) if profile.unquoted_filter_values => number_in(text).map(Operand::Number),
            _ => None,
        },
        AttributeType::DateTime => match literal {
            Literal::String(text) => DateTime::parse(text).map(Operand::DateTime),
            _ => None,
        },
        AttributeType::Complex => None,
    }
}

/// Where words need no quotes, a number may be meant as text.
fn text_operand(path: &ResolvedPath, literal: &Literal, profile: &CompatProfile) -> Option<Operand> {
    let number;
    let text = match literal {
        Literal::String(text) => &**text,
        Literal::Number(digits) if profile.unquoted_filter_values => {
            number = digits.to_string();
            &number
        }
        _ => return None,
    };
    let leaf = path.leaf();
    Some(match path.root {
        AttributeRoot::Schemas => Operand::Folded(fold(text).into()),
        AttributeRoot::Meta if leaf.name == "version" => Operand::Exact(entity_tag_content(text).into()),
        _ if leaf.case_exact || leaf.attribute_type == AttributeType::Binary => Operand::Exact(text.into()),
        _ => Operand::Folded(fold(text).into()),
    })
}

/// A version as clients see it is an entity tag, `W/"3694e05e9dff594"` (RFC 7644 s3.14); stores know what is in it.
fn entity_tag_content(text: &str) -> &str {
    let tag = text.strip_prefix("W/").unwrap_or(text);
    tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or(text)
}

fn type_name(attribute_type: AttributeType) -> &'static str {
    match attribute_type {
        AttributeType::String => "a string",
        AttributeType::Boolean => "a boolean",
        AttributeType::Decimal => "a decimal",
        AttributeType::Integer => "an integer",
        AttributeType::DateTime => "a dateTime",
        AttributeType::Binary => "binary",
        AttributeType::Reference => "a reference",
        AttributeType::Complex => "complex",
    }
}

fn operand_name(leaf: &Attribute) -> &'static str {
    match leaf.attribute_type {
        AttributeType::Boolean => "true or false",
        AttributeType::Decimal | AttributeType::Integer => "a number",
        AttributeType::DateTime => "a dateTime such as \"2011-05-13T04:42:34Z\"",
        _ => "a string in double quotes",
    }
}
