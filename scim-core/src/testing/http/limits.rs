//! Bounds: at each of them a request passes, and beyond it it is refused as it should be.

use serde_json::{json, Map, Value};

use super::check::{check, ensure, ensure_eq, Check, Failure, Session, Verdict};
use super::recipe::limits;

pub(super) const CHECKS: &[Check] = &[
    check!(rfc7644_s3_12_bodies_are_bounded),
    check!(bodies_that_are_too_large_are_refused_everywhere),
    check!(filters_are_bounded_in_length, [Filter]),
    check!(filters_are_bounded_in_terms, [Filter]),
    check!(filters_are_bounded_in_nesting, [Filter]),
    check!(filters_are_bounded_by_post_and_on_the_root_too, [Filter]),
    check!(patch_paths_are_bounded_in_length),
    check!(filters_in_patch_paths_are_bounded_in_nesting),
    check!(patch_operations_are_bounded),
    check!(json_is_bounded_in_nesting),
    check!(strings_are_bounded),
    check!(lists_of_values_are_bounded),
    check!(members_in_a_request_are_bounded, [Groups]),
    check!(members_of_a_group_are_bounded, [Groups]),
];

/// A body of a user that has this many bytes.
fn body_of(session: &Session, bytes: usize) -> String {
    let body = session.user_body(json!({})).to_string();
    let padding = " ".repeat(bytes.saturating_sub(body.len()));
    format!("{body}{padding}")
}

async fn rfc7644_s3_12_bodies_are_bounded(session: &Session) -> Verdict {
    let most = limits().body_bytes;
    session.raw("POST", "/Users", body_of(session, most)).await?.expect(201)?;
    let answer = session.raw("POST", "/Users", body_of(session, most.saturating_add(1))).await?;
    answer.is_error(413, "")
}

async fn bodies_that_are_too_large_are_refused_everywhere(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    let body = body_of(session, limits().body_bytes.saturating_add(1));
    for (method, path) in [("PUT", path.as_str()), ("PATCH", &path), ("POST", "/.search"), ("POST", "/Users/.search")] {
        session.raw(method, path, body.clone()).await?.is_error(413, "")?;
    }
    Ok(())
}

/// A filter that has this many bytes.
fn filter_of(bytes: usize) -> String {
    let frame = "userName eq \"\"".len();
    format!("userName eq \"{}\"", "x".repeat(bytes.saturating_sub(frame)))
}

async fn filters_are_bounded_in_length(session: &Session) -> Verdict {
    let most = limits().filter_bytes;
    session.query("/Users", &[("filter", &filter_of(most))]).await?.expect(200)?;
    let answer = session.query("/Users", &[("filter", &filter_of(most.saturating_add(1)))]).await?;
    answer.is_error(400, "invalidFilter")
}

/// A filter of this many terms.
fn terms(count: usize) -> String {
    vec!["title eq \"x\""; count].join(" or ")
}

async fn filters_are_bounded_in_terms(session: &Session) -> Verdict {
    let most = limits().filter_terms;
    session.query("/Users", &[("filter", &terms(most))]).await?.expect(200)?;
    session.query("/Users", &[("filter", &terms(most.saturating_add(1)))]).await?.is_error(400, "invalidFilter")?;
    let nested = format!("emails[{}]", vec!["value pr"; most.saturating_add(1)].join(" and "));
    session.query("/Users", &[("filter", &nested)]).await?.is_error(400, "invalidFilter")
}

/// A filter in this many pairs of parentheses.
fn nested(depth: usize) -> String {
    format!("{}userName pr{}", "(".repeat(depth), ")".repeat(depth))
}

async fn filters_are_bounded_in_nesting(session: &Session) -> Verdict {
    let most = limits().filter_depth;
    session.query("/Users", &[("filter", &nested(most))]).await?.expect(200)?;
    session.query("/Users", &[("filter", &nested(most.saturating_add(1)))]).await?.is_error(400, "invalidFilter")?;
    let unclosed = "(".repeat(limits().filter_bytes);
    session.query("/Users", &[("filter", &unclosed)]).await?.is_error(400, "invalidFilter")?;
    let negated =
        format!("{}userName pr{}", "not (".repeat(most.saturating_add(1)), ")".repeat(most.saturating_add(1)));
    session.query("/Users", &[("filter", &negated)]).await?.is_error(400, "invalidFilter")
}

