//! What a filter says, before anybody asked whether the attributes exist.

use serde_json::Number;

use crate::schema::AttributePath;

/// A filter as parsed (RFC 7644 s3.4.2.2). `and` and `or` hold two terms or more and never directly one of their own
/// kind, so that a long filter is wide and not deep.
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
