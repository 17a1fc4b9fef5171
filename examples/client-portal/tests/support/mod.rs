//! The portal on a socket of its own, over every database there is, and a small client for it.

use std::sync::Arc;

use example_host::testing::{exchange, Databases, Service};
use serde_json::Value;

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The key that a page shows, if it shows one.
    pub(crate) fn key(&self) -> Option<String> {
        let (_, after) = self.body.split_once(r#"id="api-key">"#)?;
        after.split('<').next().map(str::to_owned)
    }

    /// The value of a field of a form.
    pub(crate) fn field(&self, name: &str) -> String {
        let (_, after) = self.body.split_once(&format!(r#"name="{name}" value=""#)).expect(name);
        after.split('"').next().unwrap().to_owned()
    }

    /// One section of a page.
    pub(crate) fn section(&self, id: &str) -> &str {
        let (_, after) = self.body.split_once(&format!(r#"aria-labelledby="{id}""#)).unwrap_or_default();
        after.split("</section>").next().unwrap_or_default()
    }

    /// What a table of a page says in the line of a user.
    pub(crate) fn row(&self, name: &str) -> &str {
        let (_, after) = self.body.split_once(&format!(r#"<th scope="row">{name}</th>"#)).unwrap_or_default();
        after.split("</tr>").next().unwrap_or_default()
    }
}

/// A portal with the clients `acme` and `globex`.
pub(crate) struct Running {
    service: Service,
    _databases: Arc<Databases>,
}

impl Running {
    /// The portal over SQLite, and over PostgreSQL where there is one.
    pub(crate) async fn everywhere() -> Vec<Self> {
        let databases = Arc::new(Databases::new());
        let start = |url: &String| Service::start(url, client_portal::app);
        let running = |service| Self { service, _databases: Arc::clone(&databases) };
        databases.urls.iter().map(start).map(running).collect()
    }

    /// The settings page of `acme`.
    pub(crate) async fn page(&self) -> Answer {
        self.send("GET", "/clients/acme/scim", &[], "").await
    }

    /// Sends a form of a settings page.
    pub(crate) async fn form(&self, client: &str, fields: &[(&str, &str)]) -> Answer {
        self.form_with(&format!("/clients/{client}/scim"), &[("Sec-Fetch-Site", "same-origin")], fields).await
    }

    /// Sends a form as a browser does that has these headers.
    pub(crate) async fn form_with(&self, path: &str, head: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
        let encode = |text: &str| text.replace(' ', "+");
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let mut head = head.to_vec();
        head.push(("Content-Type", "application/x-www-form-urlencoded"));
        self.send("POST", path, &head, &fields.join("&")).await
    }

    /// Chooses a provider, and returns the key that is shown.
    pub(crate) async fn connect(&self, client: &str, provider: &str) -> String {
        self.form(client, &[("action", "save"), ("provider", provider)]).await.key().unwrap()
    }

    /// Asks as the provider.
    pub(crate) async fn scim(&self, key: &str, method: &str, path: &str, body: Value) -> Answer {
        self.authorized(&format!("Bearer {key}"), method, path, body).await
    }

    /// Asks with this text as the header `Authorization`.
    pub(crate) async fn authorized(&self, authorization: &str, method: &str, path: &str, body: Value) -> Answer {
        let head = [("Authorization", authorization), ("Content-Type", "application/scim+json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, &format!("/scim/v2{path}"), &head, &body).await
    }

    async fn send(&self, method: &str, path: &str, head: &[(&str, &str)], body: &str) -> Answer {
        let (status, head, body) = exchange(method, &format!("{}{path}", self.service.site), head, body);
        Answer { status, head: head.to_lowercase(), body }
    }
}
