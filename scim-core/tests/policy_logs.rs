//! What policies leave in the log.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod support;

use scim_core::{BearerTokens, Principal, ProvisioningPolicy, TenantId, UnknownAttributes};
use serde_json::json;
use support::log::Log;
use support::{builder, Client};

#[tokio::test]
async fn what_is_ignored_is_named_in_the_log() {
    let log = Log::default();
    let _guard = log.capture();
    let client = Client::of(
        builder().provisioning(
            ProvisioningPolicy::new()
                .users(|users| users.forbid("password").only(["userName"]).unknown(UnknownAttributes::Ignore)),
        ),
    );
    client.post("/Users", &json!({"userName": "a", "password": "secret", "title": "Guide"})).await;
    let text = log.text();
    assert!(text.contains("\"password\"") && text.contains("\"title\""), "{text}");
    assert!(!text.contains("secret") && !text.contains("Guide"));
}

#[tokio::test]
async fn a_principal_of_an_unknown_policy_is_refused_everything_and_the_log_says_why() {
    let log = Log::default();
    let _guard = log.capture();
    let principal = Principal::new(TenantId::new("A"), "the connection").with_policy("gone");
    let client = Client::of(builder().authenticator(BearerTokens::new().principal("a", principal)));
    for path in ["/Users", "/Users/1", "/ServiceProviderConfig", "/Schemas", "/", "/Me", "/nothing"] {
        assert_eq!(client.get(path).await.error(), (403, String::new()), "{path}");
    }
    assert_eq!(client.post("/Bulk", &json!({})).await.status, 403);
    let text = log.text();
    assert!(text.contains("policy=gone") && text.contains("principal=the connection"), "{text}");
}
