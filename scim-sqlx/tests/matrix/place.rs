//! A place of the protocol where an id or a value can stand.

use super::ask::Ask;
use super::servers::Which;
use super::values::Values;
use super::{bodies, bulk, paths, queries};

/// Requests with the values of somebody, and with the asker's own beside them.
type Asks = dyn Fn(&Values, &Values) -> Vec<Ask> + Send + Sync;

/// A place where values can stand.
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) asks: Box<Asks>,
    /// The servers that may treat it differently.
    pub(crate) servers: &'static [Which],
    /// The answer for the asker's own values may be the same as for ones that nobody has.
    pub(crate) is_blind: bool,
}

impl Place {
    pub(crate) fn new(
        name: impl Into<String>,
        asks: impl Fn(&Values, &Values) -> Vec<Ask> + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), asks: Box::new(asks), servers: &[Which::Plain], is_blind: false }
    }

    /// The same, at every server.
    pub(crate) fn everywhere(mut self) -> Self {
        self.servers = &Which::ALL;
        self
    }

    /// Whether nothing can change by it, with values like these.
    pub(crate) fn only_reads(&self, values: &Values) -> bool {
        (self.asks)(values, values).iter().all(Ask::only_reads)
    }

    pub(crate) fn blind(mut self) -> Self {
        self.is_blind = true;
        self
    }
}

/// All of them. Those that need versions as they were in the beginning come first.
pub(crate) fn all() -> Vec<Place> {
    let mut places = paths::places();
    places.extend(queries::places());
    places.extend(bulk::places());
    places.extend(bodies::places());
    places
}
