//! Filters over HTTP: RFC 7644 s3.4.2, s3.4.2.2.

use serde_json::json;

use super::check::{check, ensure_eq, target, Check, Failure, Session, Verdict};
use crate::schema::{ENTERPRISE_USER, USER};

pub(super) const CHECKS: &[Check] = &[
    check!(rfc7644_s3_4_2_a_list_answers_a_list_response, [Filter]),
    check!(rfc7644_s3_4_2_nothing_found_is_200_with_an_empty_list, [Filter]),
    check!(rfc7644_s3_4_2_listed_resources_are_as_they_are_read, [Filter]),
    check!(rfc7644_s3_4_2_2_eq_and_ne, [Filter]),
    check!(rfc7644_s3_4_2_2_co_sw_and_ew, [Filter]),
    check!(rfc7644_s3_4_2_2_pr, [Filter]),
    check!(rfc7644_s3_4_2_2_gt_ge_lt_and_le, [Filter]),
    check!(rfc7644_s3_4_2_2_and_or_not_and_parentheses, [Filter]),
    check!(rfc7644_s3_4_2_2_value_paths, [Filter]),
    check!(rfc7644_s3_4_2_2_sub_attributes_of_lists, [Filter]),
    check!(rfc7644_s3_4_2_2_names_and_operators_in_any_case, [Filter]),
    check!(rfc7644_s3_4_2_2_strings_compare_as_the_schema_says, [Filter]),
    check!(rfc7644_s3_10_attributes_with_urns_in_filters, [Filter]),
    check!(rfc7644_s3_4_2_2_common_attributes, [Filter]),
    check!(rfc7644_s3_4_2_2_date_times_compare_as_instants, [Filter]),
    check!(rfc7644_s3_4_2_2_wildcards_of_backends_mean_nothing, [Filter]),
    check!(filters_are_percent_decoded_once, [Filter]),
    check!(a_plus_sign_is_a_space, [Filter]),
    check!(rfc7644_s3_4_2_2_malformed_filters_are_invalid_filter, [Filter]),
    check!(rfc7644_s3_4_2_2_unknown_attributes_are_invalid_filter, [Filter]),
    check!(rfc7644_s3_4_2_2_operators_that_do_not_fit_are_invalid_filter, [Filter]),
    check!(a_parameter_twice_is_refused, [Filter]),
    check!(bare_words_are_strings, [Filter]),
    check!(a_manager_compares_by_its_value, [Filter]),
    check!(groups_are_found_by_name_in_any_case, [Filter, Groups]),
    check!(groups_are_found_by_id_and_member, [Filter, Groups]),
    check!(inactive_users_are_found, [Filter]),
];

/// Makes three users.
async fn three_users(session: &Session) -> Verdict {
    for (nick_name, rest) in [
        ("anna", json!({"title": "Guide", "emails": [{"value": "anna@example.com", "type": "work"}]})),
        (
            "bert",
            json!({"title": "guide 100%", "active": false, "emails": [{"value": "b@example.org", "type": "home"}]}),
        ),
        (
            "cleo",
            json!({"name": {"familyName": "O_x"}, ENTERPRISE_USER: {"department": "Sales", "manager": {"value": "7"}}}),
        ),
    ] {
        let mut body = session.user_body(rest);
        if let Some(body) = body.as_object_mut() {
            body.insert("nickName".to_owned(), json!(nick_name));
        }
        session.post("/Users", &body).await?.expect(201)?;
    }
    Ok(())
}

/// Fails unless the filter finds those of the three users that have these nick names.
async fn finds(session: &Session, filter: &str, expected: &[&str]) -> Verdict {
    let answer = session.users_where(filter).await?;
    let mut found = answer.strings("nickName")?;
    found.sort_unstable();
    ensure_eq!(found, expected, "what {filter} finds");
    ensure_eq!(answer.total()?, expected.len(), "totalResults of {filter}");
    Ok(())
}

async fn rfc7644_s3_4_2_a_list_answers_a_list_response(session: &Session) -> Verdict {
    three_users(session).await?;
    let answer = session.users_where("userName pr").await?;
    ensure_eq!(answer.page()?.len(), 3, "the number of resources");
    ensure_eq!(answer.total()?, 3, "totalResults");
    ensure_eq!(answer.json["startIndex"], json!(1), "startIndex");
    ensure_eq!(answer.header("content-type"), Some("application/scim+json"), "the content type");
    Ok(())
}

