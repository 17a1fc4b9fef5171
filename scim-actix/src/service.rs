//! The server as a service of actix-web.

use std::fmt;
use std::future::{ready, Future, Ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::dev::{Service, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::rt::time::timeout;
use actix_web::HttpMessage as _;
use bytes::Bytes;
use http::Response;
use scim_core::{ErrorKind, ScimError, ScimServer};

use crate::body::collect;
use crate::convert;
use crate::timer::ActixTimer;

/// What a client is told to wait before it repeats a request that took too long, in seconds.
const RETRY_AFTER: u32 = 5;

/// A [`ScimServer`] as a [`ServiceFactory`] and [`Service`] of actix-web. A clone shares the server.
///
/// It takes the path of the request as relative to the scope it is in, and as sent. It never fails: what goes wrong is a
/// SCIM error in the response.
///
/// The body of a request that is not let in is not kept, and the answer does not wait for it. A body beyond
/// [`Limits::body_bytes`](scim_core::Limits::body_bytes) is answered with 413, at once if the request says how long it
/// is, and one that goes beyond [`Limits::all_body_bytes`](scim_core::Limits::all_body_bytes) with 503. A request that
/// takes longer than [`Limits::request_timeout`](scim_core::Limits::request_timeout) is answered with 408 if its body
/// has not arrived by then, and with 503 otherwise; the operation is then abandoned at its next call of the store.
///
/// ```
/// # use scim_core::{BearerTokens, MemoryStore, ScimServer, TenantId};
/// use actix_web::App;
/// use scim_actix::ScimService;
///
/// # let server = ScimServer::builder()
/// #     .base_url("https://example.com")
/// #     .store(MemoryStore::new())
/// #     .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
/// #     .build()?;
/// let app = App::new().default_service(ScimService::new(server));
/// # Ok::<(), scim_core::BuildError>(())
/// ```
#[derive(Clone)]
pub struct ScimService {
    server: ScimServer,
}

impl ScimService {
    /// The service of a server; it brings the timer of actix's runtime to the server.
    #[must_use]
    pub fn new(server: ScimServer) -> Self {
        server.install_timer(Arc::new(ActixTimer));
        Self { server }
    }
}

impl fmt::Debug for ScimService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ScimService").field(&self.server).finish()
    }
}

impl ServiceFactory<ServiceRequest> for ScimService {
    type Response = ServiceResponse;
    type Error = actix_web::Error;
    type Config = ();
    type Service = Self;
    type InitError = ();
    type Future = Ready<Result<Self, ()>>;

    fn new_service(&self, (): ()) -> Self::Future {
        ready(Ok(self.clone()))
    }
}

impl Service<ServiceRequest> for ScimService {
    type Response = ServiceResponse;
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<ServiceResponse, actix_web::Error>>>>;

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let server = self.server.clone();
        Box::pin(async move {
            let answer = answer(&server, &mut request).await;
            let answer = answer.unwrap_or_else(|error| refusal(&server, &request, error));
            Ok(request.into_response(convert::response(answer)))
        })
    }
}

async fn answer(server: &ScimServer, request: &mut ServiceRequest) -> Result<Response<Bytes>, ScimError> {
    let mut is_arriving = false;
    let answered = answer_in_time(server, request, &mut is_arriving);
    match timeout(server.limits().request_timeout, answered).await {
        Ok(answered) => answered,
        Err(_) if is_arriving => Err(ScimError::new(ErrorKind::RequestTimeout, "The request took too long to arrive")),
        Err(_) => Err(ScimError::new(
            ErrorKind::Unavailable { retry_after: RETRY_AFTER },
            "The request took too long to answer; try again later",
        )),
    }
}

/// Reads the body of a request that is let in, and answers it. Whoever waits for this learns from `is_arriving` whether
/// the body is what it waits for. What still comes of a body that is not read to its end actix-web lets pass.
async fn answer_in_time(
    server: &ScimServer,
    request: &mut ServiceRequest,
    is_arriving: &mut bool,
) -> Result<Response<Bytes>, ScimError> {
    let limit = server.limits().body_bytes;
    let payload = request.take_payload();
    let (mut head, ()) = convert::request_head(request)?.into_parts();
    let mut authenticated = match server.authenticate(&mut head).await {
        Ok(authenticated) => authenticated,
        Err(refusal) => return Ok(refusal),
    };
    *is_arriving = true;
    let body = collect(request.head(), payload, limit, |bytes| authenticated.reserve(bytes)).await;
    *is_arriving = false;
    Ok(authenticated.answer(body.map_err(|error| error.into_scim_error(limit))?).await)
}

/// The response for what is found before there is a request to handle, or when it is gone.
fn refusal(server: &ScimServer, request: &ServiceRequest, error: ScimError) -> Response<Bytes> {
    let head = convert::request_head(request).unwrap_or_default();
    server.error_response(&head.into_parts().0, error)
}
