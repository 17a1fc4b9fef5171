//! Unique attributes (RFC 7643 s7 `uniqueness`).

use serde_json::{json, Value};

use super::check::{check, ensure_eq, ensure_error, Check, Verdict};
use super::fixture::{attributes, Fixture};
use super::probe::EXTENSION;
use crate::resource::Resource;
use crate::store::{StoreError, Update};

pub(super) const CHECKS: &[Check] = &[
    check!(create_of_a_taken_name_is_refused),
    check!(create_of_a_taken_name_in_another_case_is_refused),
    check!(create_of_a_taken_name_in_another_case_beyond_ascii_is_refused),
    check!(create_of_a_name_that_differs_is_done),
    check!(create_of_a_name_in_other_characters_is_refused),
    check!(create_that_is_refused_leaves_nothing),
    check!(update_to_a_taken_name_is_refused),
    check!(update_to_a_taken_name_changes_nothing),
    check!(update_may_keep_its_own_name),
    check!(update_may_change_the_case_of_its_own_name),
    check!(update_frees_the_old_name),
    check!(delete_frees_the_name),
    check!(names_may_be_swapped_through_a_third),
    check!(uniqueness_names_the_version_mismatch_first),
    check!(group_names_are_unique_without_case, [Groups]),
    check!(users_and_groups_may_have_one_name, [Groups]),
    check!(unique_attributes_compare_with_case_if_the_schema_says_so, [CustomTypes]),
    check!(unique_attributes_may_be_absent_any_number_of_times, [CustomTypes]),
    check!(unique_attributes_of_an_extension_are_unique, [CustomTypes]),
    check!(unique_attributes_that_are_removed_are_free, [CustomTypes]),
];

/// Fails the check unless the result says that this attribute's value is taken.
fn expect_taken(result: Result<Resource, StoreError>, attribute: &str) -> Verdict {
    ensure_error!(
        result,
        StoreError::Uniqueness { attribute: ref named } if named == attribute,
        "a taken value of {attribute}"
    );
    Ok(())
}

fn named(name: &str) -> Value {
    json!({"userName": name})
}

async fn create_of_a_taken_name_is_refused(fixture: &Fixture) -> Verdict {
    fixture.user("anna").await?;
    expect_taken(fixture.user("anna").await, "userName")
}

async fn create_of_a_taken_name_in_another_case_is_refused(fixture: &Fixture) -> Verdict {
    fixture.user("Anna@Example.com").await?;
    expect_taken(fixture.user("anna@EXAMPLE.com").await, "userName")
}

async fn create_of_a_taken_name_in_another_case_beyond_ascii_is_refused(fixture: &Fixture) -> Verdict {
    fixture.user("zoë Ångström ЖУК").await?;
    expect_taken(fixture.user("ZOË ångström жук").await, "userName")
}

async fn create_of_a_name_that_differs_is_done(fixture: &Fixture) -> Verdict {
    for name in ["anna", "anna ", " anna", "ann", "anna%", "ann_", "ànna", "añna", "1", "01", "1.0"] {
        fixture.user(name).await?;
    }
    Ok(())
}

/// RFC 7644 s5: user names are prepared before they are compared, so that two that look the same are the same.
async fn create_of_a_name_in_other_characters_is_refused(fixture: &Fixture) -> Verdict {
    fixture.user("añna@example.com").await?;
    for name in ["an\u{303}na@example.com", "ＡÑＮＡ@example.com", "AN\u{303}NA＠example．com"] {
        expect_taken(fixture.user(name).await, "userName")?;
    }
    Ok(())
}

async fn create_that_is_refused_leaves_nothing(fixture: &Fixture) -> Verdict {
    fixture.user("anna").await?;
    expect_taken(fixture.user("ANNA").await, "userName")?;
    ensure_eq!(fixture.list(&fixture.users, None).await?.total, Some(1), "how many users there are");
    Ok(())
}

async fn update_to_a_taken_name_is_refused(fixture: &Fixture) -> Verdict {
    fixture.user("anna").await?;
    let bert = fixture.user("bert").await?;
    expect_taken(fixture.put(&fixture.users, &bert.id, named("Anna")).await, "userName")
}

async fn update_to_a_taken_name_changes_nothing(fixture: &Fixture) -> Verdict {
    fixture.user("anna").await?;
    let bert = fixture.user("bert").await?;
    let document = json!({"userName": "anna", "title": "Guide", "externalId": "7"});
    expect_taken(fixture.put(&fixture.users, &bert.id, document).await, "userName")?;
    ensure_eq!(fixture.read(&fixture.users, &bert.id).await?, bert, "the user after a refused update");
    Ok(())
}

