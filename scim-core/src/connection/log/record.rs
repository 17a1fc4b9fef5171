//! One line of the request log.

use std::borrow::Cow;

use crate::context::RequestId;
use crate::resource::{ConnectionId, DateTime, KeyId, ResourceId, TenantId};

/// What a connection asked and what it was answered, without values: nothing of it is personal data beyond the
/// identifier of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// When the answer was ready.
    pub time: DateTime,
    /// The customer.
    pub tenant: TenantId,
    /// The connection that asked.
    pub connection: ConnectionId,
    /// The key it asked with, if it was a key.
    pub key: Option<KeyId>,
    /// The identifier of the request, which the answer has as `X-Request-Id`; at most 64 printable ASCII characters.
    pub request_id: RequestId,
    /// The method; `other` for one that the protocol does not have.
    pub method: Cow<'static, str>,
    /// The endpoint with its variable parts replaced, such as `/Users/{id}`; `unknown` for none.
    pub route: String,
    /// The resource, where the request is about one. An id that led nowhere is there only where it is a UUID or a
    /// number: anything else may be a value in the wrong place.
    pub resource_id: Option<ResourceId>,
    /// The HTTP status code.
    pub status: u16,
    /// The keyword of an error (RFC 7644 s3.12), such as `uniqueness`.
    pub scim_type: Option<Cow<'static, str>>,
    /// The sentence of an error with `"..."` for what it quotes, or how many operations of a Bulk request failed.
    pub detail: Option<String>,
    /// The names of attributes that were ignored, at most ten of at most 64 bytes.
    pub ignored: Vec<String>,
    /// How long it took, in microseconds.
    pub micros: u64,
}

impl RequestRecord {
    /// A record of the least there is to say.
    pub fn new(
        time: DateTime,
        tenant: TenantId,
        connection: ConnectionId,
        method: impl Into<Cow<'static, str>>,
        route: impl Into<String>,
        status: u16,
    ) -> Self {
        Self {
            time,
            tenant,
            connection,
            key: None,
            request_id: RequestId::default(),
            method: method.into(),
            route: route.into(),
            resource_id: None,
            status,
            scim_type: None,
            detail: None,
            ignored: Vec::new(),
            micros: 0,
        }
    }
}
