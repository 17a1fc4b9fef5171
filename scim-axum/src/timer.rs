//! How the core waits, on tokio.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// The timer of tokio, for the bound that the core puts on its store.
pub(crate) struct TokioTimer;

impl scim_core::Timer for TokioTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }
}
