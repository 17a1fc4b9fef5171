//! One expression against one operand.

use super::bind::{BindValue, Binds, Dialect};
use super::column::{Column, ColumnKind};
use super::search_document::number_key;
use crate::filter::{CompareOperator, Operand};

/// An SQL expression that yields one value or `NULL`.
#[derive(Clone, Debug)]
pub(super) struct Scalar {
    pub(super) expression: String,
    pub(super) kind: ColumnKind,
}

impl Scalar {
    /// The expression of a column that can be compared with the operand; `None` if there is none.
    pub(super) fn for_operand(column: &Column, operand: &Operand) -> Option<Self> {
        let expression = match operand {
            Operand::Folded(_) => column.folded.as_ref(),
            _ => column.exact.as_ref(),
        };
        Some(Self { expression: expression?.clone(), kind: column.kind })
    }
}

/// `expression operator operand`, or its negation; `NULL` decides neither. `None` if the two do not go together. The
/// operator is not `ne` and the operand not null.
pub(super) fn comparison(
    binds: &mut Binds,
    scalar: &Scalar,
    operator: CompareOperator,
    operand: &Operand,
    negated: bool,
) -> Option<String> {
    let expression = &scalar.expression;
    if is_in_every_text(scalar.kind, operator, operand) {
        let text = format!("{expression} IS NOT NULL");
        return Some(if negated { negation(&text) } else { text });
    }
    match bound(binds, scalar.kind, operator, operand)? {
        Bound::Placeholder(value) if operator == CompareOperator::Equal && negated => Some(match binds.dialect() {
            Dialect::Sqlite => format!("{expression} IS NOT {value}"),
            Dialect::Postgres => format!("{expression} IS DISTINCT FROM {value}"),
        }),
        Bound::Placeholder(value) => {
            let text = match operand {
                Operand::Exact(_) | Operand::Folded(_) => {
                    text_comparison(binds.dialect(), expression, operator, &value)?
                }
                _ => format!("{expression} {} {value}", symbol(operator)?),
            };
            Some(if negated { negation(&text) } else { text })
        }
        Bound::NumberAsText(value) => {
            let as_text = format!("CAST({expression} AS TEXT)");
            let text = text_comparison(binds.dialect(), &as_text, operator, &value)?;
            Some(if negated { negation(&text) } else { text })
        }
        Bound::Nothing => Some(if negated { "TRUE" } else { "FALSE" }.to_owned()),
    }
}

/// `NOT` of a condition that may be `NULL`, which counts as false.
pub(super) fn negation(condition: &str) -> String {
    format!("NOT coalesce({condition}, FALSE)")
}

/// Whether there is a value that is not empty.
pub(super) fn presence(scalar: &Scalar, negated: bool) -> String {
    let expression = &scalar.expression;
    match (scalar.kind, negated) {
        (ColumnKind::Text, false) => format!("{expression} <> ''"),
        (ColumnKind::Text, true) => format!("coalesce({expression}, '') = ''"),
        (_, false) => format!("{expression} IS NOT NULL"),
        (_, true) => format!("{expression} IS NULL"),
    }
}

enum Bound {
    /// The operand, in the form of the column.
    Placeholder(String),
    /// The operand as text, for an integer that is shown as text and compared in part.
    NumberAsText(String),
    /// No value of the column is equal to the operand.
    Nothing,
}

