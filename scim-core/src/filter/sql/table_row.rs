//! A row of the host's own table as JSON, and the attributes in it.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use super::bind::Dialect;
use super::column::{Column, ColumnKind, JoinedTable};
use crate::resource::{Attributes, DateTime, Meta, Resource, ResourceId, Version};
use crate::store::{Fetch, StoreError};

/// Neither database takes more arguments of a function than 100.
const MOST_ARGUMENTS: usize = 100;

pub(super) fn json_array(dialect: Dialect, values: &[String]) -> String {
    let function = match dialect {
        Dialect::Sqlite => "json_array",
        Dialect::Postgres => "json_build_array",
    };
    format!("{function}({})", values.join(", "))
}

/// An array of arrays, of any number of values.
pub(super) fn json_arrays(dialect: Dialect, values: &[String]) -> String {
    let arrays: Vec<String> = values.chunks(MOST_ARGUMENTS).map(|chunk| json_array(dialect, chunk)).collect();
    json_array(dialect, &arrays)
}

/// What is selected of a column; `None` if it has the folded form alone, which is not shown.
pub(super) fn read_expression(column: &Column, qualifier: &str) -> Option<String> {
    let expression = format!("{qualifier}{}", column.exact.as_ref()?);
    Some(match column.kind {
        ColumnKind::IntegerAsText => format!("CAST({expression} AS TEXT)"),
        ColumnKind::Timestamp => format!("CAST(EXTRACT(EPOCH FROM {expression}) * 1000000 AS BIGINT)"),
        _ => expression,
    })
}

/// The rows of a joined table as an array of arrays, in their order and at most so many.
pub(super) fn element_list(dialect: Dialect, table: &JoinedTable, most: Option<usize>) -> String {
    let JoinedTable { from, inner_key, outer_key, .. } = table;
    let columns: Vec<String> = table.columns.iter().filter_map(|(_, column)| read_expression(column, "")).collect();
    let element = json_array(dialect, &columns);
    let scope = table.scope.as_ref().map(|scope| format!("{scope} AND ")).unwrap_or_default();
    let order = table.order.as_ref().map(|order| format!(" ORDER BY {order}")).unwrap_or_default();
    let limit = most.map(|most| format!(" LIMIT {most}")).unwrap_or_default();
    let rows = format!(
        "(SELECT {element} AS element FROM {from} WHERE {scope}{inner_key} = {outer_key}{order}{limit}) scim_rows"
    );
    match dialect {
        Dialect::Sqlite => format!("json((SELECT json_group_array(json(scim_rows.element)) FROM {rows}))"),
        Dialect::Postgres => format!("(SELECT coalesce(json_agg(scim_rows.element), '[]'::json) FROM {rows})"),
    }
}

/// A row as it is selected.
pub(super) struct Row {
    id: ResourceId,
    meta: Meta,
    document: Map<String, Value>,
    columns: VecDeque<Value>,
    tables: VecDeque<Vec<Vec<Value>>>,
    members_left_out: bool,
}

type Selected = (i64, i64, i64, i64, Map<String, Value>, Vec<Vec<Value>>, VecDeque<Vec<Vec<Value>>>);

impl Row {
    pub(super) fn parse(text: &str) -> Result<Self, StoreError> {
        let (key, version, created, modified, document, columns, tables): Selected =
            serde_json::from_str(text).map_err(StoreError::backend)?;
        let version = Version::new(version.to_string());
        Ok(Self {
            id: ResourceId::new(key.to_string()),
            meta: Meta::new(DateTime::from_micros(created), DateTime::from_micros(modified), version),
            document,
            columns: columns.into_iter().flatten().collect(),
            tables,
            members_left_out: false,
        })
    }

    /// The next column becomes the attribute.
    pub(super) fn take_column(&mut self, path: &[String], kind: ColumnKind) {
        let value = self.columns.pop_front().and_then(|value| shown_value(kind, value));
        if let Some(value) = value {
            put(&mut self.document, path, value);
        }
    }

    /// The rows of the next table become the elements of the attribute.
    pub(super) fn take_elements(&mut self, attribute: &str, table: &JoinedTable, fetch: &Fetch) {
        let rows = self.tables.pop_front().unwrap_or_default();
        if attribute == "members" && fetch.most_members().is_some_and(|most| rows.len() > most) {
            self.members_left_out = true;
        } else if !rows.is_empty() {
            let elements = rows.into_iter().map(|row| element(table, row)).collect();
            self.document.insert(attribute.to_owned(), Value::Array(elements));
        }
    }

    pub(super) fn into_resource(self) -> Resource {
        let mut resource = Resource::new(self.id, self.meta, Attributes::from_stored(self.document));
        resource.members_left_out = self.members_left_out;
        resource
    }
}

