//! The built-in schemas against the RFC, attribute by attribute (RFC 7643 s4, s5, s6, s7, s8.7; RFC 9865 s4).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeMap;

use scim_core::{enterprise_user_schema, group_schema, user_schema, Schema};
use serde_json::{json, Map, Value};

/// Each line is an attribute, its type and what differs from the defaults of RFC 7643 s2.2: `list` for multi-valued,
/// `required`, `exact` for caseExact, a mutability, a returned, a uniqueness, `=` canonical values, `>` reference types.
const USER: &str = "
    userName                    string    required server
    name                        complex
    name.formatted              string
    name.familyName             string
    name.givenName              string
    name.middleName             string
    name.honorificPrefix        string
    name.honorificSuffix        string
    displayName                 string
    nickName                    string
    profileUrl                  reference exact >external
    title                       string
    userType                    string
    preferredLanguage           string
    locale                      string
    timezone                    string
    active                      boolean
    password                    string    exact writeOnly never
    emails                      complex   list
    emails.value                string
    emails.display              string
    emails.type                 string    =work,home,other
    emails.primary              boolean
    phoneNumbers                complex   list
    phoneNumbers.value          string
    phoneNumbers.display        string
    phoneNumbers.type           string    =work,home,mobile,fax,pager,other
    phoneNumbers.primary        boolean
    ims                         complex   list
    ims.value                   string
    ims.display                 string
    ims.type                    string    =aim,gtalk,icq,xmpp,msn,skype,qq,yahoo,other
    ims.primary                 boolean
    photos                      complex   list
    photos.value                reference exact >external
    photos.display              string
    photos.type                 string    =photo,thumbnail
    photos.primary              boolean
    addresses                   complex   list
    addresses.formatted         string
    addresses.streetAddress     string
    addresses.locality          string
    addresses.region            string
    addresses.postalCode        string
    addresses.country           string
    addresses.type              string    =work,home,other
    addresses.primary           boolean
    groups                      complex   list readOnly
    groups.value                string    exact readOnly
    groups.$ref                 reference exact readOnly >Group
    groups.display              string    readOnly
    groups.type                 string    readOnly =direct,indirect
    entitlements                complex   list
    entitlements.value          string
    entitlements.display        string
    entitlements.type           string
    entitlements.primary        boolean
    roles                       complex   list
    roles.value                 string
    roles.display               string
    roles.type                  string
    roles.primary               boolean
    x509Certificates            complex   list
    x509Certificates.value      binary    exact
    x509Certificates.display    string
    x509Certificates.type       string
    x509Certificates.primary    boolean
";

const GROUP: &str = "
    displayName       string    required server
    members           complex   list
    members.value     string    required exact immutable
    members.$ref      reference exact immutable >User,Group
    members.type      string    immutable =User,Group
    members.display   string    immutable
";

const ENTERPRISE_USER: &str = "
    employeeNumber       string
    costCenter           string
    organization         string
    division             string
    department           string
    manager              complex
    manager.value        string    exact
    manager.$ref         reference exact >User
    manager.displayName  string    readOnly
";

const SERVICE_PROVIDER_CONFIG: &str = "
    documentationUri                        reference exact readOnly >external
    patch                                   complex   required readOnly
    patch.supported                         boolean   required readOnly
    bulk                                    complex   required readOnly
    bulk.supported                          boolean   required readOnly
    bulk.maxOperations                      integer   required readOnly
    bulk.maxPayloadSize                     integer   required readOnly
    filter                                  complex   required readOnly
    filter.supported                        boolean   required readOnly
    filter.maxResults                       integer   required readOnly
    changePassword                          complex   required readOnly
    changePassword.supported                boolean   required readOnly
    sort                                    complex   required readOnly
    sort.supported                          boolean   required readOnly
    etag                                    complex   required readOnly
    etag.supported                          boolean   required readOnly
    authenticationSchemes                   complex   list required readOnly
    authenticationSchemes.type              string    required readOnly =oauth,oauth2,oauthbearertoken,httpbasic,httpdigest
    authenticationSchemes.name              string    required readOnly
    authenticationSchemes.description       string    required readOnly
    authenticationSchemes.specUri           reference exact readOnly >external
    authenticationSchemes.documentationUri  reference exact readOnly >external
    authenticationSchemes.primary           boolean   readOnly
    pagination                              complex   readOnly
    pagination.cursor                       boolean   required readOnly
    pagination.index                        boolean   required readOnly
    pagination.defaultPaginationMethod      string    readOnly =cursor,index
    pagination.defaultPageSize              integer   readOnly
    pagination.maxPageSize                  integer   readOnly
    pagination.cursorTimeout                integer   readOnly
