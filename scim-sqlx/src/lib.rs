//! Ready stores for `scim-core` on SQLite (feature `sqlite`) and PostgreSQL (feature `postgres`).
//!
//! Both keep a resource as one row with its document as JSON, and beside it a
//! [search document](scim_core::sql::search_document()): the same attributes in the form that filters compare, so that
//! every filter, sort and page is evaluated by the database and finds what the evaluator of `scim-core` would. Two more
//! tables hold the keys that resources are looked up by, unique ones as a constraint, and the memberships of groups.
//!
//! The search document follows from the schema. A host that changes `caseExact`, the type or the uniqueness of an
//! attribute whose values are stored already has to write these resources again.
//!
//! Pools that the host shares are of [`sqlx`], in the version that is here.

mod audit;
mod claims;
mod connections;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
mod database;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
mod database_url;
mod keys;
mod member_rows;
mod migration;
#[cfg(feature = "postgres")]
mod postgres;
mod request_log;
mod row;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stored;
#[cfg(test)]
mod test_queries;
mod types;

pub use sqlx;

#[cfg(all(feature = "sqlite", feature = "postgres"))]
pub use database::Database;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
pub use database_url::{DatabaseUrl, InvalidDatabaseUrl};
#[cfg(feature = "postgres")]
pub use postgres::{
    bound as postgres_bound, page as postgres_page, store_error as postgres_error, PostgresConnections,
    PostgresRequestLog, PostgresStore,
};
#[cfg(feature = "sqlite")]
pub use sqlite::{
    bound as sqlite_bound, page as sqlite_page, store_error as sqlite_error, SqliteConnections, SqliteRequestLog,
    SqliteStore,
};
