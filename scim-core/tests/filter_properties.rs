//! Filters against an evaluator that knows nothing of the library's, and the parser against anything.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub
)]

mod filter_reference;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::mem::discriminant;

use filter_reference::{matches, thing, thing_type, EXTENSION};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{RngSeed, TestRunner};
use scim_core::sql::{Column, ColumnMap, Dialect, Select};
use scim_core::{parse_path, AttributePath, CompareOperator, CompatProfile, Filter, Limits, Literal, Query};
use serde_json::{json, Map, Number, Value};

/// The same cases in every run.
fn runner(cases: u32) -> TestRunner {
    TestRunner::new(ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(7644),
        failure_persistence: None,
        ..ProptestConfig::default()
    })
}

const TEXTS: [&str; 18] = [
    "", "a", "A", "ab", "AB", "aBa", "b", "É", "é", "\u{212a}", "k", "ß", "ΑΣ", "ας", "x y", "\"\\\n", "]) or (", "😀",
];

/// What `schemas` and `meta.resourceType` hold, among others.
const URNS: [&str; 3] = ["urn:example:Thing", "URN:EXAMPLE:extension:1.0:Thing", "Thing"];

/// One instant in three notations, and two others.
const INSTANTS: [&str; 5] = [
    "2011-05-13T04:42:34Z",
    "2011-05-13T06:42:34+02:00",
    "2011-05-13T04:42:34.000Z",
    "2011-05-13T04:42:34.5Z",
    "2010-01-01T00:00:00Z",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![3 => select(&TEXTS[..]).prop_map(str::to_owned), 1 => "[a-cA-Cé]{0,4}"]
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        (-3_i64..4).prop_map(Number::from),
        (-6_i64..7).prop_map(|halves| Number::from_f64(halves as f64 / 2.0).unwrap()),
    ]
}

/// What an attribute holds, and the operators it has beyond `eq`, `ne` and `pr`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Text,
    Boolean,
    Number,
    Instant,
    Binary,
    Complex,
}

const ATTRIBUTES: [(&str, Kind); 25] = [
    ("id", Kind::Text),
    ("externalId", Kind::Text),
    ("schemas", Kind::Text),
    ("meta.created", Kind::Instant),
    ("meta.resourceType", Kind::Text),
    ("meta", Kind::Complex),
    ("title", Kind::Text),
    ("code", Kind::Text),
    ("active", Kind::Boolean),
    ("count", Kind::Number),
    ("ratio", Kind::Number),
    ("seen", Kind::Instant),
    ("blob", Kind::Binary),
    ("link", Kind::Text),
    ("tags", Kind::Text),
    ("marks", Kind::Number),
    ("name", Kind::Complex),
    ("name.given", Kind::Text),
    ("emails", Kind::Text),
    ("emails.type", Kind::Text),
    ("emails.primary", Kind::Boolean),
    ("emails.weight", Kind::Number),
    ("urn:example:extension:1.0:Thing:badge", Kind::Text),
    ("urn:example:extension:1.0:Thing:boss", Kind::Complex),
    ("urn:example:extension:1.0:Thing:boss.displayName", Kind::Text),
];

const ELEMENTS: [(&str, &[(&str, Kind)]); 6] = [
    ("emails", &[("value", Kind::Text), ("type", Kind::Text), ("primary", Kind::Boolean), ("weight", Kind::Number)]),
    ("name", &[("given", Kind::Text), ("alias", Kind::Text)]),
    ("meta", &[("created", Kind::Instant), ("resourceType", Kind::Text)]),
    ("tags", &[("value", Kind::Text)]),
    ("marks", &[("value", Kind::Number)]),
    ("urn:example:extension:1.0:Thing:boss", &[("value", Kind::Text), ("displayName", Kind::Text)]),
];

/// The name in some other case.
fn path(name: &'static str) -> impl Strategy<Value = AttributePath> {
    any::<u64>().prop_map(move |cases| {
        let in_some_case = |(place, letter): (usize, char)| match cases >> (place % 64) & 3 {
            0 => letter.to_ascii_uppercase(),
            _ => letter,
        };
        AttributePath::split(&name.chars().enumerate().map(in_some_case).collect::<String>()).unwrap()
    })
}