fn element(table: &JoinedTable, row: Vec<Value>) -> Value {
    let columns = table.columns.iter().filter(|(_, column)| column.exact.is_some());
    let values = columns.zip(row).filter_map(|((name, column), value)| {
        let value = shown_value(column.kind, value)?;
        Some((name.clone(), value))
    });
    Value::Object(values.collect())
}

/// The value of an attribute in what was selected of a column.
fn shown_value(kind: ColumnKind, value: Value) -> Option<Value> {
    match (kind, value) {
        (_, Value::Null) => None,
        (ColumnKind::Boolean, Value::Number(number)) => Some(Value::Bool(number.as_i64() != Some(0))),
        (ColumnKind::Micros | ColumnKind::Timestamp, value) => {
            value.as_i64().map(|micros| Value::String(DateTime::from_micros(micros).to_string()))
        }
        (_, value) => Some(value),
    }
}

/// What is written into a column for the value of an attribute.
pub(super) fn written_value(kind: ColumnKind, value: Value) -> Option<Value> {
    match (kind, &value) {
        (ColumnKind::IntegerAsText, Value::String(text)) => text.parse::<i64>().ok().map(Value::from),
        (ColumnKind::Micros | ColumnKind::Timestamp, Value::String(text)) => {
            DateTime::parse(text).map(|instant| Value::from(instant.as_micros()))
        }
        _ => Some(value),
    }
}

/// The value at a place in a document. Unless it stays there, the objects that it leaves empty go with it.
pub(super) fn taken(document: &mut Map<String, Value>, path: &[String], stays: bool) -> Option<Value> {
    let (name, rest) = path.split_first()?;
    if rest.is_empty() {
        return if stays { document.get(name).cloned() } else { document.remove(name) };
    }
    let object = document.get_mut(name)?.as_object_mut()?;
    let value = taken(object, rest, stays);
    if object.is_empty() {
        document.remove(name);
    }
    value
}

fn put(document: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [name] => {
            document.insert(name.clone(), value);
        }
        [name, rest @ ..] => {
            let object = document.entry(name).or_insert_with(|| Value::Object(Map::new()));
            if let Some(object) = object.as_object_mut() {
                put(object, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn what_is_taken_leaves_no_empty_object_and_is_put_back() {
        let path = ["name".to_owned(), "givenName".to_owned()];
        for document in [json!({"name": {"givenName": "B"}}), json!({"name": {"givenName": "B", "formatted": "x"}})] {
            let mut rest = object(&document);
            assert_eq!(taken(&mut rest, &path, true), Some(json!("B")));
            assert_eq!(taken(&mut rest, &path, false), Some(json!("B")));
            assert_eq!(rest.contains_key("name"), document["name"].get("formatted").is_some());
            put(&mut rest, &path, json!("B"));
            assert_eq!(Value::Object(rest), document);
        }
        assert_eq!(taken(&mut object(&json!({"title": "x"})), &path, false), None);
    }

    #[test]
    fn many_columns_are_several_arrays_and_one_list_of_values() {
        let values: Vec<String> = (0..MOST_ARGUMENTS + 1).map(|number| number.to_string()).collect();
        let text = json_arrays(Dialect::Sqlite, &values);
        assert!(text.starts_with("json_array(json_array(0, 1,") && text.ends_with("99), json_array(100))"), "{text}");
        let columns: Vec<Vec<usize>> = vec![(0..MOST_ARGUMENTS).collect(), vec![MOST_ARGUMENTS]];
        let mut row = Row::parse(&json!([7, 1, 0, 0, {}, columns, []]).to_string()).unwrap();
        for number in 0..=MOST_ARGUMENTS {
            row.take_column(&[format!("a{number}")], ColumnKind::Number);
        }
        assert_eq!(row.into_resource().attributes.get("a100"), Some(&json!(100)));
    }

    #[test]
    fn values_are_shown_as_scim_has_them_and_written_as_the_column_has_them() {
        for (kind, shown, written) in [
            (ColumnKind::Boolean, json!(true), json!(true)),
            (ColumnKind::Micros, json!("1970-01-01T00:00:00.000Z"), json!(0)),
            (ColumnKind::IntegerAsText, json!("7"), json!(7)),
            (ColumnKind::Text, json!("7"), json!("7")),
        ] {
            assert_eq!(written_value(kind, shown), Some(written));
        }
        assert_eq!(shown_value(ColumnKind::Boolean, json!(0)), Some(json!(false)));
        assert_eq!(shown_value(ColumnKind::Micros, json!(0)), Some(json!("1970-01-01T00:00:00Z")));
        assert_eq!(shown_value(ColumnKind::Text, Value::Null), None);
    }
}
