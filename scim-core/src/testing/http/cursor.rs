//! Pages by cursor: RFC 9865.

use serde_json::{json, Value};

use super::check::{check, ensure, ensure_eq, Answer, Check, Failure, Session, Verdict};

pub(super) const CHECKS: &[Check] = &[
    check!(rfc9865_s2_an_empty_cursor_begins, [Cursor, Filter]),
    check!(rfc9865_s2_a_walk_returns_everything_once, [Cursor, Filter]),
    check!(rfc9865_s2_the_last_page_has_no_next_cursor, [Cursor, Filter]),
    check!(rfc9865_s2_the_first_page_has_no_previous_cursor, [Cursor, Filter]),
    check!(rfc9865_s2_a_walk_of_one_page_knows_its_total, [Cursor, Filter]),
    check!(rfc9865_s2_a_count_of_0_gives_the_total, [Cursor, Filter]),
    check!(rfc9865_s2_a_walk_of_one_page_on_the_root_knows_its_total, [Cursor, Filter, Groups]),
    check!(rfc9865_s2_a_count_of_0_on_the_root_gives_the_total, [Cursor, Filter, Groups]),
    check!(rfc9865_s2_a_previous_cursor_leads_back, [Cursor, Filter]),
    check!(rfc9865_s2_cursors_are_safe_in_urls_and_tell_nothing, [Cursor, Filter]),
    check!(rfc9865_s2_2_a_walk_in_order, [Cursor, Filter, Sort]),
    check!(rfc9865_s2_a_walk_while_others_write, [Cursor, Filter]),
    check!(rfc9865_s2_1_a_forged_cursor_is_invalid_cursor, [Cursor]),
    check!(rfc9865_s2_1_a_cursor_of_another_query_is_invalid_cursor, [Cursor, Filter]),
    check!(rfc9865_s2_1_a_cursor_of_another_endpoint_is_invalid_cursor, [Cursor, Groups]),
    check!(rfc9865_s5_2_a_cursor_of_another_tenant_is_invalid_cursor, [Cursor, Filter, Tenants]),
    check!(rfc9865_s2_1_another_count_is_invalid_count, [Cursor, Filter]),
    check!(a_page_has_a_cursor_or_a_start_index, [Cursor]),
    check!(rfc9865_s2_4_index_is_the_default, [Filter]),
    check!(rfc9865_s3_cursors_by_post, [Cursor, Filter]),
    check!(rfc9865_s3_cursors_on_the_root, [Cursor, Filter, Groups]),
    check!(rfc9865_s4_pagination_is_advertised, [Cursor]),
];

/// Makes so many users and returns their ids, sorted.
async fn users(session: &Session, count: usize) -> Result<Vec<String>, Failure> {
    let mut ids = Vec::new();
    for number in 0..count {
        let title = format!("t{}", number % 3);
        ids.push(session.user(json!({ "title": title })).await?.id()?.to_owned());
    }
    ids.sort_unstable();
    Ok(ids)
}

/// The page of the users of this check at a cursor.
async fn page(session: &Session, cursor: &str, more: &[(&str, &str)]) -> Result<Answer, Failure> {
    let filter = format!("userName co \"{}\"", session.marker);
    let mut parameters = vec![("filter", filter.as_str()), ("cursor", cursor), ("count", "2")];
    parameters.extend(more);
    let answer = session.query("/Users", &parameters).await?.expect(200)?;
    answer.page()?;
    Ok(answer)
}

/// The cursor of the page that follows.
fn next(answer: &Answer) -> Option<&str> {
    answer.json["nextCursor"].as_str()
}

/// Goes from page to page to the end, and returns the resources in their order.
async fn walk(session: &Session, more: &[(&str, &str)]) -> Result<Vec<Value>, Failure> {
    let mut seen = Vec::new();
    let mut cursor = String::new();
    for _ in 0..100 {
        let answer = page(session, &cursor, more).await?;
        seen.extend(answer.page()?.iter().cloned());
        match next(&answer) {
            Some(next) => cursor = next.to_owned(),
            None => return Ok(seen),
        }
    }
    Err(Failure::new("the walk by cursor does not end"))
}

fn ids_of(resources: &[Value]) -> Vec<&str> {
    let mut ids: Vec<&str> = resources.iter().map(|resource| resource["id"].as_str().unwrap_or_default()).collect();
    ids.sort_unstable();
    ids
}

