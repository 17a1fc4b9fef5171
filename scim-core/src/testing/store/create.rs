//! Making resources (RFC 7644 s3.3).

use std::collections::HashSet;

use serde_json::json;

use super::check::{check, ensure, ensure_eq, Check, Verdict};
use super::fixture::{attributes, Fixture};
use crate::store::NewResource;

pub(super) const CHECKS: &[Check] = &[
    check!(create_returns_the_document),
    check!(create_returns_what_is_read_afterwards),
    check!(create_gives_an_id),
    check!(create_gives_distinct_ids),
    check!(create_sets_created_and_last_modified),
    check!(create_gives_a_version),
    check!(create_keeps_the_external_id),
    check!(create_keeps_extensions),
    check!(create_allows_equal_documents_but_for_what_is_unique),
    check!(write_only_attributes_are_never_read_back),
];

async fn create_returns_the_document(fixture: &Fixture) -> Verdict {
    let document = json!({
        "userName": "anna", "active": true, "name": {"familyName": "Ahn"},
        "emails": [{"value": "anna@example.com", "type": "work", "primary": true}],
    });
    let made = fixture.create(&fixture.users, document.clone()).await?;
    ensure_eq!(made.attributes, attributes(document), "the document that create returns");
    ensure!(!made.members_left_out, "members are said to be left out of a user");
    Ok(())
}

async fn create_returns_what_is_read_afterwards(fixture: &Fixture) -> Verdict {
    let made = fixture.create(&fixture.users, json!({"userName": "anna", "title": "Guide"})).await?;
    ensure_eq!(fixture.read(&fixture.users, &made.id).await?, made, "what is read after create");
    Ok(())
}

async fn create_gives_an_id(fixture: &Fixture) -> Verdict {
    let made = fixture.user("anna").await?;
    let id = made.id.as_str();
    ensure!(!id.is_empty(), "the id is empty");
    ensure!(id != "bulkId" && !id.contains('/'), "the id {id:?} cannot stand in a URL or is reserved (RFC 7643 s3.1)");
    Ok(())
}

async fn create_gives_distinct_ids(fixture: &Fixture) -> Verdict {
    let ids: HashSet<_> = fixture.several_users(20).await?.into_iter().map(|user| user.id).collect();
    ensure_eq!(ids.len(), 20, "the number of distinct ids of 20 users");
    Ok(())
}

async fn create_sets_created_and_last_modified(fixture: &Fixture) -> Verdict {
    let meta = fixture.user("anna").await?.meta;
    ensure_eq!(meta.last_modified, meta.created, "lastModified of a new resource");
    Ok(())
}

async fn create_gives_a_version(fixture: &Fixture) -> Verdict {
    let version = fixture.user("anna").await?.meta.version;
    ensure!(!version.as_str().is_empty(), "the version is empty");
    let plain = version.as_str().chars().all(|character| character.is_ascii_graphic() && character != '"');
    ensure!(plain, "the version {version:?} cannot stand in an entity tag (RFC 9110 s8.8.3)");
    Ok(())
}

async fn create_keeps_the_external_id(fixture: &Fixture) -> Verdict {
    let made = fixture.create(&fixture.users, json!({"userName": "anna", "externalId": "Ext-1"})).await?;
    let read = fixture.read(&fixture.users, &made.id).await?;
    ensure_eq!(read.external_id(), Some("Ext-1"), "the externalId");
    Ok(())
}

async fn create_keeps_extensions(fixture: &Fixture) -> Verdict {
    let extension = json!({"department": "Sales", "manager": {"value": "26118915"}});
    let document = json!({"userName": "anna", crate::schema::ENTERPRISE_USER: extension});
    let made = fixture.create(&fixture.users, document.clone()).await?;
    let read = fixture.read(&fixture.users, &made.id).await?;
    ensure_eq!(read.attributes, attributes(document), "a document with an extension");
    Ok(())
}

async fn create_allows_equal_documents_but_for_what_is_unique(fixture: &Fixture) -> Verdict {
    let twin = |name: &str| json!({"userName": name, "externalId": "1", "emails": [{"value": "both@example.com"}]});
    let anna = fixture.create(&fixture.users, twin("anna")).await?;
    let bert = fixture.create(&fixture.users, twin("bert")).await?;
    ensure!(anna.id != bert.id, "two resources have one id");
    Ok(())
}

async fn write_only_attributes_are_never_read_back(fixture: &Fixture) -> Verdict {
    let mut new = NewResource::new(attributes(json!({"userName": "anna"})));
    new.write_only.insert("password".to_owned(), json!("secret"));
    let made = fixture.store.create(&fixture.users, new).await?;
    ensure_eq!(made.attributes.get("password"), None, "the password that create returns");
    let read = fixture.read(&fixture.users, &made.id).await?;
    ensure_eq!(read.attributes.get("password"), None, "the password that get returns");
    Ok(())
}
