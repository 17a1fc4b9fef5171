//! The tables, version by version.

use scim_core::StoreError;
use sqlx::{Connection as _, Executor as _, Row as _, SqliteConnection};

use super::error::error;
use crate::migration::check;

/// Each migration brings the tables from the version before to its own. One that was released is never changed.
const MIGRATIONS: [&str; 3] = [
    include_str!("migrations/0001_tables.sql"),
    include_str!("migrations/0002_audit.sql"),
    include_str!("migrations/0003_connections.sql"),
];

/// Brings the tables to the version of this library. Any number of processes may do so at once: the first takes the
/// database's write lock, the others wait for it and find nothing left to do.
///
/// # Errors
///
/// [`StoreError::Backend`] if the tables are of a later version of this library, or cannot be made.
pub(super) async fn migrate(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(error)?;
    transaction
        .execute("CREATE TABLE IF NOT EXISTS scim_migrations (version INTEGER PRIMARY KEY)")
        .await
        .map_err(error)?;
    let row = sqlx::query("SELECT coalesce(max(version), 0) FROM scim_migrations")
        .fetch_one(&mut *transaction)
        .await
        .map_err(error)?;
    let present = check(row.try_get(0).map_err(error)?, MIGRATIONS.len())?;
    for (number, migration) in (1_i64..).zip(MIGRATIONS).filter(|(number, _)| *number > present) {
        transaction.execute(migration).await.map_err(error)?;
        sqlx::query("INSERT INTO scim_migrations (version) VALUES (?1)")
            .bind(number)
            .execute(&mut *transaction)
            .await
            .map_err(error)?;
    }
    transaction.commit().await.map_err(error)
}
