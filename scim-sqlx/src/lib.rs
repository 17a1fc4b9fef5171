//! Ready stores on SQLite and PostgreSQL.

mod keys;
mod member_rows;
mod migration;
#[cfg(feature = "postgres")]
mod postgres;
mod row;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stored;
#[cfg(test)]
mod test_queries;
mod types;

#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
