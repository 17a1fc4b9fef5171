//! The server: from an HTTP request to an HTTP response.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use async_lock::MutexGuard;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response};
use serde_json::{Map, Value};

use crate::auth::{AuthError, Authenticator, Principal};
use crate::body_room::BodyBytes;
use crate::builder::ScimServerBuilder;
use crate::compat::CompatProfile;
use crate::connection::RequestLog;
use crate::context::{Context, RequestId};
use crate::cursor::CursorSeal;
use crate::error::{ErrorKind, ScimError};
use crate::hook::{Me, Observer, PasswordHasher, Policy, Subject};
use crate::host::PrincipalResources;
use crate::json;
use crate::limits::Limits;
use crate::log_line::{log_cause, logged_method, IgnoredPaths, Template};
use crate::operation::bulk::Bulk;
use crate::operation::search::{RootSearch, Source};
use crate::operation::{Operation, UnknownMembers};
use crate::patch::Budget;
use crate::projection::Projection;
use crate::provisioning::{Face, Faces, ResourceOperation};
use crate::request::{check_content_type, Parameters, Preconditions};
use crate::request_ids::RequestIds;
use crate::resource::{ResourceId, TenantId};
use crate::response::{self, Answer};
use crate::route::Route;
use crate::served_type::ServedType;
use crate::store::StoreError;
use crate::timer::{note_is_late, note_limit, within, Timer};
use crate::turns::Turns;

/// A SCIM service provider: resource types, their stores and an authenticator behind one function from request to
/// response. A clone shares all of it.
///
/// ```
/// use bytes::Bytes;
/// use scim_core::{BearerTokens, MemoryStore, ScimServer, TenantId};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let server = ScimServer::builder()
///     .base_url("https://example.com/scim/v2")
///     .store(MemoryStore::new())
///     .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
///     .build()?;
///
/// let request = http::Request::post("/Users")
///     .header("Authorization", "Bearer secret")
///     .header("Content-Type", "application/scim+json")
///     .body(Bytes::from(r#"{"userName": "bjensen@example.com"}"#))
///     .unwrap();
/// assert_eq!(server.handle(request).await.status(), 201);
/// # Ok::<(), scim_core::BuildError>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct ScimServer(Arc<Engine>);

/// What all requests share.
pub(crate) struct Engine {
    pub(crate) base_url: String,
    pub(crate) authenticator: Arc<dyn Authenticator>,
    pub(crate) profile: Arc<CompatProfile>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) faces: Faces,
    pub(crate) timer: OnceLock<Arc<dyn Timer>>,
    pub(crate) turns: Turns,
    pub(crate) cursors: CursorSeal,
    pub(crate) unknown_members: UnknownMembers,
    pub(crate) policies: Vec<Arc<dyn Policy>>,
    pub(crate) observers: Vec<Arc<dyn Observer>>,
    pub(crate) password: Option<Arc<dyn PasswordHasher>>,
    pub(crate) me: Option<Arc<dyn Me>>,
    pub(crate) request_logs: Vec<Arc<dyn RequestLog>>,
    pub(crate) request_ids: RequestIds,
    pub(crate) atomic_bulk: bool,
    pub(crate) body_bytes: BodyBytes,
}

impl ScimServer {
    /// Begins to put a server together.
    pub fn builder() -> ScimServerBuilder {
        ScimServerBuilder::default()
    }

    pub(crate) fn from_engine(engine: Engine) -> Self {
        Self(Arc::new(engine))
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0
    }