";

const RESOURCE_TYPE: &str = "
    id                         string    exact readOnly
    name                       string    required readOnly
    description                string    readOnly
    endpoint                   reference required exact readOnly >uri
    schema                     reference required exact readOnly >uri
    schemaExtensions           complex   list readOnly
    schemaExtensions.schema    reference required exact readOnly >uri
    schemaExtensions.required  boolean   required readOnly
";

const SCHEMA: &str = "
    id                                        string   required readOnly always
    name                                      string   readOnly
    description                               string   readOnly
    attributes                                complex  list required readOnly
    attributes.name                           string   required exact readOnly
    attributes.type                           string   required readOnly =string,complex,boolean,decimal,integer,dateTime,binary,reference
    attributes.multiValued                    boolean  required readOnly
    attributes.description                    string   exact readOnly
    attributes.required                       boolean  readOnly
    attributes.canonicalValues                string   list exact readOnly
    attributes.caseExact                      boolean  readOnly
    attributes.mutability                     string   exact readOnly =readOnly,readWrite,immutable,writeOnly
    attributes.returned                       string   exact readOnly =always,never,default,request
    attributes.uniqueness                     string   exact readOnly =none,server,global
    attributes.referenceTypes                 string   list exact readOnly
    attributes.subAttributes                  complex  list readOnly
    attributes.subAttributes.name             string   required exact readOnly
    attributes.subAttributes.type             string   required readOnly =string,complex,boolean,decimal,integer,dateTime,binary,reference
    attributes.subAttributes.multiValued      boolean  required readOnly
    attributes.subAttributes.description      string   exact readOnly
    attributes.subAttributes.required         boolean  readOnly
    attributes.subAttributes.canonicalValues  string   list exact readOnly
    attributes.subAttributes.caseExact        boolean  readOnly
    attributes.subAttributes.mutability       string   exact readOnly =readOnly,readWrite,immutable,writeOnly
    attributes.subAttributes.returned         string   exact readOnly =always,never,default,request
    attributes.subAttributes.uniqueness       string   exact readOnly =none,server,global
    attributes.subAttributes.referenceTypes   string   list exact readOnly
";

/// A schema file, the table it must agree with, and the RFC's own definition in s8.7.
struct File {
    json: &'static str,
    expected: &'static str,
    rfc: &'static str,
}

const FILES: [File; 6] = [
    File {
        json: include_str!("../src/schema/builtin/user.json"),
        expected: USER,
        rfc: include_str!("fixtures/rfc7643/s8.7.1-schema-user.json"),
    },
    File {
        json: include_str!("../src/schema/builtin/group.json"),
        expected: GROUP,
        rfc: include_str!("fixtures/rfc7643/s8.7.1-schema-group.json"),
    },
    File {
        json: include_str!("../src/schema/builtin/enterprise_user.json"),
        expected: ENTERPRISE_USER,
        rfc: include_str!("fixtures/rfc7643/s8.7.1-schema-enterprise-user.json"),
    },
    File {
        json: include_str!("../src/schema/builtin/service_provider_config.json"),
        expected: SERVICE_PROVIDER_CONFIG,
        rfc: include_str!("fixtures/rfc7643/s8.7.2-schema-service-provider-config.json"),
    },
    File {
        json: include_str!("../src/schema/builtin/resource_type.json"),
        expected: RESOURCE_TYPE,
        rfc: include_str!("fixtures/rfc7643/s8.7.2-schema-resource-type.json"),
    },
    File {
        json: include_str!("../src/schema/builtin/schema.json"),
        expected: SCHEMA,
        rfc: include_str!("fixtures/rfc7643/s8.7.2-schema-schema.json"),
    },
];

