//! Sorted lists (RFC 7644 s3.4.2.3).

use serde_json::{json, Value};

use super::check::{check, ensure_eq, Check, Failure, Verdict};
use super::fixture::{ids, names, query, sort, Fixture};
use super::probe::EXTENSION;
use crate::context::Context;
use crate::store::{PageRequest, Query, StoreError};

pub(super) const CHECKS: &[Check] = &[
    check!(sort_by_the_unique_name_is_supported, [Sort]),
    check!(sort_ascending, [Sort]),
    check!(sort_descending, [Sort]),
    check!(sort_ignores_case, [Sort]),
    check!(sort_with_case_exact, [Sort]),
    check!(sort_beyond_ascii, [Sort]),
    check!(sort_ascending_has_missing_values_last, [Sort]),
    check!(sort_descending_has_missing_values_first, [Sort]),
    check!(sort_keeps_the_order_of_equal_values, [Sort]),
    check!(sort_by_sub_attribute, [Sort]),
    check!(sort_by_list_takes_the_primary_value, [Sort]),
    check!(sort_by_list_takes_the_first_value_without_a_primary, [Sort]),
    check!(sort_by_sub_attribute_of_a_list, [Sort]),
    check!(sort_by_boolean, [Sort]),
    check!(sort_by_extension, [Sort]),
    check!(sort_by_id, [Sort]),
    check!(sort_by_created_and_last_modified, [Sort]),
    check!(sort_by_integer_is_numeric, [Sort, CustomTypes]),
    check!(sort_by_decimal_is_numeric, [Sort, CustomTypes]),
    check!(sort_by_date_time_is_by_instant, [Sort, CustomTypes]),
    check!(sort_by_custom_extension, [Sort, CustomTypes]),
    check!(sort_and_page, [Sort]),
    check!(sort_and_filter, [Sort, Filter]),
    check!(sort_follows_an_update, [Sort]),
];

/// Makes resources of these documents.
async fn make(fixture: &Fixture, cx: &Context, documents: impl IntoIterator<Item = Value>) -> Verdict {
    for document in documents {
        fixture.create(cx, document).await?;
    }
    Ok(())
}

/// The names of all resources, sorted by an attribute.
async fn sorted(fixture: &Fixture, cx: &Context, path: &str, descending: bool) -> Result<Vec<String>, Failure> {
    let mut wanted = query(cx, None)?;
    wanted.sort = Some(sort(cx, path, descending)?);
    let page = fixture.store.list(cx, &wanted).await?;
    let name = if cx.resource_type.name() == "User" { "userName" } else { "name" };
    Ok(names(&page.resources, name))
}

/// Fails the check unless the order is this one going up, and its reverse going down.
async fn expect_order(fixture: &Fixture, cx: &Context, path: &str, expected: &[&str]) -> Verdict {
    ensure_eq!(sorted(fixture, cx, path, false).await?, expected, "the order by {path} going up");
    let reversed: Vec<&str> = expected.iter().rev().copied().collect();
    ensure_eq!(sorted(fixture, cx, path, true).await?, reversed, "the order by {path} going down");
    Ok(())
}

fn users(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| json!({"userName": name})).collect()
}

/// A store that sorts at all can do this much.
async fn sort_by_the_unique_name_is_supported(fixture: &Fixture) -> Verdict {
    fixture.user("anna").await?;
    let wanted = Query { sort: Some(sort(&fixture.users, "userName", false)?), ..Query::default() };
    match fixture.store.list(&fixture.users, &wanted).await {
        Err(StoreError::UnsupportedSort { path }) => Err(Failure::new(format!("the store cannot sort by {path}"))),
        page => {
            ensure_eq!(page?.resources.len(), 1, "sorted users");
            Ok(())
        }
    }
}

async fn sort_ascending(fixture: &Fixture) -> Verdict {
    make(fixture, &fixture.users, users(&["carl", "anna", "bert"])).await?;
    let found = sorted(fixture, &fixture.users, "userName", false).await?;
    ensure_eq!(found, ["anna", "bert", "carl"], "the order going up");
    Ok(())
}

async fn sort_descending(fixture: &Fixture) -> Verdict {
    make(fixture, &fixture.users, users(&["bert", "anna", "carl"])).await?;
    let found = sorted(fixture, &fixture.users, "userName", true).await?;
    ensure_eq!(found, ["carl", "bert", "anna"], "the order going down");
    Ok(())
}

async fn sort_ignores_case(fixture: &Fixture) -> Verdict {
    make(fixture, &fixture.users, users(&["Carl", "anna", "BERT", "dora"])).await?;
    expect_order(fixture, &fixture.users, "userName", &["anna", "BERT", "Carl", "dora"]).await
}

async fn sort_with_case_exact(fixture: &Fixture) -> Verdict {
    let user = |name: &str, external_id: &str| json!({"userName": name, "externalId": external_id});
    make(fixture, &fixture.users, [user("1", "b"), user("2", "A"), user("3", "B"), user("4", "a")]).await?;
    expect_order(fixture, &fixture.users, "externalId", &["2", "3", "4", "1"]).await
}

