//! What is worked out once for each resource type.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use scim_core::sql::{Column, ColumnMap, Dialect, JoinedTable, Term};
use scim_core::{Capabilities, CompareOperator, Fetch, Mutability, Operand, ResourceType};

use crate::keys::{text_key, KeyAttribute, Reach};

/// What the stores can do, which is everything but keeping write-only attributes: the tables of the host's own login are
/// the place for a password.
pub(crate) fn capabilities() -> Capabilities {
    let mut capabilities = Capabilities::ALL;
    capabilities.write_only = false;
    capabilities
}

/// How the resources of one type are stored and found.
#[derive(Debug)]
pub(crate) struct TypePlan {
    pub(crate) keys: Vec<KeyAttribute>,
    pub(crate) map: ColumnMap,
    has_members: bool,
    has_groups: bool,
    /// Whether anything is unique beyond the partition.
    pub(crate) has_claims: bool,
}

/// The columns that are read of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Relations {
    pub(crate) members: bool,
    pub(crate) groups: bool,
}

/// The document alone.
pub(crate) const NO_RELATIONS: Relations = Relations { members: false, groups: false };

impl TypePlan {
    fn new(dialect: Dialect, resource_type: &ResourceType, looked_up: &[String]) -> Self {
        let keys = KeyAttribute::all(resource_type, looked_up);
        let is_relation = |name, demands: &dyn Fn(&scim_core::Attribute) -> bool| {
            let attribute = resource_type.schema().attributes.get(name);
            attribute.is_some_and(|attribute| attribute.is_complex() && attribute.multi_valued && demands(attribute))
        };
        let has_members = is_relation("members", &|_| true);
        let has_groups = is_relation("groups", &|attribute| attribute.mutability == Mutability::ReadOnly);
        let mut map = ColumnMap::new(dialect, resource_type)
            .column("id", Column::text("r.id"))
            .column("meta.created", Column::micros("r.created"))
            .column("meta.lastModified", Column::micros("r.modified"))
            .column("meta.version", Column::integer_as_text("r.version"))
            .search_document("r.search");
        for key in keys.iter().filter(|key| key.is_looked_up) {
            map = with_lookup(map, dialect, key);
        }
        if has_members {
            map = map.table("members", members_table(dialect));
        }
        if has_groups {
            map = map.table("groups", groups_table(dialect));
        }
        let has_claims = keys.iter().any(|key| key.reach != Reach::Partition);
        Self { keys, map, has_members, has_groups, has_claims }
    }

    /// Which relations an answer shows.
    pub(crate) fn relations(&self, fetch: &Fetch) -> Relations {
        Relations {
            members: self.has_members && fetch.wants("members"),
            groups: self.has_groups && fetch.wants("groups"),
        }
    }
}

/// An `eq` on an attribute that has keys is a look-up of the key.
fn with_lookup(map: ColumnMap, dialect: Dialect, attribute: &KeyAttribute) -> ColumnMap {
    let (path, scope) = (attribute.path.clone(), attribute.scope.clone());
    map.rendering(attribute.path.clone(), move |term, binds| {
        let Term::Compare(CompareOperator::Equal, Operand::Exact(text) | Operand::Folded(text)) = term else {
            return None;
        };
        if text.contains('\0') {
            return None;
        }
        let (scope, path, key) = (binds.add(scope.as_str()), binds.add(path.as_str()), binds.add(text_key(text)));
        let partition = partition(dialect);
        let found = format!(
            "SELECT k.resource FROM scim_keys k WHERE k.partition = {partition} AND k.scope = {scope} \
             AND k.attribute = {path} AND k.key = {key}"
        );
        Some(match dialect {
            // Read before the rest of the statement is, so that the planner need not guess what comes out of it.
            Dialect::Postgres => format!("r.id = ANY (ARRAY({found}))"),
            _ => format!("r.id IN ({found})"),
        })
    })
}

/// The placeholder of the partition, the first of every statement.
fn partition(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => "$1",
        _ => "?1",
    }
}

fn members_table(dialect: Dialect) -> JoinedTable {
    JoinedTable::new("scim_memberships m", "m.group_id", "r.id")
        .scope(format!("m.partition = {}", partition(dialect)))
        .column("value", Column::text("m.member_id"))
        .column("$ref", absent())
        .column("type", Column::text("m.type").folded("m.type_key"))
        .column("display", Column::text("m.display").folded("m.display_key"))
        .ordered_by("m.place")
}

fn groups_table(dialect: Dialect) -> JoinedTable {
    let name_in = |column: &str| match dialect {
        Dialect::Postgres => format!("(g.{column} ->> 'displayName')"),
        _ => format!("json_extract(g.{column}, '$.displayName')"),
    };
    let from = "scim_memberships m JOIN scim_resources g ON g.partition = m.partition AND g.id = m.group_id";
    JoinedTable::new(from, "m.member_id", "r.id")
        .scope(format!("m.partition = {}", partition(dialect)))
        .column("value", Column::text("m.group_id"))
        .column("$ref", absent())
        .column("type", Column::text("CAST('direct' AS TEXT)").folded("CAST('direct' AS TEXT)"))
        .column("display", Column::text(name_in("document")).folded(name_in("search")))
        .ordered_by("g.seq")
}

/// The server makes references when it answers; none is stored.
fn absent() -> Column {
    Column::text("CAST(NULL AS TEXT)").folded("CAST(NULL AS TEXT)")
}

/// The plans of the resource types that were seen so far.
#[derive(Debug)]
pub(crate) struct TypePlans {
    dialect: Dialect,
    looked_up: Vec<String>,
    plans: RwLock<HashMap<String, Vec<Known>>>,
}

/// How many definitions of one resource type have their plans kept.
const DEFINITIONS: usize = 16;

/// A plan, and the definition it was made for.
type Known = (Arc<ResourceType>, Arc<TypePlan>);

impl TypePlans {
    pub(crate) fn new(dialect: Dialect, looked_up: Vec<String>) -> Self {
        Self { dialect, looked_up, plans: RwLock::default() }
    }

    /// The same with no plan made yet.
    pub(crate) fn like(other: &Self) -> Self {
        Self::new(other.dialect, other.looked_up.clone())
    }

    /// The plan of a resource type, made anew for a definition that was not used lately: each policy of a server has its
    /// own.
    pub(crate) fn of(&self, resource_type: &Arc<ResourceType>) -> Arc<TypePlan> {
        let plans = self.plans.read().unwrap_or_else(PoisonError::into_inner);
        let known = plans.get(resource_type.name()).map(Vec::as_slice).unwrap_or_default();
        let same = known.iter().find(|(known, _)| Arc::ptr_eq(known, resource_type));
        if let Some((_, plan)) = same.or_else(|| known.iter().find(|(known, _)| known == resource_type)) {
            return Arc::clone(plan);
        }
        drop(plans);
        let plan = Arc::new(TypePlan::new(self.dialect, resource_type, &self.looked_up));
        let mut plans = self.plans.write().unwrap_or_else(PoisonError::into_inner);
        let known = plans.entry(resource_type.name().to_owned()).or_default();
        known.truncate(DEFINITIONS.saturating_sub(1));
        known.insert(0, (Arc::clone(resource_type), Arc::clone(&plan)));
        plan
    }
}
