//! Every switch of `CompatProfile` against its fixture: what is read under the default profile, what becomes of it with
//! just that switch off, and what the strict profile says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod patch_support;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use patch_support::{attributes, error_name, patch_op, read, resource_type, with_changes};
use scim_core::{
    CompatProfile, DateTime, Filter, Limits, Meta, Resource, ResourceId, ResourceType, ScimError, UnknownExtensions,
    Version,
};
use serde_json::{json, Map, Value};
use support::{builder, Client};

/// The default profile with one switch off.
fn without(switch: &str) -> CompatProfile {
    let mut profile = CompatProfile::LENIENT;
    macro_rules! switches {
        ($($name:ident)*) => {
            match switch {
                $(stringify!($name) => profile.$name = false,)*
                "unknown_extensions" => profile.unknown_extensions = UnknownExtensions::Refuse,
                other => panic!("there is no switch {other}"),
            }
        };
    }
    switches! {
        operation_names_in_any_case text_booleans empty_means_unassigned ignore_unknown_attributes any_schemas
        any_references legacy_enterprise_urns text_for_complex list_of_one single_for_list empty_operations
        paths_as_keys ignore_read_only_in_patch ignore_unknown_paths remove_by_value empty_value_removes
        value_filter_on_single create_from_value_filter remove_without_match add_by_value_filter empty_path
        unquoted_filter_values filter_after_value_path short_extension_names complex_compares_by_value
        put_keeps_active object_for_simple text_numbers number_for_text replace_keeps_filter_values
        blanks_around_path backslashes_in_filters
    }
    profile
}

/// What the default profile does not read either, since the RFC demands an error; `policy_attributes.rs` tests it.
const OFF_BY_DEFAULT: [&str; 1] = ["ignore_read_only_paths"];

#[test]
fn every_switch_has_a_fixture_and_every_fixture_a_switch() {
    let shown = format!("{:#?}", CompatProfile::LENIENT);
    let switches: BTreeSet<String> =
        shown.lines().filter_map(|line| line.trim().split_once(": ").map(|(name, _)| name.to_owned())).collect();
    assert!(switches.len() > 20 && switches.contains("unknown_extensions"), "{switches:?}");
    let fixtures: BTreeSet<String> = fixtures().into_iter().map(|(name, _)| name).collect();
    let switches: BTreeSet<String> =
        switches.into_iter().filter(|switch| !OFF_BY_DEFAULT.contains(&switch.as_str())).collect();
    assert_eq!(fixtures, switches);
    for switch in &switches {
        assert_ne!(without(switch), CompatProfile::LENIENT, "{switch}");
    }
}

#[tokio::test]
async fn every_quirk_is_read_by_default_and_only_with_its_switch() {
    let mut failures = Vec::new();
    for (switch, fixture) in fixtures() {
        assert_eq!(fixture["switch"], switch.as_str());
        let mut matters = false;
        for case in fixture["cases"].as_array().unwrap() {
            let off = case.get("off").unwrap_or(&case["strict"]);
            matters |= *off != case["lenient"];
            for (profile, name, wanted) in [
                (CompatProfile::LENIENT, "lenient", &case["lenient"]),
                (without(&switch), "off", off),
                (CompatProfile::STRICT, "strict", &case["strict"]),
            ] {
                let found = outcome(case, &profile).await;
                let wanted = wanted_outcome(case, wanted);
                if found != wanted {
                    let case = &case["name"];
                    failures.push(format!("{switch}: {case} ({name})\n  found  {found}\n  wanted {wanted}"));
                }
            }
        }
        assert!(matters, "{switch}: no case shows what the switch does");
    }
    assert!(failures.is_empty(), "{} failed\n{}", failures.len(), failures.join("\n"));
}

/// STRICT has every switch off, so that no deviation is read by accident.
#[test]
fn the_strict_profile_is_every_switch_off() {
    for line in format!("{:#?}", CompatProfile::STRICT).lines() {
        assert!(!line.contains(": true") && !line.contains("Ignore") && !line.contains("Keep"), "{line}");
    }
}

fn fixtures() -> Vec<(String, Value)> {
    let directory = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/compat"));
    let mut fixtures = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let content = serde_json::from_str(&fs::read_to_string(&path).unwrap());
            fixtures.push((name.clone(), content.unwrap_or_else(|error| panic!("{name}: {error}"))));
        }
    }
    fixtures
}

/// What a case says, in the form that [`outcome`] has.
fn wanted_outcome(case: &Value, wanted: &Value) -> Value {
    let Some(expected) = wanted.get("expected") else { return wanted.clone() };
    let document = match case["kind"].as_str().unwrap() {
        "patch" => with_changes(&case["document"], expected),
        _ => expected.clone(),
    };
    let ignored = wanted.get("ignored").cloned().unwrap_or_else(|| json!([]));
    json!({"document": document, "ignored": ignored})
}

async fn outcome(case: &Value, profile: &CompatProfile) -> Value {
    let resource_type = resource_type(case.get("type").map_or("User", |name| name.as_str().unwrap()));
    let outcome = match case["kind"].as_str().unwrap() {
        "patch" => patch(case, &resource_type, profile),
        "post" => post(case, &resource_type, profile),
        "put" => return put(case, profile).await,
        "filter" => filter(case, &resource_type, profile),
        other => panic!("unknown kind {other}"),
    };
    outcome.unwrap_or_else(|error| json!({"error": error_name(&error)}))
}

fn patch(case: &Value, resource_type: &ResourceType, profile: &CompatProfile) -> Result<Value, ScimError> {
    let body = case.get("body").cloned().unwrap_or_else(|| patch_op(&case["operations"]));
    let plan = read(body, resource_type, profile)?;
    let patched = plan.apply(resource_type, &attributes(&case["document"]), false)?;
    Ok(json!({"document": patched.attributes, "ignored": plan.ignored()}))
}

fn post(case: &Value, resource_type: &ResourceType, profile: &CompatProfile) -> Result<Value, ScimError> {
    let normalized = resource_type.normalize(case["body"].clone(), profile, &Limits::default())?;
    Ok(json!({"document": normalized.attributes, "ignored": normalized.ignored}))
}

/// Makes a user, replaces it, and takes what clients wrote out of the answer.
async fn put(case: &Value, profile: &CompatProfile) -> Value {
    let client = Client::of(builder().profile(profile.clone()));
    let created = client.send("POST", "/Users", &[], &case["document"].to_string()).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let path = format!("/Users/{}", created.id());
    let mut replaced = client.send("PUT", &path, &[], &case["body"].to_string()).await;
    assert_eq!(replaced.status, 200, "{}", replaced.text);
    let document: &mut Map<String, Value> = replaced.json.as_object_mut().unwrap();
    document.retain(|name, _| !["id", "meta", "schemas"].contains(&name.as_str()));
    json!({"document": document, "ignored": []})
}

fn filter(case: &Value, resource_type: &ResourceType, profile: &CompatProfile) -> Result<Value, ScimError> {
    let text = case["filter"].as_str().unwrap();
    let filter = Filter::parse(text, profile, &Limits::default()).map_err(scim_core::FilterError::into_filter_error)?;
    let resolved = filter.resolve(resource_type, profile).map_err(scim_core::FilterError::into_filter_error)?;
    let instant = DateTime::parse("2011-05-13T04:42:34Z").unwrap();
    let meta = Meta::new(instant, instant, Version::new("1"));
    let resource = Resource::new(ResourceId::new("2819c223"), meta, attributes(&case["document"]));
    Ok(json!({"matches": resolved.matches(resource_type, &resource)}))
}