async fn sort_beyond_ascii(fixture: &Fixture) -> Verdict {
    make(fixture, &fixture.users, users(&["émil", "zora", "Ärne", "emil", "ЖУК", "жак"])).await?;
    expect_order(fixture, &fixture.users, "userName", &["emil", "zora", "Ärne", "émil", "жак", "ЖУК"]).await
}

/// Three users, the second without a title.
fn with_titles() -> [Value; 3] {
    [json!({"userName": "z", "title": "Z"}), json!({"userName": "none"}), json!({"userName": "a", "title": "A"})]
}

async fn sort_ascending_has_missing_values_last(fixture: &Fixture) -> Verdict {
    make(fixture, &fixture.users, with_titles()).await?;
    ensure_eq!(sorted(fixture, &fixture.users, "title", false).await?, ["a", "z", "none"], "the order going up");
    Ok(())
}

async fn sort_descending_has_missing_values_first(fixture: &Fixture) -> Verdict {
    make(fixture, &fixture.users, with_titles()).await?;
    ensure_eq!(sorted(fixture, &fixture.users, "title", true).await?, ["none", "z", "a"], "the order going down");
    Ok(())
}

async fn sort_keeps_the_order_of_equal_values(fixture: &Fixture) -> Verdict {
    for number in 0..12 {
        let title = if number % 3 == 0 { "x" } else { "X" };
        fixture.create(&fixture.users, json!({"userName": format!("user-{number:03}"), "title": title})).await?;
    }
    let unsorted = names(&fixture.list(&fixture.users, None).await?.resources, "userName");
    for descending in [false, true] {
        let found = sorted(fixture, &fixture.users, "title", descending).await?;
        ensure_eq!(found, unsorted, "the order of equal values, descending: {descending}");
    }
    Ok(())
}

async fn sort_by_sub_attribute(fixture: &Fixture) -> Verdict {
    let user = |name: &str, family: &str| json!({"userName": name, "name": {"familyName": family}});
    make(fixture, &fixture.users, [user("1", "smith"), user("2", "Jones"), user("3", "adams")]).await?;
    expect_order(fixture, &fixture.users, "name.familyName", &["3", "2", "1"]).await
}

async fn sort_by_list_takes_the_primary_value(fixture: &Fixture) -> Verdict {
    let user = |name: &str, first: &str, primary: &str| {
        let emails = [json!({"value": first}), json!({"value": primary, "primary": true})];
        json!({"userName": name, "emails": emails})
    };
    make(fixture, &fixture.users, [user("1", "a@x.org", "c@x.org"), user("2", "z@x.org", "b@x.org")]).await?;
    expect_order(fixture, &fixture.users, "emails", &["2", "1"]).await?;
    expect_order(fixture, &fixture.users, "emails.value", &["2", "1"]).await
}

async fn sort_by_list_takes_the_first_value_without_a_primary(fixture: &Fixture) -> Verdict {
    let user = |name: &str, first: &str, second: &str| {
        let emails = [json!({"value": first, "primary": false}), json!({"value": second})];
        json!({"userName": name, "emails": emails})
    };
    make(fixture, &fixture.users, [user("1", "c@x.org", "a@x.org"), user("2", "B@x.org", "z@x.org")]).await?;
    expect_order(fixture, &fixture.users, "emails", &["2", "1"]).await
}

async fn sort_by_sub_attribute_of_a_list(fixture: &Fixture) -> Verdict {
    let user = |name: &str, kind: &str| json!({"userName": name, "emails": [{"value": "a@x.org", "type": kind}]});
    make(fixture, &fixture.users, [user("1", "work"), user("2", "home"), json!({"userName": "3"})]).await?;
    expect_order(fixture, &fixture.users, "emails.type", &["2", "1", "3"]).await
}

async fn sort_by_boolean(fixture: &Fixture) -> Verdict {
    let documents =
        [json!({"userName": "1", "active": true}), json!({"userName": "2", "active": false}), json!({"userName": "3"})];
    make(fixture, &fixture.users, documents).await?;
    expect_order(fixture, &fixture.users, "active", &["2", "1", "3"]).await
}

async fn sort_by_extension(fixture: &Fixture) -> Verdict {
    let urn = crate::schema::ENTERPRISE_USER;
    let user = |name: &str, department: &str| json!({"userName": name, urn: {"department": department}});
    make(fixture, &fixture.users, [user("1", "sales"), user("2", "Legal"), json!({"userName": "3"})]).await?;
    expect_order(fixture, &fixture.users, &format!("{urn}:department"), &["2", "1", "3"]).await
}

