//! The product, sentence by sentence, as Okta and the administrators and members of workspaces meet it.
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

/// Okta, as an administrator of a workspace configured it.
struct Okta {
    base_url: String,
    header: String,
}

impl Okta {
    fn connect(service: &Service, workspace: &str) -> Self {
        let shown = service.product("POST", &format!("/workspaces/{workspace}/api-tokens"), "");
        let shown = shown.expect(200, "the token is an API token that a workspace administrator generated");
        Self { base_url: shown.text("/baseUrl"), header: format!("Bearer {}", shown.text("/apiToken")) }
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let headers = [
            ("Authorization", &*self.header),
            ("User-Agent", "Okta SCIM Client 1.0.0"),
            ("Accept", "application/scim+json"),
            ("Accept-Charset", "utf-8"),
            ("Content-Type", "application/scim+json; charset=utf-8"),
        ];
        let path = path.trim_start_matches('/').replace(' ', "%20").replace('"', "%22").replace('@', "%40");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        send(method, &format!("{}{path}", self.base_url), &headers, &body)
    }

    fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &Value::Null)
    }

    fn patch(&self, path: &str, operations: Value) -> Answer {
        let mut body = json!({"schemas": [PATCH_OP]});
        body["Operations"] = operations;
        self.send("PATCH", path, &body)
    }

    /// Assigns a person: a search, and a POST where nobody was found.
    fn assign(&self, email: &str) -> Answer {
        let search = format!("/Users?filter=userName eq \"{email}\"&startIndex=1&count=100");
        assert_eq!(self.get(&search).expect(200, "the search before a create").body["totalResults"], 0);
        self.send("POST", "/Users", &profile(email)).expect(201, "Push New Users")
    }

    /// A profile push reads the user and puts it back whole, changed.
    fn push(&self, id: &str, change: impl Fn(&mut Value)) -> Answer {
        let path = format!("/Users/{id}");
        let mut whole = self.get(&path).expect(200, "a push reads first").body;
        change(&mut whole);
        self.send("PUT", &path, &whole)
    }
}

/// A user as Okta sends it.
fn profile(email: &str) -> Value {
    json!({
        "schemas": [USER], "userName": email, "name": {"givenName": "Dana", "familyName": "Reyes"},
        "emails": [{"primary": true, "value": email, "type": "work"}], "displayName": "Dana Reyes",
        "locale": "en-US", "externalId": format!("00u{email}"), "groups": [], "password": "Sample-pw-7", "active": true
    })
}

fn sign_in(service: &Service, workspace: &str, email: &str) -> Answer {
    service.product("POST", &format!("/workspaces/{workspace}/sessions"), email)
}

fn session(service: &Service, token: &str) -> u16 {
    service.product("GET", &format!("/sessions/{token}"), "").status
}

fn shown(service: &Service, workspace: &str, what: &str) -> Value {
    service.product("GET", &format!("/workspaces/{workspace}/{what}"), "").expect(200, what).body
}

fn state(service: &Service, workspace: &str, email: &str) -> Value {
    let members = shown(service, workspace, "members");
    let found = members.as_array().unwrap().iter().find(|member| member["email"] == email);
    found.map_or(Value::Null, |member| member["state"].clone())
}

#[test]
fn base_url_and_header_authentication() {
    on_every_database(|service| {
        let okta = Okta::connect(service, "acme");
        assert_eq!(okta.base_url, format!("{}/api/v2/scim/", service.site), "Base URL https://HOST/api/v2/scim/");
        let test = "/Users?startIndex=1&count=2";
        let answer = okta.get(test).expect(200, "the test of the API credentials");
        assert_eq!((&answer.body["totalResults"], &answer.body["startIndex"]), (&json!(0), &json!(1)));
        assert!(answer.head.to_lowercase().contains("content-type: application/scim+json"), "{}", answer.head);
        let with_header = |header: &str| Okta { base_url: okta.base_url.clone(), header: header.to_owned() };
        let token = okta.header.trim_start_matches("Bearer ");
        with_header(token).get(test).expect(200, "HTTP header authentication: the token alone is the header");
        for wrong in ["Bearer non-token", "non-token", "Bearer", ""] {
            let answer = with_header(wrong).get(test).expect(401, "nobody comes in without the token");
            assert_eq!(answer.body["status"], "401", "errors are shown to the administrator: {answer:?}");
        }
        let second = Okta::connect(service, "acme");
        assert_ne!(second.header, okta.header, "the administrator can generate another");
        let made = second.assign("dana.reyes@tailspin.example").text("/id");
        okta.get(&format!("/Users/{made}")).expect(200, "and both are tokens of one workspace");
        let restarted = service.another();
        let after =
            Okta { base_url: okta.base_url.replace(&service.site, &restarted.site), header: okta.header.clone() };
        after.get(&format!("/Users/{made}")).expect(200, "a token is good for as long as nobody revokes it");
        let other = Okta::connect(service, "globex");
        other.get(&format!("/Users/{made}")).expect(404, "a token is of its workspace alone");
        other.assign("dana.reyes@tailspin.example");
    });
}

