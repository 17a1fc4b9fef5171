//! Discovery: RFC 7644 s4, RFC 7643 s5 to s7.

use serde_json::{json, Value};

use super::check::{check, ensure, ensure_eq, has_names, Check, Failure, Session, Verdict};
use super::recipe::limits;
use crate::schema::{ENTERPRISE_USER, GROUP, USER};

pub(super) const CHECKS: &[Check] = &[
    check!(rfc7643_s5_the_service_provider_config_is_complete),
    check!(rfc7643_s5_what_is_advertised_is_what_is_enforced),
    check!(rfc7643_s5_authentication_schemes),
    check!(rfc7644_s4_resource_types_are_listed),
    check!(rfc7643_s6_the_user_resource_type),
    check!(rfc7644_s4_each_resource_type_by_its_name),
    check!(rfc7643_s6_every_endpoint_is_served),
    check!(rfc7643_s6_every_schema_is_served),
    check!(rfc7644_s4_schemas_are_listed),
    check!(rfc7644_s4_each_schema_by_its_urn),
    check!(rfc7643_s7_every_attribute_has_every_characteristic),
    check!(rfc7643_s8_7_1_the_user_schema_says_what_is_special),
    check!(rfc7644_s4_discovery_is_not_filtered),
    check!(rfc7644_s4_what_is_not_there_is_404),
    check!(rfc7644_s4_discovery_takes_get_alone),
    check!(rfc7644_s4_discovery_by_head),
    check!(discovery_has_no_nulls),
];

async fn rfc7643_s5_the_service_provider_config_is_complete(session: &Session) -> Verdict {
    let answer = session.get("/ServiceProviderConfig").await?.expect(200)?;
    let schema = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
    ensure_eq!(answer.json["schemas"], json!([schema]), "schemas");
    ensure_eq!(answer.header("content-type"), Some("application/scim+json"), "the content type");
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        ensure!(answer.json[feature]["supported"].is_boolean(), "{feature}.supported is no boolean");
    }
    for (feature, number) in [("bulk", "maxOperations"), ("bulk", "maxPayloadSize"), ("filter", "maxResults")] {
        ensure!(answer.json[feature][number].is_u64(), "{feature}.{number} is no number");
    }
    ensure_eq!(answer.json["meta"]["resourceType"], json!("ServiceProviderConfig"), "meta.resourceType");
    let location = answer.json["meta"]["location"].as_str().unwrap_or_default();
    ensure!(
        location.starts_with("http") && location.ends_with("/ServiceProviderConfig"),
        "meta.location is {location}"
    );
    Ok(())
}

async fn rfc7643_s5_what_is_advertised_is_what_is_enforced(session: &Session) -> Verdict {
    let config = &session.provider.config;
    ensure_eq!(config["patch"], json!({"supported": true}), "patch");
    ensure_eq!(config["etag"], json!({"supported": true}), "etag");
    ensure_eq!(config["filter"]["maxResults"], json!(limits().max_results), "filter.maxResults");
    ensure_eq!(config["bulk"]["maxPayloadSize"], json!(limits().body_bytes), "bulk.maxPayloadSize");
    ensure_eq!(config["bulk"]["maxOperations"], json!(limits().bulk_operations), "bulk.maxOperations");
    Ok(())
}

async fn rfc7643_s5_authentication_schemes(session: &Session) -> Verdict {
    let schemes = session.provider.config["authenticationSchemes"].as_array().cloned().unwrap_or_default();
    ensure!(!schemes.is_empty(), "there is no authentication scheme");
    for scheme in schemes {
        for name in ["type", "name", "description"] {
            ensure!(scheme[name].is_string(), "an authentication scheme has no {name}");
        }
    }
    Ok(())
}

/// The resources of a discovery endpoint.
async fn listed(session: &Session, path: &str) -> Result<Vec<Value>, Failure> {
    let answer = session.get(path).await?.expect(200)?;
    let resources = answer.page()?.clone();
    ensure_eq!(answer.total()?, resources.len(), "totalResults of {path}");
    Ok(resources)
}

