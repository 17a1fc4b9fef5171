//! Operations as the library holds them: the target resolved, the value normalised.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::kept::KeptExtension;
use crate::filter::ResolvedFilter;
use crate::on_request::holds;
use crate::schema::normalize::Place;
use crate::schema::{Attribute, Mutability, ResolvedPath, Schema};

/// What an operation does (RFC 7644 s3.5.2 `op`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OperationName {
    Add,
    Remove,
    Replace,
}

/// Whether a target was named by a `path`, or by a member of the value of an operation without one.
///
/// A read-only attribute is an error in the first place and left out in the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Path,
    Value,
}

/// What an operation is directed at: `attribute`, `attribute.sub`, `attribute[filter]` or `attribute[filter].sub`.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) extension: Option<Arc<Schema>>,
    pub(crate) attribute: Arc<Attribute>,
    pub(crate) selection: Option<Selection>,
    pub(crate) sub_attribute: Option<Arc<Attribute>>,
}

impl Target {
    /// The definition of what is changed: the sub-attribute, or the attribute.
    pub(crate) fn leaf(&self) -> &Attribute {
        self.sub_attribute.as_ref().unwrap_or(&self.attribute)
    }

    /// Whether what is changed is a whole list, and not one value or single elements of a list.
    pub(crate) fn is_list(&self) -> bool {
        match &self.sub_attribute {
            Some(sub_attribute) => sub_attribute.multi_valued,
            None => self.attribute.multi_valued && self.selection.is_none(),
        }
    }

    /// Whether it is a sub-attribute of all elements of a list.
    pub(crate) fn is_in_every_element(&self) -> bool {
        self.attribute.multi_valued && self.selection.is_none() && self.sub_attribute.is_some()
    }

    /// Whether the other is directed at the same attribute, leaving filters aside.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let pointer = |sub_attribute: &Option<Arc<Attribute>>| sub_attribute.as_ref().map(Arc::as_ptr);
        Arc::ptr_eq(&self.attribute, &other.attribute)
            && pointer(&self.sub_attribute) == pointer(&other.sub_attribute)
            && self.extension.as_deref().map(|schema| &schema.id) == other.extension.as_deref().map(|schema| &schema.id)
    }

    /// Whether the attribute is the members of a group, which are a relation and compare by their `value`.
    pub(crate) fn is_members(&self) -> bool {
        self.extension.is_none() && is_members(&self.attribute)
    }

    pub(crate) fn is_write_only(&self) -> bool {
        self.attribute.mutability == Mutability::WriteOnly
    }

    /// The attribute without the sub-attribute.
    pub(crate) fn attribute_place(&self) -> Place<'_> {
        Place { sub_attribute: None, ..self.place() }
    }

    /// The attribute, or this sub-attribute of it.
    pub(crate) fn place_of<'a>(&'a self, attribute: &'a Attribute) -> Place<'a> {
        let is_whole = std::ptr::eq(attribute, Arc::as_ptr(&self.attribute));
        Place { sub_attribute: (!is_whole).then_some(attribute.name.as_str()), ..self.place() }
    }

    pub(crate) fn place(&self) -> Place<'_> {
        Place {
            extension: self.extension.as_deref(),
            attribute: &self.attribute.name,
            sub_attribute: self.sub_attribute.as_ref().map(|sub| sub.name.as_str()),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place().fmt(f)
    }
}

/// Whether an attribute of the core schema is the members of a group (RFC 7643 s4.2).
pub(crate) fn is_members(attribute: &Attribute) -> bool {
    attribute.name == "members" && attribute.multi_valued && attribute.sub_attribute("value").is_some()
}

/// The filter of a value path (RFC 7644 s3.5.2 `valuePath`).
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    pub(crate) filter: ResolvedFilter,
    /// How many comparisons and presence tests the filter has.
    pub(crate) terms: usize,
    /// The element that the filter describes, where it is nothing but `eq` and `and`: what is made when no element
    /// matches, and what is kept of one that is replaced.
    pub(crate) described: Option<Value>,
    /// The ids of a filter on `members` that is nothing but `value eq` and `or`.
    pub(crate) member_ids: Option<Vec<String>>,
}

/// Sub-attributes and their values; `None` unassigns one.
pub(super) type SubAttributes = Vec<(Arc<Attribute>, Option<Value>)>;

/// What happens to the target.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// This is the value, the list, or each selected element; `None` unassigns or removes it.
    Set(Option<Value>),
    /// These sub-attributes of a complex value are set or unassigned, and the others stay.
    Merge(SubAttributes),
    /// These elements join the list, unless they are in it.
    Append(Vec<Value>),
    /// These elements leave the list.
    RemoveValues(Vec<Value>),
}

impl Action {
    /// Whether all it can do is take away.
    pub(super) fn removes(&self) -> bool {
        matches!(self, Self::Set(None) | Self::RemoveValues(_))
    }
}

impl Action {
    /// Whether it gives a sub-attribute of the target a value.
    fn sets(&self, sub_attribute: &Attribute) -> bool {
        match self {
            Self::Set(value) => value.as_ref().is_some_and(|value| holds(value, sub_attribute)),
            Self::Merge(parts) => parts.iter().any(|(part, _)| part.name == sub_attribute.name),
            Self::Append(elements) | Self::RemoveValues(elements) => {
                elements.iter().any(|element| holds(element, sub_attribute))
            }
        }
    }
}

/// A strict operation on one attribute, or on a whole extension.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Attribute(Target, Action),
    RemoveExtension(Arc<Schema>),
    KeptExtension(KeptExtension),
}

impl Operation {
    /// The target, unless it is less than a whole attribute or sub-attribute.
    pub(super) fn whole_target(&self) -> Option<&Target> {
        match self {
            Self::Attribute(target, _) if target.selection.is_none() => Some(target),
            _ => None,
        }
    }

    /// The member of the document that it changes, if that is known without the document.
    pub(super) fn touches(&self) -> Option<&str> {
        match self {
            Self::Attribute(Target { extension: Some(schema), .. }, _) | Self::RemoveExtension(schema) => {
                Some(&schema.id)
            }
            Self::Attribute(target, _) => Some(&target.attribute.name),
            Self::KeptExtension(_) => None,
        }
    }

    /// Whether it is about an attribute or sub-attribute, or gives it a value.
    pub(super) fn sets(&self, path: &ResolvedPath) -> bool {
        let Self::Attribute(target, action) = self else { return false };
        let extension = target.extension.as_ref().map(|schema| schema.id.as_str());
        if target.attribute.name != path.attribute.name || extension != path.extension_urn() {
            return false;
        }
        match (&path.sub_attribute, &target.sub_attribute) {
            (None, _) => true,
            (Some(part), Some(of_target)) => part.name == of_target.name,
            (Some(part), None) => action.sets(part),
        }
    }

    pub(super) fn is_on_members(&self) -> bool {
        matches!(self, Self::Attribute(target, _) if target.is_members())
    }

    /// Whether what it does depends on the members that a group has.
    pub(super) fn needs_members(&self) -> bool {
        match self {
            Self::Attribute(target, action) => target.is_members() && super::members::change(target, action).is_none(),
            Self::RemoveExtension(_) | Self::KeptExtension(_) => false,
        }
    }
}
