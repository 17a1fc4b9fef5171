//! Queries on the server root, across resource types: RFC 7644 s3.4.2.1, s3.4.3.

use std::cmp::Ordering;
use std::collections::VecDeque;

use super::list::{beginning_of, binding, not_sortable, sort_path, Paging};
use super::{Listing, Outcome, Result};
use crate::context::Context;
use crate::cursor::Binding;
use crate::error::ScimError;
use crate::filter::{CompareOperator, Filter, FilterError, Literal, ResolvedFilter};
use crate::projection::Projection;
use crate::request::Parameters;
use crate::resource::Resource;
use crate::schema::{AttributePath, ResourceType};
use crate::served_type::ServedType;
use crate::server::Engine;
use crate::store::{Page, PageRequest, Position, Query, Sort, SortKey, StoreError};

/// A resource type that takes part in a query on the root.
pub(crate) struct Source<'a> {
    pub(crate) served: &'a ServedType,
    pub(crate) cx: Context,
    pub(crate) projection: Projection,
}

/// A query on several resource types under way.
pub(crate) struct RootSearch<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) sources: &'a [Source<'a>],
}

/// What one source contributes.
struct Stream<'a> {
    place: usize,
    source: &'a Source<'a>,
    filter: Option<ResolvedFilter>,
    sort: Option<Sort>,
    total: usize,
    /// How many resources of it come before those that are buffered.
    taken: usize,
    /// Where the cursor stands before those that are buffered.
    position: Option<Position>,
    buffer: VecDeque<(SortKey, Resource)>,
    /// Where the buffer ends, for a cursor.
    end: Option<Position>,
    exhausted: bool,
}

impl Stream<'_> {
    /// Whether its store was asked for resources, or is known to have none left.
    fn is_begun(&self) -> bool {
        self.taken > 0 || self.exhausted || !self.buffer.is_empty()
    }
}

