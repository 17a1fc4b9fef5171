//! Filters on every type of attribute with every operator that it has (RFC 7643 s2.3, RFC 7644 s3.4.2.2 table 3).

use serde_json::{json, Value};

use super::check::Check;
use super::filter_cases::probe_filter;
use super::probe::EXTENSION;

/// The probes that are filtered, known by `name`.
pub(super) fn documents() -> Vec<Value> {
    vec![
        json!({
            "name": "one", "text": "Alpha", "exact": "Alpha", "flag": true, "count": 9, "ratio": 0.5,
            "moment": "2020-01-01T00:00:00Z", "blob": "AQID", "link": "https://example.com/A",
            "tags": ["Red", "green"], "scores": [1, 20], "place": {"city": "Paris", "floor": 2},
            "parts": [
                {"value": "wheel", "type": "round", "primary": true, "weight": 1.5, "since": "2020-01-01T00:00:00Z"},
                {"value": "door", "type": "flat", "weight": 20},
            ],
            EXTENSION: {"label": "Blue", "level": 3},
        }),
        json!({
            "name": "two", "text": "alpha", "exact": "alpha", "flag": false, "count": 10, "ratio": 2.25,
            "moment": "2020-01-01T01:00:00.000+01:00", "blob": "aqid", "link": "https://example.com/a",
            "tags": ["RED"], "scores": [3], "place": {"city": "paris", "floor": -1},
            "parts": [{"value": "door", "type": "round", "weight": 3, "since": "2021-01-01T00:00:00Z"}],
            EXTENSION: {"label": "blue", "level": 10},
        }),
        json!({
            "name": "three", "text": "Beta", "exact": "Beta", "count": -5, "ratio": -1.5,
            "moment": "2019-12-31T23:59:59.5Z", "link": "urn:example:b", "tags": ["yellow"],
            "place": {"city": "Rome"}, EXTENSION: {"level": -2},
        }),
        json!({"name": "none"}),
    ]
}

