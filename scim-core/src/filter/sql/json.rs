//! Ways into a JSON column.
//!
//! SQLite names a place in JSON by a path and PostgreSQL by one key after the other; both are bound values here.

use super::bind::{Binds, Dialect};
use super::column::ColumnKind;
use super::compare::Scalar;
use super::map::JsonColumn;
use crate::schema::{Attribute, AttributeType, ResolvedPath};

/// A place in JSON: names of members that lead on from an expression.
#[derive(Clone, Debug)]
pub(super) struct JsonPlace {
    expression: String,
    names: Vec<String>,
    /// The expression is an element of a list: in SQLite an SQL value if it is no object or list.
    is_element: bool,
}

impl JsonPlace {
    /// The root of a document.
    pub(super) fn root(column: &JsonColumn) -> Self {
        Self { expression: column.expression.clone(), names: Vec::new(), is_element: false }
    }

    /// Where an attribute of a resource is, without its sub-attribute.
    pub(super) fn attribute(column: &JsonColumn, path: &ResolvedPath) -> Self {
        let root = Self::root(column);
        match path.extension_urn() {
            Some(urn) => root.member(urn).member(&path.attribute.name),
            None => root.member(&path.attribute.name),
        }
    }

    /// The place of a member.
    pub(super) fn member(&self, name: &str) -> Self {
        let mut place = self.clone();
        place.names.push(name.to_owned());
        place
    }

    /// The expression of a simple value of this attribute; `NULL` where it is absent or of another type. `None` if the
    /// names cannot be written.
    pub(super) fn scalar(&self, binds: &mut Binds, attribute: &Attribute, column: &JsonColumn) -> Option<Scalar> {
        let kind = kind(attribute, column)?;
        let expression = match binds.dialect() {
            Dialect::Sqlite => self.sqlite_value(binds)?,
            Dialect::Postgres => match kind {
                ColumnKind::Boolean => typed(&self.postgres_value(binds, "->"), "boolean", "boolean"),
                ColumnKind::Micros => typed(&self.postgres_value(binds, "->"), "number", "bigint"),
                _ => self.postgres_value(binds, "->>"),
            },
        };
        Some(Scalar { expression, kind })
    }

    /// Whether there is anything here.
    pub(super) fn exists(&self, binds: &mut Binds) -> Option<String> {
        Some(match binds.dialect() {
            Dialect::Sqlite => format!("json_type({}, {}) IS NOT NULL", self.expression, self.sqlite_path(binds)?),
            Dialect::Postgres => format!("{} IS NOT NULL", self.postgres_value(binds, "->")),
        })
    }

    /// Whether there is a value somewhere below that is not an empty string.
    pub(super) fn has_content(&self, binds: &mut Binds) -> Option<String> {
        Some(match binds.dialect() {
            Dialect::Sqlite => {
                let path = self.sqlite_path(binds)?;
                format!("EXISTS (SELECT 1 FROM json_tree({}, {path}) WHERE atom <> '')", self.expression)
            }
            Dialect::Postgres => {
                let value = self.postgres_value(binds, "->");
                let scalar =
                    "@.type() == \"number\" || @.type() == \"boolean\" || (@.type() == \"string\" && @ != \"\")";
                format!("coalesce(jsonb_path_exists({value}, 'lax $.** ? ({scalar})'), FALSE)")
            }
        })
    }

    /// The elements of the list here, as an item of a `FROM` clause, and the place of one element. What is no list is
    /// its only element.
    pub(super) fn elements(&self, binds: &mut Binds, alias: &str) -> Option<(String, Self)> {
        let (from, expression) = match binds.dialect() {
            Dialect::Sqlite => {
                let path = self.sqlite_path(binds)?;
                (format!("json_each({}, {path}) AS {alias}", self.expression), format!("{alias}.value"))
            }
            Dialect::Postgres => {
                let value = self.postgres_value(binds, "->");
                let from = format!("jsonb_path_query({value}, 'lax $[*]') WITH ORDINALITY AS {alias}(value, key)");
                (from, format!("{alias}.value"))
            }
        };
        Some((from, Self { expression, names: Vec::new(), is_element: true }))
    }

    fn sqlite_value(&self, binds: &mut Binds) -> Option<String> {
        if self.is_element && self.names.is_empty() {
            return Some(self.expression.clone());
        }
        let path = self.sqlite_path(binds)?;
        Some(format!("json_extract({}, {path})", self.expression))
    }

    fn sqlite_path(&self, binds: &mut Binds) -> Option<String> {
        if self.names.iter().any(|name| name.contains(['"', '\\', '\0'])) {
            return None;
        }
        let mut path = "$".to_owned();
        for name in &self.names {
            path.push_str(".\"");
            path.push_str(name);
            path.push('"');
        }
        Some(binds.add(path))
    }

    fn postgres_value(&self, binds: &mut Binds, last: &str) -> String {
        let Some((name, before)) = self.names.split_last() else {
            let whole = if last == "->>" { " #>> '{}'" } else { "" };
            return format!("{}{whole}", self.expression);
        };
        let mut expression = self.expression.clone();
        for name in before {
            expression.push_str(" -> ");
            expression.push_str(&binds.add(name.as_str()));
        }
        format!("{expression} {last} {}", binds.add(name.as_str()))
    }
}

/// The value if it is of this type, so that one that was written under another schema is no error.
fn typed(value: &str, json_type: &str, sql_type: &str) -> String {
    format!("CASE jsonb_typeof({value}) WHEN '{json_type}' THEN ({value})::{sql_type} END")
}

/// What is kept for an attribute; `None` if a document that is not a search document keeps it in no comparable form.
fn kind(attribute: &Attribute, column: &JsonColumn) -> Option<ColumnKind> {
    let is_text = match attribute.attribute_type {
        AttributeType::String => attribute.case_exact,
        AttributeType::Reference | AttributeType::Binary => true,
        AttributeType::Boolean => return Some(ColumnKind::Boolean),
        _ => false,
    };
    match attribute.attribute_type {
        AttributeType::Complex => None,
        _ if is_text => Some(ColumnKind::Text),
        _ if !column.is_search_document => None,
        AttributeType::Decimal | AttributeType::Integer => Some(ColumnKind::NumberKey),
        AttributeType::DateTime => Some(ColumnKind::Micros),
        _ => Some(ColumnKind::Text),
    }
}
