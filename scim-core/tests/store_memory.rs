//! What `MemoryStore` does beyond the contract that the store suite checks: indexes, order, clock and ids.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects, missing_docs)]

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::Arc;

use scim_core::{
    AttributePath, Attributes, CompatProfile, Context, DateTime, Fetch, Filter, Limits, Member, MembersUpdate,
    MemoryStore, NewResource, Page, PageRequest, Principal, Query, Resource, ResourceId, ResourceStore, ResourceType,
    Sort, StoreError, TenantId, Update,
};
use serde_json::{json, Value};

/// More than the store keeps in one chunk, so that pages cross chunks.
const MANY: usize = 560;

fn cx(resource_type: ResourceType) -> Context {
    Context::new(Principal::new(TenantId::new("acme"), "test"), Arc::new(resource_type))
}

fn document(value: Value) -> Attributes {
    let Value::Object(map) = value else { panic!("not an object") };
    Attributes::from_stored(map)
}

async fn user(store: &MemoryStore, name: &str) -> Resource {
    store.create(&cx(ResourceType::user()), NewResource::new(document(json!({"userName": name})))).await.unwrap()
}

async fn group(store: &MemoryStore, name: &str, members: &[&Resource]) -> Resource {
    let members = members.iter().map(|member| Member::new(member.id.clone()));
    let new = NewResource::new(document(json!({"displayName": name}))).with_members(members);
    store.create(&cx(ResourceType::group()), new).await.unwrap()
}

fn query(cx: &Context, filter: Option<&str>, sort_by: Option<(&str, bool)>, page: PageRequest) -> Query {
    let mut query = Query::default();
    query.filter = filter.map(|text| {
        let profile = CompatProfile::default();
        Filter::parse(text, &profile, &Limits::default()).unwrap().resolve(&cx.resource_type, &profile).unwrap()
    });
    query.sort = sort_by.map(|(path, descending)| {
        let path = cx.resource_type.resolve_short(&AttributePath::split(path).unwrap()).unwrap();
        Sort::new(path, descending)
    });
    query.page = page;
    query
}

async fn everything(store: &MemoryStore, cx: &Context) -> Vec<Resource> {
    let page = PageRequest::Index { start_index: 1, count: usize::MAX };
    store.list(cx, &query(cx, None, None, page)).await.unwrap().resources
}

/// Users and groups with values that repeat, are missing, and differ in case, some of them deleted again.
async fn populated() -> MemoryStore {
    let store = MemoryStore::new();
    let mut users = Vec::new();
    for number in 0..MANY {
        let mut value = json!({
            "userName": format!("User{number:04}@Example.com"),
            "externalId": format!("ext{}", number % 50),
            "title": format!("{}", number % 7),
            "emails": [
                {"value": format!("Box{}@example.com", number % 90), "type": "work", "primary": number % 2 == 0},
                {"value": format!("home{number}@example.com"), "type": "home"},
            ],
        });
        if number % 3 == 0 {
            value["displayName"] = json!(format!("Name {}", number % 20));
        }
        let cx = cx(ResourceType::user());
        users.push(store.create(&cx, NewResource::new(document(value))).await.unwrap());
    }
    for number in 0..40 {
        let members: Vec<&Resource> = users.iter().skip(number).step_by(number + 1).collect();
        group(&store, &format!("Group {number}"), &members).await;
    }
    for user in users.iter().step_by(11) {
        store.delete(&cx(ResourceType::user()), &user.id, None).await.unwrap();
    }
    store
}

fn ids(page: &Page) -> Vec<ResourceId> {
    page.resources.iter().map(|resource| resource.id.clone()).collect()
}

