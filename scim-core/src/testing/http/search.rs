//! Queries by POST and on the root: RFC 7644 s3.4.2.1, s3.4.3.

use serde_json::{json, Value};

use super::check::{check, ensure, ensure_eq, has_names, Check, Failure, Session, Verdict};

pub(super) const CHECKS: &[Check] = &[
    check!(rfc7644_s3_4_3_a_query_by_post, [Filter]),
    check!(rfc7644_s3_4_3_every_parameter_of_a_get, [Filter, Sort]),
    check!(rfc7644_s3_4_3_attributes_as_a_list_or_as_text, [Filter]),
    check!(rfc7644_s3_4_3_names_of_parameters_in_any_case, [Filter]),
    check!(rfc7644_s3_4_3_an_empty_search_request_lists_everything),
    check!(rfc7644_s3_4_3_parameters_of_the_wrong_type_are_refused),
    check!(rfc7644_s3_4_3_a_search_request_is_json),
    check!(rfc7644_s3_4_3_search_takes_post_alone),
    check!(rfc7644_s3_4_2_1_the_root_by_get, [Filter, Groups]),
    check!(rfc7644_s3_4_3_the_root_by_post, [Filter, Groups]),
    check!(rfc7644_s3_4_2_1_filter_by_resource_type, [Filter, Groups]),
    check!(rfc7644_s3_4_2_1_an_attribute_of_one_type_alone, [Filter, Groups]),
    check!(rfc7644_s3_4_2_1_pages_over_types, [Filter, Groups]),
    check!(rfc7644_s3_4_2_1_sorted_over_types, [Filter, Groups, Sort]),
    check!(rfc7644_s3_4_2_1_each_resource_says_what_it_is, [Filter, Groups]),
    check!(rfc7644_s3_4_2_1_projection_on_the_root, [Filter, Groups]),
    check!(rfc7644_s3_4_2_1_errors_on_the_root, [Filter]),
];

async fn rfc7644_s3_4_3_a_query_by_post(session: &Session) -> Verdict {
    let made = session.user(json!({"title": "Guide"})).await?;
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": format!("userName eq {}", made.json["userName"]),
    });
    let answer = session.post("/Users/.search", &body).await?.expect(200)?;
    ensure_eq!(answer.page()?, &vec![made.json.clone()], "the resources");
    ensure_eq!(answer.total()?, 1, "totalResults");
    Ok(())
}

async fn rfc7644_s3_4_3_every_parameter_of_a_get(session: &Session) -> Verdict {
    for title in ["b", "d", "a", "c"] {
        session.user(json!({"title": title, "nickName": "x"})).await?;
    }
    let body = json!({
        "filter": format!("userName co \"{}\"", session.marker), "sortBy": "title", "sortOrder": "descending",
        "startIndex": 2, "count": 2, "excludedAttributes": ["nickName", "meta"],
    });
    let answer = session.post("/Users/.search", &body).await?.expect(200)?;
    ensure_eq!(answer.strings("title")?, ["c", "b"], "the titles");
    ensure_eq!((answer.total()?, &answer.json["startIndex"]), (4, &json!(2)), "totalResults and startIndex");
    let first = answer.page()?.first().unwrap_or(&Value::Null).clone();
    has_names(&first, &["schemas", "id", "userName", "active", "title"], "a resource")
}

async fn rfc7644_s3_4_3_attributes_as_a_list_or_as_text(session: &Session) -> Verdict {
    session.user(json!({"title": "Guide", "nickName": "A"})).await?;
    for attributes in [json!(["title", "nickName"]), json!("title,nickName")] {
        let body = json!({"filter": format!("userName co \"{}\"", session.marker), "attributes": attributes});
        let answer = session.post("/Users/.search", &body).await?.expect(200)?;
        let first = answer.page()?.first().unwrap_or(&Value::Null).clone();
        has_names(&first, &["schemas", "id", "title", "nickName"], "a resource")?;
    }
    Ok(())
}

