//! How much of all bodies a server has at a time.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The bytes of the bodies that are under way in a server.
#[derive(Default)]
pub(crate) struct BodyBytes(AtomicUsize);

impl BodyBytes {
    /// What one request has of them: nothing yet.
    pub(crate) fn room(&self) -> BodyRoom<'_> {
        BodyRoom { all: &self.0, bytes: 0 }
    }
}

/// The part of one request in the bytes of a server, which it gives back when it is dropped.
pub(crate) struct BodyRoom<'a> {
    all: &'a AtomicUsize,
    bytes: usize,
}

impl BodyRoom<'_> {
    /// Takes this many bytes more, unless all requests together had more than `most` then.
    pub(crate) fn grow(&mut self, bytes: usize, most: usize) -> bool {
        let taken = |all: usize| all.checked_add(bytes).filter(|all| *all <= most);
        let fits = self.all.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).is_ok();
        if fits {
            self.bytes = self.bytes.saturating_add(bytes);
        }
        fits
    }
}

impl Drop for BodyRoom<'_> {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.all.fetch_sub(self.bytes, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for BodyRoom<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BodyRoom").field(&self.bytes).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_took_is_there_again_when_it_is_gone() {
        let bytes = BodyBytes::default();
        let (mut first, mut second) = (bytes.room(), bytes.room());
        assert!(first.grow(6, 10) && second.grow(4, 10));
        assert!(!first.grow(1, 10) && !second.grow(usize::MAX, 10) && second.grow(0, 10));
        drop(first);
        assert!(second.grow(6, 10) && !second.grow(1, 10));
        drop(second);
        assert!(bytes.room().grow(10, 10));
    }
}
