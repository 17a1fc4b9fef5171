//! Picks a page out of resources that are given in the order of their creation.

use std::cmp::Ordering;
use std::sync::Arc;

use super::derived::DerivedAttributes;
use super::entry::Entry;
use super::position::{shortened, Boundary};
use super::resources::Resources;
use super::timeline::Timeline;
use crate::resource::Resource;
use crate::schema::ResourceType;
use crate::store::{Page, PageRequest, Position, Query, Sort, SortKey, StoreError};

/// Resources in the order of their creation.
#[derive(Clone, Copy)]
pub(super) enum Entries<'a> {
    /// Those of a type.
    All(&'a Timeline),
    /// Those that an index offered.
    Picked(&'a [Arc<Entry>]),
}

/// The resources of a page.
#[derive(Default)]
pub(super) struct Selection {
    pub(super) entries: Vec<Arc<Entry>>,
    total: Option<usize>,
    next: Option<Position>,
    previous: Option<Position>,
}

/// Evaluates a query.
pub(super) struct Selector<'a> {
    pub(super) resource_type: &'a ResourceType,
    pub(super) query: &'a Query,
}

/// A resource and what it is sorted by.
type Keyed = (SortKey, Arc<Entry>);

impl Selection {
    fn new(entries: Vec<Arc<Entry>>, total: usize) -> Self {
        Self { entries, total: Some(total), ..Self::default() }
    }

    pub(super) fn into_page(self, resource: impl Fn(&Entry) -> Resource) -> Page {
        let resources = self.entries.iter().map(|entry| resource(entry)).collect();
        Page { resources, total: self.total, next: self.next, previous: self.previous }
    }
}

impl<'a> Entries<'a> {
    fn len(self) -> usize {
        match self {
            Self::All(timeline) => timeline.len(),
            Self::Picked(entries) => entries.len(),
        }
    }

    fn skip(self, count: usize) -> Box<dyn Iterator<Item = &'a Arc<Entry>> + 'a> {
        match self {
            Self::All(timeline) => Box::new(timeline.skip(count)),
            Self::Picked(entries) => Box::new(entries.iter().skip(count)),
        }
    }

    fn from(self, sequence: u64) -> Box<dyn Iterator<Item = &'a Arc<Entry>> + 'a> {
        match self {
            Self::All(timeline) => Box::new(timeline.from(sequence)),
            Self::Picked(entries) => Box::new(entries.iter().skip_while(move |entry| entry.sequence < sequence)),
        }
    }

    fn before(self, sequence: u64) -> Box<dyn Iterator<Item = &'a Arc<Entry>> + 'a> {
        match self {
            Self::All(timeline) => Box::new(timeline.before(sequence)),
            Self::Picked(entries) => Box::new(entries.iter().rev().skip_while(move |entry| entry.sequence >= sequence)),
        }
    }
}

