//! The words of a filter: attribute paths, operators, values (RFC 7644 s3.4.2.2 figure 1).

use nom::branch::alt;
use nom::bytes::complete::{take_while, take_while1};
use nom::character::complete::{char, digit0, digit1, one_of, satisfy};
use nom::combinator::{all_consuming, opt, recognize};
use nom::Parser;
use serde_json::Number;

use super::ast::{CompareOperator, Literal};
use super::refusal::{refuse, Parsed, Reason};
use super::string::string;
use crate::compat::CompatProfile;
use crate::schema::AttributePath;

/// Any white space of JSON; the ABNF has single spaces, the RFC's own examples break lines.
pub(super) fn space0(input: &str) -> &str {
    input.trim_start_matches([' ', '\t', '\n', '\r'])
}

/// At least one space; `None` without.
pub(super) fn space1(input: &str) -> Option<&str> {
    let rest = space0(input);
    (rest.len() < input.len()).then_some(rest)
}

/// ```abnf
/// attrPath  = [URI ":"] ATTRNAME *1subAttr
/// subAttr   = "." ATTRNAME
/// ```
pub(super) fn attribute_path(input: &str) -> Parsed<'_, AttributePath> {
    let uri_end = uri_prefix(input);
    let (_, name) = input.split_at_checked(uri_end).unwrap_or(("", input));
    let Ok((rest, _)) = attribute_name(name) else { return refuse(name, Reason::ExpectedAttribute) };
    let rest = match rest.strip_prefix('.') {
        Some(sub_attribute) => self::sub_attribute(sub_attribute)?.0,
        None => rest,
    };
    take_path(input, rest)
}

/// A path of a PATCH operation that is the URN of a schema as it stands, whatever its last part looks like.
pub(super) fn schema_urn(input: &str) -> Option<AttributePath> {
    let is_urn = input.get(..4)?.eq_ignore_ascii_case("urn:") && input.bytes().all(is_uri_byte);
    is_urn.then(|| AttributePath::split(input)).flatten()
}

fn take_path<'a>(input: &'a str, rest: &'a str) -> Parsed<'a, AttributePath> {
    let text = input.get(..input.len().saturating_sub(rest.len())).unwrap_or_default();
    match AttributePath::split(text) {
        Some(path) => Ok((rest, path)),
        None => refuse(input, Reason::AttributeTooLong),
    }
}

/// The length of the URI with its colon. The last colon ends it, for a name has none and a URN may have dots.
fn uri_prefix(input: &str) -> usize {
    let mut end = 0;
    for (place, byte) in input.bytes().enumerate() {
        if byte == b':' {
            end = place.saturating_add(1);
        } else if !is_uri_byte(byte) {
            break;
        }
    }
    end
}

/// The characters of a URI (RFC 3986 s2) without brackets, which in a filter always group.
fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'*+,;=%".contains(&byte)
}

/// The name behind a dot.
pub(super) fn sub_attribute(input: &str) -> Parsed<'_, &str> {
    attribute_name(input).or_else(|_| refuse(input, Reason::ExpectedSubAttribute))
}

/// `ATTRNAME = ALPHA *(nameChar)`, with the `$` of `$ref` (RFC 7643 s2.1).
fn attribute_name(input: &str) -> Parsed<'_, &str> {
    recognize((
        satisfy(|c| c.is_ascii_alphabetic() || c == '$'),
        take_while(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$')),
    ))
    .parse(input)
}

/// The operator of an attribute expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Present,
    Compare(CompareOperator),
}

/// ```abnf
/// compareOp = "eq" / "ne" / "co" / "sw" / "ew" / "gt" / "lt" / "ge" / "le"
/// ```
/// or `pr`, in any case.
pub(super) fn operator(input: &str) -> Parsed<'_, Operator> {
    let (rest, word) = take_while1(|c: char| c.is_ascii_alphanumeric())
        .parse(input)
        .or_else(|_: nom::Err<super::refusal::Refusal>| refuse(input, Reason::ExpectedOperator))?;
    match operator_of(word.as_bytes()) {
        Some(operator) => Ok((rest, operator)),
        None => refuse(input, Reason::UnknownOperator),
    }
}

