//! What of the rules the schema carries, so that discovery tells the truth about it (RFC 7643 s7).

use std::collections::HashSet;
use std::sync::Arc;

use super::hidden::Hidden;
use super::path::resolve;
use super::prepared::is_external_id;
use super::rules::AttributeRule;
use super::ResourceRules;
use crate::schema::{
    Attribute, AttributeType, Mutability, ResolvedPath, ResourceType, Schema, UniqueWithin, Uniqueness,
};

/// The resource type with the attributes that `only` and `forbid` leave, and what they leave out.
///
/// # Errors
///
/// A path that is no attribute.
pub(super) fn trim(rules: &ResourceRules, whole: &ResourceType) -> Result<(ResourceType, Hidden), String> {
    let kept = rules.only.as_ref().map(|paths| Paths::read(paths, whole)).transpose()?;
    let forbidden = Paths::read(&rules.forbidden, whole)?;
    let mut hidden = Vec::new();
    let mut resource_type = whole.clone();
    let urns = whole.extensions().iter().map(|extension| Some(extension.schema.id.clone()));
    for urn in std::iter::once(None).chain(urns) {
        let mut left_out = Vec::new();
        resource_type = resource_type.map_schema(urn.as_deref(), |schema| {
            let attributes = schema.attributes.iter();
            let left = attributes
                .filter_map(|attribute| trimmed(urn.as_deref(), attribute, kept.as_ref(), &forbidden, &mut left_out));
            let attributes = left.collect();
            Schema { attributes, ..schema.clone() }
        });
        match urn {
            Some(urn) if resource_type.extension(&urn).is_some_and(|left| left.schema.attributes.is_empty()) => {
                resource_type = resource_type.without_extension(&urn);
                hidden.push(vec![urn]);
            }
            urn => hidden.extend(left_out.into_iter().map(|path| urn.iter().cloned().chain(path).collect::<Vec<_>>())),
        }
    }
    Ok((resource_type, Hidden(hidden)))
}

/// What is left of an attribute; what is not goes to `left_out`.
fn trimmed(
    urn: Option<&str>,
    attribute: &Arc<Attribute>,
    kept: Option<&Paths>,
    forbidden: &Paths,
    left_out: &mut Vec<Vec<String>>,
) -> Option<Arc<Attribute>> {
    let name = &attribute.name;
    let is_whole = kept.is_none_or(|kept| kept.has(urn, name, None));
    let stays = |sub: &Attribute| {
        (is_whole || kept.is_some_and(|kept| kept.has(urn, name, Some(&sub.name))))
            && !forbidden.has(urn, name, Some(&sub.name))
    };
    let is_partly_kept = attribute.sub_attributes.iter().any(|sub| stays(sub));
    if forbidden.has(urn, name, None) || (!is_whole && !is_partly_kept) {
        left_out.push(vec![name.clone()]);
        return None;
    }
    if attribute.sub_attributes.iter().all(|sub| stays(sub)) {
        return Some(Arc::clone(attribute));
    }
    let gone = attribute.sub_attributes.iter().filter(|sub| !stays(sub));
    left_out.extend(gone.map(|sub| vec![name.clone(), sub.name.clone()]));
    let sub_attributes = attribute.sub_attributes.iter().filter(|sub| stays(sub)).cloned().collect();
    Some(Arc::new(Attribute { sub_attributes, ..Attribute::clone(attribute) }))
}

/// Paths of a declaration: an extension, an attribute, or a sub-attribute, each with what leads to it.
struct Paths(HashSet<(Option<String>, Option<String>, Option<String>)>);

impl Paths {
    fn read(paths: &[String], whole: &ResourceType) -> Result<Self, String> {
        let mut found = HashSet::new();
        for path in paths {
            if let Some(extension) = whole.extension(path) {
                found.insert((Some(extension.schema.id.clone()), None, None));
                continue;
            }
            let resolved = resolve(whole, path, whole)?;
            let urn = resolved.extension_urn().map(str::to_owned);
            let sub_attribute = resolved.sub_attribute.as_ref().map(|sub| sub.name.clone());
            found.insert((urn, Some(resolved.attribute.name.clone()), sub_attribute));
        }
        Ok(Self(found))
    }

    /// Whether an attribute or sub-attribute is named, or the extension as a whole.
    fn has(&self, urn: Option<&str>, attribute: &str, sub_attribute: Option<&str>) -> bool {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let path = (owned(urn), Some(attribute.to_owned()), owned(sub_attribute));
        self.0.contains(&path) || (urn.is_some() && self.0.contains(&(owned(urn), None, None)))
    }
}

