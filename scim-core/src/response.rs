//! From what came of an operation to an HTTP response (RFC 7644 s3).

use bytes::Bytes;
use http::header::{
    HeaderMap, HeaderName, ALLOW, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::{HeaderValue, Method, Response, StatusCode};
use serde::Serialize;

use crate::context::RequestId;
use crate::error::{ErrorKind, ScimError};
use crate::json_writer::JsonWriter;
use crate::operation::{self, Listing, Outcome};
use crate::projection::Projection;
use crate::representation::Representation;
use crate::resource::{Resource, ResourceId, Version};
use crate::served_type::{Location, ServedType};

/// The schema URI of a list (RFC 7644 s3.4.2).
pub(crate) const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// How many headers an answer to an operation on a resource has. Adapters add to them.
const MOST_HEADERS: usize = 6;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A response under construction.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) ignored: Vec<String>,
    /// The resource that it is about.
    pub(crate) resource_id: Option<ResourceId>,
    /// How many operations of a Bulk request failed.
    pub(crate) failed_operations: u64,
    body: Option<Bytes>,
    headers: HeaderMap,
}

impl Answer {
    fn empty(status: StatusCode) -> Self {
        Self {
            status,
            ignored: Vec::new(),
            resource_id: None,
            failed_operations: 0,
            body: None,
            headers: HeaderMap::with_capacity(MOST_HEADERS),
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
            self.headers.insert(name, value);
        }
        self
    }

    /// The same with the permanent location of a resource, unless it has one (RFC 7644 s3.11).
    pub(crate) fn with_location(self, location: Location<'_>) -> Self {
        if self.headers.contains_key(LOCATION) {
            return self;
        }
        self.located(location.to_bytes())
    }

    /// The same with the URL of what it is about.
    pub(crate) fn located(self, url: impl Into<Bytes>) -> Self {
        self.with(LOCATION, url)
    }

    fn with_version(self, version: &Version) -> Self {
        self.with(ETAG, ["W/\"", version.as_str(), "\""].concat())
    }

    /// As an HTTP response; to HEAD without the body, whose length is still told (RFC 9110 s9.3.2).
    pub(crate) fn into_response(self, method: &Method, request_id: &RequestId) -> Response<Bytes> {
        let body = self.body.unwrap_or_default();
        let length = body.len();
        let has_body = length > 0;
        let mut response = Response::new(if *method == Method::HEAD { Bytes::new() } else { body });
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        let headers = response.headers_mut();
        if has_body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/scim+json"));
            if *method == Method::HEAD {
                headers.insert(CONTENT_LENGTH, length.into());
            }
        }
        if let Ok(value) = HeaderValue::from_str(request_id.as_str()) {
            headers.insert(REQUEST_ID, value);
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
pub(crate) fn of_outcome(shown: &[(&ServedType, &Projection)], outcome: Outcome) -> Result<Answer, ScimError> {
    let mut answer = match &outcome.result {
        operation::Result::Resource(status, resource) => match shown.first() {
            Some((served, projection)) => of_resource(served, projection, *status, resource),
            None => return Err(ScimError::internal("a resource without a type")),
        },
        operation::Result::NoContent(None) => Answer::empty(StatusCode::NO_CONTENT),
        operation::Result::NoContent(Some((id, version))) => {
            let answer = Answer::empty(StatusCode::NO_CONTENT).with_version(version);
            match shown.first() {
                Some((served, _)) => answer.with_location(served.location(id)),
                None => answer,
            }
        }
        operation::Result::NotModified(version) => Answer::empty(StatusCode::NOT_MODIFIED).with_version(version),
        operation::Result::Listing(listing) => Answer::json(StatusCode::OK, ListResponse { shown, listing }.to_bytes()),
    };
    answer.ignored = outcome.ignored;
    Ok(answer)
}

fn of_resource(served: &ServedType, projection: &Projection, status: StatusCode, resource: &Resource) -> Answer {
    let mut json = JsonWriter::with_capacity(served.usual_bytes());
    Representation { served, resource, projection }.write(&mut json);
    served.learn_bytes(json.len());
    let mut answer = Answer::json(status, json.into_bytes().into())
        .located(served.location(&resource.id).to_bytes())
        .with_version(&resource.meta.version);
    answer.resource_id = Some(resource.id.clone());
    answer
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

impl ListResponse<'_> {
    fn to_bytes(&self) -> Bytes {
        let Listing { resources, total, start_index, next_cursor, previous_cursor } = self.listing;
        let mut json = JsonWriter::with_capacity(1_024);
        json.begin_object();
        json.name("schemas");
        json.begin_array();
        json.string(LIST_RESPONSE);
        json.end_array();
        if let Some(total) = total {
            json.name("totalResults");
            json.number(total);
        }
        if let Some(start_index) = start_index {
            json.name("startIndex");
            json.number(start_index);
        }
        json.name("itemsPerPage");
        json.number(resources.len());
        if let Some(cursor) = previous_cursor {
            json.name("previousCursor");
            json.string(cursor);
        }
        if let Some(cursor) = next_cursor {
            json.name("nextCursor");
            json.string(cursor);
        }
        json.name("Resources");
        self.resources(&mut json);
        json.end_object();
        json.into_bytes().into()
    }

    /// The first resource tells how much room the others take, within a bound.
    fn resources(&self, json: &mut JsonWriter) {
        const MOST_AHEAD: usize = 1024 * 1024;
        json.begin_array();
        let mut left = self.listing.resources.len();
        for (place, resource) in &self.listing.resources {
            let Some((served, projection)) = self.shown.get(*place) else { continue };
            let before = json.len();
            json.element();
            Representation { served, resource, projection }.write(json);
            if left == self.listing.resources.len() {
                let bytes = json.len().saturating_sub(before).saturating_add(64);
                json.reserve(bytes.saturating_mul(left).min(MOST_AHEAD));
            }
            left = left.saturating_sub(1);
        }
        json.end_array();
    }
}
