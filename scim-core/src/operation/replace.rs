//! PUT: RFC 7644 s3.5.1.

use http::StatusCode;
use serde_json::{Map, Value};

use super::modify::{Change, Modification};
use super::{Operation, Outcome, Result};
use crate::error::ScimError;
use crate::patch::whole;
use crate::resource::{Attributes, Resource, ResourceId};
use crate::schema::{validate, ResourceType};
use crate::store::MembersUpdate;

impl Operation<'_> {
    /// Replaces a resource by a body. What the body leaves out is cleared, save what clients may not write: read-only
    /// attributes, and immutable ones that have a value. A group without `members` has none after it. The answer is the
    /// entire resource, however large it is.
    ///
    /// # Errors
    ///
    /// 400 for a body that does not fit the schema or changes an immutable attribute, 404, 409, 412.
    pub(crate) async fn replace(
        &self,
        id: &ResourceId,
        body: Map<String, Value>,
    ) -> std::result::Result<Outcome, ScimError> {
        let mut normalized = self.normalize(body)?;
        let shown = self.shown(&normalized.ignored, |path| normalized.sets(path));
        let detached =
            self.served.capabilities.detached_members && self.served.resource_type.attribute("members").is_some();
        let members = self.detach_members(&mut normalized)?;
        self.served.leave_references_out(&mut normalized.attributes);
        whole_values(&self.served.resource_type, &mut normalized.write_only);
        let keeps_active = self.cx.profile.put_keeps_active;
        let replacement = &normalized.attributes;
        let compute = |current: &Resource| {
            let attributes = self.replaced(&current.attributes, replacement, keeps_active)?;
            let members = if detached { MembersUpdate::Set(members.clone()) } else { MembersUpdate::Keep };
            Ok(Change {
                attributes: (attributes != current.attributes).then_some(attributes),
                members,
                write_only: normalized.write_only.clone(),
            })
        };
        let modification = Modification {
            read: self.fetch_for_change(),
            answer: self.served.fetch(shown.as_deref().unwrap_or(self.projection)),
            ignored: &normalized.ignored,
            compute,
        };
        let (resource, ignored) = self.modify(id, &modification).await?;
        Ok(Outcome::of(Result::Resource(StatusCode::OK, resource)).ignoring(ignored).showing(shown))
    }

    /// The document after the replacement.
    fn replaced(
        &self,
        current: &Attributes,
        replacement: &Attributes,
        keeps_active: bool,
    ) -> std::result::Result<Attributes, ScimError> {
        let resource_type = &self.served.resource_type;
        let mut attributes = replacement.clone();
        if keeps_active && attributes.get("active").is_none() {
            if let Some(active) = current.get("active") {
                attributes.make_mut().insert("active".to_owned(), active.clone());
            }
        }
        validate::immutable(resource_type, current, &mut attributes)?;
        validate::required(resource_type, &attributes)?;
        Ok(attributes)
    }
}

/// A PUT replaces a complex write-only attribute as a whole, and not what it names of it.
fn whole_values(resource_type: &ResourceType, write_only: &mut Map<String, Value>) {
    if write_only.is_empty() {
        return;
    }
    for (extension, attribute) in resource_type.all_attributes() {
        let object = match extension {
            None => Some(&mut *write_only),
            Some(schema) => write_only.get_mut(&schema.id).and_then(Value::as_object_mut),
        };
        if let Some(value) = object.and_then(|object| object.get_mut(&attribute.name)).filter(|value| value.is_object())
        {
            *value = whole(attribute, value);
        }
    }
}
