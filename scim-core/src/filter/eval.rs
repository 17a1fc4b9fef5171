//! Whether a resource satisfies a filter.

use serde_json::Value;

use super::resolve::ResolvedFilter;
use crate::resource::Resource;
use crate::schema::ResourceType;

impl ResolvedFilter {
    /// Whether the resource satisfies the filter.
    #[must_use]
    pub fn matches(&self, resource_type: &ResourceType, resource: &Resource) -> bool {
        let _ = (resource_type, resource);
        false
    }

    /// Whether one element of a multi-valued attribute satisfies the filter in the brackets of a value path.
    #[must_use]
    pub(crate) fn matches_element(&self, element: &Value) -> bool {
        let _ = element;
        false
    }
}
