//! Where a page begins: an offset, or the key of a row that was returned earlier.

use serde_json::{json, Value};

use super::bind::{BindValue, Binds};
use super::order::{SortExpression, SortedValue};
use crate::store::{Position, StoreError};

/// What a row is ordered by: the two columns that [`Select`](super::Select) adds behind the host's own.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RowKey {
    /// The column `scim_sort`, a text, an integer, a double or a boolean as [`Statements::sort_type`] says; `None` for
    /// `NULL`.
    ///
    /// [`Statements::sort_type`]: super::Statements::sort_type
    pub sort: Option<BindValue>,
    /// The column `scim_order`.
    pub order: i64,
}

impl RowKey {
    /// The key of a row.
    #[must_use]
    pub fn new(sort: Option<BindValue>, order: i64) -> Self {
        Self { sort, order }
    }
}

/// A row, and in which direction the page lies from it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Start {
    pub(super) key: RowKey,
    pub(super) backward: bool,
}

impl Start {
    pub(super) fn position(&self) -> Position {
        let sort = match &self.key.sort {
            None => Value::Null,
            Some(BindValue::Text(text)) => json!(text),
            Some(BindValue::Integer(number)) => json!(number),
            Some(BindValue::Real(number)) => json!(number.to_bits()),
            Some(BindValue::Boolean(boolean)) => json!(boolean),
        };
        Position(json!([u8::from(self.backward), self.key.order, sort]).to_string().into_bytes())
    }

    /// Reads a position for a query that sorts by a value of this type.
    ///
    /// # Errors
    ///
    /// [`StoreError::InvalidPosition`] if it was not written for such a query.
    pub(super) fn read(position: &Position, sorted: Option<SortedValue>) -> Result<Self, StoreError> {
        Self::parse(position, sorted).ok_or(StoreError::InvalidPosition)
    }

    fn parse(position: &Position, sorted: Option<SortedValue>) -> Option<Self> {
        let parts: Value = serde_json::from_slice(&position.0).ok()?;
        let [backward, order, sort] = parts.as_array()?.as_slice() else { return None };
        let sort = match (sort, sorted) {
            (Value::Null, _) => None,
            (Value::String(text), Some(SortedValue::Text)) => Some(BindValue::Text(text.clone())),
            (Value::Number(number), Some(SortedValue::Integer)) => Some(BindValue::Integer(number.as_i64()?)),
            (Value::Number(bits), Some(SortedValue::Real)) => Some(BindValue::Real(f64::from_bits(bits.as_u64()?))),
            (Value::Bool(boolean), Some(SortedValue::Boolean)) => Some(BindValue::Boolean(*boolean)),
            _ => return None,
        };
        Some(Self { key: RowKey { sort, order: order.as_i64()? }, backward: backward.as_u64()? == 1 })
    }
}

/// The rows that come after the start, in its direction. Rows without a value come last going up, first going down;
/// rows that compare equal are in the order of `order`, whichever way the sort goes.
pub(super) fn beyond(binds: &mut Binds, start: &Start, sort: Option<&SortExpression>, order: &str) -> String {
    let place = binds.add(start.key.order);
    let later = format!("{order} {} {place}", if start.backward { "<" } else { ">" });
    let Some(sort) = sort else { return later };
    let expression = &sort.expression;
    let goes_up = sort.descending == start.backward;
    match &start.key.sort {
        None if goes_up => format!("{expression} IS NULL AND {later}"),
        None => format!("({expression} IS NOT NULL OR {later})"),
        Some(value) => {
            let value = binds.add(value.clone());
            let (beyond, nulls) =
                if goes_up { (">", format!(" OR {expression} IS NULL")) } else { ("<", String::new()) };
            format!("({expression} {beyond} {value} OR {expression} = {value} AND {later}{nulls})")
        }
    }
}

/// The `ORDER BY` list.
pub(super) fn order_by(sort: Option<&SortExpression>, order: &str, backward: bool) -> String {
    let place = if backward { format!("{order} DESC") } else { order.to_owned() };
    match sort {
        None => place,
        Some(sort) if sort.descending == backward => format!("{} ASC NULLS LAST, {place}", sort.expression),
        Some(sort) => format!("{} DESC NULLS FIRST, {place}", sort.expression),
    }
}
