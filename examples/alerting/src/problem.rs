//! What goes wrong in the product's own routes.

use axum::response::{IntoResponse, Response};
use scim_core::ScimError;

pub(crate) struct Problem(ScimError);

impl<E: Into<ScimError>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0.status(), self.0.to_string()).into_response()
    }
}
