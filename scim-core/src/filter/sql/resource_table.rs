//! A table of the host's own with one row for each resource: the statements that read, find and write its rows.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::bind::{BindValue, Binds, Dialect, Statement};
use super::column::{Column, ColumnKind, JoinedTable};
use super::declaration::{column_name, declared, multi_valued, single_valued, table_name};
use super::map::ColumnMap;
use super::search_document::search_document;
use super::select::{Select, Statements};
use super::table_row::{element_list, json_array, json_arrays, read_expression, taken, written_value, Row};
use crate::context::Context;
use crate::resource::{fold, Attributes, DateTime, Resource, ResourceId};
use crate::schema::ResourceType;
use crate::store::{Fetch, Query, StoreError};

/// A table of the host's own with one row for each resource of a type.
///
/// It is told once which attribute is in which column, and reading, finding and writing follow from that. The columns
/// are the truth: what the host changes in them, SCIM sees. Attributes that no column is named for are kept in a JSON
/// column; columns that no attribute is named for are not touched. Beside the host's columns the table has five more:
///
/// | column | SQLite | PostgreSQL | holds |
/// |---|---|---|---|
/// | `scim_document` | `TEXT` | `json` | attributes that have no column |
/// | `scim_search` | `TEXT` | `jsonb` | the same in the form that [filters compare](super::search_document()) |
/// | `scim_created`, `scim_modified` | `INTEGER` | `bigint` | microseconds since 1970-01-01T00:00:00Z |
/// | `scim_version` | `INTEGER` | `bigint` | a number that every change counts up |
///
/// The host counts the version up when it changes a row itself.
///
/// Every statement is a text and values; a driver runs it. What it selects is one column of text for each resource, for
/// [`resource`](Self::resource) to read.
///
/// ```
/// use scim_core::sql::{BindValue, Column, Dialect, ResourceTable};
/// use scim_core::{Context, Fetch, Principal, ResourceId, ResourceType, TenantId};
/// use std::sync::Arc;
///
/// let users = ResourceTable::new(Dialect::Sqlite, &ResourceType::user(), "users", "id")
///     .column("userName", Column::text("login").folded("login_key"))
///     .column("active", Column::boolean("enabled"))
///     .scope("customer", |cx| BindValue::from(cx.tenant().as_str()));
///
/// let cx = Context::new(Principal::new(TenantId::new("acme"), "docs"), Arc::new(ResourceType::user()));
/// let statement = users.by_id(&cx, &ResourceId::new("7"), &Fetch::all());
/// assert!(statement.text.ends_with(" FROM users WHERE users.customer = ?1 AND users.id = ?2"));
/// assert_eq!(statement.binds, [BindValue::from("acme"), BindValue::from(7)]);
///
/// // What a driver would read: key, version, created, modified, document, columns, rows of other tables.
/// let row = r#"[7, 1, 0, 0, {"title": "Guide"}, [["babs", 1]], []]"#;
/// let user = users.resource(row, &Fetch::all())?;
/// assert_eq!(user.attributes.string("userName"), Some("babs"));
/// assert_eq!(user.attributes.boolean("active"), Some(true));
/// # Ok::<(), scim_core::StoreError>(())
/// ```
#[derive(Clone)]
pub struct ResourceTable {
    dialect: Dialect,
    resource_type: ResourceType,
    name: String,
    key: String,
    columns: Vec<OwnColumn>,
    derived: Vec<(String, Derive)>,
    tables: Vec<(String, JoinedTable)>,
    scopes: Vec<(String, ScopeValue)>,
    map: ColumnMap,
}

/// An attribute, by the names that lead to it in a document, and its column.
#[derive(Clone, Debug)]
struct OwnColumn {
    path: Vec<String>,
    column: Column,
}

type Derive = Arc<dyn Fn(&Attributes) -> Option<String> + Send + Sync>;
type ScopeValue = Arc<dyn Fn(&Context) -> BindValue + Send + Sync>;