/// The resource type with what the schema can say of a rule.
///
/// # Errors
///
/// A rule that the attribute cannot have.
pub(super) fn apply_to_schema(
    resource_type: ResourceType,
    path: &ResolvedPath,
    rule: &AttributeRule,
) -> Result<ResourceType, String> {
    check_rule(path, rule)?;
    if is_external_id(path) {
        return Ok(resource_type);
    }
    let change = |attribute: &mut Attribute| match rule {
        AttributeRule::Required => attribute.required = true,
        AttributeRule::Immutable => attribute.mutability = Mutability::Immutable,
        AttributeRule::ReadOnly | AttributeRule::Derived(_) => attribute.mutability = Mutability::ReadOnly,
        AttributeRule::UniqueWithin(reach) => *attribute = attribute.clone().unique_within(*reach),
        AttributeRule::Format(format) => describe(attribute, &format!("Must be {}.", format.expected())),
        AttributeRule::AtMost(1) => describe(attribute, "At most 1 value."),
        AttributeRule::AtMost(most) => describe(attribute, &format!("At most {most} values.")),
    };
    Ok(resource_type.map_schema(path.extension_urn(), |schema| {
        let sub_attribute = path.sub_attribute.as_ref();
        schema.clone().with(&path.attribute.name, |attribute| match sub_attribute {
            None => change(attribute),
            Some(sub) => {
                attribute.sub_attributes.update(&sub.name, change);
            }
        })
    }))
}

fn describe(attribute: &mut Attribute, sentence: &str) {
    if !attribute.description.is_empty() {
        attribute.description.push(' ');
    }
    attribute.description.push_str(sentence);
}

/// Why an attribute cannot have a rule, if it cannot.
fn check_rule(path: &ResolvedPath, rule: &AttributeRule) -> Result<(), String> {
    let leaf = path.leaf();
    let is_text = |attribute: &Attribute| {
        matches!(attribute.attribute_type, AttributeType::String | AttributeType::Reference | AttributeType::Binary)
    };
    let problem = match rule {
        AttributeRule::Immutable
        | AttributeRule::ReadOnly
        | AttributeRule::Derived(_)
        | AttributeRule::UniqueWithin(_)
            if is_external_id(path) =>
        {
            "is the client's own identifier; it can be required and be of a format, and nothing else"
        }
        AttributeRule::Derived(_) if path.sub_attribute.is_some() => {
            "is a sub-attribute, and only an attribute is derived, as a whole"
        }
        AttributeRule::Format(_)
            if !is_text(leaf) && !leaf.sub_attribute("value").is_some_and(|value| is_text(value)) =>
        {
            "has no text that could be of a format"
        }
        AttributeRule::AtMost(_) if !path.attribute.multi_valued || path.sub_attribute.is_some() => {
            "is no list, so it has one value at most anyway"
        }
        AttributeRule::AtMost(_) if path.attribute.name == "members" => "is bounded by Limits::members_per_group",
        AttributeRule::AtMost(0) => "cannot have no value at all; leave it out with forbid",
        AttributeRule::UniqueWithin(_) if !is_text(leaf) && leaf.attribute_type != AttributeType::Integer => {
            "is of a type that has no uniqueness (RFC 7643 section 2.3); name a sub-attribute such as emails.value"
        }
        _ => return Ok(()),
    };
    Err(format!("{path} {problem}"))
}

/// Whatever is unique is so in all of the tenant.
pub(super) fn reach_over_tenant(mut resource_type: ResourceType) -> ResourceType {
    let urns = resource_type.extensions().iter().map(|extension| Some(extension.schema.id.clone()));
    for urn in std::iter::once(None).chain(urns).collect::<Vec<_>>() {
        resource_type = resource_type.map_schema(urn.as_deref(), |schema| {
            let attributes = schema.attributes.iter().map(|attribute| {
                let mut attribute = Attribute::clone(attribute);
                widen(&mut attribute);
                attribute.sub_attributes = attribute
                    .sub_attributes
                    .iter()
                    .map(|sub| {
                        let mut sub = Attribute::clone(sub);
                        widen(&mut sub);
                        sub
                    })
                    .collect();
                attribute
            });
            let attributes = attributes.collect();
            Schema { attributes, ..schema.clone() }
        });
    }
    resource_type
}

fn widen(attribute: &mut Attribute) {
    if attribute.uniqueness != Uniqueness::None && attribute.unique_within == UniqueWithin::Partition {
        attribute.unique_within = UniqueWithin::Tenant;
    }
}
