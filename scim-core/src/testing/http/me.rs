//! `/Me`: RFC 7644 s3.11. And passwords, which one sets there: RFC 7643 s4.1.1, RFC 7644 s7.8.

use serde_json::{json, Value};

use super::check::{check, ensure, ensure_eq, has_names, patch_body, Answer, Check, Failure, Session, Verdict};
use super::recipe::{NEWCOMER_TOKEN, REFUSED_PASSWORD, USER_TOKEN};

pub(super) const CHECKS: &[Check] = &[
    check!(rfc7644_s3_11_get_me),
    check!(rfc7644_s3_11_me_names_the_permanent_location),
    check!(rfc7644_s3_11_me_with_parameters_and_conditions),
    check!(rfc7644_s3_11_put_me),
    check!(rfc7644_s3_11_patch_me),
    check!(rfc7644_s3_11_delete_me),
    check!(rfc7644_s3_11_post_me_makes_a_user),
    check!(rfc7644_s3_11_post_me_of_somebody_who_is_there_is_409),
    check!(rfc7644_s3_11_nobody_is_404),
    check!(rfc7644_s3_11_me_of_somebody_deleted_is_404),
    check!(rfc7643_s4_1_1_a_password_is_never_answered),
    check!(rfc7644_s7_8_a_password_is_no_filter_and_no_order),
    check!(rfc7643_s4_1_1_a_password_is_set_by_put_and_patch),
    check!(a_password_that_is_refused_is_not_repeated, [Passwords]),
    check!(rfc7643_s5_change_password_is_advertised, [Passwords]),
];

/// A user, and the session that it is in.
async fn somebody(session: &Session) -> Result<(Answer, Session), Failure> {
    let user = session.user(json!({"title": "Guide"})).await?;
    let me = session.with_token(format!("{USER_TOKEN}{}", user.id()?));
    Ok((user, me))
}

async fn rfc7644_s3_11_get_me(session: &Session) -> Verdict {
    let (user, me) = somebody(session).await?;
    let answer = me.get("/Me").await?.expect(200)?;
    ensure_eq!(answer.json, user.json, "the user");
    ensure_eq!(answer.etag()?, user.etag()?, "the ETag");
    let head = me.request("HEAD", "/Me/", &[], None).await?.expect(200)?;
    ensure!(head.body.is_empty(), "the answer to HEAD has a body");
    Ok(())
}

async fn rfc7644_s3_11_me_names_the_permanent_location(session: &Session) -> Verdict {
    let (user, me) = somebody(session).await?;
    let answer = me.get("/Me").await?.expect(200)?;
    ensure_eq!(answer.header("location"), user.header("location"), "the Location");
    Ok(())
}

async fn rfc7644_s3_11_me_with_parameters_and_conditions(session: &Session) -> Verdict {
    let (user, me) = somebody(session).await?;
    let some = me.query("/Me", &[("attributes", "title")]).await?.expect(200)?;
    has_names(&some.json, &["schemas", "id", "title"], "a user of which the title is asked for")?;
    me.request("GET", "/Me", &[("if-none-match", user.etag()?)], None).await?.expect(304)?;
    me.request("DELETE", "/Me", &[("if-match", "W/\"other\"")], None).await?.is_error(412, "")
}

async fn rfc7644_s3_11_put_me(session: &Session) -> Verdict {
    let (user, me) = somebody(session).await?;
    let replaced = me.put("/Me", &me.user_body(json!({"title": "Driver"}))).await?.expect(200)?;
    ensure_eq!((replaced.id()?, &replaced.json["title"]), (user.id()?, &json!("Driver")), "id and title");
    let read = session.get(&session.path_of(&user.json)?).await?.expect(200)?;
    ensure_eq!(read.json, replaced.json, "the user at its permanent location");
    Ok(())
}

async fn rfc7644_s3_11_patch_me(session: &Session) -> Verdict {
    let (user, me) = somebody(session).await?;
    let patched = me.patch("/Me", &json!([{"op": "add", "path": "nickName", "value": "A"}])).await?.expect(200)?;
    ensure_eq!(patched.json["nickName"], json!("A"), "nickName");
    let read = session.get(&session.path_of(&user.json)?).await?.expect(200)?;
    ensure_eq!(read.json, patched.json, "the user at its permanent location");
    Ok(())
}

async fn rfc7644_s3_11_delete_me(session: &Session) -> Verdict {
    let (user, me) = somebody(session).await?;
    let answer = me.delete("/Me").await?.expect(204)?;
    ensure!(answer.body.is_empty(), "the answer has a body");
    session.get(&session.path_of(&user.json)?).await?.is_error(404, "")
}

async fn rfc7644_s3_11_post_me_makes_a_user(session: &Session) -> Verdict {
    let newcomer = session.with_token(NEWCOMER_TOKEN);
    newcomer.get("/Me").await?.is_error(404, "")?;
    let made = newcomer.post("/Me", &newcomer.user_body(json!({}))).await?.expect(201)?;
    let location = made.json["meta"]["location"].as_str();
    ensure_eq!(made.header("location"), location, "the Location");
    let read = session.get(&session.path_of(&made.json)?).await?.expect(200)?;
    ensure_eq!(read.json, made.json, "the user at its permanent location");
    Ok(())
}

