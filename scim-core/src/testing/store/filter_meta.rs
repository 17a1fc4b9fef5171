//! Filters on what the store owns, and on what identity providers look up by (RFC 7643 s3.1).

use super::check::{check, ensure, ensure_eq, Check, Failure, Verdict};
use super::fixture::{ids, query, Fixture};
use crate::context::Context;
use crate::resource::{DateTime, Resource, ResourceId};
use crate::store::StoreError;

pub(super) const CHECKS: &[Check] = &[
    check!(filter_by_the_unique_name_is_supported, [Filter]),
    check!(filter_by_the_unique_name_ignores_case_on_both_sides, [Filter]),
    check!(filter_by_id, [Filter]),
    check!(filter_by_id_and_more, [Filter]),
    check!(filter_by_id_is_exact, [Filter]),
    check!(filter_by_id_of_another_type, [Filter, Groups]),
    check!(filter_by_the_id_of_what_was_deleted, [Filter]),
    check!(filter_by_created_is_an_instant, [Filter]),
    check!(filter_by_last_modified, [Filter]),
    check!(filter_by_version, [Filter]),
    check!(filter_follows_an_update, [Filter]),
    check!(filter_follows_an_update_of_a_list, [Filter]),
    check!(filter_follows_a_removed_attribute, [Filter]),
    check!(filter_with_many_terms, [Filter]),
    check!(filter_with_deep_nesting, [Filter]),
    check!(filter_by_a_long_value, [Filter]),
    check!(filter_by_composed_and_decomposed_characters, [Filter]),
    check!(filter_does_not_evaluate_its_operand, [Filter]),
];

async fn found(fixture: &Fixture, cx: &Context, filter: &str) -> Result<Vec<ResourceId>, Failure> {
    Ok(ids(&fixture.list(cx, Some(filter)).await?.resources))
}

