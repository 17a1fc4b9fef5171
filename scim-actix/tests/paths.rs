//! Mounting: which requests reach the server, and with which path.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::string_slice, clippy::arithmetic_side_effects, clippy::unreachable)]

mod common;

use actix_web::dev::Service as _;
use actix_web::web::{self, ServiceConfig};
use actix_web::HttpResponse;
use common::{scim, Marker, Running};
use scim_actix::{scope, ScimExtensions, ScimService};
use scim_core::{Limits, ScimServer};

/// Asserts for each request target which path the server sees; `None` if the request is the host's.
async fn assert_seen(
    mount: impl Fn(&mut ServiceConfig, ScimServer) + Clone + Send + 'static,
    cases: &[(&str, Option<&str>)],
) {
    let (server, seen) = scim(Limits::default());
    let running = Running::with(move |app| mount(app, server.clone())).await;
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
        ("/scim/v2/Users?a=/b/c", Some("/Users?a=/b/c")),
        ("/scim/v2?a=/b/c", Some("/?a=/b/c")),
        ("/scim/v2/Users/a%2Fb%2fc", Some("/Users/a%2Fb%2fc")),
        ("/scim/v2/Users/a%252Fb%2Bc+d", Some("/Users/a%252Fb%2Bc+d")),
        ("/scim/v2/Users/%C3%A9%FF%00", Some("/Users/%C3%A9%FF%00")),
        ("/scim/v2/Users/%zz%", Some("/Users/%zz%")),
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
        ("/sc%69m/v2/Users", None),
        ("/scim%2Fv2/Users", None),
        ("//scim/v2/Users", None),
        ("/scim//v2/Users", None),
        ("/x/../scim/v2/Users", None),
        ("/", None),
    ];
    for path in ["/scim/v2", "/scim/v2/", "scim/v2"] {
        assert_seen(
            move |app, server| {
                app.service(scope(path, server));
            },
            &cases,
        )
        .await;
    }
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
        let mount = move |app: &mut ServiceConfig, server| {
            app.route("/healthz", web::get().to(HttpResponse::Ok)).service(scope(path, server));
        };
        assert_seen(mount, &cases).await;
    }
    let fallback = |app: &mut ServiceConfig, server| {
        app.route("/healthz", web::get().to(HttpResponse::Ok)).default_service(ScimService::new(server));
    };
    assert_seen(fallback, &cases).await;
}

#[tokio::test]
async fn tenants_may_be_part_of_the_path_before_the_mount() {
    let cases = [
        ("/t/acme/scim", Some("/")),
        ("/t/acme/scim/", Some("/")),
        ("/t/a%2Fb/scim/Users/1%2F2", Some("/Users/1%2F2")),
        ("/t/%C3%A9%41/scim/Users/%C3%A9", Some("/Users/%C3%A9")),
        ("/t/%ff%00/scim/Users/1", Some("/Users/1")),
        ("/t/acme/scim//Users?a=b", Some("//Users?a=b")),
        ("/t/acme/s%63im/Users", None),
        ("/t/acme", None),
        ("/t//scim/Users", None),
        ("/t/scim/Users", None),
    ];
    assert_seen(
        |app, server| {
            app.service(scope("/t/{tenant}/scim", server));
        },
        &cases,
    )
    .await;
    assert_seen(
        |app, server| {
            app.service(web::scope("/t/{tenant}").service(scope("/scim", server)));
        },
        &cases,
    )
    .await;
    let expression = |app: &mut ServiceConfig, server| {
        app.service(scope("/t/{tenant:[a-z]+/[a-z]+}/scim", server));
    };
    assert_seen(expression, &[("/t/a/b/scim/Users", Some("/Users")), ("/t/a/scim/Users", None)]).await;
}

#[tokio::test]
async fn a_host_with_data_middleware_and_a_fallback_takes_the_scope() {
    struct AppState(&'static str);

    let (server, _) = scim(Limits::default());
    let running = Running::with(move |app| {
        let scope = scope("/scim/v2", server.clone()).wrap_fn(|request, next| {
            ScimExtensions::insert(&request, 7_u8);
            assert!(ScimExtensions::insert(&request, Marker("another")).is_none());
            ScimExtensions::insert(&request, Marker("from the middleware"));
            next.call(request)
        });
        app.app_data(web::Data::new(AppState("ok")))
            .route("/healthz", web::get().to(|state: web::Data<AppState>| async move { state.0 }))
            .service(scope)
            .default_service(web::to(|| async { HttpResponse::ImATeapot().body("mine") }));
    })
    .await;

    assert_eq!(running.request("GET /healthz").await.body, b"ok");
    for path in ["/elsewhere", "/sc%69m/v2/Users/1"] {
        assert_eq!(running.request(&format!("GET {path}")).await.status, 418, "{path}");
    }
    let user = running.request("GET /scim/v2/Users/1").await;
    assert_eq!((user.status, &user.json()["displayName"]), (200, &"from the middleware".into()));
    running.request("GET /scim/v2/Elsewhere").await.assert_error(404);
    running.request("POST /scim/v2/Schemas").await.assert_error(405);
}

#[tokio::test]
async fn rfc9110_s9_3_2_head_tells_the_length_of_the_body_it_withholds() {
    let (server, _) = scim(Limits::default());
    let running = Running::with(move |app| {
        app.service(scope("/", server.clone()));
    })
    .await;
    for path in ["/Users/1", "/Elsewhere", "/Schemas"] {
        let get = running.request(&format!("GET {path}")).await;
        let mut connection = running.connect().await;
        connection.send(&format!("HEAD {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await;
        let head = connection.head().await;
        assert_eq!((head.status, head.header("content-length")), (get.status, get.header("content-length")), "{path}");
        connection.send("GET /Users/1 HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        assert_eq!(connection.response().await.status, 200, "the connection goes on after {path}");
    }
}

#[tokio::test]
async fn headers_arrive_with_all_their_values_and_odd_ones_harm_nobody() {
    let (server, seen) = scim(Limits::default());
    let running = Running::with(move |app| {
        app.service(scope("/", server.clone()));
    })
    .await;
    for header in [
        "X-Request-Id: \u{e9}\u{ff}",
        "If-None-Match: W/\"1\", \u{fc}",
        "Accept: \t*/*\t",
        "Content-Length: 0",
        "Content-Type:",
        "!#$%&'*+-.^_`|~: odd",
        "Connection: upgrade\r\nUpgrade: websocket",
        "Connection: upgrade\r\nUpgrade: h2c",
        "Expect: the unexpected",
        "Cookie: a\r\nCookie: b",
    ] {
        let mut connection = running.connect().await;
        connection.send(&format!("GET /Users/1 HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n")).await;
        let response = connection.response().await;
        assert!([200, 304].contains(&response.status), "{header:?}: {response:?}");
        assert!(seen.take().is_some());
    }
}
