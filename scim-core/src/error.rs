//! The errors of the protocol: RFC 7644 s3.12, RFC 9865 s2.1.
//!
//! [`ScimError`] says what went wrong as a matchable [`ErrorKind`]; this module is the only place that knows which
//! HTTP status code a kind becomes.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;
use serde::Serialize;

/// The schema URI of a SCIM error body (RFC 7644 s3.12).
pub const ERROR_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// How much of the client's own input an error message repeats, in bytes.
const ECHOED_INPUT: usize = 64;

/// The detail keywords of RFC 7644 s3.12 table 9 and RFC 9865 s2.1 table 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScimType {
    /// The filter syntax is wrong, or the attribute and operator do not go together.
    InvalidFilter,
    /// The request would yield, or holds, more than the server is willing to process.
    TooMany,
    /// A unique attribute value is taken.
    Uniqueness,
    /// A read-only or immutable attribute was to be modified.
    Mutability,
    /// The body is not JSON, or not of the structure the request needs.
    InvalidSyntax,
    /// The path of a PATCH operation is malformed or leads nowhere.
    InvalidPath,
    /// The path of a PATCH operation matched no value to operate on.
    NoTarget,
    /// A required value is missing, or a value does not fit its attribute.
    InvalidValue,
    /// The protocol version is not supported.
    InvalidVers,
    /// The request carries personal data in a URI where it must not.
    Sensitive,
    /// The cursor is not one this server issued for this query (RFC 9865 s2.1).
    InvalidCursor,
    /// The cursor was good once (RFC 9865 s2.1).
    ExpiredCursor,
    /// The count does not go with the cursor (RFC 9865 s2.1).
    InvalidCount,
}

impl ScimType {
    /// The keyword as it stands in an error body.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

/// What went wrong, as far as the protocol tells.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// 400, with the keyword that says why.
    BadRequest(ScimType),
    /// 401: no credential, or none that is accepted.
    Unauthorized,
    /// 403: the principal may not do this.
    Forbidden,
    /// 404: no such resource or endpoint.
    NotFound,
    /// 405, with the methods that the endpoint takes, as an `Allow` header lists them.
    MethodNotAllowed(&'static str),
    /// 408: the request took too long to arrive.
    RequestTimeout,
    /// 409 with scimType `uniqueness`: the value of this attribute is taken.
    Uniqueness,
    /// 409 for any other conflict.
    Conflict,
    /// 412: the version of `If-Match` or `If-None-Match` is not the current one.
    PreconditionFailed,
    /// 413: the body, or a list in it, is larger than the server takes.
    PayloadTooLarge,
    /// 415: the body is not SCIM JSON.
    UnsupportedMediaType,
    /// 501: the service provider does not offer the operation.
    NotImplemented,
    /// 500: a fault of the server or its backend.
    Internal,
    /// 503: the backend is out of reach; try again after this many seconds.
    Unavailable {
        /// For the `Retry-After` header, in seconds.
        retry_after: u32,
    },
}

/// An error of the protocol: a kind, a sentence for whoever configures the client, and the cause for the log.
///
/// The sentence (`detail`) says what to change, names the attribute, repeats at most 64 bytes of input and nothing of
/// the backend. The source never reaches the client.
///
/// ```
/// use scim_core::{ErrorKind, ScimError, ScimType};
///
/// let error = ScimError::invalid_value("userName is required");
/// assert_eq!(error.kind(), &ErrorKind::BadRequest(ScimType::InvalidValue));
/// assert_eq!(error.status(), http::StatusCode::BAD_REQUEST);
/// ```
#[derive(Debug)]
pub struct ScimError {
    kind: ErrorKind,
    detail: Cow<'static, str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl ScimError {
    /// An error of the given kind; `detail` is shown to the client.
    pub fn new(kind: ErrorKind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, detail: detail.into(), source: None }
    }

