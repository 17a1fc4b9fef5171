//! `Settings > SCIM` of a client: what its forms do, and what it shows.

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use scim_core::{
    AttributeMapping, Connection, ConnectionState, DateTime, Group, IssuedKey, KeyInfo, KeyOptions, Provider,
    RequestRecord, ResourceId, Rotation, User,
};
use serde::Deserialize;
use serde_json::Value;

use crate::client::Client;
use crate::web::Failure;
use crate::{Portal, ATTRIBUTES, PERMISSIONS};

/// The providers that the page offers.
pub(crate) const PROVIDERS: [Provider; 4] = [Provider::EntraId, Provider::Okta, Provider::JumpCloud, Provider::Custom];

/// A form of the page. The `key` is the one to be replaced, so that a form that is sent again replaces nothing.
#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub(crate) enum Change {
    Save { provider: Provider },
    Rotate { key: String },
    Pause,
    Resume,
    Reset,
    Delete { users: LeftUsers },
}

/// What becomes of the users of a connection that is deleted.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LeftUsers {
    Deactivate,
    Remove,
}

/// The page.
pub(crate) async fn show(State(portal): State<Portal>, Path(name): Path<String>) -> Result<Response, Failure> {
    page(&portal, &Client::find(&portal, &name)?, None).await
}

/// Does what a form says. A new key is shown in the answer and never again; everything else leads back to the page, also
/// what does not fit any more because somebody was faster or the form was sent before.
pub(crate) async fn change(
    State(portal): State<Portal>,
    Path(name): Path<String>,
    Form(change): Form<Change>,
) -> Result<Response, Failure> {
    let client = Client::find(&portal, &name)?;
    let connections = &client.connections;
    match (change, client.connection().await?) {
        (Change::Save { provider }, None) => {
            let id = client.connect(provider).await?.id;
            return page(&portal, &client, Some(connections.issue_key(&id, KeyOptions::new()).await?)).await;
        }
        (Change::Rotate { key }, Some((connection, newest)))
            if newest.as_ref().is_none_or(|k| k.id.as_str() == key) =>
        {
            let key = connections.rotate(&connection.id, Rotation::AtOnce).await?;
            return page(&portal, &client, Some(key)).await;
        }
        (Change::Pause, Some((connection, _))) => connections.pause(&connection.id).await?,
        (Change::Resume, Some((connection, _))) => connections.resume(&connection.id).await?,
        (Change::Reset, Some((connection, _))) => connections.delete(&connection.id).await?,
        (Change::Delete { users }, Some((connection, _))) => {
            // Paused first, so that the provider does not bring back who has just gone.
            connections.pause(&connection.id).await?;
            match users {
                LeftUsers::Deactivate => client.deactivate_users().await?,
                LeftUsers::Remove => client.remove_users().await?,
            };
            connections.delete(&connection.id).await?;
        }
        _ => {}
    }
    Ok(Redirect::to(&format!("/clients/{name}/scim")).into_response())
}

/// Gives a role the permissions whose boxes are ticked.
pub(crate) async fn permit(
    State(portal): State<Portal>,
    Path((name, role)): Path<(String, String)>,
    Form(boxes): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let client = Client::find(&portal, &name)?;
    let ticked = PERMISSIONS.into_iter().filter(|known| boxes.iter().any(|(_, permission)| permission == known));
    client.permit(&ResourceId::new(role), ticked.map(Into::into).collect()).await?;
    Ok(Redirect::to(&format!("/clients/{name}/scim#roles")).into_response())
}

/// The page as it is now, with the key that was just made.
async fn page(portal: &Portal, client: &Client, new_key: Option<IssuedKey>) -> Result<Response, Failure> {
    let connection = client.connection().await?;
    let requests = match &connection {
        Some((connection, _)) => client.connections.recent_requests(&connection.id, 50).await?,
        None => Vec::new(),
    };
    let mut users = client.list(&client.users).await?;
    users.extend(client.list(&client.former_users).await?);
    let page = SettingsPage {
        client: client.connections.tenant().as_str(),
        scim_uri: &portal.scim_uri,
        connection,
        new_key: new_key.map(IssuedKey::reveal),
        users,
        roles: client.list(&client.roles).await?,
        requests,
    };
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage<'a> {
    client: &'a str,
    scim_uri: &'a str,
    connection: Option<(Connection, Option<KeyInfo>)>,
    new_key: Option<String>,
    users: Vec<(ResourceId, User)>,
    roles: Vec<(ResourceId, Group)>,
    requests: Vec<RequestRecord>,
}

impl SettingsPage<'_> {
    /// The rows of the provider's mapping table whose attributes the product has.
    fn mapping(&self, provider: &Provider) -> impl Iterator<Item = &'static AttributeMapping> {
        provider.attribute_mapping().iter().filter(|row| ATTRIBUTES.contains(&row.target))
    }

    fn members(&self, role: &Group) -> String {
        let is_member = |id: &ResourceId| role.members.iter().any(|member| member.value == id.as_str());
        let names = self.users.iter().filter(|(id, _)| is_member(id)).map(|(_, user)| user.user_name.as_str());
        names.collect::<Vec<_>>().join(", ")
    }

    fn may(&self, role: &Group, permission: &str) -> bool {
        let permissions = role.other.get("permissions").and_then(Value::as_array);
        permissions.is_some_and(|permissions| permissions.iter().any(|granted| granted == permission))
    }
}

/// A time to the second, as people read it.
pub(crate) fn time(time: &DateTime) -> String {
    time.to_string().split(['.', 'Z']).next().unwrap_or_default().replace('T', " ")
}
