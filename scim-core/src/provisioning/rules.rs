//! The rules of one resource type, as they are declared.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::lifecycle::Lifecycle;
use super::operations::Operations;
use super::{Format, HostResources, OnDelete, OnInactive, OnReturn, ResourceOperation};
use crate::error::ScimError;
use crate::resource::Attributes;
use crate::schema::UniqueWithin;

/// What happens with attributes that the resource type does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownAttributes {
    /// They are left out, and named in the log.
    Ignore,
    /// The request is refused with 400.
    Refuse,
}

/// The rules of one resource type in a [`ProvisioningPolicy`](crate::ProvisioningPolicy).
///
/// Attributes are named by path: a name such as `displayName`, a sub-attribute such as `name.familyName`, an extension's
/// attribute with its URN or, where no core attribute has the name, without it: `department`. A path that is no
/// attribute is a [`BuildError`](crate::BuildError) that says so.
///
/// The order of the calls does not matter.
#[derive(Clone, Default)]
#[must_use]
pub struct ResourceRules {
    pub(super) only: Option<Vec<String>>,
    pub(super) forbidden: Vec<String>,
    pub(super) attributes: Vec<(String, AttributeRule)>,
    pub(super) checks: Vec<CustomCheck>,
    pub(super) unknown: Option<UnknownAttributes>,
    pub(super) operations: Operations,
    pub(super) lifecycle: Lifecycle,
}

/// A rule about one attribute.
#[derive(Clone)]
pub(super) enum AttributeRule {
    Required,
    Immutable,
    ReadOnly,
    UniqueWithin(UniqueWithin),
    Format(Format),
    AtMost(usize),
    Derived(Derivation),
}

/// How the value of an attribute follows from others.
pub(super) type Derivation = Arc<dyn Fn(&Attributes) -> Value + Send + Sync>;

/// A function that looks at a whole document.
pub(super) type CustomCheck = Arc<dyn Fn(&Attributes) -> Result<(), ScimError> + Send + Sync>;

