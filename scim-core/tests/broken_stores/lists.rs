//! Faults of lists: tenants, totals, pages, order, cursors.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;

use async_trait::async_trait;
use scim_core::{
    Context, Fetch, MemoryStore, NewResource, Page, PageRequest, Position, Query, ResolvedFilter, Resource, ResourceId,
    ResourceStore, SortKey, StoreError,
};

use super::{everything, Fault};

type Result<T> = std::result::Result<T, StoreError>;

#[derive(Default)]
pub(crate) struct GetsOfAnyTenant {
    seen: Mutex<Vec<Context>>,
}

#[async_trait]
impl Fault for GetsOfAnyTenant {
    async fn create(&self, store: &MemoryStore, cx: &Context, new: NewResource) -> Result<Resource> {
        self.seen.lock().unwrap().push(cx.clone());
        store.create(cx, new).await
    }

    async fn get(&self, store: &MemoryStore, _: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>> {
        let tenants = self.seen.lock().unwrap().clone();
        for cx in tenants {
            if let Some(found) = store.get(&cx, id, fetch).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

#[derive(Default)]
pub(crate) struct ListsAllTenants {
    seen: Mutex<Vec<Context>>,
}

/// The query over the resources of several tenants.
async fn list_all(store: &MemoryStore, tenants: &Mutex<Vec<Context>>, cx: &Context, query: &Query) -> Result<Page> {
    let tenants = tenants.lock().unwrap().clone();
    let mut resources = everything(store, cx).await?;
    for other in tenants.into_iter().filter(|other| other.tenant() != cx.tenant()) {
        resources.extend(everything(store, &other).await?);
    }
    Ok(query.run(&cx.resource_type, resources))
}

#[async_trait]
impl Fault for ListsAllTenants {
    async fn create(&self, store: &MemoryStore, cx: &Context, new: NewResource) -> Result<Resource> {
        self.seen.lock().unwrap().push(cx.clone());
        store.create(cx, new).await
    }

    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        list_all(store, &self.seen, cx, query).await
    }
}

/// `WHERE tenant = ? AND a OR b`
#[derive(Default)]
pub(crate) struct ListsAllTenantsForOr {
    seen: Mutex<Vec<Context>>,
}

#[async_trait]
impl Fault for ListsAllTenantsForOr {
    async fn create(&self, store: &MemoryStore, cx: &Context, new: NewResource) -> Result<Resource> {
        self.seen.lock().unwrap().push(cx.clone());
        store.create(cx, new).await
    }

    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        match query.filter {
            Some(ResolvedFilter::Or(_)) => list_all(store, &self.seen, cx, query).await,
            _ => store.list(cx, query).await,
        }
    }
}

#[derive(Default)]
pub(crate) struct TotalOfThePage;

#[async_trait]
impl Fault for TotalOfThePage {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        let page = store.list(cx, query).await?;
        let total = page.resources.len();
        Ok(Page::new(page.resources, total))
    }
}

#[derive(Default)]
pub(crate) struct TotalOfEverything;

#[async_trait]
impl Fault for TotalOfEverything {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        let total = everything(store, cx).await?.len();
        Ok(Page::new(store.list(cx, query).await?.resources, total))
    }
}

#[derive(Default)]
pub(crate) struct PagesOverlap;

#[async_trait]
impl Fault for PagesOverlap {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        let mut query = query.clone();
        if let PageRequest::Index { start_index, .. } = &mut query.page {
            *start_index = start_index.saturating_sub(1).max(1);
        }
        store.list(cx, &query).await
    }
}

#[derive(Default)]
pub(crate) struct OrderChanges {
    calls: AtomicUsize,
}

#[async_trait]
impl Fault for OrderChanges {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        let mut resources = everything(store, cx).await?;
        if self.calls.fetch_add(1, Ordering::SeqCst) % 2 == 1 {
            resources.reverse();
        }
        Ok(query.run(&cx.resource_type, resources))
    }
}

#[derive(Default)]
pub(crate) struct EverythingForZero;

