//! What the suite talks to.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use crate::server::ScimServer;

/// Anything that turns a request into a response: a server in this process, or a client of one that listens somewhere.
///
/// The URI of a request is what follows the base URL, as raw as it is to be sent: `/Users?filter=...`. An exchange over
/// the wire puts its own base URL in front, and passes on all headers and the body. Where it cannot get a response it
/// panics, and the check has failed.
#[async_trait]
pub trait Exchange: Send + Sync + 'static {
    /// The response to a request.
    async fn send(&self, request: Request<Bytes>) -> Response<Bytes>;
}

#[async_trait]
impl Exchange for ScimServer {
    async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.handle(request).await
    }
}
