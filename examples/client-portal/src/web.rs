//! What is around all pages: where forms may come from, what a browser may do with a page, and what goes wrong.

use std::error::Error;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use scim_core::ScimError;

/// A page may hold a key: it is not kept, shows nothing of other sites and is shown by none.
const HEADERS: [(&str, &str); 3] = [
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
];

/// Refuses forms of other sites, which the browser of an administrator would send with the session cookie.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    if request.method().is_safe() || is_from_here(request.headers()) {
        (HEADERS, next.run(request).await).into_response()
    } else {
        (StatusCode::FORBIDDEN, HEADERS, "This form comes from another site").into_response()
    }
}

/// Every browser says of a form where it comes from, in one of two headers that no page can set. What sends neither is no
/// browser and has nobody's cookies.
fn is_from_here(headers: &HeaderMap) -> bool {
    let header = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match (header("sec-fetch-site"), header("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin.split_once("://").map(|(_, host)| host) == header("host"),
        (None, None) => true,
    }
}

/// Why there is no page.
pub(crate) struct Failure(Box<dyn Error + Send + Sync>);

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if self.0.downcast_ref().is_some_and(|error: &ScimError| error.status() == StatusCode::NOT_FOUND) {
            return (StatusCode::NOT_FOUND, "There is no such page").into_response();
        }
        tracing::error!(error = %self.0, "a page failed");
        (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong; please try again").into_response()
    }
}
