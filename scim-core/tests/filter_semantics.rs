//! What filters mean where RFC 7644 s3.4.2.2 leaves room, and how far a hostile one gets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub
)]

mod filter_support;

use filter_support::{resource, user_document, user_type};
use scim_core::{
    parse_path, Attribute, CompareOperator, CompatProfile, Filter, FilterError, Limits, Operand, ResolvedFilter,
    ResourceType, Schema, ScimType,
};
use serde_json::{json, Map, Value};

fn parse(text: &str) -> Result<Filter, FilterError> {
    Filter::parse(text, &CompatProfile::STRICT, &Limits::default())
}

fn resolve(text: &str, resource_type: &ResourceType, profile: &CompatProfile) -> ResolvedFilter {
    let filter = Filter::parse(text, profile, &Limits::default()).unwrap_or_else(|error| panic!("{text}: {error}"));
    filter.resolve(resource_type, profile).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Whether the fixture's user, with these members in place of its own, satisfies the filter.
fn holds(text: &str, members: Value) -> bool {
    let mut document = user_document();
    let Value::Object(members) = members else { panic!("the members are an object") };
    document.extend(members);
    document.retain(|_, value| !value.is_null());
    resolve(text, &user_type(), &CompatProfile::LENIENT).matches(&user_type(), &resource(document))
}

#[test]
fn rfc7644_s3_4_2_2_terms_may_hold_of_different_values_but_a_value_path_asks_for_one() {
    let crossed = json!({"emails": [{"type": "work", "value": "a@y"}, {"type": "home", "value": "b@x"}]});
    let joint = json!({"emails": [{"type": "work", "value": "a@x"}, {"type": "home", "value": "b@y"}]});
    let apart = r#"emails.type eq "work" and emails.value co "@x""#;
    let together = r#"emails[type eq "work" and value co "@x"]"#;
    let behind = r#"emails[type eq "work"].value co "@x""#;
    assert!(holds(apart, crossed.clone()));
    assert!(holds(apart, joint.clone()));
    for filter in [together, behind] {
        assert!(!holds(filter, crossed.clone()), "{filter}");
        assert!(holds(filter, joint.clone()), "{filter}");
    }
}

#[test]
fn ne_is_the_negation_of_eq_for_lists_and_absent_values_too() {
    let two = json!({"emails": [{"value": "a@x"}, {"value": "b@x"}]});
    let none = json!({"emails": null});
    for (operand, in_two, in_none) in [("a@x", true, false), ("c@x", false, false)] {
        for (members, is_equal) in [(&two, in_two), (&none, in_none)] {
            assert_eq!(holds(&format!("emails.value eq \"{operand}\""), members.clone()), is_equal);
            assert_eq!(holds(&format!("emails.value ne \"{operand}\""), members.clone()), !is_equal);
            assert_eq!(holds(&format!("not (emails.value eq \"{operand}\")"), members.clone()), !is_equal);
        }
    }
}

#[test]
fn a_value_path_holds_of_nothing_where_there_is_no_element() {
    for filter in ["emails[value eq null]", "emails[value ne \"x\"]", "emails[not (value pr)]"] {
        assert!(!holds(filter, json!({"emails": null})), "{filter}");
        assert!(holds(filter, json!({"emails": [{"type": "work"}]})), "{filter}");
    }
    assert!(!holds(
        "manager[value ne \"x\"]",
        json!({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {}})
    ));
}

#[test]
fn rfc7644_s3_4_2_2_present_means_not_empty() {
    for (title, present) in [(json!(""), false), (json!("x"), true), (json!(null), false)] {
        assert_eq!(holds("title pr", json!({"title": title})), present, "{title}");
        assert_eq!(holds("title eq null", json!({"title": title})), !present, "{title}");
        assert_eq!(holds("title ne null", json!({"title": title})), present, "{title}");
    }
    assert!(holds("active pr", json!({"active": false})));
    assert!(!holds("name pr", json!({"name": {}})));
    assert!(!holds("name pr", json!({"name": {"givenName": ""}})));
    assert!(holds("name pr", json!({"name": {"givenName": "B"}})));
    assert!(!holds("emails pr", json!({"emails": [{"value": ""}]})));
    assert!(holds("title eq \"\"", json!({"title": ""})));
}

#[test]
fn rfc7643_s2_2_case_matters_where_the_attribute_says_so_beyond_ascii_too() {
    for (value, operand, equal) in [
        ("ÉCOLE", "école", true),
        ("école", "ÉCOLE", true),
        ("\u{212a}elvin", "kelvin", true),
        ("kelvin", "\u{212a}ELVIN", true),
        ("ΟΔΟΣ", "οδος", true),
        ("STRASSE", "straße", false),
        ("İ", "i", false),
    ] {
        let filter = format!("title eq \"{operand}\"");
        assert_eq!(holds(&filter, json!({"title": value})), equal, "{value} {operand}");
    }
    assert!(holds("title co \"COL\"", json!({"title": "École"})));
    assert!(holds("title sw \"é\"", json!({"title": "École"})));
    assert!(holds("title ew \"LÉ\"", json!({"title": "olé"})));
    assert!(holds("title gt \"z\"", json!({"title": "É"})));
    assert!(!holds("externalId eq \"ABC\"", json!({"externalId": "abc"})));
    assert!(holds("externalId lt \"a\"", json!({"externalId": "B"})));
    assert!(!holds("title lt \"a\"", json!({"title": "B"})));
}

#[test]
fn a_long_operand_is_found_as_a_short_one_is() {
    let value = format!("{}{}", "Ab".repeat(200), "End");
    for operand in ["abend", "ABABABABABABABABABABABABABABABABABABABABEND", ""] {
        assert!(holds(&format!("title co \"{operand}\""), json!({"title": value})), "{operand}");
    }
    assert!(!holds(&format!("title co \"{}c\"", "ab".repeat(20)), json!({"title": value})));
}

#[test]
fn rfc7644_s3_4_2_2_numbers_compare_by_their_value_not_by_their_notation() {
    for (stored, filter, expected) in [
        (json!(1), "desk eq 1.0", true),
        (json!(1.0), "desk eq 1", true),
        (json!(i64::MAX), "desk lt 9223372036854775808", true),
        (json!(i64::MAX), "desk eq 9223372036854775808.0", false),
        (json!(u64::MAX), "desk gt 18446744073709551614", true),
        (json!(u64::MAX), "desk lt 18446744073709551616", true),
        (json!(i64::MIN), "desk lt -9223372036854775807", true),
        (json!(-1), "desk lt -0.5", true),
        (json!(0), "desk gt -0.5", true),
        (json!(0), "desk lt 0.5", true),
        (json!(0), "desk eq -0.0", true),
        (json!(0.1), "desk lt 0.2", true),
        (json!(1e300), "desk gt 18446744073709551615", true),
        (json!(-1e300), "desk lt -9223372036854775808", true),
        (json!("1"), "desk eq 1", false),
    ] {
        let members = json!({filter_support::STAFF: {"desk": stored}});
        assert_eq!(holds(filter, members), expected, "{stored} {filter}");
    }
}

#[test]
fn a_stored_value_of_another_type_compares_with_nothing() {
    assert!(!holds("active eq true", json!({"active": "true"})));
    assert!(!holds("title sw \"\"", json!({"title": 5})));
    assert!(!holds("hired gt \"1970-01-01T00:00:00Z\"", json!({filter_support::STAFF: {"hired": "soon"}})));
    assert!(!holds("emails.value sw \"\"", json!({"emails": ["a@x"]})));
}

#[test]
fn rfc7644_s3_4_2_2_schemas_are_those_of_the_extensions_that_have_a_value() {
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let filter = format!("schemas eq \"{enterprise}\"");
    assert!(holds(&filter, json!({})));
    assert!(!holds(&filter, json!({enterprise: {}})));
    assert!(!holds(&filter, json!({enterprise: null})));
    assert!(holds("schemas eq \"urn:example:KEPT\"", json!({"urn:example:kept": {"a": 1}})));
}

fn group_document() -> Map<String, Value> {
    serde_json::from_str(include_str!("fixtures/filter/rfc7643_s8_4_group.json")).unwrap()
}

#[test]
fn members_of_a_group_are_found_by_their_id() {
    let group = resource(group_document());
    let group_type = ResourceType::group();
    for (text, expected) in [
        (r#"members eq "2819c223-7f76-453a-919d-413861904646""#, true),
        (r#"members.value eq "2819C223-7F76-453A-919D-413861904646""#, false),
        (r#"members[value eq "902c246b-6245-4190-8e05-00816be7344a"]"#, true),
        (r#"id eq "e9e30dba-f08f-4109-8486-d5c6a331660a" and members eq "nobody""#, false),
        (r#"displayName eq "tour guides""#, true),
        (r#"meta.resourceType eq "Group""#, true),
    ] {
        let filter = resolve(text, &group_type, &CompatProfile::LENIENT);
        assert_eq!(filter.matches(&group_type, &group), expected, "{text}");
    }
    let mut without = group_document();
    without.remove("members");
    let filter = resolve("members pr", &group_type, &CompatProfile::STRICT);
    assert!(!filter.matches(&group_type, &resource(without)));
}

/// A `$ref` follows from the `value` beside it and is not stored, so that a filter on it would find nothing in silence.
#[test]
fn rfc7643_s2_4_references_that_the_server_makes_are_asked_for_by_value() {
    let refused = |text: &str, resource_type: &ResourceType| {
        let error = parse(text).unwrap().resolve(resource_type, &CompatProfile::LENIENT).unwrap_err();
        assert!(error.to_string().contains(".value instead"), "{text}: {error}");
    };
    for text in ["members.$ref pr", "members.$ref ew \"7\"", "members[$ref eq \"x\" and value eq \"7\"]"] {
        refused(text, &ResourceType::group());
    }
    for text in ["groups.$ref pr", "manager.$ref eq \"x\""] {
        refused(text, &ResourceType::user());
    }
    let link = Attribute::complex("link", [Attribute::string("value"), Attribute::reference("$ref", ["external"])]);
    let sites = ResourceType::new("Site", "/Sites", Schema::new("urn:example:Site", "Site").attribute(link));
    assert!(parse("link.$ref pr").unwrap().resolve(&sites, &CompatProfile::STRICT).is_ok());
}

#[test]
fn what_is_compared_is_never_complex_and_carries_an_operand_of_its_type() {
    let by_value = resolve(r#"emails co "@Example.com""#, &user_type(), &CompatProfile::STRICT);
    let ResolvedFilter::Compare(path, CompareOperator::Contains, Operand::Folded(key)) = by_value else {
        panic!("{by_value:?}")
    };
    assert_eq!((path.to_string().as_str(), &*key), ("emails.value", "@example.com"));

    let not_there = resolve("name eq null", &user_type(), &CompatProfile::STRICT);
    let ResolvedFilter::Not(present) = not_there else { panic!("{not_there:?}") };
    assert!(matches!(*present, ResolvedFilter::Present(path) if path.to_string() == "name"));

    let version = resolve(r#"meta.version eq "W/\"7\"""#, &user_type(), &CompatProfile::STRICT);
    assert!(matches!(version, ResolvedFilter::Compare(_, CompareOperator::Equal, Operand::Exact(tag)) if &*tag == "7"));
}

#[test]
fn a_list_of_objects_compares_by_value_even_where_single_ones_do_not() {
    let badge = || Attribute::complex("badge", [Attribute::string("value"), Attribute::boolean("valid")]);
    let holder =
        |attribute| ResourceType::new("Holder", "/Holders", Schema::new("urn:x:Holder", "").attribute(attribute));
    let filter = parse("badge eq \"7\"").unwrap();
    assert!(filter.resolve(&holder(badge().multi_valued()), &CompatProfile::STRICT).is_ok());
    assert!(filter.resolve(&holder(badge()), &CompatProfile::STRICT).is_err());
    assert!(filter.resolve(&holder(badge()), &CompatProfile::LENIENT).is_ok());
}

#[test]
fn nesting_is_bounded_and_counted_before_going_down() {
    let nested = |levels: usize| format!("{}title pr{}", "(".repeat(levels), ")".repeat(levels));
    assert!(parse(&nested(32)).is_ok());
    assert_eq!(parse(&nested(33)).unwrap_err().to_string(), "expected no more than 32 levels of nesting at column 33");
    assert!(parse(&format!("emails[{}type pr{}]", "not (".repeat(31), ")".repeat(31))).is_ok());
    assert!(parse(&format!("emails[{}type pr{}]", "not (".repeat(32), ")".repeat(32))).is_err());
    assert!(parse(&format!("{}emails[type pr]{}", "(".repeat(32), ")".repeat(32))).is_err());

    let mut roomy = Limits::default();
    roomy.filter_bytes = usize::MAX;
    for opening in ["(", "not (", "not(", "title pr and (", "a[("] {
        let hostile = opening.repeat(1_000_000);
        assert!(Filter::parse(&hostile, &CompatProfile::LENIENT, &roomy).is_err(), "{opening}");
    }
}

#[test]
fn terms_are_bounded_whatever_joins_them() {
    for connective in [" and ", " or "] {
        let joined = |terms: usize| vec!["a pr"; terms].join(connective);
        assert!(parse(&joined(256)).is_ok());
        let error = parse(&joined(257)).unwrap_err();
        assert_eq!(error.message, "expected no more than 256 comparisons");
        assert_eq!(error.column, Some(joined(256).len() + connective.len() + 1));
    }
    let in_brackets = format!("a[{}].c pr", vec!["b pr"; 256].join(" or "));
    assert!(Filter::parse(&in_brackets, &CompatProfile::LENIENT, &Limits::default()).is_err());
}

#[test]
fn length_is_bounded_in_bytes() {
    let filter = |bytes: usize| format!("a eq \"{}\"", "x".repeat(bytes - 7));
    assert!(parse(&filter(8192)).is_ok());
    assert_eq!(parse(&filter(8193)).unwrap_err().to_string(), "expected no more than 8192 bytes, not 8193");

    let path = |bytes: usize| parse_path(&"x".repeat(bytes), &CompatProfile::STRICT, &Limits::default());
    assert!(path(1024).is_ok());
    assert_eq!(path(1025).unwrap_err().to_string(), "expected no more than 1024 bytes, not 1025");

    let mut roomy = Limits::default();
    roomy.filter_bytes = usize::MAX;
    let name = format!("{} pr", "x".repeat(70_000));
    let error = Filter::parse(&name, &CompatProfile::STRICT, &roomy).unwrap_err();
    assert_eq!(error.to_string(), "expected a shorter attribute name at column 1");
}

#[test]
fn logic_is_flat_however_it_was_grouped() {
    let Filter::And(terms) = parse("(a pr and b pr) and (c pr and (d pr and e pr))").unwrap() else { panic!() };
    assert_eq!(terms.len(), 5);
    let Filter::Or(terms) = parse("(a pr or b pr) or (c pr or d pr and e pr)").unwrap() else { panic!() };
    assert_eq!(terms.len(), 4);
    assert!(matches!(&terms[3], Filter::And(terms) if terms.len() == 2));
}

#[test]
fn numbers_keep_their_digits_where_64_bits_hold_them() {
    let number = |text: &str| match parse(&format!("a eq {text}")).unwrap() {
        Filter::Compare(_, _, scim_core::Literal::Number(number)) => number,
        other => panic!("{other:?}"),
    };
    assert_eq!(number("9223372036854775808").as_u64(), Some(9_223_372_036_854_775_808));
    assert_eq!(number("-9223372036854775808").as_i64(), Some(i64::MIN));
    assert_eq!(number("18446744073709551616").as_f64(), Some(18_446_744_073_709_551_616.0));
    assert_eq!(number("0.1").as_f64(), Some(0.1));
    assert_eq!(number("5e-324").as_f64(), Some(5e-324));
    assert_eq!(number("8.41e21").as_f64(), Some(8.41e21));
    assert_eq!(number("-0").as_i64(), Some(0));
}

#[test]
fn rfc7644_s3_12_errors_are_invalid_filter_and_invalid_path() {
    let error = parse("userName \"x\"").unwrap_err();
    assert_eq!(error.column, Some(10));
    let error = error.into_filter_error();
    assert_eq!(error.scim_type(), Some(ScimType::InvalidFilter));
    assert_eq!(error.detail(), "The filter is not valid: expected an operator at column 10");

    let error = parse_path("emails[", &CompatProfile::STRICT, &Limits::default()).unwrap_err().into_path_error();
    assert_eq!(error.scim_type(), Some(ScimType::InvalidPath));
    assert_eq!(error.detail(), "The path is not valid: expected an attribute name at column 8");
}

#[test]
fn messages_repeat_little_of_what_was_sent() {
    let long = "x".repeat(5_000);
    for text in [format!("{long} pr"), format!("title {long} 1"), format!("emails[{long} pr]"), format!("a.{long} pr")]
    {
        let error =
            parse(&text).and_then(|filter| filter.resolve(&user_type(), &CompatProfile::STRICT).map(|_| filter));
        assert!(error.unwrap_err().message.len() < 200, "{text}");
    }
}

#[test]
fn each_quirk_has_its_own_switch() {
    type Switch = fn(&mut CompatProfile);
    let quirks: [(&str, Switch); 6] = [
        (r#"userName eq "CORP\Admins""#, |profile| profile.backslashes_in_filters = true),
        ("userName eq bjensen", |profile| profile.unquoted_filter_values = true),
        ("emails[type eq \"work\"].value pr", |profile| profile.filter_after_value_path = true),
        ("active eq \"True\"", |profile| profile.text_booleans = true),
        ("department pr", |profile| profile.short_extension_names = true),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq \"1\"", |profile| {
            profile.complex_compares_by_value = true;
        }),
    ];
    for (place, (_, switch)) in quirks.iter().enumerate() {
        let mut profile = CompatProfile::STRICT;
        switch(&mut profile);
        for (other, (text, _)) in quirks.iter().enumerate() {
            let read = Filter::parse(text, &profile, &Limits::default())
                .and_then(|filter| filter.resolve(&user_type(), &profile));
            assert_eq!(read.is_ok(), place == other, "{text}");
        }
    }
}

#[test]
fn a_value_in_single_quotes_is_no_bare_word() {
    let error = Filter::parse("displayName sw 'Group'", &CompatProfile::LENIENT, &Limits::default()).unwrap_err();
    assert_eq!(error.column, Some(16));
}

#[test]
fn an_attribute_of_the_core_schema_is_meant_before_one_of_an_extension() {
    let extension = Schema::new("urn:x:extension", "").attribute(Attribute::boolean("title"));
    let resource_type = ResourceType::user().with_extension(extension, false);
    let filter = parse("title eq \"x\"").unwrap();
    let resolved = filter.resolve(&resource_type, &CompatProfile::LENIENT).unwrap();
    assert!(matches!(resolved, ResolvedFilter::Compare(path, _, _) if path.extension_urn().is_none()));
}

#[test]
fn a_document_without_attributes_satisfies_what_asks_for_nothing() {
    let bare = |_: &str| {
        let document = user_document();
        Map::from_iter(document.into_iter().filter(|(name, _)| name == "id" || name == "meta"))
    };
    for (text, expected) in [
        ("title eq null", true),
        ("title pr", false),
        ("not (emails[type eq \"work\"])", true),
        ("userName ne \"x\"", true),
        ("department lt \"z\"", false),
        ("id pr and meta pr and schemas pr", true),
    ] {
        let filter = resolve(text, &user_type(), &CompatProfile::LENIENT);
        assert_eq!(filter.matches(&user_type(), &resource(bare(text))), expected, "{text}");
    }
}
