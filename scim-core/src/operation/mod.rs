//! The operations of the protocol on resources (RFC 7644 s3), one a file.
//!
//! Each takes what has been read of a request and returns an [`Outcome`]; nothing here knows bytes.

mod create;
mod delete;
mod get;
mod list;
mod modify;
mod patch;
mod replace;

use http::StatusCode;
use serde_json::{Map, Value};

use crate::context::Context;
use crate::error::ScimError;
use crate::projection::Projection;
use crate::request::{Parameters, Preconditions};
use crate::resource::{Member, Resource, Version};
use crate::schema::Normalized;
use crate::served_type::ServedType;
use crate::server::Engine;
use crate::store::{Page, StoreError};

/// One operation under way: on what, for whom, and what the answer is to show.
#[derive(Clone, Copy)]
pub(crate) struct Operation<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) served: &'a ServedType,
    pub(crate) cx: &'a Context,
    pub(crate) preconditions: &'a Preconditions,
    pub(crate) projection: &'a Projection,
}

/// What came of an operation.
pub(crate) struct Outcome {
    pub(crate) result: Result,
    /// The attributes of the request that were left out.
    pub(crate) ignored: Vec<String>,
}

/// What is to be answered.
pub(crate) enum Result {
    /// A resource, as 200 or 201.
    Resource(StatusCode, Resource),
    /// Done, and there is nothing to show.
    NoContent(Option<Version>),
    /// The client has it already.
    NotModified(Version),
    /// A page of a list.
    Page(Page, usize),
}

impl Outcome {
    fn of(result: Result) -> Self {
        Self { result, ignored: Vec::new() }
    }

    fn ignoring(self, ignored: Vec<String>) -> Self {
        Self { ignored, ..self }
    }
}

impl Operation<'_> {
    /// Waits for the store, as long as the limits allow.
    async fn store<T>(
        &self,
        call: impl std::future::Future<Output = std::result::Result<T, StoreError>>,
    ) -> std::result::Result<T, StoreError> {
        self.engine.within_store_timeout(call).await
    }

    /// Normalises the body of a POST or PUT.
    fn normalize(&self, body: Map<String, Value>) -> std::result::Result<Normalized, ScimError> {
        crate::schema::normalize::Normalizer::new(&self.cx.resource_type, &self.cx.profile, &self.cx.limits)
            .resource(body)
    }

    /// Takes the members out of a document whose store keeps them apart.
    fn detach_members(&self, normalized: &mut Normalized) -> std::result::Result<Vec<Member>, ScimError> {
        if !self.served.capabilities.detached_members || normalized.attributes.get("members").is_none() {
            return Ok(Vec::new());
        }
        let Some(Value::Array(list)) = normalized.attributes.make_mut().remove("members") else {
            return Ok(Vec::new());
        };
        let mut known = std::collections::HashSet::with_capacity(list.len());
        let mut members = Vec::with_capacity(list.len());
        for element in &list {
            let member =
                Member::from_value(element).ok_or_else(|| ScimError::invalid_value("A member must have a value"))?;
            if known.insert(member.value.clone()) {
                members.push(member);
            }
        }
        Ok(members)
    }
}

/// What the query parameters ask to be shown, or what is shown without any.
pub(crate) fn projection<'a>(
    served: &'a ServedType,
    parameters: &Parameters,
    requested: &'a mut Option<Projection>,
) -> &'a Projection {
    *requested = Projection::requested(&served.resource_type, parameters);
    requested.as_ref().unwrap_or(&served.projection)
}