#[test]
fn discovery_tells_the_truth() {
    on_every_database(|service| {
        let okta = Okta::connect(service, "acme");
        let schema = okta.get(&format!("/Schemas/{USER}")).expect(200, "discovery").body;
        let attribute = |name: &str| {
            let attributes = schema["attributes"].as_array().unwrap();
            attributes.iter().find(|attribute| attribute["name"] == name).cloned().unwrap_or_default()
        };
        assert_eq!(attribute("userName")["uniqueness"], "server", "Unique identifier: the e-mail address");
        assert_eq!(attribute("userName")["required"], true, "Unique identifier: the e-mail address");
        let about = attribute("userName")["description"].to_string();
        assert!(about.contains("e-mail address"), "Unique identifier: the e-mail address: {about}");
        assert_eq!(attribute("password"), Value::Null, "passwords are not the catalog's");
        let types = okta.get("/ResourceTypes").expect(200, "discovery").body;
        let endpoints: Vec<&Value> = types["Resources"].as_array().unwrap().iter().map(|it| &it["endpoint"]).collect();
        assert_eq!(endpoints, ["/Users", "/Groups"], "Push New Users, Push Profile Updates, Push Groups");
        let config = okta.get("/ServiceProviderConfig").expect(200, "discovery").body;
        assert_eq!(config["patch"]["supported"], true, "Push Groups adds and removes members by PATCH");
        assert_eq!(config["filter"]["supported"], true, "Okta searches by userName");
        assert_eq!(config["changePassword"]["supported"], false, "passwords are not the catalog's");
    });
}

#[test]
fn a_new_user_is_invited_and_becomes_active_on_first_sign_in() {
    on_every_database(|service| {
        let okta = Okta::connect(service, "acme");
        let email = "dana.reyes@tailspin.example";
        let made = okta.assign(email);
        let id = made.text("/id");
        assert_eq!(made.body["active"], true, "SCIM answers keep what Okta pushed");
        assert_eq!(made.body.get("password"), None, "a password is never returned");
        assert_eq!(shown(service, "acme", "invitations"), json!([[id, email]]), "A new user gets an invitation");
        assert_eq!(state(service, "acme", email), "invited", "A new user is listed as invited");

        okta.push(&id, |user| user["title"] = json!("Engineer")).expect(200, "Push Profile Updates");
        assert_eq!(state(service, "acme", email), "invited", "a profile update is no sign-in");
        let token =
            sign_in(service, "acme", &email.to_uppercase()).expect(200, "the invitation is good").text("/session");
        assert_eq!(session(service, &token), 200, "signed in");
        assert_eq!(state(service, "acme", email), "active", "becomes active on first sign-in");
        let pushed = okta.push(&id, |user| user["name"]["familyName"] = json!("Reyes-Okafor"));
        let pushed = pushed.expect(200, "Push Profile Updates").body;
        assert_eq!(pushed["name"]["familyName"], "Reyes-Okafor", "Push Profile Updates");
        assert_eq!(pushed["title"], "Engineer", "Push Profile Updates");
        assert_eq!(state(service, "acme", email), "active", "a profile update invites nobody again");
        sign_in(service, "acme", email).expect(200, "a second sign-in");
        assert_eq!(shown(service, "acme", "invitations"), json!([[id, email]]), "one invitation, whatever comes");

        let taken = okta.send("POST", "/Users", &profile(&email.to_uppercase())).expect(409, "Unique identifier");
        assert_eq!(taken.body["scimType"], "uniqueness", "Unique identifier: the e-mail address");
        let wrong = okta.send("POST", "/Users", &profile("runscope4821")).expect(400, "the e-mail address");
        assert!(wrong.text("/detail").contains("userName"), "Unique identifier: the e-mail address");
        assert_eq!(shown(service, "acme", "invitations"), json!([[id, email]]), "nobody is invited by an error");
        sign_in(service, "acme", "nobody@tailspin.example").expect(404, "nobody signs in who was not invited");
    });
}

