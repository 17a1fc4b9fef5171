//! Runs the checks against stores that a function builds.

use std::future::Future;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::check::{BoxFuture, Check, Failure, Need, Run};
use super::fixture::Fixture;
use super::race::Spawner;
use super::{checks, filter_cases};
use crate::context::Context;
use crate::resource::{ResourceId, TenantId};
use crate::store::ResourceStore;
use crate::testing::catch::catching;
use crate::testing::report::{check_skipped, CheckResult, Outcome, Report};

/// Checks whether a store keeps the contract of [`ResourceStore`].
///
/// It is given a function that makes a store, and runs more than four hundred checks, each with a store of its own.
/// What the store does not declare among its [`Capabilities`](crate::Capabilities) is skipped, and the report says so.
/// Each check has tenants of its own, so that the function may give the same store every time.
///
/// ```
/// use scim_core::testing::StoreSuite;
/// use scim_core::MemoryStore;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let report = StoreSuite::new(|| async { MemoryStore::new() }).spawning(tokio::spawn).run().await;
/// report.assert_passed();
/// println!("{report}");
/// # });
/// ```
///
/// A store that serves one table of one product says what it is not made for:
///
/// ```
/// use scim_core::testing::StoreSuite;
/// # use scim_core::MemoryStore;
/// use scim_core::TenantId;
///
/// let suite = StoreSuite::new(|| async { MemoryStore::new() })
///     .without_groups()
///     .without_custom_types()
///     .single_tenant(TenantId::new("the only one"))
///     .skip("create_keeps_a_thousand_values", "our table has one e-mail address a user");
/// # drop(suite);
/// ```
#[must_use = "a suite does nothing until it is run"]
pub struct StoreSuite {
    build: Box<dyn Fn() -> BoxFuture<'static, Subject> + Send + Sync>,
    spawner: Option<Spawner>,
    tenant: Option<TenantId>,
    groups: bool,
    custom_types: bool,
    skipped: Vec<(String, String)>,
}

/// What is checked.
struct Subject {
    store: Arc<dyn ResourceStore>,
    read_write_only: Option<WriteOnlyReader>,
}

/// Reads what a store keeps of the write-only attributes of a resource.
pub(super) type WriteOnlyReader =
    Box<dyn Fn(Context, ResourceId) -> BoxFuture<'static, Map<String, Value>> + Send + Sync>;

impl StoreSuite {
    /// The suite for the stores that this function makes: empty ones, or the same one every time.
    pub fn new<B, F, S>(build: B) -> Self
    where
        B: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = S> + Send + 'static,
        S: ResourceStore,
    {
        Self::of(move || {
            let store = build();
            Box::pin(async move { Subject { store: Arc::new(store.await), read_write_only: None } })
        })
    }

    /// The same for stores with [`Capabilities::write_only`](crate::Capabilities::write_only), and how the host reads
    /// what a store keeps of the write-only attributes of a resource. Without it the suite cannot see whether they are
    /// kept.
    ///
    /// ```
    /// use scim_core::testing::StoreSuite;
    /// use scim_core::MemoryStore;
    ///
    /// let suite = StoreSuite::reading_write_only(
    ///     || async { MemoryStore::new() },
    ///     |store, cx, id| async move { store.write_only(&cx, &id).unwrap_or_default() },
    /// );
    /// # drop(suite);
    /// ```
    pub fn reading_write_only<B, F, S, R, G>(build: B, read: R) -> Self
    where
        B: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = S> + Send + 'static,
        S: ResourceStore,
        R: Fn(Arc<S>, Context, ResourceId) -> G + Send + Sync + 'static,
        G: Future<Output = Map<String, Value>> + Send + 'static,
    {
        let read = Arc::new(read);
        Self::of(move || {
            let (store, read) = (build(), Arc::clone(&read));
            Box::pin(async move {
                let store = Arc::new(store.await);
                let same = Arc::clone(&store);
                let reader: WriteOnlyReader = Box::new(move |cx, id| Box::pin(read(Arc::clone(&same), cx, id)));
                Subject { store, read_write_only: Some(reader) }
            })
        })
    }

