//! One check of a suite about connections.

use std::error::Error as _;
use std::future::Future;

use crate::resource::{ConnectionId, DateTime, KeyId, ResourceId, TenantId};
use crate::store::StoreError;
use crate::testing::catch::catching;
use crate::testing::check::{BoxFuture, Failure, Verdict};
use crate::testing::report::{CheckResult, Outcome, Report};

/// A named piece of the contract of something, such as a store.
pub(super) struct Check<S: ?Sized> {
    pub(super) name: &'static str,
    pub(super) run: for<'a> fn(&'a S) -> BoxFuture<'a, Verdict>,
}

/// Makes what a check is run against.
pub(super) type Build<S> = Box<dyn Fn() -> BoxFuture<'static, Box<S>> + Send + Sync>;

/// The ends of all checks, each with something of its own.
pub(super) async fn run_all<S: ?Sized>(checks: &[Check<S>], build: &Build<S>) -> Report {
    let mut results = Vec::with_capacity(checks.len());
    for check in checks {
        results.push(CheckResult { name: check.name, outcome: run(check, build).await });
    }
    Report::new(results)
}

/// The end of the check of this name; `None` if there is none.
pub(super) async fn run_named<S: ?Sized>(checks: &[Check<S>], build: &Build<S>, name: &str) -> Option<Outcome> {
    let check = checks.iter().find(|check| check.name == name)?;
    Some(run(check, build).await)
}

async fn run<S: ?Sized>(check: &Check<S>, build: &Build<S>) -> Outcome {
    let subject = build().await;
    match catching((check.run)(&*subject)).await {
        Ok(()) => Outcome::Passed,
        Err(Failure::Wrong(reason)) => Outcome::Failed(reason),
        Err(Failure::Unsupported(reason)) => Outcome::Skipped(reason),
    }
}

/// The store's answer, or the failure of the check with what the error says.
pub(super) async fn done<T>(call: impl Future<Output = Result<T, StoreError>>) -> Result<T, Failure> {
    call.await.map_err(|error| match error.source() {
        Some(source) => Failure::new(format!("unexpected error: {error}: {source}")),
        None => Failure::new(format!("unexpected error: {error}")),
    })
}

/// A tenant that nobody else has.
pub(super) fn fresh_tenant() -> TenantId {
    TenantId::new(ResourceId::random().as_str())
}

/// A connection id that nobody else has.
pub(super) fn fresh_connection() -> ConnectionId {
    ConnectionId::random()
}

/// A key id that nobody else has.
pub(super) fn fresh_key() -> KeyId {
    KeyId::new(ResourceId::random().as_str().replace('-', ""))
}

/// A time this many seconds after one in the past, to the microsecond.
pub(super) fn at(seconds: u32) -> DateTime {
    DateTime::from_micros(1_700_000_000_123_456).after(std::time::Duration::from_secs(u64::from(seconds)))
}

/// A check that is a function.
macro_rules! check {
    ($name:ident) => {
        $crate::testing::connection::check::Check { name: stringify!($name), run: |subject| Box::pin($name(subject)) }
    };
}

/// Fails the check unless the result is this error.
macro_rules! ensure_refused {
    ($result:expr, $pattern:pat $(if $guard:expr)?, $what:expr) => {
        match $result {
            Err($pattern) $(if $guard)? => {}
            Err(error) => {
                return Err($crate::testing::check::Failure::new(format!("{}: found the error {error}", $what)));
            }
            Ok(_) => return Err($crate::testing::check::Failure::new(format!("{}: there was no error", $what))),
        }
    };
}

pub(super) use {check, ensure_refused};
