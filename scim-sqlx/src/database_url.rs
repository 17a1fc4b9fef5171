//! The URL of a database.

use std::fmt;
use std::str::FromStr;

use scim_core::StoreError;
use sqlx::postgres::PgConnectOptions;

use crate::{Database, PostgresStore, SqliteStore};

/// Which database, and what opens it: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`.
///
/// It shows itself as where the data is, without what opens it, so that it may be logged before there is a database.
///
/// ```
/// use scim_sqlx::DatabaseUrl;
///
/// let url: DatabaseUrl = "postgres://scim:secret@db.example/scim".parse()?;
/// assert_eq!(url.to_string(), "PostgreSQL, db.example/scim");
/// assert!("mysql://db.example/scim".parse::<DatabaseUrl>().is_err());
/// # Ok::<(), scim_sqlx::InvalidDatabaseUrl>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    kind: Kind,
    shown: String,
}

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    /// A path.
    Sqlite(String),
    /// A URL.
    Postgres(String),
}

/// The text is the URL of no database that this library knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a database is sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE, in which a user or a password is \
     percent-encoded where it has other characters than letters and digits"
)]
pub struct InvalidDatabaseUrl;

impl DatabaseUrl {
    /// Opens the database, whose file is made if it is one and not there, and brings the tables up to date.
    ///
    /// # Errors
    ///
    /// Those of [`SqliteStore::open`] and [`PostgresStore::connect`].
    pub async fn open(&self) -> Result<Database, StoreError> {
        match &self.kind {
            Kind::Sqlite(path) => Ok(Database::on_sqlite(SqliteStore::open(path).await?, &self.shown)),
            Kind::Postgres(url) => Ok(Database::on_postgres(PostgresStore::connect(url).await?, &self.shown)),
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let options = text.parse().map_err(|_| InvalidDatabaseUrl)?;
            return Ok(Self { kind: Kind::Postgres(text.to_owned()), shown: place(&options) });
        }
        let path = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()).ok_or(InvalidDatabaseUrl)?;
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.into());
        Ok(Self { kind: Kind::Sqlite(path.to_owned()), shown: format!("SQLite, {}", absolute.display()) })
    }
}

/// Where a database is, as its driver understands the URL, so that nothing else of the URL is taken for it.
fn place(options: &PgConnectOptions) -> String {
    let host = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None if options.get_port() == 5432 => options.get_host().to_owned(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    format!("PostgreSQL, {host}/{}", options.get_database().unwrap_or_default())
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({})", self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_are_told_apart_by_how_their_urls_begin() {
        let shown = |text: &str| text.parse::<DatabaseUrl>().map(|url| url.to_string());
        assert_eq!(shown("sqlite:/a/b.db").unwrap(), "SQLite, /a/b.db");
        assert_eq!(shown("postgres://h/d").unwrap(), "PostgreSQL, h/d");
        assert_eq!(shown("postgresql://h/d").unwrap(), "PostgreSQL, h/d");
        for wrong in ["", "sqlite", "sqlite:", "mysql://h/d", "memory", "postgres:h", "SQLITE:/a"] {
            assert_eq!(shown(wrong), Err(InvalidDatabaseUrl), "{wrong}");
        }
    }

    #[test]
    fn what_opens_a_database_is_not_shown() {
        for url in [
            "postgres://user:p%40ss@db.example:5433/scim?password=secret",
            "postgres://user:p@ss@db.example:5433/scim?sslpassword=p@ss",
        ] {
            let url: DatabaseUrl = url.parse().unwrap();
            assert_eq!(url.to_string(), "PostgreSQL, db.example:5433/scim");
            assert_eq!(format!("{url:?}"), "DatabaseUrl(PostgreSQL, db.example:5433/scim)");
        }
        for url in ["postgres://user:pa?ss@db.example/scim", "postgres://user:pa/ss@db.example/scim"] {
            assert_eq!(url.parse::<DatabaseUrl>(), Err(InvalidDatabaseUrl), "{url}");
        }
    }
}
