//! From a resource to what is written of it.

use scim_core::sql::search_document;
use scim_core::{Attributes, Context, StoreError};
use serde_json::Value;

use crate::claims::{claims, Claim};
use crate::keys::{Key, KeyAttribute};
use crate::types::TypePlan;

/// A document as it is stored, and what it is found by.
pub(crate) struct Stored {
    pub(crate) document: String,
    pub(crate) search: String,
    pub(crate) keys: Vec<Key>,
    pub(crate) claims: Vec<Claim>,
}

impl Stored {
    pub(crate) fn new(cx: &Context, plan: &TypePlan, attributes: &Attributes) -> Result<Self, StoreError> {
        let search = search_document(&cx.resource_type, attributes);
        let keys = KeyAttribute::keys_within(cx, &plan.keys, &search);
        let document = serde_json::to_string(attributes.as_map()).map_err(StoreError::backend)?;
        let claims = claims(cx, &keys);
        Ok(Self { document, search: Value::Object(search).to_string(), keys, claims })
    }
}
