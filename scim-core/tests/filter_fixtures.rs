//! Filters and PATCH paths as data: what they are read as, whether a user satisfies them, and why others are refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub
)]

mod filter_support;

use filter_support::{resource, user_document, user_type};
use scim_core::{parse_path, CompatProfile, Filter, FilterError, Limits, ResolvedFilter};
use serde_json::Value;

fn cases(json: &str) -> Vec<Value> {
    serde_json::from_str(json).unwrap()
}

fn parse(text: &str, profile: &CompatProfile) -> Result<Filter, FilterError> {
    Filter::parse(text, profile, &Limits::default())
}

fn resolve(text: &str, profile: &CompatProfile) -> Result<ResolvedFilter, FilterError> {
    parse(text, profile)?.resolve(&user_type(), profile)
}

/// Compares the filter with its canonical text, the canonical text with itself, and the answer about the user.
fn check_filter(case: &Value, profile: &CompatProfile) {
    let text = case["filter"].as_str().unwrap();
    let filter = parse(text, profile).unwrap_or_else(|error| panic!("{text}: {error}"));
    let canonical = case["canonical"].as_str().unwrap();
    assert_eq!(filter.to_string(), canonical, "{text}");
    assert_eq!(parse(canonical, profile).as_ref(), Ok(&filter), "{canonical}");
    if let Some(matches) = case.get("matches") {
        let resolved = filter.resolve(&user_type(), profile).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(resolved.matches(&user_type(), &resource(user_document())), matches.as_bool().unwrap(), "{text}");
    }
}

#[test]
fn rfc7644_s3_4_2_2_examples_hold_as_the_rfc_says() {
    for case in cases(include_str!("fixtures/filter/rfc7644_s3_4_2_2_examples.json")) {
        check_filter(&case, &CompatProfile::STRICT);
        check_filter(&case, &CompatProfile::LENIENT);
    }
}

#[test]
fn rfc7644_s3_4_2_2_filters_hold_whatever_the_profile() {
    for case in cases(include_str!("fixtures/filter/valid.json")) {
        check_filter(&case, &CompatProfile::STRICT);
    }
}

#[test]
fn what_providers_send_is_read_by_the_lenient_profile_and_refused_by_the_strict_one() {
    for case in cases(include_str!("fixtures/filter/lenient.json")) {
        check_filter(&case, &CompatProfile::LENIENT);
        let text = case["filter"].as_str().unwrap();
        let refused = resolve(text, &CompatProfile::STRICT).map(|_| ()).map_err(|error| error.to_string());
        let expected = case.get("strict").map_or(Ok(()), |error| Err(error.as_str().unwrap().to_owned()));
        assert_eq!(refused, expected, "{text}");
    }
}

#[test]
fn what_is_no_filter_is_refused_with_its_column() {
    for case in cases(include_str!("fixtures/filter/invalid.json")) {
        let text = case["filter"].as_str().unwrap();
        let error = parse(text, &CompatProfile::STRICT).expect_err(text);
        assert_eq!(error.to_string(), case["error"].as_str().unwrap(), "{text}");
    }
}

#[test]
fn what_the_schema_does_not_allow_is_refused_with_the_name_of_the_attribute() {
    for case in cases(include_str!("fixtures/filter/unresolvable.json")) {
        let text = case["filter"].as_str().unwrap();
        let error = resolve(text, &CompatProfile::STRICT).expect_err(text);
        assert_eq!(error.to_string(), case["error"].as_str().unwrap(), "{text}");
        assert_eq!(error.column, None, "{text}");
    }
}

#[test]
fn rfc7644_s3_5_2_paths_are_taken_apart() {
    for case in cases(include_str!("fixtures/filter/paths.json")) {
        let text = case["path"].as_str().unwrap();
        let path = parse_path(text, &CompatProfile::STRICT, &Limits::default());
        let path = path.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(path.attribute.as_str(), case["attribute"].as_str().unwrap(), "{text}");
        let filter = path.filter.map(|filter| filter.to_string());
        assert_eq!(filter.as_deref(), case.get("filter").and_then(Value::as_str), "{text}");
        assert_eq!(path.sub_attribute.as_deref(), case.get("sub_attribute").and_then(Value::as_str), "{text}");
    }
}

#[test]
fn what_is_no_path_is_refused_with_its_column() {
    for case in cases(include_str!("fixtures/filter/invalid_paths.json")) {
        let text = case["path"].as_str().unwrap();
        let error = parse_path(text, &CompatProfile::STRICT, &Limits::default()).expect_err(text);
        assert_eq!(error.to_string(), case["error"].as_str().unwrap(), "{text}");
    }
}
