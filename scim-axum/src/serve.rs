//! Running a router on a listener, with every wait bounded.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use axum::Router;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use scim_core::Limits;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower::Service;

use crate::connection::{Activity, InProgress, TrackedBody, TrackedStream};

/// The most bytes that the header of a request may have.
const HEADER_BYTES: usize = 64 * 1024;

/// The same for HTTP/2, which counts the header in another unit (RFC 9113 s6.5.2).
const HTTP2_HEADER_BYTES: u32 = 64 * 1024;

/// The most requests in progress on one HTTP/2 connection.
const HTTP2_STREAMS: u32 = 100;

/// How long a connection may take to end after it was asked to.
const FAREWELL: Duration = Duration::from_secs(1);

/// How long to wait after the system refused to accept a connection, as it does when there are too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// The bounds of [`serve`], each with a default, none of them unlimited.
///
/// ```
/// use scim_axum::ServeOptions;
/// use std::time::Duration;
///
/// let mut options = ServeOptions::default();
/// options.shutdown_timeout = Duration::from_secs(5);
/// assert_eq!(options.header_timeout, Duration::from_secs(10));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServeOptions {
    /// How long a connection may be open without a request in progress: before the header of the first request is
    /// complete, and from the end of one request to the complete header of the next. Beyond it the connection is closed.
    /// 10 s.
    pub header_timeout: Duration,
    /// How long a client may take to receive the end of a response of which it keeps receiving parts, and how long it may
    /// receive nothing of one that is there. Beyond it the connection is closed. 60 s.
    pub response_timeout: Duration,
    /// How long requests in progress may take to end after the shutdown began. Beyond it they are cut off. 30 s.
    pub shutdown_timeout: Duration,
    /// The most connections at a time; further ones wait to be accepted. 1,024.
    pub connections: usize,
}

impl ServeOptions {
    /// The options that go with the bounds of a server: its header timeout, and a shutdown that waits as long as a
    /// request may take.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            header_timeout: limits.header_timeout,
            response_timeout: Duration::from_secs(60),
            shutdown_timeout: limits.request_timeout,
            connections: 1_024,
        }
    }
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self::new(&Limits::default())
    }
}

/// Serves a router over HTTP/1.1 and HTTP/2 until `shutdown` is ready; then it accepts no more connections, lets the
/// requests in progress end and returns. Pass [`std::future::pending`] to serve for ever.
///
/// In place of `axum::serve`, which has no bound on how long a client may take to send the header of a request, and on
/// how long a connection may stay open without one: a few thousand clients that send nothing keep it from serving
/// anybody. Here both are bounded, and so are the number of connections, the size of headers and the time that a
/// shutdown takes; see [`ServeOptions`]. The bound on a whole request is [`ScimService`](crate::ScimService)'s and does
/// not hold for other routes of the router; give those one of their own, such as the timeout layer of `tower-http`.
///
/// What is no HTTP is refused by hyper, with 400 or 431 and without a body, before there is a request that SCIM could answer.
///
/// Handlers find the address of the client as [`ConnectInfo<SocketAddr>`](axum::extract::ConnectInfo). TLS is left to
/// what stands in front, or to a host that drives [`ScimService`](crate::ScimService) with its own stack.
///
/// ```no_run
/// # async fn run(server: scim_core::ScimServer) -> std::io::Result<()> {
/// let options = scim_axum::ServeOptions::new(server.limits());
/// let app = scim_axum::router("/scim/v2", server);
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
/// scim_axum::serve(listener, app, &options, std::future::pending()).await;
/// # Ok(())
/// # }
/// ```
pub async fn serve<F>(listener: TcpListener, app: Router, options: &ServeOptions, shutdown: F)
where
    F: Future<Output = ()>,
{
    let app = app.with_state(());
    let options = Arc::new(options.clone());
    let closing = watch::Sender::new(false);
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, client) = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener), if connections.len() < options.connections => accepted,
            Some(_) = connections.join_next() => continue,
        };
        connections.spawn(serve_connection(stream, client, app.clone(), Arc::clone(&options), closing.subscribe()));
    }
    drop(listener);
    closing.send_replace(true);
    let all_ended = async { while connections.join_next().await.is_some() {} };
    if timeout(options.shutdown_timeout, all_ended).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "cut off what had not ended when the shutdown timeout was over"
        );
    }
    connections.shutdown().await;
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_about_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_about_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Serves one connection to its end, asks it to end when the server shuts down or nothing happens on it any more, and
/// drops it if it does not.
async fn serve_connection(
    stream: TcpStream,
    client: SocketAddr,
    app: Router,
    options: Arc<ServeOptions>,
    mut closing: watch::Receiver<bool>,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let activity = Activity::new();
    let stream = TokioIo::new(TrackedStream::new(stream, Arc::clone(&activity)));
    let requests = Arc::clone(&activity);
    let service = service_fn(move |request| handle(app.clone(), requests.begin(), client, request));
    let builder = connection_builder();
    let mut connection = pin!(builder.serve_connection_with_upgrades(stream, service));
    let mut asked_to_end = false;
    loop {
        let patience = activity.patience(options.header_timeout, options.response_timeout);
        tokio::select! {
            result = &mut connection => {
                if let Err(error) = result {
                    tracing::debug!(error = &*error, "a connection ended with an error");
                }
                return;
            }
            _ = closing.changed(), if !asked_to_end => {}
            () = sleep(if asked_to_end { patience.max(FAREWELL) } else { patience }) => {
                if !activity.patience(options.header_timeout, options.response_timeout).is_zero() {
                    continue;
                }
                if asked_to_end {
                    return;
                }
            }
        }
        connection.as_mut().graceful_shutdown();
        asked_to_end = true;
    }
}

async fn handle(
    mut app: Router,
    in_progress: InProgress,
    client: SocketAddr,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<TrackedBody>, Infallible> {
    let mut request: Request = request.map(axum::body::Body::new);
    request.extensions_mut().insert(ConnectInfo(client));
    let response = app.call(request).await?;
    Ok(response.map(|body| TrackedBody::new(body, in_progress)))
}

/// How connections are read. Hyper's own timeout for headers is for HTTP/1 alone and runs while a response is still
/// being sent; [`Activity`] takes its place.
fn connection_builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().header_read_timeout(None).max_buf_size(HEADER_BYTES);
    builder.http2().max_concurrent_streams(HTTP2_STREAMS).max_header_list_size(HTTP2_HEADER_BYTES);
    builder
}
