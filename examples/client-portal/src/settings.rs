//! `Settings > SCIM` of a client: what its forms do, and what it shows.

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use example_host::Failure;
use scim_core::{
    Connection, ConnectionState, DateTime, Group, IssuedKey, KeyId, KeyInfo, KeyOptions, Leftovers, Principal,
    PrincipalResources, Provider, RequestRecord, ResourceId, Rotation, ScimError, Stored, TenantConnections, TenantId,
    User,
};
use serde::Deserialize;
use serde_json::{json, Value};

use crate::{Portal, CLIENTS, PERMISSIONS};

/// The providers that the page offers.
pub(crate) const PROVIDERS: [Provider; 4] = [Provider::EntraId, Provider::Okta, Provider::JumpCloud, Provider::Custom];

type Page = Result<Response, Failure>;

/// A form of the page. The `key` is the one to be replaced, so that a form that is sent again replaces nothing.
#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub(crate) enum Change {
    Save { provider: Provider },
    Rotate { key: KeyId },
    Pause,
    Resume,
    Reset,
    Delete { users: String },
}

pub(crate) async fn clients() -> Page {
    Ok(Html(ClientsPage.render()?).into_response())
}

pub(crate) async fn show(State(portal): State<Portal>, Path(name): Path<String>) -> Page {
    portal.page(&portal.client(&name)?, None).await
}

/// Does what a form says. A new key is shown in the answer and never again; everything else leads back to the page, also
/// what does not fit any more because somebody was faster or the form was sent before.
pub(crate) async fn change(State(portal): State<Portal>, Path(name): Path<String>, Form(change): Form<Change>) -> Page {
    let client = portal.client(&name)?;
    match (change, client.list().await?.first()) {
        (Change::Save { provider }, None) => {
            // It shares the client's users and roles, so that after a reset the next one finds those who are there and
            // takes them on.
            let mut connection = Connection::new(client.tenant().clone(), provider, provider.name(), DateTime::now());
            connection.shares_resources = true;
            let id = client.insert(connection).await?.id;
            return portal.page(&client, Some(client.issue_key(&id, KeyOptions::new()).await?)).await;
        }
        (Change::Rotate { key }, Some(Connection { id, .. }))
            if client.keys(id).await?.last().is_none_or(|newest| newest.id == key) =>
        {
            return portal.page(&client, Some(client.rotate(id, Rotation::AtOnce).await?)).await;
        }
        (Change::Pause, Some(connection)) => client.pause(&connection.id).await?,
        (Change::Resume, Some(connection)) => client.resume(&connection.id).await?,
        (Change::Reset, Some(connection)) => client.delete(&connection.id).await?,
        (Change::Delete { users }, Some(connection)) => {
            let leftovers = if users == "remove" { Leftovers::Delete } else { Leftovers::Deactivate };
            portal.server.disconnect(&client, &connection.id, leftovers).await?;
        }
        _ => {}
    }
    Ok(Redirect::to(&format!("/clients/{name}/scim")).into_response())
}

/// Gives a role the permissions whose boxes are ticked.
pub(crate) async fn permit(
    State(portal): State<Portal>,
    Path((name, role)): Path<(String, ResourceId)>,
    Form(boxes): Form<Vec<(String, String)>>,
) -> Page {
    let is_ticked = |known: &&str| boxes.iter().any(|(_, permission)| permission == known);
    let permissions: Vec<&str> = PERMISSIONS.into_iter().filter(is_ticked).collect();
    let edit = |role: &mut Group| drop(role.other.insert("permissions".to_owned(), json!(permissions)));
    portal.resources(&portal.client(&name)?).groups().edit(&role, edit).await?;
    Ok(Redirect::to(&format!("/clients/{name}/scim#roles")).into_response())
}

impl Portal {
    fn client(&self, name: &str) -> Result<TenantConnections, ScimError> {
        let client = CLIENTS.contains(&name).then(|| self.connections.of_tenant(TenantId::new(name)));
        client.ok_or_else(|| ScimError::resource_not_found(name))
    }

    /// The users and roles of a client, which its connection shares.
    fn resources(&self, client: &TenantConnections) -> PrincipalResources {
        self.server.resources_of(Principal::new(client.tenant().clone(), "the settings page"))
    }

    /// The page as it is now, with the key that was just made.
    async fn page(&self, client: &TenantConnections, new_key: Option<IssuedKey>) -> Page {
        let resources = self.resources(client);
        let mut page = SettingsPage {
            client: client.tenant().as_str(),
            scim_uri: self.server.base_url(),
            connection: client.list().await?.into_iter().next(),
            key: None,
            new_key: new_key.map(IssuedKey::reveal),
            users: resources.users().all().await?,
            roles: resources.groups().all().await?,
            requests: Vec::new(),
        };
        // Whom the provider deleted is deactivated, and kept until they return.
        page.users.extend(resources.removed().users().all().await?);
        if let Some(connection) = &page.connection {
            page.key = client.keys(&connection.id).await?.pop();
            page.requests = client.recent_requests(&connection.id, 50).await?;
        }
        Ok(Html(page.render()?).into_response())
    }
}

#[derive(Template)]
#[template(path = "clients.html")]
struct ClientsPage;

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage<'a> {
    client: &'a str,
    scim_uri: &'a str,
    connection: Option<Connection>,
    key: Option<KeyInfo>,
    new_key: Option<String>,
    users: Vec<Stored<User>>,
    roles: Vec<Stored<Group>>,
    requests: Vec<RequestRecord>,
}

impl SettingsPage<'_> {
    fn members(&self, role: &Group) -> String {
        let is_member = |user: &&Stored<User>| role.members.iter().any(|member| member.value == user.id.as_str());
        let names = self.users.iter().filter(is_member).map(|user| user.user_name.as_str());
        names.collect::<Vec<_>>().join(", ")
    }

    fn may(&self, role: &Group, permission: &str) -> bool {
        let granted = role.other.get("permissions").and_then(Value::as_array);
        granted.is_some_and(|granted| granted.contains(&json!(permission)))
    }
}
