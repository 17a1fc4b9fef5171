//! Where resources are kept.

use std::error::Error;
use std::sync::Arc;

use scim_core::{MemoryStore, ResourceStore, StoreError};
use scim_sqlx::Database;

/// A place for resources.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Store {
    /// In memory, until the process ends.
    Memory,
    /// In the database of this URL.
    Database(String),
}

impl Store {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let is_postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
        let is_sqlite = text.strip_prefix("sqlite:").is_some_and(|path| !path.is_empty());
        match text {
            "memory" => Ok(Self::Memory),
            _ if is_postgres || is_sqlite => Ok(Self::Database(text.to_owned())),
            _ => Err("the store must be memory, sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE".to_owned()),
        }
    }

    /// Opens the store and brings its tables up to date.
    pub(crate) async fn open(&self) -> Result<Arc<dyn ResourceStore>, String> {
        let opened: Result<Arc<dyn ResourceStore>, StoreError> = match self {
            Self::Memory => Ok(Arc::new(MemoryStore::new())),
            Self::Database(url) => Database::open(url).await.map(|database| Arc::new(database) as _),
        };
        opened.map_err(|error| {
            let cause = error.source().map(|source| format!(": {source}")).unwrap_or_default();
            format!("cannot open {self}: {error}{cause}")
        })
    }
}

impl std::fmt::Display for Store {
    /// Where the data is, without what opens it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Memory => f.write_str("memory, gone when the server ends"),
            Self::Database(url) => match url.strip_prefix("sqlite:") {
                Some(path) => {
                    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.into());
                    write!(f, "SQLite, {}", absolute.display())
                }
                None => {
                    let place = url.split_once("://").map_or("", |(_, place)| place);
                    let place = place.split('?').next().unwrap_or_default();
                    write!(f, "PostgreSQL, {}", place.rsplit('@').next().unwrap_or_default())
                }
            },
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_are_told_apart_by_how_their_names_begin() {
        assert_eq!(Store::parse("memory"), Ok(Store::Memory));
        assert_eq!(Store::parse("sqlite:/a/b.db"), Ok(Store::Database("sqlite:/a/b.db".to_owned())));
        assert_eq!(Store::parse("postgresql://h/d"), Ok(Store::Database("postgresql://h/d".to_owned())));
        for wrong in ["", "sqlite", "sqlite:", "mysql://h/d", "memory:x", "Memory"] {
            assert!(Store::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let store = Store::parse("postgres://user:p@ss@db.example:5433/scim?password=p@ss").unwrap();
        assert_eq!(store.to_string(), "PostgreSQL, db.example:5433/scim");
        assert_eq!(format!("{store:?}"), store.to_string());
    }
}
