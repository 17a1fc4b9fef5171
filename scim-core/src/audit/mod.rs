//! The audit trail: every change as a record that says who changed what.

mod difference;
mod observer;
mod query;
mod record;
mod values;

pub use observer::{AuditObserver, AuditSink};
pub use query::AuditQuery;
pub use record::{AuditDetail, AuditKind, AuditRecord};
