//! Changing documents (RFC 7644 s3.5.1, s3.14).

use serde_json::json;

use super::check::{check, ensure, ensure_eq, ensure_error, Check, Verdict};
use super::fixture::{attributes, Fixture};
use crate::resource::{ResourceId, Version};
use crate::store::{StoreError, Update};

pub(super) const CHECKS: &[Check] = &[
    check!(update_replaces_the_document),
    check!(update_returns_what_is_read_afterwards),
    check!(update_removes_what_is_left_out),
    check!(update_keeps_id_and_created),
    check!(update_gives_another_version),
    check!(update_never_gives_a_version_again),
    check!(update_does_not_set_last_modified_back),
    check!(update_that_changes_nothing_keeps_version_and_last_modified),
    check!(update_without_a_document_changes_nothing),
    check!(update_of_one_leaves_the_others),
    check!(update_of_an_unknown_id_is_not_found),
    check!(update_of_an_unknown_id_with_a_version_is_not_found),
    check!(update_of_another_type_is_not_found, [Groups]),
    check!(update_of_what_was_deleted_is_not_found),
    check!(update_with_the_current_version_is_done),
    check!(update_with_a_stale_version_is_refused),
    check!(update_with_a_stale_version_changes_nothing),
    check!(update_with_an_alien_version_is_refused),
    check!(update_that_changes_nothing_still_checks_the_version),
    check!(update_with_the_version_of_another_resource_is_refused),
];

async fn update_replaces_the_document(fixture: &Fixture) -> Verdict {
    let user = fixture.create(&fixture.users, json!({"userName": "anna", "title": "Guide"})).await?;
    let document = json!({"userName": "anna", "title": "Driver", "active": false});
    let changed = fixture.put(&fixture.users, &user.id, document.clone()).await?;
    ensure_eq!(changed.attributes, attributes(document), "the document that update returns");
    Ok(())
}

async fn update_returns_what_is_read_afterwards(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    let changed = fixture.put(&fixture.users, &user.id, json!({"userName": "anna", "title": "Driver"})).await?;
    ensure_eq!(fixture.read(&fixture.users, &user.id).await?, changed, "what is read after update");
    Ok(())
}

async fn update_removes_what_is_left_out(fixture: &Fixture) -> Verdict {
    let document = json!({"userName": "anna", "title": "Guide", "emails": [{"value": "anna@example.com"}]});
    let user = fixture.create(&fixture.users, document).await?;
    fixture.put(&fixture.users, &user.id, json!({"userName": "anna"})).await?;
    let read = fixture.read(&fixture.users, &user.id).await?;
    ensure_eq!(read.attributes, attributes(json!({"userName": "anna"})), "the document after the update");
    Ok(())
}

async fn update_keeps_id_and_created(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    let changed = fixture.put(&fixture.users, &user.id, json!({"userName": "hannah"})).await?;
    ensure_eq!(changed.id, user.id, "the id after an update");
    ensure_eq!(changed.meta.created, user.meta.created, "created after an update");
    Ok(())
}

async fn update_gives_another_version(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    let changed = fixture.put(&fixture.users, &user.id, json!({"userName": "hannah"})).await?;
    ensure!(changed.meta.version != user.meta.version, "the version is the same after a change");
    let read = fixture.read(&fixture.users, &user.id).await?;
    ensure_eq!(read.meta.version, changed.meta.version, "the version that is read after an update");
    Ok(())
}

async fn update_never_gives_a_version_again(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    let mut seen = vec![user.meta.version];
    for round in 0..10 {
        let title = if round % 2 == 0 { "Guide" } else { "Driver" };
        let changed = fixture.put(&fixture.users, &user.id, json!({"userName": "anna", "title": title})).await?;
        ensure!(!seen.contains(&changed.meta.version), "a version came back with the document it had");
        seen.push(changed.meta.version);
    }
    Ok(())
}

async fn update_does_not_set_last_modified_back(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    let changed = fixture.put(&fixture.users, &user.id, json!({"userName": "hannah"})).await?;
    ensure!(changed.meta.last_modified >= user.meta.last_modified, "lastModified went back");
    ensure!(changed.meta.last_modified >= changed.meta.created, "lastModified is before created");
    Ok(())
}

async fn update_that_changes_nothing_keeps_version_and_last_modified(fixture: &Fixture) -> Verdict {
    let document = json!({"userName": "anna", "emails": [{"value": "anna@example.com", "type": "work"}]});
    let user = fixture.create(&fixture.users, document.clone()).await?;
    let same = fixture.put(&fixture.users, &user.id, document).await?;
    ensure_eq!(same, user, "what an update returns that changes nothing");
    ensure_eq!(fixture.read(&fixture.users, &user.id).await?, user, "what is read after it");
    Ok(())
}

async fn update_without_a_document_changes_nothing(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    let same = fixture.store.update(&fixture.users, &user.id, Update::default()).await?;
    ensure_eq!(same, user, "what an empty update returns");
    Ok(())
}

