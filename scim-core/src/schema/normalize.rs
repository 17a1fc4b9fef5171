//! From the JSON of a client to canonical attributes, driven by the schema (RFC 7643 s2).

use std::collections::HashSet;
use std::fmt;

use serde_json::{Map, Value};

use super::attribute_path::AttributeRoot;
use super::plain::{check_text, plain_value};
use super::{validate, Attribute, Mutability, ResourceType, Schema, ENTERPRISE_USER};
use crate::compat::{CompatProfile, UnknownExtensions};
use crate::error::{quoted, ScimError};
use crate::limits::Limits;
use crate::resource::Attributes;
use crate::write_only::NamesOf;

/// A document in canonical form, and what normalisation took out of it.
///
/// `Debug` shows of write-only attributes the names alone.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Normalized {
    /// What is stored.
    pub attributes: Attributes,
    /// Write-only attributes such as `password`; never stored with the others. Those of an extension are in an object
    /// under its URN.
    pub write_only: Map<String, Value>,
    /// The paths that were left out because the schema does not have them or clients may not write them.
    pub ignored: Vec<String>,
    /// The attributes that the body names without a value: `null`, `[]`, and `""` or `{}` where the profile reads them
    /// so. A client that names an attribute in this way clears it, while one that leaves it out may mean the default
    /// (RFC 7644 s3.5.1).
    pub unassigned: Vec<String>,
}

impl Normalized {
    /// Whether the body names the attribute without a value, as opposed to leaving it out. An attribute of an extension
    /// is named with its URN and a colon.
    #[must_use]
    pub fn unassigns(&self, path: &str) -> bool {
        self.unassigned.iter().any(|unassigned| unassigned.eq_ignore_ascii_case(path))
    }
}

impl fmt::Debug for Normalized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attributes, write_only, ignored, unassigned } = self;
        f.debug_struct("Normalized")
            .field("attributes", attributes)
            .field("write_only", &NamesOf(write_only))
            .field("ignored", ignored)
            .field("unassigned", unassigned)
            .finish()
    }
}

impl ResourceType {
    /// Brings a document into canonical form, as the body of a POST is before it is stored (RFC 7643 s2, RFC 7644 s3.3),
    /// and checks that what is required is there.
    ///
    /// Names are in the schema's spelling afterwards, what has no value is gone, extensions are objects under their URN.
    /// `schemas`, `id`, `meta` and other read-only attributes are left out.
    ///
    /// ```
    /// use scim_core::{CompatProfile, Limits, ResourceType};
    /// use serde_json::json;
    ///
    /// let body = json!({
    ///     "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    ///     "id": "is the server's",
    ///     "USERNAME": "bjensen",
    ///     "active": "True",
    ///     "nickName": null,
    ///     "password": "t1meMa$heen"
    /// });
    /// let user = ResourceType::user().normalize(body, &CompatProfile::default(), &Limits::default())?;
    /// assert_eq!(serde_json::to_value(&user.attributes).unwrap(), json!({"userName": "bjensen", "active": true}));
    /// assert_eq!(user.write_only["password"], "t1meMa$heen");
    /// assert_eq!(user.ignored, ["id"]);
    /// assert!(user.unassigns("nickName"));
    /// # Ok::<(), scim_core::ScimError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// 400 `invalidSyntax` for what is no object or names an attribute twice; 400 `invalidValue` for a value that does
    /// not fit its attribute or is missing; 413 for too many members; and whatever the profile does not tolerate.
    pub fn normalize(
        &self,
        body: impl Into<Value>,
        profile: &CompatProfile,
        limits: &Limits,
    ) -> Result<Normalized, ScimError> {
        let Value::Object(body) = body.into() else {
            return Err(ScimError::invalid_syntax("A resource must be a JSON object"));
        };
        let normalized = Normalizer::new(self, profile, limits).resource(body)?;
        validate::required(self, &normalized.attributes)?;
        validate::required_write_only(self, &normalized.write_only)?;
        Ok(normalized)
    }
}

/// Normalises what clients send for one resource type.
pub(crate) struct Normalizer<'a> {
    pub(crate) resource_type: &'a ResourceType,
    /// The same with what a policy leaves out of it.
    whole: &'a ResourceType,
    pub(crate) profile: &'a CompatProfile,
    pub(crate) limits: &'a Limits,
    /// The paths left out so far.
    pub(crate) ignored: Vec<String>,
    /// The attributes named without a value so far.
    unassigned: Vec<String>,
    /// The values are the service provider's own: it may write what is read-only, and what the schema does not know is
    /// kept.
    pub(super) by_provider: bool,
}

