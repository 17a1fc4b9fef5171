//! POST to an endpoint: RFC 7644 s3.3.

use http::StatusCode;
use serde_json::{Map, Value};

use super::{Operation, Outcome, Result};
use crate::error::ScimError;
use crate::resource::Attributes;
use crate::schema::{validate, AttributeType, ResourceType, USER};
use crate::store::NewResource;

impl Operation<'_> {
    /// Makes a resource of a body.
    ///
    /// # Errors
    ///
    /// 400 for a body that does not fit the schema, 409 for a value that is taken.
    pub(crate) async fn create(&self, body: Map<String, Value>) -> std::result::Result<Outcome, ScimError> {
        let mut normalized = self.normalize(body)?;
        let members = self.detach_members(&mut normalized)?;
        let mut attributes = normalized.attributes;
        activate(&self.cx.resource_type, &mut attributes);
        validate::required(&self.cx.resource_type, &attributes)?;
        let new = NewResource { attributes, members, write_only: Map::new(), fetch: self.projection.fetch() };
        let resource = self.store(self.served.store.create(self.cx, new)).await?;
        Ok(Outcome::of(Result::Resource(StatusCode::CREATED, resource)).ignoring(normalized.ignored))
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
