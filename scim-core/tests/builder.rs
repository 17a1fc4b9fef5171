//! What is said to the builder of a server means the same in whatever order it is said.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects, missing_docs)]

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use scim_core::{
    Attribute, BearerTokens, BuildError, Connection, ConnectionId, Connections, MemoryConnectionStore,
    MemoryRequestLog, MemoryStore, Principal, Provider, RequestLog, ResourceType, ScimServer, ScimServerBuilder,
    TenantId,
};
use serde_json::Value;

fn acme() -> TenantId {
    TenantId::new("acme")
}

async fn get(server: &ScimServer, token: &str, path: &str) -> (u16, Value) {
    let request = Request::get(path).header("authorization", format!("Bearer {token}")).body(Bytes::new()).unwrap();
    let (head, body) = server.handle(request).await.into_parts();
    (head.status.as_u16(), serde_json::from_slice(&body).unwrap())
}

async fn status(server: &ScimServer, token: &str) -> u16 {
    get(server, token, "/Users").await.0
}

/// A connection of "acme" with a key.
async fn connected(connections: &Connections) -> (Connection, String) {
    let (connection, key) = connections.of_tenant(acme()).connect(Provider::Okta, "Okta").await.unwrap();
    (connection, key.reveal())
}

fn tokens() -> BearerTokens {
    let robot = Principal::new(acme(), "robot").with_connection(ConnectionId::new("robot"));
    BearerTokens::new().principal("of the robot", robot)
}

type Step = Box<dyn Fn(ScimServerBuilder) -> ScimServerBuilder>;

/// Servers of the same three calls in every order.
fn in_every_order(steps: &[Step; 3]) -> Vec<ScimServer> {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let builder = || ScimServer::builder().store(MemoryStore::new());
    let servers = orders.map(|order| order.into_iter().fold(builder(), |builder, place| steps[place](builder)));
    servers.map(|builder| builder.build().unwrap()).into()
}

#[tokio::test]
async fn keys_of_connections_and_another_authenticator_let_in_whatever_was_set_first() {
    let connections = Connections::new(MemoryConnectionStore::new());
    let (_, key) = connected(&connections).await;
    let shared = connections.clone();
    let steps: [Step; 3] = [
        Box::new(move |builder| builder.connections(&shared)),
        Box::new(|builder| builder.authenticator(tokens())),
        Box::new(|builder| builder),
    ];
    for server in in_every_order(&steps) {
        assert_eq!(status(&server, &key).await, 200, "the key of a connection");
        assert_eq!(status(&server, "of the robot").await, 200, "the token");
        assert_eq!(status(&server, "of nobody").await, 401);
    }
}

#[tokio::test]
async fn a_key_that_is_known_and_refused_is_not_tried_elsewhere() {
    let connections = Connections::new(MemoryConnectionStore::new());
    let (connection, key) = connected(&connections).await;
    connections.of_tenant(acme()).pause(&connection.id).await.unwrap();
    let server = ScimServer::builder()
        .store(MemoryStore::new())
        .connections(&connections)
        .authenticator(BearerTokens::new().token(key.clone(), acme()));
    assert_eq!(status(&server.build().unwrap(), &key).await, 403);
}

#[tokio::test]
async fn the_logs_of_the_connections_and_of_the_server_hear_of_a_request_whatever_was_set_first() {
    let of_connections = Arc::new(MemoryRequestLog::new(100));
    let connections = Connections::new(MemoryConnectionStore::new()).with_request_log(Arc::clone(&of_connections));
    let (connection, key) = connected(&connections).await;
    let of_server = Arc::new(MemoryRequestLog::new(100));
    let (shared, log) = (connections.clone(), Arc::clone(&of_server));
    let steps: [Step; 3] = [
        Box::new(move |builder| builder.connections(&shared)),
        Box::new(move |builder| builder.request_log(Arc::clone(&log))),
        Box::new(|builder| builder.authenticator(tokens())),
    ];
    let robot = ConnectionId::new("robot");
    for (place, server) in in_every_order(&steps).into_iter().enumerate() {
        assert_eq!((status(&server, &key).await, status(&server, "of the robot").await), (200, 200));
        for log in [&of_connections, &of_server] {
            for connection in [&connection.id, &robot] {
                assert_eq!(log.recent(connection, 100).await.unwrap().len(), place + 1, "{place} {connection}");
            }
        }
    }
    let acme = connections.of_tenant(acme());
    assert!(acme.get(&connection.id).await.unwrap().last_success.is_some());
}

#[tokio::test]
async fn a_store_for_users_or_groups_leaves_the_type_as_it_was_declared() {
    fn changed(builtin: ResourceType) -> ResourceType {
        let schema = (**builtin.schema()).clone().attribute(Attribute::string("costCode"));
        builtin.with_schema(schema)
    }
    let (user, group) = (|| changed(ResourceType::user()), || changed(ResourceType::group()));
    let (users, groups) = (MemoryStore::new(), MemoryStore::new());
    let builder = || ScimServer::builder().authenticator(tokens());
    for builder in [
        builder().users(users.clone()).groups(groups.clone()).resource_type(user()).resource_type(group()),
        builder().resource_type(user()).resource_type(group()).users(users.clone()).groups(groups.clone()),
    ] {
        let server = builder.build().unwrap();
        for (urn, name) in [(scim_core::USER, "User"), (scim_core::GROUP, "Group")] {
            let (status, schema) = get(&server, "of the robot", &format!("/Schemas/{urn}")).await;
            assert_eq!(status, 200);
            assert!(schema["attributes"].to_string().contains("costCode"), "{name} is as it is built in");
        }
    }
    assert!(matches!(builder().resource_type(user()).build(), Err(BuildError::NoStore)));
}