fn bound(binds: &mut Binds, kind: ColumnKind, operator: CompareOperator, operand: &Operand) -> Option<Bound> {
    let placeholder = match (kind, operand) {
        (ColumnKind::Text, Operand::Exact(text) | Operand::Folded(text)) => text_placeholder(binds, text)?,
        (ColumnKind::IntegerAsText, Operand::Exact(text)) if operator == CompareOperator::Equal => {
            match text.parse::<i64>() {
                Ok(number) if number.to_string() == **text => binds.add(number),
                _ => return Some(Bound::Nothing),
            }
        }
        (ColumnKind::IntegerAsText, Operand::Exact(text)) => {
            return text_placeholder(binds, text).map(Bound::NumberAsText);
        }
        (ColumnKind::Boolean, Operand::Boolean(boolean)) => binds.add(*boolean),
        (ColumnKind::Number, Operand::Number(number)) => match number.as_i64() {
            Some(number) => binds.add(number),
            None => binds.add(BindValue::Real(number.as_f64()?)),
        },
        (ColumnKind::NumberKey, Operand::Number(number)) => binds.add(number_key(number)?),
        (ColumnKind::Micros, Operand::DateTime(instant)) => binds.add(instant.as_micros()),
        (ColumnKind::Timestamp, Operand::DateTime(instant)) => {
            let micros = binds.add(instant.as_micros());
            format!("TIMESTAMPTZ 'epoch' + {micros} * INTERVAL '1 microsecond'")
        }
        _ => return None,
    };
    Some(Bound::Placeholder(placeholder))
}

/// PostgreSQL has no NUL in texts, so that it could not be told what to look for; it is refused everywhere alike.
fn text_placeholder(binds: &mut Binds, text: &str) -> Option<String> {
    (!text.contains('\0')).then(|| binds.add(text))
}

/// Whether every text contains the operand, begins or ends with it. Nothing is bound for it then: a value that the text
/// of the statement does not name would make it another statement of the same text.
fn is_in_every_text(kind: ColumnKind, operator: CompareOperator, operand: &Operand) -> bool {
    use CompareOperator::{Contains, EndsWith, StartsWith};
    let is_empty = matches!(operand, Operand::Exact(text) | Operand::Folded(text) if text.is_empty());
    is_empty
        && matches!(kind, ColumnKind::Text | ColumnKind::IntegerAsText)
        && matches!(operator, Contains | StartsWith | EndsWith)
}

/// Neither `LIKE` nor a pattern, so that no character of the operand has a meaning; by code points, whatever the
/// collation of the column.
fn text_comparison(dialect: Dialect, expression: &str, operator: CompareOperator, value: &str) -> Option<String> {
    use CompareOperator as Op;
    Some(match (operator, dialect) {
        (Op::Equal, _) => format!("{expression} = {value}"),
        (Op::Contains, Dialect::Sqlite) => format!("instr({expression}, {value}) > 0"),
        (Op::Contains, Dialect::Postgres) => format!("strpos({expression}, {value}) > 0"),
        (Op::StartsWith, Dialect::Sqlite) => format!("substr({expression}, 1, length({value})) = {value}"),
        (Op::StartsWith, Dialect::Postgres) => format!("starts_with({expression}, {value})"),
        (Op::EndsWith, Dialect::Sqlite) => format!("substr({expression}, -length({value})) = {value}"),
        (Op::EndsWith, Dialect::Postgres) => format!("right({expression}, length({value})) = {value}"),
        (_, Dialect::Sqlite) => format!("{expression} {} {value} COLLATE BINARY", symbol(operator)?),
        (_, Dialect::Postgres) => format!("({expression}) COLLATE \"C\" {} {value}", symbol(operator)?),
    })
}

/// The comparison of two texts, for values that are the same in every resource.
pub(super) fn text_holds(value: &str, operator: CompareOperator, operand: &str) -> bool {
    match operator {
        CompareOperator::Equal => value == operand,
        CompareOperator::NotEqual => value != operand,
        CompareOperator::Contains => value.contains(operand),
        CompareOperator::StartsWith => value.starts_with(operand),
        CompareOperator::EndsWith => value.ends_with(operand),
        CompareOperator::GreaterThan => value > operand,
        CompareOperator::GreaterOrEqual => value >= operand,
        CompareOperator::LessThan => value < operand,
        CompareOperator::LessOrEqual => value <= operand,
    }
}

fn symbol(operator: CompareOperator) -> Option<&'static str> {
    match operator {
        CompareOperator::Equal => Some("="),
        CompareOperator::GreaterThan => Some(">"),
        CompareOperator::GreaterOrEqual => Some(">="),
        CompareOperator::LessThan => Some("<"),
        CompareOperator::LessOrEqual => Some("<="),
        _ => None,
    }
}
