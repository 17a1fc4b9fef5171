//! The product, sentence by sentence, as Entra ID and the customers' administrators meet it.
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
use support::{on_every_database, send, Answer, Service};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Entra ID, as an administrator configured it: with the tenant URL and the key, pasted as they were shown.
struct Entra {
    tenant_url: String,
    key: String,
}

impl Entra {
    fn connect(service: &Service, customer: &str) -> Self {
        let shown = service.product("POST", &format!("/customers/{customer}/connection"), "").expect(200, "connect");
        Self { tenant_url: shown.text("/tenantUrl"), key: shown.text("/secretToken") }
    }

    /// The flag of the tenant URL goes first in the query, as Entra ID has it.
    fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let (base, flag) = self.tenant_url.split_once('?').unwrap();
        let (path, query) = path.split_once('?').map_or((path, String::new()), |(path, query)| {
            (path, format!("&{}", query.replace(' ', "+").replace('"', "%22").replace('@', "%40")))
        });
        let authorization = format!("Bearer {}", self.key);
        let headers = [("Authorization", &*authorization), ("Content-Type", "application/scim+json; charset=utf-8")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        send(method, &format!("{base}{path}?{flag}{query}"), &headers, &body)
    }

    fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &Value::Null)
    }

    fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &Value::Null)
    }

    fn patch(&self, path: &str, operations: Value) -> Answer {
        let mut body = json!({"schemas": [PATCH_OP]});
        body["Operations"] = operations;
        self.send("PATCH", path, &body)
    }

    fn create(&self, user: &Value) -> Answer {
        self.send("POST", "/Users", user)
    }

    fn found(&self, path: &str) -> u64 {
        self.get(path).expect(200, "a query").body["totalResults"].as_u64().unwrap()
    }
}

/// A user as the default mapping of Entra ID sends it.
fn user(name: &str) -> Value {
    json!({
        "schemas": [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "externalId": name.split('@').next(), "userName": name, "active": true, "displayName": "Mira Lang",
        "title": "Surveyor", "preferredLanguage": "sv-SE",
        "emails": [{"primary": true, "type": "work", "value": "elsewhere@fabrikam.example"}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "Mira Lang", "familyName": "Lang", "givenName": "Mira"},
        "phoneNumbers": [{"type": "mobile", "value": "+46701234567"}], "roles": [],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Maps"}
    })
}

fn sign_in(service: &Service, customer: &str, name: &str) -> Answer {
    service.product("POST", &format!("/customers/{customer}/sessions"), name)
}

fn session(service: &Service, token: &str) -> u16 {
    service.product("GET", &format!("/sessions/{token}"), "").status
}

fn attribute<'a>(schema: &'a Value, name: &str) -> &'a Value {
    let attributes = schema["attributes"].as_array().unwrap();
    attributes.iter().find(|attribute| attribute["name"] == name).unwrap_or_else(|| panic!("no {name}"))
}

