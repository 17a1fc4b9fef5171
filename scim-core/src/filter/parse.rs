//! From text to a filter: the ABNF of RFC 7644 s3.4.2.2 figure 1, and the path of s3.5.2 figure 7.

use super::ast::Filter;
use super::error::FilterError;
use super::lexer::{attribute_path, operator, schema_urn, space0, space1, sub_attribute, value, Operator};
use super::refusal::{refuse, Parsed, Reason, Refusal};
use crate::compat::CompatProfile;
use crate::limits::Limits;
use crate::schema::AttributePath;

/// The path of a PATCH operation (RFC 7644 s3.5.2): `attrPath / valuePath [subAttr]`.
///
/// ```
/// use scim_core::{parse_path, CompatProfile, Limits};
///
/// let path = parse_path(r#"emails[type eq "work"].value"#, &CompatProfile::STRICT, &Limits::default()).unwrap();
/// assert_eq!(path.attribute.name(), "emails");
/// assert_eq!(path.filter.unwrap().to_string(), r#"type eq "work""#);
/// assert_eq!(path.sub_attribute.as_deref(), Some("value"));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PatchPath {
    /// The attribute; with a filter it has no sub-attribute of its own. It may as well be the URN of a schema, taken
    /// apart at its last colon like any other path.
    pub attribute: AttributePath,
    /// The filter in brackets.
    pub filter: Option<Filter>,
    /// The sub-attribute behind the brackets.
    pub sub_attribute: Option<String>,
}

impl Filter {
    /// Parses a filter.
    ///
    /// Beyond the ABNF it takes any white space where that has one space, white space within brackets of either kind
    /// and at both ends, and no space before the quote of a string, as an example of RFC 7644 s3.5.2.2 has it. What
    /// else providers send depends on the profile.
    ///
    /// # Errors
    ///
    /// What is wrong and where; also a filter beyond [`Limits::filter_bytes`], [`Limits::filter_depth`] or
    /// [`Limits::filter_terms`].
    pub fn parse(text: &str, profile: &CompatProfile, limits: &Limits) -> Result<Self, FilterError> {
        if text.len() > limits.filter_bytes {
            let message = format!("expected no more than {} bytes, not {}", limits.filter_bytes, text.len());
            return Err(FilterError::meaningless(message));
        }
        let mut grammar = Grammar::new(profile, limits, limits.filter_depth);
        finish(text, grammar.whole_filter(text))
    }
}

/// Parses the path of a PATCH operation.
///
/// # Errors
///
/// What is wrong and where; also a path beyond [`Limits::path_bytes`], or a filter in it beyond
/// [`Limits::path_filter_depth`] or [`Limits::filter_terms`].
pub fn parse_path(text: &str, profile: &CompatProfile, limits: &Limits) -> Result<PatchPath, FilterError> {
    if text.len() > limits.path_bytes {
        let message = format!("expected no more than {} bytes, not {}", limits.path_bytes, text.len());
        return Err(FilterError::meaningless(message));
    }
    let mut grammar = Grammar::new(profile, limits, limits.path_filter_depth);
    finish(text, grammar.path(text))
}

fn finish<T>(text: &str, parsed: Parsed<'_, T>) -> Result<T, FilterError> {
    match parsed {
        Ok((_, value)) => Ok(value),
        Err(nom::Err::Error(refusal) | nom::Err::Failure(refusal)) => Err(refusal.into_error(text)),
        Err(nom::Err::Incomplete(_)) => Err(Refusal::new("", Reason::ExpectedEndOfPath).into_error(text)),
    }
}

/// The grammar, with what a filter may still use up.
struct Grammar<'a> {
    profile: &'a CompatProfile,
    limits: &'a Limits,
    levels: usize,
    terms: usize,
}

/// Where in a filter a term stands.
#[derive(Clone, Copy)]
struct Scope {
    /// How many brackets of either kind are open.
    depth: usize,
    /// Whether one of them is square.
    in_value_path: bool,
}

#[derive(Clone, Copy)]
enum Connective {
    And,
    Or,
}

impl<'a> Grammar<'a> {
    fn new(profile: &'a CompatProfile, limits: &'a Limits, levels: usize) -> Self {
        Self { profile, limits, levels, terms: 0 }
    }