#[async_trait]
impl Fault for EverythingForZero {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        let mut query = query.clone();
        if let PageRequest::Index { count, .. } = &mut query.page {
            *count = if *count == 0 { usize::MAX } else { *count };
        }
        store.list(cx, &query).await
    }
}

/// The list in an order of its own, if it is sorted.
async fn resorted(
    store: &MemoryStore,
    cx: &Context,
    query: &Query,
    resort: impl Fn(&mut Vec<(SortKey, Resource)>, bool) + Send,
) -> Result<Page> {
    let Some(sort) = &query.sort else { return store.list(cx, query).await };
    let mut unsorted = query.clone();
    unsorted.sort = None;
    let found = store.list(cx, &unsorted).await?.resources;
    let mut keyed: Vec<_> = found.into_iter().map(|found| (sort.key(&cx.resource_type, &found), found)).collect();
    keyed.sort_by(|(a, _), (b, _)| a.compare(b));
    resort(&mut keyed, sort.descending);
    let total = keyed.len();
    Ok(Page::new(keyed.into_iter().map(|(_, resource)| resource).collect(), total))
}

#[derive(Default)]
pub(crate) struct MissingFirst;

#[async_trait]
impl Fault for MissingFirst {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        resorted(store, cx, query, |keyed, descending| {
            keyed.sort_by_key(|(key, _)| *key != SortKey::Missing);
            if descending {
                keyed.reverse();
            }
        })
        .await
    }
}

#[derive(Default)]
pub(crate) struct SortsWithCase;

#[async_trait]
impl Fault for SortsWithCase {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        let path = query.sort.as_ref().map(|sort| sort.path.to_string());
        resorted(store, cx, query, |keyed, descending| {
            let text = |resource: &Resource| resource.attributes.string(path.as_deref()?).map(str::to_owned);
            keyed.sort_by_key(|(_, resource)| text(resource));
            if descending {
                keyed.reverse();
            }
        })
        .await
    }
}

#[derive(Default)]
pub(crate) struct SortsNumbersAsText;

#[async_trait]
impl Fault for SortsNumbersAsText {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        resorted(store, cx, query, |keyed, descending| {
            keyed.sort_by_key(|(key, _)| match key {
                SortKey::Number(number) => number.to_string(),
                _ => String::new(),
            });
            if descending {
                keyed.reverse();
            }
        })
        .await
    }
}

#[derive(Default)]
pub(crate) struct DescendsByReversing;

#[async_trait]
impl Fault for DescendsByReversing {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        resorted(store, cx, query, |keyed, descending| {
            if descending {
                keyed.reverse();
            }
        })
        .await
    }
}

/// A page by cursor whose position is a number of resources: how many it goes on by, from how many were returned.
async fn by_offset(store: &MemoryStore, cx: &Context, query: &Query, go_on: fn(usize) -> usize) -> Result<Page> {
    let PageRequest::Cursor { position, count } = &query.page else { return store.list(cx, query).await };
    let offset = match position {
        None => 0,
        Some(Position(bytes)) => usize::from(*bytes.first().ok_or(StoreError::InvalidPosition)?),
    };
    let all = everything(store, cx).await?;
    let total = all.len();
    let resources: Vec<Resource> = all.into_iter().skip(offset).take(*count).collect();
    let end = offset + resources.len();
    let mut page = Page::new(resources, total);
    page.next = (end < total).then(|| Position(vec![u8::try_from(go_on(end)).unwrap()]));
    Ok(page)
}

#[derive(Default)]
pub(crate) struct CursorRepeats;

#[async_trait]
impl Fault for CursorRepeats {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        by_offset(store, cx, query, |end| end - 1).await
    }
}

#[derive(Default)]
pub(crate) struct CursorIsOffset;

#[async_trait]
impl Fault for CursorIsOffset {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        by_offset(store, cx, query, |end| end).await
    }
}

#[derive(Default)]
pub(crate) struct CursorNeverEnds;

#[async_trait]
impl Fault for CursorNeverEnds {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        let mut page = store.list(cx, query).await?;
        if let PageRequest::Cursor { position, .. } = &query.page {
            page.next = page.next.or_else(|| position.clone()).or(Some(Position(Vec::new())));
        }
        Ok(page)
    }
}