/// A store that filters at all can do this much, which every identity provider asks for.
async fn filter_by_the_unique_name_is_supported(fixture: &Fixture) -> Verdict {
    fixture.user("anna").await?;
    let wanted = query(&fixture.users, Some(r#"userName eq "anna""#))?;
    match fixture.store.list(&fixture.users, &wanted).await {
        Err(StoreError::UnsupportedFilter { path }) => Err(Failure::new(format!("the store cannot filter by {path}"))),
        page => {
            ensure_eq!(page?.resources.len(), 1, "users of a name");
            Ok(())
        }
    }
}

async fn filter_by_the_unique_name_ignores_case_on_both_sides(fixture: &Fixture) -> Verdict {
    let user = fixture.user("Zoë@Example.com").await?;
    for (operator, operand) in [("eq", "zoë@example.COM"), ("sw", "ZOË@"), ("ew", "EXAMPLE.com"), ("co", "Ë@EX")] {
        let filter = format!(r#"userName {operator} "{operand}""#);
        ensure_eq!(found(fixture, &fixture.users, &filter).await?, [user.id.clone()], "{filter}");
    }
    Ok(())
}

async fn filter_by_id(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(3).await?;
    for user in &users {
        let found = found(fixture, &fixture.users, &format!(r#"id eq "{}""#, user.id)).await?;
        ensure_eq!(found, [user.id.clone()], "resources of one id");
        let others = self::found(fixture, &fixture.users, &format!(r#"id ne "{}""#, user.id)).await?;
        ensure_eq!(others.len(), 2, "resources of other ids");
    }
    Ok(())
}

async fn filter_by_id_and_more(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    fixture.user("bert").await?;
    let right = format!(r#"id eq "{}" and userName eq "anna""#, user.id);
    ensure_eq!(found(fixture, &fixture.users, &right).await?, [user.id.clone()], "{right}");
    let wrong = format!(r#"userName eq "bert" and id eq "{}""#, user.id);
    ensure_eq!(found(fixture, &fixture.users, &wrong).await?, [], "{wrong}");
    Ok(())
}

async fn filter_by_id_is_exact(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    for other in [format!("{} ", user.id), format!("{}x", user.id), String::new()] {
        let found = found(fixture, &fixture.users, &format!(r#"id eq "{other}""#)).await?;
        ensure_eq!(found, [], "resources of the id {other:?}");
    }
    Ok(())
}

async fn filter_by_id_of_another_type(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    let found = found(fixture, &fixture.groups, &format!(r#"id eq "{}""#, user.id)).await?;
    ensure_eq!(found, [], "groups of a user's id");
    Ok(())
}

async fn filter_by_the_id_of_what_was_deleted(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    fixture.store.delete(&fixture.users, &user.id, None).await?;
    for filter in [format!(r#"id eq "{}""#, user.id), r#"userName eq "anna""#.to_owned()] {
        ensure_eq!(found(fixture, &fixture.users, &filter).await?, [], "{filter} after the deletion");
    }
    Ok(())
}

/// The instant as it is written two hours east of Greenwich.
fn two_hours_east(instant: DateTime) -> String {
    let shifted = DateTime::from_micros(instant.as_micros().saturating_add(7_200_000_000)).to_string();
    format!("{}+02:00", shifted.trim_end_matches('Z'))
}

async fn filter_by_created_is_an_instant(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    let created = user.meta.created;
    for written in [created.to_string(), two_hours_east(created)] {
        for (operator, holds) in [("eq", true), ("ge", true), ("le", true), ("gt", false), ("lt", false), ("ne", false)]
        {
            let filter = format!(r#"meta.created {operator} "{written}""#);
            ensure_eq!(!found(fixture, &fixture.users, &filter).await?.is_empty(), holds, "whether {filter} holds");
        }
    }
    let past = found(fixture, &fixture.users, r#"meta.created gt "2001-01-01T00:00:00Z""#).await?;
    ensure_eq!(past.len(), 1, "resources made after 2001");
    Ok(())
}

async fn filter_by_last_modified(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let changed = fixture.put(&fixture.users, &anna.id, serde_json::json!({"userName": "anna", "title": "x"})).await?;
    let filter = format!(r#"meta.lastModified ge "{}" and userName eq "anna""#, changed.meta.last_modified);
    ensure_eq!(found(fixture, &fixture.users, &filter).await?, [anna.id.clone()], "{filter}");
    let filter = format!(r#"meta.lastModified gt "{}""#, changed.meta.last_modified);
    ensure_eq!(found(fixture, &fixture.users, &filter).await?, [], "{filter}");
    Ok(())
}

async fn filter_by_version(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    let has = |user: &Resource| format!(r#"userName eq "anna" and meta.version eq "{}""#, user.meta.version);
    ensure_eq!(found(fixture, &fixture.users, &has(&user)).await?, [user.id.clone()], "resources of a version");
    fixture.put(&fixture.users, &user.id, serde_json::json!({"userName": "anna", "title": "x"})).await?;
    ensure_eq!(found(fixture, &fixture.users, &has(&user)).await?, [], "resources of a version that is past");
    Ok(())
}

async fn filter_follows_an_update(fixture: &Fixture) -> Verdict {
    let user = fixture.create(&fixture.users, serde_json::json!({"userName": "anna", "externalId": "1"})).await?;
    fixture.put(&fixture.users, &user.id, serde_json::json!({"userName": "hannah", "externalId": "2"})).await?;
    for (filter, count) in [
        ("userName eq \"anna\"", 0),
        ("externalId eq \"1\"", 0),
        ("userName eq \"hannah\"", 1),
        ("externalId eq \"2\"", 1),
    ] {
        ensure_eq!(found(fixture, &fixture.users, filter).await?.len(), count, "{filter} after the update");
    }
    Ok(())
}

async fn filter_follows_an_update_of_a_list(fixture: &Fixture) -> Verdict {
    let with = |address: &str| serde_json::json!({"userName": "anna", "emails": [{"value": address, "type": "work"}]});
    let user = fixture.create(&fixture.users, with("old@example.com")).await?;
    fixture.put(&fixture.users, &user.id, with("new@example.com")).await?;
    for (filter, count) in [
        (r#"emails.value eq "old@example.com""#, 0),
        (r#"emails[value eq "old@example.com"]"#, 0),
        (r#"emails.value eq "new@example.com""#, 1),
        (r#"emails[type eq "work" and value eq "new@example.com"]"#, 1),
    ] {
        ensure_eq!(found(fixture, &fixture.users, filter).await?.len(), count, "{filter} after the update");
    }
    Ok(())
}

async fn filter_follows_a_removed_attribute(fixture: &Fixture) -> Verdict {
    let user = fixture.create(&fixture.users, serde_json::json!({"userName": "anna", "displayName": "Anna"})).await?;
    fixture.put(&fixture.users, &user.id, serde_json::json!({"userName": "anna"})).await?;
    ensure_eq!(found(fixture, &fixture.users, r#"displayName eq "Anna""#).await?, [], "by a removed value");
    ensure_eq!(found(fixture, &fixture.users, "displayName pr").await?, [], "by the presence of a removed value");
    Ok(())
}

async fn filter_with_many_terms(fixture: &Fixture) -> Verdict {
    fixture.several_users(3).await?;
    let terms: Vec<String> = (0..250).map(|number| format!(r#"userName eq "user-{number:03}""#)).collect();
    ensure_eq!(found(fixture, &fixture.users, &terms.join(" or ")).await?.len(), 3, "resources of 250 names");
    Ok(())
}

async fn filter_with_deep_nesting(fixture: &Fixture) -> Verdict {
    fixture.several_users(2).await?;
    let mut filter = r#"userName eq "user-001""#.to_owned();
    for level in 0..12 {
        filter = format!(r#"(title eq "{level}" or (userName sw "user" and {filter}))"#);
    }
    ensure_eq!(found(fixture, &fixture.users, &filter).await?.len(), 1, "resources of a nested filter");
    Ok(())
}

async fn filter_by_a_long_value(fixture: &Fixture) -> Verdict {
    let long = "long ".repeat(1_000);
    fixture.create(&fixture.users, serde_json::json!({"userName": "anna", "title": long})).await?;
    ensure_eq!(found(fixture, &fixture.users, &format!(r#"title eq "{long}""#)).await?.len(), 1, "by a long value");
    ensure_eq!(found(fixture, &fixture.users, &format!(r#"title eq "{long}x""#)).await?, [], "by a longer value");
    ensure_eq!(found(fixture, &fixture.users, &format!(r#"title sw "{long}""#)).await?.len(), 1, "by a long beginning");
    Ok(())
}

async fn filter_by_composed_and_decomposed_characters(fixture: &Fixture) -> Verdict {
    for (composed, decomposed) in [("zo\u{eb}", "zoe\u{308}"), ("E\u{301}mile", "\u{c9}mile")] {
        let user = fixture.user(composed).await?;
        for name in [composed, decomposed] {
            let found = found(fixture, &fixture.users, &format!(r#"userName eq "{name}""#)).await?;
            ensure_eq!(found, [user.id.clone()], "users of the name {name:?}");
        }
    }
    Ok(())
}

async fn filter_does_not_evaluate_its_operand(fixture: &Fixture) -> Verdict {
    fixture.user("anna").await?;
    for operand in ["' or '1'='1", "anna'--", "\\\") or (1=1", "$.userName", "?", "$1", ":name", "%s"] {
        let operand = serde_json::Value::String(operand.to_owned());
        for operator in ["eq", "co", "sw", "ew"] {
            let filter = format!("userName {operator} {operand}");
            let page = fixture.store.list(&fixture.users, &query(&fixture.users, Some(&filter))?).await?;
            ensure!(page.resources.is_empty(), "{filter} finds what has another name");
        }
    }
    Ok(())
}