async fn rfc7644_s3_11_post_me_of_somebody_who_is_there_is_409(session: &Session) -> Verdict {
    let (_, me) = somebody(session).await?;
    let answer = me.post("/Me", &me.user_body(json!({}))).await?;
    ensure_eq!(answer.status, 409, "the status");
    Ok(())
}

async fn rfc7644_s3_11_nobody_is_404(session: &Session) -> Verdict {
    for method in ["GET", "DELETE"] {
        session.request(method, "/Me", &[], None).await?.is_error(404, "")?;
    }
    session.post("/Me", &session.user_body(json!({}))).await?.is_error(404, "")
}

async fn rfc7644_s3_11_me_of_somebody_deleted_is_404(session: &Session) -> Verdict {
    let (user, me) = somebody(session).await?;
    session.delete(&session.path_of(&user.json)?).await?.expect(204)?;
    me.get("/Me").await?.is_error(404, "")
}

const PASSWORD: &str = "t1meMa$heen";

/// Fails if an answer holds the password, or the attribute.
fn is_silent(answer: &Answer) -> Verdict {
    let text = String::from_utf8_lossy(&answer.body);
    ensure!(!text.contains(PASSWORD) && !text.contains("password"), "{}: {text} holds the password", answer.request);
    Ok(())
}

async fn rfc7643_s4_1_1_a_password_is_never_answered(session: &Session) -> Verdict {
    let made = session.user(json!({ "password": PASSWORD })).await?;
    is_silent(&made)?;
    let path = session.path_of(&made.json)?;
    is_silent(&session.get(&path).await?.expect(200)?)?;
    is_silent(&session.query(&path, &[("attributes", "password,userName")]).await?.expect(200)?)?;
    is_silent(&session.query(&path, &[("excludedAttributes", "userName")]).await?.expect(200)?)?;
    is_silent(&session.post("/Users?attributes=password", &session.user_body(json!({"password": PASSWORD}))).await?)?;
    let body = json!({"attributes": ["password"], "count": 10});
    is_silent(&session.post("/Users/.search", &body).await?.expect(200)?)
}

async fn rfc7644_s7_8_a_password_is_no_filter_and_no_order(session: &Session) -> Verdict {
    for filter in ["password eq \"x\"", "password pr", "not (password sw \"t\")", "userName pr and password pr"] {
        let answer = session.query("/Users", &[("filter", filter)]).await?;
        answer.is_error(400, "invalidFilter")?;
        session.query("/", &[("filter", filter)]).await?.is_error(400, "invalidFilter")?;
    }
    session.query("/Users", &[("sortBy", "password")]).await?.is_error(400, "invalidPath")
}

async fn rfc7643_s4_1_1_a_password_is_set_by_put_and_patch(session: &Session) -> Verdict {
    let (_, me) = somebody(session).await?;
    is_silent(&me.put("/Me", &me.user_body(json!({ "password": PASSWORD }))).await?.expect(200)?)?;
    for operation in [
        json!({"op": "replace", "path": "password", "value": PASSWORD}),
        json!({"op": "add", "value": {"password": PASSWORD}}),
        json!({"op": "remove", "path": "password"}),
    ] {
        is_silent(&me.patch("/Me", &json!([operation])).await?.expect(200)?)?;
    }
    Ok(())
}

async fn a_password_that_is_refused_is_not_repeated(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    let body = session.user_body(json!({ "password": REFUSED_PASSWORD }));
    let operations = patch_body(&json!([{"op": "add", "path": "password", "value": REFUSED_PASSWORD}]));
    for (method, path, body) in [("POST", "/Users", &body), ("PUT", &path, &body), ("PATCH", &path, &operations)] {
        let answer = session.request(method, path, &[], Some(body)).await?;
        answer.is_error(400, "invalidValue")?;
        ensure!(!answer.detail().contains(REFUSED_PASSWORD), "the password is repeated: {}", answer.detail());
    }
    let wrong = session.post("/Users", &session.user_body(json!({"password": {"value": [PASSWORD]}}))).await?;
    wrong.is_error(400, "invalidValue")?;
    ensure!(!wrong.detail().contains(PASSWORD), "the password is repeated: {}", wrong.detail());
    Ok(())
}

async fn rfc7643_s5_change_password_is_advertised(session: &Session) -> Verdict {
    ensure_eq!(session.provider.config["changePassword"], json!({"supported": true}), "changePassword");
    let schema = session.get(&format!("/Schemas/{}", crate::schema::USER)).await?.expect(200)?;
    let attributes = schema.json["attributes"].as_array().cloned().unwrap_or_default();
    let password = attributes.iter().find(|attribute| attribute["name"] == "password").unwrap_or(&Value::Null);
    ensure_eq!((&password["mutability"], &password["returned"]), (&json!("writeOnly"), &json!("never")), "the schema");
    Ok(())
}
