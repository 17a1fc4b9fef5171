//! A second opinion on filters: works on the JSON that clients see, looks names up in it without case, and knows of the
//! schema only how each attribute compares.

use scim_core::{
    Attribute, AttributePath, Attributes, CompareOperator, DateTime, Filter, Literal, Meta, Resource, ResourceId,
    ResourceType, Schema, Version,
};
use serde_json::{json, Map, Value};

pub const CORE: &str = "urn:example:Thing";
pub const EXTENSION: &str = "urn:example:extension:1.0:Thing";

pub fn thing_type() -> ResourceType {
    let email = [
        Attribute::string("value"),
        Attribute::string("type"),
        Attribute::boolean("primary"),
        Attribute::integer("weight"),
    ];
    let boss = [Attribute::string("value").case_exact(), Attribute::string("displayName")];
    let core = Schema::new(CORE, "Thing")
        .attribute(Attribute::string("title"))
        .attribute(Attribute::string("code").case_exact())
        .attribute(Attribute::boolean("active"))
        .attribute(Attribute::integer("count"))
        .attribute(Attribute::decimal("ratio"))
        .attribute(Attribute::date_time("seen"))
        .attribute(Attribute::binary("blob"))
        .attribute(Attribute::reference("link", ["external"]))
        .attribute(Attribute::string("tags").multi_valued())
        .attribute(Attribute::integer("marks").multi_valued())
        .attribute(Attribute::complex("name", [Attribute::string("given"), Attribute::string("alias").case_exact()]))
        .attribute(Attribute::complex("emails", email).multi_valued());
    let extension = Schema::new(EXTENSION, "Extension")
        .attribute(Attribute::string("badge").case_exact())
        .attribute(Attribute::complex("boss", boss));
    ResourceType::new("Thing", "/Things", core).with_extension(extension, false)
}

/// The names of the attributes that compare with case.
const EXACT: [&str; 9] = [
    "id",
    "externalid",
    "meta.resourcetype",
    "code",
    "blob",
    "link",
    "name.alias",
    "urn:example:extension:1.0:thing:badge",
    "urn:example:extension:1.0:thing:boss.value",
];

/// A thing with these members, as clients see it and as the library has it.
pub fn thing(members: Map<String, Value>) -> (Value, Resource) {
    let created = "2011-05-13T04:42:34Z";
    let mut schemas = vec![CORE];
    if members.get(EXTENSION).is_some_and(not_empty) {
        schemas.push(EXTENSION);
    }
    let mut document = members.clone();
    document.insert("schemas".to_owned(), json!(schemas));
    document.insert("id".to_owned(), json!("ab"));
    document.insert("meta".to_owned(), json!({"resourceType": "Thing", "created": created}));
    let instant = DateTime::parse(created).unwrap();
    let meta = Meta::new(instant, instant, Version::new("1"));
    let resource = Resource::new(ResourceId::new("ab"), meta, Attributes::from_stored(members));
    (Value::Object(document), resource)
}

pub fn matches(filter: &Filter, document: &Value) -> bool {
    holds(filter, document, "")
}

/// `prefix` is the attribute that the document is an element of, with a dot.
fn holds(filter: &Filter, document: &Value, prefix: &str) -> bool {
    match filter {
        Filter::And(terms) => !terms.iter().any(|term| !holds(term, document, prefix)),
        Filter::Or(terms) => terms.iter().map(|term| holds(term, document, prefix)).max().unwrap(),
        Filter::Not(term) => !holds(term, document, prefix),
        Filter::Present(path) => values(document, path, prefix).into_iter().any(not_empty),
        Filter::Compare(path, CompareOperator::NotEqual, literal) => {
            !holds(&Filter::Compare(path.clone(), CompareOperator::Equal, literal.clone()), document, prefix)
        }
        Filter::Compare(path, _, Literal::Null) => !values(document, path, prefix).into_iter().any(not_empty),
        Filter::Compare(path, operator, literal) => {
            let name = format!("{prefix}{path}").to_lowercase();
            let exact = EXACT.contains(&name.as_str());
            let is = |value: &Value| compare(value, *operator, literal, exact);
            values(document, path, prefix).into_iter().any(is)
                || (name == "emails.primary" && is(&json!(false)) && any_email_without_primary(document, prefix))
        }
        Filter::ValuePath(path, filter) => {
            values(document, path, prefix).into_iter().any(|element| holds(filter, element, &format!("{path}.")))
        }
        _ => panic!("not a filter of these tests"),
    }
}