    /// Answers one request. The path is what follows the mount point, as raw as it was sent: `/Users/2819c223?...`.
    ///
    /// Every answer is SCIM, errors included; there is no error to handle. The extensions of the request reach the
    /// store in [`Context::extensions`].
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (mut head, body) = request.into_parts();
        let authenticated = self.authenticate(&mut head).await;
        match authenticated {
            Ok(authenticated) => authenticated.answer(body).await,
            Err(refusal) => refusal,
        }
    }

    /// The bounds that the server enforces; an adapter bounds bodies and time by them.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The base URL, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.0.base_url
    }

    /// The resources that a principal sees, for the product's own code: those of a [`Connection`](crate::Connection), or
    /// with [`Principal::new`] those that a tenant has by itself. See [`PrincipalResources`].
    ///
    /// ```
    /// use scim_core::{Connections, MemoryConnectionStore, MemoryStore, Principal, Provider, ScimServer, TenantId, User};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let (acme, connections) = (TenantId::new("acme"), Connections::new(MemoryConnectionStore::new()));
    /// let server = ScimServer::builder().store(MemoryStore::new()).connections(&connections).build().unwrap();
    /// let okta = connections.of_tenant(acme.clone()).create(Provider::Okta, "Okta").await?;
    ///
    /// let by_hand = server.resources_of(Principal::new(acme, "the product"));
    /// by_hand.users().create(&User::new("bjensen@example.com")).await?;
    /// assert!(server.resources_of(&okta).users().all().await?.is_empty());
    /// # Ok::<(), scim_core::ScimError>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn resources_of(&self, principal: impl Into<Principal>) -> PrincipalResources {
        let principal = Arc::new(principal.into());
        let served = self.0.faces.of(&principal).ok().and_then(|face| face.types.first());
        PrincipalResources::new(
            served.map(|served| self.0.context(Arc::clone(&principal), served, Arc::default(), &RequestId::default())),
        )
    }

    /// The response for an error that an adapter finds before there is a request to handle, such as a body that is too
    /// large (413) or too slow (408). It is logged like any other.
    #[must_use]
    pub fn error_response(&self, head: &Parts, error: ScimError) -> Response<Bytes> {
        let request_id = self.0.request_ids.of(&head.headers);
        self.0.respond(self.0.start(), &head.method, &self.0.route(head.uri.path()), &request_id, Err(error))
    }

    /// How to wait for [`Limits::store_timeout`]. The adapters call this; the first timer stays. Without one a store is
    /// waited for as long as it takes.
    pub fn install_timer(&self, timer: Arc<dyn Timer>) {
        self.0.install_timer(timer);
    }
}

impl fmt::Debug for ScimServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types: Vec<&str> = self.0.faces.common.types.iter().map(|served| served.resource_type.name()).collect();
        f.debug_struct("ScimServer").field("base_url", &self.0.base_url).field("types", &types).finish_non_exhaustive()
    }
}

impl Engine {
    /// When a request began, if anybody wants to read in a log how long it took: to look at the clock costs more than most
    /// of what is done for a read.
    pub(crate) fn start(&self) -> Option<Instant> {
        let is_logged =
            !self.request_logs.is_empty() || tracing::enabled!(target: "scim::request", tracing::Level::INFO);
        is_logged.then(Instant::now)
    }

    /// The first timer stays.
    pub(crate) fn install_timer(&self, timer: Arc<dyn Timer>) {
        if self.timer.set(Arc::clone(&timer)).is_ok() {
            self.authenticator.install_timer(timer, self.limits.store_timeout);
        }
    }

    /// What a raw path below the base URL names.
    pub(crate) fn route(&self, path: &str) -> Route {
        Route::of(path, self.faces.common.types.iter().map(|served| served.resource_type.endpoint()))
    }

