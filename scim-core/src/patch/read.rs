//! From operations as requested to operations on resolved targets.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::kept::KeptExtension;
use super::operation::{is_members, Action, Operation, OperationName, Origin, Target};
use super::plan::{in_operation, PlannedOperation};
use super::request::RequestedOperation;
use super::selection::selection;
use super::value::action;
use crate::compat::rewrite::{self, Change};
use crate::compat::{CompatProfile, UnknownExtensions};
use crate::error::{quoted, ScimError};
use crate::filter::{parse_path, PatchPath};
use crate::limits::Limits;
use crate::schema::normalize::Normalizer;
use crate::schema::{
    Attribute, AttributePath, AttributeRoot, AttributeType, Mutability, ResolvedPath, ResourceType, Schema,
};

/// Reads the operations of one request.
pub(super) struct Reader<'a> {
    normalizer: Normalizer<'a>,
    operations: Vec<PlannedOperation>,
    /// How many operations the request has, and which of them is being read, counted from 1.
    requested: usize,
    number: usize,
    members_named: usize,
}

/// What a path means that is the URN of a schema.
enum Container<'a> {
    Resource,
    Extension(&'a Arc<Schema>, bool),
}

/// What a path leads to.
enum Found {
    Target(Target),
    Schemas,
    Nothing,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        resource_type: &'a ResourceType,
        profile: &'a CompatProfile,
        limits: &'a Limits,
        requested: usize,
    ) -> Self {
        Self {
            normalizer: Normalizer::new(resource_type, profile, limits),
            operations: Vec::with_capacity(requested),
            requested,
            number: 0,
            members_named: 0,
        }
    }

    /// The operations, and the paths that were left out.
    pub(super) fn finish(self) -> (Vec<PlannedOperation>, Vec<String>) {
        (self.operations, self.normalizer.ignored)
    }

    pub(super) fn operation(&mut self, operation: Value) -> Result<(), ScimError> {
        self.number = self.number.saturating_add(1);
        let read = RequestedOperation::read(operation, self.normalizer.profile).and_then(|operation| {
            let RequestedOperation { name, path, value } = operation;
            match path {
                Some(path) => self.with_path(name, &path, value, Origin::Path),
                None => self.without_path(name, value),
            }
        });
        read.map_err(|error| in_operation(error, self.number, self.requested))
    }

    /// RFC 7644 s3.5.2: without a path the target is the resource itself, and the value an object of its attributes.
    fn without_path(&mut self, name: OperationName, value: Option<Value>) -> Result<(), ScimError> {
        if name == OperationName::Remove {
            return Err(ScimError::no_target("remove must have a path that says what to remove"));
        }
        let value = value.ok_or_else(|| ScimError::invalid_value("An operation without a path must have a value"))?;
        match rewrite::single_value(self.normalizer.profile, value) {
            Value::Object(members) => self.members_of_resource(name, members),
            _ => Err(ScimError::invalid_value(
                "The value of an operation without a path must be an object of attributes",
            )),
        }
    }

    fn members_of_resource(&mut self, name: OperationName, members: Map<String, Value>) -> Result<(), ScimError> {
        let first = self.operations.len();
        for (key, value) in members {
            let new = self.operations.len();
            self.with_key(name, &key, value)?;
            self.refuse_repeated(first, new)?;
        }
        Ok(())
    }

    fn with_key(&mut self, name: OperationName, key: &str, value: Value) -> Result<(), ScimError> {
        if key.contains([':', '.', '[']) {
            if self.container(key).is_some() || rewrite::key_is_path(self.normalizer.profile, key) {
                return self.with_path(name, key, Some(value), Origin::Value);
            }
            return self.on_unknown(key, urn_of(key), Some(value), Origin::Value);
        }
        let resource_type = self.normalizer.resource_type;
        let found = match resource_type.attribute(key) {
            Some((root, attribute)) => found(root, attribute),
            None => match AttributePath::split(key).and_then(|path| self.resolve_short_key(&path)) {
                Some(resolved) => found(resolved.root, &resolved.attribute),
                None => Found::Nothing,
            },
        };
        match found {
            Found::Target(target) => self.on_target(name, target, Some(value), Origin::Value),
            Found::Schemas => Ok(()),
            Found::Nothing => self.normalizer.unknown_attribute(key),
        }
    }

    /// Where keys are paths, they may leave out the URN of an extension like other paths.
    fn resolve_short_key(&self, path: &AttributePath) -> Option<ResolvedPath> {
        let profile = self.normalizer.profile;
        let short = profile.paths_as_keys && profile.short_extension_names;
        if short {
            self.normalizer.resource_type.resolve_short(path)
        } else {
            None
        }
    }

    fn with_path(
        &mut self,
        name: OperationName,
        path: &str,
        value: Option<Value>,
        origin: Origin,
    ) -> Result<(), ScimError> {
        if let Some(container) = self.container(path) {
            return self.on_container(name, &container, value);
        }
        let parsed = match parse_path(path, self.normalizer.profile, self.normalizer.limits) {
            Ok(parsed) => parsed,
            Err(_) if origin == Origin::Value => return self.on_unknown(path, urn_of(path), value, origin),
            Err(error) => return Err(error.into_path_error()),
        };
        match self.find(&parsed)? {
            Found::Target(target) => self.on_target(name, target, value, origin),
            Found::Schemas => self.on_schemas(name, origin),
            Found::Nothing => self.on_unknown(path, parsed.attribute.urn(), value, origin),
        }
    }

    fn container(&self, path: &str) -> Option<Container<'a>> {
        if !path.contains(':') {
            return None;
        }
        let resource_type = self.normalizer.resource_type;
        let urn = self.normalizer.current_urn(path);
        if urn.eq_ignore_ascii_case(&resource_type.schema().id) {
            return Some(Container::Resource);
        }
        resource_type.extension(urn).map(|extension| Container::Extension(&extension.schema, extension.required))
    }

    fn on_container(
        &mut self,
        name: OperationName,
        container: &Container<'a>,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        match container {
            Container::Resource => self.without_path(name, value),
            Container::Extension(schema, required) => self.on_extension(name, schema, *required, value),
        }
    }

    /// The URN of an extension alone: its object, merged attribute by attribute, or removed.
    fn on_extension(
        &mut self,
        name: OperationName,
        schema: &Arc<Schema>,
        required: bool,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        let urn = &schema.id;
        let empty_text = value.as_ref().is_some_and(|value| value.as_str() == Some(""));
        let unassigned = empty_text && self.normalizer.profile.empty_means_unassigned;
        match (name, if unassigned { Some(Value::Null) } else { value }) {
            (OperationName::Remove | OperationName::Replace, Some(Value::Null)) | (OperationName::Remove, None) => {
                if required {
                    return Err(ScimError::mutability(format!("The extension {urn} is required")));
                }
                self.push(true, Operation::RemoveExtension(Arc::clone(schema)));
                Ok(())
            }
            (OperationName::Remove, Some(_)) => Err(ScimError::invalid_syntax(format!(
                "remove of {urn} takes no value; name the attribute to remove in the path"
            ))),
            (OperationName::Add, Some(Value::Null)) => Ok(()),
            (_, Some(Value::Object(members))) => self.members_of_extension(name, schema, members),
            (_, Some(_)) => Err(ScimError::invalid_value(format!("{urn} must be an object of attributes"))),
            (_, None) => Err(ScimError::invalid_value(format!("The operation on {urn} must have a value"))),
        }
    }

    fn members_of_extension(
        &mut self,
        name: OperationName,
        schema: &Arc<Schema>,
        members: Map<String, Value>,
    ) -> Result<(), ScimError> {
        let first = self.operations.len();
        for (key, value) in members {
            let new = self.operations.len();
            match schema.attributes.get(&key) {
                Some(attribute) => {
                    let target = whole(Some(Arc::clone(schema)), attribute);
                    self.on_target(name, target, Some(value), Origin::Value)?;
                }
                None if key.contains(['.', '[']) && rewrite::key_is_path(self.normalizer.profile, &key) => {
                    self.with_path(name, &format!("{}:{key}", schema.id), Some(value), Origin::Value)?;
                }
                None => self.normalizer.unknown_attribute(&format!("{}:{key}", schema.id))?,
            }
            self.refuse_repeated(first, new)?;
        }
        Ok(())
    }

    /// What a parsed path leads to in the resource type.
    fn find(&mut self, parsed: &PatchPath) -> Result<Found, ScimError> {
        let Normalizer { resource_type, profile, .. } = self.normalizer;
        let current = self.current_path(&parsed.attribute);
        let path = current.as_ref().unwrap_or(&parsed.attribute);
        let resolved =
            if profile.short_extension_names { resource_type.resolve_short(path) } else { resource_type.resolve(path) };
        let Some(resolved) = resolved else { return Ok(Found::Nothing) };
        let mut target = match found(resolved.root.clone(), &resolved.attribute) {
            Found::Target(target) => target,
            other => return Ok(other),
        };
        target.sub_attribute.clone_from(&resolved.sub_attribute);
        if let Some(filter) = &parsed.filter {
            target.selection = Some(selection(filter, &resolved, &mut self.normalizer)?);
        }
        if let Some(name) = &parsed.sub_attribute {
            let Some(sub_attribute) = target.attribute.sub_attribute(name) else { return Ok(Found::Nothing) };
            target.sub_attribute = Some(Arc::clone(sub_attribute));
        }
        Ok(Found::Target(target))
    }

    /// The path with today's URN, if it has one of an earlier age.
    fn current_path(&self, path: &AttributePath) -> Option<AttributePath> {
        let urn = path.urn()?;
        let current = self.normalizer.current_urn(urn);
        let rest = path.as_str().get(urn.len()..)?;
        if current == urn {
            None
        } else {
            AttributePath::split(&format!("{current}{rest}"))
        }
    }

    fn on_target(
        &mut self,
        name: OperationName,
        mut target: Target,
        value: Option<Value>,
        origin: Origin,
    ) -> Result<(), ScimError> {
        let read_only = |attribute: &Attribute| attribute.mutability == Mutability::ReadOnly;
        if read_only(&target.attribute) || read_only(target.leaf()) {
            return self.on_read_only(&target, origin);
        }
        let change = rewrite::change(self.normalizer.profile, name, &target, value)?;
        if change == Change::Remove {
            refuse_removal_of_required(&target)?;
        }
        let removes = matches!(change, Change::Remove | Change::RemoveValues(_));
        let action = action(&mut self.normalizer, &mut target, change)?;
        if !removes && matches!(action, Action::Set(None)) && self.keeps(&target) {
            self.normalizer.ignored.push(target.to_string());
            return Ok(());
        }
        self.count_members(&target, &action)?;
        self.push(removes, Operation::Attribute(target, action));
        Ok(())
    }

    /// Whether no value for the target says nothing of it, rather than to take its value away.
    fn keeps(&self, target: &Target) -> bool {
        self.normalizer.profile.put_keeps_active
            && target.extension.is_none()
            && target.attribute.name == "active"
            && target.attribute.attribute_type == AttributeType::Boolean
    }

    /// An explicit path to a read-only attribute is an error; in the value of an operation without a path providers
    /// send them along with the others.
    fn on_read_only(&mut self, target: &Target, origin: Origin) -> Result<(), ScimError> {
        let profile = self.normalizer.profile;
        let is_ignored = match origin {
            Origin::Value => profile.ignore_read_only_in_patch,
            Origin::Path => profile.ignore_read_only_paths,
        };
        if is_ignored {
            self.normalizer.ignored.push(target.to_string());
            return Ok(());
        }
        Err(ScimError::mutability(format!("{target} is read-only")))
    }

    /// `schemas` follows from the attributes that a resource has, so there is nothing to be done for it.
    fn on_schemas(&mut self, name: OperationName, origin: Origin) -> Result<(), ScimError> {
        if name == OperationName::Remove {
            return Err(ScimError::mutability("schemas is required; remove the attributes of an extension instead"));
        }
        if origin == Origin::Path {
            self.normalizer.ignored.push("schemas".to_owned());
        }
        Ok(())
    }

    /// What the resource type does not have: by its URN an extension's, or an attribute of a known schema.
    fn on_unknown(
        &mut self,
        path: &str,
        urn: Option<&str>,
        value: Option<Value>,
        origin: Origin,
    ) -> Result<(), ScimError> {
        let Normalizer { resource_type, profile, .. } = self.normalizer;
        let refused = || {
            let name = resource_type.name();
            ScimError::invalid_path(format!("{} is not an attribute of {name}", quoted(path)))
        };
        if urn.is_some_and(|urn| self.container(urn).is_none()) {
            match profile.unknown_extensions {
                UnknownExtensions::Refuse => return Err(refused()),
                UnknownExtensions::Keep if KeptExtension::takes(path) => return self.keep(path, value),
                UnknownExtensions::Keep | UnknownExtensions::Ignore if origin == Origin::Value => {
                    self.normalizer.ignored.push(path.to_owned());
                    return Ok(());
                }
                UnknownExtensions::Keep | UnknownExtensions::Ignore => {}
            }
        }
        match origin {
            Origin::Value => self.normalizer.unknown_attribute(path),
            Origin::Path if profile.ignore_unknown_paths => {
                self.normalizer.ignored.push(path.to_owned());
                Ok(())
            }
            Origin::Path => Err(refused()),
        }
    }

    fn keep(&mut self, path: &str, value: Option<Value>) -> Result<(), ScimError> {
        let kept = KeptExtension::new(path, value, self.normalizer.limits)?;
        self.push(false, Operation::KeptExtension(kept));
        Ok(())
    }

    /// A name twice in one object, also twice but for case or once with its URN, has no meaning (RFC 7643 s2.1): of the
    /// operations that the members of the object became, those from `new` on are compared with those from `first` on.
    fn refuse_repeated(&self, first: usize, new: usize) -> Result<(), ScimError> {
        let targets = |from: usize, to: usize| {
            self.operations
                .get(from..to)
                .unwrap_or_default()
                .iter()
                .filter_map(|planned| planned.operation.whole_target())
        };
        for target in targets(new, self.operations.len()) {
            if targets(first, new).any(|other| other.is_same(target)) {
                return Err(ScimError::invalid_syntax(format!("{target} is given twice")));
            }
        }
        Ok(())
    }

    /// Members named in all operations together count against the limit of the request.
    fn count_members(&mut self, target: &Target, action: &Action) -> Result<(), ScimError> {
        if !target.is_members() {
            return Ok(());
        }
        let selected = target.selection.as_ref().and_then(|selection| selection.member_ids.as_deref());
        let named = match action {
            Action::Set(Some(Value::Array(list))) => list.len(),
            Action::Append(list) | Action::RemoveValues(list) => list.len(),
            Action::Set(_) | Action::Merge(_) => selected.map_or(0, <[String]>::len),
        };
        self.members_named = self.members_named.saturating_add(named);
        let most = self.normalizer.limits.members_per_request;
        if self.members_named > most {
            return Err(ScimError::payload_too_large(format!(
                "A request may name {most} members; send the others in further requests"
            )));
        }
        Ok(())
    }

    fn push(&mut self, removes: bool, operation: Operation) {
        self.operations.push(PlannedOperation { number: self.number, removes, operation });
    }
}