#[test]
fn a_pushed_group_appears_one_to_one_and_members_show_when_they_are_active() {
    on_every_database(|service| {
        let okta = Okta::connect(service, "acme");
        let (dana, ira) = ("dana.reyes@tailspin.example", "ira.sand@tailspin.example");
        let (dana_id, ira_id) = (okta.assign(dana).text("/id"), okta.assign(ira).text("/id"));
        let member = |id: &str, email: &str| json!({"value": id, "display": email});
        let group = json!({"schemas": [GROUP], "displayName": "Stewards",
            "members": [member(&dana_id, dana), member(&ira_id, ira)]});
        let made = okta.send("POST", "/Groups", &group).expect(201, "Push Groups");
        let path = format!("/Groups/{}", made.text("/id"));
        let pushed = |sentence: &str| {
            let group = okta.get(&path).expect(200, sentence).body;
            let mut ids: Vec<String> = group["members"]
                .as_array()
                .map_or(&[][..], Vec::as_slice)
                .iter()
                .map(|member| member["value"].as_str().unwrap().to_owned())
                .collect();
            ids.sort_unstable();
            (group["displayName"].as_str().unwrap().to_owned(), ids)
        };
        let version = okta.get(&path).body["meta"]["version"].clone();
        let both = {
            let mut ids = vec![dana_id.clone(), ira_id.clone()];
            ids.sort_unstable();
            ids
        };
        let one_to_one = "A pushed group appears one to one (displayName, members)";
        assert_eq!(pushed(one_to_one), ("Stewards".to_owned(), both.clone()), "{one_to_one}");
        let hidden = "invited users do not show as its members until they are active";
        assert_eq!(shown(service, "acme", "groups"), json!([{"name": "Stewards", "members": []}]), "{hidden}");

        sign_in(service, "acme", dana).expect(200, "first sign-in");
        let then = "and then do, without another push";
        assert_eq!(shown(service, "acme", "groups"), json!([{"name": "Stewards", "members": [dana]}]), "{then}");
        assert_eq!(pushed("no push").1, both, "SCIM answers keep what Okta pushed");
        assert_eq!(okta.get(&path).body["meta"]["version"], version, "{then}");

        let rename = json!([{"op": "replace", "value": {"id": made.text("/id"), "displayName": "Data Stewards"}}]);
        assert!(matches!(okta.patch(&path, rename).status, 200 | 204), "a pushed group is renamed");
        let swap = json!([{"op": "remove", "path": format!("members[value eq \"{dana_id}\"]")}]);
        assert!(matches!(okta.patch(&path, swap).status, 200 | 204), "Push Groups takes members out");
        assert_eq!(pushed(one_to_one), ("Data Stewards".to_owned(), vec![ira_id.clone()]), "{one_to_one}");
        assert_eq!(shown(service, "acme", "groups"), json!([{"name": "Data Stewards", "members": []}]), "{hidden}");
        let add = json!([{"op": "add", "path": "members", "value": [member(&dana_id, dana)]}]);
        assert!(matches!(okta.patch(&path, add).status, 200 | 204), "Push Groups adds members");
        sign_in(service, "acme", ira).expect(200, "first sign-in");
        let members = shown(service, "acme", "groups")[0]["members"].clone();
        let mut members: Vec<&str> = members.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        members.sort_unstable();
        assert_eq!(members, [dana, ira], "{one_to_one}");

        okta.push(&ira_id, |user| user["active"] = json!(false)).expect(200, "disables");
        assert_eq!(shown(service, "acme", "groups")[0]["members"], json!([dana]), "who is not active does not show");
        assert_eq!(pushed("no push").1, both, "SCIM answers keep what Okta pushed");
        okta.push(&ira_id, |user| user["active"] = json!(true)).expect(200, "enables");
        assert_eq!(shown(service, "acme", "groups")[0]["members"].as_array().unwrap().len(), 2, "{then}");
        okta.send("DELETE", &path, &Value::Null).expect(204, "a group that is no longer pushed");
        assert_eq!(shown(service, "acme", "groups"), json!([]), "{one_to_one}");
        assert_eq!(state(service, "acme", dana), "active", "its members stay");
    });
}

