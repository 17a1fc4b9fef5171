//! Every JSON example of RFC 7643 s3 and s8 and of RFC 7644 s3, each with what must hold of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use scim_core::{
    Attributes, CompatProfile, Filter, Limits, PatchPlan, ResourceType, Schema, ENTERPRISE_USER, ERROR_SCHEMA,
};
use serde_json::{json, Value};

/// What an example is, and with that what is asserted on it.
enum Rule {
    /// A user: normalised under the strict profile, nothing of it is lost.
    User,
    /// A group, likewise.
    Group,
    /// Written back equal.
    ResourceTypes,
    /// Written back equal.
    Schema,
    /// Described by the schema of the configuration to the last sub-attribute.
    ServiceProviderConfig,
    /// Read, applied to an example of a resource, and then these values are at these places.
    Patch(&'static str, &'static [(&'static str, &'static str)]),
    /// Its numbers agree with its resources, and they are users and groups or parts of them.
    ListResponse,
    /// Its filter is one, and its attributes exist.
    SearchRequest,
    /// An error body of RFC 7644 s3.12 with this status.
    Error(&'static str),
    /// Each operation could stand alone.
    BulkRequest,
    /// Each operation has these status codes.
    BulkResponse(&'static [&'static str]),
    /// An operation of a Bulk response.
    BulkOperation,
}

const GROUP: &str = "rfc7643/s8.4-group.json";
const FULL_USER: &str = "rfc7643/s8.2-user-full.json";
const MINIMAL_USER: &str = "rfc7643/s8.1-user-minimal.json";

const BABS: &str = "\"2819c223-7f76-453a-919d-413861904646\"";
const MANDY: &str = "\"902c246b-6245-4190-8e05-00816be7344a\"";
const JAMES: &str = "\"08e1d05d-121c-4561-8b96-473d93df9210\"";

