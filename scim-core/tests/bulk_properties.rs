//! Any Bulk request: never a fault, and the same as single requests in the order of a naive model.
#![allow(
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod support;

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use http::request::Parts;
use proptest::prelude::*;
use proptest::sample::Index;
use scim_core::{
    AuthError, Authenticator, CompatProfile, DateTime, MemoryStore, Principal, ResourceId, ScimServer, TenantId,
};
use serde_json::{json, Value};
use support::{builder, Client};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

thread_local! {
    /// The number of the next id; begins anew for every client.
    static NEXT_ID: Cell<usize> = const { Cell::new(0) };
}

/// Every token is its own tenant.
struct AnyTenant;

#[async_trait]
impl Authenticator for AnyTenant {
    async fn authenticate(&self, head: &Parts) -> Result<Arc<Principal>, AuthError> {
        let token = head.headers["authorization"].to_str().unwrap();
        Ok(Arc::new(Principal::new(TenantId::new(token), "test")))
    }
}

/// The servers of all tests: building one takes longer than a test.
fn server(strict: bool, atomic: bool) -> ScimServer {
    static SERVERS: OnceLock<Vec<ScimServer>> = OnceLock::new();
    let build = |(strict, atomic)| {
        let store = MemoryStore::new()
            .with_ids(|| ResourceId::new(format!("id{}", NEXT_ID.replace(NEXT_ID.get() + 1))))
            .with_clock(|| DateTime::from_micros(0));
        let profile = if strict { CompatProfile::STRICT } else { CompatProfile::LENIENT };
        builder().store(store).authenticator(AnyTenant).profile(profile).atomic_bulk(atomic).build().unwrap()
    };
    let servers = SERVERS
        .get_or_init(|| [(false, false), (false, true), (true, false), (true, true)].into_iter().map(build).collect());
    servers[usize::from(strict) * 2 + usize::from(atomic)].clone()
}

/// A new tenant: ids count up, time stands still, and two users and a group are there.
async fn client(strict: bool, atomic: bool) -> Client {
    static TENANTS: AtomicUsize = AtomicUsize::new(0);
    let token = format!("tenant{}", TENANTS.fetch_add(1, Ordering::SeqCst));
    let client = Client { server: server(strict, atomic), token: token.leak() };
    NEXT_ID.set(0);
    let schema = |name: &str| json!([format!("urn:ietf:params:scim:schemas:core:2.0:{name}")]);
    for name in ["n0", "n1"] {
        let body = json!({"schemas": schema("User"), "userName": name});
        assert_eq!(client.post("/Users", &body).await.status, 201);
    }
    let body = json!({"schemas": schema("Group"), "displayName": "g", "members": [{"value": "id0"}]});
    assert_eq!(client.post("/Groups", &body).await.status, 201);
    client
}

/// The seed of one operation.
#[derive(Clone, Debug)]
struct Seed {
    kind: usize,
    rank: u8,
    target: Index,
    references: Vec<Index>,
    name: usize,
    version: Option<usize>,
}

fn seeds(most: usize) -> impl Strategy<Value = Vec<Seed>> {
    let seed = (
        0..9_usize,
        any::<u8>(),
        any::<Index>(),
        prop::collection::vec(any::<Index>(), 0..3),
        0..6_usize,
        prop::option::weighted(0.2, 1..4_usize),
    );
    let seed = seed.prop_map(|(kind, rank, target, references, name, version)| Seed {
        kind,
        rank,
        target,
        references,
        name,
        version,
    });
    prop::collection::vec(seed, 1..most)
}

