//! Attributes by name.

use std::cmp::Ordering;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Attribute;

/// Attributes in the order of their definition, found by name without case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AttributeSet {
    attributes: Vec<Arc<Attribute>>,
    by_name: Vec<Arc<Attribute>>,
}

impl AttributeSet {
    /// The attribute of this name, in any case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Attribute>> {
        let place = self.by_name.binary_search_by(|attribute| compare_names(&attribute.name, name)).ok()?;
        self.by_name.get(place)
    }

    /// All of them, in the order of their definition.
    pub fn iter(&self) -> std::slice::Iter<'_, Arc<Attribute>> {
        self.attributes.iter()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.attributes.len()
    }

    /// Writable access to an attribute, by its name in any case. Its name must stay.
    pub(crate) fn update(&mut self, name: &str, change: impl FnOnce(&mut Attribute)) -> bool {
        let Some(found) = self.get(name).map(|attribute| attribute.name.clone()) else { return false };
        let Some(slot) = self.attributes.iter_mut().find(|attribute| attribute.name == found) else { return false };
        change(Arc::make_mut(slot));
        *self = std::mem::take(&mut self.attributes).into_iter().collect();
        true
    }
}

impl FromIterator<Arc<Attribute>> for AttributeSet {
    fn from_iter<T: IntoIterator<Item = Arc<Attribute>>>(attributes: T) -> Self {
        let attributes: Vec<_> = attributes.into_iter().collect();
        let mut by_name = attributes.clone();
        by_name.sort_by(|a, b| compare_names(&a.name, &b.name));
        Self { attributes, by_name }
    }
}

impl FromIterator<Attribute> for AttributeSet {
    fn from_iter<T: IntoIterator<Item = Attribute>>(attributes: T) -> Self {
        attributes.into_iter().map(Arc::new).collect()
    }
}

impl<'a> IntoIterator for &'a AttributeSet {
    type Item = &'a Arc<Attribute>;
    type IntoIter = std::slice::Iter<'a, Arc<Attribute>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Serialize for AttributeSet {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(|attribute| &**attribute))
    }
}

impl<'de> Deserialize<'de> for AttributeSet {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Attribute>::deserialize(deserializer)?.into_iter().collect())
    }
}

/// An order of attribute names without case. Lengths come first, so that most comparisons look at no byte, and a name
/// in the schema's own spelling is found without a look at case.
fn compare_names(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| if a == b { Ordering::Equal } else { lower_case(a).cmp(lower_case(b)) })
}

fn lower_case(text: &str) -> impl Iterator<Item = u8> + '_ {
    text.bytes().map(|byte| byte.to_ascii_lowercase())
}