async fn rfc9865_s2_an_empty_cursor_begins(session: &Session) -> Verdict {
    users(session, 3).await?;
    let answer = page(session, "", &[]).await?;
    ensure_eq!(answer.page()?.len(), 2, "the number of resources on the first page");
    ensure_eq!(answer.json["startIndex"], Value::Null, "startIndex of a page by cursor");
    ensure!(next(&answer).is_some(), "the first page has no nextCursor");
    session.get("/Users?cursor&count=1").await?.expect(200)?;
    Ok(())
}

async fn rfc9865_s2_a_walk_returns_everything_once(session: &Session) -> Verdict {
    let all = users(session, 7).await?;
    let seen = walk(session, &[]).await?;
    ensure_eq!(ids_of(&seen), all, "the users of a walk");
    Ok(())
}

async fn rfc9865_s2_the_last_page_has_no_next_cursor(session: &Session) -> Verdict {
    users(session, 4).await?;
    let first = page(session, "", &[]).await?;
    let last = page(session, next(&first).unwrap_or_default(), &[]).await?;
    ensure_eq!(last.page()?.len(), 2, "the number of resources on the last page");
    ensure_eq!(next(&last), None, "the nextCursor of the last page");
    let only = page(session, "", &[("sortOrder", "ascending"), ("attributes", "id")]).await?;
    ensure!(next(&only).is_some(), "a first page of two has no nextCursor");
    Ok(())
}

async fn rfc9865_s2_the_first_page_has_no_previous_cursor(session: &Session) -> Verdict {
    users(session, 3).await?;
    ensure_eq!(page(session, "", &[]).await?.json["previousCursor"], Value::Null, "previousCursor");
    Ok(())
}

async fn rfc9865_s2_a_walk_of_one_page_knows_its_total(session: &Session) -> Verdict {
    is_whole(&page(session, "", &[]).await?, 0)?;
    users(session, 2).await?;
    is_whole(&page(session, "", &[]).await?, 2)?;
    is_whole(&page(session, "", &[("sortBy", "title")]).await?, 2)
}

async fn rfc9865_s2_a_count_of_0_gives_the_total(session: &Session) -> Verdict {
    let filter = format!("userName co \"{}\"", session.marker);
    tells_the_total(session, "/Users", &filter, 0).await?;
    users(session, 3).await?;
    tells_the_total(session, "/Users", &filter, 3).await
}

async fn rfc9865_s2_a_walk_of_one_page_on_the_root_knows_its_total(session: &Session) -> Verdict {
    let filter = of_both_types(session);
    let parameters = [("filter", filter.as_str()), ("cursor", ""), ("count", "2")];
    is_whole(&session.query("/", &parameters).await?.expect(200)?, 0)?;
    users(session, 2).await?;
    is_whole(&session.query("/", &parameters).await?.expect(200)?, 2)?;
    session.group(&[]).await?;
    let first = session.query("/", &parameters).await?.expect(200)?;
    let parameters = [("filter", filter.as_str()), ("cursor", next(&first).unwrap_or_default()), ("count", "2")];
    let last = session.query("/", &parameters).await?.expect(200)?;
    ensure_eq!((last.page()?.len(), next(&last)), (1, None), "the resources and the nextCursor of the last page");
    Ok(())
}

async fn rfc9865_s2_a_count_of_0_on_the_root_gives_the_total(session: &Session) -> Verdict {
    let filter = of_both_types(session);
    tells_the_total(session, "/", &filter, 0).await?;
    users(session, 2).await?;
    session.group(&[]).await?;
    tells_the_total(session, "/", &filter, 3).await
}

/// A filter on the users and groups of this check.
fn of_both_types(session: &Session) -> String {
    let marker = &session.marker;
    format!("userName co \"{marker}\" or displayName co \"{marker}\"")
}

/// Whether an answer is a first page and the last one as well (RFC 7644 s3.4.2, RFC 9865 s2).
fn is_whole(answer: &Answer, count: usize) -> Verdict {
    ensure_eq!(
        (answer.page()?.len(), answer.total()?),
        (count, count),
        "the resources and totalResults of the only page"
    );
    ensure_eq!(next(answer), None, "the nextCursor of the only page");
    Ok(())
}

/// Whether a query by cursor without resources tells how many there are, and that they are left.
async fn tells_the_total(session: &Session, path: &str, filter: &str, total: usize) -> Verdict {
    let mut cursor = String::new();
    for _ in 0..2 {
        let parameters = [("filter", filter), ("cursor", &cursor), ("count", "0")];
        let answer = session.query(path, &parameters).await?.expect(200)?;
        ensure_eq!((answer.page()?.len(), answer.total()?), (0, total), "the resources and totalResults of count=0");
        ensure_eq!(next(&answer).is_some(), total > 0, "whether there is a nextCursor for count=0");
        cursor = next(&answer).unwrap_or_default().to_owned();
    }
    Ok(())
}

