//! The tables, version by version.

use scim_core::StoreError;
use sqlx::{Executor as _, PgConnection, PgPool};

use super::fault::Fault;
use crate::migration::check;

/// Each migration brings the tables from the version before to its own. One that was released is never changed.
const MIGRATIONS: [&str; 3] = [
    include_str!("migrations/0001_tables.sql"),
    include_str!("migrations/0002_audit.sql"),
    include_str!("migrations/0003_connections.sql"),
];

/// The advisory lock that processes starting at once queue for; a number that nothing else is likely to use.
const LOCK: i64 = 0x5343_494d_7371_6c78;

/// Brings the tables to the version of this library.
pub(super) async fn migrate(pool: &PgPool) -> Result<(), Fault> {
    let mut transaction = pool.begin().await?;
    transaction.execute("SET LOCAL statement_timeout = 0").await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
    transaction.execute("CREATE TABLE IF NOT EXISTS scim_migrations (version bigint PRIMARY KEY)").await?;
    let present = version(&mut transaction).await?;
    for (number, migration) in (1_i64..).zip(MIGRATIONS).filter(|(number, _)| *number > present) {
        transaction.execute(migration).await?;
        sqlx::query("INSERT INTO scim_migrations (version) VALUES ($1)")
            .bind(number)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// The tables are those of this library.
pub(super) async fn verify(pool: &PgPool) -> Result<(), Fault> {
    let mut connection = pool.acquire().await?;
    let present = version(&mut connection).await?;
    if usize::try_from(present) != Ok(MIGRATIONS.len()) {
        return Err(StoreError::backend("the tables are not up to date; call PostgresStore::migrate first").into());
    }
    Ok(())
}

async fn version(connection: &mut PgConnection) -> Result<i64, Fault> {
    let found =
        sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM scim_migrations").fetch_one(connection).await?;
    Ok(check(found, MIGRATIONS.len())?)
}
