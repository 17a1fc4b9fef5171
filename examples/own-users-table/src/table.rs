//! Which attribute is in which column: reading, writing and finding rows.

use scim_core::sql::{search_document, Column, ColumnMap, Dialect, JoinedTable};
use scim_core::{Attributes, Context, DateTime, Fetch, Meta, Resource, ResourceId, ResourceType, StoreError, Version};
use scim_sqlx::sqlite_error as fault;
use serde::de::DeserializeOwned;
use serde_json::{json, Map, Value};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

/// One of the two tables, and where a filter finds each attribute. What no column holds is in the column `document`.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    columns: &'static [Mapped],
    /// The attribute that is a list of the other side of the memberships, and the statement that reads it.
    relation: (&'static str, &'static str),
    pub(crate) map: ColumnMap,
}

/// An attribute, its column, and the column of its folded form, which is what names are compared by.
pub(crate) type Mapped = (&'static str, &'static str, Option<&'static str>);

pub(crate) const USERS: &[Mapped] = &[
    ("userName", "login", Some("login_key")),
    ("name.givenName", "given_name", Some("given_key")),
    ("name.familyName", "family_name", Some("family_key")),
    ("active", "enabled", None),
    ("externalId", "external_id", None),
];
pub(crate) const TEAMS: &[Mapped] = &[("displayName", "name", Some("name_key")), ("externalId", "external_id", None)];
pub(crate) const TEAMS_OF_A_USER: &str =
    "SELECT json_group_array(json_object('value', CAST(g.id AS TEXT), 'type', 'direct', \
    'display', g.name)) FROM team_members m JOIN teams g ON g.id = m.team_id WHERE m.user_id = t.id";
pub(crate) const USERS_OF_A_TEAM: &str =
    "SELECT json_group_array(json_object('value', CAST(m.user_id AS TEXT), 'type', 'User')) \
    FROM (SELECT user_id FROM team_members WHERE team_id = t.id ORDER BY place LIMIT ?1) m";

impl Table {
    pub(crate) fn new(
        name: &'static str,
        resource_type: &ResourceType,
        columns: &'static [Mapped],
        relation: (&'static str, &'static str),
        joined: JoinedTable,
    ) -> Self {
        let mut map = ColumnMap::new(Dialect::Sqlite, resource_type)
            .column("id", Column::integer_as_text("t.id"))
            .column("meta.created", Column::micros("t.created"))
            .column("meta.lastModified", Column::micros("t.modified"))
            .column("meta.version", Column::integer_as_text("t.version"))
            .table(relation.0, joined)
            .search_document("t.search");
        for (attribute, column, key) in columns {
            let text = Column::text(format!("t.{column}"));
            map = map.column(
                *attribute,
                match key {
                    Some(key) => text.folded(format!("t.{key}")),
                    None if *attribute == "active" => Column::boolean(format!("t.{column}")),
                    None => text,
                },
            );
        }
        Self { name, columns, relation, map }
    }

    pub(crate) fn selected(&self) -> String {
        let own = self.columns.iter().map(|(attribute, column, _)| format!("'{attribute}', t.{column}"));
        let own = own.collect::<Vec<_>>().join(", ");
        let relation = self.relation.1;
        format!(
            "t.id, t.version, t.created, t.modified, t.document, json_object({own}) AS own, ({relation}) AS related"
        )
    }

    pub(crate) async fn read(
        &self,
        db: &mut SqliteConnection,
        id: &ResourceId,
        fetch: &Fetch,
    ) -> Result<Option<Resource>, StoreError> {
        let text = format!("SELECT {} FROM {} t WHERE t.id = ?2 AND ?1 IS NOT NULL", self.selected(), self.name);
        let row = sqlx::query(&text).bind(most(fetch)).bind(number(id)).fetch_optional(db).await.map_err(fault)?;
        row.map(|row| self.resource(&row, fetch)).transpose()
    }

    pub(crate) async fn expected(
        &self,
        db: &mut SqliteConnection,
        id: &ResourceId,
        version: Option<&Version>,
    ) -> Result<Resource, StoreError> {
        let found = self.read(db, id, &Fetch::without([self.relation.0])).await?.ok_or(StoreError::NotFound)?;
        match version {
            Some(version) if *version != found.meta.version => Err(StoreError::VersionMismatch),
            _ => Ok(found),
        }
    }

    pub(crate) fn resource(&self, row: &SqliteRow, fetch: &Fetch) -> Result<Resource, StoreError> {
        let mut document: Map<String, Value> = json_column(row, "document")?;
        let own: Map<String, Value> = json_column(row, "own")?;
        for (attribute, value) in own.into_iter().filter(|(_, value)| !value.is_null()) {
            let value = if attribute == "active" { json!(value == 1) } else { value };
            match attribute.split_once('.') {
                None => document.insert(attribute, value),
                Some((complex, sub_attribute)) => document
                    .entry(complex)
                    .or_insert_with(|| json!({}))
                    .as_object_mut()
                    .and_then(|object| object.insert(sub_attribute.to_owned(), value)),
            };
        }
        let related: Vec<Value> = json_column(row, "related")?;
        let has_more = fetch.wants("members") && fetch.most_members().is_some_and(|most| related.len() > most);
        if fetch.wants(self.relation.0) && !related.is_empty() && !has_more {
            document.insert(self.relation.0.to_owned(), Value::Array(related));
        }
        let integer = |column: &str| row.try_get::<i64, _>(column).map_err(fault);
        let (created, modified) = (integer("created")?, integer("modified")?);
        let version = Version::new(integer("version")?.to_string());
        let meta = Meta::new(DateTime::from_micros(created), DateTime::from_micros(modified), version);
        let id = ResourceId::new(integer("id")?.to_string());
        let mut resource = Resource::new(id, meta, Attributes::from_stored(document));
        resource.members_left_out = has_more && self.relation.0 == "members";
        Ok(resource)
    }

    /// Writes the attributes into their columns and the rest into the document, of a new row if there is no id yet.
    pub(crate) async fn write(
        &self,
        db: &mut SqliteConnection,
        cx: &Context,
        id: Option<&ResourceId>,
        attributes: &Attributes,
    ) -> Result<ResourceId, StoreError> {
        let search = Value::Object(search_document(&cx.resource_type, attributes));
        let mut document = Value::Object(attributes.as_map().clone());
        let mut row = Map::new();
        for (attribute, column, key) in self.columns {
            let pointer = format!("/{}", attribute.replace('.', "/"));
            row.insert((*column).to_owned(), document.pointer_mut(&pointer).map(Value::take).unwrap_or_default());
            if let Some(key) = key {
                row.insert((*key).to_owned(), search.pointer(&pointer).cloned().unwrap_or_default());
            }
        }
        if self.name == "users" {
            let mail = attributes.values("emails").iter().max_by_key(|mail| mail.get("primary") == Some(&json!(true)));
            row.insert("mail".to_owned(), mail.and_then(|mail| mail.get("value")).cloned().unwrap_or_default());
        }
        row.extend([("document".to_owned(), without_nulls(document)), ("search".to_owned(), search)]);
        let names: Vec<&str> = row.keys().map(String::as_str).collect();
        let values: Vec<String> = names.iter().map(|name| format!("json_extract(?1, '$.{name}')")).collect();
        let (table, names, values) = (self.name, names.join(", "), values.join(", "));
        let text = match id {
            Some(_) => format!("UPDATE {table} SET ({names}) = ({values}) WHERE id = ?2 AND ?3 > 0 RETURNING id"),
            None => format!(
                "INSERT INTO {table} ({names}, id, created, modified, version) VALUES ({values}, ?2, ?3, ?3, 1) \
                 RETURNING id"
            ),
        };
        let statement = sqlx::query_scalar(&text).bind(Value::Object(row).to_string()).bind(id.and_then(number));
        let written = statement.bind(DateTime::now().as_micros()).fetch_one(db).await;
        match written {
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                Err(StoreError::uniqueness(self.columns.first().map_or("", |column| column.0)))
            }
            written => Ok(ResourceId::new(written.map(|id: i64| id.to_string()).map_err(fault)?)),
        }
    }
}