    /// Logs what came of a request, without values, and makes the response.
    pub(crate) fn respond(
        &self,
        started: Option<Instant>,
        method: &Method,
        route: &Route,
        request_id: &RequestId,
        result: Result<Answer, ScimError>,
    ) -> Response<Bytes> {
        let answer = result.unwrap_or_else(|error| {
            log_cause(&error, request_id);
            Answer::of_error(&error, request_id)
        });
        tracing::info!(
            target: "scim::request",
            method = %logged_method(method),
            route = %self.template(route),
            status = answer.status.as_u16(),
            micros = started.map(|started| u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX)),
            request_id = %request_id,
            ignored = %IgnoredPaths(&answer.ignored),
        );
        answer.into_response(method, request_id)
    }

    pub(crate) async fn answer(
        &self,
        principal: Arc<Principal>,
        head: &mut Parts,
        route: &Route,
        body: &Bytes,
        request_id: &RequestId,
    ) -> Result<Answer, ScimError> {
        let face = self.faces.of(&principal)?;
        let route = face.visible(route);
        if !route.allows(&head.method) && *route != Route::Unknown {
            let allowed = face.allowed(route);
            return Err(ScimError::new(ErrorKind::MethodNotAllowed(allowed), format!("This endpoint takes {allowed}")));
        }
        if body.len() > self.limits.body_bytes {
            let most = self.limits.body_bytes;
            return Err(ScimError::payload_too_large(format!("The body exceeds the maxPayloadSize ({most} bytes)")));
        }
        match route {
            Route::Collection(place) => {
                let target = Target { served: served(face, *place)?, id: None, search: false };
                self.operate(target, principal, head, body, request_id).await
            }
            Route::Item(place, id) => {
                let target = Target { served: served(face, *place)?, id: Some(id), search: false };
                self.operate(target, principal, head, body, request_id).await
            }
            Route::Search(place) => {
                let target = Target { served: served(face, *place)?, id: None, search: true };
                self.operate(target, principal, head, body, request_id).await
            }
            Route::Root | Route::RootSearch => {
                Box::pin(self.search_root(face, &principal, head, body, request_id)).await
            }
            Route::Me => Box::pin(self.operate_on_me(face, principal, head, body, request_id)).await,
            Route::Bulk => {
                check_scope(&principal, None, true)?;
                face.check_bulk()?;
                check_content_type(&head.headers)?;
                let extensions = Arc::new(std::mem::take(&mut head.extensions));
                let context =
                    |served| self.context(Arc::clone(&principal), served, Arc::clone(&extensions), request_id);
                let contexts: Vec<Context> = face.types.iter().map(context).collect();
                let budget = &Budget::new(self.limits.patch_effort);
                Box::pin(Bulk { engine: self, face, contexts: &contexts, budget }.perform(body)).await
            }
            discovery => face.discovery.answer(discovery, head.uri.query()),
        }
    }

    pub(crate) async fn authenticate(&self, head: &Parts) -> Result<Arc<Principal>, ScimError> {
        let timer = self.timer.get().map(|timer| &**timer);
        let found = within(timer, self.limits.store_timeout, self.authenticator.authenticate(head)).await;
        let late = || Err(AuthError::Unavailable("the authenticator took longer than the limit allows".into()));
        found.unwrap_or_else(late).map_err(|error| match error {
            AuthError::Missing => ScimError::new(
                ErrorKind::Unauthorized,
                "The request has no credential; send the token as Authorization: Bearer TOKEN",
            ),
            AuthError::NoScheme => ScimError::new(
                ErrorKind::Unauthorized,
                "The credential is without a scheme; send the token as Authorization: Bearer TOKEN",
            ),
            AuthError::Invalid => ScimError::new(
                ErrorKind::Unauthorized,
                "The credential is not accepted; check the token in the provisioning settings",
            ),
            AuthError::Forbidden => ScimError::new(ErrorKind::Forbidden, "The credential is not for this"),
            AuthError::Paused => ScimError::new(
                ErrorKind::Forbidden,
                "The connection is paused; resume it in the provisioning settings of the product",
            ),
            AuthError::Unavailable(source) => StoreError::unavailable(1, source).into(),
        })
    }

    fn context(
        &self,
        principal: Arc<Principal>,
        served: &ServedType,
        extensions: Arc<http::Extensions>,
        request_id: &RequestId,
    ) -> Context {
        Context {
            profile: served.rules.profile(principal.profile().unwrap_or(&self.profile)),
            partition: principal.partition().clone(),
            principal,
            resource_type: Arc::clone(&served.stored_type),
            limits: Arc::clone(&self.limits),
            request_id: request_id.clone(),
            extensions,
            stored_types: Some(Arc::clone(&served.stored_types)),
        }
    }

    /// The operations on one resource type: RFC 7644 s3.3 to s3.6.
    async fn operate(
        &self,
        target: Target<'_>,
        principal: Arc<Principal>,
        head: &mut Parts,
        body: &Bytes,
        request_id: &RequestId,
    ) -> Result<Answer, ScimError> {
        let Target { served, id, search } = target;
        let is_read = search || matches!(head.method, Method::GET | Method::HEAD);
        check_scope(&principal, Some(served), !is_read)?;
        served.rules.operations.check(target.operation(&head.method), served.resource_type.name())?;
        let extensions = Arc::new(std::mem::take(&mut head.extensions));
        let cx = &self.context(principal, served, extensions, request_id);
        let read = || self.read_object(head, body);
        let parameters =
            if search { Parameters::of_search_request(read()?)? } else { Parameters::parse(head.uri.query())? };
        let preconditions = Preconditions::read(&head.headers);
        let requested = Projection::requested(&served.resource_type, &parameters);
        let projection = requested.as_ref().unwrap_or(&served.projection);
        let operation =
            Operation { engine: self, served, cx, preconditions: &preconditions, projection, unit: None, budget: None };
        // The future of a request is as large as its largest part, and adapters move it about. Writes are large, and what
        // they do is worth an allocation; a read is neither.
        let mut outcome = match (&head.method, id) {
            (&Method::POST, None) if !search => Box::pin(operation.create(read()?)).await?,
            (_, None) => Box::pin(operation.list(&parameters)).await?,
            (&Method::PUT, Some(id)) => Box::pin(operation.replace(id, read()?)).await?,
            (&Method::PATCH, Some(id)) => Box::pin(operation.patch(id, Value::Object(read()?))).await?,
            (&Method::DELETE, Some(id)) => Box::pin(operation.delete(id)).await?,
            (_, Some(id)) => operation.get(id).await?,
        };
        let shown = outcome.shown.take();
        let projection = shown.as_deref().unwrap_or(projection);
        response::of_outcome(&[(served, projection)], outcome.concealing(|_| Some(served)))
    }

    /// The body of a request as a JSON object.
    fn read_object(&self, head: &Parts, body: &Bytes) -> Result<Map<String, Value>, ScimError> {
        check_content_type(&head.headers)?;
        json::read_object(body, &self.limits)
    }

    /// A query on all resource types that the credential is for: RFC 7644 s3.4.2.1.
    async fn search_root(
        &self,
        face: &Face,
        principal: &Arc<Principal>,
        head: &mut Parts,
        body: &Bytes,
        request_id: &RequestId,
    ) -> Result<Answer, ScimError> {
        let parameters = if head.method == Method::POST {
            Parameters::of_search_request(self.read_object(head, body)?)?
        } else {
            Parameters::parse(head.uri.query())?
        };
        let extensions = Arc::new(std::mem::take(&mut head.extensions));
        let source = |served| {
            let cx = self.context(Arc::clone(principal), served, Arc::clone(&extensions), request_id);
            let projection = Projection::requested(&served.resource_type, &parameters);
            Source { projection: projection.unwrap_or_else(|| served.projection.clone()), served, cx }
        };
        let covered: Vec<&ServedType> =
            face.listed().filter(|served| principal.scopes().covers(served.resource_type.name())).collect();
        if covered.is_empty() {
            return Err(ScimError::new(ErrorKind::Forbidden, "The credential is for none of the resource types"));
        }
        let sources: Vec<Source<'_>> = covered.into_iter().map(source).collect();
        let outcome = RootSearch { engine: self, sources: &sources }.run(&parameters).await?;
        let outcome = outcome.concealing(|place| sources.get(place).map(|source| source.served));
        let shown: Vec<_> = sources.iter().map(|source| (source.served, &source.projection)).collect();
        response::of_outcome(&shown, outcome)
    }

    /// `/Me`: RFC 7644 s3.11.
    async fn operate_on_me(
        &self,
        face: &Face,
        principal: Arc<Principal>,
        head: &mut Parts,
        body: &Bytes,
        request_id: &RequestId,
    ) -> Result<Answer, ScimError> {
        let Some(me) = &self.me else {
            return Err(ScimError::new(ErrorKind::NotImplemented, "This service provider does not offer /Me"));
        };
        let nobody = || ScimError::new(ErrorKind::NotFound, "The credential does not stand for a resource");
        let creates = head.method == Method::POST;
        match me.subject(&principal).await? {
            Subject::Resource { .. } if creates => {
                Err(ScimError::new(ErrorKind::Conflict, "The credential stands for a resource already"))
            }
            Subject::Resource { resource_type, id } => {
                let served = face.served_by_name(&resource_type).ok_or_else(nobody)?;
                let target = Target { served, id: Some(&id), search: false };
                let answer = self.operate(target, principal, head, body, request_id).await?;
                Ok(answer.with_location(served.location(&id)))
            }
            Subject::MayCreate { resource_type } if creates => {
                let served = face.served_by_name(&resource_type).ok_or_else(nobody)?;
                self.operate(Target { served, id: None, search: false }, principal, head, body, request_id).await
            }
            Subject::MayCreate { .. } | Subject::Nobody => Err(nobody()),
        }
    }

    /// Has something written that no answer depends on, and says why that failed.
    pub(crate) async fn note(&self, call: impl Future<Output = Result<(), StoreError>>) -> Result<(), StoreError> {
        let timer = self.timer.get().map(|timer| &**timer);
        within(timer, note_limit(self.limits.store_timeout), call).await.unwrap_or_else(|| Err(note_is_late()))
    }

    /// The output of a call of the store, or 503 if it takes too long.
    pub(crate) async fn within_store_timeout<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let timer = self.timer.get().map(|timer| &**timer);
        match within(timer, self.limits.store_timeout, call).await {
            Some(output) => output,
            None => Err(StoreError::unavailable(1, "the store took longer than the limit allows")),
        }
    }

    /// Waits until no other request of this process changes the resource after having failed once.
    pub(crate) async fn turn(&self, tenant: &TenantId, id: &ResourceId) -> Option<MutexGuard<'_, ()>> {
        self.turns.wait(tenant, id).await
    }

    /// A route with its variable parts replaced, for the log.
    pub(crate) fn template(&self, route: &Route) -> Template<'_> {
        let types = &self.faces.common.types;
        let endpoint = |place: usize| types.get(place).map_or("", |served| served.resource_type.endpoint());
        match route {
            Route::Root => Template("/", ""),
            Route::Collection(place) => Template(endpoint(*place), ""),
            Route::Item(place, _) => Template(endpoint(*place), "/{id}"),
            Route::Search(place) => Template(endpoint(*place), "/.search"),
            Route::RootSearch => Template("/.search", ""),
            Route::Me => Template("/Me", ""),
            Route::Bulk => Template("/Bulk", ""),
            Route::ServiceProviderConfig => Template("/ServiceProviderConfig", ""),
            Route::ResourceTypes => Template("/ResourceTypes", ""),
            Route::ResourceType(_) => Template("/ResourceTypes", "/{id}"),
            Route::Schemas => Template("/Schemas", ""),
            Route::Schema(_) => Template("/Schemas", "/{id}"),
            Route::Unknown => Template("unknown", ""),
        }
    }
}

