//! Deleting resources: RFC 7644 s3.6.

use serde_json::{json, Value};

use super::check::{check, ensure, ensure_eq, Check, Session, Verdict};

pub(super) const CHECKS: &[Check] = &[
    check!(rfc7644_s3_6_delete_answers_204_without_a_body),
    check!(rfc7644_s3_6_what_was_deleted_is_404_for_every_method),
    check!(rfc7644_s3_6_what_was_deleted_is_in_no_list, [Filter]),
    check!(rfc7644_s3_6_the_name_of_a_deleted_user_is_free),
    check!(rfc7644_s3_6_an_unknown_id_is_404),
    check!(rfc7644_s3_6_others_stay),
    check!(a_deleted_member_leaves_its_groups, [Groups]),
    check!(a_deleted_group_leaves_its_members, [Groups]),
];

async fn rfc7644_s3_6_delete_answers_204_without_a_body(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    let answer = session.delete(&path).await?.expect(204)?;
    ensure!(answer.body.is_empty(), "the answer has a body");
    ensure_eq!(answer.header("content-type"), None, "the content type of no body");
    Ok(())
}

async fn rfc7644_s3_6_what_was_deleted_is_404_for_every_method(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    session.delete(&path).await?.expect(204)?;
    session.get(&path).await?.is_error(404, "")?;
    session.delete(&path).await?.is_error(404, "")?;
    session.put(&path, &session.user_body(json!({}))).await?.is_error(404, "")?;
    let operations = json!([{"op": "replace", "path": "title", "value": "Guide"}]);
    session.patch(&path, &operations).await?.is_error(404, "")
}

async fn rfc7644_s3_6_what_was_deleted_is_in_no_list(session: &Session) -> Verdict {
    let (kept, gone) = (session.user(json!({})).await?, session.user(json!({})).await?);
    session.delete(&session.path_of(&gone.json)?).await?.expect(204)?;
    let found = session.users_where("id pr").await?;
    ensure_eq!(found.ids()?, [kept.id()?], "the users");
    ensure_eq!(found.total()?, 1, "totalResults");
    Ok(())
}

async fn rfc7644_s3_6_the_name_of_a_deleted_user_is_free(session: &Session) -> Verdict {
    let body = session.user_body(json!({}));
    let first = session.post("/Users", &body).await?.expect(201)?;
    session.delete(&session.path_of(&first.json)?).await?.expect(204)?;
    let second = session.post("/Users", &body).await?.expect(201)?;
    ensure!(first.id()? != second.id()?, "an id is used again");
    Ok(())
}

async fn rfc7644_s3_6_an_unknown_id_is_404(session: &Session) -> Verdict {
    session.delete(&format!("/Users/{}", session.name("no-such-id"))).await?.is_error(404, "")
}

async fn rfc7644_s3_6_others_stay(session: &Session) -> Verdict {
    let (kept, gone) = (session.user(json!({"title": "kept"})).await?, session.user(json!({})).await?);
    session.delete(&session.path_of(&gone.json)?).await?.expect(204)?;
    ensure_eq!(session.get(&session.path_of(&kept.json)?).await?.expect(200)?.json, kept.json, "another user");
    Ok(())
}

async fn a_deleted_member_leaves_its_groups(session: &Session) -> Verdict {
    let (kept, gone) = (session.user(json!({})).await?, session.user(json!({})).await?);
    let group = session.group(&[kept.id()?, gone.id()?]).await?;
    session.delete(&session.path_of(&gone.json)?).await?.expect(204)?;
    let read = session.get(&session.path_of(&group.json)?).await?.expect(200)?;
    let values: Vec<&Value> = read.json["members"].as_array().into_iter().flatten().map(|m| &m["value"]).collect();
    ensure_eq!(values, [&json!(kept.id()?)], "the members");
    ensure!(read.etag()? != group.etag()?, "the group has the version it had with the member");
    Ok(())
}

async fn a_deleted_group_leaves_its_members(session: &Session) -> Verdict {
    let user = session.user(json!({})).await?;
    let group = session.group(&[user.id()?]).await?;
    session.delete(&session.path_of(&group.json)?).await?.expect(204)?;
    let read = session.get(&session.path_of(&user.json)?).await?.expect(200)?;
    ensure_eq!(read.json["groups"], Value::Null, "the groups of a member of a deleted group");
    Ok(())
}