#[test]
fn put_with_active_false_or_true_disables_and_enables() {
    on_every_database(|service| {
        let okta = Okta::connect(service, "acme");
        let email = "dana.reyes@tailspin.example";
        let id = okta.assign(email).text("/id");
        let token = sign_in(service, "acme", email).expect(200, "sign in").text("/session");
        let active =
            |active: bool| okta.push(&id, |user| user["active"] = json!(active)).expect(200, "PUT with active");

        assert_eq!(active(false).body["active"], false, "PUT with active false disables");
        assert_eq!(state(service, "acme", email), "disabled", "PUT with active false disables");
        assert_eq!(session(service, &token), 401, "PUT with active false disables: whoever is in is out");
        sign_in(service, "acme", email).expect(404, "PUT with active false disables: nobody comes in");
        let search = format!("/Users?filter=userName eq \"{email}\"");
        assert_eq!(okta.get(&search).body["totalResults"], 1, "a disabled user is found, so that Okta can enable it");

        assert_eq!(active(true).body["active"], true, "PUT with active true enables");
        assert_eq!(state(service, "acme", email), "active", "PUT with active true enables");
        assert_eq!(session(service, &token), 401, "an old session does not come back");
        sign_in(service, "acme", email).expect(200, "PUT with active true enables");
        assert_eq!(shown(service, "acme", "invitations").as_array().unwrap().len(), 1, "nobody is invited twice");

        let off = json!([{"op": "replace", "value": {"active": false}}]);
        okta.patch(&format!("/Users/{id}"), off).expect(200, "catalogue applications disable by PATCH");
        assert_eq!(state(service, "acme", email), "disabled", "catalogue applications disable by PATCH");
    });
}

#[test]
fn an_update_of_an_id_that_no_longer_exists_is_404_and_repaired_by_assigning_again() {
    on_every_database(|service| {
        let okta = Okta::connect(service, "acme");
        let email = "dana.reyes@tailspin.example";
        let id = okta.assign(email).text("/id");
        let path = format!("/Users/{id}");
        let whole = okta.get(&path).expect(200, "a push reads first").body;
        let token = sign_in(service, "acme", email).expect(200, "sign in").text("/session");
        service.product("DELETE", &format!("/workspaces/acme/members/{id}"), "").expect(200, "removed in the product");
        assert_eq!(session(service, &token), 401, "removed in the product");

        let sentence = "An update of an id that no longer exists is 404 with a clear message";
        let gone = okta.send("PUT", &path, &whole).expect(404, sentence);
        assert_eq!(gone.body["status"], "404", "{sentence}");
        let detail = gone.text("/detail");
        assert!(detail.contains(&id) && detail.contains("not found"), "{sentence}: {detail}");
        assert_eq!(okta.get(&path).expect(404, sentence).text("/detail"), detail, "{sentence}");

        let mut unassigned = whole;
        unassigned["active"] = json!(false);
        okta.send("PUT", &path, &unassigned).expect(404, "unassigning finds nobody, and makes nobody");
        assert_eq!(okta.get("/Users").body["totalResults"], 0, "unassigning finds nobody, and makes nobody");
        let repaired = okta.assign(email);
        let repairs = "so that unassigning and assigning again repairs it";
        assert_ne!(repaired.text("/id"), id, "{repairs}");
        assert_eq!(state(service, "acme", email), "invited", "{repairs}");
        okta.push(&repaired.text("/id"), |user| user["title"] = json!("Engineer")).expect(200, repairs);
    });
}
