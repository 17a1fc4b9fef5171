//! The results of the operations as JSON (RFC 7644 s3.7, s3.7.3).

use std::fmt;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::plan::{Heading, Target};
use super::results::{Done, Results};
use crate::error::ScimError;
use crate::resource::ResourceId;
use crate::server::Engine;

/// The schema URI of the response to a Bulk request.
const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// The answer to a Bulk request: the results of the operations that were performed, in the order of the request.
pub(super) struct BulkResponse<'a> {
    pub(super) engine: &'a Engine,
    pub(super) results: &'a Results,
}

impl Serialize for BulkResponse<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("schemas", &[BULK_RESPONSE])?;
        map.serialize_entry("Operations", &Operations(self))?;
        map.end()
    }
}

struct Operations<'a>(&'a BulkResponse<'a>);

impl Serialize for Operations<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let BulkResponse { engine, results } = *self.0;
        let mut list = serializer.serialize_seq(None)?;
        for (place, heading) in results.headings.iter().enumerate() {
            if let Some(result) = results.get(place) {
                list.serialize_element(&OperationResult { engine, results, place, heading, result })?;
            }
        }
        list.end()
    }
}

struct OperationResult<'a> {
    engine: &'a Engine,
    results: &'a Results,
    place: usize,
    heading: &'a Heading,
    result: &'a Result<Done, ScimError>,
}

impl Serialize for OperationResult<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(location) = self.location() {
            map.serialize_entry("location", &Text(location))?;
        }
        if let Some(method) = &self.heading.method {
            map.serialize_entry("method", method)?;
        }
        if let Some(bulk_id) = &self.heading.bulk_id {
            map.serialize_entry("bulkId", bulk_id)?;
        }
        match self.result {
            Ok(done) => {
                if let Some(version) = &done.version {
                    map.serialize_entry("version", &Text(format_args!("W/\"{version}\"")))?;
                }
                map.serialize_entry("status", done.status.as_str())?;
            }
            Err(error) => {
                map.serialize_entry("status", error.status().as_str())?;
                map.serialize_entry("response", &error.body())?;
            }
        }
        map.end()
    }
}

impl OperationResult<'_> {
    /// Where the resource is: of every operation but a POST that failed. A path that names nothing is repeated.
    fn location(&self) -> Option<Location<'_>> {
        let resource = |resource_type: usize, id: ResourceId| Location::Resource(self.engine, resource_type, id);
        match &self.heading.target {
            _ if self.heading.method.as_deref() == Some("POST") => {
                let Target::Endpoint(resource_type) = &self.heading.target else { return None };
                self.results.created_by(self.place).map(|id| resource(*resource_type, id.clone()))
            }
            Target::Resource(resource_type, id) => Some(resource(*resource_type, id.clone())),
            Target::Created { resource_type, by } => {
                let as_sent = || {
                    let bulk_id = self.results.headings.get(*by).and_then(|heading| heading.bulk_id.as_deref());
                    ResourceId::new(format!("bulkId:{}", bulk_id.unwrap_or_default()))
                };
                Some(resource(*resource_type, self.results.created_by(*by).cloned().unwrap_or_else(as_sent)))
            }
            Target::Endpoint(resource_type) => Some(Location::Endpoint(self.engine, *resource_type)),
            Target::Elsewhere(path) if path.is_empty() => None,
            Target::Elsewhere(path) => Some(Location::Elsewhere(self.engine, path)),
        }
    }
}

/// A URL, written without an allocation.
enum Location<'a> {
    Resource(&'a Engine, usize, ResourceId),
    Endpoint(&'a Engine, usize),
    Elsewhere(&'a Engine, &'a str),
}

impl fmt::Display for Location<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource(engine, resource_type, id) => match engine.faces.common.types.get(*resource_type) {
                Some(served) => served.location(id).fmt(f),
                None => Ok(()),
            },
            Self::Endpoint(engine, resource_type) => match engine.faces.common.types.get(*resource_type) {
                Some(served) => f.write_str(&served.url),
                None => Ok(()),
            },
            Self::Elsewhere(_, path) if path.contains("://") => f.write_str(path),
            Self::Elsewhere(engine, path) => write!(f, "{}/{}", engine.base_url, path.trim_start_matches('/')),
        }
    }
}

/// What displays, as a JSON string.
struct Text<T>(T);

impl<T: fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