impl RootSearch<'_> {
    /// Answers a query on all sources together: unsorted, type after type; sorted, merged.
    ///
    /// # Errors
    ///
    /// 400 for a filter, sort key or cursor that cannot be used.
    pub(crate) async fn run(&self, parameters: &Parameters) -> std::result::Result<Outcome, ScimError> {
        let cursors = self.sources.iter().all(|source| source.served.capabilities.cursor);
        let paging = Paging::of(parameters, self.engine.limits.max_results, cursors)?;
        let tenant = self.sources.first().map_or("", |source| source.cx.partition().key());
        let names = self.sources.iter().map(|source| source.served.resource_type.name());
        let binding = binding(tenant, names, parameters);
        let mut streams = self.streams(parameters)?;
        let listing = match &paging {
            Paging::Index { start_index, count } => self.by_index(&mut streams, *start_index, *count).await?,
            Paging::Cursor { cursor, count } => self.by_cursor(streams, cursor, *count, &binding).await?,
        };
        Ok(Outcome::of(Result::Listing(listing)))
    }

    /// The sources that can satisfy the filter at all.
    fn streams(&self, parameters: &Parameters) -> std::result::Result<Vec<Stream<'_>>, ScimError> {
        let filter = match &parameters.filter {
            Some(text) => Some(self.parse(text)?),
            None => None,
        };
        let mut streams = Vec::with_capacity(self.sources.len());
        let mut sortable = parameters.sort_by.is_none();
        for (place, source) in self.sources.iter().enumerate() {
            let sort = parameters.sort_by.as_ref().and_then(|sort_by| sort_path(&source.served.resource_type, sort_by));
            sortable |= sort.is_some();
            let filter = match filter.as_ref().map(|filter| specialize(filter, source)).transpose() {
                Ok(None | Some(Specialized::Always)) => None,
                Ok(Some(Specialized::Filter(filter))) => Some(filter),
                Ok(Some(Specialized::Never)) => continue,
                Err(error) => return Err(error.into_filter_error()),
            };
            streams.push(Stream {
                place,
                source,
                filter,
                sort: sort.map(|path| Sort { path, descending: parameters.descending }),
                total: 0,
                taken: 0,
                position: None,
                buffer: VecDeque::new(),
                end: None,
                exhausted: false,
            });
        }
        match &parameters.sort_by {
            Some(sort_by) if !sortable => Err(not_sortable(sort_by)),
            _ => Ok(streams),
        }
    }

    fn parse(&self, text: &str) -> std::result::Result<Filter, ScimError> {
        let profile = self.sources.first().map_or(&self.engine.profile, |source| &source.cx.profile);
        Filter::parse(text, profile, &self.engine.limits).map_err(FilterError::into_filter_error)
    }

    async fn by_index(
        &self,
        streams: &mut [Stream<'_>],
        start_index: usize,
        count: usize,
    ) -> std::result::Result<Listing, ScimError> {
        let total = self.total(streams).await?;
        let mut skip = start_index.saturating_sub(1).min(total);
        if streams.iter().all(|stream| stream.sort.is_none()) {
            for stream in streams.iter_mut() {
                stream.taken = skip.min(stream.total);
                skip = skip.saturating_sub(stream.taken);
            }
        }
        let mut resources = Vec::new();
        while resources.len() < count {
            let Some(taken) = self.take_next(streams, false).await? else { break };
            if skip > 0 {
                skip = skip.saturating_sub(1);
            } else {
                resources.push(taken);
            }
        }
        Ok(Listing {
            resources,
            total: Some(total),
            start_index: Some(start_index),
            next_cursor: None,
            previous_cursor: None,
        })
    }

    /// How many resources all streams have, which each of them learns of itself.
    async fn total(&self, streams: &mut [Stream<'_>]) -> std::result::Result<usize, ScimError> {
        let mut total: usize = 0;
        for stream in streams {
            stream.total = self.page(stream, index_page(1, 0)).await?.total.unwrap_or_default();
            total = total.saturating_add(stream.total);
        }
        Ok(total)
    }

    async fn by_cursor(
        &self,
        mut streams: Vec<Stream<'_>>,
        cursor: &str,
        count: usize,
        binding: &Binding,
    ) -> std::result::Result<Listing, ScimError> {
        let position = self.engine.open_cursor(cursor, binding, count)?;
        if count == 0 {
            let total = Some(self.total(&mut streams).await?);
            let next_cursor = self.engine.seal_cursor(beginning_of(total), binding, count)?;
            return Ok(cursor_listing(Vec::new(), total, next_cursor));
        }
        if let Some(position) = &position {
            restore(&mut streams, position)?;
        }
        let mut resources = Vec::new();
        while resources.len() < count {
            let Some(taken) = self.take_next(&mut streams, true).await? else { break };
            resources.push(taken);
        }
        let next = self.has_more(&mut streams).await?.then(|| save(&streams));
        let total = (position.is_none() && next.is_none()).then_some(resources.len());
        let next_cursor = self.engine.seal_cursor(next, binding, count)?;
        Ok(cursor_listing(resources, total, next_cursor))
    }

    /// Moves all streams behind what was taken of them, and says whether there is more. Those that were not begun are asked
    /// if nothing else tells.
    async fn has_more(&self, streams: &mut [Stream<'_>]) -> std::result::Result<bool, ScimError> {
        let mut more = false;
        for stream in streams.iter_mut() {
            self.settle(stream).await?;
            more |= stream.is_begun() && !stream.exhausted;
        }
        for stream in streams.iter_mut().filter(|stream| !stream.is_begun()) {
            if more {
                break;
            }
            let request = PageRequest::Cursor { position: stream.position.clone(), count: 1 };
            stream.exhausted = self.page(stream, request).await?.resources.is_empty();
            more = !stream.exhausted;
        }
        Ok(more)
    }

    /// Takes the resource that comes next of all streams.
    async fn take_next(
        &self,
        streams: &mut [Stream<'_>],
        by_cursor: bool,
    ) -> std::result::Result<Option<(usize, Resource)>, ScimError> {
        let mut first: Option<usize> = None;
        for place in 0..streams.len() {
            if let Some(stream) = streams.get_mut(place) {
                self.fill(stream, by_cursor).await?;
            }
            let key = |place: usize| streams.get(place).and_then(|stream| stream.buffer.front()).map(|(key, _)| key);
            let Some(candidate) = key(place) else { continue };
            let sorted = streams.iter().find_map(|stream| stream.sort.as_ref());
            let before = |other: &SortKey| match sorted {
                Some(sort) => sort.compare(candidate, other) == Ordering::Less,
                None => false,
            };
            if first.and_then(key).is_none_or(before) {
                first = Some(place);
            }
            if sorted.is_none() {
                break;
            }
        }
        let Some(stream) = first.and_then(|place| streams.get_mut(place)) else { return Ok(None) };
        stream.taken = stream.taken.saturating_add(1);
        Ok(stream.buffer.pop_front().map(|(_, resource)| (stream.place, resource)))
    }

    /// Loads the next page of a stream that has nothing buffered.
    async fn fill(&self, stream: &mut Stream<'_>, by_cursor: bool) -> std::result::Result<(), ScimError> {
        if !stream.buffer.is_empty() || stream.exhausted {
            return Ok(());
        }
        let count = self.engine.limits.max_results;
        let request = if by_cursor {
            if stream.taken > 0 {
                stream.taken = 0;
                stream.position = stream.end.take();
                if stream.position.is_none() {
                    stream.exhausted = true;
                    return Ok(());
                }
            }
            PageRequest::Cursor { position: stream.position.clone(), count }
        } else {
            index_page(stream.taken.saturating_add(1), count)
        };
        let page = self.page(stream, request).await?;
        let resource_type = &stream.source.served.resource_type;
        let sort = stream.sort.as_ref();
        let keyed = page
            .resources
            .into_iter()
            .map(|resource| (sort.map_or(SortKey::Missing, |sort| sort.key(resource_type, &resource)), resource));
        stream.buffer = keyed.collect();
        stream.end = page.next;
        stream.exhausted = stream.buffer.is_empty();
        Ok(())
    }

    /// Moves a stream's position to just behind what was taken of it.
    async fn settle(&self, stream: &mut Stream<'_>) -> std::result::Result<(), ScimError> {
        if stream.exhausted {
            return Ok(());
        }
        if stream.buffer.is_empty() && stream.taken > 0 {
            stream.exhausted = stream.end.is_none();
            stream.position = stream.end.take();
        } else if stream.taken > 0 {
            let request = PageRequest::Cursor { position: stream.position.clone(), count: stream.taken };
            stream.position = self.page(stream, request).await?.next;
            stream.exhausted = stream.position.is_none();
        }
        Ok(())
    }

    async fn page(&self, stream: &Stream<'_>, page: PageRequest) -> std::result::Result<Page, ScimError> {
        let Stream { source, filter, sort, .. } = stream;
        let query =
            Query { filter: filter.clone(), sort: sort.clone(), page, fetch: source.served.fetch(&source.projection) };
        let call = source.served.store.list(&source.cx, &query);
        self.engine.within_store_timeout(call).await.map_err(ScimError::from)
    }
}

fn cursor_listing(resources: Vec<(usize, Resource)>, total: Option<usize>, next_cursor: Option<String>) -> Listing {
    Listing { resources, total, start_index: None, next_cursor, previous_cursor: None }
}

fn index_page(start_index: usize, count: usize) -> PageRequest {
    PageRequest::Index { start_index, count }
}

/// The positions of all streams as one: for each a mark (0 at its beginning, 1 at a position, 2 at its end) and, where
/// there is one, the position with its length.
fn save(streams: &[Stream<'_>]) -> Position {
    let mut bytes = Vec::new();
    for stream in streams {
        match &stream.position {
            _ if stream.exhausted => bytes.push(2),
            None => bytes.push(0),
            Some(position) => {
                bytes.push(1);
                bytes.extend_from_slice(&u32::try_from(position.0.len()).unwrap_or(u32::MAX).to_be_bytes());
                bytes.extend_from_slice(&position.0);
            }
        }
    }
    Position(bytes)
}

fn restore(streams: &mut [Stream<'_>], position: &Position) -> std::result::Result<(), ScimError> {
    let mut rest = position.0.as_slice();
    for stream in streams {
        let (mark, after) = rest.split_first().ok_or(StoreError::InvalidPosition)?;
        rest = after;
        stream.exhausted = *mark == 2;
        if *mark == 1 {
            let (length, after) = rest.split_first_chunk::<4>().ok_or(StoreError::InvalidPosition)?;
            let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
            let (position, after) = after.split_at_checked(length).ok_or(StoreError::InvalidPosition)?;
            stream.position = Some(Position(position.to_vec()));
            rest = after;
        }
    }
    Ok(())
}

/// What a filter comes to for one resource type.
enum Specialized {
    Always,
    Never,
    Filter(ResolvedFilter),
}

/// The filter as it concerns one resource type: an attribute that the type does not have is one without a value
/// (RFC 7644 s3.4.2.1), and `meta.resourceType` is known beforehand.
fn specialize(filter: &Filter, source: &Source<'_>) -> std::result::Result<Specialized, FilterError> {
    let resource_type = &*source.served.resource_type;
    match filter {
        Filter::And(terms) => combine(terms, source, ResolvedFilter::And, true),
        Filter::Or(terms) => combine(terms, source, ResolvedFilter::Or, false),
        Filter::Not(term) => Ok(match specialize(term, source)? {
            Specialized::Always => Specialized::Never,
            Specialized::Never => Specialized::Always,
            Specialized::Filter(filter) => Specialized::Filter(ResolvedFilter::Not(Box::new(filter))),
        }),
        Filter::Compare(path, operator, literal) => match compare_type_name(resource_type, path, *operator, literal) {
            Some(holds) => Ok(constant(holds)),
            None if resource_type.resolve_short(path).is_none() => {
                let is_null = *literal == Literal::Null;
                Ok(constant(
                    (*operator == CompareOperator::Equal && is_null)
                        || (*operator == CompareOperator::NotEqual && !is_null),
                ))
            }
            None => leaf(filter, source),
        },
        Filter::Present(path) | Filter::ValuePath(path, _) if resource_type.resolve_short(path).is_none() => {
            Ok(Specialized::Never)
        }
        _ => leaf(filter, source),
    }
}

fn constant(holds: bool) -> Specialized {
    if holds {
        Specialized::Always
    } else {
        Specialized::Never
    }
}

fn leaf(filter: &Filter, source: &Source<'_>) -> std::result::Result<Specialized, FilterError> {
    filter.resolve(&source.served.resource_type, &source.cx.profile).map(Specialized::Filter)
}

/// `and` when `all`, else `or`.
fn combine(
    terms: &[Filter],
    source: &Source<'_>,
    join: fn(Vec<ResolvedFilter>) -> ResolvedFilter,
    all: bool,
) -> std::result::Result<Specialized, FilterError> {
    let mut kept = Vec::new();
    let mut decided = false;
    for term in terms {
        match specialize(term, source)? {
            Specialized::Filter(filter) => kept.push(filter),
            Specialized::Always => decided |= !all,
            Specialized::Never => decided |= all,
        }
    }
    if decided {
        return Ok(constant(!all));
    }
    Ok(match kept.len() {
        0 => constant(all),
        1 => kept.pop().map_or(Specialized::Never, Specialized::Filter),
        _ => Specialized::Filter(join(kept)),
    })
}

/// Whether `meta.resourceType` compares with a name.
fn compare_type_name(
    resource_type: &ResourceType,
    path: &AttributePath,
    operator: CompareOperator,
    literal: &Literal,
) -> Option<bool> {
    let is_type_name = path.urn().is_none()
        && path.name().eq_ignore_ascii_case("meta")
        && path.sub_attribute().is_some_and(|name| name.eq_ignore_ascii_case("resourceType"));
    let Literal::String(name) = literal else { return None };
    if !is_type_name {
        return None;
    }
    let same = **name == *resource_type.name();
    match operator {
        CompareOperator::Equal => Some(same),
        CompareOperator::NotEqual => Some(!same),
        _ => None,
    }
}
