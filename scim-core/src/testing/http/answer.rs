//! A response as checks look at it.

use bytes::Bytes;
use http::{HeaderMap, Response};
use serde_json::{json, Value};

use crate::error::ERROR_SCHEMA;
use crate::response::LIST_RESPONSE;
use crate::testing::check::{ensure, ensure_eq, Failure, Verdict};

/// A response, and to what.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// The request line.
    pub(super) request: String,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The body; `null` where it is no JSON.
    pub(super) json: Value,
}

impl Answer {
    pub(super) fn new(request: String, response: Response<Bytes>) -> Self {
        let (head, body) = response.into_parts();
        let json = serde_json::from_slice(&body).unwrap_or_default();
        Self { request, status: head.status.as_u16(), headers: head.headers, body, json }
    }

    /// The answer, if it has this status.
    pub(super) fn expect(self, status: u16) -> Result<Self, Failure> {
        if self.status == status {
            return Ok(self);
        }
        Err(Failure::new(format!("{}: expected {status}, found {} with {}", self.request, self.status, self.shown())))
    }

    /// Fails unless this is a SCIM error of this status and keyword; an empty one for none (RFC 7644 s3.12).
    pub(super) fn is_error(&self, status: u16, scim_type: &str) -> Verdict {
        let request = &self.request;
        ensure_eq!(self.status, status, "{request}: the status, with {}", self.shown());
        ensure_eq!(self.header("content-type"), Some("application/scim+json"), "{request}: the type of an error");
        ensure_eq!(self.json["schemas"], json!([ERROR_SCHEMA]), "{request}: the schemas of an error");
        ensure_eq!(self.json["status"], json!(status.to_string()), "{request}: the status in the body");
        let found = self.json["scimType"].as_str().unwrap_or_default();
        ensure_eq!(found, scim_type, "{request}: the scimType, with {}", self.shown());
        let detail = self.json["detail"].as_str().unwrap_or_default();
        ensure!(!detail.is_empty(), "{request}: the error has no detail");
        Ok(())
    }

    /// What an error says.
    pub(super) fn detail(&self) -> &str {
        self.json["detail"].as_str().unwrap_or_default()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The id of a resource.
    pub(super) fn id(&self) -> Result<&str, Failure> {
        let id = self.json["id"].as_str();
        id.ok_or_else(|| Failure::new(format!("{}: there is no id in {}", self.request, self.shown())))
    }

    /// The entity tag.
    pub(super) fn etag(&self) -> Result<&str, Failure> {
        self.header("etag").ok_or_else(|| Failure::new(format!("{}: there is no ETag", self.request)))
    }

    /// The page of a list, if this is one that is in order (RFC 7644 s3.4.2).
    pub(super) fn page(&self) -> Result<&Vec<Value>, Failure> {
        let request = &self.request;
        ensure_eq!(self.status, 200, "{request}: the status of a list, with {}", self.shown());
        ensure_eq!(self.json["schemas"], json!([LIST_RESPONSE]), "{request}: the schemas of a list");
        let Some(resources) = self.json["Resources"].as_array() else {
            return Err(Failure::new(format!("{request}: there are no Resources in {}", self.shown())));
        };
        ensure_eq!(self.json["itemsPerPage"], json!(resources.len()), "{request}: itemsPerPage");
        Ok(resources)
    }

    /// How many resources a query finds in all.
    pub(super) fn total(&self) -> Result<usize, Failure> {
        let total = self.json["totalResults"].as_u64().and_then(|total| usize::try_from(total).ok());
        total.ok_or_else(|| Failure::new(format!("{}: there is no totalResults", self.request)))
    }

    /// What each resource of a page has in a string attribute, in the order of the page.
    pub(super) fn strings(&self, attribute: &str) -> Result<Vec<&str>, Failure> {
        Ok(self.page()?.iter().map(|resource| resource[attribute].as_str().unwrap_or_default()).collect())
    }

    /// The ids of a page, sorted.
    pub(super) fn ids(&self) -> Result<Vec<&str>, Failure> {
        let mut ids = self.strings("id")?;
        ids.sort_unstable();
        Ok(ids)
    }

    /// The beginning of the body.
    fn shown(&self) -> String {
        if self.body.is_empty() {
            return "no body".to_owned();
        }
        String::from_utf8_lossy(&self.body).chars().take(300).collect()
    }
}

/// Fails unless all these names, and no others, are in the object.
pub(super) fn has_names(value: &Value, expected: &[&str], what: &str) -> Verdict {
    let mut found: Vec<&str> =
        value.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default();
    let mut expected = expected.to_vec();
    found.sort_unstable();
    expected.sort_unstable();
    ensure_eq!(found, expected, "the names in {what}");
    Ok(())
}