const RULES: &[(&str, Rule)] = &[
    ("rfc7643/s3-user.json", Rule::User),
    ("rfc7643/s8.1-user-minimal.json", Rule::User),
    ("rfc7643/s8.2-user-full.json", Rule::User),
    ("rfc7643/s8.3-user-enterprise.json", Rule::User),
    ("rfc7643/s8.4-group.json", Rule::Group),
    ("rfc7643/s8.5-service-provider-config.json", Rule::ServiceProviderConfig),
    ("rfc7643/s8.6-resource-types.json", Rule::ResourceTypes),
    ("rfc7643/s8.7.1-schema-enterprise-user.json", Rule::Schema),
    ("rfc7643/s8.7.1-schema-group.json", Rule::Schema),
    ("rfc7643/s8.7.1-schema-user.json", Rule::Schema),
    ("rfc7643/s8.7.2-schema-resource-type.json", Rule::Schema),
    ("rfc7643/s8.7.2-schema-schema.json", Rule::Schema),
    ("rfc7643/s8.7.2-schema-service-provider-config.json", Rule::Schema),
    ("rfc7644/s3.3-create-request.json", Rule::User),
    ("rfc7644/s3.3-create-response.json", Rule::User),
    ("rfc7644/s3.4.1-get-response.json", Rule::User),
    ("rfc7644/s3.4.2-list-response.json", Rule::ListResponse),
    ("rfc7644/s3.4.2.4-page-response.json", Rule::ListResponse),
    ("rfc7644/s3.4.3-search-request.json", Rule::SearchRequest),
    ("rfc7644/s3.4.3-search-response.json", Rule::ListResponse),
    ("rfc7644/s3.5.1-replace-request.json", Rule::User),
    ("rfc7644/s3.5.1-replace-response.json", Rule::User),
    (
        "rfc7644/s3.5.2-patch-body.json",
        Rule::Patch(GROUP, &[("/displayName", "\"Tour Guides\""), ("/members/0/value", BABS), ("/members/2", "null")]),
    ),
    (
        "rfc7644/s3.5.2.1-add-member.json",
        Rule::Patch(GROUP, &[("/members/0/value", BABS), ("/members/1/value", MANDY), ("/members/2", "null")]),
    ),
    (
        "rfc7644/s3.5.2.1-add-without-path.json",
        Rule::Patch(
            MINIMAL_USER,
            &[
                ("/userName", "\"bjensen@example.com\""),
                ("/emails", "[{\"value\": \"babs@jensen.org\", \"type\": \"home\"}]"),
                ("/nickName", "\"Babs\""),
            ],
        ),
    ),
    (
        "rfc7644/s3.5.2.2-remove-all-and-add-members.json",
        Rule::Patch(GROUP, &[("/members/0/value", BABS), ("/members/1/value", JAMES), ("/members/2", "null")]),
    ),
    (
        "rfc7644/s3.5.2.2-remove-all-members.json",
        Rule::Patch(GROUP, &[("/members", "null"), ("/displayName", "\"Tour Guides\"")]),
    ),
    (
        "rfc7644/s3.5.2.2-remove-and-add-member.json",
        Rule::Patch(GROUP, &[("/members/0/value", MANDY), ("/members/1/value", JAMES), ("/members/2", "null")]),
    ),
    (
        "rfc7644/s3.5.2.2-remove-email.json",
        Rule::Patch(FULL_USER, &[("/emails", "[{\"value\": \"babs@jensen.org\", \"type\": \"home\"}]")]),
    ),
    ("rfc7644/s3.5.2.2-remove-member.json", Rule::Patch(GROUP, &[("/members/0/value", MANDY), ("/members/1", "null")])),
    (
        "rfc7644/s3.5.2.3-replace-members.json",
        Rule::Patch(GROUP, &[("/members/0/value", BABS), ("/members/1/value", JAMES), ("/members/2", "null")]),
    ),
    (
        "rfc7644/s3.5.2.3-replace-street-address.json",
        Rule::Patch(
            FULL_USER,
            &[
                ("/addresses/0/streetAddress", "\"1010 Broadway Ave\""),
                ("/addresses/0/locality", "\"Hollywood\""),
                ("/addresses/1/streetAddress", "\"456 Hollywood Blvd\""),
            ],
        ),
    ),
    (
        "rfc7644/s3.5.2.3-replace-without-path.json",
        Rule::Patch(
            FULL_USER,
            &[
                ("/emails/0/value", "\"bjensen@example.com\""),
                ("/emails/1/value", "\"babs@jensen.org\""),
                ("/emails/2", "null"),
                ("/nickName", "\"Babs\""),
                ("/title", "\"Tour Guide\""),
            ],
        ),
    ),
    (
        "rfc7644/s3.5.2.3-replace-work-address.json",
        Rule::Patch(
            FULL_USER,
            &[
                ("/addresses/0/streetAddress", "\"911 Universal City Plaza\""),
                ("/addresses/0/country", "\"US\""),
                ("/addresses/0/primary", "true"),
                ("/addresses/1/streetAddress", "\"456 Hollywood Blvd\""),
            ],
        ),
    ),
    ("rfc7644/s3.6-error-not-found.json", Rule::Error("404")),
    ("rfc7644/s3.7.1-bulk-request-circular.json", Rule::BulkRequest),
    ("rfc7644/s3.7.1-list-response-circular.json", Rule::ListResponse),
    ("rfc7644/s3.7.2-bulk-request-manager.json", Rule::BulkRequest),
    ("rfc7644/s3.7.2-bulk-request-user-and-group.json", Rule::BulkRequest),
    ("rfc7644/s3.7.2-bulk-response-user-and-group.json", Rule::BulkResponse(&["201", "201"])),
    ("rfc7644/s3.7.2-group-response.json", Rule::Group),
    ("rfc7644/s3.7.3-bulk-request.json", Rule::BulkRequest),
    ("rfc7644/s3.7.3-bulk-response-failed.json", Rule::BulkResponse(&["400", "412", "412", "404"])),
    ("rfc7644/s3.7.3-bulk-response-stopped.json", Rule::BulkResponse(&["400"])),
    ("rfc7644/s3.7.3-bulk-response.json", Rule::BulkResponse(&["201", "200", "200", "204"])),
    ("rfc7644/s3.7.3-failed-operation.json", Rule::BulkOperation),
    ("rfc7644/s3.7.4-error-payload-too-large.json", Rule::Error("413")),
    ("rfc7644/s3.9-attributes-response.json", Rule::User),
    ("rfc7644/s3.12-error-mutability.json", Rule::Error("400")),
    ("rfc7644/s3.12-error-not-found.json", Rule::Error("404")),
    ("rfc7644/s3.14-create-request.json", Rule::User),
    ("rfc7644/s3.14-create-response.json", Rule::User),
];