/// The place of a value, for messages; rendered only when one is needed.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) extension: Option<&'a Schema>,
    pub(crate) attribute: &'a str,
    pub(crate) sub_attribute: Option<&'a str>,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = self.extension {
            write!(f, "{}:", schema.id)?;
        }
        f.write_str(self.attribute)?;
        match self.sub_attribute {
            Some(name) => write!(f, ".{name}"),
            None => Ok(()),
        }
    }
}

impl<'a> Normalizer<'a> {
    pub(crate) fn new(resource_type: &'a ResourceType, profile: &'a CompatProfile, limits: &'a Limits) -> Self {
        Self {
            resource_type,
            whole: resource_type,
            profile,
            limits,
            ignored: Vec::new(),
            unassigned: Vec::new(),
            by_provider: false,
        }
    }

    /// For a resource type of which a policy leaves something out.
    pub(crate) fn part_of(self, whole: &'a ResourceType) -> Self {
        Self { whole, ..self }
    }

    /// For values of the service provider itself, which may write what clients may not.
    pub(crate) fn for_provider(
        resource_type: &'a ResourceType,
        profile: &'a CompatProfile,
        limits: &'a Limits,
    ) -> Self {
        Self { by_provider: true, ..Self::new(resource_type, profile, limits) }
    }

    /// The body of a POST or PUT. Read-only attributes are left out, as RFC 7644 s3.3 and s3.5.1 say.
    ///
    /// # Errors
    ///
    /// 400 for a value that does not fit its attribute, an attribute given twice, or, where the profile says so, for
    /// what the schema does not have.
    pub(crate) fn resource(mut self, body: Map<String, Value>) -> Result<Normalized, ScimError> {
        self.check_schemas(&body)?;
        let mut document = Document::default();
        for (key, value) in body {
            if key.contains(':') {
                self.qualified_member(key, value, &mut document)?;
            } else {
                self.core_member(key, value, &mut document.core)?;
            }
        }
        let (attributes, write_only) = document.into_parts();
        Ok(Normalized { attributes, write_only, ignored: self.ignored, unassigned: self.unassigned })
    }

    fn core_member(&mut self, key: String, value: Value, core: &mut Section<'a>) -> Result<(), ScimError> {
        match self.resource_type.attribute(&key) {
            Some((AttributeRoot::Core, attribute)) => self.member(None, attribute, key, value, core),
            Some((root, attribute)) => {
                if root != AttributeRoot::Schemas {
                    self.ignored.push(attribute.name.clone());
                }
                let place = Place { extension: None, attribute: &attribute.name, sub_attribute: None };
                core.readable.add(place, key, None)
            }
            None if self.by_provider => self.keep_unknown(key, value, &mut core.readable),
            None => self.unknown_attribute(&key),
        }
    }

    /// A key with a colon: the object of an extension, or an attribute with its URN (RFC 7644 s3.10).
    fn qualified_member(&mut self, key: String, value: Value, document: &mut Document<'a>) -> Result<(), ScimError> {
        let resource_type = self.resource_type;
        let core_urn = &resource_type.schema().id;
        if let Some(extension) = resource_type.extension(self.current_urn(&key)) {
            return self.extension_object(&extension.schema, value, document);
        }
        if key.eq_ignore_ascii_case(core_urn) {
            let members = self.object_of(&key, value)?;
            return members.into_iter().try_for_each(|(name, value)| self.core_member(name, value, &mut document.core));
        }
        if let Some((urn, name)) = key.rsplit_once(':') {
            if urn.eq_ignore_ascii_case(core_urn) {
                return self.core_member(name.to_owned(), value, &mut document.core);
            }
            if let Some(extension) = resource_type.extension(self.current_urn(urn)) {
                return self.extension_member(&extension.schema, name.to_owned(), value, document);
            }
        }
        self.unknown_extension(key, value, document)
    }

    fn extension_object(
        &mut self,
        schema: &'a Schema,
        value: Value,
        document: &mut Document<'a>,
    ) -> Result<(), ScimError> {
        let members = self.object_of(&schema.id, value)?;
        members.into_iter().try_for_each(|(name, value)| self.extension_member(schema, name, value, document))
    }

