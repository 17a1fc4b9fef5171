//! Why there is no page.

use std::error::Error;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use scim_core::StoreError;

pub(crate) enum Failure {
    NotFound,
    Internal(Box<dyn Error + Send + Sync>),
}

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let error: Box<dyn Error + Send + Sync> = error.into();
        match error.downcast_ref() {
            Some(StoreError::NotFound) => Self::NotFound,
            _ => Self::Internal(error),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "There is no such page").into_response(),
            Self::Internal(error) => {
                tracing::error!(%error, "a page failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong; please try again").into_response()
            }
        }
    }
}
