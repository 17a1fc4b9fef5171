//! What the schema cannot carry, looked at with every write.

use std::fmt;

use serde_json::{Map, Value};

use super::hidden::Hidden;
use super::rules::{CustomCheck, Derivation};
use super::Format;
use crate::context::Context;
use crate::error::{quoted, ScimError};
use crate::hook::{Draft, Write};
use crate::resource::Attributes;
use crate::schema::ResolvedPath;
use crate::store::MembersUpdate;

/// The rules of one resource type that hold for documents.
#[derive(Default)]
pub(crate) struct WriteRules {
    pub(crate) hidden: Hidden,
    pub(super) values: Vec<(ResolvedPath, ValueRule)>,
    pub(super) derived: Vec<(String, Derivation)>,
    pub(super) checks: Vec<CustomCheck>,
}

/// A rule about the value of one attribute.
#[derive(Clone)]
pub(super) enum ValueRule {
    Required,
    Format(Format),
    AtMost(usize),
}

impl WriteRules {
    /// Whether there is nothing to look at.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { hidden, values, derived, checks } = self;
        hidden.0.is_empty() && values.is_empty() && derived.is_empty() && checks.is_empty()
    }

    /// Amends what is about to be stored, and refuses it if a rule is not kept.
    ///
    /// # Errors
    ///
    /// 400 `invalidValue` that names the attribute and says what is expected, or what a check of the host says.
    pub(crate) fn apply(&self, write: &mut Write<'_>) -> Result<(), ScimError> {
        match write {
            _ if self.is_empty() => Ok(()),
            Write::Create { draft } => self.apply_to(draft, None),
            Write::Update { current, draft } => self.apply_to(draft, Some(&current.attributes)),
            Write::Delete { .. } => Ok(()),
        }
    }

    /// What a resource that comes back is to be, of what it was and what the body makes of it.
    ///
    /// # Errors
    ///
    /// 400 for a derived value that does not fit its attribute.
    pub(crate) fn on_return(
        &self,
        cx: &Context,
        current: &Attributes,
        mut attributes: Attributes,
    ) -> Result<Attributes, ScimError> {
        self.hidden.keep(current, &mut attributes);
        let mut draft = Draft { cx, attributes, members: MembersUpdate::Keep };
        self.derive(&mut draft)?;
        Ok(draft.attributes)
    }

    fn apply_to(&self, draft: &mut Draft<'_>, current: Option<&Attributes>) -> Result<(), ScimError> {
        self.hidden.keep(current.unwrap_or(&Attributes::default()), &mut draft.attributes);
        for (path, rule) in &self.values {
            rule.check(path, current, &draft.attributes)?;
        }
        self.derive(draft)?;
        self.checks.iter().try_for_each(|check| check(&draft.attributes))
    }

    fn derive(&self, draft: &mut Draft<'_>) -> Result<(), ScimError> {
        for (path, derivation) in &self.derived {
            let value = derivation(&draft.attributes);
            draft.set(path, value)?;
        }
        Ok(())
    }
}

impl ValueRule {
    /// Looks at what changes of an attribute, and at nothing else: a rule that came later than a value must not keep
    /// anybody from being changed or deactivated.
    fn check(&self, path: &ResolvedPath, current: Option<&Attributes>, draft: &Attributes) -> Result<(), ScimError> {
        let before = current.and_then(|current| value_of(path, current.as_map()));
        let after = value_of(path, draft.as_map());
        if before == after && current.is_some() {
            return Ok(());
        }
        match (self, after) {
            (Self::Required, after) => match after.and_then(Value::as_str) {
                None | Some("") => Err(ScimError::invalid_value(format!("{path} is required"))),
                Some(_) => Ok(()),
            },
            (Self::Format(format), Some(after)) => check_format(format, path, before, after),
            (Self::AtMost(most), Some(Value::Array(after))) => {
                let grows = after.len() > before.and_then(Value::as_array).map_or(0, Vec::len);
                if grows && after.len() > *most {
                    let values = if *most == 1 { "value" } else { "values" };
                    return Err(ScimError::invalid_value(format!(
                        "{path} may have {most} {values} at most; remove one or replace it"
                    )));
                }
                Ok(())
            }
            (Self::Format(_) | Self::AtMost(_), _) => Ok(()),
        }
    }
}

fn check_format(format: &Format, path: &ResolvedPath, before: Option<&Value>, after: &Value) -> Result<(), ScimError> {
    let known = before.map(|before| texts(path, before)).unwrap_or_default();
    match texts(path, after).into_iter().find(|text| !known.contains(text) && !format.is_met_by(text)) {
        Some(text) => {
            let expected = format.expected();
            Err(ScimError::invalid_value(format!("{path} must be {expected}; {} is not", quoted(text))))
        }
        None => Ok(()),
    }
}

/// The texts of an attribute, or of the sub-attribute that the path ends at: `value` if it names none.
fn texts<'v>(path: &ResolvedPath, value: &'v Value) -> Vec<&'v str> {
    let key = path.sub_attribute.as_ref().map_or("value", |sub| sub.name.as_str());
    let elements = match value {
        Value::Array(list) => list.as_slice(),
        single => std::slice::from_ref(single),
    };
    elements
        .iter()
        .filter_map(|element| match element {
            Value::Object(object) => object.get(key)?.as_str(),
            simple => simple.as_str(),
        })
        .collect()
}

/// The value of the attribute that the path is about, in whole.
pub(crate) fn value_of<'v>(path: &ResolvedPath, document: &'v Map<String, Value>) -> Option<&'v Value> {
    match path.extension_urn() {
        None => document.get(&path.attribute.name),
        Some(urn) => document.get(urn)?.get(&path.attribute.name),
    }
}

impl fmt::Debug for WriteRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteRules").field("hidden", &self.hidden).finish_non_exhaustive()
    }
}
