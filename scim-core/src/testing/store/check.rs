//! One check of the suite, and how it ends.

use std::error::Error as _;
use std::future::Future;
use std::pin::Pin;

use super::fixture::Fixture;
use crate::store::{Capabilities, StoreError};

pub(super) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How a check ends that was begun.
pub(super) type Verdict = Result<(), Failure>;

/// A named piece of the contract.
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) needs: &'static [Need],
    pub(super) run: Run,
}

pub(super) enum Run {
    Function(for<'a> fn(&'a Fixture) -> BoxFuture<'a, Verdict>),
    /// The filter on the users of [`filter_users`](super::filter_users) yields those of these names.
    UserFilter(&'static str, &'static [&'static str]),
    /// The filter on the probes of [`filter_probes`](super::filter_probes) yields those of these names.
    ProbeFilter(&'static str, &'static [&'static str]),
}

/// What a store must offer for a check to make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Filter,
    Sort,
    Cursor,
    DetachedMembers,
    AttachedMembers,
    Groups,
    CustomTypes,
    Tenants,
    UnitsOfWork,
}

impl Need {
    /// What a store lacks that declares these capabilities, as far as capabilities tell.
    pub(super) fn lacking(self, capabilities: Capabilities) -> Option<&'static str> {
        match self {
            Self::Filter if !capabilities.filter => Some("the store does not filter"),
            Self::Sort if !capabilities.sort => Some("the store does not sort"),
            Self::Cursor if !capabilities.cursor => Some("the store has no cursors"),
            Self::DetachedMembers if !capabilities.detached_members => {
                Some("the store keeps members in the document of the group")
            }
            Self::AttachedMembers if capabilities.detached_members => {
                Some("the store keeps members apart from the document of the group")
            }
            _ => None,
        }
    }
}

/// Why a check was not passed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The store does not do what the contract says.
    Wrong(String),
    /// The store says that it cannot do what it need not be able to do.
    Unsupported(String),
}

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self::Wrong(message.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::UnsupportedFilter { .. } | StoreError::UnsupportedSort { .. } => {
                Self::Unsupported(error.to_string())
            }
            error => match error.source() {
                Some(source) => Self::Wrong(format!("unexpected error: {error}: {source}")),
                None => Self::Wrong(format!("unexpected error: {error}")),
            },
        }
    }
}

/// A check that is a function, with what it needs of the store.
macro_rules! check {
    ($name:ident) => {
        check!($name, [])
    };
    ($name:ident, [$($need:ident),*]) => {
        $crate::testing::store::check::Check {
            name: stringify!($name),
            needs: &[$($crate::testing::store::check::Need::$need),*],
            run: $crate::testing::store::check::Run::Function(|fixture| Box::pin($name(fixture))),
        }
    };
}

/// Fails the check unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err($crate::testing::store::check::Failure::new(format!($($message)+)));
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
                    return Err($crate::testing::store::check::Failure::new(format!(
                        "{message}: expected {expected:?}, found {actual:?}"
                    )));
                }
            }
        }
    };
}

/// Fails the check unless the result is this error.
macro_rules! ensure_error {
    ($result:expr, $pattern:pat $(if $guard:expr)?, $($message:tt)+) => {
        match $result {
            Err($pattern) $(if $guard)? => {}
            Err(error) => {
                let message = format!($($message)+);
                return Err($crate::testing::store::check::Failure::new(format!("{message}: found the error {error}")));
            }
            Ok(_) => {
                let message = format!($($message)+);
                return Err($crate::testing::store::check::Failure::new(format!("{message}: there was no error")));
            }
        }
    };
}

pub(super) use {check, ensure, ensure_eq, ensure_error};
