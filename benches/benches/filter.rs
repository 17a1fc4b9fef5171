//! Parsing, resolving and evaluating filters, beside what `serde_json` takes for a text of the same size.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, Criterion};
use scim_core::{
    Attributes, CompatProfile, DateTime, Filter, Limits, Meta, Resource, ResourceId, ResourceType, Version,
};
use serde_json::{Map, Value};

const FULL_USER: &str = include_str!("../../scim-core/tests/fixtures/filter/rfc7643_s8_2_full_user.json");

/// What an identity provider asks before every create.
const LOOK_UP: (&str, &str) = ("look_up", r#"userName eq "bjensen@example.com""#);

/// Everything the grammar has in one filter.
const COMPOUND: (&str, &str) =
    ("compound", r#"emails[type eq "work" and value co "@example.com"] or (active eq true and not (title pr))"#);

/// The same without a term that holds early, so that all of it is evaluated.
const EXHAUSTIVE: (&str, &str) =
    ("exhaustive", r#"emails[type eq "home" and value co "@example.com"] or (active eq true and not (title pr))"#);

fn full_user() -> Resource {
    let mut document: Map<String, Value> = serde_json::from_str(FULL_USER).unwrap();
    let id = document.remove("id").unwrap();
    let owned_by_the_server = ["meta", "schemas", "password"];
    document.retain(|name, _| !owned_by_the_server.contains(&name.as_str()));
    let instant = DateTime::parse("2011-05-13T04:42:34Z").unwrap();
    let meta = Meta::new(instant, instant, Version::new("a330bc54f0671c9"));
    Resource::new(ResourceId::new(id.as_str().unwrap()), meta, Attributes::from_stored(document))
}

fn filters(criterion: &mut Criterion) {
    let (profile, limits) = (CompatProfile::default(), Limits::default());
    let (resource_type, user) = (ResourceType::user(), full_user());

    let mut parse = criterion.benchmark_group("filter/parse");
    for (name, text) in [LOOK_UP, COMPOUND] {
        parse.bench_function(name, |bencher| {
            bencher.iter(|| Filter::parse(black_box(text), &profile, &limits).unwrap());
        });
    }
    for (name, json) in [
        ("baseline/serde_json_of_look_up", r#"{"userName": "bjensen@example.com"}"#),
        (
            "baseline/serde_json_of_compound",
            r#"[{"emails":{"type":"work","value":"@example.com"}},{"active":true,"not":[{"title":"pr"}]}]"#,
        ),
    ] {
        parse.bench_function(name, |bencher| {
            bencher.iter(|| serde_json::from_str::<Value>(black_box(json)).unwrap());
        });
    }
    parse.finish();

    let mut resolve = criterion.benchmark_group("filter/resolve");
    for (name, text) in [LOOK_UP, COMPOUND] {
        let filter = Filter::parse(text, &profile, &limits).unwrap();
        resolve.bench_function(name, |bencher| {
            bencher.iter(|| black_box(&filter).resolve(&resource_type, &profile).unwrap());
        });
    }
    resolve.finish();

    let mut evaluate = criterion.benchmark_group("filter/evaluate");
    for (name, text) in [LOOK_UP, COMPOUND, EXHAUSTIVE] {
        let filter = Filter::parse(text, &profile, &limits).unwrap().resolve(&resource_type, &profile).unwrap();
        evaluate.bench_function(name, |bencher| {
            bencher.iter(|| black_box(&filter).matches(&resource_type, black_box(&user)));
        });
    }
    let document = user.attributes.as_map();
    evaluate.bench_function("baseline/clone_of_the_user", |bencher| bencher.iter(|| black_box(document).clone()));
    evaluate.finish();
}

criterion_group!(benches, filters);
criterion_main!(benches);