    /// A 400 with the given keyword.
    pub fn bad_request(scim_type: ScimType, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::BadRequest(scim_type), detail)
    }

    /// 400 `invalidSyntax`.
    pub fn invalid_syntax(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::bad_request(ScimType::InvalidSyntax, detail)
    }

    /// 400 `invalidValue`.
    pub fn invalid_value(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::bad_request(ScimType::InvalidValue, detail)
    }

    /// 400 `invalidPath`.
    pub fn invalid_path(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::bad_request(ScimType::InvalidPath, detail)
    }

    /// 400 `invalidFilter`.
    pub fn invalid_filter(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::bad_request(ScimType::InvalidFilter, detail)
    }

    /// 400 `mutability`.
    pub fn mutability(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::bad_request(ScimType::Mutability, detail)
    }

    /// 400 `noTarget`.
    pub fn no_target(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::bad_request(ScimType::NoTarget, detail)
    }

    /// 404 for a resource of this id; the id is repeated shortened.
    #[must_use]
    pub fn resource_not_found(id: &str) -> Self {
        Self::new(ErrorKind::NotFound, format!("Resource {} not found", quoted(id)))
    }

    /// 413.
    pub fn payload_too_large(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::PayloadTooLarge, detail)
    }

    /// 500 with a cause that is logged and not shown.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(ErrorKind::Internal, "The server could not process the request; its log has the cause")
            .with_source(source)
    }

    /// The same error with a cause for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The sentence for the client.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The keyword of the error body, if the kind has one: every 400, and uniqueness conflicts.
    #[must_use]
    pub fn scim_type(&self) -> Option<ScimType> {
        match self.kind {
            ErrorKind::BadRequest(scim_type) => Some(scim_type),
            ErrorKind::Uniqueness => Some(ScimType::Uniqueness),
            _ => None,
        }
    }

    /// The HTTP status code (RFC 7644 s3.12 table 8).
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.kind {
            ErrorKind::BadRequest(_) => StatusCode::BAD_REQUEST,
            ErrorKind::Unauthorized => StatusCode::UNAUTHORIZED,
            ErrorKind::Forbidden => StatusCode::FORBIDDEN,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            ErrorKind::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            ErrorKind::Uniqueness | ErrorKind::Conflict => StatusCode::CONFLICT,
            ErrorKind::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            ErrorKind::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorKind::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorKind::NotImplemented => StatusCode::NOT_IMPLEMENTED,
            ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            ErrorKind::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The error as the body of RFC 7644 s3.12, for serialisation.
    pub(crate) fn body(&self) -> ErrorBody<'_> {
        ErrorBody {
            schemas: [ERROR_SCHEMA],
            status: self.status().as_str().to_owned(),
            scim_type: self.scim_type().map(ScimType::as_str),
            detail: &self.detail,
        }
    }
}

impl fmt::Display for ScimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status().as_u16(), self.detail)
    }
}

impl StdError for ScimError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// The body of RFC 7644 s3.12; `status` is a string there.
#[derive(Debug, Serialize)]
pub(crate) struct ErrorBody<'a> {
    schemas: [&'static str; 1],
    #[serde(rename = "scimType", skip_serializing_if = "Option::is_none")]
    scim_type: Option<&'static str>,
    detail: &'a str,
    status: String,
}

/// Client input for an error message: in quotes, at most 64 bytes of it, control characters replaced.
pub(crate) fn quoted(input: &str) -> String {
    let mut end = input.len().min(ECHOED_INPUT);
    while !input.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let shown = input.get(..end).unwrap_or_default();
    let mut text = String::with_capacity(shown.len().saturating_add(5));
    text.push('"');
    text.extend(shown.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }));
    if end < input.len() {
        text.push('…');
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc7644_s3_12_status_is_a_string_and_scim_type_is_there_on_400() {
        let body = serde_json::to_value(ScimError::invalid_filter("no").body()).unwrap();
        assert_eq!(
            body,
            serde_json::json!({"schemas": [ERROR_SCHEMA], "status": "400", "scimType": "invalidFilter", "detail": "no"})
        );
    }

    #[test]
    fn echoed_input_is_cut_at_a_character_and_holds_no_control_characters() {
        let long = "é".repeat(40) + "\n";
        let shown = quoted(&long);
        assert!(shown.len() <= ECHOED_INPUT + 5, "{shown}");
        assert!(shown.ends_with("…\""));
        assert_eq!(quoted("a\nb"), "\"a\u{fffd}b\"");
    }
}
