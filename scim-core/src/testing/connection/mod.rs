//! The suites about connections: whether a [`ConnectionStore`](crate::ConnectionStore) and a
//! [`RequestLog`](crate::RequestLog) keep their contracts.

mod check;
mod connections;
mod keys;
mod log;
mod rotation;
mod suite;

pub use log::RequestLogSuite;
pub use suite::ConnectionStoreSuite;