    fn extension_member(
        &mut self,
        schema: &'a Schema,
        key: String,
        value: Value,
        document: &mut Document<'a>,
    ) -> Result<(), ScimError> {
        match schema.attributes.get(&key) {
            Some(attribute) => self.member(Some(schema), attribute, key, value, document.extension(schema)),
            None if self.by_provider => self.keep_unknown(key, value, &mut document.extension(schema).readable),
            None => self.unknown_attribute(&format!("{}:{key}", schema.id)),
        }
    }

    /// The members of an object under a URN; none of them for what means unassigned.
    fn object_of(&self, urn: &str, value: Value) -> Result<Map<String, Value>, ScimError> {
        match value {
            Value::Object(members) => Ok(members),
            Value::Null => Ok(Map::new()),
            other if self.is_unassigned(&other) => Ok(Map::new()),
            _ => Err(ScimError::invalid_value(format!("{} must be an object", quoted(urn)))),
        }
    }

    fn member(
        &mut self,
        extension: Option<&'a Schema>,
        attribute: &'a Attribute,
        key: String,
        value: Value,
        section: &mut Section<'a>,
    ) -> Result<(), ScimError> {
        let place = Place { extension, attribute: &attribute.name, sub_attribute: None };
        if attribute.mutability == Mutability::ReadOnly && !self.by_provider {
            self.ignored.push(place.to_string());
            return section.readable.add(place, key, None);
        }
        let value = self.value(place, attribute, value)?;
        if value.is_none() {
            self.unassigned.push(place.to_string());
        }
        let target = match attribute.mutability {
            Mutability::WriteOnly => &mut section.write_only,
            _ => &mut section.readable,
        };
        target.add(place, key, value)
    }

    /// Leaves out what the schema does not have, or refuses it.
    pub(crate) fn unknown_attribute(&mut self, path: &str) -> Result<(), ScimError> {
        if !self.profile.ignore_unknown_attributes {
            return Err(ScimError::invalid_value(format!("{} is not an attribute of the schema", quoted(path))));
        }
        self.ignored.push(path.to_owned());
        Ok(())
    }

    /// A key with a colon that no schema of the resource type explains.
    fn unknown_extension(&mut self, key: String, value: Value, document: &mut Document<'a>) -> Result<(), ScimError> {
        match self.profile.unknown_extensions {
            UnknownExtensions::Keep if value.is_object() && !self.leaves_out(&key) => {
                self.keep_unknown(key, value, &mut document.core.readable)
            }
            UnknownExtensions::Refuse => {
                Err(ScimError::invalid_syntax(format!("The schema {} is not one of this resource type", quoted(&key))))
            }
            UnknownExtensions::Keep => self.unknown_attribute(&key),
            UnknownExtensions::Ignore => {
                self.ignored.push(key);
                Ok(())
            }
        }
    }

    /// Keeps what no schema describes, in canonical form as far as that goes.
    pub(super) fn keep_unknown(
        &mut self,
        key: String,
        value: Value,
        target: &mut Collected<'_>,
    ) -> Result<(), ScimError> {
        if !target.unknown.insert(key.to_ascii_lowercase()) {
            return Err(ScimError::invalid_syntax(format!("{} is given twice", quoted(&key))));
        }
        check_text(&key, self.limits, || quoted(&key))?;
        if let Some(value) = plain_value(&key, value, self.limits)? {
            target.object.insert(key, value);
        }
        Ok(())
    }

    /// Whether a key with a colon is an extension, or an attribute of one, that the whole resource type has and clients
    /// do not: what is under its URN is the host's, and never kept for a client.
    pub(crate) fn leaves_out(&self, key: &str) -> bool {
        let is_known = |urn: &str| self.whole.extension(self.current_urn(urn)).is_some();
        is_known(key) || key.rsplit_once(':').is_some_and(|(urn, _)| is_known(urn))
    }

