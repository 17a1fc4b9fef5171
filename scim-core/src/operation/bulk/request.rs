//! The body of a Bulk request (RFC 7644 s3.7), before anything is known about what its operations mean.

use serde_json::Value;

use crate::compat::CompatProfile;
use crate::error::ScimError;
use crate::json;
use crate::limits::Limits;

/// The schema URI of a Bulk request.
const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// A Bulk request as it was sent.
pub(super) struct BulkRequest {
    /// How many errors end it; `None` for any number.
    pub(super) fail_on_errors: Option<u64>,
    pub(super) operations: Vec<BulkOperation>,
}

/// One operation as it was sent; what is missing or `null` is `None`.
#[derive(Default)]
pub(super) struct BulkOperation {
    pub(super) method: Option<String>,
    pub(super) bulk_id: Option<String>,
    pub(super) path: Option<String>,
    pub(super) version: Option<String>,
    /// The JSON text of the data, of which nothing is known yet.
    pub(super) data: Option<String>,
}

impl BulkRequest {
    /// Reads the body. What is wrong with one operation is the error of that operation, as long as it has the structure
    /// of one; everything here concerns the request as a whole.
    ///
    /// # Errors
    ///
    /// 400 `invalidSyntax` for what is no JSON or no Bulk request, 413 for more operations than [`Limits::bulk_operations`].
    pub(super) fn read(body: &[u8], profile: &CompatProfile, limits: &Limits) -> Result<Self, ScimError> {
        let mut schemas = None;
        let mut fail_on_errors = None;
        let mut operations = None;
        for (key, value) in json::read_object_but_for(&["Operations", "data"], body, limits)? {
            match known_name(&key, ["schemas", "failOnErrors", "Operations"]) {
                Some("schemas") => schemas = Some(value),
                Some("failOnErrors") => fail_on_errors = error_limit(&value)?,
                Some(_) => operations = Some(value),
                None => {}
            }
        }
        if !profile.any_schemas && !declares_bulk_request(schemas.as_ref()) {
            return Err(ScimError::invalid_syntax(format!("schemas must name {BULK_REQUEST}")));
        }
        let Some(Value::Array(operations)) = operations else {
            return Err(ScimError::invalid_syntax("Operations is required and must be a list of operations"));
        };
        check_count(operations.len(), limits)?;
        let operations = operations.into_iter().map(BulkOperation::read).collect::<Result<_, _>>()?;
        Ok(Self { fail_on_errors, operations })
    }
}

impl BulkOperation {
    fn read(operation: Value) -> Result<Self, ScimError> {
        let Value::Object(members) = operation else {
            return Err(ScimError::invalid_syntax("Every element of Operations must be an object"));
        };
        let mut read = Self::default();
        for (key, value) in members {
            let Some(name) = known_name(&key, ["method", "bulkId", "path", "version", "data"]) else { continue };
            match name {
                "method" => read.method = text(name, value)?,
                "bulkId" => read.bulk_id = text(name, value)?.filter(|bulk_id| !bulk_id.is_empty()),
                "path" => read.path = text(name, value)?,
                "version" => read.version = text(name, value)?,
                _ => read.data = text(name, value)?.filter(|text| text != "null"),
            }
        }
        Ok(read)
    }
}

