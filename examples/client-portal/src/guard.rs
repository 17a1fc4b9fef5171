//! What all pages have around them: forms come from the pages themselves, and nothing else is loaded or kept.

use axum::extract::Request;
use axum::http::header::{
    HeaderMap, HeaderName, HeaderValue, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    // A page may hold a key, which neither the browser nor a proxy is to keep.
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'",
        ),
    ),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// Refuses forms of other sites, which a signed-in administrator's browser would send with the session cookie.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let mut response = if request.method().is_safe() || is_from_here(request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "This form comes from another site").into_response()
    };
    response.headers_mut().extend(HEADERS);
    response
}

/// Every browser says of a form where it comes from, in one of two headers that no page can set. What says nothing is no
/// browser and has nobody's cookies.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    match (text(HeaderName::from_static("sec-fetch-site")), headers.get(ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let host = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
            host.is_some_and(|(_, host)| Some(host) == text(HOST))
        }
        (None, None) => true,
    }
}