async fn update_of_one_leaves_the_others(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    fixture.put(&fixture.users, &anna.id, json!({"userName": "hannah"})).await?;
    ensure_eq!(fixture.read(&fixture.users, &bert.id).await?, bert, "another user");
    Ok(())
}

async fn update_of_an_unknown_id_is_not_found(fixture: &Fixture) -> Verdict {
    let result = fixture.put(&fixture.users, &ResourceId::random(), json!({"userName": "anna"})).await;
    ensure_error!(result, StoreError::NotFound, "update of an unknown id");
    ensure_eq!(fixture.list(&fixture.users, None).await?.total, Some(0), "how many users there are");
    Ok(())
}

async fn update_of_an_unknown_id_with_a_version_is_not_found(fixture: &Fixture) -> Verdict {
    let version = fixture.user("anna").await?.meta.version;
    let update = Update::document(attributes(json!({"userName": "bert"}))).expecting(version);
    let result = fixture.store.update(&fixture.users, &ResourceId::random(), update).await;
    ensure_error!(result, StoreError::NotFound, "update of an unknown id with a version");
    Ok(())
}

async fn update_of_another_type_is_not_found(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    let result = fixture.put(&fixture.groups, &user.id, json!({"displayName": "staff"})).await;
    ensure_error!(result, StoreError::NotFound, "update of a user as a group");
    ensure_eq!(fixture.read(&fixture.users, &user.id).await?, user, "the user afterwards");
    Ok(())
}

async fn update_of_what_was_deleted_is_not_found(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    fixture.store.delete(&fixture.users, &user.id, None).await?;
    let result = fixture.put(&fixture.users, &user.id, json!({"userName": "anna"})).await;
    ensure_error!(result, StoreError::NotFound, "update of what was deleted");
    Ok(())
}

async fn update_with_the_current_version_is_done(fixture: &Fixture) -> Verdict {
    let mut user = fixture.user("anna").await?;
    for title in ["Guide", "Driver"] {
        let document = attributes(json!({"userName": "anna", "title": title}));
        let update = Update::document(document).expecting(user.meta.version.clone());
        user = fixture.store.update(&fixture.users, &user.id, update).await?;
        ensure_eq!(user.attributes.string("title"), Some(title), "the title after the update");
    }
    Ok(())
}

async fn update_with_a_stale_version_is_refused(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    fixture.put(&fixture.users, &user.id, json!({"userName": "anna", "title": "Guide"})).await?;
    let update = Update::document(attributes(json!({"userName": "anna"}))).expecting(user.meta.version);
    let result = fixture.store.update(&fixture.users, &user.id, update).await;
    ensure_error!(result, StoreError::VersionMismatch, "update with a stale version");
    Ok(())
}

async fn update_with_a_stale_version_changes_nothing(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    let current = fixture.put(&fixture.users, &user.id, json!({"userName": "anna", "title": "Guide"})).await?;
    let update = Update::document(attributes(json!({"userName": "hannah"}))).expecting(user.meta.version);
    let result = fixture.store.update(&fixture.users, &user.id, update).await;
    ensure!(result.is_err(), "an update with a stale version was done");
    ensure_eq!(fixture.read(&fixture.users, &user.id).await?, current, "the user after a refused update");
    fixture.user("hannah").await?;
    Ok(())
}

async fn update_with_an_alien_version_is_refused(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    let longer = format!("{}0", user.meta.version);
    for version in ["", "*", "no-such-version", "-1", "' or 1=1 --", longer.as_str()] {
        let document = attributes(json!({"userName": "hannah"}));
        let update = Update::document(document).expecting(Version::new(version));
        let result = fixture.store.update(&fixture.users, &user.id, update).await;
        ensure_error!(result, StoreError::VersionMismatch, "update with the version {version:?}");
    }
    ensure_eq!(fixture.read(&fixture.users, &user.id).await?, user, "the user after refused updates");
    Ok(())
}

async fn update_that_changes_nothing_still_checks_the_version(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    let current = fixture.put(&fixture.users, &user.id, json!({"userName": "anna", "title": "Guide"})).await?;
    let update = Update::document(current.attributes.clone()).expecting(user.meta.version);
    let result = fixture.store.update(&fixture.users, &user.id, update).await;
    ensure_error!(result, StoreError::VersionMismatch, "an update to the present document with a stale version");
    Ok(())
}

async fn update_with_the_version_of_another_resource_is_refused(fixture: &Fixture) -> Verdict {
    let (anna, bert) = (fixture.user("anna").await?, fixture.user("bert").await?);
    let bert = fixture.put(&fixture.users, &bert.id, json!({"userName": "bert", "title": "Guide"})).await?;
    let update = Update::document(attributes(json!({"userName": "hannah"}))).expecting(bert.meta.version);
    let result = fixture.store.update(&fixture.users, &anna.id, update).await;
    ensure_error!(result, StoreError::VersionMismatch, "update with another resource's version");
    Ok(())
}
