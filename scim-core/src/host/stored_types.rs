//! The resource types of a server, as its stores and its host see them.

use std::fmt;
use std::sync::Arc;

use crate::schema::ResourceType;
use crate::store::ResourceStore;

/// The resource types of a server under one policy, each with its store.
pub(crate) struct StoredTypes(pub(crate) Vec<StoredType>);

/// A resource type with its store.
pub(crate) struct StoredType {
    /// As stores see it: whole, and unique as the policy has it.
    pub(crate) stored: Arc<ResourceType>,
    /// As the product declares it. What a policy requires of provisioning is not required of the product itself.
    pub(crate) declared: Arc<ResourceType>,
    pub(crate) store: Arc<dyn ResourceStore>,
}

impl StoredTypes {
    /// The type of this name.
    pub(super) fn get(&self, name: &str) -> Option<&StoredType> {
        self.0.iter().find(|found| found.stored.name() == name)
    }

    /// The names of all types, in the order in which they are served.
    pub(super) fn names(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.iter().map(|found| found.stored.name())
    }
}

impl fmt::Debug for StoredTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
