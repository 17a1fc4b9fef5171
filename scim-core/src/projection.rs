//! Which attributes an answer shows: `attributes`, `excludedAttributes` (RFC 7644 s3.9) and the schema's `returned`
//! (RFC 7643 s2.2).

use crate::request::Parameters;
use crate::schema::{Attribute, AttributePath, AttributeRoot, ResolvedPath, ResourceType, Returned};
use crate::store::Fetch;

/// What is shown of a resource.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Projection {
    /// Of the core schema and `externalId`.
    pub(crate) core: Level,
    /// `meta`.
    pub(crate) meta: Shown,
    /// Of each extension that has a rule of its own, by URN.
    extensions: Vec<(String, Level)>,
    /// Of extensions without one.
    other_extensions: Level,
    /// Whether the request named attributes to show or to leave out.
    pub(crate) requested: bool,
}

/// What is shown of the members of one object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Level {
    /// Of those that are not named.
    rest: bool,
    named: Vec<(String, Shown)>,
}

/// What is shown of one attribute.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shown {
    Nothing,
    Everything,
    Some(Level),
}

impl Level {
    const ALL: Self = Self { rest: true, named: Vec::new() };
    const NONE: Self = Self { rest: false, named: Vec::new() };

    /// What is shown of a member.
    pub(crate) fn of(&self, name: &str) -> &Shown {
        match self.named.iter().find(|(named, _)| named == name) {
            Some((_, shown)) => shown,
            None if self.rest => &Shown::Everything,
            None => &Shown::Nothing,
        }
    }

    fn set(&mut self, name: &str, shown: Shown) {
        match self.named.iter_mut().find(|(named, _)| named == name) {
            Some((_, slot)) => *slot = shown,
            None => self.named.push((name.to_owned(), shown)),
        }
    }

    /// The level below a member, made if there is none yet.
    fn below(&mut self, name: &str) -> Option<&mut Level> {
        if !self.named.iter().any(|(named, _)| named == name) {
            self.named.push((name.to_owned(), Shown::Some(Level { rest: self.rest, named: Vec::new() })));
        }
        let (_, shown) = self.named.iter_mut().find(|(named, _)| named == name)?;
        match shown {
            Shown::Some(level) => Some(level),
            Shown::Everything | Shown::Nothing => None,
        }
    }
}

/// What stores may keep apart from the documents.
pub(crate) const COSTLY: [&str; 2] = ["members", "groups"];

impl Projection {
    /// What is shown when the request names nothing: all but what the schema returns never or on request.
    pub(crate) fn standard(resource_type: &ResourceType) -> Self {
        Self {
            core: standard_level(resource_type.schema().attributes.iter()),
            meta: Shown::Everything,
            extensions: resource_type
                .extensions()
                .iter()
                .map(|extension| (extension.schema.id.clone(), standard_level(extension.schema.attributes.iter())))
                .collect(),
            other_extensions: Level::ALL,
            requested: false,
        }
    }

    /// What is shown when the request names attributes. Names that the schema does not have show nothing and exclude
    /// nothing. With both parameters, what `excludedAttributes` names is left out of what `attributes` names.
    pub(crate) fn requested(resource_type: &ResourceType, parameters: &Parameters) -> Option<Self> {
        if parameters.attributes.is_empty() && parameters.excluded_attributes.is_empty() {
            return None;
        }
        let mut projection = if parameters.attributes.is_empty() {
            Self::standard(resource_type)
        } else {
            let mut projection = Self::least(resource_type);
            projection.include(resource_type, &parameters.attributes);
            projection
        };
        for name in &parameters.excluded_attributes {
            projection.exclude(resource_type, name);
        }
        projection.requested = true;
        Some(projection)
    }

    /// What of an extension is shown.
    pub(crate) fn extension(&self, urn: &str) -> &Level {
        self.extensions.iter().find(|(known, _)| known == urn).map_or(&self.other_extensions, |(_, level)| level)
    }

    /// What a store has to load for this, of what it is costly to load.
    pub(crate) fn fetch(&self, hidden: impl Fn(&str) -> bool) -> Fetch {
        Fetch::without(COSTLY.into_iter().filter(|name| hidden(name) || *self.core.of(name) == Shown::Nothing))
    }

    /// Only what is always returned.
    pub(crate) fn least(resource_type: &ResourceType) -> Self {
        Self {
            core: least_level(resource_type.schema().attributes.iter()),
            meta: Shown::Nothing,
            extensions: resource_type
                .extensions()
                .iter()
                .map(|extension| (extension.schema.id.clone(), least_level(extension.schema.attributes.iter())))
                .collect(),
            other_extensions: Level::NONE,
            requested: true,
        }
    }

    /// The order of the names does not matter: what is named as a whole comes first, so that nothing that is named beside
    /// it is lost.
    fn include(&mut self, resource_type: &ResourceType, names: &[String]) {
        let mut paths = Vec::with_capacity(names.len());
        for name in names {
            match resource_type.extension(name) {
                Some(extension) => {
                    let level = standard_level(extension.schema.attributes.iter());
                    self.set_extension(&extension.schema.id, level);
                }
                None => paths.extend(AttributePath::split(name).and_then(|path| resource_type.resolve_short(&path))),
            }
        }
        paths.sort_by_key(|path| path.sub_attribute.is_some());
        paths.iter().for_each(|path| self.include_path(path));
    }

