//! What a declaration of a host's own table comes to.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects, missing_docs)]

use std::sync::Arc;

use scim_core::sql::{BindValue, Column, ColumnMap, Dialect, JoinedTable, ResourceTable, Select, Statement};
use scim_core::{
    Attributes, CompatProfile, Context, Fetch, Filter, Limits, Principal, Query, ResourceId, ResourceType, TenantId,
    ENTERPRISE_USER,
};
use serde_json::json;

fn users() -> ResourceTable {
    ResourceTable::new(Dialect::Sqlite, &ResourceType::user(), "users", "id")
}

fn acme() -> Context {
    Context::new(Principal::new(TenantId::new("acme"), "test"), Arc::new(ResourceType::user()))
}

#[test]
fn a_row_must_be_in_every_scope() {
    let table = users()
        .column("userName", Column::text("login").folded("login_key"))
        .scope("customer", |cx| BindValue::from(cx.tenant().as_str()))
        .scope("region", |_| BindValue::from("eu"));
    let (cx, id) = (acme(), ResourceId::new("7"));
    let selected = table.select(&cx, &Query::default()).unwrap();
    let fenced = [
        table.by_id(&cx, &id, &Fetch::all()),
        selected.page().clone(),
        selected.total().clone(),
        table.replace(&cx, &id, &Attributes::default()),
        table.touch(&cx, std::slice::from_ref(&id)),
        table.delete(&cx, &id),
    ];
    for Statement { text, binds, .. } in fenced {
        let (_, conditions) = text.split_once(" WHERE ").unwrap();
        for (column, value) in [("customer", "acme"), ("region", "eu")] {
            let place = binds.iter().position(|bound| *bound == BindValue::from(value)).unwrap() + 1;
            assert!(conditions.contains(&format!("users.{column} = ?{place}")), "{text} {binds:?}");
        }
        assert!(conditions.contains(" AND ") && !conditions.contains(" OR "), "{text}");
    }
    let insert = table.insert(&cx, &Attributes::default());
    assert!(insert.text.contains(", customer, region) VALUES ("), "{}", insert.text);
    assert!(insert.binds.ends_with(&[BindValue::from("acme"), BindValue::from("eu")]), "{:?}", insert.binds);
}

#[test]
fn every_scope_of_a_select_and_of_joined_rows_holds() {
    let emails = JoinedTable::new("emails e", "e.user_id", "u.id")
        .column("value", Column::text("e.address").folded("e.address"))
        .scope("e.customer = ?1")
        .scope("e.hidden IS NULL OR e.region = ?2");
    let map = ColumnMap::new(Dialect::Sqlite, &ResourceType::user()).table("emails", emails);
    let select = Select::new("u.id", "users u", "u.id")
        .scope("u.customer = ?1 OR u.shared", [BindValue::from("acme")])
        .scope("u.region = ?2", [BindValue::from("eu")]);
    let profile = CompatProfile::default();
    let filter = Filter::parse("emails.value eq \"x\"", &profile, &Limits::default()).unwrap();
    let mut query = Query::default();
    query.filter = Some(filter.resolve(&ResourceType::user(), &profile).unwrap());
    let total = map.select(&select, &query).unwrap().total().clone();
    assert!(total.text.contains(" WHERE (u.customer = ?1 OR u.shared) AND u.region = ?2 AND "), "{}", total.text);
    assert!(
        total.text.contains(" WHERE e.customer = ?1 AND (e.hidden IS NULL OR e.region = ?2) AND "),
        "{}",
        total.text
    );
    assert_eq!(total.binds, ["acme", "eu", "x"].map(BindValue::from));
}

/// What is said of a declaration that is wrong.
fn problem(declare: impl FnOnce() -> ResourceTable + std::panic::UnwindSafe) -> String {
    let problem = std::panic::catch_unwind(declare).unwrap_err();
    problem.downcast_ref::<String>().unwrap().clone()
}

#[test]
fn a_path_is_found_however_it_is_spelled() {
    let table = users()
        .column("displayname", Column::text("shown"))
        .column("NAME.givenname", Column::text("given"))
        .column("department", Column::text("department"));
    let user = json!({"displayName": "B", "name": {"givenName": "b"}, ENTERPRISE_USER: {"department": "d"}});
    let attributes = Attributes::from_stored(user.as_object().unwrap().clone());
    let row = table.insert(&acme(), &attributes);
    assert_eq!(row.binds[0], BindValue::from(r#"["B","b","d"]"#));
    let read = table.resource(r#"[7, 1, 0, 0, {}, [["B", "b", "d"]], []]"#, &Fetch::all()).unwrap();
    assert_eq!(read.attributes, attributes);
}

#[test]
fn what_no_column_can_hold_is_refused_where_it_is_declared() {
    let column = |path: &'static str| problem(move || users().column(path, Column::text("c")));
    assert_eq!(
        column("displayname2"),
        r#"the table users: "displayname2" is not an attribute of User; did you mean "displayName"?"#
    );
    for (path, said) in [
        ("", "is not an attribute of User"),
        ("emails", r#""emails" has several values; name a table"#),
        ("emails.value", "has several values"),
        ("name", r#""name" is complex; name one of formatted, familyName"#),
        ("id", "follows from the key"),
        ("meta.created", "follows from the key"),
        ("schemas", "follows from the key"),
    ] {
        assert!(column(path).contains(said), "{path}: {}", column(path));
    }
    for (attribute, sub_attribute, said) in [
        ("email", "value", r#"did you mean "emails"?"#),
        ("title", "value", r#""title" is no attribute of several values"#),
        ("emails", "address", r#""address" is no sub-attribute of "emails"; name one of value, "#),
    ] {
        let rows = JoinedTable::new("emails e", "e.user_id", "users.id").column(sub_attribute, Column::text("e.c"));
        let said_of_table = problem(move || users().table(attribute, rows));
        assert!(said_of_table.contains(said), "{said_of_table}");
    }
}

#[test]
fn a_column_that_is_no_name_is_refused_where_it_is_declared() {
    for name in ["disabled_at IS NULL", "", "1st", "users.login", "login; DROP TABLE users", "a\"b", "\"\"", "\"a\"b\""]
    {
        for said in [
            problem(move || users().column("title", Column::text(name))),
            problem(move || users().column("title", Column::text("title").folded(name))),
            problem(move || users().derived(name, |_| None)),
            problem(move || users().scope(name, |_| BindValue::from("x"))),
            problem(move || ResourceTable::new(Dialect::Sqlite, &ResourceType::user(), "users", name)),
        ] {
            assert!(said.contains("is not the name of a column"), "{said}");
        }
    }
    let said = problem(|| ResourceTable::new(Dialect::Sqlite, &ResourceType::user(), "users u", "id"));
    assert!(said.contains(r#""users u" is not the name of a table"#), "{said}");
    let odd = ResourceTable::new(Dialect::Postgres, &ResourceType::user(), "app.\"Users\"", "id");
    let insert = odd.column("title", Column::text("\"Job title\"")).insert(&acme(), &Attributes::default());
    assert!(insert.text.starts_with("INSERT INTO app.\"Users\" (\"Job title\", "), "{}", insert.text);
}
