//! What is around all pages that people see: where forms may come from, and what a browser may do with a page.

use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Uri};
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
    if request.method().is_safe() || is_from_here(request.uri(), request.headers()) {
        (HEADERS, next.run(request).await).into_response()
    } else {
        (StatusCode::FORBIDDEN, HEADERS, "This form comes from another site").into_response()
    }
}

/// Every browser says of a form where it comes from, in one of two headers that no page can set. What sends neither is no
/// browser and has nobody's cookies. HTTP/2 may name the host in the URI alone (RFC 9113 s8.3.1); a form of a page that
/// says nothing of its origin, which is `null` then, is from nowhere.
fn is_from_here(uri: &Uri, headers: &HeaderMap) -> bool {
    let header = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match (header("sec-fetch-site"), header("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let host = header("host").or_else(|| uri.authority().map(Authority::as_str));
            origin.split_once("://").is_some_and(|(_, origin)| !origin.is_empty() && host == Some(origin))
        }
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    fn is_from_here(uri: &str, headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        super::is_from_here(&uri.parse().unwrap(), &headers.collect())
    }

    const HERE: &str = "https://example.com";
    const ELSEWHERE: &str = "https://evil.example";

    #[test]
    fn a_form_is_from_here_if_its_origin_is_the_host_that_is_asked() {
        assert!(is_from_here("/settings", &[("origin", HERE), ("host", "example.com")]));
        assert!(is_from_here("https://example.com/settings", &[("origin", HERE)]));
        assert!(is_from_here("/settings", &[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(is_from_here("/settings", &[]));
    }

    #[test]
    fn a_form_of_another_site_is_not_from_here() {
        assert!(!is_from_here("/settings", &[("origin", ELSEWHERE), ("host", "example.com")]));
        assert!(!is_from_here("https://example.com/settings", &[("origin", ELSEWHERE)]));
        assert!(!is_from_here(
            "/settings",
            &[("sec-fetch-site", "cross-site"), ("origin", HERE), ("host", "example.com")]
        ));
        // The header is what the page was asked for by, whatever a proxy made of the URI.
        assert!(!is_from_here("https://evil.example/settings", &[("origin", ELSEWHERE), ("host", "example.com")]));
    }

    #[test]
    fn a_form_of_nowhere_is_not_from_here_whether_the_host_is_known_or_not() {
        for origin in ["null", "", "https://", "://", "example.com"] {
            assert!(!is_from_here("/settings", &[("origin", origin)]), "{origin}");
            assert!(!is_from_here("https://example.com/settings", &[("origin", origin)]), "{origin}");
            assert!(!is_from_here("/settings", &[("origin", origin), ("host", "example.com")]), "{origin}");
            assert!(!is_from_here("/settings", &[("origin", origin), ("host", "")]), "{origin}");
        }
    }
}
