//! What a request is called in the log.

use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderMap;

use crate::context::RequestId;
use crate::response::REQUEST_ID;

/// Identifiers for requests that bring none: a random prefix a process, and a number.
pub(crate) struct RequestIds {
    prefix: String,
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new() -> Self {
        let random = uuid::Uuid::new_v4().as_u64_pair().0 >> 32;
        Self { prefix: format!("{random:08x}-"), next: AtomicU64::new(1) }
    }

    /// The request's own `X-Request-Id` where it is short and printable, else a new one.
    pub(crate) fn of(&self, headers: &HeaderMap) -> RequestId {
        let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
        let fits = |id: &&str| !id.is_empty() && id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_graphic());
        match given.filter(fits) {
            Some(id) => RequestId::new(id),
            None => self.make(),
        }
    }

    /// Digit by digit, for `format!` costs several times as much.
    fn make(&self) -> RequestId {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut text = String::with_capacity(self.prefix.len().saturating_add(16));
        text.push_str(&self.prefix);
        let digits = 16_u32.saturating_sub(number.leading_zeros() / 4).max(1);
        for place in (0..digits).rev() {
            let digit = number.wrapping_shr(place.wrapping_mul(4)) & 0xF;
            text.extend(u32::try_from(digit).ok().and_then(|digit| char::from_digit(digit, 16)));
        }
        RequestId::new(text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_are_a_prefix_and_a_number_in_hexadecimal() {
        let ids = RequestIds { prefix: "0a1b2c3d-".to_owned(), next: AtomicU64::new(0) };
        for number in [0, 1, 9, 15, 16, 255, 256, 0xDEAD_BEEF, u64::MAX] {
            ids.next.store(number, Ordering::Relaxed);
            assert_eq!(ids.of(&HeaderMap::new()).as_str(), format!("0a1b2c3d-{number:x}"));
        }
        assert_eq!(RequestIds::new().of(&HeaderMap::new()).as_str().len(), 10);
    }
}