fn names(schema: &Value) -> Vec<&str> {
    let mut names: Vec<&str> =
        schema["attributes"].as_array().unwrap().iter().map(|attribute| attribute["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

#[test]
fn base_url_key_and_test_connection() {
    on_every_database(|service| {
        let entra = Entra::connect(service, "fabrikam");
        let expected = format!("{}/core/v1/scim/v2?aadOptscim062020", service.site);
        assert_eq!(entra.tenant_url, expected, "Base URL /core/v1/scim/v2; the tenant URL carries ?aadOptscim062020");
        assert!(entra.key.starts_with("alerting_"), "{}", entra.key);
        assert!(!entra.key.contains(char::is_whitespace), "The key is pasted without \"Bearer\"");

        service.product("POST", "/customers/fabrikam/connection", "").expect(409, "a customer has one connection");
        let nobody = r#"/Users?filter=userName eq "1f3a07ab-36c4-4d22-8f0a-f4b3a86c2b04""#;
        let test = entra.get(nobody).expect(200, "The administrator's \"Test connection\" must work");
        assert_eq!((&test.body["totalResults"], &test.body["Resources"]), (&json!(0), &json!([])));
        assert!(test.head.to_lowercase().contains("content-type: application/scim+json"), "{}", test.head);
        let nothing = r#"/Groups?excludedAttributes=members&filter=externalId eq "1f3a07ab-36c4""#;
        assert_eq!(entra.found(nothing), 0, "The administrator's \"Test connection\" must work");
        for wrong in ["", "alerting_wrong", &entra.key.replace("alerting_", "alerting_x")] {
            let other = Entra { key: wrong.to_owned(), tenant_url: entra.tenant_url.clone() };
            other.get(nobody).expect(401, "only the key that was shown opens the door");
        }
    });
}

#[test]
fn discovery_tells_the_truth() {
    on_every_database(|service| {
        let entra = Entra::connect(service, "fabrikam");
        let schemas = entra.get("/Schemas").expect(200, "discovery");
        let ids: Vec<&str> =
            schemas.body["Resources"].as_array().unwrap().iter().map(|schema| schema["id"].as_str().unwrap()).collect();
        assert!(ids.contains(&USER) && ids.contains(&GROUP), "{ids:?}");
        assert!(!ids.iter().any(|id| id.contains(":extension:")), "Everything else is ignored: no extension to show");

        let users = entra.get(&format!("/Schemas/{USER}")).expect(200, "discovery").body;
        let expected = ["active", "displayName", "emails", "phoneNumbers", "title", "userName"];
        assert_eq!(names(&users), expected, "the attributes of users, and no others");
        let facts = |name| {
            let found = attribute(&users, name);
            (found["required"].as_bool().unwrap(), found["mutability"].as_str().unwrap())
        };
        assert_eq!(facts("userName"), (true, "readWrite"), "userName required, updatable");
        assert_eq!(attribute(&users, "userName")["uniqueness"], "global", "unique across the whole platform");
        assert_eq!(facts("displayName"), (true, "readWrite"), "displayName required, updatable");
        assert_eq!(facts("active"), (true, "readWrite"), "active required");
        assert_eq!(facts("title"), (false, "readWrite"), "title optional, updatable");
        assert_eq!(facts("phoneNumbers"), (false, "immutable"), "phoneNumbers optional, not updatable after creation");
        assert_eq!(facts("emails"), (false, "readOnly"), "emails is assigned by the service");

        let groups = entra.get(&format!("/Schemas/{GROUP}")).expect(200, "discovery").body;
        assert_eq!(names(&groups), ["displayName", "members"], "the attributes of groups, and no others");
        for name in ["displayName", "members"] {
            assert_eq!(attribute(&groups, name)["required"], true, "Group attributes: all required");
            assert_eq!(attribute(&groups, name)["mutability"], "readWrite", "Group attributes: updatable");
        }

        let types = entra.get("/ResourceTypes").expect(200, "discovery").body;
        let endpoints: Vec<&Value> = types["Resources"].as_array().unwrap().iter().map(|it| &it["endpoint"]).collect();
        assert_eq!(endpoints, ["/Users", "/Groups"]);
        assert_eq!(types["Resources"][0]["schemaExtensions"].as_array().map_or(0, Vec::len), 0, "no extensions");
        let config = entra.get("/ServiceProviderConfig").expect(200, "discovery").body;
        assert_eq!(config["patch"]["supported"], true, "PATCH");
        assert_eq!(config["filter"]["supported"], true, "find by");
        assert_eq!(config["changePassword"]["supported"], false, "there are no passwords");
    });
}

#[test]
fn users_and_their_attributes() {
    on_every_database(|service| {
        let entra = Entra::connect(service, "fabrikam");
        let made = entra.create(&user("mira.lang@fabrikam.example")).expect(201, "Users: create");
        let path = format!("/Users/{}", made.text("/id"));
        assert_eq!(made.body["phoneNumbers"][0]["value"], "+46701234567", "international format (+46701234567)");
        let assigned = json!([{"value": "mira.lang@fabrikam.example", "type": "work", "primary": true}]);
        assert_eq!(made.body["emails"], assigned, "emails is assigned by the service, always equal to userName");
        for ignored in
            ["name", "preferredLanguage", "roles", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]
        {
            assert_eq!(made.body.get(ignored), None, "Everything else is ignored: {ignored}");
        }
        assert_eq!(made.body["schemas"], json!([USER]), "Everything else is ignored");

        assert_eq!(entra.get(&path).expect(200, "Users: read").body, made.body);
        let by_name = r#"/Users?filter=userName eq "MIRA.LANG@fabrikam.example""#;
        assert_eq!(entra.get(by_name).body["Resources"][0]["id"], made.body["id"], "Users: find by userName eq");
        assert_eq!(entra.found("/Users"), 1, "Users: list");

        let changes = json!([{"op": "replace", "path": "userName", "value": "mira.berg@fabrikam.example"},
            {"op": "replace", "path": "displayName", "value": "Mira Berg"},
            {"op": "add", "path": "title", "value": "Lead"}, {"op": "replace", "path": "externalId", "value": "mb"},
            {"op": "replace", "path": "name.familyName", "value": "Berg"}]);
        let patched = entra.patch(&path, changes).expect(200, "Users: PATCH").body;
        assert_eq!(patched["userName"], "mira.berg@fabrikam.example", "userName is updatable");
        assert_eq!(patched["emails"][0]["value"], "mira.berg@fabrikam.example", "emails is always equal to userName");
        assert_eq!(patched["displayName"], "Mira Berg", "displayName is updatable");
        assert_eq!(patched["title"], "Lead", "title is updatable");
        assert_eq!(patched["externalId"], "mb", "externalId is updatable");
        assert_eq!(patched["id"], made.body["id"], "id is assigned");

        let mapped = json!([{"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "x@fabrikam.example"},
            {"op": "Replace", "path": "title", "value": "Chief"}]);
        let patched = entra.patch(&path, mapped).expect(200, "Users: PATCH of the default mapping").body;
        assert_eq!(patched["emails"][0]["value"], "mira.berg@fabrikam.example", "emails is always equal to userName");
        assert_eq!(patched["title"], "Chief", "title is updatable");

        let mut whole = user("mira.holm@fabrikam.example");
        whole["id"] = json!("mine");
        whole["title"] = Value::Null;
        let put = entra.send("PUT", &path, &whole).expect(200, "Users: PUT").body;
        assert_eq!((&put["id"], &put["userName"]), (&made.body["id"], &whole["userName"]), "id is assigned");
        assert_eq!(put.get("title"), None, "title is optional");
        assert_eq!(put["emails"][0]["value"], whole["userName"], "emails is always equal to userName");

        entra.delete(&path).expect(204, "Users: DELETE");
        entra.get(&path).expect(404, "Users: DELETE");
    });
}

#[test]
fn what_a_user_must_be_like() {
    on_every_database(|service| {
        let entra = Entra::connect(service, "fabrikam");
        let refused = |change: (&str, Value), sentence: &str| {
            let mut wrong = user("joost.vos@fabrikam.example");
            wrong[change.0] = change.1;
            let answer = entra.create(&wrong).expect(400, sentence);
            assert_eq!(answer.body["scimType"], "invalidValue", "{sentence}");
            assert!(answer.text("/detail").contains(change.0), "{sentence}: {answer:?}");
        };
        refused(("userName", json!("joost.vos")), "userName is an e-mail address");
        refused(("userName", Value::Null), "userName is required");
        refused(("displayName", Value::Null), "displayName is required");
        let number = |value: &str| json!({"type": "work", "value": value});
        let two = json!([number("+46701234567"), number("+46701234568")]);
        refused(("phoneNumbers", two), "phoneNumbers: exactly one");
        refused(("phoneNumbers", json!([number("070-123 45 67")])), "phoneNumbers: international format");
        assert_eq!(entra.found("/Users"), 0, "what is refused is not there");

        let made = entra.create(&user("joost.vos@fabrikam.example")).expect(201, "create");
        let path = format!("/Users/{}", made.text("/id"));
        let other =
            json!([{"op": "replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+46709999999"}]);
        let refused = entra.patch(&path, other).expect(400, "phoneNumbers is not updatable after creation");
        assert_eq!(refused.body["scimType"], "mutability");
        let mut whole = user("joost.vos@fabrikam.example");
        whole["phoneNumbers"] = json!([number("+46709999999")]);
        let refused = entra.send("PUT", &path, &whole).expect(400, "phoneNumbers is not updatable after creation");
        assert_eq!(refused.body["scimType"], "mutability");
        entra.send("PUT", &path, &user("joost.vos@fabrikam.example")).expect(200, "the same number is no change");
        assert_eq!(entra.get(&path).body["phoneNumbers"], made.body["phoneNumbers"], "phoneNumbers is not updatable");
        let name = json!([{"op": "replace", "path": "userName", "value": "joost"}]);
        entra.patch(&path, name).expect(400, "userName is an e-mail address, also later");
        let none = json!([{"op": "remove", "path": "displayName"}]);
        entra.patch(&path, none).expect(400, "displayName is required, also later");

        let mut without = user("aoife@fabrikam.example");
        without["phoneNumbers"] = Value::Null;
        without["title"] = Value::Null;
        without["externalId"] = Value::Null;
        entra.create(&without).expect(201, "phoneNumbers, title and externalId are optional");
    });
}

#[test]
fn a_user_name_is_unique_across_the_whole_platform() {
    on_every_database(|service| {
        let (fabrikam, contoso) = (Entra::connect(service, "fabrikam"), Entra::connect(service, "contoso"));
        let made = fabrikam.create(&user("mira@fabrikam.example")).expect(201, "create");
        let sentence = "unique across the whole platform, not only one customer";
        let taken = contoso.create(&user("MIRA@fabrikam.example")).expect(409, sentence);
        assert_eq!(taken.body["scimType"], "uniqueness", "{sentence}");
        let detail = taken.text("/detail");
        assert!(detail.contains("userName"), "a conflict names the attribute: {detail}");
        let whole = taken.body.to_string().to_lowercase();
        assert!(!whole.contains("fabrikam") && !whole.contains(&made.text("/id")), "and nothing else: {whole}");
        assert_eq!(contoso.found("/Users"), 0, "{sentence}");
        contoso.get(&format!("/Users/{}", made.text("/id"))).expect(404, "a customer sees its own users alone");

        let other = contoso.create(&user("olle@contoso.example")).expect(201, "create");
        let rename = json!([{"op": "replace", "path": "userName", "value": "mira@fabrikam.example"}]);
        contoso.patch(&format!("/Users/{}", other.text("/id")), rename).expect(409, sentence);
        let by_hand = json!({"userName": "mira@fabrikam.example"}).to_string();
        service.product("POST", "/customers/contoso/users", &by_hand).expect(409, sentence);
        service.product("POST", "/customers/fabrikam/users", &by_hand).expect(409, sentence);
    });
}

#[test]
fn groups_are_made_in_the_product_and_filled_by_the_provider() {
    on_every_database(|service| {
        let entra = Entra::connect(service, "fabrikam");
        let mira = entra.create(&user("mira@fabrikam.example")).expect(201, "create").text("/id");
        let group = json!({"schemas": [GROUP], "externalId": "8aa1a0c0-c4c3", "displayName": "Field", "members": []});
        let refused = entra.send("POST", "/Groups", &group).expect(501, "Groups: no create");
        assert_eq!(refused.body["status"], "501");
        let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [{"method": "POST", "path": "/Groups", "bulkId": "g", "data": group}]});
        let bulk = entra.send("POST", "/Bulk", &bulk);
        assert_eq!(bulk.body["Operations"][0]["status"], "501", "Groups: no create, in Bulk neither: {bulk:?}");
        assert_eq!(entra.found("/Groups"), 0, "Groups: no create");

        let made = json!({"externalId": "8aa1a0c0-c4c3", "displayName": "Field"}).to_string();
        let id = service.product("POST", "/customers/fabrikam/sub-accounts/north/groups", &made);
        let id = id.expect(200, "groups are made inside the product, in a sub-account").text("/id");
        let path = format!("/Groups/{id}");
        let match_it = r#"/Groups?excludedAttributes=members&filter=externalId eq "8aa1a0c0-c4c3""#;
        let matched = entra.get(match_it).expect(200, "Groups: find by externalId eq").body;
        assert_eq!(matched["Resources"][0]["id"], json!(id), "only then matched by the provider");
        assert_eq!(entra.found("/Groups"), 1, "Groups: list");
        let read = entra.get(&path).expect(200, "Groups: read").body;
        assert_eq!(read.get("subAccount"), None, "Everything else is ignored");

        let add = json!([{"op": "add", "path": "members", "value": [{"value": mira}]}]);
        assert!(matches!(entra.patch(&path, add).status, 200 | 204), "Groups: PATCH");
        let filled = entra.get(&path).body;
        assert_eq!(filled["members"][0]["value"], json!(mira), "and filled by the provider");
        let rename = json!([{"op": "replace", "value": {"displayName": "Field North", "externalId": "8aa1a0c0-c4c4"}}]);
        assert!(matches!(entra.patch(&path, rename).status, 200 | 204), "displayName and externalId are updatable");
        let renamed = entra.get(&path).body;
        assert_eq!(renamed["displayName"], "Field North", "displayName is updatable");
        assert_eq!(renamed["externalId"], "8aa1a0c0-c4c4", "externalId is updatable");
        assert_eq!(renamed["members"], filled["members"], "the members stay");

        let unnamed = json!({"schemas": [GROUP], "displayName": "Field", "members": [{"value": mira}]});
        entra.send("PUT", &path, &unnamed).expect(400, "Group attributes: externalId is required");
        let none = json!([{"op": "remove", "path": "displayName"}]);
        entra.patch(&path, none).expect(400, "Group attributes: displayName is required");
        let whole =
            json!({"schemas": [GROUP], "externalId": "e2", "displayName": "South", "members": [{"value": mira}]});
        assert!(matches!(entra.send("PUT", &path, &whole).status, 200 | 204), "Groups: PUT");
        assert_eq!(entra.get(&path).body["displayName"], "South", "Groups: PUT");
        let remove = json!([{"op": "remove", "path": format!("members[value eq \"{mira}\"]")}]);
        assert!(matches!(entra.patch(&path, remove).status, 200 | 204), "members is updatable");
        assert_eq!(entra.get(&path).body["members"], json!([]), "members is updatable");
        entra.delete(&path).expect(204, "Groups: DELETE");
        entra.get(&path).expect(404, "Groups: DELETE");
        entra.get(&format!("/Users/{mira}")).expect(200, "the members of a group outlive it");
    });
}

#[test]
fn deprovisioning_in_every_spelling_deletes_the_user() {
    on_every_database(|service| {
        let entra = Entra::connect(service, "fabrikam");
        let name = "mira@fabrikam.example";
        let off = |operation: Value| {
            (format!("PATCH {operation}"), "PATCH", json!({"schemas": [PATCH_OP], "Operations": [operation]}))
        };
        let put = |active: Value| {
            let mut whole = user(name);
            whole["active"] = active;
            (format!("PUT with active {}", whole["active"]), "PUT", whole)
        };
        let spellings = [
            ("DELETE".to_owned(), "DELETE", Value::Null),
            put(json!(false)),
            put(json!("False")),
            put(json!("false")),
            off(json!({"op": "replace", "path": "active", "value": false})),
            off(json!({"op": "Replace", "path": "active", "value": "False"})),
            off(json!({"op": "replace", "path": "active", "value": "false"})),
            off(json!({"op": "Add", "path": "active", "value": "False"})),
            off(json!({"op": "replace", "value": {"active": false}})),
            off(json!({"op": "Replace", "value": {"active": "False"}})),
            off(json!({"op": "replace", "path": format!("{USER}:active"), "value": false})),
            off(json!({"op": "Replace", "path": "Active", "value": "FALSE"})),
        ];
        let mut earlier = Vec::new();
        for (spelling, method, body) in spellings {
            let made =
                entra.create(&user(name)).expect(201, &format!("{spelling}: later the user can be created again"));
            let id = made.text("/id");
            assert!(!earlier.contains(&id), "{spelling}: it is another user");
            let token = sign_in(service, "fabrikam", name).expect(200, "sign in").text("/session");
            assert_eq!(session(service, &token), 200, "the session is open");

            let path = format!("/Users/{id}");
            let answer = entra.send(method, &path, &body);
            assert!(matches!(answer.status, 200 | 204), "{spelling} deprovisions: {answer:?}");
            if answer.status == 200 {
                assert_eq!(answer.body["active"], false, "{spelling}: the answer is what the provider asked for");
            }
            assert_eq!(session(service, &token), 401, "{spelling}: sessions end at once");
            sign_in(service, "fabrikam", name).expect(404, &format!("{spelling}: the user cannot sign in again"));
            entra.get(&path).expect(404, &format!("{spelling} deletes the user"));
            let by_name = format!("/Users?filter=userName eq \"{name}\"");
            assert_eq!(entra.found(&by_name), 0, "{spelling}: the name is free");
            earlier.push(id);
        }
        let history = service.product("GET", "/customers/fabrikam/history", "").expect(200, "history").body;
        for id in &earlier {
            let of_user = history["audit"].as_array().unwrap().iter().filter(|record| record["id"] == json!(id));
            let what: Vec<(&Value, &Value)> = of_user.map(|record| (&record["who"], &record["what"])).collect();
            let entra = json!("Entra ID");
            let (created, deleted) = (json!("created"), json!("deleted"));
            assert_eq!(what, [(&entra, &deleted), (&entra, &created)], "the audit log stays");
            let sessions = history["sessions"].as_array().unwrap();
            let of_user: Vec<&Value> = sessions.iter().filter(|session| session[0] == json!(id)).collect();
            assert_eq!(of_user.len(), 1, "history stays: {sessions:?}");
            assert_ne!(of_user[0][2], "", "sessions end at once");
        }
        let contoso = Entra::connect(service, "contoso");
        contoso.create(&user(name)).expect(201, "the name is free, on the whole platform");
        let nothing = service.product("GET", "/customers/contoso/history", "").body;
        assert!(!nothing.to_string().contains(&earlier[0]), "a customer's audit log is its own");
    });
}

#[test]
fn users_made_by_hand_are_not_the_providers_until_they_are_migrated() {
    on_every_database(|service| {
        let entra = Entra::connect(service, "fabrikam");
        let name = "hand@fabrikam.example";
        let by_hand = json!({"userName": name, "displayName": "Hand Made", "title": "Duty officer",
            "phoneNumbers": [{"value": "+46701112233", "type": "work"}]});
        let made = service.product("POST", "/customers/fabrikam/users", &by_hand.to_string());
        let id = made.expect(200, "a user made by hand").text("/id");
        let (path, page) = (format!("/Users/{id}"), format!("/customers/fabrikam/users/{id}"));
        let before = service.product("GET", &page, "").expect(200, "the product shows it").body;
        let token = sign_in(service, "fabrikam", name).expect(200, "sign in").text("/session");

        let by_name = format!("/Users?filter=userName eq \"{name}\"");
        assert_eq!(entra.found(&by_name), 0, "Users made by hand are invisible to SCIM");
        assert_eq!(entra.found("/Users"), 0, "Users made by hand are invisible to SCIM");
        entra.get(&path).expect(404, "Users made by hand are invisible to SCIM");
        entra.send("PUT", &path, &user(name)).expect(404, "and never touched by it");
        let off = json!([{"op": "replace", "path": "active", "value": false}]);
        entra.patch(&path, off.clone()).expect(404, "and never touched by it");
        entra.delete(&path).expect(404, "and never touched by it");
        entra.create(&user(name)).expect(409, "nor taken over: its name is taken");
        assert_eq!(service.product("GET", &page, "").body, before, "and never touched by it");
        assert_eq!(session(service, &token), 200, "and never touched by it");

        service.product("PUT", &format!("{page}/language"), "sv-SE").expect(200, "edited by hand");
        let stranger = service.product("POST", &format!("/customers/contoso/users/{id}/migration"), "");
        assert_eq!(stranger.status, 404, "a customer migrates its own users alone");
        service.product("POST", &format!("{page}/migration"), "").expect(200, "an administrator migrates them");
        let matched = entra.get(&by_name).expect(200, "after which the provider matches them").body;
        assert_eq!(matched["totalResults"], 1, "after which the provider matches them");
        assert_eq!(matched["Resources"][0]["id"], json!(id), "after which the provider matches them");
        assert_eq!(session(service, &token), 200, "nobody is signed out by a migration");

        let sync = json!([{"op": "replace", "path": "title", "value": "Surveyor"},
            {"op": "add", "path": "externalId", "value": "hand"}]);
        let synced = entra.patch(&path, sync).expect(200, "the provider syncs them").body;
        assert_eq!(synced["title"], "Surveyor");
        assert_eq!(synced["emails"][0]["value"], name, "emails is always equal to userName");
        let mut whole = user(name);
        whole["phoneNumbers"] = by_hand["phoneNumbers"].clone();
        entra.send("PUT", &path, &whole).expect(200, "the provider syncs them");
        let after = service.product("GET", &page, "").expect(200, "the product still shows it").body;
        let survives = "Attributes that SCIM does not map are edited by hand and survive every sync";
        assert_eq!(after["preferredLanguage"], "sv-SE", "{survives}");
        assert_eq!(entra.get(&path).body.get("preferredLanguage"), None, "Everything else is ignored");
        service.product("PUT", &format!("{page}/language"), "fi-FI").expect(200, survives);
        entra.patch(&path, json!([{"op": "replace", "path": "preferredLanguage", "value": "de-DE"}]));
        let title = json!([{"op": "replace", "path": "title", "value": "Lead"}]);
        entra.patch(&path, title).expect(200, "another sync");
        let after = service.product("GET", &page, "").body;
        assert_eq!((&after["preferredLanguage"], &after["title"]), (&json!("fi-FI"), &json!("Lead")), "{survives}");

        entra.patch(&path, off).expect(200, "a migrated user is deprovisioned like every other");
        assert_eq!(session(service, &token), 401, "sessions end at once");
        entra.create(&user(name)).expect(201, "the name is free");
    });
}

#[test]
fn a_compromised_key_is_replaced() {
    on_every_database(|service| {
        let entra = Entra::connect(service, "fabrikam");
        let contoso = Entra::connect(service, "contoso");
        entra.get("/Users").expect(200, "the key works");
        let other = service.another();
        let elsewhere =
            Entra { key: entra.key.clone(), tenant_url: entra.tenant_url.replace(&service.site, &other.site) };
        elsewhere.get("/Users").expect(200, "the key works at every process of the product");
        let shown = service.product("POST", "/customers/fabrikam/connection/key", "");
        let key = shown.expect(200, "A compromised key is deactivated and replaced by support").text("/secretToken");
        assert_ne!(key, entra.key, "A compromised key is replaced");
        entra.get("/Users").expect(401, "requests with the old key fail from that moment");
        entra.create(&user("mira@fabrikam.example")).expect(401, "requests with the old key fail from that moment");
        elsewhere.get("/Users").expect(401, "requests with the old key fail from that moment, at every process");
        let replaced = Entra { key, tenant_url: entra.tenant_url.clone() };
        assert_eq!(replaced.found("/Users"), 0, "the new key works, and nothing was made with the old");
        contoso.get("/Users").expect(200, "other customers' keys are not affected");
    });
}
