//! Each connection at its own URL.
#![allow(clippy::unwrap_used, missing_docs)]

use actix_web::http::StatusCode;
use actix_web::test::{call_service, init_service, TestRequest};
use actix_web::App;
use scim_actix::{connection_scope, scope};
use scim_core::{Connections, KeyOptions, MemoryConnectionStore, MemoryStore, Provider, ScimServer, TenantId};

/// A connection of acme: its id and its key.
async fn connect(connections: &Connections) -> (String, String) {
    let acme = connections.of_tenant(TenantId::new("acme"));
    let connection = acme.create(Provider::Okta, "Okta").await.unwrap();
    let key = acme.issue_key(&connection.id, KeyOptions::new()).await.unwrap().reveal();
    (connection.id.to_string(), key)
}

#[actix_web::test]
async fn a_key_is_good_at_the_url_of_its_connection_alone() {
    let connections = Connections::new(MemoryConnectionStore::new());
    let server = ScimServer::builder().store(MemoryStore::new()).connections(&connections).build().unwrap();
    let app = App::new()
        .service(scope("/scim/v2", server.clone()))
        .service(connection_scope("/scim/{connection}/v2", server.clone()))
        .service(connection_scope("/{region}/{connection}/scim", server));
    let app = init_service(app).await;
    let status = async |path: &str, key: &str| {
        let request = TestRequest::get().uri(path).insert_header(("Authorization", format!("Bearer {key}")));
        call_service(&app, request.to_request()).await.status()
    };
    let ((first, key_of_first), (second, key_of_second)) = (connect(&connections).await, connect(&connections).await);

    for (id, key, other) in [(&first, &key_of_first, &key_of_second), (&second, &key_of_second, &key_of_first)] {
        for path in [format!("/scim/{id}/v2/Users"), format!("/eu/{id}/scim/Users")] {
            assert_eq!(status(&path, key).await, StatusCode::OK, "{path}");
            assert_eq!(status(&path, other).await, StatusCode::UNAUTHORIZED, "{path}");
        }
        assert_eq!(status("/scim/v2/Users", key).await, StatusCode::OK, "the URL of all connections");
        assert_eq!(status("/scim/unknown/v2/Users", key).await, StatusCode::UNAUTHORIZED);
    }
}

#[test]
fn a_path_without_the_parameter_is_refused_when_it_is_mounted() {
    let connections = Connections::new(MemoryConnectionStore::new());
    let server = ScimServer::builder().store(MemoryStore::new()).connections(&connections).build().unwrap();
    for path in ["/nobodys", "/", "/scim/connection/v2", "/scim/{tenant}/v2", "/scim/{connections}/v2"] {
        let mount = || drop(connection_scope(path, server.clone()));
        let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(mount)).unwrap_err();
        let message = refused.downcast_ref::<String>().unwrap();
        assert!(message.contains("must have the parameter {connection}") && message.contains(path), "{message}");
    }
    drop(connection_scope("/scim/{connection:[0-9a-f-]+}/v2", server));
}