async fn rfc7644_s4_resource_types_are_listed(session: &Session) -> Verdict {
    let types = listed(session, "/ResourceTypes").await?;
    ensure!(types.iter().any(|resource_type| resource_type["name"] == "User"), "there is no resource type User");
    for resource_type in types {
        let name = &resource_type["name"];
        ensure_eq!(
            resource_type["schemas"],
            json!(["urn:ietf:params:scim:schemas:core:2.0:ResourceType"]),
            "schemas of {name}"
        );
        ensure!(
            resource_type["endpoint"].as_str().is_some_and(|endpoint| endpoint.starts_with('/')),
            "{name} has no endpoint"
        );
        ensure!(resource_type["schema"].is_string(), "{name} has no schema");
        let location = format!("{}/ResourceTypes/{}", session.provider.base_url, name.as_str().unwrap_or_default());
        ensure_eq!(resource_type["meta"]["location"], json!(location), "meta.location of {name}");
    }
    Ok(())
}

async fn rfc7643_s6_the_user_resource_type(session: &Session) -> Verdict {
    let answer = session.get("/ResourceTypes/User").await?.expect(200)?;
    ensure_eq!((&answer.json["id"], &answer.json["name"]), (&json!("User"), &json!("User")), "id and name");
    ensure_eq!(
        (&answer.json["endpoint"], &answer.json["schema"]),
        (&json!("/Users"), &json!(USER)),
        "endpoint and schema"
    );
    let extensions = answer.json["schemaExtensions"].as_array().cloned().unwrap_or_default();
    let enterprise = json!({"schema": ENTERPRISE_USER, "required": false});
    ensure!(extensions.contains(&enterprise), "the enterprise extension is not among {extensions:?}");
    Ok(())
}

async fn rfc7644_s4_each_resource_type_by_its_name(session: &Session) -> Verdict {
    for resource_type in listed(session, "/ResourceTypes").await? {
        let read = session.get(&session.path_of(&resource_type)?).await?.expect(200)?;
        ensure_eq!(read.json, resource_type, "a resource type that is listed, and read");
    }
    Ok(())
}

async fn rfc7643_s6_every_endpoint_is_served(session: &Session) -> Verdict {
    for resource_type in listed(session, "/ResourceTypes").await? {
        let endpoint = resource_type["endpoint"].as_str().unwrap_or_default();
        session.get(&format!("{endpoint}?count=0")).await?.page()?;
    }
    Ok(())
}

async fn rfc7643_s6_every_schema_is_served(session: &Session) -> Verdict {
    for resource_type in listed(session, "/ResourceTypes").await? {
        let extensions = resource_type["schemaExtensions"].as_array().cloned().unwrap_or_default();
        let urns = extensions.iter().map(|extension| &extension["schema"]).chain([&resource_type["schema"]]);
        for urn in urns {
            let urn = urn.as_str().unwrap_or_default();
            session.get(&format!("/Schemas/{urn}")).await?.expect(200)?;
        }
    }
    Ok(())
}

async fn rfc7644_s4_schemas_are_listed(session: &Session) -> Verdict {
    let schemas = listed(session, "/Schemas").await?;
    let ids: Vec<&str> = schemas.iter().map(|schema| schema["id"].as_str().unwrap_or_default()).collect();
    let discovery = ["ServiceProviderConfig", "ResourceType", "Schema"]
        .map(|name| format!("urn:ietf:params:scim:schemas:core:2.0:{name}"));
    for urn in [USER, ENTERPRISE_USER].into_iter().chain(discovery.iter().map(String::as_str)) {
        ensure_eq!(ids.iter().filter(|id| **id == urn).count(), 1, "how often {urn} is listed");
    }
    let has_groups = session.provider.resource_type("Group").is_some();
    ensure_eq!(ids.contains(&GROUP), has_groups, "whether the schema of groups is listed");
    Ok(())
}

async fn rfc7644_s4_each_schema_by_its_urn(session: &Session) -> Verdict {
    for schema in listed(session, "/Schemas").await? {
        let read = session.get(&session.path_of(&schema)?).await?.expect(200)?;
        ensure_eq!(read.json, schema, "a schema that is listed, and read");
        ensure_eq!(schema["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:Schema"]), "its schemas");
        ensure_eq!(schema["meta"]["resourceType"], json!("Schema"), "its meta.resourceType");
    }
    session.get(&format!("/Schemas/{}", USER.replace(':', "%3A"))).await?.expect(200)?;
    Ok(())
}