async fn rfc7644_s3_4_3_names_of_parameters_in_any_case(session: &Session) -> Verdict {
    session.user(json!({})).await?;
    let body = json!({"FILTER": format!("userName co \"{}\"", session.marker), "Count": 0, "unknown": {"a": []}});
    let answer = session.post("/Users/.search", &body).await?.expect(200)?;
    ensure_eq!((answer.page()?.len(), answer.total()?), (0, 1), "resources and totalResults");
    Ok(())
}

async fn rfc7644_s3_4_3_an_empty_search_request_lists_everything(session: &Session) -> Verdict {
    session.user(json!({})).await?;
    let listed = session.get("/Users?count=1").await?.expect(200)?;
    for body in [json!({"count": 1}), json!({"count": 1, "filter": null, "attributes": []})] {
        let answer = session.post("/Users/.search", &body).await?.expect(200)?;
        ensure_eq!(answer.total()?, listed.total()?, "totalResults of {body}");
    }
    Ok(())
}

async fn rfc7644_s3_4_3_parameters_of_the_wrong_type_are_refused(session: &Session) -> Verdict {
    for body in [
        json!({"filter": 7}),
        json!({"filter": ["userName pr"]}),
        json!({"count": "many"}),
        json!({"count": 1.5}),
        json!({"startIndex": {}}),
        json!({"attributes": [7]}),
        json!({"sortBy": true}),
        json!({"sortOrder": "up"}),
    ] {
        session.post("/Users/.search", &body).await?.is_error(400, "invalidValue")?;
        session.post("/.search", &body).await?.is_error(400, "invalidValue")?;
    }
    Ok(())
}

async fn rfc7644_s3_4_3_a_search_request_is_json(session: &Session) -> Verdict {
    for path in ["/Users/.search", "/.search"] {
        session.raw("POST", path, "filter=userName pr").await?.is_error(400, "invalidSyntax")?;
        session.raw("POST", path, "[]").await?.is_error(400, "invalidSyntax")?;
        let form = [("content-type", "application/x-www-form-urlencoded")];
        session.request("POST", path, &form, Some(&json!({}))).await?.is_error(415, "")?;
    }
    Ok(())
}

async fn rfc7644_s3_4_3_search_takes_post_alone(session: &Session) -> Verdict {
    for path in ["/Users/.search", "/.search"] {
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            let answer = session.request(method, path, &[], None).await?;
            answer.is_error(405, "")?;
            ensure_eq!(answer.header("allow"), Some("POST"), "the Allow header of {path}");
        }
    }
    Ok(())
}

/// Makes two users and two groups, and returns a filter for them.
async fn users_and_groups(session: &Session) -> Result<String, Failure> {
    for _ in 0..2 {
        let name = session.name("named");
        session.user(json!({ "displayName": name })).await?;
        session.group(&[]).await?;
    }
    Ok(format!("displayName co \"{}\"", session.marker))
}

/// The names of the resource types of a page, in its order.
fn types(page: &[Value]) -> Vec<&str> {
    page.iter().map(|resource| resource["meta"]["resourceType"].as_str().unwrap_or_default()).collect()
}

async fn rfc7644_s3_4_2_1_the_root_by_get(session: &Session) -> Verdict {
    let filter = users_and_groups(session).await?;
    let answer = session.query("/", &[("filter", &filter)]).await?.expect(200)?;
    let mut found = types(answer.page()?);
    found.sort_unstable();
    ensure_eq!(found, ["Group", "Group", "User", "User"], "the types of what is found");
    ensure_eq!(answer.total()?, 4, "totalResults");
    Ok(())
}

async fn rfc7644_s3_4_3_the_root_by_post(session: &Session) -> Verdict {
    let filter = users_and_groups(session).await?;
    let answer = session.post("/.search", &json!({ "filter": filter })).await?.expect(200)?;
    let by_get = session.query("/", &[("filter", &filter)]).await?.expect(200)?;
    ensure_eq!(answer.json, by_get.json, "the answer to POST, and to GET");
    Ok(())
}