fn operators(kind: Kind) -> &'static [CompareOperator] {
    use CompareOperator::*;
    match kind {
        Kind::Text => {
            &[Equal, NotEqual, Contains, StartsWith, EndsWith, GreaterThan, GreaterOrEqual, LessThan, LessOrEqual]
        }
        Kind::Number | Kind::Instant => &[Equal, NotEqual, GreaterThan, GreaterOrEqual, LessThan, LessOrEqual],
        Kind::Boolean | Kind::Binary | Kind::Complex => &[Equal, NotEqual],
    }
}

fn operand(kind: Kind) -> BoxedStrategy<Literal> {
    match kind {
        Kind::Text => prop_oneof![4 => text(), 1 => select(&URNS[..]).prop_map(str::to_owned)]
            .prop_map(|text| Literal::String(text.into()))
            .boxed(),
        Kind::Binary => text().prop_map(|text| Literal::String(text.into())).boxed(),
        Kind::Boolean => any::<bool>().prop_map(Literal::Boolean).boxed(),
        Kind::Number => number().prop_map(Literal::Number).boxed(),
        Kind::Instant => select(&INSTANTS[..]).prop_map(|text| Literal::String(text.into())).boxed(),
        Kind::Complex => Just(Literal::Null).boxed(),
    }
}

fn term((name, kind): (&'static str, Kind)) -> BoxedStrategy<Filter> {
    let compare = (path(name), select(operators(kind)), operand(kind))
        .prop_map(|(path, operator, operand)| Filter::Compare(path, operator, operand));
    let null = (path(name), select(operators(Kind::Complex)))
        .prop_map(|(path, operator)| Filter::Compare(path, operator, Literal::Null));
    prop_oneof![8 => compare, 1 => null, 1 => path(name).prop_map(Filter::Present)].boxed()
}

fn logic(leaf: impl Strategy<Value = Filter> + 'static, depth: u32) -> BoxedStrategy<Filter> {
    leaf.prop_recursive(depth, 16, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(|terms| Filter::And(flat(terms, |term| match term {
                Filter::And(terms) => Ok(terms),
                other => Err(other),
            }))),
            vec(inner.clone(), 2..4).prop_map(|terms| Filter::Or(flat(terms, |term| match term {
                Filter::Or(terms) => Ok(terms),
                other => Err(other),
            }))),
            inner.prop_map(|term| Filter::Not(Box::new(term))),
        ]
    })
    .boxed()
}

fn flat(terms: Vec<Filter>, open: fn(Filter) -> Result<Vec<Filter>, Filter>) -> Vec<Filter> {
    terms.into_iter().flat_map(|term| open(term).unwrap_or_else(|single| vec![single])).collect()
}

fn value_path() -> impl Strategy<Value = Filter> {
    select(&ELEMENTS[..]).prop_flat_map(|(name, members)| {
        let filter = logic(select(members).prop_flat_map(term), 2);
        (path(name), filter).prop_map(|(path, filter)| Filter::ValuePath(path, Box::new(filter)))
    })
}

fn filter() -> BoxedStrategy<Filter> {
    logic(prop_oneof![3 => select(&ATTRIBUTES[..]).prop_flat_map(term), 1 => value_path()], 3)
}

/// An object with some of these members.
fn object(members: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let optional: Vec<_> = members
        .into_iter()
        .map(|(name, value)| prop::option::weighted(0.7, value.prop_map(move |value| (name.to_owned(), value))))
        .collect();
    optional.prop_map(|members| Value::Object(members.into_iter().flatten().collect())).boxed()
}

