//! What a product does with the resources of a connection that ends, or with one that a connection is to have.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod support;

use scim_core::{
    Connection, ConnectionState, Connections, ErrorKind, Group, Leftovers, MemoryConnectionStore, MemoryStore,
    OnDelete, Principal, PrincipalResources, Provider, ProvisioningPolicy, ResourceReference, ResourceStore,
    ScimServer, TenantConnections, TenantId, UniqueWithin, User,
};
use support::listed::Listed;

/// As many resources as are read at once.
const PAGE: usize = 200;

/// A product with a customer.
struct Product {
    server: ScimServer,
    acme: TenantConnections,
}

impl Product {
    fn new(store: impl ResourceStore) -> Self {
        let connections = Connections::new(MemoryConnectionStore::new());
        let rules = |users: scim_core::ResourceRules| {
            users.unique_within("userName", UniqueWithin::Platform).on_delete(OnDelete::Remove)
        };
        let server = ScimServer::builder()
            .store(store)
            .connections(&connections)
            .provisioning(ProvisioningPolicy::new().users(rules))
            .provisioning_named(
                "tenant",
                ProvisioningPolicy::new().users(|users| users.unique_within("userName", UniqueWithin::Tenant)),
            );
        Self { server: server.build().unwrap(), acme: connections.of_tenant(TenantId::new("acme")) }
    }

    fn by_hand(&self, tenant: &str) -> PrincipalResources {
        self.server.resources_of(Principal::new(TenantId::new(tenant), "the product"))
    }

    async fn connect(&self) -> (Connection, PrincipalResources) {
        let connection = self.acme.create(Provider::Okta, "Okta").await.unwrap();
        let resources = self.server.resources_of(&connection);
        (connection, resources)
    }
}

/// A user, a user who was removed, and a group.
async fn fill(resources: &PrincipalResources) {
    let user = resources.users().create(&User::new("babs")).await.unwrap();
    let mut guides = Group::new("Guides");
    guides.members.push(ResourceReference::new(user.id.as_str()));
    resources.groups().create(&guides).await.unwrap();
    let gone = resources.users().create(&User::new("gone")).await.unwrap();
    resources.users().migrate_to(&gone.id, &resources.removed()).await.unwrap();
}

/// How many users, removed users and groups there are, and who is active.
async fn left(resources: &PrincipalResources) -> ([usize; 3], Vec<String>) {
    let (present, removed) = (resources.users().all().await.unwrap(), resources.removed().users().all().await.unwrap());
    let counts = [present.len(), removed.len(), resources.groups().all().await.unwrap().len()];
    let active = present.into_iter().chain(removed).filter(|user| user.is_active());
    (counts, active.map(|user| user.value.user_name).collect())
}

#[tokio::test]
async fn everybody_is_deactivated_over_several_pages_although_somebody_leaves_meanwhile() {
    for has_cursors in [true, false] {
        let store = Listed::new(has_cursors);
        let users = Product::new(store.clone()).by_hand("acme").users();
        for number in 0..PAGE * 2 + 1 {
            let mut user = User::new(format!("user{number}"));
            user.title = Some("Guide".to_owned());
            users.create(&user).await.unwrap();
        }
        let leaving = users.find("userName", "user3").await.unwrap().unwrap().id;
        *store.leaving.lock().unwrap() = Some(leaving);
        users.deactivate_all().await.unwrap();
        let all = users.all().await.unwrap();
        assert_eq!(all.len(), PAGE * 2);
        let active: Vec<&str> = all.iter().filter(|user| user.is_active()).map(|user| &*user.user_name).collect();
        assert_eq!(active, [""; 0], "cursors: {has_cursors}");
        assert!(all.iter().all(|user| user.title.is_some()), "the rest of the document stays");
        assert_eq!(users.deactivate_all().await.unwrap(), PAGE * 2, "cursors: {has_cursors}");
    }
}

#[tokio::test]
async fn what_has_no_active_cannot_be_deactivated() {
    let groups = Product::new(MemoryStore::new()).by_hand("acme").groups();
    let made = groups.create(&Group::new("Guides")).await.unwrap();
    assert_eq!(groups.deactivate_all().await.unwrap_err().status(), 400);
    assert!(groups.get(&made.id).await.unwrap().unwrap().other.is_empty());
}

