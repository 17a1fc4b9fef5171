//! Hands records to the host.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

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
    told: Mutex<Told>,
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
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match event.kind {
            EventKind::Deactivated if is_another_version(event) && !told.changes.has(event.after) => {
                told.changes.add(event.after);
                told.removals.add(event.before);
                Some(AuditRecord::of_kind(cx, AuditKind::Removed, event, self.detail))
            }
            EventKind::Deleted if told.removals.has(event.before) => None,
            _ => {
                let record = AuditRecord::of(cx, event, self.detail)?;
                told.changes.add(event.after);
                Some(record)
            }
        }
    }
}

/// What there is a record of, for a change may have several events.
#[derive(Default)]
struct Told {
    /// What came of the last changes.
    changes: Versions,
    /// What was removed by the last of those that were a removal.
    removals: Versions,
}

/// The last versions of resources that something is known of.
#[derive(Default)]
struct Versions(VecDeque<(ResourceId, Version)>);

impl Versions {
    fn add(&mut self, resource: Option<&Resource>) {
        let Some(resource) = resource else { return };
        self.0.push_back((resource.id.clone(), resource.meta.version.clone()));
        if self.0.len() > REMEMBERED {
            self.0.pop_front();
        }
    }

    fn has(&self, resource: Option<&Resource>) -> bool {
        let wanted = resource.map(|resource| (&resource.id, &resource.meta.version));
        self.0.iter().rev().any(|(id, version)| Some((id, version)) == wanted)
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