fn document() -> impl Strategy<Value = Map<String, Value>> {
    let text = || text().prop_map(Value::from).boxed();
    let number = || number().prop_map(Value::from).boxed();
    let boolean = || any::<bool>().prop_map(Value::from).boxed();
    let email = object(vec![("value", text()), ("type", text()), ("primary", boolean()), ("weight", number())]);
    let list = |element: BoxedStrategy<Value>| vec(element, 1..4).prop_map(Value::from).boxed();
    object(vec![
        ("externalId", text()),
        ("title", text()),
        ("code", text()),
        ("active", boolean()),
        ("count", number()),
        ("ratio", number()),
        ("seen", select(&INSTANTS[..]).prop_map(Value::from).boxed()),
        ("blob", text()),
        ("link", text()),
        ("tags", list(text())),
        ("marks", list(number())),
        ("name", object(vec![("given", text()), ("alias", text())])),
        ("emails", list(email)),
        (
            EXTENSION,
            object(vec![("badge", text()), ("boss", object(vec![("value", text()), ("displayName", text())]))]),
        ),
    ])
    .prop_map(|document| document.as_object().unwrap().clone())
}

#[test]
fn evaluation_says_what_an_independent_evaluator_says() {
    let (profile, limits, resource_type) = (CompatProfile::STRICT, Limits::default(), thing_type());
    let (holding, failing) = (Cell::new(0), Cell::new(0));
    let check = |(filter, members): (Filter, Map<String, Value>)| {
        let text = filter.to_string();
        let parsed = Filter::parse(&text, &profile, &limits);
        let parsed = parsed.unwrap_or_else(|error| panic!("{text}: {error}"));
        prop_assert_eq!(&parsed, &filter, "{}", &text);
        let resolved = parsed.resolve(&resource_type, &profile).unwrap_or_else(|error| panic!("{text}: {error}"));
        let (document, resource) = thing(members);
        let expected = matches(&filter, &document);
        prop_assert_eq!(resolved.matches(&resource_type, &resource), expected, "{}\n{}", &text, document);
        let counter = if expected { &holding } else { &failing };
        counter.set(counter.get() + 1);
        Ok(())
    };
    runner(3_000).run(&(filter(), document()), check).unwrap();
    assert!(holding.get() > 500 && failing.get() > 500, "{holding:?} {failing:?}");
}

/// Drivers keep what a database prepared by the text alone. In SQLite each value brings its type along.
#[test]
fn statements_of_one_text_have_values_of_the_same_number_and_types() {
    let things = thing_type();
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let documents = ColumnMap::new(dialect, &things).search_document("t.search");
        let columns = documents
            .clone()
            .column("id", Column::integer_as_text("t.id"))
            .column("count", Column::number("t.count"))
            .column("ratio", Column::number("t.ratio"))
            .column("meta.created", Column::micros("t.created"));
        let known = RefCell::new(HashMap::new());
        let check = |filter: Filter| {
            let filter = filter.resolve(&things, &CompatProfile::STRICT).unwrap();
            let mut query = Query::default();
            query.filter = Some(filter);
            for map in [&documents, &columns] {
                let Ok(statements) = map.select(&Select::new("t.id", "things t", "t.id"), &query) else { continue };
                for statement in [statements.page(), statements.total()] {
                    let type_of = |value| (dialect == Dialect::Postgres).then(|| discriminant(value));
                    let types: Vec<_> = statement.binds.iter().map(type_of).collect();
                    let mut known = known.borrow_mut();
                    let known = known.entry(statement.text.clone()).or_insert_with(|| types.clone());
                    prop_assert_eq!(&types, &*known, "{:?}", statement);
                }
            }
            Ok(())
        };
        runner(4_000).run(&filter(), check).unwrap();
        assert!(known.borrow().len() > 1_000);
    }
}

/// A filter that the grammar has, whether or not it means anything.
fn any_filter() -> BoxedStrategy<Filter> {
    let name = || select(&["a", "NOT", "and", "pr", "$ref", "a-b_c9", "true", "a.b", "urn:x:1.0:a.b", "x:or"][..]);
    let simple_name = || select(&["a", "not", "or", "eq", "null", "$ref"][..]);
    let literal = || {
        prop_oneof![
            Just(Literal::Null),
            any::<bool>().prop_map(Literal::Boolean),
            any::<i64>().prop_map(|number| Literal::Number(number.into())),
            (1_u64 << 63..).prop_map(|number| Literal::Number(number.into())),
            prop::num::f64::NORMAL.prop_map(|number| Literal::Number(Number::from_f64(number).unwrap())),
            any::<String>().prop_map(|text| Literal::String(text.replace('\0', "\u{1}").into())),
        ]
    };
    let split = |name: &str| AttributePath::split(name).unwrap();
    let term = move |name: BoxedStrategy<&'static str>| {
        let compare = (name.clone(), select(operators(Kind::Text)), literal())
            .prop_map(move |(name, operator, literal)| Filter::Compare(split(name), operator, literal));
        prop_oneof![4 => compare, 1 => name.prop_map(move |name| Filter::Present(split(name)))].boxed()
    };
    let value_path = (select(&["a", "not", "urn:x:1.0:a"][..]), logic(term(name().boxed()), 2))
        .prop_map(move |(name, filter)| Filter::ValuePath(split(name), Box::new(filter)));
    logic(prop_oneof![3 => term(simple_name().boxed()), 1 => value_path], 4)
}

