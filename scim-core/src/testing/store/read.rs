//! Reading one resource (RFC 7644 s3.4.1).

use serde_json::json;

use super::check::{check, ensure_eq, Check, Verdict};
use super::fixture::Fixture;
use crate::resource::ResourceId;
use crate::store::Fetch;

pub(super) const CHECKS: &[Check] = &[
    check!(get_of_an_unknown_id_is_none),
    check!(get_of_an_id_of_another_form_is_none),
    check!(get_of_another_type_is_none, [Groups]),
    check!(get_is_the_same_each_time),
    check!(get_is_exact_about_the_id),
];

async fn get_of_an_unknown_id_is_none(fixture: &Fixture) -> Verdict {
    fixture.user("anna").await?;
    let found = fixture.store.get(&fixture.users, &ResourceId::random(), &Fetch::all()).await?;
    ensure_eq!(found, None, "a resource of an unknown id");
    Ok(())
}

async fn get_of_an_id_of_another_form_is_none(fixture: &Fixture) -> Verdict {
    fixture.user("anna").await?;
    for id in ["", "x", "0", "-1", "99999999999999999999999", "é", "' or 1=1 --", "%", "a/b", &"long".repeat(1_000)] {
        let found = fixture.store.get(&fixture.users, &ResourceId::new(id), &Fetch::all()).await?;
        ensure_eq!(found, None, "a resource of the id {:.20}", id);
    }
    Ok(())
}

async fn get_of_another_type_is_none(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    let group = fixture.group("staff", &[]).await?;
    ensure_eq!(fixture.exists(&fixture.groups, &user.id).await?, false, "whether there is a group of a user's id");
    ensure_eq!(fixture.exists(&fixture.users, &group.id).await?, false, "whether there is a user of a group's id");
    Ok(())
}

async fn get_is_the_same_each_time(fixture: &Fixture) -> Verdict {
    let made = fixture.create(&fixture.users, json!({"userName": "anna", "title": "Guide"})).await?;
    let first = fixture.read(&fixture.users, &made.id).await?;
    let second = fixture.read(&fixture.users, &made.id).await?;
    ensure_eq!(first, second, "what is read twice");
    Ok(())
}

async fn get_is_exact_about_the_id(fixture: &Fixture) -> Verdict {
    let user = fixture.user("anna").await?;
    for id in [format!("{} ", user.id), format!(" {}", user.id), format!("{}x", user.id)] {
        ensure_eq!(fixture.exists(&fixture.users, &ResourceId::new(&*id)).await?, false, "whether there is {id:?}");
    }
    Ok(())
}