async fn rfc7644_s3_4_2_nothing_found_is_200_with_an_empty_list(session: &Session) -> Verdict {
    let name = session.name("nobody");
    let answer = session.query("/Users", &[("filter", &format!("userName eq \"{name}\""))]).await?;
    ensure_eq!((answer.page()?.len(), answer.total()?), (0, 0), "resources and totalResults");
    Ok(())
}

async fn rfc7644_s3_4_2_listed_resources_are_as_they_are_read(session: &Session) -> Verdict {
    let made = session.user(json!({"title": "Guide", ENTERPRISE_USER: {"department": "Sales"}})).await?;
    let answer = session.users_where("title pr").await?;
    ensure_eq!(answer.page()?, &vec![made.json.clone()], "the listed user");
    Ok(())
}

async fn rfc7644_s3_4_2_2_eq_and_ne(session: &Session) -> Verdict {
    three_users(session).await?;
    finds(session, "nickName eq \"anna\"", &["anna"]).await?;
    finds(session, "nickName ne \"anna\"", &["bert", "cleo"]).await?;
    finds(session, "active eq false", &["bert"]).await?;
    finds(session, "active ne false", &["anna", "cleo"]).await?;
    finds(session, "title eq null", &["cleo"]).await
}

async fn rfc7644_s3_4_2_2_co_sw_and_ew(session: &Session) -> Verdict {
    three_users(session).await?;
    finds(session, "nickName co \"er\"", &["bert"]).await?;
    finds(session, "nickName sw \"cl\"", &["cleo"]).await?;
    finds(session, "nickName ew \"a\"", &["anna"]).await?;
    finds(session, "emails.value ew \".org\"", &["bert"]).await
}

async fn rfc7644_s3_4_2_2_pr(session: &Session) -> Verdict {
    three_users(session).await?;
    finds(session, "title pr", &["anna", "bert"]).await?;
    finds(session, "emails pr", &["anna", "bert"]).await?;
    finds(session, "name.familyName pr", &["cleo"]).await?;
    finds(session, "not (emails pr)", &["cleo"]).await
}

async fn rfc7644_s3_4_2_2_gt_ge_lt_and_le(session: &Session) -> Verdict {
    three_users(session).await?;
    finds(session, "nickName gt \"bert\"", &["cleo"]).await?;
    finds(session, "nickName ge \"bert\"", &["bert", "cleo"]).await?;
    finds(session, "nickName lt \"bert\"", &["anna"]).await?;
    finds(session, "nickName le \"BERT\"", &["anna", "bert"]).await
}

async fn rfc7644_s3_4_2_2_and_or_not_and_parentheses(session: &Session) -> Verdict {
    three_users(session).await?;
    finds(session, "nickName eq \"anna\" or nickName eq \"bert\" and active eq true", &["anna"]).await?;
    finds(session, "(nickName eq \"anna\" or nickName eq \"bert\") and active eq false", &["bert"]).await?;
    finds(session, "not (nickName eq \"anna\") and not (title pr)", &["cleo"]).await
}

async fn rfc7644_s3_4_2_2_value_paths(session: &Session) -> Verdict {
    three_users(session).await?;
    finds(session, "emails[type eq \"work\" and value co \"@example.com\"]", &["anna"]).await?;
    finds(session, "emails[type eq \"work\" and value co \"@example.org\"]", &[]).await?;
    finds(session, "emails[not (type eq \"work\")]", &["bert"]).await
}

async fn rfc7644_s3_4_2_2_sub_attributes_of_lists(session: &Session) -> Verdict {
    three_users(session).await?;
    finds(session, "emails.type eq \"work\"", &["anna"]).await?;
    finds(session, "emails eq \"b@example.org\"", &["bert"]).await
}

async fn rfc7644_s3_4_2_2_names_and_operators_in_any_case(session: &Session) -> Verdict {
    three_users(session).await?;
    finds(session, "NICKNAME EQ \"anna\" OR NickName Eq \"bert\"", &["anna", "bert"]).await?;
    finds(session, "NOT (EMAILS[TYPE EQ \"work\"]) AND active EQ true", &["cleo"]).await
}

