//! The HTTP suite proves itself: whatever an adapter or a proxy spoils is found, by the check whose name says so.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, missing_docs)]

mod broken_exchanges;

use broken_exchanges::{requests, responses, Broken, Fault};
use scim_core::testing::{HttpSuite, Outcome};

/// Fails unless the check is not passed behind the fault, and passed without it.
async fn is_caught(fault: Fault, check: &str) {
    let sound = HttpSuite::new(Broken::new(Fault::Nothing)).run_check(check).await;
    assert_eq!(sound, Some(Outcome::Passed), "{check} without a fault");
    let broken = HttpSuite::new(Broken::new(fault)).run_check(check).await;
    assert!(matches!(broken, Some(Outcome::Failed(_))), "{check} behind the fault: {broken:?}");
}

macro_rules! caught_in_requests {
    ($($fault:ident => $check:literal),* $(,)?) => {
        mod request {
            $(
                #[tokio::test]
                async fn $fault() {
                    super::is_caught(super::Fault::Request(super::requests::$fault), $check).await;
                }
            )*
        }
    };
}

macro_rules! caught_in_responses {
    ($($fault:ident => $check:literal),* $(,)?) => {
        mod response {
            $(
                #[tokio::test]
                async fn $fault() {
                    super::is_caught(super::Fault::Response(super::responses::$fault), $check).await;
                }
            )*
        }
    };
}

caught_in_requests! {
    loses_the_query => "rfc7644_s3_9_attributes_shows_just_these",
    decodes_the_path => "an_id_is_percent_decoded_once",
    merges_slashes => "a_path_is_never_normalised",
    encodes_plus_signs => "a_plus_sign_is_a_space",
    refuses_trailing_slashes => "a_trailing_slash_is_tolerated",
    drops_if_match => "rfc7644_s3_14_if_match_of_another_version_is_412_and_changes_nothing",
    drops_if_none_match => "rfc7644_s3_14_if_none_match_of_the_current_version_is_304",
    drops_the_content_type => "rfc7644_s3_1_other_media_types_are_415",
    demands_a_content_type => "rfc7644_s3_1_a_body_without_a_media_type_is_taken",
    drops_the_request_id => "the_request_id_is_given_back",
    keeps_the_last_of_two_headers => "two_credentials_are_none",
    lets_everybody_in => "rfc7644_s2_no_credential_is_401",
    takes_all_for_one_tenant => "an_id_of_another_tenant_is_as_an_unknown_one",
    lets_a_header_choose_the_tenant => "headers_do_not_choose_the_tenant",
    takes_head_for_get => "rfc9110_s9_3_2_head_answers_like_get_without_a_body",
    cuts_the_body => "rfc7643_s8_2_a_full_user_loses_nothing",
    replaces_bytes_that_are_no_text => "rfc7644_s3_12_bodies_that_are_no_json_objects_are_invalid_syntax",
    reads_the_body_as_json_and_writes_it_again => "rfc7644_s3_12_a_name_twice_in_one_object_is_invalid_syntax",
    bounds_bodies_at_32_kib => "rfc7644_s3_12_bodies_are_bounded",
}

caught_in_responses! {
    drops_the_location => "rfc7644_s3_3_post_names_the_location_in_header_and_meta",
    names_a_relative_location => "rfc7644_s3_3_post_names_the_location_in_header_and_meta",
    takes_the_location_from_the_request => "rfc7644_s3_3_the_location_does_not_follow_the_headers_of_the_request",
    drops_the_etag => "rfc7644_s3_3_post_tells_the_version_in_header_and_meta",
    drops_allow => "rfc9110_s15_5_6_methods_that_an_endpoint_does_not_take_are_405_with_allow",
    drops_the_challenge => "rfc7644_s2_no_credential_is_401",
    drops_the_request_id => "a_request_without_an_id_gets_one",
    answers_plain_json => "rfc7644_s3_8_the_answer_is_scim_json_whatever_is_accepted",
    answers_200_for_201 => "rfc7644_s3_3_post_answers_201_with_the_resource",
    answers_200_for_204 => "rfc7644_s3_6_delete_answers_204_without_a_body",
    answers_200_for_304 => "rfc7644_s3_14_if_none_match_of_the_current_version_is_304",
    answers_409_for_412 => "rfc7644_s3_14_if_match_of_another_version_is_412_and_changes_nothing",
    answers_400_for_413 => "rfc7644_s3_12_bodies_are_bounded",
    has_a_page_of_its_own_for_404 => "rfc7644_s3_12_paths_that_lead_nowhere_are_404",
    answers_methods_without_a_body => "rfc9110_s15_5_6_methods_that_an_endpoint_does_not_take_are_405_with_allow",
    writes_the_status_as_a_number => "rfc7644_s3_12_every_error_has_the_same_shape",
    drops_scim_types => "rfc7644_s3_3_a_taken_user_name_is_409_uniqueness",
    has_a_body_with_204 => "rfc7644_s3_6_delete_answers_204_without_a_body",
    counts_the_page_alone => "rfc7644_s3_4_2_4_pages_hold_everything_once",
    drops_empty_lists => "rfc7644_s3_4_2_nothing_found_is_200_with_an_empty_list",
    shows_nulls => "rfc7643_s2_5_null_and_empty_mean_unassigned",
    advertises_what_it_likes => "rfc7643_s5_what_is_advertised_is_what_is_enforced",
    answers_options_itself => "rfc9110_s15_5_6_methods_that_an_endpoint_does_not_take_are_405_with_allow",
    repeats_the_token => "a_token_is_never_repeated",
}

#[tokio::test]
async fn a_cache_is_caught() {
    is_caught(Fault::Cache, "rfc7643_s4_1_2_groups_follow_every_way_of_changing_members").await;
}

#[tokio::test]
async fn a_cache_for_everybody_is_caught() {
    is_caught(Fault::Cache, "rfc7644_s2_nothing_is_told_without_a_credential").await;
}
