//! The product's own tables: the groups whose members are invited, and who is.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{
    Context, Event, EventKind, Fetch, MembersUpdate, Observer, ResourceId, ResourceStore, ResourceType, StoreError,
};
use sqlx::{PgPool, SqlitePool};

const TABLES: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS chosen_groups (id TEXT PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS invitations (id TEXT PRIMARY KEY, user_name TEXT NOT NULL)",
];

/// Beside the tables of the store, in the same database.
#[derive(Clone)]
pub(crate) enum Tables {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Tables {
    /// Runs a statement, and says how many rows it found.
    async fn run(&self, sql: &str, values: &[&str]) -> Result<usize, StoreError> {
        let found = match self {
            Self::Sqlite(pool) => values
                .iter()
                .fold(sqlx::query(sql), |query, value| query.bind(*value))
                .fetch_all(pool)
                .await
                .map(|rows| rows.len()),
            Self::Postgres(pool) => values
                .iter()
                .fold(sqlx::query(sql), |query, value| query.bind(*value))
                .fetch_all(pool)
                .await
                .map(|rows| rows.len()),
        };
        found.map_err(StoreError::backend)
    }
}

#[derive(Clone)]
pub(crate) struct Invitations {
    tables: Tables,
    store: Arc<dyn ResourceStore>,
}

impl Invitations {
    pub(crate) async fn open(tables: Tables, store: Arc<dyn ResourceStore>) -> Result<Self, StoreError> {
        for table in TABLES {
            tables.run(table, &[]).await?;
        }
        Ok(Self { tables, store })
    }

    /// Invites the members of a group, those who are there and those who come later.
    pub(crate) async fn choose(&self, cx: &Context, group: &ResourceId) -> Result<(), StoreError> {
        // From here on the observer sees who comes; who came before is a member now.
        self.tables.run("INSERT INTO chosen_groups VALUES ($1) ON CONFLICT DO NOTHING", &[group.as_str()]).await?;
        let group = self.store.get(cx, group, &Fetch::only(["members"])).await?.ok_or(StoreError::NotFound)?;
        let members = group.attributes.values("members").iter().filter_map(|member| member["value"].as_str());
        self.invite(cx, members.map(ResourceId::new)).await
    }

    pub(crate) async fn unchoose(&self, group: &ResourceId) -> Result<(), StoreError> {
        self.tables.run("DELETE FROM chosen_groups WHERE id = $1", &[group.as_str()]).await.map(drop)
    }

    pub(crate) async fn is_chosen(&self, group: &ResourceId) -> Result<bool, StoreError> {
        Ok(self.tables.run("SELECT id FROM chosen_groups WHERE id = $1", &[group.as_str()]).await? > 0)
    }

    pub(crate) async fn is_invited(&self, user: &ResourceId) -> Result<bool, StoreError> {
        Ok(self.tables.run("SELECT id FROM invitations WHERE id = $1", &[user.as_str()]).await? > 0)
    }

    /// Invites those who are users and may come in, each once. Here the product sends the mail.
    async fn invite(&self, cx: &Context, ids: impl Iterator<Item = ResourceId> + Send) -> Result<(), StoreError> {
        let cx = cx.for_type(Arc::new(ResourceType::user()));
        for id in ids {
            let Some(user) = self.store.get(&cx, &id, &Fetch::without(["groups"])).await? else { continue };
            if user.attributes.boolean("active") != Some(false) {
                let user_name = user.attributes.string("userName").unwrap_or_default();
                let sql = "INSERT INTO invitations VALUES ($1, $2) ON CONFLICT DO NOTHING";
                self.tables.run(sql, &[id.as_str(), user_name]).await?;
            }
        }
        Ok(())
    }

    async fn act_on(&self, cx: &Context, event: &Event<'_>) -> Result<(), StoreError> {
        match (event.kind, event.members) {
            (EventKind::MembersChanged, MembersUpdate::Set(came) | MembersUpdate::Delta { add: came, .. })
                if self.is_chosen(event.id).await? =>
            {
                self.invite(cx, came.iter().map(|member| member.value.clone())).await?;
            }
            (EventKind::Activated, _) => {
                let Some(user) = self.store.get(cx, event.id, &Fetch::only(["groups"])).await? else { return Ok(()) };
                for group in user.attributes.values("groups").iter().filter_map(|group| group["value"].as_str()) {
                    if self.is_chosen(&ResourceId::new(group)).await? {
                        self.invite(cx, std::iter::once(event.id.clone())).await?;
                    }
                }
            }
            (EventKind::Deleted, _) => {
                self.tables.run("DELETE FROM invitations WHERE id = $1", &[event.id.as_str()]).await?;
                self.unchoose(event.id).await?;
            }
            _ => {}
        }
        Ok(())
    }
}

#[async_trait]
impl Observer for Invitations {
    async fn observe(&self, cx: &Context, event: &Event<'_>) {
        if let Err(error) = self.act_on(cx, event).await {
            tracing::error!(id = %event.id, %error, "an invitation is missing; choose the group again to repair it");
        }
    }
}
