//! From a row of the database to a resource.

use scim_core::{Attributes, Context, DateTime, Fetch, Meta, Partition, Resource, ResourceId, StoreError, Version};
use serde_json::{Map, Value};

/// The columns of a resource, in the order in which every statement selects them.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) created: i64,
    pub(crate) modified: i64,
    pub(crate) document: String,
    /// A JSON list of the members, if they are wanted and there are any.
    pub(crate) members: Option<String>,
    /// A JSON list of the groups, likewise.
    pub(crate) groups: Option<String>,
}

impl Row {
    pub(crate) fn meta(&self) -> Meta {
        meta(self.version, self.created, self.modified)
    }

    /// The attributes as they are stored.
    pub(crate) fn attributes(&self) -> Result<Attributes, StoreError> {
        document(&self.document).map(Attributes::from_stored)
    }

    /// The resource with its relations, as far as they were read.
    pub(crate) fn into_resource(self, fetch: &Fetch) -> Result<Resource, StoreError> {
        let mut attributes = document(&self.document)?;
        let mut members_left_out = false;
        if let Some(members) = relation(self.members.as_deref())? {
            if fetch.most_members().is_some_and(|most| members.len() > most) {
                members_left_out = true;
            } else {
                attributes.insert("members".to_owned(), Value::Array(members));
            }
        }
        if let Some(groups) = relation(self.groups.as_deref())? {
            attributes.insert("groups".to_owned(), Value::Array(groups));
        }
        let meta = self.meta();
        let mut resource = Resource::new(ResourceId::new(self.id), meta, Attributes::from_stored(attributes));
        resource.members_left_out = members_left_out;
        Ok(resource)
    }
}

pub(crate) fn meta(version: i64, created: i64, modified: i64) -> Meta {
    let version = Version::new(version.to_string());
    Meta::new(DateTime::from_micros(created), DateTime::from_micros(modified), version)
}

/// The number of a version; `None` if no version of this store looks like that.
pub(crate) fn version_number(version: &Version) -> Option<i64> {
    let number = version.as_str().parse::<i64>().ok()?;
    (number.to_string() == version.as_str()).then_some(number)
}

pub(crate) fn document(text: &str) -> Result<Map<String, Value>, StoreError> {
    serde_json::from_str(text).map_err(StoreError::backend)
}

/// The elements of a relation, without what is null in them; `None` if there are none.
fn relation(text: Option<&str>) -> Result<Option<Vec<Value>>, StoreError> {
    let Some(text) = text else { return Ok(None) };
    let mut elements: Vec<Map<String, Value>> = serde_json::from_str(text).map_err(StoreError::backend)?;
    for element in &mut elements {
        element.retain(|_, value| !value.is_null());
    }
    Ok((!elements.is_empty()).then(|| elements.into_iter().map(Value::Object).collect()))
}

/// Resources are moved within their tenant.
pub(crate) fn check_move(cx: &Context, target: &Partition) -> Result<(), StoreError> {
    if target.tenant() == cx.tenant() {
        Ok(())
    } else {
        Err(StoreError::backend("a resource cannot be moved to another tenant"))
    }
}

/// How many members are to be read, one more than are wanted to tell whether there are more.
pub(crate) fn member_limit(fetch: &Fetch) -> i64 {
    let most = fetch.most_members().map_or(i64::MAX, |most| i64::try_from(most).unwrap_or(i64::MAX));
    most.saturating_add(1)
}