async fn rfc7644_s3_4_2_2_strings_compare_as_the_schema_says(session: &Session) -> Verdict {
    let made = session.user(json!({"externalId": session.name("Ext")})).await?;
    let (name, external) = (&made.json["userName"], &made.json["externalId"]);
    let upper = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_uppercase();
    let found = session.query("/Users", &[("filter", &format!("userName eq \"{}\"", upper(name)))]).await?;
    ensure_eq!(found.ids()?, [made.id()?], "the users of a name in another case");
    let found = session.query("/Users", &[("filter", &format!("externalId eq {external}"))]).await?;
    ensure_eq!(found.ids()?, [made.id()?], "the users of an externalId");
    let found = session.query("/Users", &[("filter", &format!("externalId eq \"{}\"", upper(external)))]).await?;
    ensure_eq!(found.total()?, 0, "the number of users of an externalId in another case");
    Ok(())
}

async fn rfc7644_s3_10_attributes_with_urns_in_filters(session: &Session) -> Verdict {
    three_users(session).await?;
    finds(session, &format!("{ENTERPRISE_USER}:department eq \"sales\""), &["cleo"]).await?;
    finds(session, &format!("{ENTERPRISE_USER}:manager.value eq \"7\""), &["cleo"]).await?;
    finds(session, &format!("{USER}:emails.type eq \"home\""), &["bert"]).await
}

async fn rfc7644_s3_4_2_2_common_attributes(session: &Session) -> Verdict {
    let made = session.user(json!({})).await?;
    let found = session.query("/Users", &[("filter", &format!("id eq \"{}\"", made.id()?))]).await?;
    ensure_eq!(found.ids()?, [made.id()?], "the users of an id");
    let total = async |filter: &str| -> Result<usize, Failure> { session.users_where(filter).await?.total() };
    ensure_eq!(total("meta.resourceType eq \"User\"").await?, 1, "users whose type is User");
    ensure_eq!(total("meta.resourceType eq \"Group\"").await?, 0, "users whose type is Group");
    ensure_eq!(total(&format!("meta.version eq {}", made.json["meta"]["version"])).await?, 1, "users of a version");
    Ok(())
}

async fn rfc7644_s3_4_2_2_date_times_compare_as_instants(session: &Session) -> Verdict {
    let made = session.user(json!({})).await?;
    let created = made.json["meta"]["created"].as_str().unwrap_or_default();
    let total = async |filter: String| -> Result<usize, Failure> { session.users_where(&filter).await?.total() };
    let elsewhere = format!("{}+00:00", created.trim_end_matches('Z'));
    ensure_eq!(total(format!("meta.created eq \"{created}\"")).await?, 1, "users made at the time");
    ensure_eq!(total(format!("meta.created eq \"{elsewhere}\"")).await?, 1, "users made at the time with an offset");
    ensure_eq!(total("meta.created gt \"2011-05-13T04:42:34Z\"".to_owned()).await?, 1, "users made since 2011");
    ensure_eq!(total(format!("meta.lastModified lt \"{created}\"")).await?, 0, "users changed before they were made");
    Ok(())
}

async fn rfc7644_s3_4_2_2_wildcards_of_backends_mean_nothing(session: &Session) -> Verdict {
    three_users(session).await?;
    finds(session, "title co \"%\"", &["bert"]).await?;
    finds(session, "name.familyName co \"_\"", &["cleo"]).await?;
    finds(session, "nickName co \"a%a\"", &[]).await?;
    finds(session, "nickName sw \"_nna\"", &[]).await?;
    finds(session, "nickName eq \"*\"", &[]).await?;
    finds(session, "nickName eq \"' or '1'='1\"", &[]).await
}

async fn filters_are_percent_decoded_once(session: &Session) -> Verdict {
    let made = session.user(json!({"displayName": "a%20b+c & d"})).await?;
    let filter = format!("displayName eq \"a%20b+c & d\" and id eq \"{}\"", made.id()?);
    let found = session.query("/Users", &[("filter", &filter)]).await?;
    ensure_eq!(found.ids()?, [made.id()?], "the users of a name that looks like an encoded one");
    Ok(())
}

async fn a_plus_sign_is_a_space(session: &Session) -> Verdict {
    let made = session.user(json!({})).await?;
    let name = made.json["userName"].as_str().unwrap_or_default();
    let found = session.get(&format!("/Users?filter=userName+eq+%22{name}%22&startIndex=1&count=100")).await?;
    ensure_eq!(found.ids()?, [made.id()?], "the users");
    Ok(())
}