#[test]
fn every_example_of_the_rfcs_has_a_rule_and_every_rule_an_example() {
    let mut found = BTreeSet::new();
    for folder in ["rfc7643", "rfc7644"] {
        for entry in fs::read_dir(fixtures().join(folder)).unwrap() {
            found.insert(format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap()));
        }
    }
    let ruled: BTreeSet<String> = RULES.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(found, ruled);
    assert_eq!(ruled.len(), RULES.len(), "one rule for each");
}

#[test]
fn every_example_of_the_rfcs_is_as_its_rule_says() {
    for (file, rule) in RULES {
        let example = read(file);
        match rule {
            Rule::User => assert_resource(file, &ResourceType::user(), &example),
            Rule::Group => assert_resource(file, &ResourceType::group(), &example),
            Rule::ResourceTypes => assert_resource_types(&example),
            Rule::Schema => assert_schema(file, example),
            Rule::ServiceProviderConfig => assert_service_provider_config(&example),
            Rule::Patch(document, expected) => assert_patch(file, document, example, expected),
            Rule::ListResponse => assert_list_response(file, &example),
            Rule::SearchRequest => assert_search_request(&example),
            Rule::Error(status) => assert_error(file, &example, status),
            Rule::BulkRequest => assert_bulk_request(file, &example),
            Rule::BulkResponse(statuses) => assert_bulk_response(file, &example, statuses),
            Rule::BulkOperation => assert_bulk_operation(file, &example),
        }
    }
}

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn read(file: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(fixtures().join(file)).unwrap()).expect(file)
}

fn strict(resource_type: &ResourceType, body: Value) -> scim_core::Normalized {
    let label = body.to_string();
    resource_type.normalize(body, &CompatProfile::STRICT, &Limits::default()).expect(&label)
}

/// Nothing is lost but what the server owns, what nobody reads, and what says that there is nothing.
fn assert_resource(file: &str, resource_type: &ResourceType, example: &Value) {
    let normalized = strict(resource_type, example.clone());
    let mut expected = example.as_object().unwrap().clone();
    for owned in ["schemas", "id", "meta", "groups"] {
        expected.remove(owned);
    }
    assert_eq!(normalized.write_only.get("password"), expected.remove("password").as_ref(), "{file}");
    if let Some(manager) = expected.get_mut(ENTERPRISE_USER).and_then(|extension| extension.get_mut("manager")) {
        manager.as_object_mut().unwrap().remove("displayName");
    }
    expected.retain(|_, value| *value != json!([]));
    assert_eq!(serde_json::to_value(&normalized.attributes).unwrap(), Value::Object(expected), "{file}");
    assert!(normalized
        .ignored
        .iter()
        .all(|path| { ["id", "meta", "groups"].contains(&path.as_str()) || path.ends_with(":manager.displayName") }));
}

