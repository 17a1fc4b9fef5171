//! The suite finds what is wrong with stores that are wrong in one thing each, and names it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects, missing_docs)]

mod broken_stores;

use broken_stores::{claims, documents, filters, lists, members, partitions, units, Broken, Fault, NoFault};
use scim_core::testing::{Outcome, StoreSuite};
use scim_core::MemoryStore;

fn suite<F: Fault + Default>() -> StoreSuite {
    StoreSuite::reading_write_only(
        || async { Broken::new(MemoryStore::new(), F::default()) },
        |broken, cx, id| async move { broken.store.write_only(&cx, &id).unwrap_or_default() },
    )
}

/// Each of these checks fails.
async fn expect_caught<F: Fault + Default>(checks: &[&str]) {
    let suite = suite::<F>();
    for name in checks {
        let outcome = suite.run_check(name).await;
        assert!(matches!(outcome, Some(Outcome::Failed(_))), "{name}: {outcome:?}");
    }
}

#[tokio::test]
async fn without_a_fault_every_check_is_passed() {
    suite::<NoFault>().run().await.assert_passed();
}

#[tokio::test]
async fn a_panic_fails_its_check_and_no_other() {
    let suite = suite::<documents::PanicsOnDelete>();
    let outcome = suite.run_check("delete_takes_a_resource_away").await;
    assert_eq!(outcome, Some(Outcome::Failed("it panicked: not today".to_owned())));
    assert_eq!(suite.run_check("create_gives_an_id").await, Some(Outcome::Passed));
}

#[tokio::test]
async fn a_refused_filter_is_skipped_but_for_the_one_that_every_store_has() {
    let suite = suite::<filters::FiltersNothing>();
    let outcome = suite.run_check("filter_co_ignores_case").await;
    assert!(matches!(outcome, Some(Outcome::Skipped(_))), "{outcome:?}");
    expect_caught::<filters::FiltersNothing>(&["filter_by_the_unique_name_is_supported"]).await;
}

/// A test for each fault, with the checks that find it.
macro_rules! caught {
    ($($test:ident: $fault:ty => [$($check:literal),+];)+) => {
        $(
            #[tokio::test]
            async fn $test() {
                expect_caught::<$fault>(&[$($check),+]).await;
            }
        )+
    };
}

