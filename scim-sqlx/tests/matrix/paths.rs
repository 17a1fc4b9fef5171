//! Ids in paths, versions in conditions, and `/Me`.

use serde_json::{json, Value};

use super::ask::{patch_body, Ask};
use super::place::Place;
use super::values::Values;

const METHODS: [&str; 5] = ["GET", "HEAD", "PUT", "PATCH", "DELETE"];

pub(super) fn places() -> Vec<Place> {
    let mut places = versions();
    places.extend(ids());
    places.extend(me());
    places
}

/// A request of a method, with a body where it takes one.
fn request(method: &'static str, target: String) -> Ask {
    let ask = Ask::new(method, target);
    match method {
        "PUT" => ask.body(&body()),
        "PATCH" => ask.body(&patch_body(&json!([{"op": "replace", "path": "displayName", "value": "changed"}]))),
        _ => ask,
    }
}

/// A body that is good for a user and for a group.
fn body() -> Value {
    json!({"userName": "new.name", "displayName": "new.name"})
}

fn ids() -> Vec<Place> {
    let mut places = Vec::new();
    for method in METHODS {
        let plain = move |values: &Values, _: &Values| {
            vec![
                request(method, format!("/Users/{}", values.user)),
                request(method, format!("/Groups/{}", values.group)),
            ]
        };
        places.push(Place::new(format!("{method} by id"), plain).everywhere());
        let spelled = move |values: &Values, _: &Values| {
            let (first, rest) = values.user.split_at(1);
            let encoded = format!("/Users/%{:02x}{rest}", first.as_bytes()[0]);
            vec![request(method, encoded), request(method, format!("/Users/{}/", values.user))]
        };
        places.push(Place::new(format!("{method} by id, spelled otherwise"), spelled));
        let crossed = move |values: &Values, _: &Values| {
            vec![
                request(method, format!("/Users/{}", values.group)),
                request(method, format!("/Groups/{}", values.user)),
            ]
        };
        places.push(Place::new(format!("{method} by id of another type"), crossed).blind());
        for (header, value) in [("if-match", "*"), ("if-none-match", "*"), ("if-match", ""), ("if-none-match", "")] {
            let conditional = move |values: &Values, _: &Values| {
                let value =
                    |version: &str| if value.is_empty() { format!("W/\"{version}\"") } else { value.to_owned() };
                vec![
                    request(method, format!("/Users/{}", values.user)).header(header, value(&values.user_version)),
                    request(method, format!("/Groups/{}", values.group)).header(header, value(&values.group_version)),
                ]
            };
            places.push(Place::new(format!("{method} by id, {header} {value}"), conditional));
        }
    }
    places.push(Place::new("GET by id, attributes", |values, _| {
        ["attributes=id", "attributes=members,groups", "excludedAttributes=members,groups"]
            .map(|query| Ask::get(format!("/Users/{}?{query}", values.user)))
            .into()
    }));
    places.push(
        Place::new("ids where no resource is", |values, _| {
            vec![
                Ask::get(format!("/{}", values.user)),
                Ask::get(format!("/Schemas/{}", values.user)),
                Ask::get(format!("/ResourceTypes/{}", values.user)),
                Ask::get(format!("/Users/{}/groups", values.user)),
                Ask::get(format!("/Users/{}", values.user.to_uppercase())),
                Ask::get(format!("/Users/{}", values.user_name)),
                Ask::get(format!("/Users/{}", values.user_external_id)),
            ]
        })
        .blind(),
    );
    places
}

/// Versions of others on the asker's own resources.
fn versions() -> Vec<Place> {
    let mut places = Vec::new();
    for method in METHODS {
        for header in ["if-match", "if-none-match"] {
            let place = move |values: &Values, own: &Values| {
                let value = |version: &str| format!("W/\"{version}\"");
                vec![
                    request(method, format!("/Users/{}", own.user)).header(header, value(&values.user_version)),
                    request(method, format!("/Groups/{}", own.group)).header(header, value(&values.group_version)),
                ]
            };
            let sees_nothing = header == "if-none-match" && !matches!(method, "GET" | "HEAD");
            if !sees_nothing {
                let mut place = Place::new(format!("{method} of the asker's own, {header} of another version"), place);
                place.is_blind = header == "if-match" && matches!(method, "GET" | "HEAD");
                places.push(place);
            }
        }
    }
    places
}

fn me() -> Vec<Place> {
    let me = |method: &'static str| {
        Place::new(format!("{method} /Me"), move |values, _| {
            vec![request(method, "/Me".to_owned()).header("x-name", values.user.as_str())]
        })
    };
    let mut places: Vec<Place> = METHODS.into_iter().map(me).collect();
    places.push(
        Place::new("POST /Me", |values, _| vec![Ask::post("/Me", &body()).header("x-name", values.user.as_str())])
            .blind(),
    );
    places
}
