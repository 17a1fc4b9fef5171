//! Reading one resource, and what any request may look like: RFC 7644 s3.4.1, s3.2.

use serde_json::json;

use super::check::{check, ensure, ensure_eq, Check, Session, Verdict};

pub(super) const CHECKS: &[Check] = &[
    check!(rfc7644_s3_4_1_get_answers_what_is_stored),
    check!(rfc7644_s3_4_1_get_names_the_version_and_the_location),
    check!(rfc7644_s3_4_1_an_unknown_id_is_404),
    check!(an_id_of_another_resource_type_is_404, [Groups]),
    check!(rfc9110_s9_3_2_head_answers_like_get_without_a_body),
    check!(rfc9110_s9_3_2_head_of_a_list),
    check!(unknown_query_parameters_are_ignored),
    check!(an_empty_query_is_none),
    check!(a_trailing_slash_is_tolerated),
    check!(a_doubled_slash_before_the_endpoint_is_one),
    check!(an_id_is_percent_decoded_once),
    check!(endpoints_may_be_percent_encoded),
    check!(a_path_is_never_normalised),
    check!(the_request_id_is_given_back),
    check!(a_request_without_an_id_gets_one),
];

async fn rfc7644_s3_4_1_get_answers_what_is_stored(session: &Session) -> Verdict {
    let made = session.user(json!({"title": "Guide", "name": {"familyName": "Ahn"}})).await?;
    let read = session.get(&format!("/Users/{}", made.id()?)).await?.expect(200)?;
    ensure_eq!(read.json, made.json, "the user");
    ensure_eq!(read.header("content-type"), Some("application/scim+json"), "the content type");
    Ok(())
}

async fn rfc7644_s3_4_1_get_names_the_version_and_the_location(session: &Session) -> Verdict {
    let made = session.user(json!({})).await?;
    let read = session.get(&session.path_of(&made.json)?).await?.expect(200)?;
    ensure_eq!(read.etag()?, made.etag()?, "the ETag");
    ensure_eq!(read.header("location"), made.header("location"), "the Location");
    Ok(())
}

async fn rfc7644_s3_4_1_an_unknown_id_is_404(session: &Session) -> Verdict {
    let name = session.name("no-such-id");
    let answer = session.get(&format!("/Users/{name}")).await?;
    answer.is_error(404, "")?;
    ensure!(answer.detail().contains(&name), "the detail does not name the id: {}", answer.detail());
    Ok(())
}

async fn an_id_of_another_resource_type_is_404(session: &Session) -> Verdict {
    let user = session.user(json!({})).await?;
    session.get(&format!("/Groups/{}", user.id()?)).await?.is_error(404, "")?;
    session.delete(&format!("/Groups/{}", user.id()?)).await?.is_error(404, "")?;
    session.get(&session.path_of(&user.json)?).await?.expect(200)?;
    Ok(())
}

async fn rfc9110_s9_3_2_head_answers_like_get_without_a_body(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    let read = session.get(&path).await?.expect(200)?;
    let head = session.request("HEAD", &path, &[], None).await?.expect(200)?;
    ensure!(head.body.is_empty(), "the answer to HEAD has a body");
    for name in ["etag", "content-type", "location"] {
        ensure_eq!(head.header(name), read.header(name), "{name}");
    }
    if let Some(length) = head.header("content-length") {
        ensure_eq!(length, read.body.len().to_string(), "content-length");
    }
    let missing = session.request("HEAD", "/Users/no-such-id", &[], None).await?;
    ensure_eq!((missing.status, missing.body.len()), (404, 0), "HEAD of what is not there");
    Ok(())
}

async fn rfc9110_s9_3_2_head_of_a_list(session: &Session) -> Verdict {
    let head = session.request("HEAD", "/Users?count=1", &[], None).await?.expect(200)?;
    ensure!(head.body.is_empty(), "the answer to HEAD has a body");
    Ok(())
}

async fn unknown_query_parameters_are_ignored(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    for query in ["aadOptscim062020", "x=%ff", "a=b&c", "=", "&&", "filters=x"] {
        session.get(&format!("{path}?{query}")).await?.expect(200)?;
        session.get(&format!("/Users?{query}&count=0")).await?.expect(200)?;
    }
    let body = session.user_body(json!({}));
    session.post("/Users?aadOptscim062020", &body).await?.expect(201)?;
    Ok(())
}

async fn an_empty_query_is_none(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    session.get(&format!("{path}?")).await?.expect(200)?;
    session.get("/Users?count=0&").await?.expect(200)?;
    Ok(())
}

async fn a_trailing_slash_is_tolerated(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    session.get(&format!("{path}/")).await?.expect(200)?;
    session.get("/Users/?count=0").await?.expect(200)?;
    session.post("/Users/", &session.user_body(json!({}))).await?.expect(201)?;
    session.get("/ServiceProviderConfig/").await?.expect(200)?;
    Ok(())
}

/// Clients that put `/Users` behind a base URL that ends in a slash.
async fn a_doubled_slash_before_the_endpoint_is_one(session: &Session) -> Verdict {
    let body = session.user_body(json!({}));
    let user = session.post("//Users", &body).await?.expect(201)?;
    let path = format!("//Users/{}", user.id()?);
    session.put(&path, &body).await?.expect(200)?;
    session.get(&path).await?.expect(200)?;
    session.get("//ServiceProviderConfig").await?.expect(200)?;
    Ok(())
}

async fn an_id_is_percent_decoded_once(session: &Session) -> Verdict {
    let user = session.user(json!({})).await?;
    let encoded: String = user.id()?.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let read = session.get(&format!("/Users/{encoded}")).await?.expect(200)?;
    ensure_eq!(read.id()?, user.id()?, "the id of a user read by its percent-encoded id");
    let twice = encoded.replace('%', "%25");
    session.get(&format!("/Users/{twice}")).await?.is_error(404, "")?;
    let answer = session.get("/Users/a%2Fb%20c").await?;
    answer.is_error(404, "")?;
    ensure!(answer.detail().contains("a/b c"), "an encoded slash is not part of the id: {}", answer.detail());
    Ok(())
}

async fn endpoints_may_be_percent_encoded(session: &Session) -> Verdict {
    let user = session.user(json!({})).await?;
    session.get(&format!("/%55sers/{}", user.id()?)).await?.expect(200)?;
    session.get("/Service%50roviderConfig").await?.expect(200)?;
    Ok(())
}

async fn a_path_is_never_normalised(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    for odd in [format!("//{path}"), path.replacen("/Users/", "/Users//", 1), format!("{path}/x"), "/users".to_owned()]
    {
        session.get(&odd).await?.is_error(404, "")?;
    }
    Ok(())
}

async fn the_request_id_is_given_back(session: &Session) -> Verdict {
    let id = session.name("request");
    for target in ["/Users?count=0", "/nowhere"] {
        let answer = session.request("GET", target, &[("x-request-id", &id)], None).await?;
        ensure_eq!(answer.header("x-request-id"), Some(id.as_str()), "x-request-id of {target}");
    }
    Ok(())
}

async fn a_request_without_an_id_gets_one(session: &Session) -> Verdict {
    let first = session.get("/Users?count=0").await?;
    let second = session.get("/Users?count=0").await?;
    let (first, second) = (first.header("x-request-id"), second.header("x-request-id"));
    ensure!(first.is_some_and(|id| !id.is_empty()), "there is no x-request-id");
    ensure!(first != second, "two requests have one id");
    Ok(())
}
