use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Number;

use super::*;
use crate::filter::{CompareOperator as Op, Operand, ResolvedFilter as F};
use crate::resource::DateTime;
use crate::schema::{Attribute, AttributePath, ResolvedPath, ResourceType, Schema};
use crate::store::{PageRequest, Position, Query, Sort, StoreError};

fn path(name: &str) -> ResolvedPath {
    ResourceType::user().resolve(&AttributePath::split(name).unwrap()).unwrap()
}

fn folded(name: &str, operator: Op, operand: &str) -> F {
    F::Compare(path(name), operator, Operand::Folded(operand.into()))
}

fn exact(name: &str, operator: Op, operand: &str) -> F {
    F::Compare(path(name), operator, Operand::Exact(operand.into()))
}

fn not(filter: F) -> F {
    F::Not(Box::new(filter))
}

fn own_table(dialect: Dialect) -> ColumnMap {
    ColumnMap::new(dialect, &ResourceType::user())
        .column("id", Column::integer_as_text("u.id"))
        .column("userName", Column::text("u.login").folded("u.login_key"))
        .column("externalId", Column::text("u.external_id"))
        .column("nickName", Column::text("u.nick"))
        .column("active", Column::boolean("u.enabled"))
        .column("name.givenName", Column::text("u.given").folded("u.given_key"))
        .column("name.familyName", Column::text("u.family").folded("u.family_key"))
        .column("meta.created", Column::micros("u.created"))
        .constant("schemas", ["urn:ietf:params:scim:schemas:core:2.0:User"])
        .table(
            "emails",
            JoinedTable::new("emails e", "e.user_id", "u.id")
                .column("value", Column::text("e.address").folded("e.address_key"))
                .column("type", Column::folded_text("e.type_key"))
                .column("primary", Column::boolean("e.is_primary"))
                .ordered_by("e.place"),
        )
}

fn documents(dialect: Dialect) -> ColumnMap {
    ColumnMap::new(dialect, &ResourceType::user()).search_document("u.search")
}

fn select() -> Select {
    Select::new("u.id", "users u", "u.id")
}

fn condition(map: &ColumnMap, filter: F) -> Result<String, StoreError> {
    let query = Query { filter: Some(filter), ..Query::default() };
    let statements = map.select(&select(), &query)?;
    Ok(statements.total().text.strip_prefix("SELECT count(*) FROM users u WHERE ").unwrap().to_owned())
}

#[test]
fn columns_compare_with_the_form_that_the_operand_has() {
    let map = own_table(Dialect::Postgres);
    for (filter, expected) in [
        (folded("userName", Op::Equal, "a"), "u.login_key = $1"),
        (folded("userName", Op::NotEqual, "a"), "u.login_key IS DISTINCT FROM $1"),
        (folded("userName", Op::Contains, "%"), "strpos(u.login_key, $1) > 0"),
        (folded("userName", Op::StartsWith, "_"), "starts_with(u.login_key, $1)"),
        (folded("userName", Op::EndsWith, "\\"), "right(u.login_key, length($1)) = $1"),
        (folded("userName", Op::GreaterThan, "a"), "(u.login_key) COLLATE \"C\" > $1"),
        (exact("externalId", Op::Equal, "A"), "u.external_id = $1"),
        (exact("id", Op::Equal, "42"), "u.id = $1"),
        (exact("id", Op::Equal, "042"), "FALSE"),
        (not(exact("id", Op::Equal, "x")), "TRUE"),
        (exact("id", Op::StartsWith, "4"), "starts_with(CAST(u.id AS TEXT), $1)"),
        (F::Compare(path("active"), Op::Equal, Operand::Boolean(true)), "u.enabled = $1"),
        (
            not(F::Compare(path("meta.created"), Op::LessThan, Operand::DateTime(DateTime::from_micros(5)))),
            "NOT coalesce(u.created < $1, FALSE)",
        ),
        (exact("meta.resourceType", Op::Equal, "User"), "TRUE"),
        (exact("meta.resourceType", Op::Equal, "user"), "FALSE"),
        (folded("schemas", Op::EndsWith, ":user"), "TRUE"),
        (F::Present(path("userName")), "u.login <> ''"),
        (not(F::Present(path("userName"))), "coalesce(u.login, '') = ''"),
        (F::Compare(path("active"), Op::Equal, Operand::Null), "u.enabled IS NULL"),
        (F::Compare(path("active"), Op::NotEqual, Operand::Null), "u.enabled IS NOT NULL"),
        (F::Present(path("name")), "(u.family <> '' OR u.given <> '')"),
    ] {
        assert_eq!(condition(&map, filter.clone()).unwrap(), expected, "{filter:?}");
    }
}

