//! The product on a socket, over every database there is, and clients of it.

use example_host::testing;
pub(crate) use example_host::testing::Answer;
use serde_json::{json, Value};

/// The product at work.
pub(crate) struct Service(testing::Service);

impl Service {
    /// A request of the company's administrator.
    pub(crate) fn page(&self, method: &str, path: &str, body: &Value) -> Answer {
        send(method, &format!("{}/companies/acme{path}", self.0.site), "", body)
    }

    /// What a page shows.
    pub(crate) fn shown(&self, path: &str) -> Value {
        self.page("GET", path, &Value::Null).expect(200, path).body
    }

    /// What is at an address of the product.
    pub(crate) fn at(&self, method: &str, path: &str, body: &Value) -> Answer {
        send(method, &format!("{}{path}", self.0.site), "", body)
    }

    /// "Add SCIM Connection".
    pub(crate) fn connect(&self, vendor: &str) -> Client {
        let added = self.page("POST", "/connections", &json!(vendor)).expect(200, "Add SCIM Connection").body;
        let text = |pointer| added.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();
        Client { id: text("/connection/id"), url: text("/connection/url"), key: text("/key"), added }
    }
}

/// An identity provider, as an administrator set it up: with the URL and the key that the product showed.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) key: String,
    /// The answer to "Add SCIM Connection".
    pub(crate) added: Value,
}

impl Client {
    /// Where the URL has a flag, it goes first in the query, as Entra ID has it.
    pub(crate) fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let (base, flag) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query = query.replace(' ', "%20").replace('"', "%22");
        send(method, &format!("{base}{path}?{flag}&{query}"), &self.key, body)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &Value::Null)
    }

    /// The id of what is made.
    pub(crate) fn make(&self, path: &str, body: &Value) -> String {
        let made = self.send("POST", path, body).expect(201, "a new resource");
        made.body["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn patch(&self, path: &str, operations: &Value) -> Answer {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        self.send("PATCH", path, &json!({"schemas": schemas, "Operations": operations}))
    }
}

/// Does the same with the product on SQLite and, by `.ci/with-postgres`, on PostgreSQL.
pub(crate) fn on_every_database(test: impl Fn(&Service)) {
    for database in &testing::Databases::new().urls {
        test(&Service(testing::Service::start(database, compliance::app)));
    }
}

/// Sends one request on a connection of its own.
pub(crate) fn send(method: &str, url: &str, key: &str, body: &Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let kind = if key.is_empty() { "application/json" } else { "application/scim+json; charset=utf-8" };
    let authorization = format!("Bearer {key}");
    testing::send(method, url, &[("Authorization", &authorization), ("Content-Type", kind)], &body)
}
