//! Reading and applying a PATCH, beside what one deep copy of the document takes.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, BatchSize, Criterion};
use scim_core::{Attributes, CompatProfile, Limits, PatchPlan, ResourceType};
use serde_json::{json, Map, Value};

const ENTERPRISE_USER: &str = include_str!("../../scim-core/tests/fixtures/filter/rfc7643_s8_3_enterprise_user.json");

fn enterprise_user() -> Attributes {
    let mut document: Map<String, Value> = serde_json::from_str(ENTERPRISE_USER).unwrap();
    let not_stored = ["id", "meta", "schemas", "password"];
    document.retain(|name, _| !not_stored.contains(&name.as_str()));
    Attributes::from_stored(document)
}

/// What Entra ID sends when a user moves to another department and is disabled.
fn three_operations() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "barbara@example.com"},
            {
                "op": "Add",
                "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
                "value": "Theme Park Operations"
            }
        ]
    })
}

fn without_path() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "value": {"active": false}}]
    })
}

/// A request that adds members one by one, as authentik does.
fn thousand_members() -> Value {
    let operations: Vec<_> = (0..1_000)
        .map(|n| json!({"op": "add", "path": "members", "value": [{"value": format!("2819c223-7f76-453a-919d-{n:012}")}]}))
        .collect();
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

fn patch(criterion: &mut Criterion) {
    let (profile, limits) = (CompatProfile::default(), Limits::default());
    let (users, groups) = (ResourceType::user(), ResourceType::group());
    let user = enterprise_user();
    let group = Attributes::from_stored(Map::from_iter([("displayName".to_owned(), json!("Tour Guides"))]));

    let mut group_of_benches = criterion.benchmark_group("patch");
    group_of_benches.bench_function("baseline/clone_of_the_user", |bencher| {
        bencher.iter_with_large_drop(|| black_box(user.as_map()).clone());
    });
    for (name, body) in [("three_operations", three_operations()), ("without_path", without_path())] {
        group_of_benches.bench_function(name, |bencher| {
            let read_and_apply = |body| {
                let plan = PatchPlan::read(body, &users, &profile, &limits).unwrap();
                plan.apply(&users, black_box(&user), false).unwrap()
            };
            bencher.iter_batched(|| body.clone(), read_and_apply, BatchSize::SmallInput);
        });
        group_of_benches.bench_function(format!("{name}/read"), |bencher| {
            let read = |body| PatchPlan::read(body, &users, &profile, &limits).unwrap();
            bencher.iter_batched(|| body.clone(), read, BatchSize::SmallInput);
        });
        let plan = PatchPlan::read(body, &users, &profile, &limits).unwrap();
        group_of_benches.bench_function(format!("{name}/apply"), |bencher| {
            bencher.iter_with_large_drop(|| plan.apply(&users, black_box(&user), false).unwrap());
        });
    }
    let body = thousand_members();
    group_of_benches.bench_function("thousand_members_detached", |bencher| {
        let read_and_apply = |body| {
            let plan = PatchPlan::read(body, &groups, &profile, &limits).unwrap();
            plan.apply(&groups, black_box(&group), true).unwrap()
        };
        bencher.iter_batched(|| body.clone(), read_and_apply, BatchSize::SmallInput);
    });
    group_of_benches.finish();
}

criterion_group!(benches, patch);
criterion_main!(benches);
