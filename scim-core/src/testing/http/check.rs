//! One check of the suite.

pub(super) use super::answer::{has_names, Answer};
pub(super) use super::provider::Need;
pub(super) use super::session::{patch_body, target, Session};
pub(super) use crate::testing::check::{ensure, ensure_eq, BoxFuture, Failure, Verdict};

/// A named piece of the protocol. The name begins with the section of the RFC that asks for it.
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) needs: &'static [Need],
    pub(super) run: for<'a> fn(&'a Session) -> BoxFuture<'a, Verdict>,
}

/// A check that is a function, with what it needs of the server.
macro_rules! check {
    ($name:ident) => {
        check!($name, [])
    };
    ($name:ident, [$($need:ident),*]) => {
        $crate::testing::http::check::Check {
            name: stringify!($name),
            needs: &[$($crate::testing::http::provider::Need::$need),*],
            run: |session| Box::pin($name(session)),
        }
    };
}

pub(super) use check;
