//! The statements of a host's own table, run by both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use scim_core::sql::{BindValue, Column, Dialect, JoinedTable, ResourceTable, Statement};
use scim_core::{Attributes, CompatProfile, Context, Fetch, Filter, Limits, PageRequest, Query, ResourceId, Sort};
use scim_sqlx::{postgres_bound, postgres_page, sqlite_bound, sqlite_page};
use serde_json::{json, Value};
use sqlx::{Connection as _, PgConnection, Row as _, SqliteConnection};
use support::random::{user_type, ENTERPRISE, EXTENSION};

enum Database {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Database {
    fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    async fn execute(&mut self, text: &str) {
        match self {
            Self::Sqlite(connection) => sqlx::raw_sql(text).execute(connection).await.map(drop).unwrap(),
            Self::Postgres(connection) => sqlx::raw_sql(text).execute(connection).await.map(drop).unwrap(),
        }
    }

    /// The first column of the row that a statement yields, if it yields one.
    async fn run(&mut self, statement: &Statement) -> Option<String> {
        match self {
            Self::Sqlite(connection) => {
                sqlite_bound(statement).fetch_optional(connection).await.unwrap().map(|row| row.get(0))
            }
            Self::Postgres(connection) => {
                postgres_bound(statement).fetch_optional(connection).await.unwrap().map(|row| row.get(0))
            }
        }
    }

