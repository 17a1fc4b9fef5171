//! Write-only attributes, where a store keeps them (RFC 7643 s7 `writeOnly`).

use serde_json::{json, Map, Value};

use super::check::{check, ensure_eq, ensure_error, Check, Failure, Verdict};
use super::fixture::{attributes, Fixture};
use crate::resource::Resource;
use crate::store::{Fetch, NewResource, StoreError, Update};

/// An extension of users that has write-only attributes.
const EXTENSION: &str = "urn:example:params:scim:schemas:extension:door:1.0:User";

pub(super) const CHECKS: &[Check] = &[
    check!(write_only_attributes_are_kept_by_create, [WriteOnly]),
    check!(write_only_attributes_are_kept_by_update, [WriteOnly]),
    check!(write_only_attributes_that_an_update_does_not_name_stay, [WriteOnly]),
    check!(write_only_attributes_that_are_null_are_removed, [WriteOnly]),
    check!(write_only_attributes_alone_change_no_document, [WriteOnly]),
    check!(write_only_attributes_are_not_changed_by_an_update_that_is_refused, [WriteOnly]),
    check!(write_only_attributes_are_shown_by_no_operation, [WriteOnly]),
    check!(write_only_attributes_go_along_with_a_move, [WriteOnly, Partitions]),
    check!(write_only_attributes_of_an_extension_are_kept, [WriteOnly, CustomTypes]),
];

fn secrets(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Makes a user with write-only attributes.
async fn user_with(fixture: &Fixture, given: Value) -> Result<Resource, Failure> {
    let mut new = NewResource::new(attributes(json!({"userName": "anna"})));
    new.write_only = secrets(given);
    Ok(fixture.store.create(&fixture.users, new).await?)
}

async fn user_with_password(fixture: &Fixture) -> Result<Resource, Failure> {
    user_with(fixture, json!({"password": "first"})).await
}

/// Sets write-only attributes and nothing else.
async fn set(fixture: &Fixture, user: &Resource, value: Value) -> Result<Resource, Failure> {
    let update = Update { write_only: secrets(value), ..Update::default() };
    Ok(fixture.store.update(&fixture.users, &user.id, update).await?)
}

async fn expect(fixture: &Fixture, user: &Resource, expected: Value, when: &str) -> Verdict {
    ensure_eq!(fixture.write_only(&fixture.users, &user.id).await?, expected, "what is kept {when}");
    Ok(())
}

async fn write_only_attributes_are_kept_by_create(fixture: &Fixture) -> Verdict {
    let anna = user_with_password(fixture).await?;
    expect(fixture, &anna, json!({"password": "first"}), "after create").await?;
    let bert = fixture.user("bert").await?;
    expect(fixture, &bert, json!({}), "of a user that came without").await
}

async fn write_only_attributes_are_kept_by_update(fixture: &Fixture) -> Verdict {
    let anna = fixture.user("anna").await?;
    let mut update = Update::document(attributes(json!({"userName": "anna", "title": "Guide"})));
    update.write_only = secrets(json!({"password": "second"}));
    let changed = fixture.store.update(&fixture.users, &anna.id, update).await?;
    ensure_eq!(changed.attributes.string("title"), Some("Guide"), "the title after an update of both");
    expect(fixture, &anna, json!({"password": "second"}), "after an update of both").await?;
    set(fixture, &anna, json!({"password": "third"})).await?;
    expect(fixture, &anna, json!({"password": "third"}), "after an update of them alone").await
}

async fn write_only_attributes_that_an_update_does_not_name_stay(fixture: &Fixture) -> Verdict {
    let anna = user_with_password(fixture).await?;
    fixture.put(&fixture.users, &anna.id, json!({"userName": "anna", "title": "Guide"})).await?;
    expect(fixture, &anna, json!({"password": "first"}), "after an update of the document").await
}

async fn write_only_attributes_that_are_null_are_removed(fixture: &Fixture) -> Verdict {
    let anna = user_with_password(fixture).await?;
    set(fixture, &anna, json!({"password": null})).await?;
    expect(fixture, &anna, json!({}), "after a removal").await
}

async fn write_only_attributes_alone_change_no_document(fixture: &Fixture) -> Verdict {
    let anna = user_with_password(fixture).await?;
    let changed = set(fixture, &anna, json!({"password": "second"})).await?;
    ensure_eq!(changed, anna, "the user after another password");
    ensure_eq!(fixture.read(&fixture.users, &anna.id).await?, anna, "the user that is read after that");
    Ok(())
}

async fn write_only_attributes_are_not_changed_by_an_update_that_is_refused(fixture: &Fixture) -> Verdict {
    let anna = user_with_password(fixture).await?;
    fixture.user("bert").await?;
    let before = fixture.write_only(&fixture.users, &anna.id).await?;
    fixture.put(&fixture.users, &anna.id, json!({"userName": "anna", "title": "Guide"})).await?;
    let stale = Update { write_only: secrets(json!({"password": "x"})), ..Update::default() };
    let result = fixture.store.update(&fixture.users, &anna.id, stale.expecting(anna.meta.version.clone())).await;
    ensure_error!(result, StoreError::VersionMismatch, "a password under a stale version");
    let mut taken = Update::document(attributes(json!({"userName": "bert"})));
    taken.write_only = secrets(json!({"password": "x"}));
    let result = fixture.store.update(&fixture.users, &anna.id, taken).await;
    ensure_error!(result, StoreError::Uniqueness { .. }, "a password with a name that is taken");
    expect(fixture, &anna, before, "after updates that were refused").await
}

async fn write_only_attributes_are_shown_by_no_operation(fixture: &Fixture) -> Verdict {
    let anna = user_with_password(fixture).await?;
    let changed = set(fixture, &anna, json!({"password": "second"})).await?;
    let read = fixture.store.get(&fixture.users, &anna.id, &Fetch::all()).await?;
    let listed = fixture.list(&fixture.users, None).await?.resources;
    for user in [anna, changed].into_iter().chain(read).chain(listed) {
        ensure_eq!(user.attributes, attributes(json!({"userName": "anna"})), "a user with a password");
    }
    Ok(())
}

async fn write_only_attributes_go_along_with_a_move(fixture: &Fixture) -> Verdict {
    let anna = user_with_password(fixture).await?;
    let target = fixture.connection("okta");
    fixture.relocate(&fixture.users, &anna.id, &target).await?;
    let there = fixture.users.within(target);
    let kept = fixture.write_only(&there, &anna.id).await?;
    ensure_eq!(kept, json!({"password": "first"}), "what is kept of a user that was moved");
    let mut back = Update::moving(fixture.users.partition().clone());
    back.write_only = secrets(json!({"password": "second"}));
    fixture.store.update(&there, &anna.id, back).await?;
    expect(fixture, &anna, json!({"password": "second"}), "of a user that was moved with another password").await
}

async fn write_only_attributes_of_an_extension_are_kept(fixture: &Fixture) -> Verdict {
    let given = json!({"password": "first", EXTENSION: {"code": "1234", "pin": "00"}});
    let anna = user_with(fixture, given.clone()).await?;
    expect(fixture, &anna, given, "after create").await?;
    set(fixture, &anna, json!({EXTENSION: {"code": "5678"}})).await?;
    let expected = json!({"password": "first", EXTENSION: {"code": "5678", "pin": "00"}});
    expect(fixture, &anna, expected, "after another code").await?;
    set(fixture, &anna, json!({EXTENSION: {"pin": null}})).await?;
    let expected = json!({"password": "first", EXTENSION: {"code": "5678"}});
    expect(fixture, &anna, expected, "after the removal of the pin").await
}
