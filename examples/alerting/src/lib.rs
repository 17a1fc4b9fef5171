//! A crisis alerting service that Microsoft Entra ID provisions. This file is all of its SCIM; what the product does by
//! itself is in `product.rs`, and `cargo run -p alerting` starts it.

mod database;
mod problem;
mod product;
mod sessions;

use std::sync::Arc;

use axum::Router;
use scim_core::{
    group_schema, user_schema, Attribute, BuildError, Format, HostResources, OnDelete, OnInactive, OnReturn,
    ProvisioningPolicy, ResourceOperation, ResourceType, ScimServer, UniqueWithin, UnknownAttributes,
};
use serde_json::json;

pub use product::Product;

/// Where SCIM is, on the site of the product.
const MOUNTED_AT: &str = "/core/v1/scim/v2";

/// The product with SCIM mounted in it.
///
/// # Errors
///
/// What keeps the server from being built.
pub fn app(product: Product) -> Result<Router, BuildError> {
    let server = ScimServer::builder()
        .base_url(&product.base_url)
        .store(Arc::clone(&product.store))
        .resource_type((*user()).clone())
        .resource_type((*group()).clone())
        .connections(&product.connections)
        .provisioning(policy())
        .observer(product.sessions.clone())
        .build()?;
    Ok(product::routes(product).merge(scim_axum::router(MOUNTED_AT, server)))
}

/// Users as the product has them, made by hand or not: a user name is taken on the whole platform.
fn user() -> Arc<ResourceType> {
    let schema = user_schema().with("userName", |name| *name = name.clone().unique_within(UniqueWithin::Platform));
    Arc::new(ResourceType::user().with_schema(schema))
}

/// Groups as the product has them: each in a sub-account.
fn group() -> Arc<ResourceType> {
    Arc::new(ResourceType::group().with_schema(group_schema().attribute(Attribute::string("subAccount"))))
}

/// What of them the identity provider may see and do.
fn policy() -> ProvisioningPolicy {
    ProvisioningPolicy::new()
        .users(|users| {
            users
                .only(["userName", "displayName", "active", "title", "phoneNumbers", "emails"])
                .unknown(UnknownAttributes::Ignore)
                .require("displayName")
                .require("active")
                .format("userName", Format::Email)
                .unique_within("userName", UniqueWithin::Platform)
                .at_most("phoneNumbers", 1)
                .format("phoneNumbers", Format::E164)
                .immutable("phoneNumbers")
                .derive("emails", |user| json!([{"value": user.string("userName"), "type": "work", "primary": true}]))
                .on_inactive(OnInactive::Delete)
                .on_delete(OnDelete::Delete)
                .on_return(OnReturn::Create)
                .host_resources(HostResources::Hidden)
        })
        .groups(|groups| {
            groups
                .only(["displayName", "members"])
                .unknown(UnknownAttributes::Ignore)
                .without(ResourceOperation::Create)
                .require("externalId")
                .require("displayName")
                .require("members")
        })
}
