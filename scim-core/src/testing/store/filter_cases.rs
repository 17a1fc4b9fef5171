//! Filters as data: each with the names of what it yields.

use super::check::{Failure, Verdict};
use super::fixture::{names, Fixture};
use super::{filter_probes, filter_users};
use crate::context::Context;

/// A filter on the users of [`filter_users`].
pub(super) async fn users(fixture: &Fixture, filter: &str, expected: &[&str]) -> Verdict {
    for document in filter_users::documents() {
        fixture.create(&fixture.users, document).await?;
    }
    yields(fixture, &fixture.users, "userName", filter, expected).await
}

/// A filter on the probes of [`filter_probes`].
pub(super) async fn probes(fixture: &Fixture, filter: &str, expected: &[&str]) -> Verdict {
    for document in filter_probes::documents() {
        fixture.create(&fixture.probes, document).await?;
    }
    yields(fixture, &fixture.probes, "name", filter, expected).await
}

async fn yields(fixture: &Fixture, cx: &Context, name: &str, filter: &str, expected: &[&str]) -> Verdict {
    let page = fixture.list(cx, Some(filter)).await?;
    let mut found = names(&page.resources, name);
    found.sort_unstable();
    let mut expected: Vec<&str> = expected.to_vec();
    expected.sort_unstable();
    if found != expected {
        return Err(Failure::new(format!("{filter} should yield {expected:?} and yields {found:?}")));
    }
    if page.total != Some(expected.len()) {
        return Err(Failure::new(format!("{filter} yields {} and the total is {:?}", expected.len(), page.total)));
    }
    Ok(())
}

/// A check that is a filter on users.
macro_rules! user_filter {
    ($name:literal, $filter:literal => [$($expected:literal),*]) => {
        $crate::testing::store::check::Check {
            name: $name,
            needs: &[$crate::testing::store::check::Need::Filter],
            run: $crate::testing::store::check::Run::UserFilter($filter, &[$($expected),*]),
        }
    };
}

/// A check that is a filter on probes.
macro_rules! probe_filter {
    ($name:literal, $filter:literal => [$($expected:literal),*]) => {
        $crate::testing::store::check::Check {
            name: $name,
            needs: &[
                $crate::testing::store::check::Need::Filter,
                $crate::testing::store::check::Need::CustomTypes,
            ],
            run: $crate::testing::store::check::Run::ProbeFilter($filter, &[$($expected),*]),
        }
    };
}

pub(super) use {probe_filter, user_filter};
