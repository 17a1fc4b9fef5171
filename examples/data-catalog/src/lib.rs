//! A data catalog in workspaces that Okta provisions, by HTTP header. This file is all of its SCIM; what the product does
//! by itself is in `product.rs`, and `cargo run -p data-catalog` starts it.

mod database;
mod people;
mod problem;
mod product;

use std::sync::Arc;

use axum::Router;
use scim_core::{BuildError, Format, OnInactive, ProvisioningPolicy, ScimServer};

pub use product::Product;

/// Where SCIM is, on the site of the product.
const MOUNTED_AT: &str = "/api/v2/scim";

/// The product with SCIM mounted in it.
///
/// # Errors
///
/// What keeps the server from being built.
pub fn app(product: Product) -> Result<Router, BuildError> {
    let policy = ProvisioningPolicy::new()
        .users(|users| users.forbid("password").format("userName", Format::Email).on_inactive(OnInactive::Keep));
    let server = ScimServer::builder()
        .base_url(&product.base_url)
        .store(Arc::clone(&product.store))
        .connections(&product.connections)
        // Okta sends what the administrator enters as the header, with or without "Bearer".
        .authenticator(product.connections.authenticator().allow_raw_tokens(true))
        .provisioning(policy)
        .observer(product.people.clone())
        .build()?;
    Ok(product::routes(product).merge(scim_axum::router(MOUNTED_AT, server)))
}
