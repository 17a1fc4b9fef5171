//! Deleting resources (RFC 7644 s3.6).

use super::check::{check, ensure, ensure_eq, ensure_error, Check, Verdict};
use super::fixture::{names, Fixture};
use crate::resource::{ResourceId, Version};
use crate::store::StoreError;

pub(super) const CHECKS: &[Check] = &[
    check!(delete_takes_a_resource_away),
    check!(delete_leaves_the_others),
    check!(delete_of_an_unknown_id_is_not_found),
    check!(delete_twice_is_not_found),
    check!(delete_of_another_type_is_not_found, [Groups]),
    check!(delete_with_the_current_version_is_done),
    check!(delete_with_a_stale_version_is_refused),
    check!(delete_with_an_alien_version_is_refused),
    check!(delete_of_an_unknown_id_with_a_version_is_not_found),
    check!(deleted_ids_are_not_given_again),
];

async fn delete_takes_a_resource_away(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    fixture.store.delete(&fixture.users, &user.id, None).await?;
    ensure!(!fixture.exists(&fixture.users, &user.id).await?, "the deleted user can still be read");
    let page = fixture.list(&fixture.users, None).await?;
    ensure!(page.resources.is_empty(), "the deleted user is still listed");
    ensure_eq!(page.total, Some(0), "the total after the deletion");
    Ok(())
}

async fn delete_leaves_the_others(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(3).await?;
    if let Some(user) = users.get(1) {
        fixture.store.delete(&fixture.users, &user.id, None).await?;
    }
    let mut left = names(&fixture.list(&fixture.users, None).await?.resources, "userName");
    left.sort_unstable();
    ensure_eq!(left, ["user-000", "user-002"], "the users that are left");
    Ok(())
}

async fn delete_of_an_unknown_id_is_not_found(fixture: &Fixture) -> Verdict {
    fixture.user("anna").await?;
    let result = fixture.store.delete(&fixture.users, &ResourceId::random(), None).await;
    ensure_error!(result, StoreError::NotFound, "delete of an unknown id");
    ensure_eq!(fixture.list(&fixture.users, None).await?.total, Some(1), "how many users there are");
    Ok(())
}

async fn delete_twice_is_not_found(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    fixture.store.delete(&fixture.users, &user.id, None).await?;
    let result = fixture.store.delete(&fixture.users, &user.id, None).await;
    ensure_error!(result, StoreError::NotFound, "the second delete");
    Ok(())
}

async fn delete_of_another_type_is_not_found(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    let result = fixture.store.delete(&fixture.groups, &user.id, None).await;
    ensure_error!(result, StoreError::NotFound, "delete of a user as a group");
    ensure!(fixture.exists(&fixture.users, &user.id).await?, "the user was deleted as a group");
    Ok(())
}

async fn delete_with_the_current_version_is_done(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    fixture.store.delete(&fixture.users, &user.id, Some(&user.meta.version)).await?;
    ensure!(!fixture.exists(&fixture.users, &user.id).await?, "the deleted user can still be read");
    Ok(())
}

async fn delete_with_a_stale_version_is_refused(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    let document = serde_json::json!({"userName": "anna", "title": "Guide"});
    let current = fixture.put(&fixture.users, &user.id, document).await?;
    let result = fixture.store.delete(&fixture.users, &user.id, Some(&user.meta.version)).await;
    ensure_error!(result, StoreError::VersionMismatch, "delete with a stale version");
    ensure_eq!(fixture.read(&fixture.users, &user.id).await?, current, "the user after a refused delete");
    Ok(())
}

async fn delete_with_an_alien_version_is_refused(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    for version in ["", "*", "no-such-version"] {
        let result = fixture.store.delete(&fixture.users, &user.id, Some(&Version::new(version))).await;
        ensure_error!(result, StoreError::VersionMismatch, "delete with the version {version:?}");
    }
    ensure!(fixture.exists(&fixture.users, &user.id).await?, "the user was deleted");
    Ok(())
}

async fn delete_of_an_unknown_id_with_a_version_is_not_found(fixture: &Fixture) -> Verdict {
    let version = fixture.user("anna").await?.meta.version;
    let result = fixture.store.delete(&fixture.users, &ResourceId::random(), Some(&version)).await;
    ensure_error!(result, StoreError::NotFound, "delete of an unknown id with a version");
    Ok(())
}

async fn deleted_ids_are_not_given_again(fixture: &Fixture) -> Verdict {
    let mut seen = Vec::new();
    for _ in 0..5 {
        let user = fixture.user("anna").await?;
        ensure!(!seen.contains(&user.id), "the id {} was given again after its resource was deleted", user.id);
        fixture.store.delete(&fixture.users, &user.id, None).await?;
        ensure!(!fixture.exists(&fixture.users, &user.id).await?, "the deleted user can still be read");
        seen.push(user.id);
    }
    Ok(())
}
