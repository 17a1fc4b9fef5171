//! What can happen to a request on its way to the server.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Uri};
use percent_encoding::percent_decode_str;

fn set_target(head: &mut Parts, target: &str) {
    if let Ok(uri) = target.parse::<Uri>() {
        head.uri = uri;
    }
}

pub fn loses_the_query(head: &mut Parts, _: &mut Bytes) {
    let path = head.uri.path().to_owned();
    set_target(head, &path);
}

/// As frameworks do that hand on decoded paths.
pub fn decodes_the_path(head: &mut Parts, _: &mut Bytes) {
    let query = head.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let path = percent_decode_str(head.uri.path()).decode_utf8_lossy().replace(' ', "%20");
    set_target(head, &format!("{path}{query}"));
}

pub fn merges_slashes(head: &mut Parts, _: &mut Bytes) {
    let target = head.uri.to_string().replace("//", "/");
    set_target(head, &target);
}

pub fn encodes_plus_signs(head: &mut Parts, _: &mut Bytes) {
    let target = head.uri.to_string().replace('+', "%2B");
    set_target(head, &target);
}

pub fn refuses_trailing_slashes(head: &mut Parts, _: &mut Bytes) {
    if head.uri.path().len() > 1 && head.uri.path().ends_with('/') {
        set_target(head, "/nowhere");
    }
}

pub fn drops_if_match(head: &mut Parts, _: &mut Bytes) {
    head.headers.remove("if-match");
}

pub fn drops_if_none_match(head: &mut Parts, _: &mut Bytes) {
    head.headers.remove("if-none-match");
}

pub fn drops_the_content_type(head: &mut Parts, _: &mut Bytes) {
    head.headers.remove("content-type");
}

pub fn demands_a_content_type(head: &mut Parts, _: &mut Bytes) {
    if !head.headers.contains_key("content-type") {
        head.headers.insert("content-type", HeaderValue::from_static("application/octet-stream"));
    }
}

pub fn drops_the_request_id(head: &mut Parts, _: &mut Bytes) {
    head.headers.remove("x-request-id");
}

/// As maps of headers do that hold one value for a name.
pub fn keeps_the_last_of_two_headers(head: &mut Parts, _: &mut Bytes) {
    let last = head.headers.get_all("authorization").iter().next_back().cloned();
    if let Some(last) = last {
        head.headers.insert("authorization", last);
    }
}

pub fn lets_everybody_in(head: &mut Parts, _: &mut Bytes) {
    head.headers.entry("authorization").or_insert(HeaderValue::from_static("Bearer http-suite-a"));
}

pub fn takes_all_for_one_tenant(head: &mut Parts, _: &mut Bytes) {
    if head.headers.get("authorization").is_some_and(|value| value == "Bearer http-suite-b") {
        lets_in_as_the_first_tenant(head);
    }
}

fn lets_in_as_the_first_tenant(head: &mut Parts) {
    head.headers.insert("authorization", HeaderValue::from_static("Bearer http-suite-a"));
}

pub fn lets_a_header_choose_the_tenant(head: &mut Parts, _: &mut Bytes) {
    if head.headers.contains_key("x-tenant-id") {
        head.headers.insert("authorization", HeaderValue::from_static("Bearer http-suite-b"));
    }
}

pub fn takes_head_for_get(head: &mut Parts, _: &mut Bytes) {
    if head.method == Method::HEAD {
        head.method = Method::GET;
    }
}

pub fn cuts_the_body(_: &mut Parts, body: &mut Bytes) {
    body.truncate(1_000);
}

/// As it happens where a body is read into text.
pub fn replaces_bytes_that_are_no_text(_: &mut Parts, body: &mut Bytes) {
    *body = String::from_utf8_lossy(body).into_owned().into();
}

/// As a parser does that keeps the last of two members of one name.
pub fn reads_the_body_as_json_and_writes_it_again(_: &mut Parts, body: &mut Bytes) {
    if let Ok(value) = serde_json::from_slice::<serde_json::Value>(body) {
        *body = value.to_string().into();
    }
}

/// As a framework does whose own bound is lower than the server's.
pub fn bounds_bodies_at_32_kib(_: &mut Parts, body: &mut Bytes) {
    body.truncate(32 * 1024);
}
