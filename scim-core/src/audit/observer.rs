//! Hands records to the host.

use std::fmt;

use async_trait::async_trait;

use super::{AuditDetail, AuditRecord};
use crate::context::Context;
use crate::hook::{Event, Observer};

/// Where records go: a file, a queue, another service. A function of a record is one.
#[async_trait]
pub trait AuditSink: Send + Sync + 'static {
    /// Takes a record of something that has happened.
    async fn record(&self, record: AuditRecord);
}

#[async_trait]
impl<F: Fn(AuditRecord) + Send + Sync + 'static> AuditSink for F {
    async fn record(&self, record: AuditRecord) {
        self(record);
    }
}

/// An [`Observer`] that hands a record of every change to a sink. What is lost between the change and the sink is lost; a
/// trail without gaps is kept by the store of the change, as those of `scim-sqlx` do.
///
/// ```
/// use scim_core::{AuditDetail, AuditObserver, AuditRecord};
///
/// let observer = AuditObserver::new(AuditDetail::Paths, |record: AuditRecord| {
///     println!("{} {} {}: {:?}", record.principal, record.kind, record.resource_id, record.changed);
/// });
/// # drop(observer);
/// ```
pub struct AuditObserver<S> {
    detail: AuditDetail,
    sink: S,
}

impl<S: AuditSink> AuditObserver<S> {
    /// Hands records of this detail to a sink.
    #[must_use]
    pub fn new(detail: AuditDetail, sink: S) -> Self {
        Self { detail, sink }
    }
}

#[async_trait]
impl<S: AuditSink> Observer for AuditObserver<S> {
    async fn observe(&self, cx: &Context, event: &Event<'_>) {
        if let Some(record) = AuditRecord::of(cx, event, self.detail) {
            self.sink.record(record).await;
        }
    }
}

impl<S> fmt::Debug for AuditObserver<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditObserver").field("detail", &self.detail).finish_non_exhaustive()
    }
}
