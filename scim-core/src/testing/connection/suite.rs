//! Runs the checks against stores of connections that a function builds.

use std::future::Future;

use super::check::{run_all, run_named, Build, Check};
use super::{connections, keys, rotation};
use crate::connection::ConnectionStore;
use crate::testing::report::{Outcome, Report};

/// Checks whether a store keeps the contract of [`ConnectionStore`].
///
/// It is given a function that makes a store; every check has tenants, connections and keys of its own, so that the
/// function may give the same store every time, and a database need not be empty.
///
/// ```
/// use scim_core::testing::ConnectionStoreSuite;
/// use scim_core::MemoryConnectionStore;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let suite = ConnectionStoreSuite::new(|| async { MemoryConnectionStore::new() });
/// suite.run().await.assert_passed();
/// # });
/// ```
#[must_use = "a suite does nothing until it is run"]
pub struct ConnectionStoreSuite {
    checks: Vec<Check<dyn ConnectionStore>>,
    build: Build<dyn ConnectionStore>,
}

impl ConnectionStoreSuite {
    /// The suite for the stores that this function makes.
    pub fn new<B, F, S>(build: B) -> Self
    where
        B: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = S> + Send + 'static,
        S: ConnectionStore,
    {
        Self {
            checks: [connections::checks(), keys::checks(), rotation::checks()].into_iter().flatten().collect(),
            build: Box::new(move || {
                let store = build();
                Box::pin(async move { Box::new(store.await) as Box<dyn ConnectionStore> })
            }),
        }
    }

    /// The names of all checks.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.checks.iter().map(|check| check.name)
    }

    /// Runs every check.
    pub async fn run(&self) -> Report {
        run_all(&self.checks, &self.build).await
    }

    /// Runs the check of this name; `None` if there is none.
    pub async fn run_check(&self, name: &str) -> Option<Outcome> {
        run_named(&self.checks, &self.build, name).await
    }
}
