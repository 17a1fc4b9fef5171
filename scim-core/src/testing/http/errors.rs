//! Errors, media types and credentials: RFC 7644 s2, s3.1, s3.12, s8.1.

use serde_json::json;

use super::check::{check, ensure, ensure_eq, patch_body, Check, Session, Verdict};
use super::recipe::TOKEN;

pub(super) const CHECKS: &[Check] = &[
    check!(rfc7644_s3_12_every_error_has_the_same_shape),
    check!(rfc7644_s3_12_paths_that_lead_nowhere_are_404),
    check!(rfc9110_s15_5_6_methods_that_an_endpoint_does_not_take_are_405_with_allow),
    check!(rfc7644_s3_12_an_error_repeats_little_of_its_input),
    check!(rfc7644_s3_12_errors_to_head_have_no_body),
    check!(rfc7644_s3_1_both_media_types_are_taken),
    check!(rfc7644_s3_1_a_body_without_a_media_type_is_taken),
    check!(rfc7644_s3_1_other_media_types_are_415),
    check!(rfc7644_s3_8_the_answer_is_scim_json_whatever_is_accepted),
    check!(text_that_no_store_can_hold_is_refused_everywhere),
    check!(rfc7644_s2_no_credential_is_401),
    check!(rfc7644_s2_a_wrong_credential_is_401),
    check!(rfc7644_s2_nothing_is_told_without_a_credential),
    check!(rfc9110_s11_1_the_scheme_in_any_case),
    check!(two_credentials_are_none),
    check!(a_token_is_never_repeated),
];

async fn rfc7644_s3_12_every_error_has_the_same_shape(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    session.get("/nowhere").await?.is_error(404, "")?;
    session.get("/Users/nobody").await?.is_error(404, "")?;
    session.request("PUT", "/Users", &[], None).await?.is_error(405, "")?;
    session.get("/Users?count=many").await?.is_error(400, "invalidValue")?;
    session.raw("POST", "/Users", "{").await?.is_error(400, "invalidSyntax")?;
    session.request("POST", "/Users", &[("content-type", "text/xml")], Some(&json!({}))).await?.is_error(415, "")?;
    session.request("DELETE", &path, &[("if-match", "\"x\"")], None).await?.is_error(412, "")?;
    session.with_token("wrong").get("/Users").await?.is_error(401, "")?;
    session.query("/Schemas", &[("filter", "id pr")]).await?.is_error(403, "")
}

async fn rfc7644_s3_12_paths_that_lead_nowhere_are_404(session: &Session) -> Verdict {
    for path in
        ["/nowhere", "/users", "/Users/a/b", "/Userss", "/Me/x", "/.search/x", "/v2/Users", "/Users/%ff", "/Users/%00"]
    {
        for method in ["GET", "POST", "DELETE"] {
            session.request(method, path, &[], None).await?.is_error(404, "")?;
        }
    }
    Ok(())
}

async fn rfc9110_s15_5_6_methods_that_an_endpoint_does_not_take_are_405_with_allow(session: &Session) -> Verdict {
    for (path, allowed) in [
        ("/Users", "GET, HEAD, POST"),
        ("/Users/1", "GET, HEAD, PUT, PATCH, DELETE"),
        ("/Me", "GET, HEAD, POST, PUT, PATCH, DELETE"),
        ("/", "GET, HEAD"),
    ] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
            if allowed.split(", ").any(|name| name == method) {
                continue;
            }
            let answer = session.request(method, path, &[], None).await?;
            answer.is_error(405, "")?;
            ensure_eq!(answer.header("allow"), Some(allowed), "the Allow header for {method} {path}");
        }
    }
    Ok(())
}