#[test]
fn what_is_printed_is_read_as_the_same_filter() {
    let check = |filter: Filter| {
        let text = filter.to_string();
        prop_assert_eq!(Filter::parse(&text, &CompatProfile::STRICT, &Limits::default()), Ok(filter), "{}", text);
        Ok(())
    };
    runner(2_000).run(&any_filter(), check).unwrap();
}

/// Reads the text in both profiles. What is read prints as itself; what is refused has a column within the text.
fn check_text(text: &str) -> Result<(), TestCaseError> {
    for profile in [CompatProfile::STRICT, CompatProfile::LENIENT] {
        let limits = Limits::default();
        let column = match Filter::parse(text, &profile, &limits) {
            Ok(filter) => {
                let printed = filter.to_string();
                prop_assert_eq!(Filter::parse(&printed, &profile, &limits), Ok(filter), "{}", printed);
                None
            }
            Err(error) => error.column,
        };
        let path_column = parse_path(text, &profile, &limits).err().and_then(|error| error.column);
        for column in [column, path_column].into_iter().flatten() {
            let last = text.chars().count().saturating_add(1);
            prop_assert!((1..=last).contains(&column), "{:?} {}", text, column);
        }
    }
    Ok(())
}

#[test]
fn no_text_makes_the_parser_panic() {
    runner(2_000).run(&any::<String>(), |text| check_text(&text)).unwrap();
    let bytes = vec(any::<u8>(), 0..64).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    runner(2_000).run(&bytes, |text| check_text(&text)).unwrap();
}

#[test]
fn no_heap_of_tokens_makes_the_parser_panic() {
    let tokens = [
        "a",
        "emails",
        " ",
        "  ",
        "(",
        ")",
        "[",
        "]",
        ".",
        "eq",
        "pr",
        "co",
        "and",
        "or",
        "not",
        "true",
        "null",
        "1",
        "-0",
        "1e9",
        "\"",
        "\"x\"",
        "\\",
        "\\u12",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "urn:a:1.0:",
        ":",
        "$ref",
        "é",
        "\0",
        "\n",
        "😀",
        " eq \"x\"",
        " and ",
        " or ",
        "not (",
        "a pr",
        "a[b pr]",
        ".value",
    ];
    let heap = vec(select(tokens.to_vec()), 0..16).prop_map(|tokens| tokens.concat());
    runner(8_000).run(&heap, |text| check_text(&text)).unwrap();
}

#[test]
fn a_broken_filter_never_makes_the_parser_panic() {
    let broken = (any_filter(), any::<prop::sample::Index>(), any::<char>()).prop_map(|(filter, place, with)| {
        let mut characters: Vec<char> = filter.to_string().chars().collect();
        let place = place.index(characters.len());
        characters[place] = with;
        characters.into_iter().collect::<String>()
    });
    runner(2_000).run(&broken, |text| check_text(&text)).unwrap();
}

#[test]
fn the_reference_evaluator_itself_is_right_about_the_rfc_example() {
    let members = json!({"emails": [{"type": "work", "value": "a@example.com"}]}).as_object().unwrap().clone();
    let (document, _) = thing(members);
    let filter = |text| Filter::parse(text, &CompatProfile::STRICT, &Limits::default()).unwrap();
    assert!(matches(&filter("emails[type eq \"WORK\" and value co \"@Example\"]"), &document));
    assert!(!matches(&filter("emails[type ne \"WORK\" and value co \"@Example\"]"), &document));
}