#[test]
fn sqlite_has_functions_of_its_own() {
    let map = own_table(Dialect::Sqlite);
    for (filter, expected) in [
        (folded("userName", Op::NotEqual, "a"), "u.login_key IS NOT ?1"),
        (folded("userName", Op::Contains, "%"), "instr(u.login_key, ?1) > 0"),
        (folded("userName", Op::StartsWith, "_"), "substr(u.login_key, 1, length(?1)) = ?1"),
        (folded("userName", Op::EndsWith, "\\"), "substr(u.login_key, -length(?1)) = ?1"),
        (folded("userName", Op::EndsWith, ""), "u.login_key IS NOT NULL"),
        (folded("userName", Op::LessOrEqual, "a"), "u.login_key <= ?1 COLLATE BINARY"),
    ] {
        assert_eq!(condition(&map, filter.clone()).unwrap(), expected, "{filter:?}");
    }
}

#[test]
fn rows_of_a_table_begin_with_the_rows_where_few_of_them_compare() {
    let map = own_table(Dialect::Sqlite);
    let work = || folded("emails.type", Op::Equal, "work");
    let address = || folded("emails.value", Op::Contains, "@");
    let value_path = |filter| F::ValuePath(path("emails"), Box::new(filter));
    for (filter, expected) in [
        (work(), "u.id IN (SELECT e.user_id FROM emails e WHERE e.type_key = ?1)"),
        (not(work()), "NOT EXISTS (SELECT 1 FROM emails e WHERE e.user_id = u.id AND e.type_key = ?1)"),
        (address(), "EXISTS (SELECT 1 FROM emails e WHERE e.user_id = u.id AND instr(e.address_key, ?1) > 0)"),
        (
            value_path(F::And(vec![work(), not(address())])),
            "u.id IN (SELECT e.user_id FROM emails e WHERE e.type_key = ?1 AND \
             NOT coalesce(instr(e.address_key, ?2) > 0, FALSE))",
        ),
        (
            value_path(F::Or(vec![work(), address()])),
            "EXISTS (SELECT 1 FROM emails e WHERE e.user_id = u.id AND (e.type_key = ?1 OR \
             instr(e.address_key, ?2) > 0))",
        ),
        (
            F::Present(path("emails")),
            "EXISTS (SELECT 1 FROM emails e WHERE e.user_id = u.id AND (e.address <> '' OR e.type_key <> '' OR \
             e.is_primary IS NOT NULL))",
        ),
    ] {
        assert_eq!(condition(&map, filter.clone()).unwrap(), expected, "{filter:?}");
    }
}

#[test]
fn negation_goes_down_to_the_comparisons_and_parentheses_stay_few() {
    let map = own_table(Dialect::Sqlite);
    let a = || exact("externalId", Op::Equal, "a");
    let filter = not(F::And(vec![a(), not(F::Or(vec![a(), not(a())]))]));
    assert_eq!(
        condition(&map, filter).unwrap(),
        "(u.external_id IS NOT ?1 OR u.external_id = ?2 OR u.external_id IS NOT ?3)"
    );
    let filter = F::And(vec![a(), F::Or(vec![a(), F::And(vec![a(), a()])])]);
    assert_eq!(
        condition(&map, filter).unwrap(),
        "u.external_id = ?1 AND (u.external_id = ?2 OR u.external_id = ?3 AND u.external_id = ?4)"
    );
}

#[test]
fn what_has_no_place_or_no_comparable_form_is_refused() {
    let map = own_table(Dialect::Sqlite);
    for (filter, at) in [
        (folded("title", Op::Equal, "x"), "title"),
        (folded("nickName", Op::Equal, "x"), "nickName"),
        (not(F::Present(path("addresses"))), "addresses"),
        (F::ValuePath(path("phoneNumbers"), Box::new(F::Present(path("phoneNumbers.value")))), "phoneNumbers"),
        (folded("emails.display", Op::Equal, "x"), "emails.display"),
        (exact("externalId", Op::Equal, "a\0b"), "externalId"),
    ] {
        match condition(&map, filter) {
            Err(StoreError::UnsupportedFilter { path }) => assert_eq!(path, at),
            other => panic!("{at}: {other:?}"),
        }
    }
    let plain = ColumnMap::new(Dialect::Sqlite, &ResourceType::user()).document("u.document");
    assert!(condition(&plain, folded("title", Op::Equal, "x")).is_err());
    assert!(condition(&plain, exact("profileUrl", Op::Equal, "x")).is_ok());
    assert!(condition(&plain, F::Present(path("name"))).is_ok());
}

