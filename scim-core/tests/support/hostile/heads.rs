//! Request lines and headers.

use std::fmt::Write as _;

use http::request::Builder;
use http::{HeaderName, HeaderValue, Request};

use super::json::NASTY;
use crate::support::rng::Rng;

const SEGMENTS: &[&str] = &[
    "Users",
    "Groups",
    "users",
    "Me",
    "Bulk",
    ".search",
    "Schemas",
    "ResourceTypes",
    "ServiceProviderConfig",
    "User",
    "Group",
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "..",
    ".",
    "",
    "%2e%2e",
    "%2F",
    "%00",
    "%ff",
    "%",
    "%zz",
    "%25",
    "~",
    "*",
    "a=b;c",
    "bulkId:1",
];

const FILTERS: &[&str] = &[
    "userName eq \"bjensen\"",
    "emails[type eq \"work\" and value co \"@example.com\"]",
    "meta.lastModified gt \"2011-05-13T04:42:34Z\"",
    "not (title pr or (active eq true and name.familyName sw \"J\"))",
    "userType ne \"Employee\" and not (emails co \"example.com\" or emails.value co \"example.org\")",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"x\"",
    "members.value eq \"1\"",
    "id eq \"1\" and manager eq \"2\"",
    "active eq \"True\"",
    "externalId eq jyoung",
    "x509Certificates.value eq \"AAAA\"",
    "password eq \"secret\"",
    "meta.resourceType eq \"User\"",
];

const PARAMETERS: &[&str] = &[
    "filter",
    "sortBy",
    "sortOrder",
    "startIndex",
    "count",
    "cursor",
    "attributes",
    "excludedAttributes",
    "FILTER",
    "aadOptscim062020",
    "",
    "unknown",
];

const HEADERS: &[&str] = &[
    "if-match",
    "if-none-match",
    "content-type",
    "accept",
    "x-request-id",
    "content-length",
    "x-http-method-override",
    "accept-encoding",
    "range",
    "expect",
    "host",
];

const HEADER_VALUES: &[&str] = &[
    "*",
    "",
    "W/\"1\"",
    "\"1\", W/\"2\"",
    "\"",
    "W/",
    "W/\"",
    ",,,,",
    "application/scim+json; charset=utf-8",
    "application/json",
    "text/plain",
    "application/scim+json;charset=\"",
    ";",
    "multipart/form-data; boundary=x",
    "bytes=0-",
    "100-continue",
    "gzip",
];

/// A filter that is good, or nearly.
pub fn filter(rng: &mut Rng) -> String {
    let mut filter = rng.pick(FILTERS).to_owned();
    for _ in 0..rng.below(4) {
        let mut bytes = filter.into_bytes();
        let at = rng.below(bytes.len() + 1);
        match rng.below(6) {
            0 => bytes.truncate(at),
            1 => bytes.splice(at..at, *b" and ").for_each(drop),
            2 => bytes.splice(at..at, rng.pick(FILTERS).bytes()).for_each(drop),
            3 => bytes.splice(at..at, rng.text(3).into_bytes()).for_each(drop),
            4 => bytes.splice(0..0, *b"(").for_each(drop),
            _ => bytes.splice(at..at, "(".repeat(rng.below(50)).into_bytes()).for_each(drop),
        }
        filter = String::from_utf8_lossy(&bytes).into_owned();
    }
    filter
}

/// The path and query of a request.
pub fn target(rng: &mut Rng, ids: &[String]) -> String {
    let mut target = String::new();
    for _ in 0..1 + rng.below(3) {
        target.push('/');
        match rng.below(8) {
            0 => target.push_str(&encoded(&rng.bytes(12))),
            1 | 2 if !ids.is_empty() => target.push_str(&ids[rng.below(ids.len())]),
            3..=5 => target.push_str(rng.pick(&["Users", "Groups"])),
            _ => target.push_str(rng.pick(SEGMENTS)),
        }
    }
    for number in 0..rng.below(4) {
        let separator = if number == 0 { '?' } else { '&' };
        let name = rng.pick(PARAMETERS);
        let value = parameter(rng, name);
        let _ = write!(target, "{separator}{name}={value}");
    }
    target
}

fn parameter(rng: &mut Rng, name: &str) -> String {
    match rng.below(8) {
        0 => encoded(rng.text(40).as_bytes()),
        1 => encoded(&rng.bytes(20)),
        2 => "%".repeat(rng.below(4)),
        _ => match name.to_ascii_lowercase().as_str() {
            "filter" => encoded(filter(rng).as_bytes()),
            "startindex" | "count" => {
                rng.pick(&["0", "1", "-1", "2", "9223372036854775807", "-9223372036854775808", "1e3", "+1"]).to_owned()
            }
            "cursor" => {
                rng.pick(&["", "AAAA", "Zm9v", "====", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]).to_owned()
            }
            _ => encoded(format!("{},{}", rng.pick(super::json::NAMES), rng.pick(NASTY)).as_bytes()),
        },
    }
}

fn encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b':' => text.push(char::from(*byte)),
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
        text
    })
}

/// A request with this method and target, most of the time with a credential, and with headers that may mean anything.
/// A target that is no URI at all never reaches a server; the root takes its place.
pub fn request(rng: &mut Rng, method: &str, target: &str) -> Builder {
    let target = if target.parse::<http::Uri>().is_ok() { target } else { "/" };
    let mut request = Request::builder().method(method).uri(target);
    request = match rng.below(30) {
        0 => request,
        1 => request.header("authorization", HeaderValue::from_bytes(&header_bytes(rng)).unwrap()),
        2 => {
            request.header("authorization", rng.pick(&["Bearer", "Bearer  ", "Basic a", "Bearer b c", "bearer wrong"]))
        }
        _ => request.header("authorization", "Bearer a"),
    };
    for _ in 0..rng.below(3) {
        let name: HeaderName = rng.pick(HEADERS).parse().unwrap();
        let value = if rng.once_in(3) { header_bytes(rng) } else { rng.pick(HEADER_VALUES).as_bytes().to_vec() };
        request = request.header(name, HeaderValue::from_bytes(&value).unwrap());
    }
    request
}

/// Any bytes that a header can hold at all.
fn header_bytes(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = rng.bytes(100);
    bytes.retain(|byte| *byte >= 32 && *byte != 127);
    bytes
}
