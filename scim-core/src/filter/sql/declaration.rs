//! What the declaration of a table may name, and what is said of one that names something else.

use crate::error::quoted;
use crate::provisioning::resolve_declared;
use crate::schema::{Attribute, AttributePath, AttributeRoot, ResolvedPath, ResourceType};

/// What was declared. A mistake in a declaration is one of the program, which ends where it is made.
///
/// # Panics
///
/// With what is wrong.
#[track_caller]
#[allow(
    clippy::panic,
    reason = "a mistake in a declaration would be a column that stays empty, or a syntax error later"
)]
pub(super) fn declared<T>(table: &str, declaration: Result<T, String>) -> T {
    match declaration {
        Ok(declared) => declared,
        Err(problem) => panic!("the table {table}: {problem}"),
    }
}

/// A single-valued attribute, or a sub-attribute of one, that a column can hold.
pub(super) fn single_valued(resource_type: &ResourceType, path: &str) -> Result<ResolvedPath, String> {
    let found = attribute(resource_type, path)?;
    let leaf = found.sub_attribute.as_ref().unwrap_or(&found.attribute);
    if found.attribute.multi_valued || leaf.multi_valued {
        return Err(format!(
            "{} has several values; name a table for them, or leave them to the document",
            quoted(path)
        ));
    }
    if leaf.is_complex() {
        return Err(format!("{} is complex; name one of {}", quoted(path), sub_attributes(leaf)));
    }
    Ok(found)
}

/// A multi-valued attribute with these sub-attributes, which the rows of a table can hold.
pub(super) fn multi_valued<'a>(
    resource_type: &ResourceType,
    path: &str,
    columns: impl Iterator<Item = &'a str>,
) -> Result<ResolvedPath, String> {
    let found = attribute(resource_type, path)?;
    if !found.attribute.multi_valued || found.sub_attribute.is_some() {
        return Err(format!("{} is no attribute of several values; name a column for it", quoted(path)));
    }
    if found.extension_urn().is_some() {
        return Err(format!("{} is an extension's; leave it to the document", quoted(path)));
    }
    for column in columns {
        let names = if found.attribute.is_complex() { sub_attributes(&found.attribute) } else { "value".to_owned() };
        if names.split(", ").all(|name| name != column) {
            return Err(format!("{} is no sub-attribute of {}; name one of {names}", quoted(column), quoted(path)));
        }
    }
    Ok(found)
}

/// The bare name of a column: a letter or `_`, then letters, digits, `_` and `$`; or anything in double quotes.
pub(super) fn column_name(name: &str) -> Result<(), String> {
    if is_identifier(name) {
        return Ok(());
    }
    Err(format!("{} is not the name of a column; what is written cannot be an expression", quoted(name)))
}

/// The name of a table, with the schema's before it or without.
pub(super) fn table_name(name: &str) -> Result<(), String> {
    if name.split('.').all(is_identifier) {
        return Ok(());
    }
    Err(format!("{} is not the name of a table", quoted(name)))
}

fn is_identifier(name: &str) -> bool {
    if let Some(inner) = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return !inner.is_empty() && !inner.contains(['"', '\0']);
    }
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|other| other.is_alphanumeric() || other == '_' || other == '$')
}

fn attribute(resource_type: &ResourceType, path: &str) -> Result<ResolvedPath, String> {
    let found = AttributePath::split(path).and_then(|path| resource_type.resolve_short(&path));
    match found {
        Some(found) if matches!(found.root, AttributeRoot::Core | AttributeRoot::Extension(_)) => Ok(found),
        Some(_) => Err(format!("{} follows from the key and the columns of the table's own", quoted(path))),
        None => resolve_declared(resource_type, path),
    }
}

fn sub_attributes(attribute: &Attribute) -> String {
    let names: Vec<&str> = attribute.sub_attributes.iter().map(|sub| sub.name.as_str()).collect();
    names.join(", ")
}
