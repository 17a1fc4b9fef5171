//! Discovery: RFC 7644 s4, RFC 7643 s5 to s7. Everything is written once, when the server is built.

use bytes::Bytes;
use http::StatusCode;
use serde_json::{json, Value};

use crate::error::{ErrorKind, ScimError};
use crate::limits::Limits;
use crate::provisioning::ResourceOperation;
use crate::request::Parameters;
use crate::response::{Answer, LIST_RESPONSE};
use crate::route::Route;
use crate::schema::{discovery_schemas, Schema, SERVICE_PROVIDER_CONFIG};
use crate::served_type::ServedType;
use crate::server::no_such_endpoint;

/// The bodies of the discovery endpoints.
pub(crate) struct Discovery {
    service_provider_config: Definition,
    resource_types: Bytes,
    schemas: Bytes,
    resource_type_by_name: Vec<(String, Definition)>,
    schema_by_urn: Vec<(String, Definition)>,
}

/// One resource of discovery, and where it is.
struct Definition {
    location: Bytes,
    body: Bytes,
}

impl Discovery {
    /// The documents about the types that exist to clients.
    pub(crate) fn new(base_url: &str, types: &[ServedType], limits: &Limits, passwords: bool) -> Self {
        let types: Vec<&ServedType> = types.iter().filter(|served| served.is_offered()).collect();
        let resource_types: Vec<(String, Value)> = types
            .iter()
            .map(|served| (served.resource_type.name().to_owned(), served.resource_type.to_resource(base_url)))
            .collect();
        let schemas: Vec<(String, Value)> =
            served_schemas(&types).iter().map(|schema| (schema.id.clone(), schema.to_resource(base_url))).collect();
        Self {
            service_provider_config: Definition::of(&service_provider_config(base_url, &types, limits, passwords)),
            resource_types: list(&resource_types),
            schemas: list(&schemas),
            resource_type_by_name: each(resource_types),
            schema_by_urn: each(schemas),
        }
    }

    /// The answer to a query of a discovery endpoint. Parameters other than a filter are ignored, whatever they are.
    ///
    /// # Errors
    ///
    /// 403 for a filter (RFC 7644 s4), 404 for what is not there.
    pub(crate) fn answer(&self, route: &Route, query: Option<&str>) -> Result<Answer, ScimError> {
        let is_endpoint = matches!(route, Route::Schemas | Route::ResourceTypes | Route::ServiceProviderConfig);
        if is_endpoint && Parameters::have_filter(query) {
            return Err(ScimError::new(ErrorKind::Forbidden, "This endpoint cannot be filtered (RFC 7644 section 4)"));
        }
        let found = match route {
            Route::ResourceTypes => return Ok(Answer::json(StatusCode::OK, self.resource_types.clone())),
            Route::Schemas => return Ok(Answer::json(StatusCode::OK, self.schemas.clone())),
            Route::ServiceProviderConfig => Some(&self.service_provider_config),
            Route::ResourceType(name) => find(&self.resource_type_by_name, name),
            Route::Schema(urn) => find(&self.schema_by_urn, urn),
            _ => None,
        };
        found.map(Definition::answer).ok_or_else(no_such_endpoint)
    }
}

impl Definition {
    fn of(resource: &Value) -> Self {
        let location = resource.pointer("/meta/location").and_then(Value::as_str).unwrap_or_default();
        Self { location: location.to_owned().into(), body: bytes(resource) }
    }

    /// As a single resource is answered (RFC 7644 s3.4.1).
    fn answer(&self) -> Answer {
        Answer::json(StatusCode::OK, self.body.clone()).located(self.location.clone())
    }
}

/// The definition of this name or URN, in any case.
fn find<'a>(definitions: &'a [(String, Definition)], name: &str) -> Option<&'a Definition> {
    definitions.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, definition)| definition)
}

fn each(resources: Vec<(String, Value)>) -> Vec<(String, Definition)> {
    resources.into_iter().map(|(name, resource)| (name, Definition::of(&resource))).collect()
}

fn list(resources: &[(String, Value)]) -> Bytes {
    bytes(&json!({
        "schemas": [LIST_RESPONSE],
        "totalResults": resources.len(),
        "startIndex": 1,
        "itemsPerPage": resources.len(),
        "Resources": resources.iter().map(|(_, resource)| resource).collect::<Vec<_>>(),
    }))
}

fn bytes(value: &Value) -> Bytes {
    value.to_string().into()
}

/// RFC 7643 s5: what is advertised is what is enforced.
fn service_provider_config(base_url: &str, types: &[&ServedType], limits: &Limits, passwords: bool) -> Value {
    let offers = |operation| types.iter().any(|served| served.rules.operations.offers(operation));
    let lists = offers(ResourceOperation::List);
    let cursors = types.iter().all(|served| served.capabilities.cursor);
    json!({
        "schemas": [SERVICE_PROVIDER_CONFIG],
        "patch": {"supported": offers(ResourceOperation::Patch)},
        "bulk": {
            "supported": types.iter().any(|served| served.rules.operations.has_writes()),
            "maxOperations": limits.bulk_operations,
            "maxPayloadSize": limits.body_bytes,
        },
        "filter": {
            "supported": lists && types.iter().all(|served| served.capabilities.filter),
            "maxResults": limits.max_results,
        },
        "changePassword": {"supported": passwords},
        "sort": {"supported": lists && types.iter().all(|served| served.capabilities.sort)},
        "etag": {"supported": true},
        "pagination": {
            "cursor": cursors,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": limits.max_results,
            "maxPageSize": limits.max_results,
            "cursorTimeout": limits.cursor_timeout.as_secs(),
        },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "A token in the Authorization header, as RFC 6750 says",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base_url}/ServiceProviderConfig"),
        },
    })
}

/// Each schema once: those of the resource types, then those of discovery itself.
fn served_schemas(types: &[&ServedType]) -> Vec<Schema> {
    let mut schemas: Vec<Schema> = Vec::new();
    let of_types = types.iter().flat_map(|served| {
        let extensions = served.resource_type.extensions().iter().map(|extension| &extension.schema);
        std::iter::once(served.resource_type.schema()).chain(extensions).map(|schema| Schema::clone(schema))
    });
    for schema in of_types.chain(discovery_schemas()) {
        if !schemas.iter().any(|known| known.id.eq_ignore_ascii_case(&schema.id)) {
            schemas.push(schema);
        }
    }
    schemas
}