async fn sort_by_id(fixture: &Fixture) -> Verdict {
    let mut expected: Vec<_> = fixture.several_users(6).await?.into_iter().map(|user| user.id).collect();
    expected.sort_unstable();
    let mut wanted = query(&fixture.users, None)?;
    wanted.sort = Some(sort(&fixture.users, "id", false)?);
    let page = fixture.store.list(&fixture.users, &wanted).await?;
    ensure_eq!(ids(&page.resources), expected, "the ids in order");
    Ok(())
}

async fn sort_by_created_and_last_modified(fixture: &Fixture) -> Verdict {
    fixture.several_users(4).await?;
    let first = fixture.list(&fixture.users, Some(r#"userName eq "user-000""#)).await;
    if let Ok(Some(user)) = first.map(|page| page.resources.into_iter().next()) {
        fixture.put(&fixture.users, &user.id, json!({"userName": "user-000", "title": "changed"})).await?;
    }
    for (path, descending) in
        [("meta.created", false), ("meta.created", true), ("meta.lastModified", false), ("meta.lastModified", true)]
    {
        let mut wanted = query(&fixture.users, None)?;
        wanted.sort = Some(sort(&fixture.users, path, descending)?);
        let page = fixture.store.list(&fixture.users, &wanted).await?;
        let instant = |meta: &crate::Meta| if path == "meta.created" { meta.created } else { meta.last_modified };
        let mut found: Vec<_> = page.resources.iter().map(|user| instant(&user.meta)).collect();
        if descending {
            found.reverse();
        }
        let mut expected = found.clone();
        expected.sort_unstable();
        ensure_eq!(found, expected, "the instants by {path}, descending: {descending}");
    }
    Ok(())
}

async fn sort_by_integer_is_numeric(fixture: &Fixture) -> Verdict {
    let probe = |count: i64| json!({"name": count.to_string(), "count": count});
    make(fixture, &fixture.probes, [probe(10), probe(-10), probe(9), probe(-9), probe(100)]).await?;
    expect_order(fixture, &fixture.probes, "count", &["-10", "-9", "9", "10", "100"]).await
}

async fn sort_by_decimal_is_numeric(fixture: &Fixture) -> Verdict {
    let probe = |name: &str, ratio: f64| json!({"name": name, "ratio": ratio});
    make(fixture, &fixture.probes, [probe("b", 9.5), probe("c", 10.25), probe("a", -1.5), json!({"name": "d"})])
        .await?;
    expect_order(fixture, &fixture.probes, "ratio", &["a", "b", "c", "d"]).await
}

async fn sort_by_date_time_is_by_instant(fixture: &Fixture) -> Verdict {
    let probe = |name: &str, moment: &str| json!({"name": name, "moment": moment});
    let documents = [
        probe("second", "2020-01-01T00:00:00.5Z"),
        probe("first", "2020-01-01T05:00:00+05:00"),
        probe("third", "2019-12-31T23:00:01-01:00"),
    ];
    make(fixture, &fixture.probes, documents).await?;
    expect_order(fixture, &fixture.probes, "moment", &["first", "second", "third"]).await
}

async fn sort_by_custom_extension(fixture: &Fixture) -> Verdict {
    let probe = |name: &str, level: i64| json!({"name": name, EXTENSION: {"level": level}});
    make(fixture, &fixture.probes, [probe("b", 9), probe("c", 10), probe("a", -9), json!({"name": "d"})]).await?;
    expect_order(fixture, &fixture.probes, &format!("{EXTENSION}:level"), &["a", "b", "c", "d"]).await
}

async fn sort_and_page(fixture: &Fixture) -> Verdict {
    make(fixture, &fixture.users, users(&["e", "b", "d", "a", "c"])).await?;
    let mut found = Vec::new();
    for start_index in [1, 3, 5] {
        let mut wanted = query(&fixture.users, None)?;
        wanted.sort = Some(sort(&fixture.users, "userName", true)?);
        wanted.page = PageRequest::Index { start_index, count: 2 };
        let page = fixture.store.list(&fixture.users, &wanted).await?;
        ensure_eq!(page.total, Some(5), "the total of a sorted page");
        found.extend(names(&page.resources, "userName"));
    }
    ensure_eq!(found, ["e", "d", "c", "b", "a"], "the sorted pages together");
    Ok(())
}

async fn sort_and_filter(fixture: &Fixture) -> Verdict {
    make(fixture, &fixture.users, users(&["xc", "b", "xa", "d", "xb"])).await?;
    let mut wanted = query(&fixture.users, Some(r#"userName sw "x""#))?;
    wanted.sort = Some(sort(&fixture.users, "userName", false)?);
    let page = fixture.store.list(&fixture.users, &wanted).await?;
    ensure_eq!(names(&page.resources, "userName"), ["xa", "xb", "xc"], "what is filtered and sorted");
    ensure_eq!(page.total, Some(3), "the total of what is filtered and sorted");
    Ok(())
}

async fn sort_follows_an_update(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    fixture.user("bert").await?;
    fixture.put(&fixture.users, &anna.id, json!({"userName": "zora"})).await?;
    expect_order(fixture, &fixture.users, "userName", &["bert", "zora"]).await
}
