//! One check of the suite, and what it needs.

use std::error::Error as _;

use super::fixture::Fixture;
use crate::store::{Capabilities, StoreError};

pub(super) use crate::testing::check::{ensure, ensure_eq, BoxFuture, Failure, Verdict};

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
    Partitions,
    WriteOnly,
}

impl Need {
    /// What a store lacks that declares these capabilities, as far as capabilities tell.
    pub(super) fn lacking(self, capabilities: Capabilities) -> Option<&'static str> {
        match self {
            Self::Filter if !capabilities.filter => Some("the store does not filter"),
            Self::Sort if !capabilities.sort => Some("the store does not sort"),
            Self::Cursor if !capabilities.cursor => Some("the store has no cursors"),
            Self::Partitions if !capabilities.partitions => Some("the store has no partitions"),
            Self::WriteOnly if !capabilities.write_only => Some("the store does not keep write-only attributes"),
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

/// Fails the check unless the result is this error.
macro_rules! ensure_error {
    ($result:expr, $pattern:pat $(if $guard:expr)?, $($message:tt)+) => {
        match $result {
            Err($pattern) $(if $guard)? => {}
            Err(error) => {
                let message = format!($($message)+);
                return Err($crate::testing::check::Failure::new(format!("{message}: found the error {error}")));
            }
            Ok(_) => {
                let message = format!($($message)+);
                return Err($crate::testing::check::Failure::new(format!("{message}: there was no error")));
            }
        }
    };
}

pub(super) use {check, ensure_error};
