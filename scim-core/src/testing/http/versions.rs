//! Versions and conditions: RFC 7644 s3.14, RFC 9110 s13.1.

use serde_json::json;

use super::check::{check, ensure, ensure_eq, patch_body, Answer, Check, Failure, Session, Verdict};

pub(super) const CHECKS: &[Check] = &[
    check!(rfc7644_s3_14_if_none_match_of_the_current_version_is_304),
    check!(rfc7644_s3_14_if_none_match_of_another_version_is_200),
    check!(rfc9110_s13_1_2_if_none_match_of_anything_is_304),
    check!(rfc9110_s8_8_3_2_entity_tags_compare_weakly),
    check!(rfc9110_s13_1_2_one_of_several_entity_tags),
    check!(rfc7644_s3_14_head_with_if_none_match),
    check!(rfc7644_s3_14_if_match_of_the_current_version_lets_writes_happen),
    check!(rfc7644_s3_14_if_match_of_another_version_is_412_and_changes_nothing),
    check!(rfc9110_s13_1_1_if_match_of_anything_is_met_by_what_is_there),
    check!(rfc9110_s13_1_1_one_of_several_entity_tags),
    check!(rfc9110_s13_1_2_if_none_match_of_anything_keeps_writes_from_happening),
    check!(a_malformed_if_match_matches_nothing),
    check!(an_unknown_id_is_404_whatever_the_condition),
    check!(of_two_writers_with_one_version_one_wins),
];

/// A user and its path.
async fn user(session: &Session) -> Result<(Answer, String), Failure> {
    let made = session.user(json!({"title": "Guide"})).await?;
    let path = session.path_of(&made.json)?;
    Ok((made, path))
}

/// Reads under a condition.
async fn read_if_none_match(session: &Session, path: &str, tag: &str) -> Result<Answer, Failure> {
    session.request("GET", path, &[("if-none-match", tag)], None).await
}

