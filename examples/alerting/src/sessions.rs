//! The product's own table: who is signed in, and who was.

use async_trait::async_trait;
use scim_core::{Context, DateTime, Event, EventKind, Observer, ResourceId, StoreError, TenantId};
use uuid::Uuid;

use crate::database::Database;

/// Sessions of users, open until they have ended.
#[derive(Clone)]
pub(crate) struct Sessions(Database);

impl Sessions {
    pub(crate) async fn open(database: Database) -> Result<Self, StoreError> {
        let columns = "token TEXT PRIMARY KEY, customer TEXT, user_id TEXT, began TEXT, ended TEXT";
        database.run(&format!("CREATE TABLE IF NOT EXISTS sessions ({columns})"), &[]).await?;
        Ok(Self(database))
    }

    pub(crate) async fn begin(&self, customer: &TenantId, user: &ResourceId) -> Result<String, StoreError> {
        let (token, now) = (Uuid::new_v4().to_string(), DateTime::now().to_string());
        let row = [&*token, customer.as_str(), user.as_str(), &now];
        self.0.run("INSERT INTO sessions VALUES ($1, $2, $3, $4, '')", &row).await?;
        Ok(token)
    }

    pub(crate) async fn is_open(&self, token: &str) -> Result<bool, StoreError> {
        let found = self.0.run("SELECT token FROM sessions WHERE token = $1 AND ended = ''", &[token]).await?;
        Ok(!found.is_empty())
    }

    pub(crate) async fn of_customer(&self, customer: &TenantId) -> Result<Vec<Vec<String>>, StoreError> {
        let select = "SELECT user_id, began, ended FROM sessions WHERE customer = $1 ORDER BY began";
        self.0.run(select, &[customer.as_str()]).await
    }
}

/// The sessions of a user who is deprovisioned end before the provider has its answer. That they were stays on record.
#[async_trait]
impl Observer for Sessions {
    async fn observe(&self, _: &Context, event: &Event<'_>) {
        if event.kind == EventKind::Deleted {
            let row = [&*DateTime::now().to_string(), event.id.as_str()];
            let end = "UPDATE sessions SET ended = $1 WHERE user_id = $2 AND ended = ''";
            if let Err(error) = self.0.run(end, &row).await {
                tracing::error!("the sessions of {} are still open: {error}", event.id);
            }
        }
    }
}
