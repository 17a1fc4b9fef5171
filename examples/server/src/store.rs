//! Where resources are kept.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use scim_core::{MemoryStore, ResourceStore, StoreError};
use scim_sqlx::{DatabaseUrl, InvalidDatabaseUrl};

/// A place for resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Store {
    /// In memory, until the process ends.
    Memory,
    Database(DatabaseUrl),
}

impl Store {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "memory" => Ok(Self::Memory),
            url => url
                .parse()
                .map(Self::Database)
                .map_err(|error: InvalidDatabaseUrl| format!("a store is memory or a database, and {error}")),
        }
    }

    /// Opens the store and brings its tables up to date.
    pub(crate) async fn open(&self) -> Result<Arc<dyn ResourceStore>, String> {
        let opened: Result<Arc<dyn ResourceStore>, StoreError> = match self {
            Self::Memory => Ok(Arc::new(MemoryStore::new())),
            Self::Database(url) => url.open().await.map(|database| Arc::new(database) as _),
        };
        opened.map_err(|error| {
            let cause = error.source().map(|source| format!(": {source}")).unwrap_or_default();
            format!("cannot open {self}: {error}{cause}")
        })
    }
}

impl fmt::Display for Store {
    /// Where the data is, without what opens it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory, gone when the server ends"),
            Self::Database(url) => url.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_memory_or_a_database() {
        assert_eq!(Store::parse("memory"), Ok(Store::Memory));
        let store = Store::parse("postgres://user:secret@db.example:5433/scim").unwrap();
        assert_eq!(store.to_string(), "PostgreSQL, db.example:5433/scim");
        assert!(!format!("{store:?}").contains("secret"));
        for wrong in ["", "sqlite:", "mysql://h/d", "memory:x", "Memory"] {
            assert!(Store::parse(wrong).is_err(), "{wrong}");
        }
    }
}
