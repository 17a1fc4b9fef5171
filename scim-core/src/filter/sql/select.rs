//! A query as statements.

use super::bind::{BindValue, Binds, Statement};
use super::column::all_of;
use super::condition::Renderer;
use super::map::ColumnMap;
use super::order::{sort_expression, SortExpression, SortedValue};
use super::page::{beyond, order_by, RowKey, Start};
use crate::resource::Resource;
use crate::store::{Page, PageRequest, Query, StoreError};

/// The host's part of the statements.
#[derive(Clone, Debug)]
pub struct Select {
    columns: String,
    from: String,
    order: String,
    scope: Option<String>,
    binds: Vec<BindValue>,
}

impl Select {
    /// Selects `columns` from `from`, which has one row for each resource. `order` is an integer column in which every
    /// row has another number, such as the primary key; it is the order of resources that nothing else orders.
    pub fn new(columns: impl Into<String>, from: impl Into<String>, order: impl Into<String>) -> Self {
        Self { columns: columns.into(), from: from.into(), order: order.into(), scope: None, binds: Vec::new() }
    }

    /// The same under a condition, such as the tenant's, with the values of its placeholders `?1`… or `$1`….
    /// Placeholders of these values may also stand in the other parts and in the expressions of the map. Of several
    /// conditions a row must satisfy every one; the values of a further one are counted on from those before.
    #[must_use]
    pub fn scope(mut self, condition: impl Into<String>, binds: impl IntoIterator<Item = BindValue>) -> Self {
        self.scope = Some(all_of(self.scope, condition.into()));
        self.binds.extend(binds);
        self
    }
}

/// The statements of a query, and what makes a [`Page`] of their rows.
#[derive(Clone, Debug)]
pub struct Statements {
    page: Statement,
    total: Statement,
    kind: PageKind,
    sorted: Option<SortedValue>,
}

#[derive(Clone, Copy, Debug)]
enum PageKind {
    Index { skipped: usize, count: usize },
    Cursor { count: usize, started: bool, backward: bool },
}

impl ColumnMap {
    /// The statements that answer a query.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnsupportedFilter`] and [`StoreError::UnsupportedSort`] for an attribute that the map has no place
    /// for; [`StoreError::InvalidPosition`] for a position of another query.
    pub fn select(&self, select: &Select, query: &Query) -> Result<Statements, StoreError> {
        let mut binds = Binds::new(self.dialect, select.binds.clone());
        let filter = match &query.filter {
            Some(filter) => Some(Renderer::new(self, &mut binds).filter(filter)?.conjunct()),
            None => None,
        };
        let conditions: Vec<String> = select.scope.iter().cloned().chain(filter).collect();
        let total = Statement {
            text: format!("SELECT count(*) FROM {}{}", select.from, where_clause(&conditions)),
            binds: binds.values().to_vec(),
        };
        let sort = match &query.sort {
            Some(sort) => sort_expression(self, &mut binds, sort, matches!(query.page, PageRequest::Cursor { .. }))?,
            None => None,
        };
        let sorted = sort.as_ref().map(|sort| sort.value);
        let (page, kind) = page(select, conditions, sort.as_ref(), &query.page, binds)?;
        Ok(Statements { page, total, kind, sorted })
    }
}