async fn rfc9865_s2_a_previous_cursor_leads_back(session: &Session) -> Verdict {
    users(session, 5).await?;
    let first = page(session, "", &[]).await?;
    let second = page(session, next(&first).unwrap_or_default(), &[]).await?;
    let Some(previous) = second.json["previousCursor"].as_str() else {
        return Err(Failure::Unsupported("the server has no previousCursor".to_owned()));
    };
    ensure_eq!(page(session, previous, &[]).await?.strings("id")?, first.strings("id")?, "the page before");
    Ok(())
}

async fn rfc9865_s2_cursors_are_safe_in_urls_and_tell_nothing(session: &Session) -> Verdict {
    users(session, 3).await?;
    let first = page(session, "", &[]).await?;
    let cursor = next(&first).unwrap_or_default();
    let unreserved = cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    ensure!(unreserved && !cursor.is_empty(), "the cursor {cursor:?} has to be encoded in a URL");
    ensure!(!cursor.contains(&session.marker), "the cursor {cursor:?} holds a name");
    Ok(())
}

async fn rfc9865_s2_2_a_walk_in_order(session: &Session) -> Verdict {
    let all = users(session, 7).await?;
    for order in ["ascending", "descending"] {
        let seen = walk(session, &[("sortBy", "title"), ("sortOrder", order)]).await?;
        ensure_eq!(ids_of(&seen), all, "the users of a walk, {order}");
        let titles: Vec<&str> = seen.iter().map(|user| user["title"].as_str().unwrap_or_default()).collect();
        let mut sorted = titles.clone();
        sorted.sort_unstable();
        if order == "descending" {
            sorted.reverse();
        }
        ensure_eq!(titles, sorted, "the titles, {order}");
    }
    Ok(())
}

