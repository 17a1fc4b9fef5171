//! Running an application on a listener, with every wait bounded.

use std::fmt::Debug;
use std::future::{ready, Future};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::thread::available_parallelism;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{ConnectionType, HttpService, KeepAlive, Request, Response};
use actix_server::Server;
use actix_service::{apply_fn_factory, fn_service, map_config, IntoServiceFactory, ServiceFactoryExt as _};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Service, ServiceFactory, ServiceResponse};
use actix_web::rt::net::TcpStream;
use actix_web::Error;
use scim_core::Limits;
use tokio::sync::watch;

use crate::connection::{Activity, TrackedBody, TrackedStream};

/// The most workers that a server of actix takes.
const MOST_WORKERS: usize = 512;

/// The bounds of [`serve`], each with a default, none of them unlimited.
///
/// ```
/// use scim_actix::ServeOptions;
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
    /// How long a client may take to receive the end of a response of which it keeps receiving parts. Beyond it the
    /// connection is closed. 60 s.
    pub response_timeout: Duration,
    /// How long requests in progress may take to end after the shutdown began, in whole seconds; a part of a second
    /// counts as one. Beyond it they are cut off. 30 s.
    pub shutdown_timeout: Duration,
    /// The most connections at a time, in equal parts for each worker; further ones wait to be accepted. 1,024.
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

/// Serves an application over HTTP/1.1 until `shutdown` is ready; then it accepts no more connections, lets the requests
/// in progress end and returns. Pass [`std::future::pending`] to serve for ever. There is a worker for each processor,
/// and `app` makes the application of each.
///
/// In place of [`HttpServer`](actix_web::HttpServer), whose `client_request_timeout` is for the first request of a
/// connection alone: a client that begins a second one and never ends it keeps its connection. Here the header of every
/// request is bounded, and how long a client may take to read a response; see [`ServeOptions`]. The bound on a whole
/// request is [`ScimService`](crate::ScimService)'s and does not hold for other routes of the application.
///
/// A host that stays with `HttpServer`, for TLS or HTTP/2 for instance, sets at least
/// `.client_request_timeout(limits.header_timeout)` and `.tcp_nodelay(true)`, and leaves long headers and slow readers
/// to the proxy in front of it.
///
/// Handlers find the address of the client with `peer_addr()`; the address of the listener is not in `app_config()`.
///
/// # Errors
///
/// If the system does not let the listener be used.
///
/// ```no_run
/// # async fn run(server: scim_core::ScimServer) -> std::io::Result<()> {
/// use actix_web::App;
///
/// let options = scim_actix::ServeOptions::new(server.limits());
/// let app = move || App::new().service(scim_actix::scope("/scim/v2", server.clone()));
/// let listener = std::net::TcpListener::bind("127.0.0.1:3000")?;
/// scim_actix::serve(listener, app, &options, std::future::pending()).await
/// # }
/// ```
pub async fn serve<F, I, S, B>(
    listener: TcpListener,
    app: F,
    options: &ServeOptions,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::InitError: Debug,
    S::Service: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let (closing, asked_to_close) = watch::channel(());
    let workers = available_parallelism().map_or(1, NonZeroUsize::get).min(options.connections).clamp(1, MOST_WORKERS);
    let bounds = options.clone();
    let worker = move || {
        let (bounds, asked_to_close) = (bounds.clone(), asked_to_close.clone());
        let http = HttpService::build()
            .keep_alive(KeepAlive::Os)
            .client_request_timeout(Duration::ZERO)
            .client_disconnect_timeout(bounds.header_timeout)
            .on_connect_ext(|stream: &TrackedStream, connection| drop(connection.insert(Rc::clone(stream.activity()))))
            .h1(tracked(app()));
        fn_service(move |stream: TcpStream| {
            let activity = Activity::new(bounds.header_timeout, bounds.response_timeout, asked_to_close.clone());
            ready(connected(stream, activity))
        })
        .and_then(http)
    };
    let mut server = Server::build()
        .workers(workers)
        .max_concurrent_connections(options.connections.checked_div(workers).unwrap_or(1).max(1))
        .shutdown_timeout(whole_seconds(options.shutdown_timeout))
        .disable_signals()
        .listen("scim", listener, worker)?
        .run();
    tokio::select! {
        result = &mut server => return result,
        () = shutdown => {}
    }
    closing.send_replace(());
    drop(server.handle().stop(true));
    server.await
}

fn connected(stream: TcpStream, activity: Rc<Activity>) -> Result<(TrackedStream, Option<SocketAddr>), DispatchError> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let client = stream.peer_addr().ok();
    Ok((TrackedStream::new(stream, activity), client))
}

/// The application, which notes on the connection which requests are in progress, and ends connections when the server
/// shuts down.
fn tracked<I, S, B>(
    app: I,
) -> impl ServiceFactory<
    Request,
    Config = (),
    Response = Response<TrackedBody>,
    Error = Error,
    InitError = S::InitError,
    Service = impl Service<Request, Response = Response<TrackedBody>, Error = Error, Future = impl Future + 'static>,
    Future = impl Future + 'static,
>
where
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Service: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let app = map_config(app, |()| AppConfig::default());
    apply_fn_factory(app, |request: Request, app: &S::Service| {
        let activity = request.conn_data::<Rc<Activity>>().cloned();
        let in_progress = activity.as_ref().map(Activity::begin);
        let response = app.call(request);
        async move {
            let mut response: Response<B> = response.await?.into();
            if activity.is_some_and(|activity| activity.is_closing()) {
                response.head_mut().set_connection_type(ConnectionType::Close);
            }
            Ok(response.map_body(|_, body| TrackedBody::new(body.boxed(), in_progress)))
        }
    })
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0))
}
