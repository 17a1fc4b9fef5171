//! How much of a document the operations of a request may go through. Each of them is short, but a list may be long, and
//! a filter in a path looks at all of it once for each of its terms.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Map, Value};

use super::operation::Target;
use crate::error::{ScimError, ScimType};

/// What is left of [`Limits::patch_effort`](crate::Limits::patch_effort) for one request.
pub(crate) struct Budget(AtomicUsize);

impl Budget {
    pub(crate) fn new(bytes: usize) -> Self {
        Self(AtomicUsize::new(bytes))
    }

    /// Takes off what an operation on this target goes through in the document as it is now.
    ///
    /// # Errors
    ///
    /// 400 `tooMany` if that is more than is left.
    pub(super) fn spend(&self, target: &Target, document: &Map<String, Value>) -> Result<(), ScimError> {
        let object = match &target.extension {
            None => Some(document),
            Some(schema) => document.get(&schema.id).and_then(Value::as_object),
        };
        let Some(Value::Array(list)) = object.and_then(|object| object.get(&target.attribute.name)) else {
            return Ok(());
        };
        let times = target.selection.as_ref().map_or(1, |selection| selection.terms);
        let effort = list.iter().map(size).fold(0, usize::saturating_add).saturating_mul(times);
        let spent = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(effort));
        spent.map(|_| ()).map_err(|_| {
            ScimError::bad_request(
                ScimType::TooMany,
                format!(
                    "{} has too many values for all the operations of this request; send them in several requests",
                    target.attribute_place()
                ),
            )
        })
    }
}

/// What it takes to come by a value, however small.
const STEP: usize = 16;

/// How much dearer it is to compare what is not ASCII, for it is folded first.
const FOLDED: usize = 8;

/// About the bytes of a value.
fn size(value: &Value) -> usize {
    let content = match value {
        Value::String(text) if text.is_ascii() => text.len(),
        Value::String(text) => text.len().saturating_mul(FOLDED),
        Value::Array(elements) => elements.iter().map(size).fold(0, usize::saturating_add),
        Value::Object(members) => members.values().map(size).fold(0, usize::saturating_add),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    content.saturating_add(STEP)
}
