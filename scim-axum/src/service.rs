//! The server as a tower service.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::BoxError;
use bytes::Bytes;
use http::header::{HeaderName, HeaderValue, EXPECT};
use http::request::Parts;
use http::{Method, Request, Response, Uri};
use http_body::Body;
use http_body_util::Full;
use scim_core::{ErrorKind, Limits, ScimError, ScimServer};
use tokio::time::{timeout, Instant};
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
/// A body beyond [`Limits::body_bytes`](scim_core::Limits::body_bytes) is answered with 413, at once if the request says
/// how long it is. A request that takes longer than [`Limits::request_timeout`](scim_core::Limits::request_timeout) is
/// answered with 408 if its body has not arrived by then, and with 503 otherwise; the operation is then dropped while it
/// waits, as it is when a client goes away.
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

async fn answer<B>(server: &ScimServer, head: Parts, body: B) -> Response<Bytes>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let limits = server.limits();
    let begun = Instant::now();
    let body = match read(body, &head, limits).await {
        Ok(body) => body,
        Err(error) => return server.error_response(&head, error),
    };
    let outline = Outline::of(&head);
    let rest = limits.request_timeout.saturating_sub(begun.elapsed());
    match timeout(rest, server.handle(Request::from_parts(head, body))).await {
        Ok(response) => response,
        Err(_) => server.error_response(&outline.into_head(), too_slow()),
    }
}

async fn read<B>(body: B, head: &Parts, limits: &Limits) -> Result<Bytes, ScimError>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let mut body = Box::pin(body);
    match timeout(limits.request_timeout, collect(&mut body, limits.body_bytes)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(error)) => {
            // A client that sent this header sends no body until it is asked to, which reading would do.
            if !head.headers.contains_key(EXPECT) {
                tokio::spawn(timeout(limits.request_timeout, discard(body)));
            }
            Err(error.into_scim_error(limits.body_bytes))
        }
        Err(_) => Err(ScimError::new(ErrorKind::RequestTimeout, "The request took too long to arrive")),
    }
}

fn too_slow() -> ScimError {
    ScimError::new(
        ErrorKind::Unavailable { retry_after: RETRY_AFTER },
        "The request took too long to answer; try again later",
    )
}

/// What is kept of a head for the answer and the log while the server has it.
struct Outline {
    method: Method,
    uri: Uri,
    request_id: Option<HeaderValue>,
}

impl Outline {
    const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

    fn of(head: &Parts) -> Self {
        let request_id = head.headers.get(Self::REQUEST_ID).cloned();
        Self { method: head.method.clone(), uri: head.uri.clone(), request_id }
    }

    fn into_head(self) -> Parts {
        let mut request = Request::new(());
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        request.headers_mut().extend(self.request_id.map(|id| (Self::REQUEST_ID, id)));
        request.into_parts().0
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