/// Where the built-in schemas deliberately say something else than s8.7, and which text has the last word.
const DIFFERENCES: &[(&str, &[&str])] = &[
    ("s2.3.6 a binary compares with case", &["User:x509Certificates.value caseExact"]),
    (
        "s2.3.7 a reference compares with case",
        &[
            "User:profileUrl caseExact",
            "User:photos.value caseExact",
            "User:groups.$ref caseExact",
            "Group:members.$ref caseExact",
            "EnterpriseUser:manager.$ref caseExact",
            "ServiceProviderConfig:documentationUri caseExact",
            "ServiceProviderConfig:authenticationSchemes.specUri caseExact",
            "ServiceProviderConfig:authenticationSchemes.documentationUri caseExact",
            "ResourceType:endpoint caseExact",
        ],
    ),
    (
        "s3.1 the id of a resource compares with case",
        &[
            "User:groups.value caseExact",
            "Group:members.value caseExact",
            "EnterpriseUser:manager.value caseExact",
            "ResourceType:id caseExact",
        ],
    ),
    ("a password is never compared without case", &["User:password caseExact"]),
    (
        "s2.3.8 a complex attribute has no case and no uniqueness",
        &[
            "User:x509Certificates caseExact",
            "User:name uniqueness",
            "User:emails uniqueness",
            "User:addresses uniqueness",
        ],
    ),
    ("s4.1.2 there are other services", &["User:ims.type canonicalValues"]),
    ("s4.1.2 a user belongs to groups", &["User:groups.$ref referenceTypes"]),
    ("s2.4, s8.2 one address is the primary one", &["User:addresses.primary"]),
    (
        "an empty list of canonical values says nothing",
        &["User:roles.type canonicalValues", "User:x509Certificates.type canonicalValues"],
    ),
    ("s4.2 displayName is required", &["Group:displayName required"]),
    ("a group's name is unique here, as identity providers expect", &["Group:displayName uniqueness"]),
    ("s4.2 allows to require a member's value", &["Group:members.value required"]),
    ("s2.4, s8.4 members have display", &["Group:members.display"]),
    ("s5 etag is one of the options", &["ServiceProviderConfig:etag", "ServiceProviderConfig:etag.supported"]),
    (
        "s5, s8.5 an authentication scheme has a type, and one is the primary one",
        &["ServiceProviderConfig:authenticationSchemes.type", "ServiceProviderConfig:authenticationSchemes.primary"],
    ),
    (
        "RFC 9865 s4",
        &[
            "ServiceProviderConfig:pagination",
            "ServiceProviderConfig:pagination.cursor",
            "ServiceProviderConfig:pagination.index",
            "ServiceProviderConfig:pagination.defaultPaginationMethod",
            "ServiceProviderConfig:pagination.defaultPageSize",
            "ServiceProviderConfig:pagination.maxPageSize",
            "ServiceProviderConfig:pagination.cursorTimeout",
        ],
    ),
    (
        "s6 schemaExtensions is a list and optional",
        &["ResourceType:schemaExtensions multiValued", "ResourceType:schemaExtensions required"],
    ),
    ("s7 the id of a schema is always returned", &["Schema:id returned"]),
    ("s7 the name of a schema is optional", &["Schema:name required"]),
    (
        "s2.3.6 binary is a type",
        &["Schema:attributes.type canonicalValues", "Schema:attributes.subAttributes.type canonicalValues"],
    ),
    ("s7 referenceTypes is a list", &["Schema:attributes.subAttributes.referenceTypes multiValued"]),
];

#[test]
fn rfc7643_s8_7_every_characteristic_of_every_attribute_is_as_the_table_says() {
    for file in FILES {
        let schema: Value = serde_json::from_str(file.json).unwrap();
        let found = characteristics(&schema);
        let expected: BTreeMap<String, Map<String, Value>> =
            file.expected.lines().filter(|line| !line.trim().is_empty()).map(expected_attribute).collect();
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{}", schema["id"]);
        for (path, expected) in expected {
            assert_eq!(found[&path], expected, "{} {path}", schema["id"]);
        }
    }
}