/// The name as the RFC spells it, of one that is written in any case (RFC 7643 s2.1).
fn known_name<const N: usize>(key: &str, names: [&'static str; N]) -> Option<&'static str> {
    names.into_iter().find(|name| name.eq_ignore_ascii_case(key))
}

fn text(name: &str, value: Value) -> Result<Option<String>, ScimError> {
    match value {
        Value::String(text) => Ok(Some(text)),
        Value::Null => Ok(None),
        _ => Err(ScimError::invalid_syntax(format!("{name} of an operation must be a string"))),
    }
}

/// The number of errors that ends the request. RFC 7644 s3.7 does not say what 0 means; clients that have no limit to
/// set send it, so it is no limit.
fn error_limit(value: &Value) -> Result<Option<u64>, ScimError> {
    match value {
        Value::Null => Ok(None),
        value => match value.as_u64() {
            Some(limit) => Ok(Some(limit).filter(|limit| *limit > 0)),
            None => Err(ScimError::invalid_value("failOnErrors must be a whole number of errors")),
        },
    }
}

fn declares_bulk_request(schemas: Option<&Value>) -> bool {
    let declared = schemas.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    declared.iter().any(|urn| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(BULK_REQUEST)))
}

/// RFC 7644 s3.7.4: the limit that is exceeded is named.
fn check_count(count: usize, limits: &Limits) -> Result<(), ScimError> {
    let most = limits.bulk_operations;
    if count > most {
        return Err(ScimError::payload_too_large(format!(
            "The number of operations ({count}) exceeds maxOperations ({most}); nothing has been performed"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::{ErrorKind, ScimType};

    fn read(body: &Value, profile: &CompatProfile) -> Result<BulkRequest, ScimError> {
        BulkRequest::read(body.to_string().as_bytes(), profile, &Limits::default())
    }

    #[test]
    fn rfc7643_s2_1_names_are_known_in_any_case() {
        let body = json!({"SCHEMAS": [BULK_REQUEST.to_uppercase()], "failonerrors": 2, "operations": [
            {"Method": "POST", "PATH": "/Users", "bulkid": "a", "Version": "W/\"1\"", "Data": {"userName": "x"}},
        ]});
        let request = read(&body, &CompatProfile::STRICT).unwrap();
        assert_eq!(request.fail_on_errors, Some(2));
        let operation = &request.operations[0];
        assert_eq!(operation.method.as_deref(), Some("POST"));
        assert_eq!(operation.path.as_deref(), Some("/Users"));
        assert_eq!(operation.bulk_id.as_deref(), Some("a"));
        assert_eq!(operation.version.as_deref(), Some("W/\"1\""));
        assert_eq!(operation.data.as_deref(), Some(r#"{"userName":"x"}"#));
    }

    #[test]
    fn rfc7644_s3_7_the_schema_is_required_of_strict_clients_alone() {
        for body in [json!({"Operations": []}), json!({"schemas": ["urn:x"], "Operations": []})] {
            assert!(read(&body, &CompatProfile::LENIENT).is_ok());
            let error = read(&body, &CompatProfile::STRICT).err().unwrap();
            assert_eq!(error.scim_type(), Some(ScimType::InvalidSyntax));
        }
    }

    #[test]
    fn what_has_not_the_structure_of_a_bulk_request_is_refused() {
        for body in [
            json!({}),
            json!({"Operations": {}}),
            json!({"Operations": [1]}),
            json!({"Operations": [{"method": 1}]}),
            json!({"Operations": [{"bulkId": {}}]}),
        ] {
            let error = read(&body, &CompatProfile::LENIENT).err().unwrap();
            assert_eq!(error.scim_type(), Some(ScimType::InvalidSyntax), "{body}");
        }
        for limit in [json!(-1), json!("1"), json!(1.5)] {
            assert!(read(&json!({"failOnErrors": limit, "Operations": []}), &CompatProfile::LENIENT).is_err());
        }
        for limit in [json!(0), json!(null)] {
            let request = read(&json!({"failOnErrors": limit, "Operations": []}), &CompatProfile::LENIENT).unwrap();
            assert_eq!(request.fail_on_errors, None);
        }
    }

    #[test]
    fn rfc7644_s3_7_4_too_many_operations_are_413_with_the_limit() {
        let operations = vec![json!({}); 1_001];
        let error = read(&json!({"Operations": operations}), &CompatProfile::LENIENT).err().unwrap();
        assert_eq!(*error.kind(), ErrorKind::PayloadTooLarge);
        assert!(error.detail().contains("maxOperations (1000)"), "{}", error.detail());
    }
}
