//! The product's own tables: who was invited, who came, and who is signed in.

use async_trait::async_trait;
use scim_core::{Context, Event, EventKind, Observer, ResourceId, StoreError};
use uuid::Uuid;

use crate::database::Database;

/// Invitations to be sent by mail, who has signed in at least once, and sessions.
#[derive(Clone)]
pub(crate) struct People(Database);

impl People {
    pub(crate) async fn open(database: Database) -> Result<Self, StoreError> {
        for table in [
            "invitations (user_id TEXT PRIMARY KEY, workspace TEXT NOT NULL, email TEXT NOT NULL)",
            "joined (user_id TEXT PRIMARY KEY)",
            "sessions (token TEXT PRIMARY KEY, user_id TEXT NOT NULL)",
        ] {
            database.run(&format!("CREATE TABLE IF NOT EXISTS {table}"), &[]).await?;
        }
        Ok(Self(database))
    }

    /// The outbox: whoever sends the mails takes them from here.
    pub(crate) async fn invitations(&self, workspace: &str) -> Result<Vec<Vec<String>>, StoreError> {
        self.0.run("SELECT user_id, email FROM invitations WHERE workspace = $1", &[workspace]).await
    }

    pub(crate) async fn joined(&self) -> Result<Vec<Vec<String>>, StoreError> {
        self.0.run("SELECT user_id FROM joined", &[]).await
    }

    /// The first sign-in is what makes an invited user active.
    pub(crate) async fn sign_in(&self, user: &ResourceId) -> Result<String, StoreError> {
        let token = Uuid::new_v4().to_string();
        self.0.run("INSERT INTO joined VALUES ($1) ON CONFLICT DO NOTHING", &[user.as_str()]).await?;
        self.0.run("INSERT INTO sessions VALUES ($1, $2)", &[&token, user.as_str()]).await?;
        Ok(token)
    }

    pub(crate) async fn has_session(&self, token: &str) -> Result<bool, StoreError> {
        Ok(!self.0.run("SELECT token FROM sessions WHERE token = $1", &[token]).await?.is_empty())
    }

    pub(crate) async fn end_sessions(&self, user: &ResourceId) -> Result<(), StoreError> {
        self.0.run("DELETE FROM sessions WHERE user_id = $1", &[user.as_str()]).await.map(drop)
    }
}

#[async_trait]
impl Observer for People {
    async fn observe(&self, cx: &Context, event: &Event<'_>) {
        let email = event.after.and_then(|user| user.attributes.string("userName")).unwrap_or_default();
        let done = match event.kind {
            EventKind::Created if cx.resource_type.name() == "User" => {
                let invitation = [event.id.as_str(), cx.tenant().as_str(), email];
                self.0.run("INSERT INTO invitations VALUES ($1, $2, $3)", &invitation).await.map(drop)
            }
            EventKind::Deactivated | EventKind::Deleted => self.end_sessions(event.id).await,
            _ => Ok(()),
        };
        if let Err(error) = done {
            tracing::error!("nothing followed on {:?} of {}: {error}", event.kind, event.id);
        }
    }
}
