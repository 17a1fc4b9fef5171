//! The operations of the protocol on resources (RFC 7644 s3), one a file.
//!
//! Each takes what has been read of a request and returns an [`Outcome`]; nothing here knows bytes.

pub(crate) mod bulk;
mod create;
mod delete;
mod get;
mod leave;
mod list;
mod modify;
mod patch;
mod replace;
mod restore;
pub(crate) mod search;
mod unit;
mod unknown_members;
mod write_only;

use unit::Unit;
pub use unknown_members::UnknownMembers;

use http::StatusCode;
use serde_json::{Map, Value};

use crate::context::Context;
use crate::error::ScimError;
use crate::hook::{Event, Write};
use crate::patch::Budget;
use crate::projection::Projection;
use crate::request::Preconditions;
use crate::resource::{Member, Resource, ResourceId, Version};
use crate::schema::{Normalized, ResolvedPath};
use crate::served_type::ServedType;
use crate::server::Engine;
use crate::store::{ResourceStore, StoreError};

/// One operation under way: on what, for whom, and what the answer is to show.
#[derive(Clone, Copy)]
pub(crate) struct Operation<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) served: &'a ServedType,
    pub(crate) cx: &'a Context,
    pub(crate) preconditions: &'a Preconditions,
    pub(crate) projection: &'a Projection,
    /// The unit of work that it is part of.
    pub(crate) unit: Option<&'a Unit>,
    /// What all PATCHes of a request may go through together, where it has several.
    pub(crate) budget: Option<&'a Budget>,
}

/// What came of an operation.
pub(crate) struct Outcome {
    pub(crate) result: Result,
    /// The attributes of the request that were left out.
    pub(crate) ignored: Vec<String>,
    /// What is shown of the resource, where that is not what the operation was told to show.
    pub(crate) shown: Option<Box<Projection>>,
}

/// What is to be answered.
pub(crate) enum Result {
    /// A resource, as 200 or 201.
    Resource(StatusCode, Resource),
    /// Done, and there is nothing to show; of which resource and version, unless that is gone.
    NoContent(Option<(ResourceId, Version)>),
    /// The client has it already.
    NotModified(Version),
    /// A page of a list.
    Listing(Listing),
}

/// A page of a list, of one resource type or of several.
pub(crate) struct Listing {
    /// Each resource with the place of its type among those that were asked.
    pub(crate) resources: Vec<(usize, Resource)>,
    pub(crate) total: Option<usize>,
    /// The place of the first resource, for index paging (RFC 7644 s3.4.2.4).
    pub(crate) start_index: Option<usize>,
    /// For cursor paging (RFC 9865).
    pub(crate) next_cursor: Option<String>,
    pub(crate) previous_cursor: Option<String>,
}

impl Outcome {
    fn of(result: Result) -> Self {
        Self { result, ignored: Vec::new(), shown: None }
    }

    fn ignoring(self, ignored: Vec<String>) -> Self {
        Self { ignored, ..self }
    }

    fn showing(self, shown: Option<Box<Projection>>) -> Self {
        Self { shown, ..self }
    }

    /// The same without what policies keep from clients. `served` tells the type at a place.
    pub(crate) fn concealing<'s>(mut self, served: impl Fn(usize) -> Option<&'s ServedType>) -> Self {
        let conceal = |place: usize, resource: &mut Resource| {
            if let Some(served) = served(place) {
                served.rules.write.hidden.conceal(resource);
            }
        };
        match &mut self.result {
            Result::Resource(_, resource) => conceal(0, resource),
            Result::Listing(listing) => {
                listing.resources.iter_mut().for_each(|(place, resource)| conceal(*place, resource));
            }
            Result::NoContent(_) | Result::NotModified(_) => {}
        }
        self
    }
}

impl Engine {
    /// Tells the observers.
    async fn tell(&self, cx: &Context, event: &Event<'_>) {
        for observer in &self.observers {
            observer.observe(cx, event).await;
        }
    }
}

impl Operation<'_> {
    /// What it reads and writes.
    fn backend(&self) -> &dyn ResourceStore {
        self.unit.map_or(&*self.served.store, Unit::store)
    }

    /// Waits for the store, as long as the limits allow.
    async fn store<T>(
        &self,
        call: impl std::future::Future<Output = std::result::Result<T, StoreError>>,
    ) -> std::result::Result<T, StoreError> {
        self.engine.within_store_timeout(call).await
    }

    /// Keeps the declared rules in a write, and asks the policies about it.
    async fn allow(&self, write: &mut Write<'_>) -> std::result::Result<(), ScimError> {
        self.served.rules.write.apply(write)?;
        for policy in &self.engine.policies {
            policy.before(self.cx, write).await?;
        }
        Ok(())
    }

    /// Tells the observers, as soon as it has happened for certain.
    async fn tell(&self, event: &Event<'_>) {
        match self.unit {
            Some(unit) => unit.record(self.cx, event),
            None => self.engine.tell(self.cx, event).await,
        }
    }

    /// What the answer to a write shows, if that is more than usual: an attribute that is returned on request is also
    /// shown where the write names it (RFC 7643 s7). What a request wants to see, it says once and for all.
    fn shown(&self, ignored: &[String], sets: impl Fn(&ResolvedPath) -> bool) -> Option<Box<Projection>> {
        if self.projection.requested {
            return None;
        }
        self.served.on_request.named(self.projection, ignored, sets)
    }

    /// Normalises the body of a POST or PUT.
    fn normalize(&self, body: Map<String, Value>) -> std::result::Result<Normalized, ScimError> {
        crate::schema::normalize::Normalizer::new(&self.served.resource_type, &self.cx.profile, &self.cx.limits)
            .part_of(&self.served.stored_type)
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