fn operator_of(word: &[u8]) -> Option<Operator> {
    let &[first, second] = word else { return None };
    let compare = match &[first.to_ascii_lowercase(), second.to_ascii_lowercase()] {
        b"pr" => return Some(Operator::Present),
        b"eq" => CompareOperator::Equal,
        b"ne" => CompareOperator::NotEqual,
        b"co" => CompareOperator::Contains,
        b"sw" => CompareOperator::StartsWith,
        b"ew" => CompareOperator::EndsWith,
        b"gt" => CompareOperator::GreaterThan,
        b"ge" => CompareOperator::GreaterOrEqual,
        b"lt" => CompareOperator::LessThan,
        b"le" => CompareOperator::LessOrEqual,
        _ => return None,
    };
    Some(Operator::Compare(compare))
}

/// `compValue = false / null / true / number / string`; without the need for quotes, anything else is a string up to a
/// bracket, the end or what `ends` says ends it.
pub(super) fn value<'t>(input: &'t str, profile: &CompatProfile, ends: impl Fn(&str) -> bool) -> Parsed<'t, Literal> {
    if input.starts_with('"') {
        return string(input, profile.backslashes_in_filters).map(|(rest, text)| (rest, Literal::String(text)));
    }
    let bare_words = profile.unquoted_filter_values;
    let (word, rest) = split_word(input);
    if bare_words && !word.is_empty() && !word.starts_with('\'') {
        let (text, rest) = bare_text(input, ends);
        if text.len() > word.len() {
            return Ok((rest, Literal::String(text.into())));
        }
    }
    let literal = match word {
        _ if word.eq_ignore_ascii_case("true") => Literal::Boolean(true),
        _ if word.eq_ignore_ascii_case("false") => Literal::Boolean(false),
        _ if word.eq_ignore_ascii_case("null") => Literal::Null,
        _ if is_number(word) => return number(input, word, rest, bare_words),
        "" => return refuse(input, Reason::ExpectedValue),
        _ if bare_words && !word.starts_with('\'') => Literal::String(word.into()),
        _ => return refuse(input, Reason::ExpectedValue),
    };
    Ok((rest, literal))
}

/// Splits behind what has no spaces, brackets and quotes.
fn split_word(input: &str) -> (&str, &str) {
    let end = input
        .find(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '(' | ')' | '[' | ']' | '"'))
        .unwrap_or(input.len());
    input.split_at_checked(end).unwrap_or((input, ""))
}

/// Splits behind as many words as belong together: a blank does not end a text that has no quotes around it.
fn bare_text(input: &str, ends: impl Fn(&str) -> bool) -> (&str, &str) {
    let (_, mut rest) = split_word(input);
    while !ends(rest) {
        let (word, next) = split_word(rest.trim_start_matches(' '));
        if word.is_empty() {
            break;
        }
        rest = next;
    }
    input.split_at_checked(input.len().saturating_sub(rest.len())).unwrap_or((input, ""))
}

/// A word that looks like a number may be an identifier where words need no quotes; it stays text if a number would
/// not give the same digits back.
fn number<'a>(input: &'a str, word: &'a str, rest: &'a str, bare_words: bool) -> Parsed<'a, Literal> {
    match read_number(word) {
        Some(number) if !bare_words || number.to_string() == word => Ok((rest, Literal::Number(number))),
        _ if bare_words => Ok((rest, Literal::String(word.into()))),
        _ => refuse(input, Reason::NumberOutOfRange),
    }
}

/// The grammar of RFC 7159 s6.
fn is_number(word: &str) -> bool {
    let digits = alt((recognize(char('0')), recognize((one_of("123456789"), digit0))));
    let fraction = (char('.'), digit1);
    let exponent = (one_of("eE"), opt(one_of("+-")), digit1);
    let mut number = all_consuming((opt(char('-')), digits, opt(fraction), opt(exponent)));
    let parsed: Result<_, nom::Err<super::refusal::Refusal>> = number.parse(word);
    parsed.is_ok()
}

/// The number of a word that [`is_number`]; a whole number stays whole if 64 bits hold it.
pub(super) fn read_number(word: &str) -> Option<Number> {
    let whole = word.parse::<i64>().map(Number::from).or_else(|_| word.parse::<u64>().map(Number::from));
    whole.ok().or_else(|| word.parse::<f64>().ok().and_then(Number::from_f64))
}

/// The number that a text spells, and nothing but it.
pub(super) fn number_in(text: &str) -> Option<Number> {
    is_number(text).then(|| read_number(text)).flatten()
}
