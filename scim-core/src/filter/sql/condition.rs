//! A filter as a condition.
//!
//! A condition never lets `NULL` decide: `NOT` is pushed down to the single comparisons, which are negated each in its
//! own way, so that what stands between them is `AND` and `OR` alone, where `NULL` counts as false. That also keeps
//! parentheses few, for parsers of SQL have a limit.

use super::bind::Binds;
use super::column::{Column, JoinedTable};
use super::compare::{comparison, negation, presence, text_holds, Scalar};
use super::json::JsonPlace;
use super::map::{ColumnMap, JsonColumn, Place, Term};
use crate::filter::{CompareOperator, Operand, ResolvedFilter};
use crate::schema::{AttributeRoot, ResolvedPath};
use crate::store::StoreError;

/// A condition, and what holds it together.
pub(super) struct Condition {
    text: String,
    joined_by: Option<Junction>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Junction {
    And,
    Or,
}

impl Condition {
    fn single(text: String) -> Self {
        Self { text, joined_by: None }
    }

    /// The condition as a part of a conjunction.
    pub(super) fn conjunct(self) -> String {
        match self.joined_by {
            Some(Junction::Or) => format!("({})", self.text),
            _ => self.text,
        }
    }
}

/// Renders filters with a map.
pub(super) struct Renderer<'a> {
    pub(super) map: &'a ColumnMap,
    pub(super) binds: &'a mut Binds,
    aliases: usize,
}

/// What the paths of a filter start from.
enum Scope<'s> {
    Resource,
    /// A row of the table of the attribute.
    Row(&'s JoinedTable),
    /// A JSON value of the attribute.
    Json(&'s JsonColumn, &'s JsonPlace),
}

impl<'a> Renderer<'a> {
    pub(super) fn new(map: &'a ColumnMap, binds: &'a mut Binds) -> Self {
        Self { map, binds, aliases: 0 }
    }

    pub(super) fn filter(&mut self, filter: &ResolvedFilter) -> Result<Condition, StoreError> {
        self.term(&Scope::Resource, filter, false)
    }

    fn term(&mut self, scope: &Scope<'_>, filter: &ResolvedFilter, negated: bool) -> Result<Condition, StoreError> {
        match filter {
            ResolvedFilter::And(terms) => {
                self.junction(scope, terms, negated, if negated { Junction::Or } else { Junction::And })
            }
            ResolvedFilter::Or(terms) => {
                self.junction(scope, terms, negated, if negated { Junction::And } else { Junction::Or })
            }
            ResolvedFilter::Not(term) => self.term(scope, term, !negated),
            ResolvedFilter::Compare(path, CompareOperator::NotEqual, operand) => {
                self.compare(scope, path, CompareOperator::Equal, operand, !negated)
            }
            ResolvedFilter::Compare(path, operator, operand) => self.compare(scope, path, *operator, operand, negated),
            ResolvedFilter::Present(path) => self.present(scope, path, negated),
            ResolvedFilter::ValuePath(path, filter) => self.value_path(path, filter, negated),
        }
    }

    fn junction(
        &mut self,
        scope: &Scope<'_>,
        terms: &[ResolvedFilter],
        negated: bool,
        junction: Junction,
    ) -> Result<Condition, StoreError> {
        let (separator, empty) = match junction {
            Junction::And => (" AND ", "TRUE"),
            Junction::Or => (" OR ", "FALSE"),
        };
        let mut parts = Vec::with_capacity(terms.len());
        for term in terms {
            let term = self.term(scope, term, negated)?;
            parts.push(if junction == Junction::And { term.conjunct() } else { term.text });
        }
        Ok(match parts.len() {
            0 => Condition::single(empty.to_owned()),
            _ => Condition { text: parts.join(separator), joined_by: Some(junction) },
        })
    }

    fn compare(
        &mut self,
        scope: &Scope<'_>,
        path: &ResolvedPath,
        operator: CompareOperator,
        operand: &Operand,
        negated: bool,
    ) -> Result<Condition, StoreError> {
        if *operand == Operand::Null {
            return match operator {
                CompareOperator::Equal => self.present(scope, path, !negated),
                _ => Ok(Condition::single(if negated { "TRUE" } else { "FALSE" }.to_owned())),
            };
        }
        let test = Test::Compare(operator, operand);
        self.test(scope, path, test, negated).map(Condition::single).ok_or_else(|| unsupported(path))
    }