fn assert_resource_types(examples: &Value) {
    for example in examples.as_array().unwrap() {
        let resource_type = ResourceType::from_json(example.clone(), &[]).unwrap();
        assert_eq!(&resource_type.to_resource("https://example.com/v2"), example);
    }
    assert_eq!(examples.as_array().unwrap().len(), 2);
}

/// The RFC writes an empty list of canonical values in two places, and a case where a complex attribute has none.
fn assert_schema(file: &str, mut example: Value) {
    let schema: Schema = serde_json::from_value(example.clone()).expect(file);
    assert!(file.contains("8.7.2") || schema.check().is_ok(), "{file}");
    let mut written = schema.to_resource("/v2");
    let served = written.as_object_mut().unwrap();
    assert_eq!(served.remove("schemas"), Some(json!(["urn:ietf:params:scim:schemas:core:2.0:Schema"])));
    if example.get("meta").is_none() {
        served.remove("meta");
    }
    fn tidy(attribute: &mut Value) {
        let members = attribute.as_object_mut().unwrap();
        members.retain(|name, value| name != "canonicalValues" || *value != json!([]));
        if members["type"] == "complex" {
            members.remove("uniqueness");
            members.remove("caseExact");
        }
        members.get_mut("subAttributes").and_then(Value::as_array_mut).into_iter().flatten().for_each(tidy);
    }
    example["attributes"].as_array_mut().unwrap().iter_mut().for_each(tidy);
    assert_eq!(written, example, "{file}");
}

fn assert_service_provider_config(example: &Value) {
    let schema: Schema =
        serde_json::from_str(include_str!("../src/schema/builtin/service_provider_config.json")).unwrap();
    let config = ResourceType::new("ServiceProviderConfig", "/ServiceProviderConfig", schema);
    let mut expected = example.as_object().unwrap().clone();
    for common in ["schemas", "meta"] {
        expected.remove(common).expect(common);
    }
    let attributes = Attributes::from_view(&config, example).unwrap();
    assert_eq!(attributes.as_map(), &expected);
    for (name, value) in &expected {
        let attribute = config.schema().attributes.get(name).expect(name);
        let element = value.get(0).unwrap_or(value);
        for sub_name in element.as_object().into_iter().flat_map(|members| members.keys()) {
            assert_eq!(&attribute.sub_attribute(sub_name).expect(sub_name).name, sub_name);
        }
    }
    let required = config.schema().attributes.iter().filter(|attribute| attribute.required);
    required.for_each(|attribute| assert!(expected.contains_key(&attribute.name), "{}", attribute.name));
}

fn assert_patch(file: &str, document: &str, example: Value, expected: &[(&str, &str)]) {
    let resource_type = if document == GROUP { ResourceType::group() } else { ResourceType::user() };
    let before = strict(&resource_type, read(document)).attributes;
    let plan = PatchPlan::read(example, &resource_type, &CompatProfile::STRICT, &Limits::default()).expect(file);
    let after = plan.apply(&resource_type, &before, false).expect(file);
    assert_eq!(after.changed, after.attributes != before, "{file}");
    let after = serde_json::to_value(&after.attributes).unwrap();
    for (pointer, value) in expected {
        let value: Value = serde_json::from_str(value).unwrap();
        assert_eq!(after.pointer(pointer).unwrap_or(&Value::Null), &value, "{file} {pointer}");
    }
}