/// What stands before the name in a key that is no path.
fn urn_of(key: &str) -> Option<&str> {
    let before_filter = key.split('[').next()?;
    before_filter.rsplit_once(':').map(|(urn, _)| urn)
}

fn found(root: AttributeRoot, attribute: &Arc<Attribute>) -> Found {
    match root {
        AttributeRoot::Schemas => Found::Schemas,
        AttributeRoot::Extension(schema) => Found::Target(whole(Some(schema), attribute)),
        AttributeRoot::Core | AttributeRoot::Id | AttributeRoot::Meta => Found::Target(whole(None, attribute)),
    }
}

fn whole(extension: Option<Arc<Schema>>, attribute: &Arc<Attribute>) -> Target {
    Target { extension, attribute: Arc::clone(attribute), selection: None, sub_attribute: None }
}

/// RFC 7644 s3.5.2.2: removing a required attribute is an error of `mutability`. Whether a group has members is not
/// judged, for they are a relation.
fn refuse_removal_of_required(target: &Target) -> Result<(), ScimError> {
    let single_elements = target.selection.is_some() && target.sub_attribute.is_none();
    if target.leaf().required && !single_elements && !is_members(&target.attribute) {
        return Err(ScimError::mutability(format!("{target} is required and cannot be removed")));
    }
    Ok(())
}
