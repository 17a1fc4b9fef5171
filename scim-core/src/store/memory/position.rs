//! The notation of a place in a list (RFC 9865), which the server seals into a cursor.

use std::cmp::Ordering;

use crate::resource::DateTime;
use crate::store::{Position, Sort, SortKey, StoreError, SORTED_CHARACTERS};

/// A boundary between two resources of a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Boundary {
    /// Whether the page ends here, rather than begin.
    pub(super) backward: bool,
    /// The boundary lies before this place: the sort key, if the list is sorted, then the sequence number.
    pub(super) key: Option<SortKey>,
    pub(super) sequence: u64,
}

impl Boundary {
    /// The page that begins after a resource.
    pub(super) fn after(key: Option<&SortKey>, sequence: u64) -> Self {
        Self { backward: false, key: key.cloned(), sequence: sequence.saturating_add(1) }
    }

    /// The page that ends before a resource.
    pub(super) fn before(key: Option<&SortKey>, sequence: u64) -> Self {
        Self { backward: true, key: key.cloned(), sequence }
    }

    /// The page that begins at the same boundary.
    pub(super) fn forward(&self) -> Self {
        Self { backward: false, ..self.clone() }
    }

    /// The page that ends at the same boundary.
    pub(super) fn backward(&self) -> Self {
        Self { backward: true, ..self.clone() }
    }

    /// Whether a resource lies behind the boundary.
    pub(super) fn is_passed(&self, sort: &Sort, key: &SortKey, sequence: u64) -> bool {
        let by_key = self.key.as_ref().map_or(Ordering::Equal, |boundary| sort.compare(key, boundary));
        by_key.then(sequence.cmp(&self.sequence)) != Ordering::Less
    }

    pub(super) fn encode(&self) -> Position {
        let mut bytes = vec![u8::from(self.backward)];
        bytes.extend(self.sequence.to_be_bytes());
        match &self.key {
            None => bytes.push(0),
            Some(SortKey::Boolean(boolean)) => bytes.extend([1, u8::from(*boolean)]),
            Some(SortKey::Number(number)) => {
                bytes.push(2);
                bytes.extend(number.to_bits().to_be_bytes());
            }
            Some(SortKey::DateTime(instant)) => {
                bytes.push(3);
                bytes.extend(instant.as_micros().to_be_bytes());
            }
            Some(SortKey::Text(text)) => {
                bytes.push(4);
                bytes.extend(text.as_bytes());
            }
            Some(SortKey::Missing) => bytes.push(5),
        }
        Position(bytes)
    }

    /// Reads a position of a list that is sorted or not.
    pub(super) fn decode(position: &Position, is_sorted: bool) -> Result<Self, StoreError> {
        let boundary = read(&position.0).ok_or(StoreError::InvalidPosition)?;
        if boundary.key.is_some() == is_sorted {
            Ok(boundary)
        } else {
            Err(StoreError::InvalidPosition)
        }
    }
}

fn read(bytes: &[u8]) -> Option<Boundary> {
    let (backward, rest) = bytes.split_first()?;
    let (sequence, rest) = rest.split_first_chunk()?;
    let (tag, rest) = rest.split_first()?;
    let key = match (tag, rest) {
        (0, []) => None,
        (1, [boolean @ (0 | 1)]) => Some(SortKey::Boolean(*boolean == 1)),
        (2, bits) => Some(SortKey::Number(f64::from_bits(u64::from_be_bytes(bits.try_into().ok()?)))),
        (3, micros) => Some(SortKey::DateTime(DateTime::from_micros(i64::from_be_bytes(micros.try_into().ok()?)))),
        (4, text) => Some(SortKey::Text(std::str::from_utf8(text).ok()?.to_owned())),
        (5, []) => Some(SortKey::Missing),
        _ => return None,
    };
    let backward = match backward {
        0 => false,
        1 => true,
        _ => return None,
    };
    Some(Boundary { backward, key, sequence: u64::from_be_bytes(*sequence) })
}

/// A sort key that is short enough for a cursor.
pub(super) fn shortened(key: SortKey) -> SortKey {
    match key {
        SortKey::Text(mut text) if text.len() > SORTED_CHARACTERS => {
            if let Some((end, _)) = text.char_indices().nth(SORTED_CHARACTERS) {
                text.truncate(end);
            }
            SortKey::Text(text)
        }
        key => key,
    }
}