pub(super) const CHECKS: &[Check] = &[
    probe_filter!("filter_string_eq", r#"text eq "ALPHA""# => ["one", "two"]),
    probe_filter!("filter_string_ne", r#"text ne "ALPHA""# => ["three", "none"]),
    probe_filter!("filter_string_co", r#"text co "ET""# => ["three"]),
    probe_filter!("filter_string_sw", r#"text sw "AL""# => ["one", "two"]),
    probe_filter!("filter_string_ew", r#"text ew "A""# => ["one", "two", "three"]),
    probe_filter!("filter_string_gt", r#"text gt "ALPHA""# => ["three"]),
    probe_filter!("filter_string_ge", r#"text ge "BETA""# => ["three"]),
    probe_filter!("filter_string_lt", r#"text lt "BETA""# => ["one", "two"]),
    probe_filter!("filter_string_le", r#"text le "ALPHA""# => ["one", "two"]),
    probe_filter!("filter_string_pr", r#"text pr"# => ["one", "two", "three"]),
    probe_filter!("filter_exact_string_eq", r#"exact eq "Alpha""# => ["one"]),
    probe_filter!("filter_exact_string_ne", r#"exact ne "Alpha""# => ["two", "three", "none"]),
    probe_filter!("filter_exact_string_co", r#"exact co "Al""# => ["one"]),
    probe_filter!("filter_exact_string_sw", r#"exact sw "al""# => ["two"]),
    probe_filter!("filter_exact_string_ew", r#"exact ew "pha""# => ["one", "two"]),
    probe_filter!("filter_exact_string_gt", r#"exact gt "Beta""# => ["two"]),
    probe_filter!("filter_exact_string_ge", r#"exact ge "Beta""# => ["two", "three"]),
    probe_filter!("filter_exact_string_lt", r#"exact lt "a""# => ["one", "three"]),
    probe_filter!("filter_exact_string_le", r#"exact le "Alpha""# => ["one"]),
    probe_filter!("filter_boolean_eq", r#"flag eq false"# => ["two"]),
    probe_filter!("filter_boolean_ne", r#"flag ne false"# => ["one", "three", "none"]),
    probe_filter!("filter_boolean_pr", r#"flag pr"# => ["one", "two"]),
    probe_filter!("filter_integer_eq", r#"count eq 9"# => ["one"]),
    probe_filter!("filter_integer_eq_with_decimals", r#"count eq 9.0"# => ["one"]),
    probe_filter!("filter_integer_ne", r#"count ne 9"# => ["two", "three", "none"]),
    probe_filter!("filter_integer_gt_is_numeric", r#"count gt 9"# => ["two"]),
    probe_filter!("filter_integer_ge", r#"count ge 9"# => ["one", "two"]),
    probe_filter!("filter_integer_lt_negative", r#"count lt 0"# => ["three"]),
    probe_filter!("filter_integer_le", r#"count le 9"# => ["one", "three"]),
    probe_filter!("filter_integer_and_a_fraction", r#"count gt 9.5"# => ["two"]),
    probe_filter!("filter_integer_pr", r#"count pr"# => ["one", "two", "three"]),
    probe_filter!("filter_decimal_eq", r#"ratio eq 2.250"# => ["two"]),
    probe_filter!("filter_decimal_ne", r#"ratio ne 0.5"# => ["two", "three", "none"]),
    probe_filter!("filter_decimal_gt", r#"ratio gt 0.5"# => ["two"]),
    probe_filter!("filter_decimal_ge", r#"ratio ge 5e-1"# => ["one", "two"]),
    probe_filter!("filter_decimal_lt_negative", r#"ratio lt -1"# => ["three"]),
    probe_filter!("filter_decimal_le", r#"ratio le 0.5"# => ["one", "three"]),
    probe_filter!("filter_decimal_pr", r#"ratio pr"# => ["one", "two", "three"]),
    probe_filter!("filter_date_time_eq_is_an_instant", r#"moment eq "2020-01-01T02:00:00+02:00""# => ["one", "two"]),
    probe_filter!("filter_date_time_ne_is_an_instant", r#"moment ne "2019-12-31T22:00:00-02:00""# => ["three", "none"]),
    probe_filter!("filter_date_time_gt", r#"moment gt "2019-12-31T23:59:59.5Z""# => ["one", "two"]),
    probe_filter!("filter_date_time_ge_fraction", r#"moment ge "2019-12-31T23:59:59.6Z""# => ["one", "two"]),
    probe_filter!("filter_date_time_lt", r#"moment lt "2020-01-01T00:00:00Z""# => ["three"]),
    probe_filter!("filter_date_time_le", r#"moment le "2020-01-01T00:00:00Z""# => ["one", "two", "three"]),
    probe_filter!("filter_date_time_pr", r#"moment pr"# => ["one", "two", "three"]),
    probe_filter!("filter_binary_eq", r#"blob eq "AQID""# => ["one"]),
    probe_filter!("filter_binary_ne", r#"blob ne "AQID""# => ["two", "three", "none"]),
    probe_filter!("filter_binary_pr", r#"blob pr"# => ["one", "two"]),
    probe_filter!("filter_reference_eq_with_case", r#"link eq "https://example.com/a""# => ["two"]),
    probe_filter!("filter_reference_ne", r#"link ne "https://example.com/a""# => ["one", "three", "none"]),
    probe_filter!("filter_reference_co", r#"link co "example.com""# => ["one", "two"]),
    probe_filter!("filter_reference_sw_with_case", r#"link sw "URN:""# => []),
    probe_filter!("filter_reference_ew", r#"link ew "/A""# => ["one"]),
    probe_filter!("filter_reference_gt", r#"link gt "https://example.com/A""# => ["two", "three"]),
    probe_filter!("filter_reference_pr", r#"link pr"# => ["one", "two", "three"]),
    probe_filter!("filter_list_of_strings_eq", r#"tags eq "red""# => ["one", "two"]),
    probe_filter!("filter_list_of_strings_ne", r#"tags ne "red""# => ["three", "none"]),
    probe_filter!("filter_list_of_strings_co", r#"tags co "REE""# => ["one"]),
    probe_filter!("filter_list_of_strings_gt", r#"tags gt "red""# => ["three"]),
    probe_filter!("filter_list_of_strings_pr", r#"tags pr"# => ["one", "two", "three"]),
    probe_filter!("filter_list_of_strings_in_brackets", r#"tags[value eq "green"]"# => ["one"]),
    probe_filter!("filter_list_of_integers_eq", r#"scores eq 20"# => ["one"]),
    probe_filter!("filter_list_of_integers_gt_is_numeric", r#"scores gt 3"# => ["one"]),
    probe_filter!("filter_list_of_integers_ne", r#"scores ne 3"# => ["one", "three", "none"]),
    probe_filter!("filter_complex_string", r#"place.city eq "PARIS""# => ["one", "two"]),
    probe_filter!("filter_complex_integer", r#"place.floor lt 0"# => ["two"]),
    probe_filter!("filter_complex_in_brackets", r#"place[city eq "paris" and floor gt 0]"# => ["one"]),
    probe_filter!("filter_complex_pr", r#"place pr"# => ["one", "two", "three"]),
    probe_filter!("filter_complex_sub_attribute_pr", r#"place.floor pr"# => ["one", "two"]),
    probe_filter!("filter_complex_list_in_brackets", r#"parts[value eq "door" and type eq "round"]"# => ["two"]),
    probe_filter!("filter_complex_list_decimal", r#"parts.weight ge 20"# => ["one"]),
    probe_filter!("filter_complex_list_decimal_in_brackets", r#"parts[value eq "door" and weight lt 10]"# => ["two"]),
    probe_filter!("filter_complex_list_date_time", r#"parts[since lt "2020-06-01T00:00:00Z"]"# => ["one"]),
    probe_filter!(
        "filter_complex_list_date_time_is_an_instant",
        r#"parts.since eq "2020-01-01T05:00:00+05:00""# => ["one"]
    ),
    probe_filter!("filter_complex_list_pr_in_brackets", r#"parts[since pr and value eq "door"]"# => ["two"]),
    probe_filter!("filter_complex_list_boolean", r#"parts.primary eq true"# => ["one"]),
    probe_filter!("filter_complex_list_not_in_brackets", r#"parts[not (type eq "round")]"# => ["one"]),
    probe_filter!(
        "filter_custom_extension_string",
        r#"urn:example:params:scim:schemas:extension:probe:1.0:Probe:label eq "BLUE""# => ["one", "two"]
    ),
    probe_filter!(
        "filter_custom_extension_integer",
        r#"urn:example:params:scim:schemas:extension:probe:1.0:Probe:level gt 3"# => ["two"]
    ),
    probe_filter!(
        "filter_custom_extension_negative_integer",
        r#"urn:example:params:scim:schemas:extension:probe:1.0:Probe:level lt 0"# => ["three"]
    ),
    probe_filter!(
        "filter_attribute_with_its_urn",
        r#"urn:example:params:scim:schemas:probe:1.0:Probe:count eq 10"# => ["two"]
    ),
    probe_filter!(
        "filter_mixed_types",
        r#"(count gt 0 and not (flag eq true)) or moment lt "2020-01-01T00:00:00Z""# => ["two", "three"]
    ),
];
