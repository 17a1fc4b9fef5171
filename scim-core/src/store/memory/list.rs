//! Answers queries: picks the resources by an index or from a snapshot, then the page, then what is derived.

use std::sync::{Arc, RwLock};

use super::candidates::Lookup;
use super::derived::DerivedAttributes;
use super::entry::Entry;
use super::read;
use super::select::{Entries, Selection, Selector};
use super::tenant::Tenant;
use super::timeline::Timeline;
use crate::context::Context;
use crate::store::{Page, Query, StoreError};

/// Up to this many candidates of an index are evaluated under the lock.
const FEW: usize = 1_000;

/// How often a page is picked without the lock before it is done with it, if what it shows keeps changing meanwhile.
const ATTEMPTS: usize = 2;

/// What a query has to look at.
enum Source {
    All(Timeline),
    Picked(Vec<Arc<Entry>>),
}

impl Source {
    fn entries(&self) -> Entries<'_> {
        match self {
            Self::All(timeline) => Entries::All(timeline),
            Self::Picked(entries) => Entries::Picked(entries),
        }
    }
}

/// Answers a query. Everything in the page is of one moment.
///
/// What takes long, filtering and sorting many resources, is done on a snapshot without holding the lock, unless it
/// needs memberships, which are no part of the snapshot.
pub(super) fn list(tenant: &RwLock<Tenant>, cx: &Context, query: &Query) -> Result<Page, StoreError> {
    let derived = DerivedAttributes::of(&cx.resource_type);
    let selector = Selector { resource_type: &cx.resource_type, query };
    let needs_memberships = query.filter.as_ref().is_some_and(|filter| derived.are_in(filter))
        || query.sort.as_ref().is_some_and(|sort| derived.at(&sort.path).is_some());
    let is_plain = query.filter.is_none() && query.sort.is_none();
    if !needs_memberships && !is_plain {
        for _ in 0..ATTEMPTS {
            let source = large_source(&read(tenant), cx, query);
            let Some(source) = source else { break };
            let selection = selector.select(source.entries(), None)?;
            if !derived.are_wanted(&query.fetch) {
                return Ok(selection.into_page(|entry| entry.resource.clone()));
            }
            let tenant = read(tenant);
            if is_current(&tenant, &selection) {
                return Ok(selection.into_page(|entry| derived.attached(&tenant, entry, &query.fetch)));
            }
        }
    }
    let tenant = read(tenant);
    let nothing = Timeline::default();
    let picked = query.filter.as_ref().and_then(|filter| lookup(&tenant, cx)?.entries(filter));
    let entries = match &picked {
        Some(picked) => Entries::Picked(picked),
        None => Entries::All(tenant.collection(&cx.resource_type).map_or(&nothing, |collection| &collection.timeline)),
    };
    let selection = selector.select(entries, Some(&tenant))?;
    Ok(selection.into_page(|entry| derived.attached(&tenant, entry, &query.fetch)))
}

/// A snapshot of what the query has to look at, if it is too much to be looked at under the lock.
fn large_source(tenant: &Tenant, cx: &Context, query: &Query) -> Option<Source> {
    let lookup = lookup(tenant, cx)?;
    match query.filter.as_ref().and_then(|filter| lookup.entries(filter)) {
        Some(picked) => (picked.len() > FEW).then_some(Source::Picked(picked)),
        None => Some(Source::All(lookup.collection.timeline.clone())),
    }
}

fn lookup<'a>(tenant: &'a Tenant, cx: &'a Context) -> Option<Lookup<'a>> {
    let collection = tenant.collection(&cx.resource_type)?;
    Some(Lookup { tenant, collection, resource_type: &cx.resource_type })
}

/// Whether the selected resources are still what they were in the snapshot.
fn is_current(tenant: &Tenant, selection: &Selection) -> bool {
    selection
        .entries
        .iter()
        .all(|entry| tenant.ids.get(&entry.resource.id).is_some_and(|current| Arc::ptr_eq(current, entry)))
}
