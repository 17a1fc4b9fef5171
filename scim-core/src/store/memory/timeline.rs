//! The resources of one type in the order of their creation.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::entry::Entry;

/// How many consecutive sequence numbers share a chunk.
const CHUNK: u64 = 256;

/// The resources of one type by their sequence number, which is the order of their creation.
///
/// They lie in chunks that a clone shares, so that a reader takes a snapshot of a million resources without copying
/// them, and a page deep in the list is found by counting chunks.
#[derive(Clone, Default)]
pub(super) struct Timeline {
    chunks: BTreeMap<u64, Arc<Vec<Arc<Entry>>>>,
    len: usize,
}

impl Timeline {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn get(&self, sequence: u64) -> Option<&Arc<Entry>> {
        let chunk = self.chunks.get(&(sequence / CHUNK))?;
        let place = chunk.binary_search_by_key(&sequence, |entry| entry.sequence).ok()?;
        chunk.get(place)
    }

    /// Adds an entry, or puts it in the place of the one with its sequence number.
    pub(super) fn put(&mut self, entry: Arc<Entry>) {
        let chunk = Arc::make_mut(self.chunks.entry(entry.sequence / CHUNK).or_default());
        match chunk.binary_search_by_key(&entry.sequence, |other| other.sequence) {
            Ok(place) => {
                if let Some(slot) = chunk.get_mut(place) {
                    *slot = entry;
                }
            }
            Err(place) => {
                chunk.insert(place, entry);
                self.len = self.len.saturating_add(1);
            }
        }
    }

    pub(super) fn remove(&mut self, sequence: u64) {
        let number = sequence / CHUNK;
        let Some(chunk) = self.chunks.get_mut(&number) else { return };
        let Ok(place) = chunk.binary_search_by_key(&sequence, |entry| entry.sequence) else { return };
        Arc::make_mut(chunk).remove(place);
        self.len = self.len.saturating_sub(1);
        if chunk.is_empty() {
            self.chunks.remove(&number);
        }
    }

    /// The entries but for so many at the beginning.
    pub(super) fn skip(&self, count: usize) -> impl Iterator<Item = &Arc<Entry>> {
        let mut within = count;
        let mut first = None;
        for (number, chunk) in &self.chunks {
            match within.checked_sub(chunk.len()) {
                Some(rest) => within = rest,
                None => {
                    first = Some(*number);
                    break;
                }
            }
        }
        let chunks = first.map(|number| self.chunks.range(number..));
        chunks.into_iter().flatten().flat_map(|(_, chunk)| chunk.iter()).skip(within)
    }

    /// The entries from a sequence number on.
    pub(super) fn from(&self, sequence: u64) -> impl Iterator<Item = &Arc<Entry>> {
        let chunks = self.chunks.range(sequence / CHUNK..).flat_map(|(_, chunk)| chunk.iter());
        chunks.skip_while(move |entry| entry.sequence < sequence)
    }

    /// The entries before a sequence number, the last first.
    pub(super) fn before(&self, sequence: u64) -> impl Iterator<Item = &Arc<Entry>> {
        let chunks = self.chunks.range(..=sequence / CHUNK).rev().flat_map(|(_, chunk)| chunk.iter().rev());
        chunks.skip_while(move |entry| entry.sequence >= sequence)
    }
}
