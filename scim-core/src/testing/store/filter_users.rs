//! Filters on users: strings and what is special in them, lists, value paths, logic, the enterprise extension
//! (RFC 7644 s3.4.2.2).

use serde_json::{json, Value};

use super::check::Check;
use super::filter_cases::user_filter;
use crate::schema::ENTERPRISE_USER;

/// The users that are filtered, known by `userName`. The decoys look like others to a store that takes `%`, `_`, `\` or
/// `*` for more than themselves.
pub(super) fn documents() -> Vec<Value> {
    vec![
        json!({
            "userName": "babs", "externalId": "X-100", "active": true, "title": "Tour Guide",
            "displayName": "Babs Jensen", "name": {"familyName": "Jensen", "givenName": "Barbara"},
            "profileUrl": "https://login.example.com/babs",
            "emails": [
                {"value": "Babs@example.com", "type": "work", "primary": true},
                {"value": "babs@jensen.org", "type": "home"},
            ],
            ENTERPRISE_USER: {
                "employeeNumber": "701984", "department": "Tour Operations",
                "manager": {"value": "26118915", "displayName": "John Smith"},
            },
        }),
        json!({
            "userName": "john", "externalId": "x-100", "active": false, "title": "Vice President",
            "displayName": "John Smith", "name": {"familyName": "Smith"},
            "emails": [{"value": "john@example.org", "type": "work"}],
            ENTERPRISE_USER: {"department": "Sales"},
        }),
        json!({"userName": "percent", "title": "100% sure", "displayName": "a%b"}),
        json!({"userName": "underscore", "title": "snake_case"}),
        json!({"userName": "backslash", "title": "C:\\temp"}),
        json!({"userName": "quotes", "displayName": "O'Neil \"Tip\""}),
        json!({"userName": "decoy", "title": "snakeXcase 100 sure C:temp", "displayName": "axb", "externalId": "X-10"}),
        json!({"userName": "decoy2", "title": "snakeXcase"}),
        json!({"userName": "decoy3", "title": "100 percent"}),
        json!({"userName": "émilie", "title": "Ingénieure 日本 \u{1f600}"}),
        json!({"userName": "bare"}),
    ]
}