fn assert_list_response(file: &str, example: &Value) {
    assert_eq!(example["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]), "{file}");
    let resources = example["Resources"].as_array().unwrap();
    let total = example["totalResults"].as_u64().unwrap();
    assert!(total >= resources.len() as u64, "{file}");
    if total > resources.len() as u64 {
        assert!(example["itemsPerPage"].is_u64() && example["startIndex"].is_u64(), "{file}: a page says which");
    }
    for resource in resources {
        assert!(resource["id"].is_string(), "{file}: id is always returned");
        if resource.get("schemas").is_some() {
            assert_resource(file, &ResourceType::group(), resource);
            continue;
        }
        let kind = if resource.get("userName").is_some() { ResourceType::user() } else { ResourceType::group() };
        let attributes = Attributes::from_view(&kind, resource).unwrap();
        let mut expected = resource.as_object().unwrap().clone();
        expected.remove("id");
        assert_eq!(attributes.as_map(), &expected, "{file}");
        assert!(attributes.as_map().keys().all(|name| kind.attribute(name).is_some()), "{file}");
    }
}

fn assert_search_request(example: &Value) {
    assert_eq!(example["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]));
    let user = ResourceType::user();
    let filter = example["filter"].as_str().unwrap();
    let filter = Filter::parse(filter, &CompatProfile::STRICT, &Limits::default()).unwrap();
    filter.resolve(&user, &CompatProfile::STRICT).unwrap();
    let attributes = example["attributes"].as_array().unwrap();
    assert!(attributes.iter().all(|name| user.attribute(name.as_str().unwrap()).is_some()));
    assert_eq!((&example["startIndex"], &example["count"]), (&json!(1), &json!(10)));
}

fn assert_error(file: &str, example: &Value, status: &str) {
    assert_eq!((&example["schemas"], &example["status"]), (&json!([ERROR_SCHEMA]), &json!(status)), "{file}");
    assert!(!example["detail"].as_str().unwrap().is_empty(), "{file}");
    let known = ["schemas", "status", "detail", "scimType"];
    assert!(example.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())), "{file}");
    if status == "400" {
        assert!(["mutability", "invalidSyntax"].contains(&example["scimType"].as_str().unwrap()), "{file}");
    }
}

fn assert_bulk_request(file: &str, example: &Value) {
    assert_eq!(example["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]), "{file}");
    let types = [ResourceType::user(), ResourceType::group()];
    for operation in example["Operations"].as_array().unwrap() {
        let path = operation["path"].as_str().unwrap();
        let resource_type = types.iter().find(|kind| path.starts_with(kind.endpoint())).expect(path);
        let of_a_resource = path.trim_start_matches(resource_type.endpoint()).starts_with('/');
        let data = operation["data"].clone();
        match operation["method"].as_str().unwrap() {
            "POST" => {
                assert!(operation["bulkId"].is_string() && !of_a_resource, "{file}");
                assert_resource(file, resource_type, &data);
            }
            "PUT" => {
                assert!(of_a_resource, "{file}");
                assert_resource(file, resource_type, &data);
            }
            "PATCH" => {
                assert!(of_a_resource, "{file}");
                PatchPlan::read(data, resource_type, &CompatProfile::STRICT, &Limits::default()).expect(file);
            }
            "DELETE" => assert!(of_a_resource && data.is_null(), "{file}"),
            other => panic!("{file}: {other}"),
        }
    }
}

fn assert_bulk_response(file: &str, example: &Value, statuses: &[&str]) {
    assert_eq!(example["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]), "{file}");
    let operations = example["Operations"].as_array().unwrap();
    assert_eq!(operations.iter().map(status_of).collect::<Vec<_>>(), statuses, "{file}");
    for operation in operations {
        let method = operation["method"].as_str().unwrap();
        assert!(operation["location"].is_string() || (method == "POST" && !status_of(operation).starts_with('2')));
        assert!(method != "POST" || operation["bulkId"].is_string(), "{file}");
        assert_bulk_operation(file, operation);
    }
}

/// An operation that failed says why.
fn assert_bulk_operation(file: &str, operation: &Value) {
    let status = status_of(operation);
    if status.starts_with('2') {
        assert_eq!(operation.get("response"), None, "{file}");
    } else {
        assert_error(file, &operation["response"], status);
    }
}

/// The status, which RFC 7644 s3.7.2 puts into an object and s3.7.3 does not.
fn status_of(operation: &Value) -> &str {
    operation["status"].as_str().or_else(|| operation["status"]["code"].as_str()).unwrap()
}
