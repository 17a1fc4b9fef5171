//! The members of a group as a relation (RFC 7643 s4.2).

use serde_json::{Map, Value};

use super::ResourceId;

/// One member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Member {
    /// The id of the member.
    pub value: ResourceId,
    /// The name of its resource type, as the client says: `None` where it did not say, and not to be believed where it
    /// did. A store answers with the type of the resource that there is.
    pub kind: Option<String>,
    /// A name to show, as the client sent it; advisory.
    pub display: Option<String>,
}

impl Member {
    /// A member of this id about which nothing else is known.
    #[must_use]
    pub fn new(value: ResourceId) -> Self {
        Self { value, kind: None, display: None }
    }

    /// The same with a type, such as `User` or `Group`.
    #[must_use]
    pub fn with_kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// The same with a name to show.
    #[must_use]
    pub fn with_display(mut self, display: impl Into<String>) -> Self {
        self.display = Some(display.into());
        self
    }

    /// Reads an element of the attribute `members` in canonical form; `None` without a `value`.
    #[must_use]
    pub fn from_value(element: &Value) -> Option<Self> {
        let text = |name| element.get(name).and_then(Value::as_str);
        Some(Self {
            value: ResourceId::new(text("value")?),
            kind: text("type").map(str::to_owned),
            display: text("display").map(str::to_owned),
        })
    }

    /// The element of the attribute `members`; the server adds `$ref` when it answers.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut element = Map::new();
        if let Some(display) = &self.display {
            element.insert("display".to_owned(), Value::String(display.clone()));
        }
        if let Some(kind) = &self.kind {
            element.insert("type".to_owned(), Value::String(kind.clone()));
        }
        element.insert("value".to_owned(), Value::String(self.value.as_str().to_owned()));
        Value::Object(element)
    }
}
