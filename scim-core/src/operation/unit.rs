//! Operations that are part of one unit of work.

use std::sync::{Mutex, PoisonError};

use crate::context::Context;
use crate::error::ScimError;
use crate::hook::{Event, EventKind};
use crate::resource::{Resource, ResourceId};
use crate::server::Engine;
use crate::store::{MembersUpdate, ResourceStore, StoreError, UnitOfWork};

/// A unit of work under way, and what observers are to be told once it has happened.
pub(crate) struct Unit {
    work: Box<dyn UnitOfWork>,
    events: Mutex<Vec<Recorded>>,
}

impl Unit {
    /// Begins a unit in the store that all resource types share.
    ///
    /// # Errors
    ///
    /// Faults of the store.
    pub(crate) async fn begin(engine: &Engine, cx: &Context) -> Result<Self, ScimError> {
        let store = engine.faces.common.types.first().and_then(|served| served.store.unit_of_work());
        let Some(store) = store else {
            return Err(StoreError::backend("the store has no units of work any more").into());
        };
        let work = engine.within_store_timeout(store.begin(cx)).await?;
        Ok(Self { work, events: Mutex::default() })
    }

    /// What the operations read and write.
    pub(crate) fn store(&self) -> &dyn ResourceStore {
        &*self.work
    }

    /// Keeps what happened until it has happened for certain.
    pub(crate) fn record(&self, cx: &Context, event: &Event<'_>) {
        let recorded = Recorded::of(cx, event);
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(recorded);
    }

    /// Makes everything happen, and tells the observers.
    ///
    /// # Errors
    ///
    /// What the store refuses; then nothing has happened.
    pub(crate) async fn commit(self, engine: &Engine) -> Result<(), ScimError> {
        engine.within_store_timeout(self.work.commit()).await?;
        for recorded in self.events.into_inner().unwrap_or_else(PoisonError::into_inner) {
            engine.tell(&recorded.cx, &recorded.event()).await;
        }
        Ok(())
    }

    /// Gives everything up.
    ///
    /// # Errors
    ///
    /// Faults of the store; nothing has happened even so.
    pub(crate) async fn rollback(self, engine: &Engine) -> Result<(), ScimError> {
        Ok(engine.within_store_timeout(self.work.rollback()).await?)
    }
}

/// An event of its own.
struct Recorded {
    cx: Context,
    kind: EventKind,
    id: ResourceId,
    before: Option<Resource>,
    after: Option<Resource>,
    members: MembersUpdate,
    ignored: Vec<String>,
}

impl Recorded {
    fn of(cx: &Context, event: &Event<'_>) -> Self {
        Self {
            cx: cx.clone(),
            kind: event.kind,
            id: event.id.clone(),
            before: event.before.cloned(),
            after: event.after.cloned(),
            members: event.members.clone(),
            ignored: event.ignored.to_vec(),
        }
    }

    fn event(&self) -> Event<'_> {
        Event {
            kind: self.kind,
            id: &self.id,
            before: self.before.as_ref(),
            after: self.after.as_ref(),
            members: &self.members,
            ignored: &self.ignored,
        }
    }
}
