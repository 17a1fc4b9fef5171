//! Ids and values in filters, sort keys, projections and cursors.

use serde_json::json;

use super::ask::Ask;
use super::place::Place;
use super::values::Values;

const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

type Value = fn(&Values) -> &str;

pub(super) fn places() -> Vec<Place> {
    let mut places = filters("/Users", USER_FILTERS);
    places.extend(filters("/Groups", GROUP_FILTERS));
    places.extend(filters("", ROOT_FILTERS));
    places.extend(cursors());
    places.push(
        Place::new("values for names of attributes", |values, _| {
            let parameters = ["sortBy", "attributes", "excludedAttributes", "sortOrder", "startIndex", "count"];
            let users = parameters.map(|name| Ask::query("/Users", &[(name, &values.user)]));
            users.into_iter().chain(parameters.map(|name| Ask::query("/", &[(name, &values.user_name)]))).collect()
        })
        .blind(),
    );
    places
}

/// Filters with `$` where the value stands.
const USER_FILTERS: &[(&str, Value)] = &[
    ("id", |values| &values.user),
    ("userName", |values| &values.user_name),
    ("externalId", |values| &values.user_external_id),
    ("emails", |values| &values.email),
    ("emails.value", |values| &values.email),
    ("groups", |values| &values.group),
    ("groups.value", |values| &values.group),
    ("groups.display", |values| &values.display_name),
    ("groups[value]", |values| &values.group),
    ("emails[value]", |values| &values.email),
    (MANAGER, |values| &values.manager),
    ("meta.version", |values| &values.user_version),
    ("meta.location", |values| &values.user),
    ("manager.value", |values| &values.manager),
    ("groups.$ref", |values| &values.group),
];

const GROUP_FILTERS: &[(&str, Value)] = &[
    ("id", |values| &values.group),
    ("displayName", |values| &values.display_name),
    ("externalId", |values| &values.group_external_id),
    ("members", |values| &values.user),
    ("members.value", |values| &values.user),
    ("members[value]", |values| &values.user),
    ("members.$ref", |values| &values.user),
    ("members.display", |values| &values.user_name),
];

const ROOT_FILTERS: &[(&str, Value)] = &[
    ("id", |values| &values.user),
    ("id", |values| &values.group),
    ("externalId", |values| &values.group_external_id),
    ("members.value", |values| &values.user),
    ("groups.value", |values| &values.group),
];

const OPERATORS: [&str; 6] = ["eq", "ne", "co", "sw", "gt", "eq or"];

fn filters(endpoint: &'static str, attributes: &'static [(&'static str, Value)]) -> Vec<Place> {
    let mut places = Vec::new();
    for (attribute, value) in attributes {
        for operator in OPERATORS {
            // Versions are short numbers, of which one happens to be greater than another, or to begin with it.
            if *attribute == "meta.version" && !["eq", "ne", "eq or"].contains(&operator) {
                continue;
            }
            let asks = move |values: &Values, own: &Values| {
                let filter = filter(attribute, operator, value(values), own);
                let narrow = format!("not ({filter})");
                vec![
                    Ask::query(&format!("{endpoint}/"), &[("filter", &filter)]),
                    Ask::query(&format!("{endpoint}/"), &[("filter", &filter), ("count", "0")]),
                    Ask::query(&format!("{endpoint}/"), &[("filter", &narrow), ("sortBy", "externalId")]),
                    Ask::query(&format!("{endpoint}/"), &[("filter", &filter), ("cursor", ""), ("count", "1")]),
                    Ask::post(format!("{endpoint}/.search"), &json!({"filter": filter, "sortBy": "id"})),
                ]
            };
            let mut place = Place::new(format!("{endpoint}: {attribute} {operator}"), asks);
            place.is_blind = ["meta.location", "groups.$ref", "members.$ref", "members.display"].contains(attribute)
                || operator == "gt"
                || (*attribute == "emails[value]" && operator == "eq or");
            places.push(place);
        }
    }
    places
}

fn filter(attribute: &str, operator: &str, value: &str, own: &Values) -> String {
    match (attribute.strip_suffix("[value]"), operator) {
        (Some(list), "eq or") => format!("{list}[value eq \"{value}\" or value eq \"{}\"]", own.email),
        (Some(list), _) => format!("{list}[value {operator} \"{value}\"]"),
        (None, "eq or") => format!("{attribute} eq \"{value}\" or id eq \"{}\"", own.manager),
        (None, _) => format!("{attribute} {operator} \"{value}\""),
    }
}

/// Cursors of others, for the query that they were made for and for others.
fn cursors() -> Vec<Place> {
    ["/Users", "/"]
        .into_iter()
        .enumerate()
        .map(|(of, endpoint)| {
            Place::new(format!("{endpoint}: a cursor"), move |values, _| {
                let cursor = values.cursors[of].as_str();
                let search = format!("{}/.search", endpoint.trim_end_matches('/'));
                vec![
                    Ask::query(endpoint, &[("cursor", cursor), ("count", "1")]),
                    Ask::query(endpoint, &[("cursor", cursor)]),
                    Ask::query("/Users", &[("cursor", cursor), ("count", "1"), ("filter", "userName pr")]),
                    Ask::post(search, &json!({"cursor": cursor, "count": 1})),
                ]
            })
        })
        .collect()
}
