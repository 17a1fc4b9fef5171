//! Mounting: which requests reach the server, and with which path.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::string_slice, clippy::arithmetic_side_effects, clippy::unreachable)]

mod common;

use axum::extract::{Path, Request};
use axum::middleware::{from_fn, Next};
use axum::routing::get;
use axum::Router;
use common::{scim, Marker, Running};
use scim_axum::{router, ScimService};
use scim_core::Limits;

/// Asserts for each request target which path the server sees; `None` if the request is the host's.
async fn assert_seen(mount: impl FnOnce(scim_core::ScimServer) -> Router, cases: &[(&str, Option<&str>)]) {
    let (server, seen) = scim(Limits::default());
    let running = Running::with(mount(server)).await;
    for (target, expected) in cases {
        let response = running.request(&format!("GET {target}")).await;
        assert_eq!(seen.take().as_deref(), *expected, "{target}: {response:?}");
    }
}

#[tokio::test]
async fn the_path_below_the_mount_arrives_as_it_was_sent() {
    let cases = [
        ("/scim/v2", Some("/")),
        ("/scim/v2/", Some("/")),
        ("/scim/v2?a=b", Some("/?a=b")),
        ("/scim/v2/?a=b", Some("/?a=b")),
        ("/scim/v2/Users", Some("/Users")),
        ("/scim/v2/Users/", Some("/Users/")),
        ("/scim/v2/Users?aadOptscim062020&filter=a+eq+%22b%22", Some("/Users?aadOptscim062020&filter=a+eq+%22b%22")),
        ("/scim/v2/Users/a%2Fb%2fc", Some("/Users/a%2Fb%2fc")),
        ("/scim/v2/Users/%C3%A9%FF%00", Some("/Users/%C3%A9%FF%00")),
        ("/scim/v2/%55sers", Some("/%55sers")),
        ("/scim/v2//Users", Some("//Users")),
        ("/scim/v2/Users//1", Some("/Users//1")),
        ("/scim/v2///", Some("///")),
        ("/scim/v2/./Users", Some("/./Users")),
        ("/scim/v2/Users/../Groups", Some("/Users/../Groups")),
        ("/scim/v2/../v2/Users", Some("/../v2/Users")),
        ("/scim/v2/Users;x=1", Some("/Users;x=1")),
        ("/scim/v2/Users/{id}/*", Some("/Users/{id}/*")),
        ("/scim/v2/scim/v2/Users", Some("/scim/v2/Users")),
        ("http://other.example/scim/v2/Users/1?a", Some("/Users/1?a")),
        ("http://other.example/scim/v2", Some("/")),
        ("/scim/v20", None),
        ("/scim/v20/Users", None),
        ("/scim", None),
        ("/SCIM/v2/Users", None),
        ("/", None),
    ];
    for path in ["/scim/v2", "/scim/v2/", "scim/v2"] {
        assert_seen(|server| router(path, server), &cases).await;
    }
    let service = |server| Router::new().nest_service("/scim/v2", ScimService::new(server));
    let by_axum: Vec<_> = cases.into_iter().filter(|(target, _)| !target.starts_with("/scim/v2//")).collect();
    assert_seen(service, &by_axum).await;
}

#[tokio::test]
async fn a_mount_at_the_root_leaves_the_host_its_own_routes() {
    let cases = [
        ("/", Some("/")),
        ("/?a=b", Some("/?a=b")),
        ("/Users", Some("/Users")),
        ("/Users/a%2Fb/", Some("/Users/a%2Fb/")),
        ("//", Some("//")),
        ("//Users", Some("//Users")),
        ("http://other.example/Users", Some("/Users")),
        ("/healthz", None),
    ];
    for path in ["/", ""] {
        let mount = |server| Router::new().route("/healthz", get(|| async { "ok" })).merge(router(path, server));
        assert_seen(mount, &cases).await;
    }
    let fallback =
        |server| Router::new().route("/healthz", get(|| async { "ok" })).fallback_service(ScimService::new(server));
    assert_seen(fallback, &cases).await;
}

#[tokio::test]
async fn tenants_may_be_part_of_the_path_before_the_mount() {
    let cases = [
        ("/t/acme/scim", Some("/")),
        ("/t/acme/scim/", Some("/")),
        ("/t/a%2Fb/scim/Users/1%2F2", Some("/Users/1%2F2")),
        ("/t/acme/scim//Users?a=b", Some("//Users?a=b")),
        ("/t/acme", None),
        ("/t/scim/Users", None),
    ];
    assert_seen(|server| router("/t/{tenant}/scim", server), &cases).await;
    assert_seen(|server| Router::new().nest("/t/{tenant}", router("/scim", server)), &cases).await;
    assert_seen(|server| Router::new().nest_service("/t", router::<()>("/{tenant}/scim", server)), &cases).await;
}

#[tokio::test]
async fn middleware_of_the_host_sees_its_own_path_parameters_alone() {
    async fn tenant(Path(tenant): Path<String>, mut request: Request, next: Next) -> axum::response::Response {
        request.extensions_mut().insert(Marker(if tenant == "acme" { "acme" } else { "other" }));
        next.run(request).await
    }

    let (server, _) = scim(Limits::default());
    let app = Router::new().nest("/t/{tenant}", router("/scim", server)).layer(from_fn(tenant));
    let running = Running::with(app).await;
    assert_eq!(running.request("GET /t/acme/scim/Users/1").await.json()["displayName"], "acme");
}

#[tokio::test]
async fn a_host_with_state_middleware_and_a_fallback_takes_the_routes() {
    #[derive(Clone)]
    struct AppState;

    async fn mark(mut request: Request, next: Next) -> axum::response::Response {
        request.extensions_mut().insert(Marker("from the middleware"));
        next.run(request).await
    }

    let (server, _) = scim(Limits::default());
    let app: Router = Router::new()
        .route("/healthz", get(|_: axum::extract::State<AppState>| async { "ok" }))
        .merge(router("/scim/v2", server).layer(from_fn(mark)))
        .fallback(|| async { (http::StatusCode::IM_A_TEAPOT, "mine") })
        .with_state(AppState);
    let running = Running::with(app).await;

    assert_eq!(running.request("GET /healthz").await.body, b"ok");
    assert_eq!(running.request("GET /elsewhere").await.status, 418);
    let user = running.request("GET /scim/v2/Users/1").await;
    assert_eq!((user.status, &user.json()["displayName"]), (200, &"from the middleware".into()));
    running.request("GET /scim/v2/Elsewhere").await.assert_error(404);
    running.request("POST /scim/v2/Schemas").await.assert_error(405);
    let mut connection = running.connect().await;
    connection.send("HEAD /scim/v2/Elsewhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    let head = connection.head().await;
    assert_eq!((head.status, head.header("content-type")), (404, Some("application/scim+json")));
    connection.closed().await;
}
