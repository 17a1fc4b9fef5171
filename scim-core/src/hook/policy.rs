//! Having a say before a write.

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::context::Context;
use crate::error::ScimError;
use crate::resource::{Attributes, Resource, ResourceId};
use crate::schema::normalize::{Normalizer, Place};
use crate::schema::{AttributePath, AttributeRoot};
use crate::store::MembersUpdate;

/// May refuse or amend a write before it happens. Every write passes every policy, in the order they were added, whether
/// it comes alone or in a Bulk request.
///
/// ```
/// use async_trait::async_trait;
/// use scim_core::{Context, Policy, ScimError, Write};
///
/// /// User names are e-mail addresses here.
/// struct NamesAreAddresses;
///
/// #[async_trait]
/// impl Policy for NamesAreAddresses {
///     async fn before(&self, _cx: &Context, write: &mut Write<'_>) -> Result<(), ScimError> {
///         match write.draft().and_then(|draft| draft.attributes().string("userName")) {
///             Some(name) if !name.contains('@') => Err(ScimError::invalid_value("userName must be an e-mail address")),
///             _ => Ok(()),
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait Policy: Send + Sync + 'static {
    /// Looks at a write that is about to happen.
    ///
    /// # Errors
    ///
    /// The answer that the client gets in place of the write.
    async fn before(&self, cx: &Context, write: &mut Write<'_>) -> Result<(), ScimError>;
}

/// A write that is about to happen. A PUT or PATCH that meets with another change is looked at again.
#[derive(Debug)]
#[non_exhaustive]
pub enum Write<'a> {
    /// A resource is to be made.
    Create {
        /// What it is to be.
        draft: Draft<'a>,
    },
    /// A resource is to be changed.
    Update {
        /// What it is now, without `members` and `groups`.
        current: &'a Resource,
        /// What it is to be.
        draft: Draft<'a>,
    },
    /// A resource is to be deleted.
    Delete {
        /// Which.
        id: &'a ResourceId,
    },
}

impl<'a> Write<'a> {
    /// What the resource is to be, unless it is to be deleted.
    pub fn draft(&mut self) -> Option<&mut Draft<'a>> {
        match self {
            Self::Create { draft } | Self::Update { draft, .. } => Some(draft),
            Self::Delete { .. } => None,
        }
    }
}

/// A document about to be stored.
#[derive(Debug)]
#[non_exhaustive]
pub struct Draft<'a> {
    pub(crate) cx: &'a Context,
    pub(crate) attributes: Attributes,
    pub(crate) members: MembersUpdate,
}

impl Draft<'_> {
    /// The document.
    #[must_use]
    pub fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// What is to happen to the members of a group whose store keeps them apart.
    #[must_use]
    pub fn members(&self) -> &MembersUpdate {
        &self.members
    }

    /// Lets something else happen to the members.
    pub fn set_members(&mut self, members: MembersUpdate) {
        self.members = members;
    }

    /// Sets an attribute, whoever may write it; `null` removes it. The path is a name, or the URN of an extension and a
    /// name; it has no sub-attribute.
    ///
    /// # Errors
    ///
    /// 400 for a path that is no attribute of the resource type or a value that does not fit it.
    pub fn set(&mut self, path: &str, value: impl Into<Value>) -> Result<(), ScimError> {
        let resource_type = &*self.cx.resource_type;
        let resolved = AttributePath::split(path)
            .and_then(|path| resource_type.resolve(&path))
            .filter(|resolved| resolved.sub_attribute.is_none())
            .filter(|resolved| matches!(resolved.root, AttributeRoot::Core | AttributeRoot::Extension(_)))
            .ok_or_else(|| ScimError::invalid_path(format!("{} is no attribute to set", crate::error::quoted(path))))?;
        let extension = match &resolved.root {
            AttributeRoot::Extension(schema) => Some(&**schema),
            _ => None,
        };
        let place = Place { extension, attribute: &resolved.attribute.name, sub_attribute: None };
        let value = Normalizer::for_provider(resource_type, &self.cx.profile, &self.cx.limits).value(
            place,
            &resolved.attribute,
            value.into(),
        )?;
        let target = self.attributes.make_mut();
        match extension {
            None => put(target, &resolved.attribute.name, value),
            Some(schema) => {
                let entry = target.entry(schema.id.clone()).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(object) = entry {
                    put(object, &resolved.attribute.name, value);
                    if object.is_empty() {
                        target.remove(&schema.id);
                    }
                }
            }
        }
        Ok(())
    }
}

fn put(target: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => {
            target.insert(name.to_owned(), value);
        }
        None => {
            target.remove(name);
        }
    }
}