impl ResourceTable {
    /// The table of this name. `key` is its primary key, an integer column that the database numbers and that becomes
    /// the id.
    ///
    /// # Panics
    ///
    /// If either is not a name. The declaration of a table is a part of the program, and so is a mistake in it: one that
    /// went unnoticed would be a column that stays empty, or a statement that fails when somebody writes first.
    #[track_caller]
    pub fn new(
        dialect: Dialect,
        resource_type: &ResourceType,
        name: impl Into<String>,
        key: impl Into<String>,
    ) -> Self {
        let (name, key) = (name.into(), key.into());
        declared(&name, table_name(&name).and_then(|()| column_name(&key)));
        let map = ColumnMap::new(dialect, resource_type)
            .column("id", Column::integer_as_text(format!("{name}.{key}")))
            .column("meta.created", Column::micros(format!("{name}.scim_created")))
            .column("meta.lastModified", Column::micros(format!("{name}.scim_modified")))
            .column("meta.version", Column::integer_as_text(format!("{name}.scim_version")))
            .search_document(format!("{name}.scim_search"));
        let (columns, derived, tables, scopes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let resource_type = resource_type.clone();
        Self { dialect, resource_type, name, key, columns, derived, tables, scopes, map }
    }

    /// The same with a single-valued attribute, by its path, in a column of the table, by its bare name. A column of
    /// instants keeps the instant and not how it was written.
    ///
    /// # Panics
    ///
    /// If the resource type has no such attribute, or one with several values or sub-attributes, or the column is an
    /// expression; see [`new`](Self::new).
    #[must_use]
    #[track_caller]
    pub fn column(mut self, path: &str, column: Column) -> Self {
        let attribute = declared(&self.name, single_valued(&self.resource_type, path));
        for name in [&column.exact, &column.folded].into_iter().flatten() {
            declared(&self.name, column_name(name));
        }
        let qualified = |name: &String| format!("{}.{name}", self.name);
        let in_table = Column {
            kind: column.kind,
            exact: column.exact.as_ref().map(qualified),
            folded: column.folded.as_ref().map(qualified),
        };
        self.map = self.map.column(attribute.to_string(), in_table);
        let sub_attribute = attribute.sub_attribute.as_ref().map(|sub_attribute| sub_attribute.name.as_str());
        let path = [attribute.extension_urn(), Some(&*attribute.attribute.name), sub_attribute];
        self.columns.push(OwnColumn { path: path.into_iter().flatten().map(str::to_owned).collect(), column });
        self
    }

    /// The same with a text column that is written with what the function makes of the attributes, and never read.
    ///
    /// # Panics
    ///
    /// If the column is an expression; see [`new`](Self::new).
    #[must_use]
    #[track_caller]
    pub fn derived(
        mut self,
        column: impl Into<String>,
        value: impl Fn(&Attributes) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let column = column.into();
        declared(&self.name, column_name(&column));
        self.derived.push((column, Arc::new(value)));
        self
    }

    /// The same with a multi-valued attribute in rows of another table, which is read and found here, and written by
    /// the host. Its outer key is the primary key of this table, with the table's name before it.
    ///
    /// # Panics
    ///
    /// If the resource type has no such attribute in its core schema, or one with a single value, or a column is that of
    /// no sub-attribute; see [`new`](Self::new).
    #[must_use]
    #[track_caller]
    pub fn table(mut self, attribute: &str, table: JoinedTable) -> Self {
        let columns = table.columns.iter().map(|(name, _)| name.as_str());
        let attribute = declared(&self.name, multi_valued(&self.resource_type, attribute, columns)).to_string();
        self.map = self.map.table(&attribute, table.clone());
        self.tables.push((attribute, table));
        self
    }

    /// The same where only the rows with this value in a column belong to a context, as those of a tenant. New rows get
    /// the value. Of several scopes a row must be in every one.
    ///
    /// # Panics
    ///
    /// If the column is an expression; see [`new`](Self::new).
    #[must_use]
    #[track_caller]
    pub fn scope(
        mut self,
        column: impl Into<String>,
        value: impl Fn(&Context) -> BindValue + Send + Sync + 'static,
    ) -> Self {
        let column = column.into();
        declared(&self.name, column_name(&column));
        self.scopes.push((column, Arc::new(value)));
        self
    }

    /// The name of the table.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Selects a resource. In PostgreSQL, where a transaction reads a row to change it, append ` FOR UPDATE` to the text.
    #[must_use]
    pub fn by_id(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Statement {
        let mut binds = Binds::new(self.dialect, Vec::new());
        let rows = self.row_of(&mut binds, cx, id);
        let text = format!("SELECT {} FROM {} WHERE {rows}", self.selected(fetch), self.name);
        Statement { text, binds: binds.into_values() }
    }

    /// The statements that answer a query.
    ///
    /// # Errors
    ///
    /// As [`ColumnMap::select`].
    pub fn select(&self, cx: &Context, query: &Query) -> Result<Statements, StoreError> {
        let mut binds = Binds::new(self.dialect, Vec::new());
        let scope = self.scope_of(&mut binds, cx);
        let select = Select::new(self.selected(&query.fetch), &*self.name, format!("{}.{}", self.name, self.key));
        self.map.select(&select.scope(scope, binds.into_values()), query)
    }

    /// Inserts a resource and returns its id, as one column of text.
    #[must_use]
    pub fn insert(&self, cx: &Context, attributes: &Attributes) -> Statement {
        let mut binds = Binds::new(self.dialect, Vec::new());
        let mut row = self.written(&mut binds, cx, attributes);
        let now = binds.add(DateTime::now().as_micros());
        row.push(("scim_created", now.clone()));
        row.push(("scim_modified", now));
        row.push(("scim_version", "1".to_owned()));
        for (column, value) in &self.scopes {
            row.push((column, binds.add(value(cx))));
        }
        let (names, values): (Vec<&str>, Vec<String>) = row.into_iter().unzip();
        let text = format!(
            "INSERT INTO {} ({}) VALUES ({}) RETURNING CAST({} AS TEXT)",
            self.name,
            names.join(", "),
            values.join(", "),
            self.key
        );
        Statement { text, binds: binds.into_values() }
    }

    /// Puts other attributes in the place of a resource's, and gives it another version.
    #[must_use]
    pub fn replace(&self, cx: &Context, id: &ResourceId, attributes: &Attributes) -> Statement {
        let mut binds = Binds::new(self.dialect, Vec::new());
        let row = self.written(&mut binds, cx, attributes);
        let set: Vec<String> = row.into_iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let changed = self.changed(&mut binds);
        let rows = self.row_of(&mut binds, cx, id);
        let text = format!("UPDATE {} SET {}, {changed} WHERE {rows}", self.name, set.join(", "));
        Statement { text, binds: binds.into_values() }
    }

    /// Gives resources another version, because something changed that belongs to them.
    #[must_use]
    pub fn touch(&self, cx: &Context, ids: &[ResourceId]) -> Statement {
        let mut binds = Binds::new(self.dialect, Vec::new());
        let changed = self.changed(&mut binds);
        let scope = self.scope_of(&mut binds, cx);
        let keys: Value = ids.iter().filter_map(integer_key).collect();
        let keys = binds.add(keys.to_string());
        let keys = match self.dialect {
            Dialect::Sqlite => format!("SELECT value FROM json_each({keys})"),
            Dialect::Postgres => format!("SELECT value::bigint FROM json_array_elements_text({keys}::json)"),
        };
        let (name, key) = (&self.name, &self.key);
        let text = format!("UPDATE {name} SET {changed} WHERE {scope} AND {name}.{key} IN ({keys})");
        Statement { text, binds: binds.into_values() }
    }

    /// Deletes a resource. Rows of other tables are the host's business, by `ON DELETE CASCADE` for example.
    #[must_use]
    pub fn delete(&self, cx: &Context, id: &ResourceId) -> Statement {
        let mut binds = Binds::new(self.dialect, Vec::new());
        let rows = self.row_of(&mut binds, cx, id);
        Statement { text: format!("DELETE FROM {} WHERE {rows}", self.name), binds: binds.into_values() }
    }

    /// The resource in the one column that [`by_id`](Self::by_id) and [`select`](Self::select) yield.
    ///
    /// # Errors
    ///
    /// [`StoreError::Backend`] if the text is not what these statements yield.
    pub fn resource(&self, row: &str, fetch: &Fetch) -> Result<Resource, StoreError> {
        let mut row = Row::parse(row)?;
        for OwnColumn { path, column } in &self.columns {
            if column.exact.is_some() {
                row.take_column(path, column.kind);
            }
        }
        for (attribute, table) in self.tables.iter().filter(|(attribute, _)| fetch.wants(attribute)) {
            row.take_elements(attribute, table, fetch);
        }
        Ok(row.into_resource())
    }

    fn selected(&self, fetch: &Fetch) -> String {
        let Self { dialect, name, key, .. } = self;
        let columns = self.columns.iter().filter_map(|own| read_expression(&own.column, &format!("{name}.")));
        let tables = self.tables.iter().filter(|(attribute, _)| fetch.wants(attribute));
        let tables = tables.map(|(attribute, table)| {
            let most = fetch.most_members().filter(|_| attribute == "members");
            element_list(*dialect, table, most.map(|most| most.saturating_add(1)))
        });
        let (document, cast) = match dialect {
            Dialect::Sqlite => (format!("json({name}.scim_document)"), ""),
            Dialect::Postgres => (format!("({name}.scim_document)::json"), "::text"),
        };
        let mut parts: Vec<String> =
            [key, "scim_version", "scim_created", "scim_modified"].map(|column| format!("{name}.{column}")).into();
        parts.push(document);
        parts.push(json_arrays(*dialect, &columns.collect::<Vec<_>>()));
        parts.push(json_array(*dialect, &tables.collect::<Vec<_>>()));
        format!("{}{cast} AS scim_resource", json_array(*dialect, &parts))
    }

    /// The columns that are written and the expressions of their values.
    fn written(&self, binds: &mut Binds, cx: &Context, attributes: &Attributes) -> Vec<(&str, String)> {
        let mut document = attributes.as_map().clone();
        let mut search = search_document(&cx.resource_type, attributes);
        for (attribute, _) in &self.tables {
            document.remove(attribute);
            search.remove(attribute);
        }
        let (mut columns, mut values) = (Vec::new(), Vec::new());
        let mut write = |name, kind, value| {
            columns.push((name, kind));
            values.push(value);
        };
        for OwnColumn { path, column } in &self.columns {
            let value = taken(&mut document, path, column.exact.is_none());
            taken(&mut search, path, column.exact.is_none());
            if let Some(folded) = &column.folded {
                let key = value.as_ref().and_then(Value::as_str).map(fold);
                write(folded.as_str(), ColumnKind::Text, Value::from(key));
            }
            if let Some(exact) = &column.exact {
                write(
                    exact,
                    column.kind,
                    value.and_then(|value| written_value(column.kind, value)).unwrap_or_default(),
                );
            }
        }
        for (column, derive) in &self.derived {
            write(column, ColumnKind::Text, Value::from(derive(attributes)));
        }
        let row = binds.add(Value::Array(values).to_string());
        let mut written: Vec<(&str, String)> = columns
            .into_iter()
            .enumerate()
            .map(|(place, (name, kind))| (name, place_in_row(self.dialect, &row, place, kind)))
            .collect();
        let (document, search) = (Value::Object(document).to_string(), Value::Object(search).to_string());
        let (document, search) = (binds.add(document), binds.add(search));
        let cast = |placeholder, kind| match self.dialect {
            Dialect::Sqlite => placeholder,
            Dialect::Postgres => format!("{placeholder}::{kind}"),
        };
        written.push(("scim_document", cast(document, "json")));
        written.push(("scim_search", cast(search, "jsonb")));
        written
    }

    fn changed(&self, binds: &mut Binds) -> String {
        let now = binds.add(DateTime::now().as_micros());
        let latest = match self.dialect {
            Dialect::Sqlite => "max",
            Dialect::Postgres => "greatest",
        };
        format!("scim_version = scim_version + 1, scim_modified = {latest}(scim_modified, {now})")
    }

    fn scope_of(&self, binds: &mut Binds, cx: &Context) -> String {
        if self.scopes.is_empty() {
            return "TRUE".to_owned();
        }
        let condition = |(column, value): &(String, ScopeValue)| {
            let value = binds.add(value(cx));
            format!("{}.{column} = {value}", self.name)
        };
        self.scopes.iter().map(condition).collect::<Vec<_>>().join(" AND ")
    }

    fn row_of(&self, binds: &mut Binds, cx: &Context, id: &ResourceId) -> String {
        let Some(number) = integer_key(id) else { return "FALSE".to_owned() };
        let scope = self.scope_of(binds, cx);
        format!("{scope} AND {}.{} = {}", self.name, self.key, binds.add(number))
    }
}

/// The integer that an id is the text of; `None` if no integer is written like that, so that no row has the id.
///
/// ```
/// use scim_core::sql::integer_key;
/// use scim_core::ResourceId;
///
/// assert_eq!(integer_key(&ResourceId::new("42")), Some(42));
/// assert_eq!(integer_key(&ResourceId::new("042")), None);
/// ```
#[must_use]
pub fn integer_key(id: &ResourceId) -> Option<i64> {
    id.as_str().parse::<i64>().ok().filter(|number| number.to_string() == id.as_str())
}

/// A value in the JSON array of a row, in the type of its column.
fn place_in_row(dialect: Dialect, row: &str, place: usize, kind: ColumnKind) -> String {
    if dialect == Dialect::Sqlite {
        return format!("json_extract({row}, '$[{place}]')");
    }
    let text = format!("({row}::json ->> {place})");
    match kind {
        ColumnKind::Text | ColumnKind::NumberKey => text,
        ColumnKind::IntegerAsText | ColumnKind::Micros => format!("{text}::bigint"),
        ColumnKind::Boolean => format!("{text}::boolean"),
        ColumnKind::Number => format!("{text}::numeric"),
        ColumnKind::Timestamp => format!("TIMESTAMPTZ 'epoch' + {text}::bigint * INTERVAL '1 microsecond'"),
    }
}

impl fmt::Debug for ResourceTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceTable")
            .field("name", &self.name)
            .field("key", &self.key)
            .field("columns", &self.columns)
            .field("tables", &self.tables)
            .field("scopes", &self.scopes.iter().map(|(column, _)| column).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
