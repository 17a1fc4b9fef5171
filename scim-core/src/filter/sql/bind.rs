//! Statements: a text, and the values bound to its placeholders.

/// The database's dialect of SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// SQLite 3.38 or later, with its JSON functions.
    Sqlite,
    /// PostgreSQL 12 or later.
    Postgres,
}

/// A value to bind to a placeholder.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum BindValue {
    /// For a text parameter.
    Text(String),
    /// For a parameter of 64 bits (`bigint`).
    Integer(i64),
    /// For a parameter of double precision.
    Real(f64),
    /// For a boolean parameter; in SQLite 1 or 0.
    Boolean(bool),
}

impl From<&str> for BindValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for BindValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for BindValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for BindValue {
    fn from(boolean: bool) -> Self {
        Self::Boolean(boolean)
    }
}

/// A statement and what to bind to its placeholders `?1`, `?2`… (SQLite) or `$1`, `$2`… (PostgreSQL), in that order.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Statement {
    /// The text. It depends on the shape of the query and on no value in it. Statements of one text have as many values,
    /// in PostgreSQL of the same types, so that a driver may keep what the database prepared by the text alone.
    pub text: String,
    /// The values.
    pub binds: Vec<BindValue>,
}

/// The values bound so far.
#[derive(Clone, Debug)]
pub struct Binds {
    dialect: Dialect,
    values: Vec<BindValue>,
}

impl Binds {
    pub(super) fn new(dialect: Dialect, values: Vec<BindValue>) -> Self {
        Self { dialect, values }
    }

    /// The dialect to write.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Binds a value and returns the placeholder that stands for it, which must be written and may be any number of times.
    pub fn add(&mut self, value: impl Into<BindValue>) -> String {
        let value = value.into();
        // A number may be bound as either type, and PostgreSQL takes what is sent for the type that it prepared.
        let cast = if matches!(value, BindValue::Real(_)) { "::double precision" } else { "" };
        self.values.push(value);
        match self.dialect {
            Dialect::Sqlite => format!("?{}", self.values.len()),
            Dialect::Postgres => format!("${}{cast}", self.values.len()),
        }
    }

    /// Forgets the values after the first so many, for which nothing was written.
    pub(super) fn truncate(&mut self, count: usize) {
        self.values.truncate(count);
    }

    pub(super) fn values(&self) -> &[BindValue] {
        &self.values
    }

    pub(super) fn into_values(self) -> Vec<BindValue> {
        self.values
    }
}
