//! Runs the checks against an exchange.

use std::sync::Arc;

use super::check::Check;
use super::checks;
use super::exchange::Exchange;
use super::provider::{Need, Provider};
use super::session::Session;
use crate::testing::catch::catching;
use crate::testing::check::Failure;
use crate::testing::report::{check_skipped, CheckResult, Outcome, Report};

/// Checks whether a server speaks the protocol of RFC 7644, RFC 7643 and RFC 9865, down to the headers.
///
/// The server is made by [`http_server`](super::http_server) or [`http_server_of`](super::http_server_of) and reached
/// through an [`Exchange`]: in this process, or over a socket to see that an adapter moves every byte. Some three hundred
/// checks run one after another; what the server does not offer, by its own discovery, is skipped, and the report says
/// so. Each check makes resources of its own and leaves them behind, so that the server need not be empty.
///
/// ```
/// use scim_core::testing::{http_server, HttpSuite};
/// use scim_core::MemoryStore;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let server = http_server(MemoryStore::new()).build()?;
/// HttpSuite::new(server).run().await.assert_passed();
/// # Ok::<(), scim_core::BuildError>(())
/// # }).unwrap();
/// ```
#[must_use = "a suite does nothing until it is run"]
pub struct HttpSuite {
    exchange: Arc<dyn Exchange>,
    single_tenant: bool,
    skipped: Vec<(String, String)>,
}

impl HttpSuite {
    /// The suite for what is behind this exchange.
    pub fn new(exchange: impl Exchange) -> Self {
        Self { exchange: Arc::new(exchange), single_tenant: false, skipped: Vec::new() }
    }

    /// The store does not keep tenants apart. What it takes two of them to see is skipped.
    pub fn single_tenant(mut self) -> Self {
        self.single_tenant = true;
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
        let provider = self.discover().await;
        let mut results = Vec::new();
        for check in checks() {
            results.push(CheckResult { name: check.name, outcome: self.outcome(check, &provider).await });
        }
        results.extend(check_skipped(&self.skipped, &results));
        Report::new(results)
    }

    /// Runs the check of this name; `None` if there is none.
    pub async fn run_check(&self, name: &str) -> Option<Outcome> {
        let check = checks().find(|check| check.name == name)?;
        Some(self.outcome(check, &self.discover().await).await)
    }

    /// What the server says it offers. One that cannot say offers nothing, and the checks of discovery say why.
    async fn discover(&self) -> Arc<Provider> {
        let session = Session::new(Arc::clone(&self.exchange), Arc::default());
        let config = session.get("/ServiceProviderConfig").await;
        let resource_types = session.get("/ResourceTypes").await;
        match (config, resource_types) {
            (Ok(config), Ok(resource_types)) => Arc::new(Provider::of(&config, &resource_types)),
            _ => Arc::default(),
        }
    }

    async fn outcome(&self, check: &Check, provider: &Arc<Provider>) -> Outcome {
        if let Some((_, reason)) = self.skipped.iter().find(|(name, _)| name == check.name) {
            return Outcome::Skipped(reason.clone());
        }
        if let Some(reason) = check.needs.iter().find_map(|need| self.lacks(*need, provider)) {
            return Outcome::Skipped(reason.to_owned());
        }
        let session = Session::new(Arc::clone(&self.exchange), Arc::clone(provider));
        match catching((check.run)(&session)).await {
            Ok(()) => Outcome::Passed,
            Err(Failure::Wrong(reason)) => Outcome::Failed(reason),
            Err(Failure::Unsupported(reason)) => Outcome::Skipped(reason),
        }
    }

    fn lacks(&self, need: Need, provider: &Provider) -> Option<&'static str> {
        match need {
            Need::Tenants if self.single_tenant => Some("the store has a single tenant"),
            need => provider.lacks(need),
        }
    }
}