/// Everything that the path leads to, lists opened.
fn values<'a>(document: &'a Value, path: &AttributePath, prefix: &str) -> Vec<&'a Value> {
    let element_itself = !prefix.is_empty() && !document.is_object();
    if element_itself {
        return vec![document];
    }
    let steps = [path.urn(), Some(path.name()), path.sub_attribute()];
    steps.into_iter().flatten().fold(vec![document], |found, name| {
        found.into_iter().flat_map(|value| step(value, name)).flat_map(opened).collect()
    })
}

fn step<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.as_object()?.iter().find(|(key, _)| key.to_lowercase() == name.to_lowercase()).map(|(_, value)| value)
}

fn opened(value: &Value) -> Vec<&Value> {
    value.as_array().map_or(vec![value], |list| list.iter().collect())
}

fn not_empty(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(list) => list.iter().any(not_empty),
        Value::Object(members) => members.iter().any(|(_, value)| not_empty(value)),
        other => *other != json!(""),
    }
}

fn compare(value: &Value, operator: CompareOperator, literal: &Literal, exact: bool) -> bool {
    match (value, literal) {
        (Value::Object(members), _) => {
            members.get("value").is_some_and(|value| compare(value, operator, literal, exact))
        }
        (Value::Bool(value), Literal::Boolean(literal)) => value == literal,
        (Value::Number(value), Literal::Number(literal)) => {
            ordered(&value.as_f64().unwrap(), operator, &literal.as_f64().unwrap())
        }
        (Value::String(value), Literal::String(literal)) => match (instant(value), instant(literal)) {
            (Some(value), Some(literal)) => ordered(&value, operator, &literal),
            _ if exact => compare_text(value, operator, literal),
            _ => compare_text(&folded(value), operator, &folded(literal)),
        },
        _ => false,
    }
}

fn folded(text: &str) -> String {
    text.to_lowercase().replace('ς', "σ")
}

/// RFC 7643 s2.4: what does not say whether it is primary is not.
fn any_email_without_primary(document: &Value, prefix: &str) -> bool {
    let emails = AttributePath::split("emails").unwrap();
    let elements = if prefix.is_empty() { values(document, &emails, "") } else { vec![document] };
    elements.into_iter().any(|element| step(element, "primary").is_none())
}

/// The instants of these tests, in tenths of a second after the first.
fn instant(text: &str) -> Option<i64> {
    match text {
        "2011-05-13T04:42:34Z" | "2011-05-13T06:42:34+02:00" | "2011-05-13T04:42:34.000Z" => Some(0),
        "2011-05-13T04:42:34.5Z" => Some(5),
        "2010-01-01T00:00:00Z" => Some(-1),
        _ => None,
    }
}

fn compare_text(value: &str, operator: CompareOperator, literal: &str) -> bool {
    match operator {
        CompareOperator::Contains => value.split(literal).count() > 1,
        CompareOperator::StartsWith => value.strip_prefix(literal).is_some(),
        CompareOperator::EndsWith => value.strip_suffix(literal).is_some(),
        _ => ordered(value.as_bytes(), operator, literal.as_bytes()),
    }
}

fn ordered<T: PartialOrd + ?Sized>(value: &T, operator: CompareOperator, literal: &T) -> bool {
    match operator {
        CompareOperator::Equal => value == literal,
        CompareOperator::GreaterThan => value > literal,
        CompareOperator::GreaterOrEqual => value >= literal,
        CompareOperator::LessThan => value < literal,
        CompareOperator::LessOrEqual => value <= literal,
        _ => panic!("not an order"),
    }
}