/// Fails unless every filter is refused.
async fn refused(session: &Session, filters: &[&str]) -> Verdict {
    for filter in filters {
        session.query("/Users", &[("filter", filter)]).await?.is_error(400, "invalidFilter")?;
    }
    Ok(())
}

async fn rfc7644_s3_4_2_2_malformed_filters_are_invalid_filter(session: &Session) -> Verdict {
    let malformed = [
        " ",
        "userName",
        "userName eq",
        "eq \"x\"",
        "userName xx \"x\"",
        "userName eq \"x",
        "(userName pr",
        "userName pr)",
        "userName pr and",
        "not userName pr",
        "emails[",
        "emails[type eq \"x\"",
        "userName eq \"x\" userName eq \"y\"",
    ];
    refused(session, &malformed).await
}

async fn rfc7644_s3_4_2_2_unknown_attributes_are_invalid_filter(session: &Session) -> Verdict {
    refused(session, &["nobodyKnows eq \"x\"", "name.nobodyKnows pr", "urn:nobody:knows:x pr", "emails[x eq 1]"]).await
}

async fn rfc7644_s3_4_2_2_operators_that_do_not_fit_are_invalid_filter(session: &Session) -> Verdict {
    refused(session, &["active gt true", "x509Certificates.value lt \"AAAA\"", "active eq \"x\""]).await
}

async fn a_parameter_twice_is_refused(session: &Session) -> Verdict {
    let query = target("/Users", &[("filter", "userName pr"), ("filter", "title pr")]);
    session.get(&query).await?.is_error(400, "invalidValue")
}

async fn bare_words_are_strings(session: &Session) -> Verdict {
    let made = session.user(json!({"externalId": session.name("jyoung")})).await?;
    let external = made.json["externalId"].as_str().unwrap_or_default();
    let found = session.query("/Users", &[("filter", &format!("externalId eq {external}"))]).await?;
    ensure_eq!(found.ids()?, [made.id()?], "the users");
    Ok(())
}

async fn a_manager_compares_by_its_value(session: &Session) -> Verdict {
    let boss = session.user(json!({})).await?;
    let made = session.user(json!({ENTERPRISE_USER: {"manager": {"value": boss.id()?}}})).await?;
    for (id, expected) in [(made.id()?, 1), (boss.id()?, 0)] {
        let filter = format!("id eq \"{id}\" and manager eq \"{}\"", boss.id()?);
        let found = session.query("/Users", &[("filter", &filter), ("attributes", "id")]).await?;
        ensure_eq!(found.total()?, expected, "totalResults of {filter}");
    }
    Ok(())
}

async fn groups_are_found_by_name_in_any_case(session: &Session) -> Verdict {
    let group = session.group(&[]).await?;
    let name = group.json["displayName"].as_str().unwrap_or_default().to_uppercase();
    let filter = format!("displayName eq \"{name}\"");
    let found = session.query("/Groups", &[("filter", &filter), ("excludedAttributes", "members")]).await?;
    ensure_eq!(found.ids()?, [group.id()?], "the groups");
    Ok(())
}

async fn groups_are_found_by_id_and_member(session: &Session) -> Verdict {
    let (member, other) = (session.user(json!({})).await?, session.user(json!({})).await?);
    let group = session.group(&[member.id()?]).await?;
    for (id, expected) in [(member.id()?, 1), (other.id()?, 0)] {
        for term in [
            format!("members eq \"{id}\""),
            format!("members.value eq \"{id}\""),
            format!("members[value eq \"{id}\"]"),
        ] {
            for filter in
                [format!("id eq \"{}\" and {term}", group.id()?), format!("{term} and id eq \"{}\"", group.id()?)]
            {
                let found = session.query("/Groups", &[("filter", &filter), ("attributes", "id")]).await?;
                ensure_eq!(found.total()?, expected, "totalResults of {filter}");
            }
        }
    }
    Ok(())
}

async fn inactive_users_are_found(session: &Session) -> Verdict {
    let made = session.user(json!({"active": false})).await?;
    session.get(&session.path_of(&made.json)?).await?.expect(200)?;
    ensure_eq!(session.users_where("userName pr").await?.ids()?, [made.id()?], "the users");
    Ok(())
}
