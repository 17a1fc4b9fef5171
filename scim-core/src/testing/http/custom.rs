//! Resource types and extensions of the host's own: RFC 7643 s2.2, s2.3, s3.3, s6.

use serde_json::{json, Value};

use super::check::{check, ensure, ensure_eq, has_names, Check, Failure, Session, Verdict};
use super::recipe::{BADGE, DEVICE};
use crate::schema::USER;

pub(super) const CHECKS: &[Check] = &[
    check!(rfc7643_s6_a_resource_type_of_its_own_lives_like_the_others, [Devices]),
    check!(rfc7643_s6_a_resource_type_of_its_own_is_discovered, [Devices]),
    check!(rfc7643_s2_2_what_is_required_of_it_is_required, [Devices]),
    check!(rfc7643_s2_2_what_is_unique_of_it_is_unique_with_case, [Devices]),
    check!(rfc7643_s2_2_what_only_the_server_writes_is_ignored, [Devices]),
    check!(rfc7643_s2_3_every_type_of_value, [Devices]),
    check!(rfc7643_s2_3_values_of_another_type_are_refused, [Devices]),
    check!(rfc7644_s3_4_2_2_it_is_filtered, [Devices, Filter]),
    check!(rfc7644_s3_4_2_3_it_is_sorted, [Devices, Filter, Sort]),
    check!(rfc7644_s3_5_2_it_is_patched, [Devices]),
    check!(rfc7644_s3_4_2_1_it_is_found_on_the_root, [Devices, Filter]),
    check!(an_id_of_it_is_no_users, [Devices]),
    check!(rfc7643_s3_3_an_extension_of_its_own_lives_like_the_others, [Badges]),
    check!(rfc7643_s3_3_an_extension_of_its_own_is_filtered_and_sorted, [Badges, Filter, Sort]),
    check!(rfc7643_s3_3_an_extension_of_its_own_is_patched, [Badges]),
    check!(rfc7643_s2_2_what_is_unique_of_an_extension_is_unique, [Badges]),
];

async fn rfc7643_s6_a_resource_type_of_its_own_lives_like_the_others(session: &Session) -> Verdict {
    let body = session.device_body(json!({"units": 3, "tags": ["a", "b"], "externalId": "x"}));
    let made = session.post("/Devices", &body).await?.expect(201)?;
    let path = format!("/Devices/{}", made.id()?);
    let location = format!("{}{path}", session.provider.base_url);
    ensure_eq!(made.header("location"), Some(location.as_str()), "the Location");
    ensure_eq!(made.json["schemas"], json!([DEVICE]), "schemas");
    ensure_eq!(made.json["meta"]["resourceType"], json!("Device"), "meta.resourceType");
    ensure_eq!(session.get(&path).await?.expect(200)?.json, made.json, "the device");
    let replaced = session.put(&path, &session.device_body(json!({"units": 4}))).await?.expect(200)?;
    ensure_eq!((&replaced.json["units"], &replaced.json["tags"]), (&json!(4), &Value::Null), "units and tags");
    session.delete(&path).await?.expect(204)?;
    session.get(&path).await?.is_error(404, "")
}

async fn rfc7643_s6_a_resource_type_of_its_own_is_discovered(session: &Session) -> Verdict {
    let described = session.get("/ResourceTypes/Device").await?.expect(200)?;
    let found = (&described.json["endpoint"], &described.json["schema"]);
    ensure_eq!(found, (&json!("/Devices"), &json!(DEVICE)), "endpoint and schema");
    let schema = session.get(&format!("/Schemas/{DEVICE}")).await?.expect(200)?;
    let attributes = schema.json["attributes"].as_array().cloned().unwrap_or_default();
    let attribute = |name: &str| attributes.iter().find(|attribute| attribute["name"] == name).unwrap_or(&Value::Null);
    for (name, characteristic, value) in [
        ("serial", "uniqueness", "server"),
        ("vendor", "mutability", "immutable"),
        ("firmware", "mutability", "readOnly"),
        ("pin", "returned", "never"),
        ("remarks", "returned", "request"),
        ("bought", "type", "dateTime"),
        ("certificate", "type", "binary"),
        ("weight", "type", "decimal"),
    ] {
        ensure_eq!(attribute(name)[characteristic], json!(value), "{characteristic} of {name}");
    }
    ensure_eq!(attribute("serial")["required"], json!(true), "whether serial is required");
    Ok(())
}

async fn rfc7643_s2_2_what_is_required_of_it_is_required(session: &Session) -> Verdict {
    let answer = session.post("/Devices", &json!({"units": 1})).await?;
    answer.is_error(400, "invalidValue")?;
    ensure!(answer.detail().contains("serial"), "the detail does not name serial: {}", answer.detail());
    let ports = session.device_body(json!({"ports": [{"label": "http"}]}));
    session.post("/Devices", &ports).await?.is_error(400, "invalidValue")
}

