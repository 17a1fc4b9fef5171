//! The rules of one resource type, ready to be kept: made when the server is built.

use std::sync::Arc;

use super::lifecycle::Lifecycle;
use super::operations::Operations;
use super::path::resolve;
use super::rules::AttributeRule;
use super::schema_rules::{apply_to_schema, reach_over_tenant, trim};
use super::write_rules::{ValueRule, WriteRules};
use super::{HostResources, OnDelete, OnInactive, OnReturn, ResourceRules, UnknownAttributes};
use crate::compat::{CompatProfile, UnknownExtensions};
use crate::schema::{AttributeType, ResolvedPath, ResourceType};
use crate::store::Capabilities;

/// What a server keeps to for one resource type.
#[derive(Debug, Default)]
pub(crate) struct PreparedRules {
    pub(crate) operations: Operations,
    pub(crate) write: WriteRules,
    pub(crate) lifecycle: PreparedLifecycle,
    unknown: Option<UnknownAttributes>,
}

/// What becomes of a resource that leaves, returns, or was there before.
#[derive(Debug, Default)]
pub(crate) struct PreparedLifecycle {
    pub(crate) on_inactive: OnInactive,
    pub(crate) on_delete: OnDelete,
    pub(crate) on_return: OnReturn,
    pub(crate) adopts: bool,
    /// By what a resource that returns is known again, where one may return.
    pub(crate) match_on: Option<ResolvedPath>,
}

/// A resource type under the rules of a policy.
pub(crate) struct RuledType {
    /// As clients see it: without what `only` and `forbid` leave out.
    pub(crate) shown: ResourceType,
    /// As stores and the host see it, so that what is left out is found and unique after every write.
    pub(crate) stored: ResourceType,
}

impl PreparedRules {
    /// The resource type under the rules, and what is left to be looked at with each request.
    ///
    /// # Errors
    ///
    /// What is wrong with the declaration, and what to do about it.
    pub(crate) fn new(rules: &ResourceRules, whole: &ResourceType) -> Result<(RuledType, Self), String> {
        let (mut shown, hidden) = trim(rules, whole)?;
        let mut stored = whole.clone();
        let mut write = WriteRules { hidden, checks: rules.checks.clone(), ..WriteRules::default() };
        for (path, rule) in &rules.attributes {
            let resolved = resolve(&shown, path, whole)?;
            let value_rule = match rule {
                AttributeRule::Format(format) => Some(ValueRule::Format(format.clone())),
                AttributeRule::AtMost(most) => Some(ValueRule::AtMost(*most)),
                AttributeRule::Required if is_external_id(&resolved) => Some(ValueRule::Required),
                _ => None,
            };
            if let AttributeRule::Derived(derivation) = rule {
                write.derived.push((resolved.to_string(), Arc::clone(derivation)));
            }
            shown = apply_to_schema(shown, &resolved, rule)?;
            stored = apply_to_schema(stored, &resolve(whole, path, whole)?, rule)?;
            write.values.extend(value_rule.map(|rule| (resolved, rule)));
        }
        if rules.lifecycle.host_resources == HostResources::Conflicting {
            shown = reach_over_tenant(shown);
            stored = reach_over_tenant(stored);
        }
        let lifecycle = PreparedLifecycle::new(&rules.lifecycle, &shown, whole)?;
        Ok((
            RuledType { shown, stored },
            Self { operations: rules.operations, write, lifecycle, unknown: rules.unknown },
        ))
    }

    /// Checks that the store can do what the lifecycle needs.
    ///
    /// # Errors
    ///
    /// What it cannot do.
    pub(crate) fn check_store(&self, capabilities: Capabilities) -> Result<(), String> {
        let PreparedLifecycle { on_inactive, on_delete, on_return, adopts, match_on } = &self.lifecycle;
        let removes = *on_inactive == OnInactive::Remove || *on_delete != OnDelete::Delete;
        let returns = *on_return == OnReturn::Restore || *adopts;
        if (removes || returns) && !capabilities.partitions {
            return Err("what is removed, restored or adopted moves between partitions, and the store does not keep \
                 partitions apart (Capabilities::partitions)"
                .to_owned());
        }
        if match_on.is_some() && !capabilities.filter {
            return Err("a resource that returns is found by a filter, and the store does not filter \
                 (Capabilities::filter)"
                .to_owned());
        }
        Ok(())
    }

    /// The profile with what the policy says of unknown attributes. Where that is what the profile says anyway, it is
    /// shared.
    pub(crate) fn profile(&self, profile: &Arc<CompatProfile>) -> Arc<CompatProfile> {
        let Some(unknown) = self.unknown else { return Arc::clone(profile) };
        let (ignore, extensions) = match unknown {
            UnknownAttributes::Ignore => (true, UnknownExtensions::Ignore),
            UnknownAttributes::Refuse => (false, UnknownExtensions::Refuse),
        };
        let agrees = profile.ignore_unknown_attributes == ignore
            && profile.ignore_unknown_paths == ignore
            && profile.unknown_extensions == extensions;
        if agrees {
            return Arc::clone(profile);
        }
        Arc::new(CompatProfile {
            ignore_unknown_attributes: ignore,
            ignore_unknown_paths: ignore,
            unknown_extensions: extensions,
            ..CompatProfile::clone(profile)
        })
    }
}

impl PreparedLifecycle {
    fn new(declared: &Lifecycle, resource_type: &ResourceType, whole: &ResourceType) -> Result<Self, String> {
        let Lifecycle { on_inactive, on_delete, on_return, adopts, .. } = *declared;
        let deactivates = on_inactive != OnInactive::Keep || on_delete == OnDelete::Deactivate;
        let active = resource_type.schema().attributes.get("active");
        if deactivates && active.is_none_or(|active| active.attribute_type != AttributeType::Boolean) {
            return Err(
                "on_inactive and OnDelete::Deactivate need the boolean attribute active, which it does not have"
                    .to_owned(),
            );
        }
        let returns = on_return == OnReturn::Restore || adopts;
        if declared.match_on.is_some() && !returns {
            return Err("match_on says by what a resource that returns is known again, and none does; say \
                 on_return(OnReturn::Restore) too, or leave match_on out"
                .to_owned());
        }
        let match_on = match &declared.match_on {
            Some(path) => Some(matching(resource_type, path, whole)?),
            None if returns => Some(default_matching(resource_type, whole)?),
            None => None,
        };
        Ok(Self { on_inactive, on_delete, on_return, adopts, match_on })
    }
}

fn default_matching(resource_type: &ResourceType, whole: &ResourceType) -> Result<ResolvedPath, String> {
    let name = ["userName", "displayName"].into_iter().find(|name| resource_type.attribute(name).is_some());
    match name {
        Some(name) => matching(resource_type, name, whole),
        None => {
            Err("by which attribute a resource that returns is known again must be said with match_on, for it has \
                     neither userName nor displayName"
                .to_owned())
        }
    }
}

fn matching(resource_type: &ResourceType, path: &str, whole: &ResourceType) -> Result<ResolvedPath, String> {
    let resolved = resolve(resource_type, path, whole)?;
    let is_text = matches!(resolved.leaf().attribute_type, AttributeType::String | AttributeType::Reference);
    if !is_text || resolved.attribute.multi_valued || resolved.sub_attribute.is_some() {
        return Err(format!("match_on takes an attribute that is a single text, and {resolved} is not"));
    }
    Ok(resolved)
}

/// The one attribute with rules that no schema lists (RFC 7643 s3.1).
pub(super) fn is_external_id(path: &ResolvedPath) -> bool {
    path.extension_urn().is_none() && path.attribute.name == "externalId"
}