    fn present(&mut self, scope: &Scope<'_>, path: &ResolvedPath, negated: bool) -> Result<Condition, StoreError> {
        let text = match scope {
            Scope::Resource if path.leaf().is_complex() => self.complex_present(path, negated),
            _ => self.test(scope, path, Test::Present, negated),
        };
        text.map(Condition::single).ok_or_else(|| unsupported(path))
    }

    /// A test of the value or the values that a path leads to; `None` if the map has no place for it.
    fn test(&mut self, scope: &Scope<'_>, path: &ResolvedPath, test: Test<'_>, negated: bool) -> Option<String> {
        match scope {
            Scope::Row(table) => self.row_test(table, path, test, negated),
            Scope::Json(column, place) => {
                let place = match &path.sub_attribute {
                    Some(sub_attribute) => place.member(&sub_attribute.name),
                    None => (*place).clone(),
                };
                let is_list = path.sub_attribute.as_ref().is_some_and(|sub_attribute| sub_attribute.multi_valued);
                self.json_test(column, &place, is_list, path, test, negated)
            }
            Scope::Resource => self.resource_test(path, test, negated),
        }
    }

    fn resource_test(&mut self, path: &ResolvedPath, test: Test<'_>, negated: bool) -> Option<String> {
        let map = self.map;
        let name = path.to_string();
        if let Some(text) = self.rendering(&name, test) {
            return Some(if negated { negation(&text) } else { text });
        }
        match map.place(&name) {
            Some(Place::Column(column)) if path.is_primary() && matches!(test, Test::Compare(..)) => {
                return self.primary_test(column, path, test, negated);
            }
            Some(Place::Column(column)) => return self.scalar_test(&scalar_of(column, test)?, test, negated),
            Some(Place::Constant(values)) => return Some(constant(test.holds_for_any(values) != negated)),
            Some(Place::Table(_)) | None => {}
        }
        if let Some(Place::Table(table)) = map.place(&attribute_name(path)) {
            let row = self.row_test(table, path, test, false)?;
            return Some(rows(table, &row, test.is_selective(), negated));
        }
        let column = map.json.as_ref()?;
        if matches!(path.root, AttributeRoot::Id | AttributeRoot::Meta) {
            return None;
        }
        let place = JsonPlace::attribute(column, path);
        self.json_attribute_test(column, &place, path, test, negated)
    }

    fn rendering(&mut self, name: &str, test: Test<'_>) -> Option<String> {
        let render = self.map.renderings.get(name)?;
        let bound = self.binds.values().len();
        let text = match test {
            Test::Compare(operator, operand) => render(Term::Compare(operator, operand), self.binds),
            Test::Present => render(Term::Present, self.binds),
        };
        if text.is_none() {
            self.binds.truncate(bound);
        }
        text
    }

    fn scalar_test(&mut self, scalar: &Scalar, test: Test<'_>, negated: bool) -> Option<String> {
        match test {
            Test::Compare(operator, operand) => comparison(self.binds, scalar, operator, operand, negated),
            Test::Present => Some(presence(scalar, negated)),
        }
    }

    /// Whether the one element that is kept in columns is the preferred one. Where there is no element there is nothing
    /// to compare.
    fn primary_test(&mut self, column: &Column, path: &ResolvedPath, test: Test<'_>, negated: bool) -> Option<String> {
        let columns = self.map.sub_columns(path);
        let present = self.any_existing(&columns, path);
        let scalar = of_element(scalar_of(column, test)?, path, test);
        let text = self.scalar_test(&scalar, test, false)?;
        Some(negated_if(format!("{present} AND {text}"), negated))
    }

    fn row_test(&mut self, table: &JoinedTable, path: &ResolvedPath, test: Test<'_>, negated: bool) -> Option<String> {
        match &path.sub_attribute {
            None if path.attribute.is_complex() => {
                let columns = table.columns.iter().map(|(_, column)| column);
                Some(any_present(columns, negated))
            }
            sub_attribute => {
                let name = sub_attribute.as_ref().map_or("value", |sub_attribute| sub_attribute.name.as_str());
                self.scalar_test(&of_element(scalar_of(table.find(name)?, test)?, path, test), test, negated)
            }
        }
    }