async fn rfc7644_s3_4_2_1_filter_by_resource_type(session: &Session) -> Verdict {
    let filter = users_and_groups(session).await?;
    for (condition, expected) in [
        ("meta.resourceType eq \"User\"", &["User", "User"][..]),
        ("meta.resourceType ne \"User\"", &["Group", "Group"]),
        ("(meta.resourceType eq \"User\" or meta.resourceType eq \"Group\")", &["Group", "Group", "User", "User"]),
        ("meta.resourceType eq \"Nothing\"", &[]),
    ] {
        let filter = format!("{filter} and {condition}");
        let answer = session.post("/.search", &json!({ "filter": filter })).await?.expect(200)?;
        let mut found = types(answer.page()?);
        found.sort_unstable();
        ensure_eq!(found, expected, "what {condition} finds");
    }
    Ok(())
}

async fn rfc7644_s3_4_2_1_an_attribute_of_one_type_alone(session: &Session) -> Verdict {
    let user = session.user(json!({})).await?;
    let group = session.group(&[user.id()?]).await?;
    let filter = format!("userName eq {} or members.value eq \"{}\"", user.json["userName"], user.id()?);
    let answer = session.post("/.search", &json!({ "filter": filter })).await?.expect(200)?;
    let mut expected = [user.id()?, group.id()?];
    expected.sort_unstable();
    ensure_eq!(answer.ids()?, expected, "what is found");
    Ok(())
}

async fn rfc7644_s3_4_2_1_pages_over_types(session: &Session) -> Verdict {
    let filter = users_and_groups(session).await?;
    let all = session.post("/.search", &json!({ "filter": filter })).await?.expect(200)?;
    let mut seen = Vec::new();
    for start_index in [1, 2, 3, 4, 5] {
        let body = json!({"filter": filter, "startIndex": start_index, "count": 1});
        let answer = session.post("/.search", &body).await?.expect(200)?;
        ensure_eq!(answer.total()?, 4, "totalResults of the page from {start_index}");
        seen.extend(answer.page()?.iter().cloned());
    }
    ensure_eq!(&seen, all.page()?, "the resources on pages of one");
    Ok(())
}

async fn rfc7644_s3_4_2_1_sorted_over_types(session: &Session) -> Verdict {
    let filter = users_and_groups(session).await?;
    for order in ["ascending", "descending"] {
        let body = json!({"filter": filter, "sortBy": "displayName", "sortOrder": order, "count": 3});
        let answer = session.post("/.search", &body).await?.expect(200)?;
        let names = answer.strings("displayName")?;
        let mut sorted = names.clone();
        sorted.sort_unstable();
        if order == "descending" {
            sorted.reverse();
        }
        ensure_eq!(names, sorted, "the names, {order}");
        ensure_eq!((names.len(), answer.total()?), (3, 4), "resources and totalResults");
    }
    Ok(())
}

async fn rfc7644_s3_4_2_1_each_resource_says_what_it_is(session: &Session) -> Verdict {
    let filter = users_and_groups(session).await?;
    let answer = session.query("/", &[("filter", &filter)]).await?.expect(200)?;
    for resource in answer.page()? {
        let read = session.get(&session.path_of(resource)?).await?.expect(200)?;
        ensure_eq!(read.json, *resource, "a resource found on the root, and read");
    }
    Ok(())
}

async fn rfc7644_s3_4_2_1_projection_on_the_root(session: &Session) -> Verdict {
    let filter = users_and_groups(session).await?;
    let body = json!({"filter": filter, "attributes": ["displayName", "userName"]});
    let answer = session.post("/.search", &body).await?.expect(200)?;
    for resource in answer.page()? {
        let is_user = resource["schemas"].to_string().contains("User");
        let names: &[&str] =
            if is_user { &["schemas", "id", "displayName", "userName"] } else { &["schemas", "id", "displayName"] };
        has_names(resource, names, "a resource")?;
    }
    Ok(())
}

async fn rfc7644_s3_4_2_1_errors_on_the_root(session: &Session) -> Verdict {
    session.query("/", &[("filter", "nonsense")]).await?.is_error(400, "invalidFilter")?;
    session.query("/", &[("count", "many")]).await?.is_error(400, "invalidValue")?;
    session.query("/", &[("sortBy", "nobodyKnows")]).await?.is_error(400, "invalidPath")?;
    let answer = session.delete("/").await?;
    ensure!(answer.status == 405, "DELETE of the root is answered with {}", answer.status);
    Ok(())
}
