//! The product, sentence by sentence, as identity providers and the company's administrator meet it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod support;

use serde_json::{json, Value};
use support::{on_every_database, Client, Service};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// A user as Okta sends it.
fn okta_user(name: &str) -> Value {
    json!({
        "schemas": [USER], "userName": name, "name": {"givenName": "Ines", "familyName": "Roth"},
        "emails": [{"primary": true, "value": name, "type": "work"}], "displayName": "Ines Roth", "locale": "en-US",
        "externalId": format!("00u{}", name.len()), "groups": [], "active": true
    })
}

/// A user as Entra ID sends it.
fn entra_user(name: &str) -> Value {
    json!({
        "schemas": [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "externalId": name.split('@').next(), "userName": name, "active": true, "displayName": "Ines Roth",
        "emails": [{"primary": true, "type": "work", "value": name}], "meta": {"resourceType": "User"},
        "name": {"formatted": "Ines Roth", "familyName": "Roth", "givenName": "Ines"}, "roles": []
    })
}

/// A group as Okta pushes it, with the members it has.
fn okta_group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id, "display": "Ines Roth"})).collect();
    json!({"schemas": [GROUP], "displayName": name, "members": members})
}

/// A group as Entra ID makes it; members follow by PATCH.
fn entra_group(name: &str) -> Value {
    json!({"schemas": [GROUP], "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159", "displayName": name,
        "meta": {"resourceType": "Group"}})
}

/// Entra ID adds a member, as its older connectors write it.
fn entra_adds(entra: &Client, group: &str, user: &str) {
    let operations = json!([{"op": "Add", "path": "members", "value": [{"value": user}]}]);
    assert!(entra.patch(&format!("/Groups/{group}"), &operations).status < 300, "Entra ID adds a member");
}

/// What a list of the product's pages shows, by one of its columns.
fn row(service: &Service, page: &str, id: &str) -> Value {
    let rows = service.shown(page);
    let found = rows.as_array().unwrap().iter().find(|row| row["id"] == id).cloned();
    found.unwrap_or(Value::Null)
}

