//! What implementers test their own parts with.

mod store;

pub use store::{CheckResult, Outcome, StoreReport, StoreSuite};