    fn whole_filter<'t>(&mut self, text: &'t str) -> Parsed<'t, Filter> {
        let (rest, filter) = self.filter(space0(text), Scope { depth: 0, in_value_path: false })?;
        match space0(rest) {
            "" => Ok(("", filter)),
            _ => refuse_behind_term(rest, Reason::ExpectedConnective),
        }
    }

    /// ```abnf
    /// PATH = attrPath / valuePath [subAttr]
    /// ```
    fn path<'t>(&mut self, text: &'t str) -> Parsed<'t, PatchPath> {
        if let Some(attribute) = schema_urn(text) {
            return Ok(("", PatchPath { attribute, filter: None, sub_attribute: None }));
        }
        let (rest, attribute) = attribute_path(text)?;
        if rest.is_empty() {
            return Ok((rest, PatchPath { attribute, filter: None, sub_attribute: None }));
        }
        if !rest.starts_with('[') {
            return refuse(rest, Reason::ExpectedEndOfPath);
        }
        let (rest, filter) = self.brackets(rest, &attribute, 0)?;
        let (rest, sub_attribute) = match rest.strip_prefix('.') {
            Some(name) => sub_attribute(name).map(|(rest, name)| (rest, Some(name.to_owned())))?,
            None => (rest, None),
        };
        if !rest.is_empty() {
            return refuse(rest, Reason::ExpectedEndOfPath);
        }
        Ok((rest, PatchPath { attribute, filter: Some(filter), sub_attribute }))
    }

    /// ```abnf
    /// FILTER = attrExp / logExp / valuePath / *1"not" "(" FILTER ")"
    /// logExp = FILTER SP ("and" / "or") SP FILTER
    /// ```
    /// in which `and` binds more than `or`.
    fn filter<'t>(&mut self, input: &'t str, scope: Scope) -> Parsed<'t, Filter> {
        let (mut rest, mut conjunction) = self.term(input, scope)?;
        let mut disjunction: Option<Filter> = None;
        while let Some((connective, next)) = connective(rest) {
            let Some(next) = space1(next) else { return refuse_behind_connective(next) };
            let (next, term) = self.term(next, scope)?;
            rest = next;
            conjunction = match connective {
                Connective::And => conjunction.and(term),
                Connective::Or => {
                    disjunction = Some(either(disjunction, conjunction));
                    term
                }
            };
        }
        Ok((rest, either(disjunction, conjunction)))
    }

    fn term<'t>(&mut self, input: &'t str, scope: Scope) -> Parsed<'t, Filter> {
        if input.starts_with('(') {
            return self.group(input, scope);
        }
        match negated_group(input) {
            Some(group) => {
                let (rest, filter) = self.group(group, scope)?;
                Ok((rest, Filter::Not(Box::new(filter))))
            }
            None => self.attribute_expression(input, scope),
        }
    }

    /// `"(" FILTER ")"`. The level is counted before going down.
    fn group<'t>(&mut self, input: &'t str, scope: Scope) -> Parsed<'t, Filter> {
        if scope.depth >= self.levels {
            return refuse(input, Reason::TooDeep(self.levels));
        }
        let inner = space0(input.get(1..).unwrap_or_default());
        let (rest, filter) = self.filter(inner, Scope { depth: scope.depth.saturating_add(1), ..scope })?;
        match space0(rest).strip_prefix(')') {
            Some(rest) => Ok((rest, filter)),
            None => refuse_behind_term(rest, Reason::ExpectedClosingParenthesis),
        }
    }

    /// ```abnf
    /// valuePath = attrPath "[" valFilter "]"
    /// attrExp   = (attrPath SP "pr") / (attrPath SP compareOp SP compValue)
    /// ```
    fn attribute_expression<'t>(&mut self, input: &'t str, scope: Scope) -> Parsed<'t, Filter> {
        let (rest, path) = attribute_path(input)?;
        if rest.starts_with('[') {
            return self.value_path(rest, path, scope);
        }
        let Some(rest) = space1(rest) else { return refuse(rest, Reason::ExpectedOperator) };
        if path.as_str().eq_ignore_ascii_case("not") && operator(rest).is_err() {
            return refuse(rest, Reason::ExpectedParenthesisAfterNot);
        }
        self.count_term(input)?;
        self.comparison(rest, path)
    }

    /// The operator and the value.
    fn comparison<'t>(&self, input: &'t str, path: AttributePath) -> Parsed<'t, Filter> {
        match operator(input)? {
            (rest, Operator::Present) => Ok((rest, Filter::Present(path))),
            (rest, Operator::Compare(operator)) => {
                let value_start = match space1(rest) {
                    Some(value_start) => value_start,
                    None if rest.is_empty() || rest.starts_with('"') => rest,
                    None => return refuse(rest, Reason::ExpectedSpace),
                };
                let (rest, literal) = value(value_start, self.profile, |rest| connective(rest).is_some())?;
                Ok((rest, Filter::Compare(path, operator, literal)))
            }
        }
    }

    fn value_path<'t>(&mut self, input: &'t str, path: AttributePath, scope: Scope) -> Parsed<'t, Filter> {
        if scope.in_value_path {
            return refuse(input, Reason::FilterWithinFilter);
        }
        if scope.depth >= self.levels {
            return refuse(input, Reason::TooDeep(self.levels));
        }
        let (rest, filter) = self.brackets(input, &path, scope.depth.saturating_add(1))?;
        let (rest, filter) = match rest.strip_prefix('.') {
            Some(_) if !self.profile.filter_after_value_path => return refuse(rest, Reason::SubAttributeBehindFilter),
            Some(comparison) => self.comparison_behind_filter(comparison, filter)?,
            None => (rest, filter),
        };
        Ok((rest, Filter::ValuePath(path, Box::new(filter))))
    }

    /// `"[" valFilter "]"` behind an attribute.
    fn brackets<'t>(&mut self, input: &'t str, path: &AttributePath, depth: usize) -> Parsed<'t, Filter> {
        if path.sub_attribute().is_some() {
            return refuse(input, Reason::FilterOnSubAttribute);
        }
        let inner = space0(input.get(1..).unwrap_or_default());
        let (rest, filter) = self.filter(inner, Scope { depth, in_value_path: true })?;
        match space0(rest).strip_prefix(']') {
            Some(rest) => Ok((rest, filter)),
            None => refuse_behind_term(rest, Reason::ExpectedClosingBracket),
        }
    }

    /// `emails[type eq "work"].value eq "x"` asks the same as `emails[type eq "work" and value eq "x"]`.
    fn comparison_behind_filter<'t>(&mut self, input: &'t str, filter: Filter) -> Parsed<'t, Filter> {
        let (rest, name) = sub_attribute(input)?;
        let Some(path) = AttributePath::split(name) else { return refuse(input, Reason::AttributeTooLong) };
        let Some(rest) = space1(rest) else { return refuse(rest, Reason::ExpectedOperator) };
        self.count_term(input)?;
        let (rest, comparison) = self.comparison(rest, path)?;
        Ok((rest, filter.and(comparison)))
    }

    fn count_term(&mut self, input: &str) -> Result<(), nom::Err<Refusal>> {
        self.terms = self.terms.saturating_add(1);
        if self.terms > self.limits.filter_terms {
            let reason = Reason::TooManyTerms(self.limits.filter_terms);
            return Err(nom::Err::Failure(Refusal::new(input, reason)));
        }
        Ok(())
    }
}