fn page(
    select: &Select,
    mut conditions: Vec<String>,
    sort: Option<&SortExpression>,
    request: &PageRequest,
    mut binds: Binds,
) -> Result<(Statement, PageKind), StoreError> {
    let Select { columns, from, order, .. } = select;
    match request {
        PageRequest::Index { start_index, count } => {
            let skipped = start_index.saturating_sub(1);
            let (conditions, order_by) = (where_clause(&conditions), order_by(sort, order, false));
            let limit = binds.add(bound(*count));
            // With an offset that it does not know, PostgreSQL finds a plan for all values too dear for a look-up, and makes
            // another one each time.
            let offset = match skipped {
                0 => String::new(),
                _ => format!(" OFFSET {}", binds.add(bound(skipped))),
            };
            let text = format!("SELECT {columns} FROM {from}{conditions} ORDER BY {order_by} LIMIT {limit}{offset}");
            let kind = PageKind::Index { skipped, count: *count };
            Ok((Statement { text, binds: binds.into_values() }, kind))
        }
        PageRequest::Cursor { position, count } => {
            let start = match position {
                Some(position) => Some(Start::read(position, sort.map(|sort| sort.value))?),
                None => None,
            };
            let backward = start.as_ref().is_some_and(|start| start.backward);
            if let Some(start) = &start {
                conditions.push(beyond(&mut binds, start, sort, order));
            }
            let (conditions, order_by) = (where_clause(&conditions), order_by(sort, order, backward));
            let key = sort.map_or("NULL", |sort| &sort.expression);
            let limit = binds.add(bound(count.saturating_add(1)));
            let text = format!(
                "SELECT {columns}, {key} AS scim_sort, {order} AS scim_order FROM {from}{conditions} \
                 ORDER BY {order_by} LIMIT {limit}"
            );
            let kind = PageKind::Cursor { count: *count, started: start.is_some(), backward };
            Ok((Statement { text, binds: binds.into_values() }, kind))
        }
    }
}

impl Statements {
    /// The statement that yields the page's rows. If [`is_keyed`](Self::is_keyed), each has two more columns than were
    /// selected, `scim_sort` and `scim_order`.
    #[must_use]
    pub fn page(&self) -> &Statement {
        &self.page
    }

    /// The statement that counts what satisfies the filter, for [`total_of`](Self::total_of).
    #[must_use]
    pub fn total(&self) -> &Statement {
        &self.total
    }

    /// Whether the rows of the page are to be read with a [`RowKey`] each.
    #[must_use]
    pub fn is_keyed(&self) -> bool {
        matches!(self.kind, PageKind::Cursor { .. })
    }

    /// An example of the values in the column `scim_sort`, for its type; `None` if it is always `NULL`.
    #[must_use]
    pub fn sort_type(&self) -> Option<BindValue> {
        self.sorted.map(|sorted| match sorted {
            SortedValue::Text => BindValue::Text(String::new()),
            SortedValue::Integer => BindValue::Integer(0),
            SortedValue::Real => BindValue::Real(0.0),
            SortedValue::Boolean => BindValue::Boolean(false),
        })
    }

    /// How many resources satisfy the filter in all, as far as a page of so many rows tells; if `None`, the statement
    /// [`total`](Self::total) must be asked.
    #[must_use]
    pub fn total_of(&self, rows: usize) -> Option<usize> {
        match self.kind {
            PageKind::Index { skipped, count } if rows < count && (rows > 0 || skipped == 0) => {
                Some(skipped.saturating_add(rows))
            }
            _ => None,
        }
    }

    /// The page of these rows, where [`is_keyed`](Self::is_keyed).
    #[must_use]
    pub fn keyed_page(&self, mut rows: Vec<(Resource, RowKey)>) -> Page {
        let PageKind::Cursor { count, started, backward } = self.kind else {
            return Page { resources: rows.into_iter().map(|(resource, _)| resource).collect(), ..Page::default() };
        };
        let more = rows.len() > count;
        rows.truncate(count);
        if backward {
            rows.reverse();
        }
        let (before, after) = if backward { (more, started) } else { (started, more) };
        let position = |row: Option<&(Resource, RowKey)>, backward| {
            row.map(|(_, key)| Start { key: key.clone(), backward }.position())
        };
        let previous = before.then(|| position(rows.first(), true)).flatten();
        let next = after.then(|| position(rows.last(), false)).flatten();
        Page { resources: rows.into_iter().map(|(resource, _)| resource).collect(), total: None, next, previous }
    }
}

fn where_clause(conditions: &[String]) -> String {
    if conditions.is_empty() {
        return String::new();
    }
    format!(" WHERE {}", conditions.join(" AND "))
}

fn bound(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
