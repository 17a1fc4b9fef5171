//! Changing resources.

use scim_core::{Context, DateTime, Fetch, MembersUpdate, Resource, ResourceId, StoreError, Update, Version};
use sqlx::{PgConnection, Row as _};

use super::fault::{retrying, Fault};
use super::read::{is_storable, relation_columns, reread};
use super::write::{lock, ClaimColumns, KeyColumns};
use super::{members, PostgresStore};
use crate::row::{member_limit, version_number, Row};
use crate::stored::Stored;
use crate::types::{Relations, TypePlan, NO_RELATIONS};

/// What became of a document that was to be replaced.
enum Replaced {
    /// The resource as it is now, and whether it was another document before.
    Done(Box<Row>, bool),
    /// The resource is not there or has another version.
    Missed,
}

impl PostgresStore {
    pub(super) async fn update_resource(
        &self,
        cx: &Context,
        id: &ResourceId,
        update: Update,
    ) -> Result<Resource, StoreError> {
        if let Some(target) = update.move_to.clone().filter(|target| target != cx.partition()) {
            return self.move_resource(cx, (id, &target), &update).await;
        }
        let Update { attributes, members, expect, fetch, .. } = update;
        let plan = self.plans.of(&cx.resource_type);
        let replacement = match attributes {
            Some(attributes) => Some(Stored::new(cx, &plan, &attributes)?),
            None => None,
        };
        if !is_storable(id.as_str()) {
            return Err(StoreError::NotFound);
        }
        let (plan, replacement, members, fetch) = (&*plan, replacement.as_ref(), &members, &fetch);
        let expect = expect.as_ref();
        retrying(|| async move {
            let changed = match (replacement, expect) {
                (Some(replacement), Some(expect)) if members.is_keep() => {
                    self.replace(cx, plan, id, replacement, expect, fetch).await
                }
                _ => self.change(cx, plan, id, (replacement, members, expect), fetch).await,
            };
            match (changed, replacement) {
                (Err(fault), Some(replacement)) => Err(self.name_taken(cx, (replacement, id), fault).await),
                (changed, _) => changed,
            }
        })
        .await
    }

    /// Replaces a document under a version, in one statement.
    async fn replace(
        &self,
        cx: &Context,
        plan: &TypePlan,
        id: &ResourceId,
        replacement: &Stored,
        expect: &Version,
        fetch: &Fetch,
    ) -> Result<Resource, Fault> {
        let mut session = self.sessions.session(cx.partition()).await?;
        let relations = plan.relations(fetch);
        let replaced = match version_number(expect) {
            Some(version) => {
                replace_document(session.connection(), cx, plan, id, (replacement, version), relations, fetch).await?
            }
            None => Replaced::Missed,
        };
        let resource = match replaced {
            Replaced::Done(mut row, is_change) => {
                if is_change {
                    row.document.clone_from(&replacement.document);
                }
                Ok((*row).into_resource(fetch)?)
            }
            Replaced::Missed => match super::read::resource(session.connection(), cx, id, NO_RELATIONS, fetch).await? {
                Some(_) => Err(StoreError::VersionMismatch),
                None => Err(StoreError::NotFound),
            },
        };
        session.finish().await?;
        Ok(resource?)
    }

    async fn change(
        &self,
        cx: &Context,
        plan: &TypePlan,
        id: &ResourceId,
        changes: Changes<'_>,
        fetch: &Fetch,
    ) -> Result<Resource, Fault> {
        let mut transaction = self.sessions.transaction(cx.partition()).await?;
        let resource = change(&mut transaction, cx, plan, id, changes, fetch).await?;
        transaction.commit().await?;
        Ok(resource)
    }
}

/// The document, the members and the version that is expected.
pub(super) type Changes<'a> = (Option<&'a Stored>, &'a MembersUpdate, Option<&'a Version>);

/// Changes document and members under a lock of the resource, in a transaction.
pub(super) async fn change(
    connection: &mut PgConnection,
    cx: &Context,
    plan: &TypePlan,
    id: &ResourceId,
    (replacement, members, expect): Changes<'_>,
    fetch: &Fetch,
) -> Result<Resource, Fault> {
    let (version, count) = lock(connection, cx, id, expect, "FOR NO KEY UPDATE").await?;
    let mut has_new_version = false;
    if let Some(stored) = replacement {
        let replaced = replace_document(connection, cx, plan, id, (stored, version), NO_RELATIONS, fetch).await?;
        has_new_version = matches!(replaced, Replaced::Done(_, true));
    }
    let change = members::change(connection, cx, id, count, members).await?;
    if change.is_change {
        sqlx::query(
            "UPDATE scim_resources SET version = version + $3, modified = greatest(modified, $4), \
             members = members + $5 WHERE partition = $1 AND id = $2",
        )
        .bind(cx.partition().key())
        .bind(id.as_str())
        .bind(i64::from(!has_new_version))
        .bind(DateTime::now().as_micros())
        .bind(change.growth)
        .execute(&mut *connection)
        .await?;
    }
    reread(connection, cx, plan, id, fetch).await
}

