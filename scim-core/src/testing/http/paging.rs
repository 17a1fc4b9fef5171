//! Pages by index, and sorting: RFC 7644 s3.4.2.3, s3.4.2.4.

use serde_json::json;

use super::check::{check, ensure, ensure_eq, Answer, Check, Failure, Session, Verdict};

pub(super) const CHECKS: &[Check] = &[
    check!(rfc7644_s3_4_2_4_pages_hold_everything_once, [Filter]),
    check!(rfc7644_s3_4_2_4_a_page_says_where_it_begins, [Filter]),
    check!(rfc7644_s3_4_2_4_count_0_answers_the_total_alone, [Filter]),
    check!(rfc7644_s3_4_2_4_a_negative_count_is_0, [Filter]),
    check!(rfc7644_s3_4_2_4_a_start_index_below_1_is_1, [Filter]),
    check!(rfc7644_s3_4_2_4_past_the_end_is_an_empty_page, [Filter]),
    check!(rfc7644_s3_4_2_4_the_largest_numbers, [Filter]),
    check!(rfc7644_s3_4_2_4_what_is_no_whole_number_is_invalid_value),
    check!(rfc7643_s5_a_page_is_never_larger_than_advertised, [Filter]),
    check!(rfc7644_s3_4_2_4_a_list_without_parameters),
    check!(rfc7644_s3_4_2_3_ascending_is_the_default, [Filter, Sort]),
    check!(rfc7644_s3_4_2_3_descending, [Filter, Sort]),
    check!(rfc7644_s3_4_2_3_values_that_are_missing_come_last, [Filter, Sort]),
    check!(rfc7644_s3_4_2_3_values_that_are_missing_come_first_when_descending, [Filter, Sort]),
    check!(rfc7644_s3_4_2_3_case_counts_as_the_schema_says, [Filter, Sort]),
    check!(rfc7644_s3_4_2_3_by_a_sub_attribute, [Filter, Sort]),
    check!(rfc7644_s3_4_2_3_by_the_primary_value_of_a_list, [Filter, Sort]),
    check!(rfc7644_s3_4_2_3_by_time_and_by_id, [Filter, Sort]),
    check!(rfc7644_s3_4_2_3_pages_of_a_sorted_list, [Filter, Sort]),
    check!(rfc7644_s3_4_2_3_what_cannot_be_sorted_by_is_invalid_path, [Sort]),
    check!(rfc7644_s3_4_2_3_an_unknown_order_is_invalid_value, [Sort]),
];

/// Makes seven users and returns their ids, sorted.
async fn seven_users(session: &Session) -> Result<Vec<String>, Failure> {
    let mut ids = Vec::new();
    for _ in 0..7 {
        ids.push(session.user(json!({})).await?.id()?.to_owned());
    }
    ids.sort_unstable();
    Ok(ids)
}

/// A page of the users of this check.
async fn page(session: &Session, parameters: &[(&str, &str)]) -> Result<Answer, Failure> {
    let filter = format!("userName co \"{}\"", session.marker);
    let mut all = vec![("filter", filter.as_str())];
    all.extend(parameters);
    session.query("/Users", &all).await
}

async fn rfc7644_s3_4_2_4_pages_hold_everything_once(session: &Session) -> Verdict {
    let all = seven_users(session).await?;
    let mut seen = Vec::new();
    for start_index in ["1", "4", "7"] {
        let answer = page(session, &[("startIndex", start_index), ("count", "3")]).await?;
        ensure_eq!(answer.total()?, 7, "totalResults of the page from {start_index}");
        seen.extend(answer.ids()?.into_iter().map(str::to_owned));
    }
    seen.sort_unstable();
    ensure_eq!(seen, all, "the users on three pages");
    Ok(())
}

async fn rfc7644_s3_4_2_4_a_page_says_where_it_begins(session: &Session) -> Verdict {
    seven_users(session).await?;
    let answer = page(session, &[("startIndex", "6"), ("count", "5")]).await?;
    ensure_eq!(answer.json["startIndex"], json!(6), "startIndex");
    ensure_eq!(answer.page()?.len(), 2, "the number of resources on the last page");
    Ok(())
}

async fn rfc7644_s3_4_2_4_count_0_answers_the_total_alone(session: &Session) -> Verdict {
    seven_users(session).await?;
    let answer = page(session, &[("count", "0")]).await?;
    ensure_eq!((answer.page()?.len(), answer.total()?), (0, 7), "resources and totalResults");
    Ok(())
}