#[test]
fn rfc7643_s8_7_the_differences_from_the_rfc_are_the_ones_that_are_listed() {
    let mut found = Vec::new();
    for file in FILES {
        let schema: Value = serde_json::from_str(file.json).unwrap();
        let rfc: Value = serde_json::from_str(file.rfc).unwrap();
        assert_eq!((&schema["id"], &schema["name"]), (&rfc["id"], &rfc["name"]));
        let label = match schema["name"].as_str().unwrap() {
            "Service Provider Configuration" => "ServiceProviderConfig",
            name => name,
        };
        let (ours, theirs) = (characteristics(&schema), characteristics(&rfc));
        for path in theirs.keys() {
            assert!(ours.contains_key(path), "{label}:{path} is missing");
        }
        for (path, ours) in &ours {
            let Some(theirs) = theirs.get(path) else {
                found.push(format!("{label}:{path}"));
                continue;
            };
            let names: std::collections::BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
            let differing = names.into_iter().filter(|name| ours.get(*name) != theirs.get(*name));
            found.extend(differing.map(|name| format!("{label}:{path} {name}")));
        }
    }
    let mut listed: Vec<&str> = DIFFERENCES.iter().flat_map(|(_, paths)| paths.iter().copied()).collect();
    listed.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, listed);
}

#[test]
fn rfc7643_s7_every_schema_and_attribute_is_described() {
    fn check(value: &Value, path: &str) {
        let description = value["description"].as_str().unwrap_or_default();
        assert!(description.len() > 10 && description.ends_with('.'), "{path}: {description:?}");
        for key in ["attributes", "subAttributes"] {
            for attribute in value[key].as_array().into_iter().flatten() {
                check(attribute, &format!("{path} {}", attribute["name"]));
            }
        }
    }
    for file in FILES {
        let schema: Value = serde_json::from_str(file.json).unwrap();
        check(&schema, schema["name"].as_str().unwrap());
    }
}

#[test]
fn rfc7643_s8_7_the_files_are_what_is_served() {
    let served = [user_schema(), group_schema(), enterprise_user_schema()];
    for (file, schema) in FILES.iter().zip(&served) {
        schema.check().unwrap();
        assert_eq!(serde_json::to_value(schema).unwrap(), serde_json::from_str::<Value>(file.json).unwrap());
    }
    for file in &FILES[3..] {
        let schema: Schema = serde_json::from_str(file.json).unwrap();
        assert_eq!(serde_json::to_value(&schema).unwrap(), serde_json::from_str::<Value>(file.json).unwrap());
    }
}

/// The characteristics of every attribute and sub-attribute, by path; names and descriptions are not among them.
fn characteristics(schema: &Value) -> BTreeMap<String, Map<String, Value>> {
    fn collect(attributes: &Value, prefix: &str, into: &mut BTreeMap<String, Map<String, Value>>) {
        for attribute in attributes.as_array().into_iter().flatten() {
            let mut members = attribute.as_object().unwrap().clone();
            let path = format!("{prefix}{}", members.remove("name").unwrap().as_str().unwrap());
            members.remove("description");
            collect(&members.remove("subAttributes").unwrap_or_default(), &format!("{path}."), into);
            assert!(into.insert(path.clone(), members).is_none(), "{path} is there twice");
        }
    }
    let mut found = BTreeMap::new();
    collect(&schema["attributes"], "", &mut found);
    found
}

/// A line of a table as the members that the JSON must have: all of them, whatever their defaults.
fn expected_attribute(line: &str) -> (String, Map<String, Value>) {
    let mut words = line.split_whitespace();
    let (path, kind) = (words.next().unwrap(), words.next().unwrap());
    let mut expected = json!({
        "type": kind, "multiValued": false, "required": false, "mutability": "readWrite", "returned": "default"
    });
    if matches!(kind, "string" | "reference" | "binary") {
        expected["caseExact"] = json!(false);
    }
    if !matches!(kind, "boolean" | "complex") {
        expected["uniqueness"] = json!("none");
    }
    for word in words {
        match word {
            "list" => expected["multiValued"] = json!(true),
            "required" => expected["required"] = json!(true),
            "exact" => expected["caseExact"] = json!(true),
            "readOnly" | "immutable" | "writeOnly" => expected["mutability"] = json!(word),
            "always" | "never" | "request" => expected["returned"] = json!(word),
            "server" | "global" => expected["uniqueness"] = json!(word),
            _ => {
                let (sign, list) = word.split_at(1);
                let key = if sign == "=" { "canonicalValues" } else { "referenceTypes" };
                expected[key] = json!(list.split(',').collect::<Vec<_>>());
            }
        }
    }
    (path.to_owned(), expected.as_object().unwrap().clone())
}
