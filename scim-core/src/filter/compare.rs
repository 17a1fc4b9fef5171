//! One value against one operand (RFC 7644 s3.4.2.2 table 3).

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::ast::CompareOperator;
use super::resolve::Operand;
use crate::resource::{fold, DateTime};

/// One value of an attribute, wherever a resource keeps it.
#[derive(Clone, Copy)]
pub(super) enum Candidate<'a> {
    Json(&'a Value),
    Text(&'a str),
    DateTime(DateTime),
}

/// Whether the value is not empty.
pub(super) fn is_present(candidate: Candidate<'_>) -> bool {
    match candidate {
        Candidate::Json(value) => has_content(value),
        Candidate::Text(text) => !text.is_empty(),
        Candidate::DateTime(_) => true,
    }
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

/// Whether the value compares by the operator, which is not `ne`, with an operand that is not null. A value of another
/// type than the operand's never does.
pub(super) fn compares(candidate: Candidate<'_>, operator: CompareOperator, operand: &Operand) -> bool {
    match (operand, candidate) {
        (Operand::Exact(operand), Candidate::Text(text)) => text_compares(text, operator, operand),
        (Operand::Exact(operand), Candidate::Json(Value::String(text))) => text_compares(text, operator, operand),
        (Operand::Folded(operand), Candidate::Text(text)) => folded_compares(text, operator, operand),
        (Operand::Folded(operand), Candidate::Json(Value::String(text))) => folded_compares(text, operator, operand),
        (Operand::Boolean(operand), Candidate::Json(Value::Bool(boolean))) => order(operator, boolean.cmp(operand)),
        (Operand::Number(operand), Candidate::Json(Value::Number(number))) => {
            compare_numbers(number, operand).is_some_and(|ordering| order(operator, ordering))
        }
        (Operand::DateTime(operand), Candidate::DateTime(instant)) => order(operator, instant.cmp(operand)),
        (Operand::DateTime(operand), Candidate::Json(Value::String(text))) => {
            DateTime::parse(text).is_some_and(|instant| order(operator, instant.cmp(operand)))
        }
        _ => false,
    }
}

/// Whether an operator other than those for parts of strings accepts this order of value and operand.
fn order(operator: CompareOperator, ordering: Ordering) -> bool {
    match operator {
        CompareOperator::Equal => ordering.is_eq(),
        CompareOperator::NotEqual => ordering.is_ne(),
        CompareOperator::GreaterThan => ordering.is_gt(),
        CompareOperator::GreaterOrEqual => ordering.is_ge(),
        CompareOperator::LessThan => ordering.is_lt(),
        CompareOperator::LessOrEqual => ordering.is_le(),
        CompareOperator::Contains | CompareOperator::StartsWith | CompareOperator::EndsWith => false,
    }
}

fn text_compares(text: &str, operator: CompareOperator, operand: &str) -> bool {
    match operator {
        CompareOperator::Equal => text == operand,
        CompareOperator::Contains => text.contains(operand),
        CompareOperator::StartsWith => text.starts_with(operand),
        CompareOperator::EndsWith => text.ends_with(operand),
        _ => order(operator, text.cmp(operand)),
    }
}

/// What [`text_compares`] says of the folded value, without folding it where it is ASCII.
fn folded_compares(text: &str, operator: CompareOperator, operand: &str) -> bool {
    if !text.is_ascii() {
        return text_compares(&fold(text), operator, operand);
    }
    let (value, key) = (text.as_bytes(), operand.as_bytes());
    match operator {
        CompareOperator::Equal => value.eq_ignore_ascii_case(key),
        CompareOperator::Contains => contains_folded(text, operand),
        CompareOperator::StartsWith => value.get(..key.len()).is_some_and(|start| start.eq_ignore_ascii_case(key)),
        CompareOperator::EndsWith => {
            let end = value.len().checked_sub(key.len()).and_then(|start| value.get(start..));
            end.is_some_and(|end| end.eq_ignore_ascii_case(key))
        }
        _ => order(operator, value.iter().map(u8::to_ascii_lowercase).cmp(key.iter().copied())),
    }
}

/// The longest key that is looked for at every place of a value; the time for a longer one would be the product of two
/// lengths that clients choose.
const SHORT_KEY: usize = 24;

fn contains_folded(text: &str, key: &str) -> bool {
    if key.len() > SHORT_KEY {
        return fold(text).contains(key);
    }
    key.is_empty() || text.as_bytes().windows(key.len()).any(|window| window.eq_ignore_ascii_case(key.as_bytes()))
}

/// The order of two numbers by their exact values; `None` if one of them is no number.
fn compare_numbers(a: &Number, b: &Number) -> Option<Ordering> {
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        (Some(a), None) => compare_whole_with_float(a, b.as_f64()?),
        (None, Some(b)) => compare_whole_with_float(b, a.as_f64()?).map(Ordering::reverse),
        (None, None) => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

fn whole(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// Converting the whole number to a float would make neighbours equal, so the float becomes whole instead. The
/// conversion keeps to the ends of the range, which are beyond every 64-bit number.
#[allow(clippy::cast_possible_truncation)]
fn compare_whole_with_float(whole: i128, float: f64) -> Option<Ordering> {
    let ordering = whole.cmp(&(float.trunc() as i128));
    match ordering {
        Ordering::Equal => 0.0.partial_cmp(&float.fract()),
        _ => Some(ordering),
    }
}
