//! Bounding how long a store may take, without a runtime of our own.

use std::future::{poll_fn, Future};
use std::pin::{pin, Pin};
use std::task::Poll;
use std::time::Duration;

use crate::store::StoreError;

/// How the host's runtime waits. The adapters bring one; a host that calls
/// [`ScimServer::handle`](crate::ScimServer::handle) itself installs its own.
pub trait Timer: Send + Sync + 'static {
    /// A future that is ready after `duration`.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// How long a request waits for a note to be written that its answer does not depend on, such as when a key was last
/// used, where it waits so long for a call of the store.
pub(crate) fn note_limit(store_timeout: Duration) -> Duration {
    store_timeout.checked_div(4).unwrap_or_default()
}

/// What became of a note that took longer.
pub(crate) fn note_is_late() -> StoreError {
    StoreError::unavailable(1, "a note took longer to write than a request waits for it")
}

/// The output of the future, or `None` if the time is up first.
pub(crate) async fn within<F: Future>(timer: Option<&dyn Timer>, limit: Duration, future: F) -> Option<F::Output> {
    let Some(timer) = timer else { return Some(future.await) };
    let mut future = pin!(future);
    let mut sleep = None;
    poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        let sleep = sleep.get_or_insert_with(|| timer.sleep(limit));
        sleep.as_mut().poll(cx).map(|()| None)
    })
    .await
}
