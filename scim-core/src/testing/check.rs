//! How a check of a suite ends, and the words it is written in.

use std::future::Future;
use std::pin::Pin;

pub(in crate::testing) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How a check ends that was begun.
pub(in crate::testing) type Verdict = Result<(), Failure>;

/// Why a check was not passed.
#[derive(Debug)]
pub(in crate::testing) enum Failure {
    /// What is checked does not do what it must.
    Wrong(String),
    /// What is checked says that it cannot do what it need not be able to do.
    Unsupported(String),
}

impl Failure {
    pub(in crate::testing) fn new(message: impl Into<String>) -> Self {
        Self::Wrong(message.into())
    }
}

/// Fails the check unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err($crate::testing::check::Failure::new(format!($($message)+)));
        }
    };
}

/// Fails the check unless both are equal, the actual value first.
macro_rules! ensure_eq {
    ($actual:expr, $expected:expr, $($message:tt)+) => {
        #[allow(clippy::cloned_ref_to_slice_refs, reason = "one expected value is written like several")]
        match (&$actual, &$expected) {
            (actual, expected) => {
                if *actual != *expected {
                    let message = format!($($message)+);
                    return Err($crate::testing::check::Failure::new(format!(
                        "{message}: expected {expected:?}, found {actual:?}"
                    )));
                }
            }
        }
    };
}

pub(in crate::testing) use {ensure, ensure_eq};
