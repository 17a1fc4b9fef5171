//! The tables keep the contract of stores as far as they can.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::sync::Arc;

use own_users_table::OwnTables;
use scim_core::testing::StoreSuite;
use scim_core::TenantId;

const USERS_ALONE: [&str; 7] = [
    "delete_of_a_nested_group_takes_it_out_of_its_groups",
    "members_may_be_groups",
    "members_may_be_users_and_groups_at_once",
    "groups_may_contain_each_other",
    "member_type_is_found_out",
    "member_type_of_a_group_is_not_believed",
    "filter_members_by_type_and_presence",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_tables_keep_the_contract() {
    let databases = Arc::new(support::Databases::new("suite"));
    let build = move || {
        let databases = Arc::clone(&databases);
        async move { OwnTables::new(databases.make().await) }
    };
    let suite = StoreSuite::new(build)
        .spawning(tokio::spawn)
        .single_tenant(TenantId::new("the only one"))
        .without_custom_types();
    let suite = USERS_ALONE.iter().fold(suite, |suite, name| suite.skip(*name, "a team consists of users"));
    let suite = suite.skip("member_type_and_display_are_kept", "a membership has no name of its own");
    suite.run().await.assert_passed();
}
