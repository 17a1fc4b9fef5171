//! The resource types of a server, as its stores see them.

use std::fmt;
use std::sync::Arc;

use crate::schema::ResourceType;
use crate::store::ResourceStore;

/// The resource types of a server under one policy, as stores see them, each with its store.
pub(crate) struct StoredTypes(Vec<(Arc<ResourceType>, Arc<dyn ResourceStore>)>);

impl StoredTypes {
    pub(crate) fn new(types: Vec<(Arc<ResourceType>, Arc<dyn ResourceStore>)>) -> Self {
        Self(types)
    }

    /// The type of this name.
    pub(super) fn get(&self, name: &str) -> Option<(&Arc<ResourceType>, &Arc<dyn ResourceStore>)> {
        self.0.iter().find(|(resource_type, _)| resource_type.name() == name).map(|(found, store)| (found, store))
    }

    /// All of them, in the order in which they are served.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &ResourceType> {
        self.0.iter().map(|(resource_type, _)| &**resource_type)
    }
}

impl fmt::Debug for StoredTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(ResourceType::name)).finish()
    }
}