async fn rfc7643_s2_2_what_is_unique_of_it_is_unique_with_case(session: &Session) -> Verdict {
    let serial = session.name("Serial");
    session.post("/Devices", &json!({ "serial": serial })).await?.expect(201)?;
    let answer = session.post("/Devices", &json!({ "serial": serial })).await?;
    answer.is_error(409, "uniqueness")?;
    ensure!(answer.detail().contains("serial"), "the detail does not name serial: {}", answer.detail());
    session.post("/Devices", &json!({ "serial": serial.to_lowercase() })).await?.expect(201)?;
    Ok(())
}

async fn rfc7643_s2_2_what_only_the_server_writes_is_ignored(session: &Session) -> Verdict {
    let made = session.device(json!({"firmware": "chosen"})).await?;
    ensure_eq!(made.json["firmware"], Value::Null, "firmware");
    let path = session.path_of(&made.json)?;
    let operations = json!([{"op": "add", "path": "firmware", "value": "chosen"}]);
    session.patch(&path, &operations).await?.is_error(400, "mutability")
}

async fn rfc7643_s2_3_every_type_of_value(session: &Session) -> Verdict {
    let values = json!({
        "units": -3, "weight": 1.25, "retired": false, "bought": "2011-05-13T04:42:34Z", "certificate": "AQID",
        "tags": ["a", "B"], "ports": [{"number": 80, "label": "http"}, {"number": 443}],
    });
    let made = session.device(values.clone()).await?;
    let read = session.get(&session.path_of(&made.json)?).await?.expect(200)?;
    for (name, value) in values.as_object().into_iter().flatten() {
        ensure_eq!(read.json[name], *value, "{name}");
    }
    Ok(())
}

async fn rfc7643_s2_3_values_of_another_type_are_refused(session: &Session) -> Verdict {
    for (name, value) in [
        ("units", json!(1.5)),
        ("units", json!("many")),
        ("weight", json!("heavy")),
        ("retired", json!("perhaps")),
        ("bought", json!("yesterday")),
        ("bought", json!("2011-13-01T00:00:00Z")),
        ("certificate", json!("?")),
        ("tags", json!([true])),
        ("ports", json!([{"number": "eighty"}])),
    ] {
        let answer = session.post("/Devices", &session.device_body(json!({ name: value }))).await?;
        answer.is_error(400, "invalidValue").map_err(|failure| match failure {
            Failure::Wrong(reason) => Failure::new(format!("{name} as {value}: {reason}")),
            other => other,
        })?;
    }
    Ok(())
}

/// Makes three devices of the check.
async fn three_devices(session: &Session) -> Verdict {
    for (model, units, weight, bought) in [
        ("a", 10, 0.5, "2011-05-13T04:42:34Z"),
        ("b", 9, 2.0, "2020-01-01T00:00:00+01:00"),
        ("c", 100, 10.0, "2015-06-30T12:00:00Z"),
    ] {
        let device = json!({
            "model": model, "units": units, "weight": weight, "bought": bought, "tags": [model, "all"],
            "ports": [{"number": units, "label": model}],
        });
        session.device(device).await?;
    }
    Ok(())
}

/// The models of the devices of the check for a query, in the order of the answer.
async fn models(session: &Session, filter: &str, parameters: &[(&str, &str)]) -> Result<Vec<String>, Failure> {
    let filter = format!("serial co \"{}\" and ({filter})", session.marker);
    let mut all = vec![("filter", filter.as_str())];
    all.extend(parameters);
    let answer = session.query("/Devices", &all).await?;
    Ok(answer.strings("model")?.into_iter().map(str::to_owned).collect())
}

async fn rfc7644_s3_4_2_2_it_is_filtered(session: &Session) -> Verdict {
    three_devices(session).await?;
    for (filter, expected) in [
        ("units gt 9", &["a", "c"][..]),
        ("units le 9", &["b"]),
        ("weight ge 2.0", &["b", "c"]),
        ("bought lt \"2012-01-01T00:00:00Z\"", &["a"]),
        ("bought eq \"2019-12-31T23:00:00Z\"", &["b"]),
        ("tags eq \"all\" and not (tags eq \"a\")", &["b", "c"]),
        ("ports[number eq 100 and label eq \"c\"]", &["c"]),
        ("ports.number lt 10", &["b"]),
        ("urn:example:params:scim:schemas:Device:units eq 10", &["a"]),
        ("meta.resourceType eq \"Device\"", &["a", "b", "c"]),
    ] {
        let mut found = models(session, filter, &[]).await?;
        found.sort_unstable();
        ensure_eq!(found, expected, "what {filter} finds");
    }
    for filter in ["pin eq \"1\"", "units co \"1\"", "nobodyKnows pr"] {
        session.query("/Devices", &[("filter", filter)]).await?.is_error(400, "invalidFilter")?;
    }
    Ok(())
}

async fn rfc7644_s3_4_2_3_it_is_sorted(session: &Session) -> Verdict {
    three_devices(session).await?;
    for (sort_by, expected) in [
        ("units", ["b", "a", "c"]),
        ("weight", ["a", "b", "c"]),
        ("bought", ["a", "c", "b"]),
        ("ports.number", ["b", "a", "c"]),
    ] {
        ensure_eq!(models(session, "id pr", &[("sortBy", sort_by)]).await?, expected, "the order by {sort_by}");
    }
    let page = models(session, "id pr", &[("sortBy", "units"), ("startIndex", "2"), ("count", "1")]).await?;
    ensure_eq!(page, ["a"], "the second device by units");
    Ok(())
}

