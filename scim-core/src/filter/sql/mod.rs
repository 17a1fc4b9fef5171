//! Filters, sorts and pages as SQL, for stores whose resources live in tables.
//!
//! A [`ColumnMap`] says where each attribute is kept: in a column, in rows of another table, in a JSON column, or
//! wherever a rendering of the host's own finds it. With it, [`ColumnMap::select`] turns a [`Query`](crate::Query) into
//! statements for SQLite or PostgreSQL. There is no driver here: a [`Statement`] is a text and the values to bind, in
//! order, to its placeholders.
//!
//! Whatever comes from a request is a bound value and never part of a statement's text; that holds for the names of
//! attributes in JSON columns too. What a statement finds is what [`ResolvedFilter::matches`] says, or rendering fails
//! with [`UnsupportedFilter`](crate::StoreError::UnsupportedFilter).
//!
//! ```
//! use scim_core::sql::{BindValue, Column, ColumnMap, Dialect, Select};
//! use scim_core::{Query, ResourceType};
//!
//! let users = ColumnMap::new(Dialect::Sqlite, &ResourceType::user())
//!     .column("id", Column::integer_as_text("users.id"))
//!     .column("userName", Column::text("users.login").folded("users.login_key"))
//!     .column("active", Column::boolean("users.enabled"));
//! let select = Select::new("users.id, users.login", "users", "users.id")
//!     .scope("users.customer = ?1", [BindValue::from("acme")]);
//! let statements = users.select(&select, &Query::default()).unwrap();
//! assert!(statements.page().text.ends_with("WHERE users.customer = ?1 ORDER BY users.id LIMIT ?2"));
//! ```
//!
//! A [`ResourceTable`] goes further: for a table with one row for each resource it has every statement, to read and to
//! write, from the same list of columns.
//!
//! [`ResolvedFilter::matches`]: crate::ResolvedFilter::matches

mod bind;
mod column;
mod compare;
mod condition;
mod declaration;
mod json;
mod map;
mod order;
mod page;
mod resource_table;
mod search_document;
mod select;
mod table_row;
#[cfg(test)]
mod tests;

pub use bind::{BindValue, Binds, Dialect, Statement};
pub use column::{Column, JoinedTable};
pub use map::{ColumnMap, Term};
pub use page::RowKey;
pub use resource_table::{integer_key, ResourceTable};
pub use search_document::search_document;
pub use select::{Select, Statements};
