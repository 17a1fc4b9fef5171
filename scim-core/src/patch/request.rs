//! The body of a PATCH request, up to its operations as JSON (RFC 7644 s3.5.2).

use serde_json::{Map, Value};

use super::operation::OperationName;
use crate::compat::{rewrite, CompatProfile};
use crate::error::{quoted, ScimError};
use crate::limits::Limits;

/// The schema URI of a PATCH request.
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// One operation as the request has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RequestedOperation {
    pub(crate) name: OperationName,
    pub(crate) path: Option<String>,
    /// `null` is no value for `remove`, and the value `null` for the others.
    pub(crate) value: Option<Value>,
}

/// The list of operations, still as JSON.
///
/// # Errors
///
/// 400 `invalidSyntax` if the body is no PatchOp, 413 for too many operations.
pub(super) fn operations(body: Value, profile: &CompatProfile, limits: &Limits) -> Result<Vec<Value>, ScimError> {
    let Value::Object(mut body) = body else {
        return Err(ScimError::invalid_syntax("The body of a PATCH must be an object with schemas and Operations"));
    };
    if !profile.any_schemas {
        check_schemas(&body)?;
    }
    let operations = match take(&mut body, "Operations")? {
        Some(Value::Array(operations)) => operations,
        Some(_) => return Err(ScimError::invalid_syntax("Operations must be a list")),
        None => return Err(ScimError::invalid_syntax("The body of a PATCH must have Operations")),
    };
    if operations.is_empty() && !profile.empty_operations {
        return Err(ScimError::invalid_syntax("Operations must hold at least one operation"));
    }
    if operations.len() > limits.patch_operations {
        let most = limits.patch_operations;
        return Err(ScimError::payload_too_large(format!(
            "A PATCH may have {most} operations; send the others in further requests"
        )));
    }
    Ok(operations)
}

impl RequestedOperation {
    /// Takes an operation apart; members other than `op`, `path` and `value` are not looked at.
    ///
    /// # Errors
    ///
    /// 400 `invalidSyntax` if it is no object or its `op` is none of the three, `invalidPath` if its `path` is no
    /// string.
    pub(super) fn read(operation: Value, profile: &CompatProfile) -> Result<Self, ScimError> {
        let Value::Object(mut operation) = operation else {
            return Err(ScimError::invalid_syntax("An operation must be an object with op, path and value"));
        };
        let name = match take(&mut operation, "op")? {
            Some(Value::String(name)) => rewrite::operation_name(profile, &name).ok_or_else(|| {
                ScimError::invalid_syntax(format!("op must be add, remove or replace, not {}", quoted(&name)))
            })?,
            _ => return Err(ScimError::invalid_syntax("An operation must have op: add, remove or replace")),
        };
        let path = match take(&mut operation, "path")? {
            Some(path) => rewrite::path(profile, path)?,
            None => None,
        };
        Ok(Self { name, path, value: take(&mut operation, "value")? })
    }
}

/// Takes the member of this name, in any case, out of an object (RFC 7643 s2.1: names compare without case).
fn take(object: &mut Map<String, Value>, name: &str) -> Result<Option<Value>, ScimError> {
    let exact = object.remove(name);
    let Some(other) = object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned() else { return Ok(exact) };
    let value = object.remove(&other);
    if exact.is_some() || object.keys().any(|key| key.eq_ignore_ascii_case(name)) {
        return Err(ScimError::invalid_syntax(format!("{name} is given twice")));
    }
    Ok(value)
}

/// RFC 7644 s3.5.2: `schemas` holds the URI of PatchOp.
fn check_schemas(body: &Map<String, Value>) -> Result<(), ScimError> {
    let schemas =
        body.iter().find(|(key, _)| key.eq_ignore_ascii_case("schemas")).and_then(|(_, value)| value.as_array());
    let named = schemas
        .is_some_and(|list| list.iter().any(|urn| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(PATCH_OP))));
    if named {
        Ok(())
    } else {
        Err(ScimError::invalid_syntax(format!("schemas must name {PATCH_OP}")))
    }
}
