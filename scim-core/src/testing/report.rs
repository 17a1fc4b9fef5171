//! What came of a run of a suite.

use std::fmt;

use crate::error::quoted;
use crate::nearest::nearest;

/// How the checks of a suite ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a report tells only those who read it; `assert_passed` does"]
pub struct Report {
    results: Vec<CheckResult>,
}

/// How one check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckResult {
    /// The name of the check.
    pub name: &'static str,
    /// How it ended.
    pub outcome: Outcome,
}

/// The end of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What was checked keeps this part of the contract.
    Passed,
    /// It does not, for this reason.
    Failed(String),
    /// It was not checked, for this reason.
    Skipped(String),
}

impl Report {
    pub(in crate::testing) fn new(results: Vec<CheckResult>) -> Self {
        Self { results }
    }

    /// Every check, in the order in which they ran.
    #[must_use]
    pub fn results(&self) -> &[CheckResult] {
        &self.results
    }

    /// The names of the checks that were passed.
    pub fn passed(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.results.iter().filter(|result| result.outcome == Outcome::Passed).map(|result| result.name)
    }

    /// The names of the checks that failed, and why.
    pub fn failed(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.results.iter().filter_map(|result| match &result.outcome {
            Outcome::Failed(reason) => Some((result.name, reason.as_str())),
            _ => None,
        })
    }

    /// The names of the checks that were skipped, and why.
    pub fn skipped(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.results.iter().filter_map(|result| match &result.outcome {
            Outcome::Skipped(reason) => Some((result.name, reason.as_str())),
            _ => None,
        })
    }

    /// Says nothing if no check failed.
    ///
    /// # Panics
    ///
    /// If one did, with the whole report as the message.
    #[allow(clippy::panic, reason = "this is how a test fails")]
    pub fn assert_passed(&self) {
        assert!(self.failed().next().is_none(), "{self}");
    }
}

/// A failed check if something is to be skipped that is no check, so that one that was renamed is not thought of as skipped.
pub(in crate::testing) fn check_skipped(skipped: &[(String, String)], results: &[CheckResult]) -> Option<CheckResult> {
    let names = || results.iter().map(|result| result.name);
    let unknown = skipped.iter().map(|(name, _)| name).filter(|skipped| !names().any(|name| name == *skipped));
    let unknown: Vec<String> = unknown
        .map(|skipped| match nearest(names(), skipped) {
            Some(name) => format!("{} (did you mean {name}?)", quoted(skipped)),
            None => quoted(skipped),
        })
        .collect();
    let reason = format!("skip names what is no check: {}", unknown.join(", "));
    (!unknown.is_empty())
        .then_some(CheckResult { name: "every_check_to_skip_is_there", outcome: Outcome::Failed(reason) })
}

impl fmt::Display for Report {
    /// The counts, then a line for each check that failed or was skipped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (passed, failed, skipped) = (self.passed().count(), self.failed().count(), self.skipped().count());
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")?;
        self.failed().try_for_each(|(name, reason)| write!(f, "\nfailed  {name}: {reason}"))?;
        self.skipped().try_for_each(|(name, reason)| write!(f, "\nskipped {name}: {reason}"))
    }
}