async fn rfc7644_s3_12_an_error_repeats_little_of_its_input(session: &Session) -> Verdict {
    let long = "x".repeat(500);
    for answer in [
        session.get(&format!("/Users/{long}")).await?,
        session.get(&format!("/Users?count={long}")).await?,
        session.get(&format!("/Users?filter={long}")).await?,
        session.get(&format!("/Users?sortBy={long}")).await?,
        session.post("/Users", &session.user_body(json!({ "active": long }))).await?,
        session.raw("POST", "/Users", format!("{{\"{long}\":1,\"{long}\":2}}")).await?,
    ] {
        ensure!(answer.status >= 400, "{} is answered with {}", answer.request, answer.status);
        ensure!(!answer.detail().contains(&"x".repeat(65)), "more than 64 bytes are repeated: {}", answer.detail());
    }
    Ok(())
}

async fn rfc7644_s3_12_errors_to_head_have_no_body(session: &Session) -> Verdict {
    for (target, status) in [("/nowhere", 404), ("/Users?count=many", 400), ("/.search", 405)] {
        let answer = session.request("HEAD", target, &[], None).await?.expect(status)?;
        ensure!(answer.body.is_empty(), "the answer to HEAD {target} has a body");
    }
    Ok(())
}

async fn rfc7644_s3_1_both_media_types_are_taken(session: &Session) -> Verdict {
    for media_type in [
        "application/scim+json",
        "application/json",
        "application/scim+json; charset=utf-8",
        "application/json;charset=UTF-8",
        "Application/SCIM+JSON",
    ] {
        let headers = [("content-type", media_type)];
        let made =
            session.request("POST", "/Users", &headers, Some(&session.user_body(json!({})))).await?.expect(201)?;
        let path = session.path_of(&made.json)?;
        session.request("PUT", &path, &headers, Some(&session.user_body(json!({})))).await?.expect(200)?;
        let operations = patch_body(&json!([{"op": "add", "path": "title", "value": "x"}]));
        session.request("PATCH", &path, &headers, Some(&operations)).await?.expect(200)?;
        ensure_eq!(made.header("content-type"), Some("application/scim+json"), "the content type for {media_type}");
    }
    Ok(())
}

async fn rfc7644_s3_1_a_body_without_a_media_type_is_taken(session: &Session) -> Verdict {
    let credential = format!("Bearer {TOKEN}");
    let body = session.user_body(json!({})).to_string();
    session.send("POST", "/Users", &[("authorization", &credential)], body).await?.expect(201)?;
    Ok(())
}

async fn rfc7644_s3_1_other_media_types_are_415(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    for media_type in
        ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/jsonx", "json"]
    {
        for (method, path) in [("POST", "/Users"), ("PUT", &path), ("PATCH", &path), ("POST", "/.search")] {
            let body = session.user_body(json!({}));
            let answer = session.request(method, path, &[("content-type", media_type)], Some(&body)).await?;
            answer.is_error(415, "")?;
        }
    }
    Ok(())
}

async fn rfc7644_s3_8_the_answer_is_scim_json_whatever_is_accepted(session: &Session) -> Verdict {
    for accept in ["application/scim+json", "application/json", "*/*", "text/html, application/xml;q=0.9", ""] {
        for (target, status) in [("/Users?count=0", 200), ("/nowhere", 404)] {
            let headers = [("accept", accept), ("accept-charset", "utf-8"), ("user-agent", "")];
            let answer = session.request("GET", target, &headers, None).await?.expect(status)?;
            ensure_eq!(answer.header("content-type"), Some("application/scim+json"), "the content type for {accept:?}");
        }
    }
    Ok(())
}

