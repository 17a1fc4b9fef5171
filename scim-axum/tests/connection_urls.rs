//! Each connection at its own URL.
#![allow(clippy::unwrap_used, missing_docs)]

use axum::body::Body;
use axum::Router;
use http::{Request, StatusCode};
use scim_axum::{connection_router, router};
use scim_core::{Connections, KeyOptions, MemoryConnectionStore, MemoryStore, Provider, ScimServer, TenantId};
use tower::Service as _;

/// A connection of acme: its id and its key.
async fn connect(connections: &Connections) -> (String, String) {
    let acme = connections.of_tenant(TenantId::new("acme"));
    let connection = acme.create(Provider::Okta, "Okta").await.unwrap();
    let key = acme.issue_key(&connection.id, KeyOptions::new()).await.unwrap().reveal();
    (connection.id.to_string(), key)
}

async fn status(app: &Router, path: &str, key: &str) -> StatusCode {
    let request = Request::get(path).header("Authorization", format!("Bearer {key}")).body(Body::empty()).unwrap();
    app.clone().call(request).await.unwrap().status()
}

#[tokio::test]
async fn a_key_is_good_at_the_url_of_its_connection_alone() {
    let connections = Connections::new(MemoryConnectionStore::new());
    let server = ScimServer::builder().store(MemoryStore::new()).connections(&connections).build().unwrap();
    let app: Router = connection_router("/scim/{connection}/v2", server.clone())
        .merge(connection_router("/{region}/{connection}/scim", server.clone()))
        .merge(router("/scim/v2", server));
    let ((first, key_of_first), (second, key_of_second)) = (connect(&connections).await, connect(&connections).await);

    for (id, key, other) in [(&first, &key_of_first, &key_of_second), (&second, &key_of_second, &key_of_first)] {
        for path in [format!("/scim/{id}/v2/Users"), format!("/eu/{id}/scim/Users")] {
            assert_eq!(status(&app, &path, key).await, StatusCode::OK, "{path}");
            assert_eq!(status(&app, &path, other).await, StatusCode::UNAUTHORIZED, "{path}");
        }
        assert_eq!(status(&app, "/scim/v2/Users", key).await, StatusCode::OK, "the URL of all connections");
        assert_eq!(status(&app, "/scim/unknown/v2/Users", key).await, StatusCode::UNAUTHORIZED);
    }
}

#[test]
fn a_path_without_the_parameter_is_refused_when_it_is_mounted() {
    let connections = Connections::new(MemoryConnectionStore::new());
    let server = ScimServer::builder().store(MemoryStore::new()).connections(&connections).build().unwrap();
    for path in ["/nobodys", "/", "/scim/connection/v2", "/scim/{tenant}/v2", "/scim/{*connection}", "/{{connection}}"]
    {
        let mount = || drop(connection_router::<()>(path, server.clone()));
        let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(mount)).unwrap_err();
        let message = refused.downcast_ref::<String>().unwrap();
        assert!(message.contains("must have a segment {connection}") && message.contains(path), "{message}");
    }
}
