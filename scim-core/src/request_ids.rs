//! What a request is called in the log.

use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderMap;

use crate::context::RequestId;

/// Identifiers for requests that bring none: a random prefix a process, and a number.
pub(crate) struct RequestIds {
    prefix: u64,
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new() -> Self {
        Self { prefix: uuid::Uuid::new_v4().as_u64_pair().0 >> 32, next: AtomicU64::new(1) }
    }

    /// The request's own `X-Request-Id` where it is short and printable, else a new one.
    pub(crate) fn of(&self, headers: &HeaderMap) -> RequestId {
        let given = headers.get("x-request-id").and_then(|value| value.to_str().ok());
        let fits = |id: &&str| !id.is_empty() && id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_graphic());
        match given.filter(fits) {
            Some(id) => RequestId::new(id),
            None => RequestId::new(format!("{:08x}-{:x}", self.prefix, self.next.fetch_add(1, Ordering::Relaxed))),
        }
    }
}
