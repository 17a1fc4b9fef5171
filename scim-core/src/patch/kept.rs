//! Extensions that the resource type does not have, where the profile keeps them as they came.

use serde_json::{Map, Value};

use super::change::in_object;
use crate::error::ScimError;
use crate::limits::Limits;
use crate::schema::plain_value;

/// A change of an object under the URN of an unknown schema.
#[derive(Clone, Debug)]
pub(crate) struct KeptExtension {
    /// The URN, or the URN with the name of an attribute: which of both only the value or the document tells.
    path: String,
    change: KeptChange,
}

#[derive(Clone, Debug)]
enum KeptChange {
    /// These members of the object under the URN; `None` removes one.
    Merge(Vec<(String, Option<Value>)>),
    /// The attribute.
    Set(Value),
    /// The object or the attribute.
    Remove,
}

impl KeptExtension {
    /// Whether a path can be one of these: a name behind a URN, and not a short name behind a colon.
    pub(super) fn takes(path: &str) -> bool {
        !path.contains('[') && path.rsplit_once(':').is_some_and(|(urn, name)| urn.contains(':') && !name.is_empty())
    }

    /// An object is merged into the one under the URN; any other value is an attribute's; none removes.
    ///
    /// # Errors
    ///
    /// 400 for a value beyond the limits.
    pub(super) fn new(path: &str, value: Option<Value>, limits: &Limits) -> Result<Self, ScimError> {
        let change = match value {
            Some(Value::Object(members)) => {
                let members = members.into_iter().map(|(name, value)| Ok((name, plain_value(path, value, limits)?)));
                KeptChange::Merge(members.collect::<Result<_, ScimError>>()?)
            }
            Some(value) => plain_value(path, value, limits)?.map_or(KeptChange::Remove, KeptChange::Set),
            None => KeptChange::Remove,
        };
        Ok(Self { path: path.to_owned(), change })
    }

    /// Applies the change; says whether it changed anything.
    ///
    /// # Errors
    ///
    /// None.
    pub(super) fn apply(&self, document: &mut Map<String, Value>) -> Result<bool, ScimError> {
        match &self.change {
            KeptChange::Merge(members) => in_object(document, &spelling(document, &self.path), |object| {
                let mut changed = false;
                for (name, value) in members {
                    changed |= set(object, name, value.as_ref());
                }
                Ok(changed)
            }),
            KeptChange::Set(value) => self.set_attribute(document, Some(value)),
            KeptChange::Remove => match document.remove(&spelling(document, &self.path)) {
                Some(_) => Ok(true),
                None => self.set_attribute(document, None),
            },
        }
    }

    fn set_attribute(&self, document: &mut Map<String, Value>, value: Option<&Value>) -> Result<bool, ScimError> {
        match self.path.rsplit_once(':') {
            Some((urn, name)) => in_object(document, &spelling(document, urn), |object| Ok(set(object, name, value))),
            None => Ok(false),
        }
    }
}

/// The URN as the document spells it, for URNs compare without case (RFC 7643 s3.1).
fn spelling(document: &Map<String, Value>, urn: &str) -> String {
    let known = document.keys().find(|key| key.eq_ignore_ascii_case(urn));
    known.map_or(urn, String::as_str).to_owned()
}

fn set(object: &mut Map<String, Value>, name: &str, value: Option<&Value>) -> bool {
    match value {
        Some(value) if object.get(name) == Some(value) => false,
        Some(value) => {
            object.insert(name.to_owned(), value.clone());
            true
        }
        None => object.remove(name).is_some(),
    }
}
