//! Users and groups to begin with: the same ones for the same number, straight into the store.

use std::sync::Arc;

use scim_core::{
    Attributes, Context, Member, NewResource, PageRequest, Principal, Query, ResourceId, ResourceStore, ResourceType,
    StoreError, TenantId, ENTERPRISE_USER,
};
use serde_json::{json, Map, Value};

const GIVEN_NAMES: [&str; 25] = [
    "Alice", "Amina", "Bjorn", "Carlos", "Chen", "Daniel", "Elena", "Emma", "Fatima", "Hiro", "Ines", "Ivan", "Jonas",
    "Julia", "Kwame", "Lena", "Liam", "Mateo", "Mina", "Noah", "Olga", "Priya", "Samuel", "Sofia", "Zeynep",
];
const FAMILY_NAMES: [&str; 24] = [
    "Andersson",
    "Baker",
    "Costa",
    "Dubois",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Haddad",
    "Ivanova",
    "Jensen",
    "Kim",
    "Larsen",
    "Mensah",
    "Nakamura",
    "Okafor",
    "Patel",
    "Quinn",
    "Rossi",
    "Schmidt",
    "Tanaka",
    "Ueda",
    "Virtanen",
    "Weber",
    "Yilmaz",
];
const TITLES: [&str; 7] = ["Analyst", "Consultant", "Coordinator", "Director", "Engineer", "Manager", "Specialist"];
const DEPARTMENTS: [&str; 9] =
    ["Design", "Engineering", "Finance", "Legal", "Marketing", "Operations", "Research", "Sales", "Support"];
const CITIES: [(&str, &str, &str); 8] = [
    ("Amsterdam", "NL", "Europe/Amsterdam"),
    ("Berlin", "DE", "Europe/Berlin"),
    ("Boston", "US", "America/New_York"),
    ("Lisbon", "PT", "Europe/Lisbon"),
    ("London", "GB", "Europe/London"),
    ("Nairobi", "KE", "Africa/Nairobi"),
    ("Osaka", "JP", "Asia/Tokyo"),
    ("Stockholm", "SE", "Europe/Stockholm"),
];

/// How many users have one group between them.
const USERS_OF_A_GROUP: usize = 20;

/// Every so many users one is a manager of those after them, and as many apart one has left the company.
const SPAN_OF_CONTROL: usize = 12;

/// Makes `users` users and a twentieth as many groups of forty members each, all of them or none. A tenant that has users
/// stays as it is.
pub(crate) async fn fill(store: &dyn ResourceStore, tenant: &TenantId, users: usize) -> Result<(), StoreError> {
    if users == 0 {
        return Ok(());
    }
    let cx = Context::new(Principal::new(tenant.clone(), "seed"), Arc::new(ResourceType::user()));
    if has_any(store, &cx).await? {
        tracing::info!("not seeded: there are users already");
        return Ok(());
    }
    let groups = match store.unit_of_work() {
        Some(begin) => {
            let unit = begin.begin(&cx).await?;
            let groups = make(&*unit, cx, users).await?;
            unit.commit().await?;
            groups
        }
        None => make(store, cx, users).await?,
    };
    tracing::info!(users, groups, "seeded");
    Ok(())
}

async fn has_any(store: &dyn ResourceStore, cx: &Context) -> Result<bool, StoreError> {
    let mut query = Query::default();
    query.page = PageRequest::Index { start_index: 1, count: 1 };
    Ok(!store.list(cx, &query).await?.resources.is_empty())
}

/// Makes the users and then the groups, and says how many groups.
async fn make(store: &dyn ResourceStore, cx: Context, users: usize) -> Result<usize, StoreError> {
    let mut ids: Vec<ResourceId> = Vec::with_capacity(users);
    for number in 0..users {
        let manager = ids.get(number.saturating_sub(number % SPAN_OF_CONTROL));
        let made = store.create(&cx, NewResource::new(user(number, manager))).await?;
        ids.push(made.id);
    }
    let cx = cx.for_type(Arc::new(ResourceType::group()));
    let groups = users / USERS_OF_A_GROUP;
    for number in 0..groups {
        let new = NewResource::new(group(number)).with_members(members(&ids, number, groups));
        store.create(&cx, new).await?;
    }
    Ok(groups)
}

/// The user of a number, in the canonical form that the schema gives to a request.
fn user(number: usize, manager: Option<&ResourceId>) -> Attributes {
    let (given, family) = (pick(&GIVEN_NAMES, number), pick(&FAMILY_NAMES, number));
    let (city, country, timezone) = pick(&CITIES, number / 3);
    let department = pick(&DEPARTMENTS, number / 5);
    let login = format!("{}.{}{number}@example.com", given.to_ascii_lowercase(), family.to_ascii_lowercase());
    let mut enterprise = json!({
        "costCenter": format!("CC-{:03}", number % 400),
        "department": department,
        "employeeNumber": format!("{number:06}"),
        "organization": "Example Corporation",
    });
    if let (Some(manager), Some(object)) = (manager, enterprise.as_object_mut()) {
        object.insert("manager".to_owned(), json!({ "value": manager.as_str() }));
    }
    attributes(json!({
        "active": number % SPAN_OF_CONTROL != SPAN_OF_CONTROL - 1,
        "addresses": [{"country": country, "locality": city, "type": "work"}],
        "displayName": format!("{given} {family}"),
        "emails": [{"primary": true, "type": "work", "value": login}],
        "externalId": format!("00u{number:017}"),
        "name": {"familyName": family, "formatted": format!("{given} {family}"), "givenName": given},
        "phoneNumbers": [{"type": "work", "value": format!("+1-555-{number:07}")}],
        "timezone": timezone,
        "title": format!("{department} {}", pick(&TITLES, number / 2)),
        "userName": login,
        ENTERPRISE_USER: enterprise,
    }))
}