impl Selector<'_> {
    /// Picks the page. Without the resources, neither the filter nor the order may need memberships.
    pub(super) fn select(&self, entries: Entries<'_>, resources: Option<&Resources>) -> Result<Selection, StoreError> {
        match (&self.query.sort, &self.query.page) {
            (None, PageRequest::Index { start_index, count }) => {
                Ok(self.by_index(entries, resources, start_index.saturating_sub(1), *count))
            }
            (Some(sort), PageRequest::Index { start_index, count }) => {
                Ok(self.sorted_by_index(sort, entries, resources, start_index.saturating_sub(1), *count))
            }
            (None, PageRequest::Cursor { position, count }) => {
                let boundary = position.as_ref().map(|position| Boundary::decode(position, false)).transpose()?;
                Ok(self.by_cursor(entries, resources, boundary.as_ref(), *count))
            }
            (Some(sort), PageRequest::Cursor { position, count }) => {
                let boundary = position.as_ref().map(|position| Boundary::decode(position, true)).transpose()?;
                Ok(self.sorted_by_cursor(sort, entries, resources, boundary.as_ref(), *count))
            }
        }
    }

    fn matches(&self, resources: Option<&Resources>, entry: &Entry) -> bool {
        match (&self.query.filter, resources) {
            (None, _) => true,
            (Some(filter), None) => filter.matches(self.resource_type, &entry.resource),
            (Some(filter), Some(resources)) => {
                DerivedAttributes::of(self.resource_type).matches(resources, filter, entry)
            }
        }
    }

    fn by_index(&self, entries: Entries<'_>, resources: Option<&Resources>, skip: usize, count: usize) -> Selection {
        if self.query.filter.is_none() {
            return Selection::new(entries.skip(skip).take(count).cloned().collect(), entries.len());
        }
        let mut total: usize = 0;
        let mut page = Vec::new();
        for entry in entries.skip(0).filter(|entry| self.matches(resources, entry)) {
            if total >= skip && page.len() < count {
                page.push(Arc::clone(entry));
            }
            total = total.saturating_add(1);
        }
        Selection::new(page, total)
    }

    fn sorted_by_index(
        &self,
        sort: &Sort,
        entries: Entries<'_>,
        resources: Option<&Resources>,
        skip: usize,
        count: usize,
    ) -> Selection {
        let mut keyed = self.keyed(sort, entries, resources);
        let total = keyed.len();
        first_in_order(&mut keyed, skip.saturating_add(count), |a, b| order(sort, a, b));
        Selection::new(keyed.into_iter().skip(skip).map(|(_, entry)| entry).collect(), total)
    }

    fn by_cursor(
        &self,
        entries: Entries<'_>,
        resources: Option<&Resources>,
        boundary: Option<&Boundary>,
        count: usize,
    ) -> Selection {
        let found = |entry: &&Arc<Entry>| self.matches(resources, entry);
        let total = match &self.query.filter {
            None => Some(entries.len()),
            Some(_) if count == 0 => Some(entries.skip(0).filter(found).count()),
            Some(_) => None,
        };
        if count == 0 {
            return Selection { total, ..Selection::default() };
        }
        let is_backward = boundary.is_some_and(|boundary| boundary.backward);
        let place = boundary.map_or(0, |boundary| boundary.sequence);
        let walk = if is_backward { entries.before(place) } else { entries.from(place) };
        let mut page: Vec<Arc<Entry>> = walk.filter(found).take(count.saturating_add(1)).cloned().collect();
        let is_more = page.len() > count;
        page.truncate(count);
        if is_backward {
            page.reverse();
        }
        let first = page.first().map_or(place, |entry| entry.sequence);
        let (is_before, is_after) = if is_backward {
            (is_more, entries.from(place).any(|entry| found(&entry)))
        } else {
            (boundary.is_some() && entries.before(first).any(|entry| found(&entry)), is_more)
        };
        let next = page.last().map(|entry| Boundary::after(None, entry.sequence));
        let next = next.or_else(|| boundary.map(Boundary::forward)).filter(|_| is_after);
        let previous = Boundary::before(None, first);
        Selection {
            entries: page,
            total,
            next: next.map(|next| next.encode()),
            previous: is_before.then(|| previous.encode()),
        }
    }

    fn sorted_by_cursor(
        &self,
        sort: &Sort,
        entries: Entries<'_>,
        resources: Option<&Resources>,
        boundary: Option<&Boundary>,
        count: usize,
    ) -> Selection {
        let mut keyed = self.keyed(sort, entries, resources);
        for (key, _) in &mut keyed {
            *key = shortened(std::mem::replace(key, SortKey::Missing));
        }
        let total = Some(keyed.len());
        if count == 0 {
            return Selection { total, ..Selection::default() };
        }
        let is_behind =
            |(key, entry): &Keyed| boundary.is_none_or(|boundary| boundary.is_passed(sort, key, entry.sequence));
        let is_backward = boundary.is_some_and(|boundary| boundary.backward);
        let (mut behind, mut ahead): (Vec<Keyed>, Vec<Keyed>) = keyed.into_iter().partition(is_behind);
        let (page, others) = if is_backward { (&mut ahead, &behind) } else { (&mut behind, &ahead) };
        let are_others = !others.is_empty();
        let is_more = page.len() > count;
        if is_backward {
            first_in_order(page, count, |a, b| order(sort, b, a));
            page.reverse();
        } else {
            first_in_order(page, count, |a, b| order(sort, a, b));
        }
        let (is_before, is_after) = if is_backward { (is_more, are_others) } else { (are_others, is_more) };
        let next = page.last().map(|(key, entry)| Boundary::after(Some(key), entry.sequence));
        let next = next.or_else(|| boundary.map(Boundary::forward));
        let previous = page.first().map(|(key, entry)| Boundary::before(Some(key), entry.sequence));
        let previous = previous.or_else(|| boundary.map(Boundary::backward));
        Selection {
            total,
            next: next.filter(|_| is_after).map(|next| next.encode()),
            previous: previous.filter(|_| is_before).map(|previous| previous.encode()),
            entries: std::mem::take(page).into_iter().map(|(_, entry)| entry).collect(),
        }
    }

    fn keyed(&self, sort: &Sort, entries: Entries<'_>, resources: Option<&Resources>) -> Vec<Keyed> {
        let key = |entry: &Entry| match resources {
            None => sort.key(self.resource_type, &entry.resource),
            Some(resources) => DerivedAttributes::of(self.resource_type).sort_key(resources, sort, entry),
        };
        let found = entries.skip(0).filter(|entry| self.matches(resources, entry));
        found.map(|entry| (key(entry), Arc::clone(entry))).collect()
    }
}

/// The order of a sorted list; what compares equal keeps the order of creation in both directions.
fn order(sort: &Sort, (a, first): &Keyed, (b, second): &Keyed) -> Ordering {
    sort.compare(a, b).then(first.sequence.cmp(&second.sequence))
}

/// Leaves the first `count` in order, without sorting those that are cut off.
fn first_in_order(list: &mut Vec<Keyed>, count: usize, compare: impl Fn(&Keyed, &Keyed) -> Ordering) {
    if count == 0 {
        list.clear();
    } else if count < list.len() {
        list.select_nth_unstable_by(count, &compare);
        list.truncate(count);
    }
    list.sort_unstable_by(&compare);
}
