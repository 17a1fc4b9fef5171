//! Write-only attributes (RFC 7643 s7 `writeOnly`): what of them reaches the store.

use serde_json::{Map, Value};

use super::Operation;
use crate::error::ScimError;
use crate::write_only::is_password;

/// The write-only attributes of a request.
#[derive(Default)]
pub(super) struct WriteOnly {
    /// What the store keeps.
    pub(super) kept: Map<String, Value>,
    /// The names of those that are left out.
    pub(super) ignored: Vec<String>,
}

impl Operation<'_> {
    /// What the store keeps of the write-only attributes of a request, which is nothing where it keeps none: a password
    /// as the host's hasher made it and not without one, and the others as they are.
    ///
    /// # Errors
    ///
    /// What the hasher refuses.
    pub(super) async fn write_only(&self, given: &Map<String, Value>) -> std::result::Result<WriteOnly, ScimError> {
        let mut result = WriteOnly::default();
        for (name, value) in given {
            let kept = if !self.served.capabilities.write_only {
                None
            } else if is_password(name) {
                self.hashed(value).await?
            } else {
                Some(value.clone())
            };
            match kept {
                Some(kept) => {
                    result.kept.insert(name.clone(), kept);
                }
                None => result.leave_out(name, value),
            }
        }
        Ok(result)
    }

    /// What the hasher makes of a password, or of its removal; `None` without one.
    async fn hashed(&self, password: &Value) -> std::result::Result<Option<Value>, ScimError> {
        match (&self.engine.password, password) {
            (Some(hasher), Value::String(password)) => Ok(Some(Value::String(hasher.hash(self.cx, password).await?))),
            (Some(_), Value::Null) => Ok(Some(Value::Null)),
            _ => Ok(None),
        }
    }
}

impl WriteOnly {
    /// Names an attribute, or those under the URN of an extension.
    fn leave_out(&mut self, name: &str, value: &Value) {
        match value {
            // Of an extension that goes nothing is lost.
            Value::Null if name.contains(':') => {}
            Value::Object(attributes) if name.contains(':') => {
                self.ignored.extend(attributes.keys().map(|attribute| format!("{name}:{attribute}")));
            }
            _ => self.ignored.push(name.to_owned()),
        }
    }
}
