//! Reading everything, page by page.

use crate::context::Context;
use crate::resource::Resource;
use crate::store::{Fetch, PageRequest, Query, ResourceStore, StoreError};

/// How many resources are read at once.
const BATCH: usize = 200;

/// All resources of a context, page by page. Where the store has cursors, a resource that comes or goes meanwhile hides
/// no other. Where it has none, it may.
pub(super) struct Pages<'a> {
    store: &'a dyn ResourceStore,
    cx: &'a Context,
    fetch: Fetch,
    next: Option<PageRequest>,
}

impl<'a> Pages<'a> {
    pub(super) fn new(store: &'a dyn ResourceStore, cx: &'a Context, fetch: Fetch) -> Self {
        let first = if store.capabilities(&cx.resource_type).cursor {
            PageRequest::Cursor { position: None, count: BATCH }
        } else {
            PageRequest::Index { start_index: 1, count: BATCH }
        };
        Self { store, cx, fetch, next: Some(first) }
    }

    /// The next resources; none at the end.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub(super) async fn next(&mut self) -> Result<Vec<Resource>, StoreError> {
        while let Some(page) = self.next.take() {
            let query = Query { page, fetch: self.fetch.clone(), ..Query::default() };
            let found = self.store.list(self.cx, &query).await?;
            self.next = match (query.page, found.next) {
                (PageRequest::Cursor { .. }, next) => {
                    next.map(|next| PageRequest::Cursor { position: Some(next), count: BATCH })
                }
                (PageRequest::Index { start_index, .. }, _) if !found.resources.is_empty() => {
                    let start_index = start_index.saturating_add(found.resources.len());
                    let is_more = found.total.is_none_or(|total| start_index <= total);
                    is_more.then_some(PageRequest::Index { start_index, count: BATCH })
                }
                _ => None,
            };
            if !found.resources.is_empty() {
                return Ok(found.resources);
            }
        }
        Ok(Vec::new())
    }
}

/// The first resources of a context, for a caller that takes them away.
///
/// # Errors
///
/// Those of the store.
pub(super) async fn first(store: &dyn ResourceStore, cx: &Context, fetch: Fetch) -> Result<Vec<Resource>, StoreError> {
    let page = PageRequest::Index { start_index: 1, count: BATCH };
    Ok(store.list(cx, &Query { page, fetch, ..Query::default() }).await?.resources)
}
