//! How a product's own code reads and writes resources.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod support;

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use scim_core::{
    user_schema, Attributes, BearerTokens, Context, ErrorKind, Event, Fetch, Group, MemoryStore, NewResource, Observer,
    PageRequest, Principal, PrincipalResources, ProvisioningPolicy, ResourceId, ResourceReference, ResourceStore,
    ResourceType, ScimError, ScimServer, ScimType, TenantId, UniqueWithin, User,
};
use serde::{Deserialize, Serialize};
use serde_json::{json, Map, Value};
use support::listed::Listed;

/// As many resources as are read at once.
const PAGE: usize = 200;

fn server_of(store: impl ResourceStore, policy: ProvisioningPolicy) -> ScimServer {
    let authenticator = BearerTokens::new().token("a", TenantId::new("acme"));
    ScimServer::builder().store(store).authenticator(authenticator).provisioning(policy).build().unwrap()
}

fn principal(tenant: &str) -> Principal {
    Principal::new(TenantId::new(tenant), "the product")
}

fn acme() -> PrincipalResources {
    server_of(MemoryStore::new(), ProvisioningPolicy::new()).resources_of(principal("acme"))
}

fn is_invalid_value(error: &ScimError) -> bool {
    *error.kind() == ErrorKind::BadRequest(ScimType::InvalidValue)
}

#[tokio::test]
async fn what_is_made_is_found_by_its_attributes_as_the_schema_compares_them() {
    let users = acme().users();
    let mut babs = User::new("b\"j\\ensen");
    babs.external_id = Some("E1".to_owned());
    let made = users.create(&babs).await.unwrap();
    users.create(&User::new("other")).await.unwrap();

    let found = |attribute, value| users.find(attribute, value);
    assert_eq!(found("userName", "B\"J\\ENSEN").await.unwrap().unwrap().id, made.id);
    assert_eq!(found("externalId", "E1").await.unwrap().unwrap().value, babs);
    assert_eq!(found("id", made.id.as_str()).await.unwrap().unwrap().id, made.id);
    assert_eq!(found("externalId", "e1").await.unwrap(), None, "externalId compares with case");
    assert_eq!(found("userName", "x\" or userName pr or userName eq \"").await.unwrap(), None);
    assert_eq!(found("user name", "x").await.unwrap_err().status(), 400);
    assert_eq!(users.create(&babs).await.unwrap_err().kind(), &ErrorKind::Uniqueness);
}

#[tokio::test]
async fn one_resource_is_looked_for_and_no_members_are_loaded_unless_they_are_asked_for() {
    let store = Listed::new(true);
    let resources = server_of(store.clone(), ProvisioningPolicy::new()).resources_of(principal("acme"));
    let user = resources.users().create(&User::new("babs")).await.unwrap();
    let mut guides = Group::new("Guides");
    guides.members.push(ResourceReference::new(user.id.as_str()));
    let made = resources.groups().create(&guides).await.unwrap();

    let found = resources.groups().find("displayName", "guides").await.unwrap().unwrap();
    assert_eq!((&found.id, found.members.len()), (&made.id, 0));
    let whole = resources.groups().fetching(Fetch::all()).find("displayName", "guides").await.unwrap().unwrap();
    assert_eq!(whole.members[0].value, user.id.as_str());
    let only = resources.groups().fetching(Fetch::only(["members"])).get(&made.id).await.unwrap().unwrap();
    assert_eq!(only.members.len(), 1);
    let pages: Vec<PageRequest> = store.queries.lock().unwrap().iter().map(|query| query.page.clone()).collect();
    assert_eq!(
        pages,
        [PageRequest::Index { start_index: 1, count: 1 }, PageRequest::Index { start_index: 1, count: 1 }]
    );
}

#[tokio::test]
async fn an_edit_leaves_everything_else_as_it_is() {
    let resources = acme();
    let (users, groups) = (resources.users(), resources.groups());
    let user = users.create(&User::new("babs")).await.unwrap();
    let mut guides = Group::new("Guides");
    guides.members.push(ResourceReference::new(user.id.as_str()));
    guides.members.push(ResourceReference::new(user.id.as_str()));
    let group = groups.create(&guides).await.unwrap();
    assert_eq!(group.members.len(), 1);

    let renamed = groups.edit(&group.id, |group| group.display_name = "Tour Guides".to_owned()).await.unwrap();
    assert_eq!(renamed.display_name, "Tour Guides");
    assert_eq!(groups.get(&group.id).await.unwrap().unwrap().members, group.members);
    let unseen = groups.edit(&group.id, |group| group.members.push(ResourceReference::new(user.id.as_str()))).await;
    assert!(is_invalid_value(&unseen.unwrap_err()), "members that an edit does not see are not lost in silence");

    let entitle = |user: &mut User| user.title = Some("Guide".to_owned());
    let entitled = users.edit(&user.id, entitle).await.unwrap();
    assert_eq!(entitled.groups.len(), 1);
    let again = users.edit(&user.id, entitle).await.unwrap();
    assert_eq!(again.meta.version, entitled.meta.version, "an edit that changes nothing is no change");
    let nobody = users.edit(&ResourceId::new("nobody"), entitle).await.unwrap_err();
    assert_eq!(nobody.kind(), &ErrorKind::NotFound);
}