impl ResourceRules {
    /// The type has these attributes and no others; `id`, `externalId`, `meta` and `schemas` it always has. The path of
    /// a sub-attribute keeps that part of its attribute, and the URN of an extension keeps the extension whole.
    ///
    /// What is left out is unknown to clients: discovery does not show it, what they send for it is treated as
    /// [`unknown`](Self::unknown) attributes are, and it is not answered. What the host stores there itself survives every
    /// write of a client, and is found and unique as before.
    pub fn only<P: Into<String>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.only.get_or_insert_default().extend(paths.into_iter().map(Into::into));
        self
    }

    /// The type does not have this attribute, as with [`only`](Self::only).
    pub fn forbid(mut self, path: impl Into<String>) -> Self {
        self.forbidden.push(path.into());
        self
    }

    /// A resource must have this attribute.
    pub fn require(self, path: impl Into<String>) -> Self {
        self.rule(path, AttributeRule::Required)
    }

    /// The attribute can be set once and not be changed after that (RFC 7643 s7 `immutable`): another value, or its
    /// removal, is 400 `mutability`. To send the same value again is no change, a list in another order is the same, and
    /// a PUT that leaves it out keeps it (RFC 7644 s3.5.1).
    pub fn immutable(self, path: impl Into<String>) -> Self {
        self.rule(path, AttributeRule::Immutable)
    }

    /// The host alone writes the attribute (RFC 7643 s7 `readOnly`). What a client sends for it is ignored in POST and
    /// PUT (RFC 7644 s3.3, s3.5.1); in PATCH it is left out of a value without a path, and a path to it is
    /// 400 `mutability`, unless the profile says [otherwise](crate::CompatProfile::ignore_read_only_paths).
    pub fn read_only(self, path: impl Into<String>) -> Self {
        self.rule(path, AttributeRule::ReadOnly)
    }

    /// No other resource within this reach has the same value. That holds for what the host stores by itself if it takes
    /// [`ScimServer::resources_of`](crate::ScimServer::resources_of).
    pub fn unique_within(self, path: impl Into<String>, reach: UniqueWithin) -> Self {
        self.rule(path, AttributeRule::UniqueWithin(reach))
    }

    /// Every text of the attribute is of this format; of a complex attribute it is the `value` that is meant. A value
    /// that is there already and does not change is not looked at, so that a rule that comes later does not keep anybody
    /// from being deactivated.
    pub fn format(self, path: impl Into<String>, format: Format) -> Self {
        self.rule(path, AttributeRule::Format(format))
    }

    /// The list has this many values at most.
    pub fn at_most(self, path: impl Into<String>, count: usize) -> Self {
        self.rule(path, AttributeRule::AtMost(count))
    }

    /// The attribute follows from the others: with every change it is set to what the function makes of the document as
    /// the client would have it, and `null` is no value. It is [read-only](Self::read_only) to clients.
    pub fn derive<V: Into<Value>>(
        self,
        path: impl Into<String>,
        value: impl Fn(&Attributes) -> V + Send + Sync + 'static,
    ) -> Self {
        self.rule(path, AttributeRule::Derived(Arc::new(move |attributes| value(attributes).into())))
    }

    /// Looks at every document that is about to be stored, deactivations included, and may refuse it. For what needs
    /// more than the document there is [`Policy`](crate::Policy), which comes after all of these rules.
    pub fn check(mut self, check: impl Fn(&Attributes) -> Result<(), ScimError> + Send + Sync + 'static) -> Self {
        self.checks.push(Arc::new(check));
        self
    }

    /// What happens with attributes and extensions that the type does not have, whatever the
    /// [profile](crate::CompatProfile) says.
    pub fn unknown(mut self, unknown: UnknownAttributes) -> Self {
        self.unknown = Some(unknown);
        self
    }

    /// The operation is not offered: 501, also in Bulk requests. Discovery says so as far as it can: `patch`, `bulk`,
    /// `filter` and `sort` are supported if a resource type does, and a type without any operation does not exist.
    pub fn without(mut self, operation: ResourceOperation) -> Self {
        self.operations = self.operations.without(operation);
        self
    }

    /// What a deactivation does.
    pub fn on_inactive(mut self, on_inactive: OnInactive) -> Self {
        self.lifecycle.on_inactive = on_inactive;
        self
    }

    /// What DELETE does.
    pub fn on_delete(mut self, on_delete: OnDelete) -> Self {
        self.lifecycle.on_delete = on_delete;
        self
    }

    /// What a POST does that has the [matching value](Self::match_on) of a removed resource.
    pub fn on_return(mut self, on_return: OnReturn) -> Self {
        self.lifecycle.on_return = on_return;
        self
    }

    /// By which attribute a resource that returns is known again: a text that is no list. `userName` if it is not set,
    /// or else `displayName`. Where no resource returns, by [`on_return`](Self::on_return) or adoption, it is a
    /// [`BuildError`](crate::BuildError).
    pub fn match_on(mut self, path: impl Into<String>) -> Self {
        self.lifecycle.match_on = Some(path.into());
        self
    }

    /// What resources that the host makes are for a connection that has its own.
    pub fn host_resources(mut self, host_resources: HostResources) -> Self {
        self.lifecycle.host_resources = host_resources;
        self
    }

    /// A POST with the [matching value](Self::match_on) of a resource that the host made takes that resource over: it
    /// moves from the tenant's own partition to the connection's, with the attributes of the body as a PUT would set
    /// them and the answer of a creation.
    ///
    /// # Danger
    ///
    /// Whoever administers the identity provider becomes the owner of every account whose name they can write down,
    /// with all that the account may do and has stored: an account takeover by design. Let a person
    /// [migrate](crate::Resources::migrate_to) accounts one by one instead, unless everybody who can configure the
    /// connection may take over everybody's account anyway. Observers see [`Adopted`](crate::EventKind::Adopted).
    pub fn danger_adopt_host_resources(mut self) -> Self {
        self.lifecycle.adopts = true;
        self
    }

    fn rule(mut self, path: impl Into<String>, rule: AttributeRule) -> Self {
        self.attributes.push((path.into(), rule));
        self
    }
}

impl fmt::Debug for ResourceRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules: Vec<_> = self.attributes.iter().map(|(path, rule)| (path, rule.name())).collect();
        f.debug_struct("ResourceRules")
            .field("only", &self.only)
            .field("forbidden", &self.forbidden)
            .field("attributes", &rules)
            .field("checks", &self.checks.len())
            .field("unknown", &self.unknown)
            .field("operations", &self.operations)
            .field("lifecycle", &self.lifecycle)
            .finish()
    }
}

impl AttributeRule {
    fn name(&self) -> &'static str {
        match self {
            Self::Required => "require",
            Self::Immutable => "immutable",
            Self::ReadOnly => "read_only",
            Self::UniqueWithin(_) => "unique_within",
            Self::Format(_) => "format",
            Self::AtMost(_) => "at_most",
            Self::Derived(_) => "derive",
        }
    }
}