async fn update_may_keep_its_own_name(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    fixture.put(&fixture.users, &anna.id, json!({"userName": "anna", "title": "Guide"})).await?;
    expect_taken(fixture.user("anna").await, "userName")
}

async fn update_may_change_the_case_of_its_own_name(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let changed = fixture.put(&fixture.users, &anna.id, named("ANNA")).await?;
    ensure_eq!(changed.attributes.string("userName"), Some("ANNA"), "the name after the update");
    expect_taken(fixture.user("anna").await, "userName")
}

async fn update_frees_the_old_name(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    fixture.put(&fixture.users, &anna.id, named("hannah")).await?;
    fixture.user("anna").await?;
    expect_taken(fixture.user("Hannah").await, "userName")
}

async fn delete_frees_the_name(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    fixture.store.delete(&fixture.users, &anna.id, None).await?;
    fixture.user("Anna").await?;
    Ok(())
}

async fn names_may_be_swapped_through_a_third(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    expect_taken(fixture.put(&fixture.users, &anna.id, named("bert")).await, "userName")?;
    fixture.put(&fixture.users, &anna.id, named("nobody")).await?;
    fixture.put(&fixture.users, &bert.id, named("anna")).await?;
    fixture.put(&fixture.users, &anna.id, named("bert")).await?;
    let names = (fixture.read(&fixture.users, &anna.id).await?, fixture.read(&fixture.users, &bert.id).await?);
    let names = (names.0.attributes.string("userName"), names.1.attributes.string("userName"));
    ensure_eq!(names, (Some("bert"), Some("anna")), "the names after the swap");
    Ok(())
}

async fn uniqueness_names_the_version_mismatch_first(fixture: &Fixture) -> Verdict {
    fixture.user("anna").await?;
    let bert = fixture.user("bert").await?;
    fixture.put(&fixture.users, &bert.id, json!({"userName": "bert", "title": "Guide"})).await?;
    let update = Update::document(attributes(named("anna"))).expecting(bert.meta.version);
    let result = fixture.store.update(&fixture.users, &bert.id, update).await;
    ensure_error!(result, StoreError::VersionMismatch, "a stale version and a taken name");
    Ok(())
}

async fn group_names_are_unique_without_case(fixture: &Fixture) -> Verdict {
    fixture.group("Staff", &[]).await?;
    expect_taken(fixture.group("staff", &[]).await, "displayName")?;
    let other = fixture.group("guests", &[]).await?;
    expect_taken(fixture.put(&fixture.groups, &other.id, json!({"displayName": "STAFF"})).await, "displayName")
}

async fn users_and_groups_may_have_one_name(fixture: &Fixture) -> Verdict {
    fixture.group("anna", &[]).await?;
    fixture.create(&fixture.users, json!({"userName": "anna", "displayName": "anna"})).await?;
    fixture.create(&fixture.users, json!({"userName": "bert", "displayName": "anna"})).await?;
    Ok(())
}

async fn unique_attributes_compare_with_case_if_the_schema_says_so(fixture: &Fixture) -> Verdict {
    fixture.create(&fixture.probes, json!({"name": "one", "serial": "A-1"})).await?;
    fixture.create(&fixture.probes, json!({"name": "two", "serial": "a-1"})).await?;
    expect_taken(fixture.create(&fixture.probes, json!({"name": "three", "serial": "A-1"})).await, "serial")
}

async fn unique_attributes_may_be_absent_any_number_of_times(fixture: &Fixture) -> Verdict {
    for name in ["one", "two", "three"] {
        fixture.create(&fixture.probes, json!({"name": name})).await?;
    }
    Ok(())
}

async fn unique_attributes_of_an_extension_are_unique(fixture: &Fixture) -> Verdict {
    let badged = |badge: &str| json!({"name": "one", EXTENSION: {"badge": badge}});
    fixture.create(&fixture.probes, badged("B-7")).await?;
    let result = fixture.create(&fixture.probes, badged("b-7")).await;
    expect_taken(result, &format!("{EXTENSION}:badge"))?;
    fixture.create(&fixture.probes, badged("B-8")).await?;
    Ok(())
}

async fn unique_attributes_that_are_removed_are_free(fixture: &Fixture) -> Verdict {
    let one = fixture.create(&fixture.probes, json!({"name": "one", "serial": "A-1"})).await?;
    fixture.put(&fixture.probes, &one.id, json!({"name": "one"})).await?;
    fixture.create(&fixture.probes, json!({"name": "two", "serial": "A-1"})).await?;
    expect_taken(fixture.put(&fixture.probes, &one.id, json!({"name": "one", "serial": "A-1"})).await, "serial")
}
