//! What the routes of a product answer.

use axum::response::{IntoResponse, Response};
use axum::Json;
use scim_core::{ConnectionError, ScimError, StoreError};
use serde_json::Value;

use crate::Error;

/// The answer of a route of the product: JSON, or a failure.
pub type Answer = Result<Json<Value>, Failure>;

/// What went wrong in a route of the product, whose answer says it in a line of text.
#[derive(Debug)]
pub struct Failure(ScimError);

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(known(error.into()))
    }
}

/// The errors of the library say which status they are; everything else is a fault of the product.
fn known(error: Error) -> ScimError {
    let error = match error.downcast::<StoreError>() {
        Ok(error) => return (*error).into(),
        Err(error) => error,
    };
    let error = match error.downcast::<ConnectionError>() {
        Ok(error) => return (*error).into(),
        Err(error) => error,
    };
    match error.downcast::<ScimError>() {
        Ok(error) => *error,
        Err(error) => ScimError::internal(error),
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if self.0.status().is_server_error() {
            let cause = std::error::Error::source(&self.0).map(ToString::to_string).unwrap_or_default();
            tracing::error!(cause, "{}", self.0);
        }
        (self.0.status(), self.0.to_string()).into_response()
    }
}
