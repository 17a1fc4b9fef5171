//! How the core waits, on the runtime of actix-web.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// The timer of actix's runtime, for the bound that the core puts on its store.
pub(crate) struct ActixTimer;

impl scim_core::Timer for ActixTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(actix_web::rt::time::sleep(duration))
    }
}