/// Gives up what the changed resource has claimed and claims no more, and claims what it did not.
const REPLACE_CLAIMS: &str = ", \
    wanted AS (SELECT * FROM UNNEST($13::text[], $14::text[], $15::text[], $16::text[]) \
    AS n(space, scope, attribute, key)), \
    held AS (SELECT c.space, c.scope, c.attribute, c.key FROM changed \
    JOIN scim_claims c ON c.partition = $1 AND c.resource = changed.id), \
    freed AS (DELETE FROM scim_claims c USING changed WHERE c.partition = $1 AND c.resource = changed.id \
    AND (c.space, c.scope, c.attribute, c.key) NOT IN (SELECT space, scope, attribute, key FROM wanted)), \
    claimed AS (INSERT INTO scim_claims (space, scope, attribute, key, partition, resource) \
    SELECT w.space, w.scope, w.attribute, w.key, $1, changed.id FROM changed, wanted w \
    WHERE (w.space, w.scope, w.attribute, w.key) NOT IN (SELECT space, scope, attribute, key FROM held))";

/// Replaces the document of a resource of this version, and the keys that it has no more, in one statement.
///
/// The statement sees the resource as it was before. A resource that another transaction changed after that is not
/// replaced, although it still seems to have the version; it gives itself away by a document that is neither replaced
/// nor the same.
async fn replace_document(
    connection: &mut PgConnection,
    cx: &Context,
    plan: &TypePlan,
    id: &ResourceId,
    (stored, version): (&Stored, i64),
    relations: Relations,
    fetch: &Fetch,
) -> Result<Replaced, Fault> {
    let claims = if plan.has_claims { REPLACE_CLAIMS } else { "" };
    let text = format!(
        "WITH changed AS (UPDATE scim_resources SET version = version + 1, modified = greatest(modified, $6), \
         document = $7::json, search = $8::jsonb \
         WHERE partition = $1 AND resource_type = $2 AND id = $4 AND version = $5 AND document::text <> $7 \
         RETURNING id, version, modified), \
         new AS (SELECT * FROM UNNEST($9::text[], $10::text[], $11::text[], $12::text[]) \
         AS n(scope, attribute, key, distinguisher)), \
         present AS (SELECT k.scope, k.attribute, k.key FROM changed \
         JOIN scim_keys k ON k.partition = $1 AND k.resource = changed.id), \
         gone AS (DELETE FROM scim_keys k USING changed WHERE k.partition = $1 AND k.resource = changed.id \
         AND (k.scope, k.attribute, k.key) NOT IN (SELECT scope, attribute, key FROM new)), \
         come AS (INSERT INTO scim_keys (partition, scope, attribute, key, distinguisher, resource) \
         SELECT $1, n.scope, n.attribute, n.key, n.distinguisher, changed.id FROM changed, new n \
         WHERE (n.scope, n.attribute, n.key) NOT IN (SELECT scope, attribute, key FROM present)){claims} \
         SELECT r.id, coalesce(changed.version, r.version), r.created, coalesce(changed.modified, r.modified), \
         r.document::text, {}, changed.id IS NOT NULL AS is_change, r.document::text = $7 AS is_same \
         FROM scim_resources r LEFT JOIN changed ON TRUE \
         WHERE r.partition = $1 AND r.resource_type = $2 AND r.id = $4 AND r.version = $5",
        relation_columns(relations)
    );
    let columns = KeyColumns::new(id.as_str(), &stored.keys);
    let mut query = sqlx::query(&text)
        .bind(cx.partition().key())
        .bind(cx.resource_type.name())
        .bind(member_limit(fetch))
        .bind(id.as_str())
        .bind(version)
        .bind(DateTime::now().as_micros())
        .bind(&stored.document)
        .bind(&stored.search)
        .bind(columns.scopes)
        .bind(columns.attributes)
        .bind(columns.keys)
        .bind(columns.distinguishers);
    if plan.has_claims {
        let columns = ClaimColumns::new(&stored.claims);
        query = query.bind(columns.spaces).bind(columns.scopes).bind(columns.attributes).bind(columns.keys);
    }
    let row = query.fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(Replaced::Missed) };
    let is_change: bool = row.try_get("is_change")?;
    if !is_change && !row.try_get::<bool, _>("is_same")? {
        return Ok(Replaced::Missed);
    }
    Ok(Replaced::Done(Box::new(super::read::read_row(&row)?), is_change))
}
