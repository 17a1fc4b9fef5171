//! A sort as an expression: what a resource is sorted by.

use super::bind::{Binds, Dialect};
use super::column::{Column, ColumnKind, JoinedTable};
use super::compare::Scalar;
use super::json::JsonPlace;
use super::map::{ColumnMap, Place};
use super::search_document::SORTED_DIGITS;
use crate::schema::{Attribute, AttributeRoot, AttributeType, ResolvedPath};
use crate::store::{Sort, StoreError, SORTED_CHARACTERS};

/// What resources are sorted by, as an expression that is `NULL` where there is no value.
#[derive(Clone, Debug)]
pub(super) struct SortExpression {
    pub(super) expression: String,
    pub(super) value: SortedValue,
    pub(super) descending: bool,
}

/// The type of the expression, which the end of a page is kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SortedValue {
    Text,
    Integer,
    Real,
    Boolean,
}

/// The expression of a sort, or `None` if it makes no difference. With `short`, a text in a document or another
/// table is cut to the [beginning](SORTED_CHARACTERS) that a list read by cursor is sorted by; a column of the resource is
/// not, so that the database may take its index.
///
/// # Errors
///
/// [`StoreError::UnsupportedSort`] if the map has no place for the attribute.
pub(super) fn sort_expression(
    map: &ColumnMap,
    binds: &mut Binds,
    sort: &Sort,
    short: bool,
) -> Result<Option<SortExpression>, StoreError> {
    let unsupported = || StoreError::UnsupportedSort { path: sort.path.to_string() };
    let Some(path) = value_path(&sort.path) else { return Ok(None) };
    if matches!(path.root, AttributeRoot::Schemas) {
        return Ok(None);
    }
    let scalar = match map.place(&path.to_string()) {
        Some(Place::Constant(_)) => return Ok(None),
        Some(Place::Column(column)) => column_scalar(column, path.leaf()),
        _ => elsewhere(map, binds, &path).map(|scalar| if short { shortened(scalar) } else { scalar }),
    };
    let scalar = scalar.ok_or_else(unsupported)?;
    let (expression, value) = sortable(binds.dialect(), scalar);
    Ok(Some(SortExpression { expression, value, descending: sort.descending }))
}

/// Of a complex attribute it is `value`; without one there is nothing to sort by, nor by a list within an element.
fn value_path(path: &ResolvedPath) -> Option<ResolvedPath> {
    if let Some(sub_attribute) = &path.sub_attribute {
        return (!sub_attribute.multi_valued).then(|| path.clone());
    }
    if !path.attribute.is_complex() {
        return Some(path.clone());
    }
    let sub_attribute = Some(std::sync::Arc::clone(path.attribute.sub_attribute("value")?));
    Some(ResolvedPath { sub_attribute, ..path.clone() })
}

fn elsewhere(map: &ColumnMap, binds: &mut Binds, path: &ResolvedPath) -> Option<Scalar> {
    let attribute = ResolvedPath { sub_attribute: None, ..path.clone() };
    if let Some(Place::Table(table)) = map.place(&attribute.to_string()) {
        return first_row(table, path);
    }
    if matches!(path.root, AttributeRoot::Id | AttributeRoot::Meta) {
        return None;
    }
    let column = map.json.as_ref()?;
    let place = JsonPlace::attribute(column, path);
    if !path.attribute.multi_valued {
        let place = path.sub_attribute.as_ref().map_or(place.clone(), |sub| place.member(&sub.name));
        return place.scalar(binds, path.leaf(), column);
    }
    let (from, element) = place.elements(binds, "sorted")?;
    let place = path.sub_attribute.as_ref().map_or(element.clone(), |sub| element.member(&sub.name));
    let scalar = place.scalar(binds, path.leaf(), column)?;
    let primary = match path.attribute.sub_attribute("primary") {
        Some(primary) => {
            let primary = element.member(&primary.name).scalar(binds, primary, column)?;
            format!("coalesce({}, FALSE) DESC, ", primary.expression)
        }
        None => String::new(),
    };
    let expression = format!("(SELECT {} FROM {from} ORDER BY {primary}sorted.key LIMIT 1)", scalar.expression);
    Some(Scalar { expression, ..scalar })
}

/// The value in the primary row, or in the first.
fn first_row(table: &JoinedTable, path: &ResolvedPath) -> Option<Scalar> {
    let order = table.order.as_ref()?;
    let name = path.sub_attribute.as_ref().map_or("value", |sub_attribute| sub_attribute.name.as_str());
    let scalar = column_scalar(table.find(name)?, path.leaf())?;
    let primary = table.find("primary").map(|primary| format!("coalesce({}, FALSE) DESC, ", primary.any()));
    let scope = table.scope.as_ref().map(|scope| format!("{scope} AND ")).unwrap_or_default();
    let expression = format!(
        "(SELECT {} FROM {} WHERE {scope}{} = {} ORDER BY {}{order} LIMIT 1)",
        scalar.expression,
        table.from,
        table.inner_key,
        table.outer_key,
        primary.unwrap_or_default(),
    );
    Some(Scalar { expression, ..scalar })
}

fn shortened(scalar: Scalar) -> Scalar {
    match scalar.kind {
        ColumnKind::Text => {
            Scalar { expression: format!("substr({}, 1, {SORTED_CHARACTERS})", scalar.expression), ..scalar }
        }
        _ => scalar,
    }
}

fn column_scalar(column: &Column, leaf: &Attribute) -> Option<Scalar> {
    let folds = leaf.attribute_type == AttributeType::String && !leaf.case_exact;
    let expression = if folds { &column.folded } else { &column.exact };
    Some(Scalar { expression: expression.clone()?, kind: column.kind })
}

/// Texts sort by code points, and numbers that are kept as text as doubles.
fn sortable(dialect: Dialect, scalar: Scalar) -> (String, SortedValue) {
    let Scalar { expression, kind } = scalar;
    let text = |expression: String| match dialect {
        Dialect::Sqlite => format!("{expression} COLLATE BINARY"),
        Dialect::Postgres => format!("({expression}) COLLATE \"C\""),
    };
    match kind {
        ColumnKind::Text => (text(expression), SortedValue::Text),
        ColumnKind::IntegerAsText => (text(format!("CAST({expression} AS TEXT)")), SortedValue::Text),
        ColumnKind::NumberKey => (text(format!("substr({expression}, 1, {SORTED_DIGITS})")), SortedValue::Text),
        ColumnKind::Number => (format!("CAST({expression} AS DOUBLE PRECISION)"), SortedValue::Real),
        ColumnKind::Boolean => (expression, SortedValue::Boolean),
        ColumnKind::Micros => (expression, SortedValue::Integer),
        ColumnKind::Timestamp => {
            let micros = format!("CAST(EXTRACT(EPOCH FROM {expression}) * 1000000 AS BIGINT)");
            (micros, SortedValue::Integer)
        }
    }
}
