//! Values come back as they went in: Unicode, large ones, numbers, resource types that somebody else defined.

use serde_json::{json, Value};

use super::check::{check, ensure_eq, Check, Verdict};
use super::fixture::{attributes, names, Fixture};
use super::probe::EXTENSION;
use crate::context::Context;

pub(super) const CHECKS: &[Check] = &[
    check!(create_keeps_unicode),
    check!(create_keeps_control_characters),
    check!(create_keeps_white_space),
    check!(create_keeps_a_large_string),
    check!(create_keeps_a_thousand_values),
    check!(create_keeps_the_order_of_values),
    check!(create_keeps_an_empty_string),
    check!(create_keeps_large_and_small_numbers, [CustomTypes]),
    check!(create_keeps_every_type_of_value, [CustomTypes]),
    check!(create_keeps_the_text_of_a_date_time, [CustomTypes]),
    check!(custom_types_are_read_updated_and_deleted, [CustomTypes]),
    check!(custom_types_are_listed_apart, [CustomTypes]),
];

/// Makes a resource and fails unless it is read as it was made, and after an update as it was updated.
async fn round_trip(fixture: &Fixture, cx: &Context, document: Value) -> Verdict {
    let made = fixture.create(cx, document.clone()).await?;
    let read = fixture.read(cx, &made.id).await?;
    ensure_eq!(read.attributes, attributes(document.clone()), "the document after create");
    let mut other = document.clone();
    if let Some(members) = other.as_object_mut() {
        members.insert("externalId".to_owned(), json!("changed"));
    }
    fixture.put(cx, &made.id, other.clone()).await?;
    let read = fixture.read(cx, &made.id).await?;
    ensure_eq!(read.attributes, attributes(other), "the document after an update");
    Ok(())
}

async fn create_keeps_unicode(fixture: &Fixture) -> Verdict {
    let name = "Zoë 日本語 العربية \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} e\u{301} \u{10ffff}";
    round_trip(fixture, &fixture.users, json!({"userName": name, "displayName": name, "title": name})).await
}

async fn create_keeps_control_characters(fixture: &Fixture) -> Verdict {
    let text = "tab\t line\n return\r escape\u{1b} delete\u{7f} bell\u{7} quote\" backslash\\ apostrophe'";
    round_trip(fixture, &fixture.users, json!({"userName": "anna", "title": text})).await
}

async fn create_keeps_white_space(fixture: &Fixture) -> Verdict {
    round_trip(fixture, &fixture.users, json!({"userName": "  anna  ", "title": " ", "displayName": "a  b "})).await
}

async fn create_keeps_a_large_string(fixture: &Fixture) -> Verdict {
    let large = "0123456789abcdé".repeat(4_096);
    round_trip(fixture, &fixture.users, json!({"userName": "anna", "title": large})).await
}

async fn create_keeps_a_thousand_values(fixture: &Fixture) -> Verdict {
    let emails: Vec<Value> =
        (0..1_000).map(|number| json!({"value": format!("{number}@example.com"), "type": "other"})).collect();
    round_trip(fixture, &fixture.users, json!({"userName": "anna", "emails": emails})).await
}

async fn create_keeps_the_order_of_values(fixture: &Fixture) -> Verdict {
    let emails = json!([{"value": "z@example.com"}, {"value": "a@example.com", "primary": true}, {"value": "m@x.org"}]);
    round_trip(fixture, &fixture.users, json!({"userName": "anna", "emails": emails})).await
}

async fn create_keeps_an_empty_string(fixture: &Fixture) -> Verdict {
    round_trip(fixture, &fixture.users, json!({"userName": "anna", "title": "", "name": {"givenName": ""}})).await
}

async fn create_keeps_large_and_small_numbers(fixture: &Fixture) -> Verdict {
    for (count, ratio) in
        [(json!(i64::MAX), json!(0.1)), (json!(i64::MIN), json!(-2.5)), (json!(9_007_199_254_740_993_i64), json!(1e-7))]
    {
        round_trip(fixture, &fixture.probes, json!({"name": "numbers", "count": count, "ratio": ratio})).await?;
    }
    Ok(())
}

async fn create_keeps_every_type_of_value(fixture: &Fixture) -> Verdict {
    for document in super::filter_probes::documents() {
        round_trip(fixture, &fixture.probes, document).await?;
    }
    Ok(())
}

async fn create_keeps_the_text_of_a_date_time(fixture: &Fixture) -> Verdict {
    round_trip(fixture, &fixture.probes, json!({"name": "one", "moment": "2020-01-01T01:00:00.1000000+01:00"})).await
}

async fn custom_types_are_read_updated_and_deleted(fixture: &Fixture) -> Verdict {
    let cx = &fixture.probes;
    let made = fixture.create(cx, json!({"name": "one", EXTENSION: {"label": "blue"}})).await?;
    let changed = fixture.put(cx, &made.id, json!({"name": "two", EXTENSION: {"label": "red"}})).await?;
    ensure_eq!(fixture.read(cx, &made.id).await?, changed, "the custom resource after an update");
    fixture.store.delete(cx, &made.id, Some(&changed.meta.version)).await?;
    ensure_eq!(fixture.exists(cx, &made.id).await?, false, "whether the custom resource is there after its deletion");
    Ok(())
}

async fn custom_types_are_listed_apart(fixture: &Fixture) -> Verdict {
    fixture.user("anna").await?;
    fixture.create(&fixture.probes, json!({"name": "one"})).await?;
    let page = fixture.list(&fixture.probes, None).await?;
    ensure_eq!(names(&page.resources, "name"), ["one"], "the custom resources");
    let page = fixture.list(&fixture.users, None).await?;
    ensure_eq!(names(&page.resources, "userName"), ["anna"], "the users");
    Ok(())
}
