//! What a filter says, before anybody asked whether the attributes exist.

use serde_json::Number;

use crate::schema::AttributePath;

/// A filter as parsed (RFC 7644 s3.4.2.2). `and` and `or` hold two terms or more and never directly one of their own
/// kind, so that a long filter is wide and not deep.
///
/// ```
/// use scim_core::{CompatProfile, Filter, Limits};
///
/// let text = r#"title PR and (userType eq "Intern" or (emails[type eq "work"]))"#;
/// let filter = Filter::parse(text, &CompatProfile::STRICT, &Limits::default()).unwrap();
/// assert_eq!(filter.to_string(), r#"title pr and (userType eq "Intern" or emails[type eq "work"])"#);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Filter {
    /// Every term holds.
    And(Vec<Filter>),
    /// At least one term holds.
    Or(Vec<Filter>),
    /// The term does not hold.
    Not(Box<Filter>),
    /// `attribute operator value`.
    Compare(AttributePath, CompareOperator, Literal),
    /// `attribute pr`.
    Present(AttributePath),
    /// `attribute[filter]`: one element of the attribute satisfies the filter whole.
    ValuePath(AttributePath, Box<Filter>),
}

impl Filter {
    /// Both hold. Terms of `and` on either side become terms of the result.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::And(mut terms), Self::And(others)) => {
                terms.extend(others);
                Self::And(terms)
            }
            (Self::And(mut terms), other) => {
                terms.push(other);
                Self::And(terms)
            }
            (first, Self::And(mut terms)) => {
                terms.insert(0, first);
                Self::And(terms)
            }
            (first, second) => Self::And(vec![first, second]),
        }
    }

    /// One of them holds. Terms of `or` on either side become terms of the result.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Or(mut terms), Self::Or(others)) => {
                terms.extend(others);
                Self::Or(terms)
            }
            (Self::Or(mut terms), other) => {
                terms.push(other);
                Self::Or(terms)
            }
            (first, Self::Or(mut terms)) => {
                terms.insert(0, first);
                Self::Or(terms)
            }
            (first, second) => Self::Or(vec![first, second]),
        }
    }
}

/// A comparison operator (RFC 7644 s3.4.2.2 table 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOperator {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `co`
    Contains,
    /// `sw`
    StartsWith,
    /// `ew`
    EndsWith,
    /// `gt`
    GreaterThan,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    LessThan,
    /// `le`
    LessOrEqual,
}

impl CompareOperator {
    /// The operator as a filter spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Contains => "co",
            Self::StartsWith => "sw",
            Self::EndsWith => "ew",
            Self::GreaterThan => "gt",
            Self::GreaterOrEqual => "ge",
            Self::LessThan => "lt",
            Self::LessOrEqual => "le",
        }
    }
}

/// A comparison value: JSON without objects and arrays (RFC 7644 s3.4.2.2 `compValue`).
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(Box<str>),
}