#[tokio::test]
async fn every_query_is_answered_as_by_looking_at_everything() {
    let store = populated().await;
    let users = everything(&store, &cx(ResourceType::user())).await;
    let groups = everything(&store, &cx(ResourceType::group())).await;
    let (some_user, some_group) = (&users[5], &groups[3]);
    let (user_id, group_id) = (&some_user.id, &some_group.id);
    let user_filters = [
        r#"userName eq "USER0005@example.com""#.to_owned(),
        r#"userName eq "nobody""#.to_owned(),
        r#"userName sw "user00" and externalId eq "ext7""#.to_owned(),
        r#"externalId eq "EXT7""#.to_owned(),
        r#"externalId ne "ext7""#.to_owned(),
        r#"displayName eq "name 12" and title eq "3""#.to_owned(),
        r#"displayName eq "name 12" or userName eq "user0005@example.com""#.to_owned(),
        r#"displayName eq "name 12" or title eq "3""#.to_owned(),
        r#"not (displayName eq "name 12")"#.to_owned(),
        r#"emails.value eq "box5@EXAMPLE.com""#.to_owned(),
        r#"emails[value eq "box5@example.com" and type eq "work"]"#.to_owned(),
        r#"emails[value eq "box5@example.com" and type eq "home"]"#.to_owned(),
        r#"emails[not (value eq "box5@example.com")]"#.to_owned(),
        r#"emails co "box5" and not (title eq "3")"#.to_owned(),
        format!(r#"id eq "{user_id}""#),
        format!(r#"id eq "{user_id}" and title eq "nothing""#),
        format!(r#"id eq "{group_id}""#),
        format!(r#"groups.value eq "{group_id}""#),
        format!(r#"groups eq "{group_id}" and title eq "3""#),
        format!(r#"not (groups.value eq "{group_id}")"#),
        format!(r#"groups[value eq "{group_id}" and display co "3"]"#),
        format!(r#"groups.value ne "{group_id}""#),
        r#"groups.display eq "group 3""#.to_owned(),
        r#"groups.value eq "nothing""#.to_owned(),
        "groups pr".to_owned(),
        "not (groups pr)".to_owned(),
        "displayName pr".to_owned(),
    ];
    let group_filters = [
        r#"displayName eq "GROUP 3""#.to_owned(),
        format!(r#"members eq "{user_id}""#),
        format!(r#"members.value eq "{user_id}" and displayName co "1""#),
        format!(r#"id eq "{group_id}" and members eq "{user_id}""#),
        format!(r#"members[value eq "{user_id}"]"#),
        format!(r#"members[value eq "{user_id}" and type eq "group"]"#),
        format!(r#"not (members eq "{user_id}")"#),
        r#"members.type eq "user""#.to_owned(),
        "members pr".to_owned(),
    ];
    let cases = user_filters
        .iter()
        .map(|filter| (ResourceType::user(), &users, filter))
        .chain(group_filters.iter().map(|filter| (ResourceType::group(), &groups, filter)));
    for (resource_type, resources, filter) in cases {
        let cx = cx(resource_type);
        for sort in [None, Some(("displayName", false)), Some(("displayName", true)), Some(("emails", false))] {
            let Some(sort) = sort.map_or(Some(None), |sort| {
                cx.resource_type.resolve_short(&AttributePath::split(sort.0).unwrap()).map(|_| Some(sort))
            }) else {
                continue;
            };
            for (start_index, count) in [(1, 1_000), (3, 10)] {
                let query = query(&cx, Some(filter), sort, PageRequest::Index { start_index, count });
                let expected = query.run(&cx.resource_type, resources.iter().cloned());
                let page = store.list(&cx, &query).await.unwrap();
                assert_eq!(page, expected, "{filter} {sort:?} {start_index} {count}");
            }
        }
    }
}

#[tokio::test]
async fn pages_without_a_filter_are_in_the_order_of_creation() {
    let store = populated().await;
    let cx = cx(ResourceType::user());
    let users = everything(&store, &cx).await;
    assert!(users.windows(2).all(|pair| pair[0].attributes.string("userName") < pair[1].attributes.string("userName")));
    for (start_index, count) in [(1, 10), (250, 20), (256, 1), (257, 300), (500, 100), (700, 5), (0, 3), (1, 0)] {
        let query = query(&cx, None, None, PageRequest::Index { start_index, count });
        let page = store.list(&cx, &query).await.unwrap();
        assert_eq!(page, query.run(&cx.resource_type, users.iter().cloned()), "{start_index} {count}");
    }
}

fn is_derived(filter: Option<&str>) -> bool {
    filter.is_some_and(|filter| filter.starts_with("groups"))
}

#[tokio::test]
async fn rfc9865_a_cursor_walks_forth_and_back_over_the_whole_list() {
    let store = populated().await;
    let cx = cx(ResourceType::user());
    let filters = [None, Some("title eq \"3\""), Some("groups.display eq \"group 2\""), Some("title eq \"none\"")];
    let sorts = [None, Some(("displayName", false)), Some(("displayName", true)), Some(("meta.created", true))];
    for filter in filters {
        for sort in sorts {
            let whole = query(&cx, filter, sort, PageRequest::Index { start_index: 1, count: usize::MAX });
            let expected = ids(&store.list(&cx, &whole).await.unwrap());
            for count in [13, 100, 1_000] {
                if is_derived(filter) && count < 100 {
                    continue;
                }
                let mut walk = query(&cx, filter, sort, PageRequest::Cursor { position: None, count });
                let mut forth = Vec::new();
                let mut page = store.list(&cx, &walk).await.unwrap();
                assert_eq!(page.previous, None);
                loop {
                    forth.extend(ids(&page));
                    let Some(next) = page.next.clone() else { break };
                    walk.page = PageRequest::Cursor { position: Some(next), count };
                    page = store.list(&cx, &walk).await.unwrap();
                    assert!(page.previous.is_some() && !page.resources.is_empty());
                }
                assert_eq!(forth, expected, "{filter:?} {sort:?} {count}");

                let mut back = ids(&page);
                while let Some(previous) = page.previous.clone() {
                    walk.page = PageRequest::Cursor { position: Some(previous), count };
                    page = store.list(&cx, &walk).await.unwrap();
                    assert!(page.next.is_some());
                    back.splice(0..0, ids(&page));
                }
                assert_eq!(back, expected, "{filter:?} {sort:?} {count} back");
            }
        }
    }
}

#[tokio::test]
async fn a_position_of_another_kind_of_list_is_refused() {
    let store = populated().await;
    let cx = cx(ResourceType::user());
    let first = query(&cx, None, None, PageRequest::Cursor { position: None, count: 3 });
    let position = store.list(&cx, &first).await.unwrap().next;
    let sorted = query(&cx, None, Some(("userName", false)), PageRequest::Cursor { position, count: 3 });
    assert!(matches!(store.list(&cx, &sorted).await, Err(StoreError::InvalidPosition)));
    for bytes in [vec![], vec![0], vec![2, 0, 0, 0, 0, 0, 0, 0, 0, 0], vec![0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9]] {
        let page = PageRequest::Cursor { position: Some(scim_core::Position(bytes)), count: 3 };
        let garbled = query(&cx, None, None, page);
        assert!(matches!(store.list(&cx, &garbled).await, Err(StoreError::InvalidPosition)));
    }
}

#[tokio::test]
async fn the_clock_and_the_ids_are_those_that_were_given() {
    let (time, number) = (Arc::new(AtomicI64::new(1_000)), Arc::new(AtomicU64::new(0)));
    let clock = Arc::clone(&time);
    let store = MemoryStore::new()
        .with_clock(move || DateTime::from_micros(clock.load(Ordering::SeqCst)))
        .with_ids(move || ResourceId::new(number.fetch_add(1, Ordering::SeqCst).to_string()));
    let made = user(&store, "a").await;
    assert_eq!((made.id.as_str(), made.meta.created.as_micros()), ("0", 1_000));

    time.store(2_000, Ordering::SeqCst);
    let update = Update::document(document(json!({"userName": "b"})));
    let changed = store.update(&cx(ResourceType::user()), &made.id, update.clone()).await.unwrap();
    assert_eq!((changed.meta.created.as_micros(), changed.meta.last_modified.as_micros()), (1_000, 2_000));
    assert_ne!(changed.meta.version, made.meta.version);

    time.store(3_000, Ordering::SeqCst);
    let unchanged = store.update(&cx(ResourceType::user()), &made.id, update).await.unwrap();
    assert_eq!(unchanged, changed);
}

#[tokio::test]
async fn an_id_that_is_in_use_is_not_given_again() {
    let store = MemoryStore::new().with_ids(|| ResourceId::new("the only one"));
    user(&store, "a").await;
    let again = store.create(&cx(ResourceType::user()), NewResource::new(document(json!({"userName": "b"})))).await;
    assert!(matches!(again, Err(StoreError::Backend(_))));
}

#[tokio::test]
async fn clones_share_what_is_stored() {
    let store = MemoryStore::new();
    let made = user(&store.clone(), "a").await;
    assert_eq!(store.get(&cx(ResourceType::user()), &made.id, &Fetch::all()).await.unwrap(), Some(made));
}

#[tokio::test]
async fn a_resource_type_that_is_defined_anew_has_its_indexes_built_anew() {
    let store = MemoryStore::new();
    user(&store, "a").await;
    let relaxed = ResourceType::user()
        .with_schema(scim_core::user_schema().with("userName", |a| a.uniqueness = scim_core::Uniqueness::None));
    let twin = NewResource::new(document(json!({"userName": "A"})));
    store.create(&cx(relaxed), twin.clone()).await.unwrap();
    let refused = store.create(&cx(ResourceType::user()), twin).await;
    assert!(matches!(refused, Err(StoreError::Uniqueness { attribute }) if attribute == "userName"));
}

#[tokio::test]
async fn a_change_of_one_member_among_many_does_not_touch_the_others() {
    let store = MemoryStore::new();
    let cx = cx(ResourceType::group());
    let mut members = Vec::new();
    for number in 0..3_000 {
        members.push(user(&store, &number.to_string()).await);
    }
    let all: Vec<&Resource> = members.iter().skip(1).collect();
    let large = group(&store, "large", &all).await;
    let mut delta = MembersUpdate::default();
    delta.add([Member::new(members[0].id.clone())]);
    delta.remove([members[7].id.clone()]);
    let mut update = Update::members(delta);
    update.fetch = Fetch::all().members_up_to(100);
    let changed = store.update(&cx, &large.id, update).await.unwrap();
    assert!(changed.members_left_out && changed.attributes.get("members").is_none());
    assert_ne!(changed.meta.version, large.meta.version);

    let listed = store.get(&cx, &large.id, &Fetch::all()).await.unwrap().unwrap();
    let ids: Vec<&str> = listed.attributes.values("members").iter().map(|m| m["value"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2_999);
    assert_eq!(*ids.last().unwrap(), members[0].id.as_str());
    assert!(!ids.contains(&members[7].id.as_str()));
}

#[tokio::test]
async fn a_group_may_be_in_a_circle_and_still_be_deleted() {
    let store = MemoryStore::new();
    let cx = cx(ResourceType::group());
    let inner = group(&store, "inner", &[]).await;
    let outer = group(&store, "outer", &[&inner]).await;
    let both = [Member::new(outer.id.clone()), Member::new(inner.id.clone())];
    let update = Update::members(MembersUpdate::Set(both.to_vec()));
    let circle = store.update(&cx, &inner.id, update).await.unwrap();
    assert_eq!(circle.attributes.values("members").len(), 2);
    assert_eq!(circle.attributes.values("members")[0], json!({"value": outer.id.as_str(), "type": "Group"}));

    store.delete(&cx, &inner.id, None).await.unwrap();
    let outer = store.get(&cx, &outer.id, &Fetch::all()).await.unwrap().unwrap();
    assert_eq!(outer.attributes.get("members"), None);
}

#[tokio::test]
async fn every_unknown_member_is_named() {
    let store = MemoryStore::new();
    let known = user(&store, "a").await;
    let group = group(&store, "staff", &[]).await;
    let unknown = [ResourceId::new("x"), ResourceId::new("y")];
    let all = [&unknown[0], &known.id, &unknown[1]].map(|id| Member::new(id.clone()));
    let update = Update::members(MembersUpdate::Set(all.to_vec()));
    let result = store.update(&cx(ResourceType::group()), &group.id, update).await;
    assert!(matches!(result, Err(StoreError::UnknownMembers(ids)) if ids == unknown));
}

/// A group's name and its members change together, so no list may show the one without the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_shows_every_resource_as_it_was_at_one_moment() {
    let store = MemoryStore::new();
    let (anna, bert) = (user(&store, "anna").await, user(&store, "bert").await);
    let changing = group(&store, "anna", &[&anna]).await;
    for number in 0..200 {
        group(&store, &format!("other {number}"), &[]).await;
    }
    let writer = {
        let (store, group) = (store.clone(), changing.id.clone());
        tokio::spawn(async move {
            for round in 0..1_000 {
                let (name, member) = if round % 2 == 0 { ("bert", &bert) } else { ("anna", &anna) };
                let mut update = Update::document(document(json!({"displayName": name})));
                update.members = MembersUpdate::Set(vec![Member::new(member.id.clone()).with_display(name)]);
                store.update(&cx(ResourceType::group()), &group, update).await.unwrap();
                if round % 16 == 0 {
                    tokio::task::yield_now().await;
                }
            }
        })
    };
    let cx = cx(ResourceType::group());
    let page = PageRequest::Index { start_index: 1, count: 1 };
    let sorted = query(&cx, Some(r#"not (displayName sw "other")"#), Some(("displayName", false)), page);
    let mut rounds = 0;
    while !writer.is_finished() || rounds == 0 {
        let page = store.list(&cx, &sorted).await.unwrap();
        let found = &page.resources[0];
        let display = found.attributes.values("members")[0]["display"].as_str();
        if let Some(display) = display {
            assert_eq!(found.attributes.string("displayName"), Some(display));
        }
        rounds += 1;
    }
    writer.await.unwrap();
}
