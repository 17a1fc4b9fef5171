//! GET of an endpoint and POST to its `/.search`: RFC 7644 s3.4.2, s3.4.3, RFC 9865.

use super::{Listing, Operation, Outcome, Result};
use crate::cursor::{Binding, Cursor};
use crate::error::{quoted, ScimError, ScimType};
use crate::filter::{Filter, FilterError, ResolvedFilter};
use crate::request::Parameters;
use crate::resource::DateTime;
use crate::schema::{AttributePath, AttributeRoot, Mutability, ResolvedPath, ResourceType, Returned};
use crate::server::Engine;
use crate::store::{Page, PageRequest, Position, Query, Sort};

impl Operation<'_> {
    /// Answers a query on one resource type.
    ///
    /// # Errors
    ///
    /// 400 for a filter, sort key or cursor that cannot be used.
    pub(crate) async fn list(&self, parameters: &Parameters) -> std::result::Result<Outcome, ScimError> {
        let paging = Paging::of(parameters, self.cx.limits.max_results, self.served.capabilities.cursor)?;
        let binding = binding(self.cx.partition().key(), [self.served.resource_type.name()], parameters);
        let page = match &paging {
            Paging::Index { start_index, count } => PageRequest::Index { start_index: *start_index, count: *count },
            Paging::Cursor { cursor, count } => cursor_page(self.engine.open_cursor(cursor, &binding, *count)?, *count),
        };
        let query = Query {
            filter: self.filter(parameters)?,
            sort: self.sort(parameters)?,
            page,
            fetch: self.served.fetch(self.projection),
        };
        let page = self.store(self.backend().list(self.cx, &query)).await?;
        self.listing(page, &paging, &binding).map(|listing| Outcome::of(Result::Listing(listing)))
    }

    fn listing(&self, page: Page, paging: &Paging, binding: &Binding) -> std::result::Result<Listing, ScimError> {
        let seal = |position: Option<Position>| self.engine.seal_cursor(position, binding, paging.count());
        let (next_cursor, previous_cursor) = match paging {
            Paging::Index { .. } => (None, None),
            Paging::Cursor { count: 0, .. } => (seal(beginning_of(page.total))?, None),
            Paging::Cursor { .. } => (seal(page.next)?, seal(page.previous)?),
        };
        let found = page.resources.len();
        let is_whole = paging.begins_by_cursor() && next_cursor.is_none();
        Ok(Listing {
            resources: page.resources.into_iter().map(|resource| (0, resource)).collect(),
            total: page.total.or_else(|| is_whole.then_some(found)),
            start_index: paging.start_index(),
            next_cursor,
            previous_cursor,
        })
    }

    fn filter(&self, parameters: &Parameters) -> std::result::Result<Option<ResolvedFilter>, ScimError> {
        let Some(text) = &parameters.filter else { return Ok(None) };
        if !self.served.capabilities.filter {
            return Err(ScimError::invalid_filter("This service provider does not filter"));
        }
        let filter = Filter::parse(text, &self.cx.profile, &self.cx.limits)
            .and_then(|filter| filter.resolve(&self.served.resource_type, &self.cx.profile));
        filter.map(Some).map_err(FilterError::into_filter_error)
    }

    fn sort(&self, parameters: &Parameters) -> std::result::Result<Option<Sort>, ScimError> {
        let Some(sort_by) = &parameters.sort_by else { return Ok(None) };
        if !self.served.capabilities.sort {
            return Err(ScimError::invalid_value("This service provider does not sort"));
        }
        let path = sort_path(&self.served.resource_type, sort_by).ok_or_else(|| not_sortable(sort_by))?;
        Ok(Some(Sort { path, descending: parameters.descending }))
    }
}

/// The attribute to sort by, if there is such a one and it has an order (RFC 7644 s3.4.2.3). What the server makes for
/// the answer alone has none in a store.
pub(super) fn sort_path(resource_type: &ResourceType, sort_by: &str) -> Option<ResolvedPath> {
    let path = resource_type.resolve_short(&AttributePath::split(sort_by)?)?;
    let hidden = path.leaf().returned == Returned::Never || path.leaf().mutability == Mutability::WriteOnly;
    let no_value = path.leaf().is_complex() && path.leaf().sub_attribute("value").is_none();
    let made_by_server =
        path.root == AttributeRoot::Schemas || path.root == AttributeRoot::Meta && path.leaf().name == "location";
    (!hidden && !no_value && !made_by_server).then_some(path)
}