#[test]
fn json_is_entered_by_bound_names() {
    let filter = F::ValuePath(
        path("emails"),
        Box::new(F::And(vec![
            folded("emails.type", Op::Equal, "work"),
            F::Compare(path("emails.primary"), Op::Equal, Operand::Boolean(true)),
        ])),
    );
    assert_eq!(
        condition(&documents(Dialect::Sqlite), filter.clone()).unwrap(),
        "EXISTS (SELECT 1 FROM json_each(u.search, ?1) AS element1 WHERE json_extract(element1.value, ?2) = ?3 AND \
         coalesce(json_extract(element1.value, ?4), FALSE) = ?5)"
    );
    assert_eq!(
        condition(&documents(Dialect::Postgres), filter).unwrap(),
        "EXISTS (SELECT 1 FROM jsonb_path_query(u.search -> $1, 'lax $[*]') WITH ORDINALITY AS element1(value, key) \
         WHERE element1.value ->> $2 = $3 AND coalesce(CASE jsonb_typeof(element1.value -> $4) WHEN 'boolean' THEN \
         (element1.value -> $4)::boolean END, FALSE) = $5)"
    );
}

#[test]
fn rfc7643_s2_4_a_value_that_does_not_say_so_is_not_primary() {
    let is_primary = |primary: bool| F::Compare(path("emails.primary"), Op::Equal, Operand::Boolean(primary));
    let map = own_table(Dialect::Postgres);
    assert_eq!(
        condition(&map, is_primary(false)).unwrap(),
        "EXISTS (SELECT 1 FROM emails e WHERE e.user_id = u.id AND coalesce(e.is_primary, FALSE) = $1)"
    );
    let one_email = ColumnMap::new(Dialect::Sqlite, &ResourceType::user())
        .column("emails.value", Column::text("u.mail").folded("u.mail_key"))
        .column("emails.primary", Column::boolean("u.mail_is_primary"));
    assert_eq!(
        condition(&one_email, is_primary(false)).unwrap(),
        "(u.mail IS NOT NULL OR u.mail_is_primary IS NOT NULL) AND coalesce(u.mail_is_primary, FALSE) = ?1"
    );
    assert_eq!(condition(&one_email, F::Present(path("emails.primary"))).unwrap(), "u.mail_is_primary IS NOT NULL");
}

#[test]
fn a_rendering_of_the_host_answers_what_it_wants_and_serves_value_paths() {
    let map = documents(Dialect::Sqlite).rendering("emails.value", |term, binds| match term {
        Term::Compare(operator, Operand::Folded(key)) => {
            let key = binds.add(&**key);
            (operator == Op::Equal).then(|| format!("u.id IN (SELECT resource FROM keys WHERE key = {key})"))
        }
        _ => None,
    });
    let address = || folded("emails.value", Op::Equal, "a@b.c");
    assert_eq!(condition(&map, address()).unwrap(), "u.id IN (SELECT resource FROM keys WHERE key = ?1)");
    let contains = condition(&map, folded("emails.value", Op::Contains, "a")).unwrap();
    assert!(contains.starts_with("EXISTS (SELECT 1 FROM json_each(u.search, ?1)"), "{contains}");
    let value_path =
        F::ValuePath(path("emails"), Box::new(F::And(vec![folded("emails.type", Op::Equal, "work"), address()])));
    let text = condition(&map, F::Or(vec![value_path.clone(), address()])).unwrap();
    assert!(text.starts_with("(u.id IN (SELECT resource FROM keys WHERE key = ?1) AND EXISTS ("), "{text}");
    assert!(condition(&map, not(value_path)).unwrap().starts_with("NOT EXISTS ("));
}

#[test]
fn rfc7644_s3_4_2_3_missing_values_sort_last_going_up_and_first_going_down() {
    let map = own_table(Dialect::Postgres);
    let text = |descending, name: &str| {
        let query = Query { sort: Some(Sort { path: path(name), descending }), ..Query::default() };
        map.select(&select(), &query).unwrap().page().text.clone()
    };
    assert_eq!(
        text(false, "userName"),
        "SELECT u.id FROM users u ORDER BY (u.login_key) COLLATE \"C\" ASC NULLS LAST, u.id LIMIT $1"
    );
    assert!(text(true, "active").ends_with("ORDER BY u.enabled DESC NULLS FIRST, u.id LIMIT $1"));
    assert!(text(false, "emails").contains(
        "(SELECT e.address_key FROM emails e WHERE e.user_id = u.id ORDER BY coalesce(e.is_primary, FALSE) DESC, \
         e.place LIMIT 1)"
    ));
    let query = Query { sort: Some(Sort { path: path("title"), descending: false }), ..Query::default() };
    assert!(matches!(map.select(&select(), &query), Err(StoreError::UnsupportedSort { path }) if path == "title"));
}