/// What one part of a product knows of a user.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    user_name: String,
    name: Option<Family>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Family {
    family_name: String,
}

#[tokio::test]
async fn what_a_view_does_not_show_stays_as_it_is() {
    let resources = acme();
    let mut babs = User::new("babs");
    babs.title = Some("Guide".to_owned());
    babs.name = Some(scim_core::Name::new("Barbara", "Jensen"));
    let made = resources.users().create(&babs).await.unwrap();
    let accounts = resources.of_type::<Account>("User");
    accounts.edit(&made.id, |account| account.user_name = "barbara".to_owned()).await.unwrap();
    let renamed = resources.users().get(&made.id).await.unwrap().unwrap().value;
    babs.user_name = "barbara".to_owned();
    assert_eq!(renamed, babs);

    accounts.edit(&made.id, |account| account.name = None).await.unwrap();
    assert_eq!(resources.users().get(&made.id).await.unwrap().unwrap().name, None);
}

#[tokio::test]
async fn rfc7643_s4_1_1_a_user_without_a_user_name_is_refused() {
    let users = acme().users();
    let refused = users.create(&User::default()).await.unwrap_err();
    assert!(is_invalid_value(&refused) && refused.detail().contains("userName"), "{refused}");
    let made = users.create(&User::new("babs")).await.unwrap();
    let refused = users.edit(&made.id, |user| user.user_name.clear()).await.unwrap_err();
    assert!(is_invalid_value(&refused) && refused.detail().contains("userName"), "{refused}");
    assert_eq!(users.get(&made.id).await.unwrap().unwrap().user_name, "babs");
}

#[tokio::test]
async fn a_view_of_another_resource_type_is_refused() {
    let resources = acme();
    let group = resources.of_type::<Group>("User").create(&Group::new("Guides")).await.unwrap_err();
    assert!(is_invalid_value(&group), "{group}");
    let mut user = User::new("babs");
    user.display_name = Some("Babs".to_owned());
    let user = resources.of_type::<User>("Group").create(&user).await.unwrap_err();
    assert!(is_invalid_value(&user) && user.detail().contains("userName"), "{user}");
}

#[tokio::test]
async fn what_the_schema_does_not_have_is_refused_and_stays_where_it_is_already() {
    let store = MemoryStore::new();
    let users = server_of(store.clone(), ProvisioningPolicy::new()).resources_of(principal("acme")).users();
    let mut babs = User::new("babs");
    babs.other.insert("badge".to_owned(), json!("17"));
    let refused = users.create(&babs).await.unwrap_err();
    assert!(is_invalid_value(&refused) && refused.detail().contains("badge"), "{refused}");

    let old = json!({"userName": "old", "badge": "17"});
    let old = NewResource::new(Attributes::from_stored(old.as_object().unwrap().clone()));
    let old = store.create(&users.context().unwrap(), old).await.unwrap();
    let edited = users.edit(&old.id, |user| user.title = Some("Guide".to_owned())).await.unwrap();
    assert_eq!(edited.other["badge"], "17");
    let add = |user: &mut User| drop(user.other.insert("bagde".to_owned(), json!("18")));
    assert!(is_invalid_value(&users.edit(&old.id, add).await.unwrap_err()));
}

#[tokio::test]
async fn a_requirement_that_came_later_keeps_nobody_from_being_deactivated() {
    let store = MemoryStore::new();
    let before = server_of(store.clone(), ProvisioningPolicy::new()).resources_of(principal("acme")).users();
    let made = before.create(&User::new("babs")).await.unwrap();
    let schema = user_schema().with("displayName", |name| *name = name.clone().required());
    let server = ScimServer::builder()
        .store(store)
        .resource_type(ResourceType::user().with_schema(schema))
        .authenticator(BearerTokens::new().token("a", TenantId::new("acme")));
    let users = server.build().unwrap().resources_of(principal("acme")).users();
    assert!(is_invalid_value(&users.create(&User::new("other")).await.unwrap_err()));
    assert_eq!(users.deactivate_all().await.unwrap(), 1);
    assert!(!users.get(&made.id).await.unwrap().unwrap().is_active());
}

#[tokio::test]
async fn what_a_policy_requires_of_provisioning_is_not_required_of_the_product() {
    let policy = ProvisioningPolicy::new().users(|users| users.only(["userName", "title"]).require("title"));
    let users = server_of(MemoryStore::new(), policy).resources_of(principal("acme")).users();
    let mut babs = User::new("babs");
    babs.nick_name = Some("Babs".to_owned());
    assert_eq!(users.create(&babs).await.unwrap().value, babs);
}

