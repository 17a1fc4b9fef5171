//! The product's own tables: the groups whose members are invited, and who is.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{
    Context, Event, EventKind, Fetch, MembersUpdate, Observer, ResourceId, ResourceStore, ResourceType, StoreError,
};
use sqlx::any::AnyPool;
use sqlx::Error;

const TABLES: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS chosen_groups (id TEXT PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS invitations (id TEXT PRIMARY KEY, user_name TEXT NOT NULL)",
];

#[derive(Clone)]
pub(crate) struct Invitations {
    tables: AnyPool,
    store: Arc<dyn ResourceStore>,
}

impl Invitations {
    pub(crate) async fn open(url: &str, store: Arc<dyn ResourceStore>) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        let tables = AnyPool::connect(url).await?;
        for table in TABLES {
            sqlx::query(table).execute(&tables).await?;
        }
        Ok(Self { tables, store })
    }

    /// Invites the members of a group, those who are there and those who come later.
    pub(crate) async fn choose(&self, cx: &Context, group: &ResourceId) -> Result<(), StoreError> {
        // From here on the observer sees who comes; who came before is a member now.
        self.run("INSERT INTO chosen_groups VALUES ($1) ON CONFLICT DO NOTHING", &[group.as_str()]).await?;
        let group = self.store.get(cx, group, &Fetch::only(["members"])).await?.ok_or(StoreError::NotFound)?;
        let members = group.attributes.values("members").iter().filter_map(|member| member["value"].as_str());
        self.invite(cx, members.map(ResourceId::new)).await
    }

    pub(crate) async fn unchoose(&self, group: &ResourceId) -> Result<(), StoreError> {
        self.run("DELETE FROM chosen_groups WHERE id = $1", &[group.as_str()]).await
    }

    pub(crate) async fn is_chosen(&self, group: &ResourceId) -> Result<bool, StoreError> {
        self.has("SELECT id FROM chosen_groups WHERE id = $1", group).await
    }

    pub(crate) async fn is_invited(&self, user: &ResourceId) -> Result<bool, StoreError> {
        self.has("SELECT id FROM invitations WHERE id = $1", user).await
    }

    /// Runs a statement on the product's own tables.
    async fn run(&self, sql: &str, values: &[&str]) -> Result<(), StoreError> {
        let query = values.iter().fold(sqlx::query(sql), |query, value| query.bind(*value));
        query.execute(&self.tables).await.map(drop).map_err(StoreError::backend)
    }

    async fn has(&self, sql: &str, id: &ResourceId) -> Result<bool, StoreError> {
        let found = sqlx::query(sql).bind(id.as_str()).fetch_optional(&self.tables).await;
        found.map(|row| row.is_some()).map_err(StoreError::backend)
    }

    /// Invites those who are users and may come in, each once. Here the product sends the mail.
    async fn invite(&self, cx: &Context, ids: impl Iterator<Item = ResourceId> + Send) -> Result<(), StoreError> {
        let cx = cx.for_type(Arc::new(ResourceType::user()));
        for id in ids {
            let Some(user) = self.store.get(&cx, &id, &Fetch::without(["groups"])).await? else { continue };
            if user.attributes.boolean("active") != Some(false) {
                let user_name = user.attributes.string("userName").unwrap_or_default();
                let sql = "INSERT INTO invitations VALUES ($1, $2) ON CONFLICT DO NOTHING";
                self.run(sql, &[id.as_str(), user_name]).await?;
            }
        }
        Ok(())
    }

    async fn act_on(&self, cx: &Context, event: &Event<'_>) -> Result<(), StoreError> {
        match (event.kind, event.members) {
            (EventKind::MembersChanged, MembersUpdate::Set(came) | MembersUpdate::Delta { add: came, .. }) => {
                if self.is_chosen(event.id).await? {
                    self.invite(cx, came.iter().map(|member| member.value.clone())).await?;
                }
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
                self.run("DELETE FROM invitations WHERE id = $1", &[event.id.as_str()]).await?;
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
