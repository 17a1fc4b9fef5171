//! A request between its head and its body.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::request::Parts;
use http::Response;

use crate::auth::Principal;
use crate::body_room::BodyRoom;
use crate::context::RequestId;
use crate::error::{ErrorKind, ScimError};
use crate::route::Route;
use crate::server::{Engine, ScimServer};

/// What a client is told to wait before it sends a body again for which there was no room, in seconds.
const RETRY_AFTER: u32 = 1;

/// A request that has a principal, and of which only the head has been read so far.
/// [`ScimServer::authenticate`] makes it, so that an adapter reads no body of somebody who is not let in.
#[must_use = "the request has not been answered yet"]
pub struct Authenticated<'a> {
    engine: &'a Engine,
    head: &'a mut Parts,
    principal: Arc<Principal>,
    route: Route,
    request_id: RequestId,
    /// How long the request took so far, if anybody wants to read in a log how long it took.
    spent: Option<Duration>,
    room: BodyRoom<'a>,
}

impl ScimServer {
    /// Asks the authenticator about the head of a request, whose path is as in [`handle`](Self::handle). With this an
    /// adapter reads the body of a request only if there is a principal:
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # use scim_core::{BearerTokens, MemoryStore, ScimServer, TenantId};
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # let server = ScimServer::builder()
    /// #     .store(MemoryStore::new())
    /// #     .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
    /// #     .build()?;
    /// let request = http::Request::post("/Users").header("Authorization", "Bearer wrong").body(()).unwrap();
    /// let (mut head, ()) = request.into_parts();
    /// let response = match server.authenticate(&mut head).await {
    ///     Ok(authenticated) => authenticated.answer(Bytes::from("what is read now")).await,
    ///     Err(refusal) => refusal,
    /// };
    /// assert_eq!(response.status(), 401);
    /// # Ok::<(), scim_core::BuildError>(())
    /// # }).unwrap();
    /// ```
    ///
    /// What becomes of the credential while the body arrives does not change the answer, so an adapter bounds how long that
    /// may take, as with [`Limits::request_timeout`](crate::Limits::request_timeout).
    ///
    /// # Errors
    ///
    /// The response to a request that is not let in: 401, 403, or 503 if the authenticator cannot tell.
    pub async fn authenticate<'a>(&'a self, head: &'a mut Parts) -> Result<Authenticated<'a>, Response<Bytes>> {
        let engine = self.engine();
        let started = engine.start();
        let request_id = engine.request_ids.of(&head.headers);
        let route = engine.route(head.uri.path());
        match engine.authenticate(head).await {
            Ok(principal) => {
                let spent = started.map(|started| started.elapsed());
                let room = engine.body_bytes.room();
                Ok(Authenticated { engine, head, principal, route, request_id, spent, room })
            }
            Err(error) => Err(engine.respond(started, &head.method, &route, &request_id, Err(error))),
        }
    }
}

impl Authenticated<'_> {
    /// The head of the request.
    #[must_use]
    pub fn head(&self) -> &Parts {
        self.head
    }

    /// Who asks.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Makes room for this many bytes more of the body; to be called for each part of it before that is kept. The room is
    /// given back when the request has been answered, or when this is dropped.
    ///
    /// # Errors
    ///
    /// 503 beyond [`Limits::all_body_bytes`](crate::Limits::all_body_bytes).
    pub fn reserve(&mut self, bytes: usize) -> Result<(), ScimError> {
        if self.room.grow(bytes, self.engine.limits.all_body_bytes) {
            return Ok(());
        }
        Err(ScimError::new(
            ErrorKind::Unavailable { retry_after: RETRY_AFTER },
            "The server has as many request bodies in progress as it takes; try again later",
        ))
    }

    /// Answers the request, as [`ScimServer::handle`] does. The time that reading the body took is not in the log.
    pub async fn answer(self, body: Bytes) -> Response<Bytes> {
        let engine = self.engine;
        let started = self.spent.and_then(|spent| Instant::now().checked_sub(spent));
        let principal = Arc::clone(&self.principal);
        let result = engine.answer(principal, self.head, &self.route, &body, &self.request_id).await;
        let method = &self.head.method;
        if !engine.request_logs.is_empty() {
            let record = engine.record(started, &self.principal, method, &self.route, &self.request_id, &result);
            Box::pin(record).await;
        }
        engine.respond(started, method, &self.route, &self.request_id, result)
    }
}

impl fmt::Debug for Authenticated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticated")
            .field("principal", &self.principal)
            .field("request_id", &self.request_id)
            .field("room", &self.room)
            .finish_non_exhaustive()
    }
}
