//! PATCH against the cases in `fixtures/patch`, one file a section of an RFC.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod patch_support;

use std::fs;
use std::path::Path;

use patch_support::{attributes, error_name, members_after, patch_op, read, resource_type, with_changes};
use scim_core::{CompatProfile, MembersUpdate, PatchPlan, ResourceType, ScimError};
use serde_json::{json, Map, Value};

#[test]
fn rfc7644_s3_5_2_the_body_and_what_holds_for_every_operation() {
    run("rfc7644-s3.5.2-patch.json");
}

#[test]
fn rfc7644_s3_5_2_1_add() {
    run("rfc7644-s3.5.2.1-add.json");
}

#[test]
fn rfc7644_s3_5_2_2_remove() {
    run("rfc7644-s3.5.2.2-remove.json");
}

#[test]
fn rfc7644_s3_5_2_3_replace() {
    run("rfc7644-s3.5.2.3-replace.json");
}

#[test]
fn rfc7644_s3_10_paths() {
    run("rfc7644-s3.10-paths.json");
}

#[test]
fn rfc7643_s2_2_characteristics() {
    run("rfc7643-s2.2-characteristics.json");
}

#[test]
fn rfc7643_s2_4_multi_valued_attributes() {
    run("rfc7643-s2.4-multi-valued.json");
}

#[test]
fn rfc7643_s2_5_unassigned_and_null() {
    run("rfc7643-s2.5-unassigned.json");
}

#[test]
fn there_are_cases_enough_and_no_file_is_forgotten() {
    let source = include_str!("patch_cases.rs");
    let mut count = 0;
    for entry in fs::read_dir(directory()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".json") {
            assert!(source.contains(&format!("run(\"{name}\")")), "no test runs {name}");
            count += load(&name)["cases"].as_array().unwrap().len();
        }
    }
    assert!(count >= 150, "only {count} cases");
}

fn directory() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/patch"))
}

fn load(file: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(directory().join(file)).unwrap()).unwrap_or_else(|e| panic!("{file}: {e}"))
}

/// Runs all cases of a file and reports all that fail.
fn run(file: &str) {
    let content = load(file);
    let mut failures = Vec::new();
    for case in content["cases"].as_array().unwrap() {
        let case = Case::new(case, &content["documents"]);
        for (profile_name, profile) in case.profiles() {
            if let Err(failure) = case.run(&profile) {
                failures.push(format!("{} ({profile_name}): {failure}", case.name));
            }
        }
    }
    assert!(failures.is_empty(), "{file}: {} failed\n{}", failures.len(), failures.join("\n"));
}

struct Case<'a> {
    name: &'a str,
    resource_type: ResourceType,
    document: Value,
    body: Value,
    case: &'a Map<String, Value>,
}

impl<'a> Case<'a> {
    fn new(case: &'a Value, documents: &Value) -> Self {
        const KNOWN: [&str; 11] = [
            "name",
            "type",
            "profile",
            "document",
            "operations",
            "body",
            "expected",
            "error",
            "write_only",
            "ignored",
            "members",
        ];
        let case = case.as_object().unwrap();
        let name = case["name"].as_str().unwrap();
        for key in case.keys() {
            assert!(KNOWN.contains(&key.as_str()), "{name}: what is {key}?");
        }
        assert_ne!(case.contains_key("expected"), case.contains_key("error"), "{name}: either expected or error");
        let document = match &case["document"] {
            Value::String(known) => {
                documents.get(known).unwrap_or_else(|| panic!("{name}: no document {known}")).clone()
            }
            document => document.clone(),
        };
        let body = case.get("body").cloned().unwrap_or_else(|| patch_op(&case["operations"]));
        let resource_type = resource_type(case.get("type").map_or("User", |name| name.as_str().unwrap()));
        Self { name, resource_type, document, body, case }
    }