#[test]
fn rfc9865_positions_lead_on_and_back_and_are_no_others() {
    let map = own_table(Dialect::Sqlite);
    let ask = |position: Option<Position>, descending: bool, sorted: bool| {
        let sort = sorted.then(|| Sort { path: path("userName"), descending });
        let query = Query { sort, page: PageRequest::Cursor { position, count: 2 }, ..Query::default() };
        map.select(&select(), &query)
    };
    let row = |id: i64, sort: Option<&str>| {
        let meta = crate::Meta::new(DateTime::from_micros(0), DateTime::from_micros(0), crate::Version::new("1"));
        let resource = crate::Resource::new(crate::ResourceId::new(id.to_string()), meta, crate::Attributes::default());
        (resource, RowKey::new(sort.map(BindValue::from), id))
    };
    let first = ask(None, false, true).unwrap();
    assert!(first.is_keyed());
    let page = first.keyed_page(vec![row(1, Some("a")), row(2, Some("b")), row(3, None)]);
    assert_eq!((page.resources.len(), &page.previous), (2, &None));
    let second = ask(page.next.clone(), false, true).unwrap();
    assert!(second.page().text.contains(
        "WHERE (u.login_key COLLATE BINARY > ?2 OR u.login_key COLLATE BINARY = ?2 AND u.id > ?1 OR \
         u.login_key COLLATE BINARY IS NULL) ORDER BY"
    ));
    assert_eq!(second.page().binds[..2], [BindValue::Integer(2), BindValue::from("b")]);
    let page = second.keyed_page(vec![row(3, None)]);
    assert_eq!(page.next, None);
    let back = ask(page.previous.clone(), false, true).unwrap();
    assert!(back.page().text.contains("WHERE (u.login_key COLLATE BINARY IS NOT NULL OR u.id < ?1) ORDER BY"));
    assert!(back.page().text.contains("COLLATE BINARY DESC NULLS FIRST, u.id DESC LIMIT"));
    let page = back.keyed_page(vec![row(2, Some("b")), row(1, Some("a"))]);
    assert_eq!(page.resources[0].id.as_str(), "1");
    assert_eq!(page.previous, None);
    assert!(page.next.is_some());

    for wrong in [&b"x"[..], b"[]", b"[0,1,5]", b"[0,\"1\",null]", b"[0,1,null,2]", b"[0,1,true]"] {
        let answer = ask(Some(Position(wrong.to_vec())), false, true);
        assert!(matches!(answer, Err(StoreError::InvalidPosition)), "{wrong:?}");
    }
    assert!(ask(Some(Position(b"[0,1,\"a\"]".to_vec())), false, false).is_err());
}

#[test]
fn a_short_page_tells_the_total() {
    let map = own_table(Dialect::Sqlite);
    let total = |start_index, count, rows| {
        let query = Query { page: PageRequest::Index { start_index, count }, ..Query::default() };
        map.select(&select(), &query).unwrap().total_of(rows)
    };
    assert_eq!(total(1, 10, 0), Some(0));
    assert_eq!(total(1, 10, 3), Some(3));
    assert_eq!(total(5, 10, 3), Some(7));
    assert_eq!(total(5, 10, 0), None);
    assert_eq!(total(1, 10, 10), None);
    assert_eq!(total(1, 0, 0), None);
}

#[test]
fn the_first_page_skips_nothing_and_every_other_binds_how_much() {
    let map = own_table(Dialect::Sqlite);
    for (start_index, end, binds) in
        [(0, " LIMIT ?1", vec![10]), (1, " LIMIT ?1", vec![10]), (21, " LIMIT ?1 OFFSET ?2", vec![10, 20])]
    {
        let query = Query { page: PageRequest::Index { start_index, count: 10 }, ..Query::default() };
        let statements = map.select(&select(), &query).unwrap();
        assert!(statements.page().text.ends_with(&format!("ORDER BY u.id{end}")), "{}", statements.page().text);
        let binds: Vec<BindValue> = binds.into_iter().map(BindValue::from).collect();
        assert_eq!(statements.page().binds, binds);
    }
}

const DICTIONARY: [&str; 16] = [
    "'",
    "''; DROP TABLE users; --",
    "\"",
    "\\",
    "%",
    "_",
    "$1",
    "?1",
    ":x",
    "/* x */",
    "-- x",
    "x' OR '1'='1",
    "x\" OR \"1\"=\"1",
    "\u{1F600}'",
    "$.a[0]",
    "x\u{2019}",
];