    /// The same with an attribute or sub-attribute, unless it is never returned.
    pub(crate) fn include_path(&mut self, path: &ResolvedPath) {
        if path.leaf().returned == Returned::Never || path.attribute.returned == Returned::Never {
            return;
        }
        let attribute = &path.attribute;
        if path.root == AttributeRoot::Meta {
            include_sub_attribute(&mut self.meta, path.sub_attribute.as_deref(), attribute);
            return;
        }
        let Some(level) = self.level_mut(&path.root) else { return };
        match &path.sub_attribute {
            None => level.set(&attribute.name, whole(attribute)),
            Some(sub_attribute) => {
                if *level.of(&attribute.name) == Shown::Nothing {
                    level.set(&attribute.name, Shown::Some(least_level(attribute.sub_attributes.iter())));
                }
                if let Some(below) = level.below(&attribute.name) {
                    below.set(&sub_attribute.name, Shown::Everything);
                }
            }
        }
    }

    fn exclude(&mut self, resource_type: &ResourceType, name: &str) {
        if let Some(extension) = resource_type.extension(name) {
            let level = least_level(extension.schema.attributes.iter());
            self.set_extension(&extension.schema.id, level);
            return;
        }
        let Some(path) = AttributePath::split(name).and_then(|path| resource_type.resolve_short(&path)) else { return };
        if path.leaf().returned == Returned::Always {
            return;
        }
        let attribute = &path.attribute;
        if path.root == AttributeRoot::Meta {
            exclude_sub_attribute(&mut self.meta, path.sub_attribute.as_deref());
            return;
        }
        let Some(level) = self.level_mut(&path.root) else { return };
        match &path.sub_attribute {
            None => level.set(&attribute.name, Shown::Nothing),
            Some(sub_attribute) => match level.of(&attribute.name) {
                Shown::Nothing => {}
                Shown::Everything => level.set(
                    &attribute.name,
                    Shown::Some(Level { rest: true, named: vec![(sub_attribute.name.clone(), Shown::Nothing)] }),
                ),
                Shown::Some(_) => {
                    if let Some(below) = level.below(&attribute.name) {
                        below.set(&sub_attribute.name, Shown::Nothing);
                    }
                }
            },
        }
    }

    fn level_mut(&mut self, root: &AttributeRoot) -> Option<&mut Level> {
        match root {
            AttributeRoot::Core => Some(&mut self.core),
            AttributeRoot::Extension(schema) => {
                self.extensions.iter_mut().find(|(urn, _)| *urn == schema.id).map(|(_, level)| level)
            }
            _ => None,
        }
    }

    fn set_extension(&mut self, urn: &str, level: Level) {
        if let Some((_, slot)) = self.extensions.iter_mut().find(|(known, _)| known == urn) {
            *slot = level;
        }
    }
}

fn standard_level<'a>(attributes: impl Iterator<Item = &'a std::sync::Arc<Attribute>>) -> Level {
    let mut level = Level::ALL;
    for attribute in attributes {
        match attribute.returned {
            Returned::Never | Returned::Request => level.set(&attribute.name, Shown::Nothing),
            Returned::Always | Returned::Default => match whole(attribute) {
                Shown::Everything => {}
                shown => level.set(&attribute.name, shown),
            },
        }
    }
    level
}

fn least_level<'a>(attributes: impl Iterator<Item = &'a std::sync::Arc<Attribute>>) -> Level {
    let mut level = Level::NONE;
    for attribute in attributes.filter(|attribute| attribute.returned == Returned::Always) {
        level.set(&attribute.name, whole(attribute));
    }
    level
}

/// An attribute that is shown, without the sub-attributes that are returned never or on request.
fn whole(attribute: &Attribute) -> Shown {
    let level = standard_level(attribute.sub_attributes.iter());
    if level == Level::ALL {
        Shown::Everything
    } else {
        Shown::Some(level)
    }
}

fn include_sub_attribute(shown: &mut Shown, sub_attribute: Option<&Attribute>, attribute: &Attribute) {
    match (sub_attribute, &mut *shown) {
        (None, _) => *shown = whole(attribute),
        (Some(_), Shown::Everything) => {}
        (Some(sub_attribute), Shown::Some(level)) => level.set(&sub_attribute.name, Shown::Everything),
        (Some(sub_attribute), Shown::Nothing) => {
            let mut level = least_level(attribute.sub_attributes.iter());
            level.set(&sub_attribute.name, Shown::Everything);
            *shown = Shown::Some(level);
        }
    }
}

fn exclude_sub_attribute(shown: &mut Shown, sub_attribute: Option<&Attribute>) {
    match (sub_attribute, &mut *shown) {
        (None, _) => *shown = Shown::Nothing,
        (Some(_), Shown::Nothing) => {}
        (Some(sub_attribute), Shown::Some(level)) => level.set(&sub_attribute.name, Shown::Nothing),
        (Some(sub_attribute), Shown::Everything) => {
            let mut level = Level::ALL;
            level.set(&sub_attribute.name, Shown::Nothing);
            *shown = Shown::Some(level);
        }
    }
}