pub(super) fn not_sortable(sort_by: &str) -> ScimError {
    let path = quoted(sort_by);
    ScimError::bad_request(ScimType::InvalidPath, format!("sortBy {path} is not an attribute to sort by"))
}

/// Which part of a list is asked for.
pub(super) enum Paging {
    /// RFC 7644 s3.4.2.4.
    Index { start_index: usize, count: usize },
    /// RFC 9865.
    Cursor { cursor: String, count: usize },
}

impl Paging {
    /// Index paging is the default (RFC 9865 s2.4). Where there are no cursors, the parameter is one that nobody knows.
    pub(super) fn of(
        parameters: &Parameters,
        max_results: usize,
        cursors: bool,
    ) -> std::result::Result<Self, ScimError> {
        let count = count(parameters, max_results);
        match &parameters.cursor {
            Some(_) if cursors && parameters.start_index.is_some() => {
                Err(ScimError::invalid_value("A page has either a startIndex or a cursor"))
            }
            Some(cursor) if cursors => Ok(Self::Cursor { cursor: cursor.clone(), count }),
            _ => Ok(Self::Index { start_index: start_index(parameters), count }),
        }
    }

    pub(super) fn count(&self) -> usize {
        match self {
            Self::Index { count, .. } | Self::Cursor { count, .. } => *count,
        }
    }

    /// Whether it is the first page of a walk by cursor; if it is the last as well, it holds all there is.
    pub(super) fn begins_by_cursor(&self) -> bool {
        matches!(self, Self::Cursor { cursor, .. } if cursor.is_empty())
    }

    pub(super) fn start_index(&self) -> Option<usize> {
        match self {
            Self::Index { start_index, .. } => Some(*start_index),
            Self::Cursor { .. } => None,
        }
    }
}

/// What a store is asked for by cursor. A page of no resources is about the total alone (RFC 9865 s2), which stores tell
/// of pages by place.
fn cursor_page(position: Option<Position>, count: usize) -> PageRequest {
    match count {
        0 => PageRequest::Index { start_index: 1, count },
        _ => PageRequest::Cursor { position, count },
    }
}

/// Where the page after one of no resources begins, if there are any: no page of such a walk gets further.
pub(super) fn beginning_of(total: Option<usize>) -> Option<Position> {
    total.filter(|total| *total > 0).map(|_| Position(Vec::new()))
}

/// How many resources a page holds: what is asked for, and at most what the server allows. Below 0 is 0
/// (RFC 7644 s3.4.2.4 table 6).
fn count(parameters: &Parameters, max_results: usize) -> usize {
    let asked = parameters.count.map(|count| usize::try_from(count.max(0)).unwrap_or(usize::MAX));
    asked.map_or(max_results, |count| count.min(max_results))
}

/// The place of the first resource: below 1 is 1 (RFC 7644 s3.4.2.4 table 6).
fn start_index(parameters: &Parameters) -> usize {
    usize::try_from(parameters.start_index.unwrap_or(1).max(1)).unwrap_or(usize::MAX)
}

/// What a cursor of this query belongs to.
pub(super) fn binding<'a>(
    tenant: &'a str,
    types: impl IntoIterator<Item = &'a str>,
    parameters: &'a Parameters,
) -> Binding {
    let query = [
        parameters.filter.as_deref().unwrap_or_default(),
        parameters.sort_by.as_deref().unwrap_or_default(),
        if parameters.descending { "descending" } else { "ascending" },
    ];
    Binding::new([tenant].into_iter().chain(query).chain(types))
}

impl Engine {
    /// The position that a cursor says; `None` for the first page.
    pub(super) fn open_cursor(
        &self,
        cursor: &str,
        binding: &Binding,
        count: usize,
    ) -> std::result::Result<Option<Position>, ScimError> {
        if cursor.is_empty() {
            return Ok(None);
        }
        let cursor = self.cursors.open(cursor, binding, DateTime::now())?;
        if cursor.count != count {
            return Err(ScimError::bad_request(
                ScimType::InvalidCount,
                format!("count must be {} for every page of this query", cursor.count),
            ));
        }
        Ok(Some(cursor.position))
    }

    /// A cursor for a position.
    pub(super) fn seal_cursor(
        &self,
        position: Option<Position>,
        binding: &Binding,
        count: usize,
    ) -> std::result::Result<Option<String>, ScimError> {
        let seal = |position| self.cursors.seal(&Cursor { position, count }, binding, DateTime::now());
        position.map(seal).transpose()
    }
}