async fn filters_are_bounded_by_post_and_on_the_root_too(session: &Session) -> Verdict {
    let too_long = filter_of(limits().filter_bytes.saturating_add(1));
    for filter in
        [too_long, terms(limits().filter_terms.saturating_add(1)), nested(limits().filter_depth.saturating_add(1))]
    {
        for path in ["/.search", "/Users/.search"] {
            session.post(path, &json!({ "filter": filter })).await?.is_error(400, "invalidFilter")?;
        }
        session.query("/", &[("filter", &filter)]).await?.is_error(400, "invalidFilter")?;
    }
    Ok(())
}

async fn patch_paths_are_bounded_in_length(session: &Session) -> Verdict {
    let user = session.user_path(json!({"emails": [{"value": "a@example.com"}]})).await?;
    let path_of = |bytes: usize| {
        let frame = "emails[value eq \"\"]".len();
        format!("emails[value eq \"{}\"]", "x".repeat(bytes.saturating_sub(frame)))
    };
    let most = limits().path_bytes;
    let remove = |path: String| json!([{"op": "remove", "path": path}]);
    session.patch(&user, &remove(path_of(most))).await?.expect(200)?;
    session.patch(&user, &remove(path_of(most.saturating_add(1)))).await?.is_error(400, "invalidPath")
}

async fn filters_in_patch_paths_are_bounded_in_nesting(session: &Session) -> Verdict {
    let user = session.user_path(json!({"emails": [{"value": "a@example.com"}]})).await?;
    let remove = |depth: usize| {
        let path = format!("emails[{}type pr{}]", "(".repeat(depth), ")".repeat(depth));
        json!([{"op": "remove", "path": path}])
    };
    let most = limits().path_filter_depth;
    session.patch(&user, &remove(most)).await?.expect(200)?;
    session.patch(&user, &remove(most.saturating_add(1))).await?.is_error(400, "invalidPath")
}

async fn patch_operations_are_bounded(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    let operations = |count: usize| -> Value {
        (0..count).map(|number| json!({"op": "add", "path": "title", "value": number.to_string()})).collect()
    };
    let most = limits().patch_operations;
    session.patch(&path, &operations(most)).await?.expect(200)?;
    session.patch(&path, &operations(most.saturating_add(1))).await?.is_error(413, "")?;
    let title = json!(most.saturating_sub(1).to_string());
    ensure_eq!(session.get(&path).await?.json["title"], title, "the title after a PATCH that was refused");
    Ok(())
}

async fn json_is_bounded_in_nesting(session: &Session) -> Verdict {
    let user = |depth: usize| {
        let inner = depth.saturating_sub(1);
        format!("{{\"userName\":\"{}\",\"unknown\":{}{}}}", session.name("user"), "[".repeat(inner), "]".repeat(inner))
    };
    let most = limits().json_depth;
    session.raw("POST", "/Users", user(most)).await?.expect(201)?;
    session.raw("POST", "/Users", user(most.saturating_add(1))).await?.is_error(400, "invalidSyntax")?;
    session.raw("POST", "/Users", "[".repeat(10_000)).await?.is_error(400, "invalidSyntax")?;
    session.raw("POST", "/.search", "{\"a\":".repeat(10_000)).await?.is_error(400, "invalidSyntax")
}

