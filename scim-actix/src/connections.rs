//! A URL of its own for each connection.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{from_fn, Next};
use actix_web::{Error, Scope};
use scim_core::{ConnectionId, ScimServer};

use crate::ScimExtensions;

/// The name of the path parameter that is the id of a connection.
const PARAMETER: &str = "connection";

/// As [`scope`](crate::scope), at a path with the parameter `{connection}`: the URL of each connection has its id there,
/// and the key of another connection is good for nothing at it, which
/// [`ConnectionAuthenticator`](scim_core::ConnectionAuthenticator) sees to.
///
/// The locations in answers begin with the base URL of the server, so the server is mounted there too; register that
/// one first, for actix-web asks scopes in the order of their registration.
///
/// ```
/// # use scim_core::{Connections, MemoryConnectionStore, MemoryStore, ScimServer};
/// # let connections = Connections::new(MemoryConnectionStore::new());
/// let server = ScimServer::builder()
///     .base_url("https://example.com/scim/v2")
///     .store(MemoryStore::new())
///     .connections(&connections)
///     .build()?;
/// let app = actix_web::App::new()
///     .service(scim_actix::scope("/scim/v2", server.clone()))
///     .service(scim_actix::connection_scope("/scim/{connection}/v2", server));
/// # Ok::<(), scim_core::BuildError>(())
/// ```
///
/// # Panics
///
/// As [`scope`](crate::scope) does, and at once if the path has no parameter `{connection}`, for no key of a connection
/// would be good for anything there.
pub fn connection_scope(
    path: &str,
    server: ScimServer,
) -> Scope<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    assert!(
        has_parameter(path),
        "the path of connection_scope must have the parameter {{{PARAMETER}}}, as in \"/scim/{{{PARAMETER}}}/v2\": {path:?}"
    );
    crate::scope(path, server).wrap(from_fn(name_connection))
}

/// Whether a path has the parameter, alone (`{connection}`) or with a pattern (`{connection:[0-9a-f-]+}`).
fn has_parameter(path: &str) -> bool {
    path.split('{').skip(1).any(|part| part.split(['}', ':']).next() == Some(PARAMETER))
}

/// Notes whose URL a request came by.
async fn name_connection(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let id = ConnectionId::new(request.match_info().query(PARAMETER));
    ScimExtensions::insert(&request, id);
    next.call(request).await
}
