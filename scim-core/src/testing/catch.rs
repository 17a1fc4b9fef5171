//! A check that panics has failed, and the others still run.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::task::Poll;

use super::check::{BoxFuture, Failure, Verdict};

/// Runs a check to its end, or to a panic.
pub(in crate::testing) async fn catching(mut check: BoxFuture<'_, Verdict>) -> Verdict {
    poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| check.as_mut().poll(context)))
            .unwrap_or_else(|panic| Poll::Ready(Err(Failure::new(format!("it panicked: {}", message(&*panic))))))
    })
    .await
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message")
}
