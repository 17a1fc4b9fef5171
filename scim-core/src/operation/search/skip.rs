//! How a query on several resource types gets to a page that is far from the first.

use std::cmp::Ordering;

use super::{index_page, RootSearch, Stream};
use crate::error::ScimError;
use crate::store::{Fetch, SortKey};

impl RootSearch<'_> {
    /// Moves the streams behind the first resources of all of them together, and returns how many of those are still to be
    /// taken one by one: no more than a page.
    ///
    /// To find out how far to go in each, it looks at few resources. Of `n` streams, each is looked at an `n`th of the way
    /// ahead. What comes first of these comes, with all that is before it in its stream, within the way: at most as much
    /// is before it in every other stream. So that stream goes ahead, and the rest of the way is shorter.
    pub(super) async fn skip(&self, streams: &mut [Stream<'_>], mut skip: usize) -> Result<usize, ScimError> {
        let is_sorted = streams.iter().any(|stream| stream.sort.is_some());
        loop {
            let left = streams.iter().filter(|stream| stream.left() > 0).count();
            if left <= 1 || !is_sorted {
                for stream in streams.iter_mut() {
                    skip = skip.saturating_sub(stream.go_ahead(skip));
                }
                return Ok(0);
            }
            let step = skip.checked_div(left).unwrap_or_default();
            if skip <= self.engine.limits.max_results || step == 0 {
                return Ok(skip);
            }
            let Some(first) = self.first_ahead(streams, step).await? else { return Ok(skip) };
            let gone = streams.get_mut(first).map_or(0, |stream| stream.go_ahead(step));
            skip = skip.saturating_sub(gone);
        }
    }

    /// The stream whose resource so many ahead comes first.
    async fn first_ahead(&self, streams: &[Stream<'_>], step: usize) -> Result<Option<usize>, ScimError> {
        let mut first: Option<(usize, SortKey)> = None;
        for (place, stream) in streams.iter().enumerate().filter(|(_, stream)| stream.left() >= step) {
            let Some(key) = self.key_ahead(stream, step).await? else { continue };
            let sort = streams.iter().find_map(|stream| stream.sort.as_ref());
            let is_before = |other: &SortKey| sort.is_some_and(|sort| sort.compare(&key, other) == Ordering::Less);
            if first.as_ref().is_none_or(|(_, other)| is_before(other)) {
                first = Some((place, key));
            }
        }
        Ok(first.map(|(place, _)| place))
    }

    /// What the resource so many ahead is sorted by.
    async fn key_ahead(&self, stream: &Stream<'_>, step: usize) -> Result<Option<SortKey>, ScimError> {
        let Some(sort) = &stream.sort else { return Ok(Some(SortKey::Missing)) };
        let attribute = match sort.path.extension_urn() {
            Some(urn) => urn.to_owned(),
            None => sort.path.attribute.name.clone(),
        };
        let request = index_page(stream.taken.saturating_add(step), 1);
        let page = self.page_with(stream, request, Fetch::only([attribute])).await?;
        let resource_type = &stream.source.served.resource_type;
        Ok(page.resources.first().map(|resource| sort.key(resource_type, resource)))
    }
}

impl Stream<'_> {
    /// How many resources are still to come.
    fn left(&self) -> usize {
        self.total.saturating_sub(self.taken)
    }

    /// Leaves out at most so many resources, and returns how many.
    fn go_ahead(&mut self, count: usize) -> usize {
        let gone = count.min(self.left());
        self.taken = self.taken.saturating_add(gone);
        gone
    }
}