/// Operations in which references point forwards and backwards; in circles only if they are wanted.
fn operations(seeds: &[Seed], circles: bool) -> Vec<Value> {
    let is_post = |kind: usize| kind < 4;
    let operation = |(place, seed): (usize, &Seed)| {
        let references: Vec<String> = seed
            .references
            .iter()
            .map(|index| index.index(seeds.len() + 1))
            .filter(|to| {
                let Some(other) = seeds.get(*to) else { return true };
                let earlier = (other.rank, *to) < (seed.rank, place);
                is_post(other.kind) && (circles || earlier || !is_post(seed.kind))
            })
            .map(|to| format!("bulkId:b{to}"))
            .collect();
        let target = match seed.target.index(seeds.len() + 3) {
            there @ 0..=2 => format!("id{there}"),
            created => format!("bulkId:b{}", created - 3),
        };
        let members: Vec<_> = references.iter().map(|value| json!({"value": value})).collect();
        let name = format!("n{}", seed.name);
        let mut operation = match seed.kind {
            0 | 1 => {
                let manager = references.first().map(|value| json!({"value": value}));
                json!({"method": "POST", "path": "/Users", "data": {"userName": name, ENTERPRISE: {"manager": manager}}})
            }
            2 | 3 => json!({"method": "POST", "path": "/Groups", "data": {"displayName": name, "members": members}}),
            4 => json!({"method": "PUT", "path": format!("/Groups/{target}"),
                "data": {"displayName": name, "members": members}}),
            5 => json!({"method": "PATCH", "path": format!("/Groups/{target}"), "data": {"Operations": [
                {"op": "add", "path": "members", "value": members},
            ]}}),
            6 => {
                let member = references.first().map_or("id0", String::as_str);
                json!({"method": "PATCH", "path": format!("/Groups/{target}"), "data": {"Operations": [
                    {"op": "remove", "path": format!("members[value eq \"{member}\"]")},
                ]}})
            }
            7 => json!({"method": "PATCH", "path": format!("/Users/{target}"), "data": {"Operations": [
                {"op": "replace", "path": "userName", "value": name},
            ]}}),
            _ => json!({"method": "DELETE", "path": format!("/Users/{target}")}),
        };
        if is_post(seed.kind) {
            operation["bulkId"] = json!(format!("b{place}"));
        } else if let Some(version) = seed.version {
            operation["version"] = json!(format!("W/\"{version}\""));
        }
        operation
    };
    seeds.iter().enumerate().map(operation).collect()
}

/// The places that an operation refers to, read from its text; `None` for one that no POST has.
fn references(text: &str, operations: &[Value]) -> Vec<Option<usize>> {
    let numbers = text
        .split("bulkId:b")
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse::<usize>().unwrap());
    let is_post = |place: &usize| operations.get(*place).is_some_and(|operation| operation["method"] == "POST");
    numbers.map(|place| Some(place).filter(is_post)).collect()
}

/// What single requests give when they are sent one by one, each as soon as what it refers to is there: status and
/// version.
async fn one_by_one(client: &Client, operations: &[Value]) -> Vec<(u16, String)> {
    let texts: Vec<String> = operations.iter().map(Value::to_string).collect();
    let mut results: Vec<Option<(u16, String)>> = vec![None; operations.len()];
    let mut ids = vec![String::new(); operations.len()];
    while let Some(place) = (0..operations.len()).find(|place| {
        let same = (0..*place).filter(|other| {
            operations[*other]["path"] == operations[*place]["path"] && operations[*place]["method"] != "POST"
        });
        let mut needed = references(&texts[*place], operations).into_iter().flatten().chain(same);
        results[*place].is_none() && needed.all(|needed| results[needed].is_some())
    }) {
        let needed = references(&texts[place], operations);
        let failed = |needed: &Option<usize>| needed.is_none_or(|needed| ids[needed].is_empty());
        if needed.iter().any(failed) {
            results[place] = Some((400, String::new()));
            continue;
        }
        let mut text = texts[place].clone();
        for reference in needed.iter().flatten().rev() {
            // From the last on, so that the digits of a longer number are not taken for a shorter one.
            let at = text.rfind(&format!("bulkId:b{reference}")).unwrap();
            text.replace_range(at..at + format!("bulkId:b{reference}").len(), &ids[*reference]);
        }
        let operation: Value = serde_json::from_str(&text).unwrap();
        let version = operation["version"].as_str().map(|version| ("if-match", version));
        let headers: Vec<_> = version.into_iter().collect();
        let body = operation.get("data").map(Value::to_string).unwrap_or_default();
        let method = operation["method"].as_str().unwrap();
        let answer = client.send(method, operation["path"].as_str().unwrap(), &headers, &body).await;
        if answer.status == 201 {
            ids[place] = answer.id();
        }
        results[place] = Some((answer.status, answer.header("etag").to_owned()));
    }
    results.into_iter().map(Option::unwrap).collect()
}

fn results(answer: &Value) -> Vec<(u16, String)> {
    let result = |result: &Value| {
        let version = result["version"].as_str().unwrap_or_default();
        (result["status"].as_str().unwrap().parse().unwrap(), version.to_owned())
    };
    answer["Operations"].as_array().unwrap().iter().map(result).collect()
}

