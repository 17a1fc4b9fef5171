//! The product's own tables, beside those of the library in the same database.

use scim_core::StoreError;
use scim_sqlx::Database;
use sqlx::Row;

/// The product's own tables, in which everything is text.
#[derive(Clone, Debug)]
pub struct Tables(Database);

macro_rules! rows {
    ($pool:expr, $sql:expr, $values:expr) => {{
        let query = $values.iter().fold(sqlx::query($sql), |query, value| query.bind(*value));
        let rows = query.fetch_all($pool).await.map_err(StoreError::backend)?;
        let texts = rows.iter().map(|row| (0..row.len()).map(|column| row.try_get(column)).collect());
        texts.collect::<sqlx::Result<_>>().map_err(StoreError::backend)
    }};
}

impl Tables {
    /// Makes the tables that are not there yet: each a name with its columns in parentheses.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn open(database: &Database, tables: &[&str]) -> Result<Self, StoreError> {
        let opened = Self(database.clone());
        for table in tables {
            opened.run(&format!("CREATE TABLE IF NOT EXISTS {table}"), &[]).await?;
        }
        Ok(opened)
    }

    /// Runs a statement with values for `$1`, `$2` and so on; the rows that it finds.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn run(&self, sql: &str, values: &[&str]) -> Result<Vec<Vec<String>>, StoreError> {
        match (self.0.sqlite(), self.0.postgres()) {
            (Some(store), _) => rows!(store.writer(), sql, values),
            (_, Some(store)) => rows!(store.pool(), sql, values),
            _ => Err(StoreError::backend("the tables are for SQLite and PostgreSQL")),
        }
    }

    /// Whether a query finds anything.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn has(&self, sql: &str, values: &[&str]) -> Result<bool, StoreError> {
        Ok(!self.run(sql, values).await?.is_empty())
    }
}
