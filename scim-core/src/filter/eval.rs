//! Whether a resource satisfies a filter. Nothing here allocates while the values are ASCII.

use serde_json::Value;

use super::ast::CompareOperator;
use super::compare::{compares, is_present, Candidate};
use super::resolve::{Operand, ResolvedFilter};
use crate::resource::{Attributes, Resource};
use crate::schema::{Attribute, AttributeRoot, ResolvedPath, ResourceType};

impl ResolvedFilter {
    /// Whether the resource satisfies the filter.
    #[must_use]
    pub fn matches(&self, resource_type: &ResourceType, resource: &Resource) -> bool {
        self.holds(Subject::Resource(resource_type, resource))
    }

    /// Whether one element of a multi-valued attribute satisfies the filter in the brackets of a value path.
    #[must_use]
    pub(crate) fn matches_element(&self, element: &Value) -> bool {
        self.holds(Subject::Element(element))
    }

    fn holds(&self, subject: Subject<'_>) -> bool {
        match self {
            Self::And(terms) => terms.iter().all(|term| term.holds(subject)),
            Self::Or(terms) => terms.iter().any(|term| term.holds(subject)),
            Self::Not(term) => !term.holds(subject),
            Self::Compare(path, operator, operand) => subject.compares(path, *operator, operand),
            Self::Present(path) => subject.any_value(path, &is_present),
            Self::ValuePath(path, filter) => {
                subject.any_element(path, &|element| filter.holds(Subject::Element(element)))
            }
        }
    }
}

/// What a filter is asked about: a resource, or in the brackets of a value path one element of an attribute.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Resource(&'a ResourceType, &'a Resource),
    Element(&'a Value),
}

impl<'a> Subject<'a> {
    fn compares(self, path: &ResolvedPath, operator: CompareOperator, operand: &Operand) -> bool {
        match (operator, operand) {
            (CompareOperator::NotEqual, _) => !self.compares(path, CompareOperator::Equal, operand),
            (_, Operand::Null) => operator == CompareOperator::Equal && !self.any_value(path, &is_present),
            _ => {
                let test = |candidate: Candidate<'_>| compares(candidate, operator, operand);
                self.any_value(path, &test)
                    || path.is_primary() && test(Candidate::Json(&Value::Bool(false))) && self.any_without_primary(path)
            }
        }
    }

    /// Whether one of several values does not say whether it is the preferred one.
    fn any_without_primary(self, path: &ResolvedPath) -> bool {
        let lacks_primary = |element: &Value| {
            element.as_object().is_some_and(|members| members.get("primary").is_none_or(Value::is_null))
        };
        match self {
            Self::Element(element) => lacks_primary(element),
            Self::Resource(..) => self.any_element(path, &lacks_primary),
        }
    }

    /// Whether one of the values that a path leads to passes the test.
    fn any_value(self, path: &ResolvedPath, test: &impl Fn(Candidate<'_>) -> bool) -> bool {
        let sub_attribute = path.sub_attribute.as_deref();
        match (self, &path.root) {
            (Self::Element(element), _) => any_value(element, sub_attribute, test),
            (Self::Resource(_, resource), AttributeRoot::Id) => test(Candidate::Text(resource.id.as_str())),
            (Self::Resource(resource_type, resource), AttributeRoot::Schemas) => {
                any_schema(resource_type, &resource.attributes, test)
            }
            (Self::Resource(resource_type, resource), AttributeRoot::Meta) => {
                test(meta_value(resource_type, resource, sub_attribute))
            }
            (Self::Resource(_, resource), AttributeRoot::Core | AttributeRoot::Extension(_)) => {
                value_at(resource, path).is_some_and(|value| any_value(value, sub_attribute, test))
            }
        }
    }

    /// Whether one of the elements of an attribute passes the test; what is no list is its only element.
    fn any_element(self, path: &ResolvedPath, test: &impl Fn(&Value) -> bool) -> bool {
        let Self::Resource(_, resource) = self else { return false };
        match value_at(resource, path) {
            Some(Value::Array(elements)) => elements.iter().any(test),
            Some(element) => test(element),
            None => false,
        }
    }
}

fn value_at<'a>(resource: &'a Resource, path: &ResolvedPath) -> Option<&'a Value> {
    let name = &path.attribute.name;
    match path.extension_urn() {
        Some(urn) => resource.attributes.extension(urn)?.get(name),
        None => resource.attributes.get(name),
    }
}