fn block_on<T>(future: impl std::future::Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn without_circles_it_is_the_same_as_single_requests(seeds in seeds(14)) {
        let operations = operations(&seeds, false);
        block_on(async {
            let single = client(false, false).await;
            let expected = one_by_one(&single, &operations).await;
            let bulk = client(false, false).await;
            let answer = bulk.post("/Bulk", &json!({"Operations": operations})).await;
            prop_assert_eq!(answer.status, 200);
            prop_assert_eq!(results(&answer.json), expected);
            prop_assert_eq!(bulk.get("/").await.json, single.get("/").await.json);
            Ok(())
        })?;
    }

    #[test]
    fn with_circles_what_succeeded_is_there_and_nothing_else(
        seeds in seeds(14), strict in any::<bool>(), atomic in any::<bool>(),
    ) {
        let mut operations = operations(&seeds, true);
        for operation in operations.iter_mut().filter(|operation| operation.get("data").is_some()) {
            operation["data"]["schemas"] = match (operation["method"].as_str(), operation["path"].as_str()) {
                (Some("PATCH"), _) => json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]),
                (_, Some("/Users")) => json!(["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]),
                _ => json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]),
            };
        }
        block_on(async {
            let client = client(strict, atomic).await;
            let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
            let answer = client.post("/Bulk", &body).await;
            prop_assert_eq!(answer.status, 200);
            let results = results(&answer.json);
            prop_assert_eq!(results.len(), operations.len());
            prop_assert!(results.iter().all(|(status, _)| *status < 500), "{}", answer.text);
            let count = |wanted: u16| results.iter().filter(|(status, _)| *status == wanted).count();
            if atomic {
                let failed = results.iter().filter(|(status, _)| *status >= 400).count();
                prop_assert!(failed == 0 || failed == results.len());
            }
            let found = client.get("/").await;
            prop_assert_eq!(&found.json["totalResults"], &json!(3 + count(201) - count(204)));
            prop_assert!(!found.text.contains("bulkId:"), "{}", found.text);
            Ok(())
        })?;
    }

    #[test]
    fn any_json_has_an_answer(operations in prop::collection::vec(any_operation(), 0..8), limit in any::<i8>()) {
        block_on(async {
            for atomic in [false, true] {
                let client = client(false, atomic).await;
                let answer = client.post("/Bulk", &json!({"failOnErrors": limit, "Operations": operations})).await;
                prop_assert!(answer.status < 500, "{}", answer.text);
                for result in answer.json["Operations"].as_array().map_or(&[][..], Vec::as_slice) {
                    prop_assert!(!result["status"].as_str().unwrap().starts_with('5'), "{}", result);
                }
            }
            Ok(())
        })?;
    }
}

/// JSON that has to do with Bulk in some way.
fn any_json() -> impl Strategy<Value = Value> {
    let text = prop::sample::select(vec![
        "",
        "bulkId:",
        "bulkId:a",
        "bulkId:b",
        "id0",
        "members[value eq \"bulkId:a\"]",
        "\"bulkId:a",
        "add",
        "remove",
        "members",
        "é\u{1}",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i8>().prop_map(Value::from),
        text.prop_map(Value::from)
    ];
    let key = prop::sample::select(vec![
        "Operations",
        "op",
        "path",
        "value",
        "members",
        "userName",
        "displayName",
        "manager",
        "groups",
        "schemas",
        ENTERPRISE,
    ]);
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..4)
                .prop_map(|members| members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

fn any_operation() -> impl Strategy<Value = Value> {
    let method = prop::sample::select(vec!["POST", "PUT", "PATCH", "DELETE", "GET"]);
    let path = prop::sample::select(vec![
        "/Users",
        "/Groups",
        "/Users/id0",
        "/Groups/id2",
        "/Users/bulkId:a",
        "/Groups/bulkId:b",
        "/Bulk",
        "",
        "/Users/%ff",
    ]);
    let bulk_id = prop::sample::select(vec![json!("a"), json!("b"), json!("c"), json!(null), json!("")]);
    (method, path, bulk_id, any_json()).prop_map(
        |(method, path, bulk_id, data)| json!({"method": method, "path": path, "bulkId": bulk_id, "data": data}),
    )
}