#[tokio::test]
async fn all_are_read_over_several_pages_with_and_without_cursors() {
    for count in [0, 1, PAGE - 1, PAGE, PAGE + 1, PAGE * 2] {
        for has_cursors in [true, false] {
            let server = server_of(Listed::new(has_cursors), ProvisioningPolicy::new());
            let users = server.resources_of(principal("acme")).users();
            for number in 0..count {
                users.create(&User::new(format!("user{number}"))).await.unwrap();
            }
            let all = users.all().await.unwrap();
            let mut names: Vec<&str> = all.iter().map(|user| user.user_name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!((names.len(), all.len()), (count, count), "every user once");
        }
    }
}

#[tokio::test]
async fn all_are_those_of_the_principal_with_their_members() {
    let server = server_of(MemoryStore::new(), ProvisioningPolicy::new());
    let resources = server.resources_of(principal("acme"));
    let user = resources.users().create(&User::new("babs")).await.unwrap();
    let mut guides = Group::new("Guides");
    guides.members.push(ResourceReference::new(user.id.as_str()));
    resources.groups().create(&guides).await.unwrap();
    let listed = resources.groups().all().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].members[0].value, user.id.as_str());
    assert!(server.resources_of(principal("globex")).users().all().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_edit_that_meets_with_another_change_loses_neither() {
    let users = acme().users();
    let made = users.create(&User::new("babs")).await.unwrap();
    let met = AtomicBool::new(false);
    let edited = users.edit(&made.id, |user| {
        if !met.swap(true, Ordering::SeqCst) {
            let (users, id) = (users.clone(), made.id.clone());
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(users.edit(&id, |user| user.nick_name = Some("Babs".to_owned()))).unwrap();
            })
            .join()
            .unwrap();
        }
        user.title = Some("Guide".to_owned());
    });
    let edited = edited.await.unwrap();
    assert_eq!((edited.nick_name.as_deref(), edited.title.as_deref()), (Some("Babs"), Some("Guide")));
}

#[tokio::test]
async fn what_a_policy_makes_unique_on_the_platform_stays_so_after_an_edit() {
    let policy = ProvisioningPolicy::new().users(|users| users.unique_within("userName", UniqueWithin::Platform));
    let server = server_of(MemoryStore::new(), policy);
    let (acme, globex) = (server.resources_of(principal("acme")), server.resources_of(principal("globex")));
    let made = acme.users().create(&User::new("babs")).await.unwrap();
    acme.users().edit(&made.id, |user| user.title = Some("Guide".to_owned())).await.unwrap();
    let taken = globex.users().create(&User::new("Babs")).await.unwrap_err();
    assert_eq!(taken.kind(), &ErrorKind::Uniqueness);
    acme.users().edit(&made.id, |user| user.user_name = "barbara".to_owned()).await.unwrap();
    globex.users().create(&User::new("Babs")).await.unwrap();
}

/// Counts the groups of those to whom something happens, and gives them a title.
#[derive(Clone, Default)]
struct Titles(Arc<Mutex<Vec<usize>>>);

#[async_trait]
impl Observer for Titles {
    async fn observe(&self, cx: &Context, event: &Event<'_>) {
        let resources = cx.resources();
        for member in event.members.added() {
            let user = resources.users().get(&member.value).await.unwrap().unwrap();
            self.0.lock().unwrap().push(user.groups.len());
            resources.users().edit(&user.id, |user| user.title = Some("Guide".to_owned())).await.unwrap();
        }
    }
}

#[tokio::test]
async fn an_observer_has_the_resources_of_the_operation_with_the_types_of_the_server() {
    let titles = Titles::default();
    let policy = ProvisioningPolicy::new().users(|users| users.unique_within("userName", UniqueWithin::Platform));
    let builder = support::builder().provisioning(policy).observer(titles.clone());
    let client = support::Client::of(builder);
    let user = client.post("/Users", &json!({"userName": "babs"})).await.id();
    let group = client.post("/Groups", &json!({"displayName": "Guides", "members": [{"value": user}]})).await;
    assert_eq!(group.status, 201, "{}", group.text);
    assert_eq!(*titles.0.lock().unwrap(), [1]);
    assert_eq!(client.get(&format!("/Users/{user}")).await.json["title"], "Guide");
    assert_eq!(client.other_tenant().post("/Users", &json!({"userName": "Babs"})).await.status, 409);
}

#[tokio::test]
async fn where_there_is_no_such_type_policy_or_server_nothing_is_read() {
    let server = server_of(MemoryStore::new(), ProvisioningPolicy::new());
    let devices = server.resources_of(principal("acme")).of_type::<Map<String, Value>>("Device");
    let missing = devices.all().await.unwrap_err();
    assert_eq!(missing.status(), 500);
    assert!(missing.source().is_some_and(|cause| cause.to_string().contains("Device")));
    let other = server.resources_of(principal("acme").with_policy("other")).users();
    assert_eq!(other.find("userName", "babs").await.unwrap_err().status(), 403);
    let cx = Context::new(principal("acme"), Arc::new(ResourceType::user()));
    assert_eq!(cx.resources().users().delete_all().await.unwrap_err().status(), 500);
}