    /// The URN as it is today, for one of an earlier age.
    pub(crate) fn current_urn<'u>(&self, urn: &'u str) -> &'u str {
        const LEGACY: [&str; 2] =
            ["urn:scim:schemas:extension:enterprise:1.0", "urn:scim:schemas:extension:enterprise:2.0"];
        if self.profile.legacy_enterprise_urns && LEGACY.iter().any(|legacy| urn.eq_ignore_ascii_case(legacy)) {
            ENTERPRISE_USER
        } else {
            urn
        }
    }

    /// `schemas` names the core schema and every extension the body has, each once (RFC 7643 s3).
    fn check_schemas(&self, body: &Map<String, Value>) -> Result<(), ScimError> {
        if self.profile.any_schemas {
            return Ok(());
        }
        let declared = body.iter().find(|(key, _)| key.eq_ignore_ascii_case("schemas")).map(|(_, value)| value);
        let declared: Option<Vec<&str>> =
            declared.and_then(Value::as_array).and_then(|list| list.iter().map(Value::as_str).collect());
        let Some(declared) = declared else {
            return Err(ScimError::invalid_syntax("schemas is required and must be a list of URNs"));
        };
        let times = |urn: &str| declared.iter().filter(|declared| declared.eq_ignore_ascii_case(urn)).count();
        let core = &self.resource_type.schema().id;
        if times(core) == 0 {
            return Err(ScimError::invalid_syntax(format!("schemas must name {core}")));
        }
        for urn in &declared {
            let known = urn.eq_ignore_ascii_case(core) || self.resource_type.extension(urn).is_some();
            if !known && self.profile.unknown_extensions == UnknownExtensions::Refuse {
                return Err(ScimError::invalid_syntax(format!("schemas names {}, which is unknown", quoted(urn))));
            }
            if known && times(urn) > 1 {
                return Err(ScimError::invalid_syntax(format!("schemas names {} twice", quoted(urn))));
            }
        }
        for extension in self.resource_type.extensions() {
            let urn = &extension.schema.id;
            if times(urn) == 0 && body.keys().any(|key| belongs_to(key, urn)) {
                return Err(ScimError::invalid_syntax(format!("schemas must name {urn}, for the body has it")));
            }
        }
        Ok(())
    }
}

/// Whether a key is the URN, or an attribute with it.
fn belongs_to(key: &str, urn: &str) -> bool {
    let starts = key.get(..urn.len()).is_some_and(|start| start.eq_ignore_ascii_case(urn));
    starts && matches!(key.as_bytes().get(urn.len()), None | Some(b':'))
}

/// A document as far as it has been read.
#[derive(Default)]
struct Document<'a> {
    core: Section<'a>,
    extensions: Vec<(&'a Schema, Section<'a>)>,
}

/// The attributes of one schema as far as they have been read.
#[derive(Default)]
struct Section<'a> {
    readable: Collected<'a>,
    write_only: Collected<'a>,
}

impl<'a> Document<'a> {
    /// What has been read of an extension, which may come in pieces.
    fn extension(&mut self, schema: &'a Schema) -> &mut Section<'a> {
        let place = match self.extensions.iter().position(|(known, _)| known.id == schema.id) {
            Some(place) => place,
            None => {
                self.extensions.push((schema, Section::default()));
                self.extensions.len().saturating_sub(1)
            }
        };
        // The core section is never the answer: the place was just found or made.
        self.extensions.get_mut(place).map_or(&mut self.core, |(_, section)| section)
    }

    /// The attributes and the write-only ones.
    fn into_parts(self) -> (Attributes, Map<String, Value>) {
        let mut attributes = self.core.readable.object;
        let mut write_only = self.core.write_only.object;
        for (schema, section) in self.extensions {
            for (target, part) in [(&mut attributes, section.readable), (&mut write_only, section.write_only)] {
                if !part.object.is_empty() {
                    target.insert(schema.id.clone(), Value::Object(part.object));
                }
            }
        }
        (Attributes::from_stored(attributes), write_only)
    }
}

/// The members of an object under their canonical names, the names that came without a value, and those that no schema
/// has.
#[derive(Default)]
pub(super) struct Collected<'a> {
    pub(super) object: Map<String, Value>,
    absent: Vec<&'a str>,
    /// What the schema does not have, in lower case.
    unknown: HashSet<String>,
}

impl<'a> Collected<'a> {
    /// Adds a member that the client called `key`, or takes note of one without a value.
    ///
    /// # Errors
    ///
    /// 400 `invalidSyntax` for a member that is there already, in another case or with its URN.
    pub(super) fn add(&mut self, place: Place<'a>, key: String, value: Option<Value>) -> Result<(), ScimError> {
        let name = place.sub_attribute.unwrap_or(place.attribute);
        let twice = self.absent.contains(&name)
            || match value {
                Some(value) => {
                    let key = if key == name { key } else { name.to_owned() };
                    self.object.insert(key, value).is_some()
                }
                None => {
                    self.absent.push(name);
                    self.object.contains_key(name)
                }
            };
        if twice {
            return Err(ScimError::invalid_syntax(format!("{place} is given twice")));
        }
        Ok(())
    }
}