pub(super) const CHECKS: &[Check] = &[
    user_filter!("filter_eq_finds_one", r#"userName eq "john""# => ["john"]),
    user_filter!("filter_eq_ignores_case", r#"userName eq "BABS""# => ["babs"]),
    user_filter!("filter_eq_ignores_case_beyond_ascii", r#"userName eq "ÉMILIE""# => ["émilie"]),
    user_filter!("filter_eq_is_the_whole_value", r#"userName eq "bab""# => []),
    user_filter!("filter_eq_finds_nothing", r#"userName eq "nobody""# => []),
    user_filter!("filter_eq_with_case_exact", r#"externalId eq "X-100""# => ["babs"]),
    user_filter!("filter_eq_display_name", r#"displayName eq "babs jensen""# => ["babs"]),
    user_filter!("filter_eq_quotes", r#"displayName eq "O'Neil \"Tip\"""# => ["quotes"]),
    user_filter!("filter_eq_takes_percent_literally", r#"displayName eq "a%b""# => ["percent"]),
    user_filter!("filter_eq_empty_string", r#"title eq """# => []),
    user_filter!(
        "filter_ne_holds_for_other_and_absent_values",
        r#"title ne "tour guide""#
            => ["john", "percent", "underscore", "backslash", "quotes", "decoy", "decoy2", "decoy3", "émilie", "bare"]
    ),
    user_filter!("filter_ne_and_present", r#"externalId ne "X-100" and externalId pr"# => ["john", "decoy"]),
    user_filter!("filter_co_ignores_case", r#"title co "R GUI""# => ["babs"]),
    user_filter!("filter_co_with_case_exact", r#"externalId co "X-1""# => ["babs", "decoy"]),
    user_filter!("filter_co_beyond_ascii", r#"title co "日本""# => ["émilie"]),
    user_filter!("filter_co_beyond_the_basic_plane", "title co \"\u{1f600}\"" => ["émilie"]),
    user_filter!("filter_co_folds_beyond_ascii", r#"title co "GÉN""# => ["émilie"]),
    user_filter!("filter_co_takes_percent_literally", r#"title co "100%""# => ["percent"]),
    user_filter!("filter_co_takes_underscore_literally", r#"title co "snake_""# => ["underscore"]),
    user_filter!("filter_co_takes_backslash_literally", r#"title co ":\\t""# => ["backslash"]),
    user_filter!("filter_co_takes_star_and_brackets_literally", r#"title co "*" or title co "[a-z]""# => []),
    user_filter!("filter_co_single_quote", r#"displayName co "o'n""# => ["quotes"]),
    user_filter!("filter_sw_ignores_case", r#"title sw "TOUR""# => ["babs"]),
    user_filter!("filter_sw_is_no_contains", r#"title sw "guide""# => []),
    user_filter!("filter_sw_takes_percent_literally", r#"title sw "100%""# => ["percent"]),
    user_filter!("filter_sw_takes_underscore_literally", r#"title sw "snake_""# => ["underscore"]),
    user_filter!("filter_sw_takes_backslash_literally", r#"title sw "c:\\""# => ["backslash"]),
    user_filter!("filter_sw_with_case_exact", r#"externalId sw "x""# => ["john"]),
    user_filter!("filter_ew_ignores_case", r#"title ew "GUIDE""# => ["babs"]),
    user_filter!("filter_ew_is_no_contains", r#"title ew "tour""# => []),
    user_filter!("filter_ew_takes_percent_literally", r#"displayName ew "%b""# => ["percent"]),
    user_filter!("filter_ew_takes_underscore_literally", r#"title ew "_case""# => ["underscore"]),
    user_filter!("filter_ew_takes_backslash_literally", r#"title ew "\\temp""# => ["backslash"]),
    user_filter!("filter_ew_with_case_exact", r#"externalId ew "-10""# => ["decoy"]),
    user_filter!("filter_gt_string", r#"userName gt "PERCENT""# => ["quotes", "underscore", "émilie"]),
    user_filter!("filter_ge_string", r#"userName ge "Quotes""# => ["quotes", "underscore", "émilie"]),
    user_filter!("filter_lt_string", r#"userName lt "Bare""# => ["babs", "backslash"]),
    user_filter!("filter_le_string", r#"userName le "BARE""# => ["babs", "backslash", "bare"]),
    user_filter!("filter_order_is_by_bytes_beyond_ascii", r#"userName gt "z""# => ["émilie"]),
    user_filter!("filter_order_with_case_exact", r#"externalId lt "a""# => ["babs", "decoy"]),
    user_filter!("filter_order_skips_absent_values", r#"externalId ge "A""# => ["babs", "john", "decoy"]),
    user_filter!("filter_pr_string", r#"externalId pr"# => ["babs", "john", "decoy"]),
    user_filter!("filter_pr_complex", r#"name pr"# => ["babs", "john"]),
    user_filter!("filter_pr_sub_attribute", r#"name.givenName pr"# => ["babs"]),
    user_filter!("filter_pr_list", r#"emails pr"# => ["babs", "john"]),
    user_filter!("filter_pr_sub_attribute_of_list", r#"emails.primary pr"# => ["babs"]),
    user_filter!("filter_pr_boolean_that_is_false", r#"active pr"# => ["babs", "john"]),
    user_filter!("filter_eq_null_is_absence", r#"externalId eq null and userName sw "b""# => ["backslash", "bare"]),
    user_filter!("filter_ne_null_is_presence", r#"externalId ne null"# => ["babs", "john", "decoy"]),
    user_filter!("filter_eq_true", r#"active eq true"# => ["babs"]),
    user_filter!("filter_eq_false_is_not_absence", r#"active eq false"# => ["john"]),
    user_filter!(
        "filter_ne_true_holds_for_absence",
        r#"active ne true and externalId pr"# => ["john", "decoy"]
    ),
    user_filter!("filter_reference_compares_with_case", r#"profileUrl eq "https://login.example.com/BABS""# => []),
    user_filter!("filter_reference_eq", r#"profileUrl eq "https://login.example.com/babs""# => ["babs"]),
    user_filter!("filter_reference_sw", r#"profileUrl sw "https://login.""# => ["babs"]),
    user_filter!("filter_sub_attribute_eq", r#"name.familyName eq "JENSEN""# => ["babs"]),
    user_filter!("filter_sub_attribute_co", r#"name.familyName co "mit""# => ["john"]),
    user_filter!("filter_list_means_its_values", r#"emails co "JENSEN""# => ["babs"]),
    user_filter!("filter_list_value_eq_ignores_case", r#"emails.value eq "babs@EXAMPLE.com""# => ["babs"]),
    user_filter!("filter_list_value_eq_any_element", r#"emails.value eq "babs@jensen.org""# => ["babs"]),
    user_filter!("filter_list_type_eq", r#"emails.type eq "work""# => ["babs", "john"]),
    user_filter!(
        "filter_list_ne_holds_if_no_element_is_equal",
        r#"emails.type ne "home" and externalId pr"# => ["john", "decoy"]
    ),
    user_filter!(
        "filter_list_terms_may_be_of_different_elements",
        r#"emails.type eq "home" and emails.value co "example.com""# => ["babs"]
    ),
    user_filter!("filter_value_path_finds_one_element", r#"emails[type eq "work" and value co "org"]"# => ["john"]),
    user_filter!("filter_value_path_is_of_one_element", r#"emails[type eq "home" and value co "example"]"# => []),
    user_filter!("filter_value_path_or", r#"emails[type eq "home" or value ew ".org"]"# => ["babs", "john"]),
    user_filter!("filter_value_path_not_needs_an_element", r#"emails[not (type eq "work")]"# => ["babs"]),
    user_filter!("filter_value_path_ne_needs_an_element", r#"emails[type ne "home"]"# => ["babs", "john"]),
    user_filter!("filter_value_path_boolean", r#"emails[primary eq true and type eq "work"]"# => ["babs"]),
    user_filter!("filter_value_path_pr", r#"emails[primary pr]"# => ["babs"]),
    user_filter!(
        "filter_not_of_a_value_path_holds_without_elements",
        r#"not (emails[type eq "work"]) and externalId pr"# => ["decoy"]
    ),
    user_filter!("filter_value_path_and_others", r#"emails[type eq "work"] and active eq false"# => ["john"]),
    user_filter!("filter_and", r#"externalId sw "X" and title co "sure""# => ["decoy"]),
    user_filter!("filter_or", r#"userName eq "babs" or title co "sure""# => ["babs", "percent", "decoy"]),
    user_filter!("filter_not", r#"not (externalId pr or title pr)"# => ["quotes", "bare"]),
    user_filter!(
        "filter_not_of_a_comparison_holds_for_absence",
        r#"not (active eq true) and title co "sure""# => ["percent", "decoy"]
    ),
    user_filter!(
        "filter_and_binds_closer_than_or",
        r#"userName eq "bare" or userName eq "john" and active eq true"# => ["bare"]
    ),
    user_filter!(
        "filter_parentheses_bind_closer_than_and",
        r#"(userName eq "babs" or userName eq "john") and active eq false"# => ["john"]
    ),
    user_filter!("filter_nested_not", r#"not (not (userName eq "john") or active eq true)"# => ["john"]),
    user_filter!("filter_by_unique_attribute_and_more", r#"userName eq "john" and active eq true"# => []),
    user_filter!(
        "filter_extension_eq",
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "701984""# => ["babs"]
    ),
    user_filter!(
        "filter_extension_co",
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department co "TOUR""# => ["babs"]
    ),
    user_filter!(
        "filter_extension_ne_holds_for_absence",
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department ne "Sales" and externalId pr"#
            => ["babs", "decoy"]
    ),
    user_filter!(
        "filter_extension_pr",
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department pr"# => ["babs", "john"]
    ),
    user_filter!(
        "filter_extension_sub_attribute",
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName eq "john smith""# => ["babs"]
    ),
    user_filter!(
        "filter_extension_manager_by_value",
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "26118915""# => ["babs"]
    ),
    user_filter!(
        "filter_schemas_by_extension",
        r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""# => ["babs", "john"]
    ),
    user_filter!(
        "filter_meta_resource_type",
        r#"meta.resourceType eq "User" and externalId pr"# => ["babs", "john", "decoy"]
    ),
];
