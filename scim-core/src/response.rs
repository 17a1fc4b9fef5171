//! From what came of an operation to an HTTP response (RFC 7644 s3).

use std::fmt::Write as _;

use bytes::Bytes;
use http::header::{HeaderName, ALLOW, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, Response, StatusCode};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::context::RequestId;
use crate::error::{ErrorKind, ScimError};
use crate::operation::{self, Listing, Outcome};
use crate::projection::Projection;
use crate::representation::Representation;
use crate::resource::{Resource, ResourceId, Version};
use crate::served_type::ServedType;

/// The schema URI of a list (RFC 7644 s3.4.2).
pub(crate) const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// A response under construction.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) ignored: Vec<String>,
    /// The resource that it is about.
    pub(crate) resource_id: Option<ResourceId>,
    /// How many operations of a Bulk request failed.
    pub(crate) failed_operations: u64,
    body: Option<Bytes>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Answer {
    fn empty(status: StatusCode) -> Self {
        Self {
            status,
            ignored: Vec::new(),
            resource_id: None,
            failed_operations: 0,
            body: None,
            headers: Vec::with_capacity(2),
        }
    }

    /// A body that is JSON already.
    pub(crate) fn json(status: StatusCode, body: Bytes) -> Self {
        Self { body: Some(body), ..Self::empty(status) }
    }

    /// An error as RFC 7644 s3.12 has it. A fault of the server names the request, so that its cause is found in the log.
    pub(crate) fn of_error(error: &ScimError, request_id: &RequestId) -> Self {
        let named = with_request_id(error, request_id);
        let error = named.as_ref().unwrap_or(error);
        let body = serde_json::to_vec(&error.body()).unwrap_or_default();
        let answer = Self::json(error.status(), body.into());
        match error.kind() {
            ErrorKind::Unauthorized => answer.with(WWW_AUTHENTICATE, "Bearer realm=\"SCIM\""),
            ErrorKind::MethodNotAllowed(allowed) => answer.with(ALLOW, *allowed),
            ErrorKind::Unavailable { retry_after } => answer.with(RETRY_AFTER, retry_after.to_string()),
            _ => answer,
        }
    }

    /// The same with attributes of the request that were left out.
    pub(crate) fn ignoring(self, ignored: Vec<String>) -> Self {
        Self { ignored, ..self }
    }

    /// The same with a header; a value that no header can hold is left out.
    fn with(mut self, name: HeaderName, value: impl Into<Bytes>) -> Self {
        if let Ok(value) = HeaderValue::from_maybe_shared(value.into()) {
            self.headers.push((name, value));
        }
        self
    }

    /// The same with the permanent location of a resource, unless it has one (RFC 7644 s3.11).
    pub(crate) fn with_location(self, location: &str) -> Self {
        if self.headers.iter().any(|(name, _)| name == LOCATION) {
            return self;
        }
        self.with(LOCATION, location.to_owned())
    }

    fn with_version(self, version: &Version) -> Self {
        self.with(ETAG, format!("W/\"{version}\""))
    }

    /// As an HTTP response; to HEAD without the body, whose length is still told (RFC 9110 s9.3.2).
    pub(crate) fn into_response(self, method: &Method, request_id: &RequestId) -> Response<Bytes> {
        let body = self.body.unwrap_or_default();
        let length = body.len();
        let has_body = length > 0;
        let mut response = Response::new(if *method == Method::HEAD { Bytes::new() } else { body });
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.reserve(6);
        headers.extend(self.headers.into_iter().map(|(name, value)| (Some(name), value)));
        if has_body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/scim+json"));
            if *method == Method::HEAD {
                headers.insert(CONTENT_LENGTH, length.into());
            }
        }
        if let Ok(value) = HeaderValue::from_str(request_id.as_str()) {
            headers.insert(HeaderName::from_static("x-request-id"), value);
        }
        response
    }
}

/// A fault of the server as the client sees it; `None` for any other error.
pub(crate) fn with_request_id(error: &ScimError, request_id: &RequestId) -> Option<ScimError> {
    let is_fault = matches!(error.kind(), ErrorKind::Internal | ErrorKind::Unavailable { .. });
    is_fault.then(|| ScimError::new(error.kind().clone(), format!("{} (request {request_id})", error.detail())))
}

/// The answer to an operation on resources.
///
/// # Errors
///
/// 500 if a resource cannot be written as JSON, which only a store's own numbers could bring about.
pub(crate) fn of_outcome(shown: &[(&ServedType, &Projection)], outcome: Outcome) -> Result<Answer, ScimError> {
    let mut answer = match &outcome.result {
        operation::Result::Resource(status, resource) => match shown.first() {
            Some((served, projection)) => of_resource(served, projection, *status, resource)?,
            None => return Err(ScimError::internal("a resource without a type")),
        },
        operation::Result::NoContent(version) => {
            let answer = Answer::empty(StatusCode::NO_CONTENT);
            match version {
                Some(version) => answer.with_version(version),
                None => answer,
            }
        }
        operation::Result::NotModified(version) => Answer::empty(StatusCode::NOT_MODIFIED).with_version(version),
        operation::Result::Listing(listing) => {
            Answer::json(StatusCode::OK, to_bytes(&ListResponse { shown, listing })?)
        }
    };
    answer.ignored = outcome.ignored;
    Ok(answer)
}

fn of_resource(
    served: &ServedType,
    projection: &Projection,
    status: StatusCode,
    resource: &Resource,
) -> Result<Answer, ScimError> {
    let body = to_bytes(&Representation { served, resource, projection })?;
    let mut location = String::with_capacity(served.url.len().saturating_add(40));
    let _ = write!(location, "{}", served.location(&resource.id));
    let mut answer = Answer::json(status, body).with(LOCATION, location).with_version(&resource.meta.version);
    answer.resource_id = Some(resource.id.clone());
    Ok(answer)
}

pub(crate) fn to_bytes(value: &impl Serialize) -> Result<Bytes, ScimError> {
    let mut buffer = Vec::with_capacity(4_096);
    serde_json::to_writer(&mut buffer, value).map_err(ScimError::internal)?;
    Ok(buffer.into())
}

/// A page as RFC 7644 s3.4.2 and RFC 9865 s2 have it.
struct ListResponse<'a> {
    /// Each resource type that was asked, and what of its resources is shown.
    shown: &'a [(&'a ServedType, &'a Projection)],
    listing: &'a Listing,
}

impl Serialize for ListResponse<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Listing { resources, total, start_index, next_cursor, previous_cursor } = self.listing;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schemas", &[LIST_RESPONSE])?;
        if let Some(total) = total {
            map.serialize_entry("totalResults", total)?;
        }
        if let Some(start_index) = start_index {
            map.serialize_entry("startIndex", start_index)?;
        }
        map.serialize_entry("itemsPerPage", &resources.len())?;
        if let Some(cursor) = previous_cursor {
            map.serialize_entry("previousCursor", cursor)?;
        }
        if let Some(cursor) = next_cursor {
            map.serialize_entry("nextCursor", cursor)?;
        }
        map.serialize_entry("Resources", &Resources(self))?;
        map.end()
    }
}

struct Resources<'a>(&'a ListResponse<'a>);

impl Serialize for Resources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ListResponse { shown, listing } = self.0;
        let mut list = serializer.serialize_seq(Some(listing.resources.len()))?;
        for (place, resource) in &listing.resources {
            if let Some((served, projection)) = shown.get(*place) {
                list.serialize_element(&Representation { served, resource, projection })?;
            }
        }
        list.end()
    }
}