/// Refuses what follows a whole term, or says that nothing separates it from the term.
fn refuse_behind_term<T>(rest: &str, reason: Reason) -> Parsed<'_, T> {
    if rest.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '(' | '"')) {
        return refuse(rest, Reason::ExpectedSpace);
    }
    refuse(space0(rest), reason)
}

fn refuse_behind_connective<T>(rest: &str) -> Parsed<'_, T> {
    refuse(rest, if rest.is_empty() { Reason::ExpectedAttribute } else { Reason::ExpectedSpace })
}

fn either(first: Option<Filter>, second: Filter) -> Filter {
    match first {
        Some(first) => first.or(second),
        None => second,
    }
}

/// `and` or `or` behind a space, and what follows it.
fn connective(input: &str) -> Option<(Connective, &str)> {
    let input = space1(input)?;
    let (connective, rest) = match keyword(input, "and") {
        Some(rest) => (Connective::And, rest),
        None => (Connective::Or, keyword(input, "or")?),
    };
    let goes_on = rest.starts_with(|c: char| c.is_ascii_alphanumeric());
    (!goes_on).then_some((connective, rest))
}

/// The group behind `not`; without a parenthesis it is the name of an attribute.
fn negated_group(input: &str) -> Option<&str> {
    keyword(input, "not").map(space0).filter(|rest| rest.starts_with('('))
}

fn keyword<'t>(input: &'t str, word: &str) -> Option<&'t str> {
    let (start, rest) = input.split_at_checked(word.len())?;
    start.eq_ignore_ascii_case(word).then_some(rest)
}
