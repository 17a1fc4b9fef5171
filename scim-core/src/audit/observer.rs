//! Hands records to the host.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{AuditDetail, AuditKind, AuditRecord};
use crate::context::Context;
use crate::hook::{Event, EventKind, Observer};
use crate::resource::{Resource, ResourceId, Version};

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
    told: Mutex<VecDeque<(ResourceId, Version)>>,
}

/// How many changes are remembered, for the events of one change come one right after the other.
const REMEMBERED: usize = 1_024;

impl<S: AuditSink> AuditObserver<S> {
    /// Hands records of this detail to a sink.
    #[must_use]
    pub fn new(detail: AuditDetail, sink: S) -> Self {
        Self { detail, sink, told: Mutex::default() }
    }

    fn record(&self, cx: &Context, event: &Event<'_>) -> Option<AuditRecord> {
        let goes = event.kind == EventKind::Deactivated && is_another_version(event) && !self.is_told(event);
        let record = if goes {
            Some(AuditRecord::of_kind(cx, AuditKind::Removed, event, self.detail))
        } else {
            AuditRecord::of(cx, event, self.detail)
        };
        if let (Some(_), Some(after)) = (&record, event.after) {
            let mut told = self.told();
            told.push_back((after.id.clone(), after.meta.version.clone()));
            if told.len() > REMEMBERED {
                told.pop_front();
            }
        }
        record
    }

    /// Whether there is a record of the change already that the event is of.
    fn is_told(&self, event: &Event<'_>) -> bool {
        let after = event.after.map(|after| (&after.id, &after.meta.version));
        self.told().iter().rev().any(|(id, version)| Some((id, version)) == after)
    }

    fn told(&self) -> MutexGuard<'_, VecDeque<(ResourceId, Version)>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl<S: AuditSink> Observer for AuditObserver<S> {
    async fn observe(&self, cx: &Context, event: &Event<'_>) {
        if let Some(record) = self.record(cx, event) {
            self.sink.record(record).await;
        }
    }
}

/// Whether the resource is there after the event, and not as it was.
fn is_another_version(event: &Event<'_>) -> bool {
    let version = |resource: Option<&Resource>| resource.map(|resource| resource.meta.version.clone());
    event.after.is_some() && version(event.before) != version(event.after)
}

impl<S> fmt::Debug for AuditObserver<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditObserver").field("detail", &self.detail).finish_non_exhaustive()
    }
}