async fn text_that_no_store_can_hold_is_refused_everywhere(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    for text in ["\\u0000", "\\ud800", "\\udc00\\ud800"] {
        let user = format!("{{\"userName\":\"{}{text}\"}}", session.name("user"));
        session.raw("POST", "/Users", user.clone()).await?.is_error(400, "invalidSyntax")?;
        session.raw("PUT", &path, user).await?.is_error(400, "invalidSyntax")?;
        let operations = format!("{{\"Operations\":[{{\"op\":\"add\",\"path\":\"title\",\"value\":\"{text}\"}}]}}");
        session.raw("PATCH", &path, operations).await?.is_error(400, "invalidSyntax")?;
        let search = format!("{{\"filter\":\"userName eq \\\"{text}\\\"\"}}");
        session.raw("POST", "/Users/.search", search).await?.is_error(400, "invalidSyntax")?;
    }
    session.get("/Users?filter=userName%20eq%20%22%00%22").await?.is_error(400, "invalidValue")?;
    session.get("/Users?filter=%ff").await?.is_error(400, "invalidValue")?;
    session.query("/Users", &[("filter", "userName eq \"\\u0000\"")]).await?.is_error(400, "invalidFilter")
}

async fn rfc7644_s2_no_credential_is_401(session: &Session) -> Verdict {
    let answer = session.send("GET", "/Users", &[], "").await?;
    answer.is_error(401, "")?;
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    ensure!(challenge.to_ascii_lowercase().starts_with("bearer"), "WWW-Authenticate is {challenge:?}");
    Ok(())
}

async fn rfc7644_s2_a_wrong_credential_is_401(session: &Session) -> Verdict {
    let (short, long) = (TOKEN.trim_end_matches('a'), format!("Bearer {TOKEN}x"));
    for credential in [
        "Bearer wrong",
        "Bearer",
        "Bearer ",
        &format!("Bearer {short}"),
        &long,
        &format!("Basic {TOKEN}"),
        TOKEN,
        "",
        &format!("Bearer {}", TOKEN.to_uppercase()),
    ] {
        let answer = session.send("GET", "/Users", &[("authorization", credential)], "").await?;
        answer.is_error(401, "")?;
        ensure!(answer.header("www-authenticate").is_some(), "there is no WWW-Authenticate for {credential:?}");
    }
    Ok(())
}

async fn rfc7644_s2_nothing_is_told_without_a_credential(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    session.get(&path).await?.expect(200)?;
    let known = session.send("GET", &path, &[], "").await?;
    let requests = [
        ("GET", "/nowhere"),
        ("GET", "/Users/nobody"),
        ("POST", "/Users"),
        ("DELETE", &path),
        ("PUT", "/Users"),
        ("POST", "/Bulk"),
        ("GET", "/Me"),
        ("POST", "/.search"),
        ("GET", "/Users?count=many"),
    ];
    for (method, target) in requests {
        let answer = session.send(method, target, &[("content-type", "text/xml")], "{").await?;
        answer.is_error(401, "")?;
        ensure_eq!(answer.json, known.json, "the answer to {method} {target} without a credential");
    }
    known.is_error(401, "")
}

async fn rfc9110_s11_1_the_scheme_in_any_case(session: &Session) -> Verdict {
    for credential in [format!("bearer {TOKEN}"), format!("BEARER {TOKEN}"), format!("Bearer   {TOKEN}")] {
        session.send("GET", "/Users?count=0", &[("authorization", &credential)], "").await?.expect(200)?;
    }
    Ok(())
}

async fn two_credentials_are_none(session: &Session) -> Verdict {
    let credential = format!("Bearer {TOKEN}");
    for other in [credential.as_str(), "Bearer wrong"] {
        for headers in [
            [("authorization", credential.as_str()), ("authorization", other)],
            [("authorization", other), ("authorization", &credential)],
        ] {
            session.send("GET", "/Users?count=0", &headers, "").await?.is_error(401, "")?;
        }
    }
    Ok(())
}

async fn a_token_is_never_repeated(session: &Session) -> Verdict {
    let secret = session.name("secret");
    let answer = session.with_token(&secret).get("/Users").await?;
    answer.is_error(401, "")?;
    let headers = format!("{:?}", answer.headers);
    ensure!(!answer.detail().contains(&secret) && !headers.contains(&secret), "the token is repeated");
    Ok(())
}