async fn rfc7644_s3_4_2_4_a_negative_count_is_0(session: &Session) -> Verdict {
    seven_users(session).await?;
    let answer = page(session, &[("count", "-7")]).await?;
    ensure_eq!((answer.page()?.len(), answer.total()?), (0, 7), "resources and totalResults");
    Ok(())
}

async fn rfc7644_s3_4_2_4_a_start_index_below_1_is_1(session: &Session) -> Verdict {
    seven_users(session).await?;
    let first = page(session, &[("startIndex", "1"), ("count", "2")]).await?;
    for start_index in ["0", "-3"] {
        let answer = page(session, &[("startIndex", start_index), ("count", "2")]).await?;
        ensure_eq!(answer.json, first.json, "the page from {start_index}");
    }
    Ok(())
}

async fn rfc7644_s3_4_2_4_past_the_end_is_an_empty_page(session: &Session) -> Verdict {
    seven_users(session).await?;
    let answer = page(session, &[("startIndex", "8"), ("count", "3")]).await?;
    ensure_eq!((answer.page()?.len(), answer.total()?), (0, 7), "resources and totalResults");
    Ok(())
}

async fn rfc7644_s3_4_2_4_the_largest_numbers(session: &Session) -> Verdict {
    seven_users(session).await?;
    let largest = i64::MAX.to_string();
    let answer = page(session, &[("startIndex", &largest), ("count", &largest)]).await?;
    ensure_eq!((answer.page()?.len(), answer.total()?), (0, 7), "resources and totalResults");
    let smallest = i64::MIN.to_string();
    let answer = page(session, &[("startIndex", &smallest), ("count", &smallest)]).await?;
    ensure_eq!((answer.page()?.len(), answer.total()?), (0, 7), "resources and totalResults");
    Ok(())
}

async fn rfc7644_s3_4_2_4_what_is_no_whole_number_is_invalid_value(session: &Session) -> Verdict {
    for value in ["x", "1.5", "1e3", "9223372036854775808", "0x10", "1,000", "\u{662}"] {
        for name in ["count", "startIndex"] {
            session.query("/Users", &[(name, value)]).await?.is_error(400, "invalidValue")?;
        }
    }
    Ok(())
}

async fn rfc7643_s5_a_page_is_never_larger_than_advertised(session: &Session) -> Verdict {
    let most = session.provider.config["filter"]["maxResults"].as_u64().unwrap_or_default();
    let most = usize::try_from(most).unwrap_or_default();
    ensure_eq!(most, super::recipe::limits().max_results, "filter.maxResults");
    for _ in 0..=most {
        session.user(json!({})).await?;
    }
    for parameters in [&[][..], &[("count", "1000")], &[("startIndex", "1"), ("count", "200")]] {
        let answer = page(session, parameters).await?;
        ensure_eq!(
            (answer.page()?.len(), answer.total()?),
            (most, most.saturating_add(1)),
            "resources and totalResults"
        );
    }
    Ok(())
}

async fn rfc7644_s3_4_2_4_a_list_without_parameters(session: &Session) -> Verdict {
    session.user(json!({})).await?;
    let answer = session.get("/Users").await?.expect(200)?;
    ensure!(!answer.page()?.is_empty(), "there are users, and none is listed");
    ensure!(answer.total()? >= answer.page()?.len(), "totalResults is less than what is listed");
    ensure_eq!(answer.json["startIndex"], json!(1), "startIndex");
    Ok(())
}

/// Makes users with these nick names; none for an empty one.
async fn nick_names(session: &Session, names: &[&str]) -> Verdict {
    for name in names {
        session.user(json!({"nickName": name, "externalId": format!("{name}{}", session.marker)})).await?;
    }
    Ok(())
}

/// The nick names of the users of this check in some order.
async fn in_order(session: &Session, parameters: &[(&str, &str)]) -> Result<Vec<String>, Failure> {
    let answer = page(session, parameters).await?;
    Ok(answer.strings("nickName")?.into_iter().map(str::to_owned).collect())
}

async fn rfc7644_s3_4_2_3_ascending_is_the_default(session: &Session) -> Verdict {
    nick_names(session, &["c", "a", "b"]).await?;
    for parameters in [
        &[("sortBy", "nickName")][..],
        &[("sortBy", "NICKNAME"), ("sortOrder", "ascending")],
        &[("sortBy", "nickName"), ("sortOrder", "Ascending")],
    ] {
        ensure_eq!(in_order(session, parameters).await?, ["a", "b", "c"], "the order for {parameters:?}");
    }
    Ok(())
}

