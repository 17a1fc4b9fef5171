//! What a declaration of a host's own table comes to.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects, missing_docs)]

use std::sync::Arc;

use scim_core::sql::{BindValue, Column, Dialect, ResourceTable, Statement};
use scim_core::{Attributes, Context, Fetch, Principal, Query, ResourceId, ResourceType, TenantId};

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