fn names(service: &Service) -> Vec<String> {
    let groups = service.shown("/groups");
    let mut names: Vec<String> =
        groups.as_array().unwrap().iter().map(|group| group["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_connection_is_added_step_by_step_for_a_known_vendor_or_custom_scim() {
    on_every_database(|service| {
        let vendors = service.at("GET", "/vendors", &Value::Null).expect(200, "the vendors").body;
        for vendor in ["Okta SCIM", "Microsoft Entra ID SCIM", "JumpCloud SCIM", "Custom SCIM"] {
            let is_listed = vendors.as_array().unwrap().iter().any(|listed| listed["name"] == vendor);
            assert!(is_listed, "\"Add SCIM Connection\", for a known vendor or \"Custom SCIM\": {vendor} in {vendors}");
        }
        for vendor in vendors.as_array().unwrap() {
            let client = service.connect(vendor["vendor"].as_str().unwrap());
            let steps = client.added["steps"].as_array().unwrap();
            assert_eq!(steps.len(), 3, "\"Add SCIM Connection\", step by step: {steps:?}");
            assert_eq!(client.added["connection"]["name"], vendor["name"], "the connection is called after its vendor");
            client.get("/Users?startIndex=1&count=2").expect(200, "the provider's test of the connection");
        }
        let unknown = service.page("POST", "/connections", &json!("nobody")).status;
        assert!((400..500).contains(&unknown), "only vendors that are there, or \"Custom SCIM\"");
    });
}

#[test]
fn several_connections_at_once_have_a_key_a_url_and_a_state_each() {
    on_every_database(|service| {
        let (okta, second, custom) = (service.connect("okta"), service.connect("okta"), service.connect("custom"));
        let clients = [&okta, &second, &custom];
        for (place, client) in clients.iter().enumerate() {
            client.get("/Users").expect(200, "several at once, each with its own key and URL");
            for other in clients.iter().skip(place + 1) {
                assert_ne!((&client.key, &client.url), (&other.key, &other.url), "each with its own key and URL");
                let mixed =
                    Client { id: client.id.clone(), url: other.url.clone(), key: client.key.clone(), added: json!(0) };
                mixed.get("/Users").expect(401, "each with its own key and URL: the key is good at its own alone");
            }
        }
        let listed = service.shown("/connections");
        assert_eq!(listed.as_array().unwrap().len(), 3, "several at once");
        assert!(!listed.to_string().contains(&okta.key), "a key is shown once");
        assert!(
            !row(service, "/connections", &okta.id)["lastSuccess"].is_null(),
            "the list shows when a connection worked"
        );

        let state = |client: &Client, state: &str| {
            service.page("PUT", &format!("/connections/{}/state", client.id), &json!(state)).expect(204, "a new state")
        };
        state(&okta, "paused");
        assert_eq!(row(service, "/connections", &okta.id)["state"], "paused", "each with its own state");
        okta.get("/Users").expect(403, "a paused connection is refused");
        second.get("/Users").expect(200, "each with its own state: the others go on");
        state(&okta, "active");
        okta.get("/Users").expect(200, "a connection that was resumed goes on");

        let replaced = service.page("POST", &format!("/connections/{}/key", okta.id), &Value::Null);
        let key = replaced.expect(200, "a new key").body["key"].as_str().unwrap().to_owned();
        okta.get("/Users").expect(401, "the key that was replaced has ended");
        custom.get("/Users").expect(200, "each with its own key: the others stay");
        let renewed = Client { key, ..okta };
        renewed.get("/Users").expect(200, "the new key is good at the same URL");

        state(&second, "deleted");
        second.get("/Users").expect(401, "a deleted connection is nobody's");
        assert_eq!(row(service, "/connections", &second.id), Value::Null, "a deleted connection is not listed");
        renewed.get("/Users").expect(200, "each with its own state: the others go on");
    });
}

#[test]
fn groups_are_imported_and_shown_with_the_vendor_before_their_names() {
    on_every_database(|service| {
        let (okta, entra, custom) = (service.connect("okta"), service.connect("entra-id"), service.connect("custom"));
        let contractors = okta.make("/Groups", &okta_group("Contractors", &[]));
        let same_name = entra.make("/Groups", &entra_group("Contractors"));
        custom.make("/Groups", &json!({"schemas": [GROUP], "displayName": "Auditors"}));
        assert_eq!(
            names(service),
            ["Custom SCIM - Auditors", "Microsoft Entra ID SCIM - Contractors", "Okta SCIM - Contractors"],
            "groups are imported automatically and shown prefixed with the vendor; the same name may come from two"
        );
        let renamed = json!([{"op": "replace", "value": {"id": contractors, "displayName": "Freelancers"}}]);
        assert!(okta.patch(&format!("/Groups/{contractors}"), &renamed).status < 300, "Okta renames a group");
        assert_eq!(
            row(service, "/groups", &contractors)["name"],
            "Okta SCIM - Freelancers",
            "a group follows its provider"
        );
        assert_eq!(
            row(service, "/groups", &same_name)["name"],
            "Microsoft Entra ID SCIM - Contractors",
            "the same display name may come from two connections: the other stays"
        );
        let read = okta.get(&format!("/Groups/{contractors}")).expect(200, "Okta reads its group").body;
        assert_eq!(read["displayName"], "Freelancers", "the prefix is the product's, and the provider does not see it");
        okta.send("DELETE", &format!("/Groups/{contractors}"), &Value::Null).expect(204, "Okta deletes its group");
        assert_eq!(row(service, "/groups", &contractors), Value::Null, "a group follows its provider");
    });
}

#[test]
fn each_connection_sees_only_what_it_made() {
    on_every_database(|service| {
        let (okta, entra) = (service.connect("okta"), service.connect("entra-id"));
        let name = "ines.roth@fabrikam.example";
        let user = okta.make("/Users", &okta_user(name));
        let group = okta.make("/Groups", &okta_group("Contractors", &[&user]));
        let sentence = "each connection sees only what it made";
        for path in [
            "/Users",
            "/Groups",
            &format!("/Users?filter=userName eq \"{name}\""),
            "/Groups?excludedAttributes=members&filter=displayName eq \"Contractors\"",
        ] {
            assert_eq!(entra.get(path).expect(200, sentence).body["totalResults"], 0, "{sentence}: {path}");
            assert_eq!(okta.get(path).expect(200, sentence).body["totalResults"], 1, "{sentence}: {path}");
        }
        for path in [format!("/Users/{user}"), format!("/Groups/{group}")] {
            entra.get(&path).expect(404, sentence);
            let operations = json!([{"op": "Replace", "path": "displayName", "value": "taken over"}]);
            entra.patch(&path, &operations).expect(404, sentence);
            entra.send("DELETE", &path, &Value::Null).expect(404, sentence);
        }
        let own = entra.make("/Groups", &entra_group("Contractors"));
        let operations = json!([{"op": "Add", "path": "members", "value": [{"value": user}]}]);
        entra.patch(&format!("/Groups/{own}"), &operations).expect(400, sentence);
        let same_person = entra.make("/Users", &entra_user(name));
        assert_ne!(same_person, user, "the same person at two providers is two users");
        assert_eq!(row(service, "/users", &user)["name"], "Ines Roth", "{sentence}, and changes nothing else");

        let others = service.at("GET", "/companies/globex/groups", &Value::Null).expect(200, "another company").body;
        assert_eq!(others, json!([]), "the connections are of one company");
        let path = format!("/companies/globex/connections/{}/key", okta.id);
        service.at("POST", &path, &Value::Null).expect(404, "the connections are of one company");
    });
}

#[test]
fn members_of_the_chosen_groups_are_invited_when_they_arrive_also_when_the_group_is_chosen_later() {
    on_every_database(|service| {
        let (okta, entra) = (service.connect("okta"), service.connect("entra-id"));
        let choose = |client: &Client, group: &str, invites: bool| {
            let path = format!("/connections/{}/groups/{group}/invites", client.id);
            service.page("PUT", &path, &json!(invites)).expect(204, "Automatic group invites")
        };
        let invited = |user: &str| row(service, "/users", user)["invited"] == true;

        let [early, late, other] =
            ["early@a.example", "late@a.example", "other@a.example"].map(|name| okta.make("/Users", &okta_user(name)));
        let contractors = okta.make("/Groups", &okta_group("Contractors", &[&early]));
        let interns = okta.make("/Groups", &okta_group("Interns", &[&other]));
        assert!(!invited(&early), "members of the chosen groups are invited, and of no others");
        choose(&okta, &contractors, true);
        assert!(invited(&early), "members are invited also when the group is chosen later");
        assert_eq!(row(service, "/groups", &contractors)["invites"], true, "the groups are chosen");
        let operations =
            json!([{"op": "add", "path": "members", "value": [{"value": late, "display": "late@a.example"}]}]);
        assert!(okta.patch(&format!("/Groups/{contractors}"), &operations).status < 300, "Okta pushes a member");
        assert!(invited(&late), "members of the chosen groups are invited when they arrive");
        assert!(!invited(&other), "members of the chosen groups are invited, and of no others");
        okta.send("PUT", &format!("/Groups/{contractors}"), &okta_group("Contractors", &[&early, &late, &other]))
            .expect(200, "Okta pushes the whole group");
        assert!(invited(&other), "members of the chosen groups are invited when they arrive, by PUT too");

        let group = entra.make("/Groups", &entra_group("Contractors"));
        choose(&entra, &group, true);
        let mut away = entra_user("away@a.example");
        away["active"] = json!(false);
        let (here, away) = (entra.make("/Users", &entra_user("here@a.example")), entra.make("/Users", &away));
        entra_adds(&entra, &group, &here);
        entra_adds(&entra, &group, &away);
        assert!(invited(&here), "members of the chosen groups are invited when they arrive");
        assert!(!invited(&away), "who may not come in is not invited");
        let operations = json!([{"op": "Replace", "path": "active", "value": "True"}]);
        entra.patch(&format!("/Users/{away}"), &operations).expect(200, "Entra ID activates a user");
        assert!(invited(&away), "members of the chosen groups are invited when they arrive");

        choose(&okta, &interns, true);
        choose(&okta, &interns, false);
        let newcomer = okta.make("/Users", &okta_user("newcomer@a.example"));
        okta.send("PUT", &format!("/Groups/{interns}"), &okta_group("Interns", &[&newcomer])).expect(200, "a push");
        assert!(!invited(&newcomer), "members of a group that is not chosen any more are not invited");

        let path = format!("/connections/{}/groups/{contractors}/invites", entra.id);
        service.page("PUT", &path, &json!(true)).expect(404, "a group is chosen at its own connection");
    });
}

#[test]
fn users_and_their_changes_show_up_within_seconds() {
    on_every_database(|service| {
        let (okta, entra) = (service.connect("okta"), service.connect("entra-id"));
        let sentence = "users and their changes (status above all) show up within seconds";
        let by_okta = okta.make("/Users", &okta_user("ines.roth@fabrikam.example"));
        let by_entra = entra.make("/Users", &entra_user("ines.roth@fabrikam.example"));
        for (user, client) in [(&by_okta, &okta), (&by_entra, &entra)] {
            let shown = row(service, "/users", user);
            assert_eq!(shown["status"], "active", "{sentence}: {shown}");
            assert_eq!(shown["connection"], client.id.as_str(), "{sentence}: {shown}");
        }
        let suspended = json!([{"op": "replace", "value": {"active": false}}]);
        okta.patch(&format!("/Users/{by_okta}"), &suspended).expect(200, "Okta suspends a user");
        assert_eq!(row(service, "/users", &by_okta)["status"], "inactive", "{sentence}");
        assert_eq!(row(service, "/users", &by_entra)["status"], "active", "{sentence}, and no others");
        let disabled = json!([{"op": "Replace", "path": "active", "value": "False"}]);
        entra.patch(&format!("/Users/{by_entra}"), &disabled).expect(200, "Entra ID disables a user");
        assert_eq!(row(service, "/users", &by_entra)["status"], "inactive", "{sentence}");
        let mut back = okta_user("ines.roth@fabrikam.example");
        back["displayName"] = json!("Ines Berg");
        okta.send("PUT", &format!("/Users/{by_okta}"), &back).expect(200, "Okta pushes a profile");
        let shown = row(service, "/users", &by_okta);
        assert_eq!((&shown["status"], &shown["name"]), (&json!("active"), &json!("Ines Berg")), "{sentence}");
        okta.send("DELETE", &format!("/Users/{by_okta}"), &Value::Null).expect(204, "a user is deleted");
        assert_eq!(row(service, "/users", &by_okta), Value::Null, "{sentence}");
    });
}

#[test]
fn discovery_tells_what_the_product_takes() {
    on_every_database(|service| {
        let okta = service.connect("okta");
        let config = okta.get("/ServiceProviderConfig").expect(200, "discovery").body;
        for feature in ["patch", "filter", "sort", "bulk", "etag"] {
            assert_eq!(config[feature]["supported"], true, "{feature} is there: {config}");
        }
        assert_eq!(config["changePassword"]["supported"], false, "the product keeps no passwords");
        let types = okta.get("/ResourceTypes").expect(200, "discovery").body;
        let names: Vec<&str> =
            types["Resources"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
        assert_eq!(names, ["User", "Group"], "users and groups are imported, and nothing else");
        let schemas = okta.get("/Schemas").expect(200, "discovery").body;
        let has = |id: &str| schemas["Resources"].as_array().unwrap().iter().any(|schema| schema["id"] == id);
        assert!(has(USER) && has(GROUP), "every schema is there");
        let user = okta.send("POST", "/Users", &okta_user("ines@a.example")).expect(201, "a user").body;
        let path = user["meta"]["location"].as_str().unwrap().to_owned();
        support::send("GET", &path, &okta.key, &Value::Null).expect(200, "a location leads to its resource");
    });
}
