//! SCIM's view of the tables `users`, `teams` and `team_members`.

use std::collections::HashSet;

use async_trait::async_trait;
use scim_core::sql::{integer_key, Column, Dialect, JoinedTable, ResourceTable, Statement};
use scim_core::{
    Attributes, BeginUnitOfWork, Capabilities, Context, Fetch, MembersUpdate, NewResource, Page, Query, Resource,
    ResourceId, ResourceStore, ResourceType, StoreError, Update, Version,
};
use scim_sqlx::{sqlite_bound, sqlite_error as fault, sqlite_page};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite, SqliteConnection, SqlitePool, Transaction};

/// The users and teams of an application, in its own tables.
#[derive(Clone, Debug)]
pub struct OwnTables {
    pool: SqlitePool,
    users: ResourceTable,
    teams: ResourceTable,
}

/// Which attribute of a user is in which column. A name that compares without case has a second one with its folded form.
fn users() -> ResourceTable {
    let teams = JoinedTable::new("team_members m JOIN teams g ON g.id = m.team_id", "m.user_id", "users.id")
        .column("value", Column::integer_as_text("m.team_id"))
        .column("type", Column::text("'direct'").folded("'direct'"))
        .column("display", Column::text("g.name").folded("g.name_key"))
        .ordered_by("g.id");
    ResourceTable::new(Dialect::Sqlite, &ResourceType::user(), "users", "id")
        .column("userName", Column::text("login").folded("login_key"))
        .column("name.givenName", Column::text("given_name").folded("given_key"))
        .column("name.familyName", Column::text("family_name").folded("family_key"))
        .column("active", Column::boolean("enabled"))
        .column("externalId", Column::text("external_id"))
        .derived("mail", primary_mail)
        .table("groups", teams)
}

fn teams() -> ResourceTable {
    let members = JoinedTable::new("team_members m", "m.team_id", "teams.id")
        .column("value", Column::integer_as_text("m.user_id"))
        .column("type", Column::text("'User'").folded("'user'"))
        .ordered_by("m.place");
    ResourceTable::new(Dialect::Sqlite, &ResourceType::group(), "teams", "id")
        .column("displayName", Column::text("name").folded("name_key"))
        .column("externalId", Column::text("external_id"))
        .table("members", members)
}

fn primary_mail(user: &Attributes) -> Option<String> {
    let is_primary = |mail: &&Value| mail.get("primary") == Some(&Value::Bool(true));
    let mails = user.values("emails");
    let mail = mails.iter().find(is_primary).or_else(|| mails.first())?;
    mail.get("value")?.as_str().map(str::to_owned)
}

impl OwnTables {
    /// A store over the application's pool.
    #[must_use]
    pub fn new(pool: SqlitePool) -> Self {
        Self { pool, users: users(), teams: teams() }
    }

    fn table(&self, cx: &Context) -> &ResourceTable {
        if cx.resource_type.name() == "Group" {
            &self.teams
        } else {
            &self.users
        }
    }

    /// Begins a change, with the lock of the database, so that what it reads first is still so when it writes.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(fault)
    }

    async fn read(
        &self,
        db: &mut SqliteConnection,
        cx: &Context,
        id: &ResourceId,
        fetch: &Fetch,
    ) -> Result<Option<Resource>, StoreError> {
        let table = self.table(cx);
        let row = sqlite_bound(&table.by_id(cx, id, fetch)).fetch_optional(db).await.map_err(fault)?;
        row.map(|row| resource(table, &row, fetch)).transpose()
    }

    /// The resource as it is, without its relations, if it is of the version.
    async fn expected(
        &self,
        db: &mut SqliteConnection,
        cx: &Context,
        id: &ResourceId,
        version: Option<&Version>,
    ) -> Result<Resource, StoreError> {
        let fetch = Fetch::without(["members", "groups"]);
        let found = self.read(db, cx, id, &fetch).await?.ok_or(StoreError::NotFound)?;
        match version {
            Some(version) if *version != found.meta.version => Err(StoreError::VersionMismatch),
            _ => Ok(found),
        }
    }
}

#[async_trait]
impl ResourceStore for OwnTables {
    fn capabilities(&self, _: &ResourceType) -> Capabilities {
        let mut capabilities = Capabilities::ALL;
        capabilities.partitions = false;
        capabilities.write_only = false;
        capabilities
    }

    fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
        None
    }

    async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
        let mut db = self.begin().await?;
        let row = run(&mut db, cx, &self.table(cx).insert(cx, &new.attributes)).await?;
        let id = row.ok_or(StoreError::NotFound)?.try_get::<String, _>(0).map(ResourceId::new).map_err(fault)?;
        change_members(&mut db, cx, &id, MembersUpdate::Set(new.members)).await?;
        let made = self.read(&mut db, cx, &id, &new.fetch).await?.ok_or(StoreError::NotFound)?;
        db.commit().await.map_err(fault)?;
        Ok(made)
    }

    async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
        self.read(&mut *self.pool.acquire().await.map_err(fault)?, cx, id, fetch).await
    }

    async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
        let table = self.table(cx);
        let statements = table.select(cx, query)?;
        let mut snapshot = self.pool.begin().await.map_err(fault)?;
        sqlite_page(&mut snapshot, &statements, |row| resource(table, row, &query.fetch)).await
    }

    async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
        let mut db = self.begin().await?;
        let before = self.expected(&mut db, cx, id, update.expect.as_ref()).await?;
        if let Some(attributes) = update.attributes.filter(|attributes| *attributes != before.attributes) {
            run(&mut db, cx, &self.table(cx).replace(cx, id, &attributes)).await?;
        }
        if change_members(&mut db, cx, id, update.members).await? {
            run(&mut db, cx, &self.table(cx).touch(cx, std::slice::from_ref(id))).await?;
        }
        let after = self.read(&mut db, cx, id, &update.fetch).await?.ok_or(StoreError::NotFound)?;
        db.commit().await.map_err(fault)?;
        Ok(after)
    }

    async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
        let mut db = self.begin().await?;
        self.expected(&mut db, cx, id, expect).await?;
        let teams_of_the_user = "SELECT CAST(team_id AS TEXT) FROM team_members WHERE user_id = ?1";
        let teams = sqlx::query_scalar(teams_of_the_user).bind(integer_key(id)).fetch_all(&mut *db);
        let teams: Vec<String> = teams.await.map_err(fault)?;
        let teams: Vec<ResourceId> = teams.into_iter().map(ResourceId::new).collect();
        run(&mut db, cx, &self.teams.touch(cx, &teams)).await?;
        run(&mut db, cx, &self.table(cx).delete(cx, id)).await?;
        db.commit().await.map_err(fault)
    }
}

fn resource(table: &ResourceTable, row: &SqliteRow, fetch: &Fetch) -> Result<Resource, StoreError> {
    table.resource(row.try_get("scim_resource").map_err(fault)?, fetch)
}

/// Runs a statement that writes. Names are unique by constraints of the tables.
async fn run(db: &mut SqliteConnection, cx: &Context, statement: &Statement) -> Result<Option<SqliteRow>, StoreError> {
    match sqlite_bound(statement).fetch_optional(db).await {
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
            let is_team = cx.resource_type.name() == "Group";
            Err(StoreError::uniqueness(if is_team { "displayName" } else { "userName" }))
        }
        done => done.map_err(fault),
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
    let add: Vec<ResourceId> = add.into_iter().map(|member| member.value).collect();
    let known = "SELECT CAST(id AS TEXT) FROM users WHERE id IN (SELECT value FROM json_each(?1))";
    let known: Vec<String> = sqlx::query_scalar(known).bind(keys(&add)).fetch_all(&mut *db).await.map_err(fault)?;
    let known: HashSet<ResourceId> = known.into_iter().map(ResourceId::new).collect();
    if add.iter().any(|id| !known.contains(id)) {
        return Err(StoreError::UnknownMembers(add.into_iter().filter(|id| !known.contains(id)).collect()));
    }
    let (named, choice) = remove.map_or((keys(&add), "NOT IN"), |remove| (keys(&remove), "IN"));
    let delete =
        format!("DELETE FROM team_members WHERE team_id = ?1 AND user_id {choice} (SELECT value FROM json_each(?2))");
    let gone = sqlx::query(&delete).bind(integer_key(team)).bind(named).execute(&mut *db).await.map_err(fault)?;
    let insert = "INSERT INTO team_members (team_id, user_id) SELECT ?1, value FROM json_each(?2) WHERE TRUE \
        ORDER BY key ON CONFLICT DO NOTHING";
    let come = sqlx::query(insert).bind(integer_key(team)).bind(keys(&add)).execute(&mut *db).await.map_err(fault)?;
    let count = "SELECT count(*) FROM team_members WHERE team_id = ?1";
    let count: i64 = sqlx::query_scalar(count).bind(integer_key(team)).fetch_one(db).await.map_err(fault)?;
    let is_over = usize::try_from(count).is_ok_and(|count| count > cx.limits.members_per_group);
    if is_over && come.rows_affected() > gone.rows_affected() {
        return Err(StoreError::TooManyMembers);
    }
    Ok(come.rows_affected() > 0 || gone.rows_affected() > 0)
}

/// Ids as a JSON list of keys, which is one value to bind, however many they are.
fn keys(ids: &[ResourceId]) -> String {
    ids.iter().filter_map(integer_key).collect::<Value>().to_string()
}