/// Refuses what the credential is not good for: writing, or a resource type.
///
/// # Errors
///
/// 403.
pub(crate) fn check_scope(principal: &Principal, served: Option<&ServedType>, writes: bool) -> Result<(), ScimError> {
    let scopes = principal.scopes();
    if writes && !scopes.may_write() {
        return Err(ScimError::new(ErrorKind::Forbidden, "The credential is for reading alone"));
    }
    match served.map(|served| served.resource_type.name()) {
        Some(name) if !scopes.covers(name) => {
            Err(ScimError::new(ErrorKind::Forbidden, format!("The credential is not for resources of type {name}")))
        }
        _ => Ok(()),
    }
}

/// What a request on a resource type is about.
#[derive(Clone, Copy)]
struct Target<'a> {
    served: &'a ServedType,
    /// The resource, or `None` for the endpoint.
    id: Option<&'a ResourceId>,
    /// Whether the body is a query.
    search: bool,
}

impl Target<'_> {
    /// What a method means here.
    fn operation(&self, method: &Method) -> ResourceOperation {
        match (method, self.id) {
            (&Method::POST, None) if !self.search => ResourceOperation::Create,
            (_, None) => ResourceOperation::List,
            (&Method::PUT, Some(_)) => ResourceOperation::Replace,
            (&Method::PATCH, Some(_)) => ResourceOperation::Patch,
            (&Method::DELETE, Some(_)) => ResourceOperation::Delete,
            (_, Some(_)) => ResourceOperation::Read,
        }
    }
}

fn served(face: &Face, place: usize) -> Result<&ServedType, ScimError> {
    face.served(place).ok_or_else(no_such_endpoint)
}

pub(crate) fn no_such_endpoint() -> ScimError {
    ScimError::new(
        ErrorKind::NotFound,
        "There is nothing at this path; check that the base URL in the provisioning settings ends where it should",
    )
}