async fn rfc7644_s3_5_2_it_is_patched(session: &Session) -> Verdict {
    let path = session.path_of(&session.device(json!({"tags": ["a"], "ports": [{"number": 80}]})).await?.json)?;
    let operations = json!([
        {"op": "add", "path": "tags", "value": ["b", "a"]},
        {"op": "replace", "path": "ports[number eq 80].label", "value": "http"},
        {"op": "add", "path": format!("{DEVICE}:units"), "value": 7},
        {"op": "add", "value": {"weight": 0.5}},
    ]);
    let patched = session.patch(&path, &operations).await?.expect(200)?.json;
    ensure_eq!((&patched["tags"], &patched["units"]), (&json!(["a", "b"]), &json!(7)), "tags and units");
    ensure_eq!(patched["ports"], json!([{"number": 80, "label": "http"}]), "ports");
    ensure_eq!(patched["weight"], json!(0.5), "weight");
    let operations = json!([{"op": "remove", "path": "tags"}, {"op": "remove", "path": "ports[number eq 80]"}]);
    let patched = session.patch(&path, &operations).await?.expect(200)?.json;
    ensure_eq!((&patched["tags"], &patched["ports"]), (&Value::Null, &Value::Null), "tags and ports");
    Ok(())
}

async fn rfc7644_s3_4_2_1_it_is_found_on_the_root(session: &Session) -> Verdict {
    let device = session.device(json!({"units": 3})).await?;
    let filter = format!("serial eq {}", device.json["serial"]);
    let found = session.post("/.search", &json!({ "filter": filter })).await?.expect(200)?;
    ensure_eq!(found.page()?, &vec![device.json.clone()], "what is found");
    Ok(())
}

async fn an_id_of_it_is_no_users(session: &Session) -> Verdict {
    let device = session.device(json!({})).await?;
    session.get(&format!("/Users/{}", device.id()?)).await?.is_error(404, "")?;
    session.delete(&format!("/Users/{}", device.id()?)).await?.is_error(404, "")
}

async fn rfc7643_s3_3_an_extension_of_its_own_lives_like_the_others(session: &Session) -> Verdict {
    let number = session.name("badge");
    let made = session.user(json!({BADGE: {"number": number, "level": 2}})).await?;
    ensure_eq!(made.json["schemas"], json!([USER, BADGE]), "schemas");
    ensure_eq!(made.json[BADGE], json!({"number": number, "level": 2}), "the extension");
    let path = session.path_of(&made.json)?;
    let some = session.query(&path, &[("attributes", &format!("{BADGE}:level"))]).await?.expect(200)?;
    has_names(&some.json, &["schemas", "id", BADGE], "a user of which the level is asked for")?;
    let replaced = session.put(&path, &session.user_body(json!({}))).await?.expect(200)?;
    ensure_eq!(
        (&replaced.json[BADGE], &replaced.json["schemas"]),
        (&Value::Null, &json!([USER])),
        "extension and schemas"
    );
    let wrong = session.user_body(json!({BADGE: {"level": "high"}}));
    session.post("/Users", &wrong).await?.is_error(400, "invalidValue")
}

async fn rfc7643_s3_3_an_extension_of_its_own_is_filtered_and_sorted(session: &Session) -> Verdict {
    for level in [10, 9, 100] {
        session.user(json!({"title": level.to_string(), BADGE: {"level": level}})).await?;
    }
    let found = session.users_where(&format!("{BADGE}:level gt 9")).await?;
    ensure_eq!(found.total()?, 2, "the number of users of a level above 9");
    let filter = format!("userName co \"{}\"", session.marker);
    let sorted = session.query("/Users", &[("filter", &filter), ("sortBy", &format!("{BADGE}:level"))]).await?;
    ensure_eq!(sorted.strings("title")?, ["9", "10", "100"], "the order by level");
    Ok(())
}

async fn rfc7643_s3_3_an_extension_of_its_own_is_patched(session: &Session) -> Verdict {
    let path = session.user_path(json!({})).await?;
    let operations = json!([{"op": "add", "path": format!("{BADGE}:level"), "value": 3}]);
    ensure_eq!(session.patch(&path, &operations).await?.expect(200)?.json[BADGE], json!({"level": 3}), "the extension");
    let operations = json!([{"op": "remove", "path": BADGE}]);
    let removed = session.patch(&path, &operations).await?.expect(200)?.json;
    ensure_eq!((&removed[BADGE], &removed["schemas"]), (&Value::Null, &json!([USER])), "extension and schemas");
    Ok(())
}

async fn rfc7643_s2_2_what_is_unique_of_an_extension_is_unique(session: &Session) -> Verdict {
    let number = session.name("badge");
    session.user(json!({BADGE: {"number": number}})).await?;
    let again = session.user_body(json!({BADGE: {"number": number}}));
    session.post("/Users", &again).await?.is_error(409, "uniqueness")
}
