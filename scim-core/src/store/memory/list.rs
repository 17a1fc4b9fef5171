//! Answers queries: picks the resources by an index or from a snapshot, then the page, then what is derived.

use std::sync::{Arc, RwLock};

use super::candidates::Lookup;
use super::derived::DerivedAttributes;
use super::entry::Entry;
use super::resources::Resources;
use super::select::{Entries, Selection, Selector};
use super::shards::read;
use super::timeline::Timeline;
use crate::context::Context;
use crate::store::{Page, Query, StoreError};

/// Up to this many candidates of an index are evaluated under the lock.
const FEW: usize = 1_000;

/// How often a page is picked without the lock before it is picked under it, if what it shows keeps changing meanwhile.
const ATTEMPTS: usize = 2;

/// What a query has to look at, at one moment.
enum Snapshot {
    All(Timeline),
    Picked(Vec<Arc<Entry>>),
}

impl Snapshot {
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
pub(super) fn list(resources: &RwLock<Resources>, cx: &Context, query: &Query) -> Result<Page, StoreError> {
    let derived = DerivedAttributes::of(&cx.resource_type);
    let selector = Selector { resource_type: &cx.resource_type, query };
    let needs_memberships = query.filter.as_ref().is_some_and(|filter| derived.are_in(filter))
        || query.sort.as_ref().is_some_and(|sort| derived.at(&sort.path).is_some());
    let is_plain = query.filter.is_none() && query.sort.is_none();
    let mut attempts = if needs_memberships || is_plain { 0 } else { ATTEMPTS };
    loop {
        let locked = read(resources);
        let Some(lookup) = lookup(&locked, cx) else {
            return Ok(selector.select(Entries::Picked(&[]), None)?.into_page(|entry| entry.resource.clone()));
        };
        let picked = query.filter.as_ref().and_then(|filter| lookup.entries(filter));
        if attempts == 0 || picked.as_ref().is_some_and(|picked| picked.len() <= FEW) {
            let entries = picked.as_deref().map_or(Entries::All(&lookup.collection.timeline), Entries::Picked);
            let selection = selector.select(entries, Some(&locked))?;
            return Ok(selection.into_page(|entry| derived.attached(&locked, entry, &query.fetch)));
        }
        let snapshot = picked.map_or_else(|| Snapshot::All(lookup.collection.timeline.clone()), Snapshot::Picked);
        drop(locked);

        let selection = selector.select(snapshot.entries(), None)?;
        if !derived.are_wanted(&query.fetch) {
            return Ok(selection.into_page(|entry| entry.resource.clone()));
        }
        let locked = read(resources);
        if is_current(&locked, &selection) {
            return Ok(selection.into_page(|entry| derived.attached(&locked, entry, &query.fetch)));
        }
        attempts = attempts.saturating_sub(1);
    }
}

fn lookup<'a>(resources: &'a Resources, cx: &'a Context) -> Option<Lookup<'a>> {
    let collection = resources.collection(&cx.resource_type)?;
    Some(Lookup { resources, collection, resource_type: &cx.resource_type })
}

/// Whether the selected resources are still what they were in the snapshot.
fn is_current(resources: &Resources, selection: &Selection) -> bool {
    selection
        .entries
        .iter()
        .all(|entry| resources.ids.get(&entry.resource.id).is_some_and(|current| Arc::ptr_eq(current, entry)))
}
