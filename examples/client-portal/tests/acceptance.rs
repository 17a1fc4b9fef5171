//! Every sentence about the product, checked over HTTP with what the providers send.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::string_slice
)]

mod support;

use serde_json::{json, Value};
use support::Running;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A user as Entra ID creates one.
fn user(name: &str) -> Value {
    json!({
        "schemas": [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "externalId": format!("external-{name}"),
        "userName": format!("{name}@acme.example"),
        "active": true,
        "emails": [{"primary": true, "type": "work", "value": format!("{name}@acme.example")}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "Ann Other", "givenName": "Ann", "familyName": "Other"},
        "title": "Engineer"
    })
}

fn patch(operations: &Value) -> Value {
    json!({"schemas": [PATCH], "Operations": operations})
}

async fn create(portal: &Running, key: &str, resource: &str, body: Value) -> String {
    let answer = portal.scim(key, "POST", resource, body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_provider_is_chosen_and_the_key_is_shown_once() {
    for portal in Running::everywhere().await {
        let page = portal.page().await;
        for provider in ["Microsoft Entra ID", "Okta", "JumpCloud", "Custom SCIM 2.0"] {
            assert!(page.body.contains(provider), "Client Settings > SCIM Settings: choose the provider");
        }

        let saved = portal.form("acme", &[("action", "save"), ("provider", "entra-id")]).await;
        let uri = "/scim/v2?aadOptscim062020</code>";
        assert!(saved.body.contains(uri), "Save, and the page shows the SCIM URI");
        let key = saved.key().expect("Save, and the page shows an API key");
        assert!(saved.head.contains("cache-control: no-store"), "the key once only: nobody keeps the page");
        assert_eq!(portal.scim(&key, "GET", "/Users", Value::Null).await.status, 200, "the API key works");
        let raw = portal.authorized(&key, "GET", "/Users", Value::Null).await;
        assert_eq!(raw.status, 200, "any SCIM 2.0 provider, and some send the key without \"Bearer\"");

        let again = portal.page().await;
        assert!(again.key().is_none() && !again.body.contains(&key), "the key once only");
        let resent = portal.form("acme", &[("action", "save"), ("provider", "entra-id")]).await;
        assert_eq!((resent.status, resent.key()), (303, None), "the key once only, and a reload sends the form again");
        assert_eq!(portal.scim(&key, "GET", "/Users", Value::Null).await.status, 200, "a reload changes no key");
    }
}

#[tokio::test]
async fn rotate_api_key_makes_a_new_one_and_ends_the_old() {
    for portal in Running::everywhere().await {
        let old = portal.connect("acme", "okta").await;
        let replaced = portal.page().await.field("key");
        let rotated = portal.form("acme", &[("action", "rotate"), ("key", &replaced)]).await;
        let new = rotated.key().expect("Lost: \"Rotate API Key\" makes a new one");
        assert_ne!(old, new, "Lost: \"Rotate API Key\" makes a new one");
        assert_eq!(portal.scim(&old, "GET", "/Users", Value::Null).await.status, 401, "and ends the old");
        assert_eq!(portal.scim(&new, "GET", "/Users", Value::Null).await.status, 200, "makes a new one");
        assert!(!portal.page().await.body.contains(&new), "the key once only");

        let resent = portal.form("acme", &[("action", "rotate"), ("key", &replaced)]).await;
        assert_eq!((resent.status, resent.key()), (303, None), "a form that is sent again rotates nothing");
        assert_eq!(portal.scim(&new, "GET", "/Users", Value::Null).await.status, 200, "a reload changes no key");
    }
}

#[tokio::test]
async fn the_configuration_can_be_paused_reset_and_deleted() {
    for portal in Running::everywhere().await {
        let key = portal.connect("acme", "entra-id").await;
        let id = create(&portal, &key, "/Users", user("ann")).await;
        let path = &format!("/Users/{id}");

        portal.form("acme", &[("action", "pause")]).await;
        assert_eq!(portal.scim(&key, "GET", path, Value::Null).await.status, 403, "paused");
        assert!(portal.page().await.section("connection").contains("Paused"), "the page says that it is paused");
        portal.form("acme", &[("action", "resume")]).await;
        assert_eq!(portal.scim(&key, "GET", path, Value::Null).await.status, 200, "resumed");

        portal.form("acme", &[("action", "reset")]).await;
        assert_eq!(portal.scim(&key, "GET", path, Value::Null).await.status, 401, "The configuration can be reset");
        let page = portal.page().await;
        assert!(!page.section("setup").is_empty(), "The configuration can be reset");
        assert!(page.row("ann@acme.example").contains("Active"), "a reset leaves the users as they are");

        let key = portal.connect("acme", "okta").await;
        let found =
            portal.scim(&key, "GET", "/Users?filter=userName%20eq%20%22ann%40acme.example%22", Value::Null).await;
        assert_eq!(found.json()["Resources"][0]["id"], *id, "after a reset the next provider takes the users on");

        portal.form("acme", &[("action", "delete"), ("users", "deactivate")]).await;
        assert_eq!(portal.scim(&key, "GET", path, Value::Null).await.status, 401, "The configuration can be deleted");
        let page = portal.page().await;
        let message = "before deleting, the provider's users are removed or disabled";
        assert!(page.row("ann@acme.example").contains("Deactivated"), "{message}");

        let key = portal.connect("acme", "jumpcloud").await;
        let group = create(&portal, &key, "/Groups", json!({"schemas": [GROUP], "displayName": "Editors"})).await;
        assert!(!group.is_empty());
        let gone = create(&portal, &key, "/Users", user("bob")).await;
        assert_eq!(portal.scim(&key, "DELETE", &format!("/Users/{gone}"), Value::Null).await.status, 204);
        portal.form("acme", &[("action", "delete"), ("users", "remove")]).await;
        let page = portal.page().await;
        assert!(page.section("users").contains("No users"), "{message}");
        assert!(page.section("roles").contains("No groups"), "roles follow the provider");
    }
}

#[tokio::test]
async fn users_are_created_updated_deactivated_and_reactivated() {
    // What each provider sends to change a title, to deactivate and to reactivate.
    let entra = |active: &str| patch(&json!([{"op": "Replace", "path": "active", "value": active}]));
    let okta = |active: bool| patch(&json!([{"op": "replace", "value": {"active": active}}]));
    let jumpcloud = |active: bool| {
        let mut body = user("ann");
        body["title"] = json!("Architect");
        body["active"] = json!(active);
        body
    };
    let title = patch(&json!([{"op": "Replace", "path": "title", "value": "Architect"}]));
    let providers = [
        ("entra-id", ("PATCH", title.clone()), ("PATCH", entra("False")), ("PATCH", entra("True"))),
        ("okta", ("PUT", jumpcloud(true)), ("PATCH", okta(false)), ("PATCH", okta(true))),
        ("jumpcloud", ("PUT", jumpcloud(true)), ("PUT", jumpcloud(false)), ("PUT", jumpcloud(true))),
        ("custom", ("PATCH", title), ("PATCH", okta(false)), ("PATCH", okta(true))),
    ];
    for portal in Running::everywhere().await {
        for (provider, update, deactivation, reactivation) in providers.clone() {
            let key = portal.connect("acme", provider).await;
            let id = create(&portal, &key, "/Users", user("ann")).await;
            let path = &format!("/Users/{id}");
            let page = portal.page().await;
            assert!(page.row("ann@acme.example").contains("Active"), "Create: {provider}");

            assert_eq!(portal.scim(&key, update.0, path, update.1).await.status, 200, "update: {provider}");
            assert!(portal.page().await.row("ann@acme.example").contains("Architect"), "update: {provider}");

            assert_eq!(portal.scim(&key, deactivation.0, path, deactivation.1).await.status, 200, "{provider}");
            let shown = portal.page().await;
            let message = "deactivating at the provider deactivates in the product, never deletes";
            assert!(shown.row("ann@acme.example").contains("Deactivated"), "{message}: {provider}");
            let kept = portal.scim(&key, "GET", path, Value::Null).await.json();
            assert_eq!(kept["title"], "Architect", "history stays: {provider}");

            assert_eq!(portal.scim(&key, reactivation.0, path, reactivation.1).await.status, 200, "{provider}");
            let page = portal.page().await;
            assert!(page.row("ann@acme.example").contains("Active"), "reactivate: {provider}");
            portal.form("acme", &[("action", "delete"), ("users", "remove")]).await;
        }
    }
}

#[tokio::test]
async fn deleting_at_the_provider_deactivates_and_restoring_brings_the_same_user_back() {
    for portal in Running::everywhere().await {
        let key = portal.connect("acme", "entra-id").await;
        let id = create(&portal, &key, "/Users", user("ann")).await;
        let path = &format!("/Users/{id}");

        assert_eq!(portal.scim(&key, "DELETE", path, Value::Null).await.status, 204);
        assert_eq!(portal.scim(&key, "GET", path, Value::Null).await.status, 404, "RFC 7644 section 3.6");
        let message = "Deleting at the provider deactivates in the product, never deletes: history stays, access ends";
        let page = portal.page().await;
        let row = page.row("ann@acme.example");
        assert!(row.contains("Deactivated") && row.contains("Ann Other"), "{message}");

        let search = "/Users?filter=userName%20eq%20%22ann%40acme.example%22";
        let found = portal.scim(&key, "GET", search, Value::Null).await.json();
        assert_eq!(found["totalResults"], 0, "the provider finds nobody and creates the user again");
        let mut returning = user("ann");
        returning["title"] = json!("Architect");
        let restored = portal.scim(&key, "POST", "/Users", returning).await;
        let message = "restoring the user at the provider brings the same user back";
        assert_eq!((restored.status, &restored.json()["id"]), (201, &json!(id)), "{message}");
        assert_eq!(restored.json()["active"], true, "{message}");
        let page = portal.page().await;
        assert!(page.row("ann@acme.example").contains("Architect"), "{message}, with what the provider says now");
        assert!(!page.section("users").contains("Deactivated"), "{message}, once");
    }
}

#[tokio::test]
async fn groups_arrive_as_roles_whose_permissions_are_set_by_hand() {
    for portal in Running::everywhere().await {
        let key = portal.connect("acme", "okta").await;
        let ann = create(&portal, &key, "/Users", user("ann")).await;
        let bob = create(&portal, &key, "/Users", user("bob")).await;
        let group =
            json!({"schemas": [GROUP], "displayName": "Editors", "members": [{"value": ann, "display": "ann"}]});
        let role = create(&portal, &key, "/Groups", group).await;
        let path = &format!("/Groups/{role}");
        let page = portal.page().await;
        let message = "Groups arrive as roles: creation follows the provider";
        assert!(page.section("roles").contains("Editors"), "{message}");
        assert!(page.section("roles").contains("Members: ann@acme.example<"), "membership follows the provider");

        let head = [("Sec-Fetch-Site", "same-origin")];
        let ticked = [("permission", "Edit projects"), ("permission", "Become root")];
        let answer = portal.form_with(&format!("/clients/acme/roles/{role}"), &head, &ticked).await;
        assert_eq!(answer.status, 303, "the permissions of a role are set by hand in the product");
        let granted = r#"value="Edit projects" checked"#;
        let refused = r#"value="Manage billing" checked"#;

        let members = |add: &str, remove: &str| {
            patch(&json!([
                {"op": "Add", "path": "members", "value": [{"value": add}]},
                {"op": "Remove", "path": "members", "value": [{"value": remove}]}
            ]))
        };
        let everything = json!({
            "schemas": [GROUP], "displayName": "Writers", "members": [{"value": bob}], "permissions": ["Manage billing"]
        });
        let smuggled = patch(&json!([{"op": "replace", "value": {"permissions": ["Manage billing"]}}]));
        let updates = [
            ("PATCH", members(&bob, &ann)),
            ("PATCH", patch(&json!([{"op": "replace", "value": {"id": role, "displayName": "Authors"}}]))),
            ("PUT", everything),
            ("PATCH", smuggled),
            ("PATCH", patch(&json!([{"op": "replace", "path": "members", "value": []}]))),
        ];
        for (method, update) in updates {
            let answer = portal.scim(&key, method, path, update.clone()).await;
            assert!(matches!(answer.status, 200 | 204), "{update}: {}", answer.body);
            let page = portal.page().await;
            let message = "the permissions survive every group update";
            assert!(page.section("roles").contains(granted), "{message}: {update}");
            assert!(!page.section("roles").contains(refused), "the permissions are set by hand alone: {update}");
            let seen = portal.scim(&key, "GET", path, Value::Null).await;
            assert!(!seen.body.contains("ermission"), "the permissions are none of the provider's business");
        }
        let page = portal.page().await;
        assert!(page.section("roles").contains("Writers") && page.section("roles").contains("No members"), "{message}");

        let answer = portal.form_with(&format!("/clients/acme/roles/{role}"), &head, &[]).await;
        assert_eq!(answer.status, 303, "the permissions of a role can be taken back");
        assert!(
            !portal.page().await.section("roles").contains("checked"),
            "the permissions of a role can be taken back"
        );

        assert_eq!(portal.scim(&key, "DELETE", path, Value::Null).await.status, 204);
        let page = portal.page().await;
        assert!(page.section("roles").contains("No groups"), "deletion follows the provider");
        let answer = portal.form_with(&format!("/clients/acme/roles/{role}"), &head, &ticked).await;
        assert_eq!(answer.status, 404, "a role that is gone has no permissions");
    }
}

/// The names of an attribute's sub-attributes.
fn names(attributes: &Value) -> Vec<&str> {
    attributes.as_array().unwrap().iter().map(|attribute| attribute["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_attributes_are_those_and_discovery_tells_the_truth() {
    for portal in Running::everywhere().await {
        let key = portal.connect("acme", "entra-id").await;
        let schemas = portal.scim(&key, "GET", "/Schemas", Value::Null).await.json();
        let schema = |urn: &str| {
            let found = schemas["Resources"].as_array().unwrap().iter().find(|schema| schema["id"] == *urn);
            found.unwrap_or_else(|| panic!("{urn}"))["attributes"].clone()
        };
        let extension = "urn:ietf:params:scim:schemas:extension";
        assert!(!schemas.to_string().contains(extension), "Attributes: userName ... active, and no extension");
        let attributes = schema(USER);
        let expected = ["userName", "name", "title", "active", "emails", "phoneNumbers", "addresses"];
        let mut found = names(&attributes);
        found.sort_unstable();
        let mut sorted = expected;
        sorted.sort_unstable();
        assert_eq!(found, sorted, "Attributes: userName, name, emails, phoneNumbers, title, addresses, active");
        let inside = |name: &str| {
            let attribute = attributes.as_array().unwrap().iter().find(|attribute| attribute["name"] == name);
            let mut inside: Vec<_> =
                names(&attribute.unwrap()["subAttributes"]).into_iter().map(str::to_owned).collect();
            inside.sort_unstable();
            inside
        };
        assert_eq!(inside("name"), ["familyName", "givenName"], "Attributes: name.givenName, name.familyName");
        let address = ["country", "locality", "postalCode", "primary", "region", "streetAddress", "type"];
        assert_eq!(
            inside("addresses"),
            address,
            "addresses[work].{{streetAddress,locality,region,postalCode,country}}"
        );
        assert_eq!(names(&schema(GROUP)), ["displayName", "members"], "Groups arrive as roles");

        let config = portal.scim(&key, "GET", "/ServiceProviderConfig", Value::Null).await.json();
        assert_eq!(config["changePassword"]["supported"], false, "No password");
        assert_eq!(config["patch"]["supported"], true, "discovery tells the truth");
        let types = portal.scim(&key, "GET", "/ResourceTypes", Value::Null).await.json();
        for resource_type in types["Resources"].as_array().unwrap() {
            assert!(resource_type["schemaExtensions"].as_array().is_none_or(Vec::is_empty), "no extension");
        }

        let mut whole = user("ann");
        whole["phoneNumbers"] =
            json!([{"type": "mobile", "value": "+46701234567"}, {"type": "work", "value": "+46812345"}]);
        whole["addresses"] = json!([{
            "type": "work", "streetAddress": "Storgatan 1", "locality": "Umea", "region": "AC", "postalCode": "90326",
            "country": "SE", "formatted": "left out"
        }]);
        whole["password"] = json!("Sample-pw-7");
        whole["nickName"] = json!("Annie");
        let made = portal.scim(&key, "POST", "/Users", whole).await;
        let stored = made.json();
        assert_eq!(stored["phoneNumbers"][0]["value"], "+46701234567", "phoneNumbers[mobile]");
        assert_eq!(stored["phoneNumbers"][1]["value"], "+46812345", "phoneNumbers[work]");
        assert_eq!(stored["emails"][0]["value"], "ann@acme.example", "emails[work]");
        assert_eq!(stored["addresses"][0]["streetAddress"], "Storgatan 1", "addresses[work]");
        assert_eq!(stored["addresses"][0].get("formatted"), None, "addresses[work] has no other parts");
        assert_eq!(stored.get("nickName"), None, "the attributes are those and no others");
        assert!(!made.body.contains("Sample-pw-7") && !portal.page().await.body.contains("Sample-pw-7"), "No password");
        let message = "a new user without SSO resets it by \"Forgot password\"";
        assert!(portal.page().await.body.contains("Forgot password"), "{message}");
    }
}

#[tokio::test]
async fn the_page_has_the_mapping_table_of_each_provider() {
    let sources = [
        ("entra-id", ["userPrincipalName", "surname", "physical"]),
        ("okta", ["user.login", "user.lastName", "costCenter"]),
        ("jumpcloud", ["email", "lastname", "employeeIdentifier"]),
    ];
    let portal = &Running::everywhere().await[0];
    for (provider, [user_name, family_name, foreign]) in sources {
        portal.connect("acme", provider).await;
        let page = portal.page().await;
        let mapping = page.section("mapping");
        let row = |source: &str, target: &str| format!("<tr><td>{source}</td><td><code>{target}</code></td></tr>");
        assert!(mapping.contains(&row(user_name, "userName")), "with the three providers' mapping tables: {provider}");
        assert!(mapping.contains(&row(family_name, "name.familyName")), "the mapping tables: {provider}");
        assert!(mapping.contains("postalCode"), "the mapping tables: {provider}");
        assert!(!mapping.contains(foreign), "the mapping tables, of the product's attributes: {provider}");
        portal.form("acme", &[("action", "reset")]).await;
    }
}

#[tokio::test]
async fn the_log_says_what_the_provider_asked_and_was_answered_without_personal_data() {
    for portal in Running::everywhere().await {
        let key = portal.connect("acme", "okta").await;
        let mut body = user("ann");
        body["nickName"] = json!("Annie");
        let id = create(&portal, &key, "/Users", body).await;
        portal.scim(&key, "POST", "/Users", user("ann")).await;
        let bad = patch(&json!([{"op": "replace", "path": "userName", "value": ["ann@acme.example"]}]));
        portal.scim(&key, "PATCH", &format!("/Users/{id}"), bad).await;
        portal.scim(&key, "GET", "/Users/ann@acme.example", Value::Null).await;
        portal.scim(&key, "GET", "/Users?filter=emails%20zz%20%22ann%40acme.example%22", Value::Null).await;

        let page = portal.page().await;
        let log = page.section("log");
        let asked = "a log of what the provider asked";
        assert!(log.contains("<code>POST /Users</code>") && log.contains("<code>PATCH /Users/{id}</code>"), "{asked}");
        let answered = "and what it was answered";
        assert!(log.contains(">201<") && log.contains(">409</span> uniqueness"), "{answered}");
        assert!(log.contains(">400</span> invalid") && log.contains(">404<"), "{answered}");
        assert!(log.contains("nickName"), "{answered}: what was ignored is named");
        assert!(log.contains(&id), "beyond the identifiers needed");
        for personal in ["ann@acme", "Ann", "Other", "Engineer"] {
            assert!(!log.contains(personal), "without personal data: {personal} in {log}");
        }
        portal.connect("globex", "okta").await;
        let other = portal.form_with("/clients/globex/scim", &[], &[("action", "pause")]).await;
        assert_eq!(other.status, 303);
        let other = portal.form("globex", &[("action", "resume")]).await;
        assert!(!other.body.contains(&id), "per client");
    }
}

#[tokio::test]
async fn clients_see_nothing_of_each_other() {
    for portal in Running::everywhere().await {
        let acme = portal.connect("acme", "okta").await;
        let globex = portal.connect("globex", "okta").await;
        let id = create(&portal, &acme, "/Users", user("ann")).await;
        let role = create(&portal, &acme, "/Groups", json!({"schemas": [GROUP], "displayName": "Editors"})).await;

        let foreign = portal.scim(&globex, "GET", &format!("/Users/{id}"), Value::Null).await;
        assert_eq!(foreign.status, 404, "a multi-client platform");
        let head = [("Sec-Fetch-Site", "same-origin")];
        let ticked = [("permission", "Edit projects")];
        let foreign = portal.form_with(&format!("/clients/globex/roles/{role}"), &head, &ticked).await;
        assert_eq!(foreign.status, 404, "a multi-client platform");
        create(&portal, &globex, "/Users", user("ann")).await;
        portal.form("globex", &[("action", "delete"), ("users", "remove")]).await;
        let page = portal.page().await;
        assert!(page.row("ann@acme.example").contains("Active"), "a multi-client platform");
        let kept = portal.scim(&acme, "GET", &format!("/Users/{id}"), Value::Null).await;
        assert_eq!(kept.status, 200, "a multi-client platform");
        assert_eq!(portal.form("initech", &[("action", "pause")]).await.status, 404, "an unknown client");
    }
}

#[tokio::test]
async fn forms_of_other_sites_are_refused_and_values_are_escaped() {
    let portal = &Running::everywhere().await[0];
    let key = portal.connect("acme", "okta").await;
    for head in [
        [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")],
        [("Sec-Fetch-Site", "same-site"), ("Origin", "https://blog.portal.example")],
        [("Sec-Fetch-Site", "none"), ("Origin", "null")],
    ] {
        for headers in [&head[..], &head[1..]] {
            let answer = portal.form_with("/clients/acme/scim", headers, &[("action", "reset")]).await;
            assert_eq!(answer.status, 403, "{headers:?}");
        }
    }
    assert_eq!(portal.scim(&key, "GET", "/Users", Value::Null).await.status, 200, "nothing was reset");

    let mut hostile = user("ann");
    hostile["userName"] = json!("<script>alert(1)</script>");
    create(portal, &key, "/Users", hostile).await;
    let group = json!({"schemas": [GROUP], "displayName": "\"><img src=x>"});
    create(portal, &key, "/Groups", group).await;
    let page = portal.page().await;
    assert!(!page.body.contains("<script>alert") && !page.body.contains("<img"), "{}", page.body);
    assert!(page.head.contains("content-security-policy: default-src 'none'"), "{}", page.head);
}