    /// From an attribute on to its sub-attribute, through the elements of either if it is a list.
    fn json_attribute_test(
        &mut self,
        column: &JsonColumn,
        place: &JsonPlace,
        path: &ResolvedPath,
        test: Test<'_>,
        negated: bool,
    ) -> Option<String> {
        let Some(sub_attribute) = &path.sub_attribute else {
            return self.json_test(column, place, path.attribute.multi_valued, path, test, negated);
        };
        if !path.attribute.multi_valued {
            let place = place.member(&sub_attribute.name);
            return self.json_test(column, &place, sub_attribute.multi_valued, path, test, negated);
        }
        let (from, element) = self.elements(place)?;
        let place = element.member(&sub_attribute.name);
        let inner = self.json_test(column, &place, sub_attribute.multi_valued, path, test, false)?;
        Some(exists(&from, &inner, negated))
    }

    fn json_test(
        &mut self,
        column: &JsonColumn,
        place: &JsonPlace,
        is_list: bool,
        path: &ResolvedPath,
        test: Test<'_>,
        negated: bool,
    ) -> Option<String> {
        if path.leaf().is_complex() {
            let has_content = place.has_content(self.binds)?;
            return Some(if negated { format!("NOT {has_content}") } else { has_content });
        }
        if is_list {
            let (from, element) = self.elements(place)?;
            let inner = self.json_test(column, &element, false, path, test, false)?;
            return Some(exists(&from, &inner, negated));
        }
        let scalar = of_element(place.scalar(self.binds, path.leaf(), column)?, path, test);
        self.scalar_test(&scalar, test, negated)
    }

    fn elements(&mut self, place: &JsonPlace) -> Option<(String, JsonPlace)> {
        self.aliases = self.aliases.saturating_add(1);
        place.elements(self.binds, &format!("element{}", self.aliases))
    }

    /// A complex attribute that is kept in columns has a value if one of them has, or the JSON column has the rest.
    fn complex_present(&mut self, path: &ResolvedPath, negated: bool) -> Option<String> {
        let columns = self.map.sub_columns(path);
        let elsewhere = self.resource_test(path, Test::Present, negated);
        if columns.is_empty() {
            return elsewhere;
        }
        let in_columns = any_present(columns.into_iter(), negated);
        Some(match elsewhere {
            Some(elsewhere) if negated => format!("{in_columns} AND {elsewhere}"),
            Some(elsewhere) => format!("({in_columns} OR {elsewhere})"),
            None => in_columns,
        })
    }

    fn value_path(
        &mut self,
        path: &ResolvedPath,
        filter: &ResolvedFilter,
        negated: bool,
    ) -> Result<Condition, StoreError> {
        let map = self.map;
        let hint = if negated { None } else { self.lookup(filter) };
        let name = path.to_string();
        let text = if let Some(Place::Table(table)) = map.place(&name) {
            let inner = self.term(&Scope::Row(table), filter, false)?.conjunct();
            rows(table, &inner, is_selective(filter), negated)
        } else if let columns @ [_, ..] = map.sub_columns(path).as_slice() {
            let present = self.any_existing(columns, path);
            let inner = self.term(&Scope::Resource, filter, false)?.conjunct();
            negated_if(format!("{present} AND {inner}"), negated)
        } else {
            self.json_value_path(path, filter, negated)?
        };
        Ok(match hint {
            Some(hint) => Condition { text: format!("{hint} AND {text}"), joined_by: Some(Junction::And) },
            None => Condition { joined_by: (!negated).then_some(Junction::And), text },
        })
    }

    /// An element that is kept in columns exists if one of them has a value, be it empty, or the JSON column has the rest.
    fn any_existing(&mut self, columns: &[&Column], path: &ResolvedPath) -> String {
        let mut tests: Vec<String> = columns.iter().map(|column| format!("{} IS NOT NULL", column.any())).collect();
        if let Some(json) = self.map.json.as_ref() {
            tests.extend(JsonPlace::attribute(json, path).exists(self.binds));
        }
        format!("({})", tests.join(" OR "))
    }

    fn json_value_path(
        &mut self,
        path: &ResolvedPath,
        filter: &ResolvedFilter,
        negated: bool,
    ) -> Result<String, StoreError> {
        let map = self.map;
        let column = map.json.as_ref().ok_or_else(|| unsupported(path))?;
        let place = JsonPlace::attribute(column, path);
        if path.attribute.multi_valued {
            let (from, element) = self.elements(&place).ok_or_else(|| unsupported(path))?;
            let inner = self.term(&Scope::Json(column, &element), filter, false)?.text;
            return Ok(exists(&from, &inner, negated));
        }
        let there = place.exists(self.binds).ok_or_else(|| unsupported(path))?;
        let inner = self.term(&Scope::Json(column, &place), filter, false)?.conjunct();
        Ok(negated_if(format!("{there} AND {inner}"), negated))
    }