    async fn ids(&mut self, table: &ResourceTable, cx: &Context, query: &Query) -> Vec<String> {
        let statements = table.select(cx, query).unwrap();
        let page = match self {
            Self::Sqlite(connection) => {
                sqlite_page(connection, &statements, |row| table.resource(row.get("scim_resource"), &query.fetch)).await
            }
            Self::Postgres(connection) => {
                postgres_page(connection, &statements, |row| table.resource(row.get("scim_resource"), &query.fetch))
                    .await
            }
        };
        page.unwrap().resources.iter().map(|resource| resource.id.to_string()).collect()
    }
}

const SQLITE_TABLES: &str = "
    CREATE TABLE people (person INTEGER PRIMARY KEY AUTOINCREMENT, customer TEXT NOT NULL, login TEXT, login_key TEXT,
        family TEXT, enabled INTEGER, department TEXT, department_key TEXT, weight REAL, level INTEGER, issued INTEGER,
        mail TEXT, theme TEXT DEFAULT 'light', scim_document TEXT NOT NULL, scim_search TEXT NOT NULL,
        scim_created INTEGER NOT NULL, scim_modified INTEGER NOT NULL, scim_version INTEGER NOT NULL);
    CREATE TABLE phones (person INTEGER REFERENCES people ON DELETE CASCADE, place INTEGER, number TEXT, number_key TEXT,
        is_primary INTEGER);";
const POSTGRES_TABLES: &str = "
    CREATE TABLE people (person BIGSERIAL PRIMARY KEY, customer TEXT NOT NULL, login TEXT, login_key TEXT,
        family TEXT, enabled BOOLEAN, department TEXT, department_key TEXT, weight DOUBLE PRECISION, level BIGINT,
        issued TIMESTAMPTZ, mail TEXT, theme TEXT DEFAULT 'light', scim_document JSON NOT NULL, scim_search JSONB NOT NULL,
        scim_created BIGINT NOT NULL, scim_modified BIGINT NOT NULL, scim_version BIGINT NOT NULL);
    CREATE TABLE phones (person BIGINT REFERENCES people ON DELETE CASCADE, place INT, number TEXT, number_key TEXT,
        is_primary BOOLEAN);";

fn people(dialect: Dialect) -> ResourceTable {
    let issued = match dialect {
        Dialect::Postgres => Column::timestamp("issued"),
        _ => Column::micros("issued"),
    };
    let phones = JoinedTable::new("phones p", "p.person", "people.person")
        .column("value", Column::text("p.number").folded("p.number_key"))
        .column("primary", Column::boolean("p.is_primary"))
        .ordered_by("p.place");
    ResourceTable::new(dialect, &user_type(), "people", "person")
        .column("userName", Column::text("login").folded("login_key"))
        .column("name.familyName", Column::text("family"))
        .column("active", Column::boolean("enabled"))
        .column(&format!("{ENTERPRISE}:department"), Column::text("department").folded("department_key"))
        .column(&format!("{EXTENSION}:weight"), Column::number("weight"))
        .column(&format!("{EXTENSION}:level"), Column::number("level"))
        .column(&format!("{EXTENSION}:issued"), issued)
        .derived("mail", |user| Some(user.values("emails").first()?.get("value")?.as_str()?.to_owned()))
        .table("phoneNumbers", phones)
        .scope("customer", |cx| BindValue::from(cx.tenant().as_str()))
}

fn attributes(value: &Value) -> Attributes {
    Attributes::from_stored(value.as_object().unwrap().clone())
}

fn query(cx: &Context, filter: &str) -> Query {
    let profile = CompatProfile::default();
    let filter = Filter::parse(filter, &profile, &Limits::default()).unwrap();
    let mut query = Query::default();
    query.filter = Some(filter.resolve(&cx.resource_type, &profile).unwrap());
    query
}

async fn check(mut db: Database) {
    let table = people(db.dialect());
    let (cx, other) = (support::context("acme", &user_type()), support::context("other", &user_type()));
    db.execute(if db.dialect() == Dialect::Sqlite { SQLITE_TABLES } else { POSTGRES_TABLES }).await;
    let babs = json!({
        "userName": "BJensen", "active": false, "title": "O'Guide", "name": {"familyName": "Jensen", "givenName": "B"},
        "emails": [{"value": "Babs@example.com", "type": "work"}], "externalId": "7",
        ENTERPRISE: {"department": "Ärzte"},
        EXTENSION: {"weight": 0.5, "level": 9_007_199_254_740_993_i64, "issued": "2011-05-13T04:42:34.500Z", "code": "x"},
    });
    let id = ResourceId::new(db.run(&table.insert(&cx, &attributes(&babs))).await.unwrap());
    let plain = json!({"userName": "plain"});
    let second = ResourceId::new(db.run(&table.insert(&cx, &attributes(&plain))).await.unwrap());
    db.run(&table.insert(&other, &attributes(&babs))).await.unwrap();
    assert_eq!((id.as_str(), second.as_str()), ("1", "2"));

    let found = db.run(&table.by_id(&cx, &id, &Fetch::all())).await.unwrap();
    let found = table.resource(&found, &Fetch::all()).unwrap();
    assert_eq!((found.attributes.clone(), found.id), (attributes(&babs), id.clone()));
    assert_eq!(found.meta.version.as_str(), "1");
    let found = db.run(&table.by_id(&cx, &second, &Fetch::all())).await.unwrap();
    assert_eq!(table.resource(&found, &Fetch::all()).unwrap().attributes, attributes(&plain));
    let nobody = [(&other, "1"), (&cx, "9"), (&cx, "01"), (&cx, "x")];
    for (cx, id) in nobody {
        assert_eq!(db.run(&table.by_id(cx, &ResourceId::new(id), &Fetch::all())).await, None, "{id}");
    }

    db.execute("INSERT INTO phones VALUES (1, 2, 'B', 'b', NULL), (1, 1, 'A', 'a', TRUE)").await;
    let found = db.run(&table.by_id(&cx, &id, &Fetch::all())).await.unwrap();
    let found = table.resource(&found, &Fetch::all()).unwrap();
    assert_eq!(
        found.attributes.values("phoneNumbers"),
        [json!({"value": "A", "primary": true}), json!({"value": "B"})]
    );

    // The other tenant's user is the same without the telephones.
    for (filter, in_other) in [
        ("userName eq \"bjensen\"", vec!["3"]),
        ("name.familyName pr and active eq false", vec!["3"]),
        ("department eq \"ärzte\"", vec!["3"]),
        ("weight eq 0.5 and level eq 9007199254740993", vec!["3"]),
        ("issued eq \"2011-05-13T06:42:34.500+02:00\"", vec!["3"]),
        ("title eq \"o'guide\" and externalId eq \"7\" and name.givenName eq \"b\"", vec!["3"]),
        ("emails[type eq \"work\"]", vec!["3"]),
        ("phoneNumbers eq \"b\" and phoneNumbers[value eq \"a\" and primary eq true]", vec![]),
        ("id eq \"1\" and meta.version eq \"1\"", vec![]),
    ] {
        assert_eq!(db.ids(&table, &cx, &query(&cx, filter)).await, ["1"], "{filter}");
        assert_eq!(db.ids(&table, &other, &query(&cx, filter)).await, in_other, "{filter}");
    }
    let mut sorted = Query::default();
    let path = scim_core::AttributePath::split("userName").unwrap();
    sorted.sort = Some(Sort::new(cx.resource_type.resolve(&path).unwrap(), true));
    sorted.page = PageRequest::Cursor { position: None, count: 5 };
    assert_eq!(db.ids(&table, &cx, &sorted).await, ["2", "1"]);

    db.execute("UPDATE people SET login = 'Renamed', login_key = 'renamed', theme = 'dark' WHERE person = 1").await;
    assert_eq!(db.ids(&table, &cx, &query(&cx, "userName eq \"RENAMED\"")).await, ["1"]);
    db.run(&table.replace(&cx, &id, &attributes(&json!({"userName": "new", "title": "t"})))).await;
    db.run(&table.touch(&cx, &[id.clone(), second.clone(), ResourceId::new("3"), ResourceId::new("x")])).await;
    let found = db.run(&table.by_id(&cx, &id, &Fetch::without(["phoneNumbers"]))).await.unwrap();
    let found = table.resource(&found, &Fetch::without(["phoneNumbers"])).unwrap();
    assert_eq!(found.attributes, attributes(&json!({"userName": "new", "title": "t"})));
    assert_eq!(found.meta.version.as_str(), "3");
    assert_eq!(db.ids(&table, &cx, &query(&cx, "name pr or department pr or weight pr")).await, [""; 0]);
    let rows = "SELECT CAST(scim_version AS TEXT) || theme || coalesce(mail, '-') FROM people WHERE person = ";
    for (person, row) in [("1", "3dark-"), ("2", "2light-"), ("3", "1lightBabs@example.com")] {
        let mut statement = table.delete(&cx, &ResourceId::new("x"));
        statement.text = format!("{rows}{person}");
        assert_eq!(db.run(&statement).await.unwrap(), row);
    }

    db.run(&table.delete(&other, &id)).await;
    assert_eq!(db.ids(&table, &cx, &Query::default()).await, ["1", "2"]);
    db.run(&table.delete(&cx, &id)).await;
    assert_eq!(db.ids(&table, &cx, &Query::default()).await, ["2"]);
    assert_eq!(db.ids(&table, &other, &Query::default()).await, ["3"]);
}

#[tokio::test]
async fn an_own_table_in_sqlite_is_read_found_and_written() {
    check(Database::Sqlite(SqliteConnection::connect("sqlite::memory:").await.unwrap())).await;
}

#[tokio::test]
async fn an_own_table_in_postgres_is_read_found_and_written() {
    if let Some(url) = support::postgres_database().await {
        check(Database::Postgres(PgConnection::connect(&url).await.unwrap())).await;
    }
}