async fn rfc7644_s3_4_2_3_descending(session: &Session) -> Verdict {
    nick_names(session, &["c", "a", "b"]).await?;
    let order = in_order(session, &[("sortBy", "nickName"), ("sortOrder", "descending")]).await?;
    ensure_eq!(order, ["c", "b", "a"], "the order");
    Ok(())
}

async fn rfc7644_s3_4_2_3_values_that_are_missing_come_last(session: &Session) -> Verdict {
    nick_names(session, &["b", "", "a"]).await?;
    ensure_eq!(in_order(session, &[("sortBy", "nickName")]).await?, ["a", "b", ""], "the order");
    Ok(())
}

async fn rfc7644_s3_4_2_3_values_that_are_missing_come_first_when_descending(session: &Session) -> Verdict {
    nick_names(session, &["b", "", "a"]).await?;
    let order = in_order(session, &[("sortBy", "nickName"), ("sortOrder", "descending")]).await?;
    ensure_eq!(order, ["", "b", "a"], "the order");
    Ok(())
}

async fn rfc7644_s3_4_2_3_case_counts_as_the_schema_says(session: &Session) -> Verdict {
    nick_names(session, &["b", "C", "a"]).await?;
    ensure_eq!(in_order(session, &[("sortBy", "nickName")]).await?, ["a", "b", "C"], "the order without case");
    ensure_eq!(in_order(session, &[("sortBy", "externalId")]).await?, ["C", "a", "b"], "the order with case");
    Ok(())
}

async fn rfc7644_s3_4_2_3_by_a_sub_attribute(session: &Session) -> Verdict {
    for (nick_name, family_name) in [("1", "Zorn"), ("2", "Ahn"), ("3", "Maas")] {
        session.user(json!({"nickName": nick_name, "name": {"familyName": family_name}})).await?;
    }
    ensure_eq!(in_order(session, &[("sortBy", "name.familyName")]).await?, ["2", "3", "1"], "the order");
    Ok(())
}

async fn rfc7644_s3_4_2_3_by_the_primary_value_of_a_list(session: &Session) -> Verdict {
    for (nick_name, emails) in [
        ("1", json!([{"value": "a@example.com"}, {"value": "z@example.com", "primary": true}])),
        ("2", json!([{"value": "m@example.com"}, {"value": "b@example.com"}])),
        ("3", json!([{"value": "c@example.com", "primary": true}])),
    ] {
        session.user(json!({"nickName": nick_name, "emails": emails})).await?;
    }
    for sort_by in ["emails.value", "emails"] {
        ensure_eq!(in_order(session, &[("sortBy", sort_by)]).await?, ["3", "2", "1"], "the order by {sort_by}");
    }
    Ok(())
}

async fn rfc7644_s3_4_2_3_by_time_and_by_id(session: &Session) -> Verdict {
    seven_users(session).await?;
    let by_id = page(session, &[("sortBy", "id")]).await?;
    ensure_eq!(by_id.strings("id")?, by_id.ids()?, "the order by id");
    let newest = page(session, &[("sortBy", "meta.created"), ("sortOrder", "descending"), ("count", "1")]).await?;
    let last = session.user(json!({})).await?;
    let then = page(session, &[("sortBy", "meta.created"), ("sortOrder", "descending"), ("count", "1")]).await?;
    ensure!(newest.ids()? != then.ids()? && then.ids()? == [last.id()?], "the newest user does not come first");
    Ok(())
}

async fn rfc7644_s3_4_2_3_pages_of_a_sorted_list(session: &Session) -> Verdict {
    nick_names(session, &["d", "b", "a", "e", "c"]).await?;
    let mut seen = Vec::new();
    for start_index in ["1", "3", "5"] {
        seen.extend(in_order(session, &[("sortBy", "nickName"), ("startIndex", start_index), ("count", "2")]).await?);
    }
    ensure_eq!(seen, ["a", "b", "c", "d", "e"], "the order over three pages");
    Ok(())
}

async fn rfc7644_s3_4_2_3_what_cannot_be_sorted_by_is_invalid_path(session: &Session) -> Verdict {
    for sort_by in ["nobodyKnows", "name.nobodyKnows", "emails[type eq \"work\"]", "password", "name", "schemas"] {
        session.query("/Users", &[("sortBy", sort_by)]).await?.is_error(400, "invalidPath")?;
    }
    Ok(())
}

async fn rfc7644_s3_4_2_3_an_unknown_order_is_invalid_value(session: &Session) -> Verdict {
    session.query("/Users", &[("sortBy", "userName"), ("sortOrder", "up")]).await?.is_error(400, "invalidValue")
}