    /// What a rendering of the host's own says to an `eq` that the filter in brackets demands. The value path implies
    /// it, and an index may answer it.
    fn lookup(&mut self, filter: &ResolvedFilter) -> Option<String> {
        match filter {
            ResolvedFilter::And(terms) => terms.iter().find_map(|term| self.lookup(term)),
            ResolvedFilter::Compare(path, CompareOperator::Equal, operand) if *operand != Operand::Null => {
                self.rendering(&path.to_string(), Test::Compare(CompareOperator::Equal, operand))
            }
            _ => None,
        }
    }
}

/// What is asked about a value.
#[derive(Clone, Copy)]
enum Test<'t> {
    Compare(CompareOperator, &'t Operand),
    Present,
}

impl Test<'_> {
    /// Whether few values pass, so that it pays to begin with them.
    fn is_selective(self) -> bool {
        matches!(self, Self::Compare(CompareOperator::Equal, Operand::Exact(_) | Operand::Folded(_)))
    }

    fn holds_for_any(self, values: &[String]) -> bool {
        values.iter().any(|value| match self {
            Self::Present => !value.is_empty(),
            Self::Compare(operator, Operand::Exact(operand)) => text_holds(value, operator, operand),
            Self::Compare(operator, Operand::Folded(operand)) => {
                text_holds(&crate::resource::fold(value), operator, operand)
            }
            Self::Compare(..) => false,
        })
    }
}

/// The expression within an element. Where an element does not say whether it is `primary`, it compares as `FALSE`
/// (RFC 7643 s2.4).
fn of_element(scalar: Scalar, path: &ResolvedPath, test: Test<'_>) -> Scalar {
    if path.is_primary() && matches!(test, Test::Compare(..)) {
        return Scalar { expression: format!("coalesce({}, FALSE)", scalar.expression), ..scalar };
    }
    scalar
}

/// The expression of the column that the test is about.
fn scalar_of(column: &Column, test: Test<'_>) -> Option<Scalar> {
    match test {
        Test::Compare(_, operand) => Scalar::for_operand(column, operand),
        Test::Present => Some(Scalar { expression: column.any().to_owned(), kind: column.kind }),
    }
}

fn is_selective(filter: &ResolvedFilter) -> bool {
    match filter {
        ResolvedFilter::And(terms) => terms.iter().any(is_selective),
        ResolvedFilter::Compare(_, operator, operand) => Test::Compare(*operator, operand).is_selective(),
        _ => false,
    }
}

/// Resources with such a row. A database begins with the rows where the condition leaves few of them, and with the
/// resource otherwise.
fn rows(table: &JoinedTable, condition: &str, is_selective: bool, negated: bool) -> String {
    let JoinedTable { from, inner_key, outer_key, .. } = table;
    let scope = table.scope.as_ref().map(|scope| format!("{scope} AND ")).unwrap_or_default();
    if is_selective && !negated {
        return format!("{outer_key} IN (SELECT {inner_key} FROM {from} WHERE {scope}{condition})");
    }
    let not = if negated { "NOT " } else { "" };
    format!("{not}EXISTS (SELECT 1 FROM {from} WHERE {scope}{inner_key} = {outer_key} AND {condition})")
}

fn exists(from: &str, condition: &str, negated: bool) -> String {
    let not = if negated { "NOT " } else { "" };
    format!("{not}EXISTS (SELECT 1 FROM {from} WHERE {condition})")
}

fn negated_if(condition: String, negated: bool) -> String {
    if negated {
        negation(&condition)
    } else {
        condition
    }
}

fn any_present<'c>(columns: impl Iterator<Item = &'c Column>, negated: bool) -> String {
    let tests = columns
        .map(|column| presence(&Scalar { expression: column.any().to_owned(), kind: column.kind }, negated))
        .collect::<Vec<_>>();
    format!("({})", tests.join(if negated { " AND " } else { " OR " }))
}

fn constant(holds: bool) -> String {
    if holds { "TRUE" } else { "FALSE" }.to_owned()
}

fn attribute_name(path: &ResolvedPath) -> String {
    ResolvedPath { sub_attribute: None, ..path.clone() }.to_string()
}

fn unsupported(path: &ResolvedPath) -> StoreError {
    StoreError::UnsupportedFilter { path: path.to_string() }
}