/// Gives rows another version. The condition may name the id as `?2`.
pub(crate) async fn touch(
    db: &mut SqliteConnection,
    table: &str,
    rows: &str,
    id: &ResourceId,
) -> Result<(), StoreError> {
    let text = format!("UPDATE {table} SET version = version + 1, modified = max(modified, ?1) WHERE {rows}");
    sqlx::query(&text).bind(DateTime::now().as_micros()).bind(number(id)).execute(db).await.map_err(fault)?;
    Ok(())
}

/// The key of an id; `None` if no row has it.
pub(crate) fn number(id: &ResourceId) -> Option<i64> {
    id.as_str().parse::<i64>().ok().filter(|number| number.to_string() == id.as_str())
}

pub(crate) fn numbers(ids: &[ResourceId]) -> String {
    ids.iter().map(number).collect::<Value>().to_string()
}

/// How many members are read: one more than are wanted, to tell whether there are more.
pub(crate) fn most(fetch: &Fetch) -> i64 {
    fetch.most_members().and_then(|most| i64::try_from(most).ok()).unwrap_or(i64::MAX - 1).saturating_add(1)
}

fn json_column<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> Result<T, StoreError> {
    serde_json::from_str(row.try_get(column).map_err(fault)?).map_err(StoreError::backend)
}

/// The document without what went into columns.
fn without_nulls(mut document: Value) -> Value {
    for object in document.as_object_mut().into_iter() {
        if let Some(name) = object.get_mut("name").and_then(Value::as_object_mut) {
            name.retain(|_, value| !value.is_null());
        }
        object.retain(|_, value| !value.is_null() && *value != json!({}));
    }
    document
}
