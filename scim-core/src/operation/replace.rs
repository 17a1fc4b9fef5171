//! PUT: RFC 7644 s3.5.1.

use serde_json::{Map, Value};

use super::modify::{is_change, Change};
use super::{Operation, Outcome};
use crate::error::ScimError;
use crate::resource::{Attributes, Resource, ResourceId};
use crate::schema::{validate, Mutability};
use crate::store::{MembersUpdate, Update};

impl Operation<'_> {
    /// Replaces a resource by a body. What the body leaves out is cleared, save what clients may not write: read-only
    /// attributes, and immutable ones that have a value. A group without `members` has none after it.
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
        let detached =
            self.served.capabilities.detached_members && self.cx.resource_type.attribute("members").is_some();
        let members = self.detach_members(&mut normalized)?;
        let replacement = &normalized.attributes;
        let compute = |current: &Resource| {
            let attributes = self.replaced(&current.attributes, replacement)?;
            let update = Update {
                attributes: (attributes != current.attributes).then_some(attributes),
                members: if detached { MembersUpdate::Set(members.clone()) } else { MembersUpdate::Keep },
                ..Update::default()
            };
            Ok(if is_change(&update) { Change::Update(update) } else { Change::Nothing })
        };
        let resource = self.modify(id, &self.fetch_for_change(), &self.fetch_for_answer(), compute).await?;
        Ok(self.changed(resource).ignoring(normalized.ignored))
    }

    /// The document after the replacement.
    fn replaced(&self, current: &Attributes, replacement: &Attributes) -> std::result::Result<Attributes, ScimError> {
        let resource_type = &self.cx.resource_type;
        let mut attributes = replacement.clone();
        if self.cx.profile.put_keeps_active && attributes.get("active").is_none() {
            if let Some(active) = current.get("active") {
                attributes.make_mut().insert("active".to_owned(), active.clone());
            }
        }
        self.keep_read_only(current, &mut attributes);
        validate::immutable(resource_type, current, &mut attributes)?;
        validate::required(resource_type, &attributes)?;
        Ok(attributes)
    }

    /// Read-only attributes that the store has in the document stay as they are.
    fn keep_read_only(&self, current: &Attributes, attributes: &mut Attributes) {
        for (extension, attribute) in self.cx.resource_type.all_attributes() {
            if attribute.mutability != Mutability::ReadOnly {
                continue;
            }
            let kept = match extension {
                None => current.get(&attribute.name),
                Some(schema) => current.extension(&schema.id).and_then(|object| object.get(&attribute.name)),
            };
            if let Some(value) = kept {
                let urn = extension.map(|schema| schema.id.as_str());
                validate::put(attributes, urn, attribute, value.clone());
            }
        }
    }
}
