//! SCIM's view of the tables `users`, `teams` and `team_members`.

use std::collections::HashSet;

use async_trait::async_trait;
use scim_core::sql::{BindValue, Column, JoinedTable, Select};
use scim_core::{
    BeginUnitOfWork, Capabilities, Context, Fetch, MembersUpdate, NewResource, Page, Query, Resource, ResourceId,
    ResourceStore, ResourceType, StoreError, Update, Version,
};
use scim_sqlx::{sqlite_error as fault, sqlite_page};
use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};

use crate::table::{most, number, numbers, touch, Table, TEAMS, TEAMS_OF_A_USER, USERS, USERS_OF_A_TEAM};

/// The users and teams of an application, in its own tables.
#[derive(Clone, Debug)]
pub struct OwnTables {
    pool: SqlitePool,
    users: Table,
    teams: Table,
}

impl OwnTables {
    /// A store over the application's pool.
    #[must_use]
    pub fn new(pool: SqlitePool) -> Self {
        let teams = JoinedTable::new("team_members m JOIN teams g ON g.id = m.team_id", "m.user_id", "t.id")
            .column("value", Column::integer_as_text("m.team_id"))
            .column("type", Column::text("'direct'").folded("'direct'"))
            .column("display", Column::text("g.name").folded("g.name_key"))
            .ordered_by("g.id");
        let members = JoinedTable::new("team_members m", "m.team_id", "t.id")
            .column("value", Column::integer_as_text("m.user_id"))
            .column("type", Column::text("'User'").folded("'user'"))
            .ordered_by("m.place");
        let users = Table::new("users", &ResourceType::user(), USERS, ("groups", TEAMS_OF_A_USER), teams);
        let teams = Table::new("teams", &ResourceType::group(), TEAMS, ("members", USERS_OF_A_TEAM), members);
        Self { pool, users, teams }
    }

    fn table(&self, cx: &Context) -> &Table {
        if cx.resource_type.name() == "Group" {
            &self.teams
        } else {
            &self.users
        }
    }

    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(fault)
    }
}

#[async_trait]
impl ResourceStore for OwnTables {
    fn capabilities(&self, _: &ResourceType) -> Capabilities {
        Capabilities::ALL
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        None
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        let (table, mut db) = (self.table(cx), self.begin().await?);
        let id = table.write(&mut db, cx, None, &new.attributes).await?;
        change_members(&mut db, cx, &id, MembersUpdate::Set(new.members)).await?;
        let made = table.read(&mut db, &id, &new.fetch).await?.ok_or(StoreError::NotFound)?;
        db.commit().await.map_err(fault)?;
        Ok(made)
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        self.table(cx).read(&mut *self.pool.acquire().await.map_err(fault)?, id, fetch).await
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        let table = self.table(cx);
        let select = Select::new(table.selected(), format!("{} t", table.name), "t.id")
            .scope("?1 IS NOT NULL", [BindValue::from(most(&query.fetch))]);
        let statements = table.map.select(&select, query)?;
        let mut snapshot = self.pool.begin().await.map_err(fault)?;
        sqlite_page(&mut snapshot, &statements, |row| table.resource(row, &query.fetch)).await
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        let (table, mut db) = (self.table(cx), self.begin().await?);
        let before = table.expected(&mut db, id, update.expect.as_ref()).await?;
        let changed = update.attributes.filter(|attributes| *attributes != before.attributes);
        if let Some(attributes) = &changed {
            table.write(&mut db, cx, Some(id), attributes).await?;
        }
        if change_members(&mut db, cx, id, update.members).await? || changed.is_some() {
            touch(&mut db, table.name, "id = ?2", id).await?;
        }
        let after = table.read(&mut db, id, &update.fetch).await?.ok_or(StoreError::NotFound)?;
        db.commit().await.map_err(fault)?;
        Ok(after)
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        let (table, mut db) = (self.table(cx), self.begin().await?);
        table.expected(&mut db, id, expect).await?;
        if table.name == "users" {
            touch(&mut db, "teams", "id IN (SELECT team_id FROM team_members WHERE user_id = ?2)", id).await?;
        }
        let text = format!("DELETE FROM {} WHERE id = ?1", table.name);
        sqlx::query(&text).bind(number(id)).execute(&mut *db).await.map_err(fault)?;
        db.commit().await.map_err(fault)
    }
}

/// Changes the users of a team, and says whether that makes a difference.
async fn change_members(
    db: &mut SqliteConnection,
    cx: &Context,
    team: &ResourceId,
    update: MembersUpdate,
) -> Result<bool, StoreError> {
    let (add, remove) = match update {
        MembersUpdate::Set(members) => (members, None),
        MembersUpdate::Delta { add, remove } => (add, Some(remove)),
        _ => return Ok(false),
    };
    let ids: Vec<ResourceId> = add.into_iter().map(|member| member.value).collect();
    let known = "SELECT id FROM users WHERE id IN (SELECT value FROM json_each(?1))";
    let known: Vec<i64> = sqlx::query_scalar(known).bind(numbers(&ids)).fetch_all(&mut *db).await.map_err(fault)?;
    let known: HashSet<String> = known.iter().map(i64::to_string).collect();
    let unknown: Vec<ResourceId> = ids.iter().filter(|id| !known.contains(id.as_str())).cloned().collect();
    if !unknown.is_empty() {
        return Err(StoreError::UnknownMembers(unknown));
    }
    let (going, choice) = remove.map_or((numbers(&ids), "NOT IN"), |remove| (numbers(&remove), "IN"));
    let text =
        format!("DELETE FROM team_members WHERE team_id = ?1 AND user_id {choice} (SELECT value FROM json_each(?2))");
    let gone = sqlx::query(&text).bind(number(team)).bind(going).execute(&mut *db).await.map_err(fault)?;
    let text =
        "INSERT INTO team_members (team_id, user_id) SELECT ?1, value FROM json_each(?2) WHERE TRUE ORDER BY key \
        ON CONFLICT DO NOTHING";
    let come = sqlx::query(text).bind(number(team)).bind(numbers(&ids)).execute(&mut *db).await.map_err(fault)?;
    let count = "SELECT count(*) FROM team_members WHERE team_id = ?1";
    let count: i64 = sqlx::query_scalar(count).bind(number(team)).fetch_one(db).await.map_err(fault)?;
    let is_over = usize::try_from(count).is_ok_and(|count| count > cx.limits.members_per_group);
    if is_over && come.rows_affected() > gone.rows_affected() {
        return Err(StoreError::TooManyMembers);
    }
    Ok(come.rows_affected() > 0 || gone.rows_affected() > 0)
}