async fn rfc7643_s7_every_attribute_has_every_characteristic(session: &Session) -> Verdict {
    for schema in listed(session, "/Schemas").await? {
        let name = schema["id"].as_str().unwrap_or_default();
        for attribute in schema["attributes"].as_array().into_iter().flatten() {
            has_characteristics(attribute, name)?;
            for sub_attribute in attribute["subAttributes"].as_array().into_iter().flatten() {
                has_characteristics(sub_attribute, name)?;
            }
        }
    }
    Ok(())
}

fn has_characteristics(attribute: &Value, schema: &str) -> Verdict {
    let name = attribute["name"].as_str().unwrap_or_default();
    ensure!(!name.is_empty(), "an attribute of {schema} has no name");
    for text in ["type", "mutability", "returned"] {
        ensure!(attribute[text].is_string(), "{schema}:{name} has no {text}");
    }
    for boolean in ["multiValued", "required"] {
        ensure!(attribute[boolean].is_boolean(), "{schema}:{name} has no {boolean}");
    }
    let is_complex = attribute["type"] == "complex";
    ensure_eq!(attribute["subAttributes"].is_array(), is_complex, "whether {schema}:{name} has sub-attributes");
    Ok(())
}

async fn rfc7643_s8_7_1_the_user_schema_says_what_is_special(session: &Session) -> Verdict {
    let schema = session.get(&format!("/Schemas/{USER}")).await?.expect(200)?;
    let attributes = schema.json["attributes"].as_array().cloned().unwrap_or_default();
    let attribute = |name: &str| attributes.iter().find(|attribute| attribute["name"] == name).unwrap_or(&Value::Null);
    let user_name = attribute("userName");
    let special = (&user_name["required"], &user_name["uniqueness"], &user_name["caseExact"]);
    ensure_eq!(
        special,
        (&json!(true), &json!("server"), &json!(false)),
        "required, uniqueness and caseExact of userName"
    );
    ensure_eq!(attribute("groups")["mutability"], json!("readOnly"), "mutability of groups");
    ensure_eq!(attribute("active")["type"], json!("boolean"), "the type of active");
    ensure_eq!(attribute("emails")["multiValued"], json!(true), "multiValued of emails");
    Ok(())
}

async fn rfc7644_s4_discovery_is_not_filtered(session: &Session) -> Verdict {
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
        session.query(path, &[("filter", "name eq \"User\"")]).await?.is_error(403, "")?;
        session.get(&format!("{path}?count=1&startIndex=2&sortBy=id")).await?.expect(200)?;
    }
    Ok(())
}

async fn rfc7644_s4_what_is_not_there_is_404(session: &Session) -> Verdict {
    for path in ["/Schemas/urn:nobody:knows", "/ResourceTypes/Nothing", "/Schemas/User/x", "/ServiceProviderConfig/x"] {
        session.get(path).await?.is_error(404, "")?;
    }
    Ok(())
}

async fn rfc7644_s4_discovery_takes_get_alone(session: &Session) -> Verdict {
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/ResourceTypes/User", "/Schemas/urn:x"] {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let answer = session.request(method, path, &[], Some(&json!({}))).await?;
            answer.is_error(405, "")?;
            ensure_eq!(answer.header("allow"), Some("GET, HEAD"), "the Allow header of {path}");
        }
    }
    Ok(())
}

async fn rfc7644_s4_discovery_by_head(session: &Session) -> Verdict {
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
        let head = session.request("HEAD", path, &[], None).await?.expect(200)?;
        ensure!(head.body.is_empty(), "the answer to HEAD {path} has a body");
    }
    Ok(())
}

async fn discovery_has_no_nulls(session: &Session) -> Verdict {
    fn has_null(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(list) => list.iter().any(has_null),
            Value::Object(members) => members.values().any(has_null),
            _ => false,
        }
    }
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
        let answer = session.get(path).await?.expect(200)?;
        ensure!(!has_null(&answer.json), "there is a null in {path}");
    }
    has_names(&session.provider.config["patch"], &["supported"], "patch")
}
