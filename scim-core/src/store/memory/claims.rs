//! Values that are unique beyond a partition: in the tenant, or on the platform.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::resource::ResourceId;
use crate::schema::UniqueWithin;
use crate::store::StoreError;

/// A value that one resource has and no other may have, in other partitions neither.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Claim {
    pub(super) attribute: Arc<ClaimedAttribute>,
    pub(super) key: Box<str>,
}

/// An attribute whose uniqueness reaches beyond a partition.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ClaimedAttribute {
    pub(super) reach: UniqueWithin,
    /// Among what a value is unique: the name of a resource type, or a schema that several types have.
    pub(super) scope: String,
    /// The path as the schema spells it.
    pub(super) path: String,
}

/// Who has claimed what, within a tenant or on the platform.
#[derive(Debug, Default)]
pub(super) struct Claims {
    held: Mutex<HashMap<Claim, ResourceId>>,
    /// Shared by writes of resource types that have claims here, and held exclusively by a unit of work that made some.
    pub(super) gate: Arc<async_lock::RwLock<()>>,
}

/// What claims were before a unit of work changed them, for giving it up.
pub(super) type Journal = Vec<(Claim, Option<ResourceId>)>;

/// The claims that a write can see and change.
pub(super) struct Claiming<'a> {
    pub(super) tenant: &'a Claims,
    pub(super) platform: &'a Claims,
    pub(super) journal: Option<&'a mut Journal>,
}

impl Claiming<'_> {
    /// Gives up old claims of a resource and makes new ones, all or none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Uniqueness`] if another resource has claimed one of them.
    pub(super) fn exchange(&mut self, old: &[Claim], new: &[Claim], holder: &ResourceId) -> Result<(), StoreError> {
        if old.is_empty() && new.is_empty() {
            return Ok(());
        }
        let mut books = Books { tenant: lock(self.tenant), platform: lock(self.platform) };
        let is_taken = |claim: &&Claim| books.of(claim).get(claim).is_some_and(|other| other != holder);
        if let Some(taken) = new.iter().find(is_taken) {
            return Err(StoreError::uniqueness(taken.attribute.path.as_str()));
        }
        for claim in old.iter().filter(|claim| !new.contains(claim)) {
            let before = books.of_mut(claim).remove(claim);
            self.note(claim, before);
        }
        for claim in new.iter().filter(|claim| !old.contains(claim)) {
            let before = books.of_mut(claim).insert(claim.clone(), holder.clone());
            self.note(claim, before);
        }
        Ok(())
    }

    /// Puts everything back to what a journal says it was.
    pub(super) fn undo(tenant: &Claims, platform: &Claims, journal: Journal) {
        if journal.is_empty() {
            return;
        }
        let mut books = Books { tenant: lock(tenant), platform: lock(platform) };
        for (claim, before) in journal.into_iter().rev() {
            let book = books.of_mut(&claim);
            match before {
                Some(holder) => book.insert(claim, holder),
                None => book.remove(&claim),
            };
        }
    }

    fn note(&mut self, claim: &Claim, before: Option<ResourceId>) {
        if let Some(journal) = &mut self.journal {
            journal.push((claim.clone(), before));
        }
    }
}

/// Both books, open. The tenant's is always opened first.
struct Books<'a> {
    tenant: MutexGuard<'a, HashMap<Claim, ResourceId>>,
    platform: MutexGuard<'a, HashMap<Claim, ResourceId>>,
}

impl Books<'_> {
    fn of(&self, claim: &Claim) -> &HashMap<Claim, ResourceId> {
        match claim.attribute.reach {
            UniqueWithin::Platform => &self.platform,
            _ => &self.tenant,
        }
    }

    fn of_mut(&mut self, claim: &Claim) -> &mut HashMap<Claim, ResourceId> {
        match claim.attribute.reach {
            UniqueWithin::Platform => &mut self.platform,
            _ => &mut self.tenant,
        }
    }
}

fn lock(claims: &Claims) -> MutexGuard<'_, HashMap<Claim, ResourceId>> {
    claims.held.lock().unwrap_or_else(PoisonError::into_inner)
}
