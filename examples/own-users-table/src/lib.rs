//! An application that had its users long before it learned SCIM.
//!
//! It has tables of its own (`src/tables.sql`): `users`, `teams` and `team_members`, with numeric keys, columns for names,
//! an address and a status, and a column `theme` that is nobody's business but its own. This is how SCIM comes to it.
//!
//! # 1. What SCIM needs of a table
//!
//! Five columns more, which begin with `scim_`: a document for the attributes that the application has no column for, the
//! same in a form to be searched, two times, and a version that counts changes. A name that SCIM compares without case has
//! a column with its [folded](scim_core::fold) form, because a database has its own idea of lower case; the one of `login`
//! is `UNIQUE`, and that is what makes user names unique.
//!
//! # 2. The store
//!
//! All of it is `src/store.rs`. It begins with a list of which attribute is in which column, for a
//! [`ResourceTable`](scim_core::sql::ResourceTable), which makes the statements of it: reading, writing and finding all
//! follow that list. The columns are the truth: what the application changes there, SCIM sees. `mail` is a copy of the
//! primary address for the application to read. The six methods of [`ResourceStore`](scim_core::ResourceStore) run the
//! statements, each change in one transaction.
//!
//! Filters become SQL, so that the database answers them, by index where there is one. Members are rows: adding one to a
//! team of 100,000 touches one row of theirs and one of the team.
//!
//! A statement never names a column that SCIM does not know, so `theme` survives every synchronisation.
//!
//! # 3. Proof
//!
//! `tests/suite.rs` runs the store suite of the library (feature `testing` of `scim-core`) against it, and names what these
//! tables cannot hold: there is one customer, teams consist of users alone, and a membership has no name of its own.
//! Connections would share these tables, so a server that has some says
//! [`allow_shared_resources`](scim_core::ScimServerBuilder::allow_shared_resources).
//!
//! # When the application changes a user
//!
//! It writes its columns, the folded form beside a name, and counts the version up, as [`suspend`] and [`rename`] do.

mod store;

use scim_core::{fold, DateTime};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

pub use store::OwnTables;

/// Opens the application's database, and makes it if it is not there.
///
/// # Errors
///
/// What the database says.
pub async fn open(path: &std::path::Path) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(std::time::Duration::from_secs(10));
    let pool = SqlitePoolOptions::new().connect_with(options).await?;
    sqlx::raw_sql(include_str!("tables.sql")).execute(&pool).await?;
    Ok(pool)
}

/// Locks a user out, as an administrator of the application does.
///
/// # Errors
///
/// What the database says.
pub async fn suspend(pool: &SqlitePool, login: &str) -> Result<(), sqlx::Error> {
    let text = "UPDATE users SET enabled = 0, scim_version = scim_version + 1, scim_modified = ?2 WHERE login_key = ?1";
    sqlx::query(text).bind(fold(login)).bind(DateTime::now().as_micros()).execute(pool).await?;
    Ok(())
}

/// Changes the name of a user, as the user does.
///
/// # Errors
///
/// What the database says.
pub async fn rename(pool: &SqlitePool, login: &str, given: &str, family: &str) -> Result<(), sqlx::Error> {
    let text = "UPDATE users SET given_name = ?2, given_key = ?3, family_name = ?4, family_key = ?5, \
        scim_version = scim_version + 1, scim_modified = ?6 WHERE login_key = ?1";
    let statement = sqlx::query(text).bind(fold(login)).bind(given).bind(fold(given)).bind(family).bind(fold(family));
    statement.bind(DateTime::now().as_micros()).execute(pool).await?;
    Ok(())
}