    fn profiles(&self) -> Vec<(&'static str, CompatProfile)> {
        let both = [("strict", CompatProfile::STRICT), ("lenient", CompatProfile::LENIENT)];
        let wanted = self.case.get("profile").map(|name| name.as_str().unwrap());
        both.into_iter().filter(|(name, _)| wanted.is_none_or(|wanted| wanted == *name)).collect()
    }

    fn run(&self, profile: &CompatProfile) -> Result<(), String> {
        let plan = read(self.body.clone(), &self.resource_type, profile);
        let original = attributes(&self.document);
        let result = plan.and_then(|plan| {
            let patched = plan.apply(&self.resource_type, &original, false)?;
            Ok((plan, patched))
        });
        if original != attributes(&self.document) {
            return Err("the document given has changed".to_owned());
        }
        match (result, self.case.get("error")) {
            (Err(error), Some(wanted)) => check("error", &json!(error_name(&error)), wanted),
            (Err(error), None) => Err(format!("refused: {error}")),
            (Ok((_, patched)), Some(wanted)) => {
                Err(format!("accepted instead of {wanted}: {}", json!(patched.attributes)))
            }
            (Ok((plan, patched)), None) => {
                let expected = with_changes(&self.document, &self.case["expected"]);
                check("document", &json!(patched.attributes), &expected)?;
                check("changed", &json!(patched.changed), &json!(expected != self.document))?;
                let none = json!({});
                check("write_only", &json!(patched.write_only), self.case.get("write_only").unwrap_or(&none))?;
                let none = json!([]);
                check("ignored", &json!(plan.ignored()), self.case.get("ignored").unwrap_or(&none))?;
                self.check_repeated(&plan)?;
                self.check_detached(&plan, &expected).map_err(|error| format!("detached members: {error}"))
            }
        }
    }

    /// A plan may be applied any number of times, with the same result for the same document.
    fn check_repeated(&self, plan: &PatchPlan) -> Result<(), String> {
        let apply = || plan.apply(&self.resource_type, &attributes(&self.document), false).map_err(|e| e.to_string());
        check("second application", &json!(apply()?.attributes), &json!(apply()?.attributes))
    }

    /// The same on a document without its members, for a store that keeps them apart.
    fn check_detached(&self, plan: &PatchPlan, expected: &Value) -> Result<(), String> {
        if self.resource_type.name() != "Group" {
            return Ok(());
        }
        let wanted = self.case.get("members").unwrap_or(&Value::Null);
        check("needed", &json!(plan.needs_members()), &json!(wanted == "needed"))?;
        let without_members = with_changes(&self.document, &json!({"members": null}));
        let detached = plan.apply(&self.resource_type, &attributes(&without_members), true);
        if plan.needs_members() {
            return check("error", &json!(detached.map(|_| ()).map_err(|e| error_name(&e)).err()), &json!("500"));
        }
        let detached = detached.map_err(|error: ScimError| error.to_string())?;
        if !wanted.is_null() {
            check("update", &described(&detached.members), wanted)?;
        }
        let ids = members_after(expected, &MembersUpdate::Keep);
        check("members", &json!(members_after(&self.document, &detached.members)), &json!(ids))?;
        check("document", &json!(detached.attributes), &with_changes(expected, &json!({"members": null})))
    }
}

fn described(update: &MembersUpdate) -> Value {
    match update {
        MembersUpdate::Keep => json!("keep"),
        MembersUpdate::Set(list) => {
            json!({"set": list.iter().map(|member| member.value.as_str()).collect::<Vec<_>>()})
        }
        MembersUpdate::Delta { add, remove } => json!({
            "add": add.iter().map(|member| member.value.as_str()).collect::<Vec<_>>(),
            "remove": remove.iter().map(scim_core::ResourceId::as_str).collect::<Vec<_>>(),
        }),
        other => panic!("unknown change {other:?}"),
    }
}

fn check(what: &str, found: &Value, wanted: &Value) -> Result<(), String> {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{what}\n  found  {found}\n  wanted {wanted}"))
    }
}
