//! `Settings > SCIM` of a client: what its forms do, and what it shows.

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use example_host::Failure;
use scim_core::{
    all_resources, deactivate_all, delete_all, edit_resource, Connection, ConnectionState, Context, DateTime, Group,
    IssuedKey, KeyId, KeyInfo, KeyOptions, Principal, Provider, RequestRecord, ResourceId, ResourceType, Rotation,
    ScimError, TenantConnections, TenantId, User,
};
use serde::Deserialize;
use serde_json::{json, Value};

use crate::{role_type, Portal, CLIENTS, PERMISSIONS};

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
            // Paused first, so that the provider does not bring back who has just gone.
            client.pause(&connection.id).await?;
            if users == "remove" {
                for everybody in [roles(&client), former_users(&client), self::users(&client)] {
                    delete_all(&portal.database, &everybody).await?;
                }
            } else {
                deactivate_all(&portal.database, &self::users(&client)).await?;
            }
            client.delete(&connection.id).await?;
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
    edit_resource(&portal.database, &roles(&portal.client(&name)?), &role, edit).await?;
    Ok(Redirect::to(&format!("/clients/{name}/scim#roles")).into_response())
}

fn users(client: &TenantConnections) -> Context {
    let principal = Principal::new(client.tenant().clone(), "the settings page");
    Context::new(principal, ResourceType::user().into())
}

/// The users whom the provider deleted: deactivated, and kept until they return.
fn former_users(client: &TenantConnections) -> Context {
    let users = users(client);
    users.within(users.partition().removed())
}

fn roles(client: &TenantConnections) -> Context {
    users(client).for_type(role_type().into())
}

impl Portal {
    fn client(&self, name: &str) -> Result<TenantConnections, ScimError> {
        let client = CLIENTS.contains(&name).then(|| self.connections.of_tenant(TenantId::new(name)));
        client.ok_or_else(|| ScimError::resource_not_found(name))
    }

    /// The page as it is now, with the key that was just made.
    async fn page(&self, client: &TenantConnections, new_key: Option<IssuedKey>) -> Page {
        let mut page = SettingsPage {
            client: client.tenant().as_str(),
            scim_uri: &self.scim_uri,
            connection: client.list().await?.into_iter().next(),
            key: None,
            new_key: new_key.map(IssuedKey::reveal),
            users: all_resources(&self.database, &users(client)).await?,
            roles: all_resources(&self.database, &roles(client)).await?,
            requests: Vec::new(),
        };
        page.users.extend(all_resources(&self.database, &former_users(client)).await?);
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
    users: Vec<(ResourceId, User)>,
    roles: Vec<(ResourceId, Group)>,
    requests: Vec<RequestRecord>,
}

impl SettingsPage<'_> {
    fn members(&self, role: &Group) -> String {
        let is_member = |id: &ResourceId| role.members.iter().any(|member| member.value == id.as_str());
        let names = self.users.iter().filter(|(id, _)| is_member(id)).map(|(_, user)| user.user_name.as_str());
        names.collect::<Vec<_>>().join(", ")
    }

    fn may(&self, role: &Group, permission: &str) -> bool {
        let granted = role.other.get("permissions").and_then(Value::as_array);
        granted.is_some_and(|granted| granted.contains(&json!(permission)))
    }
}
