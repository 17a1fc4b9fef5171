//! The paths of a declaration, and what is said of one that leads nowhere.

use crate::error::quoted;
use crate::nearest::nearest;
use crate::schema::{AttributePath, AttributeRoot, ResolvedPath, ResourceType};

/// What a path of a declaration means.
///
/// # Errors
///
/// Why it means nothing, for whoever wrote it.
pub(super) fn resolve(resource_type: &ResourceType, path: &str, whole: &ResourceType) -> Result<ResolvedPath, String> {
    let parsed = AttributePath::split(path);
    if let Some(resolved) = parsed.as_ref().and_then(|path| resource_type.resolve_short(path)) {
        return match resolved.root {
            AttributeRoot::Core | AttributeRoot::Extension(_) => Ok(resolved),
            _ => Err(format!("{} is the service provider's own, and there are no rules for it", quoted(path))),
        };
    }
    let name = resource_type.name();
    let path_is_left_out = parsed.as_ref().is_some_and(|path| whole.resolve_short(path).is_some());
    if path_is_left_out {
        return Err(format!("{} is left out of it; name it in only, and not in forbid", quoted(path)));
    }
    let attribute = parsed.as_ref().and_then(|path| AttributePath::split(path.as_str().split('.').next()?));
    let attribute = attribute.and_then(|attribute| resource_type.resolve_short(&attribute));
    let hint = match (attribute, parsed.as_ref().and_then(AttributePath::sub_attribute)) {
        (Some(found), Some(_)) if found.attribute.sub_attributes.is_empty() => {
            format!("{} has no sub-attributes", found.attribute.name)
        }
        (Some(found), Some(_)) => {
            let names: Vec<&str> = found.attribute.sub_attributes.iter().map(|sub| sub.name.as_str()).collect();
            format!("{} has {}", found.attribute.name, names.join(", "))
        }
        _ => match nearest(names(resource_type), parsed.as_ref().map_or(path, AttributePath::name)) {
            Some(near) => format!("did you mean {}?", quoted(near)),
            None => "look at its schema for the names that it has".to_owned(),
        },
    };
    Err(format!("{} is not an attribute of {name}; {hint}", quoted(path)))
}

fn names(resource_type: &ResourceType) -> impl Iterator<Item = &str> {
    resource_type.all_attributes().map(|(_, attribute)| attribute.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(path: &str) -> String {
        resolve(&ResourceType::user(), path, &ResourceType::user()).unwrap_err()
    }

    #[test]
    fn a_path_that_leads_nowhere_is_told_what_was_meant() {
        assert_eq!(
            problem("phoneNumber"),
            r#""phoneNumber" is not an attribute of User; did you mean "phoneNumbers"?"#
        );
        assert_eq!(
            problem("displayname2"),
            r#""displayname2" is not an attribute of User; did you mean "displayName"?"#
        );
        assert_eq!(problem("userNmae"), r#""userNmae" is not an attribute of User; did you mean "userName"?"#);
        assert!(problem("name.firstName")
            .ends_with("name has formatted, familyName, givenName, middleName, honorificPrefix, honorificSuffix"));
        assert!(problem("title.value").ends_with("title has no sub-attributes"));
        assert!(problem("shoeSize").ends_with("look at its schema for the names that it has"));
        assert!(problem("meta.created").ends_with("there are no rules for it"));
        assert!(problem("").contains("is not an attribute"));
    }

    #[test]
    fn a_name_that_only_an_extension_has_needs_no_urn() {
        let found = resolve(&ResourceType::user(), "department", &ResourceType::user()).unwrap();
        assert_eq!(found.extension_urn(), Some(crate::ENTERPRISE_USER));
    }
}
