//! What is around all pages that people see: where forms may come from, and what a browser may do with a page.

use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{from_fn, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, MethodRouter};
use axum::Router;
use scim_core::DateTime;

/// A page may hold a key: it is not kept, shows nothing of other sites and is shown by none.
const HEADERS: [(&str, &str); 3] = [
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
];

/// Refuses forms of other sites, which the browser of an administrator would send with the session cookie, and has pages
/// kept and framed by nobody. The product's own check of who is signed in belongs around the same routes.
pub fn protect(pages: Router) -> Router {
    pages.layer(from_fn(guard))
}

/// A style sheet or a script of the product.
pub fn asset<S>(content_type: &'static str, text: &'static str) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    get(move || async move { ([(CONTENT_TYPE, content_type)], text) })
}

/// A time to the second, as people read it.
pub fn time(time: &DateTime) -> String {
    time.to_string().split(['.', 'Z']).next().unwrap_or_default().replace('T', " ")
}

async fn guard(request: Request, next: Next) -> Response {
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
