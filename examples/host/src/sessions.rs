//! Who is signed in, and who was.

use async_trait::async_trait;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::Router;
use scim_core::{Context, DateTime, Event, EventKind, Observer, ResourceId, StoreError, TenantId};
use scim_sqlx::Database;
use uuid::Uuid;

use crate::{Failure, Tables};

/// The sessions of users, open until they are ended and on record for good. A real product asks for a password, or the
/// customer's identity provider, before it begins one.
///
/// As an [`Observer`] they end with the access of their user.
#[derive(Clone, Debug)]
pub struct Sessions(Tables);

impl Sessions {
    /// The sessions in this database.
    ///
    /// # Errors
    ///
    /// If the table cannot be made.
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        let table = "sessions (token TEXT PRIMARY KEY, customer TEXT, user_id TEXT, began TEXT, ended TEXT)";
        Ok(Self(Tables::open(database, &[table]).await?))
    }

    /// Signs a user in: the token of the session.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn begin(&self, customer: &TenantId, user: &ResourceId) -> Result<String, StoreError> {
        let (token, now) = (Uuid::new_v4().to_string(), DateTime::now().to_string());
        let row = [&*token, customer.as_str(), user.as_str(), &now];
        self.0.run("INSERT INTO sessions VALUES ($1, $2, $3, $4, '')", &row).await?;
        Ok(token)
    }

    /// Ends all sessions of a user.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn end(&self, user: &ResourceId) -> Result<(), StoreError> {
        let row = [&*DateTime::now().to_string(), user.as_str()];
        self.0.run("UPDATE sessions SET ended = $1 WHERE user_id = $2 AND ended = ''", &row).await.map(drop)
    }

    /// The sessions of a customer's users: the user, when the session began, and when it ended if it did.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn of_customer(&self, customer: &TenantId) -> Result<Vec<Vec<String>>, StoreError> {
        let select = "SELECT user_id, began, ended FROM sessions WHERE customer = $1 ORDER BY began";
        self.0.run(select, &[customer.as_str()]).await
    }

    /// `GET /sessions/{token}`: 200 while the session is open, and 401 from then on.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        Router::new().route("/sessions/{token}", get(session)).with_state(self.clone())
    }
}

/// The sessions of a user who is deprovisioned end before the provider has its answer. That they were stays on record.
#[async_trait]
impl Observer for Sessions {
    async fn observe(&self, _: &Context, event: &Event<'_>) {
        if matches!(event.kind, EventKind::Deactivated | EventKind::Deleted) {
            if let Err(error) = self.end(event.id).await {
                tracing::error!("the sessions of {} are still open: {error}", event.id);
            }
        }
    }
}

async fn session(State(sessions): State<Sessions>, Path(token): Path<String>) -> Result<StatusCode, Failure> {
    let select = "SELECT token FROM sessions WHERE token = $1 AND ended = ''";
    let is_open = sessions.0.has(select, &[&token]).await?;
    Ok(if is_open { StatusCode::OK } else { StatusCode::UNAUTHORIZED })
}
