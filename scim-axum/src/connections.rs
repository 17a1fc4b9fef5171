//! A URL of its own for each connection.

use axum::extract::{RawPathParams, Request};
use axum::middleware::{from_fn, Next};
use axum::response::Response;
use axum::Router;
use scim_core::{ConnectionId, ScimServer};

/// The name of the path parameter that is the id of a connection.
const PARAMETER: &str = "connection";

/// As [`router`](crate::router), at a path with the parameter `{connection}`: the URL of each connection has its id
/// there, and the key of another connection is good for nothing at it, which
/// [`ConnectionAuthenticator`](scim_core::ConnectionAuthenticator) sees to.
///
/// The locations in answers begin with the base URL of the server, so the server is mounted there too.
///
/// ```
/// # use scim_core::{Connections, MemoryConnectionStore, MemoryStore, ScimServer};
/// # fn run() -> Result<(), scim_core::BuildError> {
/// # let connections = Connections::new(MemoryConnectionStore::new());
/// let server = ScimServer::builder()
///     .base_url("https://example.com/scim/v2")
///     .store(MemoryStore::new())
///     .connections(&connections)
///     .build()?;
/// let app: axum::Router = scim_axum::connection_router("/scim/{connection}/v2", server.clone())
///     .merge(scim_axum::router("/scim/v2", server));
/// # Ok(())
/// # }
/// # run().unwrap();
/// ```
///
/// # Panics
///
/// As [`router`](crate::router) does, and if the path has no segment `{connection}`, for no key of a connection would be
/// good for anything there.
pub fn connection_router<S: Clone + Send + Sync + 'static>(path: &str, server: ScimServer) -> Router<S> {
    assert!(
        path.split('/').any(|segment| segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) == Some(PARAMETER)),
        "the path of connection_router must have a segment {{{PARAMETER}}}, as in \"/scim/{{{PARAMETER}}}/v2\": {path:?}"
    );
    crate::router(path, server).route_layer(from_fn(name_connection))
}

/// Notes whose URL a request came by.
async fn name_connection(parameters: RawPathParams, mut request: Request, next: Next) -> Response {
    let id = parameters.iter().find(|(name, _)| *name == PARAMETER).map_or("", |(_, id)| id);
    request.extensions_mut().insert(ConnectionId::new(id));
    next.run(request).await
}