/// The group of a number: a department in a city, and from the second round on a number to tell them apart.
fn group(number: usize) -> Attributes {
    let (department, rest) = pick_and_rest(&DEPARTMENTS, number);
    let ((city, ..), round) = pick_and_rest(&CITIES, rest);
    let name = match round {
        0 => format!("{department} {city}"),
        round => format!("{department} {city} {}", round.saturating_add(1)),
    };
    attributes(json!({"displayName": name, "externalId": format!("00g{number:017}")}))
}

/// The twenty users at the place of the group, and the twenty at the place of the next.
fn members(users: &[ResourceId], number: usize, groups: usize) -> Vec<Member> {
    let next = number.saturating_add(1).checked_rem(groups).filter(|next| *next != number);
    let twenties =
        [Some(number), next].into_iter().flatten().filter_map(|place| users.chunks(USERS_OF_A_GROUP).nth(place));
    twenties.flatten().map(|id| Member::new(id.clone()).with_kind("User")).collect()
}

fn pick<T: Copy + Default>(list: &[T], number: usize) -> T {
    pick_and_rest(list, number).0
}

/// The element that the number comes to when it is counted round the list, and how often it goes round.
fn pick_and_rest<T: Copy + Default>(list: &[T], number: usize) -> (T, usize) {
    let place = number.checked_rem(list.len()).unwrap_or_default();
    (list.get(place).copied().unwrap_or_default(), number.checked_div(list.len()).unwrap_or_default())
}

fn attributes(document: Value) -> Attributes {
    match document {
        Value::Object(map) => Attributes::from_stored(map),
        _ => Attributes::from_stored(Map::new()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use scim_core::{BearerTokens, MemoryStore, ScimServer};

    use super::*;

    async fn send(server: &ScimServer, method: &str, path: &str, body: &Value) -> Value {
        let request = http::Request::builder().method(method).uri(path).header("Authorization", "Bearer secret");
        let response = server.handle(request.body(body.to_string().into()).unwrap()).await;
        assert!(response.status().is_success(), "{path}: {response:?}");
        serde_json::from_slice(response.body()).unwrap()
    }

    fn server(store: MemoryStore) -> ScimServer {
        let tokens = BearerTokens::new().token("secret", TenantId::new("example"));
        ScimServer::builder().store(store).authenticator(tokens).build().unwrap()
    }

    #[tokio::test]
    async fn seeds_are_what_the_schema_would_have_made_of_them() {
        let server = server(MemoryStore::new());
        for number in 0..30 {
            for (path, seed) in [("/Users", user(number, None)), ("/Groups", group(number))] {
                let made = send(&server, "POST", path, &Value::Object(seed.as_map().clone())).await;
                for (name, value) in seed.as_map() {
                    assert_eq!(made.get(name), Some(value), "{name}");
                }
            }
        }
    }

    #[tokio::test]
    async fn users_groups_and_memberships_are_the_same_every_time() {
        let mut texts = HashSet::new();
        for _ in 0..2 {
            let ids = std::sync::atomic::AtomicUsize::new(0);
            let next = move || ResourceId::new(ids.fetch_add(1, std::sync::atomic::Ordering::SeqCst).to_string());
            let store = MemoryStore::new().with_ids(next);
            fill(&store, &TenantId::new("example"), 1_510).await.unwrap();
            let server = server(store);
            let users = send(&server, "GET", "/Users?excludedAttributes=meta", &Value::Null).await;
            let groups = send(&server, "GET", "/Groups?excludedAttributes=meta", &Value::Null).await;
            assert_eq!((&users["totalResults"], &groups["totalResults"]), (&json!(1_510), &json!(75)));
            let members = groups["Resources"].as_array().unwrap().iter().map(|group| group["members"].as_array());
            assert!(members.into_iter().all(|members| members.unwrap().len() == 2 * USERS_OF_A_GROUP));
            texts.insert(format!("{users}{groups}"));
        }
        assert_eq!(texts.len(), 1);
    }

    #[tokio::test]
    async fn a_few_users_have_no_group_or_one() {
        for (users, groups, members) in [(1, 0, 0), (19, 0, 0), (20, 1, 20), (45, 2, 40)] {
            let ids: Vec<ResourceId> = (0..users).map(|number| ResourceId::new(number.to_string())).collect();
            assert_eq!(users / USERS_OF_A_GROUP, groups);
            for number in 0..groups {
                assert_eq!(super::members(&ids, number, groups).len(), members, "{users} users");
            }
        }
    }
}