/// An entity tag as text without `W/`.
fn strong(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

async fn rfc7644_s3_14_if_none_match_of_the_current_version_is_304(session: &Session) -> Verdict {
    let (made, path) = user(session).await?;
    let answer = read_if_none_match(session, &path, made.etag()?).await?.expect(304)?;
    ensure!(answer.body.is_empty(), "304 has a body");
    ensure_eq!(answer.etag()?, made.etag()?, "the ETag of 304");
    Ok(())
}

async fn rfc7644_s3_14_if_none_match_of_another_version_is_200(session: &Session) -> Verdict {
    let (_, path) = user(session).await?;
    for tag in ["W/\"other\"", "\"other\"", "W/\"\""] {
        let answer = read_if_none_match(session, &path, tag).await?.expect(200)?;
        ensure_eq!(answer.json["title"], json!("Guide"), "title");
    }
    Ok(())
}

async fn rfc9110_s13_1_2_if_none_match_of_anything_is_304(session: &Session) -> Verdict {
    let (_, path) = user(session).await?;
    read_if_none_match(session, &path, "*").await?.expect(304)?;
    Ok(())
}

async fn rfc9110_s8_8_3_2_entity_tags_compare_weakly(session: &Session) -> Verdict {
    let (made, path) = user(session).await?;
    let strong = strong(made.etag()?);
    read_if_none_match(session, &path, strong).await?.expect(304)?;
    read_if_none_match(session, &path, &format!("W/{strong}")).await?.expect(304)?;
    Ok(())
}

async fn rfc9110_s13_1_2_one_of_several_entity_tags(session: &Session) -> Verdict {
    let (made, path) = user(session).await?;
    let list = format!("\"a, b\", W/\"c\" ,{},\"d\"", made.etag()?);
    read_if_none_match(session, &path, &list).await?.expect(304)?;
    read_if_none_match(session, &path, "\"a\", W/\"b\"").await?.expect(200)?;
    Ok(())
}

async fn rfc7644_s3_14_head_with_if_none_match(session: &Session) -> Verdict {
    let (made, path) = user(session).await?;
    session.request("HEAD", &path, &[("if-none-match", made.etag()?)], None).await?.expect(304)?;
    Ok(())
}

/// A PUT, a PATCH and a DELETE under a condition, in this order, each with the statuses that are fine.
async fn write_all(session: &Session, path: &str, header: &str, tag: &str) -> Result<[Answer; 3], Failure> {
    let condition = [(header, tag)];
    let body = session.user_body(json!({"title": "Driver"}));
    let put = session.request("PUT", path, &condition, Some(&body)).await?;
    let operations = patch_body(&json!([{"op": "replace", "path": "title", "value": "Pilot"}]));
    let patch = session.request("PATCH", path, &condition, Some(&operations)).await?;
    let delete = session.request("DELETE", path, &condition, None).await?;
    Ok([put, patch, delete])
}

async fn rfc7644_s3_14_if_match_of_the_current_version_lets_writes_happen(session: &Session) -> Verdict {
    let (made, path) = user(session).await?;
    let body = session.user_body(json!({"title": "Driver"}));
    let put = session.request("PUT", &path, &[("if-match", made.etag()?)], Some(&body)).await?.expect(200)?;
    let operations = patch_body(&json!([{"op": "replace", "path": "title", "value": "Pilot"}]));
    let patch = session.request("PATCH", &path, &[("if-match", put.etag()?)], Some(&operations)).await?.expect(200)?;
    session.request("DELETE", &path, &[("if-match", patch.etag()?)], None).await?.expect(204)?;
    session.get(&path).await?.is_error(404, "")
}

async fn rfc7644_s3_14_if_match_of_another_version_is_412_and_changes_nothing(session: &Session) -> Verdict {
    let (made, path) = user(session).await?;
    for answer in write_all(session, &path, "if-match", "W/\"other\"").await? {
        answer.is_error(412, "")?;
    }
    ensure_eq!(session.get(&path).await?.expect(200)?.json, made.json, "the user");
    Ok(())
}

async fn rfc9110_s13_1_1_if_match_of_anything_is_met_by_what_is_there(session: &Session) -> Verdict {
    let (_, path) = user(session).await?;
    let [put, patch, delete] = write_all(session, &path, "if-match", "*").await?;
    put.expect(200)?;
    patch.expect(200)?;
    delete.expect(204)?;
    Ok(())
}

async fn rfc9110_s13_1_1_one_of_several_entity_tags(session: &Session) -> Verdict {
    let (made, path) = user(session).await?;
    let list = format!("\"other\", {}", strong(made.etag()?));
    let body = session.user_body(json!({}));
    session.request("PUT", &path, &[("if-match", &list)], Some(&body)).await?.expect(200)?;
    Ok(())
}

async fn rfc9110_s13_1_2_if_none_match_of_anything_keeps_writes_from_happening(session: &Session) -> Verdict {
    let (made, path) = user(session).await?;
    for answer in write_all(session, &path, "if-none-match", "*").await? {
        answer.is_error(412, "")?;
    }
    ensure_eq!(session.get(&path).await?.expect(200)?.json, made.json, "the user");
    Ok(())
}

async fn a_malformed_if_match_matches_nothing(session: &Session) -> Verdict {
    let (made, path) = user(session).await?;
    for tag in ["", ",", "W/", "\"", "W/\"never ends"] {
        let body = session.user_body(json!({"title": "Driver"}));
        session.request("PUT", &path, &[("if-match", tag)], Some(&body)).await?.is_error(412, "")?;
    }
    ensure_eq!(session.get(&path).await?.expect(200)?.json, made.json, "the user");
    Ok(())
}

async fn an_unknown_id_is_404_whatever_the_condition(session: &Session) -> Verdict {
    let path = format!("/Users/{}", session.name("no-such-id"));
    for tag in ["*", "W/\"1\""] {
        for answer in write_all(session, &path, "if-match", tag).await? {
            answer.is_error(404, "")?;
        }
    }
    read_if_none_match(session, &path, "*").await?.is_error(404, "")
}

async fn of_two_writers_with_one_version_one_wins(session: &Session) -> Verdict {
    let (made, path) = user(session).await?;
    let condition = [("if-match", made.etag()?)];
    let first = session.user_body(json!({"title": "first"}));
    let second = session.user_body(json!({"title": "second"}));
    session.request("PUT", &path, &condition, Some(&first)).await?.expect(200)?;
    session.request("PUT", &path, &condition, Some(&second)).await?.is_error(412, "")?;
    ensure_eq!(session.get(&path).await?.json["title"], json!("first"), "title");
    Ok(())
}
