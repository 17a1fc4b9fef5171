//! What migrations of both databases have in common.

use scim_core::StoreError;

/// The tables are of a later version of this library than this one.
#[derive(Debug, thiserror::Error)]
#[error(
    "the tables have version {found} and this library knows {known}; run the version that made them, or a later one"
)]
pub(crate) struct NewerTables {
    found: i64,
    known: usize,
}

/// The version of the tables, if this library knows it.
pub(crate) fn check(found: i64, known: usize) -> Result<i64, StoreError> {
    match usize::try_from(found) {
        Ok(version) if version <= known => Ok(found),
        _ => Err(StoreError::backend(NewerTables { found, known })),
    }
}