caught! {
    lost_update: documents::IgnoresExpectedVersion
        => ["update_with_a_stale_version_is_refused", "update_with_a_stale_version_changes_nothing"];
    delete_that_ignores_the_version: documents::IgnoresVersionOfDelete => ["delete_with_a_stale_version_is_refused"];
    compare_and_swap_in_two_steps: documents::ComparesThenSwaps
        => ["race_of_updates_expecting_one_version_has_one_winner", "race_of_read_and_swap_loses_no_update"];
    uniqueness_by_looking_first: documents::LooksThenCreates => ["race_of_creates_of_one_name_has_one_winner"];
    uniqueness_with_case: documents::UniqueWithCase => ["create_of_a_taken_name_in_another_case_is_refused"];
    reused_id: documents::ReusesIds => ["deleted_ids_are_not_given_again"];
    version_that_stays: documents::OneVersion => ["update_gives_another_version"];
    version_of_the_content: documents::VersionOfContent => ["update_never_gives_a_version_again"];
    version_that_always_changes: documents::AlwaysAnotherVersion
        => ["update_that_changes_nothing_keeps_version_and_last_modified"];
    update_that_merges: documents::MergesDocuments => ["update_removes_what_is_left_out"];
    password_that_is_read_back: documents::KeepsPassword => ["write_only_attributes_are_never_read_back"];
    write_only_that_is_lost: documents::DropsWriteOnly
        => ["write_only_attributes_are_kept_by_create", "write_only_attributes_are_kept_by_update",
            "write_only_attributes_of_an_extension_are_kept"];
    write_only_that_is_forgotten: documents::ReplacesWriteOnly
        => ["write_only_attributes_that_an_update_does_not_name_stay"];
    types_in_one_pot: documents::GetsAnyType => ["get_of_another_type_is_none"];

    tenant_leak_in_get: lists::GetsOfAnyTenant => ["tenant_get_sees_its_own_alone"];
    tenant_leak_in_list: lists::ListsAllTenants
        => ["tenant_list_sees_its_own_alone", "tenant_filter_sees_its_own_alone"];
    tenant_leak_by_or: lists::ListsAllTenantsForOr => ["tenant_filter_with_or_and_not_sees_its_own_alone"];
    total_of_the_page: lists::TotalOfThePage => ["page_total_counts_all"];
    total_of_everything: lists::TotalOfEverything => ["page_total_counts_what_the_filter_lets_through"];
    overlapping_pages: lists::PagesOverlap => ["pages_cover_everything_once"];
    unstable_pages: lists::OrderChanges => ["page_order_is_stable"];
    everything_for_count_zero: lists::EverythingForZero => ["page_of_count_zero_has_the_total_alone"];
    missing_first: lists::MissingFirst
        => ["sort_ascending_has_missing_values_last", "sort_descending_has_missing_values_first"];
    sorting_with_case: lists::SortsWithCase => ["sort_ignores_case"];
    numbers_as_text: lists::SortsNumbersAsText => ["sort_by_integer_is_numeric"];
    descending_is_reversed: lists::DescendsByReversing => ["sort_keeps_the_order_of_equal_values"];
    repeating_cursor: lists::CursorRepeats => ["cursor_walk_returns_everything_once"];
    cursor_by_offset: lists::CursorIsOffset
        => ["cursor_walk_survives_the_deletion_of_what_was_returned", "cursor_walk_survives_the_deletion_of_its_place"];
    cursor_without_end: lists::CursorNeverEnds => ["cursor_last_page_has_no_next", "cursor_walk_in_pages_that_fit_ends"];

    wildcards: filters::Wildcards
        => [
            "filter_co_takes_percent_literally", "filter_co_takes_underscore_literally",
            "filter_sw_takes_percent_literally"
        ];
    ne_that_wants_a_value: filters::NotEqualWantsValue
        => ["filter_ne_holds_for_other_and_absent_values", "filter_integer_ne"];
    not_that_wants_a_value: filters::NotWantsValue => ["filter_not_of_a_comparison_holds_for_absence"];
    value_path_over_elements: filters::ValuePathOverElements => ["filter_value_path_is_of_one_element"];
    instants_as_text: filters::InstantsAsText => ["filter_date_time_eq_is_an_instant"];
    comparing_with_case: filters::ComparesWithCase => [
            "filter_by_the_unique_name_ignores_case_on_both_sides", "filter_string_eq", "filter_eq_display_name"
        ];
    a_term_too_few: filters::ForgetsLastTerm => ["filter_and", "filter_by_unique_attribute_and_more"];
    stale_index: filters::NeverForgetsNames => ["filter_follows_an_update"];

    update_in_two_steps: members::MembersBeforeDocument => ["members_are_not_changed_if_the_name_is_taken"];
    delta_one_by_one: members::DeltaOneByOne => ["delta_that_is_refused_changes_nothing"];
    delta_in_two_steps: members::DeltaReadsThenSets => ["race_of_added_members_keeps_all"];
    version_without_members: members::VersionWithoutMembers
        => ["delta_gives_another_version", "set_gives_another_version"];
    ghost_members: members::KeepsDeletedMembers => ["delete_of_a_member_takes_it_out_of_its_groups"];
    remove_of_absent_is_an_error: members::RemoveWantsMember => ["delta_removing_an_absent_member_is_no_error"];
    add_of_present_is_an_error: members::AddWantsStranger => ["delta_adding_a_present_member_is_no_error"];
    unknown_members: members::IgnoresUnknownMembers
        => ["unknown_member_at_create_is_refused", "delta_adding_an_unknown_member_is_refused"];
    claimed_member_types: members::BelievesMemberTypes
        => ["member_type_of_a_user_is_not_believed", "member_type_of_a_group_is_not_believed"];
    members_of_any_type: members::TakesMembersOfAnyType
        => ["member_of_a_type_that_members_cannot_be_is_unknown"];
    set_that_adds: members::SetAdds => ["set_replaces_the_members", "set_to_nothing_removes_all_members"];
    users_without_groups: members::UsersWithoutGroups => ["user_groups_are_those_that_name_it"];
    members_without_bound: members::LoadsAllMembers => ["fetch_leaves_out_members_beyond_the_bound"];
    members_without_limit: members::NoLimitOfMembers => ["too_many_members_at_update_are_refused"];

    unit_that_happens_at_once: units::NeverRollsBack
        => ["unit_that_is_rolled_back_leaves_nothing", "unit_that_is_dropped_leaves_nothing",
            "unit_is_seen_whole_or_not_at_all", "unit_that_failed_and_is_rolled_back_leaves_nothing",
            "move_in_a_unit_that_is_rolled_back_has_not", "claim_in_a_unit_that_is_rolled_back_is_none"];

    partitions_in_one_pot: partitions::GoesByTenant
        => ["partition_get_sees_its_own_alone", "partition_list_sees_its_own_alone",
            "partition_filter_sees_its_own_alone", "partition_filter_by_id_sees_its_own_alone",
            "partition_update_does_not_find_anothers", "partition_delete_does_not_find_anothers",
            "partition_names_are_unique_within_the_partition", "partition_members_are_of_the_same_partition",
            "partition_memberships_are_not_filtered_by_others", "partition_memberships_are_not_removed_by_others",
            "move_takes_the_resource_to_the_other_partition", "move_leaves_nothing_to_be_found",
            "race_of_moves_has_one_winner"];
    lists_in_one_pot: partitions::ListsByTenant
        => ["partition_list_sees_its_own_alone", "partition_filter_sees_its_own_alone",
            "partition_filter_with_or_and_not_sees_its_own_alone", "partition_sort_sees_its_own_alone",
            "partition_cursor_sees_its_own_alone"];
    removed_names: partitions::RemovedNamesAreUnique
        => ["partition_of_removed_resources_has_nothing_unique", "move_to_removed_needs_no_free_name"];
    copy_left_behind: partitions::MoveLeavesACopy
        => ["move_takes_the_resource_to_the_other_partition", "move_leaves_nothing_to_be_found",
            "move_out_frees_the_name", "race_of_moves_in_both_directions_does_them_all"];
    move_as_another: partitions::MoveMakesAnother
        => ["move_keeps_id_and_created_and_gives_another_version", "move_replaces_the_document_at_once",
            "race_of_moves_has_one_winner", "race_of_move_and_delete_has_one_winner"];
    move_of_any_version: partitions::MoveIgnoresVersion
        => ["move_with_a_stale_version_is_refused",
            "race_of_move_and_update_expecting_one_version_has_one_winner"];
    move_after_the_change: partitions::ChangesThenMoves => ["move_to_a_taken_name_is_refused_and_changes_nothing"];
    version_that_comes_back: partitions::MoveBringsVersionsBack => ["move_there_and_back_never_gives_a_version_again"];
    members_that_come_back: partitions::MoveKeepsMembers => ["move_there_and_back_brings_no_membership_back"];
    members_left_behind: partitions::MoveLeavesUnknownMembersOut
        => ["move_of_a_group_with_an_unknown_member_is_refused"];
    move_to_a_stranger: partitions::MovesAcrossTenants => ["move_to_another_tenant_is_refused"];

    no_claims: claims::ClaimsNothing
        => ["claim_in_the_tenant_reaches_its_other_partitions", "claim_on_the_platform_reaches_other_tenants",
            "claim_taken_meanwhile_refuses_the_way_back", "race_of_claims_by_updates_has_one_winner"];
    claims_too_near: claims::PlatformIsTheTenant
        => ["claim_on_the_platform_reaches_other_tenants", "race_of_claims_in_several_tenants_has_one_winner"];
    claims_too_far: claims::TenantIsThePlatform => ["claim_in_the_tenant_leaves_other_tenants_alone"];
    claims_of_new_resources: claims::UpdatesClaimNothing
        => ["claim_is_checked_by_an_update", "claim_is_freed_by_another_value", "claim_goes_along_with_a_move"];
    claims_by_looking_first: claims::LooksThenClaims
        => ["race_of_claims_in_several_partitions_has_one_winner"];
    claims_for_ever: claims::ClaimsForEver
        => ["claim_is_freed_by_a_delete", "claim_is_freed_by_another_value", "claim_is_freed_by_a_removal"];
}
