//! Queries over HTTP: RFC 7644 s3.4.2, s3.4.3, RFC 9865.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod support;

use serde_json::{json, Value};
use support::Client;

async fn client_with_users(count: usize) -> Client {
    let client = Client::new();
    for number in 0..count {
        let body = json!({"userName": format!("user{number:03}@example.com"), "title": format!("t{}", number % 3)});
        assert_eq!(client.post("/Users", &body).await.status, 201);
    }
    client
}

fn names(page: &Value) -> Vec<String> {
    let name =
        |resource: &Value| resource["userName"].as_str().or(resource["displayName"].as_str()).unwrap().to_owned();
    page["Resources"].as_array().unwrap().iter().map(name).collect()
}

#[tokio::test]
async fn rfc7644_s3_4_2_4_index_paging_reads_zero_and_negative_numbers_as_the_table_says() {
    let client = client_with_users(5).await;
    let page = client.get("/Users?startIndex=-3&count=2").await.json;
    assert_eq!((&page["totalResults"], &page["startIndex"], &page["itemsPerPage"]), (&json!(5), &json!(1), &json!(2)));
    let page = client.get("/Users?count=0").await.json;
    assert_eq!((&page["totalResults"], &page["Resources"]), (&json!(5), &json!([])));
    let page = client.get("/Users?count=-7").await.json;
    assert_eq!(page["itemsPerPage"], 0);
    let page = client.get("/Users?startIndex=6").await.json;
    assert_eq!((&page["totalResults"], &page["itemsPerPage"]), (&json!(5), &json!(0)));
    assert_eq!(client.get("/Users?count=abc").await.error(), (400, "invalidValue".into()));
    assert_eq!(client.get("/Users?startIndex=9223372036854775808").await.error(), (400, "invalidValue".into()));
}

#[tokio::test]
async fn rfc9865_s2_a_walk_by_cursor_returns_everything_once_and_there_is_no_next_at_the_end() {
    let client = client_with_users(23).await;
    for sort in ["", "&sortBy=title&sortOrder=descending"] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = client.get(&format!("/Users?cursor={cursor}&count=5{sort}")).await.json;
            assert!(page.get("startIndex").is_none());
            seen.extend(names(&page));
            match page["nextCursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        let mut unique = seen.clone();
        unique.sort();
        unique.dedup();
        assert_eq!((seen.len(), unique.len()), (23, 23), "{sort}");
    }
}

#[tokio::test]
async fn rfc9865_s2_1_cursor_errors() {
    let client = client_with_users(5).await;
    let first = client.get("/Users?cursor&count=2").await.json;
    let next = first["nextCursor"].as_str().unwrap();
    assert_eq!(client.get(&format!("/Users?cursor={next}&count=3")).await.error(), (400, "invalidCount".into()));
    assert_eq!(client.get("/Users?cursor=abc&count=2").await.error(), (400, "invalidCursor".into()));
    let other = format!("/Users?cursor={next}&count=2&filter=title%20pr");
    assert_eq!(client.get(&other).await.error(), (400, "invalidCursor".into()));
    let both = format!("/Users?cursor={next}&count=2&startIndex=1");
    assert_eq!(client.get(&both).await.error(), (400, "invalidValue".into()));
}

#[tokio::test]
async fn rfc7644_s3_4_3_a_query_by_post_takes_every_parameter_in_its_body() {
    let client = client_with_users(6).await;
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "attributes": ["userName"],
        "filter": "title eq \"t1\"",
        "sortBy": "userName",
        "sortOrder": "descending",
        "startIndex": 1,
        "count": 10,
    });
    let page = client.post("/Users/.search", &body).await;
    assert_eq!(page.status, 200);
    assert_eq!(names(&page.json), ["user004@example.com", "user001@example.com"]);
    assert!(page.json["Resources"][0].get("title").is_none());
    let bad = json!({"filter": 7});
    assert_eq!(client.post("/Users/.search", &bad).await.error().0, 400);
}

#[tokio::test]
async fn rfc7644_s3_4_2_1_the_root_is_queried_across_types() {
    let client = client_with_users(3).await;
    for number in 0..3 {
        let body = json!({"displayName": format!("user00{number} group")});
        assert_eq!(client.post("/Groups", &body).await.status, 201);
    }
    let all = client.get("/").await.json;
    assert_eq!((&all["totalResults"], all["Resources"].as_array().unwrap().len()), (&json!(6), 6));

    let users = client.post("/.search", &json!({"filter": "meta.resourceType eq \"User\""})).await.json;
    assert_eq!(users["totalResults"], 3);
    assert_eq!(users["Resources"][0]["meta"]["resourceType"], "User");

    let filter = "userName eq \"user001@example.com\" or displayName sw \"user002\"";
    let mixed = client.post("/.search", &json!({"filter": filter})).await.json;
    assert_eq!(names(&mixed), ["user001@example.com", "user002 group"]);

    let page = client.post("/.search", &json!({"startIndex": 3, "count": 2})).await.json;
    assert_eq!(names(&page), ["user002@example.com", "user000 group"]);

    let sorted = json!({"sortBy": "displayName", "sortOrder": "descending", "startIndex": 4, "count": 2});
    let page = client.post("/.search", &sorted).await.json;
    assert_eq!(names(&page), ["user002 group", "user001 group"]);

    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.post("/.search", &json!({"cursor": cursor, "count": 2, "sortBy": "displayName"})).await.json;
        seen.extend(names(&page));
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = next.to_owned();
    }
    seen.sort();
    assert_eq!(seen.len(), 6);
    seen.dedup();
    assert_eq!(seen.len(), 6);
    assert_eq!(client.get("/?filter=nonsense").await.error(), (400, "invalidFilter".into()));
    assert_eq!(client.get("/?sortBy=nonsense").await.error(), (400, "invalidPath".into()));
}

#[tokio::test]
async fn rfc9865_s2_1_an_invalid_count_of_a_query_by_cursor_is_invalid_count() {
    let client = client_with_users(1).await;
    for path in ["/Users", "/"] {
        assert_eq!(client.get(&format!("{path}?cursor&count=abc")).await.error(), (400, "invalidCount".into()));
        assert_eq!(client.get(&format!("{path}?count=abc")).await.error(), (400, "invalidValue".into()));
        let search = format!("{path}/.search").replace("//", "/");
        let body = json!({"count": "abc", "cursor": ""});
        assert_eq!(client.post(&search, &body).await.error(), (400, "invalidCount".into()), "{search}");
    }
}

#[tokio::test]
async fn rfc7644_s3_4_2_a_filter_whose_name_is_encoded_is_one() {
    let client = client_with_users(2).await;
    let found = client.get("/Users?fil%74er=userName+sw+%22user001%22").await.json;
    assert_eq!(names(&found), ["user001@example.com"]);
}

#[tokio::test]
async fn rfc7644_s3_4_2_3_the_location_of_a_resource_is_not_to_sort_by_as_it_is_not_to_filter_on() {
    let client = client_with_users(2).await;
    for path in ["/Users", "/"] {
        for name in ["meta.location", "META.Location", "urn:ietf:params:scim:schemas:core:2.0:User:meta.location"] {
            let answer = client.get(&format!("{path}?sortBy={name}")).await;
            assert_eq!(answer.error(), (400, "invalidPath".into()), "{path} by {name}");
        }
        assert_eq!(client.get(&format!("{path}?sortBy=meta.created")).await.status, 200);
    }
    assert_eq!(client.get("/Users?filter=meta.location+pr").await.error(), (400, "invalidFilter".into()));
}