async fn rfc9865_s2_a_walk_while_others_write(session: &Session) -> Verdict {
    let all = users(session, 8).await?;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    let mut deleted = Vec::new();
    for _ in 0..100 {
        let answer = page(session, &cursor, &[]).await?;
        seen.extend(answer.ids()?.into_iter().map(str::to_owned));
        let unseen = all.iter().find(|id| !seen.contains(id) && !deleted.contains(*id));
        if let Some(id) = unseen.filter(|_| deleted.len() < 2) {
            session.delete(&format!("/Users/{id}")).await?.expect(204)?;
            deleted.push(id.clone());
        }
        let read = answer.ids()?.first().map(|id| format!("/Users/{id}"));
        if let Some(path) = read {
            session.patch(&path, &json!([{"op": "add", "path": "title", "value": "changed"}])).await?.expect(200)?;
        }
        if seen.len() < 6 {
            session.user(json!({})).await?;
        }
        match next(&answer) {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    for id in all.iter().filter(|id| !deleted.contains(id)) {
        let times = seen.iter().filter(|other| *other == id).count();
        ensure_eq!(times, 1, "how often a user was returned that was there throughout");
    }
    ensure!(!deleted.iter().any(|id| seen.contains(id)), "a user was returned after it had been deleted");
    Ok(())
}

async fn rfc9865_s2_1_a_forged_cursor_is_invalid_cursor(session: &Session) -> Verdict {
    for cursor in ["x", "AAAA", "1", "{}", "é", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let answer = session.query("/Users", &[("cursor", cursor), ("count", "2")]).await?;
        answer.is_error(400, "invalidCursor")?;
    }
    Ok(())
}

/// The cursor of the second page of the users of this check.
async fn second(session: &Session) -> Result<String, Failure> {
    users(session, 3).await?;
    let first = page(session, "", &[]).await?;
    next(&first).map(str::to_owned).ok_or_else(|| Failure::new("the first page has no nextCursor"))
}

async fn rfc9865_s2_1_a_cursor_of_another_query_is_invalid_cursor(session: &Session) -> Verdict {
    let cursor = second(session).await?;
    let filter = format!("userName co \"{}\"", session.marker);
    for parameters in [
        vec![("cursor", cursor.as_str()), ("count", "2")],
        vec![("cursor", &cursor), ("count", "2"), ("filter", "userName pr")],
        vec![("cursor", &cursor), ("count", "2"), ("filter", &filter), ("sortBy", "title")],
    ] {
        session.query("/Users", &parameters).await?.is_error(400, "invalidCursor")?;
    }
    Ok(())
}

async fn rfc9865_s2_1_a_cursor_of_another_endpoint_is_invalid_cursor(session: &Session) -> Verdict {
    users(session, 2).await?;
    let first = session.query("/Users", &[("cursor", ""), ("count", "1")]).await?;
    let cursor = next(&first).unwrap_or_default();
    session.query("/Groups", &[("cursor", cursor), ("count", "1")]).await?.is_error(400, "invalidCursor")?;
    session.query("/", &[("cursor", cursor), ("count", "1")]).await?.is_error(400, "invalidCursor")
}

async fn rfc9865_s5_2_a_cursor_of_another_tenant_is_invalid_cursor(session: &Session) -> Verdict {
    let cursor = second(session).await?;
    let filter = format!("userName co \"{}\"", session.marker);
    let parameters = [("filter", filter.as_str()), ("cursor", &cursor), ("count", "2")];
    session.other_tenant().query("/Users", &parameters).await?.is_error(400, "invalidCursor")?;
    session.query("/Users", &parameters).await?.expect(200)?;
    Ok(())
}

async fn rfc9865_s2_1_another_count_is_invalid_count(session: &Session) -> Verdict {
    let cursor = second(session).await?;
    let filter = format!("userName co \"{}\"", session.marker);
    let parameters = [("filter", filter.as_str()), ("cursor", &cursor), ("count", "3")];
    session.query("/Users", &parameters).await?.is_error(400, "invalidCount")
}

async fn a_page_has_a_cursor_or_a_start_index(session: &Session) -> Verdict {
    session.query("/Users", &[("cursor", ""), ("startIndex", "1")]).await?.is_error(400, "invalidValue")
}

async fn rfc9865_s2_4_index_is_the_default(session: &Session) -> Verdict {
    users(session, 3).await?;
    let answer = session.users_where("userName pr").await?;
    ensure_eq!((&answer.json["startIndex"], next(&answer)), (&json!(1), None), "startIndex and nextCursor");
    Ok(())
}

async fn rfc9865_s3_cursors_by_post(session: &Session) -> Verdict {
    let all = users(session, 5).await?;
    let mut seen = Vec::new();
    let mut cursor = json!("");
    while cursor.is_string() && seen.len() <= all.len() {
        let body = json!({"filter": format!("userName co \"{}\"", session.marker), "cursor": cursor, "count": 2});
        let answer = session.post("/Users/.search", &body).await?.expect(200)?;
        seen.extend(answer.page()?.iter().cloned());
        cursor = answer.json["nextCursor"].clone();
    }
    ensure_eq!(ids_of(&seen), all, "the users of a walk by POST");
    Ok(())
}

async fn rfc9865_s3_cursors_on_the_root(session: &Session) -> Verdict {
    let mut all = users(session, 4).await?;
    for _ in 0..3 {
        all.push(session.group(&[]).await?.id()?.to_owned());
    }
    all.sort_unstable();
    let marker = &session.marker;
    let filter = format!("userName co \"{marker}\" or displayName co \"{marker}\"");
    for sort_by in [json!(null), json!("displayName")] {
        let mut seen = Vec::new();
        let mut cursor = json!("");
        while cursor.is_string() && seen.len() <= all.len() {
            let body = json!({"filter": filter, "cursor": cursor, "count": 2, "sortBy": sort_by});
            let answer = session.post("/.search", &body).await?.expect(200)?;
            seen.extend(answer.page()?.iter().cloned());
            cursor = answer.json["nextCursor"].clone();
        }
        ensure_eq!(ids_of(&seen), all, "users and groups of a walk sorted by {sort_by}");
    }
    Ok(())
}

async fn rfc9865_s4_pagination_is_advertised(session: &Session) -> Verdict {
    let pagination = &session.provider.config["pagination"];
    ensure_eq!((&pagination["cursor"], &pagination["index"]), (&json!(true), &json!(true)), "cursor and index");
    ensure_eq!(pagination["defaultPaginationMethod"], json!("index"), "defaultPaginationMethod");
    let most = json!(super::recipe::limits().max_results);
    ensure_eq!((&pagination["maxPageSize"], &pagination["defaultPageSize"]), (&most, &most), "the page sizes");
    ensure!(pagination["cursorTimeout"].as_u64().is_some_and(|seconds| seconds > 0), "cursorTimeout is no number");
    Ok(())
}