#[test]
fn no_value_reaches_the_text_of_a_statement() {
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        for map in [own_table(dialect), documents(dialect)] {
            for (name, is_folded) in
                [("userName", true), ("externalId", false), ("emails.value", true), ("name.givenName", true)]
            {
                for operator in [Op::Equal, Op::NotEqual, Op::Contains, Op::StartsWith, Op::EndsWith, Op::GreaterThan] {
                    let render = |value: &str| {
                        let filter = if is_folded { folded } else { exact };
                        let query = Query { filter: Some(filter(name, operator, value)), ..Query::default() };
                        map.select(&select(), &query).unwrap()
                    };
                    let harmless = render("harmless").page().text.clone();
                    for value in DICTIONARY {
                        let statements = render(value);
                        assert_eq!(statements.page().text, harmless);
                        assert!(statements.page().binds.contains(&BindValue::from(value)));
                    }
                }
            }
            let position = |text: &str| {
                let position = Position(serde_json::json!([0, 1, text]).to_string().into_bytes());
                let sort = Some(Sort { path: path("userName"), descending: false });
                let page = PageRequest::Cursor { position: Some(position), count: 1 };
                map.select(&select(), &Query { sort, page, ..Query::default() }).unwrap().page().text.clone()
            };
            let texts: HashSet<String> = DICTIONARY.into_iter().map(position).collect();
            assert_eq!(texts.len(), 1);
        }
    }
}

#[test]
fn no_name_of_an_attribute_reaches_the_text_of_a_statement() {
    for name in DICTIONARY {
        let schema = Schema::new(format!("urn:{name}"), "")
            .attribute(Attribute::string(name))
            .attribute(Attribute::complex("c", [Attribute::string(name)]).multi_valued());
        let resource_type = ResourceType::new("T", "/T", schema);
        let attribute = Arc::clone(resource_type.schema().attributes.get(name).unwrap());
        let complex = Arc::clone(resource_type.schema().attributes.get("c").unwrap());
        let root = crate::schema::AttributeRoot::Core;
        let simple = ResolvedPath { root: root.clone(), attribute: attribute.clone(), sub_attribute: None };
        let nested = ResolvedPath { root, attribute: complex, sub_attribute: Some(attribute) };
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            let map = ColumnMap::new(dialect, &resource_type).search_document("u.search");
            for path in [&simple, &nested] {
                let filter = F::Compare(path.clone(), Op::Equal, Operand::Folded("x".into()));
                let sort = Some(Sort { path: path.clone(), descending: false });
                let query = Query { filter: Some(filter), sort, ..Query::default() };
                match map.select(&select(), &query) {
                    Ok(statements) => {
                        let harmless = statements.page().text.replace("'lax $[*]'", "").replace("WITH ORDINALITY", "");
                        assert!(!harmless.contains(['\'', '\\', '%', '/', ';', '\u{1F600}']), "{harmless}");
                    }
                    Err(error) => assert!(name.contains(['"', '\\']) && dialect == Dialect::Sqlite, "{error}"),
                }
            }
        }
    }
}

#[test]
fn numbers_of_any_size_are_bound() {
    let schema = Schema::new("urn:x", "").attribute(Attribute::decimal("n"));
    let resource_type = ResourceType::new("T", "/T", schema);
    let n = ResolvedPath {
        root: crate::schema::AttributeRoot::Core,
        attribute: Arc::clone(resource_type.schema().attributes.get("n").unwrap()),
        sub_attribute: None,
    };
    let map = |dialect| ColumnMap::new(dialect, &resource_type).column("n", Column::number("u.n"));
    for (number, bound, placeholder) in [
        (Number::from(7), BindValue::Integer(7), "$1"),
        (Number::from(u64::MAX), BindValue::Real(1.844_674_407_370_955_2e19), "$1::double precision"),
        (Number::from_f64(0.5).unwrap(), BindValue::Real(0.5), "$1::double precision"),
    ] {
        let filter = F::Compare(n.clone(), Op::GreaterOrEqual, Operand::Number(number));
        let query = Query { filter: Some(filter), ..Query::default() };
        for (dialect, placeholder) in [(Dialect::Sqlite, "?1"), (Dialect::Postgres, placeholder)] {
            let statements = map(dialect).select(&select(), &query).unwrap();
            assert_eq!(statements.total().text, format!("SELECT count(*) FROM users u WHERE u.n >= {placeholder}"));
            assert_eq!(statements.total().binds.as_slice(), std::slice::from_ref(&bound));
        }
    }
}