async fn strings_are_bounded(session: &Session) -> Verdict {
    let most = limits().string_bytes;
    let (fits, too_long) = ("x".repeat(most), "x".repeat(most.saturating_add(1)));
    let made = session.user(json!({ "displayName": fits })).await?;
    ensure_eq!(made.json["displayName"], json!(fits), "displayName");
    let path = session.path_of(&made.json)?;
    let body = session.user_body(json!({ "displayName": too_long }));
    session.post("/Users", &body).await?.is_error(400, "invalidValue")?;
    session.put(&path, &body).await?.is_error(400, "invalidValue")?;
    let operations = json!([{"op": "replace", "path": "displayName", "value": too_long}]);
    session.patch(&path, &operations).await?.is_error(400, "invalidValue")?;
    // In bytes: a letter of two bytes counts twice.
    let wide = session.user_body(json!({"displayName": "é".repeat(most / 2)}));
    session.post("/Users", &wide).await?.expect(201)?;
    let too_wide = session.user_body(json!({"displayName": "é".repeat((most / 2).saturating_add(1))}));
    session.post("/Users", &too_wide).await?.is_error(400, "invalidValue")
}

async fn lists_of_values_are_bounded(session: &Session) -> Verdict {
    let emails = |count: usize| -> Value {
        (0..count).map(|number| json!({"value": format!("{number}@example.com")})).collect()
    };
    let most = limits().values;
    let made = session.user(json!({"emails": emails(most)})).await?;
    let path = session.path_of(&made.json)?;
    let body = session.user_body(json!({"emails": emails(most.saturating_add(1))}));
    session.post("/Users", &body).await?.is_error(400, "invalidValue")?;
    session.put(&path, &body).await?.is_error(400, "invalidValue")?;
    let one_more = json!([{"op": "add", "path": "emails", "value": [{"value": "more@example.com"}]}]);
    session.patch(&path, &one_more).await?.is_error(400, "invalidValue")?;
    ensure_eq!(session.get(&path).await?.json, made.json, "the user after what was refused");
    Ok(())
}

/// Makes so many users and returns them as a list of members.
async fn members(session: &Session, count: usize) -> Result<Vec<Value>, Failure> {
    let mut members = Vec::new();
    for _ in 0..count {
        members.push(json!({"value": session.user(json!({})).await?.id()?}));
    }
    Ok(members)
}

async fn members_in_a_request_are_bounded(session: &Session) -> Verdict {
    let all = members(session, limits().members_per_request.saturating_add(1)).await?;
    let Some((_, fit)) = all.split_last() else { return Ok(()) };
    let body = |members: &[Value]| json!({"displayName": session.name("group"), "members": members});
    let made = session.post("/Groups", &body(fit)).await?.expect(201)?;
    let path = session.path_of(&made.json)?;
    session.post("/Groups", &body(&all)).await?.is_error(413, "")?;
    session.put(&path, &body(&all)).await?.is_error(413, "")?;
    for operations in [
        json!([{"op": "add", "path": "members", "value": all}]),
        json!([{"op": "replace", "value": {"members": all}}]),
        json!([{"op": "add", "path": "members", "value": fit}, {"op": "add", "path": "members", "value": all.last()}]),
    ] {
        session.patch(&path, &operations).await?.is_error(413, "")?;
    }
    let read = session.get(&path).await?.expect(200)?;
    ensure_eq!(read.json, made.json, "the group after what was refused");
    Ok(())
}

async fn members_of_a_group_are_bounded(session: &Session) -> Verdict {
    let most = limits().members_per_group;
    let all = members(session, most.saturating_add(1)).await?;
    let path = session.path_of(&session.group(&[]).await?.json)?;
    let add = |members: &[Value]| json!([{"op": "add", "path": "members", "value": members}]);
    let Some((last, fit)) = all.split_last() else { return Ok(()) };
    for some in fit.chunks(limits().members_per_request) {
        let answer = session.patch(&path, &add(some)).await?;
        ensure!(matches!(answer.status, 200 | 204), "adding members is answered with {}", answer.status);
    }
    session.patch(&path, &add(std::slice::from_ref(last))).await?.is_error(400, "tooMany")?;
    let read = session.get(&path).await?.expect(200)?;
    ensure_eq!(read.json["members"].as_array().map_or(0, Vec::len), most, "the number of members");
    let again: Map<String, Value> = Map::from_iter([("members".to_owned(), json!(fit.first()))]);
    let answer = session.patch(&path, &json!([{"op": "add", "value": again}])).await?;
    ensure!(matches!(answer.status, 200 | 204), "adding who is a member already is answered with {}", answer.status);
    Ok(())
}
