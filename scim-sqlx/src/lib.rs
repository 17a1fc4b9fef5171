//! Ready stores on SQLite and PostgreSQL.

mod keys;
mod member_rows;
mod migration;
mod row;
#[cfg(feature = "sqlite")]
mod sqlite;
mod types;

#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