#[tokio::test]
async fn everything_is_deleted_and_nothing_of_others() {
    let product = Product::new(MemoryStore::new());
    let (acme, globex) = (product.by_hand("acme").users(), product.by_hand("globex").users());
    for number in 0..PAGE * 2 + 1 {
        acme.create(&User::new(format!("user{number}"))).await.unwrap();
    }
    globex.create(&User::new("other")).await.unwrap();
    assert_eq!(acme.delete_all().await.unwrap(), PAGE * 2 + 1);
    assert_eq!((acme.all().await.unwrap().len(), globex.all().await.unwrap().len()), (0, 1));
    let last = globex.find("userName", "other").await.unwrap().unwrap();
    globex.delete(&last.id).await.unwrap();
    assert_eq!(globex.delete(&last.id).await.unwrap_err().kind(), &ErrorKind::NotFound);
}

#[tokio::test]
async fn a_migrated_resource_is_unique_as_the_policy_of_the_connection_has_it() {
    let product = Product::new(MemoryStore::new());
    let mut connection = product.acme.create(Provider::Okta, "Okta").await.unwrap();
    connection.policy = Some("tenant".to_owned());
    product.acme.update(&connection).await.unwrap();
    let okta = product.server.resources_of(&connection);

    let made = product.by_hand("acme").users().create(&User::new("babs")).await.unwrap();
    let other_tenant = product.by_hand("acme").users().migrate_to(&made.id, &product.by_hand("globex")).await;
    assert_eq!(other_tenant.unwrap_err().status(), 400);
    product.by_hand("acme").users().migrate_to(&made.id, &okta).await.unwrap();
    assert_eq!(okta.users().find("userName", "Babs").await.unwrap().unwrap().id, made.id);
    let again = product.by_hand("acme").users().migrate_to(&made.id, &okta).await;
    assert_eq!(again.unwrap_err().status(), 404);

    let elsewhere = product.by_hand("globex").users().create(&User::new("babs")).await;
    assert!(elsewhere.is_ok(), "what was unique on the platform is unique in the tenant now");
    let taken = okta.users().create(&User::new("BABS")).await.unwrap_err();
    assert_eq!(taken.status(), 409);
}

#[tokio::test]
async fn a_connection_ends_and_leaves_everything_deactivated_or_nothing() {
    let kept = ([1, 1, 1], vec!["babs".to_owned(), "gone".to_owned()]);
    for (leftovers, expected) in [
        (Leftovers::Keep, kept),
        (Leftovers::Deactivate, ([1, 1, 1], Vec::new())),
        (Leftovers::Delete, ([0, 0, 0], Vec::new())),
    ] {
        let product = Product::new(MemoryStore::new());
        let (connection, resources) = product.connect().await;
        let (other, of_other) = product.connect().await;
        fill(&resources).await;
        of_other.users().create(&User::new("other")).await.unwrap();

        product.server.disconnect(&product.acme, &connection.id, leftovers).await.unwrap();
        assert_eq!(left(&resources).await, expected, "{leftovers:?}");
        assert_eq!(left(&of_other).await, ([1, 0, 0], vec!["other".to_owned()]), "{leftovers:?}");
        assert_eq!(product.acme.list().await.unwrap(), [other]);
        let again = product.server.disconnect(&product.acme, &connection.id, leftovers).await;
        assert_eq!(again.unwrap_err().status(), 404);
    }
}

#[tokio::test]
async fn what_a_connection_left_behind_holds_no_name_once_it_is_deleted() {
    for (leftovers, is_free) in [(Leftovers::Deactivate, false), (Leftovers::Delete, true)] {
        let product = Product::new(MemoryStore::new());
        let (connection, resources) = product.connect().await;
        fill(&resources).await;
        product.server.disconnect(&product.acme, &connection.id, leftovers).await.unwrap();
        let made = product.by_hand("globex").users().create(&User::new("babs")).await;
        assert_eq!(made.is_ok(), is_free, "{leftovers:?}");
    }
}

#[tokio::test]
async fn a_connection_whose_policy_is_gone_stays_paused_until_its_leftovers_are_to_be_kept() {
    let product = Product::new(MemoryStore::new());
    let (mut connection, _) = product.connect().await;
    connection.policy = Some("gone".to_owned());
    product.acme.update(&connection).await.unwrap();
    let refused = product.server.disconnect(&product.acme, &connection.id, Leftovers::Delete).await;
    assert_eq!(refused.unwrap_err().status(), 403);
    assert_eq!(product.acme.get(&connection.id).await.unwrap().state, ConnectionState::Paused);
    product.server.disconnect(&product.acme, &connection.id, Leftovers::Keep).await.unwrap();
}
