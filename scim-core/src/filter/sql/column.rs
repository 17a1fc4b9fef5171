//! Where an attribute is kept: columns, and rows of another table.

/// A column, or any SQL expression of the host's, that holds the value of an attribute; `NULL` where it is absent.
///
/// Text columns are compared as the database stores them, so they need a collation that tells different strings apart:
/// `BINARY` in SQLite, any deterministic one in PostgreSQL; both are the default.
#[derive(Clone, Debug)]
pub struct Column {
    pub(super) kind: ColumnKind,
    pub(super) exact: Option<String>,
    pub(super) folded: Option<String>,
}

/// What a column holds, which decides what is bound for an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnKind {
    Text,
    IntegerAsText,
    Boolean,
    Number,
    /// A number as [`number_key`](super::search_document::number_key) writes it.
    NumberKey,
    Micros,
    Timestamp,
}

impl Column {
    /// A string as it is. Attributes that compare without case need [`folded`](Self::folded) as well; without it,
    /// filtering by them is refused, because databases disagree with each other and with this library on what lower case
    /// is.
    pub fn text(expression: impl Into<String>) -> Self {
        Self::new(ColumnKind::Text, expression)
    }

    /// A string that is stored [folded](crate::fold) and in no other form.
    pub fn folded_text(expression: impl Into<String>) -> Self {
        Self { kind: ColumnKind::Text, exact: None, folded: Some(expression.into()) }
    }

    /// An integer that SCIM shows as text, as the `id` of a table with serial numbers.
    pub fn integer_as_text(expression: impl Into<String>) -> Self {
        Self::new(ColumnKind::IntegerAsText, expression)
    }

    /// A boolean; in SQLite an integer 1 or 0.
    pub fn boolean(expression: impl Into<String>) -> Self {
        Self::new(ColumnKind::Boolean, expression)
    }

    /// A number of any SQL type.
    pub fn number(expression: impl Into<String>) -> Self {
        Self::new(ColumnKind::Number, expression)
    }

    /// An instant as an integer: microseconds since 1970-01-01T00:00:00Z, as [`DateTime::as_micros`] gives them.
    ///
    /// [`DateTime::as_micros`]: crate::DateTime::as_micros
    pub fn micros(expression: impl Into<String>) -> Self {
        Self::new(ColumnKind::Micros, expression)
    }

    /// An instant as PostgreSQL's `timestamptz`.
    pub fn timestamp(expression: impl Into<String>) -> Self {
        Self::new(ColumnKind::Timestamp, expression)
    }

    /// The same with the column that holds the [folded](crate::fold) string.
    #[must_use]
    pub fn folded(mut self, expression: impl Into<String>) -> Self {
        self.folded = Some(expression.into());
        self
    }

    /// The expression that tells whether there is a value.
    pub(super) fn any(&self) -> &str {
        self.exact.as_deref().or(self.folded.as_deref()).unwrap_or("NULL")
    }

    fn new(kind: ColumnKind, expression: impl Into<String>) -> Self {
        Self { kind, exact: Some(expression.into()), folded: None }
    }
}

/// A table with one row for each value of a multi-valued attribute.
///
/// ```
/// use scim_core::sql::{Column, JoinedTable};
///
/// let emails = JoinedTable::new("user_emails e", "e.user_id", "users.id")
///     .column("value", Column::text("e.address").folded("e.address_key"))
///     .column("primary", Column::boolean("e.is_primary"))
///     .ordered_by("e.place");
/// ```
#[derive(Clone, Debug)]
pub struct JoinedTable {
    pub(super) from: String,
    pub(super) inner_key: String,
    pub(super) outer_key: String,
    pub(super) scope: Option<String>,
    pub(super) order: Option<String>,
    pub(super) columns: Vec<(String, Column)>,
}

impl JoinedTable {
    /// The rows of `from` whose `inner_key` is the `outer_key` of the resource. `from` may be a join, and needs aliases
    /// that the statement around it does not have; `inner_key` is never `NULL`.
    pub fn new(from: impl Into<String>, inner_key: impl Into<String>, outer_key: impl Into<String>) -> Self {
        Self {
            from: from.into(),
            inner_key: inner_key.into(),
            outer_key: outer_key.into(),
            scope: None,
            order: None,
            columns: Vec::new(),
        }
    }

    /// The same with the column of a sub-attribute; of an attribute that is not complex the column is `value`.
    #[must_use]
    pub fn column(mut self, sub_attribute: impl Into<String>, column: Column) -> Self {
        self.columns.push((sub_attribute.into(), column));
        self
    }

    /// The same under a condition on the rows, such as `e.customer = ?1` with a placeholder of
    /// [`Select::scope`](super::Select::scope). Of several conditions a row must satisfy every one.
    #[must_use]
    pub fn scope(mut self, condition: impl Into<String>) -> Self {
        self.scope = Some(all_of(self.scope, condition.into()));
        self
    }

    /// The same with the expression that gives the order of the values; without it, sorting by this attribute is refused.
    #[must_use]
    pub fn ordered_by(mut self, expression: impl Into<String>) -> Self {
        self.order = Some(expression.into());
        self
    }

    pub(super) fn find(&self, sub_attribute: &str) -> Option<&Column> {
        self.columns.iter().find(|(name, _)| name == sub_attribute).map(|(_, column)| column)
    }
}

/// A condition together with those before it, as a part of a conjunction.
pub(super) fn all_of(before: Option<String>, condition: String) -> String {
    let mut words = condition.split(|c: char| !c.is_alphanumeric() && c != '_');
    let condition = match words.any(|word| word.eq_ignore_ascii_case("or")) {
        true => format!("({condition})"),
        false => condition,
    };
    match before {
        Some(before) => format!("{before} AND {condition}"),
        None => condition,
    }
}
