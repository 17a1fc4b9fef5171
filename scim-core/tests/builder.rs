//! What is said to the builder of a server means the same in whatever order it is said.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects, missing_docs)]

use std::sync::Arc;

use scim_core::async_trait::async_trait;
use scim_core::bytes::Bytes;
use scim_core::http::Request;
use scim_core::{
    Attribute, BearerTokens, BeginUnitOfWork, BuildError, Capabilities, Connection, ConnectionId, Connections, Context,
    Fetch, MemoryConnectionStore, MemoryRequestLog, MemoryStore, NewResource, Page, Principal, Provider, Query,
    RequestLog, Resource, ResourceId, ResourceStore, ResourceType, ScimServer, ScimServerBuilder, StoreError, TenantId,
    Update, Version, USER,
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

/// A store that does not say that it keeps partitions apart.
struct Together(MemoryStore);

#[async_trait]
impl ResourceStore for Together {
    fn capabilities(&self, resource_type: &ResourceType) -> Capabilities {
        let mut capabilities = self.0.capabilities(resource_type);
        capabilities.partitions = false;
        capabilities
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        self.0.create(cx, new).await
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        self.0.get(cx, id, fetch).await
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        self.0.list(cx, query).await
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        self.0.update(cx, id, update).await
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        self.0.delete(cx, id, expect).await
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        None
    }
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
        for (urn, name) in [(USER, "User"), (scim_core::GROUP, "Group")] {
            let (status, schema) = get(&server, "of the robot", &format!("/Schemas/{urn}")).await;
            assert_eq!(status, 200);
            assert!(schema["attributes"].to_string().contains("costCode"), "{name} is as it is built in");
        }
    }
    assert!(matches!(builder().resource_type(user()).build(), Err(BuildError::NoStore)));
}

#[test]
fn a_server_that_lets_nobody_in_is_not_built() {
    let problem = |tokens: BearerTokens, connections: Option<&Connections>| {
        let builder = ScimServer::builder().store(MemoryStore::new()).authenticator(tokens);
        let builder = connections.into_iter().fold(builder, ScimServerBuilder::connections);
        match builder.build() {
            Err(BuildError::Authenticator(problem)) => problem,
            other => panic!("{other:?}"),
        }
    };
    let connections = Connections::new(MemoryConnectionStore::new());
    for connections in [None, Some(&connections)] {
        for tokens in [BearerTokens::new(), tokens()] {
            let empty = problem(tokens.token("", acme()), connections);
            assert_eq!(empty, r#"the bearer token of "acme" is empty; is an environment variable not set?"#);
        }
        assert!(problem(BearerTokens::new(), connections).contains("no token"));
    }
}

#[test]
fn an_attribute_to_change_that_is_not_there_is_named_with_the_nearest() {
    let build = |name: &str| {
        let schema = scim_core::user_schema().with(name, |attribute| attribute.required = true);
        let user = ResourceType::user().with_schema(schema);
        ScimServer::builder().store(MemoryStore::new()).authenticator(tokens()).resource_type(user).build()
    };
    assert!(build("DISPLAYNAME").is_ok());
    let message = build("displayname2").unwrap_err().to_string();
    let expected =
        format!(r#""displayname2" was to be changed and is not an attribute of {}; did you mean "displayName"?"#, USER);
    assert_eq!(message, expected);
    let message = build("shoeSize").unwrap_err().to_string();
    assert_eq!(message, format!(r#""shoeSize" was to be changed and is not an attribute of {USER}"#));
}

#[tokio::test]
async fn connections_share_a_store_without_partitions_only_where_that_is_said() {
    let connections = Connections::new(MemoryConnectionStore::new());
    let apart = MemoryStore::new;
    let together = || Together(MemoryStore::new());
    let builder = || ScimServer::builder().connections(&connections);
    let refused = builder().users(apart()).groups(together()).build().unwrap_err();
    assert!(matches!(&refused, BuildError::SharedResources { resource_type } if resource_type == "Group"));
    assert!(refused.to_string().contains("allow_shared_resources"), "{refused}");
    assert!(builder().store(apart()).build().is_ok());
    assert!(builder().store(together()).allow_shared_resources(true).build().is_ok());
    assert!(ScimServer::builder().store(together()).authenticator(tokens()).build().is_ok());
}
