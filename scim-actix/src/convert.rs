//! Between the `http` 0.2 of actix-web and the `http` 1 of the core, by bytes.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{RequestHead, ServiceRequest};
use actix_web::http as actix;
use actix_web::HttpResponse;
use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri, Version};
use scim_core::ScimError;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::ScimExtensions;

/// The head of a request with the path relative to the mount point.
///
/// # Errors
///
/// 400 for what the other `http` does not take. A header is never just left out, for it may be a precondition.
pub(crate) fn request_head(request: &ServiceRequest) -> Result<Request<()>, ScimError> {
    let head = request.head();
    let mut converted = Request::new(());
    *converted.method_mut() = method(&head.method)?;
    *converted.uri_mut() = relative_uri(&head.uri, request.match_info().unprocessed())?;
    *converted.version_mut() = version(head.version);
    *converted.headers_mut() = headers(head)?;
    *converted.extensions_mut() = ScimExtensions::take(request);
    Ok(converted)
}

fn method(method: &actix::Method) -> Result<Method, ScimError> {
    Method::from_bytes(method.as_str().as_bytes()).map_err(|error| malformed(error, "method"))
}

fn version(version: actix::Version) -> Version {
    match version {
        actix::Version::HTTP_09 => Version::HTTP_09,
        actix::Version::HTTP_10 => Version::HTTP_10,
        actix::Version::HTTP_2 => Version::HTTP_2,
        actix::Version::HTTP_3 => Version::HTTP_3,
        _ => Version::HTTP_11,
    }
}

fn headers(head: &RequestHead) -> Result<HeaderMap, ScimError> {
    let mut headers = HeaderMap::with_capacity(head.headers.len());
    for (name, value) in &head.headers {
        let name = HeaderName::from_bytes(name.as_str().as_bytes()).map_err(|error| malformed(error, "header"))?;
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|error| malformed(error, "header"))?;
        headers.append(name, value);
    }
    Ok(headers)
}

/// The path and query below the mount point, as they were sent.
fn relative_uri(uri: &actix::Uri, unprocessed: &str) -> Result<Uri, ScimError> {
    let sent = uri.path_and_query().map_or("", actix::uri::PathAndQuery::as_str);
    let rest = sent.get(mount_length(uri.path(), unprocessed)..).unwrap_or_default();
    let relative =
        if rest.starts_with('/') { Bytes::copy_from_slice(rest.as_bytes()) } else { Bytes::from(format!("/{rest}")) };
    PathAndQuery::from_maybe_shared(relative).map(Uri::from).map_err(|error| malformed(error, "path"))
}

/// How many bytes of the path as it was sent belong to the mount point, given what actix-web left to be matched. That is
/// decoded, but for slashes, so that it has as many of them as the path has below the mount point.
fn mount_length(path: &str, unprocessed: &str) -> usize {
    match unprocessed.bytes().filter(|byte| *byte == b'/').count() {
        0 if unprocessed.is_empty() => path.len(),
        0 => 0,
        slashes => path.rmatch_indices('/').nth(slashes.saturating_sub(1)).map_or(0, |(place, _)| place),
    }
}

fn malformed(error: impl Into<http::Error>, what: &str) -> ScimError {
    ScimError::invalid_syntax(format!("The {what} of the request is malformed")).with_source(error.into())
}

/// The answer as a response of actix-web.
pub(crate) fn response(answer: Response<Bytes>) -> HttpResponse {
    let (head, body) = answer.into_parts();
    let status = actix::StatusCode::from_u16(head.status.as_u16()).unwrap_or(actix::StatusCode::INTERNAL_SERVER_ERROR);
    let body = match head.headers.get(http::header::CONTENT_LENGTH).and_then(length) {
        Some(length) if body.is_empty() => BoxBody::new(Withheld(length)),
        _ => BoxBody::new(body),
    };
    let mut response = HttpResponse::with_body(status, body);
    for (name, value) in &head.headers {
        let name = actix::header::HeaderName::from_bytes(name.as_str().as_bytes());
        let value = actix::header::HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn length(value: &HeaderValue) -> Option<u64> {
    value.to_str().ok()?.parse().ok()
}

/// The body that a response to HEAD has a length of, and nothing else (RFC 9110 s9.3.2).
struct Withheld(u64);

impl MessageBody for Withheld {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0)
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        Poll::Ready(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mount_ends_where_as_many_slashes_follow_as_are_left() {
        let cases = [
            ("/scim/v2", "", 8),
            ("/scim/v2/", "/", 8),
            ("/scim/v2//", "//", 8),
            ("/scim/v2/Users/a%2Fb", "/Users/a%2Fb", 8),
            ("/t/%C3%A9/scim/Users/%C3%A9", "/Users/é", 14),
            ("/", "/", 0),
            ("", "", 0),
            ("*", "*", 0),
            ("/a", "/a/b", 0),
        ];
        for (path, unprocessed, length) in cases {
            assert_eq!(mount_length(path, unprocessed), length, "{path}");
        }
    }
}
