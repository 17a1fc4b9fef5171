//! POST to an endpoint: RFC 7644 s3.3.

use http::StatusCode;
use serde_json::{Map, Value};

use super::unknown_members::{leave_out_of, UnknownMembers};
use super::write_only::WriteOnly;
use super::{Operation, Outcome, Result};
use crate::error::ScimError;
use crate::hook::{Draft, Event, EventKind, Write};
use crate::resource::{Attributes, Member, Resource};
use crate::schema::{validate, AttributeType, ResourceType, USER};
use crate::store::{MembersUpdate, NewResource, StoreError};

impl Operation<'_> {
    /// Makes a resource of a body, or brings back the one that it means where the lifecycle has it so.
    ///
    /// # Errors
    ///
    /// 400 for a body that does not fit the schema, 409 for a value that is taken.
    pub(crate) async fn create(&self, body: Map<String, Value>) -> std::result::Result<Outcome, ScimError> {
        let mut normalized = self.normalize(body)?;
        let shown = self.shown(&normalized.ignored, |path| normalized.sets(path));
        let members = self.detach_members(&mut normalized)?;
        let mut attributes = normalized.attributes;
        self.served.leave_references_out(&mut attributes);
        activate(&self.served.resource_type, &mut attributes);
        let mut write =
            Write::Create { draft: Draft { cx: self.cx, attributes, members: MembersUpdate::Set(members) } };
        self.allow(&mut write).await?;
        let Write::Create { draft: Draft { attributes, members, .. } } = write else {
            return Err(ScimError::internal("a policy replaced a write by another"));
        };
        validate::required(&self.served.resource_type, &attributes)?;
        validate::required_write_only(&self.served.resource_type, &normalized.write_only)?;
        let WriteOnly { kept: write_only, ignored } = self.write_only(&normalized.write_only).await?;
        normalized.ignored.extend(ignored);
        let members = match members {
            MembersUpdate::Set(members) | MembersUpdate::Delta { add: members, .. } => members,
            MembersUpdate::Keep => Vec::new(),
        };
        let fetch = self.served.fetch(shown.as_deref().unwrap_or(self.projection));
        let new = NewResource { attributes, members, write_only, fetch };
        if let Some(outcome) = self.bring_back(&new, &mut normalized.ignored).await? {
            return Ok(outcome.ignoring(normalized.ignored).showing(shown));
        }
        let (resource, members) = self.store_new(new, &mut normalized.ignored).await?;
        if !self.engine.observers.is_empty() {
            self.tell_created(&resource, members, &normalized.ignored).await;
        }
        let outcome = Outcome::of(Result::Resource(StatusCode::CREATED, resource));
        Ok(outcome.ignoring(normalized.ignored).showing(shown))
    }

    /// Stores a resource, if need be without the members that do not exist. Says which members it has, if observers
    /// want to know.
    async fn store_new(
        &self,
        mut new: NewResource,
        ignored: &mut Vec<String>,
    ) -> std::result::Result<(Resource, Vec<Member>), ScimError> {
        if self.engine.unknown_members == UnknownMembers::Refuse || new.members.is_empty() {
            let members = if self.engine.observers.is_empty() { Vec::new() } else { new.members.clone() };
            return Ok((self.store(self.backend().create(self.cx, new)).await?, members));
        }
        loop {
            match self.store(self.backend().create(self.cx, new.clone())).await {
                Err(StoreError::UnknownMembers(ids)) if leave_out_of(&ids, &mut new.members, ignored) => {}
                result => return Ok((result?, new.members)),
            }
        }
    }

    async fn tell_created(&self, resource: &Resource, members: Vec<Member>, ignored: &[String]) {
        let kind = EventKind::Created;
        let members = &if members.is_empty() { MembersUpdate::Keep } else { MembersUpdate::Set(members) };
        self.tell(&Event { kind, id: &resource.id, before: None, after: Some(resource), members, ignored }).await;
    }
}

/// A user that comes without `active` is active. RFC 7643 s4.1.1 leaves the meaning to the service provider, and
/// clients that read a user back look for the attribute.
fn activate(resource_type: &ResourceType, attributes: &mut Attributes) {
    let schema = resource_type.schema();
    let is_boolean = |name| schema.attributes.get(name).is_some_and(|a| a.attribute_type == AttributeType::Boolean);
    if schema.id == USER && attributes.get("active").is_none() && is_boolean("active") {
        attributes.make_mut().insert("active".to_owned(), Value::Bool(true));
    }
}
