//! The server as a tower service.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::BoxError;
use bytes::Bytes;
use http::header::EXPECT;
use http::request::Parts;
use http::{Request, Response, Uri};
use http_body::Body;
use http_body_util::Full;
use scim_core::{ErrorKind, Limits, ScimError, ScimServer};
use tokio::time::timeout;
use tower::Service;

use crate::body::{collect, discard};
use crate::router::Target;
use crate::timer::TokioTimer;

/// What a client is told to wait before it repeats a request that took too long, in seconds.
const RETRY_AFTER: u32 = 5;

/// A [`ScimServer`] as a [`tower::Service`] over `http` types. A clone shares the server.
///
/// It takes the path of the request as relative to the mount point, so whatever routes to it strips the prefix, as
/// axum's [`nest_service`](axum::Router::nest_service) does. It never fails: what goes wrong is a SCIM error in the
/// response.
///
/// The body of a request that is not let in is not kept, and the answer does not wait for it. A body beyond
/// [`Limits::body_bytes`](scim_core::Limits::body_bytes) is answered with 413, at once if the request says how long it
/// is, and one that goes beyond [`Limits::all_body_bytes`](scim_core::Limits::all_body_bytes) with 503. A request that
/// takes longer than [`Limits::request_timeout`](scim_core::Limits::request_timeout) is answered with 408 if its body
/// has not arrived by then, and with 503 otherwise; the operation is then dropped while it waits, as it is when a
/// client goes away.
///
/// ```
/// # use scim_core::{BearerTokens, MemoryStore, ScimServer, TenantId};
/// use axum::Router;
/// use scim_axum::ScimService;
///
/// # let server = ScimServer::builder()
/// #     .base_url("https://example.com")
/// #     .store(MemoryStore::new())
/// #     .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
/// #     .build()?;
/// let app: Router = Router::new().fallback_service(ScimService::new(server));
/// # Ok::<(), scim_core::BuildError>(())
/// ```
#[derive(Clone)]
pub struct ScimService {
    server: ScimServer,
}

impl ScimService {
    /// The service of a server; it brings tokio's timer to the server.
    #[must_use]
    pub fn new(server: ScimServer) -> Self {
        server.install_timer(Arc::new(TokioTimer));
        Self { server }
    }
}

impl fmt::Debug for ScimService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ScimService").field(&self.server).finish()
    }
}

impl<B> Service<Request<B>> for ScimService
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let server = self.server.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            Ok(answer(&server, relative(head), body).await.map(Full::new))
        })
    }
}

async fn answer<B>(server: &ScimServer, mut head: Parts, body: B) -> Response<Bytes>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let mut is_arriving = false;
    let answered = answer_in_time(server, &mut head, body, &mut is_arriving);
    let error = match timeout(server.limits().request_timeout, answered).await {
        Ok(Ok(response)) => return response,
        Ok(Err(error)) => error,
        Err(_) if is_arriving => ScimError::new(ErrorKind::RequestTimeout, "The request took too long to arrive"),
        Err(_) => ScimError::new(
            ErrorKind::Unavailable { retry_after: RETRY_AFTER },
            "The request took too long to answer; try again later",
        ),
    };
    server.error_response(&head, error)
}

/// Reads the body of a request that is let in, and answers it. Whoever waits for this learns from `is_arriving` whether
/// the body is what it waits for.
async fn answer_in_time<B>(
    server: &ScimServer,
    head: &mut Parts,
    body: B,
    is_arriving: &mut bool,
) -> Result<Response<Bytes>, ScimError>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let limits = server.limits();
    let is_awaited = head.headers.contains_key(EXPECT);
    let mut body = Box::pin(body);
    let mut authenticated = match server.authenticate(head).await {
        Ok(authenticated) => authenticated,
        Err(refusal) => {
            throw_away(body, is_awaited, limits);
            return Ok(refusal);
        }
    };
    *is_arriving = true;
    let collected = collect(&mut body, limits.body_bytes, |bytes| authenticated.reserve(bytes)).await;
    *is_arriving = false;
    match collected {
        Ok(body) => Ok(authenticated.answer(body).await),
        Err(error) => {
            throw_away(body, is_awaited, limits);
            Err(error.into_scim_error(limits.body_bytes))
        }
    }
}

/// Lets what still comes of a body pass, beside the answer.
fn throw_away<B>(body: Pin<Box<B>>, is_awaited: bool, limits: &Limits)
where
    B: Body + Send + 'static,
    B::Data: Send,
{
    // A client that sent `Expect` sends no body until it is asked to, which reading would do.
    if !is_awaited && !body.is_end_stream() {
        tokio::spawn(timeout(limits.request_timeout, discard(body)));
    }
}

/// The head with the path and query below the mount point alone: a request line in absolute form (RFC 9112 s3.2.2) and
/// HTTP/2 name the host, too.
fn relative(mut head: Parts) -> Parts {
    if let Some(Target(target)) = head.extensions.remove() {
        head.uri = target;
    } else if head.uri.authority().is_some() {
        head.uri = head.uri.path_and_query().cloned().map_or_else(Uri::default, Uri::from);
    }
    head
}