    fn of(build: impl Fn() -> BoxFuture<'static, Subject> + Send + Sync + 'static) -> Self {
        Self {
            build: Box::new(build),
            spawner: None,
            tenant: None,
            groups: true,
            custom_types: true,
            skipped: Vec::new(),
        }
    }

    /// Runs what is to happen at the same time in tasks of a runtime, such as `tokio::spawn`, which finds more races
    /// than the default: turns within one task.
    pub fn spawning<F, J>(mut self, spawn: F) -> Self
    where
        F: Fn(BoxFuture<'static, ()>) -> J + Send + Sync + 'static,
        J: Future + Send + 'static,
    {
        self.spawner = Some(Arc::new(move |task| {
            let running = spawn(task);
            Box::pin(async move {
                running.await;
            })
        }));
        self
    }

    /// The store knows this tenant alone. What it takes several tenants to see is skipped, and every store that the
    /// function makes must be an empty one.
    pub fn single_tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = Some(tenant);
        self
    }

    /// The store has no groups.
    pub fn without_groups(mut self) -> Self {
        self.groups = false;
        self
    }

    /// The store has users and groups alone, no resource types that somebody else defines.
    pub fn without_custom_types(mut self) -> Self {
        self.custom_types = false;
        self
    }

    /// Leaves out a check, by its name, for a reason that the report shows. A name that is no check is a failure.
    pub fn skip(mut self, name: impl Into<String>, reason: impl Into<String>) -> Self {
        self.skipped.push((name.into(), reason.into()));
        self
    }

    /// The names of all checks.
    pub fn names() -> impl Iterator<Item = &'static str> {
        checks().map(|check| check.name)
    }

    /// Runs every check.
    pub async fn run(&self) -> Report {
        let mut results = Vec::new();
        for check in checks() {
            results.push(CheckResult { name: check.name, outcome: self.outcome(check).await });
        }
        results.extend(check_skipped(&self.skipped, &results));
        Report::new(results)
    }

    /// Runs the check of this name; `None` if there is none.
    pub async fn run_check(&self, name: &str) -> Option<Outcome> {
        let check = checks().find(|check| check.name == name)?;
        Some(self.outcome(check).await)
    }

    async fn outcome(&self, check: &Check) -> Outcome {
        if let Some((_, reason)) = self.skipped.iter().find(|(name, _)| name == check.name) {
            return Outcome::Skipped(reason.clone());
        }
        let Subject { store, read_write_only } = (self.build)().await;
        let fixture = Fixture::new(store, read_write_only, self.tenant.clone(), self.spawner.clone());
        if let Some(reason) = check.needs.iter().find_map(|need| self.lacking(*need, &fixture)) {
            return Outcome::Skipped(reason.to_owned());
        }
        let running: BoxFuture<'_, _> = match check.run {
            Run::Function(function) => function(&fixture),
            Run::UserFilter(filter, expected) => Box::pin(filter_cases::users(&fixture, filter, expected)),
            Run::ProbeFilter(filter, expected) => Box::pin(filter_cases::probes(&fixture, filter, expected)),
        };
        match catching(running).await {
            Ok(()) => Outcome::Passed,
            Err(Failure::Wrong(reason)) => Outcome::Failed(reason),
            Err(Failure::Unsupported(reason)) => Outcome::Skipped(reason),
        }
    }

    fn lacking(&self, need: Need, fixture: &Fixture) -> Option<&'static str> {
        match need {
            Need::Tenants if self.tenant.is_some() => Some("the store has a single tenant"),
            Need::UnitsOfWork if fixture.store.unit_of_work().is_none() => Some("the store has no units of work"),
            Need::CustomTypes if !self.custom_types => Some("the store has no custom resource types"),
            Need::WriteOnly if fixture.user_capabilities().write_only && !fixture.reads_write_only() => {
                Some("the suite was not told how to read what the store keeps of write-only attributes")
            }
            Need::Groups | Need::DetachedMembers | Need::AttachedMembers if !self.groups => {
                Some("the store has no groups")
            }
            Need::DetachedMembers | Need::AttachedMembers => need.lacking(fixture.group_capabilities()),
            _ => need.lacking(fixture.user_capabilities()),
        }
    }
}
