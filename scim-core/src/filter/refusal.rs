//! Why the grammar refuses a text, in the small form that parsers hand around.

use nom::error::{ErrorKind, ParseError};
use nom::IResult;

use super::error::FilterError;
use crate::error::quoted;

/// What a parser of the grammar answers.
pub(super) type Parsed<'a, T> = IResult<&'a str, T, Refusal>;

/// A reason, and how much of the text was left where it arose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    remaining: usize,
    reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    ExpectedAttribute,
    ExpectedSubAttribute,
    ExpectedOperator,
    UnknownOperator,
    ExpectedSpace,
    ExpectedValue,
    ExpectedConnective,
    ExpectedClosingParenthesis,
    ExpectedClosingBracket,
    ExpectedParenthesisAfterNot,
    ExpectedEndOfPath,
    FilterWithinFilter,
    FilterOnSubAttribute,
    SubAttributeBehindFilter,
    UnclosedString,
    UnknownEscape,
    LoneSurrogate,
    Nul,
    ControlCharacter,
    NumberOutOfRange,
    AttributeTooLong,
    TooDeep(usize),
    TooManyTerms(usize),
}

impl Refusal {
    pub(super) fn new(rest: &str, reason: Reason) -> Self {
        Self { remaining: rest.len(), reason }
    }

    /// With the column in the text that was parsed.
    pub(super) fn into_error(self, text: &str) -> FilterError {
        let (before, rest) = text.split_at_checked(text.len().saturating_sub(self.remaining)).unwrap_or((text, ""));
        FilterError::new(self.reason.message(rest), before.chars().count().saturating_add(1))
    }
}

/// Refuses for good: no other way of reading the text is tried.
pub(super) fn refuse<T>(rest: &str, reason: Reason) -> Parsed<'_, T> {
    Err(nom::Err::Failure(Refusal::new(rest, reason)))
}

impl Reason {
    fn message(self, rest: &str) -> String {
        let message = match self {
            Self::ExpectedAttribute => "expected an attribute name",
            Self::ExpectedSubAttribute => "expected a sub-attribute name",
            Self::ExpectedOperator => "expected an operator",
            Self::UnknownOperator => {
                let word = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
                return format!("the operator {} is not supported", quoted(word));
            }
            Self::ExpectedSpace => "expected a space",
            Self::ExpectedValue => "expected a string in double quotes, a number, true, false or null",
            Self::ExpectedConnective => "expected \"and\", \"or\" or the end",
            Self::ExpectedClosingParenthesis => "expected \"and\", \"or\" or \")\"",
            Self::ExpectedClosingBracket => "expected \"and\", \"or\" or \"]\"",
            Self::ExpectedParenthesisAfterNot => "expected \"(\" after \"not\"",
            Self::ExpectedEndOfPath => "expected the end of the path",
            Self::FilterWithinFilter => "expected a sub-attribute without a filter of its own",
            Self::FilterOnSubAttribute => "expected no filter behind a sub-attribute",
            Self::SubAttributeBehindFilter => "expected no sub-attribute behind \"]\"",
            Self::UnclosedString => "expected a closing quote for the string",
            Self::UnknownEscape => "expected an escape sequence of JSON",
            Self::LoneSurrogate => "expected both halves of a surrogate pair",
            Self::Nul => "expected a string without NUL",
            Self::ControlCharacter => "expected control characters to be escaped",
            Self::NumberOutOfRange => "expected a number in the range of a 64-bit float",
            Self::AttributeTooLong => "expected a shorter attribute name",
            Self::TooDeep(limit) => return format!("expected no more than {limit} levels of nesting"),
            Self::TooManyTerms(limit) => return format!("expected no more than {limit} comparisons"),
        };
        message.to_owned()
    }
}

impl<'a> ParseError<&'a str> for Refusal {
    fn from_error_kind(input: &'a str, _: ErrorKind) -> Self {
        Self::new(input, Reason::ExpectedEndOfPath)
    }

    fn append(_: &'a str, _: ErrorKind, other: Self) -> Self {
        other
    }
}
