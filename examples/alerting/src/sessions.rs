//! The product's own tables: who is signed in, and what happened.

use async_trait::async_trait;
use scim_core::{Context, DateTime, Event, EventKind, Observer, ResourceId, StoreError, TenantId};
use uuid::Uuid;

use crate::database::Database;

/// Sessions and the audit log.
#[derive(Clone)]
pub(crate) struct Records(Database);

impl Records {
    pub(crate) async fn open(database: Database) -> Result<Self, StoreError> {
        database
            .run("CREATE TABLE IF NOT EXISTS sessions (token TEXT PRIMARY KEY, user_id TEXT NOT NULL)", &[])
            .await?;
        let columns = "at TEXT NOT NULL, customer TEXT NOT NULL, about TEXT NOT NULL, what TEXT NOT NULL";
        database.run(&format!("CREATE TABLE IF NOT EXISTS audit ({columns})"), &[]).await?;
        Ok(Self(database))
    }

    pub(crate) async fn begin_session(&self, customer: &TenantId, user: &ResourceId) -> Result<String, StoreError> {
        let token = Uuid::new_v4().to_string();
        self.0.run("INSERT INTO sessions VALUES ($1, $2)", &[&token, user.as_str()]).await?;
        self.note(customer, user, "User signed in").await?;
        Ok(token)
    }

    pub(crate) async fn has_session(&self, token: &str) -> Result<bool, StoreError> {
        Ok(!self.0.run("SELECT token FROM sessions WHERE token = $1", &[token]).await?.is_empty())
    }

    pub(crate) async fn audit(&self, customer: &str) -> Result<Vec<Vec<String>>, StoreError> {
        self.0.run("SELECT at, about, what FROM audit WHERE customer = $1 ORDER BY at", &[customer]).await
    }

    pub(crate) async fn note(&self, customer: &TenantId, about: &ResourceId, what: &str) -> Result<(), StoreError> {
        let row = [&DateTime::now().to_string(), customer.as_str(), about.as_str(), what];
        self.0.run("INSERT INTO audit VALUES ($1, $2, $3, $4)", &row).await.map(drop)
    }
}

/// Sessions end before the provider has its answer; the audit log stays.
#[async_trait]
impl Observer for Records {
    async fn observe(&self, cx: &Context, event: &Event<'_>) {
        let recorded = async {
            if event.kind == EventKind::Deleted {
                self.0.run("DELETE FROM sessions WHERE user_id = $1", &[event.id.as_str()]).await?;
            }
            let what = format!("{} {:?} by {}", cx.resource_type.name(), event.kind, cx.principal.name());
            self.note(cx.tenant(), event.id, &what).await
        };
        if let Err(error) = recorded.await {
            tracing::error!("{:?} of {} is not on record: {error}", event.kind, event.id);
        }
    }
}
