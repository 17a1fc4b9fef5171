//! Attribute names as clients write them, and what they mean in a resource type (RFC 7644 s3.10).

use std::fmt;
use std::sync::Arc;

use super::{Attribute, AttributeType, Schema};

/// An attribute as it is written: `[URN ":"] name ["." sub-attribute]` (RFC 7644 s3.10), kept in one piece.
///
/// The last `:` ends the URN, for a URN may have dots and an attribute name has no colon.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AttributePath {
    text: Box<str>,
    name_start: u16,
    name_end: u16,
}

impl AttributePath {
    /// Takes a path apart at the last colon and the first dot after it. It does not judge the characters; `None` for
    /// an empty name or sub-attribute, or a text beyond 65,535 bytes.
    #[must_use]
    pub fn split(text: &str) -> Option<Self> {
        let name_start = text.rfind(':').map_or(0, |colon| colon.saturating_add(1));
        let name = text.get(name_start..)?;
        let name_len = name.find('.').unwrap_or(name.len());
        let name_end = name_start.saturating_add(name_len);
        let empty_sub = name_end.saturating_add(1) == text.len();
        if name_len == 0 || empty_sub || name_start == 1 {
            return None;
        }
        Some(Self {
            text: text.into(),
            name_start: u16::try_from(name_start).ok()?,
            name_end: u16::try_from(name_end).ok().filter(|_| u16::try_from(text.len()).is_ok())?,
        })
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URN before the name, if there is one.
    #[must_use]
    pub fn urn(&self) -> Option<&str> {
        self.text.get(..usize::from(self.name_start.checked_sub(1)?))
    }

    /// The name of the attribute.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text.get(usize::from(self.name_start)..usize::from(self.name_end)).unwrap_or_default()
    }

    /// The name of the sub-attribute, if there is one.
    #[must_use]
    pub fn sub_attribute(&self) -> Option<&str> {
        self.text.get(usize::from(self.name_end).saturating_add(1)..).filter(|name| !name.is_empty())
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Where in a resource an attribute has its place.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AttributeRoot {
    /// The field [`Resource::id`](crate::Resource::id).
    Id,
    /// `schemas`, which follows from the resource type and the extensions that have a value.
    Schemas,
    /// The field [`Resource::meta`](crate::Resource::meta).
    Meta,
    /// The attributes, at the top level: the core schema's, and `externalId`.
    Core,
    /// The attributes, in the object of this extension.
    Extension(Arc<Schema>),
}

/// An attribute that a path means in a resource type.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResolvedPath {
    /// Where it has its place.
    pub root: AttributeRoot,
    /// The definition of the attribute.
    pub attribute: Arc<Attribute>,
    /// The definition of the sub-attribute, if the path names one.
    pub sub_attribute: Option<Arc<Attribute>>,
}

impl ResolvedPath {
    /// The definition of what the path ends at.
    #[must_use]
    pub fn leaf(&self) -> &Attribute {
        self.sub_attribute.as_ref().unwrap_or(&self.attribute)
    }

    /// Whether the path ends at what is preferred of several values. Where it is not said, it is `false`
    /// (RFC 7643 s2.4).
    pub(crate) fn is_primary(&self) -> bool {
        let is_flag = |leaf: &Attribute| leaf.name == "primary" && leaf.attribute_type == AttributeType::Boolean;
        self.attribute.multi_valued && self.sub_attribute.as_deref().is_some_and(is_flag)
    }

    /// Whether the path ends at a `$ref` that the service provider makes of the `value` beside it (RFC 7643 s2.4).
    pub(crate) fn is_made_reference(&self) -> bool {
        let leads_to_resources = |leaf: &Attribute| {
            leaf.name == "$ref"
                && !leaf.reference_types.is_empty()
                && !leaf.reference_types.iter().any(|name| matches!(name.as_str(), "external" | "uri"))
        };
        self.sub_attribute.as_deref().is_some_and(leads_to_resources) && self.attribute.sub_attribute("value").is_some()
    }

    /// The URN of the extension that the attribute is part of.
    #[must_use]
    pub fn extension_urn(&self) -> Option<&str> {
        match &self.root {
            AttributeRoot::Extension(schema) => Some(&schema.id),
            _ => None,
        }
    }
}

impl fmt::Display for ResolvedPath {
    /// The path in the schema's spelling; the URN is there for extensions alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = self.extension_urn() {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.attribute.name)?;
        match &self.sub_attribute {
            Some(sub_attribute) => write!(f, ".{}", sub_attribute.name),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc7644_s3_10_the_last_colon_ends_the_urn_and_a_dot_in_it_is_part_of_it() {
        let path =
            AttributePath::split("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName")
                .unwrap();
        assert_eq!(path.urn(), Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"));
        assert_eq!(path.name(), "manager");
        assert_eq!(path.sub_attribute(), Some("displayName"));

        let path = AttributePath::split("userName").unwrap();
        assert_eq!((path.urn(), path.name(), path.sub_attribute()), (None, "userName", None));
    }

    #[test]
    fn what_has_no_name_is_no_path() {
        for text in ["", ".", ":", "a.", ".a", "urn:", ":a", "urn:x:.a"] {
            assert_eq!(AttributePath::split(text), None, "{text}");
        }
    }
}
