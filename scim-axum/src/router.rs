//! The routes of a SCIM server, for a host's router.

use std::task::{Context, Poll};

use axum::extract::Request;
use axum::Router;
use http::uri::PathAndQuery;
use http::Uri;
use scim_core::ScimServer;
use tower::layer::layer_fn;
use tower::Service;

use crate::ScimService;

/// The server at a path, to be merged into a router with any state: `"/scim/v2"`, `"/"`, or with parameters as axum
/// writes them, such as `"/t/{tenant}/scim/v2"`.
///
/// Everything at and below the path is answered by the server, also the path itself, with and without a trailing slash,
/// and what no endpoint is at. More specific routes of the host win over it. The path that the server sees is what
/// follows the mount path, byte for byte as it was sent.
///
/// The router may be nested further, and `Router::new().nest("/t/{tenant}", router("/scim/v2", server))` is the same as
/// the path above. Only `nest(path, router("/", server))` is not: axum's `nest` does not route a bare path that ends in
/// a slash, and takes several slashes after the path for one.
///
/// Where clients reach the mount path is the server's configured base URL, and none of the adapter's business.
///
/// # Panics
///
/// As [`Router::nest_service`] does: if the path is none that axum understands.
///
/// ```
/// # use scim_core::{BearerTokens, MemoryStore, ScimServer, TenantId};
/// # fn run() -> Result<(), scim_core::BuildError> {
/// # let server = ScimServer::builder()
/// #     .base_url("https://example.com/scim/v2")
/// #     .store(MemoryStore::new())
/// #     .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
/// #     .build()?;
/// #[derive(Clone)]
/// struct AppState;
///
/// let app: axum::Router = axum::Router::new().merge(scim_axum::router("/scim/v2", server)).with_state(AppState);
/// # Ok(())
/// # }
/// # run().unwrap();
/// ```
pub fn router<S: Clone + Send + Sync + 'static>(path: &str, server: ScimServer) -> Router<S> {
    let service = ScimService::new(server);
    let path = path.trim_matches('/');
    if path.is_empty() {
        return Router::new().route_service("/", service.clone()).route_service("/{*path}", service);
    }
    let path = format!("/{path}");
    let segments = path.matches('/').count();
    Router::new().nest_service(&path, service).route_layer(layer_fn(move |inner| KeepTarget { inner, segments }))
}

/// The path and query below the mount point, as they were sent.
#[derive(Clone, Debug)]
pub(crate) struct Target(pub(crate) Uri);

/// Notes the [`Target`] before axum strips the mount path, because it takes several slashes after the path for one.
#[derive(Clone)]
struct KeepTarget<S> {
    inner: S,
    /// How many segments the mount path has. A parameter is one segment.
    segments: usize,
}

impl<S: Service<Request>> Service<Request> for KeepTarget<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> S::Future {
        if let Some(target) = below(request.uri(), self.segments) {
            request.extensions_mut().insert(Target(target));
        }
        self.inner.call(request)
    }
}

/// What follows the first segments of the path; at least a slash.
fn below(uri: &Uri, segments: usize) -> Option<Uri> {
    let query = uri.query().map_or(String::new(), |query| format!("?{query}"));
    let path = match uri.path().match_indices('/').nth(segments) {
        Some((start, _)) => uri.path().get(start..)?,
        None => "/",
    };
    Some(PathAndQuery::try_from(format!("{path}{query}")).ok()?.into())
}