fn any_value(value: &Value, sub_attribute: Option<&Attribute>, test: &impl Fn(Candidate<'_>) -> bool) -> bool {
    match (value, sub_attribute) {
        (Value::Array(elements), _) => elements.iter().any(|element| any_value(element, sub_attribute, test)),
        (Value::Object(members), Some(sub_attribute)) => {
            members.get(&sub_attribute.name).is_some_and(|value| any_value(value, None, test))
        }
        (_, Some(_)) => false,
        (value, None) => test(Candidate::Json(value)),
    }
}

/// The URNs that the resource is answered with in `schemas`: the core schema's, and those of the extensions it has.
/// The keys with a colon are those; names of attributes have none.
fn any_schema(resource_type: &ResourceType, attributes: &Attributes, test: &impl Fn(Candidate<'_>) -> bool) -> bool {
    let is_extension = |(key, value): &(&String, &Value)| key.contains(':') && is_present(Candidate::Json(value));
    test(Candidate::Text(&resource_type.schema().id))
        || attributes.as_map().iter().filter(is_extension).any(|(urn, _)| test(Candidate::Text(urn)))
}

/// What `meta` holds (RFC 7643 s3.1). The whole of it is asked for by `pr` alone, and any part of it answers that.
fn meta_value<'a>(
    resource_type: &'a ResourceType,
    resource: &'a Resource,
    sub_attribute: Option<&Attribute>,
) -> Candidate<'a> {
    match sub_attribute.map(|sub_attribute| sub_attribute.name.as_str()) {
        Some("created") => Candidate::DateTime(resource.meta.created),
        Some("lastModified") => Candidate::DateTime(resource.meta.last_modified),
        Some("version") => Candidate::Text(resource.meta.version.as_str()),
        _ => Candidate::Text(resource_type.name()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::compat::CompatProfile;
    use crate::filter::parse_path;
    use crate::limits::Limits;
    use crate::schema::Schema;

    /// Whether the element satisfies the filter in the brackets of the path.
    fn selects(resource_type: &ResourceType, path: &str, element: &Value) -> bool {
        let profile = CompatProfile::STRICT;
        let path = parse_path(path, &profile, &Limits::default()).unwrap();
        let attribute = resource_type.resolve(&path.attribute).unwrap();
        path.filter.unwrap().resolve_within(&attribute, &profile).unwrap().matches_element(element)
    }

    #[test]
    fn rfc7644_s3_5_2_a_value_filter_selects_elements() {
        let element = json!({"type": "work", "value": "BJensen@example.com", "primary": true});
        for (path, selected) in [
            (r#"emails[type eq "WORK"]"#, true),
            (r#"emails[type eq "work" and value ew "@EXAMPLE.com"].value"#, true),
            (r#"emails[type eq "home" or primary eq false]"#, false),
            (r#"emails[not (display pr) and type ne "home"]"#, true),
            (r#"emails[display eq null]"#, true),
        ] {
            assert_eq!(selects(&ResourceType::user(), path, &element), selected, "{path}");
        }
    }

    #[test]
    fn rfc7643_s2_4_a_value_that_does_not_say_so_is_not_primary() {
        for (path, selected) in [
            ("emails[primary eq false]", true),
            ("emails[primary ne true]", true),
            ("emails[not (primary eq false)]", false),
            ("emails[primary eq true]", false),
            ("emails[primary pr]", false),
            ("emails[primary eq null]", true),
        ] {
            for element in [json!({"value": "a@b.c"}), json!({"value": "a@b.c", "primary": null})] {
                assert_eq!(selects(&ResourceType::user(), path, &element), selected, "{path} {element}");
            }
        }
    }

    #[test]
    fn a_value_filter_on_simple_values_calls_them_value() {
        let schema = Schema::new("urn:example:Door", "").attribute(Attribute::string("codes").multi_valued());
        let door = ResourceType::new("Door", "/Doors", schema);
        assert!(selects(&door, r#"codes[value sw "A" and VALUE ew "z"]"#, &json!("abcZ")));
        assert!(!selects(&door, r#"codes[value eq "b"]"#, &json!("a")));
        assert!(!selects(&door, r#"codes[value pr]"#, &json!("")));
    }
}
