//! The map from attributes to where they are kept.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::bind::{Binds, Dialect};
use super::column::{Column, JoinedTable};
use crate::filter::{CompareOperator, Operand};
use crate::schema::{ResolvedPath, ResourceType};

/// Where each attribute of a resource type is kept. It is made once and serves every query.
///
/// Attributes are named as paths in the schema's spelling: `userName`, `name.givenName`, `meta.created`,
/// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`. What is not mapped cannot be filtered or
/// sorted by.
#[derive(Clone)]
pub struct ColumnMap {
    pub(super) dialect: Dialect,
    pub(super) places: HashMap<String, Place>,
    pub(super) renderings: HashMap<String, Rendering>,
    pub(super) json: Option<JsonColumn>,
}

#[derive(Clone, Debug)]
pub(super) enum Place {
    Column(Column),
    Table(JoinedTable),
    Constant(Vec<String>),
}

/// A JSON column, and what is in it.
#[derive(Clone, Debug)]
pub(super) struct JsonColumn {
    pub(super) expression: String,
    pub(super) is_search_document: bool,
}

pub(super) type Rendering = Arc<dyn Fn(Term<'_>, &mut Binds) -> Option<String> + Send + Sync>;

/// What a rendering of the host's own is asked to write.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Term<'a> {
    /// A value of the attribute compares with the operand. It is never `ne`, which is written as the negation of `eq`,
    /// and never with `null`.
    Compare(CompareOperator, &'a Operand),
    /// The attribute has a value that is not empty.
    Present,
}

impl ColumnMap {
    /// A map for this dialect that knows `meta.resourceType`, which is the same for every resource.
    #[must_use]
    pub fn new(dialect: Dialect, resource_type: &ResourceType) -> Self {
        Self { dialect, places: HashMap::new(), renderings: HashMap::new(), json: None }
            .constant("meta.resourceType", [resource_type.name()])
    }

    /// The same with an attribute in a column. A path such as `emails.value` makes the column the one value of a
    /// multi-valued attribute.
    #[must_use]
    pub fn column(mut self, path: impl Into<String>, column: Column) -> Self {
        self.places.insert(path.into(), Place::Column(column));
        self
    }

    /// The same with a multi-valued attribute in rows of a table.
    #[must_use]
    pub fn table(mut self, attribute: impl Into<String>, table: JoinedTable) -> Self {
        self.places.insert(attribute.into(), Place::Table(table));
        self
    }

    /// The same with an attribute that has these values in every resource, as `schemas` often does.
    #[must_use]
    pub fn constant<T: Into<String>>(mut self, path: impl Into<String>, values: impl IntoIterator<Item = T>) -> Self {
        self.places.insert(path.into(), Place::Constant(values.into_iter().map(Into::into).collect()));
        self
    }

    /// The same with the terms on an attribute written by the host: the function returns a condition, or `None` for a
    /// term it leaves to the other places of the attribute. Values must go through [`Binds::add`].
    ///
    /// The condition may be `NULL`, which counts as false.
    #[must_use]
    pub fn rendering(
        mut self,
        path: impl Into<String>,
        render: impl Fn(Term<'_>, &mut Binds) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.renderings.insert(path.into(), Arc::new(render));
        self
    }

    /// The same with a JSON column (`jsonb` in PostgreSQL) that holds the [attributes](crate::Attributes) of the
    /// resource, for everything that is not mapped otherwise. Strings that compare with case and booleans can be
    /// filtered by; for the rest see [`search_document`](Self::search_document).
    #[must_use]
    pub fn document(mut self, expression: impl Into<String>) -> Self {
        self.json = Some(JsonColumn { expression: expression.into(), is_search_document: false });
        self
    }

    /// The same with a JSON column that holds what [`search_document`](super::search_document()) makes of the
    /// attributes, for everything that is not mapped otherwise.
    #[must_use]
    pub fn search_document(mut self, expression: impl Into<String>) -> Self {
        self.json = Some(JsonColumn { expression: expression.into(), is_search_document: true });
        self
    }

    pub(super) fn place(&self, path: &str) -> Option<&Place> {
        self.places.get(path)
    }

    /// The columns of the sub-attributes of a complex attribute.
    pub(super) fn sub_columns(&self, path: &ResolvedPath) -> Vec<&Column> {
        let mut columns = Vec::new();
        for sub_attribute in &path.attribute.sub_attributes {
            let path = ResolvedPath { sub_attribute: Some(Arc::clone(sub_attribute)), ..path.clone() };
            if let Some(Place::Column(column)) = self.place(&path.to_string()) {
                columns.push(column);
            }
        }
        columns
    }
}

impl fmt::Debug for ColumnMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ColumnMap")
            .field("dialect", &self.dialect)
            .field("places", &self.places)
            .field("renderings", &self.renderings.keys())
            .field("json", &self.json)
            .finish()
    }
}
